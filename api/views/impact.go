package views

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/names"
	"leeway/policies"
)

// Impact is what one version of the rules would change against another over
// the real caseload, or one with itself but for a standard.
func Impact(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("规则影响测算", "Impact of a version"), Lead: a.t("对全部个案按今日所知的真实情况，逐月比较两个版本；或设想某一标准提高若干元。只是测算：不改变任何决定，不据以认定任何人。", "Two versions over every case, month by month, on what is true by today's knowledge; or one version with a standard raised. It changes no decision and determines nothing.")}
	var versions []Option
	for _, id := range s.Packs.Versions() {
		versions = append(versions, Option{id.Pack + "@" + id.Version, id.Pack + "@" + id.Version})
	}
	to := append([]Option{{"", a.t("（同一版本，提高标准）", "(the same, with a standard raised)")}}, versions...)
	written, err := s.written(a)
	if err != nil {
		return v, err
	}
	for _, d := range written {
		to = append(to, Option{draftMark + d.ID(), a.t("草稿 ", "draft ") + d.ID()})
	}
	offices, err := s.offices(ctx, a)
	if err != nil {
		return v, err
	}
	v.Form = a.form(a.t("测算", "Reckon"), Field{Name: "a", Label: a.t("现行版本", "Version as it is"), Type: "select", Options: versions},
		Field{Name: "b", Label: a.t("拟用版本", "Version to be"), Type: "select", Options: to},
		Field{Name: "standard", Label: a.t("提高的标准", "Standard to raise"), Type: "select", Options: s.moneyStandards(a)}, Field{Name: "by", Label: a.t("提高（元）", "Raised by (yuan)"), Type: "text", Hint: a.t("负数为降低", "negative: lowered")},
		Field{Name: "as_of", Label: a.t("截至", "As of"), Type: "date"}, Field{Name: "office", Label: a.t("经办单位", "Office"), Type: "select", Options: offices}, Field{Name: "programme", Label: a.t("救助项目", "Programme"), Type: "select", Options: programmes(a)},
		Field{Name: "from", Label: a.t("起始月", "From month"), Type: "month"}, Field{Name: "to", Label: a.t("截止月", "To month"), Type: "month"})
	v.Links = []Link{{a.t("规则", "Rules"), PathPolicy}}
	if id, ok := strings.CutPrefix(a.get("b"), draftMark); ok {
		pack, version, _ := strings.Cut(id, "@")
		v.Links = append(v.Links, Link{a.t("草稿", "The draft"), draftLink(pack, version)})
	} else {
		v.Links = append(v.Links, Link{a.t("比较两个版本的文字含义", "Compare what two versions mean"), link(PathDiff, "a", a.get("a"), "b", a.get("b"))})
	}
	if a.get("a") == "" || a.get("b") == "" && (a.get("standard") == "" || a.get("by") == "") {
		v.Empty = a.t("选择两个版本，或选一个版本、一项标准和提高的金额。", "Choose two versions, or one with a standard and by how much it rises.")
		return v, nil
	}
	im, running, err := s.impact(ctx, a)
	if err != nil || running != nil {
		v.Running = running
		return v, err
	}
	v.Facts = []documents.Pair{{Name: a.t("现行", "As it is"), Value: im.Old.Pack + " " + im.Old.Version + " " + im.Old.Digest}, {Name: a.t("拟用", "To be"), Value: im.New.Pack + " " + im.New.Version + " " + im.New.Digest},
		{Name: a.t("受影响的户", "Cases that change"), Value: fmt.Sprintf("%d / %d", im.Touched, im.Cases)}, {Name: a.t("受影响的户·月", "Months that change"), Value: fmt.Sprintf("%d / %d", len(im.Turns), im.Months)},
		{Name: a.t("增加（元）", "More (yuan)"), Value: documents.Yuan(im.Plus).String()}, {Name: a.t("减少（元）", "Less (yuan)"), Value: documents.Yuan(im.Minus).String()},
		{Name: a.t("新增符合的户", "Come in"), Value: strconv.Itoa(im.In)}, {Name: a.t("不再符合的户", "Fall out"), Value: strconv.Itoa(im.Out)}, {Name: a.t("不能唯一确定的户·月", "Months without one amount"), Value: strconv.Itoa(im.Open)}}
	if len(im.Turns) == 0 {
		v.Empty = a.t("没有个案因此改变。", "No case changes.")
		return v, nil
	}
	v.Lists = []List{{List: impactCauses(a, im), Plain: true}, {List: turns(a, im), Plain: true}}
	return v, nil
}

// moneyStandards are the standards of the chosen version that are amounts.
func (s *Sources) moneyStandards(a Ask) []Option {
	list := []Option{{"", a.t("（无）", "(none)")}}
	pack, version, _ := strings.Cut(a.get("a"), "@")
	for _, id := range s.Packs.Versions() {
		if pack != "" && (id.Pack != pack || id.Version != version) {
			continue
		}
		plan, err := s.Packs.PlanOn(id, s.today())
		if err != nil {
			continue
		}
		for _, x := range plan.Standards() {
			if x.Kind == "money" && !has(list, x.ID) {
				list = append(list, Option{x.ID, a.in(x.Title) + " " + x.ID})
			}
		}
	}
	return list
}

func has(list []Option, value string) bool {
	for _, o := range list {
		if o.Value == value {
			return true
		}
	}
	return false
}

// impact is the comparison under the filters of the page. It has a library of
// its own: a version that somebody imagines is not at hand for anybody else.
func (s *Sources) impact(ctx context.Context, a Ask) (*bulk.Impact, *Running, error) {
	day, err := s.asOf(a)
	if err != nil {
		return nil, nil, err
	}
	w := which(a)
	if w.From, err = a.month("from"); err != nil {
		return nil, nil, err
	}
	if w.To, err = a.month("to"); err != nil {
		return nil, nil, err
	}
	old, err := s.named(a.get("a"))
	if err != nil {
		return nil, nil, err
	}
	draft, state, err := s.draft(a, old)
	if err != nil {
		return nil, nil, err
	}
	key := workKey{"impact", w, day, strings.Join([]string{a.get("a"), a.get("b"), state, a.get("standard"), a.get("by")}, " ")}
	return reckon(ctx, s, key, func(ctx context.Context, r bulk.Run) (*bulk.Impact, error) {
		library, err := policies.New(s.dirs()...)
		if err != nil {
			return nil, err
		}
		from, err := library.Open(old)
		if err != nil {
			return nil, err
		}
		to, err := library.Open(draft)
		if err != nil {
			return nil, err
		}
		return r.Impact(ctx, library, from, to, "")
	})
}

// errPacksDiffer says that two packs are no two versions.
var errPacksDiffer = domain.NewFault("b", "the two are versions of different packs", "choose two versions of one pack")

// draft is the version to be: another one, one that is being written, or the
// old one with a standard raised. State tells apart what has one name at two
// times.
func (s *Sources) draft(a Ask, old fs.FS) (files fs.FS, state string, err error) {
	if id, ok := strings.CutPrefix(a.get("b"), draftMark); ok && a.Approves {
		d, err := s.draftOf(id)
		return d.FS(), strconv.Itoa(d.Revision), err
	}
	files, err = s.version(a, old)
	return files, "", err
}

// version is a version at hand, or the old one with a standard raised.
func (s *Sources) version(a Ask, old fs.FS) (fs.FS, error) {
	if a.get("b") != "" {
		was, _, _ := strings.Cut(a.get("a"), "@")
		if pack, _, _ := strings.Cut(a.get("b"), "@"); pack != was {
			return nil, errPacksDiffer // before any work begins
		}
		return s.named(a.get("b"))
	}
	by, err := domain.ParseYuan(strings.TrimPrefix(a.get("by"), "-"))
	if err != nil {
		return nil, domain.NewFault("by", "%q is no amount", "write yuan, such as 378 or 378.50", a.get("by"))
	}
	if strings.HasPrefix(a.get("by"), "-") {
		by = -by
	}
	draft, err := policies.Raised(old, a.get("standard"), by)
	if fault := new(domain.Fault); errors.As(err, &fault) {
		return nil, fault
	}
	return draft, err
}

// leafOr names a condition, or says that an amount alone changed.
func leafOr(a Ask, leaf string) string {
	if leaf == "" {
		return a.t("仅金额变化", "an amount alone")
	}
	return leaf
}

func impactCauses(a Ask, im *bulk.Impact) documents.List {
	l := documents.List{Title: a.t("按条件", "By condition"), Columns: []documents.Column{{Head: a.t("条件", "condition")}, {Head: a.t("户数", "cases"), Right: true}, {Head: a.t("户·月", "months"), Right: true}, {Head: a.t("增加（元）", "more (yuan)"), Right: true}, {Head: a.t("减少（元）", "less (yuan)"), Right: true}}}
	for _, c := range im.Causes {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(leafOr(a, c.Leaf)), documents.Count(c.Cases), documents.Count(c.Months), documents.Yuan(c.Plus), documents.Yuan(c.Minus)})
	}
	return l
}

// turns is every month that changes.
func turns(a Ask, im *bulk.Impact) documents.List {
	l := documents.List{Title: a.t("改变的户·月", "Months that change"), Columns: []documents.Column{{Head: a.t("个案", "case")}, {Head: a.t("救助项目", "programme")}, {Head: a.t("单位", "office")}, {Head: a.t("月份", "month")},
		{Head: a.t("现行（元）", "as it is (yuan)"), Right: true}, {Head: a.t("拟用（元）", "to be (yuan)"), Right: true}, {Head: a.t("差额（元）", "difference (yuan)"), Right: true}, {Head: a.t("条件", "condition")}}}
	amounts := func(o domain.Outcome) documents.Cell {
		if f, ok := o.Single(); ok {
			return documents.Yuan(f)
		}
		if !o.Determined() {
			return documents.Text(a.t("不能确定", "undetermined"))
		}
		return documents.Text(o.Min().Yuan() + "–" + o.Max().Yuan())
	}
	for _, t := range im.Turns {
		more := documents.Text("")
		if t.More != nil {
			more = documents.Yuan(*t.More)
		}
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(t.Case), documents.Text(a.in(names.Of("programme", t.Programme))), documents.Text(t.Office), documents.InMonth(t.Month), amounts(t.Old), amounts(t.New), more, documents.Text(leafOr(a, strings.Join(t.Leaves, " ")))})
	}
	return l
}
