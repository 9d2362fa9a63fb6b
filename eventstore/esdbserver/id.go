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
	var text [36]byte
	at := 0
	for _, part := range [...][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if at > 0 {
			text[at] = '-'
			at++
		}
		at += hex.Encode(text[at:], part)
	}
	return string(text[:])
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

// halves are the two numbers of an id, as clients ask for it unless they ask
// for text.
func halves(id [16]byte) (most, least uint64) {
	return binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
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
