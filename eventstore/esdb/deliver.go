package esdb

import (
	"context"
	"errors"
	"fmt"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"leeway/eventstore"
)

// mostRefusals is how often the server may break off a request before it has
// heard all of it, while it answers others. It does so when a batch is larger
// than it takes, and the client then loses the reason.
const mostRefusals = 3

// deliver sends a batch until its outcome is known, or says eventstore.ErrUnknown.
//
// Sending again is safe because every attempt expects the same revision, so the
// server takes one of them at most, however late the others arrive. Reading is
// what decides, never the kind of error: a cut connection says nothing about
// what the server had already done, and "wrong expected revision" may mean that
// an earlier attempt is on record, when the server has forgotten its event ids.
func (s *Store) deliver(ctx context.Context, b eventstore.Batch) error {
	refusals, sent := 0, false
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := s.send(ctx, b)
		switch classify(err) {
		case faultNone:
			return nil
		case faultConflict:
			// This attempt was not taken. An earlier one may have been.
		case faultUnsent:
			if refusals++; refusals == mostRefusals {
				return s.undecided(sent, fmt.Errorf("%w: the server breaks it off; see its MaxAppendSize and the rights of the user: %w", eventstore.ErrInvalid, err))
			}
		case faultUnavailable, faultOther:
			sent = sent || !neverSent(err)
		default:
			return s.undecided(sent, translate(err))
		}
		if !sent && neverSent(err) {
			return translate(err) // nothing to find out
		}
		found, decided, lookErr := s.look(ctx, b)
		switch {
		case found:
			_, err := s.again(ctx, b, place{b.Stream, b.Expected + 1})
			return s.undecided(err != nil && !errors.Is(err, eventstore.ErrCommandReused), err)
		case decided:
			return fmt.Errorf("%w: at revision %d of stream %s stands another event", eventstore.ErrConflict, b.Expected+1, b.Stream)
		case lookErr != nil:
			return s.undecided(sent, lookErr)
		}
		if ctx.Err() != nil {
			return s.undecided(sent, why(ctx))
		}
		if err := s.link.rest(ctx, pause); err != nil {
			return s.undecided(sent, err)
		}
	}
}

// send is one attempt. It returns the client's error as it came. The revision
// in an answer is not looked at: a server that recognises a batch may answer
// with where the stream stands today.
func (s *Store) send(ctx context.Context, b eventstore.Batch) error {
	events, err := encode(b)
	if err != nil {
		return err
	}
	opts := esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}, Deadline: &s.link.attempt}
	if b.Expected != eventstore.NoStream {
		opts.ExpectedRevision = esdb.Revision(uint64(b.Expected))
	}
	_, session, err := call(ctx, s.link, func(ctx context.Context, c *esdb.Client) (*esdb.WriteResult, error) {
		return c.AppendToStream(ctx, s.prefix+b.Stream, opts, events...)
	})
	if err != nil {
		return err
	}
	session.release()
	return nil
}

// look reads the stream where the batch would stand. What it finds there
// decides, and a server that still shows nothing has not decided yet.
func (s *Store) look(ctx context.Context, b eventstore.Batch) (found, decided bool, err error) {
	err = s.steady(ctx, func(ctx context.Context) (bool, error) {
		return false, s.readStream(ctx, b.Stream, b.Expected+1, b.Expected+1, func(r eventstore.Recorded) error {
			found, decided = r.ID == b.Events[0].ID && r.Command == b.Command, true
			return nil
		})
	})
	if classify(err) == faultNotFound && s.index.last(b.Stream) == eventstore.NoStream {
		err = nil
	}
	return found, decided, err
}

// errNotSent marks a call that did not get as far as the server: there was no
// connection to send it on.
var errNotSent = errors.New("not sent")

func neverSent(err error) bool { return errors.Is(err, errNotSent) }

// undecided adds to an error that an attempt may have been carried out. A
// caller who is told less would think that he may do something else instead.
func (s *Store) undecided(sent bool, err error) error {
	if sent {
		return fmt.Errorf("%w: %w", eventstore.ErrUnknown, err)
	}
	return err
}
