package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"leeway/api"
)

// mostOfAPage is what a page may weigh when it is opened for the first time,
// with all that it loads, zipped.
const mostOfAPage = 40 << 10

var loads = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// wire asks a server over a connection, and gives what came over it as it is.
func wire(t *testing.T, base, path string, who reader, headers map[string]string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	for _, c := range who.cookie {
		r.AddCookie(c)
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	got, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if strings.HasPrefix(got.Header.Get("Content-Type"), "text/event-stream") {
		return got, nil // it does not end
	}
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(path, err)
	}
	return got, body
}

// TestPagesAreZipped: pages travel zipped to whoever takes that, and read the
// same; what other sites have a browser ask for does not, nor do files, streams
// and answers that have an ETag of their bytes.
func TestPagesAreZipped(t *testing.T) {
	s := newCity(t)
	served := httptest.NewServer(s.server)
	defer served.Close()
	for _, tt := range []struct {
		path, accepts, site string
		zipped              bool
	}{
		{"/", "gzip, deflate, br", "none", true}, {"/", "gzip", "", true}, {"/", "", "", false}, {"/", "br, gzip; q=0", "", false},
		{"/audit/search?office=bureau&rule=2020.2", "gzip", "same-origin", true},
		{"/audit/search?office=bureau&rule=2020.2", "gzip", "cross-site", false},
		{"/audit/search?office=bureau&rule=2020.2", "gzip", "same-site", false},
		{"/audit/nowhere", "gzip", "none", true}, {"/docs", "gzip", "none", true}, {"/static/leeway.css", "gzip", "same-origin", true},
		{"/audit/search?office=bureau&format=csv&list=0", "gzip", "same-origin", false}, {"/audit/search?office=bureau&format=xlsx&list=0", "gzip", "same-origin", false},
		{"/audit/case?case=F2&format=pdf", "gzip", "same-origin", false}, {api.Base + "/cases/F2", "gzip", "same-origin", false}, {api.Base + "/events", "gzip", "same-origin", false},
	} {
		got, body := wire(t, served.URL, tt.path, s.as("u1"), map[string]string{"Accept-Encoding": tt.accepts, "Sec-Fetch-Site": tt.site})
		if zipped := got.Header.Get("Content-Encoding") == "gzip"; zipped != tt.zipped {
			t.Errorf("%s to %q of site %q: %d %v", tt.path, tt.accepts, tt.site, got.StatusCode, got.Header)
		}
		page := strings.HasPrefix(got.Header.Get("Content-Type"), "text/html")
		if page && !strings.Contains(got.Header.Get("Vary"), "Accept-Encoding") || got.Header.Get("Content-Encoding") != "" && got.Header.Get("ETag") != "" {
			t.Errorf("%s: Vary %q, ETag %q", tt.path, got.Header.Get("Vary"), got.Header.Get("ETag"))
		}
		if strings.HasPrefix(tt.path, api.Base+"/cases") && got.Header.Get("ETag") == "" {
			t.Errorf("%s has no ETag", tt.path)
		}
		if page && tt.zipped {
			_, plain := wire(t, served.URL, tt.path, s.as("u1"), map[string]string{"Accept-Encoding": "identity"})
			if read := unzipped(t, body); requestID.ReplaceAllString(read, "") != requestID.ReplaceAllString(string(plain), "") {
				t.Errorf("%s reads otherwise when it was zipped", tt.path)
			}
		}
	}
}

func unzipped(t *testing.T, b []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestFirstLoadIsLight opens pages of every role as a browser does that has
// kept nothing: the page and every file that it names, as they come over the
// connection.
func TestFirstLoadIsLight(t *testing.T) {
	s := newCity(t)
	served := httptest.NewServer(s.server)
	defer served.Close()
	takes := map[string]string{"Accept-Encoding": "gzip", "Sec-Fetch-Site": "none"}
	pages := map[string][]string{
		"":   {"/", "/board?office=zhugentan&month=2020-07", "/docs"},
		"w3": {"/", "/cases", "/cases?all=1", "/cases/F20", "/cases/new", "/cases/F2/steps/household-surveyed.v1", "/record", "/reviews/new"},
		"b1": {"/cases/F20", "/cases/F2/steps/decision-made.v1"},
		"r1": {"/", "/reviews", "/replays/F20", "/reviews/new", "/statistics?as_of=2021-12-31"},
		"u1": {"/", "/audit/search?office=bureau", "/audit/case?case=F20", "/audit/survey?as_of=2021-12-31", "/audit/reviews", "/audit/access"},
		"p1": {"/policy", "/policy/drafts", "/policy/pack?pack=cn-hb-qianjiang&version=2020.1", "/policy/diff?a=cn-hb-qianjiang@2020.1&b=cn-hb-qianjiang@2021.1"},
	}
	for who, paths := range pages {
		r := reader{s: s}
		if who != "" {
			r = s.as(who)
		}
		for _, path := range paths {
			page, body := wire(t, served.URL, path, r, takes)
			for page.Header.Get("Refresh") != "" {
				page, body = wire(t, served.URL, path, r, takes)
			}
			if page.StatusCode != http.StatusOK || page.Header.Get("Content-Encoding") != "gzip" {
				t.Errorf("%s as %q: %d %v", path, who, page.StatusCode, page.Header)
				continue
			}
			weight, seen := len(body), map[string]bool{}
			for _, m := range loads.FindAllStringSubmatch(unzipped(t, body), -1) {
				if file := strings.SplitN(m[1], "?", 2)[0]; !seen[file] {
					seen[file] = true
					_, asset := wire(t, served.URL, m[1], r, takes)
					weight += len(asset)
				}
			}
			if len(seen) < 2 && path != "/docs" {
				t.Errorf("%s names %d files; the test reads the page wrongly", path, len(seen))
			}
			if weight > mostOfAPage {
				t.Errorf("%s as %q weighs %d bytes on the wire, at most %d are allowed", path, who, weight, mostOfAPage)
			}
			t.Logf("%s as %q: %d", path, who, weight)
		}
	}
}

// BenchmarkPage is the page of a case, as it is and zipped on its way.
func BenchmarkPage(b *testing.B) {
	s := newCity(b)
	worker := s.as("w3")
	for _, accepts := range []string{"identity", "gzip"} {
		b.Run(accepts, func(b *testing.B) {
			size := 0
			for b.Loop() {
				r := s.request(http.MethodGet, "/cases/F20", nil)
				r.Header.Set("Accept-Encoding", accepts)
				for _, c := range worker.cookie {
					r.AddCookie(c)
				}
				out := httptest.NewRecorder()
				s.server.ServeHTTP(out, r)
				size = out.Body.Len()
			}
			b.ReportMetric(float64(size), "B/page")
		})
	}
}
