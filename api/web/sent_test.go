package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"leeway/policies"
)

// send posts a form with a file, as a browser does.
func (r reader) send(path, field string, text string, more ...string) *httptest.ResponseRecorder {
	r.s.t.Helper()
	return r.sendAs(path, field, "file.csv", text, more...)
}

// sendAs is send with the name of the file.
func (r reader) sendAs(path, field, name, text string, more ...string) *httptest.ResponseRecorder {
	r.s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(more); i += 2 {
		if err := w.WriteField(more[i], more[i+1]); err != nil {
			r.s.t.Fatal(err)
		}
	}
	if field != "" {
		part, err := w.CreateFormFile(field, name)
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

// TestVersionIsApprovedOnItsPage: two persons give their word for the digest on
// the page of a version, one of them publishes it, and nobody else is offered
// that or may do it.
func TestVersionIsApprovedOnItsPage(t *testing.T) {
	files, err := policies.Skeleton("test-office", "2022.1")
	if err != nil {
		t.Fatal(err)
	}
	dir := fstest.MapFS{}
	for name, text := range files {
		dir["test-office/2022.1/"+name] = &fstest.MapFile{Data: text}
	}
	s := newCity(t, dir)
	const path = "/policy/pack?pack=test-office&version=2022.1"
	page := s.as("p1").get(path).Body.String()
	digest := regexp.MustCompile(`name="digest" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	roles := regexp.MustCompile(`<option value="(\w+)">`).FindAllStringSubmatch(page[strings.Index(page, `name="role"`):], -1)
	if digest == nil || len(roles) < 2 || strings.Contains(page, "/policy/activate") {
		t.Fatalf("the page of a version that nobody has approved:\n%s", page)
	}
	if other := s.as("w3").get(path).Body.String(); strings.Contains(other, "/policy/approve") {
		t.Error("a case worker is offered to approve")
	}
	say := func(who, act, role string, more ...string) *httptest.ResponseRecorder {
		form := url.Values{"pack": {"test-office"}, "version": {"2022.1"}, "digest": {digest[1]}, "role": {role}}
		for i := 0; i+1 < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return s.as(who).post("/policy/"+act, form)
	}
	for _, tt := range []struct {
		who, act, role string
		more           []string
		status         int
	}{
		{"w3", "approve", roles[0][1], nil, http.StatusForbidden},
		{"p1", "approve", roles[0][1], []string{"digest", strings.Repeat("0", 64)}, http.StatusBadRequest},
		{"p1", "approve", "king", nil, http.StatusBadRequest},
		{"p1", "approve", roles[0][1], nil, http.StatusSeeOther},
		{"p1", "approve", roles[0][1], nil, http.StatusSeeOther}, // posted twice it is one word
		{"p1", "approve", roles[1][1], nil, http.StatusUnprocessableEntity},
		{"p1", "activate", "", []string{"day", "2022-01-04"}, http.StatusUnprocessableEntity},
		{"p2", "approve", roles[1][1], nil, http.StatusSeeOther},
		{"u1", "activate", "", []string{"day", "2022-02-01"}, http.StatusForbidden},
		{"p2", "activate", "", []string{"day", "x"}, http.StatusBadRequest},
	} {
		if got := say(tt.who, tt.act, tt.role, tt.more...); got.Code != tt.status {
			t.Errorf("%s %s as %q: %d, want %d\n%s", tt.who, tt.act, tt.role, got.Code, tt.status, got.Body)
		}
	}
	if page := s.as("p2").get(path).Body.String(); !strings.Contains(page, `action="/policy/activate"`) || !strings.Contains(page, "2 / 2") {
		t.Errorf("with two approvals:\n%s", page)
	}
	if got := say("p2", "activate", "", "day", "2022-01-04"); got.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	if page := s.as("p2").get(path).Body.String(); !strings.Contains(page, "已启用") || strings.Contains(page, "/policy/approve") {
		t.Errorf("after it was published:\n%s", page)
	}
}

// TestBarredReaderGetsNoPaper: a reviewer who once handled the case reads
// neither its papers nor anything else of it, as on every other way to it.
func TestBarredReaderGetsNoPaper(t *testing.T) {
	was := roster["r1"]
	t.Cleanup(func() { roster["r1"] = was })
	for person, want := range map[string]int{"r1": http.StatusOK, "w3": http.StatusForbidden} {
		p := was
		p.Actor.Person = person
		roster["r1"] = p
		s := newCity(t)
		for _, path := range []string{"/papers/history?case=F2", "/papers/diligence?case=F2&as_of=2021-12-31"} {
			if got := s.as("r1").get(path); got.Code != want {
				t.Errorf("%s by who was %s in the case: %d, want %d", path, person, got.Code, want)
			}
		}
	}
}
