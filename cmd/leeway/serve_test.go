package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"leeway/api"
	"leeway/eventstore"
	"leeway/eventstore/memory"
	"leeway/ledger/vault"
)

// quietServer is a server over a store in memory, with its log in a buffer.
func quietServer(t *testing.T, store eventstore.Store) (*server, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s := &session{call: call{err: &log, now: time.Now}}
	sv, err := s.newServer(store, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return sv, &log
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestReadyFollowsTheStore(t *testing.T) {
	store := memory.New()
	sv, _ := quietServer(t, store)
	if _, err := sv.store.Append(t.Context(), noted("s", eventstore.NoStream, 1)); err != nil {
		t.Fatal(err)
	}
	check := func(status int, state, reason string) {
		t.Helper()
		w := get(sv.public.Handler, "/readyz")
		var ready readyJSON
		if err := json.Unmarshal(w.Body.Bytes(), &ready); err != nil {
			t.Fatal(err)
		}
		if w.Code != status || ready.Ready != (status == http.StatusOK) || ready.Store.State != state || !strings.Contains(ready.Store.Reason, reason) {
			t.Errorf("readyz = %d %+v, want %d, %s, %q", w.Code, ready, status, state, reason)
		}
		if alive := get(sv.public.Handler, "/livez"); alive.Code != http.StatusOK {
			t.Errorf("livez = %d", alive.Code)
		}
	}
	check(http.StatusOK, "ok", "")
	store.Damage("s", 0)
	check(http.StatusServiceUnavailable, "unreachable", "damaged")
	sv.store.Store = poisonedStore{store}
	check(http.StatusServiceUnavailable, "poisoned", "no space left")
	if body := get(sv.public.Handler, "/metrics").Body.String(); !strings.Contains(body, "leeway_store_poisoned 1") ||
		!strings.Contains(body, `leeway_appends_total{result="ok"} 1`) || !strings.Contains(body, "leeway_events_appended_total 1") {
		t.Errorf("metrics:\n%s", body)
	}
}

// poisonedStore refuses writes with a reason, as the embedded store does.
type poisonedStore struct{ eventstore.Store }

// Poisoned is why.
func (poisonedStore) Poisoned() error { return errors.New("commit: no space left on device") }

// TestRequestsStandInTheLog: each has an id, one line, and no query.
func TestRequestsStandInTheLog(t *testing.T) {
	sv, log := quietServer(t, memory.New())
	own := get(sv.public.Handler, "/nothing?name=%E5%BC%A0", "X-Request-Id", "req-12345678")
	forged := get(sv.public.Handler, "/nothing", "X-Request-Id", "x\n{\"level\":\"ERROR\"}")
	if own.Header().Get("X-Request-Id") != "req-12345678" || strings.Contains(forged.Header().Get("X-Request-Id"), "level") {
		t.Errorf("request ids %q and %q", own.Header().Get("X-Request-Id"), forged.Header().Get("X-Request-Id"))
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || strings.Contains(log.String(), "%E5") || strings.Contains(log.String(), "张") {
		t.Errorf("the log has %d lines, or the query:\n%s", len(lines), log)
	}
	for _, l := range lines {
		var line struct {
			Request, Method, Path string
			Status                int
		}
		if err := json.Unmarshal([]byte(l), &line); err != nil || line.Status != 404 || line.Path != "/nothing" || line.Request == "" {
			t.Errorf("%s: %v", l, err)
		}
	}
}

func TestHandlerThatFailsTellsNothing(t *testing.T) {
	sv, log := quietServer(t, memory.New())
	h := api.Logged(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret of the house") }), sv.log, sv.metrics.request)
	w := get(h, "/")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") || !strings.Contains(log.String(), "secret of the house") {
		t.Errorf("%d %s\n%s", w.Code, w.Body, log)
	}
}

func TestServersHaveEveryTimeLimit(t *testing.T) {
	sv, _ := quietServer(t, memory.New())
	for name, h := range map[string]*http.Server{"public": sv.public, "local": sv.local} {
		if h.ReadHeaderTimeout == 0 || h.ReadTimeout == 0 || h.WriteTimeout == 0 || h.IdleTimeout == 0 || h.MaxHeaderBytes == 0 {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

func TestOpenAddressNeedsACertificate(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(key, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		address, certificate, key string
		ok                        bool
		is                        error
	}{
		{address: "127.0.0.1:0", ok: true},
		{address: "localhost:0", ok: true},
		{address: "[::1]:0", ok: true},
		{address: "0.0.0.0:0"},
		{address: ":0"},
		{address: "db.example:1"},
		{address: "127.0.0.1"},
		{address: "0.0.0.0:0", certificate: key, key: key, is: vault.ErrExposed},
		{address: "0.0.0.0:0", certificate: key, key: key + ".none"},
	} {
		env := map[string]string{"LEEWAY_SERVER_LISTEN": c.address, "LEEWAY_SERVER_CERTIFICATE": c.certificate, "LEEWAY_SERVER_KEY": c.key}
		s := underConfig(t, "", "", 0, env)
		conf, err := s.configured()
		if err != nil {
			t.Fatal(err)
		}
		if _, err = s.listenable(conf); (err == nil) != c.ok || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s with %q: %v, want well: %t", c.address, c.certificate, err, c.ok)
		}
	}
}

// A running is a server in a process of its own.
type running struct {
	*exec.Cmd
	dir, address, socket string
	pid                  int
	log                  chan string // what it said, closed when it has ended
}

// startServer runs "leeway serve" on a data folder and waits until it serves.
// A command may be given that runs the program named behind it.
func startServer(t *testing.T, dir string, command ...string) *running {
	t.Helper()
	r := tryServer(t, dir, command...)
	if r == nil {
		t.Fatalf("%v does not serve", command)
	}
	return r
}

// tryServer is startServer where the server may end before it serves: nil.
func tryServer(t *testing.T, dir string, command ...string) *running {
	t.Helper()
	r := &running{dir: dir, socket: filepath.Join(dir, "run", "leeway.sock"), log: make(chan string, 1000)}
	if len(command) == 0 {
		command = []string{"leeway"}
	}
	command = append(command, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	r.Cmd = exec.Command(command[0], command[1:]...)
	errs, err := r.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.kill() })
	go func() {
		defer close(r.log)
		lines := bufio.NewScanner(errs)
		for lines.Scan() {
			r.log <- lines.Text()
		}
	}()
	for line := range r.log {
		var said struct {
			Msg, Address string
			PID          int
		}
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "serving" {
			r.address, r.pid = said.Address, said.PID
			return r
		}
		t.Log(line)
	}
	t.Logf("%v has ended: %v", command, r.Wait())
	return nil
}

// kill ends the server as a power cut would end it, and waits. It is the
// server itself that is killed: what runs it ends by itself then.
func (r *running) kill() {
	if p, err := os.FindProcess(r.pid); err == nil && r.ProcessState == nil {
		p.Kill()
	}
	for range r.log {
	}
	r.Wait()
}

// append is a store that appends through the server and reads its file.
func (r *running) store(t *testing.T) *remote {
	t.Helper()
	reads, err := (&session{call: call{env: os.Getenv}}).openStore(r.dir, false)
	if err != nil {
		t.Fatal(err)
	}
	store := newRemote(r.socket, reads)
	store.patience = 0
	t.Cleanup(func() { store.Close() })
	return store
}

func (r *running) get(t *testing.T, path string) (int, string) {
	t.Helper()
	res, err := http.Get("http://" + r.address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// TestGracefulStop: told to stop under load, the server finishes what is under
// way within ten seconds and ends well; every append that was acknowledged is
// there, and a restart finds nothing to mend.
func TestGracefulStop(t *testing.T) {
	dir := socketDir(t)
	r := startServer(t, dir)
	load := startWriters(r.store(t), 8, 0)
	load.atLeast(t, 50)
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		for range r.log {
		}
		ended <- r.Wait()
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("serve ended with %v, want exit code 0", err)
		}
	case <-time.After(10*time.Second + 5*time.Second*slowness):
		t.Fatal("serve did not end")
	}
	checkAcked(t, dir, load.stop())
	if _, err := os.Stat(r.socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}

// slowness stretches the patience of tests on busy machines.
const slowness = 4

// TestCommandsWriteThroughTheServer: an import beside a server goes through
// it, and a second server is refused.
func TestCommandsWriteThroughTheServer(t *testing.T) {
	dir := socketDir(t)
	r := startServer(t, dir)
	if got := leeway(t, "import", "--data", dir, sampleCase); got.code != 0 {
		t.Fatal(got)
	}
	if got := leeway(t, "import", "--data", dir, sampleCase); got.code != 0 || !strings.Contains(got.out, "已在案 1 件") {
		t.Errorf("again: %v", got)
	}
	if _, metrics := r.get(t, "/metrics"); !strings.Contains(metrics, `leeway_appends_total{result="ok"}`) {
		t.Errorf("the server has carried out no append:\n%s", metrics)
	}
	if got := leeway(t, "serve", "--data", dir, "--listen", "127.0.0.1:0"); got.code != exitStore {
		t.Errorf("a second server: %v, want code %d", got, exitStore)
	}
	if got := leeway(t, "doctor", "--data", dir, "--lang", "en"); !strings.Contains(got.out, "done by the running server") {
		t.Errorf("doctor: %v", got)
	}
}

func TestServerStopsWhenItsContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := socketDir(t)
	var log bytes.Buffer
	code := make(chan int, 1)
	c := call{args: []string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, out: io.Discard, err: &log, env: func(string) string { return "" }, now: time.Now}
	go func() { code <- run(ctx, c) }()
	for {
		if _, err := askServer(t.Context(), filepath.Join(dir, "run", "leeway.sock")); err == nil {
			break
		}
		select {
		case n := <-code:
			t.Fatalf("serve ended with %d:\n%s", n, &log)
		case <-time.After(5 * time.Millisecond):
		}
	}
	cancel()
	if n := <-code; n != 0 || !strings.Contains(log.String(), `"stopped"`) {
		t.Errorf("serve ended with %d:\n%s", n, &log)
	}
}
