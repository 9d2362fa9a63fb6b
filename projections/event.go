package projections

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/privacy"
	"leeway/domain/review"
	"leeway/eventstore"
)

// The streams that read models follow, by the beginning of their names. Other
// streams hold nothing that a model shows. Clues are read by one model, which
// only the discipline organ asks.
const (
	casePrefix     = "case-"
	registerPrefix = "register-"
	reviewPrefix   = "review-"
	accessPrefix   = "access-"
	privacyPrefix  = "privacy-"
	cluePrefix     = "clue-"
)

// event is a stored event, read once for every model that wants it.
type event struct {
	domain.Envelope
	pos   eventstore.Position
	data  []byte
	id    string       // what follows the prefix of its stream: the case, the review
	found []identifier // sealed pieces by which the blind index finds somebody
	body  any          // eligibility.Event, eligibility.RegisterEvent, review.Event, review.ClueEvent, privacy.Event or *Access; nil: no model reads it
	bad   error        // why it cannot be read; poison for the models that read its stream
}

// read reads an event strictly: its bytes are canonical, say what its place
// says, and have a type that the program knows. What is not so is bad.
func read(r eventstore.Recorded) *event {
	e := &event{pos: r.Position, data: r.Data}
	_, e.id, _ = strings.Cut(r.Stream, "-")
	err := e.decode(r)
	if err != nil {
		e.bad = fmt.Errorf("%w: event %s, revision %d of %s: %w", ErrPoison, r.ID, r.Revision, r.Stream, err)
		e.body = nil
	}
	if e.body == nil {
		e.Stream, e.ID, e.Revision, e.Type = r.Stream, r.ID, r.Revision, r.Type
		e.RecordedAt = domain.At(r.Created)
	}
	return e
}

// decode reads the body where some model reads the stream.
func (e *event) decode(r eventstore.Recorded) error {
	decode := decoder(r.Stream)
	if decode == nil {
		return nil
	}
	if err := e.open(r); err != nil {
		return err
	}
	var err error
	e.body, err = decode(e.Type, e.Clear)
	e.found = identifiers(e.body, e.Sealed)
	e.Clear, e.Sealed, e.Basis = nil, nil, nil // no fold reads them, and a rebuild holds thousands of events
	return err
}

// open reads the envelope and compares it with the place it is kept at.
func (e *event) open(r eventstore.Recorded) (err error) {
	if e.Envelope, err = domain.DecodeEnvelope(r.Data); err != nil {
		return err
	}
	if e.Stream != r.Stream || e.Revision != r.Revision || e.ID != r.ID || e.Type != r.Type || !slices.Contains(domain.Suites(), e.Suite) {
		return fmt.Errorf("%w: it was written as %s, revision %d of %s", domain.ErrAltered, e.ID, e.Revision, e.Stream)
	}
	return nil
}

// decoder is how events of a stream are read, or nil.
func decoder(stream string) func(string, []byte) (any, error) {
	switch {
	case strings.HasPrefix(stream, casePrefix):
		return func(t string, b []byte) (any, error) { return eligibility.Decode(t, b) }
	case strings.HasPrefix(stream, registerPrefix):
		return func(t string, b []byte) (any, error) { return eligibility.DecodeRegister(t, b) }
	case strings.HasPrefix(stream, reviewPrefix):
		return func(t string, b []byte) (any, error) { return review.Decode(t, b) }
	case strings.HasPrefix(stream, privacyPrefix):
		return func(t string, b []byte) (any, error) { return privacy.Decode(t, b) }
	case strings.HasPrefix(stream, cluePrefix):
		return func(t string, b []byte) (any, error) { return review.DecodeClue(t, b) }
	case strings.HasPrefix(stream, accessPrefix):
		return decodeAccess
	}
	return nil
}

// strictly reads JSON into a struct that must know every field.
func strictly(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", domain.ErrInvalid, err)
	}
	return nil
}

// caseEvent is the body of an event of a case, or nil.
func (e *event) caseEvent() eligibility.Event {
	b, _ := e.body.(eligibility.Event)
	return b
}

// day is the civil day on which an event happened, as the actor says.
func (e *event) day() domain.Day {
	switch b := e.body.(type) {
	case eligibility.Event:
		return eligibility.DayOf(b)
	case eligibility.RegisterEvent:
		return eligibility.RegisterDayOf(b)
	case review.Event:
		return review.DayOf(b)
	}
	return domain.DayOf(e.RecordedAt.Time)
}

// everybody reports whether all who handle the case may see the event. A
// complaint is for those whom it names alone, and for nobody where it names
// none: a worker is not tipped off (domain.md §3.6 rule 16).
func (e *event) everybody() bool {
	_, complaint := e.body.(*eligibility.ComplaintReceived)
	return len(e.Visible) == 0 && !complaint
}

// readers are for whom a row of the event is written; "" is everybody who
// handles the case. Where nobody is named it is for reviewers alone.
func (e *event) readers() []string {
	switch {
	case e.everybody():
		return []string{""}
	case len(e.Visible) == 0:
		return []string{reviewersOnly}
	}
	named := slices.Clone(e.Visible)
	slices.Sort(named)
	return slices.Compact(named)
}

// reviewersOnly stands where no office and no post may see a row. It is no
// reader that a desk can have: those begin with "office:" or "post:".
const reviewersOnly = "-"
