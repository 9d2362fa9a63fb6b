package storetest

import (
	"bytes"
	"errors"
	"slices"
	"sync"

	"leeway/eventstore"
)

// testCommandTwice: a retry gets the first answer, wherever the stream stands
// by then, and writes nothing.
func testCommandTwice(f *fixture) {
	first := batch("s", eventstore.NoStream, "0", "1")
	f.append(first)
	f.append(batch("s", 1, "2"))
	for _, expected := range []int64{eventstore.NoStream, 1, 2, 99} {
		retry := first
		retry.Expected = expected
		if got := f.append(retry); got != 1 {
			f.Errorf("the retry expecting %d = %d, want the first answer, 1", expected, got)
		}
	}
	if got := data(f.all(eventstore.Start)); !slices.Equal(got, []string{"0", "1", "2"}) {
		f.Errorf("after the retries the store holds %q", got)
	}
}

// reuses are batches under the command id of another, each different from it
// in one thing.
func reuses(first eventstore.Batch) map[string]eventstore.Batch {
	edit := func(change func(*eventstore.Batch)) eventstore.Batch {
		b := first
		b.Events = slices.Clone(first.Events)
		change(&b)
		return b
	}
	return map[string]eventstore.Batch{
		"another stream": edit(func(b *eventstore.Batch) { b.Stream, b.Expected = "t", eventstore.NoStream }),
		"other data":     edit(func(b *eventstore.Batch) { b.Events[1].Data = []byte("changed") }),
		"one byte more":  edit(func(b *eventstore.Batch) { b.Events[0].Data = append(bytes.Clone(b.Events[0].Data), 0) }),
		"another type":   edit(func(b *eventstore.Batch) { b.Events[0].Type = "noted.v2" }),
		"another id":     edit(func(b *eventstore.Batch) { b.Events[0].ID = newID() }),
		"one event less": edit(func(b *eventstore.Batch) { b.Events = b.Events[:1] }),
		"one event more": edit(func(b *eventstore.Batch) {
			b.Events = append(b.Events, eventstore.Event{ID: newID(), Type: "noted.v1"})
		}),
		"another order": edit(func(b *eventstore.Batch) { slices.Reverse(b.Events) }),
	}
}

// testCommandReused: one command id with another content is a fault of the
// caller, and is never answered as if it were a retry.
func testCommandReused(f *fixture) {
	first := batch("s", eventstore.NoStream, "0", "1")
	f.append(first)
	for what, b := range reuses(first) {
		for _, expected := range []int64{eventstore.NoStream, 1} {
			b.Expected = expected
			if last, err := f.store.Append(f.ctx, b); !errors.Is(err, eventstore.ErrCommandReused) {
				f.Errorf("%s, expecting %d = %d, %v, want ErrCommandReused", what, expected, last, err)
			}
		}
	}
	if got := data(f.all(eventstore.Start)); !slices.Equal(got, []string{"0", "1"}) {
		f.Errorf("the store holds %q", got)
	}
}

// testCommandRace: the same command sent many times at once is carried out
// once, and everyone hears the same answer.
func testCommandRace(f *fixture) {
	f.append(batch("s", eventstore.NoStream, "0"))
	b := batch("s", 0, "1", "2")
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if last, err := f.store.Append(f.ctx, b); err != nil || last != 2 {
				f.Errorf("Append = %d, %v, want 2", last, err)
			}
		})
	}
	wg.Wait()
	if got := data(f.read("s")); !slices.Equal(got, []string{"0", "1", "2"}) {
		f.Errorf("the stream holds %q", got)
	}
}
