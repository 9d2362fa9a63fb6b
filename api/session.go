package api

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"leeway/domain"
	"leeway/domain/casework"
)

// How long a session lasts without a request, and in all.
const (
	idle     = 15 * time.Minute
	absolute = 8 * time.Hour
)

// maxSessions is how many one person may have by cookie.
const maxSessions = 20

// Names of the session cookie. A browser takes __Host- only over TLS, from the
// very host, for the whole of it.
const (
	cookieName      = "__Host-leeway"
	cookieNamePlain = "leeway"
)

// A session is one person signed in, in one browser or by one token. It knows
// whom it is for and nothing of what he may do.
type session struct {
	subject     string
	may         string // digest of what he might do when its id was given out
	log         *casework.AccessLog
	since, last time.Time
	until       time.Time // of a token
}

// sessions are those of this process: a restart signs everybody out. They are
// kept under the hash of their id, so that who reads the memory of the table
// cannot go on in one.
type sessions struct {
	now func() time.Time

	mu   sync.Mutex
	by   map[[sha256.Size]byte]*session
	next time.Time // when to look for dead ones
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, by: map[[sha256.Size]byte]*session{}}
}

// begin signs somebody in under a fresh id of 256 random bits. Of too many
// sessions of one person the one ends that was idle longest.
func (t *sessions) begin(p Person, log *casework.AccessLog) string {
	id, now := secret(), t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sweep(now)
	var idlest [sha256.Size]byte
	count, last := 0, now
	for key, s := range t.by {
		if s.subject != p.Subject || !s.until.IsZero() {
			continue
		}
		if count++; !s.last.After(last) {
			idlest, last = key, s.last
		}
	}
	if count >= maxSessions {
		delete(t.by, idlest)
	}
	t.by[sha256.Sum256([]byte(id))] = &session{subject: p.Subject, may: p.may(), log: log, since: now, last: now}
	return id
}

// renew gives a session another id where its person may do something else than
// when it got its own: what was looked at over somebody's shoulder before he
// was promoted is worth nothing afterwards. It is "" where nothing has changed.
func (t *sessions) renew(id string, p Person) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := sha256.Sum256([]byte(id))
	s, ok := t.by[key]
	if !ok || s.may == p.may() {
		return ""
	}
	fresh := secret()
	s.may = p.may()
	delete(t.by, key)
	t.by[sha256.Sum256([]byte(fresh))] = s
	return fresh
}

// find is a session that is alive, and keeps it so.
func (t *sessions) find(id string) (session, bool) {
	now, key := t.now(), sha256.Sum256([]byte(id))
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.by[key]
	if !ok {
		return session{}, false
	}
	if s.dead(now) {
		delete(t.by, key)
		return session{}, false
	}
	s.last = now
	return *s, true
}

// token is the session of a bearer token, begun with its first request.
func (t *sessions) token(token, subject string, until time.Time, open func() *casework.AccessLog) session {
	now, key := t.now(), sha256.Sum256([]byte("bearer "+token))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sweep(now)
	s, ok := t.by[key]
	if !ok {
		s = &session{subject: subject, log: open(), since: now, until: until}
		t.by[key] = s
	}
	s.last = now
	return *s
}

func (t *sessions) end(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, sha256.Sum256([]byte(id)))
}

// dead reports whether a session has ended by itself.
func (s *session) dead(now time.Time) bool {
	if !s.until.IsZero() {
		return now.After(s.until)
	}
	return now.Sub(s.last) > idle || now.Sub(s.since) > absolute
}

// sweep drops dead sessions, once a minute. The caller holds the lock.
func (t *sessions) sweep(now time.Time) {
	if now.Before(t.next) {
		return
	}
	t.next = now.Add(time.Minute)
	for key, s := range t.by {
		if s.dead(now) {
			delete(t.by, key)
		}
	}
}

func (s *Server) cookieName() string {
	if s.d.Plain {
		return cookieNamePlain
	}
	return cookieName
}

// SignIn begins a session of a subject in the caller's browser. The one he had
// ends: an id from before he signed in is worth nothing afterwards.
func (s *Server) SignIn(c echo.Context, subject string) error {
	p, err := s.d.People.Person(c.Request().Context(), subject)
	if err != nil {
		s.d.Log.Warn("sign-in refused", "request", RequestID(c.Request().Context()), "error", "not in the directory")
		return fmt.Errorf("%w: the directory does not know who signed in", errDenied)
	}
	s.dropSession(c)
	s.setCookie(c, s.sessions.begin(p, s.d.Cases.OpenAccess()), 0)
	s.d.Log.Info("signed in", "request", RequestID(c.Request().Context()), "person", p.Actor.Person, "office", p.Office)
	return nil
}

// setCookie sets the session cookie; a negative age takes it away.
func (s *Server) setCookie(c echo.Context, value string, age int) {
	c.SetCookie(&http.Cookie{Name: s.cookieName(), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: !s.d.Plain, SameSite: http.SameSiteLaxMode})
}

// dropSession ends the session of the caller's browser, where there is one.
func (s *Server) dropSession(c echo.Context) {
	if cookie, err := c.Cookie(s.cookieName()); err == nil {
		s.sessions.end(cookie.Value)
	}
}

// signOut ends the session, here and not only in the browser.
func (s *Server) signOut(c echo.Context) error {
	if caller, ok := CallerOf(c.Request().Context()); ok {
		s.d.Log.Info("signed out", "request", RequestID(c.Request().Context()), "person", caller.Actor.Person)
	}
	s.dropSession(c)
	s.setCookie(c, "", -1)
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return c.Redirect(http.StatusSeeOther, "/")
}

// signInDemo signs in as the person of the directory that the form names.
func (s *Server) signInDemo(c echo.Context) error {
	if err := loopback(c.Request()); err != nil {
		return err
	}
	if err := s.SignIn(c, c.FormValue("subject")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("next")))
}

// localPath is a place on this server, and the start page for anything else.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return next
}

// loopback refuses whoever is not on this machine, and pages of other sites
// that were made to resolve to it.
func loopback(r *http.Request) error {
	for _, address := range []string{r.RemoteAddr, r.Host} {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = strings.Trim(address, "[]")
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return fmt.Errorf("%w: the demo is for this machine alone", errDenied)
		}
	}
	return nil
}

// errToken says that a bearer token is not valid.
var errToken = errors.New("bearer token is not valid")

// errTwoWays says that a request proves itself by cookie and by token.
var errTwoWays = errors.New("a request carries a session cookie or a bearer token, never both")

// identify finds who asks. The directory is asked each time.
func (s *Server) identify(c echo.Context) (Caller, error) {
	if s.d.Demo {
		if err := loopback(c.Request()); err != nil {
			return Caller{}, err
		}
	}
	found, bearer, err := s.sessionOf(c)
	if err != nil {
		return Caller{}, err
	}
	p, err := s.d.People.Person(c.Request().Context(), found.subject)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return Caller{}, fmt.Errorf("%w: the directory no longer knows who signed in", errAnonymous)
	case err != nil:
		return Caller{}, err
	}
	if cookie, err := c.Cookie(s.cookieName()); err == nil && !bearer {
		if fresh := s.sessions.renew(cookie.Value, p); fresh != "" {
			s.setCookie(c, fresh, 0)
			s.d.Log.Info("roles changed", "request", RequestID(c.Request().Context()), "person", p.Actor.Person)
		}
	}
	return Caller{Person: p, Lang: s.language(c), Session: found.log.Stream(), Bearer: bearer, log: found.log, key: found.subject}, nil
}

// sessionOf is the session by cookie or by token.
func (s *Server) sessionOf(c echo.Context) (session, bool, error) {
	cookie, noCookie := c.Cookie(s.cookieName())
	header := c.Request().Header.Get(echo.HeaderAuthorization)
	if header == "" {
		if noCookie != nil {
			return session{}, false, errAnonymous
		}
		found, ok := s.sessions.find(cookie.Value)
		if !ok {
			return session{}, false, fmt.Errorf("%w: the session has ended", errAnonymous)
		}
		return found, false, nil
	}
	if noCookie == nil {
		return session{}, true, errTwoWays
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || s.d.Tokens == nil {
		return session{}, true, fmt.Errorf("%w: scheme %.20q", errToken, scheme)
	}
	subject, until, err := s.d.Tokens.Subject(c.Request().Context(), token)
	if errors.Is(err, errProvider) {
		return session{}, true, err
	}
	if err != nil {
		s.d.Log.Warn("token refused", "request", RequestID(c.Request().Context()), "error", err.Error())
		return session{}, true, errToken
	}
	return s.sessions.token(token, subject, until, s.d.Cases.OpenAccess), true, nil
}

// langCookie keeps the language that a browser chose.
const langCookie = "lang"

// language is the caller's: what the address or the cookie says, then what the
// browser asks for, then Chinese.
func (s *Server) language(c echo.Context) string {
	if lang := c.QueryParam("lang"); lang == "en" || lang == "zh" {
		return lang
	}
	if cookie, err := c.Cookie(langCookie); err == nil && (cookie.Value == "en" || cookie.Value == "zh") {
		return cookie.Value
	}
	if accept := strings.ToLower(c.Request().Header.Get("Accept-Language")); strings.HasPrefix(accept, "en") {
		return "en"
	}
	return "zh"
}
