package views

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/names"
	"leeway/domain/replay"
)

// ReproducibleReport is a survey as a paper: what it rests on, how it is made
// again, and the basis of every replay that found a difference. Made again over
// the same record it is the same, to the byte.
func ReproducibleReport(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("复算报告 疑点(待核实)", "Report of a replay, to be verified"), Lead: a.t("所列均为疑点，不是认定。依据相同，结果相同：任何人可按所列命令重新复算并比对依据编号。", "All of it is to be verified and determines nothing. The same basis gives the same result: anybody may replay with the command that it names, and compare.")}
	v.Links = []Link{{a.t("清单和筛选", "The list and its filters"), a.at(PathSurvey)}}
	found, running, err := s.surveyAsked(ctx, a)
	if err != nil || running != nil {
		v.Running = running
		return v, err
	}
	d := documents.Document{Lang: a.Lang, Title: v.Title, Day: found.day}
	survey := found.shown
	filters := []string{}
	for _, f := range []struct{ name, title, kind string }{{"office", a.t("经办单位", "office"), ""}, {"programme", a.t("救助项目", "programme"), "programme"}, {"worker", a.t("经办人代号", "worker"), ""}, {"source", a.t("信息来源", "source"), "held by"},
		{"rule", a.t("规则、标准或版本", "rule"), ""}, {"class", a.t("成因", "cause"), "class"}, {"from", a.t("起始月", "from"), ""}, {"to", a.t("截止月", "to"), ""}} {
		if value := a.get(f.name); value != "" {
			filters = append(filters, f.title+" "+a.in(names.Of(f.kind, value)))
		}
	}
	proof, err := s.sealedBy(ctx, a, found.day)
	if err != nil {
		return v, err
	}
	d.Head = []documents.Pair{{Name: a.t("截至", "As of"), Value: found.day.String()}, {Name: a.t("筛选", "Filter"), Value: strings.Join(filters, "; ")}, {Name: a.t("规则引擎", "Engine"), Value: s.Cases.Rules.Engine()},
		{Name: a.t("核对事件", "Events held against the store"), Value: strconv.Itoa(found.Events)}, proof, {Name: a.t("复算个案", "Cases replayed"), Value: strconv.Itoa(survey.Cases)}, {Name: a.t("有差额的个案", "With a difference"), Value: strconv.Itoa(survey.Cases - survey.Clean)},
		{Name: a.t("重新复算", "To replay"), Value: command(found)}, {Name: a.t("重算一案", "One case"), Value: "leeway replay " + a.t("个案", "CASE") + " --as-of " + found.day.String()}}
	grid := func(title string, l documents.List) {
		if len(l.Rows) > 0 {
			t := l.Table()
			d.Blocks = append(d.Blocks, documents.Block{Kind: documents.Section, Text: title}, documents.Block{Kind: documents.Grid, Table: &t})
		}
	}
	grid(a.t("各成因", "By cause"), documents.Classes(survey, a.Lang))
	grid(a.t("疑点清单(待核实)", "Differences, to be verified"), based(a, found))
	if len(survey.Failed) > 0 {
		grid(a.t("未能复算的个案", "Cases that could not be replayed"), failures(a, survey))
	}
	d.Blocks = append(d.Blocks, documents.Block{Kind: documents.Note, Text: a.t("依据编号由个案全部事件、各月规则的含义、登记簿和引擎得出；无编号的个案由事件直接复算。标 [to_verify] 的依赖待核实的规则。", "A basis is of all events of the case, of what the rules of its months mean, of the registers and of the engine; a case without one was replayed from its events. What is marked [to_verify] rests on rules to be verified.")})
	v.Paper = &d
	return v, nil
}

// based is every difference with the basis of its replay.
func based(a Ask, found surveyed) documents.List {
	l := documents.List{Columns: []documents.Column{{Head: a.t("个案", "case"), Weight: 2}, {Head: a.t("月份", "month"), Weight: 2}, {Head: a.t("成因", "cause"), Weight: 4}, {Head: a.t("差额（元）", "difference (yuan)"), Right: true, Weight: 2}, {Head: a.t("依据编号", "basis"), Weight: 7}, {Head: a.t("备注", "remark"), Weight: 2}}}
	for _, h := range found.shown.Hits {
		if c := replay.Class(a.get("class")); c != "" && h.Class != c {
			continue
		}
		amount := documents.Text(a.t("不能确定", "undetermined"))
		if h.Amount != nil {
			amount = documents.Yuan(*h.Amount)
		}
		remark := ""
		if h.Assumed {
			remark = "[to_verify]"
		}
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(h.Case), documents.InMonth(h.Month), documents.Text(string(h.Class) + " " + a.in(names.Of("class", string(h.Class)))), amount, documents.Text(found.Basis[h.Case]), documents.Text(remark)})
	}
	return l
}

// command is how the survey is made again from a terminal.
func command(f surveyed) string {
	text := "leeway replay --all --as-of " + f.day.String()
	for _, x := range []struct{ flag, value string }{{"office", f.which.Office}, {"programme", f.which.Programme}, {"worker", f.which.Worker}, {"source", f.which.Source}, {"rule", f.which.Rule}} {
		if x.value != "" {
			text += fmt.Sprintf(" --%s %q", x.flag, x.value)
		}
	}
	return text + " --json"
}

// sealedBy names the last checkpoint of a day.
func (s *Sources) sealedBy(ctx context.Context, a Ask, day domain.Day) (documents.Pair, error) {
	p := documents.Pair{Name: a.t("当日最后的检查点", "Last checkpoint of the day")}
	if s.Known == nil {
		p.Value = a.t("此服务器没有启用检查点", "this server keeps no checkpoints")
		return p, nil
	}
	known, err := s.checkpoint(ctx, a, day)
	p.Value = known
	return p, err
}
