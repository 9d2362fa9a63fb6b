package esdbserver

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"leeway/eventstore"
)

// events is how the port hands out events.
type events = iter.Seq2[eventstore.Recorded, error]

// Read implements the protocol: reads and subscriptions, of one stream or of
// $all. A plain read sends events or "stream not found" and nothing else; the
// client panics on whatever it does not expect.
func (s *Server) Read(req *streams.ReadReq, call streams.Streams_ReadServer) error {
	o := req.GetOptions()
	stream := string(o.GetStream().GetStreamIdentifier().GetStreamName())
	f, err := newFilter(o.GetFilter())
	if err != nil {
		return err
	}
	out := &sender{call: call, filter: f, uuidAsText: o.GetUuidOption().GetString_() != nil}
	switch {
	case o.GetSubscription() != nil && o.GetAll() != nil:
		err = s.subscribeAll(o.GetAll(), out)
	case o.GetSubscription() != nil:
		err = s.subscribeStream(stream, o.GetStream(), out)
	case o.GetAll() != nil:
		err = s.readAll(o, out)
	case o.GetStream() != nil:
		err = s.readStream(stream, o, out)
	default:
		err = status.Error(codes.InvalidArgument, "neither a stream nor $all")
	}
	return finish(call, stream, err)
}

// readAll sends $all from a position on, both ways. Whatever streams hide is
// still there, as it is on a real server that has not been scavenged.
func (s *Server) readAll(o *streams.ReadReq_Options, out *sender) error {
	ctx := out.call.Context()
	if o.ReadDirection == streams.ReadReq_Options_Backwards {
		want := o.GetCount()
		if out.filter != nil {
			want = math.MaxUint64 // how far back it lies is not known
		}
		found, err := s.backwards(ctx, o.GetAll(), want)
		if err != nil {
			return err
		}
		return out.events(slice(found), o.GetCount())
	}
	switch from := o.GetAll().AllOption.(type) {
	case *streams.ReadReq_Options_AllOptions_End:
		return nil
	case *streams.ReadReq_Options_AllOptions_Position:
		return out.events(s.store.All(ctx, before(from.Position.CommitPosition)), o.GetCount())
	default:
		return out.events(s.store.All(ctx, eventstore.Start), o.GetCount())
	}
}

// backwards returns the last events before a position, the newest first. The
// position itself is left out. A Store only reads forwards; what stands at its
// very end is at hand, for the rest everything is read.
func (s *Server) backwards(ctx context.Context, from *streams.ReadReq_Options_AllOptions, count uint64) ([]eventstore.Recorded, error) {
	if from.GetStart() != nil {
		return nil, nil
	}
	end, last, err := s.tail.now(ctx)
	if err != nil {
		return nil, err
	}
	// What is at hand will do when it is enough, or when it is everything.
	if from.GetEnd() != nil && (count <= uint64(len(last)) || len(last) < tailLength) {
		slices.Reverse(last)
		return last, nil
	}
	if p := from.GetPosition(); p != nil {
		end = min(end, before(p.CommitPosition))
	}
	var found []eventstore.Recorded
	for r, err := range s.store.All(ctx, eventstore.Start) {
		if err != nil {
			return nil, err
		}
		if r.Position > end {
			break
		}
		found = append(found, r)
	}
	slices.Reverse(found)
	return found, nil
}

// readStream sends one stream both ways. "Not found" is said when nothing was
// sent, and only of a stream that is not there: who reads past the end of one
// that is, or when all its events have grown too old, hears nothing.
func (s *Server) readStream(stream string, o *streams.ReadReq_Options, out *sender) error {
	ctx := out.call.Context()
	var err error
	if o.ReadDirection == streams.ReadReq_Options_Backwards {
		var found []eventstore.Recorded
		if found, err = s.streamBackwards(ctx, stream, o.GetStream()); err == nil {
			err = out.events(slice(found), o.GetCount())
		}
	} else if o.GetStream().GetEnd() == nil {
		err = out.events(s.visible(ctx, stream, int64(o.GetStream().GetRevision())), o.GetCount())
	}
	if err != nil || out.sent > 0 {
		return err
	}
	gone, err := s.isGone(ctx, stream)
	if err != nil || !gone {
		return err
	}
	return out.call.Send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{
		StreamNotFound: &streams.ReadResp_StreamNotFound{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
		},
	}})
}

// streamBackwards returns a stream's events from a revision down, that one
// included.
func (s *Server) streamBackwards(ctx context.Context, stream string, from *streams.ReadReq_Options_StreamOptions) ([]eventstore.Recorded, error) {
	var found []eventstore.Recorded
	for r, err := range s.visible(ctx, stream, 0) {
		if err != nil {
			return nil, err
		}
		if from.GetEnd() == nil && r.Revision > int64(from.GetRevision()) {
			break
		}
		found = append(found, r)
	}
	slices.Reverse(found)
	return found, nil
}

// visible yields what a stream's metadata leave of it, from a revision on. A
// stream that was deleted for good yields an error.
func (s *Server) visible(ctx context.Context, stream string, from int64) events {
	return func(yield func(eventstore.Recorded, error) bool) {
		m, err := s.metaOf(ctx, stream)
		var last int64
		switch {
		case err != nil:
		case m.tombstoned:
			err = errTombstoned
		case m.MaxCount != nil:
			last, err = s.lastRevision(ctx, stream)
		}
		if err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		for r, err := range s.store.Read(ctx, stored(stream), from) {
			if (err != nil || m.shows(r, last)) && !yield(r, err) {
				return
			}
		}
	}
}

// isGone reports whether a stream that shows nothing was never begun or has
// been deleted. One whose events have merely grown too old is still there.
func (s *Server) isGone(ctx context.Context, stream string) (bool, error) {
	m, err := s.metaOf(ctx, stream)
	if err != nil {
		return false, err
	}
	last, err := s.lastRevision(ctx, stream)
	return last == eventstore.NoStream || m.TruncateBefore != nil && *m.TruncateBefore > last, err
}

// slice makes a sequence of what has been read.
func slice(rs []eventstore.Recorded) events {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, r := range rs {
			if !yield(r, nil) {
				return
			}
		}
	}
}
