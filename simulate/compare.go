package simulate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"leeway/domain"
	"leeway/domain/replay"
)

// Score is how what was found stands to what was planted, of one class or kind.
// Recall is Exact of Planted, precision Exact of Exact, Wrong and MadeUp.
type Score struct {
	Name    string     `json:"name"`
	Planted int        `json:"planted"` // differences, by case and month
	Exact   int        `json:"exact"`   // found, in the class and to the fen
	Wrong   int        `json:"wrong"`   // found with another amount
	Missed  int        `json:"missed"`
	MadeUp  int        `json:"made_up"` // found and not planted
	Amount  domain.Fen `json:"amount"`  // planted, in absolute terms
}

// Comparison is a replay of a city held against its truth.
type Comparison struct {
	Classes []Score  `json:"classes"` // in chain order
	Kinds   []Score  `json:"kinds"`   // as they were planted; what was made up has none
	All     Score    `json:"all"`
	Wrong   []string `json:"wrong"` // the first differences, in words
}

// Right reports whether all was found, to the fen, and nothing else.
func (c Comparison) Right() bool {
	return c.All.Planted > 0 && c.All.Exact == c.All.Planted && c.All.Wrong+c.All.MadeUp == 0
}

// Read reads the lines of a truth file.
func Read[T Truth | Entitled](r io.Reader) (list []T, err error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	for {
		var x T
		if err := dec.Decode(&x); err == io.EOF {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("line %d of the truth: %w: %w", len(list)+1, domain.ErrInvalid, err)
		}
		list = append(list, x)
	}
}

// place is where a difference lies.
type place struct {
	id    string
	month domain.Month
	class replay.Class
}

// mostWrong is how many differences are told in words.
const mostWrong = 20

// Compare holds the differences that a replay found against the planted ones.
func Compare(truth []Truth, hits []replay.Hit) Comparison {
	found := map[place][]*domain.Fen{}
	for _, h := range hits {
		at := place{h.Case, h.Month, h.Class}
		found[at] = append(found[at], h.Amount)
	}
	classes, kinds := map[string]*Score{}, map[string]*Score{}
	var c Comparison
	count := func(class, kind string, f func(*Score)) {
		f(&c.All)
		f(scoreOf(classes, class))
		if kind != "" {
			f(scoreOf(kinds, kind))
		}
	}
	say := func(format string, args ...any) {
		if len(c.Wrong) < mostWrong {
			c.Wrong = append(c.Wrong, fmt.Sprintf(format, args...))
		}
	}
	for _, x := range truth {
		at := place{x.Case, x.Month, x.Class}
		count(string(x.Class), x.Kind, func(s *Score) { s.Planted, s.Amount = s.Planted+1, s.Amount+x.Amount.Abs() })
		switch got := found[at]; {
		case len(got) == 0:
			count(string(x.Class), x.Kind, func(s *Score) { s.Missed++ })
			say("%s %s %s (%s): planted %s, not found", x.Case, x.Month, x.Class, x.Kind, x.Amount.Yuan())
		case len(got) == 1 && (x.Open && got[0] == nil || !x.Open && got[0] != nil && *got[0] == x.Amount):
			count(string(x.Class), x.Kind, func(s *Score) { s.Exact++ })
		default:
			count(string(x.Class), x.Kind, func(s *Score) { s.Wrong++ })
			say("%s %s %s (%s): planted %s, found %s", x.Case, x.Month, x.Class, x.Kind, x.Amount.Yuan(), yuan(got[0]))
		}
		delete(found, at)
	}
	for _, at := range slices.SortedFunc(maps.Keys(found), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.month, b.month), cmp.Compare(a.class, b.class))
	}) {
		count(string(at.class), "", func(s *Score) { s.MadeUp += len(found[at]) })
		say("%s %s %s: found %s, not planted", at.id, at.month, at.class, yuan(found[at][0]))
	}
	for _, class := range replay.Order {
		if s := classes[string(class)]; s != nil {
			c.Classes = append(c.Classes, *s)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		c.Kinds = append(c.Kinds, *kinds[name])
	}
	return c
}

func scoreOf(of map[string]*Score, name string) *Score {
	if of[name] == nil {
		of[name] = &Score{Name: name}
	}
	return of[name]
}

func yuan(f *domain.Fen) string {
	if f == nil {
		return "no amount"
	}
	return f.Yuan()
}

// A Change is a month that a raised standard is found to change; no amount: it
// is not one amount on both sides.
type Change struct {
	Case  string
	Month domain.Month
	More  *domain.Fen
}

// CompareRaise holds the months that a rise of the rural standard is found to
// change against those of the households that are entitled by it.
func CompareRaise(entitled []Entitled, by domain.Fen, changes []Change) Comparison {
	var truth []Truth
	for _, e := range entitled {
		for m := e.From; m <= e.To; m++ {
			truth = append(truth, Truth{Case: e.Case, Month: m, Amount: by * domain.Fen(e.Heads)})
		}
	}
	hits := make([]replay.Hit, len(changes))
	for i, x := range changes {
		hits[i] = replay.Hit{Case: x.Case, Month: x.Month, Amount: x.More}
	}
	return Compare(truth, hits)
}
