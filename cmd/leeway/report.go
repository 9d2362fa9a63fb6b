package main

import (
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/replay"
)

// A sheet renders one replay for people. What it says comes from the report;
// titles of facts come from the rule pack.
type sheet struct {
	*session
	r          *replay.Report
	attributes map[string]domain.Attribute
	findings   map[string]domain.Finding // what liability rules read
	steps      map[string]domain.Text    // titles of the steps of the procedure
	trace      []byte                    // the report in canonical form
	digest     string                    // of the inputs
	engine     string

	explanations []explanationJSON // where they were asked for
}

// columns of the chain, in its order, with the screen words of domain.md
// §3.6 rule 21.
var chainColumns = []string{"P", "D", "A", "Af", "Ao", "B"}

// print writes the whole sheet.
func (sh *sheet) print() {
	sh.printHead()
	sh.printChain()
	sh.printMonths()
	sh.printTotals()
	sh.printConduct()
	sh.printGrounds(true)
	sh.printNotes()
}

// printHead says what was replayed and on what it rests: case, months, index
// day, rules, the reading of the month rule, and the digest by which the same
// replay is found again.
func (sh *sheet) printHead() {
	r := sh.r
	span := sh.t("no months")
	if n := len(r.Months); n > 0 {
		span = sh.months(r.Months[0].Month, r.Months[n-1].Month)
	}
	sh.printf("%s %s\n", sh.t("replay title"), r.Inputs.Case)
	sh.pairs(
		[2]string{sh.t("programme"), sh.t("programme " + r.Programme)},
		[2]string{sh.t("office"), r.Office},
		[2]string{sh.t("months"), span},
		[2]string{sh.t("as of"), r.Inputs.AsOf.String()},
		[2]string{sh.t("rules today"), packName(r.Inputs.RulesNow)},
		[2]string{sh.t("reading"), r.Reading},
		[2]string{sh.t("trace"), short(sh.digest)},
		[2]string{sh.t("engine"), sh.engine},
	)
	sh.printf("\n")
	sh.hang(sh.t("advice line")+"  ", sh.verdict())
}

// printBrief is the sheet without what can be read off it elsewhere: the
// advice, the chain, and what decides each month.
func (sh *sheet) printBrief() {
	sh.hang(sh.t("advice line")+"  ", sh.verdict())
	sh.printChain()
	sh.printMonths()
	sh.printGrounds(false)
	if assumed := sh.assumed(); len(assumed) > 0 {
		sh.printf("\n")
		sh.hang(sh.t("to verify")+"  ", strings.Join(assumed, sh.t("list separator")))
	}
}

// assumed are the assumptions that any month rests on.
func (sh *sheet) assumed() []string {
	var list []string
	for _, m := range sh.r.Months {
		for _, a := range m.Assumed {
			if !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
	}
	slices.Sort(list)
	return list
}

// verdict is the advice for the case in one sentence.
func (sh *sheet) verdict() string {
	r := sh.r
	text := sh.classes([]replay.Class{r.Primary})
	if len(r.Secondary) > 0 {
		text += sh.t("verdict also", sh.classes(r.Secondary))
	}
	text += sh.t("full stop")
	if len(r.Totals) > 0 {
		text += sh.t("verdict money", r.Money.Overpaid.Yuan(), r.Money.Underpaid.Yuan())
	}
	return text + sh.t("advice only")
}

// classes names causes with their codes, which are the same in both languages.
func (sh *sheet) classes(list []replay.Class) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = string(c) + " " + sh.t("class "+string(c))
	}
	return strings.Join(names, sh.t("list separator"))
}

// printChain is the table month × chain. Consecutive months that show the
// same stand in one row.
func (sh *sheet) printChain() {
	if len(sh.r.Months) == 0 {
		return
	}
	columns := []column{{head: sh.t("month")}}
	for _, name := range chainColumns {
		columns = append(columns, column{head: sh.t("column " + name), right: true, max: 12})
	}
	columns = append(columns, column{head: sh.t("class")})
	var rows [][]string
	assumed := false
	for _, run := range sh.collapse(func(m replay.Month) string { return strings.Join(sh.cells(m), "|") }) {
		first := run.months[0]
		label := sh.months(first.Month, run.months[len(run.months)-1].Month)
		if len(first.Assumed) > 0 {
			label, assumed = label+" *", true
		}
		rows = append(rows, append([]string{label}, sh.cells(first)...))
	}
	sh.heading("the chain")
	sh.grid(columns, rows)
	if assumed {
		sh.hang("* ", sh.t("rests on assumptions"))
	}
}

// cells are what one month shows in the chain, the class last.
func (sh *sheet) cells(m replay.Month) []string {
	var cells []string
	for _, name := range chainColumns {
		n, ok := m.Node(name)
		switch {
		case !ok:
			cells = append(cells, "")
		case n.None:
			cells = append(cells, sh.t("no decision"))
		default:
			cells = append(cells, sh.amounts(n.Outcome))
		}
	}
	class := string(m.Class)
	if n := len(causes(m)); n > 1 {
		class += sh.t("and more", n-1)
	}
	return append(cells, class)
}

// causes are the classes of a month's links, each once.
func causes(m replay.Month) []replay.Class {
	var list []replay.Class
	for _, l := range m.Links {
		if l.Class != replay.Open && !slices.Contains(list, l.Class) {
			list = append(list, l.Class)
		}
	}
	return list
}

// amounts writes the lawful amounts of an outcome: one, a set as 138/378, an
// interval as 138~378, or that it cannot be determined.
func (sh *sheet) amounts(o domain.Outcome) string {
	if !o.Determined() {
		return sh.t("undetermined")
	}
	parts := make([]string, len(o.Lawful))
	for i, r := range o.Lawful {
		parts[i] = r.Lo.Yuan()
		if r.Lo != r.Hi {
			parts[i] += "~" + r.Hi.Yuan()
		}
	}
	return strings.Join(parts, "/")
}

// A stretch is a run of consecutive months that show the same.
type stretch struct{ months []replay.Month }

// first and last are the months at its ends.
func (st stretch) first() domain.Month { return st.months[0].Month }
func (st stretch) last() domain.Month  { return st.months[len(st.months)-1].Month }

// collapse joins consecutive months for which key is the same.
func (sh *sheet) collapse(key func(replay.Month) string) []stretch {
	var list []stretch
	before := ""
	for _, m := range sh.r.Months {
		k := key(m)
		if n := len(list); n > 0 && k == before && list[n-1].last()+1 == m.Month {
			list[n-1].months = append(list[n-1].months, m)
			continue
		}
		list, before = append(list, stretch{[]replay.Month{m}}), k
	}
	return list
}

// packName is a pack version with enough of its digest to tell it from others.
func packName(v domain.PackVersion) string {
	return v.Pack + " " + v.Version + " (" + short(v.Digest) + ")"
}

// short is the beginning of a digest, enough to tell it from others.
func short(digest string) string { return digest[:min(len(digest), 12)] }
