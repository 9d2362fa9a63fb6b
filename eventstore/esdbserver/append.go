package esdbserver

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"leeway/eventstore"
)

// proposal is one append as it came in. Ids, data and events go together.
type proposal struct {
	stream  string
	options *streams.AppendReq_Options
	events  []eventstore.Event
	ids     []string // as the client gave them
	data    [][]byte // as the client gave them
}

// Append implements the protocol: a header, then events, then one answer.
// Nothing is stored before the client has said that there is no more, so a
// call that breaks off has not happened. Success comes without a position,
// which the protocol allows: a Store does not tell it.
func (s *Server) Append(call streams.Streams_AppendServer) error {
	p, err := receive(call)
	if err != nil {
		return toStatus(err)
	}
	answer, err := s.append(call.Context(), p)
	if err != nil {
		return finish(call, p.stream, err)
	}
	return call.SendAndClose(answer)
}

// receive takes in one append to its end.
func receive(call streams.Streams_AppendServer) (*proposal, error) {
	p := new(proposal)
	for {
		req, err := call.Recv()
		if errors.Is(err, io.EOF) {
			break // the client has said that this was all
		}
		if err != nil {
			return nil, err
		}
		switch c := req.Content.(type) {
		case *streams.AppendReq_Options_:
			p.options = c.Options
			p.stream = string(c.Options.GetStreamIdentifier().GetStreamName())
		case *streams.AppendReq_ProposedMessage_:
			e, err := wrap(c.ProposedMessage)
			if err != nil {
				return nil, err
			}
			p.events = append(p.events, e)
			p.ids = append(p.ids, idText(c.ProposedMessage.Id))
			p.data = append(p.data, c.ProposedMessage.Data)
		}
	}
	if p.options == nil {
		return nil, status.Error(codes.InvalidArgument, "an append begins with its options")
	}
	return p, nil
}

// append carries out a whole append, by the kind of its expectation. A batch
// without one is taken for "any", as the protocol has it.
func (s *Server) append(ctx context.Context, p *proposal) (*streams.AppendResp, error) {
	if err := s.mayAppend(ctx, p); err != nil {
		return nil, err
	}
	switch o := p.options.ExpectedStreamRevision.(type) {
	case *streams.AppendReq_Options_Revision:
		return s.appendAt(ctx, p, int64(o.Revision))
	case *streams.AppendReq_Options_NoStream:
		return s.appendAt(ctx, p, eventstore.NoStream)
	default:
		return s.appendAnywhere(ctx, p)
	}
}

// appendAt appends at a concrete revision. Where the stream has moved on with
// the very same event ids, the answer is the one that the first attempt got.
func (s *Server) appendAt(ctx context.Context, p *proposal, expected int64) (*streams.AppendResp, error) {
	last, err := s.put(ctx, p, expected)
	if !errors.Is(err, eventstore.ErrConflict) {
		return success(last), err
	}
	ids, err := s.ids(ctx, p.stream, expected+1)
	if err != nil {
		return nil, err
	}
	// Who expects more than there is, expects what is not there yet; how much
	// there is has to be looked for.
	if len(ids) == 0 {
		last, err := s.lastRevision(ctx, p.stream)
		return wrongVersion(p.options, last), err
	}
	if !s.options.Forgetful && len(p.ids) <= len(ids) && slices.Equal(p.ids, ids[:len(p.ids)]) {
		return success(expected + int64(len(p.ids))), nil
	}
	return wrongVersion(p.options, expected+int64(len(ids))), nil
}

// appendAnywhere appends at the end, wherever that is. Another append may come
// in between, and then the end is looked for again. The esdb adapter never asks
// for this; the official client's tests do.
func (s *Server) appendAnywhere(ctx context.Context, p *proposal) (*streams.AppendResp, error) {
	_, mustExist := p.options.ExpectedStreamRevision.(*streams.AppendReq_Options_StreamExists)
	for {
		last, err := s.lastRevision(ctx, p.stream)
		if err != nil {
			return nil, err
		}
		if mustExist && last == eventstore.NoStream {
			return wrongVersion(p.options, last), nil
		}
		last, err = s.put(ctx, p, last)
		if !errors.Is(err, eventstore.ErrConflict) {
			return success(last), err
		}
	}
}

// put hands a batch to the store, under a command of its own: the port knows
// retries by their command, the protocol by its event ids. The store checks the
// rest, so that what is refused by one adapter is refused behind this one too.
func (s *Server) put(ctx context.Context, p *proposal, expected int64) (int64, error) {
	last, err := s.store.Append(ctx, eventstore.Batch{
		Stream: stored(p.stream), Expected: expected, Command: newID(), Events: p.events,
	})
	if err == nil {
		s.meta.changed(p.stream)
	}
	return last, err
}

// ids are the event ids of a stream as clients gave them, from a revision on,
// whatever its metadata hide: a retry of what is hidden is a retry all the same.
func (s *Server) ids(ctx context.Context, stream string, from int64) ([]string, error) {
	var ids []string
	for r, err := range s.store.Read(ctx, stored(stream), from) {
		if err != nil {
			return nil, err
		}
		e, err := unwrap(r)
		if err != nil {
			return nil, err
		}
		ids = append(ids, idText(e.Id))
	}
	return ids, nil
}

// lastRevision is where a stream stands, hidden events included.
func (s *Server) lastRevision(ctx context.Context, stream string) (int64, error) {
	last := eventstore.NoStream
	for r, err := range s.store.Read(ctx, stored(stream), 0) {
		if err != nil {
			return 0, err
		}
		last = r.Revision
	}
	return last, nil
}

// success is the answer to an append that is on record.
func success(last int64) *streams.AppendResp {
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(last)},
		PositionOption:        &streams.AppendResp_Success_NoPosition{NoPosition: new(shared.Empty)},
	}}}
}

// wrongVersion is an answer, not an error: the call itself went well. It names
// what was expected and where the stream stands. The fields of servers before
// 20.6 stay empty.
func wrongVersion(o *streams.AppendReq_Options, current int64) *streams.AppendResp {
	w := new(streams.AppendResp_WrongExpectedVersion)
	if current == eventstore.NoStream {
		w.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: new(shared.Empty)}
	} else {
		w.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: uint64(current)}
	}
	switch e := o.ExpectedStreamRevision.(type) {
	case *streams.AppendReq_Options_Revision:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: e.Revision}
	case *streams.AppendReq_Options_NoStream:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: new(shared.Empty)}
	case *streams.AppendReq_Options_StreamExists:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: new(shared.Empty)}
	default:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: new(shared.Empty)}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: w}}
}
