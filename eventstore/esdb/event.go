package esdb

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strings"
	"sync"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"leeway/eventstore"
)

// metadata is kept beside an event's data, as JSON because the server's own
// tools show it so. Nothing of it is evidence: what the ledger proves is in the
// data.
type metadata struct {
	Command string `json:"command"`
	// Sum finds an event that is not as it was written, by a failing disk or a
	// careless hand; whoever means to can make a new one. Another program's
	// event has none, and is not checked.
	Sum *uint32 `json:"crc32c,omitempty"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sum is a checksum over everything that was appended, lengths included: what
// moves from one field to the next changes it.
func sum(r eventstore.Recorded) uint32 {
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	head := (*scratch)[:0]
	for _, part := range [...]string{r.Stream, r.ID, r.Type, r.Command} {
		head = binary.BigEndian.AppendUint64(head, uint64(len(part)))
		head = append(head, part...)
	}
	head = binary.BigEndian.AppendUint64(head, uint64(r.Revision))
	*scratch = head
	return crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, r.Data)
}

// scratches are what sum works in: it is asked for each event, both ways.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// encode makes of a batch what the client sends. The revisions are known
// beforehand, because the server takes the batch at Expected or not at all. So
// a retry that expects another revision makes other bytes of the same batch,
// which is no harm: it is compared as a batch, never as bytes.
func encode(b eventstore.Batch) ([]esdb.EventData, error) {
	out := make([]esdb.EventData, len(b.Events))
	for i, e := range b.Events {
		c := sum(eventstore.Recorded{Event: e, Stream: b.Stream, Revision: b.Expected + 1 + int64(i), Command: b.Command})
		meta, err := json.Marshal(metadata{Command: b.Command, Sum: &c})
		if err != nil {
			return nil, err
		}
		out[i] = esdb.EventData{
			EventID: parseID(e.ID), EventType: e.Type, ContentType: esdb.ContentTypeBinary, Data: e.Data, Metadata: meta,
		}
	}
	return out, nil
}

// eventID is the client's own type for an id, which is an array of this kind,
// without the library that it is from.
type eventID = [16]byte

// parseID reads an id that Validate has passed.
func parseID(s string) (id eventID) {
	var digits [2 * len(id)]byte
	n := 0
	for i := 0; i < len(s) && n < len(digits); i++ {
		if s[i] != '-' {
			digits[n] = s[i]
			n++
		}
	}
	hex.Decode(id[:], digits[:n])
	return id
}

// decode makes a record of what the client received, and reports whether it
// is of this ledger. The server's own streams are not, nor are those of others.
// An event that another program wrote to a stream of this ledger is: nothing
// that stands in the ledger's streams may be hidden from it.
func (s *Store) decode(e *esdb.RecordedEvent) (r eventstore.Recorded, sum *uint32, ours bool) {
	name, ours := strings.CutPrefix(e.StreamID, s.prefix)
	if !ours || strings.HasPrefix(e.StreamID, "$") {
		return r, nil, false
	}
	var m metadata
	if json.Unmarshal(e.UserMetadata, &m) != nil {
		m = metadata{} // another program's
	}
	return eventstore.Recorded{
		Event:  eventstore.Event{ID: e.EventID.String(), Type: e.EventType, Data: e.Data},
		Stream: name, Revision: int64(e.EventNumber), Position: eventstore.Position(e.Position.Commit),
		Command: m.Command, Created: e.CreatedDate,
	}, m.Sum, true
}

// checked is decode for a reader: what is not as it was written is ErrCorrupt.
func (s *Store) checked(e *esdb.RecordedEvent) (r eventstore.Recorded, ours bool, err error) {
	if s.tamper != nil {
		s.tamper(e)
	}
	r, want, ours := s.decode(e)
	switch {
	case !ours:
	case e.Position.Commit != e.Position.Prepare:
		// One position would then stand for two events.
		err = fmt.Errorf("%w: stream %q revision %d was written in a transaction of the old protocol", eventstore.ErrCorrupt, r.Stream, r.Revision)
	case want != nil && sum(r) != *want:
		err = fmt.Errorf("%w: stream %q revision %d is not as it was written", eventstore.ErrCorrupt, r.Stream, r.Revision)
	}
	return r, ours, err
}
