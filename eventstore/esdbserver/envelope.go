package esdbserver

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"

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

// envelope is an event as a client proposes it and is shown it, but for what
// the store knows of it.
type envelope struct {
	id             [16]byte
	contentType    string
	metadata, data []byte
}

// wrap makes what the store keeps of an event. The id under which the store
// keeps it is new: the protocol allows one id in two streams, and the port does
// not.
func (e envelope) wrap(eventType string) eventstore.Event {
	data := make([]byte, 0, len(magic)+len(e.id)+len(e.contentType)+len(e.metadata)+len(e.data)+2*binary.MaxVarintLen64)
	data = append(data, magic...)
	data = append(data, e.id[:]...)
	data = append(binary.AppendUvarint(data, uint64(len(e.contentType))), e.contentType...)
	data = append(binary.AppendUvarint(data, uint64(len(e.metadata))), e.metadata...)
	data = append(data, e.data...)
	return eventstore.Event{ID: newID(), Type: stored(eventType), Data: data}
}

// unwrap opens what the store keeps. An event that was appended to the store
// directly is shown as the esdb adapter would have written it, but for the
// checksum, which the adapter does not ask for where there is none: so a ledger
// that lives in a file can be read over the protocol.
func unwrap(r eventstore.Recorded) (e envelope, err error) {
	inside, ok := bytes.CutPrefix(r.Data, magic)
	if !ok {
		if e.id, err = scanID(r.ID); err != nil {
			return e, fmt.Errorf("%w: event id %q", eventstore.ErrCorrupt, r.ID)
		}
		e.contentType, e.data = octets, r.Data
		e.metadata, err = json.Marshal(map[string]string{"command": r.Command})
		return e, err
	}
	if len(inside) < len(e.id) {
		return e, cut(r)
	}
	e.id = [16]byte(inside)
	contentType, rest, ok := field(inside[len(e.id):])
	if !ok {
		return e, cut(r)
	}
	e.contentType = text(contentType)
	if e.metadata, e.data, ok = field(rest); !ok {
		return e, cut(r)
	}
	return e, nil
}

// octets is the content type of what is no JSON.
const octets = "application/octet-stream"

// text makes a string of a content type, and mostly finds one that is there.
func text(contentType []byte) string {
	if string(contentType) == octets {
		return octets
	}
	return string(contentType)
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
