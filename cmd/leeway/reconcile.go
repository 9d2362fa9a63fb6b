package main

import (
	"os"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/names"
)

// reconcileCmd holds what the ledger says was paid against a payment file of the
// agent, and against totals that are known from elsewhere.
type reconcileCmd struct {
	File       string       `arg:"" name:"payments" optional:"" type:"path"`
	First      domain.Month `placeholder:"YYYY-MM"`
	Last       domain.Month `placeholder:"YYYY-MM"`
	Office     string       `placeholder:"OFFICE"`
	Programme  string       `placeholder:"NAME"`
	Paid       string       `placeholder:"YUAN"`
	Records    int64        `default:"-1" placeholder:"N"`
	Households int64        `default:"-1" placeholder:"N"`
	Persons    int64        `default:"-1" placeholder:"N"`
	listFlags
}

// reconcileJSON is what was compared.
type reconcileJSON struct {
	Known       []documents.Known     `json:"known"`
	Differences []casework.Difference `json:"differences"`
	Matched     int                   `json:"matched"`
}

// Run compares, and ends with an error where anything differs: what asks for a
// reconciliation wants to know.
func (cmd reconcileCmd) Run(s *session) error {
	var lines []casework.PaidLine
	if cmd.File != "" {
		text, err := os.ReadFile(cmd.File)
		if err != nil {
			return s.unreadable(cmd.File, err)
		}
		if lines, err = casework.ReadPayments(text); err != nil {
			said, _ := names.Explain(err, s.lang)
			return &problem{what: said.Where + s.t("colon") + said.Wrong, where: cmd.File, mend: said.Mend, err: domain.ErrInvalid}
		}
	}
	return s.reading(func(desk *casework.Service) error {
		which := casework.Which{Office: cmd.Office, Programme: cmd.Programme}
		found, totals, err := desk.Reconcile(s.ctx, which, cmd.First, cmd.Last, lines)
		if err != nil {
			return err
		}
		known, err := cmd.known(s, totals)
		if err != nil {
			return err
		}
		if cmd.File == "" {
			found.Differences = []casework.Difference{}
		}
		if s.json && !cmd.files() {
			if err := s.writeJSON(reconcileJSON{known, found.Differences, found.Matched}); err != nil {
				return err
			}
		} else if err := cmd.print(s, known, found); err != nil {
			return err
		}
		differs := len(found.Differences)
		for _, k := range known {
			if k.Value != k.Found {
				differs++
			}
		}
		if differs > 0 {
			return &problem{what: s.t("does not reconcile", differs), where: "leeway reconcile", mend: s.t("mend reconcile"), err: domain.ErrRefused}
		}
		return nil
	})
}

// print shows known totals and the payments that differ.
func (cmd reconcileCmd) print(s *session, known []documents.Known, found casework.Reconciliation) error {
	l := s.paymentList(found)
	if cmd.files() {
		return cmd.show(s, l)
	}
	if len(known) > 0 {
		t := documents.Reconciled(known, s.lang).Table()
		s.printDocument(documents.Document{Title: s.t("reconcile totals"), Blocks: []documents.Block{{Kind: documents.Grid, Table: &t}}})
	}
	if cmd.File == "" {
		return nil
	}
	s.printf("%s\n", s.t("reconcile matched", found.Matched, len(found.Differences)))
	if len(found.Differences) > 0 {
		return cmd.show(s, l)
	}
	return nil
}

// paymentList is every payment that stands otherwise in the file.
func (s *session) paymentList(found casework.Reconciliation) documents.List {
	l := documents.List{Title: s.t("reconcile payments"), Columns: []documents.Column{{Head: s.t("case")}, {Head: s.t("month")}, {Head: s.t("reconcile ledger"), Right: true}, {Head: s.t("reconcile file"), Right: true}, {Head: s.t("difference"), Right: true}}}
	for _, d := range found.Differences {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(d.Case), documents.InMonth(d.Month), documents.Yuan(d.Ledger), documents.Yuan(d.File), documents.Yuan(d.File - d.Ledger)})
	}
	return l
}

// known are the totals that were given, beside those of the ledger. Households
// and persons are of the last month: a year would count them twelve times.
func (cmd reconcileCmd) known(s *session, totals []casework.MonthTotal) ([]documents.Known, error) {
	var sum, last casework.MonthTotal
	for _, t := range totals {
		sum.Paid, sum.Payments, last.Month = sum.Paid+t.Paid, sum.Payments+t.Payments, max(last.Month, t.Month)
	}
	for _, t := range totals {
		if t.Month == last.Month {
			last.Households, last.Persons = last.Households+t.Households, last.Persons+t.Persons
		}
	}
	known := []documents.Known{}
	if cmd.Paid != "" {
		fen, err := domain.ParseYuan(cmd.Paid)
		if err != nil {
			return nil, err
		}
		known = append(known, documents.Known{Item: s.t("paid yuan"), Value: int64(fen), Found: int64(sum.Paid), Money: true})
	}
	for _, k := range []struct {
		item         string
		value, found int64
	}{{s.t("records"), cmd.Records, int64(sum.Payments)}, {s.t("households") + " " + last.Month.String(), cmd.Households, int64(last.Households)}, {s.t("persons") + " " + last.Month.String(), cmd.Persons, int64(last.Persons)}} {
		if k.value >= 0 {
			known = append(known, documents.Known{Item: k.item, Value: k.value, Found: k.found})
		}
	}
	return known, nil
}
