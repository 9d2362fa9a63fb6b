package esdb

import (
	"context"
	"errors"
	"fmt"

	"leeway/eventstore"
)

// Append implements eventstore.Store. It may also end with
//
//   - eventstore.ErrUnavailable alone: the server was not reached, and nothing is stored;
//   - eventstore.ErrUnknown: it was sent, and may be stored. Only the same command may be
//     sent again; the same content under another command would be a second act;
//   - eventstore.ErrDenied: the credentials do not allow it, and nothing is stored.
//
// It returns when ctx ends, whatever the server and the client do.
func (s *Store) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	if !s.gate.enter() {
		return 0, eventstore.ErrClosed
	}
	defer s.gate.leave()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := b.Validate(); err != nil {
		return 0, err
	}
	ctx, cancel := patient(ctx, s.patience)
	defer cancel()
	if err := s.indexed(ctx); err != nil {
		return 0, fmt.Errorf("append %s: %w", b.Stream, err)
	}
	// Whoever has to wait for another append asks again afterwards: the other
	// may have put this command on record, or have failed and left the way free.
	for {
		c := s.index.claim(b)
		switch {
		case c.err != nil:
			return 0, c.err
		case c.place != nil:
			return s.again(ctx, b, *c.place)
		case c.flight != nil:
			return s.fly(ctx, c.flight)
		}
		select {
		case <-c.wait:
		case <-ctx.Done():
			return 0, why(ctx)
		}
	}
}

// fly carries out an append that has claimed what it needs. Whatever comes of
// it, the flight lands, because others may be waiting for it.
func (s *Store) fly(ctx context.Context, f *flight) (int64, error) {
	b := f.batch
	last := b.Expected + int64(len(b.Events))
	at, err := s.prepare(ctx, b)
	if at == nil && err == nil {
		err = s.deliver(ctx, b)
	}
	unknown := errors.Is(err, eventstore.ErrUnknown)
	if at != nil {
		err = errElsewhere
	}
	s.index.land(f, err, unknown)
	if at != nil {
		return s.again(ctx, b, *at)
	}
	if err != nil {
		return 0, fmt.Errorf("append %s: %w", b.Stream, translate(err))
	}
	return last, nil
}

// errElsewhere ends a flight whose command turned out to be on record. Nobody
// sees it: the caller is answered from the record.
var errElsewhere = errors.New("command is on record")

// prepare makes sure that everything about the stream up to the expected
// revision is known, and refuses what cannot be appended there. Before anyone
// is told of a conflict the rest of the stream is read: the command may have
// been carried out by another process.
func (s *Store) prepare(ctx context.Context, b eventstore.Batch) (*place, error) {
	last := s.index.last(b.Stream)
	if last != b.Expected {
		var err error
		if last, err = s.catchUp(ctx, b.Stream); err != nil {
			return nil, err
		}
	}
	at, id := s.index.lookup(b)
	switch {
	case at != nil:
		return at, nil
	case last != b.Expected:
		return nil, fmt.Errorf("%w: stream %s stands at %d, not at %d", eventstore.ErrConflict, b.Stream, last, b.Expected)
	case id != "":
		return nil, taken(id)
	}
	return nil, nil
}

// catchUp reads what the index does not know of a stream, and returns the
// revision at which the stream stands.
func (s *Store) catchUp(ctx context.Context, stream string) (int64, error) {
	err := s.steady(ctx, func(ctx context.Context) (bool, error) {
		next := s.index.last(stream) + 1 // further on when the last try broke off
		return false, s.readStream(ctx, stream, next, everything, func(r eventstore.Recorded) error {
			s.index.see(r)
			return nil
		})
	})
	last := s.index.last(stream)
	if classify(err) == faultNotFound && last == eventstore.NoStream {
		return last, nil
	}
	return last, err
}

// again answers a command that is on record: a retry gets the first answer. It
// compares with what the server holds, not with what the index remembers, which
// is only where the command's events begin. They stand in a row, so they end
// where the stream ends or another command's begin.
func (s *Store) again(ctx context.Context, b eventstore.Batch, at place) (int64, error) {
	first := eventstore.Batch{Command: b.Command, Stream: at.stream}
	for r, err := range s.Read(ctx, at.stream, at.first) {
		if err != nil {
			return 0, fmt.Errorf("look up command %q: %w", b.Command, err)
		}
		if r.Command != b.Command {
			break
		}
		first.Events = append(first.Events, r.Event)
	}
	if !first.Same(b) {
		return 0, reused(b, at.stream, "is on record")
	}
	return at.first + int64(len(b.Events)) - 1, nil
}

func reused(b eventstore.Batch, stream, how string) error {
	return fmt.Errorf("%w: command %q %s on stream %q", eventstore.ErrCommandReused, b.Command, how, stream)
}

func taken(id string) error {
	return fmt.Errorf("%w: event id %s is already on record", eventstore.ErrInvalid, id)
}
