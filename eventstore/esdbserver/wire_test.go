package esdbserver

import (
	"strconv"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"leeway/eventstore"
)

// protoID is the form of an id that clients ask for unless they ask for text.
func protoID(id [16]byte) *shared.UUID {
	most, least := halves(id)
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits: int64(most), LeastSignificantBits: int64(least),
	}}}
}

// TestWire: what is written by hand is read by the library as the message that
// the protocol asks for, whatever is in it.
func TestWire(t *testing.T) {
	bytes := rapid.SliceOfN(rapid.Byte(), 0, 400)
	rapid.Check(t, func(t *rapid.T) {
		r := eventstore.Recorded{
			Event:  eventstore.Event{Type: stored(rapid.StringN(1, 40, -1).Draw(t, "type"))},
			Stream: stored(rapid.StringN(1, 200, -1).Draw(t, "stream")), Revision: rapid.Int64Min(0).Draw(t, "revision"),
			Position: eventstore.Position(rapid.Uint64Range(0, 1<<50).Draw(t, "position")),
			Created:  time.Unix(0, rapid.Int64Min(0).Draw(t, "created")),
		}
		e := envelope{
			id:          [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
			contentType: rapid.String().Draw(t, "content type"), metadata: bytes.Draw(t, "metadata"), data: bytes.Draw(t, "data"),
		}
		asText := rapid.Bool().Draw(t, "as text")

		id := protoID(e.id)
		if asText {
			id = &shared.UUID{Value: &shared.UUID_String_{String_: formatID(e.id)}}
		}
		at := uint64(r.Position) * stride
		want := &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
			Event: &streams.ReadResp_ReadEvent_RecordedEvent{
				Id: id, StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(named(r.Stream))}, StreamRevision: uint64(r.Revision),
				PreparePosition: at, CommitPosition: at,
				Metadata: map[string]string{
					"type": named(r.Type), "content-type": e.contentType, "created": strconv.FormatInt(r.Created.UnixNano()/100, 10),
				},
				CustomMetadata: e.metadata, Data: e.data,
			},
			Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: at},
		}}}
		got := new(streams.ReadResp)
		if err := proto.Unmarshal(encode(r, e, asText), got); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(got, want) {
			t.Fatalf("written\n%v\nwant\n%v", got, want)
		}
	})
}
