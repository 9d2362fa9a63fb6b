package esdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"leeway/eventstore"
	"leeway/eventstore/esdbserver"
	"leeway/eventstore/memory"
	"leeway/eventstore/storetest"
)

// roundsVar makes the tests of bad networks longer: so many times as long.
const roundsVar = "LEEWAY_ESDB_ROUNDS"

func rounds(t testing.TB) int {
	text := os.Getenv(roundsVar)
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s = %q, want a number from 1", roundsVar, text)
	}
	return n
}

// TestContractInBadWeather runs the contract over a network that delays,
// half-closes and cuts every connection after some bytes.
func TestContractInBadWeather(t *testing.T) {
	for range rounds(t) {
		storetest.Run(t, storetest.Adapter{
			Open: func(t testing.TB, _ string) eventstore.Store {
				n := startNode(t, memory.New(), esdbserver.Options{})
				p := startProxy(t, n.address, weather(20_000, 200_000))
				patient := func(c *Config) { c.Patience = time.Minute } // a large event needs some luck
				return &over{Store: openAt(t, p.address(), patient), node: n}
			},
			Damage: func(_ testing.TB, _ string, s eventstore.Store, at eventstore.Recorded) {
				s.(*over).node.store.(*memory.Store).Damage(at.Stream, at.Revision)
			},
			Volatile: true,
		})
	}
}

// slack is what a busy machine may add to a deadline. Nobody who waits for
// ever comes in under it.
const slack = time.Second

// load is some writers, each on a stream of its own, that go on through every
// failure, as a client of the product would: the same command again.
type load struct {
	t        testing.TB
	store    *Store
	deadline time.Duration

	mu     sync.Mutex
	acked  map[string]eventstore.Batch // by command
	failed int
	slow   time.Duration // how long past its deadline the slowest call returned
}

func (l *load) run(ctx context.Context, writers int) {
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { l.write(ctx, fmt.Sprintf("w-%d", w)) })
	}
	wg.Wait()
}

func (l *load) write(ctx context.Context, stream string) {
	b := batch(stream, eventstore.NoStream, "0", "1")
	for ctx.Err() == nil {
		call, cancel := context.WithTimeout(context.Background(), l.deadline)
		begin := time.Now()
		last, err := l.store.Append(call, b)
		took := time.Since(begin)
		cancel()
		l.mu.Lock()
		l.slow = max(l.slow, took-l.deadline)
		switch {
		case err == nil:
			l.acked[b.Command] = b
			if last != b.Expected+2 {
				l.t.Errorf("%s: acknowledged at %d, expected %d", stream, last, b.Expected+2)
			}
		case errors.Is(err, eventstore.ErrUnavailable), errors.Is(err, eventstore.ErrUnknown):
			l.failed++
		default:
			l.t.Errorf("%s at %d = %v", stream, b.Expected, err)
		}
		l.mu.Unlock()
		if err == nil {
			b = batch(stream, last, "0", "1")
		}
	}
}

// check compares what was acknowledged with what the store below holds.
func (l *load) check(below eventstore.Store, address string) {
	l.t.Helper()
	s := openAt(l.t, address)
	defer s.Close()
	seen := make(map[string]int)
	for r, err := range s.All(l.t.Context(), eventstore.Start) {
		if err != nil {
			l.t.Fatal(err)
		}
		seen[r.ID]++
	}
	lost, twice := 0, 0
	for _, b := range l.acked {
		for _, e := range b.Events {
			if seen[e.ID] == 0 {
				lost++
			}
		}
	}
	for _, n := range seen {
		if n > 1 {
			twice++
		}
	}
	if lost > 0 || twice > 0 || len(l.acked) == 0 {
		l.t.Errorf("%d batches acknowledged: %d events lost, %d twice", len(l.acked), lost, twice)
	}
	if l.slow > slack {
		l.t.Errorf("a call returned %v after its deadline", l.slow)
	}
	l.t.Logf("%d batches acknowledged, %d calls failed in time, the slowest %v past its deadline", len(l.acked), l.failed, max(l.slow, 0))
}

// TestServerStops: the server goes away under load for longer than the client
// looks for it, and comes back, with and without its memory of event ids.
func TestServerStops(t *testing.T) {
	for _, forgetful := range []bool{false, true} {
		t.Run(fmt.Sprintf("forgetful=%v", forgetful), func(t *testing.T) {
			t.Parallel()
			below := openSQLite(t, t.TempDir())
			defer below.Close()
			n := startNode(t, below, esdbserver.Options{Forgetful: forgetful})
			s := openAt(t, n.address)
			l := &load{t: t, store: s, deadline: 500 * time.Millisecond, acked: make(map[string]eventstore.Batch)}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); l.run(ctx, 8) }()
			for range rounds(t) {
				time.Sleep(300 * time.Millisecond)
				n.stop()
				time.Sleep(1500 * time.Millisecond)
				n.start()
				time.Sleep(500 * time.Millisecond)
			}
			cancel()
			<-done
			if err := s.Close(); err != nil {
				t.Errorf("Close = %v", err)
			}
			if l.failed == 0 {
				t.Error("no call met the outage")
			}
			l.check(below, n.address)
		})
	}
}

// TestStorm: appends through connections that are cut and half-closed all the
// time, at any byte.
func TestStorm(t *testing.T) {
	below := memory.New()
	n := startNode(t, below, esdbserver.Options{Forgetful: true})
	p := startProxy(t, n.address, weather(100, 4000))
	s := openAt(t, p.address())
	defer s.Close()
	l := &load{t: t, store: s, deadline: 2 * time.Second, acked: make(map[string]eventstore.Batch)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rounds(t))*time.Second)
	defer cancel()
	l.run(ctx, 8)
	l.check(below, n.address)
}

// TestNobodyWaitsForEver: with no server, with one that accepts and says
// nothing, and with one that went away, every kind of call by many callers
// returns when its context ends.
func TestNobodyWaitsForEver(t *testing.T) {
	t.Parallel()
	n := startNode(t, memory.New(), esdbserver.Options{})
	mute := startProxy(t, n.address, calm)
	mute.mute(true)
	gone := startNode(t, memory.New(), esdbserver.Options{})
	for name, tt := range map[string]struct {
		address string
		before  func(*Store)
	}{
		"no server":     {"127.0.0.1:1", func(*Store) {}},
		"silent server": {mute.address(), func(*Store) {}},
		"server gone": {gone.address, func(s *Store) {
			mustAppend(t, s, batch("s", eventstore.NoStream, "x"))
			gone.stop()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := openAt(t, tt.address)
			defer s.Close()
			tt.before(s)
			const patience = 300 * time.Millisecond
			var wg sync.WaitGroup
			for range 8 {
				for what, call := range map[string]func(context.Context) error{
					"Append": func(ctx context.Context) error {
						_, err := s.Append(ctx, batch("t", eventstore.NoStream, "x"))
						return err
					},
					"Read":      func(ctx context.Context) error { _, err := collect(s.Read(ctx, "s", 0)); return err },
					"All":       func(ctx context.Context) error { _, err := collect(s.All(ctx, eventstore.Start)); return err },
					"Subscribe": func(ctx context.Context) error { _, err := collect(s.Subscribe(ctx, eventstore.Start)); return err },
					"Prepare":   s.Prepare,
				} {
					wg.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), patience)
						defer cancel()
						begin := time.Now()
						err := call(ctx)
						if took := time.Since(begin); took > patience+slack {
							t.Errorf("%s returned after %v", what, took)
						}
						if what == "Prepare" && name == "server gone" {
							return // it is prepared
						}
						if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, eventstore.ErrUnavailable) {
							t.Errorf("%s = %v, want the deadline and ErrUnavailable", what, err)
						}
					})
				}
			}
			wg.Wait()
		})
	}
}

// TestPatience: without a deadline a call ends with the store's patience.
func TestPatience(t *testing.T) {
	t.Parallel()
	s := openAt(t, "127.0.0.1:1", func(c *Config) { c.Patience = 200 * time.Millisecond })
	defer s.Close()
	begin := time.Now()
	_, err := s.Append(context.Background(), batch("s", eventstore.NoStream, "x"))
	if !errors.Is(err, eventstore.ErrUnavailable) || errors.Is(err, eventstore.ErrUnknown) {
		t.Errorf("Append = %v, want ErrUnavailable", err)
	}
	if _, err := collect(s.Read(context.Background(), "s", 0)); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("Read = %v, want ErrUnavailable", err)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestReadsGoOn: a long read and a subscription survive the loss of their
// connection without a gap or a repetition.
func TestReadsGoOn(t *testing.T) {
	n := startNode(t, memory.New(), esdbserver.Options{})
	p := startProxy(t, n.address, calm)
	s := openAt(t, p.address())
	defer s.Close()
	for i := range 20 {
		mustAppend(t, s, batch("s", int64(i*50)-1, make([]string, 50)...))
	}
	cutEvery := func(rs []eventstore.Recorded) {
		if len(rs)%100 == 50 {
			p.cut()
		}
	}
	var got []eventstore.Recorded
	for r, err := range s.Read(t.Context(), "s", 0) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
		cutEvery(got)
	}
	all := mustCollect(t, s.All(t.Context(), eventstore.Start))
	var followed []eventstore.Recorded
	for r, err := range s.Subscribe(t.Context(), eventstore.Start) {
		if err != nil {
			t.Fatal(err)
		}
		followed = append(followed, r)
		cutEvery(followed)
		if len(followed) == len(all) {
			break
		}
	}
	for i, r := range all {
		if r.Revision != int64(i) || got[i].ID != r.ID || followed[i].ID != r.ID {
			t.Fatalf("event %d: All has revision %d, Read %d, Subscribe %d", i, r.Revision, got[i].Revision, followed[i].Revision)
		}
	}
}
