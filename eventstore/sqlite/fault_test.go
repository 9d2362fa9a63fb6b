package sqlite

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"leeway/eventstore"
)

var errDisk = errors.New("the disk is on fire")

// failAt is a fault at one step, before it is done or after, counted from the
// first append on.
func failAt(step string, done bool) fault {
	return func(at string, do func() error) error {
		if at != step {
			return do()
		}
		if done {
			if err := do(); err != nil {
				return err
			}
		}
		return errDisk
	}
}

// TestFaults: at each step of a write the disk fails, not having done the step
// or having done it. The caller is never told that the batch is in; the store
// takes nothing more and still reads; after a restart, and another failure at
// the same place, a retry of the command leads to exactly one batch.
func TestFaults(t *testing.T) {
	for _, step := range []string{"begin", "stream", "command", "event", "head", "commit"} {
		for _, done := range []bool{false, true} {
			name := step + " not done"
			if done {
				name = step + " done"
			}
			t.Run(name, func(t *testing.T) {
				path := fileIn(t.TempDir())
				s := openAt(t, path)
				fill(t, s, "s", 1)
				mustClose(t, s)

				b := batch("s", 0, "1", "2")
				poisonBy(t, path, failAt(step, done), b, false)
				stored := step == "commit" && done
				poisonBy(t, path, failAt(step, done), b, stored)

				s = openAt(t, path)
				defer s.Close()
				if last, err := s.Append(t.Context(), b); err != nil || last != 2 {
					t.Errorf("after the restart the retry = %d, %v, want 2", last, err)
				}
				rs := mustRead(t, s, "s")
				if len(rs) != 3 || rs[1].ID != b.Events[0].ID || rs[2].ID != b.Events[1].ID {
					t.Errorf("the stream holds %d events, want the first and the batch once", len(rs))
				}
				if _, err := collect(s.All(t.Context(), eventstore.Start)); err != nil {
					t.Errorf("All = %v", err)
				}
			})
		}
	}
}

// poisonBy opens a store that fails, appends to it and checks what a poisoned
// store does. When the batch is stored already, its retry meets no write and
// succeeds.
func poisonBy(t *testing.T, path string, f fault, b eventstore.Batch, stored bool) {
	t.Helper()
	s := openWith(t, path, settings{busy: time.Second, now: time.Now, fault: f})
	last, err := s.Append(t.Context(), b)
	if stored {
		if err != nil || last != 2 {
			t.Fatalf("the retry of a stored batch = %d, %v, want 2", last, err)
		}
		mustClose(t, s)
		return
	}
	if !errors.Is(err, eventstore.ErrPoisoned) || !errors.Is(err, errDisk) {
		t.Fatalf("Append = %d, %v, want ErrPoisoned and the reason", last, err)
	}
	if !errors.Is(s.Poisoned(), errDisk) {
		t.Errorf("Poisoned = %v, want the reason", s.Poisoned())
	}
	s.writer.fault = func(step string, _ func() error) error {
		t.Errorf("the poisoned store comes to the step %q", step)
		return errDisk
	}
	for _, again := range []eventstore.Batch{b, batch("t", eventstore.NoStream, "x")} {
		if _, err := s.Append(t.Context(), again); !errors.Is(err, eventstore.ErrPoisoned) || !errors.Is(err, errDisk) {
			t.Errorf("Append on the poisoned store = %v, want ErrPoisoned and the reason", err)
		}
	}
	if rs := mustRead(t, s, "s"); len(rs) != 1 && len(rs) != 3 {
		t.Errorf("the poisoned store reads %d events, want whole batches", len(rs))
	}
	mustClose(t, s)
}

// TestFull: a real error of the database, from a limit on its size.
func TestFull(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	defer s.Close()
	fill(t, s, "s", 2)
	if s.Poisoned() != nil {
		t.Fatalf("Poisoned = %v before anything failed", s.Poisoned())
	}
	// Between appends the writer does not use the connection.
	if _, err := s.writer.conn.ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Append(t.Context(), batch("s", 1, strings.Repeat("x", 1<<20)))
	if !errors.Is(err, eventstore.ErrPoisoned) || !strings.Contains(err.Error(), "full") {
		t.Fatalf("Append to a full database = %v, want ErrPoisoned and the reason", err)
	}
	if got := len(mustRead(t, s, "s")); got != 2 {
		t.Errorf("the stream holds %d events, want 2", got)
	}
	mustClose(t, s)
	s = openAt(t, path)
	defer s.Close()
	mustAppend(t, s, batch("s", 1, "2"))
}

// TestForeignWriter: a program that ignores the lock file and holds SQLite's
// own lock makes appends fail, without anything uncertain about it.
func TestForeignWriter(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openWith(t, path, settings{busy: 10 * time.Millisecond, now: time.Now})
	fill(t, s, "s", 1)
	db, err := connect(path, "rw", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	b := batch("s", 0, "1")
	if _, err := s.Append(t.Context(), b); !errors.Is(err, eventstore.ErrLocked) {
		t.Errorf("Append beside a foreign writer = %v, want ErrLocked", err)
	}
	if s.Poisoned() != nil {
		t.Errorf("Poisoned = %v, want nil", s.Poisoned())
	}
	if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, b)
}

// TestUnreadable: a database that cannot be read in the middle of a write is
// not written to either.
func TestUnreadable(t *testing.T) {
	for _, table := range []string{"commands", "streams", "head", "events"} {
		t.Run(table, func(t *testing.T) {
			path := fileIn(t.TempDir())
			s := openAt(t, path)
			defer s.Close()
			fill(t, s, "s", 1)
			execute(t, path, "DROP TABLE "+table)
			_, err := s.Append(t.Context(), batch("s", 0, "1"))
			if !errors.Is(err, eventstore.ErrPoisoned) || !strings.Contains(err.Error(), table) {
				t.Errorf("Append = %v, want ErrPoisoned that says what is missing", err)
			}
			if s.Poisoned() == nil {
				t.Error("Poisoned = nil")
			}
		})
	}
}
