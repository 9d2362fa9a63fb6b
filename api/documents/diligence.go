package documents

import (
	"slices"
	"strconv"
	"strings"

	"leeway/domain"
	"leeway/domain/names"
	"leeway/domain/replay"
)

// Diligence is the due-diligence file 尽职档案 of a case: for each stretch of
// months the procedure check, and for everybody who took part what stands,
// what is suspected, and what every other exemption would still need. Findings
// are the facts of the pack's liability rules by name, for their titles.
func Diligence(r replay.Diligence, findings map[string]domain.Finding, lang string) Document {
	t := diligent{teller{lang: lang}, findings}
	d := Document{Lang: lang, Title: t.t("diligence title"), Day: r.AsOf}
	d.Head = []Pair{{t.t("case"), r.Case}, {t.t("as of"), r.AsOf.String()}, {t.t("trace"), short(r.Digest)}}
	if len(r.Months) == 0 {
		d.add(Paragraph, t.t("diligence none"))
		return d
	}
	for _, stretch := range t.stretches(r.Months) {
		t.stretch(&d, stretch)
	}
	if list := toVerify(r.Months); len(list) > 0 {
		d.add(Note, t.t("grounds to verify", t.join(list, "、", ", ")))
	}
	d.add(Note, t.t("reference"))
	d.add(Note, t.t("diligence note"))
	return d
}

// short is the beginning of a digest, enough to tell it from others.
func short(digest string) string { return digest[:min(len(digest), 12)] }

// diligent writes due-diligence records.
type diligent struct {
	teller
	findings map[string]domain.Finding
}

// stretches joins consecutive months with the same record: a running benefit
// has it for months on end.
func (t diligent) stretches(months []replay.DiligenceMonth) [][]replay.DiligenceMonth {
	var list [][]replay.DiligenceMonth
	before := ""
	for _, m := range months {
		var d Document
		t.month(&d, m)
		said := strings.Join(d.Texts(), "|")
		if n := len(list); n > 0 && said == before && list[n-1][len(list[n-1])-1].Month+1 == m.Month {
			list[n-1] = append(list[n-1], m)
			continue
		}
		list, before = append(list, []replay.DiligenceMonth{m}), said
	}
	return list
}

// stretch writes some months with the same record. Each month has its own
// time of judgement; the title gives the first and the last.
func (t diligent) stretch(d *Document, months []replay.DiligenceMonth) {
	first, last := months[0], months[len(months)-1]
	title := t.months(first.Month, last.Month)
	if n := len(months); n > 1 {
		title = t.t("months", title, n)
	}
	var acts []string
	for _, m := range months {
		if act := t.in(names.Of("judged by", m.By)); !slices.Contains(acts, act) {
			acts = append(acts, act)
		}
	}
	d.add(Section, t.t("judged at", title, t.join(acts, "、", ", "), t.span(first.On.String(), last.On.String())))
	t.month(d, first)
}

func (t diligent) month(d *Document, m replay.DiligenceMonth) {
	rows := make([][]string, len(m.Procedure))
	for i, c := range m.Procedure {
		rows[i] = []string{t.in(c.Title), t.in(names.Of("state", c.State)), orNothing(c.Due != 0, c.Due.String()), orNothing(c.Done != 0, c.Done.String()), c.Person, short(c.Event), t.remarks(c)}
	}
	if len(rows) == 0 {
		d.add(Paragraph, t.t("no procedure"))
	}
	d.grid(t.t("procedure"), []Column{{Head: t.t("step"), Weight: 2, Narrow: 20}, {Head: t.t("step state")}, {Head: t.t("due by")}, {Head: t.t("done on")},
		{Head: t.t("who"), Narrow: 12}, {Head: t.t("event id")}, {Head: t.t("remark"), Weight: 2, Narrow: 26}}, rows)
	for _, a := range m.Actors {
		d.add(Section, t.t("grounds of", a.Actor.Person, t.in(names.Of("role", a.Role)), t.in(names.Of("conduct", a.Verdict))))
		for _, line := range t.needs(a) {
			d.add(Item, line)
		}
	}
}

// remarks are what else there is to say of a step.
func (t diligent) remarks(c replay.StepCheck) string {
	var list []string
	if len(c.Sources) > 0 {
		list = append(list, t.t("remark sources", t.join(c.Sources, "、", ", ")))
	}
	if c.Lasted > 0 {
		list = append(list, t.t("remark lasted", c.Lasted))
	}
	if c.Overdue > 0 {
		list = append(list, t.t("remark overdue", c.Overdue))
	}
	if c.Right && (c.State == replay.StepMissing || c.State == replay.StepShort) {
		list = append(list, t.t("remark right"))
	}
	if c.Minor {
		list = append(list, t.t("remark minor"))
	}
	if c.Assumed {
		list = append(list, t.t("remark to verify"))
	}
	return t.join(list, "；", "; ")
}

// needs says what stands for one part, what is suspected, and for every other
// exemption what it would still need.
func (t diligent) needs(a replay.DiligencePart) []string {
	var stands, suspected, lines []string
	for _, g := range a.Grounds {
		name := g.ID + " " + t.named(g)
		switch {
		case g.Suspected:
			suspected = append(suspected, name)
		case g.Verdict == domain.Holds:
			stands = append(stands, name+t.t("in brackets", t.in(names.Of("kind", string(g.Kind)))+t.t("list separator")+t.standing(g)))
		case g.Kind == domain.Exemption:
			// What aggravates or excludes is not for the person to prove.
			lines = append(lines, name+"  "+proved(g)+t.t("clause separator")+t.lacks(g))
		}
	}
	if len(suspected) > 0 {
		lines = slices.Insert(lines, 0, t.t("suspected", t.join(suspected, "、", ", ")))
	}
	if len(stands) > 0 {
		lines = slices.Insert(lines, 0, t.t("stands", t.join(stands, "、", ", ")))
	}
	return lines
}

// named is the title of a ground, with the office's article where there is one.
func (t diligent) named(g domain.Ground) string {
	title := t.in(g.Title)
	if g.LocalArticle != "" {
		title += t.t("article", g.LocalArticle)
	}
	return title
}

// standing is how a ground that holds came out.
func (t diligent) standing(g domain.Ground) string {
	switch {
	case g.Partial:
		return t.in(names.Of("standing", "partial"))
	case g.Kind == domain.Exclusion:
		return t.in(names.Of("standing", "confirmed"))
	}
	return t.in(names.Of("standing", string(g.Verdict)))
}

// lacks names the conditions that fail, those that are unknown with what would
// show them, and counter-checks that hold.
func (t diligent) lacks(g domain.Ground) string {
	var fails, open, against, parts []string
	for _, c := range g.Conditions {
		switch c.Verdict {
		case domain.Fails:
			fails = append(fails, t.in(c.Text))
		case domain.Unknown:
			open = append(open, t.in(c.Text)+t.t("evidence of", t.facts(c.Missing)))
		}
	}
	for _, c := range g.Counters {
		if c.Verdict == domain.Holds {
			against = append(against, t.in(c.Text))
		}
	}
	for _, p := range []struct {
		key  string
		list []string
	}{{"not proved", fails}, {"lacks", open}, {"countered", against}} {
		if len(p.list) > 0 {
			parts = append(parts, t.t(p.key, t.join(p.list, "、", ", ")))
		}
	}
	return t.join(parts, "；", "; ")
}

// facts writes what is missing in words. A standard is named as it is written;
// the office knows it by that name.
func (t diligent) facts(list []string) string {
	out := make([]string, len(list))
	for i, name := range list {
		out[i] = name
		if f, ok := t.findings[name]; ok {
			out[i] = t.t("quoted", t.in(f.Title))
		}
	}
	return t.join(out, "、", ", ")
}

// proved counts the conditions that hold, such as 2/4.
func proved(g domain.Ground) string {
	n := 0
	for _, c := range g.Conditions {
		if c.Verdict == domain.Holds {
			n++
		}
	}
	return strconv.Itoa(n) + "/" + strconv.Itoa(len(g.Conditions))
}

// toVerify lists the grounds that rest on an assumption.
func toVerify(months []replay.DiligenceMonth) []string {
	var list []string
	for _, m := range months {
		for _, a := range m.Actors {
			for _, g := range a.Grounds {
				if slices.ContainsFunc(g.Cites, func(c domain.Cite) bool { return c.Origin == domain.ToVerify }) && !slices.Contains(list, g.ID) {
					list = append(list, g.ID)
				}
			}
		}
	}
	slices.Sort(list)
	return list
}
