package views

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/ledger"
	"leeway/projections"
)

// Paths of the pages that link to each other.
const (
	PathAudit      = "/audit"
	PathSearch     = "/audit/search"
	PathCase       = "/audit/case"
	PathSurvey     = "/audit/survey"
	PathLists      = "/audit/lists"
	PathReport     = "/audit/report"
	PathCompare    = "/audit/compare"
	PathReconcile  = "/audit/reconcile"
	PathReviews    = "/audit/reviews"
	PathAccess     = "/audit/access"
	PathPersons    = "/audit/persons"
	PathStatistics = "/statistics"
	PathPolicy     = "/policy"
	PathPack       = "/policy/pack"
	PathDiff       = "/policy/diff"
	PathImpact     = "/policy/impact"
	PathBoard      = "/board"
)

// Audit is where an auditor begins: what can be asked, and what waits.
func Audit(ctx context.Context, s *Sources, a Ask) (View, error) {
	stats, err := s.Reviews.Statistics(ctx, a.As, s.today())
	if err != nil {
		return View{}, err
	}
	alarms, err := s.Models.Alarms(ctx)
	if err != nil {
		return View{}, err
	}
	v := View{Title: a.t("审计", "Audit"), Lead: a.t("按人、户、月份、规则或单位查询，查看任一日的状态，对全部个案还原复算，核对总数，检查核查本身。", "Search by person, household, month, rule or office; see the state of any day; replay everybody; reconcile totals; look at the reviews themselves.")}
	v.Facts = []documents.Pair{{Name: a.t("核查", "Reviews"), Value: strconv.Itoa(stats.Reviews)}, {Name: a.t("逾期纠错", "Corrections overdue"), Value: strconv.Itoa(len(stats.Overdue))},
		{Name: a.t("未采建议", "Departures from advice"), Value: strconv.Itoa(len(stats.Departed))}, {Name: a.t("待决回避", "Recusals open"), Value: strconv.Itoa(stats.Recused.Open)}}
	for _, x := range alarms {
		v.Facts = append(v.Facts, documents.Pair{Name: a.t("读模型告警", "Read model alarm") + " " + x.Projection, Value: x.Reason + "; " + x.Mend})
	}
	v.Links = []Link{
		{a.t("查询决定", "Search decisions"), PathSearch}, {a.t("按人查找", "Find a person"), PathPersons}, {a.t("个案在某日的状态", "State of a case on a day"), PathCase}, {a.t("疑点(待核实)：全部个案复算", "To be verified: replay of all cases"), PathSurvey}, {a.t("现成清单", "Ready-made lists"), PathLists},
		{a.t("两个时点比较", "Compare two days"), PathCompare}, {a.t("规则版本比较", "Compare rule versions"), PathDiff}, {a.t("规则影响测算", "Impact of a version"), PathImpact}, {a.t("对账", "Reconciliation"), PathReconcile},
		{a.t("核查的审计", "Audit of the reviews"), PathReviews}, {a.t("查阅记录", "Access log"), PathAccess}, {a.t("统计", "Statistics"), PathStatistics},
	}
	return v, nil
}

// offices are those of the register, as choices.
func (s *Sources) offices(ctx context.Context, a Ask) ([]Option, error) {
	r, err := s.Cases.Register(ctx)
	if err != nil {
		return nil, err
	}
	list := []Option{{"", a.t("全部", "all")}}
	for _, id := range officesOf(r) {
		list = append(list, Option{id, id})
	}
	return list, nil
}

func officesOf(r *eligibility.Register) []string {
	var ids []string
	for _, p := range r.Posts {
		if !slices.Contains(ids, p.Office) {
			ids = append(ids, p.Office)
		}
	}
	slices.Sort(ids)
	return ids
}

func programmes(a Ask) []Option {
	list := []Option{{"", a.t("全部", "all")}}
	for _, p := range eligibility.Programmes() {
		list = append(list, Option{p, a.in(names.Of("programme", p))})
	}
	return list
}

// Search walks the decision register of an office, or what a case or a rule is
// about. Officers are not named.
func Search(ctx context.Context, s *Sources, a Ask) (View, error) {
	offices, err := s.offices(ctx, a)
	if err != nil {
		return View{}, err
	}
	v := View{Title: a.t("查询决定", "Search decisions"), Lead: a.t("决定登记簿，最新在前。按单位、户（个案编号）、期间和规则版本筛选；按人查询见“按人查找”。", "The decision register, newest first. Filter by office, household (case), period and rule version; for a person see “Find a person”.")}
	v.Form = a.form(a.t("查询", "Search"),
		Field{Name: "office", Label: a.t("决定单位", "Deciding office"), Type: "select", Options: offices},
		Field{Name: "case", Label: a.t("个案编号", "Case"), Type: "text"},
		Field{Name: "from", Label: a.t("起始日", "From"), Type: "date"},
		Field{Name: "to", Label: a.t("截止日", "To"), Type: "date"},
		Field{Name: "rule", Label: a.t("规则版本", "Rule version"), Type: "text", Hint: a.t("如 2020.1", "such as 2020.1")},
		Field{Name: "advised", Label: a.t("与系统建议", "Beside the advice"), Type: "select", Options: []Option{{"", a.t("全部", "all")}, {projections.AdvisedSame, a.t("相同", "same")}, {projections.AdvisedOther, a.t("不同", "other")},
			{projections.AdvisedUndetermined, a.t("不能确定", "undetermined")}, {projections.AdvisedNone, a.t("无建议", "none")}}})
	from, err := a.day("from")
	if err != nil {
		return v, err
	}
	to, err := a.day("to")
	if err != nil {
		return v, err
	}
	l := documents.List{Title: a.t("决定", "Decisions"), Columns: []documents.Column{{Head: a.t("个案", "case")}, {Head: a.t("日期", "day")}, {Head: a.t("事件", "event")}, {Head: a.t("结果", "result")},
		{Head: a.t("元/月", "yuan a month"), Right: true}, {Head: a.t("起始月", "from")}, {Head: a.t("单位", "office")}, {Head: a.t("规则", "rules")}, {Head: a.t("与建议", "advice")}}}
	fits := func(d projections.DecisionLine) bool {
		return (from == 0 || d.Day >= from) && (to == 0 || d.Day <= to) && (a.get("rule") == "" || d.Rules.Version == a.get("rule")) && (a.get("advised") == "" || d.Advised == a.get("advised"))
	}
	cursor := a.get("cursor")
	for range searchPages { // a filter that no index knows may pass whole pages over
		lines, next, err := s.decisions(ctx, a, cursor)
		if err != nil {
			return v, err
		}
		for _, d := range lines {
			if fits(d) {
				l.Rows = append(l.Rows, decisionCells(a, d))
			}
		}
		old := len(lines) > 0 && lines[len(lines)-1].Day < from // newest first: nothing of the period follows
		if cursor = next; next == "" || old || len(l.Rows) > 0 {
			if old {
				cursor = ""
			}
			break
		}
	}
	if len(l.Rows) == 0 {
		v.Empty = a.t("没有符合条件的决定。选一个决定单位，或放宽期间。", "No decision fits. Choose a deciding office, or widen the period.")
	}
	v.Lists = []List{{List: l, Plain: true}}
	if cursor != "" {
		v.Lists[0].Next = link(a.Path, "office", a.get("office"), "case", a.get("case"), "from", a.get("from"), "to", a.get("to"), "rule", a.get("rule"), "advised", a.get("advised"), "cursor", cursor)
	}
	return v, nil
}

// searchPages is how many pages of the register one request walks at most.
const searchPages = 25

// decisionCells is a line of the decision register. Officers are not named.
func decisionCells(a Ask, d projections.DecisionLine) []documents.Cell {
	rules := ""
	if d.Rules.Pack != "" {
		rules = d.Rules.Pack + " " + d.Rules.Version
	}
	return []documents.Cell{documents.Text(d.Case).To(link(PathCase, "case", d.Case, "as_of", d.Day.String())), documents.OnDay(d.Day), documents.Text(a.in(names.Event(d.Type))),
		documents.Text(a.in(names.Of("result", d.Outcome))), documents.Yuan(d.Amount), documents.InMonth(d.From), documents.Text(d.Actor.Office), documents.Text(rules), documents.Text(advised(a, d.Advised))}
}

func advised(a Ask, how string) string {
	switch how {
	case projections.AdvisedSame:
		return a.t("相同", "same")
	case projections.AdvisedOther:
		return a.t("不同", "other")
	case projections.AdvisedUndetermined:
		return a.t("不能确定", "undetermined")
	}
	return a.t("无建议", "none")
}

// decisions are one page of the register, as far as an index leads.
func (s *Sources) decisions(ctx context.Context, a Ask, cursor string) ([]projections.DecisionLine, string, error) {
	ask := projections.Ask{Cursor: cursor, Limit: 200}
	bench := s.Models.Bench()
	switch {
	case a.get("case") != "":
		lines, err := bench.CaseDecisions(ctx, a.get("case"))
		return lines, "", err
	case a.get("office") != "":
		page, err := bench.OfficeDecisions(ctx, a.get("office"), ask)
		return page.Rows, page.Next, err
	case a.get("advised") != "":
		page, err := bench.Advised(ctx, a.get("advised"), ask)
		return page.Rows, page.Next, err
	}
	return s.everyOffice(ctx)
}

// everyOffice gathers the newest decisions of each office.
func (s *Sources) everyOffice(ctx context.Context) ([]projections.DecisionLine, string, error) {
	r, err := s.Cases.Register(ctx)
	if err != nil {
		return nil, "", err
	}
	var all []projections.DecisionLine
	for _, office := range officesOf(r) {
		page, err := s.Models.Bench().OfficeDecisions(ctx, office, projections.Ask{Limit: 50})
		if err != nil {
			return nil, "", err
		}
		all = append(all, page.Rows...)
	}
	slices.SortStableFunc(all, func(x, y projections.DecisionLine) int { return int(y.Day - x.Day) })
	return all, "", nil
}

// Case is the state of one case as it was known by the end of a day, with the
// checkpoint that proves it. Personal data stays closed.
func Case(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("个案在某日的状态", "State of a case on a day"), Lead: a.t("截至所选日终在案的全部事实、决定、资金和事件。个人信息不在此打开。", "Every fact, decision, payment and event that was on record by the end of the day. Personal data is not opened here.")}
	v.Form = a.form(a.t("查看", "Show"), Field{Name: "case", Label: a.t("个案编号", "Case"), Type: "text"}, Field{Name: "as_of", Label: a.t("截至", "As of"), Type: "date"})
	id := a.get("case")
	if id == "" {
		v.Empty = a.t("写一个个案编号；从“查询决定”可以点选。", "Give a case; the search for decisions links to them.")
		return v, nil
	}
	day, err := a.day("as_of")
	if err != nil {
		return v, err
	}
	if day == 0 {
		day = s.today()
	}
	f, err := s.caseFile(ctx, id, day)
	if err != nil {
		return v, err
	}
	paper := documents.History(f, a.Lang)
	v.Paper = &paper
	v.Facts, err = s.proof(ctx, a, day, f)
	v.Links = []Link{{a.t("查阅记录", "Access log"), link(PathAccess, "case", id)}, {a.t("该户的决定", "Decisions of the household"), link(PathSearch, "case", id)}}
	return v, err
}

// caseFile reads a case with its personal data closed again.
func (s *Sources) caseFile(ctx context.Context, id string, day domain.Day) (documents.CaseFile, error) {
	f, err := s.openedCase(ctx, id, day, nil)
	for _, e := range f.Entries {
		for _, p := range eligibility.Private(e.Event) {
			p.Data.Text = ""
		}
	}
	return f, err
}

// proof says on which checkpoint the day rests, and what that proves.
func (s *Sources) proof(ctx context.Context, a Ask, day domain.Day, f documents.CaseFile) ([]documents.Pair, error) {
	facts := []documents.Pair{{Name: a.t("在案事件", "Events on record"), Value: strconv.Itoa(len(f.Entries))}, {Name: a.t("最后修订", "Last revision"), Value: strconv.FormatInt(f.State.Last.Revision, 10)}}
	name := a.t("台账证明", "Proof by the ledger")
	if s.Known == nil {
		return append(facts, documents.Pair{Name: name, Value: a.t("此服务器没有启用检查点；每个事件仍逐条核对了位置和摘要。", "This server keeps no checkpoints; every event was still checked for its place and bytes.")}), nil
	}
	_, verified, err := s.Known.KnownOn(ctx, day.String())
	switch {
	case errors.Is(err, ledger.ErrNoCheckpoint):
		return append(facts, documents.Pair{Name: name, Value: a.t("该日没有检查点：事后补录的历史在当时并不在案。", "There is no checkpoint of that day: history that was entered later was not on record then.")}), nil
	case err != nil:
		return nil, err
	}
	covered, all, err := s.Known.Covered(ctx, verified.Checkpoint, f.State.ID)
	if err != nil {
		return nil, err
	}
	return append(facts, documents.Pair{Name: name, Value: fmt.Sprintf(a.t("该日最后的检查点含 %d 个事件，根 %s；本案现有 %d 个事件，其中 %d 个在该检查点之下。%s", "The last checkpoint of the day holds %d events, root %s; of the %d events that this case has now it holds %d. %s"),
		verified.Size, verified.Root, all, covered, proves(a, verified))}), nil
}

// checkpoint says what the last checkpoint of a day holds and proves.
func (s *Sources) checkpoint(ctx context.Context, a Ask, day domain.Day) (string, error) {
	_, verified, err := s.Known.KnownOn(ctx, day.String())
	switch {
	case errors.Is(err, ledger.ErrNoCheckpoint):
		return a.t("该日没有检查点", "there is none of that day"), nil
	case err != nil:
		return "", err
	}
	return fmt.Sprintf(a.t("%d 个事件，根 %s。%s", "%d events, root %s. %s"), verified.Size, verified.Root, proves(a, verified)), nil
}

// proves says what a checkpoint proves, and what it does not.
func proves(a Ask, v ledger.Verified) string {
	if len(v.Witnesses) == 0 {
		return a.t("没有见证人：只能证明运行方自己前后一致。", "Witnesses: 0. It proves only that the operator agrees with himself.")
	}
	var list []string
	for _, w := range v.Witnesses {
		list = append(list, w.Name+" "+w.At.In(domain.Shanghai).Format("2006-01-02 15:04"))
	}
	return fmt.Sprintf(a.t("%d 个见证人（%s）：要改写其中的记录，须运行方与他们一同作假。", "Witnesses: %d (%s). To rewrite what it covers, the operator and they would have to lie together."), len(list), strings.Join(list, a.t("、", ", ")))
}

// which reads the filter of many cases.
func which(a Ask) bulk.Which {
	return bulk.Which{Office: a.get("office"), Programme: a.get("programme")}
}

// surveyForm is the filter of a survey.
func (s *Sources) surveyForm(ctx context.Context, a Ask, more ...Field) (*Form, error) {
	offices, err := s.offices(ctx, a)
	if err != nil {
		return nil, err
	}
	fields := []Field{{Name: "as_of", Label: a.t("截至", "As of"), Type: "date"}, {Name: "office", Label: a.t("经办单位", "Office"), Type: "select", Options: offices},
		{Name: "programme", Label: a.t("救助项目", "Programme"), Type: "select", Options: programmes(a)}}
	return a.form(a.t("复算", "Replay"), append(fields, more...)...), nil
}

// asOf is the index day that was asked for; none: today.
func (s *Sources) asOf(a Ask) (domain.Day, error) {
	day, err := a.day("as_of")
	if err == nil && day == 0 {
		day = s.today()
	}
	return day, err
}

// surveyed is a survey under all filters of its page.
type surveyed struct {
	*bulk.Outcome
	day   domain.Day
	which bulk.Which
	shown *replay.Survey // less the months and the cause that were not asked for
}

// surveyFields are the filters of a survey beside those of every population.
func (s *Sources) surveyFields(ctx context.Context, a Ask) ([]Field, error) {
	r, err := s.Cases.Register(ctx)
	if err != nil {
		return nil, err
	}
	classes, sources := []Option{{"", a.t("全部", "all")}}, []Option{{"", a.t("全部", "all")}}
	for _, c := range replay.Order {
		classes = append(classes, Option{string(c), string(c) + " " + a.in(names.Of("class", string(c)))})
	}
	for _, c := range r.Sources {
		if !slices.ContainsFunc(sources, func(o Option) bool { return o.Value == c.Source }) {
			sources = append(sources, Option{c.Source, a.in(names.Of("held by", c.Source))})
		}
	}
	return []Field{{Name: "class", Label: a.t("成因", "Cause"), Type: "select", Options: classes},
		{Name: "source", Label: a.t("信息来源", "Source"), Type: "select", Options: sources, Hint: a.t("差额取决于该来源所持事实", "the difference turns on a fact that it holds")},
		{Name: "worker", Label: a.t("经办人代号", "Worker, by pseudonym"), Type: "text", Hint: a.t("只列其参与的个案；清单不列人员", "cases he took part in; the list names nobody")},
		{Name: "rule", Label: a.t("规则、标准或版本", "Rule, standard or version"), Type: "text", Hint: a.t("如 cn-hb-qianjiang/2020.2 或 epidemic_exit_hold", "such as cn-hb-qianjiang/2020.2 or epidemic_exit_hold")},
		{Name: "from", Label: a.t("起始月", "From month"), Type: "month"}, {Name: "to", Label: a.t("截止月", "To month"), Type: "month"}}, nil
}

// surveyAsked is the survey that a request asks for.
func (s *Sources) surveyAsked(ctx context.Context, a Ask) (surveyed, *Running, error) {
	day, err := s.asOf(a)
	if err != nil {
		return surveyed{}, nil, err
	}
	w := which(a)
	w.Worker, w.Source, w.Rule = a.get("worker"), a.get("source"), a.get("rule")
	from, err := a.month("from")
	if err != nil {
		return surveyed{}, nil, err
	}
	to, err := a.month("to")
	if err != nil {
		return surveyed{}, nil, err
	}
	out, running, err := s.survey(ctx, w, day)
	if err != nil || running != nil {
		return surveyed{}, running, err
	}
	shown := out.Survey
	if from != 0 || to != 0 {
		shown = shown.Between(from, to)
	}
	return surveyed{out, day, w, shown}, nil, nil
}

// Survey replays all cases and lists, by link of the chain and cause, where
// money went wrong.
func Survey(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("疑点(待核实)", "To be verified"), Lead: a.t("对全部个案还原复算，按环节和成因列出差额。所列均为疑点，不是认定；不列经办人员；多发少发分列，不相抵。", "Every case is replayed; differences are listed by link and cause. All of it is to be verified and determines nothing; no officer is named; too much and too little are never netted.")}
	fields, err := s.surveyFields(ctx, a)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.surveyForm(ctx, a, fields...); err != nil {
		return v, err
	}
	v.Links = questionLinks(a)
	found, running, err := s.surveyAsked(ctx, a)
	if err != nil || running != nil {
		v.Running = running
		return v, err
	}
	survey, all := found.shown, ""
	if a.get("from") != "" || a.get("to") != "" {
		all = a.t("，全部月份", ", of all months")
	}
	v.Facts = []documents.Pair{{Name: a.t("截至", "As of"), Value: found.day.String()}, {Name: a.t("复算个案", "Cases replayed"), Value: strconv.Itoa(survey.Cases)}, {Name: a.t("有差额的个案", "With a difference") + all, Value: strconv.Itoa(survey.Cases - survey.Clean)},
		{Name: a.t("错保（元）", "Wrong inclusion (yuan)") + all, Value: fmt.Sprintf(a.t("%s，%d 户", "%s, %d households"), documents.Yuan(found.Overpaid), found.Over)},
		{Name: a.t("漏保（元）", "Wrong exclusion (yuan)") + all, Value: fmt.Sprintf(a.t("%s，%d 户", "%s, %d households"), documents.Yuan(found.Underpaid), found.Short)},
		{Name: a.t("不能确定的月数", "Undetermined months") + all, Value: strconv.Itoa(survey.Under)}, {Name: a.t("未能复算", "Not replayed"), Value: strconv.Itoa(len(survey.Failed))},
		{Name: a.t("核对事件", "Events held against the store"), Value: strconv.Itoa(found.Events)}}
	if len(survey.Hits) == 0 {
		v.Empty = a.t("没有符合筛选的差额。可放宽月份、单位、来源或规则。", "No difference fits the filters. Widen the months, or ask for every office, source and rule.")
		return v, nil
	}
	v.Links = append(v.Links, Link{a.t("可复现的报告（PDF）", "Reproducible report (PDF)"), a.at(PathReport)})
	v.Figures = []Figure{waterfall(a, survey), causesByMonth(a, survey)}
	hits := documents.Hits(survey, replay.Class(a.get("class")), a.Lang)
	for i, row := range hits.Rows {
		hits.Rows[i][0] = row[0].To(link(PathCase, "case", row[0].String(), "as_of", found.day.String()))
	}
	v.Lists = []List{{List: documents.Classes(survey, a.Lang)}, {List: hits}}
	if len(survey.Failed) > 0 {
		v.Lists = append(v.Lists, List{List: failures(a, survey), Plain: true})
	}
	return v, nil
}

func failures(a Ask, s *replay.Survey) documents.List {
	l := documents.List{Title: a.t("未能复算的个案", "Cases that could not be replayed"), Columns: []documents.Column{{Head: a.t("个案", "case")}, {Head: a.t("原因", "why")}}}
	for _, f := range s.Failed {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(f.Case), documents.Text(f.Why)})
	}
	return l
}

// Compare holds two days against each other over the same cases: what came out
// between them, and which rules were published.
func Compare(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("两个时点比较", "Compare two days"), Lead: a.t("同一批个案按两个日期各复算一次：两者之差是其间才知道的事实和才公布的规则。", "The same cases, replayed as of two days: they differ by what came out and what was published in between.")}
	offices, err := s.offices(ctx, a)
	if err != nil {
		return v, err
	}
	v.Form = a.form(a.t("比较", "Compare"), Field{Name: "a", Label: a.t("较早日期", "Earlier day"), Type: "date"}, Field{Name: "b", Label: a.t("较晚日期", "Later day"), Type: "date"},
		Field{Name: "office", Label: a.t("经办单位", "Office"), Type: "select", Options: offices}, Field{Name: "programme", Label: a.t("救助项目", "Programme"), Type: "select", Options: programmes(a)})
	early, err := a.day("a")
	if err != nil {
		return v, err
	}
	late, err := a.day("b")
	if err != nil {
		return v, err
	}
	if early == 0 {
		v.Empty = a.t("选择两个日期。较晚日期不填即为今天。", "Choose two days. Without a later one it is today.")
		return v, nil
	}
	if late == 0 {
		late = s.today()
	}
	first, running, err := s.survey(ctx, which(a), early)
	if err != nil || running != nil {
		v.Running = running
		return v, err
	}
	second, running, err := s.survey(ctx, which(a), late)
	if err != nil || running != nil {
		v.Running = running
		return v, err
	}
	one, two := first.Survey, second.Survey
	l := documents.List{Title: a.t("按成因比较 疑点(待核实)", "By cause, to be verified"), Columns: []documents.Column{{Head: a.t("成因", "cause")},
		{Head: a.t("多发", "too much") + " " + early.String(), Right: true}, {Head: a.t("多发", "too much") + " " + late.String(), Right: true},
		{Head: a.t("少发", "too little") + " " + early.String(), Right: true}, {Head: a.t("少发", "too little") + " " + late.String(), Right: true}, {Head: a.t("月数变化", "months more"), Right: true}}}
	for _, c := range replay.Order {
		x, y := classOf(one, c), classOf(two, c)
		if x.Months+y.Months == 0 {
			continue
		}
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(string(c) + " " + a.in(names.Of("class", string(c)))), documents.Yuan(x.Plus), documents.Yuan(y.Plus), documents.Yuan(x.Minus), documents.Yuan(y.Minus), documents.Count(y.Months - x.Months)})
	}
	v.Facts = []documents.Pair{{Name: a.t("复算个案", "Cases replayed"), Value: fmt.Sprintf("%d / %d", one.Cases, two.Cases)}}
	v.Links = []Link{{a.t("较早日期的清单", "List of the earlier day"), link(PathSurvey, "as_of", early.String(), "office", a.get("office"), "programme", a.get("programme"))},
		{a.t("较晚日期的清单", "List of the later day"), link(PathSurvey, "as_of", late.String(), "office", a.get("office"), "programme", a.get("programme"))}}
	v.Lists = []List{{List: l}, {List: documents.Hits(newHits(one, two), "", a.Lang)}}
	v.Lists[1].Title = a.t("其间新出现的疑点(待核实)", "New between the two days, to be verified")
	return v, nil
}

func classOf(s *replay.Survey, c replay.Class) replay.ClassTotal {
	for _, t := range s.Classes {
		if t.Class == c {
			return t
		}
	}
	return replay.ClassTotal{Class: c}
}

// newHits are those of the later survey that the earlier one does not have.
func newHits(early, late *replay.Survey) *replay.Survey {
	type key struct {
		id    string
		month domain.Month
		class replay.Class
		fen   domain.Fen
	}
	of := func(h replay.Hit) key {
		k := key{h.Case, h.Month, h.Class, 0}
		if h.Amount != nil {
			k.fen = *h.Amount
		}
		return k
	}
	had := map[key]bool{}
	for _, h := range early.Hits {
		had[of(h)] = true
	}
	out := *late
	out.Hits = slices.DeleteFunc(slices.Clone(late.Hits), func(h replay.Hit) bool { return had[of(h)] })
	return &out
}

// knownTotals are the totals that were given, beside what the ledger says.
// Households and persons are of the last month: over several they would be
// counted again and again.
func knownTotals(a Ask, totals []casework.MonthTotal) ([]documents.Known, error) {
	var sum, last casework.MonthTotal
	for _, t := range totals {
		sum.Paid, sum.Payments = sum.Paid+t.Paid, sum.Payments+t.Payments
		if t.Month > last.Month {
			last = casework.MonthTotal{Month: t.Month}
		}
		if t.Month == last.Month {
			last.Households, last.Persons = last.Households+t.Households, last.Persons+t.Persons
		}
	}
	var list []documents.Known
	if text := a.get("paid"); text != "" {
		fen, err := domain.ParseYuan(text)
		if err != nil {
			return nil, domain.NewFault("paid", "%q is no amount", "write yuan, such as 378 or 378.50", text)
		}
		list = append(list, documents.Known{Item: a.t("发放（元）", "Paid (yuan)"), Value: int64(fen), Found: int64(sum.Paid), Money: true})
	}
	for _, k := range []struct {
		name, item string
		found      int
	}{{"records", a.t("发放笔数", "Payments"), sum.Payments}, {"households", a.t("户数", "Households") + " " + last.Month.String(), last.Households}, {"persons", a.t("人数", "Persons") + " " + last.Month.String(), last.Persons}} {
		text := a.get(k.name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, domain.NewFault(k.name, "%q is no number", "write a whole number", text)
		}
		list = append(list, documents.Known{Item: k.item, Value: n, Found: int64(k.found)})
	}
	return list, nil
}

func moneyList(a Ask, totals []casework.MonthTotal) documents.List {
	l := documents.List{Title: a.t("发放汇总", "Money by month"), Columns: []documents.Column{{Head: a.t("月份", "month")}, {Head: a.t("救助项目", "programme")}, {Head: a.t("户数", "households"), Right: true}, {Head: a.t("人数", "persons"), Right: true},
		{Head: a.t("笔数", "payments"), Right: true}, {Head: a.t("发放（元）", "paid (yuan)"), Right: true}, {Head: a.t("追回（元）", "recovered (yuan)"), Right: true}, {Head: a.t("补发（元）", "paid back (yuan)"), Right: true}}}
	for _, t := range totals {
		l.Rows = append(l.Rows, []documents.Cell{documents.InMonth(t.Month), documents.Text(a.in(names.Of("programme", t.Programme))), documents.Count(t.Households), documents.Count(t.Persons), documents.Count(t.Payments), documents.Yuan(t.Paid), documents.Yuan(t.Recovered), documents.Yuan(t.BackPaid)})
	}
	return l
}

// AccessLog is who saw personal data of a case, or what a person saw.
func AccessLog(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("查阅记录", "Access log"), Lead: a.t("谁、何时、为何查阅了谁的个人信息；只记打开了几项，不记内容。", "Who saw whose personal data, when and why. It says how many fields were opened, not what stood in them.")}
	v.Form = a.form(a.t("查询", "Search"), Field{Name: "case", Label: a.t("个案编号", "Case"), Type: "text"}, Field{Name: "person", Label: a.t("查阅人代号", "Who looked, by pseudonym"), Type: "text"})
	id, person := a.get("case"), a.get("person")
	if id == "" && person == "" {
		v.Empty = a.t("写一个个案编号或查阅人代号。", "Give a case or a person.")
		return v, nil
	}
	ask := projections.Ask{Cursor: a.get("cursor"), Limit: 100}
	read := func() (projections.Page[projections.Viewing], error) { return s.Models.Bench().Viewed(ctx, id, ask) }
	if id == "" {
		read = func() (projections.Page[projections.Viewing], error) {
			return s.Models.Bench().ViewedBy(ctx, person, ask)
		}
	}
	page, err := read()
	if err != nil {
		return v, err
	}
	l := documents.List{Title: v.Title, Columns: []documents.Column{{Head: a.t("时间", "time")}, {Head: a.t("查阅人", "who")}, {Head: a.t("单位岗位", "office, post")}, {Head: a.t("种类", "kind")}, {Head: a.t("个案", "case")},
		{Head: a.t("打开项数", "fields"), Right: true}, {Head: a.t("目的", "purpose")}, {Head: a.t("请求", "request")}}}
	for _, x := range page.Rows {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(x.Recorded.In(domain.Shanghai).Format("2006-01-02 15:04:05")), documents.Text(x.Actor.Person), documents.Text(x.Actor.Office + " " + x.Actor.Post), documents.Text(a.in(names.Of("access", x.Kind))),
			documents.Text(x.Case), documents.Count(x.Fields), documents.Text(a.in(names.Of("purpose", x.Purpose))), documents.Text(x.Request)})
	}
	if len(l.Rows) == 0 {
		v.Empty = a.t("没有查阅记录。", "Nobody has looked.")
	}
	v.Lists = []List{{List: l, Plain: true}}
	if page.Next != "" {
		v.Lists[0].Next = link(a.Path, "case", id, "person", person, "cursor", page.Next)
	}
	return v, nil
}
