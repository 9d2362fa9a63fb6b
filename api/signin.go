package api

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/labstack/echo/v4"
	"golang.org/x/oauth2"
)

// BeginPath is where a browser begins to sign in with the identity provider.
const BeginPath = "/session/begin"

// Limits of sign-ins under way.
const (
	attemptTime = 10 * time.Minute
	maxAttempts = 10_000
)

// An attempt is one sign-in under way. It belongs to one browser, counts once,
// and is worth nothing without the cookie that it began with.
type attempt struct {
	state, nonce, verifier string
	next                   string // place to go to afterwards
	since                  time.Time
}

// attempts are the sign-ins under way, under the hash of their cookies.
type attempts struct {
	now func() time.Time

	mu sync.Mutex
	by map[[sha256.Size]byte]attempt
}

// begin keeps a new attempt. When there are too many, dead ones go, and then
// the oldest.
func (t *attempts) begin(a attempt) string {
	id := secret()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.by) >= maxAttempts {
		var oldest [sha256.Size]byte
		first := t.now()
		for key, x := range t.by {
			if t.now().Sub(x.since) > attemptTime {
				delete(t.by, key)
			} else if x.since.Before(first) {
				oldest, first = key, x.since
			}
		}
		if len(t.by) >= maxAttempts {
			delete(t.by, oldest)
		}
	}
	if t.by == nil {
		t.by = map[[sha256.Size]byte]attempt{}
	}
	a.since = t.now()
	t.by[sha256.Sum256([]byte(id))] = a
	return id
}

// take is an attempt that is alive. It is gone with that.
func (t *attempts) take(id string) (attempt, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := sha256.Sum256([]byte(id))
	a, ok := t.by[key]
	delete(t.by, key)
	return a, ok && t.now().Sub(a.since) <= attemptTime
}

// secret is 256 random bits as text.
func secret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// same compares secrets without telling by its time how far they agree.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// signInRoutes are those of a provider that browsers sign in with.
func (s *Server) signInRoutes() []Route {
	if s.d.Provider == nil || s.d.Provider.Client == "" {
		return nil
	}
	return []Route{
		{Method: http.MethodGet, Path: BeginPath, Open: true, Handler: s.beginSignIn},
		{Method: http.MethodGet, Path: ReturnPath, Open: true, Handler: s.endSignIn},
	}
}

// attemptCookie sets the cookie of a sign-in under way, or takes it away. It is
// Lax: the browser comes back from another site.
func (s *Server) attemptCookie(c echo.Context, value string, age int) {
	c.SetCookie(&http.Cookie{Name: s.cookieName() + "-sign-in", Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: !s.d.Plain, SameSite: http.SameSiteLaxMode})
}

// beginSignIn sends a browser to the provider.
func (s *Server) beginSignIn(c echo.Context) error {
	flow, err := s.d.Provider.flow(c.Request().Context())
	if err != nil {
		return err
	}
	a := attempt{state: secret(), nonce: secret(), verifier: oauth2.GenerateVerifier(), next: localPath(c.QueryParam("next"))}
	s.attemptCookie(c, s.attempts.begin(a), int(attemptTime.Seconds()))
	return c.Redirect(http.StatusSeeOther, flow.AuthCodeURL(a.state, oidc.Nonce(a.nonce), oauth2.S256ChallengeOption(a.verifier)))
}

// endSignIn takes a browser back from the provider and begins its session.
func (s *Server) endSignIn(c echo.Context) error {
	next, subject, err := s.returned(c)
	s.attemptCookie(c, "", -1)
	if err == nil {
		err = s.SignIn(c, subject)
	}
	if err != nil {
		if errors.Is(err, errSignIn) {
			s.d.Log.Warn("sign-in refused", "request", RequestID(c.Request().Context()), "error", err.Error())
			return errSignIn // how it failed would help only who forges it
		}
		return err
	}
	return c.Redirect(http.StatusSeeOther, next)
}

// denials are what a provider says that its user did, and nobody forged.
var denials = []string{"access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required"}

// returned is whom the provider says that a browser stands for.
func (s *Server) returned(c echo.Context) (next, subject string, err error) {
	cookie, err := c.Cookie(s.cookieName() + "-sign-in")
	if err != nil {
		return "", "", fmt.Errorf("%w: no sign-in began in this browser", errSignIn)
	}
	a, ok := s.attempts.take(cookie.Value)
	q := c.QueryParam
	switch failed := q("error"); {
	case !ok:
		return "", "", fmt.Errorf("%w: it began too long ago, or has ended already", errSignIn)
	case !same(q("state"), a.state):
		return "", "", fmt.Errorf("%w: the answer belongs to another sign-in", errSignIn)
	case q("iss") != "" && q("iss") != s.d.Provider.Issuer:
		return "", "", fmt.Errorf("%w: the answer is of another provider", errSignIn)
	case slices.Contains(denials, failed):
		return "", "", fmt.Errorf("%w: the provider says %s", errSignIn, failed)
	case failed != "":
		return "", "", fmt.Errorf("%w: it answered with the error %.40q", errProvider, failed)
	case q("code") == "":
		return "", "", fmt.Errorf("%w: the answer has no code", errSignIn)
	}
	subject, err = s.d.Provider.exchange(c.Request().Context(), q("code"), a)
	return a.next, subject, err
}
