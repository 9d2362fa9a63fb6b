package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// send posts a form with a file, as a browser does.
func (r reader) send(path, field string, text string, more ...string) *httptest.ResponseRecorder {
	r.s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(more); i += 2 {
		if err := w.WriteField(more[i], more[i+1]); err != nil {
			r.s.t.Fatal(err)
		}
	}
	if field != "" {
		part, err := w.CreateFormFile(field, "file.csv")
		if err == nil {
			_, err = part.Write([]byte(text))
		}
		if err != nil {
			r.s.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		r.s.t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, path, &body)
	req.RemoteAddr, req.Host = "127.0.0.1:40000", "localhost"
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Content-Type", w.FormDataContentType())
	for _, c := range r.cookie {
		req.AddCookie(c)
	}
	out := httptest.NewRecorder()
	r.s.server.ServeHTTP(out, req)
	return out
}

// TestPaymentFileIsSent: an auditor sends the agent's file and gets what
// differs; nobody else may, and a file that cannot be read says where.
func TestPaymentFileIsSent(t *testing.T) {
	s := newCity(t)
	u1 := s.as("u1")
	got := u1.send("/audit/reconcile", "payments", "个案,月份,金额\nF2,2020-07,1\n", "from", "2020-07", "to", "2020-07", "format", "csv")
	to := got.Header().Get("Location")
	if got.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/audit/reconcile?file=") || !strings.Contains(to, "from=2020-07") || strings.Contains(to, "format") {
		t.Fatalf("%d %s %s", got.Code, to, got.Body)
	}
	before := len(s.accesses())
	page := u1.get(to)
	for page.Header().Get("Refresh") != "" {
		page = u1.get(to)
	}
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "-377.00") || !strings.Contains(page.Body.String(), "file.csv") {
		t.Errorf("%d %s", page.Code, page.Body)
	}
	if list := s.accesses(); len(list) == before || list[len(list)-1].Kind != "list" {
		t.Errorf("on record: %+v", list[before:])
	}
	if file := u1.get(to + "&format=csv&list=0"); file.Code != http.StatusOK || !strings.Contains(file.Body.String(), "F2,2020-07,378.00,1.00,-377.00") {
		t.Errorf("%d %s", file.Code, file.Body)
	}
	for field, text := range map[string]string{"": "", "payments": "x,y\n1,2\n"} {
		if got := u1.send("/audit/reconcile", field, text); got.Code != http.StatusBadRequest || !strings.Contains(got.Body.String(), "代发文件") {
			t.Errorf("%q: %d %s", text, got.Code, got.Body)
		}
	}
	for _, who := range []string{"w3", "r1", "p1", "x1"} {
		if got := s.as(who).send("/audit/reconcile", "payments", "x"); got.Code != http.StatusForbidden {
			t.Errorf("%s: %d", who, got.Code)
		}
	}
}
