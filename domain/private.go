package domain

import (
	"bytes"
	"encoding/json"
)

// Private is personal data inside an event: a name, a number, an address,
// free text. It never reaches the clear part: there it shows only that
// something was said. Sealer turns it into Sealed and back.
type Private struct {
	Subject string // whose data key seals it
	Text    string // empty while sealed and not opened
	Present bool   // something was said, even where Text cannot be read
	// Closed says why Text cannot be read, where that was decided: restricted
	// or shredded, when and by whom. It is never stored here.
	Closed Text
}

// Personal makes personal data of a subject; empty text is nothing said.
func Personal(subject, text string) Private {
	return Private{Subject: subject, Text: text, Present: text != ""}
}

type privateJSON struct {
	Sealed  bool   `json:"sealed"`
	Subject string `json:"subject"`
}

// MarshalJSON writes a mark in place of the text.
func (p Private) MarshalJSON() ([]byte, error) {
	if !p.Present {
		return []byte("null"), nil
	}
	return json.Marshal(privateJSON{true, p.Subject})
}

// UnmarshalJSON reads the mark back. It also reads {"subject":…,"text":…},
// the form in which a case file brings personal data in.
func (p *Private) UnmarshalJSON(b []byte) error {
	var j struct {
		privateJSON
		Text string `json:"text"`
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		return NewFault("", "it is no personal data", `write {"subject":"…","text":"…"} and nothing else`)
	}
	*p = Private{Subject: j.Subject, Text: j.Text, Present: j.Sealed || j.Text != ""}
	return nil
}

// A PrivateField is personal data of an event under its path.
type PrivateField struct {
	Path string
	Data *Private
}

// Sealer seals and opens personal data. Stream, event id and path are bound
// into the seal, so that a sealed field cannot be moved. ErrSealed says that
// the key is restricted, destroyed or not at hand.
type Sealer interface {
	Seal(stream, event string, f PrivateField) (Sealed, error)
	Open(stream, event string, s Sealed) (string, error)
}

// Kinds of what a person is found by in the blind index.
const (
	IndexIDNumber = "id_number"
	IndexName     = "name"
	IndexAccount  = "account"
)

// IndexKinds lists them.
func IndexKinds() []string { return []string{IndexIDNumber, IndexName, IndexAccount} }
