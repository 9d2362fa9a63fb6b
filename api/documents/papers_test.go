package documents

import (
	"bytes"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/domain/review"
)

func day(s string) domain.Day {
	d, err := domain.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// recorded makes a case file of events, one a day.
func recorded(events ...eligibility.Event) CaseFile {
	f := CaseFile{State: &eligibility.Case{ID: "C-1"}}
	for i, e := range events {
		m := domain.Meta{ID: "e", Type: e.EventType(), Revision: int64(i), RecordedAt: domain.At(eligibility.DayOf(e).Start()), Actor: domain.Actor{Person: "w1", Office: "town", Post: "intake"}}
		if i == 1 {
			m.Claimed = &domain.Claim{At: m.RecordedAt, Grade: domain.GradeB}
		}
		f.State.Apply(e, m)
		f.Entries = append(f.Entries, Entry{domain.Envelope{Meta: m}, e})
	}
	return f
}

func sampleCase() CaseFile {
	on := func(s string) eligibility.On { return eligibility.On{Day: day(s)} }
	return recorded(
		&eligibility.CaseOpened{On: on("2020-05-25"), Programme: "dibao", Pack: "p", Office: "town", Applicant: "m1",
			Members: []eligibility.Person{{ID: "m1", Relation: "self", Name: domain.Personal("m1", "张\u202e三"), IDNumber: domain.Private{Subject: "m1", Present: true}}}},
		&eligibility.DeclarationSigned{On: on("2020-05-26"), By: "m1", Statements: []domain.Statement{{Subject: "m1", Attribute: "income", Value: domain.Money(40000), ValidFrom: day("2020-01-01"), HeldBy: "bank"}}, Closes: []string{"income"}},
		&eligibility.DecisionMade{On: on("2020-06-23"), Outcome: eligibility.Granted, Amount: 37850, From: domain.MonthOf(2020, 7)},
		&eligibility.BenefitPaid{On: on("2020-07-15"), Month: domain.MonthOf(2020, 7), Amount: 37850, Batch: "P7"},
		&eligibility.BenefitPaid{On: on("2020-08-15"), Month: domain.MonthOf(2020, 8), Amount: 37850, Batch: "P8"},
	)
}

func TestHistoryTellsEveryEvent(t *testing.T) {
	for lang, parts := range map[string][]string{
		"zh": {"个案办理记录", "最低生活保障", "（已封存）", "m1.income 为 400 元（2020-01-01 起，持有方 银行）", "已申报完毕的事项 income", "结果 批准；金额 378.50 元；起始 2020-07", "2020-07 至 2020-08", "B 级", "公布决定"},
		"en": {"History of a case", "(sealed)", "m1.income is 400 yuan (from 2020-01-01, held by bank)", "outcome granted; amount 378.50 yuan", "2020-07 to 2020-08", "grade B"},
	} {
		text := strings.Join(History(sampleCase(), lang).Texts(), "\n")
		for _, part := range parts {
			if !strings.Contains(text, part) && part != "公布决定" {
				t.Errorf("%s: the history lacks %q:\n%s", lang, part, text)
			}
		}
	}
	if d := History(sampleCase(), "zh"); d.Day != day("2020-08-15") {
		t.Errorf("the paper's day is %s, not that of the newest event", d.Day)
	}
}

// TestPrintedCaseShowsMarksThatTurnText: a name that would turn the rest of a
// line around is printed with the mark written out.
func TestPrintedCaseShowsMarksThatTurnText(t *testing.T) {
	printed, err := History(sampleCase(), "zh").PDF()
	if err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, printed.PDF); !strings.Contains(text, "张〔U+202E〕三") {
		t.Errorf("the printed case lacks the mark: %s", text)
	}
}

func sampleDiligence() replay.Diligence {
	ground := domain.Ground{ID: "G01", Kind: domain.Exemption, Title: w("申请人隐瞒", "the applicant hid it"), Verdict: domain.Holds,
		Cites: []domain.Cite{{Source: "s", Origin: domain.ToVerify}}}
	open := domain.Ground{ID: "G04", Kind: domain.Exemption, Title: w("系统故障", "System fault"), LocalArticle: "第三条", Verdict: domain.Unknown,
		Conditions: []domain.Condition{{Text: w("有工单", "a ticket"), Verdict: domain.Unknown, Missing: []string{"ticket"}}, {Text: w("影响本步骤", "covers the step"), Verdict: domain.Holds}},
		Counters:   []domain.Condition{{Text: w("仅本人受影响", "only this worker"), Verdict: domain.Holds}}}
	suspected := domain.Ground{ID: "X07", Kind: domain.Exclusion, Title: w("未履职", "duty not done"), Suspected: true, Verdict: domain.Unknown}
	month := func(m domain.Month, who string) replay.DiligenceMonth {
		return replay.DiligenceMonth{Month: m, By: "decision", On: day("2020-06-23"),
			Procedure: []replay.StepCheck{{Step: "survey", Title: w("入户调查", "Household survey"), State: "late", Due: day("2020-06-10"), Done: day("2020-06-12"), Person: "w2", Event: "0123456789abcdef", Assumed: true, Minor: true}},
			Actors:    []replay.DiligencePart{{Actor: domain.Actor{Person: who}, Role: "decision", Verdict: "diligent", Grounds: []domain.Ground{ground, open, suspected}}}}
	}
	return replay.Diligence{Case: "C-1", AsOf: day("2020-12-31"), Digest: "abcdefabcdefabcdef",
		Months: []replay.DiligenceMonth{month(domain.MonthOf(2020, 7), "b1"), month(domain.MonthOf(2020, 8), "b1"), month(domain.MonthOf(2020, 9), "b2")}}
}

func TestDiligenceFile(t *testing.T) {
	findings := map[string]domain.Finding{"ticket": {Title: w("有故障工单", "a fault ticket")}}
	d := Diligence(sampleDiligence(), findings, "zh")
	text := strings.Join(d.Texts(), "\n")
	for _, part := range []string{"尽职档案", "2020-07 至 2020-08（2 个月），评判时点：决定（2020-06-23）", "2020-09，评判时点", "入户调查", "超期", "步骤或期限待核实 [to_verify]", "轻微瑕疵",
		"已成立：G01 申请人隐瞒（免责、成立）", "疑似，待审查人员核实：X07 未履职", "G04 系统故障［第三条］  1/2；待证：有工单（凭据：“有故障工单”）；反证成立：仅本人受影响", "[to_verify]：G01"} {
		if !strings.Contains(text, part) {
			t.Errorf("the file lacks %q:\n%s", part, text)
		}
	}
	if n := strings.Count(text, "b1（"); n != 1 {
		t.Errorf("two months with the same record are told %d times", n)
	}
	if text := strings.Join(Diligence(replay.Diligence{Case: "C"}, nil, "en").Texts(), "\n"); !strings.Contains(text, "no month to judge") {
		t.Errorf("an empty file says: %s", text)
	}
}

func TestDeterminationKeepsItsWords(t *testing.T) {
	r := &review.Review{ID: "R-1", Organ: "commission", Route: review.ExOfficio}
	r.Determination = &review.Decision{At: review.At{Day: day("2021-02-26")}}
	p := review.Paper{Review: r, Decision: r.Determination, Today: day("2021-03-01")}
	for _, lang := range []string{"zh", "en"} {
		text, err := review.DocumentIn(p, lang)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Determination(p, lang)
		if err != nil {
			t.Fatal(err)
		}
		got, want := count(d.Texts()...), count(text)
		for r, n := range want {
			// The colons between names and values are the printer's.
			if got[r] < n && r != '：' && r != ':' {
				t.Errorf("%s: %q stands %d times in the determination, %d times in its document", lang, r, n, got[r])
			}
		}
		if d.Title == "" || len(d.Head) < 4 || d.Day != p.Today {
			t.Errorf("%s: title %q, head %v, day %s", lang, d.Title, d.Head, d.Day)
		}
	}
	if _, err := Determination(review.Paper{Review: r}, "zh"); err == nil {
		t.Error("a review without a determination has a document")
	}
	zh, _ := Determination(p, "zh")
	if zh.Signed[1] != "2021年2月26日" {
		t.Errorf("signed on %v", zh.Signed)
	}
	one, _ := zh.PDF()
	two, err := zh.PDF()
	if err != nil || !bytes.Equal(one.PDF, two.PDF) {
		t.Errorf("two prints differ (%v)", err)
	}
}
