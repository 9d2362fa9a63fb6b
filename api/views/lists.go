package views

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/names"
)

// questionLinks lead to the ready-made lists.
func questionLinks(a Ask) []Link {
	var links []Link
	for _, q := range bulk.Questions() {
		links = append(links, Link{a.in(q.Title), link(PathLists, "question", q.ID)})
	}
	return links
}

// Lists is one of the ready-made lists over a population.
func Lists(ctx context.Context, s *Sources, a Ask) (View, error) {
	all := bulk.Questions()
	v := View{Title: a.t("现成清单 疑点(待核实)", "Ready-made lists, to be verified"), Lead: a.t("对全部个案提一个问题。所列均为疑点，不是认定；不列经办人员。", "One question, asked of every case. All of it is to be verified and determines nothing; no officer is named.")}
	var choices []Option
	for _, q := range all {
		choices = append(choices, Option{q.ID, a.in(q.Title)})
	}
	i := slices.IndexFunc(all, func(q bulk.Question) bool { return q.ID == a.get("question") })
	chosen := i >= 0
	i = max(i, 0)
	from, to := s.window()
	fields := []Field{{Name: "question", Label: a.t("清单", "List"), Type: "select", Options: choices, Value: all[i].ID}}
	more := []Field{}
	if all[i].Windowed {
		more = append(more, Field{Name: "from", Label: a.t("期间首日", "First day of the window"), Type: "date", Value: dayOr(a.get("from"), from)},
			Field{Name: "to", Label: a.t("期间末日", "Last day of the window"), Type: "date", Value: dayOr(a.get("to"), to), Hint: a.t("不填即疫情暂缓退出期（规则包，待核实）", "none: the suspension of exits of the pack, to be verified")})
	}
	form, err := s.surveyForm(ctx, a, more...)
	if err != nil {
		return v, err
	}
	form.Fields, form.Submit = append(fields, form.Fields...), a.t("列出", "List")
	v.Form, v.Links = form, append(questionLinks(a), Link{a.t("全部差额", "All differences"), PathSurvey})
	if !chosen {
		v.Empty = a.t("选一个清单。", "Choose a list.")
		return v, nil
	}
	q := all[i]
	v.Title, v.Lead = a.in(q.Title)+a.t(" 疑点(待核实)", ", to be verified"), a.in(q.Says)
	found, running, err := s.asked(ctx, a, q, from, to)
	if err != nil || running != nil {
		v.Running = running
		return v, err
	}
	households := map[string]bool{}
	for _, r := range found.Rows {
		households[r.Case] = true
	}
	v.Facts = []documents.Pair{{Name: a.t("截至", "As of"), Value: found.AsOf.String()}, {Name: a.t("查看个案", "Cases looked at"), Value: strconv.Itoa(found.Cases)}, {Name: a.t("户数", "Households"), Value: strconv.Itoa(len(households))}, {Name: a.t("未能复算", "Not replayed"), Value: strconv.Itoa(len(found.Failed))}}
	if len(found.Rows) == 0 {
		v.Empty = a.t("没有符合的户。", "No household is on it.")
		return v, nil
	}
	v.Lists = []List{{List: rowList(a, q, found)}}
	return v, nil
}

// dayOr is what was asked for, or a day.
func dayOr(asked string, d domain.Day) string {
	if asked == "" && d != 0 {
		return d.String()
	}
	return asked
}

// asked is the answer to a question under the filters of the page.
func (s *Sources) asked(ctx context.Context, a Ask, q bulk.Question, first, last domain.Day) (*bulk.Answer, *Running, error) {
	day, err := s.asOf(a)
	if err != nil {
		return nil, nil, err
	}
	from, err := a.day("from")
	if err != nil {
		return nil, nil, err
	}
	to, err := a.day("to")
	if err != nil {
		return nil, nil, err
	}
	if !q.Windowed {
		from, to = 0, 0
	} else if from == 0 && to == 0 {
		from, to = first, last
	}
	return reckon(ctx, s, workKey{"list " + q.ID, which(a), day, from.String() + " " + to.String()}, func(ctx context.Context, r bulk.Run) (*bulk.Answer, error) {
		return r.Ask(ctx, q, from, to)
	})
}

// Standards by which the packs name the suspension of exits.
const (
	holdFrom = "epidemic_hold_from"
	holdTo   = "epidemic_hold_to"
)

// window is the suspension of exits, as the newest pack that knows of one has
// it; none: no days.
func (s *Sources) window() (from, to domain.Day) {
	for _, id := range slices.Backward(s.Packs.Versions()) {
		plan, err := s.Packs.PlanOn(id, s.today())
		if err != nil {
			continue
		}
		for _, x := range plan.Standards() {
			d, err := domain.ParseDay(x.Value)
			switch {
			case err != nil:
			case x.ID == holdFrom:
				from = d
			case x.ID == holdTo:
				to = d
			}
		}
		if from != 0 {
			return from, to
		}
	}
	return 0, 0
}

// rowList is the list as it is shown and taken away.
func rowList(a Ask, q bulk.Question, found *bulk.Answer) documents.List {
	l := documents.List{Title: a.in(q.Title) + a.t(" 疑点(待核实)", ", to be verified"), Columns: []documents.Column{{Head: a.t("个案", "case")}, {Head: a.t("救助项目", "programme")}, {Head: a.t("单位", "office")}, {Head: a.t("成员代号", "member")}, {Head: a.t("日期", "day")}, {Head: a.t("月份", "months")},
		{Head: a.t("所涉实发（元）", "paid in them (yuan)"), Right: true}, {Head: a.t("多发（元）", "too much (yuan)"), Right: true}, {Head: a.t("少发（元）", "too little (yuan)"), Right: true}, {Head: a.t("成因", "causes")}, {Head: a.t("备注", "remark")}},
		Notes: []documents.Pair{{Name: a.t("怎样读", "How to read"), Value: a.in(q.Says)}, {Name: a.t("截至", "As of"), Value: found.AsOf.String()}}}
	for _, r := range found.Rows {
		var classes []string
		for _, c := range r.Classes {
			classes = append(classes, string(c)+" "+a.in(names.Of("class", string(c))))
		}
		remark := ""
		if r.Assumed {
			remark = "[to_verify]"
		}
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(r.Case).To(link(PathCase, "case", r.Case, "as_of", found.AsOf.String())), documents.Text(a.in(names.Of("programme", r.Programme))), documents.Text(r.Office), documents.Text(r.Member), documents.OnDay(r.Day),
			documents.Text(spans(r.Months)), documents.Yuan(r.Paid), documents.Yuan(r.Over), documents.Yuan(r.Short), documents.Text(strings.Join(classes, a.t("、", ", "))), documents.Text(remark)})
	}
	return l
}

// spans writes months in a row as one span: 2020-03–2020-06, 2020-09.
func spans(months []domain.Month) string {
	var parts []string
	for i := 0; i < len(months); {
		j := i
		for j+1 < len(months) && months[j+1] == months[j]+1 {
			j++
		}
		text := months[i].String()
		if j > i {
			text += "–" + months[j].String()
		}
		parts = append(parts, text)
		i = j + 1
	}
	return strings.Join(parts, ", ")
}
