package web

import (
	"bytes"
	"context"
	"encoding/json"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"leeway/api"
	"leeway/api/views"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
	"leeway/eventstore"
	"leeway/eventstore/memory"
	"leeway/ledger/evidence"
	"leeway/policies"
	"leeway/policies/drafts"
	"leeway/projections"
)

// packs are the rule packs that come with Leeway.
type packs struct{ *policies.Library }

// Engine implements casework.Rules.
func (packs) Engine() string { return "engine of the tests" }

// openSealer stands for the vault: it keeps the text in the ciphertext.
type openSealer struct{}

func (openSealer) Seal(_, _ string, f domain.PrivateField) (domain.Sealed, error) {
	return domain.Sealed{Field: f.Path, Subject: f.Data.Subject, Key: "k", Nonce: []byte{1}, Ciphertext: []byte(f.Data.Text), Commitment: []byte{2}}, nil
}

func (openSealer) Open(_, _ string, s domain.Sealed) (string, error) {
	return string(s.Ciphertext), nil
}

// plainIndex stands for the blind index: its digests are no secret.
type plainIndex struct{}

func (plainIndex) ID() string { return "plain" }

func (plainIndex) Digest(kind, value string) []byte { return []byte(kind + value) }

// one of each role, at the offices of the sample cases.
var roster = map[string]api.Person{}

func init() {
	for _, p := range []struct {
		id, office, post string
		role             api.Role
		serves           []string
	}{
		{"w3", "zhugentan", "opinion", api.Worker, nil}, {"w8", "gaochang", "opinion", api.Worker, nil}, {"t1", "zhugentan", "review", api.Township, nil}, {"b1", "bureau", "approval", api.County, []string{"*"}},
		{"r1", "commission", "inspector", api.Reviewer, nil}, {"h1", "commission", "head", api.Head, nil}, {"s1", "province", "inspector", api.Superior, nil}, {"u1", "audit", "auditor", api.Auditor, nil},
		{"p3", "bureau", "review", api.Approver, nil}, {"p4", "bureau", "drafting", api.Author, nil},
		{"p1", "bureau", "policy", api.Author, nil}, {"p2", "bureau", "registry", api.Approver, nil}, {"x1", "it", "operator", api.Admin, nil},
	} {
		roster[p.id] = api.Person{Subject: p.id, Name: "姓名" + p.id, Actor: domain.Actor{Person: p.id, Office: p.office, Post: p.post}, Roles: []api.Role{p.role}, Serves: p.serves}
	}
}

// shelf takes sealed versions in and keeps none: the library has them.
type shelf struct{ dirs []fs.FS }

func (s shelf) Bases() []fs.FS { return s.dirs }

func (shelf) Install(_, _ string, _ map[string]string) error { return nil }

// A city is a server with the inquiries over the sample cases.
type city struct {
	t      testing.TB
	server *api.Server
	store  eventstore.Store
	keys   map[string][]string // registered, of who signs determinations
	sealed int64               // last revision that packages of reviews hold
	// caughtUp brings the read models up to the store.
	caughtUp func()
}

func newCity(t testing.TB, dirs ...fs.FS) *city {
	t.Helper()
	library, err := policies.New(dirs...)
	if err != nil {
		t.Fatal(err)
	}
	db, err := projections.Open(context.Background(), filepath.Join(t.TempDir(), "models.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	now := func() time.Time { return time.Date(2022, 1, 4, 2, 0, 0, 0, time.UTC) }
	store := memory.New()
	t.Cleanup(func() { store.Close() })
	desk := &casework.Service{Store: store, Rules: packs{library}, Sealer: openSealer{}, Now: now}
	load(t, desk)
	quiet := slog.New(slog.DiscardHandler)
	persons := &projections.Persons{Open: openSealer{}.Open, Index: func() (projections.Index, error) { return plainIndex{}, nil }}
	catchUp := func() {
		t.Helper()
		if err := (&projections.Projector{DB: db, Store: store, Logger: quiet, Options: projections.Options{Persons: persons}}).CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	catchUp()
	var list []api.Person
	for _, p := range roster {
		list = append(list, p)
	}
	staff, err := api.NewStaff(list)
	if err != nil {
		t.Fatal(err)
	}
	s := &city{t: t, store: store, caughtUp: catchUp}
	worth := func(text string, sig review.Signature, person string) (string, bool, error) {
		return evidence.Worth(s.keys, text, evidence.Signature{Person: person, Key: sig.Key, Line: sig.Line}), s.keys != nil, nil
	}
	archive := func(context.Context, string) ([]byte, int64, error) {
		return []byte("PK of " + strconv.FormatInt(s.sealed, 10)), s.sealed, nil
	}
	d := api.Deps{Cases: desk, Reviews: &casework.Reviews{Desk: desk, Worth: worth}, Archive: archive, Models: db, Packs: library, People: staff, Persons: persons, Now: now, Log: quiet, Folders: shelf{dirs}, Drafts: drafts.New(filepath.Join(t.TempDir(), "drafts")), Settings: api.Settings{Demo: true, Plain: true, Rate: 1e6}}
	s.server, err = api.New(d, Pages(dirs...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// load imports the sample cases.
func load(t testing.TB, desk *casework.Service) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "cmd", "leeway", "demo", "*.ndjson"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d sample cases (%v)", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := casework.ReadCaseFile(bytes.NewReader(text), desk.Rules, domain.DayOf(desk.Now()))
		if err == nil {
			_, err = desk.Import(context.Background(), f, nil)
		}
		if err != nil {
			t.Fatal(name, err)
		}
	}
}

// a reader is somebody at a browser.
type reader struct {
	s      *city
	cookie []*http.Cookie
}

func (s *city) request(method, path string, body url.Values) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body.Encode()))
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "localhost"
	r.Header.Set("Accept", "text/html")
	return r
}

// as signs somebody in as the demo does.
func (s *city) as(subject string) reader {
	s.t.Helper()
	out := httptest.NewRecorder()
	s.server.ServeHTTP(out, s.request(http.MethodPost, "/session/demo", url.Values{"subject": {subject}}))
	cookies := out.Result().Cookies()
	if out.Code != http.StatusSeeOther || len(cookies) == 0 {
		s.t.Fatalf("sign-in of %s: %d %s", subject, out.Code, out.Body)
	}
	return reader{s, cookies}
}

func (r reader) get(path string) *httptest.ResponseRecorder {
	req := r.s.request(http.MethodGet, path, nil)
	for _, c := range r.cookie {
		req.AddCookie(c)
	}
	out := httptest.NewRecorder()
	r.s.server.ServeHTTP(out, req)
	return out
}

// accesses are the reads on record.
func (s *city) accesses() (list []domain.Access) {
	s.t.Helper()
	for r, err := range s.store.All(context.Background(), eventstore.Start) {
		if err != nil {
			s.t.Fatal(err)
		}
		if !strings.HasPrefix(r.Stream, "access-") {
			continue
		}
		env, err := domain.DecodeEnvelope(r.Data)
		var a domain.Access
		if err == nil {
			err = json.Unmarshal(env.Clear, &a)
		}
		if err != nil {
			s.t.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

// TestInquiriesByRole asks for every page in every role and as nobody, and
// compares with the table.
func TestInquiriesByRole(t *testing.T) {
	s := newCity(t)
	for _, q := range inquiries {
		row := api.Route{Roles: q.roles, Open: q.roles == nil}
		if got := (reader{s: s}).get(q.path); row.Open != (got.Code == http.StatusOK) {
			t.Errorf("%s as nobody: %d", q.path, got.Code)
		}
		for id, p := range roster {
			got := s.as(id).get(q.path)
			if may := row.May(p.Roles); may == (got.Code == http.StatusForbidden) {
				t.Errorf("%s as %v: %d, the table says %t", q.path, p.Roles, got.Code, may)
			}
			if csp := got.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
				t.Errorf("%s as %s has the policy %q", q.path, id, csp)
			}
		}
	}
}

// TestInquiriesShow asks for what each page is for, in both languages.
func TestInquiriesShow(t *testing.T) {
	s := newCity(t)
	for _, tt := range []struct {
		who, path string
		shows     []string
	}{
		{"u1", "/audit", []string{"<h1>审计</h1>", "查询决定", "演示"}},
		{"u1", "/audit?lang=en", []string{"<h1>Audit</h1>", "Search decisions", `lang="en"`}},
		{"u1", "/audit/search?office=bureau", []string{"审批决定", "/audit/case?as_of="}},
		{"u1", "/audit/case?case=F2&as_of=2020-12-31", []string{"个案办理记录", "（已封存）"}},
		{"u1", "/audit/reconcile?from=2020-07&to=2020-07&paid=1", []string{"差额"}},
		{"r1", "/audit/reviews", []string{"规则启用"}},
		{"u1", "/statistics?as_of=2021-12-31", []string{"<svg class=\"chart\"", "1:1000"}},
		{"p1", "/policy", []string{"cn-hb-qianjiang", "已启用"}},
		{"p2", "/policy/pack?pack=cn-hb-qianjiang&version=2020.1", []string{"办理程序", "<mark>待核实</mark>"}},
		{"w3", "/policy/diff?a=cn-hb-qianjiang@2020.1&b=cn-hb-qianjiang@2020.2&lang=en", []string{"Differences"}},
		{"w3", "/papers/history?case=F2", []string{"测试", "个案办理记录"}},
		{"b1", "/papers/diligence?case=F2&as_of=2021-12-31", []string{"尽职档案"}},
		{"", "/board?office=zhugentan&month=2020-07", []string{"救助对象 2020-07"}},
	} {
		who := reader{s: s}
		if tt.who != "" {
			who = s.as(tt.who)
		}
		got := who.get(tt.path)
		for range 20 {
			if got.Header().Get("Refresh") == "" {
				break
			}
			got = who.get(tt.path)
		}
		if got.Code != http.StatusOK || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", tt.path, got.Code, got.Body)
			continue
		}
		for _, part := range tt.shows {
			if !strings.Contains(got.Body.String(), part) {
				t.Errorf("%s does not show %q:\n%s", tt.path, part, got.Body)
			}
		}
	}
}

// TestFilesOfInquiries takes lists and papers away; each is on record as an
// export before it leaves.
func TestFilesOfInquiries(t *testing.T) {
	s := newCity(t)
	for path, kind := range map[string]string{
		"/audit/search?office=bureau&format=csv&list=0":  "text/csv; charset=utf-8",
		"/audit/search?office=bureau&format=xlsx&list=0": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"/audit/case?case=F2&format=pdf":                 "application/pdf",
	} {
		before := len(s.accesses())
		got := s.as("u1").get(path)
		if got.Code != http.StatusOK || got.Header().Get("Content-Type") != kind || !strings.HasPrefix(got.Header().Get("Content-Disposition"), "attachment; filename=\"leeway-audit-") {
			t.Errorf("%s: %d %s %s", path, got.Code, got.Header(), got.Body.Bytes()[:min(200, got.Body.Len())])
		}
		if list := s.accesses(); len(list) != before+1 || list[before].Kind != "export" || list[before].Purpose != "audit" {
			t.Errorf("%s is on record as %+v", path, list[before:])
		}
	}
	for _, path := range []string{"/audit/search?office=bureau&format=csv&list=9", "/audit/search?office=bureau&format=exe", "/policy?format=pdf"} {
		if got := s.as("u1").get(path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// TestPapersStayInTheirOffice: another office's case is not there, in the same
// words as one that is not; what is opened is on record by its fields.
func TestPapersStayInTheirOffice(t *testing.T) {
	s := newCity(t)
	none, others := s.as("w8").get("/papers/history?case=NOBODY"), s.as("w8").get("/papers/history?case=F2")
	if none.Code != http.StatusNotFound || others.Code != http.StatusNotFound {
		t.Errorf("no case %d, another office's %d", none.Code, others.Code)
	}
	if a, b := stripped(none, "NOBODY"), stripped(others, "F2"); a != b {
		t.Errorf("the answers differ:\n%s\n%s", a, b)
	}
	before := len(s.accesses())
	if got := s.as("w3").get("/papers/history?case=F2"); got.Code != http.StatusOK {
		t.Fatalf("the own office's case: %d", got.Code)
	}
	list := s.accesses()[before:]
	if len(list) != 1 || list[0].Case != "F2" || len(list[0].Fields) == 0 || list[0].Purpose != "handling" {
		t.Errorf("on record: %+v", list)
	}
	if got := s.as("b1").get("/papers/history?case=F2"); got.Code != http.StatusOK {
		t.Errorf("a bureau that serves every office: %d", got.Code)
	}
}

// stripped is an answer without the id that was asked for and the request's.
func stripped(r *httptest.ResponseRecorder, id string) string {
	return requestID.ReplaceAllString(strings.ReplaceAll(r.Body.String(), id, "ID"), "")
}

var requestID = regexp.MustCompile(`<code>[0-9a-f]{24}</code>`)

// TestRunningAsksAgain: while a survey runs the page says so and comes again by
// itself.
func TestRunningAsksAgain(t *testing.T) {
	s := newCity(t)
	build := func(context.Context, *views.Sources, views.Ask) (views.View, error) {
		return views.View{Title: "t", Running: &views.Running{Done: 3, Of: 9}}, nil
	}
	p := page{s.server, &views.Sources{}, func(c echo.Context, _ int, title string, body template.HTML) error { return c.HTML(200, string(body)) }, inquiry{path: "/x", build: build}}
	out := httptest.NewRecorder()
	if err := p.serve(echo.New().NewContext(s.request(http.MethodGet, "/x", nil), out)); err != nil {
		t.Fatal(err)
	}
	if out.Header().Get("Refresh") != "2" || !strings.Contains(out.Body.String(), `value="3"`) {
		t.Errorf("%s %s", out.Header(), out.Body)
	}
}
