package replay_test

import (
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// counted counts how often rules are asked about a household.
type counted struct {
	plainRules
	asked *int
}

func (r counted) Plan(v domain.PackVersion, on domain.Day) (replay.Plan, error) {
	p, err := r.plainRules.Plan(v, on)
	if err != nil {
		return nil, err
	}
	return countedPlan{p.(*plainPlan), r.asked}, nil
}

type countedPlan struct {
	*plainPlan
	asked *int
}

func (p countedPlan) Evaluate(f domain.Facts) (domain.Outcome, error) {
	*p.asked++
	return p.plainPlan.Evaluate(f)
}

// TestNoMonthNoRoster: a household of which no month is on record was on no
// roster. What it would get today is asked for today, not for every month since
// the beginning of time.
func TestNoMonthNoRoster(t *testing.T) {
	s := newStory(t)
	s.add(&eligibility.CaseOpened{On: s.on("2020-01-02"), Programme: eligibility.Dibao, Pack: "p", Office: "o", Applicant: "m1",
		Members: []eligibility.Person{{ID: "m1", Relation: "self"}}})
	asked := 0
	r, err := replay.Run(replay.Input{Case: s.c, Register: s.reg, Rules: counted{s.rules, &asked}, AsOf: day(t, "2020-12-31")})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Months) != 0 || asked != 1 {
		t.Errorf("%d months, rules asked %d times, want none and once", len(r.Months), asked)
	}
}
