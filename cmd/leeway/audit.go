package main

import (
	"strconv"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// The audit looks at many cases or at the reviews themselves. What it lists is
// 疑点(待核实); it names no officer.
type (
	auditCmds struct {
		Cases   auditCasesCmd   `cmd:""`
		Money   auditMoneyCmd   `cmd:""`
		Reviews auditReviewsCmd `cmd:""`
	}
	auditCasesCmd struct {
		AsOf      domain.Day `placeholder:"YYYY-MM-DD"`
		Office    string     `placeholder:"OFFICE"`
		Programme string     `placeholder:"NAME"`
		Class     string     `placeholder:"CLASS"`
		Hits      bool
		listFlags
	}
	auditMoneyCmd struct {
		First     domain.Month `placeholder:"YYYY-MM"`
		Last      domain.Month `placeholder:"YYYY-MM"`
		Office    string       `placeholder:"OFFICE"`
		Programme string       `placeholder:"NAME"`
		listFlags
	}
	auditReviewsCmd struct {
		asFlags
		listFlags
	}
)

// Run replays the cases and prints what each cause moved, or with --hits the
// months in which it did.
func (cmd auditCasesCmd) Run(s *session) error {
	return s.reading(func(desk *casework.Service) error {
		day := cmd.AsOf
		if day == 0 {
			day = domain.DayOf(s.now())
		}
		var b *bar
		survey, err := desk.Survey(s.ctx, casework.Which{Office: cmd.Office, Programme: cmd.Programme}, day, func(_, of int) {
			if b == nil {
				b = s.progress(of)
			}
			b.step()
		})
		if b != nil {
			b.end()
		}
		switch {
		case err != nil:
			return err
		case s.json && !cmd.files():
			return s.writeJSON(survey)
		case cmd.Hits || cmd.Class != "":
			return cmd.show(s, documents.Hits(survey, replay.Class(cmd.Class), s.lang))
		}
		return cmd.show(s, documents.Classes(survey, s.lang))
	})
}

// Run adds up what was paid.
func (cmd auditMoneyCmd) Run(s *session) error {
	return s.reading(func(desk *casework.Service) error {
		totals, err := desk.Totals(s.ctx, casework.Which{Office: cmd.Office, Programme: cmd.Programme}, cmd.First, cmd.Last)
		if err != nil {
			return err
		}
		if s.json && !cmd.files() {
			return s.writeJSON(map[string]any{"months": totals})
		}
		return cmd.show(s, s.moneyList(totals))
	})
}

// moneyList is the list of what was paid by month and programme.
func (s *session) moneyList(totals []casework.MonthTotal) documents.List {
	l := documents.List{Title: s.t("list money"), Columns: []documents.Column{{Head: s.t("month")}, {Head: s.t("programme"), Narrow: 24}, {Head: s.t("households"), Right: true}, {Head: s.t("persons"), Right: true},
		{Head: s.t("records"), Right: true}, {Head: s.t("paid yuan"), Right: true}, {Head: s.t("recovered yuan"), Right: true}, {Head: s.t("back-paid yuan"), Right: true}}}
	for _, t := range totals {
		l.Rows = append(l.Rows, []documents.Cell{documents.InMonth(t.Month), documents.Text(names.Of("programme", t.Programme).In(s.lang)), documents.Count(t.Households), documents.Count(t.Persons),
			documents.Count(t.Payments), documents.Yuan(t.Paid), documents.Yuan(t.Recovered), documents.Yuan(t.BackPaid)})
	}
	return l
}

// Run looks at the reviews as one who may see them.
func (cmd auditReviewsCmd) Run(s *session) error {
	return s.reviewing(cmd.asFlags, false, func(b *bureau) error {
		stats, err := b.v.Statistics(s.ctx, b.as, domain.DayOf(s.now()))
		if err != nil {
			return err
		}
		if s.json && !cmd.files() {
			return s.writeJSON(stats)
		}
		return cmd.show(s, s.officeList(stats))
	})
}

// officeList is what the determinations came to, by office.
func (s *session) officeList(stats review.Statistics) documents.List {
	l := documents.List{Title: s.t("list offices"), Columns: []documents.Column{{Head: s.t("office")}, {Head: s.t("parts"), Right: true}, {Head: review.Exempt.Title().In(s.lang), Right: true},
		{Head: s.t("lighter"), Right: true}, {Head: review.NotExempt.Title().In(s.lang), Right: true}, {Head: review.NoError.Title().In(s.lang), Right: true}, {Head: s.t("repeat"), Right: true}}}
	for _, o := range stats.Offices {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(o.Office), documents.Count(o.Parts), documents.Count(o.Exempt), documents.Count(o.Lighter), documents.Count(o.Not), documents.Count(o.Right), documents.Count(o.Repeat)})
	}
	l.Notes = []documents.Pair{{Name: s.t("overdue"), Value: strconv.Itoa(len(stats.Overdue))}, {Name: s.t("departures"), Value: strconv.Itoa(len(stats.Departed))}}
	return l
}
