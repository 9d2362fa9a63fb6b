package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"go.uber.org/goleak"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/eventstore"
	"leeway/eventstore/memory"
	"leeway/policies"
	"leeway/policies/drafts"
	"leeway/projections"
)

func TestMain(m *testing.M) {
	for _, kind := range []string{"text/event-stream", mimeXLSX} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
	}
	goleak.VerifyTestMain(m)
}

// people are the directory of the tests: one for each role, at the offices of
// the demo cases.
var people = []Person{
	person("w3", "zhugentan", "opinion", Worker),
	person("w2", "zhugentan", "survey", Worker),
	person("w8", "gaochang", "opinion", Worker),
	person("t1", "zhugentan", "review", Township),
	{"b1", "姓名b1", domain.Actor{Person: "b1", Office: "bureau", Post: "approval"}, []Role{County}, []string{"*"}},
	person("r1", "commission", "inspector", Reviewer),
	person("r2", "commission", "inspector", Reviewer),
	person("h1", "commission", "head", Head),
	person("s1", "province", "inspector", Superior),
	person("u1", "audit", "auditor", Auditor),
	person("p1", "bureau", "policy", Author),
	person("p2", "bureau", "registry", Approver),
	person("p3", "bureau", "review", Approver),
	person("p4", "bureau", "drafting", Author),
	person("x1", "it", "operator", Admin),
}

func person(id, office, post string, roles ...Role) Person {
	return Person{id, "姓名" + id, domain.Actor{Person: id, Office: office, Post: post}, roles, nil}
}

// staff is a directory that a test can change.
type staff struct {
	mu   sync.Mutex
	list Staff
	err  error
}

func (s *staff) Person(ctx context.Context, subject string) (Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return Person{}, s.err
	}
	return s.list.Person(ctx, subject)
}

func (s *staff) People(ctx context.Context) ([]Person, error) { return s.list.People(ctx) }

// failing is a store whose appends can be made to fail.
type failing struct {
	eventstore.Store
	mu  sync.Mutex
	err error
}

func (f *failing) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// Append implements eventstore.Store.
func (f *failing) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	f.mu.Lock()
	err := f.err
	f.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return f.Store.Append(ctx, b)
}

// plainSealer stands for the vault: it keeps the text in the ciphertext.
type plainSealer struct{}

func (plainSealer) Seal(stream, event string, f domain.PrivateField) (domain.Sealed, error) {
	return domain.Sealed{Field: f.Path, Subject: f.Data.Subject, Key: "k", Nonce: []byte{1}, Ciphertext: []byte(f.Data.Text), Commitment: []byte{2}}, nil
}

func (plainSealer) Open(stream, event string, s domain.Sealed) (string, error) {
	return string(s.Ciphertext), nil
}

// plainIndex stands for the blind index: its digests are no secret.
type plainIndex struct{}

func (plainIndex) ID() string { return "plain" }

func (plainIndex) Digest(kind, value string) []byte { return []byte(kind + strings.TrimSpace(value)) }

// A world is a server over a store in memory.
type world struct {
	t      testing.TB
	deps   Deps
	server *Server
	store  *failing
	people *staff
	log    *bytes.Buffer
	now    time.Time
	mu     sync.Mutex
}

type packs struct{ *policies.Library }

// Engine implements casework.Rules.
func (packs) Engine() string { return "engine of the tests" }

// newWorld is an empty world; change alters what the server is made of.
func newWorld(t testing.TB, change func(*Deps), parts ...func(*Server) (Part, error)) *world {
	t.Helper()
	dir := t.TempDir()
	db, err := projections.Open(context.Background(), filepath.Join(dir, "models.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	library, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	wo := &world{t: t, store: &failing{Store: memory.New()}, people: &staff{}, log: &bytes.Buffer{}, now: time.Date(2022, 1, 4, 2, 0, 0, 0, time.UTC)}
	if wo.people.list, err = NewStaff(people); err != nil {
		t.Fatal(err)
	}
	rules := packs{library}
	desk := &casework.Service{Store: wo.store, Rules: rules, Sealer: plainSealer{}, Now: wo.clock, Advise: casework.AdviseWith(rules)}
	wo.deps = Deps{Cases: desk, Reviews: &casework.Reviews{Desk: desk}, Models: db, Packs: library, People: wo.people, Now: wo.clock,
		Persons: &projections.Persons{Open: plainSealer{}.Open, Index: func() (projections.Index, error) { return plainIndex{}, nil }},
		Folders: shelf{}, Drafts: drafts.New(filepath.Join(dir, "drafts")),
		Log: slog.New(slog.NewJSONHandler(&locked{w: wo.log}, LogOptions(slog.LevelInfo))), Settings: Settings{Rate: 1e6}}
	if change != nil {
		change(&wo.deps)
	}
	if wo.server, err = New(wo.deps, parts...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(wo.server.Close)
	return wo
}

// locked is a writer for many goroutines.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) sleep(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// load imports sample cases, all of them where none is named, and brings the
// read models up to date.
func (w *world) load(names ...string) {
	w.t.Helper()
	if len(names) == 0 {
		names = []string{"*"}
	}
	for _, name := range append([]string{"00-register"}, names...) {
		files, _ := filepath.Glob(filepath.Join("..", "cmd", "leeway", "demo", name+".ndjson"))
		if len(files) == 0 {
			w.t.Fatalf("there is no sample %s", name)
		}
		for _, path := range files {
			in, err := os.Open(path)
			if err != nil {
				w.t.Fatal(err)
			}
			f, err := casework.ReadCaseFile(in, w.deps.Cases.Rules, domain.DayOf(w.clock()))
			in.Close()
			if err == nil {
				_, err = w.deps.Cases.Import(context.Background(), f, nil)
			}
			if err != nil {
				w.t.Fatal(path, err)
			}
		}
	}
	w.follow()
}

// follow brings the read models up to date.
func (w *world) follow() {
	w.t.Helper()
	p := &projections.Projector{DB: w.deps.Models, Store: w.store, Logger: slog.New(slog.DiscardHandler), Options: projections.Options{Persons: w.deps.Persons}}
	if err := p.CatchUp(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// A client is somebody at a browser or a program.
type client struct {
	w      *world
	header http.Header
}

// as is somebody signed in by cookie.
func (w *world) as(subject string) *client {
	w.t.Helper()
	p, err := w.people.Person(context.Background(), subject)
	if err != nil {
		w.t.Fatal(err)
	}
	id := w.server.sessions.begin(p, w.deps.Cases.OpenAccess())
	return &client{w, http.Header{"Cookie": {w.server.cookieName() + "=" + id}}}
}

func (w *world) nobody() *client { return &client{w, http.Header{}} }

// with adds a header, as name and value.
func (c *client) with(pairs ...string) *client {
	h := c.header.Clone()
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return &client{c.w, h}
}

// do sends a request; the body is JSON, a form, or text.
func (c *client) do(method, path string, body any) *httptest.ResponseRecorder {
	var in io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case url.Values:
		in, kind = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	case string:
		in, kind = strings.NewReader(b), "application/json"
	default:
		text, err := json.Marshal(b)
		if err != nil {
			c.w.t.Fatal(err)
		}
		in, kind = bytes.NewReader(text), "application/json"
	}
	r := httptest.NewRequest(method, path, in)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for k, v := range c.header {
		r.Header[k] = v
	}
	if strings.HasSuffix(r.URL.Path, "/events") { // it ends when its reader goes
		ctx, cancel := context.WithTimeout(r.Context(), 30*time.Millisecond)
		defer cancel()
		r = r.WithContext(ctx)
	}
	out := httptest.NewRecorder()
	c.w.server.ServeHTTP(out, r)
	for _, cookie := range out.Result().Cookies() {
		if cookie.Name == c.w.server.cookieName() { // as a browser does
			c.header.Set("Cookie", cookie.Name+"="+cookie.Value)
		}
	}
	c.w.conforms(r, out)
	return out
}

func (c *client) get(path string) *httptest.ResponseRecorder { return c.do(http.MethodGet, path, nil) }

var contractRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromData(Contract)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

// conforms holds an answer of the API against the contract. Every answer of
// every test goes through it.
func (w *world) conforms(r *http.Request, got *httptest.ResponseRecorder) {
	w.t.Helper()
	if !strings.HasPrefix(r.URL.Path, Base+"/") {
		return
	}
	router, err := contractRouter()
	if err != nil {
		w.t.Fatal(err)
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		return // the router says 404 or 405, as the server did
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: got.Code, Header: got.Header(), Body: io.NopCloser(bytes.NewReader(got.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		w.t.Errorf("%s %s: %d does not keep to the contract: %v", r.Method, r.URL.Path, got.Code, err)
	}
	w.count(route.Operation.OperationID, got)
}

// count notes which problems of which operation were met.
func (w *world) count(operation string, got *httptest.ResponseRecorder) {
	var p Problem
	if got.Header().Get("Content-Type") == "application/problem+json" && json.Unmarshal(got.Body.Bytes(), &p) == nil {
		met.Store(operation+" "+p.Code, true)
	}
	met.Store(operation+" "+strconv.Itoa(got.Code), true)
}

// met are the operations with the statuses and the codes of problems that the
// tests of this run met.
var met sync.Map

// problem reads the problem of an answer.
func problem(t testing.TB, r *httptest.ResponseRecorder) Problem {
	t.Helper()
	var p Problem
	if err := json.Unmarshal(r.Body.Bytes(), &p); err != nil || r.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d is no problem: %v\n%s", r.Code, err, r.Body)
	}
	return p
}

// wants fails unless an answer is the problem of a code.
func wants(t testing.TB, r *httptest.ResponseRecorder, status int, code string) Problem {
	t.Helper()
	p := problem(t, r)
	if r.Code != status || p.Code != code || p.Status != status || p.Request == "" || p.Title == "" || p.Mend == "" {
		t.Fatalf("%d %+v, want %d %s", r.Code, p, status, code)
	}
	return p
}

// accesses are the events of access logs on record.
func (w *world) accesses() (list []domain.Access) {
	w.t.Helper()
	for r, err := range w.store.All(context.Background(), eventstore.Start) {
		if err != nil {
			w.t.Fatal(err)
		}
		if !strings.HasPrefix(r.Stream, "access-") {
			continue
		}
		env, err := domain.DecodeEnvelope(r.Data)
		if err != nil {
			w.t.Fatal(err)
		}
		var a domain.Access
		if err := json.Unmarshal(env.Clear, &a); err != nil {
			w.t.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}
