package review

import (
	"bytes"
	"encoding/json"
	"fmt"

	"leeway/domain"
)

// An Event is a fact about a review, stored forever under its type name: a
// field may be added, never renamed or removed. It has happened, so evolve
// cannot fail. check says why it could not be recorded; only Record asks.
type Event interface {
	EventType() string
	by() *By
	may() []Role
	check(*desk) error
	evolve(*Review, At)
}

// By is embedded by every event: the civil day on which it happened, and the
// role in which the actor acts.
type By struct {
	Day domain.Day `json:"day"`
	As  Role       `json:"as"`
}

func (b *By) by() *By { return b }

// At is the place of an event with its civil day.
type At struct {
	domain.Meta
	Day domain.Day `json:"day"`
	As  Role       `json:"as"`
}

// Role says as what somebody acts.
type Role string

// The roles. Who has which is the identity's, never the event's, to say.
const (
	Worker   Role = "worker"   // 经办人员 whose conduct may be reviewed
	Unit     Role = "unit"     // his unit 单位
	Bureau   Role = "bureau"   // civil affairs bureau 民政局
	Reviewer Role = "reviewer" // of the accountability organ 纪检监察
	Head     Role = "head"     // its head
	Superior Role = "superior" // the organ above it
	Auditor  Role = "auditor"  // reads
	Machine  Role = "machine"  // the watcher behind the append
)

// Discipline reports whether a role belongs to the discipline organs, who
// alone see clues.
func (r Role) Discipline() bool { return r == Reviewer || r == Head || r == Superior }

// KnownRole reports whether there is such a role for a person.
func KnownRole(r Role) bool {
	switch r {
	case Worker, Unit, Bureau, Reviewer, Head, Superior, Auditor:
		return true
	}
	return false
}

// judging is an event in which persons act who must not be recused: beside
// the actor, those it names.
type judging interface{ judges() []string }

// Sealed parts of an event.
type private interface{ Private() []domain.PrivateField }

type kind func() Event

func of[E any, P interface {
	*E
	Event
}]() Event {
	return P(new(E))
}

// kinds lists every event of a review once, in the order of its life.
var kinds = []kind{
	of[Opened], of[Cited], of[SupplementAsked], of[SupplementGiven], of[Accepted], of[NotAccepted], of[Withdrawn], of[Lapsed],
	of[RecusalRaised], of[RecusalDecided],
	of[FactVerified], of[EvidenceExcluded], of[Replayed], of[DutyFound], of[ExclusionJudged], of[VerificationExtended], of[OpinionFiled],
	of[EvidenceAsked], of[EvidenceGiven], of[Appraised],
	of[Notified], of[Heard], of[Consulted], of[Determined], of[Signed], of[Served],
	of[CorrectionOrdered], of[CorrectionBacked], of[CorrectionExtended], of[CorrectionDone], of[CorrectionReturned], of[CorrectionAccepted],
	of[Transferred], of[SanctionRecorded], of[Filed], of[NameCleared],
	of[Appealed], of[AppealDecided], of[Reopened], of[GuardBreached],
}

var byType = func() map[string]kind {
	m := make(map[string]kind, len(kinds))
	for _, k := range kinds {
		m[k().EventType()] = k
	}
	return m
}()

// Kinds returns a zero value of every event type of a review.
func Kinds() []Event {
	events := make([]Event, len(kinds))
	for i, k := range kinds {
		events[i] = k()
	}
	return events
}

// Decode reads an event from the clear part of its envelope. Unknown types
// and fields are errors that wrap domain.ErrInvalid: an event is never
// skipped.
func Decode(eventType string, clear []byte) (Event, error) {
	k, ok := byType[eventType]
	if !ok {
		return nil, domain.Deny(domain.ErrInvalid, "event type %q is not one of a review", "", eventType)
	}
	e := k()
	dec := json.NewDecoder(bytes.NewReader(clear))
	dec.DisallowUnknownFields()
	if err := dec.Decode(e); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", domain.ErrInvalid, eventType, err)
	}
	return e, nil
}

// DayOf is the civil day on which an event happened, as the actor says.
func DayOf(e Event) domain.Day { return e.by().Day }

// Act sets who acts and when: the role of the identity, and the day where the
// event gives none.
func Act(e Event, as Role, day domain.Day) {
	b := e.by()
	b.As = as
	if b.Day == 0 {
		b.Day = day
	}
}

// MayAct lists the roles that may record an event.
func MayAct(e Event) []Role { return e.may() }

// privates are the personal data of an event.
func privates(e Event) []domain.PrivateField {
	if p, ok := e.(private); ok {
		return p.Private()
	}
	return nil
}
