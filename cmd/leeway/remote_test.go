package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/names"
	"leeway/eventstore"
	"leeway/eventstore/memory"
	"leeway/eventstore/storetest"
	"leeway/ledger"
	"leeway/ledger/vault"
)

// socketDir is a folder for sockets, closed to others and with a short name:
// the path of a socket may not be long.
func socketDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "lw-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// overServer serves the appends of a store on a socket until stop is called or
// the test ends.
func overServer(t testing.TB, store eventstore.Store, socket string) (sv *server, stop func()) {
	t.Helper()
	s := &session{call: call{err: io.Discard, now: time.Now}}
	sv, err := s.newServer(store, filepath.Dir(socket))
	if err != nil {
		t.Fatal(err)
	}
	l, err := listenSocket(socket)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- sv.local.Serve(l) }()
	stop = func() {
		sv.local.Close()
		<-done
		done <- nil // it may be called again
	}
	t.Cleanup(stop)
	return sv, stop
}

// TestRemoteKeepsTheContract: whoever appends through the server cannot tell.
func TestRemoteKeepsTheContract(t *testing.T) {
	storetest.Run(t, storetest.Adapter{
		Open: func(t testing.TB, _ string) eventstore.Store {
			store, socket := memory.New(), filepath.Join(socketDir(t), "s")
			overServer(t, store, socket)
			return newRemote(socket, store)
		},
		Damage: func(_ testing.TB, _ string, s eventstore.Store, at eventstore.Recorded) {
			s.(*remote).Store.(*memory.Store).Damage(at.Stream, at.Revision)
		},
		Volatile: true,
	})
}

// severed appends and then answers nothing, as a server that dies between the
// two does.
type severed struct {
	eventstore.Store
	cut func()
}

func (s *severed) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	last, err := s.Store.Append(ctx, b)
	if s.cut != nil {
		go s.cut() // waits for this very request otherwise
		<-ctx.Done()
		s.cut = nil
	}
	return last, err
}

// TestAppendThatLostItsAnswerIsRecordedOnce: the server dies after the append
// and before the answer; the batch is sent to the next one, which knows it.
func TestAppendThatLostItsAnswerIsRecordedOnce(t *testing.T) {
	store, socket := memory.New(), filepath.Join(socketDir(t), "s")
	dying := &severed{Store: store}
	_, stop := overServer(t, dying, socket)
	restarted := make(chan struct{})
	dying.cut = func() {
		stop()
		overServer(t, store, socket)
		close(restarted)
	}
	r := newRemote(socket, store)
	defer r.Close()
	last, err := r.Append(t.Context(), noted("s", eventstore.NoStream, 1))
	if err != nil || last != 0 {
		t.Errorf("Append = %d, %v, want 0", last, err)
	}
	<-restarted
	n := 0
	for _, err := range store.All(t.Context(), eventstore.Start) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d events are on record, want 1", n)
	}
}

func TestServerThatIsGoneEndsTheWait(t *testing.T) {
	store, socket := memory.New(), filepath.Join(socketDir(t), "s")
	_, stop := overServer(t, store, socket)
	r := newRemote(socket, store)
	r.patience = 0
	defer r.Close()
	stop()
	if _, err := r.Append(t.Context(), noted("s", eventstore.NoStream, 1)); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("Append = %v, want ErrClosed", err)
	}
	if _, err := askServer(t.Context(), socket); !errors.Is(err, errNoServer) {
		t.Errorf("askServer = %v, want errNoServer", err)
	}
}

// TestReasonsCrossTheSocket: a poisoned store says why, on both ends.
func TestReasonsCrossTheSocket(t *testing.T) {
	store, socket := memory.New(), filepath.Join(socketDir(t), "s")
	overServer(t, store, socket)
	store.Poison(errors.New("the disk is gone"))
	r := newRemote(socket, store)
	defer r.Close()
	_, err := r.Append(t.Context(), noted("s", eventstore.NoStream, 1))
	if !errors.Is(err, eventstore.ErrPoisoned) {
		t.Errorf("Append = %v, want ErrPoisoned", err)
	}
	for _, known := range wireErrors {
		sent := newWireAnswer(0, errors.Join(errors.New("x"), known.is))
		if got := sent.err(); !errors.Is(got, known.is) || got.Error() != sent.Error {
			t.Errorf("%s came over as %v", known.name, got)
		}
	}
	sent := newWireAnswer(0, domain.Deny(ledger.ErrUntrusted, "the policy names no witness %q", "ask the witnesses to sign it", "w"))
	if said, ok := names.Explain(sent.err(), "zh"); !ok || said.Wrong != "策略文件没有见证方“w”" || said.Mend != "请见证方签署" || !errors.Is(sent.err(), ledger.ErrUntrusted) {
		t.Errorf("a refusal in words came over as %+v", said)
	}
	if got := newWireAnswer(0, errors.New("something else")).err(); got == nil || got.Error() != "something else" {
		t.Errorf("an error without a name came over as %v", got)
	}
}

func TestSocketInAnOpenFolderIsNotTrusted(t *testing.T) {
	dir := socketDir(t)
	socket := filepath.Join(dir, "s")
	_, stop := overServer(t, memory.New(), socket)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := askServer(t.Context(), socket); !errors.Is(err, vault.ErrExposed) {
		t.Errorf("askServer = %v, want ErrExposed", err)
	}
	stop()
	if l, err := listenSocket(socket); !errors.Is(err, vault.ErrExposed) {
		t.Errorf("listenSocket = %v, %v, want ErrExposed", l, err)
	}
}

func TestSecondServerLeavesTheSocketAlone(t *testing.T) {
	socket := filepath.Join(socketDir(t), "s")
	sv, _ := overServer(t, memory.New(), socket)
	if _, err := listenSocket(socket); !errors.Is(err, eventstore.ErrLocked) {
		t.Errorf("the second server: %v, want ErrLocked", err)
	}
	state, err := askServer(t.Context(), socket)
	if err != nil || state.PID != os.Getpid() || state.Data != sv.state.Data {
		t.Errorf("askServer = %+v, %v", state, err)
	}
}
