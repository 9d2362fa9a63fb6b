package main

import (
	"fmt"
	"strconv"

	"leeway/domain"
	"leeway/domain/casework"
)

// listCmd lists the cases of the data folder.
type listCmd struct{}

// Run prints one line a case.
func (listCmd) Run(s *session) error {
	return s.reading(func(desk *casework.Service) error {
		cases, err := desk.Cases(s.ctx)
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(map[string]any{"cases": append([]casework.Summary{}, cases...)})
		}
		if len(cases) == 0 {
			s.printf("%s\n%s\n", s.t("no cases"), s.t("import first"))
			return nil
		}
		rows := make([][]string, len(cases))
		for i, c := range cases {
			rows[i] = []string{c.ID, s.t("programme " + c.Programme), c.Office, c.Opened.String(), strconv.FormatInt(c.Events, 10), s.state(c), domain.DayOf(c.Last.Time).String()}
		}
		s.grid([]column{{head: s.t("case"), max: 24}, {head: s.t("programme"), max: 24}, {head: s.t("office"), max: 16},
			{head: s.t("opened")}, {head: s.t("events"), right: true}, {head: s.t("state")}, {head: s.t("last recorded")}}, rows)
		return nil
	})
}

// state is the one word about a case that its line in the list has room for.
// An imported case is said to be one: its times are claims with grades.
func (s *session) state(c casework.Summary) string {
	switch {
	case c.Closed:
		return s.t("closed")
	case c.Imported:
		return s.t("imported")
	}
	return s.t("open")
}

// showCmd shows one case as it was known by the end of a day.
type showCmd struct {
	CaseID string     `arg:"" name:"case"`
	AsOf   domain.Day `placeholder:"YYYY-MM-DD"`
}

// Run prints the state of the case and its events.
func (cmd showCmd) Run(s *session) error {
	return s.reading(func(desk *casework.Service) error {
		f, err := loadFile(s.ctx, desk, cmd.CaseID, cmd.AsOf)
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(f.json())
		}
		s.showHead(f)
		s.showMembers(f)
		s.showMoney(f)
		s.showFacts(f)
		s.showEvents(f)
		return nil
	})
}

// showHead prints what the case is, who handles it, and for which day the
// rest is true.
func (s *session) showHead(f *caseFile) {
	c := f.state
	state := s.t("open")
	if c.Closed {
		state = s.t("closed")
	}
	s.pairs(
		[2]string{s.t("case"), c.ID},
		[2]string{s.t("as of"), f.asOf.String()},
		[2]string{s.t("programme"), s.t("programme " + c.Programme)},
		[2]string{s.t("pack"), c.Pack},
		[2]string{s.t("office"), c.Office},
		[2]string{s.t("opened"), c.Opened.Day.String()},
		[2]string{s.t("address"), s.personal(f.address)},
		[2]string{s.t("state"), state},
	)
}

// showMembers prints the household. Names and numbers show only where the
// folder of keys opens them.
func (s *session) showMembers(f *caseFile) {
	rows := make([][]string, len(f.people))
	for i, p := range f.people {
		applicant := ""
		if p.ID == f.state.Applicant {
			applicant = s.t("applicant")
		}
		rows[i] = []string{p.ID, s.t("relation " + p.Relation), s.personal(p.Name), s.personal(p.IDNumber), applicant}
	}
	s.heading("members")
	s.grid([]column{{head: s.t("pseudonym"), max: 20}, {head: s.t("relation")}, {head: s.t("name"), max: 20}, {head: s.t("id number")}, {head: ""}}, rows)
}

// showMoney prints what was decided and what was paid, recovered and paid
// back. Months with the same amount stand in one row.
func (s *session) showMoney(f *caseFile) {
	var rows [][]string
	for _, d := range f.state.Decisions {
		until := s.t("until further")
		if d.Until != 0 {
			until = d.Until.String()
		}
		rows = append(rows, []string{d.At.Day.String(), s.t("result " + string(d.Outcome)), d.Amount.Yuan(), d.From.String(), until, d.At.Actor.Person})
	}
	if len(rows) > 0 {
		s.heading("decisions")
		s.grid([]column{{head: s.t("day")}, {head: s.t("result")}, {head: s.t("yuan a month"), right: true}, {head: s.t("from month")}, {head: s.t("until month")}, {head: s.t("by"), max: 20}}, rows)
	}
	rows = nil
	for _, kind := range []string{"paid", "recovered", "back-paid"} {
		for _, r := range runs(f.money(kind)) {
			rows = append(rows, []string{s.t("money " + kind), s.months(r.first, r.last), r.amount.Yuan()})
		}
	}
	if len(rows) > 0 {
		s.heading("payments")
		s.grid([]column{{head: s.t("kind")}, {head: s.t("month")}, {head: s.t("yuan a month"), right: true}}, rows)
	}
}

// showFacts prints every statement on record, also those that others outrank:
// which of them wins is for the rules, and a replay shows it.
func (s *session) showFacts(f *caseFile) {
	rows := make([][]string, len(f.state.Statements))
	for i, t := range f.state.Statements {
		rows[i] = []string{t.Key().String(), s.value(t.Value), s.days(t.ValidFrom, t.ValidTo), s.t("source " + string(t.Source)), t.Observed.String(), t.At.KnownOn().String()}
	}
	if len(rows) > 0 {
		s.heading("facts")
		s.grid([]column{{head: s.t("fact"), max: 30}, {head: s.t("value"), right: true}, {head: s.t("valid"), max: 24}, {head: s.t("source")}, {head: s.t("observed")}, {head: s.t("on record")}}, rows)
	}
}

// showEvents prints the timeline. The day is the one on which the event counts
// as known; what was entered later carries the grade of its proof.
func (s *session) showEvents(f *caseFile) {
	rows := make([][]string, len(f.entries))
	for i, e := range f.entries {
		grade := ""
		if e.Claimed != nil {
			grade = s.t("grade", e.Claimed.Grade)
		}
		rows[i] = []string{strconv.FormatInt(e.Revision, 10), e.KnownOn().String(), s.event(e.Type), fmt.Sprintf("%s %s", e.Actor.Office, e.Actor.Person), grade}
	}
	s.heading("events on record")
	s.grid([]column{{head: "#", right: true}, {head: s.t("on record")}, {head: s.t("event"), max: 30}, {head: s.t("by"), max: 30}, {head: s.t("proof")}}, rows)
}
