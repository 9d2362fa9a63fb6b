package projections

import (
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// timelineRow is one event of a case for one reader.
type timelineRow struct {
	ID                          string
	Revision                    int64
	Reader, Event, Type         string
	Day, Known, Recorded, Late  int64
	Grade, Person, Office, Post string
	Month, Amount               int64
}

// timelineModel is the timeline of each case. A row stands for one reader that
// the event names, so that a query for somebody meets his rows by equality and
// no others.
type timelineModel struct{ rows appended[timelineRow] }

func newTimeline(Options) model {
	return &timelineModel{appended[timelineRow]{
		table: table{"timeline", []string{"id", "revision", "reader", "event", "type", "day", "known", "recorded", "late",
			"grade", "person", "office", "post", "month", "amount"}, 3, 0},
		order: func(a, b timelineRow) int {
			return byKey(strings.Compare(a.ID, b.ID), int(a.Revision-b.Revision), strings.Compare(a.Reader, b.Reader))
		},
		fields: func(r *timelineRow) []any {
			return []any{&r.ID, &r.Revision, &r.Reader, &r.Event, &r.Type, &r.Day, &r.Known, &r.Recorded, &r.Late, &r.Grade, &r.Person, &r.Office, &r.Post, &r.Month, &r.Amount}
		},
	}}
}

func (m *timelineModel) sets() []set { return []set{&m.rows} }
func (m *timelineModel) want(*event) {}

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
