package esdbserver

import (
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"leeway/eventstore"
)

// subscribeAll sends what lies after a position, says that it has caught up,
// and goes on with what comes. Unlike a read it leaves the position out.
func (s *Server) subscribeAll(from *streams.ReadReq_Options_AllOptions, out *sender) error {
	after := eventstore.Start
	if p := from.GetPosition(); p != nil {
		after = upTo(p.CommitPosition)
	}
	if from.GetEnd() != nil {
		end, _, err := s.tail.now(out.call.Context())
		if err != nil {
			return err
		}
		after = end
	}
	if err := out.confirm(); err != nil {
		return err
	}
	return s.follow(after, out)
}

// subscribeStream does the same with one stream. Its past is read from the
// stream and its future from the whole store, after a position taken before.
func (s *Server) subscribeStream(stream string, from *streams.ReadReq_Options_StreamOptions, out *sender) error {
	ctx := out.call.Context()
	after, _, err := s.tail.now(ctx)
	if err != nil {
		return err
	}
	if err := out.confirm(); err != nil {
		return err
	}
	first := int64(0) // the first revision that is asked for
	if from.GetStart() == nil && from.GetEnd() == nil {
		first = int64(from.GetRevision()) + 1
	}
	for r, err := range s.visible(ctx, stream, first) {
		if err != nil {
			return err
		}
		if r.Position > after {
			break // it comes again below
		}
		if from.GetEnd() != nil {
			continue
		}
		if err := out.event(r); err != nil {
			return err
		}
	}
	if err := out.caughtUp(); err != nil {
		return err
	}
	for r, err := range s.store.Subscribe(ctx, after) {
		if err != nil {
			return err
		}
		if named(r.Stream) != stream || r.Revision < first {
			continue
		}
		if err := out.event(r); err != nil {
			return err
		}
	}
	return nil
}

// follow sends everything after a position, for ever. The word that it has
// caught up comes once: a real server says so again whenever it fell behind.
func (s *Server) follow(after eventstore.Position, out *sender) error {
	ctx := out.call.Context()
	looked := uint64(0)
	take := func(r eventstore.Recorded) error {
		after = r.Position
		if out.filter.passes(r) {
			return out.event(r)
		}
		if looked++; looked%out.filter.interval == 0 {
			return out.checkpoint(after)
		}
		return nil
	}
	for r, err := range s.store.All(ctx, after) {
		if err != nil {
			return err
		}
		if err := take(r); err != nil {
			return err
		}
	}
	if out.filter != nil {
		if err := out.checkpoint(after); err != nil {
			return err
		}
	}
	if err := out.caughtUp(); err != nil {
		return err
	}
	for r, err := range s.store.Subscribe(ctx, after) {
		if err != nil {
			return err
		}
		if err := take(r); err != nil {
			return err
		}
	}
	return nil
}

// confirm is the first message of a subscription. The client takes anything else
// for a failure.
func (out *sender) confirm() error {
	return out.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: newID()},
	}})
}

// caughtUp says that the past is over.
func (out *sender) caughtUp() error {
	return out.call.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: new(streams.ReadResp_CaughtUp)}})
}

// checkpoint tells a subscriber with a filter how far the server has looked,
// so that he need not begin so far back when he comes again.
func (out *sender) checkpoint(at eventstore.Position) error {
	return out.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{
		Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: toWire(at), PreparePosition: toWire(at)},
	}})
}
