package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// The cryptographic suites. A ledger has one, from its first event to its
// last, and each envelope names it.
const (
	// Suite is AES-256-GCM, SHA-256, HMAC-SHA-256, Ed25519: the default.
	Suite = "intl-1"
	// SuiteSM is SM4-GCM, SM3, HMAC-SM3 for what is sealed, and an SM2
	// signature beside the Ed25519 one. The tree over the events stays SHA-256.
	SuiteSM = "sm-1"
)

// Suites lists them.
func Suites() []string { return []string{Suite, SuiteSM} }

// CheckSuite refuses what belongs to another suite than is wanted; empty is
// the default. The error wraps ErrSuite and names both.
func CheckSuite(what, has, want string) error {
	if want == "" {
		want = Suite
	}
	if has == want {
		return nil
	}
	return fmt.Errorf("%w: %s is of suite %q, asked for is %q", ErrSuite, what, has, want)
}

// ErrAltered says that stored bytes are not an envelope as it was written.
// Nothing may be concluded from them.
var ErrAltered = errors.New("event bytes are not as they were written")

// Instant is a moment in UTC to the millisecond, as events keep it.
type Instant struct{ time.Time }

const instantFormat = "2006-01-02T15:04:05.000Z"

// At is the instant of a time, cut to the millisecond.
func At(t time.Time) Instant { return Instant{t.UTC().Truncate(time.Millisecond)} }

// MarshalJSON writes UTC with three decimals, always.
func (i Instant) MarshalJSON() ([]byte, error) {
	return append(i.UTC().AppendFormat([]byte{'"'}, instantFormat), '"'), nil
}

// UnmarshalJSON reads any RFC 3339 time.
func (i *Instant) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return NewFault("", "%s is no time", "write it as 2020-01-31T09:30:00+08:00", b)
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	// In the year 0 or 9999 an offset can lead to one that has no spelling.
	if year := t.UTC().Year(); err != nil || year < 0 || year > 9999 {
		return NewFault("", "%q is no time", "write it as 2020-01-31T09:30:00+08:00", s)
	}
	*i = At(t)
	return nil
}

// Claim is the time at which history that was entered later says that it was
// recorded, with the grade of its proof (domain.md §3.6 rule 3).
type Claim struct {
	At    Instant `json:"at"`
	Grade Grade   `json:"grade"`
}

// Meta is what stands around every event, whatever it says.
type Meta struct {
	ID         string     `json:"id"`
	Command    string     `json:"command"`
	Type       string     `json:"type"`
	Stream     string     `json:"stream"`
	Revision   int64      `json:"revision"`
	RecordedAt Instant    `json:"recorded_at"`       // server clock, never before the stream's last event
	Claimed    *Claim     `json:"claimed,omitempty"` // only of history entered later
	Actor      Actor      `json:"actor"`
	Basis      Basis      `json:"basis,omitempty"`
	Visible    Visibility `json:"visible,omitempty"`
}

// KnownOn is the civil day on which the event counts as known: the claimed
// day of imported history, else the recorded one. It labels; the basis of an
// act alone says what that act knew.
func (m Meta) KnownOn() Day {
	if m.Claimed != nil {
		return DayOf(m.Claimed.At.Time)
	}
	return DayOf(m.RecordedAt.Time)
}

// Proven reports whether the time of knowledge is proven: recorded by the
// server, or imported with grade A or B.
func (m Meta) Proven() bool { return m.Claimed == nil || m.Claimed.Grade != GradeC }

// Sealed is one piece of personal data, readable only with the data key of
// its subject. Commitment stands for the plaintext without showing it.
type Sealed struct {
	Field      string `json:"field"` // path inside the clear part
	Subject    string `json:"subject"`
	Key        string `json:"key"`
	Nonce      []byte `json:"nonce"`
	Ciphertext []byte `json:"ciphertext"`
	Commitment []byte `json:"commitment"`
}

// Envelope is one event as it is kept forever. Its canonical bytes are what
// the store holds and what the ledger hashes.
type Envelope struct {
	Suite string `json:"suite"`
	Meta
	Clear  json.RawMessage `json:"clear"`
	Sealed []Sealed        `json:"sealed,omitempty"`
}

// Encode writes the canonical bytes: one JSON object, fields in the order of
// Envelope, no spaces, no HTML escapes, UTF-8.
func (e Envelope) Encode() ([]byte, error) {
	clear, err := Canonical(e.Clear)
	if err == nil && !utf8.Valid(clear) {
		err = errors.New("the clear part is not UTF-8")
	}
	if err != nil {
		return nil, fmt.Errorf("event %s of %s: %w", e.ID, e.Stream, err)
	}
	e.Clear = clear
	return Canonical(e)
}

// DecodeEnvelope reads canonical bytes. Bytes that Encode would not have
// written give an error that wraps ErrAltered.
func DecodeEnvelope(b []byte) (Envelope, error) {
	e, err := ParseEnvelope(b)
	if err != nil {
		return Envelope{}, err
	}
	again, err := e.Encode()
	if err != nil {
		return Envelope{}, fmt.Errorf("%w: %v", ErrAltered, err)
	}
	if !bytes.Equal(b, again) {
		return Envelope{}, fmt.Errorf("%w: event %s of %s is not in canonical form", ErrAltered, e.ID, e.Stream)
	}
	return e, nil
}

// ParseEnvelope is DecodeEnvelope for bytes that were found to be canonical
// before and are the same still, as a digest tells: it does not encode them
// again, which takes most of the time. Bytes that nobody has compared are for
// DecodeEnvelope.
func ParseEnvelope(b []byte) (Envelope, error) {
	var e Envelope
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		return Envelope{}, fmt.Errorf("%w: %v", ErrAltered, err)
	}
	return e, nil
}

// Canonical writes v as JSON without spaces, HTML escapes or a final newline.
// Map keys come out sorted and struct fields in their order, so equal values
// give equal bytes.
func Canonical(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
