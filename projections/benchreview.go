package projections

import (
	"context"
	"database/sql"
	"strings"

	"leeway/domain"
)

// QueuedReview is one line of the review queue. Due is the nearest limit that
// the organ itself has to keep; limits that run for the person, to answer or
// to seek a remedy, are on the page of the review.
type QueuedReview struct {
	ID       string     `json:"id"`
	Organ    string     `json:"organ"`
	Route    string     `json:"route"`
	Stage    string     `json:"stage"`
	Opened   domain.Day `json:"opened"`
	Due      domain.Day `json:"due,omitzero"` // nearest limit of the organ
	Step     string     `json:"step,omitempty"`
	Persons  int        `json:"persons"`
	Matters  int        `json:"matters"`
	Recusals int        `json:"recusals"` // that wait for a decision
	Departed int        `json:"departed"` // departures from advice
	Over     domain.Fen `json:"over"`     // money at stake, as replayed last
	Under    domain.Fen `json:"under"`

	due int64
}

// queueColumns are those of the queue.
const queueColumns = `r.id, r.organ, r.route, r.stage, r.opened, r.due, r.step, r.persons, r.matters, r.recusals, r.departed, r.over, r.under`

// scanQueued reads one line of it. A limit that lies at the end of time is none.
func scanQueued(rows *sql.Rows, r *QueuedReview) error {
	err := rows.Scan(&r.ID, &r.Organ, &r.Route, &r.Stage, &r.Opened, &r.due, &r.Step, &r.Persons, &r.Matters,
		&r.Recusals, &r.Departed, &r.Over, &r.Under)
	if r.due != last {
		r.Due = domain.Day(r.due)
	}
	return err
}

// Found is an error that was determined: nothing else enters an officer's
// record.
type Found struct {
	Review   string     `json:"review"`
	Matter   string     `json:"matter"`
	Office   string     `json:"office"`
	Post     string     `json:"post"`
	Case     string     `json:"case"`
	Act      string     `json:"act,omitempty"`
	Acted    domain.Day `json:"acted"`
	Outcome  string     `json:"outcome"`
	Class    string     `json:"class"`
	Grounds  []string   `json:"grounds,omitempty"` // relied on
	Decided  domain.Day `json:"decided"`
	Served   domain.Day `json:"served,omitzero"`
	Departed int        `json:"departed,omitempty"`
}

// GroundUse is how often a ground was cited, proved and accepted in an office.
// Proved is what the engine found when it was determined, accepted what the
// collective relied on: where the two part, there are written reasons.
type GroundUse struct {
	Office   string `json:"office"`
	Ground   string `json:"ground"`
	Cited    int    `json:"cited"`
	Proved   int    `json:"proved"`
	Accepted int    `json:"accepted"`
}

// Correction is one correction that a review ordered or proposed.
type Correction struct {
	Review   string     `json:"review"`
	ID       string     `json:"id"`
	Case     string     `json:"case"`
	Measure  string     `json:"measure"`
	Owner    string     `json:"owner"`
	Office   string     `json:"office"`
	Amount   domain.Fen `json:"amount"`
	Ordered  domain.Day `json:"ordered"`
	Due      domain.Day `json:"due"`
	State    string     `json:"state"` // proposed, ordered, done
	Wants    string     `json:"wants,omitempty"`
	Returned int        `json:"returned,omitempty"`
}

var (
	// By reviews_queue: what is due first comes first, what has ended is not met.
	qQueue = &question{"review-queue", "reviews", false, `SELECT ` + queueColumns + ` FROM reviews r
		WHERE r.gen = (SELECT live FROM projection WHERE name = 'reviews') AND r.organ = $1 AND r.open = 1 AND (r.due, r.id) > ($2, $3) ORDER BY r.due, r.id LIMIT $4`}
	// By review_cases_case.
	qCaseReviews = &question{"case-reviews", "reviews", false, `SELECT ` + queueColumns + ` FROM review_cases c JOIN reviews r ON r.gen = c.gen AND r.id = c.id
		WHERE c.gen = (SELECT live FROM projection WHERE name = 'reviews') AND c.case_id = $1 ORDER BY c.id`}
	// By review_results_person: results that are no error are not met.
	qErrors = &question{"officer-errors", "reviews", false, `SELECT id, matter, office, post, case_id, act, acted, outcome, class, grounds, decided, served, departed FROM review_results
		WHERE gen = (SELECT live FROM projection WHERE name = 'reviews') AND person = $1 AND error = 1 AND (acted, id, matter) > ($2, $3, $4) ORDER BY acted, id, matter LIMIT $5`}
	// From review_grounds_ground alone, grouped in its order.
	qGrounds = &question{"grounds", "reviews", false, `SELECT office, ground, sum(cited), sum(proved), sum(accepted) FROM review_grounds
		WHERE gen = (SELECT live FROM projection WHERE name = 'reviews') GROUP BY office, ground ORDER BY office, ground`}
	// By corrections_open. Whether one is overdue is for the reader to see: he
	// knows what day it is.
	qCorrections = &question{"corrections-open", "reviews", false, `SELECT id, correction, case_id, measure, owner, office, amount, ordered, due, state, wants, returned FROM corrections
		WHERE gen = (SELECT live FROM projection WHERE name = 'reviews') AND office = $1 AND open = 1 AND (due, id, correction) > ($2, $3, $4) ORDER BY due, id, correction LIMIT $5`}
)

// Queue lists the reviews of an organ that have not ended, by what is due
// next; those without a running limit come last. Whether the reader himself is
// recused is decided when he opens one, from the history of its cases.
func (b Bench) Queue(ctx context.Context, organ string, a Ask) (Page[QueuedReview], error) {
	walk := listing[QueuedReview]{nil, place{int64(0), ""}, func(r QueuedReview) place { return place{r.due, r.ID} }, scanQueued}
	return pages(ctx, b.db, walk.of(qQueue), a, organ)
}

// CaseReviews lists the reviews that look at a case, ended ones among them.
func (b Bench) CaseReviews(ctx context.Context, id string) ([]QueuedReview, error) {
	return all(ctx, b.db, qCaseReviews, scanQueued, id)
}

// Errors lists the errors that were determined against an officer, by the day
// of the act, which is what a repeated error (X09) is reckoned from. What was
// found to be no error, or done with all care, is not one; neither is what an
// appeal took back.
func (b Bench) Errors(ctx context.Context, person string, a Ask) (Page[Found], error) {
	walk := listing[Found]{nil, place{int64(0), "", ""}, func(f Found) place { return place{int64(f.Acted), f.Review, f.Matter} },
		func(rows *sql.Rows, f *Found) error {
			var grounds string
			err := rows.Scan(&f.Review, &f.Matter, &f.Office, &f.Post, &f.Case, &f.Act, &f.Acted, &f.Outcome, &f.Class, &grounds,
				&f.Decided, &f.Served, &f.Departed)
			f.Grounds = strings.Fields(grounds)
			return err
		}}
	return pages(ctx, b.db, walk.of(qErrors), a, person)
}

// Grounds counts the grounds of all reviews by office, each part of a review
// once. It names nobody.
func (b Bench) Grounds(ctx context.Context) ([]GroundUse, error) {
	return all(ctx, b.db, qGrounds, func(rows *sql.Rows, g *GroundUse) error {
		return rows.Scan(&g.Office, &g.Ground, &g.Cited, &g.Proved, &g.Accepted)
	})
}

// Corrections lists the corrections that are open in an office, by the day on
// which they are due. One that touches a recipient is a proposal until the
// bureau's own decision backs it; Wants says what is missing.
func (b Bench) Corrections(ctx context.Context, office string, a Ask) (Page[Correction], error) {
	walk := listing[Correction]{nil, place{int64(0), "", ""}, func(c Correction) place { return place{int64(c.Due), c.Review, c.ID} },
		func(rows *sql.Rows, c *Correction) error {
			return rows.Scan(&c.Review, &c.ID, &c.Case, &c.Measure, &c.Owner, &c.Office, &c.Amount, &c.Ordered, &c.Due, &c.State, &c.Wants, &c.Returned)
		}}
	return pages(ctx, b.db, walk.of(qCorrections), a, office)
}
