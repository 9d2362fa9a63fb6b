package main

import (
	"errors"
	"strconv"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
)

// listCmd lists the cases of the data folder.
type listCmd struct{ listFlags }

// Run prints one line a case.
func (cmd listCmd) Run(s *session) error {
	return s.reading(func(desk *casework.Service) error {
		cases, err := desk.Cases(s.ctx)
		if err != nil {
			return err
		}
		if s.json && !cmd.files() {
			return s.writeJSON(map[string]any{"cases": append([]casework.Summary{}, cases...)})
		}
		if len(cases) == 0 && !cmd.files() {
			s.printf("%s\n%s\n", s.t("no cases"), s.t("import first"))
			return nil
		}
		return cmd.show(s, s.caseList(cases))
	})
}

// caseList is the list of cases.
func (s *session) caseList(cases []casework.Summary) documents.List {
	l := documents.List{Title: s.t("list cases"), Columns: []documents.Column{{Head: s.t("case"), Narrow: 24}, {Head: s.t("programme"), Narrow: 24}, {Head: s.t("office"), Narrow: 16},
		{Head: s.t("opened")}, {Head: s.t("events"), Right: true}, {Head: s.t("state")}, {Head: s.t("last recorded")}}}
	for _, c := range cases {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(c.ID), documents.Text(s.t("programme " + c.Programme)), documents.Text(c.Office), documents.OnDay(c.Opened),
			documents.Count(c.Events), documents.Text(s.state(c)), documents.OnDay(domain.DayOf(c.Last.Time))})
	}
	l.Notes = []documents.Pair{{Name: s.t("list count"), Value: strconv.Itoa(len(cases))}}
	return l
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
	PDF    string     `name:"pdf" placeholder:"FILE" type:"path"`
	Sealed bool       `name:"sealed"`
	At     string     `placeholder:"N|YYYY-MM-DD"`
}

// Run prints the state of the case and its events.
func (cmd showCmd) Run(s *session) error {
	return s.readingAt(cmd.At, func(desk *casework.Service) error {
		f, err := loadFile(s.ctx, desk, cmd.CaseID, cmd.AsOf)
		if err != nil {
			return err
		}
		if lost := f.lost(); len(lost) > 0 && !cmd.Sealed {
			err := s.keysMissing(lost)
			var own *problem
			if errors.As(err, &own) {
				own.mend = s.t("or show sealed")
			}
			return err
		}
		if cmd.PDF != "" {
			return s.savePDF(cmd.PDF, documents.History(f.paper(), s.lang))
		}
		var known *knownJSON
		if cmd.AsOf != 0 && cmd.At == "" {
			if known, err = s.knownBy(cmd.CaseID, cmd.AsOf, f); err != nil {
				return err
			}
		}
		if s.json {
			j := f.json()
			j.Known = known
			return s.writeJSON(j)
		}
		s.printDocument(documents.Case(f.paper(), s.lang))
		s.printKnown(known)
		return nil
	})
}
