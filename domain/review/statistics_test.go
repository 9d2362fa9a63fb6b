package review

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
)

func reviewed(id, person, office string, outcome Outcome, grounds ...string) *Review {
	r := &Review{ID: id, Parties: []Party{{Person: person, Office: office}}}
	for _, g := range grounds {
		r.Citations = append(r.Citations, Citation{Person: person, Ground: g})
	}
	r.Determination = &Decision{At: At{Day: day("2021-02-26")}, Findings: []Result{{Person: person, Matter: "m1", Outcome: outcome}}}
	return r
}

func TestStatistics(t *testing.T) {
	one := reviewed("r1", "w1", "town", Exempt, "G01", "G02")
	one.Determination.Findings[0].Grounds = []string{"G01"}
	one.Determination.Findings[0].Departs = []Departure{{Guard: "advice"}}
	one.Recusals = []Recusal{{Decided: true, Granted: true}, {Decided: true}, {}}
	one.Corrections = []Correction{{Order: CorrectionOrdered{ID: "k1", Measure: C5Resurvey, Office: "town"}, Due: day("2021-03-01")}, {Order: CorrectionOrdered{ID: "k2", Measure: C7Retrain, Office: "town"}, Due: day("2021-03-20")}}
	two := reviewed("r2", "w1", "town", NotExempt)
	three := reviewed("r3", "w2", "town", Diligent, "G01")
	four := reviewed("r4", "w9", "bureau", Lighter)
	s := StatisticsOf([]*Review{one, two, three, four, {ID: "r5"}}, day("2021-03-11"))
	if d := cmp.Diff([]OfficeUse{{Office: "bureau", Parts: 1, Lighter: 1}, {Office: "town", Parts: 3, Exempt: 1, Not: 1, Right: 1, Repeat: 1}}, s.Offices); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]GroundCount{{"town", "G01", 2, 1}, {"town", "G02", 1, 0}}, s.Grounds); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Undone{{"r1", "k1", C5Resurvey, "town", day("2021-03-01"), 10}}, s.Overdue); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Recusals{3, 1, 1, 1}, s.Recused); d != "" {
		t.Error(d)
	}
	if len(s.Departed) != 1 || s.Departed[0] != (Departed{"r1", "advice", day("2021-02-26")}) || s.Reviews != 5 {
		t.Errorf("%+v", s)
	}
	if empty := StatisticsOf(nil, domain.Day(1)); empty.Offices == nil || empty.Overdue == nil {
		t.Error("an empty list is absent")
	}
}
