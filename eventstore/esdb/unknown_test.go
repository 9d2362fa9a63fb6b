package esdb

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"leeway/eventstore"
	"leeway/eventstore/esdbserver"
	"leeway/eventstore/memory"
	"leeway/eventstore/sqlite"
)

// harness is a store behind a proxy whose answers can be swallowed.
type harness struct {
	t     *testing.T
	dir   string
	below eventstore.Store
	node  *node
	proxy *proxy
	store *Store
}

func newHarness(t *testing.T, o esdbserver.Options) *harness {
	h := &harness{t: t, dir: t.TempDir()}
	h.below = openSQLite(t, h.dir)
	h.node = startNode(t, h.below, o)
	h.proxy = startProxy(t, h.node.address, calm)
	h.store = openAt(t, h.proxy.address())
	t.Cleanup(func() {
		h.store.Close()
		h.node.stop()
		h.below.Close()
	})
	return h
}

// restart restarts everything: the store, the server and what it serves.
func (h *harness) restart() {
	h.t.Helper()
	h.store.Close()
	h.node.stop()
	if err := h.below.Close(); err != nil {
		h.t.Fatal(err)
	}
	below, err := sqlite.Open(filepath.Join(h.dir, "events.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.below, h.node.store = below, below
	h.node.start()
	h.store = openAt(h.t, h.proxy.address())
}

// onRecord waits until so many events are on record below.
func (h *harness) onRecord(n int) {
	h.t.Helper()
	for range 500 {
		if len(mustCollect(h.t, h.below.All(h.t.Context(), eventstore.Start))) == n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Fatalf("%d events are not on record", n)
}

// loseAnswer appends a batch of which the answer gets lost after it was
// committed, and returns what the caller is told when the network is back, or
// never is for him.
func (h *harness) loseAnswer(b eventstore.Batch, back bool) (int64, error) {
	h.t.Helper()
	before := len(mustCollect(h.t, h.below.All(h.t.Context(), eventstore.Start)))
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	defer cancel()
	type answer struct {
		last int64
		err  error
	}
	answered := make(chan answer, 1)
	h.proxy.mute(true)
	go func() {
		last, err := h.store.Append(ctx, b)
		answered <- answer{last, err}
	}()
	h.onRecord(before + len(b.Events))
	if back {
		h.proxy.mute(false)
	} else {
		cancel()
	}
	h.proxy.cut()
	a := <-answered
	h.proxy.mute(false)
	return a.last, a.err
}

// TestAnswerLost: the connection is cut after the commit and before the
// answer. The append finds out by itself; and whoever was told that it is not
// known finds out by sending the command again, three times and after a
// restart too. There is one event in the end.
func TestAnswerLost(t *testing.T) {
	for _, forgetful := range []bool{false, true} {
		for _, expected := range []int64{eventstore.NoStream, 0} {
			for _, back := range []bool{true, false} {
				name := fmt.Sprintf("forgetful=%v/expected=%d/back=%v", forgetful, expected, back)
				t.Run(name, func(t *testing.T) { testAnswerLost(t, forgetful, expected, back) })
			}
		}
	}
}

func testAnswerLost(t *testing.T, forgetful bool, expected int64, back bool) {
	h := newHarness(t, esdbserver.Options{Forgetful: forgetful})
	if expected == eventstore.NoStream {
		if err := h.store.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
	} else {
		mustAppend(t, h.store, batch("s", eventstore.NoStream, "before"))
	}
	b := batch("s", expected, "x", "y")
	last, err := h.loseAnswer(b, back)
	switch {
	case back && (err != nil || last != expected+2):
		t.Errorf("the append = %d, %v, want %d", last, err, expected+2)
	case !back && (!errors.Is(err, eventstore.ErrUnknown) || !errors.Is(err, context.Canceled)):
		t.Errorf("the append = %d, %v, want ErrUnknown and why", last, err)
	}
	for range 3 {
		if last := mustAppend(t, h.store, b); last != expected+2 {
			t.Errorf("again = %d, want %d", last, expected+2)
		}
	}
	other := b
	other.Stream = "t"
	if _, err := h.store.Append(t.Context(), other); !errors.Is(err, eventstore.ErrCommandReused) {
		t.Errorf("the command on another stream = %v, want ErrCommandReused", err)
	}
	h.restart()
	b.Expected = 17 // who retries may have loaded the stream again, or not
	if last := mustAppend(t, h.store, b); last != expected+2 {
		t.Errorf("after a restart = %d, want %d", last, expected+2)
	}
	if got := mustCollect(t, h.store.Read(t.Context(), "s", expected+1)); len(got) != 2 {
		t.Errorf("%d events are there, want 2", len(got))
	}
}

// TestUnknownKeepsItsClaim: while it is not known what became of a command,
// nothing else may be done under its id or with its event ids.
func TestUnknownKeepsItsClaim(t *testing.T) {
	n := startNode(t, memory.New(), esdbserver.Options{})
	s := openAt(t, n.address)
	defer s.Close()
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := batch("s", eventstore.NoStream, "x")
	c := s.index.claim(b)
	if c.flight == nil {
		t.Fatalf("claim = %+v", c)
	}
	s.index.land(c.flight, eventstore.ErrUnknown, true)

	other := batch("s", eventstore.NoStream, "y")
	other.Command = b.Command
	if _, err := s.Append(t.Context(), other); !errors.Is(err, eventstore.ErrCommandReused) {
		t.Errorf("another batch under the command = %v, want ErrCommandReused", err)
	}
	other = batch("t", eventstore.NoStream, "y")
	other.Events[0].ID = b.Events[0].ID
	if _, err := s.Append(t.Context(), other); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("another command with the event id = %v, want ErrInvalid", err)
	}
	// Another event at its place shows that it never happened.
	mustAppend(t, s, batch("s", eventstore.NoStream, "instead"))
	if err := s.link.rest(t.Context(), 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	other.Expected = eventstore.NoStream
	mustAppend(t, s, other)
}

// TestOtherProcess: what another process has appended in the meantime is found
// where it matters, without waiting for the subscription.
func TestOtherProcess(t *testing.T) {
	n := startNode(t, memory.New(), esdbserver.Options{})
	one, two := openAt(t, n.address), openAt(t, n.address)
	defer one.Close()
	defer two.Close()
	for i := range 30 {
		stream := fmt.Sprint("s-", i)
		mustAppend(t, two, batch(stream, eventstore.NoStream, "0"))
		b := batch(stream, 0, "1")
		mustAppend(t, one, b)
		for _, expected := range []int64{eventstore.NoStream, 0, 1, 9} {
			b.Expected = expected
			if last := mustAppend(t, two, b); last != 1 {
				t.Errorf("the retry with another process = %d, want 1", last)
			}
		}
		if _, err := two.Append(t.Context(), batch(stream, 0, "x")); !errors.Is(err, eventstore.ErrConflict) {
			t.Errorf("a stale append = %v, want ErrConflict", err)
		}
		mustAppend(t, two, batch(stream, 1, "2"))
	}
}

// TestOtherProcessElsewhere: the subscription brings what it did on other
// streams, so that a command or an event id is not used twice.
func TestOtherProcessElsewhere(t *testing.T) {
	n := startNode(t, memory.New(), esdbserver.Options{})
	one, two := openAt(t, n.address), openAt(t, n.address)
	defer one.Close()
	defer two.Close()
	if err := two.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := batch("s", eventstore.NoStream, "x")
	mustAppend(t, one, b)
	for range 500 {
		if two.index.last("s") == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.Stream = "t"
	if _, err := two.Append(t.Context(), b); !errors.Is(err, eventstore.ErrCommandReused) {
		t.Errorf("the command elsewhere = %v, want ErrCommandReused", err)
	}
	b.Command = newID()
	if _, err := two.Append(t.Context(), b); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("the event id elsewhere = %v, want ErrInvalid", err)
	}
}
