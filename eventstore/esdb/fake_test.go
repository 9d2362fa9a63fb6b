package esdb

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"leeway/eventstore"
)

// fake is a server that misbehaves in one way.
type fake struct {
	streams.UnimplementedStreamsServer
	serverfeatures.UnimplementedServerFeaturesServer

	version string
	append  func(streams.Streams_AppendServer) error
	read    func(*streams.ReadReq, streams.Streams_ReadServer) error
}

func (f *fake) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	return &serverfeatures.SupportedMethods{EventStoreServerVersion: f.version}, nil
}

func (f *fake) Append(call streams.Streams_AppendServer) error { return f.append(call) }

func (f *fake) Read(req *streams.ReadReq, call streams.Streams_ReadServer) error {
	if f.read != nil {
		return f.read(req, call)
	}
	if req.Options.GetStream() != nil {
		return notFound(call)
	}
	if req.Options.GetSubscription() != nil {
		if err := call.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{Confirmation: new(streams.ReadResp_SubscriptionConfirmation)}}); err != nil {
			return err
		}
		<-call.Context().Done()
	}
	return nil
}

func notFound(call streams.Streams_ReadServer) error {
	return call.Send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{
		StreamNotFound: &streams.ReadResp_StreamNotFound{StreamIdentifier: new(shared.StreamIdentifier)},
	}})
}

// openFake opens a store on a server that misbehaves, with little patience.
func openFake(t *testing.T, f *fake) *Store {
	t.Helper()
	if f.version == "" {
		f.version = "24.10.0"
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.WaitForHandlers(true))
	streams.RegisterStreamsServer(server, f)
	serverfeatures.RegisterServerFeaturesServer(server, f)
	go server.Serve(l)
	t.Cleanup(server.Stop)
	s := openAt(t, l.Addr().String(), func(c *Config) { c.Attempt, c.Patience = 200*time.Millisecond, 600*time.Millisecond })
	t.Cleanup(func() { s.Close() })
	return s
}

// TestOldServer: a server that gives no positions in streams is refused.
func TestOldServer(t *testing.T) {
	for version, ok := range map[string]bool{"22.6.0": true, "23.10.0": true, "22.5.9": false, "21.10.0": false, "5.0.0": false} {
		s := openFake(t, &fake{version: version})
		_, err := collect(s.Read(t.Context(), "s", 0))
		if ok && err != nil || !ok && !errors.Is(err, ErrUnsupported) {
			t.Errorf("version %s = %v", version, err)
		}
	}
}

// TestUnexpectedMessage: the client panics on what it does not expect. Here
// that is an error.
func TestUnexpectedMessage(t *testing.T) {
	s := openFake(t, &fake{read: func(_ *streams.ReadReq, call streams.Streams_ReadServer) error {
		return call.Send(&streams.ReadResp{Content: &streams.ReadResp_FirstStreamPosition{FirstStreamPosition: 1}})
	}})
	for name, err := range map[string]error{
		"Read": second(collect(s.Read(t.Context(), "s", 0))),
		"All":  second(collect(s.All(t.Context(), 0))),
	} {
		if err == nil || !strings.Contains(err.Error(), "unreachable") {
			t.Errorf("%s = %v, want the client's panic as an error", name, err)
		}
	}
}

func second(_ []eventstore.Recorded, err error) error { return err }

// TestStreamWithoutName: an event without a stream makes the client panic too.
func TestStreamWithoutName(t *testing.T) {
	s := openFake(t, &fake{read: func(_ *streams.ReadReq, call streams.Streams_ReadServer) error {
		return call.Send(&streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
			Event: &streams.ReadResp_ReadEvent_RecordedEvent{Metadata: map[string]string{"created": "1"}},
		}}})
	}})
	if err := second(collect(s.All(t.Context(), 0))); err == nil || !strings.Contains(err.Error(), "nil pointer") {
		t.Errorf("All = %v, want the client's panic as an error", err)
	}
}

// TestStalledRead: a server that begins to answer and says no more.
func TestStalledRead(t *testing.T) {
	t.Parallel()
	s := openFake(t, &fake{read: func(_ *streams.ReadReq, call streams.Streams_ReadServer) error {
		<-call.Context().Done()
		return call.Context().Err()
	}})
	begin := time.Now()
	if err := second(collect(s.Read(t.Context(), "s", 0))); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("Read = %v, want ErrUnavailable", err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestBrokenOffByServer: the server ends the call before it has heard all of
// the batch, as one does that takes no batch so large. The client loses the
// reason, and the answer is a refusal all the same: nothing was appended.
func TestBrokenOffByServer(t *testing.T) {
	var calls atomic.Int32
	s := openFake(t, &fake{append: func(call streams.Streams_AppendServer) error {
		calls.Add(1)
		return status.Error(codes.ResourceExhausted, "maximum append size exceeded")
	}})
	b := batch("s", eventstore.NoStream)
	for range 40 {
		b.Events = append(b.Events, eventstore.Event{ID: newID(), Type: "t", Data: make([]byte, 200_000)})
	}
	_, err := s.Append(t.Context(), b)
	if !errors.Is(err, eventstore.ErrInvalid) || errors.Is(err, eventstore.ErrUnknown) || calls.Load() != mostRefusals {
		t.Errorf("Append = %v after %d calls, want ErrInvalid after %d", err, calls.Load(), mostRefusals)
	}
}

// TestNeverAnswered: a server that takes batches, stores nothing, and does not
// answer. What is told is that nobody knows.
func TestNeverAnswered(t *testing.T) {
	t.Parallel()
	s := openFake(t, &fake{append: func(call streams.Streams_AppendServer) error {
		for {
			if _, err := call.Recv(); errors.Is(err, io.EOF) {
				<-call.Context().Done()
				return call.Context().Err()
			} else if err != nil {
				return err
			}
		}
	}})
	_, err := s.Append(t.Context(), batch("s", eventstore.NoStream, "x"))
	if !errors.Is(err, eventstore.ErrUnknown) || !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("Append = %v, want ErrUnknown", err)
	}
}

// TestRefused: what the server answers outright is told once, and certainly.
func TestRefused(t *testing.T) {
	for code, want := range map[codes.Code]error{
		codes.PermissionDenied: eventstore.ErrDenied,
		codes.Unauthenticated:  eventstore.ErrDenied,
		codes.InvalidArgument:  eventstore.ErrInvalid,
		codes.DataLoss:         eventstore.ErrCorrupt,

		codes.FailedPrecondition: nil, // no sentinel, but no doubt either
		codes.ResourceExhausted:  nil,
		codes.Unimplemented:      nil,
	} {
		var calls atomic.Int32
		s := openFake(t, &fake{append: func(call streams.Streams_AppendServer) error {
			calls.Add(1)
			for {
				if _, err := call.Recv(); err != nil {
					return status.Error(code, "no")
				}
			}
		}})
		_, err := s.Append(t.Context(), batch("s", eventstore.NoStream, "x"))
		if err == nil || want != nil && !errors.Is(err, want) || errors.Is(err, eventstore.ErrUnknown) || calls.Load() != 1 {
			t.Errorf("%v = %v after %d calls, want %v", code, err, calls.Load(), want)
		}
	}
}
