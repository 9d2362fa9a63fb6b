package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"leeway/eventstore"
)

// testWinner: of many appends at the same revision one is taken, and the rest
// are told so.
func testWinner(f *fixture) {
	for round := range int64(20) {
		var won, lost atomic.Int32
		var wg sync.WaitGroup
		start := make(chan struct{})
		for w := range 8 {
			wg.Go(func() {
				<-start
				last, err := f.store.Append(f.ctx, batch("s", round-1, fmt.Sprintf("%d by %d", round, w)))
				switch {
				case err == nil && last == round:
					won.Add(1)
				case errors.Is(err, eventstore.ErrConflict):
					lost.Add(1)
				default:
					f.Errorf("Append = %d, %v", last, err)
				}
			})
		}
		close(start)
		wg.Wait()
		if won.Load() != 1 || lost.Load() != 7 {
			f.Fatalf("at revision %d %d won and %d lost, want 1 and 7", round, won.Load(), lost.Load())
		}
	}
	if got := len(f.read("s")); got != 20 {
		f.Errorf("the stream holds %d events, want 20", got)
	}
}

// testWriters: eight writers that load, append and try again on conflict all
// get their events in, each at the revision they were told.
func testWriters(f *fixture) {
	const writers, each = 8, 15
	var told sync.Map // revision to data
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				text := fmt.Sprintf("%d by %d", i, w)
				last, err := f.insist("s", text)
				if err != nil {
					f.Errorf("writer %d: %v", w, err)
					return
				}
				if other, twice := told.LoadOrStore(last, text); twice {
					f.Errorf("revision %d was told to %q and %q", last, other, text)
				}
			}
		})
	}
	wg.Wait()
	rs := f.read("s")
	if len(rs) != writers*each {
		f.Fatalf("the stream holds %d events, want %d", len(rs), writers*each)
	}
	for i, r := range rs {
		if want, _ := told.Load(int64(i)); r.Revision != int64(i) || string(r.Data) != want {
			f.Errorf("at %d stands %q as revision %d, its writer was told %q", i, r.Data, r.Revision, want)
		}
	}
}

// insist appends at the end of a stream, however often it moves on.
func (f *fixture) insist(stream, text string) (int64, error) {
	for {
		rs, err := collect(f, f.store.Read(f.ctx, stream, 0))
		if err != nil {
			return 0, err
		}
		last, err := f.store.Append(f.ctx, batch(stream, int64(len(rs))-1, text))
		if !errors.Is(err, eventstore.ErrConflict) {
			return last, err
		}
	}
}

// testWholeBatches: while many streams grow, every read sees whole batches,
// and what one read saw is how every later read begins.
func testWholeBatches(f *fixture) {
	const streams, batches, size = 6, 20, 3
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range streams {
		writers.Go(func() {
			for i := range batches {
				b := batch(fmt.Sprintf("s-%d", w), int64(i*size)-1, "0", "1", "2")
				if _, err := f.store.Append(f.ctx, b); err != nil {
					f.Errorf("Append = %v", err)
					return
				}
			}
		})
	}
	seen := make([][]eventstore.Recorded, 3)
	for i := range seen {
		readers.Go(func() {
			for running := true; running; {
				select {
				case <-done:
					running = false
				default:
				}
				seen[i] = f.grown(seen[i], size)
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	for i, rs := range seen {
		if len(rs) != streams*batches*size {
			f.Errorf("reader %d has seen %d events in the end, want %d", i, len(rs), streams*batches*size)
		}
	}
	for w := range streams {
		for i, r := range f.read(fmt.Sprintf("s-%d", w)) {
			if r.Revision != int64(i) || string(r.Data) != fmt.Sprint(i%size) {
				f.Errorf("s-%d at %d is revision %d with %q", w, i, r.Revision, r.Data)
			}
		}
	}
}

// grown reads the whole store and checks it against what was seen before.
func (f *fixture) grown(before []eventstore.Recorded, size int) []eventstore.Recorded {
	now, err := collect(f, f.store.All(f.ctx, eventstore.Start))
	if err != nil {
		f.Errorf("All = %v", err)
		return before
	}
	if len(now) < len(before) || len(now)%size != 0 {
		f.Errorf("All yields %d events after %d, in batches of %d", len(now), len(before), size)
		return before
	}
	for i, r := range before {
		if now[i].ID != r.ID || now[i].Position != r.Position {
			f.Errorf("All[%d] has changed", i)
		}
	}
	for i, r := range now {
		if first := now[i-i%size]; r.Command != first.Command || string(r.Data) != fmt.Sprint(i%size) {
			f.Errorf("All[%d] is %q of another batch than All[%d]", i, r.Data, i-i%size)
		}
	}
	return now
}
