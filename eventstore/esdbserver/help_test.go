package esdbserver

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"leeway/eventstore"
	"leeway/eventstore/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// everything is more events than any test appends.
const everything = 1 << 20

// fixture is a server over a store of its own, and the official client to it.
type fixture struct {
	*testing.T
	store  *memory.Store
	server *Server
	addr   string
	client *esdb.Client
}

func newFixture(t *testing.T, o Options) *fixture {
	t.Helper()
	f := &fixture{T: t, store: memory.New()}
	f.server = New(f.store, o)
	f.addr = serveAt(t, f.server, "127.0.0.1:0").String()
	f.client = f.connect("esdb://" + f.addr + "?tls=false")
	return f
}

func (f *fixture) connect(connection string) *esdb.Client {
	f.Helper()
	conf, err := esdb.ParseConnectionString(connection)
	if err != nil {
		f.Fatal(err)
	}
	conf.Logger = nil
	c, err := esdb.NewClient(conf)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { c.Close() })
	return c
}

// raw is the protocol without the client, for what the client never sends.
func (f *fixture) raw() streams.StreamsClient {
	f.Helper()
	conn, err := grpc.NewClient("passthrough:///"+f.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { conn.Close() })
	return streams.NewStreamsClient(conn)
}

// event is an event with an id of its own.
func event(data string) esdb.EventData {
	e := esdb.EventData{EventType: "noted.v1", Data: []byte(data), Metadata: []byte("m:" + data)}
	for i, c := range []byte(newID()) {
		e.EventID[i%16] ^= c * byte(i+1)
	}
	return e
}

func (f *fixture) append(stream string, expected esdb.ExpectedRevision, events ...esdb.EventData) (*esdb.WriteResult, error) {
	return f.client.AppendToStream(f.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, events...)
}

func (f *fixture) mustAppend(stream string, expected esdb.ExpectedRevision, data ...string) {
	f.Helper()
	var events []esdb.EventData
	for _, d := range data {
		events = append(events, event(d))
	}
	if _, err := f.append(stream, expected, events...); err != nil {
		f.Fatalf("append to %s = %v", stream, err)
	}
}

// fill appends n events to a stream that does not exist.
func (f *fixture) fill(stream string, n int) {
	f.Helper()
	for i := range n {
		f.mustAppend(stream, revision(i-1), fmt.Sprint(stream, " ", i))
	}
}

func revision(r int) esdb.ExpectedRevision {
	if r < 0 {
		return esdb.NoStream{}
	}
	return esdb.Revision(uint64(r))
}

// drain is the data of a read, to its end.
func (f *fixture) drain(r *esdb.ReadStream, err error) ([]string, error) {
	f.Helper()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	got := []string{}
	for {
		e, err := r.Recv()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		got = append(got, string(e.OriginalEvent().Data))
	}
}

func (f *fixture) read(stream string, o esdb.ReadStreamOptions, count uint64) []string {
	f.Helper()
	got, err := f.drain(f.client.ReadStream(f.Context(), stream, o, count))
	if err != nil {
		f.Fatalf("read %s: %v", stream, err)
	}
	return got
}

func (f *fixture) readAll(o esdb.ReadAllOptions, count uint64) []string {
	f.Helper()
	got, err := f.drain(f.client.ReadAll(f.Context(), o, count))
	if err != nil {
		f.Fatalf("read $all: %v", err)
	}
	return got
}

// positions are those of every event of $all.
func (f *fixture) positions() []esdb.Position {
	f.Helper()
	r, err := f.client.ReadAll(f.Context(), esdb.ReadAllOptions{}, everything)
	if err != nil {
		f.Fatal(err)
	}
	defer r.Close()
	var ps []esdb.Position
	for {
		e, err := r.Recv()
		if err != nil {
			return ps
		}
		ps = append(ps, e.OriginalEvent().Position)
	}
}

// code is the client's word for an error, as the client's users would ask.
func code(err error) esdb.ErrorCode {
	var e *esdb.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return -1
}

// received is what a subscription has said, one word for each message.
func (f *fixture) received(sub *esdb.Subscription, n int) []string {
	f.Helper()
	timer := time.AfterFunc(10*time.Second, func() { sub.Close() })
	defer timer.Stop()
	var got []string
	for len(got) < n {
		switch e := sub.Recv(); {
		case e.EventAppeared != nil:
			got = append(got, string(e.EventAppeared.OriginalEvent().Data))
		case e.CheckPointReached != nil:
			got = append(got, fmt.Sprintf("checkpoint %d", e.CheckPointReached.Commit))
		case e.CaughtUp != nil:
			got = append(got, "caught up")
		case e.SubscriptionDropped != nil:
			f.Fatalf("after %q the subscription dropped: %v", got, e.SubscriptionDropped.Error)
		}
	}
	return got
}

func direct(stream string, expected int64, data ...string) eventstore.Batch {
	b := eventstore.Batch{Stream: stream, Expected: expected, Command: newID()}
	for _, d := range data {
		b.Events = append(b.Events, eventstore.Event{ID: newID(), Type: "noted.v1", Data: []byte(d)})
	}
	return b
}
