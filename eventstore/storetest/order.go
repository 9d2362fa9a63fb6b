package storetest

import (
	"errors"
	"math"
	"slices"
	"time"

	"leeway/eventstore"
)

// testOrder: events come back in the order and with the envelope they were
// appended with, per stream and over the store.
func testOrder(f *fixture) {
	before := time.Now().Add(-time.Hour)
	batches := []eventstore.Batch{
		batch("a", eventstore.NoStream, "a0", "a1"),
		batch("b", eventstore.NoStream, "b0"),
		batch("a", 1, "a2"),
		batch("b", 0, "b1", "b2"),
	}
	for i, want := range []int64{1, 0, 2, 2} {
		if got := f.append(batches[i]); got != want {
			f.Errorf("Append %d = %d, want last revision %d", i, got, want)
		}
	}
	if got := data(f.read("a")); !slices.Equal(got, []string{"a0", "a1", "a2"}) {
		f.Errorf("Read(a) = %q", got)
	}
	if got := data(f.read("b")); !slices.Equal(got, []string{"b0", "b1", "b2"}) {
		f.Errorf("Read(b) = %q", got)
	}

	next := make(map[string]int64)
	all, i := f.all(eventstore.Start), 0
	for _, b := range batches {
		for _, e := range b.Events {
			if i == len(all) {
				f.Fatalf("All ends after %d events", i)
			}
			r := all[i]
			if r.ID != e.ID || r.Type != e.Type || string(r.Data) != string(e.Data) || r.Stream != b.Stream ||
				r.Command != b.Command || r.Revision != next[b.Stream] {
				f.Errorf("All[%d] = %+v, want %+v at revision %d of %s", i, r, e, next[b.Stream], b.Stream)
			}
			if i > 0 && r.Position <= all[i-1].Position || r.Position == eventstore.Start {
				f.Errorf("All[%d] is at position %d, not after the one before", i, r.Position)
			}
			if r.Created.Before(before) || r.Created.After(time.Now().Add(time.Hour)) {
				f.Errorf("All[%d] was created at %v", i, r.Created)
			}
			next[b.Stream]++
			i++
		}
	}
	if len(all) != i {
		f.Errorf("All yields %d events, want %d", len(all), i)
	}
	// Both ways to an event lead to the same record.
	if got, want := f.read("a")[2], all[3]; got.ID != want.ID || got.Position != want.Position ||
		got.Revision != want.Revision || got.Command != want.Command || !got.Created.Equal(want.Created) {
		f.Errorf("Read yields %+v, All %+v", got, want)
	}
}

func testReadFrom(f *fixture) {
	f.fill("s", 5)
	f.fill("other", 2)
	for from := range int64(7) {
		rs, err := collect(f, f.store.Read(f.ctx, "s", from))
		if err != nil || len(rs) != int(max(0, 5-from)) {
			f.Errorf("Read(s, %d) = %d events, %v", from, len(rs), err)
		}
		for i, r := range rs {
			if r.Revision != from+int64(i) {
				f.Errorf("Read(s, %d)[%d] is revision %d", from, i, r.Revision)
			}
		}
	}
	if rs := f.read("none"); len(rs) != 0 {
		f.Errorf("a stream that does not exist yields %q", data(rs))
	}
}

// testResume: All after any position is the rest, so a reader that keeps the
// position of its last event misses and repeats nothing.
func testResume(f *fixture) {
	for i := range 12 {
		f.append(batch([]string{"a", "b", "c"}[i%3], int64(i/3*2)-1, "x", "y"))
	}
	all := f.all(eventstore.Start)
	if len(all) != 24 {
		f.Fatalf("All yields %d events, want 24", len(all))
	}
	for i, r := range all {
		rest := f.all(r.Position)
		if len(rest) != len(all)-i-1 {
			f.Fatalf("All after event %d yields %d events, want %d", i, len(rest), len(all)-i-1)
		}
		if len(rest) > 0 && rest[0].ID != all[i+1].ID {
			f.Errorf("All after event %d goes on with another event", i)
		}
	}
	end := all[23].Position
	f.append(batch("d", eventstore.NoStream, "later"))
	if got := data(f.all(end)); !slices.Equal(got, []string{"later"}) {
		f.Errorf("All after the former end = %q", got)
	}
}

// testPastEnd: a position this store never gave out is an error, because a
// reader that waits there would miss what comes.
func testPastEnd(f *fixture) {
	f.fill("s", 3)
	end := f.all(eventstore.Start)[2].Position
	for _, p := range []eventstore.Position{end + 1<<20, math.MaxInt64, math.MaxUint64} {
		if rs, err := collect(f, f.store.All(f.ctx, p)); !errors.Is(err, eventstore.ErrInvalid) || len(rs) > 0 {
			f.Errorf("All(%d) = %d events, %v, want ErrInvalid", p, len(rs), err)
		}
		if rs, err := collect(f, f.store.Subscribe(f.ctx, p)); !errors.Is(err, eventstore.ErrInvalid) || len(rs) > 0 {
			f.Errorf("Subscribe(%d) = %d events, %v, want ErrInvalid", p, len(rs), err)
		}
	}
}
