package views

import (
	"context"
	"slices"
	"strconv"

	"leeway/api/charts"
	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/projections"
)

// Statistics are the figures that people look at rather than read: caseload
// against 1:1000, causes over months, money by link, grounds, corrections
// overdue.
func Statistics(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("统计", "Statistics"), Lead: a.t("图旁的表列出全部数字，可下载。成因来自还原复算，均为疑点(待核实)。", "The tables beside the figures hold all numbers and can be taken away. Causes come from replays and are to be verified.")}
	form, err := s.surveyForm(ctx, a)
	if err != nil {
		return v, err
	}
	v.Form = form
	loads, list, err := s.loads(ctx, a)
	if err != nil {
		return v, err
	}
	if len(list.Rows) > 0 {
		v.Figures, v.Lists = append(v.Figures, loads), append(v.Lists, List{List: list, Plain: true})
	}
	stats, err := s.Reviews.Statistics(ctx, a.As, s.today())
	if err != nil {
		return v, err
	}
	v.Figures = append(v.Figures, reviewFigures(a, stats)...)
	day, err := s.asOf(a)
	if err != nil {
		return v, err
	}
	found, running, err := s.survey(ctx, which(a), day)
	if err != nil || running != nil {
		v.Running = running
		return v, err
	}
	if survey := found.Survey; len(survey.Hits) > 0 {
		v.Figures = append(v.Figures, waterfall(a, survey), causesByMonth(a, survey))
		v.Lists = append(v.Lists, List{List: documents.Classes(survey, a.Lang)})
	}
	v.Lists = append(v.Lists, List{List: groundList(a, stats), Plain: true}, List{List: overdueList(a, stats), Plain: true})
	return v, nil
}

// loads is how many recipients come to one worker of each office, against the
// standard. Workers are not named.
func (s *Sources) loads(ctx context.Context, a Ask) (Figure, documents.List, error) {
	l := documents.List{Title: a.t("经办力量（按单位）", "Caseload by office"), Columns: []documents.Column{{Head: a.t("单位", "office")}, {Head: a.t("经办人员", "workers"), Right: true}, {Head: a.t("在办个案", "open cases"), Right: true}, {Head: a.t("救助对象", "recipients"), Right: true}, {Head: a.t("人均救助对象", "recipients per worker"), Right: true}}}
	r, err := s.Cases.Register(ctx)
	if err != nil {
		return Figure{}, l, err
	}
	var bars []charts.Bar
	for _, office := range officesOf(r) {
		list, err := s.Models.Bench().Loads(ctx, office)
		if err != nil {
			return Figure{}, l, err
		}
		var cases, people int
		for _, x := range list {
			cases, people = cases+x.Cases, people+x.Recipients
		}
		if len(list) == 0 {
			continue
		}
		each := people / len(list)
		class := "c1"
		if each > projections.Standard {
			class = "warn"
		}
		bars = append(bars, charts.Bar{Label: office, Value: int64(each), Say: strconv.Itoa(each) + a.t(" 人", " people"), Class: class})
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(office), documents.Count(len(list)), documents.Count(cases), documents.Count(people), documents.Count(each)})
	}
	svg := charts.Bars("load", a.t("人均救助对象", "Recipients per worker"), bars, charts.Bar{Value: projections.Standard, Say: "1:1000"})
	return Figure{a.t("人均救助对象", "Recipients per worker"), svg, a.t("标准为每1000名救助对象配1名经办人员；标准的口径未给出，不据此断定缺编。", "The standard is one worker to 1000 recipients; its base is not given, so no shortage is asserted.")}, l, nil
}

// waterfall is the money by link from what was paid to what was due.
func waterfall(a Ask, s *replay.Survey) Figure {
	yuan := func(f domain.Fen) string { return f.Yuan() }
	w := s.Walk()
	steps := []charts.Step{{Label: a.in(names.Of("node", "P")), Value: int64(w.Paid), Say: yuan(w.Paid), Level: true}}
	for _, c := range replay.Order {
		fen := w.Links[c]
		if fen == 0 {
			continue
		}
		// A positive link was paid too much: on the way to what was due it goes.
		steps = append(steps, charts.Step{Label: string(c) + " " + a.in(names.Of("class", string(c))), Value: -int64(fen), Say: (-fen).Signed()})
	}
	steps = append(steps, charts.Step{Label: a.in(names.Of("node", "B")), Value: int64(w.Due), Say: yuan(w.Due), Level: true})
	return Figure{a.t("从实发到实际应得（元）", "From paid to due (yuan)"), charts.Waterfall("walk", a.t("从实发到实际应得（元）", "From paid to due (yuan)"), steps),
		a.t("只计各环节都能确定的月份；各成因多发少发相加，分列数见表。", "Only months that are determined link by link; each step adds both directions, which the table keeps apart.")}
}

// causesByMonth is how many cases each cause touched, month by month.
func causesByMonth(a Ask, s *replay.Survey) Figure {
	counts := map[domain.Month]map[replay.Class]int64{}
	var months []domain.Month
	var classes []replay.Class
	for _, h := range s.Hits {
		if counts[h.Month] == nil {
			counts[h.Month] = map[replay.Class]int64{}
			months = append(months, h.Month)
		}
		counts[h.Month][h.Class]++
		if !slices.Contains(classes, h.Class) {
			classes = append(classes, h.Class)
		}
	}
	slices.Sort(months)
	slices.SortFunc(classes, func(x, y replay.Class) int { return slices.Index(replay.Order, x) - slices.Index(replay.Order, y) })
	var keys []charts.Bar
	for i, c := range classes {
		keys = append(keys, charts.Bar{Label: string(c) + " " + a.in(names.Of("class", string(c))), Class: "c" + strconv.Itoa(i%12+1)})
	}
	var stacks []charts.Stack
	for _, m := range months {
		stack := charts.Stack{Label: m.String()}
		for i, c := range classes {
			n := counts[m][c]
			stack.Parts = append(stack.Parts, charts.Bar{Label: keys[i].Label, Value: n, Say: strconv.FormatInt(n, 10), Class: keys[i].Class})
		}
		stacks = append(stacks, stack)
	}
	return Figure{a.t("各月成因（个案数）", "Causes by month (cases)"), charts.Columns("causes", a.t("各月成因（个案数）", "Causes by month (cases)"), stacks, keys), a.t("疑点(待核实)。", "To be verified.")}
}

// Board is the public notice board of an office: redacted, for everybody.
func Board(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("公示", "Public notice"), Lead: a.t("按月公示救助对象（代号）、人数和金额，以及审批前的公示。姓名、证件号码、住址、病情和账户不公示；儿童项目只公示合计。", "Month by month who receives what, by pseudonym, number of people and amount, and proposals before approval. Names, numbers, addresses, illness and accounts are not shown; programmes for children are totals only.")}
	offices, err := s.Models.Offices(ctx)
	if err != nil {
		return v, err
	}
	var choices []Option
	for _, id := range offices {
		choices = append(choices, Option{id, id})
	}
	v.Form = a.form(a.t("查看", "Show"), Field{Name: "office", Label: a.t("单位", "Office"), Type: "select", Options: choices}, Field{Name: "month", Label: a.t("月份", "Month"), Type: "month"})
	month, err := a.month("month")
	if err != nil {
		return v, err
	}
	if month == 0 {
		month = s.today().Month()
	}
	office := a.get("office")
	if office == "" && len(v.Form.Fields[0].Options) > 0 {
		office = v.Form.Fields[0].Options[0].Value
		v.Form.Fields[0].Value = office
	}
	if office == "" {
		v.Empty = a.t("还没有公示。", "There is no notice yet.")
		return v, nil
	}
	return s.board(ctx, a, v, office, month)
}

func (s *Sources) board(ctx context.Context, a Ask, v View, office string, month domain.Month) (View, error) {
	b := s.Models.Board(office)
	totals, err := b.Totals(ctx, month)
	if err != nil {
		return v, err
	}
	roster, err := b.Roster(ctx, month, projections.Ask{Cursor: a.get("cursor"), Limit: 100})
	if err != nil {
		return v, err
	}
	on := min(s.today(), month.Last())
	notices, err := b.Notices(ctx, on, projections.Ask{Limit: 100})
	if err != nil {
		return v, err
	}
	v.Facts = []documents.Pair{{Name: a.t("单位", "Office"), Value: office}, {Name: a.t("月份", "Month"), Value: month.String()}}
	sum := documents.List{Title: a.t("合计", "Totals") + " " + month.String(), Columns: []documents.Column{{Head: a.t("救助项目", "programme")}, {Head: a.t("户数", "households"), Right: true}, {Head: a.t("人数", "persons"), Right: true}, {Head: a.t("金额（元）", "yuan"), Right: true}}}
	for _, t := range totals {
		sum.Rows = append(sum.Rows, []documents.Cell{documents.Text(a.in(names.Of("programme", t.Programme))), documents.Count(t.Cases), documents.Count(t.Members), documents.Yuan(t.Amount)})
	}
	rows := documents.List{Title: a.t("救助对象", "Recipients") + " " + month.String(), Columns: []documents.Column{{Head: a.t("代号", "pseudonym")}, {Head: a.t("救助项目", "programme")}, {Head: a.t("人数", "persons"), Right: true}, {Head: a.t("元/月", "yuan a month"), Right: true}, {Head: a.t("起始月", "since")}}}
	for _, e := range roster.Rows {
		rows.Rows = append(rows.Rows, []documents.Cell{documents.Text(e.Case), documents.Text(a.in(names.Of("programme", e.Programme))), documents.Count(e.Members), documents.Yuan(e.Amount), documents.InMonth(e.From)})
	}
	hanging := documents.List{Title: a.t("审批前公示", "Before approval") + " " + on.String(), Columns: []documents.Column{{Head: a.t("代号", "pseudonym")}, {Head: a.t("救助项目", "programme")}, {Head: a.t("人数", "persons"), Right: true}, {Head: a.t("拟定", "proposed")}, {Head: a.t("元/月", "yuan a month"), Right: true}, {Head: a.t("公示起", "posted")}, {Head: a.t("公示至", "until")}}}
	for _, n := range notices.Rows {
		hanging.Rows = append(hanging.Rows, []documents.Cell{documents.Text(n.Case), documents.Text(a.in(names.Of("programme", n.Programme))), documents.Count(n.Members), documents.Text(a.in(names.Of("result", n.Outcome))), documents.Yuan(n.Amount), documents.OnDay(n.Posted), documents.OnDay(n.Until)})
	}
	v.Lists = []List{{List: sum, Plain: true}, {List: rows, Plain: true}, {List: hanging, Plain: true}}
	if roster.Next != "" {
		v.Lists[1].Next = link(a.Path, "office", office, "month", month.String(), "cursor", roster.Next)
	}
	if len(totals)+len(notices.Rows) == 0 {
		v.Empty = a.t("该月没有公示。换一个月份或单位。", "Nothing is on notice in this month. Choose another month or office.")
	}
	return v, nil
}
