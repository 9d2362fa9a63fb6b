package esdbserver

import (
	"context"
	"slices"
	"sync"

	"leeway/eventstore"
)

// tail knows the end of the store without reading all of it each time. It
// catches up when it is asked, so it never lags behind an append that was
// answered.
type tail struct {
	store eventstore.Store

	mu   sync.Mutex
	end  eventstore.Position
	last []eventstore.Recorded // the last events, at most tailLength
}

// tailLength is enough for what a client asks of the end: where it is.
const tailLength = 64

// now returns the position of the last event, and the last events in order.
// It reads what has come since it was asked last; the slice is the caller's.
func (t *tail) now(ctx context.Context) (eventstore.Position, []eventstore.Recorded, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for r, err := range t.store.All(ctx, t.end) {
		if err != nil {
			return 0, nil, err
		}
		t.end = r.Position
		// Twice the length, so that most events are kept without moving any.
		t.last = append(t.last, r)
		if len(t.last) == 2*tailLength {
			t.last = append(t.last[:0], t.last[tailLength:]...)
		}
	}
	if extra := len(t.last) - tailLength; extra > 0 {
		t.last = slices.Delete(t.last, 0, extra)
	}
	return t.end, slices.Clone(t.last), nil
}

// A wire position is a store position stretched: real positions are byte
// offsets, and a client that takes them for numbers in a row must fail here.
// Between two events lie positions at which none stands, and both ways of
// asking for them have an answer.
const stride = 64

// toWire is where an event stands for the client.
func toWire(p eventstore.Position) uint64 { return uint64(p) * stride }

// before is the store position after which the events lie that stand at a
// wire position or later. It is what a read forwards starts from, and where a
// read backwards ends.
func before(wire uint64) eventstore.Position {
	if wire == 0 {
		return eventstore.Start
	}
	return eventstore.Position((wire - 1) / stride)
}

// upTo is the store position of the last event at a wire position or earlier:
// a subscription starts after it.
func upTo(wire uint64) eventstore.Position { return eventstore.Position(wire / stride) }
