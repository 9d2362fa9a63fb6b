package replay

import (
	"cmp"
	"slices"

	"leeway/domain"
)

// A Survey is what the replays of many cases come to: how much money each
// cause moved, and in which cases and months. Whatever it lists is 疑点(待核实), a
// matter to look at; it names no officer (domain.md §3.6 rule 16). The zero
// Survey is ready to use.
type Survey struct {
	AsOf   domain.Day `json:"as_of"`
	Cases  int        `json:"cases"`
	Clean  int        `json:"clean"`  // without any difference
	Months int        `json:"months"` // replayed
	Under  int        `json:"undetermined"`

	Classes []ClassTotal `json:"classes"` // in chain order
	Hits    []Hit        `json:"hits"`    // by case, month, and in chain order
	// Walks tell how what was paid became what was due, by benefit month; only
	// what is determined link by link is in them.
	Walks map[domain.Month]*Walk `json:"walks"`
	// Failed are cases that could not be replayed: no sum counts them.
	Failed []Unreplayed `json:"failed"`
}

// A Walk goes from what was paid to what was due: Paid less every link is Due.
type Walk struct {
	Paid  domain.Fen           `json:"paid"`
	Due   domain.Fen           `json:"due"`
	Links map[Class]domain.Fen `json:"links"` // signed: positive was paid too much
}

// add adds another walk.
func (w *Walk) add(x *Walk) {
	if w.Links == nil {
		w.Links = map[Class]domain.Fen{}
	}
	w.Paid, w.Due = w.Paid+x.Paid, w.Due+x.Due
	for c, fen := range x.Links {
		w.Links[c] += fen
	}
}

// Walk is the walk of all months together.
func (s *Survey) Walk() Walk {
	var sum Walk
	for _, w := range s.Walks {
		sum.add(w)
	}
	return sum
}

// ClassTotal is one cause over all cases. The two directions are never netted.
type ClassTotal struct {
	Class  Class      `json:"class"`
	Plus   domain.Fen `json:"plus"`  // paid too much
	Minus  domain.Fen `json:"minus"` // paid too little, as a negative amount
	Months int        `json:"months"`
	Cases  int        `json:"cases"`
}

// A Hit is one unequal link of one month of a case.
type Hit struct {
	Case      string       `json:"case"`
	Office    string       `json:"office"`
	Programme string       `json:"programme"`
	Month     domain.Month `json:"month"`
	Class     Class        `json:"class"`
	From      string       `json:"from"`
	To        string       `json:"to"`
	Amount    *domain.Fen  `json:"amount,omitempty"` // none: not determined
	Assumed   bool         `json:"assumed,omitempty"`
}

// Unreplayed is a case without a replay, and why.
type Unreplayed struct {
	Case string `json:"case"`
	Why  string `json:"why"`
}

// Add counts the replay of one more case.
func (s *Survey) Add(r *Report) {
	s.Cases++
	hits := len(s.Hits)
	for _, m := range r.Months {
		s.Months++
		if m.Under {
			s.Under++
		}
		for _, l := range m.Links {
			s.Hits = append(s.Hits, Hit{r.Inputs.Case, r.Office, r.Programme, m.Month, l.Class, l.From, l.To, l.Amount, len(m.Assumed) > 0})
		}
		s.walk(m)
	}
	if len(s.Hits) == hits {
		s.Clean++
	}
	s.count(s.Hits[hits:])
}

// Join adds the survey of other cases.
func (s *Survey) Join(x *Survey) {
	s.Cases, s.Clean, s.Months, s.Under = s.Cases+x.Cases, s.Clean+x.Clean, s.Months+x.Months, s.Under+x.Under
	s.Hits, s.Failed = append(s.Hits, x.Hits...), append(s.Failed, x.Failed...)
	for _, t := range x.Classes {
		i := s.class(t.Class)
		c := &s.Classes[i]
		c.Plus, c.Minus, c.Months, c.Cases = c.Plus+t.Plus, c.Minus+t.Minus, c.Months+t.Months, c.Cases+t.Cases
	}
	for m, w := range x.Walks {
		if s.Walks == nil {
			s.Walks = map[domain.Month]*Walk{}
		}
		if s.Walks[m] == nil {
			s.Walks[m] = &Walk{}
		}
		s.Walks[m].add(w)
	}
}

// class finds the total of a class, and makes its place in chain order.
func (s *Survey) class(c Class) int {
	of := func(t ClassTotal) bool { return t.Class == c }
	if i := slices.IndexFunc(s.Classes, of); i >= 0 {
		return i
	}
	s.Classes = append(s.Classes, ClassTotal{Class: c})
	slices.SortFunc(s.Classes, func(a, b ClassTotal) int {
		return cmp.Compare(slices.Index(Order, a.Class), slices.Index(Order, b.Class))
	})
	return slices.IndexFunc(s.Classes, of)
}

// Between is the survey of the months between two, both included; none: no
// limit. How many cases were replayed and are clean stays as it was.
func (s *Survey) Between(from, to domain.Month) *Survey {
	out := *s
	out.Classes, out.Hits, out.Walks = []ClassTotal{}, []Hit{}, map[domain.Month]*Walk{}
	within := func(m domain.Month) bool { return (from == 0 || m >= from) && (to == 0 || m <= to) }
	for m, w := range s.Walks {
		if within(m) {
			out.Walks[m] = w
		}
	}
	for i := 0; i < len(s.Hits); {
		j := i
		for j < len(s.Hits) && s.Hits[j].Case == s.Hits[i].Case {
			j++
		}
		n := len(out.Hits)
		for _, h := range s.Hits[i:j] {
			if within(h.Month) {
				out.Hits = append(out.Hits, h)
			}
		}
		out.count(out.Hits[n:])
		i = j
	}
	return &out
}

// walk adds a month that is determined from P to B.
func (s *Survey) walk(m Month) {
	p, okP := m.Node("P")
	b, okB := m.Node("B")
	if m.Under || !okP || !okB || !b.Outcome.Determined() || slices.ContainsFunc(m.Links, func(l Link) bool { return l.Amount == nil }) {
		return
	}
	w := &Walk{Paid: p.Taken, Due: b.Taken, Links: map[Class]domain.Fen{}}
	for _, l := range m.Links {
		w.Links[l.Class] += *l.Amount
	}
	if s.Walks == nil {
		s.Walks = map[domain.Month]*Walk{}
	}
	if s.Walks[m.Month] == nil {
		s.Walks[m.Month] = &Walk{}
	}
	s.Walks[m.Month].add(w)
}

// count adds the hits of one case to the classes.
func (s *Survey) count(hits []Hit) {
	seen := map[Class]bool{}
	for _, h := range hits {
		t := &s.Classes[s.class(h.Class)]
		t.Months++
		if !seen[h.Class] {
			t.Cases, seen[h.Class] = t.Cases+1, true
		}
		switch {
		case h.Amount == nil:
		case *h.Amount > 0:
			t.Plus += *h.Amount
		default:
			t.Minus += *h.Amount
		}
	}
}
