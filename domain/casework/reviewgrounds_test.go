package casework

import (
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// grounded are the real packs, with liability rules that a test gives. They are
// in force from a day on, so that then and now may differ.
type grounded struct {
	packs
	from   domain.Day
	grades string // what holds: "G01", "X03", "M01", parted by spaces
}

func (g grounded) Plan(v domain.PackVersion, on domain.Day) (replay.Plan, error) {
	p, err := g.packs.Plan(v, on)
	if err != nil || on < g.from {
		return p, err
	}
	return liablePlan{p, g.grades}, nil
}

// liablePlan is a plan with liability rules. It stays comparable, as plans are.
type liablePlan struct {
	replay.Plan
	holds string
}

func (p liablePlan) Grounds(f domain.Findings) ([]domain.Ground, error) {
	verdict := func(id string) domain.Verdict {
		if p.holds == id {
			return domain.Holds
		}
		return domain.Fails
	}
	found := domain.Fails
	if v, ok := f["private_gain"]; ok && v.Person != "" && !v.Value.True() {
		found = domain.Holds
	}
	return []domain.Ground{
		{ID: "G01", Kind: domain.Exemption, Verdict: verdict("G01"), Title: domain.Text{ZH: "申请人隐瞒", EN: "concealed"}},
		{ID: "M01", Kind: domain.Mitigation, Verdict: verdict("M01")},
		{ID: "M02", Kind: domain.Mitigation, Verdict: found},
		{ID: "X03", Kind: domain.Exclusion, Suspected: p.holds == "X03", Verdict: domain.Unknown},
	}, nil
}

// slipped is a bench on which the worker also made an error of his own: he
// adjusted the amount for March to what no rule gives.
func slipped(t *testing.T) *bench {
	b := newBench(t)
	b.to = feb + 1
	b.record("F2", &eligibility.AmountAdjusted{On: on(domain.Date(2020, 2, 25)), Amount: 50000, From: feb + 1})
	b.record("F2", &eligibility.BenefitPaid{On: on(domain.Date(2020, 3, 1)), Month: feb + 1, Amount: 50000})
	return b
}

// TestLiabilityRulesMakeTheSuggestion: the pack's rules are evaluated on the
// replay's findings and on those of the investigators, on the day of the act
// and today, and the lighter result is taken.
func TestLiabilityRulesMakeTheSuggestion(t *testing.T) {
	for _, tt := range []struct {
		name, holds string
		from        domain.Day
		want        review.Outcome
		proved      int
		suspected   int
	}{
		{"a ground is proved", "G01", 0, review.Exempt, 1, 0},
		{"only by the rules of today, which are lighter", "G01", domain.Date(2020, 3, 1), review.Exempt, 1, 0},
		{"a mitigation", "M01", 0, review.Lighter, 0, 0},
		{"what investigators found reaches the rules", "", 0, review.Lighter, 0, 0},
		{"an exclusion is suspected", "X03", 0, review.Lighter, 0, 1},
	} {
		b := slipped(t)
		b.Rules = grounded{b.Rules.(packs), tt.from, tt.holds}
		b.verified()
		list, err := b.v.Suggest(t.Context(), r1, "R1")
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %+v, %v", tt.name, list, err)
		}
		s := list[0]
		if s.Verdict == replay.ConductDiligent || s.Verdict == replay.ConductRight {
			t.Fatalf("%s: the story needs an error of the worker's own, it is %s", tt.name, s.Verdict)
		}
		if s.Outcome != tt.want || len(s.Proved) != tt.proved || len(s.Suspected) != tt.suspected || s.Pack == "" {
			t.Errorf("%s: %s, proved %v, suspected %v", tt.name, s.Outcome, s.Proved, s.Suspected)
		}
		if tt.from > 0 && s.Under != b.today() {
			t.Errorf("%s: under the rules of %s", tt.name, s.Under)
		}
	}
}

// TestExemptOnAProvedGround takes it to the determination: exempt without any
// departure, and not once a named reviewer has confirmed an exclusion.
func TestExemptOnAProvedGround(t *testing.T) {
	for _, confirmed := range []bool{false, true} {
		b := slipped(t)
		b.Rules = grounded{b.Rules.(packs), 0, "G01"}
		b.consulted()
		if confirmed {
			b.step(r2, &review.ExclusionJudged{Person: "w1", Matter: "m1", Exclusion: "X03", Confirmed: true, Evidence: []string{"p7"}, Reason: said("kin")})
		}
		e := b.determined()
		e.Findings[0].Outcome, e.Findings[0].Grounds, e.Findings[0].Departs = review.Exempt, []string{"G01"}, nil
		if !confirmed {
			b.step(r1, e)
			if n := b.review().Departures(); n != 0 {
				t.Errorf("%d departures", n)
			}
			continue
		}
		b.refuses(r1, e, review.GuardAdvice.ID)
		for _, g := range []review.Guard{review.GuardAdvice, review.GuardConfirmed} {
			e.Findings[0].Departs = append(e.Findings[0].Departs, review.Departure{Guard: g.ID, Reason: said("the collective's reasons")})
		}
		b.step(r1, e)
		if n := b.review().Departures(); n != 2 {
			t.Errorf("%d departures", n)
		}
	}
}

// TestFindingsGoIntoTheReplay: what investigators verified is an input of the
// replay that is made after it, so that the replay weighs the grounds with it.
func TestFindingsGoIntoTheReplay(t *testing.T) {
	b := slipped(t)
	b.verified()
	b.step(r1, &review.FactVerified{Person: "w1", Matter: "m1", Name: "private_gain", Value: domain.Bool(false), Evidence: []string{"p7"}, Investigators: []string{"r1", "r2"}, Words: said("none")})
	if _, err := b.v.Replay(t.Context(), ReviewRequest{As: r1}, "R1", "m1"); err != nil {
		t.Fatal(err)
	}
	x, ok := b.review().Replay("m1")
	if !ok {
		t.Fatal("no replay")
	}
	report, err := b.v.report(t.Context(), x.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if found := report.Inputs.Found["w1"]["private_gain"]; found.Value != domain.Bool(false) || found.Person == "" {
		t.Errorf("the replay was given %+v", report.Inputs.Found)
	}
}
