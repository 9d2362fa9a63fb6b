package names_test

import (
	"errors"
	"fmt"
	"testing"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// TestExplain words what the deciders answer, with codes by their names, and
// arguments where each language wants them.
func TestExplain(t *testing.T) {
	_, noCase := eligibility.Record{Event: &eligibility.ApplicationAccepted{}}.Decide(&eligibility.Case{ID: "F1"})
	_, badDay := domain.ParseDay("2020-02-30")
	_, unknown := eligibility.Decode("x.v1", nil)
	none := &eligibility.Case{}
	_, programme := eligibility.Record{Event: &eligibility.CaseOpened{On: eligibility.On{Day: 1}, Programme: "low"}, Today: 1}.Decide(none)
	for _, tt := range []struct {
		err    error
		zh, en names.Explanation
	}{
		{noCase,
			names.Explanation{Wrong: "尚未立案建档", Mend: "先记录立案建档（case-opened.v1）"},
			names.Explanation{Wrong: "there is no case yet", Mend: "record case-opened.v1 first"}},
		{badDay,
			names.Explanation{Wrong: "“2020-02-30”不是日期", Mend: "按 YYYY-MM-DD 填写日期，如 2020-01-31"},
			names.Explanation{Wrong: `"2020-02-30" is no day`, Mend: "write a civil day as YYYY-MM-DD, such as 2020-01-31"}},
		{unknown,
			names.Explanation{Wrong: "“x.v1”不是个案的事件"},
			names.Explanation{Wrong: `event type "x.v1" is not one of a case`}},
		{fmt.Errorf("%w: %w", domain.ErrRefused, domain.Quorum{}.Check(domain.PackVersion{}, nil)),
			names.Explanation{Field: "approvals", Where: "approvals（批准）", Wrong: "已有 0 人批准，须有 2 人", Mend: "由其他角色的人员继续批准该摘要"},
			names.Explanation{Field: "approvals", Where: "approvals", Wrong: "0 of 2 approvals", Mend: "let further persons in other roles approve the digest"}},
		// A code in a message has its name; what reads otherwise in Chinese is
		// put where it belongs.
		{review.Refuse(review.GuardNoHeavier, "name A, Af, Ao, T or B", "%s for %s in %s departs from the advice (%s)", review.NotExempt, "w1", "m1", review.Exempt),
			names.Explanation{Where: "no-heavier-for-defence · 不得因申辩加重 · 公职人员政务处分法(2020) 第43条", Wrong: "对 w1 在事项 m1 认定“不予免责”，与系统建议“免责”不同", Mend: "填写 A、Af、Ao、T 或 B"},
			names.Explanation{Where: "no-heavier-for-defence · no heavier result because of the defence · 公职人员政务处分法(2020) 第43条", Wrong: "not_exempt for w1 in m1 departs from the advice (exempt)", Mend: "name A, Af, Ao, T or B"}},
		{domain.Deny(replay.ErrNoRules, "%q may not record %s", "", review.Auditor, "review-served.v1"),
			names.Explanation{Wrong: "“审计人员”不能办理“送达”"},
			names.Explanation{Wrong: `"auditor" may not record review-served.v1`}},
		{domain.NewFault("amount", "%s yuan with outcome %s", "write one of %[3]s", "5", eligibility.Refused, domain.List{"a", "b"}),
			names.Explanation{Field: "amount", Where: "amount（金额）", Wrong: "结果为“不批准”，金额却为 5 元", Mend: "从下列各项中选填：a、b"},
			names.Explanation{Field: "amount", Where: "amount", Wrong: "5 yuan with outcome refused", Mend: "write one of a, b"}},
		{domain.NewFault("value", "the pack knows no attribute %q", "use one of the pack's schema%[2]s", "incom", domain.Say("; did you mean %s?", domain.Choice{"income", "incomes"})),
			names.Explanation{Field: "value", Where: "value（值）", Wrong: "规则包没有事实“incom”", Mend: "使用规则包事实表中的名称；是否应为 income 或 incomes？"},
			names.Explanation{Field: "value", Where: "value", Wrong: `the pack knows no attribute "incom"`, Mend: "use one of the pack's schema; did you mean income or incomes?"}},
		{programme,
			names.Explanation{Field: "programme", Where: "programme（救助项目）", Wrong: "没有救助项目“low”", Mend: "从下列各项中选填：" + zhList(eligibility.Programmes())},
			names.Explanation{Field: "programme", Where: "programme", Wrong: `no programme "low"`, Mend: "write one of " + domain.List(eligibility.Programmes()).String()}},
		{&casework.Moved{Review: "R1", Since: []review.Entry{{At: review.At{Meta: domain.Meta{Actor: domain.Actor{Person: "r1"}}, Day: domain.Date(2021, 2, 6)}, Event: &review.Withdrawn{}}}},
			names.Explanation{Wrong: "核查 R1 其后已有变动：2021-02-06 r1 办理“撤回”"},
			names.Explanation{Wrong: "review R1 has moved on: review-withdrawn.v1 by r1 on 2021-02-06"}},
	} {
		for lang, want := range map[string]names.Explanation{"zh": tt.zh, "en": tt.en} {
			if got, ok := names.Explain(fmt.Errorf("case F1: %w", tt.err), lang); !ok || got != want {
				t.Errorf("%v in %s:\n got %+v\nwant %+v", tt.err, lang, got, want)
			}
		}
	}
	if _, ok := names.Explain(errors.New("disk on fire"), "zh"); ok {
		t.Error("an error that is none of the domain was explained")
	}
}

func zhList(codes []string) string {
	s := codes[0]
	for _, c := range codes[1:] {
		s += "、" + c
	}
	return s
}

func TestFieldsKeepTheirPath(t *testing.T) {
	for path, want := range map[string]string{
		"findings[0].outcome": "findings[0].outcome（结果）",
		"due, reason":         "due, reason（到期日、原因）",
		"data.programm":       "data.programm",
		"statements[2]":       "statements[2]（所述事实）",
		"":                    "",
	} {
		if got := names.Field(path, "zh"); got != want {
			t.Errorf("%s is shown as %q, want %q", path, got, want)
		}
		if got := names.Field(path, "en"); got != path {
			t.Errorf("%s is shown as %q in English", path, got)
		}
	}
}

// TestPlaceIsSaidBeforeTheError: the chain leads on, the words stand before those
// of the error, and what no catalogue has is told as it is.
func TestPlaceIsSaidBeforeTheError(t *testing.T) {
	disk := errors.New("disk on fire")
	for _, tt := range []struct {
		err    error
		en, zh string
	}{
		{domain.Within(domain.Deny(domain.ErrNotFound, "there is no review %q", "", "R1"), "stream %s", "s"), "stream s: there is no review \"R1\"", "事件流 s：没有核查“R1”"},
		{domain.Within(fmt.Errorf("open: %w", disk), "stream %s", "s"), "stream s: open: disk on fire", "事件流 s：open: disk on fire"},
	} {
		if !errors.Is(tt.err, domain.ErrNotFound) && !errors.Is(tt.err, disk) {
			t.Errorf("%v does not lead to its cause", tt.err)
		}
		en, _ := names.Explain(tt.err, "en")
		zh, ok := names.Explain(tt.err, "zh")
		if !ok || en.Wrong != tt.en || zh.Wrong != tt.zh {
			t.Errorf("%v is said as %q, %q", tt.err, en.Wrong, zh.Wrong)
		}
	}
}
