package eligibility

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"leeway/domain"
)

// An Event is a fact about a case, stored forever under its type name: a
// field may be added, never renamed or removed. It has happened, so evolve
// cannot fail. check says why it could not be recorded in a state; only a
// command asks.
type Event interface {
	EventType() string
	on() domain.Day
	check(*Case) error
	evolve(*Case, At)
}

// On is embedded by every event: the civil day on which it happened, as the
// actor says.
type On struct {
	Day domain.Day `json:"day"`
}

func (o On) on() domain.Day { return o.Day }

// Taken is embedded by events that only say that a step was taken.
type Taken struct{ On }

func (Taken) check(*Case) error     { return nil }
func (Taken) evolve(c *Case, at At) { c.act(at, Act{}) }

// A private event carries personal data.
type private interface{ Private() []domain.PrivateField }

// A kind is one event type: a fresh zero value of it, to read into.
type kind func() Event

func of[E any, P interface {
	*E
	Event
}]() Event {
	return P(new(E))
}

// kinds lists every event of a case once: decoding, the schema of case files
// and the golden file all walk it.
var kinds = []kind{
	of[CaseOpened], of[ApplicationSubmitted], of[DeclarationSigned], of[CheckAuthorised],
	of[ApplicationAccepted], of[SupplementRequested], of[ApplicationNotAccepted], of[OralRefusalAlleged],
	of[HardshipFound], of[ApplicationWithdrawn], of[KinshipFiled],
	of[HouseholdSurveyed], of[InfoCheckRequested], of[InfoCheckReturned], of[NeighbourInquired],
	of[DocumentReceived], of[DemocraticEvaluation], of[SelfCareAssessed], of[UrgencyRecorded], of[ObstacleRecorded],
	of[InitialOpinion], of[PublicNoticePosted], of[PublicNoticeClosed], of[ObjectionReceived], of[ReinvestigationDone],
	of[SubmittedToCounty], of[CountySpotCheck], of[ObjectionRaised], of[QuerySent], of[DoubtAnswered],
	of[DecisionMade], of[DecisionPublished], of[RefusalServed], of[LongTermNoticePosted],
	of[PaymentListApproved], of[BenefitPaid], of[EmergencyPaid], of[FormalitiesCompleted],
	of[ChangeReported], of[DataMatchHit], of[ReverificationDue], of[ReverificationDone],
	of[MemberJoined], of[MemberLeft], of[DeathRecorded],
	of[AmountAdjusted], of[GracePeriodStarted], of[ExitDecided],
	of[FactsDiscovered], of[ComplaintReceived], of[OverpaymentEstablished], of[BackpayEstablished],
	of[MoneyRecovered], of[MoneyBackPaid], of[RemedySought], of[RemedyDecided], of[CaseClosed],
}

var byType = func() map[string]kind {
	m := make(map[string]kind, len(kinds))
	for _, k := range kinds {
		m[k().EventType()] = k
	}
	return m
}()

// Kinds returns a zero value of every event type of a case, in the order of
// the handling.
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
		return nil, domain.Deny(domain.ErrInvalid, "event type %q is not one of a case", "", eventType)
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
func DayOf(e Event) domain.Day { return e.on() }

// Private lists the personal data of an event by path; most have none.
func Private(e any) []domain.PrivateField {
	if p, ok := e.(private); ok {
		return p.Private()
	}
	return nil
}

// Identifies says by which kind of identifier a sealed field of an event finds
// its person, such as domain.IndexName, or "" where it finds nobody: an address
// and free text are not searched for.
func Identifies(e any, field string) string {
	switch e.(type) {
	case *CaseOpened, *MemberJoined:
		switch {
		case strings.HasSuffix(field, "].name"):
			return domain.IndexName
		case strings.HasSuffix(field, "].id_number"):
			return domain.IndexIDNumber
		}
	case *BenefitPaid:
		if field == "account" {
			return domain.IndexAccount
		}
	}
	return ""
}
