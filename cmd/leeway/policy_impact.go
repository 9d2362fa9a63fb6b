package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/names"
	"leeway/policies"
	"leeway/projections"
)

// impactCmd compares two versions of a pack over the real caseload, or one with
// itself but for a standard.
type impactCmd struct {
	A string `arg:""`
	B string `arg:"" optional:""`

	Standard  string       `placeholder:"NAME"`
	By        string       `name:"raise" placeholder:"YUAN"`
	AsOf      domain.Day   `placeholder:"YYYY-MM-DD"`
	Office    string       `placeholder:"OFFICE"`
	Programme string       `placeholder:"NAME"`
	First     domain.Month `placeholder:"YYYY-MM"`
	Last      domain.Month `placeholder:"YYYY-MM"`
	Results   string       `placeholder:"DIR" type:"path"`
	Truth     string       `placeholder:"FILE" type:"path"`
	listFlags
}

// Run compares and prints what changes, by condition.
func (cmd impactCmd) Run(s *session) error {
	old, draft, err := cmd.versions(s)
	if err != nil {
		return err
	}
	lib, err := s.library()
	if err != nil {
		return err
	}
	from, err := lib.Open(old)
	if err != nil {
		return s.packError(cmd.A, err)
	}
	to, err := lib.Open(draft)
	if err != nil {
		return s.packError(cmd.B, err)
	}
	kept := ""
	if cmd.Results != "" {
		if err := os.MkdirAll(cmd.Results, 0o700); err != nil {
			return s.unwritable(cmd.Results, err)
		}
		kept = filepath.Join(cmd.Results, "facts.ndjson")
	}
	return s.bulk(func(desk *casework.Service, bench projections.Bench) error {
		run := bulk.Run{Desk: desk, Bench: bench, AsOf: cmd.AsOf, Which: bulk.Which{Office: cmd.Office, Programme: cmd.Programme, From: cmd.First, To: cmd.Last}}
		im, err := run.Impact(s.ctx, lib, from, to, kept)
		if err != nil {
			return err
		}
		switch {
		case s.json && !cmd.files():
			enc := json.NewEncoder(s.out)
			enc.SetEscapeHTML(false)
			return enc.Encode(im)
		case cmd.files():
			return cmd.show(s, s.turnList(im))
		}
		s.printImpact(im)
		if cmd.Truth == "" {
			return nil
		}
		by, err := domain.ParseYuan(cmd.By)
		if err != nil {
			return err
		}
		return s.compareRaise(cmd.Truth, by, im)
	})
}

// versions are the two folders of rules that are compared.
func (cmd impactCmd) versions(s *session) (old, draft fs.FS, err error) {
	a, _, err := s.onePack(cmd.A)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case cmd.B != "" && cmd.Standard == "" && cmd.By == "":
		b, _, err := s.onePack(cmd.B)
		return a.files, b.files, err
	case cmd.B == "" && cmd.Standard != "" && cmd.By != "":
		by, err := domain.ParseYuan(cmd.By)
		if err != nil {
			return nil, nil, err
		}
		draft, err = policies.Raised(a.files, strings.TrimPrefix(cmd.Standard, "std."), by)
		return a.files, draft, err
	}
	return nil, nil, usage(&problem{what: s.t("draft or raise"), where: "leeway policy impact", mend: s.t("give draft or raise")})
}

// printImpact prints the sums and what turns them.
func (s *session) printImpact(im *bulk.Impact) {
	s.printf("%s\n", s.t("impact head", named(im.Old), named(im.New)))
	s.pairs([][2]string{
		{s.t("impact cases"), s.t("of all", im.Touched, im.Cases)},
		{s.t("impact months"), s.t("of all", len(im.Turns), im.Months)},
		{s.t("impact plus"), documents.Yuan(im.Plus).String()},
		{s.t("impact minus"), documents.Yuan(im.Minus).String()},
		{s.t("impact in"), strconv.Itoa(im.In)},
		{s.t("impact out"), strconv.Itoa(im.Out)},
		{s.t("impact open"), strconv.Itoa(im.Open)},
		{s.t("impact folded"), strconv.Itoa(im.Folded)},
	}...)
	l := documents.List{Columns: []documents.Column{{Head: s.t("impact leaf")}, {Head: s.t("bulk cases"), Right: true}, {Head: s.t("months"), Right: true}, {Head: s.t("impact plus"), Right: true}, {Head: s.t("impact minus"), Right: true}}}
	for _, c := range im.Causes {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(s.leafOr(c.Leaf)), documents.Count(c.Cases), documents.Count(c.Months), documents.Yuan(c.Plus), documents.Yuan(c.Minus)})
	}
	t := l.Table()
	s.printf("\n")
	s.printDocument(documents.Document{Title: s.t("impact causes"), Blocks: []documents.Block{{Kind: documents.Grid, Table: &t}}})
}

// leafOr names a leaf, or says that an amount alone changed.
func (s *session) leafOr(leaf string) string {
	if leaf == "" {
		return s.t("amount alone")
	}
	return leaf
}

// turnList is every month that changes, to take away.
func (s *session) turnList(im *bulk.Impact) documents.List {
	l := documents.List{Title: s.t("impact head", named(im.Old), named(im.New)), Columns: []documents.Column{{Head: s.t("case")}, {Head: s.t("programme")}, {Head: s.t("office")}, {Head: s.t("month")},
		{Head: s.t("impact before"), Right: true}, {Head: s.t("impact after"), Right: true}, {Head: s.t("difference"), Right: true}, {Head: s.t("impact leaf")}}}
	amounts := func(o domain.Outcome) documents.Cell {
		if f, ok := o.Single(); ok {
			return documents.Yuan(f)
		}
		if !o.Determined() {
			return documents.Text(s.t("impact undetermined"))
		}
		return documents.Text(o.Min().Yuan() + "–" + o.Max().Yuan())
	}
	for _, t := range im.Turns {
		more := documents.Text("")
		if t.More != nil {
			more = documents.Yuan(*t.More)
		}
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(t.Case), documents.Text(names.Of("programme", t.Programme).In(s.lang)), documents.Text(t.Office), documents.InMonth(t.Month),
			amounts(t.Old), amounts(t.New), more, documents.Text(s.leafOr(strings.Join(t.Leaves, " ")))})
	}
	return l
}
