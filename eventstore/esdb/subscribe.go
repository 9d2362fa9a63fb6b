package esdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"leeway/eventstore"
)

// Subscribe implements eventstore.Store. It survives the loss of a connection,
// and ends with eventstore.ErrUnavailable when there has been none for the store's
// patience. It also ends, with ErrClosed, when the store is closed.
func (s *Store) Subscribe(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return s.sequence(ctx, func(ctx context.Context, emit emitter) error {
		if err := s.stands(ctx, after); err != nil {
			return err
		}
		return s.follow(ctx, after, func(e *esdb.RecordedEvent) error {
			r, ours, err := s.checked(e)
			if err != nil || !ours {
				return err
			}
			return emit(r)
		})
	})
}

// stands checks that a position is one of this store. The server would take any
// number, and a subscription that begins behind the end of a store that was put
// back from an older copy would miss what comes until then.
func (s *Store) stands(ctx context.Context, p eventstore.Position) error {
	end, err := s.lastPosition(ctx)
	switch {
	case err != nil:
		return err
	case p > end:
		return fmt.Errorf("%w: position %d lies past the end, %d", eventstore.ErrInvalid, p, end)
	case p == eventstore.Start || p == end:
		return nil
	}
	return s.steady(ctx, func(ctx context.Context) (bool, error) {
		return false, s.readAll(ctx, p, func(*esdb.RecordedEvent) error { return io.EOF })
	})
}

// follow visits what comes after a position, for ever. After a loss it goes on
// from the last event or checkpoint it has had; the server leaves that one out,
// so nothing comes twice.
func (s *Store) follow(ctx context.Context, after eventstore.Position, visit func(*esdb.RecordedEvent) error) error {
	return s.steady(ctx, func(ctx context.Context) (bool, error) {
		begin := time.Now()
		moved := func(p esdb.Position) { after = max(after, eventstore.Position(p.Commit)) }
		err := s.subscribed(ctx, after, moved, visit)
		// A connection that has held for so long was one, however quiet.
		return time.Since(begin) > s.link.attempt, err
	})
}

// subscribed runs one subscription until it drops, and tells how far it came:
// moved hears of every event that was visited and of every checkpoint, with
// which the server says that it has looked so far and found nothing for us.
func (s *Store) subscribed(ctx context.Context, after eventstore.Position, moved func(esdb.Position), visit func(*esdb.RecordedEvent) error) (err error) {
	opts := esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: s.filter()}
	if after != eventstore.Start {
		opts.From = esdb.Position{Commit: uint64(after), Prepare: uint64(after)}
	}
	sub, st, err := open(ctx, s.link, func(ctx context.Context, c *esdb.Client) (*esdb.Subscription, error) {
		return c.SubscribeToAll(ctx, opts)
	})
	if err != nil {
		return err
	}
	var broken error
	defer func() { st.close(broken) }()
	for {
		e := st.wait(sub)
		switch {
		case e.EventAppeared != nil:
			r := e.EventAppeared.OriginalEvent()
			if err := visit(r); err != nil {
				return visitorError{err}
			}
			moved(r.Position)
		case e.CheckPointReached != nil:
			moved(*e.CheckPointReached)
		case e.SubscriptionDropped != nil && ctx.Err() != nil:
			return why(ctx)
		case e.SubscriptionDropped != nil:
			broken = e.SubscriptionDropped.Error
			if classify(broken) == faultOther {
				// The server closed it without a word.
				return fmt.Errorf("%w: subscription dropped: %w", eventstore.ErrUnavailable, broken)
			}
			return broken
		}
	}
}

// filter leaves to the server what is not of this ledger. What the server
// passes is looked at again: its regular expressions are not Go's.
func (s *Store) filter() *esdb.SubscriptionFilter {
	if s.prefix != "" {
		return &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{s.prefix}}
	}
	return &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: `^[^\$]`}
}

// indexed waits until the index knows what is on record. The first caller
// starts to fill it, on the store's own time.
func (s *Store) indexed(ctx context.Context) error {
	s.indexing.Do(func() { s.follower.Go(s.fill) })
	select {
	case <-s.index.ready:
		return nil
	case <-ctx.Done():
		reason := s.link.trouble()
		if reason == nil {
			reason = errors.New("what is on record is still being read")
		}
		return gaveUp(ctx, reason)
	case <-s.gate.closed:
		return eventstore.ErrClosed
	}
}

// fill tells the index of every event, and of those to come, until the store
// is closed. It does not check them: a damaged event has an id all the same.
func (s *Store) fill() {
	at := eventstore.Start
	see := func(e *esdb.RecordedEvent) error {
		if r, _, ours := s.decode(e); ours {
			s.index.see(r)
		}
		at = eventstore.Position(e.Position.Commit)
		return nil
	}
	for s.life.Err() == nil {
		_, err := s.forward(s.life, at, see)
		if err == nil {
			s.index.open(nil)
			err = s.follow(s.life, at, see)
		}
		switch k := classify(err); k {
		case faultNone, faultUnavailable, faultOther:
		default:
			s.index.open(fmt.Errorf("what is on record cannot be read: %w", translate(err)))
			if k != faultDenied { // a server that has just started denies everyone
				return
			}
		}
		s.link.rest(s.life, lastPause) // shorter when the store is closed
	}
}
