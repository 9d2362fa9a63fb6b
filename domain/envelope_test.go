package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func sample() Envelope {
	return Envelope{
		Suite: Suite,
		Meta: Meta{
			ID: "0198c0de-0000-7000-8000-00000000000a", Command: "c1", Type: "decision-made.v1", Stream: "case-F1", Revision: 3,
			RecordedAt: At(time.Date(2020, 1, 31, 9, 30, 0, 123_456_789, Shanghai)),
			Claimed:    &Claim{At(time.Date(2020, 1, 30, 12, 0, 0, 0, Shanghai)), GradeB},
			Actor:      Actor{"w1", "o", "intake"}, Basis: Basis{{"case-F1", 2}}, Visible: Visibility{"office:o"},
		},
		Clear:  json.RawMessage(`{"amount":37800,"note":"<&> 张"}`),
		Sealed: []Sealed{{Field: "text", Subject: "F1/m1", Key: "k", Nonce: []byte{1}, Ciphertext: []byte{2, 3}, Commitment: []byte{4}}},
	}
}

func encoded(t testing.TB, e Envelope) []byte {
	t.Helper()
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestEnvelopeBytes holds the canonical form to the byte: what the store keeps
// and the ledger hashes forever.
func TestEnvelopeBytes(t *testing.T) {
	const want = `{"suite":"intl-1","id":"0198c0de-0000-7000-8000-00000000000a","command":"c1","type":"decision-made.v1","stream":"case-F1","revision":3,` +
		`"recorded_at":"2020-01-31T01:30:00.123Z","claimed":{"at":"2020-01-30T04:00:00.000Z","grade":"B"},` +
		`"actor":{"person":"w1","office":"o","post":"intake"},"basis":[{"stream":"case-F1","revision":2}],"visible":["office:o"],` +
		`"clear":{"amount":37800,"note":"<&> 张"},` +
		`"sealed":[{"field":"text","subject":"F1/m1","key":"k","nonce":"AQ==","ciphertext":"AgM=","commitment":"BA=="}]}`
	if got := string(encoded(t, sample())); got != want {
		t.Errorf("Encode =\n%s\nwant\n%s", got, want)
	}
}

func TestEncodeTakesSpaceOut(t *testing.T) {
	e := sample()
	e.Clear = json.RawMessage("{ \"amount\" : 37800,\n \"note\":\"<&> 张\" }")
	if !bytes.Equal(encoded(t, e), encoded(t, sample())) {
		t.Error("spaces in the clear part reach the bytes")
	}
	for name, clear := range map[string]string{"no JSON": `{`, "two values": `{}{}`, "no UTF-8": "{\"a\":\"\xff\"}"} {
		e.Clear = json.RawMessage(clear)
		if b, err := e.Encode(); err == nil {
			t.Errorf("%s was encoded: %s", name, b)
		}
	}
}

func TestDecodeRefusesWhatWasNotWritten(t *testing.T) {
	good := string(encoded(t, sample()))
	if _, err := DecodeEnvelope([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(string) string{
		"nothing":             func(string) string { return "" },
		"cut":                 func(s string) string { return s[:len(s)-1] },
		"a line break behind": func(s string) string { return s + "\n" },
		"a space in front":    func(s string) string { return " " + s },
		"something behind":    func(s string) string { return s + "{}" },
		"a space inside":      func(s string) string { return strings.Replace(s, `"clear":{`, `"clear":{ `, 1) },
		"an unknown field":    func(s string) string { return strings.Replace(s, `{"suite"`, `{"x":1,"suite"`, 1) },
		"a field twice":       func(s string) string { return strings.Replace(s, `"revision":3`, `"revision":2,"revision":3`, 1) },
		"a field in capitals": func(s string) string { return strings.Replace(s, `"revision":3`, `"Revision":3`, 1) },
		"fields swapped": func(s string) string {
			return strings.Replace(s, `"person":"w1","office":"o"`, `"office":"o","person":"w1"`, 1)
		},
		"an empty list":          func(s string) string { return strings.Replace(s, `"visible":["office:o"]`, `"visible":[]`, 1) },
		"an escaped letter":      func(s string) string { return strings.Replace(s, `"c1"`, "\"\\u0063"+`1"`, 1) },
		"another zone":           func(s string) string { return strings.Replace(s, "01:30:00.123Z", "09:30:00.123+08:00", 1) },
		"no milliseconds":        func(s string) string { return strings.Replace(s, "04:00:00.000Z", "04:00:00Z", 1) },
		"another number form":    func(s string) string { return strings.Replace(s, `"revision":3`, `"revision":3.0`, 1) },
		"bytes that are no text": func(s string) string { return strings.Replace(s, "张", "\xff", 1) },
	} {
		if e, err := DecodeEnvelope([]byte(edit(good))); !errors.Is(err, ErrAltered) || e.ID != "" {
			t.Errorf("%s: DecodeEnvelope = %+v, %v; want nothing and ErrAltered", name, e, err)
		}
	}
}

func TestEnvelopeRoundTrips(t *testing.T) {
	text := rapid.String()
	rapid.Check(t, func(t *rapid.T) {
		e := sample()
		e.Command, e.Actor.Person = text.Draw(t, "command"), text.Draw(t, "person")
		e.Revision = rapid.Int64().Draw(t, "revision")
		e.RecordedAt = At(days.Draw(t, "day").Start().Add(time.Duration(rapid.Int64Range(9, 15).Draw(t, "hours")) * time.Hour))
		e.Clear, _ = Canonical(rapid.MapOf(text, text).Draw(t, "clear"))
		if rapid.Bool().Draw(t, "bare") {
			e.Claimed, e.Basis, e.Visible, e.Sealed = nil, nil, nil, nil
		}
		b, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeEnvelope(b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := back.Encode()
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%s\nis read and written as\n%s, %v", b, again, err)
		}
	})
}

func FuzzDecodeEnvelope(f *testing.F) {
	f.Add(encoded(f, sample()))
	f.Add([]byte(`{"suite":"intl-1"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeEnvelope(b)
		if err != nil {
			if !errors.Is(err, ErrAltered) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if again, err := e.Encode(); err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%q was taken, and is written %q, %v", b, again, err)
		}
	})
}

func TestKnownOn(t *testing.T) {
	m := sample().Meta
	if m.KnownOn() != Date(2020, 1, 30) || !m.Proven() {
		t.Errorf("claimed history is known on %s, proven %v", m.KnownOn(), m.Proven())
	}
	m.Claimed.Grade = GradeC
	if m.Proven() {
		t.Error("a mere claim is proven")
	}
	m.Claimed = nil
	if m.KnownOn() != Date(2020, 1, 31) || !m.Proven() {
		t.Errorf("recorded history is known on %s, proven %v", m.KnownOn(), m.Proven())
	}
}

func TestInstantIsReadFromAnyZone(t *testing.T) {
	var i Instant
	if err := json.Unmarshal([]byte(`"2020-01-31T09:30:00.1239+08:00"`), &i); err != nil || i != At(i.Time) {
		t.Fatalf("%v, %v", i, err)
	}
	if b, _ := json.Marshal(i); string(b) != `"2020-01-31T01:30:00.123Z"` {
		t.Errorf("written %s", b)
	}
	for _, text := range []string{`"2020-01-31"`, `5`, `"2020-01-31 09:30:00"`, `"now"`, `""`} {
		if err := json.Unmarshal([]byte(text), &i); err == nil || !strings.Contains(err.Error(), "2020-01-31T09:30:00+08:00") {
			t.Errorf("%s: %v; want an error that shows how", text, err)
		}
	}
}
