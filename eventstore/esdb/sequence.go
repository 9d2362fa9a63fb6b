package esdb

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"leeway/eventstore"
)

// emitter hands one event to whoever reads, and says when to stop.
type emitter func(eventstore.Recorded) error

// errBreak stops a walk whose caller has left the loop.
var errBreak = errors.New("the loop was left")

// sequence makes a sequence of a walk: the walk's error becomes the last pair.
// The walk's context also ends when the store is closed.
func (s *Store) sequence(ctx context.Context, walk func(context.Context, emitter) error) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		err := s.ended(ctx)
		if err == nil {
			inner, cancel := context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(s.life, cancel)()
			err = walk(inner, func(r eventstore.Recorded) error {
				if err := s.ended(ctx); err != nil {
					return err
				}
				if !yield(r, nil) {
					return errBreak
				}
				return nil
			})
		}
		if errors.Is(err, errBreak) || err == nil {
			return
		}
		switch ended := s.ended(ctx); {
		case ended == nil:
			err = translate(err)
		case ctx.Err() == nil || !errors.Is(err, ctx.Err()):
			err = ended
		}
		yield(eventstore.Recorded{}, err)
	}
}

// patient is ctx, for no longer than someone's patience. Whoever finds it ended
// early learns from its cause that it was not his own doing.
func patient(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, inVain(d))
}

// inVain says that a server was waited for, and for how long.
type inVain time.Duration

func (d inVain) Error() string {
	return fmt.Sprintf("%v for %v", eventstore.ErrUnavailable, time.Duration(d))
}

func (inVain) Unwrap() error { return eventstore.ErrUnavailable }

// why says why a context has ended.
func why(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	switch {
	case cause == nil || cause == err:
		return err
	case errors.Is(cause, eventstore.ErrUnavailable):
		return cause
	default:
		return fmt.Errorf("%w: %w", err, cause)
	}
}

// gaveUp is the error of a call that has waited in vain, for a reason or for
// none that is known. Whoever cancels his context has not waited in vain.
func gaveUp(ctx context.Context, reason error) error {
	if ctx.Err() == context.Canceled {
		return why(ctx)
	}
	if reason == nil {
		reason = errors.New("no connection yet")
	}
	return fmt.Errorf("%w: %w: %w", eventstore.ErrUnavailable, why(ctx), reason)
}

// ended says why nobody may read any more.
func (s *Store) ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return why(ctx)
	}
	if s.life.Err() != nil {
		return eventstore.ErrClosed
	}
	return nil
}

// steady repeats what failed for the sake of the connection, until the store's
// patience has passed without progress. What it repeats must go on from where
// it was, or be harmless to repeat. An error of the reader, an answer of the
// server, and the end of the context are not a matter of the connection.
func (s *Store) steady(ctx context.Context, try func(context.Context) (progress bool, err error)) error {
	pause, until := firstPause, time.Now().Add(s.patience)
	for {
		progress, err := try(ctx)
		if v := (visitorError{}); err == nil || errors.As(err, &v) || ctx.Err() != nil || classify(err) != faultUnavailable {
			return err
		}
		if progress {
			pause, until = firstPause, time.Now().Add(s.patience)
		}
		if time.Now().After(until) {
			return fmt.Errorf("%w for %v: %w", eventstore.ErrUnavailable, s.patience, err)
		}
		if err := s.link.rest(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, lastPause)
	}
}
