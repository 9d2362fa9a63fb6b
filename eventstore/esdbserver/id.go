package esdbserver

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"

	"leeway/eventstore"
)

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

// parseID is an id of the store as the protocol carries it.
func parseID(s string) (*shared.UUID, error) {
	id, err := scanID(s)
	if err != nil {
		return nil, fmt.Errorf("%w: event id %q", eventstore.ErrCorrupt, s)
	}
	return protoID(id), nil
}

// scanID reads the digits of an id, whatever stands between them.
func scanID(s string) (id [16]byte, err error) {
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err == nil && len(b) != len(id) {
		err = hex.ErrLength
	}
	copy(id[:], b)
	return id, err
}

// protoID is the form of an id that clients ask for unless they ask for text.
func protoID(id [16]byte) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

// idBytes reads an id in either form. A client that sends none means zeros.
func idBytes(id *shared.UUID) (u [16]byte, err error) {
	if text := id.GetString_(); text != "" {
		if u, err = scanID(text); err != nil {
			return u, fmt.Errorf("%w: event id %q", eventstore.ErrInvalid, text)
		}
		return u, nil
	}
	st := id.GetStructured()
	binary.BigEndian.PutUint64(u[:8], uint64(st.GetMostSignificantBits()))
	binary.BigEndian.PutUint64(u[8:], uint64(st.GetLeastSignificantBits()))
	return u, nil
}

// idText is the one spelling of an id, whichever way the client sent it. Ids
// are compared by it when a batch comes again.
func idText(id *shared.UUID) string {
	u, err := idBytes(id)
	if err != nil {
		return id.GetString_() // was refused before
	}
	return formatID(u)
}
