package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// ReturnPath is where the identity provider sends a browser back to. It is
// registered there together with the address of this server.
const ReturnPath = "/session/return"

// algorithms are those that a token may be signed with. Neither "none" nor
// anything symmetric is among them: a public key would be the secret.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

// Limits of what is asked of the provider.
const (
	providerTime = 5 * time.Second
	providerRest = 10 * time.Second // between two looks at its documents
	providerSize = 1 << 20          // bytes of one answer
	maxToken     = 16 << 10         // bytes of a token
)

// Errors of proving who somebody is.
var (
	// errProvider says that the provider does not answer: nobody is refused,
	// and nobody let in.
	errProvider = errors.New("the identity provider cannot be reached")
	// errSignIn says that a sign-in did not come to its end.
	errSignIn = errors.New("sign-in failed")
)

// Identity says with which OpenID Connect provider people prove who they are.
type Identity struct {
	Issuer   string // its URL, to the letter as its discovery document has it
	Client   string // id of this server there; none: nobody signs in by browser
	Secret   string // of the client; none: a public client, which PKCE protects
	Address  string // where browsers reach this server, such as https://leeway.example.org
	Audience string // that bearer tokens are made out to; none: there are no tokens
}

// Check refuses what would not be safe or could not work. The error wraps
// domain.ErrInvalid.
func (i Identity) Check() error {
	switch {
	case !trustworthy(i.Issuer):
		return fault("issuer", "%q is not an https address", "give the issuer of the provider's discovery document", i.Issuer)
	case i.Client == "" && i.Audience == "":
		return fault("client", "neither a client nor an audience is given", "give a client for browsers, an audience for programs, or both")
	case i.Client != "" && !trustworthy(i.Address):
		return fault("address", "%q is not an https address", "give the address at which browsers reach this server", i.Address)
	case i.Client == "" && i.Secret != "":
		return fault("client", "there is a secret of no client", "give the client that the secret is of")
	case i.Client != "" && i.Client == i.Audience:
		// A token that tells the client who signed in would be one that lets a
		// program in.
		return fault("audience", "client and audience are the same", "give the API an audience of its own at the provider")
	}
	return nil
}

// trustworthy reports whether an address is https, or http on this machine.
func trustworthy(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// A Provider is an OpenID Connect provider as this server uses it. It is looked
// up when it is first needed: one that is away keeps no server from starting.
// Its methods may be called from many goroutines.
type Provider struct {
	Identity
	now    func() time.Time
	client *http.Client

	mu    sync.Mutex
	found *oidc.Provider
	keys  oidc.KeySet
	tried time.Time
	err   error
}

// NewProvider checks what is said of a provider.
func NewProvider(i Identity, now func() time.Time) (*Provider, error) {
	if err := i.Check(); err != nil {
		return nil, err
	}
	i.Address = strings.TrimRight(i.Address, "/")
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = 64 << 10
	return &Provider{Identity: i, now: now, client: &http.Client{Timeout: providerTime, Transport: &sparing{next: transport, now: now}}}, nil
}

// Close gives the connections to the provider back.
func (p *Provider) Close() { p.client.CloseIdleConnections() }

// discover is the provider's own description. A failure is not asked for again
// at once.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	if p.err != nil && p.now().Sub(p.tried) < providerRest {
		return nil, p.err
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerTime)
	defer cancel()
	found, err := oidc.NewProvider(oidc.ClientContext(asking, p.client), p.Issuer)
	var says struct {
		Keys string `json:"jwks_uri"`
	}
	if err == nil {
		err = found.Claims(&says)
	}
	p.tried = p.now()
	if err != nil {
		p.err = fmt.Errorf("%w: %w", errProvider, err)
		return nil, p.err
	}
	p.keys = oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), p.client), says.Keys)
	p.found, p.err = found, nil
	return found, nil
}

// verify checks a token of the provider that is made out to somebody.
func (p *Provider) verify(ctx context.Context, token, audience string) (*oidc.IDToken, error) {
	if _, err := p.discover(ctx); err != nil {
		return nil, err
	}
	if len(token) > maxToken {
		return nil, errors.New("token is too long")
	}
	set := &keys{KeySet: p.keys}
	t, err := oidc.NewVerifier(p.Issuer, set, &oidc.Config{ClientID: audience, SupportedSigningAlgs: algorithms, Now: p.now}).Verify(ctx, token)
	if unreached := new(url.Error); errors.As(set.err, &unreached) {
		return nil, fmt.Errorf("%w: %w", errProvider, set.err)
	}
	if err == nil && t.Subject == "" {
		err = errors.New("token names no subject")
	}
	return t, err
}

// keys are the keys of the provider for one token. They remember why they did
// not open it: what the verifier says no longer tells a forged token from a
// provider that is away.
type keys struct {
	oidc.KeySet
	err error
}

// VerifySignature implements oidc.KeySet.
func (k *keys) VerifySignature(ctx context.Context, token string) (payload []byte, err error) {
	payload, err = k.KeySet.VerifySignature(ctx, token)
	k.err = err
	return payload, err
}

// Subject implements Tokens.
func (p *Provider) Subject(ctx context.Context, token string) (string, time.Time, error) {
	if p.Audience == "" {
		return "", time.Time{}, errors.New("no audience is configured")
	}
	if typ := typeOf(token); !slices.Contains([]string{"at+jwt", "application/at+jwt", "jwt", ""}, typ) {
		return "", time.Time{}, fmt.Errorf("token is of the type %.40q", typ)
	}
	t, err := p.verify(ctx, token, p.Audience)
	if err != nil {
		return "", time.Time{}, err
	}
	return t.Subject, t.Expiry, nil
}

// typeOf is what the header of a token says of its type, in small letters.
func typeOf(token string) string {
	head, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	var header struct {
		Type string `json:"typ"`
	}
	if err != nil || len(head) > maxToken || json.Unmarshal(text, &header) != nil {
		return "?"
	}
	return strings.ToLower(header.Type)
}

// flow is this server's side of the code flow.
func (p *Provider) flow(ctx context.Context) (*oauth2.Config, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	return &oauth2.Config{ClientID: p.Client, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: p.Address + ReturnPath, Scopes: []string{oidc.ScopeOpenID}}, nil
}

// exchange hands in the code of a sign-in and gives whom it stands for.
func (p *Provider) exchange(ctx context.Context, code string, a attempt) (string, error) {
	flow, err := p.flow(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, providerTime)
	defer cancel()
	got, err := flow.Exchange(oidc.ClientContext(ctx, p.client), code, oauth2.VerifierOption(a.verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError:
		return "", fmt.Errorf("%w: the provider does not take the code (%.40q)", errSignIn, refused.ErrorCode)
	case errors.As(err, &refused):
		return "", fmt.Errorf("%w: it answered %d", errProvider, refused.Response.StatusCode)
	case err != nil:
		return "", fmt.Errorf("%w: %w", errProvider, err)
	}
	raw, _ := got.Extra("id_token").(string)
	t, err := p.verify(ctx, raw, p.Client)
	switch {
	case errors.Is(err, errProvider):
		return "", err
	case err != nil:
		return "", fmt.Errorf("%w: %w", errSignIn, err)
	case !same(t.Nonce, a.nonce):
		return "", fmt.Errorf("%w: the identity is of another sign-in", errSignIn)
	}
	return t.Subject, nil
}

// sparing asks for the same document of the provider no more often than every
// providerRest: whoever sends tokens with keys that there are none of must not
// make this server call on the provider each time.
type sparing struct {
	next http.RoundTripper
	now  func() time.Time

	mu   sync.Mutex
	seen map[string]document
}

type document struct {
	at     time.Time
	status int
	header http.Header
	body   []byte
	err    error
}

// RoundTrip implements http.RoundTripper.
func (s *sparing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		res, err := s.next.RoundTrip(r)
		if err == nil {
			res.Body = struct {
				io.Reader
				io.Closer
			}{io.LimitReader(res.Body, providerSize), res.Body}
		}
		return res, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := r.URL.String()
	d, ok := s.seen[key]
	if !ok || s.now().Sub(d.at) >= providerRest {
		d = s.ask(r)
		if s.seen == nil {
			s.seen = map[string]document{}
		}
		s.seen[key] = d
	}
	if d.err != nil {
		return nil, d.err
	}
	return &http.Response{Status: http.StatusText(d.status), StatusCode: d.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: d.header.Clone(), Body: io.NopCloser(bytes.NewReader(d.body)), ContentLength: int64(len(d.body)), Request: r}, nil
}

func (s *sparing) ask(r *http.Request) document {
	res, err := s.next.RoundTrip(r)
	if err != nil {
		return document{at: s.now(), err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, providerSize))
	if res.StatusCode >= http.StatusInternalServerError {
		err = fmt.Errorf("it answered %d", res.StatusCode)
	}
	return document{s.now(), res.StatusCode, res.Header, body, err}
}
