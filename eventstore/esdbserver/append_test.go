package esdbserver

import (
	"slices"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestExpected: every kind of expectation, on a stream that stands at 2 and on
// one that was never begun.
func TestExpected(t *testing.T) {
	for _, tt := range []struct {
		name          string
		expected      esdb.ExpectedRevision
		there, absent bool // whether the append is taken
	}{
		{"no stream", esdb.NoStream{}, false, true},
		{"the revision", esdb.Revision(2), true, false},
		{"an older revision", esdb.Revision(1), false, false},
		{"a later revision", esdb.Revision(3), false, false},
		{"a much later revision", esdb.Revision(1 << 40), false, false},
		{"any", esdb.Any{}, true, true},
		{"stream exists", esdb.StreamExists{}, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, Options{})
			f.fill("there", 3)
			for stream, taken := range map[string]bool{"there": tt.there, "absent": tt.absent} {
				res, err := f.append(stream, tt.expected, event("x"), event("y"))
				switch {
				case taken && err != nil:
					t.Errorf("%s: %v", stream, err)
				case taken && stream == "there" && res.NextExpectedVersion != 4,
					taken && stream == "absent" && res.NextExpectedVersion != 1:
					t.Errorf("%s: stands at %d", stream, res.NextExpectedVersion)
				case !taken && code(err) != esdb.ErrorCodeWrongExpectedVersion:
					t.Errorf("%s = %v, want a wrong expected version", stream, err)
				}
			}
		})
	}
}

// TestResent: a batch sent again at its revision is recognised, however far
// the stream has gone on, and one that differs in an id or its order is not.
func TestResent(t *testing.T) {
	f := newFixture(t, Options{})
	first := []esdb.EventData{event("0"), event("1")}
	if _, err := f.append("s", esdb.NoStream{}, first...); err != nil {
		t.Fatal(err)
	}
	f.mustAppend("s", esdb.Revision(1), "2")
	res, err := f.append("s", esdb.NoStream{}, first...)
	if err != nil || res.NextExpectedVersion != 1 {
		t.Errorf("resent = %+v, %v, want revision 1", res, err)
	}
	for what, events := range map[string][]esdb.EventData{
		"another id":    {first[0], event("1")},
		"another order": {first[1], first[0]},
		"too many":      {first[0], first[1], event("2"), event("3")},
	} {
		if _, err := f.append("s", esdb.NoStream{}, events...); code(err) != esdb.ErrorCodeWrongExpectedVersion {
			t.Errorf("%s = %v, want a wrong expected version", what, err)
		}
	}
	if got := f.read("s", esdb.ReadStreamOptions{}, everything); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("the stream holds %q", got)
	}
}

func TestForgetful(t *testing.T) {
	f := newFixture(t, Options{Forgetful: true})
	e := event("0")
	if _, err := f.append("s", esdb.NoStream{}, e); err != nil {
		t.Fatal(err)
	}
	if _, err := f.append("s", esdb.NoStream{}, e); code(err) != esdb.ErrorCodeWrongExpectedVersion {
		t.Errorf("resent = %v, want a wrong expected version", err)
	}
}

// TestSameIDElsewhere: a real server does not mind an event id in two streams.
func TestSameIDElsewhere(t *testing.T) {
	f := newFixture(t, Options{})
	e := event("x")
	for _, stream := range []string{"a", "b"} {
		if _, err := f.append(stream, esdb.NoStream{}, e); err != nil {
			t.Errorf("append to %s = %v", stream, err)
		}
	}
}

// TestAnyAtOnce: appends that expect nothing all get in.
func TestAnyAtOnce(t *testing.T) {
	f := newFixture(t, Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if _, err := f.append("s", esdb.Any{}, event("x")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := f.read("s", esdb.ReadStreamOptions{}, everything); len(got) != 40 {
		t.Errorf("the stream holds %d events, want 40", len(got))
	}
}

func proposed(id *shared.UUID, kind string) *streams.AppendReq {
	return &streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: &streams.AppendReq_ProposedMessage{
		Id: id, Metadata: map[string]string{keyType: kind}, Data: []byte("x"),
	}}}
}

func header(stream string) *streams.AppendReq {
	return &streams.AppendReq{Content: &streams.AppendReq_Options_{Options: &streams.AppendReq_Options{
		StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(stream)},
		ExpectedStreamRevision: &streams.AppendReq_Options_NoStream{NoStream: new(shared.Empty)},
	}}}
}

// TestMalformed: what no client sends is refused, and leaves nothing behind.
func TestMalformed(t *testing.T) {
	f := newFixture(t, Options{})
	raw := f.raw()
	id := &shared.UUID{Value: &shared.UUID_String_{String_: "38FFFBC2-339E-11EA-8C7B-784F43837872"}}
	for name, reqs := range map[string][]*streams.AppendReq{
		"no header":     {proposed(id, "t")},
		"no events":     {header("s")},
		"no type":       {header("s"), proposed(id, "")},
		"no stream":     {header(""), proposed(id, "t")},
		"nothing":       nil,
		"control":       {header("a\nb"), proposed(id, "t")},
		"invalid UTF-8": {header("a\xff"), proposed(id, "t")},
		"no id":         {header("s"), proposed(&shared.UUID{Value: &shared.UUID_String_{String_: "38fffbc2"}}, "t")},
	} {
		call, err := raw.Append(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reqs {
			if err := call.Send(r); err != nil {
				break
			}
		}
		if _, err := call.CloseAndRecv(); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s = %v, want InvalidArgument", name, err)
		}
	}
	if got := f.readAll(esdb.ReadAllOptions{}, everything); len(got) != 0 {
		t.Errorf("the store holds %q", got)
	}
}

// TestBrokenOff: a call that ends before the client has said that this was all
// has not happened.
func TestBrokenOff(t *testing.T) {
	f := newFixture(t, Options{})
	call, err := f.raw().Append(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*streams.AppendReq{header("s"), proposed(nil, "t"), proposed(nil, "t")} {
		if err := call.Send(r); err != nil {
			t.Fatal(err)
		}
	}
	f.server.Stop() // waits for the calls under way
	n := 0
	for range f.store.All(t.Context(), 0) {
		n++
	}
	if n != 0 {
		t.Errorf("%d events of a call that broke off are there", n)
	}
}

// TestTextIDs: ids come back in the form that was asked for.
func TestTextIDs(t *testing.T) {
	f := newFixture(t, Options{})
	raw := f.raw()
	const upper, lower = "38FFFBC2-339E-11EA-8C7B-784F43837872", "38fffbc2-339e-11ea-8c7b-784f43837872"
	call, err := raw.Append(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	call.Send(header("s"))
	call.Send(proposed(&shared.UUID{Value: &shared.UUID_String_{String_: upper}}, "t"))
	if _, err := call.CloseAndRecv(); err != nil {
		t.Fatal(err)
	}
	read, err := raw.Read(t.Context(), &streams.ReadReq{Options: &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("s")},
		}},
		CountOption: &streams.ReadReq_Options_Count{Count: 1},
		UuidOption:  &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_String_{String_: new(shared.Empty)}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := read.Recv()
	if err != nil || resp.GetEvent().GetEvent().GetId().GetString_() != lower {
		t.Errorf("Recv = %v, %v, want id %s", resp, err, lower)
	}
}
