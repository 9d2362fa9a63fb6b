package replay_test

import (
	"bytes"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// TestRejectedFactsLeaveDueDiligence holds that K° is a finding: what the
// reviewers do not confirm moves the money from the worker's duty to the next
// cause, and both replays stay distinguishable by their inputs.
func TestRejectedFactsLeaveDueDiligence(t *testing.T) {
	s := newStory(t)
	s.opened(1, 148).decided(378).paid("2020-02", 378)
	s.now = day(t, "2020-06-01")
	s.add(&eligibility.NeighbourInquired{On: s.on("2020-01-07"), Statements: []domain.Statement{
		{Subject: "m1", Attribute: "income", Value: domain.Money(20800)},
	}})
	in := replay.Input{Case: s.c, Register: s.reg, Rules: s.rules, AsOf: day(t, "2020-12-31")}
	proposed, err := replay.Run(in)
	if err != nil {
		t.Fatal(err)
	}
	shown := proposed.Months[0].Shown
	if len(shown) != 1 || proposed.Months[0].Class != replay.EDuty {
		t.Fatalf("proposed %+v, class %s", shown, proposed.Months[0].Class)
	}
	ref := shown[0].Fact.Ref()
	if ref.String() != "m1.income@"+shown[0].Fact.Event {
		t.Errorf("the fact is named %s", ref)
	}
	run := func(refs ...replay.FactRef) *replay.Report {
		in.Rejected = refs
		r, err := replay.Run(in)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	without := run(ref)
	if got, want := chain(without.Months[0]), "P=378 D=378 A=378 Af=378 Ao=378 B=318 E-APPL +60 → E-APPL"; got != want {
		t.Errorf("with the fact rejected: %s, want %s", got, want)
	}
	if len(without.Months[0].Shown) != 0 || len(without.Inputs.Rejected) != 1 {
		t.Errorf("the replay names %v as shown, %v as rejected", without.Months[0].Shown, without.Inputs.Rejected)
	}
	other := replay.FactRef{Event: "e0", Subject: "m1", Attribute: "income", Item: "wages"}
	if got := chain(run(other).Months[0]); got != chain(proposed.Months[0]) {
		t.Errorf("rejecting another fact changes the chain: %s", got)
	}
	if other.String() != "m1.income[wages]@e0" {
		t.Errorf("a fact with an item is named %s", other)
	}
	a, _ := domain.Canonical(run(ref, other).Inputs)
	b, _ := domain.Canonical(run(other, ref, ref).Inputs)
	if !bytes.Equal(a, b) {
		t.Error("the order of the rejected facts changes the inputs")
	}
}
