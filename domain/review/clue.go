package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"leeway/domain"
)

// ClueStream is the stream of a clue. Clues lie apart: nothing of them is in a
// case or in a review, and only discipline roles read them.
func ClueStream(id string) string { return cluePrefix + id }

const cluePrefix = "clue-"

// ClueSubject is under whose key the words of a clue are sealed: each clue has
// one of its own, whomever the words are about.
const ClueSubject = "words"

// CluePurposes are the codes of why somebody opens the words of a clue: to judge
// whether a review is to be opened, in the review, for a remedy.
func CluePurposes() []string { return []string{"assessment", "review", "remedy"} }

// A ClueEvent is a fact about a clue 疑点 (问题线索 for the discipline organs), under
// the same promises as an Event.
type ClueEvent interface {
	EventType() string
	by() *By
	may() []Role
	check(*Clue) error
	evolve(*Clue, At)
}

// Clue is the state of one clue.
type Clue struct {
	ID       string
	Case     string
	Months   []domain.Month
	Persons  []string
	Reporter string // pseudonym; none: nobody reported
	Source   ClueSource
	Got      At
	Review   string
	Compared []SelfReport
	Closed   bool
	Last     domain.Meta
}

// Exists reports whether the clue was registered.
func (c *Clue) Exists() bool { return c.Last.ID != "" }

// Names reports whether the clue is about a person: he must not learn of it.
func (c *Clue) Names(person string) bool { return slices.Contains(c.Persons, person) }

// Apply folds one event into the state.
func (c *Clue) Apply(e ClueEvent, m domain.Meta) {
	e.evolve(c, At{m, e.by().Day, e.by().As})
	c.Last = m
}

// ClueSource is where a clue came from.
type ClueSource string

// The sources of clues.
const (
	FromReport    ClueSource = "report"     // 举报
	FromAudit     ClueSource = "audit"      // 审计
	FromDataMatch ClueSource = "data_match" // 数据比对
	FromInquiry   ClueSource = "inquiry"    // 问责调查
)

// ClueRegistered registers a clue 线索登记.
type ClueRegistered struct {
	By
	Case     string         `json:"case"`
	Months   []domain.Month `json:"months,omitempty"`
	Persons  []string       `json:"persons,omitempty"`
	Source   ClueSource     `json:"source"`
	Reporter string         `json:"reporter,omitempty"` // pseudonym
	Words    domain.Private `json:"words,omitzero"`
}

// EventType is the stored name.
func (ClueRegistered) EventType() string { return "clue-registered.v1" }

func (*ClueRegistered) may() []Role { return []Role{Reviewer, Head, Bureau, Auditor} }

func (e *ClueRegistered) check(c *Clue) error {
	switch e.Source {
	case FromReport, FromAudit, FromDataMatch, FromInquiry:
	default:
		return fault("source", "there is no source %q", "write report, audit, data_match or inquiry", e.Source)
	}
	if e.Case == "" {
		return fault("case", "it is missing", "name the case")
	}
	if c.Exists() {
		return refuse(GuardOrder, "register it under another id", "clue %s is registered", c.ID)
	}
	return nil
}

func (e *ClueRegistered) evolve(c *Clue, at At) {
	c.Case, c.Months, c.Persons, c.Reporter, c.Source, c.Got = e.Case, e.Months, e.Persons, e.Reporter, e.Source, at
}

// Private is the clue in words.
func (e *ClueRegistered) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "words", Data: &e.Words}}
}

// ClueLinked says that a review looks at the clue.
type ClueLinked struct {
	By
	Review string `json:"review"`
}

// EventType is the stored name.
func (ClueLinked) EventType() string { return "clue-linked.v1" }

func (*ClueLinked) may() []Role { return []Role{Reviewer, Head} }

func (e *ClueLinked) check(c *Clue) error {
	if e.Review == "" {
		return fault("review", "it is missing", "name the review")
	}
	return c.open()
}

func (c *Clue) open() error {
	switch {
	case !c.Exists():
		return domain.Deny(domain.ErrNotFound, "there is no clue %q", "", c.ID)
	case c.Closed:
		return refuse(GuardOrder, "register a new one", "clue %s is closed", c.ID)
	}
	return nil
}

func (e *ClueLinked) evolve(c *Clue, at At) { c.Review = e.Review }

// SelfReport is a worker's own report as reviewers compared it with a clue.
type SelfReport struct {
	Review string     `json:"review"`
	Event  string     `json:"event"` // of the case
	Day    domain.Day `json:"day"`
	First  bool       `json:"first"` // before the clue
}

// ClueCompared compares a worker's own report with the clue. It is done after
// the review was opened, by reviewers alone, and kept here: the worker sees
// the time of his own report only.
type ClueCompared struct {
	By
	Report SelfReport `json:"report"`
}

// EventType is the stored name.
func (ClueCompared) EventType() string { return "clue-compared.v1" }

func (*ClueCompared) may() []Role { return []Role{Reviewer, Head} }

func (e *ClueCompared) check(c *Clue) error {
	switch {
	case c.Exists() && c.Review != e.Report.Review:
		return refuse(GuardOrder, "link it first", "clue %s is not linked to review %q", c.ID, e.Report.Review)
	case e.Report.Event == "" || e.Report.Day == 0:
		return fault("report", "its event or day is missing", "name the self-report")
	case c.Exists() && e.Report.First != (e.Report.Day < c.Got.Day):
		return fault("report.first", "it was given as %v", "the days decide it", e.Report.First)
	}
	return c.open()
}

func (e *ClueCompared) evolve(c *Clue, at At) { c.Compared = append(c.Compared, e.Report) }

// ClueClosed ends a clue 了结.
type ClueClosed struct {
	By
	Result string         `json:"result"` // reviewed, transferred, unfounded
	Reason domain.Private `json:"reason,omitzero"`
}

// EventType is the stored name.
func (ClueClosed) EventType() string { return "clue-closed.v1" }

func (*ClueClosed) may() []Role { return []Role{Reviewer, Head} }

func (e *ClueClosed) check(c *Clue) error {
	if !slices.Contains([]string{"reviewed", "transferred", "unfounded"}, e.Result) {
		return fault("result", "there is no result %q", "write reviewed, transferred or unfounded", e.Result)
	}
	return c.open()
}

func (e *ClueClosed) evolve(c *Clue, at At) { c.Closed = true }

// Private is the reason.
func (e *ClueClosed) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "reason", Data: &e.Reason}}
}

var clueKinds = []func() ClueEvent{
	func() ClueEvent { return new(ClueRegistered) }, func() ClueEvent { return new(ClueLinked) },
	func() ClueEvent { return new(ClueCompared) }, func() ClueEvent { return new(ClueClosed) },
}

// ClueKinds returns a zero value of every event type of a clue.
func ClueKinds() []ClueEvent {
	var events []ClueEvent
	for _, k := range clueKinds {
		events = append(events, k())
	}
	return events
}

// DecodeClue reads a clue's event as Decode does.
func DecodeClue(eventType string, clear []byte) (ClueEvent, error) {
	for _, k := range clueKinds {
		e := k()
		if e.EventType() != eventType {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(clear))
		dec.DisallowUnknownFields()
		if err := dec.Decode(e); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", domain.ErrInvalid, eventType, err)
		}
		return e, nil
	}
	return nil, domain.Deny(domain.ErrInvalid, "event type %q is not one of a clue", "", eventType)
}

// ActClue sets who acts and when, as Act does.
func ActClue(e ClueEvent, as Role, day domain.Day) {
	b := e.by()
	b.As = as
	if b.Day == 0 {
		b.Day = day
	}
}

// RecordClue asks that something about a clue be recorded.
type RecordClue struct {
	Event ClueEvent
	Today domain.Day
}

// Decide refuses what cannot be true or is not for this role.
func (cmd RecordClue) Decide(c *Clue) ([]ClueEvent, error) {
	b := cmd.Event.by()
	switch {
	case !slices.Contains(cmd.Event.may(), b.As):
		return nil, refuse(GuardRole, "this step is for %[3]s", "%q may not record %s", b.As, cmd.Event.EventType(), roleNames(cmd.Event.may()))
	case b.Day == 0 || b.Day > cmd.Today:
		return nil, fault("day", "%q is no day until today", "give the civil day on which it happened", b.Day)
	}
	if err := cmd.Event.check(c); err != nil {
		return nil, err
	}
	return []ClueEvent{cmd.Event}, nil
}
