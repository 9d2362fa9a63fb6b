// Package memory is an event store that lives in the process. It is for
// tests: it passes the same contract as the durable adapters, except that
// nothing outlives it, and it can be told to fail in the ways they fail.
package memory

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"leeway/eventstore"
)

// Store is an event store in memory. Make one with New. One mutex guards all
// of it; reads take it for each event anew, so that a loop over one may append
// to it.
type Store struct {
	mu       sync.Mutex
	log      []eventstore.Recorded // the event at position p is log[p-1]
	streams  map[string][]eventstore.Position
	commands map[string]eventstore.Batch // what each command asked for
	answers  map[string]int64            // and what it was answered
	ids      map[string]bool             // of all events
	damaged  map[eventstore.Position]bool
	poison   error
	closed   bool
	changed  chan struct{} // closed and replaced when log or closed changes
}

var _ eventstore.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store {
	return &Store{
		streams:  make(map[string][]eventstore.Position),
		commands: make(map[string]eventstore.Batch),
		answers:  make(map[string]int64),
		ids:      make(map[string]bool),
		damaged:  make(map[eventstore.Position]bool),
		changed:  make(chan struct{}),
	}
}

// Append implements eventstore.Store. "Stable storage" is the process here.
func (s *Store) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, eventstore.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := b.Validate(); err != nil {
		return 0, err
	}
	if s.poison != nil {
		return 0, fmt.Errorf("%w: %w", eventstore.ErrPoisoned, s.poison)
	}
	// The command comes before the expectation: a retry usually expects a
	// revision that its own first attempt has moved past.
	if first, ok := s.commands[b.Command]; ok {
		if !first.Same(b) {
			return 0, fmt.Errorf("%w: command %s on stream %s", eventstore.ErrCommandReused, b.Command, b.Stream)
		}
		return s.answers[b.Command], nil
	}
	last := int64(len(s.streams[b.Stream])) - 1
	if last != b.Expected {
		return 0, fmt.Errorf("%w: stream %s stands at %d, not at %d", eventstore.ErrConflict, b.Stream, last, b.Expected)
	}
	for _, e := range b.Events {
		if s.ids[e.ID] {
			return 0, fmt.Errorf("%w: event id %s is already on record", eventstore.ErrInvalid, e.ID)
		}
	}
	return s.store(b), nil
}

// store puts a batch that has passed every check on record.
func (s *Store) store(b eventstore.Batch) int64 {
	kept := b
	kept.Events = make([]eventstore.Event, len(b.Events))
	created := time.Now()
	for i, e := range b.Events {
		e.Data = bytes.Clone(e.Data)
		kept.Events[i] = e
		s.ids[e.ID] = true
		p := eventstore.Position(len(s.log) + 1)
		s.log = append(s.log, eventstore.Recorded{
			Event: e, Stream: b.Stream, Revision: b.Expected + 1 + int64(i),
			Position: p, Command: b.Command, Created: created,
		})
		s.streams[b.Stream] = append(s.streams[b.Stream], p)
	}
	last := b.Expected + int64(len(b.Events))
	s.commands[b.Command] = kept
	s.answers[b.Command] = last
	s.wake()
	return last
}

// Read implements eventstore.Store. Its end is that of the moment when the
// loop begins, since a stream's list of places only ever grows.
func (s *Store) Read(ctx context.Context, stream string, from int64) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		if _, _, err := s.end(ctx, eventstore.Start); err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		s.mu.Lock()
		places := s.streams[stream]
		s.mu.Unlock()
		for _, p := range places[min(max(from, 0), int64(len(places))):] {
			r, err := s.at(ctx, p)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// All implements eventstore.Store.
func (s *Store) All(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		end, _, err := s.end(ctx, after)
		if err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		s.upTo(ctx, after, end, yield)
	}
}

// Subscribe implements eventstore.Store. It also ends, with ErrClosed, when
// the store is closed.
func (s *Store) Subscribe(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for at := after; ; {
			end, changed, err := s.end(ctx, at)
			if err != nil {
				yield(eventstore.Recorded{}, err)
				return
			}
			if !s.upTo(ctx, at, end, yield) {
				return
			}
			at = end
			select {
			case <-changed:
			case <-ctx.Done():
			}
		}
	}
}

// Close implements eventstore.Store. What was stored is gone.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.wake()
	}
	return nil
}

// Damage makes one event unreadable: a read that comes to it ends with
// ErrCorrupt. It does nothing where there is no such event.
func (s *Store) Damage(stream string, revision int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if places := s.streams[stream]; revision >= 0 && revision < int64(len(places)) {
		s.damaged[places[revision]] = true
	}
}

// Poison makes every further Append fail with ErrPoisoned and this reason,
// as a durable store does after a write error.
func (s *Store) Poison(reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.poison = reason
}

// upTo yields the events after one position up to another, and reports
// whether the caller wants to go on.
func (s *Store) upTo(ctx context.Context, after, end eventstore.Position, yield func(eventstore.Recorded, error) bool) bool {
	for p := after + 1; p <= end; p++ {
		r, err := s.at(ctx, p)
		if !yield(r, err) || err != nil {
			return false
		}
	}
	return true
}

// end is where a read after a position would stop now, and a channel that is
// closed when that is no longer so.
func (s *Store) end(ctx context.Context, after eventstore.Position) (eventstore.Position, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	end := eventstore.Position(len(s.log))
	switch {
	case s.closed:
		return 0, nil, eventstore.ErrClosed
	case ctx.Err() != nil:
		return 0, nil, ctx.Err()
	case after > end:
		return 0, nil, fmt.Errorf("%w: position %d lies past the end, %d", eventstore.ErrInvalid, after, end)
	}
	return end, s.changed, nil
}

// at reads one event. The caller gets bytes of his own.
func (s *Store) at(ctx context.Context, p eventstore.Position) (eventstore.Recorded, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r := s.log[p-1]; {
	case s.closed:
		return eventstore.Recorded{}, eventstore.ErrClosed
	case ctx.Err() != nil:
		return eventstore.Recorded{}, ctx.Err()
	case s.damaged[p]:
		return eventstore.Recorded{}, fmt.Errorf("%w: stream %s revision %d", eventstore.ErrCorrupt, r.Stream, r.Revision)
	default:
		r.Data = bytes.Clone(r.Data)
		return r, nil
	}
}

// wake tells everyone who waits that something has changed.
func (s *Store) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}
