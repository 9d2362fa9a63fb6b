package projections

import (
	"leeway/domain"
	"leeway/domain/eligibility"
)

// timelineRow is one event of a case for one reader. The three days of an
// event stand side by side: when it happened, when it became known, when the
// server recorded it. Late is the gap between the first two.
type timelineRow struct {
	ID       string `col:"id"`
	Revision int64  `col:"revision"`
	Reader   string `col:"reader"` // "", office:ID, post:ID or reviewersOnly
	Event    string `col:"event"`
	Type     string `col:"type"`
	Day      int64  `col:"day"`      // on which it happened, as the actor says
	Known    int64  `col:"known"`    // day on which it counts as known
	Recorded int64  `col:"recorded"` // milliseconds, server clock
	Late     int64  `col:"late"`     // days from day to known
	Grade    string `col:"grade"`    // of imported history
	Person   string `col:"person"`
	Office   string `col:"office"`
	Post     string `col:"post"`
	Month    int64  `col:"month"`  // benefit month that it speaks of
	Amount   int64  `col:"amount"` // fen
}

// timelineModel is the timeline of each case. A row stands for one reader that
// the event names, so that a query for somebody meets his rows by equality and
// no others.
type timelineModel struct{ rows appended[timelineRow] }

// newTimeline makes the timeline.
func newTimeline(Options) model {
	return &timelineModel{appendedIn[timelineRow]("timeline", 3, 0)}
}

func (m *timelineModel) sets() []set { return []set{&m.rows} }
func (m *timelineModel) want(*event) {}

// fold writes a row for every reader. It reads nothing back, so that a rebuild
// costs one insert for each event.
func (m *timelineModel) fold(e *event) {
	b := e.caseEvent()
	if b == nil {
		return
	}
	r := timelineRow{ID: e.id, Revision: e.Revision, Event: e.ID, Type: e.Type,
		Day: int64(e.day()), Known: int64(e.KnownOn()), Recorded: e.RecordedAt.UnixMilli(),
		Person: e.Actor.Person, Office: e.Actor.Office, Post: e.Actor.Post}
	r.Late = max(0, r.Known-r.Day)
	if e.Claimed != nil {
		r.Grade = string(e.Claimed.Grade)
	}
	month, amount := moneyOf(b)
	r.Month, r.Amount = int64(month), int64(amount)
	for _, reader := range e.readers() {
		r.Reader = reader
		m.rows.add(r)
	}
}

// moneyOf is the benefit month and the amount that an event speaks of.
func moneyOf(e eligibility.Event) (domain.Month, domain.Fen) {
	switch e := e.(type) {
	case *eligibility.InitialOpinion:
		return 0, e.Amount
	case *eligibility.DecisionMade:
		return e.From, e.Amount
	case *eligibility.AmountAdjusted:
		return e.From, e.Amount
	case *eligibility.ExitDecided:
		return e.From, 0
	case *eligibility.PaymentListApproved:
		return e.Month, e.Amount
	case *eligibility.BenefitPaid:
		return e.Month, e.Amount
	case *eligibility.EmergencyPaid:
		return e.Month, e.Amount
	case *eligibility.MoneyRecovered:
		return e.Month, e.Amount
	case *eligibility.MoneyBackPaid:
		return e.Month, e.Amount
	case *eligibility.RemedyDecided:
		return e.From, e.Amount
	}
	return 0, 0
}
