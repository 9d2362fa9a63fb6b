package main

import (
	"strconv"

	"leeway/api/documents"
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
	PDF    string     `name:"pdf" placeholder:"FILE" type:"path"`
}

// Run prints the state of the case and its events.
func (cmd showCmd) Run(s *session) error {
	return s.reading(func(desk *casework.Service) error {
		f, err := loadFile(s.ctx, desk, cmd.CaseID, cmd.AsOf)
		if err != nil {
			return err
		}
		if cmd.PDF != "" {
			return s.savePDF(cmd.PDF, documents.History(f.paper(), s.lang))
		}
		if s.json {
			return s.writeJSON(f.json())
		}
		s.printDocument(documents.Case(f.paper(), s.lang))
		return nil
	})
}
