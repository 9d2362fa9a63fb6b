package main

import (
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/replay"
)

// A line is one line of a month's explanation: a lead, and text that hangs
// behind it.
type line struct{ lead, body string }

// printMonths explains every month that shows a difference or a finding.
// Consecutive months with the same explanation are explained once.
func (sh *sheet) printMonths() {
	text := func(m replay.Month) string {
		var b strings.Builder
		for _, l := range sh.explain(m, 1) {
			b.WriteString(l.lead + l.body + "\n")
		}
		return b.String()
	}
	for _, run := range sh.collapse(text) {
		n := len(run.months)
		lines := sh.explain(run.months[0], n)
		if len(lines) == 0 {
			continue
		}
		sh.printf("\n")
		sh.hang("", sh.stretchTitle(run))
		for _, l := range lines {
			sh.hang("  "+l.lead, l.body)
		}
	}
}

// stretchTitle names the months and the acts at which they are judged. Each
// month has its own t0; the title gives the first and the last.
func (sh *sheet) stretchTitle(run stretch) string {
	n := len(run.months)
	title := sh.months(run.first(), run.last())
	if n > 1 {
		title += sh.t("so many months", n)
	}
	var acts []string
	for _, m := range run.months {
		if act := sh.t("judged by " + m.By); !slices.Contains(acts, act) {
			acts = append(acts, act)
		}
	}
	on := run.months[0].On.String()
	if last := run.months[n-1].On.String(); last != on {
		on = sh.t("from to", on, last)
	}
	return title + sh.t("judged at", strings.Join(acts, sh.t("list separator")), on)
}

// explain says what there is to say of a month: the split, what it rests on,
// and what stands beside the chain.
func (sh *sheet) explain(m replay.Month, months int) []line {
	var lines []line
	for _, l := range m.Links {
		lines = append(lines, sh.link(m, l, months)...)
	}
	if len(m.Links) == 0 && (m.Class == replay.OKSpec || m.Class == replay.OKPol) {
		lines = append(lines, line{string(m.Class) + "  ", sh.label(m)})
	}
	if m.Under || len(m.Missing) > 0 {
		lines = append(lines, line{sh.t("undetermined") + "  ", sh.t("would decide", sh.missing(m.Missing))})
	}
	if m.Step != "" {
		lines = append(lines, line{sh.t("omitted") + "  ", sh.step(m.Step)})
	}
	lines = append(lines, sh.shown(m)...)
	lines = append(lines, sh.procedure(m)...)
	return append(lines, sh.overlays(m)...)
}

// label says why a month without a difference has a label of its own.
func (sh *sheet) label(m replay.Month) string {
	if m.Class == replay.OKPol {
		l, _ := m.Node("L")
		return sh.t("why OK-POL", sh.amounts(l.Outcome))
	}
	var special []string
	for _, n := range m.Nodes {
		for _, s := range n.Outcome.Special {
			if !slices.Contains(special, s) {
				special = append(special, s)
			}
		}
	}
	return sh.t("why OK-SPEC", strings.Join(special, sh.t("list separator")))
}

// link explains one unequal link: how much, why, who answers for it by
// default, and the facts that decide it.
func (sh *sheet) link(m replay.Month, l replay.Link, months int) []line {
	class := string(l.Class)
	from, _ := m.Node(l.From)
	to, _ := m.Node(l.To)
	lead := class + "  "
	head := sh.t("class " + class)
	switch {
	case l.Amount == nil:
		head += sh.t("no amount")
	case months > 1:
		head += sh.t("amount a month", l.Amount.Signed(), months, (*l.Amount * domain.Fen(months)).Signed())
	default:
		head += sh.t("amount once", l.Amount.Signed())
	}
	head += sh.t("answers", sh.t("answers "+class))
	lines := []line{{lead, head}}
	indent := strings.Repeat(" ", len(lead))
	why := fmt.Sprintf("%s %s → %s %s%s", sh.t("node "+l.From), sh.taken(from), sh.t("node "+l.To), sh.taken(to), sh.t("full stop"))
	lines = append(lines, line{indent, why + sh.t("why "+class)})
	if l.Least != nil {
		lines = append(lines, line{indent, sh.t("over orders", l.Least.Signed(), l.Most.Signed())})
	}
	if l.Decisive != nil && len(l.Decisive.Facts) > 0 {
		lines = append(lines, line{indent + sh.t("decisive"), sh.decisive(*l.Decisive)})
	}
	return lines
}

// taken is the amount that the chain takes of a node.
func (sh *sheet) taken(n replay.Node) string {
	switch {
	case n.None:
		return sh.t("no decision")
	case !n.Outcome.Determined():
		return sh.t("undetermined")
	}
	return n.Taken.Yuan()
}

// decisive says which facts make the difference, and what the answer would
// have been.
func (sh *sheet) decisive(d replay.Decisive) string {
	return sh.t("decisive "+d.Kind, sh.facts(d.Facts), sh.yuan(d.Result))
}

// yuan is what amounts writes, with the unit where there is an amount.
func (sh *sheet) yuan(o domain.Outcome) string {
	if !o.Determined() {
		return sh.amounts(o)
	}
	return sh.t("yuan", sh.amounts(o))
}

// facts says statements in words. Members of whom the same is said are named
// together.
func (sh *sheet) facts(list []replay.Fact) string {
	separator := sh.t("list separator")
	whose := map[string][]string{}
	var said []string
	for _, f := range list {
		text := sh.about(f)
		if whose[text] == nil {
			said = append(said, text)
		}
		whose[text] = append(whose[text], f.Subject)
	}
	for i, text := range said {
		said[i] = sh.t("of whom", strings.Join(whose[text], separator), text)
		if slices.Equal(whose[text], []string{domain.Household}) {
			said[i] = sh.t("of the household", text)
		}
	}
	return strings.Join(said, sh.t("clause separator"))
}

// about says what a statement says of its subject: what, how much, since
// when, and where it comes from.
func (sh *sheet) about(f replay.Fact) string {
	name := sh.attribute(f.Attribute)
	if f.Item != "" {
		name += "[" + f.Item + "]"
	}
	value := sh.value(f.Value)
	if f.Value.Kind == domain.MoneyValue {
		value = sh.t("yuan", value)
	}
	var more []string
	if f.From != 0 || f.To != 0 {
		more = append(more, sh.days(f.From, f.To))
	}
	if f.Source != "" {
		more = append(more, sh.t("source "+string(f.Source)))
	}
	if f.HeldBy != "" {
		more = append(more, sh.t("held by", f.HeldBy))
	}
	text := name + sh.t("is") + value
	if len(more) > 0 {
		text += sh.t("in brackets", strings.Join(more, sh.t("list separator")))
	}
	return text
}

// attribute is the title of a fact in the pack, its name where there is none.
func (sh *sheet) attribute(name string) string {
	if a, ok := sh.attributes[name]; ok && a.Title.ZH != "" {
		return inSentence(a.Title.In(sh.lang))
	}
	return name
}

// inSentence is a title as it stands inside a sentence: an English one begins
// with a small letter, unless its first word is an abbreviation.
func inSentence(title string) string {
	if len(title) > 1 && title[1] >= 'a' && title[1] <= 'z' {
		return strings.ToLower(title[:1]) + title[1:]
	}
	return title
}

// missing names the facts and standards that would decide.
func (sh *sheet) missing(list []string) string {
	named := make([]string, len(list))
	for i, name := range list {
		if rest, ok := strings.CutPrefix(name, "knowledge time unproven: "); ok {
			name = sh.t("knowledge time", rest)
		}
		named[i] = name
	}
	return strings.Join(named, sh.t("list separator"))
}
