package projections

import (
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

// decisionRow is one decision with who made it. The rules are those of the
// advice that stood beside it on the day; a replay asks again and may find
// others.
type decisionRow struct {
	Event    string `col:"event"`
	ID       string `col:"id"`
	Revision int64  `col:"revision"`
	Type     string `col:"type"`
	Outcome  string `col:"outcome"` // granted, refused, adjusted, stopped
	Amount   int64  `col:"amount"`  // fen a month
	From     int64  `col:"from_month"`
	To       int64  `col:"to_month"` // 0: until the next decision
	Day      int64  `col:"day"`
	Recorded int64  `col:"recorded"` // milliseconds
	Person   string `col:"person"`
	Office   string `col:"office"`
	Post     string `col:"post"`
	Pack     string `col:"pack"` // of the advice, as are version and digest
	Version  string `col:"version"`
	Digest   string `col:"digest"`
	Advised  string `col:"advised"` // one of the Advised words
}

// decisionsModel is the decision register: every event that decides something,
// wherever it was recorded.
type decisionsModel struct{ rows appended[decisionRow] }

// newDecisions makes the register.
func newDecisions(Options) model {
	return &decisionsModel{appendedIn[decisionRow]("decisions", 1, 0)}
}

func (m *decisionsModel) sets() []set { return []set{&m.rows} }
func (m *decisionsModel) want(*event) {}

// fold writes a decision down once. Nothing that comes later changes the row:
// a remedy that changes a decision is a decision of its own.
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
