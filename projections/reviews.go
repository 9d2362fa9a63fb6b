package projections

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"leeway/domain"
	"leeway/domain/review"
)

// weekdays are the terms where none are given: Monday to Friday, no limit of
// the office's own.
type weekdays struct{}

// Workday knows no holidays.
func (weekdays) Workday(d domain.Day) bool {
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

// Whole knows no number.
func (weekdays) Whole(string) (int, bool) { return 0, false }

// reviewsModel folds each review whole, as the domain does, and writes what it
// comes to. Nothing is counted up: a determination that was varied, annulled or
// suspended takes back what it had said by itself.
type reviewsModel struct {
	files   reviewFiles
	rows    appended[reviewRow]
	cases   replaced[reviewCaseRow]
	results replaced[resultRow]
	grounds replaced[groundRow]
	orders  replaced[correctionRow]
	options Options
}

// newReviews makes the reviews, with the limits of domain.md §1.2 where the
// office has not entered its own.
func newReviews(o Options) model {
	if o.Terms == nil {
		o.Terms = weekdays{}
	}
	return &reviewsModel{
		files:   reviewFiles{appended: appendedIn[reviewEventRow]("review_events", 2, 0)},
		rows:    appendedIn[reviewRow]("reviews", 1, 0),
		cases:   replacedIn[reviewCaseRow]("review_cases", 2),
		results: replacedIn[resultRow]("review_results", 3),
		grounds: replacedIn[groundRow]("review_grounds", 4),
		orders:  replacedIn[correctionRow]("corrections", 2),
		options: o,
	}
}

func (m *reviewsModel) sets() []set {
	return []set{&m.files, &m.rows, &m.cases, &m.results, &m.grounds, &m.orders}
}

// want names the review of an event.
func (m *reviewsModel) want(e *event) {
	if _, ok := e.body.(review.Event); ok {
		m.files.want(e.id)
	}
}

// fold applies the event to the review as the domain does. A breach may undo
// what came long before it, so rows are reckoned from the whole, at the end of
// the batch and once for each review.
func (m *reviewsModel) fold(e *event) {
	if b, ok := e.body.(review.Event); ok {
		m.files.add(e, b)
	}
}

// finish reckons the rows of every review that has changed.
func (m *reviewsModel) finish() {
	for _, id := range m.files.changed {
		r := m.files.open[id]
		m.rows.add(m.row(r))
		m.cases.replace(id, casesOf(r))
		m.results.replace(id, resultsOf(r))
		m.grounds.replace(id, groundsOf(r))
		m.orders.replace(id, correctionsOf(r))
	}
}

// reviewFiles are the folded reviews, with their events as they are stored.
type reviewFiles struct {
	appended[reviewEventRow]
	open    map[string]*review.Review
	wanted  []string
	changed []string
}

// reviewEventRow is one event of a review as the store gave it. They are kept
// here because a live projection must fold a review whole when one more event
// comes, and must not read the store for that.
type reviewEventRow struct {
	ID       string `col:"id"`
	Revision int64  `col:"revision"`
	Envelope []byte `col:"envelope"` // canonical bytes
}

// openReviews is how many folded reviews stay in memory. A test makes it small.
var openReviews = 2000

// want says that the fold is going to apply an event to a review.
func (f *reviewFiles) want(id string) {
	if f.open[id] == nil {
		f.wanted = append(f.wanted, id)
	}
}

// add applies an event to its review and files it.
func (f *reviewFiles) add(e *event, b review.Event) {
	r := f.open[e.id]
	r.Apply(b, e.Meta)
	f.appended.add(reviewEventRow{e.id, e.Revision, e.data})
	if !slices.Contains(f.changed, e.id) {
		f.changed = append(f.changed, e.id)
	}
}

// load folds the reviews that are wanted and not in memory from their stored
// events.
func (f *reviewFiles) load(ctx context.Context, w tx, gen int64) error {
	if f.open == nil {
		f.open = map[string]*review.Review{}
	}
	for _, id := range f.wanted {
		if f.open[id] != nil {
			continue
		}
		r := &review.Review{ID: id}
		err := w.query(ctx, func(rows *sql.Rows) error {
			var data []byte
			if err := rows.Scan(&data); err != nil {
				return err
			}
			return refold(r, data)
		}, `SELECT envelope FROM review_events WHERE gen = $1 AND id = $2 ORDER BY revision`, gen, id)
		if err != nil {
			return err
		}
		f.open[id] = r
	}
	f.wanted = f.wanted[:0]
	return nil
}

// refold applies one stored event. What cannot be read was damaged in this
// database: an error, and a rebuild mends it.
func refold(r *review.Review, data []byte) error {
	env, err := domain.DecodeEnvelope(data)
	if err != nil {
		return fmt.Errorf("stored review %s: %w", r.ID, err)
	}
	e, err := review.Decode(env.Type, env.Clear)
	if err != nil {
		return fmt.Errorf("stored review %s: %w", r.ID, err)
	}
	r.Apply(e, env.Meta)
	return nil
}

// flush writes the events; the reviews themselves stay open in memory, up to a
// number of them.
func (f *reviewFiles) flush(ctx context.Context, w tx, gen int64) error {
	f.changed = f.changed[:0]
	if len(f.open) > openReviews {
		f.open = nil
	}
	return f.appended.flush(ctx, w, gen)
}

// forget closes them all: an event may have been applied that was not stored.
func (f *reviewFiles) forget() {
	f.open, f.wanted, f.changed = nil, nil, nil
	f.appended.forget()
}
