package esdbserver

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/protobuf/proto"

	"leeway/eventstore"
)

// Keys of an event's system metadata. The first two come from the client, the
// third is the server's.
const (
	keyType        = "type"
	keyContentType = "content-type"
	keyCreated     = "created" // 100 ns since 1970; the client ends the process when it is no integer
)

// escape begins the stored name of whatever the port reserves. EventStoreDB
// keeps streams of its own under "$", and the port refuses such names. A name
// that begins with the escape itself gets another, so that no two names meet.
const escape = "~"

// stored is the name under which a store keeps a stream or a type.
func stored(name string) string {
	if strings.HasPrefix(name, "$") || strings.HasPrefix(name, escape) {
		return escape + name
	}
	return name
}

// named is the inverse of stored: the name that the client knows.
func named(stored string) string { return strings.TrimPrefix(stored, escape) }

// magic begins the data of an event that came in through the server. Its
// metadata, and its id, which need not be unique here, are kept beside the data.
// It begins with a byte that no text does, so that an event of the product,
// which is text, is never taken for one.
var magic = []byte("\x00esdb\x01")

// wrap makes what the store keeps of a proposed event. The id under which the
// store keeps it is new: the protocol allows one id in two streams, and the port
// does not.
func wrap(m *streams.AppendReq_ProposedMessage) (eventstore.Event, error) {
	data, err := proto.MarshalOptions{}.MarshalAppend(bytes.Clone(magic), m)
	if err != nil {
		return eventstore.Event{}, err
	}
	return eventstore.Event{ID: newID(), Type: stored(m.GetMetadata()[keyType]), Data: data}, nil
}

// unwrap makes a recorded event of what the store keeps. An event that was
// appended to the store directly is shown as the esdb adapter would have
// written it, but for the checksum, which the adapter does not ask for where
// there is none: so a ledger that lives in a file can be read over the protocol.
func unwrap(r eventstore.Recorded) (*streams.ReadResp_ReadEvent_RecordedEvent, error) {
	out := &streams.ReadResp_ReadEvent_RecordedEvent{
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(named(r.Stream))},
		StreamRevision:   uint64(r.Revision),
		CommitPosition:   toWire(r.Position), PreparePosition: toWire(r.Position),
	}
	created := strconv.FormatInt(r.Created.UnixNano()/100, 10)
	if sealed, ok := bytes.CutPrefix(r.Data, magic); ok {
		var m streams.AppendReq_ProposedMessage
		if err := proto.Unmarshal(sealed, &m); err != nil {
			return nil, fmt.Errorf("%w: stream %q revision %d: %w", eventstore.ErrCorrupt, r.Stream, r.Revision, err)
		}
		if m.Metadata == nil {
			m.Metadata = make(map[string]string)
		}
		m.Metadata[keyCreated] = created
		out.Id, out.Metadata, out.CustomMetadata, out.Data = m.Id, m.Metadata, m.CustomMetadata, m.Data
		return out, nil
	}
	id, err := parseID(r.ID)
	if err != nil {
		return nil, err
	}
	out.Id, out.Data = id, r.Data
	if out.CustomMetadata, err = json.Marshal(map[string]string{"command": r.Command}); err != nil {
		return nil, err
	}
	out.Metadata = map[string]string{keyType: named(r.Type), keyContentType: "application/octet-stream", keyCreated: created}
	return out, nil
}

// newID makes an id of version 7: the store's index grows at its end.
func newID() string {
	var u [16]byte
	rand.Read(u[:]) // never fails
	binary.BigEndian.PutUint64(u[:8], uint64(time.Now().UnixMilli())<<16|0x7000|uint64(u[6]&0x0f)<<8|uint64(u[7]))
	u[8] = u[8]&0x3f | 0x80
	return formatID(u)
}

// formatID is the spelling of an id that the port asks for.
func formatID(u [16]byte) string {
	h := hex.EncodeToString(u[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// parseID is an id as the protocol carries it.
func parseID(s string) (*shared.UUID, error) {
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != 16 {
		return nil, fmt.Errorf("%w: event id %q", eventstore.ErrCorrupt, s)
	}
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(b[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(b[8:])),
	}}}, nil
}

// idText is the one spelling of an id, whichever way the client sent it. Ids
// are compared by it when a batch comes again.
func idText(id *shared.UUID) string {
	st := id.GetStructured()
	if st == nil {
		return strings.ToLower(id.GetString_())
	}
	var u [16]byte
	binary.BigEndian.PutUint64(u[:8], uint64(st.MostSignificantBits))
	binary.BigEndian.PutUint64(u[8:], uint64(st.LeastSignificantBits))
	return formatID(u)
}
