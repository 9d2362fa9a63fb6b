package views

import (
	"context"
	"strconv"

	"leeway/api/charts"
	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/review"
)

// ReviewAudit looks at the reviews themselves: grounds by office, exemption
// rate, repeated errors, overdue corrections, recusals, departures from advice,
// and who changed the rules.
func ReviewAudit(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("核查的审计", "Audit of the reviews"), Lead: a.t("各单位引用和采纳的情形、免责比例、重复差错、逾期纠错、回避、未采建议，以及规则由谁批准启用。人员只计数，不列名。", "Grounds cited and accepted by office, the rate of exemption, errors that repeat, corrections overdue, recusals, departures from advice, and who approved rules. Persons are counted, not named.")}
	stats, err := s.Reviews.Statistics(ctx, a.As, s.today())
	if err != nil {
		return v, err
	}
	register, err := s.Cases.Register(ctx)
	if err != nil {
		return v, err
	}
	v.Facts = []documents.Pair{{Name: a.t("核查", "Reviews"), Value: strconv.Itoa(stats.Reviews)}, {Name: a.t("提出回避", "Recusals raised"), Value: strconv.Itoa(stats.Recused.Raised)},
		{Name: a.t("同意回避", "granted"), Value: strconv.Itoa(stats.Recused.Granted)}, {Name: a.t("不同意", "refused"), Value: strconv.Itoa(stats.Recused.Refused)}, {Name: a.t("待决", "open"), Value: strconv.Itoa(stats.Recused.Open)}}
	if stats.Reviews == 0 {
		v.Empty = a.t("还没有核查。", "There are no reviews yet.")
	} else {
		v.Figures = reviewFigures(a, stats)
	}
	v.Lists = []List{{List: officeList(a, stats), Plain: true}, {List: groundList(a, stats), Plain: true}, {List: overdueList(a, stats), Plain: true}, {List: departedList(a, stats), Plain: true}}
	l := documents.List{Title: a.t("规则启用", "Activation of rules"), Columns: []documents.Column{{Head: a.t("规则包", "pack")}, {Head: a.t("版本", "version")}, {Head: a.t("启用日", "day")}, {Head: a.t("批准人", "approved by")}, {Head: a.t("登记人", "recorded by")}}}
	for _, x := range register.Rules {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(x.Rules.Pack), documents.Text(x.Rules.Version).To(link(PathPack, "pack", x.Rules.Pack, "version", x.Rules.Version)), documents.OnDay(x.At.Day), documents.Text(approvals(a, x.Approvals)), documents.Text(x.At.Actor.Person)})
	}
	v.Lists = append(v.Lists, List{List: l, Plain: true})
	return v, nil
}

// approvals names who approved a version, and as what.
func approvals(a Ask, list []domain.Approval) string {
	text := ""
	for i, p := range list {
		if i > 0 {
			text += a.t("、", ", ")
		}
		text += p.Person + a.t("（", " (") + p.Role + a.t("）", ")")
	}
	if text == "" {
		return a.t("无批准记录（历史）", "no approval on record (history)")
	}
	return text
}

func officeList(a Ask, stats review.Statistics) documents.List {
	l := documents.List{Title: a.t("各单位认定结果", "Determinations by office"), Columns: []documents.Column{{Head: a.t("单位", "office")}, {Head: a.t("认定人次", "parts"), Right: true}, {Head: a.t("免责", "exempt"), Right: true}, {Head: a.t("免责比例", "rate"), Right: true},
		{Head: a.t("从轻减轻", "lighter"), Right: true}, {Head: a.t("不予免责", "not exempt"), Right: true}, {Head: a.t("未见差错", "no error"), Right: true}, {Head: a.t("重复差错人数", "persons with repeated errors"), Right: true}}}
	for _, o := range stats.Offices {
		// Rounded to the nearest percent, in whole numbers.
		rate := strconv.Itoa((o.Exempt*200+o.Parts)/(2*max(o.Parts, 1))) + "%"
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(o.Office), documents.Count(o.Parts), documents.Count(o.Exempt), documents.Text(rate), documents.Count(o.Lighter), documents.Count(o.Not), documents.Count(o.Right), documents.Count(o.Repeat)})
	}
	return l
}

func groundList(a Ask, stats review.Statistics) documents.List {
	l := documents.List{Title: a.t("情形的引用和采纳", "Grounds cited and accepted"), Columns: []documents.Column{{Head: a.t("单位", "office")}, {Head: a.t("情形", "ground")}, {Head: a.t("引用", "cited"), Right: true}, {Head: a.t("采纳", "accepted"), Right: true}}}
	for _, g := range stats.Grounds {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(g.Office), documents.Text(g.Ground), documents.Count(g.Cited), documents.Count(g.Accepted)})
	}
	return l
}

func overdueList(a Ask, stats review.Statistics) documents.List {
	l := documents.List{Title: a.t("逾期纠错", "Corrections overdue"), Columns: []documents.Column{{Head: a.t("核查", "review")}, {Head: a.t("编号", "id")}, {Head: a.t("措施", "measure")}, {Head: a.t("单位", "office")}, {Head: a.t("期限", "due")}, {Head: a.t("逾期日数", "days over"), Right: true}}}
	for _, o := range stats.Overdue {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(o.Review), documents.Text(o.ID), documents.Text(a.in(o.Measure.Title())), documents.Text(o.Office), documents.OnDay(o.Due), documents.Count(o.Days)})
	}
	return l
}

func departedList(a Ask, stats review.Statistics) documents.List {
	l := documents.List{Title: a.t("未采建议", "Departures from advice"), Columns: []documents.Column{{Head: a.t("核查", "review")}, {Head: a.t("认定日", "day")}, {Head: a.t("规则", "guard")}}}
	for _, d := range stats.Departed {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(d.Review), documents.OnDay(d.Day), documents.Text(guardTitle(a, d.Guard))})
	}
	return l
}

func guardTitle(a Ask, id string) string {
	for _, g := range review.Guards() {
		if g.ID == id {
			return a.in(g.Says)
		}
	}
	return id
}

// reviewFigures are the charts of the reviews.
func reviewFigures(a Ask, stats review.Statistics) []Figure {
	var groups []charts.Group
	byGround := map[string]int{}
	for _, g := range stats.Grounds {
		i, ok := byGround[g.Ground]
		if !ok {
			i = len(groups)
			byGround[g.Ground] = i
			groups = append(groups, charts.Group{Label: g.Ground, Bars: []charts.Bar{{Label: a.t("引用", "cited"), Class: "c1"}, {Label: a.t("采纳", "accepted"), Class: "c2"}}})
		}
		groups[i].Bars[0].Value += int64(g.Cited)
		groups[i].Bars[1].Value += int64(g.Accepted)
	}
	for i := range groups {
		for j := range groups[i].Bars {
			groups[i].Bars[j].Say = strconv.FormatInt(groups[i].Bars[j].Value, 10)
		}
	}
	var figures []Figure
	if len(groups) > 0 {
		figures = append(figures, Figure{a.t("情形的引用和采纳", "Grounds cited and accepted"), charts.Groups("grounds", a.t("情形的引用和采纳", "Grounds cited and accepted"), groups), a.t("参考情形，非《实施办法》条文。", "A reference list, not the measure's text.")})
	}
	var bars []charts.Bar
	for _, o := range stats.Overdue[:min(len(stats.Overdue), 12)] {
		bars = append(bars, charts.Bar{Label: o.Review + " " + o.ID, Value: int64(o.Days), Say: strconv.Itoa(o.Days) + a.t(" 日", " days"), Class: "warn"})
	}
	if len(bars) > 0 {
		figures = append(figures, Figure{a.t("逾期纠错（逾期日数）", "Corrections overdue (days)"), charts.Bars("overdue", a.t("逾期纠错（逾期日数）", "Corrections overdue (days)"), bars, charts.Bar{}), a.t("容错不等于不纠错。", "Tolerance never replaces correction.")})
	}
	return figures
}
