package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"

	"leeway/domain"
	"leeway/domain/replay"
)

// concealed is fixture F2 over three months, with a procedure step missed, an
// undetermined fourth month and a fifth in which too little was paid.
func concealed() *replay.Report {
	fen := func(yuan int64) domain.Fen { return domain.Fen(yuan * 100) }
	node := func(name string, yuan int64) replay.Node {
		return replay.Node{Name: name, Outcome: domain.Exactly(fen(yuan)), Taken: fen(yuan)}
	}
	wages := replay.Fact{Subject: "m2", Attribute: "income", Item: "wages", Value: domain.Money(fen(180)), From: domain.Date(2020, 1, 1), Source: domain.Discovery, HeldBy: "bank", Event: "e1"}
	first, _ := domain.ParseMonth("2020-02")
	r := &replay.Report{
		Inputs:    replay.Inputs{Format: replay.Format, Case: "F2", AsOf: domain.Date(2020, 12, 31), RulesNow: domain.PackVersion{Pack: "qianjiang", Version: "2020.1", Digest: strings.Repeat("ab", 32)}},
		Programme: "dibao", Office: "township-1", Reading: "next_month",
		Primary: replay.EAppl, Secondary: []replay.Class{replay.Unsplit},
		Money: replay.Money{Paid: fen(1890), Due: fen(972), Overpaid: fen(540), Underpaid: 0, Recovered: fen(100), OpenOver: fen(440), Incomplete: true},
		Today: replay.Node{Name: "C", Outcome: domain.Outcome{Missing: []string{"household.kind"}}},
	}
	for i := range domain.Month(3) {
		amount := fen(180)
		r.Months = append(r.Months, replay.Month{
			Month: first + i, By: replay.ByApproval, On: (first + i).First() + 4, Class: replay.EAppl, Overpaid: fen(180),
			Nodes:     []replay.Node{node("P", 378), node("D", 378), node("A", 378), node("Af", 378), node("Ao", 378), node("APPL", 198), node("T", 198), node("B", 198)},
			Links:     []replay.Link{{Class: replay.EAppl, From: "Ao", To: "APPL", Amount: &amount, Decisive: &replay.Decisive{Kind: replay.HadBeenKnown, Facts: []replay.Fact{wages}, Result: domain.Exactly(fen(198))}}},
			Procedure: []replay.StepCheck{{Step: "notice", Title: domain.Text{ZH: "公示", EN: "public notice"}, State: replay.StepMissing, Due: domain.Date(2020, 1, 20), Person: "w1", Right: true}},
			Overlays:  []replay.Overlay{{Kind: replay.OverlayProc}, {Kind: replay.OverlayConceal, Facts: []replay.Fact{wages}}},
			Actors:    []replay.Conduct{{Actor: domain.Actor{Person: "w1", Office: "township-1", Post: "worker"}, Role: "decision", Proposed: fen(378), Right: domain.Exactly(fen(378)), Verdict: replay.ConductDiligent}},
			Assumed:   []string{"std.dibao_rural"},
		})
	}
	r.Months = append(r.Months, replay.Month{
		Month: first + 3, By: replay.ByDecision, On: domain.Date(2020, 4, 20), Class: replay.Unsplit, Under: true, Missing: []string{"m2.deposits", "knowledge time unproven: m2.income"},
		Nodes: []replay.Node{node("P", 378), {Name: "D", None: true}, {Name: "A"}, {Name: "Af"}, {Name: "Ao"}, {Name: "T"}, {Name: "B", Outcome: domain.Outcome{}}},
	})
	minus, lo, hi := -fen(240), -fen(240), fen(0)
	r.Months = append(r.Months, replay.Month{
		Month: first + 4, By: replay.ByRefusal, On: domain.Date(2020, 5, 20), Class: replay.EInfo, Underpaid: fen(138),
		Nodes: []replay.Node{node("P", 0), node("D", 0), node("A", 0), node("Af", 0), node("Ao", 0), node("B", 378),
			{Name: "INFO", Outcome: domain.Outcome{Lawful: []domain.Range{{Lo: fen(138), Hi: fen(138)}, {Lo: fen(240), Hi: fen(378)}}}, Taken: fen(240)}},
		Links: []replay.Link{{Class: replay.EInfo, From: "Ao", To: "INFO", Amount: &minus, Least: &lo, Most: &hi}},
	})
	r.Totals = []replay.Total{{Class: replay.EAppl, Plus: fen(540), Months: 3}, {Class: replay.EInfo, Minus: -fen(240), Months: 1}}
	return r
}

func render(lang string, r *replay.Report) string {
	var out bytes.Buffer
	titles := map[string]domain.Attribute{"income": {Title: domain.Text{ZH: "月收入", EN: "monthly income"}}}
	sh := &sheet{session: &session{call: call{out: &out}, lang: lang}, r: r, attributes: titles, steps: map[string]domain.Text{}, digest: strings.Repeat("cd", 32), engine: "cel-go v0.31.0"}
	sh.print()
	return out.String()
}

func TestSheetSaysItInBothLanguages(t *testing.T) {
	for lang, want := range map[string][]string{
		"zh": {
			"还原复算 个案 F2", "最低生活保障",
			"2020-02 至 2020-04 *    378     378        378        378       378       198  E-APPL",
			"2020-05                 378  无决定     不确定     不确定    不确定    不确定  UNSPLIT",
			"归因金额每月 +180 元，3 个月共 +540 元；责任方：申请人",
			"若当时已知：m2 的月收入[wages]为 180 元（2020-01-01 起、事后查实、bank 持有），结果应为 198 元。",
			"尽职无过错", "错保（多发）", "漏保（少发）", "知悉时间未证明", "不得当作已有依据：std.dibao_rural",
			"公示：未做，期限 2020-01-20，岗位人员 w1，影响申请人权利",
		},
		"en": {
			"Replay of case F2", "2020-02 to 2020-04 *", "attributed +180 yuan a month, over 3 months +540",
			"Had this been known – m2: monthly income[wages] is 180 yuan", "diligent, no fault", "never netted", "wrongly excluded",
		},
	} {
		got := render(lang, concealed())
		for _, part := range want {
			if !strings.Contains(unwrapped(got), unwrapped(part)) {
				t.Errorf("the %s sheet lacks %q", lang, part)
			}
		}
		for line := range strings.Lines(got) {
			if n := text.StringWidth(strings.TrimRight(line, "\n")); n > maxWidth {
				t.Errorf("%s: a line takes %d cells: %s", lang, n, line)
			}
		}
		if t.Failed() {
			t.Log(got)
		}
	}
}

// unwrapped takes out white space, and with it where lines end.
func unwrapped(s string) string { return strings.Join(strings.Fields(s), "") }

func TestSheetNeverMixesScreenWords(t *testing.T) {
	got := render("zh", concealed())
	for _, word := range []string{"审查认定", "个人退赔", "无错", "A°", "Ao"} {
		if strings.Contains(got, word) {
			t.Errorf("the sheet says %q", word)
		}
	}
}

func TestSheetIsTheSameEveryTime(t *testing.T) {
	if d := cmp.Diff(render("zh", concealed()), render("zh", concealed())); d != "" {
		t.Error(d)
	}
}
