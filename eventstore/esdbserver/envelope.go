package esdbserver

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

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

// magic begins the data of an event that came in through the server. Its id,
// which need not be unique here, and what else came with it are kept before the
// data, each behind its length. No text begins so: an event of the product,
// which is text, is never taken for one.
var magic = []byte("\x00esdb\x01")

// wrap makes what the store keeps of a proposed event. The id under which the
// store keeps it is new: the protocol allows one id in two streams, and the port
// does not. Of the system metadata the type and the content type are kept; no
// client sends more.
func wrap(m *streams.AppendReq_ProposedMessage) (eventstore.Event, error) {
	id, err := idBytes(m.GetId())
	if err != nil {
		return eventstore.Event{}, err
	}
	contentType := m.GetMetadata()[keyContentType]
	data := make([]byte, 0, len(magic)+len(id)+len(contentType)+len(m.CustomMetadata)+len(m.Data)+2*binary.MaxVarintLen64)
	data = append(data, magic...)
	data = append(data, id[:]...)
	data = append(binary.AppendUvarint(data, uint64(len(contentType))), contentType...)
	data = append(binary.AppendUvarint(data, uint64(len(m.CustomMetadata))), m.CustomMetadata...)
	data = append(data, m.Data...)
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
		Metadata: map[string]string{
			keyType: named(r.Type), keyContentType: "application/octet-stream",
			keyCreated: strconv.FormatInt(r.Created.UnixNano()/100, 10),
		},
	}
	inside, ok := bytes.CutPrefix(r.Data, magic)
	if !ok {
		var err error
		if out.Id, err = parseID(r.ID); err != nil {
			return nil, err
		}
		out.Data = r.Data
		out.CustomMetadata, err = json.Marshal(map[string]string{"command": r.Command})
		return out, err
	}
	if len(inside) < 16 {
		return nil, cut(r)
	}
	out.Id = protoID([16]byte(inside))
	contentType, rest, ok := field(inside[16:])
	if !ok {
		return nil, cut(r)
	}
	out.Metadata[keyContentType] = string(contentType)
	if out.CustomMetadata, out.Data, ok = field(rest); !ok {
		return nil, cut(r)
	}
	return out, nil
}

// field reads one field behind its length, and returns what comes after it.
func field(b []byte) (value, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, false
	}
	return b[size : size+int(n)], b[size+int(n):], true
}

// cut says that the data of an event end too early.
func cut(r eventstore.Recorded) error {
	return fmt.Errorf("%w: stream %q revision %d is cut short", eventstore.ErrCorrupt, r.Stream, r.Revision)
}
