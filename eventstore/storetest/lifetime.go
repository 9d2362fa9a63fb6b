package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"leeway/eventstore"
)

// testClosed: a closed store says so, and closing it again is no error.
func testClosed(f *fixture) {
	f.fill("s", 3)
	begun := 0
	var last error
	for _, err := range f.store.All(f.ctx, eventstore.Start) {
		if last = err; err == nil {
			begun++
		}
		if begun == 1 && err == nil {
			if err := f.store.Close(); err != nil {
				f.Fatalf("Close inside a read = %v", err)
			}
		}
	}
	if begun != 3 && !errors.Is(last, eventstore.ErrClosed) {
		f.Errorf("a read over which the store was closed ends after %d of 3 events with %v", begun, last)
	}
	if _, err := f.store.Append(f.ctx, batch("s", 2, "x")); !errors.Is(err, eventstore.ErrClosed) {
		f.Errorf("Append = %v, want ErrClosed", err)
	}
	if rs, err := collect(f, f.store.Read(f.ctx, "s", 0)); !errors.Is(err, eventstore.ErrClosed) || len(rs) > 0 {
		f.Errorf("Read = %v, want ErrClosed", err)
	}
	if rs, err := collect(f, f.store.All(f.ctx, eventstore.Start)); !errors.Is(err, eventstore.ErrClosed) || len(rs) > 0 {
		f.Errorf("All = %v, want ErrClosed", err)
	}
	if rs, err := collect(f, f.store.Subscribe(f.ctx, eventstore.Start)); !errors.Is(err, eventstore.ErrClosed) || len(rs) > 0 {
		f.Errorf("Subscribe = %v, want ErrClosed", err)
	}
	if err := f.store.Close(); err != nil {
		f.Errorf("the second Close = %v", err)
	}
}

// testCloseWakes: nobody waits for events of a closed store.
func testCloseWakes(f *fixture) {
	f.fill("s", 1)
	sub := f.subscribe(eventstore.Start)
	defer sub.cancel()
	sub.next(f, 1)
	if err := f.store.Close(); err != nil {
		f.Fatalf("Close = %v", err)
	}
	if err := <-sub.err; !errors.Is(err, eventstore.ErrClosed) {
		f.Errorf("the waiting subscription ends with %v, want ErrClosed", err)
	}
}

// testCloseFinishes: an append that meets Close is either on record or has
// not happened, and its caller knows which.
func testCloseFinishes(f *fixture) {
	var mu sync.Mutex
	acked := make(map[string]int64)
	var wg sync.WaitGroup
	begun := make(chan struct{}, 8)
	for w := range 8 {
		wg.Go(func() {
			stream := fmt.Sprintf("w-%d", w)
			for i := int64(0); ; i++ {
				last, err := f.store.Append(f.ctx, batch(stream, i-1, "x"))
				if errors.Is(err, eventstore.ErrClosed) {
					return
				}
				if err != nil || last != i {
					f.Errorf("Append = %d, %v", last, err)
					return
				}
				mu.Lock()
				acked[stream] = i
				mu.Unlock()
				if i == 3 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range 8 {
		<-begun
	}
	if err := f.store.Close(); err != nil {
		f.Errorf("Close = %v", err)
	}
	wg.Wait()
	if f.adapter.Volatile {
		return
	}
	f.store = f.adapter.Open(f, f.dir)
	for stream, last := range acked {
		if got := len(f.read(stream)); got != int(last)+1 {
			f.Errorf("%s holds %d events, %d were acknowledged", stream, got, last+1)
		}
	}
}

// testReopen: everything is there again, at the same positions, and the store
// goes on where it stopped.
func testReopen(f *fixture) {
	f.fill("s", 3)
	f.append(batch("容错", eventstore.NoStream, "说明", ""))
	before := f.all(eventstore.Start)
	f.reopen()
	after := f.all(eventstore.Start)
	f.expectSame(after, before)
	for i, r := range after {
		if b := before[i]; r.Stream != b.Stream || r.Revision != b.Revision || r.Type != b.Type ||
			r.Command != b.Command || !r.Created.Equal(b.Created) {
			f.Errorf("event %d was %+v and is %+v", i, b, r)
		}
	}
	if _, err := f.store.Append(f.ctx, batch("s", 1, "x")); !errors.Is(err, eventstore.ErrConflict) {
		f.Errorf("a stale append after opening again = %v, want ErrConflict", err)
	}
	f.append(batch("s", 2, "s 3"))
	if got := data(f.all(before[4].Position)); !slices.Equal(got, []string{"s 3"}) {
		f.Errorf("after the former end stands %q", got)
	}
	reused := batch("t", eventstore.NoStream, "x")
	reused.Events[0].ID = before[0].ID
	if _, err := f.store.Append(f.ctx, reused); !errors.Is(err, eventstore.ErrInvalid) {
		f.Errorf("an event id from before = %v, want ErrInvalid", err)
	}
}

// testCommandReopen: the memory of commands outlives the process.
func testCommandReopen(f *fixture) {
	first := batch("s", eventstore.NoStream, "0", "1")
	f.append(first)
	f.append(batch("s", 1, "2"))
	f.reopen()
	if got := f.append(first); got != 1 {
		f.Errorf("the retry = %d, want the first answer, 1", got)
	}
	for what, b := range reuses(first) {
		if last, err := f.store.Append(f.ctx, b); !errors.Is(err, eventstore.ErrCommandReused) {
			f.Errorf("%s = %d, %v, want ErrCommandReused", what, last, err)
		}
	}
	if got := data(f.all(eventstore.Start)); !slices.Equal(got, []string{"0", "1", "2"}) {
		f.Errorf("the store holds %q", got)
	}
}

// testAcked: what concurrent writers were told before Close is what is there
// afterwards, and in the order it was told.
func testAcked(f *fixture) {
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 20 {
				if _, err := f.store.Append(f.ctx, batch(fmt.Sprintf("w-%d", w), int64(i)-1, fmt.Sprint(i))); err != nil {
					f.Errorf("Append = %v", err)
				}
			}
		})
	}
	wg.Wait()
	before := f.all(eventstore.Start)
	if len(before) != 160 {
		f.Fatalf("the store holds %d events, want 160", len(before))
	}
	f.reopen()
	f.expectSame(f.all(eventstore.Start), before)
}
