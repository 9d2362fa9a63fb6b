package main

import (
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
)

// diligenceCmd is the due-diligence record of a case 尽职记录: the procedure
// check of each judged act, and what each ground would still need.
type diligenceCmd struct {
	CaseID string       `arg:"" name:"case"`
	Month  domain.Month `placeholder:"YYYY-MM"`
	AsOf   domain.Day   `placeholder:"YYYY-MM-DD"`
}

// Run replays the case and asks every ground anew, in full.
func (cmd diligenceCmd) Run(s *session) error {
	return s.reading(func(desk *casework.Service) error {
		// The same replay as everywhere, so that the record can be found by its
		// digest; only the grounds are asked for again.
		sh, err := s.replay(desk, cmd.CaseID, casework.ReplayOptions{AsOf: cmd.AsOf, From: cmd.Month, To: cmd.Month})
		if err != nil {
			return err
		}
		record, _, err := desk.Diligence(s.ctx, cmd.CaseID, casework.ReplayOptions{AsOf: sh.r.Inputs.AsOf, From: cmd.Month, To: cmd.Month})
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(record)
		}
		sh.printDiligence(record)
		return nil
	})
}

// printDiligence prints the record; months with the same record are printed
// once.
func (sh *sheet) printDiligence(record replay.Diligence) {
	sh.printf("%s %s\n", sh.t("diligence title"), record.Case)
	sh.pairs([2]string{sh.t("as of"), record.AsOf.String()}, [2]string{sh.t("trace"), short(record.Digest)})
	if len(record.Months) == 0 {
		sh.printf("\n%s\n", sh.t("diligence none"))
		return
	}
	byMonth := map[domain.Month]replay.DiligenceMonth{}
	for _, m := range record.Months {
		byMonth[m.Month] = m
	}
	// A running benefit has the same record for months on end.
	same := func(m replay.Month) string { return strings.Join(sh.diligenceText(byMonth[m.Month]), "\n") }
	for _, run := range sh.collapse(same) {
		m := byMonth[run.first()]
		sh.printf("\n")
		sh.hang("", sh.stretchTitle(run))
		sh.printSteps(m)
		for _, a := range m.Actors {
			sh.printf("\n")
			sh.hang("", sh.t("grounds of", a.Actor.Person, sh.t("role "+a.Role), sh.t("conduct "+a.Verdict)))
			for _, line := range sh.needs(a) {
				sh.hang("  ", line)
			}
		}
	}
	sh.printf("\n")
	sh.hang("", sh.t("diligence note"))
}

// diligenceText is everything that is printed of a month.
func (sh *sheet) diligenceText(m replay.DiligenceMonth) []string {
	var lines []string
	for _, row := range sh.stepRows(m) {
		lines = append(lines, strings.Join(row, "|"))
	}
	for _, a := range m.Actors {
		lines = append(lines, a.Actor.Person+a.Role+a.Verdict)
		lines = append(lines, sh.needs(a)...)
	}
	return lines
}

// printSteps is the procedure check as a table.
func (sh *sheet) printSteps(m replay.DiligenceMonth) {
	if len(m.Procedure) == 0 {
		sh.hang("", sh.t("no procedure check"))
		return
	}
	sh.heading("procedure steps")
	sh.grid([]column{{head: sh.t("step"), max: 20}, {head: sh.t("state")}, {head: sh.t("due by")}, {head: sh.t("done on")},
		{head: sh.t("who"), max: 12}, {head: sh.t("event")}, {head: sh.t("remark"), max: 26}}, sh.stepRows(m))
}

func (sh *sheet) stepRows(m replay.DiligenceMonth) [][]string {
	var rows [][]string
	day := func(d domain.Day) string {
		if d == 0 {
			return ""
		}
		return d.String()
	}
	for _, c := range m.Procedure {
		rows = append(rows, []string{c.Title.In(sh.lang), sh.t("state " + c.State), day(c.Due), day(c.Done), c.Person, short(c.Event), sh.remarks(c)})
	}
	return rows
}

// remarks are what else there is to say of a step.
func (sh *sheet) remarks(c replay.StepCheck) string {
	var list []string
	if len(c.Sources) > 0 {
		list = append(list, sh.t("remark sources", strings.Join(c.Sources, sh.t("list separator"))))
	}
	if c.Lasted > 0 {
		list = append(list, sh.t("remark lasted", c.Lasted))
	}
	if c.Overdue > 0 {
		list = append(list, sh.t("remark overdue", c.Overdue))
	}
	if c.Right && (c.State == replay.StepMissing || c.State == replay.StepShort) {
		list = append(list, sh.t("remark right"))
	}
	if c.Minor {
		list = append(list, sh.t("remark minor"))
	}
	return strings.Join(list, sh.t("clause separator"))
}

// needs says what stands for one part, what is suspected, and for every other
// exemption what it would still need.
func (sh *sheet) needs(a replay.DiligencePart) []string {
	var stands, suspected, lines []string
	for _, g := range a.Grounds {
		name := g.ID + " " + sh.named(g)
		switch {
		case g.Suspected:
			suspected = append(suspected, name)
		case g.Verdict == domain.Holds:
			stands = append(stands, name+sh.t("in brackets", sh.t("kind "+string(g.Kind))+sh.t("list separator")+sh.standing(g)))
			// What aggravates or excludes is not for the person to prove.
		case g.Kind == domain.Exemption:
			lines = append(lines, name+"  "+proved(g)+sh.t("clause separator")+sh.lacks(g))
		}
	}
	if len(suspected) > 0 {
		lines = slices.Insert(lines, 0, sh.t("diligence suspected", strings.Join(suspected, sh.t("list separator"))))
	}
	if len(stands) > 0 {
		lines = slices.Insert(lines, 0, sh.t("diligence stands", strings.Join(stands, sh.t("list separator"))))
	}
	return lines
}

// lacks names the conditions that fail, those that are unknown with what would
// show them, and counter-checks that hold.
func (sh *sheet) lacks(g domain.Ground) string {
	var fails, open, against, parts []string
	for _, c := range g.Conditions {
		switch c.Verdict {
		case domain.Fails:
			fails = append(fails, c.Text.In(sh.lang))
		case domain.Unknown:
			open = append(open, c.Text.In(sh.lang)+sh.t("evidence of", sh.findingNames(c.Missing)))
		}
	}
	for _, c := range g.Counters {
		if c.Verdict == domain.Holds {
			against = append(against, c.Text.In(sh.lang))
		}
	}
	for _, p := range []struct {
		key  string
		list []string
	}{{"diligence not proved", fails}, {"diligence lacks", open}, {"diligence countered", against}} {
		if len(p.list) > 0 {
			parts = append(parts, sh.t(p.key, strings.Join(p.list, sh.t("list separator"))))
		}
	}
	return strings.Join(parts, sh.t("clause separator"))
}
