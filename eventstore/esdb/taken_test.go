package esdb

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"leeway/eventstore"
	"leeway/eventstore/esdbserver"
	"leeway/eventstore/memory"
)

// admin is a client of the server's administrator, who may take anything away.
func admin(t *testing.T, address string) *esdb.Client {
	t.Helper()
	conf, err := esdb.ParseConnectionString("esdb://" + address + "?tls=false")
	if err != nil {
		t.Fatal(err)
	}
	conf.Logger = nil
	c, err := esdb.NewClient(conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestTakenAway: whichever way an administrator takes events of a stream away,
// a reader does not see a shorter history but an error, also one that begins
// behind what is missing, as far as it can tell.
func TestTakenAway(t *testing.T) {
	for name, tt := range map[string]struct {
		take func(context.Context, *esdb.Client) error
		from int64 // the reader begins here
	}{
		"soft delete": {func(ctx context.Context, c *esdb.Client) error {
			_, err := c.DeleteStream(ctx, "s", esdb.DeleteStreamOptions{})
			return err
		}, 0},
		"tombstone": {func(ctx context.Context, c *esdb.Client) error {
			_, err := c.TombstoneStream(ctx, "s", esdb.TombstoneStreamOptions{})
			return err
		}, 0},
		"truncation": {func(ctx context.Context, c *esdb.Client) error {
			var m esdb.StreamMetadata
			m.SetTruncateBefore(2)
			_, err := c.SetStreamMetadata(ctx, "s", esdb.AppendToStreamOptions{}, m)
			return err
		}, 0},
		"truncation, read from 1": {func(ctx context.Context, c *esdb.Client) error {
			var m esdb.StreamMetadata
			m.SetTruncateBefore(2)
			_, err := c.SetStreamMetadata(ctx, "s", esdb.AppendToStreamOptions{}, m)
			return err
		}, 1},
		"max count": {func(ctx context.Context, c *esdb.Client) error {
			var m esdb.StreamMetadata
			m.SetMaxCount(1)
			_, err := c.SetStreamMetadata(ctx, "s", esdb.AppendToStreamOptions{}, m)
			return err
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, n := openOver(t, esdbserver.Options{Deletable: func(string) bool { return true }})
			for i := range int64(4) {
				mustAppend(t, s, batch("s", i-1, "x"))
			}
			if err := tt.take(t.Context(), admin(t, n.address)); err != nil {
				t.Fatal(err)
			}
			got, err := collect(s.Read(t.Context(), "s", tt.from))
			if !errors.Is(err, eventstore.ErrCorrupt) || len(got) != 0 {
				t.Errorf("Read = %d events, %v, want ErrCorrupt", len(got), err)
			}
		})
	}
}

// TestAppendToTakenAway: nothing is appended to a stream of which events are
// missing. Whether a command is among them cannot be told.
func TestAppendToTakenAway(t *testing.T) {
	for name, take := range map[string]func(context.Context, *esdb.Client) error{
		"soft delete": func(ctx context.Context, c *esdb.Client) error {
			_, err := c.DeleteStream(ctx, "s", esdb.DeleteStreamOptions{})
			return err
		},
		"tombstone": func(ctx context.Context, c *esdb.Client) error {
			_, err := c.TombstoneStream(ctx, "s", esdb.TombstoneStreamOptions{})
			return err
		},
	} {
		s, n := openOver(t, esdbserver.Options{Deletable: func(string) bool { return true }})
		first := batch("s", eventstore.NoStream, "0", "1")
		mustAppend(t, s, first)
		if err := take(t.Context(), admin(t, n.address)); err != nil {
			t.Fatal(err)
		}
		for what, b := range map[string]eventstore.Batch{"a stale append": batch("s", eventstore.NoStream, "x"), "a retry": first} {
			if _, err := s.Append(t.Context(), b); !errors.Is(err, eventstore.ErrCorrupt) {
				t.Errorf("%s after a %s = %v, want ErrCorrupt", what, name, err)
			}
		}
	}
}

// TestStoreBelowRefuses: what the server says of itself comes through once.
func TestStoreBelowRefuses(t *testing.T) {
	s, n := openOver(t, esdbserver.Options{})
	mustAppend(t, s, batch("s", eventstore.NoStream, "0"))
	n.store.(*memory.Store).Poison(errors.New("the disk is gone"))
	_, err := s.Append(t.Context(), batch("s", 0, "x"))
	if err == nil || errors.Is(err, eventstore.ErrUnknown) || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("Append = %v, want the reason", err)
	}
}

// TestAllOfOthers: the administrator's own events in $all disturb nobody, and
// are not of the ledger.
func TestAllOfOthers(t *testing.T) {
	s, n := openOver(t, esdbserver.Options{Deletable: func(string) bool { return true }})
	c := admin(t, n.address)
	sub := make(chan eventstore.Recorded)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer close(sub)
		for r, err := range s.Subscribe(ctx, eventstore.Start) {
			if err == nil {
				sub <- r
			}
		}
	}()
	for i := range int64(5) {
		if _, err := c.SetStreamMetadata(t.Context(), "x", esdb.AppendToStreamOptions{}, esdb.StreamMetadata{}); err != nil {
			t.Fatal(err)
		}
		mustAppend(t, s, batch("s", i-1, "x"))
		if r := <-sub; r.Revision != i {
			t.Errorf("the subscription yields revision %d, want %d", r.Revision, i)
		}
	}
	all := mustCollect(t, s.All(t.Context(), eventstore.Start))
	if len(all) != 5 {
		t.Fatalf("All yields %d events, want 5", len(all))
	}
	for i, r := range all {
		if rest := mustCollect(t, s.All(t.Context(), r.Position)); len(rest) != 4-i {
			t.Errorf("after event %d come %d", i, len(rest))
		}
	}
	if _, err := c.SetStreamMetadata(t.Context(), "x", esdb.AppendToStreamOptions{}, esdb.StreamMetadata{}); err != nil {
		t.Fatal(err)
	}
	if rest := mustCollect(t, s.All(t.Context(), all[4].Position)); len(rest) != 0 {
		t.Errorf("after the last event come %d", len(rest))
	}
	cancel()
	for range sub {
	}
}

// TestStrangePosition: a position at which no event stands was given out by
// another store, or this one is not what it was.
func TestStrangePosition(t *testing.T) {
	s, _ := openOver(t, esdbserver.Options{})
	mustAppend(t, s, batch("s", eventstore.NoStream, "0", "1", "2"))
	all := mustCollect(t, s.All(t.Context(), eventstore.Start))
	strange := all[1].Position - 1
	if _, err := collect(s.All(t.Context(), strange)); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("All = %v, want ErrInvalid", err)
	}
	if _, err := collect(s.Subscribe(t.Context(), strange)); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("Subscribe = %v, want ErrInvalid", err)
	}
}

// TestDamagedHistory: a store whose history cannot be read takes no appends,
// because it cannot tell whether they are on record.
func TestDamagedHistory(t *testing.T) {
	s, n := openOver(t, esdbserver.Options{})
	mustAppend(t, s, batch("s", eventstore.NoStream, "0", "1"))
	s.Close()
	n.store.(*memory.Store).Damage("s", 1)
	again := openAt(t, n.address)
	defer again.Close()
	for range 2 {
		_, err := again.Append(t.Context(), batch("t", eventstore.NoStream, "x"))
		if !errors.Is(err, eventstore.ErrCorrupt) || !strings.Contains(err.Error(), "on record") {
			t.Errorf("Append = %v, want ErrCorrupt", err)
		}
	}
}

// TestDeniedAtFirst: a server that has just started denies everyone for a
// moment. Whoever tries again gets through.
func TestDeniedAtFirst(t *testing.T) {
	t.Parallel()
	cert, ca := certificate(t)
	n := startNode(t, memory.New(), esdbserver.Options{TLS: tlsOf(cert), Users: map[string]string{}})
	s, err := Open(Config{Connection: "esdb://admin:changeit@" + n.address + "?tlsCAFile=" + ca})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := batch("s", eventstore.NoStream, "x")
	if _, err := s.Append(t.Context(), b); !errors.Is(err, eventstore.ErrDenied) {
		t.Errorf("Append = %v, want ErrDenied", err)
	}
	n.stop()
	n.options.Users = map[string]string{"admin": "changeit"}
	n.start()
	for range 50 {
		if _, err = s.Append(t.Context(), b); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("Append = %v", err)
}

// TestPrepare: it reads what is on record, once, and a closed store says so.
func TestPrepare(t *testing.T) {
	s, n := openOver(t, esdbserver.Options{})
	mustAppend(t, s, batch("s", eventstore.NoStream, "0", "1"))
	again := openAt(t, n.address)
	for range 2 {
		if err := again.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if last := again.index.last("s"); last != 1 {
		t.Errorf("the index knows the stream up to %d", last)
	}
	again.Close()
	if err := again.Prepare(t.Context()); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("Prepare = %v, want ErrClosed", err)
	}
}

// TestCloseDuringOutage: appends that wait for a server end with the store.
func TestCloseDuringOutage(t *testing.T) {
	s := openAt(t, "127.0.0.1:1")
	answers := make(chan error)
	for range 4 {
		go func() {
			_, err := s.Append(context.Background(), batch("s", eventstore.NoStream, "x"))
			answers <- err
		}()
	}
	time.Sleep(50 * time.Millisecond)
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	for range 4 {
		if err := <-answers; !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("Append = %v, want ErrClosed", err)
		}
	}
}
