package casework

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"leeway/domain"
	"leeway/eventstore"
)

// read yields the envelopes of a stream from its first event on. Each is
// checked against the place at which the store holds it, so that a missing,
// moved or altered event ends the sequence with an error and is never passed
// over: it wraps domain.ErrAltered, eventstore.ErrCorrupt or what the store
// said, and names stream and revision.
func (s *Service) read(ctx context.Context, stream string) iter.Seq2[domain.Envelope, error] {
	return func(yield func(domain.Envelope, error) bool) {
		next := int64(0)
		for r, err := range s.Store.Read(ctx, stream, 0) {
			var env domain.Envelope
			if err == nil {
				env, err = open(r, stream, next, s.Suite)
			}
			if err != nil {
				yield(domain.Envelope{}, fmt.Errorf("stream %s, revision %d: %w", stream, next, err))
				return
			}
			if !yield(env, nil) {
				return
			}
			next++
		}
	}
}

// unreadable is the error of an event whose clear part cannot be read, though
// its envelope can. It was not written by this version of the program, and is
// never passed over; it is no fault of whoever asked.
func unreadable(m domain.Meta, err error) error {
	return fmt.Errorf("stream %s, revision %d: %w: %v", m.Stream, m.Revision, eventstore.ErrCorrupt, err)
}

// open reads a stored event that must be the given revision of a stream of a
// ledger of a suite. One of another suite is domain.ErrSuite.
func open(r eventstore.Recorded, stream string, revision int64, suite string) (domain.Envelope, error) {
	if r.Stream != stream || r.Revision != revision {
		return domain.Envelope{}, fmt.Errorf("%w: the store gave revision %d of %s in its place", eventstore.ErrCorrupt, r.Revision, r.Stream)
	}
	env, err := domain.DecodeEnvelope(r.Data)
	if err != nil {
		return domain.Envelope{}, err
	}
	if err := domain.CheckSuite("the event", env.Suite, suite); err != nil {
		if slices.Contains(domain.Suites(), env.Suite) {
			return domain.Envelope{}, err
		}
		return domain.Envelope{}, fmt.Errorf("%w: %w", domain.ErrAltered, err)
	}
	for _, c := range []struct{ what, stored, written string }{
		{"stream", r.Stream, env.Stream},
		{"id", r.ID, env.ID},
		{"type", r.Type, env.Type},
		{"command", r.Command, env.Command},
	} {
		if c.stored != c.written {
			return domain.Envelope{}, fmt.Errorf("%w: its %s is %q, its place says %q", domain.ErrAltered, c.what, c.written, c.stored)
		}
	}
	if env.Revision != revision {
		return domain.Envelope{}, fmt.Errorf("%w: it was written as revision %d", domain.ErrAltered, env.Revision)
	}
	return env, nil
}
