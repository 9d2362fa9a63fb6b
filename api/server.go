package api

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"leeway/domain/casework"
	"leeway/policies"
	"leeway/policies/drafts"
	"leeway/projections"
)

// Base is under which path the API lies. Everything else is for browsers.
const Base = "/api/v1"

// Deps are what the server works with. Cases, Reviews, Models, Packs and People
// are required.
type Deps struct {
	Cases   *casework.Service
	Reviews *casework.Reviews
	Models  *projections.DB
	Packs   *policies.Library
	Proofs  Proofs // none: there is no ledger to prove anything with
	People  Directory
	Persons *projections.Persons // the vault behind the blind index; none: nobody is looked for
	Folders Folders              // none: no pack is taken in
	Drafts  *drafts.Shelf        // none: nobody writes packs here
	Archive Archive              // none: there is no ledger to take packages of reviews from

	Now func() time.Time // none: time.Now
	Log *slog.Logger     // none: slog.Default
	Settings
}

// Settings are how the server is run.
type Settings struct {
	// Demo lets everybody sign in as anybody of the directory, from this
	// machine alone.
	Demo bool
	// Plain says that browsers talk to the server in the clear, which only a
	// loopback address may: the cookie is then without Secure.
	Plain bool
	// Tokens reads bearer tokens; none: there are none.
	Tokens Tokens
	// Provider is whom browsers sign in with; none: they cannot, except in the
	// demo.
	Provider *Provider
	// Key signs page cursors; none: one that lasts as long as the process.
	Key []byte
	// Rate is how many requests a second one caller or address may send, in
	// bursts of twice as many; none: DefaultRate.
	Rate float64
}

// Tokens reads bearer tokens.
type Tokens interface {
	// Subject is whom a token stands for, and until when. The error says why
	// it is not valid, for the log.
	Subject(ctx context.Context, token string) (subject string, until time.Time, err error)
}

// Proofs is what the ledger answers for the API.
type Proofs interface {
	// Prove gives the proof that an event is in the log, in the format of
	// C2SP tlog-proof. The error wraps domain.ErrNotFound where the event is
	// not sealed yet.
	Prove(ctx context.Context, stream string, revision int64) ([]byte, error)
	// Checkpoint is the newest signed checkpoint.
	Checkpoint(ctx context.Context) ([]byte, error)
}

// A Server answers HTTP. Get one from New.
type Server struct {
	d        Deps
	echo     *echo.Echo
	table    table
	problem  func(echo.Context, Problem) error
	sessions *sessions
	attempts attempts
	limits   *limits
	jobs     *jobs
	opened   *recent
	cipher   cipher.Block
	stopped  <-chan struct{}
	stop     context.CancelFunc
	handler  http.Handler
	logged   http.Handler
}

// New puts a server together. Parts add the routes of other rooms; they are
// given the server whose methods their handlers use. It fails where a route
// has no row in the table, or two.
func New(d Deps, parts ...func(*Server) (Part, error)) (*Server, error) {
	if d.Cases == nil || d.Reviews == nil || d.Models == nil || d.Packs == nil || d.People == nil {
		return nil, errors.New("api: Cases, Reviews, Models, Packs and People are required")
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if len(d.Key) == 0 {
		d.Key = make([]byte, 32)
		rand.Read(d.Key) // never fails
	}
	// Lists of reviews are asked for all day, and no page reads the whole store.
	reviews := *d.Reviews
	if reviews.IDs == nil {
		reviews.IDs = d.Models.Bench().ReviewIDs
	}
	d.Reviews = &reviews
	s := &Server{d: d, echo: echo.New(), table: table{}, sessions: newSessions(d.Now), attempts: attempts{now: d.Now}, limits: newLimits(d.Rate),
		jobs: newJobs(), opened: newRecent(d.Now)}
	stopping, stop := context.WithCancel(context.Background())
	s.stopped, s.stop = stopping.Done(), stop
	key := sha256.Sum256(append([]byte("veil "), d.Key...))
	s.cipher, _ = aes.NewCipher(key[:]) // fails for keys of another length
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.fail
	s.echo.Use(s.secured, s.guarded)
	contracted, errs := s.contracted()
	errs = append(errs, s.register(contracted), s.register(s.own()), s.register(s.docsRoutes()))
	for _, part := range parts {
		p, err := part(s)
		errs = append(errs, err, s.register(p.Routes))
		if p.Problem != nil {
			s.problem = p.Problem
		}
	}
	errs = append(errs, s.missing())
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	s.handler = traced(s.echo)
	s.logged = Logged(s.handler, d.Log, nil)
	return s, nil
}

// ServeHTTP implements http.Handler. Behind Logged the request has its id;
// otherwise it gets one here.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if RequestID(r.Context()) == "" {
		s.logged.ServeHTTP(w, r)
		return
	}
	s.handler.ServeHTTP(w, r)
}

// Close ends jobs and waits for them. Requests under way are the listener's to
// end first.
func (s *Server) Close() {
	s.Stop()
	s.jobs.close()
}

// Stop ends the streams of events, whose clients come again by themselves. It
// is called when the listener begins to stop: they would hold it up.
func (s *Server) Stop() { s.stop() }

// Beside runs long work that a page asked for, in turn with the jobs of the
// API. Its context ends when the server closes, which waits for it.
func (s *Server) Beside(work func(context.Context)) { s.jobs.beside(work) }

// Demo reports whether everybody may sign in as anybody: pages say so in a
// banner.
func (s *Server) Demo() bool { return s.d.Demo }

// Deps are what the server was made of, for the rooms that add routes.
func (s *Server) Deps() Deps { return s.d }

// own are the routes of this room that are no part of the API's contract.
func (s *Server) own() []Route {
	routes := []Route{
		{Method: http.MethodPost, Path: "/session/end", Open: true, Handler: s.signOut},
	}
	if s.d.Demo {
		routes = append(routes, Route{Method: http.MethodPost, Path: "/session/demo", Open: true, Handler: s.signInDemo})
	}
	return append(routes, s.signInRoutes()...)
}

// meJSON is who the caller is.
type meJSON struct {
	Person string   `json:"person"`
	Name   string   `json:"name"`
	Office string   `json:"office"`
	Post   string   `json:"post"`
	Roles  []Role   `json:"roles"`
	Serves []string `json:"serves"`
	Demo   bool     `json:"demo"`
}

// GetMe answers who the caller is.
func (h handlers) GetMe(c echo.Context) error {
	me := who(c)
	return c.JSON(http.StatusOK, meJSON{me.Actor.Person, me.Name, me.Office, me.Post, me.Roles, append([]string{}, me.Serves...), h.d.Demo})
}
