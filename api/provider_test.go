package api

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"leeway/domain"
)

// An idp is an identity provider of the tests. What it says can be bent.
type idp struct {
	*httptest.Server
	key    *rsa.PrivateKey
	kid    string
	now    func() time.Time
	codes  map[string]url.Values // of sign-ins it has agreed to, by code
	bend   func(claims map[string]any)
	sign   func(*idp, map[string]any) string // none: as it should be
	broken atomic.Bool
	looks  atomic.Int64 // at its keys
}

func newIDP(t *testing.T, now func() time.Time) *idp {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &idp{key: key, kid: "k1", now: now, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		p.looks.Add(1)
		json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": p.kid,
			"n": base64.RawURLEncoding.EncodeToString(p.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(p.key.E)).Bytes())}}})
	})
	mux.HandleFunc("/token", p.token)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.broken.Load() {
			http.Error(w, "out of order", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// agree is the answer that a browser takes back after its user has signed in.
func (p *idp) agree(t *testing.T, authorize string) url.Values {
	t.Helper()
	u, err := url.Parse(authorize)
	if err != nil || !strings.HasPrefix(authorize, p.URL+"/authorize?") {
		t.Fatalf("sent to %s: %v", authorize, err)
	}
	q := u.Query()
	for key, want := range map[string]string{"response_type": "code", "client_id": "leeway", "code_challenge_method": "S256", "redirect_uri": "https://leeway.example.org" + ReturnPath} {
		if q.Get(key) != want {
			t.Errorf("asked with %s %q, want %q", key, q.Get(key), want)
		}
	}
	if !strings.Contains(q.Get("scope"), "openid") || len(q.Get("state")) < 40 || len(q.Get("nonce")) < 40 || len(q.Get("code_challenge")) != 43 {
		t.Errorf("asked with %v", q)
	}
	code := secret()
	p.codes[code] = q
	return url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}
}

// token hands out the identity for a code, once, to who began the sign-in.
func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	asked, ok := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant"})
		return
	}
	claims := p.claims("leeway")
	claims["nonce"] = asked.Get("nonce")
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"access_token": "opaque", "token_type": "Bearer", "id_token": p.signed(claims)})
}

func (p *idp) claims(audience string) map[string]any {
	now := p.now().Unix()
	return map[string]any{"iss": p.URL, "aud": audience, "sub": "w3", "iat": now, "exp": now + 600}
}

// signed is the token with some claims, bent where the test says so.
func (p *idp) signed(claims map[string]any) string {
	if p.bend != nil {
		p.bend(claims)
	}
	if p.sign != nil {
		return p.sign(p, claims)
	}
	return p.rs256(map[string]any{"alg": "RS256", "kid": p.kid, "typ": "JWT"}, claims)
}

func (p *idp) rs256(header, claims map[string]any) string {
	text := encoded(header) + "." + encoded(claims)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(nil, p.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// forgeries are the ways in which a token can be none of the provider's.
var forgeries = map[string]func(*idp, map[string]any) string{
	"alg none": func(_ *idp, c map[string]any) string {
		return encoded(map[string]any{"alg": "none"}) + "." + encoded(c) + "."
	},
	"HS256 with the public key": func(p *idp, c map[string]any) string {
		public, _ := x509.MarshalPKIXPublicKey(&p.key.PublicKey)
		text := encoded(map[string]any{"alg": "HS256", "kid": p.kid}) + "." + encoded(c)
		mac := hmac.New(sha256.New, public)
		mac.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	},
	"another key": func(p *idp, c map[string]any) string {
		other, _ := rsa.GenerateKey(rand.Reader, 2048)
		return (&idp{key: other}).rs256(map[string]any{"alg": "RS256", "kid": p.kid}, c)
	},
	"a key of its own": func(p *idp, c map[string]any) string {
		other, _ := rsa.GenerateKey(rand.Reader, 2048)
		jwk := map[string]any{"kty": "RSA", "n": base64.RawURLEncoding.EncodeToString(other.N.Bytes()), "e": "AQAB"}
		return (&idp{key: other}).rs256(map[string]any{"alg": "RS256", "jwk": jwk, "jku": p.URL + "/evil", "x5u": p.URL + "/evil", "kid": "../../dev/null"}, c)
	},
	"changed afterwards": func(p *idp, c map[string]any) string {
		parts := strings.Split(p.rs256(map[string]any{"alg": "RS256", "kid": p.kid}, c), ".")
		c["sub"] = "h1"
		return parts[0] + "." + encoded(c) + "." + parts[2]
	},
	"nothing": func(*idp, map[string]any) string { return "" },
	"noise":   func(*idp, map[string]any) string { return "a.b.c" },
}

// bends are tokens that are signed well and say something that does not hold.
var bends = map[string]func(*idp, map[string]any){
	"other issuer":   func(_ *idp, c map[string]any) { c["iss"] = "https://evil.example" },
	"other audience": func(_ *idp, c map[string]any) { c["aud"] = []string{"somebody", "else"} },
	"expired":        func(p *idp, c map[string]any) { c["exp"] = p.now().Unix() - 1 },
	"never expires":  func(_ *idp, c map[string]any) { delete(c, "exp") },
	"not yet":        func(p *idp, c map[string]any) { c["nbf"] = p.now().Unix() + 3600 },
	"no subject":     func(_ *idp, c map[string]any) { delete(c, "sub") },
}

// withProvider is a world whose people sign in with a provider.
func withProvider(t *testing.T) (*world, *idp) {
	t.Helper()
	var p *idp
	wo := newWorld(t, func(d *Deps) {
		p = newIDP(t, d.Now)
		provider, err := NewProvider(Identity{Issuer: p.URL, Client: "leeway", Address: "https://leeway.example.org/", Audience: "leeway-api"}, d.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(provider.Close)
		d.Provider, d.Tokens = provider, provider
	}, trial)
	return wo, p
}

// begin sends a browser off to sign in, and gives it with where it was sent.
func begin(t *testing.T, wo *world, next string) (*client, string) {
	t.Helper()
	browser := wo.nobody()
	got := browser.get(BeginPath + "?next=" + url.QueryEscape(next))
	if got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}
	for _, c := range got.Result().Cookies() {
		if c.Name != "__Host-leeway-sign-in" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 600 {
			t.Errorf("cookie %+v", c)
		}
		browser.header.Set("Cookie", c.Name+"="+c.Value)
	}
	return browser, got.Header().Get("Location")
}

// TestSignIn goes through the code flow and back, and asks as who came back.
func TestSignIn(t *testing.T) {
	wo, p := withProvider(t)
	browser, to := begin(t, wo, "/cases/F1")
	answer := p.agree(t, to)
	got := browser.get(ReturnPath + "?" + answer.Encode())
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/cases/F1" {
		t.Fatal(got.Code, got.Header(), got.Body)
	}
	if me := browser.get(Base + "/me"); me.Code != 200 || !strings.Contains(me.Body.String(), `"person":"w3"`) {
		t.Errorf("afterwards %d %s", me.Code, me.Body)
	}
	if !strings.Contains(wo.log.String(), `"signed in"`) || strings.Contains(wo.log.String(), answer.Get("code")) {
		t.Errorf("the log lacks the sign-in, or has its code:\n%s", wo.log)
	}
	browser, to = begin(t, wo, "https://evil.example/")
	if got := browser.get(ReturnPath + "?" + p.agree(t, to).Encode()); got.Header().Get("Location") != "/" {
		t.Errorf("led to %s", got.Header().Get("Location"))
	}
}

// TestSignInIsNotForged: what comes back counts once, in the browser that it
// was begun in, within its time, and as the provider signed it (S-14).
func TestSignInIsNotForged(t *testing.T) {
	wo, p := withProvider(t)
	refused := func(name string, browser *client, answer url.Values) {
		t.Helper()
		wants(t, browser.get(ReturnPath+"?"+answer.Encode()), http.StatusUnauthorized, "sign-in")
		if me := browser.get(Base + "/me"); me.Code != http.StatusUnauthorized {
			t.Errorf("%s: signed in all the same", name)
		}
	}
	browser, to := begin(t, wo, "/")
	answer := p.agree(t, to)
	refused("another browser", wo.nobody(), answer)
	other, _ := begin(t, wo, "/")
	refused("the state of another sign-in", other, answer)
	kept := browser.header.Get("Cookie")
	if got := browser.get(ReturnPath + "?" + answer.Encode()); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}
	refused("a second time", wo.nobody().with("Cookie", kept), answer)

	browser, to = begin(t, wo, "/")
	answer = p.agree(t, to)
	wo.sleep(attemptTime + time.Second)
	refused("too late", browser, answer)

	for name, change := range map[string]func(url.Values){
		"no code":        func(v url.Values) { v.Del("code") },
		"other code":     func(v url.Values) { v.Set("code", "x") },
		"no state":       func(v url.Values) { v.Del("state") },
		"other provider": func(v url.Values) { v.Set("iss", "https://evil.example") },
		"denied":         func(v url.Values) { v.Del("code"); v.Set("error", "access_denied") },
	} {
		browser, to = begin(t, wo, "/")
		answer = p.agree(t, to)
		change(answer)
		refused(name, browser, answer)
	}
	p.bend = func(c map[string]any) { c["nonce"] = "of another sign-in" }
	browser, to = begin(t, wo, "/")
	refused("nonce", browser, p.agree(t, to))
	for name, bend := range bends {
		p.bend = func(c map[string]any) { bend(p, c) }
		browser, to = begin(t, wo, "/")
		refused(name, browser, p.agree(t, to))
	}
	p.bend = nil
	for name, forge := range forgeries {
		p.sign = forge
		browser, to = begin(t, wo, "/")
		refused(name, browser, p.agree(t, to))
	}
	p.sign = nil
	p.bend = func(c map[string]any) { c["sub"] = "stranger" }
	browser, to = begin(t, wo, "/")
	wants(t, browser.get(ReturnPath+"?"+p.agree(t, to).Encode()), http.StatusForbidden, "denied")
}

// TestCodeOfAnotherBrowser: whoever catches a code cannot use it, for he lacks
// what the sign-in was begun with.
func TestCodeOfAnotherBrowser(t *testing.T) {
	wo, p := withProvider(t)
	_, to := begin(t, wo, "/")
	caught := p.agree(t, to)
	thief, mine := begin(t, wo, "/")
	answer := p.agree(t, mine)
	answer.Set("code", caught.Get("code"))
	wants(t, thief.get(ReturnPath+"?"+answer.Encode()), http.StatusUnauthorized, "sign-in")
}

// TestBearerTokens: a token of the provider lets a program in, and nothing that
// looks like one does (S-15).
func TestBearerTokens(t *testing.T) {
	wo, p := withProvider(t)
	with := func(token string) *httptest.ResponseRecorder {
		return wo.nobody().with("Authorization", "Bearer "+token).get("/trial/personal")
	}
	for _, typ := range []string{"at+jwt", "application/at+jwt", "JWT"} {
		if got := with(p.rs256(map[string]any{"alg": "RS256", "kid": p.kid, "typ": typ}, p.claims("leeway-api"))); got.Code != 200 {
			t.Fatal(typ, got.Code, got.Body)
		}
	}
	if n := len(wo.accesses()); n != 3 {
		t.Errorf("%d of 3 reads on record", n)
	}
	for name, bend := range bends {
		c := p.claims("leeway-api")
		bend(p, c)
		t.Log(name)
		wants(t, with(p.rs256(map[string]any{"alg": "RS256", "kid": p.kid}, c)), http.StatusUnauthorized, "token")
	}
	for name, forge := range forgeries {
		t.Log(name)
		wants(t, with(forge(p, p.claims("leeway-api"))), http.StatusUnauthorized, "token")
	}
	// An identity is made out to the client, and is no key to the API.
	wants(t, with(p.signed(p.claims("leeway"))), http.StatusUnauthorized, "token")
	wants(t, with(p.rs256(map[string]any{"alg": "RS256", "kid": p.kid, "typ": "logout+jwt"}, p.claims("leeway-api"))), http.StatusUnauthorized, "token")
	wants(t, with(strings.Repeat("x", maxToken+1)), http.StatusUnauthorized, "token")
	if strings.Contains(wo.log.String(), "eyJ") {
		t.Error("a token stands in the log")
	}
}

// TestProviderAway: while the provider does not answer nobody is let in, nobody
// is called a forger, and the server starts all the same.
func TestProviderAway(t *testing.T) {
	wo, p := withProvider(t)
	p.broken.Store(true)
	if got := wo.nobody().get(BeginPath); got.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	} else {
		wants(t, got, http.StatusServiceUnavailable, "provider")
	}
	token := p.signed(p.claims("leeway-api"))
	me := func() *httptest.ResponseRecorder {
		return wo.nobody().with("Authorization", "Bearer "+token).get(Base + "/me")
	}
	wants(t, me(), http.StatusServiceUnavailable, "provider")
	p.broken.Store(false)
	wo.sleep(providerRest)
	if got := wo.nobody().get(BeginPath); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}
	p.broken.Store(true) // it goes away between its description and its keys
	wo.sleep(providerRest)
	wants(t, me(), http.StatusServiceUnavailable, "provider")
	browser, to := begin(t, wo, "/")
	wants(t, browser.get(ReturnPath+"?"+p.agree(t, to).Encode()), http.StatusServiceUnavailable, "provider")
	p.broken.Store(false)
	wo.sleep(providerRest)
	if got := me(); got.Code != 200 {
		t.Errorf("back again: %d %s", got.Code, got.Body)
	}
}

// TestKeysChange: new keys are found, and whoever sends keys that there are
// none of does not make the server ask for them each time.
func TestKeysChange(t *testing.T) {
	wo, p := withProvider(t)
	me := func(token string) int {
		return wo.nobody().with("Authorization", "Bearer "+token).get(Base + "/me").Code
	}
	if code := me(p.signed(p.claims("leeway-api"))); code != 200 {
		t.Fatal(code)
	}
	looks := p.looks.Load()
	for range 50 {
		if code := me(forgeries["another key"](p, p.claims("leeway-api"))); code != 401 {
			t.Fatal(code)
		}
	}
	if n := p.looks.Load() - looks; n > 1 {
		t.Errorf("%d looks at the keys for 50 forged tokens", n)
	}
	wo.sleep(providerRest)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p.key, p.kid = key, "k2"
	if code := me(p.signed(p.claims("leeway-api"))); code != 200 {
		t.Errorf("with a new key: %d", code)
	}
}

func TestIdentityIsChecked(t *testing.T) {
	good := Identity{Issuer: "https://id.example.org", Client: "leeway", Address: "https://leeway.example.org", Audience: "api"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Identity){
		"no issuer":        func(i *Identity) { i.Issuer = "" },
		"issuer in clear":  func(i *Identity) { i.Issuer = "http://id.example.org" },
		"address in clear": func(i *Identity) { i.Address = "http://leeway.example.org" },
		"password":         func(i *Identity) { i.Issuer = "https://a:b@id.example.org" },
		"nothing":          func(i *Identity) { i.Client, i.Audience = "", "" },
		"one for both":     func(i *Identity) { i.Audience = i.Client },
		"secret of none":   func(i *Identity) { i.Client, i.Secret = "", "x" },
	} {
		bad := good
		change(&bad)
		if _, err := NewProvider(bad, time.Now); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, local := range []string{"http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"} {
		i := good
		i.Issuer, i.Address = local, local
		if err := i.Check(); err != nil {
			t.Error(local, err)
		}
	}
}

// TestAttemptsAreFew: sign-ins that nobody ends do not fill the memory, and the
// newest go on.
func TestAttemptsAreFew(t *testing.T) {
	now := time.Unix(0, 0)
	a := attempts{now: func() time.Time { return now }}
	first := a.begin(attempt{})
	for range maxAttempts {
		now = now.Add(time.Millisecond)
		a.begin(attempt{})
	}
	last := a.begin(attempt{next: "/last"})
	if _, ok := a.take(first); ok || len(a.by) > maxAttempts {
		t.Errorf("%d attempts, the first among them: %t", len(a.by), ok)
	}
	if got, ok := a.take(last); !ok || got.next != "/last" {
		t.Error("the newest is gone")
	}
}
