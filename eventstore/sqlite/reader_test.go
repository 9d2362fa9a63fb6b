package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"leeway/eventstore"
)

// TestReader: a reader beside the writer sees what is acknowledged, at once,
// and changes nothing.
func TestReader(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	defer s.Close()
	r := readerAt(t, path)
	for i := range int64(20) {
		mustAppend(t, s, batch("s", i-1, fmt.Sprint(i)))
		if rs := mustRead(t, r, "s"); int64(len(rs)) != i+1 {
			t.Fatalf("after %d appends the reader finds %d events", i+1, len(rs))
		}
	}
	if _, err := r.Append(t.Context(), batch("s", 19, "x")); !errors.Is(err, eventstore.ErrReadOnly) {
		t.Errorf("Append = %v, want ErrReadOnly", err)
	}
	if r.Poisoned() != nil {
		t.Errorf("Poisoned = %v, want nil", r.Poisoned())
	}
	for _, pool := range []*Store{r, s} {
		if _, err := pool.reads.Exec(`DELETE FROM head`); err == nil {
			t.Error("a reading connection can write")
		}
	}
	mustClose(t, r)
	if _, err := r.Append(t.Context(), batch("s", 19, "x")); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("Append after Close = %v, want ErrClosed", err)
	}
	mustAppend(t, s, batch("s", 19, "20"))
}

// TestReaderAlone: without a writer, before and after, a reader finds the same.
func TestReaderAlone(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	fill(t, s, "s", 3)
	mustClose(t, s)
	r := readerAt(t, path)
	if got := len(mustRead(t, r, "s")); got != 3 {
		t.Errorf("the reader finds %d events, want 3", got)
	}
	// It does not stand in the way of a writer that comes later.
	s = openAt(t, path)
	defer s.Close()
	mustAppend(t, s, batch("s", 2, "3"))
	if got := len(mustRead(t, r, "s")); got != 4 {
		t.Errorf("the reader finds %d events, want 4", got)
	}
}

// TestReaderSubscribes: a subscription of another process's reader, which
// nobody rings a bell for, gets everything in order.
func TestReaderSubscribes(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	defer s.Close()
	fill(t, s, "s", 5)
	r := readerAt(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	var got []string
	var last error
	wg.Go(func() {
		for e, err := range r.Subscribe(ctx, eventstore.Start) {
			if last = err; err != nil {
				return
			}
			if got = append(got, string(e.Data)); len(got) == 25 {
				cancel()
			}
		}
	})
	for i := range int64(20) {
		mustAppend(t, s, batch("t", i-1, fmt.Sprintf("t %d", i)))
	}
	wg.Wait()
	if !errors.Is(last, context.Canceled) || len(got) != 25 {
		t.Fatalf("the subscription ends after %d events with %v", len(got), last)
	}
	for i, text := range got {
		want := fmt.Sprintf("s %d", i)
		if i >= 5 {
			want = fmt.Sprintf("t %d", i-5)
		}
		if text != want {
			t.Errorf("event %d is %q, want %q", i, text, want)
		}
	}
}

// TestSlowReader: a reader that stops for long in the middle of a loop holds
// nothing that the writer needs, and ends where the store ended when it began.
func TestSlowReader(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	defer s.Close()
	big := make([]byte, pageBytes/4)
	for i := range int64(10) {
		b := batch("s", i-1, "")
		b.Events[0].Data = big
		mustAppend(t, s, b)
	}
	n := int64(0)
	for _, err := range s.Read(t.Context(), "s", 0) {
		if err != nil {
			t.Fatalf("Read = %v", err)
		}
		mustAppend(t, s, batch("s", 9+n, "meanwhile"))
		if open := s.reads.Stats().InUse; open != 0 {
			t.Fatalf("inside the loop %d connections are in use", open)
		}
		// The writer can put its log back into the database entirely.
		var busy, log, done int
		row := s.writer.conn.QueryRowContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
		if err := row.Scan(&busy, &log, &done); err != nil || busy != 0 {
			t.Fatalf("the checkpoint is held up: %d, %v", busy, err)
		}
		n++
	}
	if n != 10 {
		t.Errorf("the loop saw %d events, want the 10 there were when it began", n)
	}
}

// TestPages: streams around the sizes at which a page ends come back whole.
func TestPages(t *testing.T) {
	s := openAt(t, fileIn(t.TempDir()))
	defer s.Close()
	total := 0
	for _, n := range []int{1, pageRows - 1, pageRows, pageRows + 1, 2 * pageRows, 3*pageRows + 7} {
		b := batch(fmt.Sprint(n), eventstore.NoStream, make([]string, n)...)
		mustAppend(t, s, b)
		if got := len(mustRead(t, s, b.Stream)); got != n {
			t.Errorf("a stream of %d yields %d events", n, got)
		}
		total += n
		if all, err := collect(s.All(t.Context(), eventstore.Start)); err != nil || len(all) != total {
			t.Errorf("All yields %d events, %v, want %d", len(all), err, total)
		}
	}
}
