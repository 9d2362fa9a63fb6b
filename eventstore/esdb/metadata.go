package esdb

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
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

// What our own metadata look like when the command is plain text, as an id is.
// They are written and read once for each event, and the JSON library took 6 %
// of a read, client and server together. Whatever looks otherwise goes to the
// library, and a test holds that both say the same.
const (
	metaOpen  = `{"command":"`
	metaMid   = `","crc32c":`
	metaClose = `}`
)

// encode is the JSON of metadata.
func (m metadata) encode() ([]byte, error) {
	if m.Sum == nil || !plain(m.Command) {
		return json.Marshal(m)
	}
	b := make([]byte, 0, len(metaOpen)+len(m.Command)+len(metaMid)+10+len(metaClose))
	b = append(append(append(b, metaOpen...), m.Command...), metaMid...)
	b = strconv.AppendUint(b, uint64(*m.Sum), 10)
	return append(b, metaClose...), nil
}

// decodeMetadata reads metadata. Another program's are none.
func decodeMetadata(b []byte) metadata {
	if m, ok := scanMetadata(b); ok {
		return m
	}
	var m metadata
	if json.Unmarshal(b, &m) != nil {
		return metadata{}
	}
	return m
}

// scanMetadata reads what encode writes without the library, and nothing else.
func scanMetadata(b []byte) (m metadata, ok bool) {
	rest, ok := bytes.CutPrefix(b, []byte(metaOpen))
	if !ok {
		return m, false
	}
	n := bytes.IndexByte(rest, '"')
	if n < 0 || !plain(rest[:n]) {
		return m, false
	}
	m.Command = string(rest[:n])
	if rest, ok = bytes.CutPrefix(rest[n:], []byte(metaMid)); !ok {
		return m, false
	}
	if rest, ok = bytes.CutSuffix(rest, []byte(metaClose)); !ok {
		return m, false
	}
	sum, ok := scanNumber(rest)
	m.Sum = &sum
	return m, ok
}

// scanNumber reads a number as JSON has it: no sign, no zero before it.
func scanNumber(digits []byte) (uint32, bool) {
	if len(digits) == 0 || len(digits) > 10 || digits[0] == '0' && len(digits) > 1 {
		return 0, false
	}
	n := uint64(0)
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + uint64(c-'0')
	}
	return uint32(n), n <= math.MaxUint32
}

// plain reports whether JSON holds a text as it is: ASCII, without what the
// library would escape.
func plain[T string | []byte](s T) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~':
			return false
		case c == '"' || c == '\\' || c == '<' || c == '>' || c == '&':
			return false
		}
	}
	return true
}
