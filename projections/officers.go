package projections

import (
	"encoding/json"
	"strings"

	"leeway/domain/eligibility"
)

// officerDayRow counts what an officer decided on one day in one post.
type officerDayRow struct {
	Person, Office, Post           string
	Day                            int64
	Decisions, Approvals, Departed int64
}

// officerPostRow is one person in one post for a time.
type officerPostRow struct {
	Event, Person, Office, Post string
	Since, Until, Listed        int64
}

// seatRow remembers the open holdings of a post, so that a hand-over can end
// them.
type seatRow struct{ Seat, Held string }

// officersModel is the record of officers: what they decided, in which post.
// What was found against them lies with the reviews that found it.
type officersModel struct {
	days  appended[officerDayRow]
	posts appended[officerPostRow]
	seats kept[seatRow]
}

func newOfficers(Options) model {
	return &officersModel{
		days: appended[officerDayRow]{
			table: table{"officer_days", []string{"person", "office", "post", "day", "decisions", "approvals", "departed"}, 4, 3},
			order: func(a, b officerDayRow) int {
				return byKey(strings.Compare(a.Person, b.Person), strings.Compare(a.Office, b.Office), strings.Compare(a.Post, b.Post), int(a.Day-b.Day))
			},
			merge: func(a *officerDayRow, b officerDayRow) {
				a.Decisions, a.Approvals, a.Departed = a.Decisions+b.Decisions, a.Approvals+b.Approvals, a.Departed+b.Departed
			},
			fields: func(r *officerDayRow) []any {
				return []any{&r.Person, &r.Office, &r.Post, &r.Day, &r.Decisions, &r.Approvals, &r.Departed}
			},
		},
		posts: appended[officerPostRow]{
			table: table{"officer_posts", []string{"event", "person", "office", "post", "since", "until", "listed"}, 1, 0},
			order: func(a, b officerPostRow) int { return strings.Compare(a.Event, b.Event) },
			fields: func(r *officerPostRow) []any {
				return []any{&r.Event, &r.Person, &r.Office, &r.Post, &r.Since, &r.Until, &r.Listed}
			},
		},
		seats: kept[seatRow]{
			table:  table{"officer_seats", []string{"seat", "held"}, 1, 0},
			key:    func(r seatRow) string { return r.Seat },
			fields: func(r *seatRow) []any { return []any{&r.Seat, &r.Held} },
		},
	}
}

func (m *officersModel) sets() []set { return []set{&m.days, &m.posts, &m.seats} }

// seatOf names a post of an office in one text, whatever the names hold.
func seatOf(e *event) (seat, office, post string) {
	switch b := e.body.(type) {
	case *eligibility.PostHeld:
		office, post = b.Office, b.Post
	case *eligibility.PostHandedOver:
		office, post = b.Office, b.Post
	default:
		return "", "", ""
	}
	return toJSON([]string{office, post}), office, post
}

func (m *officersModel) want(e *event) {
	if seat, _, _ := seatOf(e); seat != "" {
		m.seats.want(seat)
	}
}

func (m *officersModel) fold(e *event) {
	if e.caseEvent() != nil {
		m.count(e)
		return
	}
	seat, office, post := seatOf(e)
	if seat == "" {
		return
	}
	r := m.seats.get(seat)
	r.Seat = seat
	var held []officerPostRow
	if r.Held != "" {
		json.Unmarshal([]byte(r.Held), &held) // written below
	}
	next := officerPostRow{Event: e.ID, Office: office, Post: post, Since: int64(e.day())}
	switch b := e.body.(type) {
	case *eligibility.PostHeld:
		next.Person, next.Until = b.Person, int64(b.To)
	case *eligibility.PostHandedOver:
		next.Person, next.Listed = b.ToPerson, yes(b.Listed)
		for _, h := range held {
			h.Until = int64(b.Day)
			m.posts.add(h)
		}
		held = nil
	}
	m.posts.add(next)
	if next.Until == 0 {
		held = append(held, next)
	}
	r.Held = toJSON(held)
}

// count adds a decision or an approval to its officer's day.
func (m *officersModel) count(e *event) {
	r := officerDayRow{Person: e.Actor.Person, Office: e.Actor.Office, Post: e.Actor.Post, Day: int64(e.day())}
	if d, ok := decisionOf(e.caseEvent()); ok {
		r.Decisions, r.Departed = 1, yes(advised(d) == AdvisedOther)
		m.days.add(r)
	}
	if _, ok := e.body.(*eligibility.PaymentListApproved); ok {
		r.Approvals = 1
		m.days.add(r)
	}
}
