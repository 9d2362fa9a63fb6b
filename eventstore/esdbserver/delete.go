package esdbserver

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"leeway/eventstore"
)

// Delete implements the protocol's soft delete: what is there so far is
// hidden, and the stream may go on, at the revision where it stood. The rest of
// its metadata is kept. Ledger streams are refused.
func (s *Server) Delete(ctx context.Context, req *streams.DeleteReq) (*streams.DeleteResp, error) {
	stream := string(req.GetOptions().GetStreamIdentifier().GetStreamName())
	last, err := s.deleting(ctx, stream, expectation(req.GetOptions()))
	if err != nil {
		return nil, err
	}
	raw, _, err := s.meta.last(ctx, stream)
	if err != nil {
		return nil, toStatus(err)
	}
	fields := make(map[string]any)
	if raw != nil {
		if err := json.Unmarshal(raw, &fields); err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "metadata of stream %q: %v", stream, err)
		}
	}
	fields["$tb"] = last + 1
	data, err := json.Marshal(fields)
	if err != nil {
		return nil, toStatus(err)
	}
	p, err := s.mark(ctx, stream, typeMetadata, data)
	if err != nil {
		return nil, err
	}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{
		Position: &streams.DeleteResp_Position{CommitPosition: p, PreparePosition: p},
	}}, nil
}

// Tombstone implements the protocol's delete for good: nobody reads the
// stream or writes it any more. Ledger streams are refused. The mark is the last
// event of the stream's metadata, where a real server puts it at the end of the
// stream itself; a Store has no revision for it there.
func (s *Server) Tombstone(ctx context.Context, req *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	stream := string(req.GetOptions().GetStreamIdentifier().GetStreamName())
	if _, err := s.deleting(ctx, stream, expectation(req.GetOptions())); err != nil {
		return nil, err
	}
	p, err := s.mark(ctx, stream, typeTombstone, []byte("{}"))
	if err != nil {
		return nil, err
	}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{
		Position: &streams.TombstoneResp_Position{CommitPosition: p, PreparePosition: p},
	}}, nil
}

// expecting is what both deleting requests say of the stream. The two are
// different types with the same fields.
type expecting interface {
	GetRevision() uint64
	GetNoStream() *shared.Empty
	GetAny() *shared.Empty
	GetStreamExists() *shared.Empty
}

// expectation reports whether a stream that ends at last is as expected.
func expectation(e expecting) func(last int64) bool {
	return func(last int64) bool {
		switch {
		case e.GetAny() != nil:
			return true
		case e.GetStreamExists() != nil:
			return last != eventstore.NoStream
		case e.GetNoStream() != nil:
			return last == eventstore.NoStream
		default:
			return last == int64(e.GetRevision())
		}
	}
}

// deleting checks that a stream may be deleted and is as the caller expects,
// and returns its last revision. A stream that was never begun may be deleted
// by whoever expects that.
func (s *Server) deleting(ctx context.Context, stream string, expected func(int64) bool) (int64, error) {
	if err := s.mayDelete(stream); err != nil {
		return 0, err
	}
	m, err := s.metaOf(ctx, stream)
	if err != nil {
		return 0, toStatus(err)
	}
	if m.tombstoned {
		if err := grpc.SetTrailer(ctx, tombstonedTrailer(stream)); err != nil {
			return 0, err
		}
		return 0, status.Errorf(codes.FailedPrecondition, "stream %q is deleted", stream)
	}
	last, err := s.lastRevision(ctx, stream)
	if err != nil {
		return 0, toStatus(err)
	}
	if !expected(last) {
		if err := grpc.SetTrailer(ctx, metadata.Pairs("exception", "wrong-expected-version", "stream-name", stream)); err != nil {
			return 0, err
		}
		return 0, status.Errorf(codes.FailedPrecondition, "stream %q stands at %d", stream, last)
	}
	return last, nil
}

// mark appends to the metadata of a stream, and returns where on the wire. What
// is deleted stays in the store: a mark hides it.
func (s *Server) mark(ctx context.Context, stream, kind string, data []byte) (uint64, error) {
	e, err := wrap(&streams.AppendReq_ProposedMessage{
		Id: new(shared.UUID), Data: data,
		Metadata: map[string]string{keyType: kind, keyContentType: "application/json"},
	})
	if err != nil {
		return 0, toStatus(err)
	}
	p := &proposal{stream: metaPrefix + stream, events: []eventstore.Event{e}}
	for {
		last, err := s.lastRevision(ctx, p.stream)
		if err != nil {
			return 0, toStatus(err)
		}
		last, err = s.put(ctx, p, last)
		if errors.Is(err, eventstore.ErrConflict) {
			continue
		}
		if err != nil {
			return 0, toStatus(err)
		}
		for r, err := range s.store.Read(ctx, stored(p.stream), last) {
			return toWire(r.Position), toStatus(err)
		}
		return 0, status.Errorf(codes.Internal, "stream %q has lost revision %d", p.stream, last)
	}
}
