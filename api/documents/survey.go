package documents

import (
	"fmt"
	"strconv"

	"leeway/domain"
	"leeway/domain/names"
	"leeway/domain/replay"
)

// Classes is the list of what each cause moved over many cases, the two
// directions apart.
func Classes(s *replay.Survey, lang string) List {
	t := teller{lang: lang}
	l := List{Title: t.t("classes title"), Columns: []Column{{Head: t.t("class")}, {Head: t.t("cause"), Narrow: 28}, {Head: t.t("cases"), Right: true}, {Head: t.t("month count"), Right: true},
		{Head: t.t("too much"), Right: true}, {Head: t.t("too little"), Right: true}}}
	for _, c := range s.Classes {
		l.Rows = append(l.Rows, []Cell{Text(string(c.Class)), Text(t.in(names.Of("class", string(c.Class)))), Count(c.Cases), Count(c.Months), Yuan(c.Plus), Yuan(c.Minus)})
	}
	l.Notes = t.surveyNotes(s)
	return l
}

// Hits is the list of the months in which a cause moved money; no class: every
// cause. It names no officer.
func Hits(s *replay.Survey, class replay.Class, lang string) List {
	t := teller{lang: lang}
	l := List{Title: t.t("hits title"), Columns: []Column{{Head: t.t("case"), Narrow: 24}, {Head: t.t("programme"), Narrow: 24}, {Head: t.t("office"), Narrow: 16}, {Head: t.t("month")},
		{Head: t.t("class")}, {Head: t.t("cause"), Narrow: 20}, {Head: t.t("link"), Narrow: 24}, {Head: t.t("attributed"), Right: true}, {Head: t.t("remark")}}}
	for _, h := range s.Hits {
		if class != "" && h.Class != class {
			continue
		}
		amount := Text(t.t("not determined"))
		if h.Amount != nil {
			amount = Yuan(*h.Amount)
		}
		link := t.in(names.Of("node", h.From)) + " → " + t.in(names.Of("node", h.To))
		l.Rows = append(l.Rows, []Cell{Text(h.Case), Text(t.in(names.Of("programme", h.Programme))), Text(h.Office), InMonth(h.Month), Text(string(h.Class)), Text(t.in(names.Of("class", string(h.Class)))),
			Text(link), amount, Text(orNothing(h.Assumed, "[to_verify]"))})
	}
	l.Notes = t.surveyNotes(s)
	return l
}

// surveyNotes say what a survey rests on and how it is to be read.
func (t teller) surveyNotes(s *replay.Survey) []Pair {
	notes := []Pair{{t.t("how to read"), t.t("to be verified")}, {t.t("as of"), s.AsOf.String()}, {t.t("cases"), fmt.Sprintf("%d / %d", s.Cases-s.Clean, s.Cases)},
		{t.t("undetermined months"), strconv.Itoa(s.Under)}}
	for _, f := range s.Failed {
		notes = append(notes, Pair{t.t("not replayed") + " " + f.Case, f.Why})
	}
	return notes
}

// A Known is one total that an office knows from elsewhere: a bank file, a
// roster, a report.
type Known struct {
	Item  string `json:"item"`
	Value int64  `json:"value"` // fen where Money, else a number
	Found int64  `json:"found"`
	Money bool   `json:"money,omitempty"`
}

// Reconciled holds known totals against what the ledger says.
func Reconciled(list []Known, lang string) List {
	t := teller{lang: lang}
	cell := func(k Known, n int64) Cell {
		if k.Money {
			return Yuan(domain.Fen(n))
		}
		return Count(n)
	}
	l := List{Title: t.t("reconcile title"), Columns: []Column{{Head: t.t("item")}, {Head: t.t("known"), Right: true}, {Head: t.t("found"), Right: true}, {Head: t.t("difference"), Right: true}}}
	for _, k := range list {
		l.Rows = append(l.Rows, []Cell{Text(k.Item), cell(k, k.Value), cell(k, k.Found), cell(k, k.Found-k.Value)})
	}
	return l
}
