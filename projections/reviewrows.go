package projections

import (
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/review"
)

// reviewRow is one line of the queue.
type reviewRow struct {
	ID, Organ, Route, Stage string
	Open, Opened, Due       int64
	Step                    string
	Persons, Matters        int64
	Recusals, Departed      int64
	Over, Under             int64
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
	for _, d := range r.Deadlines(m.options.Calendar, m.options.Limits, 0) {
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

type reviewCaseRow struct{ ID, Case string }

func casesOf(r *review.Review) (rows []reviewCaseRow) {
	for _, id := range r.Cases() {
		rows = append(rows, reviewCaseRow{r.ID, id})
	}
	return rows
}

// resultRow is what was determined of one person's part in one matter.
type resultRow struct {
	ID, Person, Matter, Office, Post string
	Case, Act                        string
	Acted                            int64
	Outcome                          string
	Error                            int64
	Class, Grounds                   string
	Decided, Served, Departed        int64
}

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
	ID, Person, Matter, Ground, Office string
	Cited, Proved, Accepted            int64
}

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
	ID, Correction, Case, Measure, Owner, Office string
	Amount, Ordered, Due                         int64
	State                                        string
	Open                                         int64
	Wants                                        string
	Returned                                     int64
}

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
