package replay

import (
	"testing"

	"leeway/domain"
)

func surveyed(id string, months ...Month) *Report {
	return &Report{Inputs: Inputs{Case: id}, Office: "town", Programme: "dibao", Months: months}
}

func surveyMonth(m int, paid, due domain.Fen, links ...Link) Month {
	return Month{Month: domain.Month(m), Links: links, Nodes: []Node{{Name: "P", Outcome: domain.Exactly(paid), Taken: paid}, {Name: "B", Outcome: domain.Exactly(due), Taken: due}}}
}

func link(c Class, fen domain.Fen) Link { return Link{Class: c, From: "D", To: "A", Amount: &fen} }

// TestSurveyKeepsDirectionsApart: plus and minus never cancel, and what was
// paid less every link is what was due.
func TestSurveyKeepsDirectionsApart(t *testing.T) {
	var s Survey
	s.Add(surveyed("a", surveyMonth(1, 870, 198, link(EWork, 492), link(EAppl, 180)), surveyMonth(2, 378, 378)))
	s.Add(surveyed("b", surveyMonth(1, 198, 378, link(EWork, -180))))
	s.Add(surveyed("c", surveyMonth(1, 378, 378)))
	open := surveyMonth(1, 378, 0, Link{Class: Unsplit, From: "D", To: "B"})
	open.Under = true
	s.Add(surveyed("d", open))
	if s.Cases != 4 || s.Clean != 1 || s.Months != 5 || s.Under != 1 || len(s.Hits) != 4 {
		t.Errorf("%+v", s)
	}
	want := []ClassTotal{{EWork, 492, -180, 2, 2}, {EAppl, 180, 0, 1, 1}, {Unsplit, 0, 0, 1, 1}}
	if len(s.Classes) != len(want) {
		t.Fatalf("classes %+v", s.Classes)
	}
	for i, c := range want {
		if s.Classes[i] != c {
			t.Errorf("class %d is %+v, want %+v", i, s.Classes[i], c)
		}
	}
	w := s.Walk()
	sum := w.Paid
	for _, fen := range w.Links {
		sum -= fen
	}
	if sum != w.Due || w.Paid != 870+378+198+378 {
		t.Errorf("paid %d less its links is %d, due %d", w.Paid, sum, w.Due)
	}
	feb := s.Between(2, 2)
	if w := feb.Walk(); len(feb.Hits) != 0 || len(feb.Classes) != 0 || w.Paid != 378 || feb.Cases != 4 {
		t.Errorf("of the second month: %+v", feb)
	}
	if jan := s.Between(0, 1); len(jan.Hits) != 4 || jan.Classes[0] != want[0] {
		t.Errorf("until the first month: %+v", jan.Classes)
	}
}
