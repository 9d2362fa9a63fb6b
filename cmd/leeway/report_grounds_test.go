package main

import (
	"bytes"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/replay"
)

// groundSheet is a sheet of one part with these grounds.
func groundSheet(lang string, lq *replay.Lq, grounds ...domain.Ground) (*sheet, *bytes.Buffer) {
	out := new(bytes.Buffer)
	s := &session{lang: lang}
	s.out = out
	a := replay.Conduct{Actor: domain.Actor{Person: "w1"}, Role: "decision", Grounds: grounds, Lq: lq}
	later := replay.Conduct{Actor: a.Actor, Role: a.Role, GroundsAs: domain.Date(2020, 2, 1).Month()}
	r := &replay.Report{Months: []replay.Month{
		{Month: domain.Date(2020, 2, 1).Month(), Actors: []replay.Conduct{a}},
		{Month: domain.Date(2020, 3, 1).Month(), Actors: []replay.Conduct{later}},
	}}
	findings := map[string]domain.Finding{"query_sent": {Title: domain.Text{ZH: "已请示", EN: "Query sent"}}}
	return &sheet{session: s, r: r, findings: findings}, out
}

var (
	met  = domain.Condition{ID: "a", Text: domain.Text{ZH: "甲", EN: "A met"}, Verdict: domain.Holds, Events: []string{"e1", "e2"}, Persons: []string{"r1"}}
	open = domain.Condition{ID: "b", Text: domain.Text{ZH: "乙", EN: "B open"}, Verdict: domain.Unknown, Missing: []string{"query_sent", "std.x"}}
)

func TestGroundsOnScreen(t *testing.T) {
	failed := met
	failed.Verdict, failed.Lowers = domain.Holds, true
	tests := []struct {
		name   string
		lang   string
		ground domain.Ground
		want   []string
	}{
		{"proved", "en", domain.Ground{ID: "G01", Kind: domain.Exemption, Verdict: domain.Holds, Title: domain.Text{EN: "Concealed"}, Conditions: []domain.Condition{met}},
			[]string{"no articles of the measure", "G01", "proved", "2020-02 to 2020-03", "✓ A met (shown by 2 events) (found by r1)"}},
		{"open", "en", domain.Ground{ID: "G06", Kind: domain.Exemption, Verdict: domain.Unknown, Conditions: []domain.Condition{met, open}},
			[]string{"open", `? B open, missing "Query sent", std.x`}},
		{"lowered", "en", domain.Ground{ID: "G02", Kind: domain.Exemption, Verdict: domain.Holds, Partial: true, Conditions: []domain.Condition{met}, Counters: []domain.Condition{failed}},
			[]string{"mitigates only", "– lowers to mitigation: A met"}},
		{"defeated", "zh", domain.Ground{ID: "G01", Kind: domain.Exemption, Verdict: domain.Fails, Conditions: []domain.Condition{met}, Counters: []domain.Condition{met}},
			[]string{"参考情形（非《实施办法》条文）", "被反证", "✗ 反证成立：甲"}},
		{"suspected", "zh", domain.Ground{ID: "X03", Kind: domain.Exclusion, Verdict: domain.Unknown, Suspected: true, Conditions: []domain.Condition{met}}, []string{"不予容错", "疑似"}},
		{"confirmed", "zh", domain.Ground{ID: "X03", Kind: domain.Exclusion, Verdict: domain.Holds, Conditions: []domain.Condition{met}}, []string{"已认定"}},
		{"an article of the office", "zh", domain.Ground{ID: "G01", Kind: domain.Exemption, Verdict: domain.Holds, LocalArticle: "第八条", Conditions: []domain.Condition{met}},
			[]string{"所列条款由本单位填写", "［第八条］"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sh, out := groundSheet(test.lang, nil, test.ground)
			sh.printGrounds(true)
			for _, w := range test.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("no %q in\n%s", w, out)
				}
			}
			if test.ground.LocalArticle == "" && (strings.Contains(out.String(), "第") || strings.Contains(out.String(), "［")) {
				t.Errorf("an article was made up:\n%s", out)
			}
		})
	}
}

// The brief sheet leaves out what only weighs, and is silent where nothing else
// is there.
func TestBriefGrounds(t *testing.T) {
	m := domain.Ground{ID: "M15", Kind: domain.Mitigation, Verdict: domain.Holds, Conditions: []domain.Condition{met}}
	sh, out := groundSheet("en", nil, m)
	sh.printGrounds(false)
	if out.Len() != 0 {
		t.Errorf("printed\n%s", out)
	}
	sh, out = groundSheet("en", nil, m, domain.Ground{ID: "G09", Kind: domain.Exemption, Verdict: domain.Holds, Conditions: []domain.Condition{met}})
	sh.printGrounds(false)
	if s := out.String(); strings.Contains(s, "M15") || !strings.Contains(s, "G09") || strings.Contains(s, "A met") {
		t.Errorf("printed\n%s", s)
	}
}

// Which regime is lighter is said with the reason, once.
func TestLighterOnScreen(t *testing.T) {
	g := domain.Ground{ID: "X07", Kind: domain.Exclusion, Suspected: true, Conditions: []domain.Condition{met}}
	lq := &replay.Lq{Lighter: replay.LighterThen, Shifts: []replay.Shift{{Ground: "X07", Then: "suspected", Now: "suspected", NowLaw: true, Favours: replay.LighterThen}}}
	sh, out := groundSheet("zh", lq, g)
	sh.printGrounds(false)
	want := "从旧兼从轻（w1）：适用当时规定，因为 X07 当时疑似、现在疑似（法定）（旧轻）。"
	if n := strings.Count(out.String(), want); n != 1 {
		t.Errorf("%d times %q in\n%s", n, want, out)
	}
	for _, lighter := range []string{replay.LighterNow, replay.LighterOpen} {
		sh, out := groundSheet("en", &replay.Lq{Lighter: lighter, Shifts: lq.Shifts}, g)
		sh.printGrounds(false)
		if !strings.Contains(out.String(), "Old unless the new is lighter (w1)") {
			t.Errorf("%s: printed\n%s", lighter, out)
		}
	}
}
