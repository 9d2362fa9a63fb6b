package esdbserver

import (
	"regexp"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"leeway/eventstore"
)

// sender sends the answers of one reading call. It waits when the client is
// slow: nothing is piled up for it here.
type sender struct {
	call       streams.Streams_ReadServer
	filter     *filter // nil passes everything
	uuidAsText bool
	sent       uint64
}

// events sends so many of the events that pass the filter. A count of none is
// a question that has its answer.
func (out *sender) events(all events, count uint64) error {
	if count == 0 {
		return nil
	}
	for r, err := range all {
		if err != nil {
			return err
		}
		if !out.filter.passes(r) {
			continue
		}
		if err := out.event(r); err != nil {
			return err
		}
		if out.sent == count {
			break
		}
	}
	return nil
}

// event sends one event, as the client wants its id: in two numbers, or as text.
func (out *sender) event(r eventstore.Recorded) error {
	e, err := unwrap(r)
	if err != nil {
		return err
	}
	if out.uuidAsText {
		e.Id = &shared.UUID{Value: &shared.UUID_String_{String_: idText(e.Id)}}
	}
	out.sent++
	return out.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
		Event:    e,
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: e.CommitPosition},
	}}})
}

// filter passes some events of $all, by the name of their stream or of their
// type: by one of several beginnings, or by an expression, never by both.
type filter struct {
	onType   bool // else on the stream
	prefixes []string
	regex    *regexp.Regexp // RE2 here, .NET's on a real server
	// interval is after how many events, passed or not, a subscriber is told
	// how far the server has looked.
	// It is the search window times the checkpoint interval of the request.
	interval uint64
}

// newFilter reads a filter; none passes everything. It refuses one that says
// nothing, and an expression that only .NET would take, before anything is sent.
func newFilter(o *streams.ReadReq_Options_FilterOptions) (*filter, error) {
	if o == nil {
		return nil, nil
	}
	f := &filter{onType: o.GetEventType() != nil, interval: uint64(max(1, o.GetMax())) * uint64(max(1, o.CheckpointIntervalMultiplier))}
	expression := o.GetStreamIdentifier()
	if f.onType {
		expression = o.GetEventType()
	}
	f.prefixes = expression.GetPrefix()
	if expression.GetRegex() != "" {
		var err error
		if f.regex, err = regexp.Compile(expression.GetRegex()); err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "filter: %v", err)
		}
	}
	if f.regex == nil && len(f.prefixes) == 0 {
		return nil, status.Error(codes.InvalidArgument, "a filter needs prefixes or a regular expression")
	}
	return f, nil
}

// passes compares names as the client knows them.
func (f *filter) passes(r eventstore.Recorded) bool {
	if f == nil {
		return true
	}
	name := named(r.Stream)
	if f.onType {
		name = named(r.Type)
	}
	if f.regex != nil {
		return f.regex.MatchString(name)
	}
	for _, p := range f.prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
