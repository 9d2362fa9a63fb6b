package projections

import (
	"encoding/json"

	"leeway/domain/eligibility"
)

// officerDayRow counts what an officer decided on one day in one post. A day is
// fine enough to be dealt to the posts he held, and coarse enough to stay
// small: one row for each officer and working day.
type officerDayRow struct {
	Person    string `col:"person"`
	Office    string `col:"office"`
	Post      string `col:"post"`
	Day       int64  `col:"day"`
	Decisions int64  `col:"decisions"`
	Approvals int64  `col:"approvals"` // payment lists
	Departed  int64  `col:"departed"`  // decisions other than advised
}

// officerPostRow is one person in one post for a time.
type officerPostRow struct {
	Event  string `col:"event"` // that began it
	Person string `col:"person"`
	Office string `col:"office"`
	Post   string `col:"post"`
	Since  int64  `col:"since"`
	Until  int64  `col:"until"`  // first day not held any more; 0: held
	Listed int64  `col:"listed"` // taken over with a list of open matters
}

// seatRow remembers the open holdings of a post, so that a hand-over can end
// them.
type seatRow struct {
	Seat string `col:"seat"` // office and post, as a JSON list
	Held string `col:"held"` // officerPostRows, as JSON
}

// officersModel is the record of officers: what they decided, in which post.
// What was found against them lies with the reviews that found it.
type officersModel struct {
	days  appended[officerDayRow]
	posts appended[officerPostRow]
	seats kept[seatRow]
}

// newOfficers makes the record of officers.
func newOfficers(Options) model {
	return &officersModel{
		days:  appendedIn[officerDayRow]("officer_days", 4, 3),
		posts: appendedIn[officerPostRow]("officer_posts", 1, 0),
		seats: keptIn[seatRow]("officer_seats"),
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

// want names the seat of a register event; days are only added to.
func (m *officersModel) want(e *event) {
	if seat, _, _ := seatOf(e); seat != "" {
		m.seats.want(seat)
	}
}

// fold keeps the register of posts as eligibility does: a hand-over ends every
// open holding of the post, whoever had it.
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
