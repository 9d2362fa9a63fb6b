package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"leeway/eventstore"
)

// subscription is a subscription that runs beside the case.
type subscription struct {
	cancel context.CancelFunc
	events chan eventstore.Recorded
	err    chan error
}

func (f *fixture) subscribe(after eventstore.Position) *subscription {
	ctx, cancel := context.WithCancel(f.ctx)
	s := &subscription{cancel: cancel, events: make(chan eventstore.Recorded), err: make(chan error, 1)}
	go func() {
		var last error
		for r, err := range f.store.Subscribe(ctx, after) {
			if last != nil {
				f.Errorf("a pair after the error %v", last)
			}
			if last = err; err != nil {
				continue
			}
			select {
			case s.events <- r:
			case <-ctx.Done():
			}
		}
		s.err <- last
	}()
	return s
}

// next waits for n events.
func (s *subscription) next(f *fixture, n int) []eventstore.Recorded {
	f.Helper()
	rs := make([]eventstore.Recorded, 0, n)
	for len(rs) < n {
		select {
		case r := <-s.events:
			rs = append(rs, r)
		case err := <-s.err:
			f.Fatalf("the subscription ends after %d of %d events: %v", len(rs), n, err)
		}
	}
	return rs
}

// stop ends the subscription and checks that it says why it ended.
func (s *subscription) stop(f *fixture) {
	f.Helper()
	s.cancel()
	for {
		select {
		case <-s.events:
		case err := <-s.err:
			if !errors.Is(err, context.Canceled) {
				f.Errorf("the cancelled subscription ends with %v, want context.Canceled", err)
			}
			return
		}
	}
}

// expectSame checks that two reads yield the same events in the same order.
func (f *fixture) expectSame(got, want []eventstore.Recorded) {
	f.Helper()
	if len(got) != len(want) {
		f.Fatalf("got %d events, want %d", len(got), len(want))
	}
	for i := range got {
		if g, w := got[i], want[i]; g.ID != w.ID || g.Position != w.Position || string(g.Data) != string(w.Data) {
			f.Fatalf("event %d is %q at %d, want %q at %d", i, g.Data, g.Position, w.Data, w.Position)
		}
	}
}

// testSubscribe: what is on record comes first, then what is appended later.
func testSubscribe(f *fixture) {
	f.fill("s", 10)
	after := f.all(eventstore.Start)[3].Position
	sub := f.subscribe(after)
	got := sub.next(f, 6)
	for i := range 5 {
		f.append(batch("t", int64(i)-1, "live"))
		got = append(got, sub.next(f, 1)...)
	}
	f.append(batch("t", 4, "x", "y", "z"))
	got = append(got, sub.next(f, 3)...)
	sub.stop(f)
	f.expectSame(got, f.all(after))
}

// testSubscribeLoad: subscribers that start in the middle of many appends
// have neither gap nor duplicate where the past meets the present.
func testSubscribeLoad(f *fixture) {
	const writers, each = 4, 40
	f.fill("s", 20)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := f.store.Append(f.ctx, batch(fmt.Sprintf("w-%d", w), int64(i*2)-1, "a", "b")); err != nil {
					f.Errorf("Append = %v", err)
					return
				}
			}
		})
	}
	total := 20 + writers*each*2
	subs := []*subscription{f.subscribe(eventstore.Start)}
	got := [][]eventstore.Recorded{subs[0].next(f, 30)}
	for range 3 {
		// Each begins where the one before has got to.
		seen := got[len(got)-1]
		sub := f.subscribe(seen[len(seen)-1].Position)
		subs = append(subs, sub)
		got = append(got, append(seen[:len(seen):len(seen)], sub.next(f, 40)...))
	}
	for i, sub := range subs {
		got[i] = append(got[i], sub.next(f, total-len(got[i]))...)
	}
	wg.Wait()
	all := f.all(eventstore.Start)
	for i, sub := range subs {
		sub.stop(f)
		f.expectSame(got[i], all)
	}
}

func testSubscribeEmpty(f *fixture) {
	sub := f.subscribe(eventstore.Start)
	f.append(batch("s", eventstore.NoStream, "first"))
	if got := sub.next(f, 1); string(got[0].Data) != "first" {
		f.Errorf("the subscription yields %q", got[0].Data)
	}
	sub.stop(f)
}

// testSubscribeDamage: a subscription does not step over what it cannot read.
func testSubscribeDamage(f *fixture) {
	f.fill("s", 4)
	f.adapter.Damage(f, f.dir, f.store, f.read("s")[2])
	rs, err := collect(f, f.store.Subscribe(f.ctx, eventstore.Start))
	if !errors.Is(err, eventstore.ErrCorrupt) || len(rs) > 2 {
		f.Errorf("Subscribe over a damaged event = %d events, %v, want ErrCorrupt", len(rs), err)
	}
}
