package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"leeway/eventstore"
)

// testDamage: a read that cannot go on says so. Otherwise a shortened history
// would look like a short one.
func testDamage(f *fixture) {
	f.fill("s", 6)
	f.fill("sound", 2)
	f.append(batch("s", 5, "s 6"))
	target := f.read("s")[3]
	before := data(f.all(eventstore.Start))
	f.adapter.Damage(f, f.dir, f.store, target)

	rs, err := collect(f, f.store.Read(f.ctx, "s", 0))
	if !errors.Is(err, eventstore.ErrCorrupt) {
		f.Errorf("Read over a damaged event = %v after %q, want ErrCorrupt", err, data(rs))
	}
	if len(rs) > 3 || !slices.Equal(data(rs), before[:len(rs)]) {
		f.Errorf("before the error Read yields %q", data(rs))
	}
	rs, err = collect(f, f.store.All(f.ctx, eventstore.Start))
	if !errors.Is(err, eventstore.ErrCorrupt) {
		f.Errorf("All over a damaged event = %v after %q, want ErrCorrupt", err, data(rs))
	}
	if len(rs) > 3 || !slices.Equal(data(rs), before[:len(rs)]) {
		f.Errorf("before the error All yields %q", data(rs))
	}
	if _, err = collect(f, f.store.Read(f.ctx, "s", target.Revision)); !errors.Is(err, eventstore.ErrCorrupt) {
		f.Errorf("Read from the damaged event = %v, want ErrCorrupt", err)
	}
	if got := data(f.read("sound")); !slices.Equal(got, []string{"sound 0", "sound 1"}) {
		f.Errorf("the sound stream yields %q", got)
	}
}

// testCancelled: a context that has ended is reported, and an append under it
// has not happened.
func testCancelled(f *fixture) {
	f.fill("s", 3)
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	b := batch("s", 2, "lost")
	if _, err := f.store.Append(ctx, b); !errors.Is(err, context.Canceled) {
		f.Errorf("Append = %v, want context.Canceled", err)
	}
	for name, seq := range map[string]func() ([]eventstore.Recorded, error){
		"Read":      func() ([]eventstore.Recorded, error) { return collect(f, f.store.Read(ctx, "s", 0)) },
		"Read none": func() ([]eventstore.Recorded, error) { return collect(f, f.store.Read(ctx, "none", 0)) },
		"All":       func() ([]eventstore.Recorded, error) { return collect(f, f.store.All(ctx, eventstore.Start)) },
		"Subscribe": func() ([]eventstore.Recorded, error) { return collect(f, f.store.Subscribe(ctx, eventstore.Start)) },
	} {
		if rs, err := seq(); !errors.Is(err, context.Canceled) || len(rs) > 0 {
			f.Errorf("%s = %d events, %v, want context.Canceled", name, len(rs), err)
		}
	}
	if got := len(f.read("s")); got != 3 {
		f.Fatalf("the stream holds %d events, want 3", got)
	}
	if got := f.append(b); got != 3 {
		f.Errorf("the same batch, not cancelled = %d, want 3", got)
	}

	// Cancelled on the way, a read is complete or says that it is not.
	ctx, cancel = context.WithCancel(f.ctx)
	defer cancel()
	n := 0
	var last error
	for _, err := range f.store.All(ctx, eventstore.Start) {
		cancel()
		if last = err; err == nil {
			n++
		}
	}
	if n != 4 && !errors.Is(last, context.Canceled) {
		f.Errorf("a read cancelled on the way ends after %d of 4 events with %v", n, last)
	}
}

// testBreak: a loop may be left at any place. What it held is given back, so
// that it can be done more often than there are connections of any kind.
func testBreak(f *fixture) {
	f.fill("s", 5)
	for range 100 {
		for range f.store.Read(f.ctx, "s", 0) {
			break
		}
		for range f.store.All(f.ctx, eventstore.Start) {
			break
		}
		for range f.store.Subscribe(f.ctx, eventstore.Start) {
			break
		}
	}
	f.append(batch("s", 4, "after"))
	if got := len(f.read("s")); got != 6 {
		f.Errorf("afterwards the stream yields %d events, want 6", got)
	}
	// A sequence may be ranged over again, and then reads again.
	seq := f.store.Read(f.ctx, "s", 0)
	for _, want := range []int{6, 7} {
		if rs, err := collect(f, seq); err != nil || len(rs) != want {
			f.Errorf("ranging over the sequence = %d events, %v, want %d", len(rs), err, want)
		}
		if want == 6 {
			f.append(batch("s", 5, "more"))
		}
	}
}

// testNested: many readers that read and append inside their loops do not
// starve each other.
func testNested(f *fixture) {
	f.fill("s", 4)
	end := f.all(eventstore.Start)[3].Position
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			own := fmt.Sprintf("own-%d", i)
			for r, err := range f.store.All(f.ctx, eventstore.Start) {
				if err != nil {
					f.Errorf("All = %v", err)
					return
				}
				if r.Position > end {
					return
				}
				rs, err := collect(f, f.store.Read(f.ctx, "s", 0))
				if err != nil || len(rs) != 4 {
					f.Errorf("Read inside All = %d events, %v", len(rs), err)
				}
				if _, err := f.store.Append(f.ctx, batch(own, r.Revision-1, "x")); err != nil {
					f.Errorf("Append inside All = %v", err)
				}
			}
		})
	}
	wg.Wait()
	if got := len(f.all(end)); got != 64 {
		f.Errorf("%d events appended inside the loops, want 64", got)
	}
}
