package review

import (
	"testing"

	"leeway/domain"
	"leeway/domain/replay"
)

func ground(id string, kind domain.GroundKind, v domain.Verdict, change func(*domain.Ground)) domain.Ground {
	g := domain.Ground{ID: id, Kind: kind, Verdict: v}
	if v == domain.Unknown {
		g.Conditions = []domain.Condition{{Verdict: v, Missing: []string{id + "_fact"}}}
	}
	if change != nil {
		change(&g)
	}
	return g
}

func plain(id string, kind domain.GroundKind, v domain.Verdict) domain.Ground {
	return ground(id, kind, v, nil)
}

// TestSuggestion holds how conduct, grounds and exclusions lead to a
// suggestion: exclusions close exemption only, unknown leaves it open.
func TestSuggestion(t *testing.T) {
	g01, x03 := plain("G01", domain.Exemption, domain.Holds), plain("X03", domain.Exclusion, domain.Holds)
	suspected := ground("X03", domain.Exclusion, domain.Unknown, func(g *domain.Ground) { g.Suspected = true; g.Conditions = nil })
	partly := ground("G14", domain.Exemption, domain.Holds, func(g *domain.Ground) { g.Partial = true })
	m1 := plain("M01", domain.Mitigation, domain.Holds)
	no, unknown := plain("G02", domain.Exemption, domain.Fails), plain("G02", domain.Exemption, domain.Unknown)
	for _, tt := range []struct {
		name, verdict string
		grounds       []domain.Ground
		judged        []Judgement
		want          Outcome
	}{
		{"right", replay.ConductRight, nil, nil, NoError},
		{"right, whatever is suspected or confirmed", replay.ConductRight, []domain.Ground{x03}, judged(true), NoError},
		{"diligent", replay.ConductDiligent, []domain.Ground{g01}, nil, Diligent},
		{"undetermined", replay.ConductUndetermined, []domain.Ground{x03}, nil, Open},
		{"a ground proved", replay.ConductWork, []domain.Ground{g01, no}, nil, Exempt},
		{"an exclusion suspected does not close it", replay.ConductWork, []domain.Ground{g01, suspected}, nil, Exempt},
		{"an exclusion that holds was found by named investigators", replay.ConductWork, []domain.Ground{g01, x03}, nil, Lighter},
		{"an aggravation alone changes nothing here", replay.ConductWork, []domain.Ground{g01, plain("A01", domain.Aggravation, domain.Holds)}, nil, Exempt},
		{"an exclusion confirmed closes exemption, not lighter treatment", replay.ConductWork, []domain.Ground{g01, x03}, judged(true), Lighter},
		{"an exclusion rejected", replay.ConductWork, []domain.Ground{g01, x03}, judged(false), Exempt},
		{"partly proved", replay.ConductDuty, []domain.Ground{partly}, nil, Lighter},
		{"mitigation", replay.ConductProcedure, []domain.Ground{m1}, nil, Lighter},
		{"mitigation beside a confirmed exclusion", replay.ConductWork, []domain.Ground{m1}, judged(true), Lighter},
		{"nothing", replay.ConductWork, []domain.Ground{no}, nil, NotExempt},
		{"an exclusion that is unknown leaves nothing open", replay.ConductWork, []domain.Ground{no, plain("X03", domain.Exclusion, domain.Unknown)}, nil, NotExempt},
		{"unknown leaves it open", replay.ConductWork, []domain.Ground{unknown}, nil, Open},
		{"confirmed by reviewers though no rule suspected it", replay.ConductWork, []domain.Ground{unknown}, judged(true), NotExempt},
	} {
		r := &Review{Judged: tt.judged}
		month := replay.Month{Actors: []replay.Conduct{{Actor: domain.Actor{Person: "w1"}, Verdict: tt.verdict}, {Actor: domain.Actor{Person: "w2"}, Verdict: replay.ConductWork}}}
		s := r.Suggest(Assessment{Pair: Pair{"w1", "m1"}, Matter: Matter{Day: day("2020-02-01")}, Replay: "tr1", Months: []replay.Month{month}, Grounds: tt.grounds})
		if s.Outcome != tt.want || s.Verdict != tt.verdict || !s.ActedBefore || s.Replay != "tr1" {
			t.Errorf("%s: %+v, want %s", tt.name, s, tt.want)
		}
	}
}

func judged(confirmed bool) []Judgement {
	return []Judgement{{Pair: Pair{"w1", "m1"}, Exclusion: "X03", Confirmed: confirmed}, {Pair: Pair{"w2", "m1"}, Exclusion: "X01", Confirmed: true}}
}

// TestSuggestionReadsTheReplay: the worst verdict over the months, money, the
// regimes, and whether today's rules would still call it wrong.
func TestSuggestionReadsTheReplay(t *testing.T) {
	month := func(verdict string, l domain.Fen, over domain.Fen) replay.Month {
		return replay.Month{
			Nodes:    []replay.Node{{Name: "D", Taken: 37800}, {Name: "L", Outcome: domain.Exactly(l)}},
			Actors:   []replay.Conduct{{Actor: domain.Actor{Person: "w1"}, Verdict: verdict}},
			Overpaid: over, Regimes: []replay.Regime{{ID: "old"}, {ID: "new"}},
		}
	}
	r := upTo(t, "ordered").Review
	suggest := func(months ...replay.Month) Suggestion {
		return r.Suggest(Assessment{Pair: Pair{"w1", "m1"}, Matter: Matter{ID: "m1", Day: day("2020-07-01")}, Months: months})
	}
	s := suggest(month(replay.ConductRight, 37800, 0), month(replay.ConductWork, 37800, 100))
	if s.Verdict != replay.ConductWork || !s.LawfulToday || s.Outcome != Lighter || !s.Money || !s.Corrected || len(s.Regimes) != 2 || s.ActedBefore {
		t.Errorf("%+v", s)
	}
	if s = suggest(month(replay.ConductWork, 1, 0)); s.LawfulToday || s.Outcome != NotExempt || s.Money {
		t.Errorf("%+v", s)
	}
	if s = suggest(); s.Outcome != Open || s.LawfulToday {
		t.Errorf("without a month: %+v", s)
	}
}

func TestOutcomesAreOrdered(t *testing.T) {
	for i, o := range Outcomes {
		for j, p := range Outcomes {
			if want := i > j && j+i != 1; o.Heavier(p) != want {
				t.Errorf("%s heavier than %s: %v", o, p, o.Heavier(p))
			}
		}
		if o.Title().ZH == "" || o.Title().EN == "" {
			t.Errorf("%s has no words", o)
		}
	}
}

// TestLighterOf is 从旧兼从轻 on two suggestions.
func TestLighterOf(t *testing.T) {
	for _, tt := range []struct{ then, now, want Outcome }{
		{NotExempt, Lighter, Lighter}, {Lighter, NotExempt, Lighter}, {Exempt, Exempt, Exempt}, {Open, NotExempt, Open},
		{Open, Exempt, Exempt}, {NotExempt, Open, NotExempt}, {Open, Open, Open},
	} {
		if got := LighterOf(Suggestion{Outcome: tt.then}, Suggestion{Outcome: tt.now}).Outcome; got != tt.want {
			t.Errorf("%s then, %s now: %s", tt.then, tt.now, got)
		}
	}
}
