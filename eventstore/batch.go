package eventstore

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits that hold for every adapter, so that a batch one of them takes is
// not refused by the next.
const (
	// MaxName is the longest stream, type or command name, in bytes.
	MaxName = 1024
	// MaxBatch is the most data a batch may carry, in bytes over all events.
	MaxBatch = 16 << 20
)

// Validate reports why a batch could never be appended, as an error that
// wraps ErrInvalid. Every adapter calls it first, so all refuse the same.
//
// A name is text in any script, compared byte for byte: neither case nor
// Unicode form is folded, and no separator has a meaning. Refused are the
// empty name, invalid UTF-8, control characters (NUL among them: a C library
// cuts a name there, and a line break forges a log line) and a leading "$",
// which EventStoreDB reserves for its own streams.
func (b Batch) Validate() error {
	if err := checkName("stream", b.Stream); err != nil {
		return err
	}
	if err := checkName("command", b.Command); err != nil {
		return err
	}
	if b.Expected < NoStream {
		return fmt.Errorf("%w: expected revision %d", ErrInvalid, b.Expected)
	}
	if len(b.Events) == 0 {
		return fmt.Errorf("%w: command %q has no events", ErrInvalid, b.Command)
	}
	return b.checkEvents()
}

// Same reports whether two batches ask for the same, so that the second is a
// retry of the first. Expected is no part of that: who retries may have loaded
// the stream again.
func (b Batch) Same(other Batch) bool {
	if b.Command != other.Command || b.Stream != other.Stream || len(b.Events) != len(other.Events) {
		return false
	}
	for i, e := range b.Events {
		o := other.Events[i]
		if e.ID != o.ID || e.Type != o.Type || !bytes.Equal(e.Data, o.Data) {
			return false
		}
	}
	return true
}

func (b Batch) checkEvents() error {
	size := 0
	seen := make(map[string]bool, len(b.Events))
	for i, e := range b.Events {
		if err := checkName("event type", e.Type); err != nil {
			return err
		}
		if !isUUID(e.ID) {
			return fmt.Errorf("%w: event %d has id %q, which is no lower-case UUID", ErrInvalid, i, e.ID)
		}
		if seen[e.ID] {
			return fmt.Errorf("%w: event id %s twice in one batch", ErrInvalid, e.ID)
		}
		seen[e.ID] = true
		size += len(e.Data)
	}
	if size > MaxBatch {
		return fmt.Errorf("%w: %d bytes of data, at most %d fit", ErrInvalid, size, MaxBatch)
	}
	return nil
}

func checkName(what, name string) error {
	var why string
	switch {
	case name == "":
		why = "is empty"
	case len(name) > MaxName:
		why = fmt.Sprintf("is longer than %d bytes", MaxName)
	case !utf8.ValidString(name):
		why = "is not UTF-8"
	case strings.ContainsFunc(name, unicode.IsControl):
		why = "holds a control character"
	case name[0] == '$':
		why = `begins with "$", which is reserved`
	default:
		return nil
	}
	return fmt.Errorf("%w: %s name %.80q %s", ErrInvalid, what, name, why)
}

// isUUID reports whether s has the one spelling of a UUID that is allowed:
// 36 characters, lower case. Two spellings of one id would be two ids.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
				return false
			}
		}
	}
	return true
}
