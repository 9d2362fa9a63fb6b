package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"leeway/domain"
	"leeway/domain/replay"
)

// shown says which facts should have been known beyond what was, and why.
// Facts with the same reason stand together.
func (sh *sheet) shown(m replay.Month) []line {
	type reason struct{ why, step, person string }
	var order []reason
	facts := map[reason][]replay.Fact{}
	for _, s := range m.Shown {
		r := reason{s.Why, s.Step, s.Person}
		if facts[r] == nil {
			order = append(order, r)
		}
		facts[r] = append(facts[r], s.Fact)
	}
	var lines []line
	for _, r := range order {
		text := sh.facts(facts[r])
		if r.why == replay.WhyStepMissing {
			text += sh.t("why shown "+r.why, sh.step(r.step))
		} else {
			text += sh.t("why shown " + r.why)
		}
		if r.person != "" {
			text += sh.t("held by person", r.person)
		}
		lines = append(lines, line{sh.t("should have known") + "  ", text})
	}
	return lines
}

// step is the title of a step of the procedure.
func (sh *sheet) step(id string) string {
	if title, ok := sh.steps[id]; ok {
		return title.In(sh.lang)
	}
	return id
}

// procedure lists the steps that were late, missing or excused.
func (sh *sheet) procedure(m replay.Month) []line {
	var lines []line
	for _, c := range m.Procedure {
		state := c.State
		switch {
		case !slices.Contains([]string{replay.StepMissing, replay.StepLate, replay.StepShort, replay.StepExcused}, state):
			continue
		case state == replay.StepMissing && c.Done != 0:
			state = "incomplete"
		}
		text := c.Title.In(sh.lang) + sh.t("step "+state)
		if c.Due != 0 {
			text += sh.t("step due", c.Due)
		}
		if c.Done != 0 {
			text += sh.t("step done", c.Done)
		}
		if c.Lasted != 0 {
			text += sh.t("step lasted", c.Lasted)
		}
		if c.Person != "" {
			text += sh.t("held by person", c.Person)
		}
		if len(c.Sources) > 0 {
			text += sh.t("not asked", strings.Join(c.Sources, sh.t("list separator")))
		}
		if c.Right {
			text += sh.t("harms a right")
		}
		if c.Assumed {
			text += sh.t("assumed mark")
		}
		lines = append(lines, line{sh.t("overlay PROC") + "  ", text})
	}
	return lines
}

// overlays are the findings beside the chain; they move no money. What the
// procedure shows is listed by step. Equal findings stand together.
func (sh *sheet) overlays(m replay.Month) []line {
	type finding struct{ kind, signal, person string }
	var order []finding
	facts := map[finding][]replay.Fact{}
	for _, o := range m.Overlays {
		f := finding{o.Kind, o.Signal, o.Person}
		if o.Kind == replay.OverlayProc {
			continue
		}
		if !slices.Contains(order, f) {
			order = append(order, f)
		}
		facts[f] = append(facts[f], o.Facts...)
	}
	var lines []line
	for _, f := range order {
		parts := []string{sh.t("why overlay " + f.kind)}
		if f.signal != "" {
			parts = append(parts, sh.t("signal "+f.signal))
		}
		if len(facts[f]) > 0 {
			parts = append(parts, sh.facts(facts[f]))
		}
		if f.person != "" {
			parts = append(parts, sh.t("person", f.person))
		}
		lines = append(lines, line{sh.t("overlay "+f.kind) + "  ", strings.Join(parts, sh.t("clause separator"))})
	}
	return lines
}

// printTotals is the split over all months, plus and minus apart, and the
// money of the case. The two directions are never set off against each other.
func (sh *sheet) printTotals() {
	if len(sh.r.Totals) > 0 {
		rows := make([][]string, len(sh.r.Totals))
		for i, t := range sh.r.Totals {
			class := string(t.Class)
			rows[i] = []string{class, sh.t("class " + class), t.Plus.Signed(), t.Minus.Signed(), strconv.Itoa(t.Months), sh.t("answers " + class)}
		}
		sh.heading("totals")
		sh.grid([]column{{head: sh.t("class")}, {head: ""}, {head: sh.t("paid too much"), right: true}, {head: sh.t("paid too little"), right: true},
			{head: sh.t("number of months"), right: true}, {head: sh.t("who answers"), max: 30}}, rows)
	}
	m := sh.r.Money
	sh.heading("money")
	sh.grid([]column{{head: ""}, {head: sh.t("wrong inclusion"), right: true}, {head: sh.t("wrong exclusion"), right: true}}, [][]string{
		{sh.t("established"), m.Overpaid.Yuan(), m.Underpaid.Yuan()},
		{sh.t("settled"), m.Recovered.Yuan(), m.BackPaid.Yuan()},
		{sh.t("still open"), m.OpenOver.Yuan(), m.OpenUnder.Yuan()},
	})
	sh.hang("", sh.t("paid and due", m.Paid.Yuan(), m.Due.Yuan()))
	if m.Incomplete {
		sh.hang("", sh.t("incomplete"))
	}
}

// printConduct lists each actor's own part, over the months in which it was
// the same.
func (sh *sheet) printConduct() {
	type part struct{ person, post, role, proposed, right, verdict, steps string }
	var parts []part
	months := map[part][]domain.Month{}
	for _, m := range sh.r.Months {
		for _, a := range m.Actors {
			p := part{a.Actor.Person, strings.TrimSpace(a.Actor.Office + " " + a.Actor.Post), a.Role, a.Proposed.Yuan(), sh.amounts(a.Right), a.Verdict, strings.Join(a.Steps, ",")}
			if a.Role == replay.RoleStep || a.Role == replay.RoleSignal {
				p.proposed, p.right = "", ""
			}
			if months[p] == nil {
				parts = append(parts, p)
			}
			if !slices.Contains(months[p], m.Month) {
				months[p] = append(months[p], m.Month)
			}
		}
	}
	var rows [][]string
	for _, p := range parts {
		list := months[p]
		for i := 0; i < len(list); {
			j := i
			for j+1 < len(list) && list[j+1] == list[j]+1 {
				j++
			}
			rows = append(rows, []string{p.person, p.post, sh.t("role " + p.role), sh.months(list[i], list[j]), p.proposed, p.right, sh.t("conduct " + p.verdict)})
			i = j + 1
		}
	}
	if len(rows) == 0 {
		return
	}
	sh.heading("conduct")
	sh.grid([]column{{head: sh.t("who"), max: 14}, {head: sh.t("post"), max: 16}, {head: sh.t("part")}, {head: sh.t("month")},
		{head: sh.t("proposed"), right: true}, {head: sh.t("own file"), right: true}, {head: sh.t("advice"), max: 18}}, rows)
	sh.hang("", sh.t("conduct note"))
}

// printNotes are the remarks at the end: entitlement today, other readings of
// the month rule, liability regimes.
func (sh *sheet) printNotes() {
	sh.heading("notes")
	sh.hang("- ", sh.t("today", sh.yuan(sh.r.Today.Outcome)))
	readings := []string{}
	byReading := map[string][]string{}
	for _, a := range sh.r.Alternatives {
		if byReading[a.Reading] == nil {
			readings = append(readings, a.Reading)
		}
		difference := sh.t("undetermined")
		if a.Amount != nil {
			difference = a.Amount.Signed()
		}
		byReading[a.Reading] = append(byReading[a.Reading], fmt.Sprintf("%s %s", a.Month, difference))
	}
	for _, id := range readings {
		sh.hang("- ", sh.t("other reading", id, strings.Join(byReading[id], sh.t("list separator"))))
	}
	var seen []string
	for _, m := range sh.r.Months {
		if len(m.Regimes) == 2 {
			text := sh.t("regimes", m.Regimes[0].Title.In(sh.lang), m.Regimes[1].Title.In(sh.lang))
			if !slices.Contains(seen, text) {
				seen = append(seen, text)
				sh.hang("- ", text)
			}
		}
	}
	if assumed := sh.assumed(); len(assumed) > 0 {
		sh.hang("- ", sh.t("all to verify", strings.Join(assumed, sh.t("list separator"))))
	}
}
