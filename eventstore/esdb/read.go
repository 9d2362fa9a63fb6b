package esdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"leeway/eventstore"
)

// everything is as far, and as many events, as a server counts.
const everything = math.MaxInt64

// Read implements eventstore.Store. It notices missing revisions, whether the
// server has truncated the stream or deleted it. When the connection is lost
// on the way, it goes on from where it was.
func (s *Store) Read(ctx context.Context, stream string, from int64) iter.Seq2[eventstore.Recorded, error] {
	return s.sequence(ctx, func(ctx context.Context, emit emitter) error {
		known := s.index.last(stream) // before the server is asked: it grows
		last, err := s.lastRevision(ctx, stream)
		if err != nil {
			return fmt.Errorf("read stream %q: %w", stream, err)
		}
		if last < known && from <= known {
			return fmt.Errorf("%w: stream %q went on to revision %d and stands at %d", eventstore.ErrCorrupt, stream, known, last)
		}
		next := max(from, 0)
		err = s.steady(ctx, func(ctx context.Context) (bool, error) {
			begin := next
			err := s.readStream(ctx, stream, next, last, func(r eventstore.Recorded) error {
				next++
				return emit(r)
			})
			return next > begin, err
		})
		if err == nil && next <= last {
			err = missing(stream, next) // the server ended early, without an error
		}
		return err
	})
}

// readStream emits the revisions of a stream from one to another, as far as
// there are any. It is one request: it neither repeats itself nor asks first
// where the stream ends. A server that is asked for what has been truncated
// begins with what is left, so each revision is checked against the one that
// was asked for.
func (s *Store) readStream(ctx context.Context, stream string, from, to int64, emit emitter) error {
	if from > to {
		return nil
	}
	count := uint64(everything)
	if to != everything {
		count = uint64(to-from) + 1
	}
	opts := esdb.ReadStreamOptions{From: esdb.Revision(uint64(from))}
	return s.read(ctx, func(ctx context.Context, c *esdb.Client) (*esdb.ReadStream, error) {
		return c.ReadStream(ctx, s.prefix+stream, opts, count)
	}, func(e *esdb.RecordedEvent) error {
		r, _, err := s.checked(e)
		if err != nil {
			return err
		}
		if r.Revision != from {
			return missing(stream, from)
		}
		from++
		return emit(r)
	})
}

// lastRevision is where a stream stands. A stream that the server does not
// know stands at NoStream; whether it should know it is the caller's question,
// because a soft delete looks the same from here.
func (s *Store) lastRevision(ctx context.Context, stream string) (int64, error) {
	last := eventstore.NoStream
	opts := esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}
	err := s.steady(ctx, func(ctx context.Context) (bool, error) {
		return false, s.read(ctx, func(ctx context.Context, c *esdb.Client) (*esdb.ReadStream, error) {
			return c.ReadStream(ctx, s.prefix+stream, opts, 1)
		}, func(e *esdb.RecordedEvent) error {
			last = int64(e.EventNumber)
			return nil
		})
	})
	if classify(err) == faultNotFound {
		return eventstore.NoStream, nil
	}
	return last, err
}

// All implements eventstore.Store. When the connection is lost on the way, it
// goes on from where it was.
func (s *Store) All(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return s.sequence(ctx, func(ctx context.Context, emit emitter) error {
		_, err := s.forward(ctx, after, func(e *esdb.RecordedEvent) error {
			r, ours, err := s.checked(e)
			if err != nil || !ours {
				return err
			}
			return emit(r)
		})
		return err
	})
}

// forward walks over everything between a position and the end of the store
// as it is now, and returns that end. The end is asked for first. A server goes
// on for as long as events are appended, so a loop that appends one for each it
// reads would never come to the end of a plain read.
func (s *Store) forward(ctx context.Context, after eventstore.Position, visit func(*esdb.RecordedEvent) error) (eventstore.Position, error) {
	end, err := s.lastPosition(ctx)
	if err != nil {
		return after, err
	}
	if after > end {
		return after, fmt.Errorf("%w: position %d lies past the end, %d", eventstore.ErrInvalid, after, end)
	}
	err = s.steady(ctx, func(ctx context.Context) (bool, error) {
		begin := after
		err := s.readAll(ctx, after, func(e *esdb.RecordedEvent) error {
			p := eventstore.Position(e.Position.Commit)
			if p > end {
				return io.EOF
			}
			after = p
			if err := visit(e); err != nil {
				return err
			}
			if p == end {
				return io.EOF
			}
			return nil
		})
		return after > begin, err
	})
	if err == nil && after < end {
		err = fmt.Errorf("%w: the store goes on to position %d and shows nothing after %d", eventstore.ErrCorrupt, end, after)
	}
	return end, err
}

// readAll visits every event after a position. The server begins with the
// position itself: when no event stands there, the position is not of this
// store, or the store is not what it was.
func (s *Store) readAll(ctx context.Context, after eventstore.Position, visit func(*esdb.RecordedEvent) error) error {
	opts := esdb.ReadAllOptions{From: esdb.Start{}}
	if after != eventstore.Start {
		opts.From = esdb.Position{Commit: uint64(after), Prepare: uint64(after)}
	}
	first := after != eventstore.Start
	return s.read(ctx, func(ctx context.Context, c *esdb.Client) (*esdb.ReadStream, error) {
		return c.ReadAll(ctx, opts, everything)
	}, func(e *esdb.RecordedEvent) error {
		if first {
			first = false
			if p := eventstore.Position(e.Position.Commit); p != after {
				return fmt.Errorf("%w: no event stands at position %d, the next is at %d", eventstore.ErrInvalid, after, p)
			}
			return nil
		}
		return visit(e)
	})
}

// lastPosition is where the store ends, whoever's event that is: a read that
// runs until it meets this position is complete even when the last events are
// the server's own or another ledger's, which a read of this one passes over.
func (s *Store) lastPosition(ctx context.Context) (eventstore.Position, error) {
	end := eventstore.Start
	opts := esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}
	err := s.steady(ctx, func(ctx context.Context) (bool, error) {
		return false, s.read(ctx, func(ctx context.Context, c *esdb.Client) (*esdb.ReadStream, error) {
			return c.ReadAll(ctx, opts, 1)
		}, func(e *esdb.RecordedEvent) error {
			end = eventstore.Position(e.Position.Commit)
			return nil
		})
	})
	return end, err
}

// read opens a read and visits what it yields. A visitor that returns io.EOF
// has had enough; any other error of his comes back marked as his, so that
// nobody takes it for one of the connection and reads again.
func (s *Store) read(ctx context.Context, start func(context.Context, *esdb.Client) (*esdb.ReadStream, error), visit func(*esdb.RecordedEvent) error) error {
	r, st, err := open(ctx, s.link, start)
	if err != nil {
		return err
	}
	var broken error // how the stream ended by itself
	defer func() { st.close(broken) }()
	for {
		e, err := st.next(r)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && ctx.Err() != nil:
			return gaveUp(ctx, err)
		case err != nil:
			broken = err
			return err
		}
		if err := visit(e.OriginalEvent()); err != nil {
			if err == io.EOF {
				return nil
			}
			return visitorError{err}
		}
	}
}

// visitorError is an error of whoever reads, not of the connection.
type visitorError struct{ error }

func (v visitorError) Unwrap() error { return v.error }

func missing(stream string, revision int64) error {
	return fmt.Errorf("%w: stream %q has no revision %d", eventstore.ErrCorrupt, stream, revision)
}
