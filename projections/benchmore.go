package projections

import (
	"context"
	"database/sql"
	"time"

	"leeway/domain"
)

// Tenure is what an officer decided while he held one post, or, with no Since,
// while nobody had put him on record as holding it.
type Tenure struct {
	Office    string     `json:"office"`
	Post      string     `json:"post"`
	Since     domain.Day `json:"since,omitzero"`
	Until     domain.Day `json:"until,omitzero"` // first day not held any more
	Listed    bool       `json:"listed,omitempty"`
	Decisions int        `json:"decisions"`
	Approvals int        `json:"approvals"`
	Departed  int        `json:"departed"` // decisions other than advised
}

// A day counts for the post that the officer held on it by the register. Days
// in a post that nobody put on record stay, without a span: they are acts all
// the same. The days of one officer are few; they are grouped after they were
// found by the primary key.
const officerText = `SELECT d.office, d.post, coalesce(p.since, 0), coalesce(p.until, 0), coalesce(p.listed, 0), sum(d.decisions), sum(d.approvals), sum(d.departed)
	FROM officer_days d LEFT JOIN officer_posts p ON p.gen = d.gen AND p.person = d.person AND p.office = d.office AND p.post = d.post
		AND p.since <= d.day AND (p.until = 0 OR d.day < p.until)
	WHERE d.gen = (SELECT live FROM projection WHERE name = 'officers') AND d.person = $1
	GROUP BY d.office, d.post, p.since, p.until, p.listed ORDER BY d.office, d.post, p.since`

// scanTenure reads one post of an officer.
func scanTenure(rows *sql.Rows, t *Tenure) error {
	return rows.Scan(&t.Office, &t.Post, &t.Since, &t.Until, &t.Listed, &t.Decisions, &t.Approvals, &t.Departed)
}

// Wrong is money that was found to be paid wrongly in a case, as the bureau
// established it. What was truly due is the replay's to say; the two
// directions stand apart and are never netted.
type Wrong struct {
	Case      string     `json:"case"`
	Office    string     `json:"office"`
	Overpaid  domain.Fen `json:"overpaid"`
	Recovered domain.Fen `json:"recovered"`
	Underpaid domain.Fen `json:"underpaid"`
	Backpaid  domain.Fen `json:"backpaid"`
	Since     domain.Day `json:"since"` // of the oldest finding
}

// ToRecover is what is still to come back.
func (w Wrong) ToRecover() domain.Fen { return max(0, w.Overpaid-w.Recovered) }

// ToPay is what is still to be paid.
func (w Wrong) ToPay() domain.Fen { return max(0, w.Underpaid-w.Backpaid) }

// Viewing is one entry of the access log. It says how many fields were opened,
// not what stood in them.
type Viewing struct {
	Event    string       `json:"event"`
	Recorded time.Time    `json:"recorded"`
	Actor    domain.Actor `json:"actor"`
	Kind     string       `json:"kind"`
	Case     string       `json:"case,omitempty"`
	Fields   int          `json:"fields"`
	Purpose  string       `json:"purpose,omitempty"`
	Request  string       `json:"request,omitempty"`
}

// viewingColumns are those of the access log.
const viewingColumns = `event, recorded, person, office, post, kind, id, fields, purpose, request`

// newestViewings walks the access log backwards.
var newestViewings = listing[Viewing]{nil, place{last, ""}, func(v Viewing) place { return place{v.Recorded.UnixMilli(), v.Event} },
	func(rows *sql.Rows, v *Viewing) error {
		var recorded int64
		err := rows.Scan(&v.Event, &recorded, &v.Actor.Person, &v.Actor.Office, &v.Actor.Post, &v.Kind, &v.Case, &v.Fields, &v.Purpose, &v.Request)
		v.Recorded = moment(recorded)
		return err
	}}

var (
	// By the primary key of officer_days, with officer_posts_person.
	qOfficer = &question{"officer", "officers", false, officerText}
	// By money_open: settled cases are not met.
	qMoney = &question{"money-open", "money", false, `SELECT id, office, overpaid, recovered, underpaid, backpaid, since FROM money
		WHERE gen = (SELECT live FROM projection WHERE name = 'money') AND open = 1 AND office = $1 AND (since, id) > ($2, $3) ORDER BY since, id LIMIT $4`}
	// By access_case and access_person, backwards.
	qAccessCase = &question{"access-case", "access", false, `SELECT ` + viewingColumns + ` FROM access_log
		WHERE gen = (SELECT live FROM projection WHERE name = 'access') AND id = $1 AND (recorded, event) < ($2, $3) ORDER BY recorded DESC, event DESC LIMIT $4`}
	qAccessPerson = &question{"access-person", "access", false, `SELECT ` + viewingColumns + ` FROM access_log
		WHERE gen = (SELECT live FROM projection WHERE name = 'access') AND person = $1 AND (recorded, event) < ($2, $3) ORDER BY recorded DESC, event DESC LIMIT $4`}
)

// Officer is what an officer decided, post by post. Numbers of decisions say
// nothing of their quality; determined errors are a list of their own, Errors.
func (b Bench) Officer(ctx context.Context, person string) ([]Tenure, error) {
	return all(ctx, b.db, qOfficer, scanTenure, person)
}

// Money lists the cases of an office in which money is open, the oldest finding
// first. A case is open while either direction is.
func (b Bench) Money(ctx context.Context, office string, a Ask) (Page[Wrong], error) {
	walk := listing[Wrong]{nil, place{int64(0), ""}, func(w Wrong) place { return place{int64(w.Since), w.Case} },
		func(rows *sql.Rows, w *Wrong) error {
			return rows.Scan(&w.Case, &w.Office, &w.Overpaid, &w.Recovered, &w.Underpaid, &w.Backpaid, &w.Since)
		}}
	return pages(ctx, b.db, walk.of(qMoney), a, office)
}

// Viewed lists who saw personal data of a case, the newest first. Searches and
// lists that named no case are under the person alone.
func (b Bench) Viewed(ctx context.Context, id string, a Ask) (Page[Viewing], error) {
	return pages(ctx, b.db, newestViewings.of(qAccessCase), a, id)
}

// ViewedBy lists what a person saw, the newest first.
func (b Bench) ViewedBy(ctx context.Context, person string, a Ask) (Page[Viewing], error) {
	return pages(ctx, b.db, newestViewings.of(qAccessPerson), a, person)
}
