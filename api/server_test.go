package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"leeway/domain"
)

// trial are routes that only tests have.
func trial(s *Server) (Part, error) {
	return Part{Routes: []Route{
		{Method: "GET", Path: "/trial/open", Open: true, Handler: func(c echo.Context) error { return c.String(200, "open") }},
		{Method: "GET", Path: "/trial/personal", Roles: []Role{Worker, Auditor}, Personal: true, Handler: func(c echo.Context) error {
			if err := s.Saw(c, domain.Access{Kind: "read", Case: "F1"}); err != nil {
				return err
			}
			return c.String(200, "name of somebody")
		}},
		{Method: "GET", Path: "/trial/forgets", Roles: []Role{Worker}, Personal: true, Handler: func(c echo.Context) error { return Page(c, 200, []byte("name of somebody")) }},
		{Method: "GET", Path: "/trial/panic", Open: true, Handler: func(echo.Context) error { panic("secret of the house") }},
		{Method: "POST", Path: "/trial/body", Open: true, Handler: func(c echo.Context) error {
			var v any
			if err := c.Bind(&v); err != nil {
				return err
			}
			return c.NoContent(http.StatusNoContent)
		}},
	}}, nil
}

func nothing(c echo.Context) error { return c.NoContent(http.StatusNoContent) }

// TestDenyByDefault calls every route as nobody and in every role, and compares
// the answer with the table. What has no row cannot be added at all.
func TestDenyByDefault(t *testing.T) {
	wo := newWorld(t, nil, trial)
	for _, row := range wo.server.Routes() {
		if row.Path == "/trial/panic" {
			continue
		}
		path := strings.NewReplacer(":", "x").Replace(row.Path)
		if got := wo.nobody().do(row.Method, path, nil); !row.Open {
			wants(t, got, http.StatusUnauthorized, "anonymous")
		}
		for _, p := range people {
			got := wo.as(p.Subject).do(row.Method, path, nil)
			if may := row.May(p.Roles); may == (got.Code == http.StatusForbidden) {
				t.Errorf("%s as %v: %d, the table says %t", row.name(), p.Roles, got.Code, may)
			}
		}
	}
	hidden := func(s *Server) (Part, error) {
		s.echo.GET("/hidden", func(c echo.Context) error { return nil })
		return Part{}, nil
	}
	if _, err := New(wo.deps, hidden); err == nil || !strings.Contains(err.Error(), "/hidden has no row") {
		t.Errorf("a route without a row: %v", err)
	}
	for name, r := range map[string]Route{
		"no role":       {Method: "GET", Path: "/x", Handler: nothing},
		"open and role": {Method: "GET", Path: "/x", Handler: nothing, Open: true, Roles: everyone},
		"open personal": {Method: "GET", Path: "/x", Handler: nothing, Open: true, Personal: true},
		"unknown role":  {Method: "GET", Path: "/x", Handler: nothing, Roles: []Role{"king"}},
		"no handler":    {Method: "GET", Path: "/x", Open: true},
		"twice":         {Method: "GET", Path: Base + "/me", Handler: nothing, Open: true},
	} {
		if _, err := New(wo.deps, func(*Server) (Part, error) { return Part{Routes: []Route{r}}, nil }); err == nil {
			t.Errorf("%s: the row was taken", name)
		}
	}
}

// TestReadsAreRecordedFirst holds that nothing personal leaves before it is on
// record that it does: not where the store fails, and not where a handler
// forgets.
func TestReadsAreRecordedFirst(t *testing.T) {
	wo := newWorld(t, nil, trial)
	worker := wo.as("w3")
	if got := worker.with("X-Request-Id", "req-00000001").get("/trial/personal"); got.Code != 200 {
		t.Fatal(got.Code, got.Body)
	}
	wo.as("u1").get("/trial/personal")
	got := wo.accesses()
	if len(got) != 2 || got[0].Request != "req-00000001" || got[0].Purpose != "handling" || got[0].Case != "F1" || got[1].Purpose != "audit" {
		t.Errorf("on record: %+v", got)
	}
	for _, c := range []*client{worker, worker.with("Accept-Encoding", "gzip")} {
		if got := c.get("/trial/forgets"); got.Code != 500 || got.Body.Len() > 0 || got.Header().Get("Content-Encoding") != "" {
			t.Errorf("a handler that forgets: %d %v %s", got.Code, got.Header(), got.Body)
		}
	}
	wo.store.fail(errors.New("disk gone"))
	failed := worker.get("/trial/personal")
	if p := wants(t, failed, http.StatusServiceUnavailable, "unrecorded"); strings.Contains(failed.Body.String(), "disk") || failed.Header().Get("Retry-After") == "" {
		t.Errorf("a store that fails: %+v", p)
	}
	wo.store.fail(nil)
	if got := worker.get("/trial/personal"); got.Code != 200 || len(wo.accesses()) != 3 {
		t.Errorf("afterwards: %d, %d on record", got.Code, len(wo.accesses()))
	}
}

// TestOneSessionManyRequests: the requests of one session are all on record,
// whatever order they come in.
func TestOneSessionManyRequests(t *testing.T) {
	wo := newWorld(t, nil, trial)
	worker := wo.as("w3")
	done := make(chan int)
	for range 8 {
		go func() { done <- worker.get("/trial/personal").Code }()
	}
	for range 8 {
		if code := <-done; code != 200 {
			t.Error(code)
		}
	}
	if n := len(wo.accesses()); n != 8 {
		t.Errorf("%d of 8 on record", n)
	}
}

func TestSessionCookie(t *testing.T) {
	wo := newWorld(t, func(d *Deps) { d.Demo = true })
	local := func(r *http.Request) *httptest.ResponseRecorder {
		r.Host, r.RemoteAddr = "127.0.0.1:8420", "127.0.0.1:50000"
		out := httptest.NewRecorder()
		wo.server.ServeHTTP(out, r)
		return out
	}
	signIn := func(cookie string) *http.Cookie {
		r := httptest.NewRequest("POST", "/session/demo", strings.NewReader(url.Values{"subject": {"w3"}, "next": {"//evil.example"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookie)
		out := local(r)
		if out.Code != http.StatusSeeOther || out.Header().Get("Location") != "/" {
			t.Fatal(out.Code, out.Header())
		}
		return out.Result().Cookies()[0]
	}
	me := func(cookie *http.Cookie) int {
		r := httptest.NewRequest("GET", Base+"/me", nil)
		r.AddCookie(cookie)
		return local(r).Code
	}
	first := signIn("")
	if first.Name != "__Host-leeway" || !first.Secure || !first.HttpOnly || first.SameSite != http.SameSiteLaxMode || first.Path != "/" || first.Domain != "" || len(first.Value) != 43 {
		t.Errorf("the cookie is %+v", first)
	}
	second := signIn(first.String())
	if second.Value == first.Value || me(first) != 401 || me(second) != 200 {
		t.Error("the session before the sign-in goes on")
	}
	for key := range wo.server.sessions.by {
		if strings.Contains(string(key[:]), second.Value) {
			t.Error("the session is kept under its id")
		}
	}
	out := httptest.NewRequest("POST", "/session/end", nil)
	out.AddCookie(second)
	if got := local(out); got.Code != http.StatusSeeOther || me(second) != 401 {
		t.Errorf("signed out: %d, and the session answers %d", got.Code, me(second))
	}
	third := signIn("")
	wo.sleep(idle + time.Second)
	if me(third) != 401 {
		t.Error("an idle session goes on")
	}
	fourth := signIn("")
	for range 40 {
		wo.sleep(idle - time.Minute)
		me(fourth)
	}
	if me(fourth) != 401 {
		t.Error("a session goes on for ever")
	}
}

// TestDemoIsForThisMachine: nobody else, and no page that was made to resolve
// here, can sign in as somebody; without the demo nobody can at all.
func TestDemoIsForThisMachine(t *testing.T) {
	wo := newWorld(t, func(d *Deps) { d.Demo = true })
	for _, from := range [][2]string{{"192.0.2.1:5", "127.0.0.1:8420"}, {"127.0.0.1:5", "evil.example"}} {
		r := httptest.NewRequest("POST", "/session/demo", strings.NewReader("subject=w3"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr, r.Host = from[0], from[1]
		out := httptest.NewRecorder()
		wo.server.ServeHTTP(out, r)
		wants(t, out, http.StatusForbidden, "denied")
	}
	plain := newWorld(t, nil)
	wants(t, plain.nobody().do("POST", "/session/demo", url.Values{"subject": {"w3"}}), http.StatusNotFound, "not-found")
}

// TestRolesAreReadEachTime: what is taken from somebody is taken at once.
func TestRolesAreReadEachTime(t *testing.T) {
	wo := newWorld(t, nil, trial)
	worker := wo.as("w3")
	if got := worker.get("/trial/personal"); got.Code != 200 {
		t.Fatal(got.Code)
	}
	wo.people.list[0].Roles = []Role{Author}
	wants(t, worker.get("/trial/personal"), http.StatusForbidden, "denied")
	wo.people.list = wo.people.list[1:]
	wants(t, worker.get("/trial/personal"), http.StatusUnauthorized, "anonymous")
	wo.people.err = errors.New("file is gone")
	wants(t, worker.get("/trial/personal"), http.StatusInternalServerError, "unexpected")
}

// TestCrossOrigin: what a page of another site has a browser send changes
// nothing. Programs, which send none of these headers, pass.
func TestCrossOrigin(t *testing.T) {
	wo := newWorld(t, nil, trial)
	for _, tt := range []struct {
		header, value string
		ok            bool
	}{
		{"Sec-Fetch-Site", "cross-site", false},
		{"Sec-Fetch-Site", "same-site", false},
		{"Sec-Fetch-Site", "same-origin", true},
		{"Sec-Fetch-Site", "none", true},
		{"Origin", "https://evil.example", false},
		{"Origin", "null", false},
		{"Origin", "http://example.com", true}, // the host that httptest asks
		{"X-None", "x", true},
	} {
		got := wo.nobody().with(tt.header, tt.value).do("POST", "/trial/body", "{}")
		if (got.Code == http.StatusForbidden) == tt.ok {
			t.Errorf("%s: %s gives %d", tt.header, tt.value, got.Code)
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	wo := newWorld(t, nil, trial)
	for _, path := range []string{"/trial/open", "/nothing", Base + "/me"} {
		h := wo.nobody().get(path).Header()
		for _, pair := range append(headers, [2]string{"Strict-Transport-Security", "max-age=31536000; includeSubDomains"}) {
			if h.Get(pair[0]) != pair[1] {
				t.Errorf("%s: %s is %q", path, pair[0], h.Get(pair[0]))
			}
		}
		if h.Get("X-Request-Id") == "" || h.Get("Server") != "" || h.Get("X-Powered-By") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestLimits(t *testing.T) {
	wo := newWorld(t, func(d *Deps) { d.Rate = 5 }, trial)
	post := func(body string) *httptest.ResponseRecorder {
		wo.sleep(time.Second)
		return wo.nobody().do("POST", "/trial/body", body)
	}
	if got := post(strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth)); got.Code != http.StatusNoContent {
		t.Errorf("depth %d: %d", MaxDepth, got.Code)
	}
	wants(t, post(strings.Repeat("[", MaxDepth+1)+strings.Repeat("]", MaxDepth+1)), http.StatusBadRequest, "too-deep")
	wants(t, post(`"`+strings.Repeat("x", MaxBody)+`"`), http.StatusRequestEntityTooLarge, "too-large")
	worker := wo.as("w3")
	for range 11 {
		if got := worker.get(Base + "/me"); got.Code != 200 {
			t.Fatal(got.Code)
		}
	}
	if got := worker.get(Base + "/me"); got.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	} else {
		wants(t, got, http.StatusTooManyRequests, "too-often")
	}
	if got := wo.as("w2").get(Base + "/me"); got.Code != 200 {
		t.Error("somebody else waits too")
	}
	wo.sleep(time.Second)
	if got := worker.get(Base + "/me"); got.Code != 200 {
		t.Error("a second later he still waits")
	}
}

// TestProblems come in both languages and tell nothing of the inside.
func TestProblems(t *testing.T) {
	wo := newWorld(t, nil, trial)
	zh := problem(t, wo.nobody().get(Base+"/me"))
	en := problem(t, wo.nobody().with("Accept-Language", "en-GB").get(Base+"/me"))
	if zh.Title != "尚未登录" || en.Title != "not signed in" || zh.Code != en.Code {
		t.Errorf("%+v\n%+v", zh, en)
	}
	wants(t, wo.nobody().get("/nothing"), http.StatusNotFound, "not-found")
	wants(t, wo.nobody().do("DELETE", "/trial/open", nil), http.StatusMethodNotAllowed, "method")
	if got := wo.nobody().get("/trial/panic"); got.Code != 500 || strings.Contains(got.Body.String(), "secret") || !strings.Contains(wo.log.String(), "secret of the house") {
		t.Errorf("a panic: %d %s", got.Code, got.Body)
	}
	for _, k := range kinds {
		if k.title.ZH == "" || k.title.EN == "" || k.mend.ZH == "" || k.mend.EN == "" || k.code == "" {
			t.Errorf("%+v lacks words", k)
		}
	}
}

// TestTwoIdentities: a request that proves itself twice is refused, so that a
// cookie never rides along with a token.
func TestTwoIdentities(t *testing.T) {
	wo := newWorld(t, nil)
	wants(t, wo.as("w3").with("Authorization", "Bearer x").get(Base+"/me"), http.StatusBadRequest, "two-identities")
	wants(t, wo.nobody().with("Authorization", "Bearer x").get(Base+"/me"), http.StatusUnauthorized, "token")
	wants(t, wo.nobody().with("Authorization", "Basic x").get(Base+"/me"), http.StatusUnauthorized, "token")
}

func TestDirectoryKeepsDutiesApart(t *testing.T) {
	for name, p := range map[string]Person{
		"nobody":               {},
		"no role":              person("a", "o", "p"),
		"unknown role":         person("a", "o", "p", "king"),
		"admin and worker":     person("a", "o", "p", Admin, Worker),
		"admin and head":       person("a", "o", "p", Admin, Head),
		"handles and inspects": person("a", "o", "p", Worker, Reviewer),
		"audits and reviews":   person("a", "o", "p", Auditor, Reviewer),
	} {
		if _, err := NewStaff([]Person{p}); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewStaff([]Person{people[0], people[0]}); !errors.Is(err, domain.ErrInvalid) {
		t.Error("a subject stands for two persons")
	}
	if _, err := NewStaff([]Person{person("a", "o", "p", Author, Approver), person("b", "o", "p", Worker, Township), person("c", "o", "p", Reviewer, Head)}); err != nil {
		t.Error(err)
	}
}

// TestAnotherIDAfterAChangeOfRoles: whoever may do something else than before
// goes on under another id, and the old one is dead (S-11).
func TestAnotherIDAfterAChangeOfRoles(t *testing.T) {
	wo := newWorld(t, nil, trial)
	browser := wo.as("w3")
	old := browser.header.Get("Cookie")
	if browser.get(Base + "/me"); browser.header.Get("Cookie") != old {
		t.Error("another id without any change")
	}
	wo.people.list[0].Roles = []Role{Worker, Township}
	if got := browser.get(Base + "/me"); got.Code != 200 || browser.header.Get("Cookie") == old {
		t.Errorf("%d, and the id is the old one: %t", got.Code, browser.header.Get("Cookie") == old)
	}
	wants(t, wo.nobody().with("Cookie", old).get(Base+"/me"), http.StatusUnauthorized, "anonymous")
	if got := browser.get(Base + "/me"); got.Code != 200 {
		t.Errorf("under the new id: %d", got.Code)
	}
}

// TestSessionsOfOnePersonAreFew: of too many the idlest ends, and nobody
// else's.
func TestSessionsOfOnePersonAreFew(t *testing.T) {
	wo := newWorld(t, nil)
	other, first := wo.as("w2"), wo.as("w3")
	var last *client
	for range maxSessions {
		wo.sleep(time.Second)
		last = wo.as("w3")
	}
	wants(t, first.get(Base+"/me"), http.StatusUnauthorized, "anonymous")
	for _, c := range []*client{last, other} {
		if got := c.get(Base + "/me"); got.Code != 200 {
			t.Errorf("%d", got.Code)
		}
	}
}

// TestCloseEndsWork: work that a page asked for is told that the server closes,
// and waited for.
func TestCloseEndsWork(t *testing.T) {
	s := newWorld(t, func(*Deps) {}).server
	begun, ended := make(chan struct{}), false
	s.Beside(func(ctx context.Context) {
		close(begun)
		<-ctx.Done()
		ended = true
	})
	<-begun
	waiting := false
	s.Beside(func(ctx context.Context) { waiting = ctx.Err() != nil })
	s.Close()
	if !ended || !waiting {
		t.Errorf("the work ended: %v, the one behind it was told: %v", ended, waiting)
	}
}
