package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"
)

// headers are on every answer, errors among them. What is not named in the
// policy a page may not load; there is no inline script and no inline style.
var headers = [][2]string{
	{"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
		"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
	{"Cache-Control", "no-store"},
}

// errCrossOrigin says that a page of another site sent the request.
var errCrossOrigin = errors.New("a page of another site sent this request")

// secured sets the headers of security and refuses what other sites have a
// browser send. A handler may set Cache-Control anew for what is the same for
// everybody.
func (s *Server) secured(next echo.HandlerFunc) echo.HandlerFunc {
	csrf := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		h := c.Response().Header()
		for _, pair := range headers {
			h.Set(pair[0], pair[1])
		}
		if !s.d.Plain {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		if s.d.Demo {
			h.Set("Leeway-Demo", "true")
		}
		if err := s.limits.address(c.Request().RemoteAddr, s.d.Now()); err != nil {
			return err
		}
		if err := csrf.Check(c.Request()); err != nil {
			return errCrossOrigin
		}
		return next(c)
	}
}
