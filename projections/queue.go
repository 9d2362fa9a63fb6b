package projections

import (
	"context"
	"time"

	"leeway/eventstore"
)

// A queue is what a subscription has read and not handed out yet. Reading goes
// on in a goroutine of its own while a handler works, up to a bound; what has
// gathered when he is done goes to him together.
type queue struct {
	events  <-chan eventstore.Recorded
	failed  <-chan error
	waiting []eventstore.Recorded
}

// next waits for an event and returns it with those that wait behind it.
func (q *queue) next(ctx context.Context) ([]eventstore.Recorded, error) {
	size := 0
	for _, r := range q.waiting {
		size += len(r.Data)
	}
	for len(q.waiting) < maxAhead && size < maxAheadBytes {
		r, ok, err := q.take(ctx, len(q.waiting) == 0)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		size += len(r.Data)
		q.waiting = append(q.waiting, r)
	}
	return q.waiting, nil
}

// take is one more event. It waits only where there is none to hand out.
func (q *queue) take(ctx context.Context, wait bool) (r eventstore.Recorded, ok bool, err error) {
	if !wait {
		select {
		case r, ok = <-q.events:
		default:
		}
		return r, ok, nil
	}
	select {
	case r, ok = <-q.events:
	case <-ctx.Done():
		return r, false, ctx.Err()
	}
	if ok {
		return r, true, nil
	}
	// The reading has ended. It says why before it closes the channel, unless
	// the context told it to.
	select {
	case err = <-q.failed:
	case <-ctx.Done():
		err = ctx.Err()
	}
	return r, false, err
}

// skip drops what lies at or before a position.
func (q *queue) skip(done eventstore.Position) {
	n := 0
	for n < len(q.waiting) && q.waiting[n].Position <= done {
		n++
	}
	q.waiting = append([]eventstore.Recorded(nil), q.waiting[n:]...)
}

// A pause grows with every sleep, up to five seconds.
type pause struct{ first, next time.Duration }

// sleep waits; it ends early, with the context's error, when that ends.
func (p *pause) sleep(ctx context.Context) error {
	if p.next == 0 {
		p.next = max(p.first, 10*time.Millisecond)
	}
	t := time.NewTimer(p.next)
	defer t.Stop()
	p.next = min(2*p.next, 5*time.Second)
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
