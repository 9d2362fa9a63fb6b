package evidence

import (
	"context"
	"fmt"
	"iter"

	"leeway/domain"
	"leeway/eventstore"
)

// A shelf is the events of a package as a store that is only read, so that they
// are folded and replayed by the very code that does it in the ledger.
type shelf struct {
	all     []eventstore.Recorded
	streams map[string][]eventstore.Recorded
}

// shelve puts events on a shelf, in their order.
func shelve(events []piece) *shelf {
	s := &shelf{streams: map[string][]eventstore.Recorded{}}
	for _, e := range events {
		r := eventstore.Recorded{
			Event: eventstore.Event{ID: e.env.ID, Type: e.env.Type, Data: e.data}, Stream: e.env.Stream, Revision: e.env.Revision,
			Position: eventstore.Position(e.index + 1), Command: e.env.Command, Created: e.env.RecordedAt.Time,
		}
		s.all = append(s.all, r)
		s.streams[r.Stream] = append(s.streams[r.Stream], r)
	}
	return s
}

// Append implements eventstore.Store and refuses.
func (s *shelf) Append(context.Context, eventstore.Batch) (int64, error) {
	return 0, fmt.Errorf("%w: it is a package", eventstore.ErrReadOnly)
}

// Read implements eventstore.Store.
func (s *shelf) Read(_ context.Context, stream string, from int64) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, r := range s.streams[stream] {
			if r.Revision >= from && !yield(r, nil) {
				return
			}
		}
	}
}

// All implements eventstore.Store.
func (s *shelf) All(_ context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, r := range s.all {
			if r.Position > after && !yield(r, nil) {
				return
			}
		}
	}
}

// Subscribe implements eventstore.Store; nothing will come.
func (s *shelf) Subscribe(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return s.All(ctx, after)
}

// Close implements eventstore.Store.
func (s *shelf) Close() error { return nil }

// open reads an event's envelope.
func (e *piece) open() (err error) {
	e.env, err = domain.DecodeEnvelope(e.data)
	return err
}
