package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"leeway/eventstore"
	"leeway/eventstore/memory"
	"leeway/ledger"
)

// TestReadyFollowsTheSealer puts a server over a store and its log and turns the
// clock. While it seals, nothing is unsealed for a second; when the sealer stands
// still the server goes on, and is not ready from 60 s on; when it is back, so is
// the server.
func TestReadyFollowsTheSealer(t *testing.T) {
	store, dir := memory.New(), t.TempDir()
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	sv, _ := quietServer(t, store)
	s := &session{ctx: t.Context(), call: call{now: now}}
	log, err := s.openLog(dir, sv.store, ledger.Access{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	sv.ledger = log
	check := func(when, state string, atLeast float64) {
		t.Helper()
		w := get(sv.public.Handler, "/readyz")
		var ready readyJSON
		if err := json.Unmarshal(w.Body.Bytes(), &ready); err != nil {
			t.Fatal(err)
		}
		good := state == "ok"
		if ready.Ready != good || (w.Code == http.StatusOK) != good || ready.Store.State != "ok" || ready.Ledger == nil || ready.Ledger.State != state || ready.Ledger.Unsealed < atLeast {
			t.Errorf("%s: %d %s", when, w.Code, w.Body)
		}
		if alive := get(sv.public.Handler, "/livez"); alive.Code != http.StatusOK {
			t.Errorf("%s: livez = %d", when, alive.Code)
		}
	}
	metric := func(want string) {
		t.Helper()
		if body := get(sv.public.Handler, "/metrics").Body.String(); !strings.Contains(body, want) {
			t.Errorf("no %s among\n%s", want, body)
		}
	}
	appends := int64(0)
	appended := func() {
		t.Helper()
		appends++
		if _, err := sv.store.Append(t.Context(), noted("s", appends-1+eventstore.NoStream, appends)); err != nil {
			t.Fatal(err)
		}
	}
	check("empty", "ok", 0)
	stop := sv.startSealer()
	appended()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		st, err := log.Status(t.Context())
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("never sealed: %+v, %v", st, err)
		}
		if st.Sealed == 1 && st.Age == 0 {
			break
		}
	}
	ahead.Store(int64(time.Hour)) // at rest an hour is nothing
	check("at rest", "ok", 0)
	metric("leeway_ledger_unsealed_seconds 0")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	ahead.Store(0)
	appended()
	ahead.Store(int64(59 * time.Second))
	check("just before", "ok", 59)
	ahead.Store(int64(61 * time.Second))
	check("just behind", "behind", 61)
	metric("leeway_ledger_unsealed_seconds 61")
	appended() // decisions go on
	if err := sv.startSealer()(); err != nil {
		t.Fatal(err)
	}
	check("sealed again", "ok", 0)
}
