package sqlite

import (
	"crypto/rand"
	"fmt"
	"iter"
	"testing"

	"leeway/eventstore"
)

func newID() string {
	var u [16]byte
	rand.Read(u[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// batch makes a batch with fresh ids, one event for each piece of data.
func batch(stream string, expected int64, data ...string) eventstore.Batch {
	b := eventstore.Batch{Stream: stream, Expected: expected, Command: newID()}
	for _, d := range data {
		b.Events = append(b.Events, eventstore.Event{ID: newID(), Type: "noted.v1", Data: []byte(d)})
	}
	return b
}

func mustAppend(t testing.TB, s *Store, b eventstore.Batch) {
	t.Helper()
	if _, err := s.Append(t.Context(), b); err != nil {
		t.Fatalf("Append(%s, %d) = %v", b.Stream, b.Expected, err)
	}
}

// fill appends n events, each by itself, to a new stream.
func fill(t testing.TB, s *Store, stream string, n int) {
	t.Helper()
	for i := range n {
		mustAppend(t, s, batch(stream, int64(i)-1, fmt.Sprintf("%s %d", stream, i)))
	}
}

func collect(seq iter.Seq2[eventstore.Recorded, error]) (rs []eventstore.Recorded, err error) {
	for r, err := range seq {
		if err != nil {
			return rs, err
		}
		rs = append(rs, r)
	}
	return rs, nil
}

func mustRead(t testing.TB, s *Store, stream string) []eventstore.Recorded {
	t.Helper()
	rs, err := collect(s.Read(t.Context(), stream, 0))
	if err != nil {
		t.Fatalf("Read(%s) = %v", stream, err)
	}
	return rs
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close = %v", err)
	}
}

// openWith opens a store that is closed at the end of the test.
func openWith(t testing.TB, path string, set settings) *Store {
	t.Helper()
	s, err := open(path, set)
	if err != nil {
		t.Fatalf("open = %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// readerAt opens a reader that is closed at the end of the test.
func readerAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := OpenReader(path)
	if err != nil {
		t.Fatalf("OpenReader = %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
