//go:build unix

package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"leeway/eventstore"
)

// TestFullDisk: under load the system refuses to make files larger, as a full
// disk does. The store says why it takes no more, on every way there is to
// ask; what it holds can be read; and a restart with room has everything that
// was acknowledged, and goes on.
func TestFullDisk(t *testing.T) {
	dir := socketDir(t)
	// 2 MiB in the blocks of a POSIX shell; its log of changes grows past it.
	r := startServer(t, dir, "sh", "-c", `ulimit -f 4096; exec leeway "$@"`, "sh")
	l := startWriters(r.store(t), 8, 0).wait()
	if !errors.Is(l.err, eventstore.ErrPoisoned) {
		t.Fatalf("the writers ended with %v, want ErrPoisoned", l.err)
	}
	checkPoisoned(t, r)
	checkAcked(t, dir, l)
	r.kill()

	again := startServer(t, dir)
	checkAcked(t, dir, l)
	if _, err := again.store(t).Append(t.Context(), noted("after", eventstore.NoStream, 1<<44)); err != nil {
		t.Errorf("Append after the restart = %v", err)
	}
	if code, body := again.get(t, "/readyz"); code != http.StatusOK {
		t.Errorf("readyz after the restart = %d %s", code, body)
	}
}

// checkPoisoned asks a server that refuses writes in every way there is.
func checkPoisoned(t *testing.T, r *running) {
	t.Helper()
	code, body := r.get(t, "/readyz")
	if code != http.StatusServiceUnavailable || !strings.Contains(body, `"state":"poisoned"`) || !strings.Contains(body, `"reason":"2`) {
		t.Errorf("readyz = %d %s, want 503 with the reason", code, body)
	}
	if code, _ := r.get(t, "/livez"); code != http.StatusOK {
		t.Errorf("livez = %d", code)
	}
	if _, body := r.get(t, "/metrics"); !strings.Contains(body, "leeway_store_poisoned 1") {
		t.Error("the metrics do not say that the store is poisoned")
	}
	if _, err := r.store(t).Append(t.Context(), noted("x", eventstore.NoStream, 1<<45)); !errors.Is(err, eventstore.ErrPoisoned) {
		t.Errorf("Append = %v, want ErrPoisoned", err)
	}
	if got := leeway(t, "import", "--data", r.dir, sampleCase); got.code != exitStore || !strings.Contains(got.errors, "重新启动") {
		t.Errorf("import: %v, want code %d and what to do", got, exitStore)
	}
	if got := leeway(t, "doctor", "--data", r.dir, "--lang", "en"); got.code != exitFailed || !strings.Contains(got.out, "refuses writes") {
		t.Errorf("doctor: %v", got)
	}
	if got := leeway(t, "case", "list", "--data", r.dir); got.code != 0 {
		t.Errorf("reading: %v", got)
	}
}
