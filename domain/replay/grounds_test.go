package replay_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// liableRules are the plain rules with liability rules beside them: what the
// tests want, as a function of the day and the findings.
type liableRules struct {
	plainRules
	judge func(on domain.Day, f domain.Findings) []domain.Ground
	asked *int
	t     testing.TB
	err   error
}

func (r liableRules) Plan(v domain.PackVersion, on domain.Day) (replay.Plan, error) {
	p, err := r.plainRules.Plan(v, on)
	if err != nil {
		return nil, err
	}
	return &liablePlan{p.(*plainPlan), r, on}, nil
}

type liablePlan struct {
	*plainPlan
	rules liableRules
	on    domain.Day
}

func (p *liablePlan) Findings() map[string]domain.Finding {
	return map[string]domain.Finding{"concealed": {Name: "concealed", Kind: domain.BoolValue}}
}

func (p *liablePlan) Liable() string {
	if p.on < day(p.rules.t, "2020-07-01") {
		return "before"
	}
	return "after"
}

func (p *liablePlan) Grounds(f domain.Findings) ([]domain.Ground, error) {
	*p.rules.asked++
	return p.rules.judge(p.on, f), p.rules.err
}

// told is a ground with one condition that reads one finding.
func told(id string, kind domain.GroundKind, name string, f domain.Findings) domain.Ground {
	c := domain.Condition{ID: name, Verdict: domain.Unknown, Missing: []string{name}}
	if e, ok := f[name]; ok {
		c = domain.Condition{ID: name, Verdict: domain.Fails, Events: e.Events}
		if e.Value.True() {
			c.Verdict = domain.Holds
		}
	}
	return domain.Ground{ID: id, Kind: kind, Verdict: c.Verdict, Conditions: []domain.Condition{c}}
}

// liable replays a story with liability rules, and says how often they were
// asked.
func liable(s *story, judge func(domain.Day, domain.Findings) []domain.Ground, found map[string]domain.Findings) (*replay.Report, int) {
	s.t.Helper()
	asked := 0
	in := replay.Input{Case: s.c, Register: s.reg, Rules: liableRules{s.rules, judge, &asked, s.t, nil}, AsOf: day(s.t, "2020-12-31"), Found: found}
	r, err := replay.Run(in)
	if err != nil {
		s.t.Fatal(err)
	}
	return r, asked
}

// written are the grounds that a report keeps, by person and month.
func written(r *replay.Report) []string {
	var out []string
	for _, m := range r.Months {
		for _, a := range m.Actors {
			line := m.Month.String() + " " + a.Actor.Person + " " + a.Role
			if a.GroundsAs != 0 {
				line += " as " + a.GroundsAs.String()
			}
			for _, g := range a.Grounds {
				line += " " + g.ID + " " + string(g.Verdict)
			}
			out = append(out, line)
		}
	}
	return out
}

func TestGroundsAreToldWhereTheyMatter(t *testing.T) {
	judge := func(_ domain.Day, f domain.Findings) []domain.Ground {
		return []domain.Ground{told("G01", domain.Exemption, "hidden_from_checks", f), told("G02", domain.Exemption, "source_unconnected", f),
			told("G21", domain.Exemption, "other_ground", f), told("X02", domain.Exclusion, "x02_confirmed", f)}
	}
	s := newStory(t)
	s.opened(1, 148).decided(378).paid("2020-02", 378).paid("2020-03", 378).paid("2020-04", 378)
	_, asked := liable(s, judge, nil)
	if asked != 0 {
		t.Errorf("a clean case asks the liability rules %d times", asked)
	}
	s.found("2020-09-01", "m1", "interest", 60, "2020-02-10")
	r, asked := liable(s, judge, nil)
	want := []string{
		"2020-02 w1 decision", // clean: the income came later
		"2020-03 w1 decision G01 holds", "2020-03 w1 approval G01 holds",
		"2020-04 w1 decision as 2020-03", "2020-04 w1 approval as 2020-03",
	}
	if d := cmp.Diff(want, written(r)); d != "" {
		t.Error(d)
	}
	if again, _ := r.GroundsFor(r.Months[2].Actors[0]); len(again) != 1 || again[0].ID != "G01" {
		t.Errorf("April does not lead to March: %v", again)
	}
	if nothing, lq := r.GroundsFor(replay.Conduct{GroundsAs: month(t, "2019-01")}); nothing != nil || lq != nil {
		t.Error("a month that is not there has grounds")
	}
	full, err := replay.GroundsOf(replay.Input{Case: s.c, Register: s.reg, Rules: liableRules{s.rules, judge, &asked, s.t, nil}, AsOf: day(t, "2020-12-31")}, r, r.Months[1], r.Months[1].Actors[0])
	if err != nil || len(full) != 4 {
		t.Errorf("in full there are %d grounds, %v", len(full), err)
	}
}

// What people found is part of the inputs, and outranks the ledger.
func TestPeoplesFindings(t *testing.T) {
	judge := func(_ domain.Day, f domain.Findings) []domain.Ground {
		return []domain.Ground{told("G21", domain.Exemption, "other_ground", f), told("M01", domain.Mitigation, "hidden_from_checks", f)}
	}
	s := newStory(t)
	s.opened(1, 148).decided(378).paid("2020-02", 378).found("2020-09-01", "m1", "interest", 60, "2020-01-01")
	without, _ := liable(s, judge, nil)
	yes := domain.Evidence{Value: domain.Bool(true), Person: "r1", Events: []string{"minutes"}}
	no := domain.Evidence{Value: domain.Bool(false), Person: "r1", Events: []string{"minutes"}}
	with, _ := liable(s, judge, map[string]domain.Findings{"w1": {"other_ground": yes}, "": {"hidden_from_checks": no}, "w9": {"other_ground": no}})
	if d := cmp.Diff([]string{"2020-02 w1 decision M01 holds"}, written(without)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"2020-02 w1 decision G21 holds"}, written(with)); d != "" {
		t.Error(d)
	}
	a, _ := domain.Canonical(without.Inputs)
	b, _ := domain.Canonical(with.Inputs)
	if string(a) == string(b) || !strings.Contains(string(b), `"other_ground"`) {
		t.Error("two replays with other findings have the same inputs")
	}
}

// Lq: both regimes are asked on the same findings, and which is lighter comes
// with its reason.
func TestLighterRegime(t *testing.T) {
	regime := day(t, "2020-07-01")
	law := func(g domain.Ground, on domain.Day) domain.Ground {
		g.Statutory = on >= regime
		return g
	}
	suspect := func(f domain.Findings) domain.Ground {
		g := told("X07", domain.Exclusion, "hidden_from_checks", f)
		g.Verdict, g.Suspected = domain.Unknown, true
		return g
	}
	tests := []struct {
		name  string
		judge func(domain.Day, domain.Findings) []domain.Ground
		want  string
	}{
		{"the same", func(_ domain.Day, f domain.Findings) []domain.Ground {
			return []domain.Ground{told("M01", domain.Mitigation, "hidden_from_checks", f)}
		}, ""},
		{"a mitigation that the old rules lack", func(on domain.Day, f domain.Findings) []domain.Ground {
			if on < regime {
				return nil
			}
			return []domain.Ground{told("M08", domain.Mitigation, "hidden_from_checks", f)}
		}, "now: M08 absent→holds now"},
		{"an aggravation that the old rules lack", func(on domain.Day, f domain.Findings) []domain.Ground {
			if on < regime {
				return nil
			}
			return []domain.Ground{told("A01", domain.Aggravation, "hidden_from_checks", f)}
		}, "then: A01 absent→holds then"},
		{"an exclusion that is a statute's now", func(on domain.Day, f domain.Findings) []domain.Ground { return []domain.Ground{law(suspect(f), on)} },
			"then: X07 suspected→suspected then"},
		{"an exemption that is gone, an exclusion too", func(on domain.Day, f domain.Findings) []domain.Ground {
			if on >= regime {
				return nil
			}
			return []domain.Ground{told("G01", domain.Exemption, "hidden_from_checks", f), suspect(f)}
		}, "open: G01 holds→absent then, X07 suspected→absent now"},
		{"lowered only", func(on domain.Day, f domain.Findings) []domain.Ground {
			g := told("G02", domain.Exemption, "hidden_from_checks", f)
			g.Partial = on >= regime
			return []domain.Ground{g}
		}, "then: G02 holds→partial then"},
		{"unknown or failing either way", func(on domain.Day, f domain.Findings) []domain.Ground {
			if on >= regime {
				return []domain.Ground{told("G21", domain.Exemption, "other_ground", f)}
			}
			return []domain.Ground{told("G21", domain.Exemption, "class_pay", f)}
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStory(t)
			s.opened(1, 148).decided(378).paid("2020-02", 378).found("2020-09-01", "m1", "interest", 60, "2020-01-01")
			r, _ := liable(s, test.judge, nil)
			got := ""
			if lq := r.Months[0].Actors[0].Lq; lq != nil {
				var shifts []string
				for _, x := range lq.Shifts {
					shifts = append(shifts, x.Ground+" "+x.Then+"→"+x.Now+" "+x.Favours)
				}
				got = lq.Lighter + ": " + strings.Join(shifts, ", ")
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A ground that says nothing is left out of the report; one that only a
// counter-check defeats is shown.
func TestSilentGrounds(t *testing.T) {
	holds, fails, open := domain.Condition{ID: "a", Verdict: domain.Holds}, domain.Condition{ID: "b", Verdict: domain.Fails}, domain.Condition{ID: "c", Verdict: domain.Unknown}
	all := []domain.Ground{
		{ID: "G01", Kind: domain.Exemption, Verdict: domain.Fails, Conditions: []domain.Condition{holds}, Counters: []domain.Condition{holds}},
		{ID: "G02", Kind: domain.Exemption, Verdict: domain.Fails, Conditions: []domain.Condition{holds, fails}},
		{ID: "G03", Kind: domain.Exemption, Verdict: domain.Unknown, Conditions: []domain.Condition{holds, open}},
		{ID: "G04", Kind: domain.Exemption, Verdict: domain.Unknown, Conditions: []domain.Condition{open, holds}},
		{ID: "M01", Kind: domain.Mitigation, Verdict: domain.Unknown, Conditions: []domain.Condition{holds, open}},
		{ID: "X01", Kind: domain.Exclusion, Verdict: domain.Unknown, Conditions: []domain.Condition{open}},
		{ID: "X02", Kind: domain.Exclusion, Verdict: domain.Unknown, Suspected: true, Conditions: []domain.Condition{holds, open}},
		{ID: "X03", Kind: domain.Exclusion, Verdict: domain.Holds, Conditions: []domain.Condition{holds}},
	}
	s := newStory(t)
	s.opened(1, 148).decided(378).paid("2020-02", 378).found("2020-09-01", "m1", "interest", 60, "2020-01-01")
	r, _ := liable(s, func(domain.Day, domain.Findings) []domain.Ground { return slices.Clone(all) }, nil)
	if d := cmp.Diff("2020-02 w1 decision G01 fails G03 unknown X02 unknown X03 holds", written(r)[0]); d != "" {
		t.Error(d)
	}
}

func TestFaultyLiabilityRules(t *testing.T) {
	s := newStory(t)
	s.opened(1, 148).decided(378).paid("2020-02", 378).found("2020-09-01", "m1", "interest", 60, "2020-01-01")
	asked, fault := 0, errors.New("no such overload")
	rules := liableRules{s.rules, func(domain.Day, domain.Findings) []domain.Ground { return nil }, &asked, t, fault}
	r, err := replay.Run(replay.Input{Case: s.c, Register: s.reg, Rules: rules, AsOf: day(t, "2020-12-31")})
	if r != nil || !errors.Is(err, fault) {
		t.Errorf("got %v, %v", r, err)
	}
}

// Who is named by a signal and neither proposed nor decided has a part of his
// own, of which the replay knows nothing.
func TestSignalledPersonHasAPart(t *testing.T) {
	s := newStory(t)
	s.opened(1, 148)
	s.add(&eligibility.KinshipFiled{On: s.on("2020-01-10"), Member: "m1", Official: "w2", Relation: "child", Found: true})
	s.actor = domain.Actor{Person: "b1", Office: "o", Post: "approval"}
	s.decided(378).paid("2020-02", 378)
	r, _ := liable(s, func(_ domain.Day, f domain.Findings) []domain.Ground {
		return []domain.Ground{told("X03", domain.Exclusion, "kin_unfiled_handled", f)}
	}, nil)
	want := []string{"2020-02 b1 decision", "2020-02 w2 signal X03 holds"}
	if d := cmp.Diff(want, written(r)); d != "" {
		t.Error(d)
	}
	if v := r.Months[0].Actors[1].Verdict; v != replay.ConductUndetermined {
		t.Errorf("the verdict on w2 is %s", v)
	}
}
