package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"leeway/api"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
)

// heard is what a command that goes on has printed so far.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.String()
}

// TestDemoServes: the demo says where it is served, everybody it lists can sign
// in, and it ends when it is told to.
func TestDemoServes(t *testing.T) {
	dir := socketDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out, errs heard
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, call{args: []string{"demo", "--data", dir, "--listen", "127.0.0.1:0"}, out: &out, err: &errs, env: func(string) string { return "" }, now: time.Now})
	}()
	at := regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)
	for !strings.Contains(out.String(), "Ctrl-C") {
		select {
		case n := <-code:
			t.Fatalf("the demo ended with %d:\n%s", n, errs.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	base := at.FindString(out.String())
	var had []api.Role
	for _, p := range demoStaff {
		had = append(had, p.Roles...)
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := browser.PostForm(base+"/session/demo", url.Values{"subject": {p.Subject}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res, err = browser.Get(base + api.Base + "/me"); err != nil {
			t.Fatal(err)
		}
		var me struct {
			Person string
			Demo   bool
		}
		err = json.NewDecoder(res.Body).Decode(&me)
		res.Body.Close()
		if p.Roles[0] == api.Auditor {
			if said := pageText(t, browser, base+"/audit/case?case=F2"); !strings.Contains(said, "该日最后的检查点含") {
				t.Errorf("the page of a case does not say what proves it:\n%s", said)
			}
		}
		browser.CloseIdleConnections()
		if err != nil || me.Person != p.Actor.Person || !me.Demo || res.Header.Get("Leeway-Demo") == "" {
			t.Errorf("%s is %+v, %v", p.Subject, me, err)
		}
	}
	for _, role := range api.Roles() {
		if !slices.Contains(had, role) || !strings.Contains(out.String(), role.Title().ZH) {
			t.Errorf("nobody can sign in as %s, or it is not said", role)
		}
	}
	if r := leeway(t, "demo", "--data", dir); r.code != 0 || !strings.Contains(r.out, "不再另行启动") {
		t.Errorf("a second demo on the folder: %d %s%s", r.code, r.out, r.errors)
	}
	cancel()
	if n := <-code; n != 0 {
		t.Errorf("the demo ended with %d:\n%s", n, errs.String())
	}
	reviewsStand(t, dir)
}

// reviewsStand holds that the samples have a review at every stage.
func reviewsStand(t *testing.T, dir string) {
	t.Helper()
	s := &session{ctx: t.Context(), call: call{env: func(string) string { return "" }, now: time.Now}, dir: dir, samples: true}
	err := s.reading(func(desk *casework.Service) error {
		head := s.actor(desk, "h1")
		at := map[review.Stage]bool{}
		for _, x := range append([]standing{{id: demoReviewID, stage: review.StageFiled}}, standings...) {
			r, err := head.review(x.id)
			if err != nil {
				return err
			}
			if r.Stage() != x.stage {
				t.Errorf("%s stands at %s, want %s", x.id, r.Stage(), x.stage)
			}
			at[x.stage] = true
		}
		if len(at) != 11 {
			t.Errorf("reviews at %d of 11 stages", len(at))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// pageText is a page as it stands at an address.
func pageText(t *testing.T, browser *http.Client, address string) string {
	t.Helper()
	res, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v", address, res.StatusCode, err)
	}
	return string(text)
}

// TestDemoIsNotForOthers: it listens to this machine alone, whatever the server
// is configured as, and "serve" has no such logins (S-16).
func TestDemoIsNotForOthers(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0"} {
		if r := leeway(t, "demo", "--data", t.TempDir(), "--listen", address); r.code == 0 || !strings.Contains(r.errors, address) || r.out != "" {
			t.Errorf("on %s: %d %s", address, r.code, r.errors)
		}
	}
	s := underConfig(t, "", "", 0, map[string]string{"LEEWAY_STORE_KIND": "esdb", "LEEWAY_PROJECTIONS_DATABASE": "postgres://db.example/leeway",
		"LEEWAY_SERVER_CERTIFICATE": "/c", "LEEWAY_SERVER_KEY": "/k", "LEEWAY_IDENTITY_ISSUER": "https://id.example.org"})
	c, err := s.demoConfig("/demo", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"server.certificate", "server.key", "identity.issuer"} {
		if c.get(key) != "" {
			t.Errorf("%s of the server is the demo's: %s", key, c.get(key))
		}
	}
	if c.server() || !strings.HasPrefix(c.get("projections.database"), "/demo") || !strings.HasPrefix(c.get("keys"), "/demo") {
		t.Error("the demo would write into the records of a server")
	}
	r := startServer(t, socketDir(t))
	res, err := http.PostForm("http://"+r.address+"/session/demo", url.Values{"subject": {"w3"}})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound || res.Header.Get("Leeway-Demo") != "" {
		t.Errorf("serve answers a demo login with %d %s", res.StatusCode, body)
	}
}

// TestProviderSettings: a provider is taken from the settings whole, or refused
// with the setting that is wrong.
func TestProviderSettings(t *testing.T) {
	good := map[string]string{"LEEWAY_IDENTITY_ISSUER": "https://id.example.org", "LEEWAY_IDENTITY_CLIENT": "leeway",
		"LEEWAY_SERVER_ADDRESS": "https://leeway.example.org", "LEEWAY_IDENTITY_AUDIENCE": "leeway-api"}
	try := func(change map[string]string) (*api.Provider, error) {
		env := map[string]string{}
		for k, v := range good {
			env[k] = v
		}
		for k, v := range change {
			env[k] = v
		}
		s := underConfig(t, "", "", 0, env)
		c, err := s.configured()
		if err != nil {
			t.Fatal(err)
		}
		if inTheClear(c, false) != !strings.HasPrefix(env["LEEWAY_SERVER_ADDRESS"], "https:") || inTheClear(c, true) {
			t.Errorf("in the clear: %t", inTheClear(c, false))
		}
		return s.provider(c)
	}
	if p, err := try(nil); err != nil || p.Client != "leeway" || p.Audience != "leeway-api" {
		t.Fatal(p, err)
	}
	none := map[string]string{}
	for k := range good {
		none[k] = ""
	}
	if p, err := try(none); p != nil || err != nil {
		t.Errorf("without settings: %v, %v", p, err)
	}
	for at, change := range map[string]map[string]string{
		"LEEWAY_IDENTITY_ISSUER":   {"LEEWAY_IDENTITY_ISSUER": "http://id.example.org"},
		"LEEWAY_IDENTITY_CLIENT":   {"LEEWAY_IDENTITY_ISSUER": ""},
		"LEEWAY_SERVER_ADDRESS":    {"LEEWAY_SERVER_ADDRESS": "http://leeway.example.org"},
		"LEEWAY_IDENTITY_AUDIENCE": {"LEEWAY_IDENTITY_AUDIENCE": "leeway"},
	} {
		var own *problem
		if _, err := try(change); !asProblem(err, &own) || own.where != at || own.err != domain.ErrInvalid {
			t.Errorf("%v: %v", change, err)
		}
	}
}

func asProblem(err error, own **problem) bool {
	p, ok := err.(*problem)
	*own = p
	return ok
}
