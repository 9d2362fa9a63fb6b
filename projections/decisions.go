package projections

import (
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// How a decision stands to what the engine said when it was recorded.
const (
	AdvisedNone         = "none"         // there was no advice
	AdvisedSame         = "same"         // the amount is one that the rules allow
	AdvisedOther        = "other"        // it is not: the decider departed
	AdvisedUndetermined = "undetermined" // facts were missing
)

// decisionRow is one decision with who made it.
type decisionRow struct {
	Event, ID             string
	Revision              int64
	Type, Outcome         string
	Amount, From, To      int64
	Day, Recorded         int64
	Person, Office, Post  string
	Pack, Version, Digest string
	Advised               string
}

type decisionsModel struct{ rows appended[decisionRow] }

func newDecisions(Options) model {
	return &decisionsModel{appended[decisionRow]{
		table: table{"decisions", []string{"event", "id", "revision", "type", "outcome", "amount", "from_month", "to_month",
			"day", "recorded", "person", "office", "post", "pack", "version", "digest", "advised"}, 1, 0},
		order: func(a, b decisionRow) int { return strings.Compare(a.Event, b.Event) },
		fields: func(r *decisionRow) []any {
			return []any{&r.Event, &r.ID, &r.Revision, &r.Type, &r.Outcome, &r.Amount, &r.From, &r.To, &r.Day, &r.Recorded, &r.Person, &r.Office, &r.Post, &r.Pack, &r.Version, &r.Digest, &r.Advised}
		},
	}}
}

func (m *decisionsModel) sets() []set { return []set{&m.rows} }
func (m *decisionsModel) want(*event) {}

func (m *decisionsModel) fold(e *event) {
	d, ok := decisionOf(e.caseEvent())
	if !ok {
		return
	}
	r := decisionRow{Event: e.ID, ID: e.id, Revision: e.Revision, Type: e.Type,
		Outcome: string(d.Outcome), Amount: int64(d.Amount), From: int64(d.From), To: int64(d.Until),
		Day: int64(e.day()), Recorded: e.RecordedAt.UnixMilli(),
		Person: e.Actor.Person, Office: e.Actor.Office, Post: e.Actor.Post, Advised: advised(d)}
	if d.Advice != nil {
		r.Pack, r.Version, r.Digest = d.Advice.Rules.Pack, d.Advice.Rules.Version, d.Advice.Rules.Digest
	}
	m.rows.add(r)
}

// decisionOf is what an event decides; false for one that decides nothing. The
// approval of a payment list only continues what was decided.
func decisionOf(e eligibility.Event) (eligibility.Decision, bool) {
	switch e := e.(type) {
	case *eligibility.DecisionMade:
		return eligibility.Decision{Outcome: e.Outcome, Amount: e.Amount, From: e.From, Until: e.Until, Advice: e.Advice}, true
	case *eligibility.AmountAdjusted:
		return eligibility.Decision{Outcome: eligibility.Adjusted, Amount: e.Amount, From: e.From, Advice: e.Advice}, true
	case *eligibility.ExitDecided:
		return eligibility.Decision{Outcome: eligibility.Stopped, From: e.From, Advice: e.Advice}, true
	case *eligibility.EmergencyPaid:
		return eligibility.Decision{Outcome: eligibility.Granted, Amount: e.Amount, From: e.Month, Until: e.Month}, true
	case *eligibility.RemedyDecided:
		return eligibility.Decision{Outcome: eligibility.Adjusted, Amount: e.Amount, From: e.From}, !e.Upheld
	case *eligibility.ApplicationNotAccepted:
		return eligibility.Decision{Outcome: eligibility.Refused}, true
	}
	return eligibility.Decision{}, false
}

// advised compares a decision with its advice.
func advised(d eligibility.Decision) string {
	switch {
	case d.Advice == nil:
		return AdvisedNone
	case !d.Advice.Outcome.Determined():
		return AdvisedUndetermined
	case d.Advice.Outcome.Allows(domain.Fen(d.Amount)):
		return AdvisedSame
	}
	return AdvisedOther
}
