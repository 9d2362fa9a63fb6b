package api

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// zippers are writers that are idle. The lowest level takes a third
// of the time of the usual one and makes a page a tenth longer.
var zippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is known
	return z
}}

// Page answers with a page of HTML, zipped where the browser takes that. Pages
// alone are zipped here: files are zipped before they are asked for or are so by
// their format, streams of events must leave event by event, and an answer of
// the API has an ETag of its bytes. The error is one of the connection.
//
// The length of what is zipped tells of what repeats in it, and a page repeats
// what its address holds. Another site that has a browser open such addresses
// learns nothing from it: what it sends is answered as it is (docs/security.md).
func Page(c echo.Context, status int, html []byte) error {
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if r := c.Request(); !TakesZip(r) || foreign(r) {
		return c.HTMLBlob(status, html)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentEncoding, "gzip")
	h.Set(echo.HeaderContentType, echo.MIMETextHTMLCharsetUTF8)
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	defer z.Reset(io.Discard) // keeps nobody's answer
	z.Reset(c.Response())
	if _, err := z.Write(html); err != nil {
		return err
	}
	return z.Close()
}

// TakesZip reports whether a browser takes what is zipped by gzip.
func TakesZip(r *http.Request) bool {
	takes := r.Header.Get(echo.HeaderAcceptEncoding)
	return strings.Contains(takes, "gzip") && !strings.Contains(strings.ReplaceAll(takes, " ", ""), "gzip;q=0")
}

// foreign reports whether another site, or another part of this one, had the
// browser ask.
func foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return true
	}
	return false
}
