package projections

import (
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/review"
)

// reviewRow is one line of the queue. Due is far ahead where no limit runs, so
// that such reviews come last.
type reviewRow struct {
	ID       string `col:"id"`
	Organ    string `col:"organ"`
	Route    string `col:"route"`
	Stage    string `col:"stage"` // as review.Stage
	Open     int64  `col:"open"`  // it has not ended
	Opened   int64  `col:"opened"`
	Due      int64  `col:"due"`  // nearest limit of the organ; last where none runs
	Step     string `col:"step"` // that is due then
	Persons  int64  `col:"persons"`
	Matters  int64  `col:"matters"`
	Recusals int64  `col:"recusals"` // that wait for a decision
	Departed int64  `col:"departed"` // departures from advice
	Over     int64  `col:"over"`     // money at stake in fen, as replayed last
	Under    int64  `col:"under"`
}

// row is what a review comes to for the queue.
func (m *reviewsModel) row(r *review.Review) reviewRow {
	row := reviewRow{ID: r.ID, Organ: r.Organ, Route: string(r.Route), Stage: string(r.Stage()), Opened: int64(r.Started.Day), Due: last,
		Persons: int64(len(r.Parties)), Matters: int64(len(r.Matters)), Departed: int64(r.Departures())}
	switch r.Stage() {
	case review.StageNotAccepted, review.StageWithdrawn, review.StageLapsed, review.StageFiled:
	default:
		row.Open = 1
	}
	for _, x := range r.Recusals {
		row.Recusals += yes(!x.Decided)
	}
	for _, x := range r.Matters {
		if p, ok := r.Replay(x.ID); ok {
			for _, y := range p.Money {
				row.Over, row.Under = row.Over+int64(y.Over), row.Under+int64(y.Under)
			}
		}
	}
	for _, d := range r.Deadlines(m.options.Terms, review.LimitsOf(m.options.Terms), 0) {
		if !d.Done && organs(d) && int64(d.Due) < row.Due {
			row.Due, row.Step = int64(d.Due), d.Step
		}
	}
	if row.Open == 0 && row.Step == "" {
		row.Due = last
	}
	return row
}

// organs reports whether a limit is one that the organ has to keep; others run
// for the person: to answer, and to seek a remedy.
func organs(d review.Deadline) bool {
	if d.Step == "answer" {
		return false
	}
	return !slices.ContainsFunc(review.Remedies(), func(r review.Remedy) bool { return string(r.Path) == d.Step })
}

// reviewCaseRow ties a review to a case that it looks at.
type reviewCaseRow struct {
	ID   string `col:"id"`
	Case string `col:"case_id"`
}

// casesOf lists the cases of a review.
func casesOf(r *review.Review) (rows []reviewCaseRow) {
	for _, id := range r.Cases() {
		rows = append(rows, reviewCaseRow{r.ID, id})
	}
	return rows
}

// resultRow is what was determined of one person's part in one matter.
type resultRow struct {
	ID       string `col:"id"`
	Person   string `col:"person"`
	Matter   string `col:"matter"`
	Office   string `col:"office"` // of the person, as is post
	Post     string `col:"post"`
	Case     string `col:"case_id"`
	Act      string `col:"act"`   // event of the decision; none: an omission
	Acted    int64  `col:"acted"` // day of it
	Outcome  string `col:"outcome"`
	Error    int64  `col:"error"`    // the outcome says that there was one
	Class    string `col:"class"`    // of the replay of the matter
	Grounds  string `col:"grounds"`  // relied on, parted by spaces
	Decided  int64  `col:"decided"`  // day of the determination
	Served   int64  `col:"served"`   // day; 0: not yet
	Departed int64  `col:"departed"` // departures from advice
}

// resultsOf are the results that count now. There are none before the
// determination, and none of a determination that was annulled or suspended.
func resultsOf(r *review.Review) (rows []resultRow) {
	if r.Determination == nil {
		return nil
	}
	for _, f := range r.Determination.Findings {
		p, _ := r.Party(f.Person)
		m, _ := r.Matter(f.Matter)
		row := resultRow{ID: r.ID, Person: f.Person, Matter: f.Matter, Office: p.Office, Post: p.Post, Case: m.Case, Act: m.Act, Acted: int64(m.Day),
			Outcome: string(f.Outcome), Error: yes(f.Outcome != review.NoError && f.Outcome != review.Diligent),
			Grounds: strings.Join(f.Grounds, " "), Decided: int64(r.Determination.At.Day), Departed: int64(len(f.Departs))}
		if x, ok := r.Replay(f.Matter); ok {
			row.Class = string(x.Class)
		}
		if s, ok := r.ServedOn(f.Person); ok {
			row.Served = int64(s.At.Day)
		}
		rows = append(rows, row)
	}
	return rows
}

// groundRow is one ground in one part: who relied on it, and what became of
// it.
type groundRow struct {
	ID       string `col:"id"`
	Person   string `col:"person"`
	Matter   string `col:"matter"`
	Ground   string `col:"ground"`
	Office   string `col:"office"` // of the person
	Cited    int64  `col:"cited"`  // 1 or 0, as are the next two
	Proved   int64  `col:"proved"`
	Accepted int64  `col:"accepted"`
}

// groundsOf joins what was cited with what was found and relied on: a ground
// may be proved that nobody cited, and cited without ever being proved.
func groundsOf(r *review.Review) (rows []groundRow) {
	at := func(person, matter, ground string) *groundRow {
		i := slices.IndexFunc(rows, func(g groundRow) bool { return g.Person == person && g.Matter == matter && g.Ground == ground })
		if i < 0 {
			p, _ := r.Party(person)
			rows = append(rows, groundRow{ID: r.ID, Person: person, Matter: matter, Ground: ground, Office: p.Office})
			i = len(rows) - 1
		}
		return &rows[i]
	}
	for _, c := range r.Citations {
		at(c.Person, c.Matter, c.Ground).Cited = 1
	}
	if r.Determination == nil {
		return rows
	}
	for _, s := range r.Determination.Suggestions {
		for _, g := range s.Proved {
			at(s.Person, s.Matter, g).Proved = 1
		}
	}
	for _, f := range r.Determination.Findings {
		for _, g := range f.Grounds {
			at(f.Person, f.Matter, g).Accepted = 1
		}
	}
	return rows
}

// correctionRow is one correction as it stands.
type correctionRow struct {
	ID         string `col:"id"`
	Correction string `col:"correction"` // its id inside the review
	Case       string `col:"case_id"`
	Measure    string `col:"measure"` // C1 to C12
	Owner      string `col:"owner"`
	Office     string `col:"office"`
	Amount     int64  `col:"amount"` // over its months, fen
	Ordered    int64  `col:"ordered"`
	Due        int64  `col:"due"`
	State      string `col:"state"`    // proposed, ordered, done, accepted
	Open       int64  `col:"open"`     // not accepted
	Wants      string `col:"wants"`    // for want of what it stays open
	Returned   int64  `col:"returned"` // how often
}

// correctionsOf are the corrections with the months' amounts added up.
func correctionsOf(r *review.Review) (rows []correctionRow) {
	for _, c := range r.Corrections {
		m, _ := r.Matter(c.Order.Matter)
		row := correctionRow{ID: r.ID, Correction: c.Order.ID, Case: m.Case, Measure: string(c.Order.Measure), Owner: c.Order.Owner, Office: c.Order.Office,
			Ordered: int64(c.At.Day), Due: int64(c.Due), Open: yes(c.Accepted == nil), Wants: c.OpenFor(), Returned: int64(c.Returned)}
		row.State = c.State(domain.Day(0)) // never overdue: the query knows today
		for _, x := range c.Order.Months {
			row.Amount += int64(x.Amount)
		}
		rows = append(rows, row)
	}
	return rows
}
