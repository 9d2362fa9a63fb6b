package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"

	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/simulate"
)

// readTruth reads a file that leeway simulate wrote beside its city.
func readTruth[T simulate.Truth | simulate.Entitled](s *session, name string) ([]T, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, s.unreadable(name, err)
	}
	defer f.Close()
	list, err := simulate.Read[T](f)
	if err != nil {
		return nil, &problem{what: err.Error(), where: name, mend: s.t("give a truth"), err: err}
	}
	return list, nil
}

// compareTruth holds the differences of a run against a truth file, of the cases
// of its part. What does not agree is an error.
func (s *session) compareTruth(name string, out *bulk.Outcome) error {
	truth, err := readTruth[simulate.Truth](s, name)
	if err != nil {
		return err
	}
	truth = slices.DeleteFunc(truth, func(x simulate.Truth) bool { return !out.Part.Has(x.Case) })
	return s.showComparison(name, simulate.Compare(truth, out.Survey.Hits))
}

// compareRaise holds the months that a raised standard changes against those in
// which the truth says that somebody is entitled by it.
func (s *session) compareRaise(name string, by domain.Fen, im *bulk.Impact) error {
	entitled, err := readTruth[simulate.Entitled](s, name)
	if err != nil {
		return err
	}
	changes := make([]simulate.Change, len(im.Turns))
	for i, t := range im.Turns {
		changes[i] = simulate.Change{Case: t.Case, Month: t.Month, More: t.More}
	}
	return s.showComparison(name, simulate.CompareRaise(entitled, by, changes))
}

// showComparison prints a table of what was planted and found, and fails where
// the two are not the same.
func (s *session) showComparison(name string, c simulate.Comparison) error {
	if !s.json {
		s.printComparison(c)
	}
	if !c.Right() {
		return &problem{what: s.t("not the truth", c.All.Missed, c.All.Wrong, c.All.MadeUp), where: name, err: domain.ErrRefused}
	}
	return nil
}

func (s *session) printComparison(c simulate.Comparison) {
	for _, part := range []struct {
		title  string
		scores []simulate.Score
	}{{s.t("by class"), c.Classes}, {s.t("by kind"), c.Kinds}} {
		if len(part.scores) == 0 {
			continue
		}
		s.printf("\n")
		s.printScores(part.title, part.scores, c.All)
	}
	if len(c.Classes) == 0 {
		s.printf("\n")
		s.printScores(s.t("month"), nil, c.All)
	}
	for _, text := range c.Wrong {
		s.hang("! ", text)
	}
}

func (s *session) printScores(title string, scores []simulate.Score, all simulate.Score) {
	l := documents.List{Columns: []documents.Column{{Head: title}}}
	for _, head := range []string{"planted rows", "exact", "other amount", "missed", "made up", "recall", "precision", "planted yuan"} {
		l.Columns = append(l.Columns, documents.Column{Head: s.t(head), Right: true})
	}
	all.Name = s.t("all of them")
	for _, x := range append(slices.Clone(scores), all) {
		name := x.Name
		if slices.Contains(replay.Order, replay.Class(name)) {
			name += "  " + names.Of("class", name).In(s.lang)
		}
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(name), documents.Count(x.Planted), documents.Count(x.Exact), documents.Count(x.Wrong), documents.Count(x.Missed), documents.Count(x.MadeUp),
			documents.Text(share(x.Exact, x.Planted)), documents.Text(share(x.Exact, x.Exact+x.Wrong+x.MadeUp)), documents.Yuan(x.Amount)})
	}
	t := l.Table()
	s.printDocument(documents.Document{Title: s.t("against truth"), Blocks: []documents.Block{{Kind: documents.Grid, Table: &t}}})
}

// share is a part of a whole, cut to three places, so that 1.000 means all.
func share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	thousandths := part * 1000 / whole
	return strconv.Itoa(thousandths/1000) + "." + fmt.Sprintf("%03d", thousandths%1000)
}
