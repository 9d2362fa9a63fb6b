package views

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/policies"
)

// Policy lists the rule packs at hand: which are active, who approved them,
// which offices hold them.
func Policy(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("规则", "Rules"), Lead: a.t("规则包的各个版本。在草稿页起草、检查、测试和封存；在版本页批准和启用，启用须有起草人以外两人对同一摘要的批准。", "Every version at hand. Drafts are written, checked, tested and sealed on their page; approving and publishing is done on the page of a version. Publishing takes the approval of the exact digest by two persons who did not write it.")}
	r, err := s.Cases.Register(ctx)
	if err != nil {
		return v, err
	}
	l := documents.List{Title: a.t("版本", "Versions"), Columns: []documents.Column{{Head: a.t("规则包", "pack")}, {Head: a.t("版本", "version")}, {Head: a.t("名称", "title")}, {Head: a.t("状态", "state")}, {Head: a.t("启用日", "active since")}, {Head: a.t("批准人", "approved by")}, {Head: a.t("须批准人数", "approvals needed"), Right: true}, {Head: a.t("摘要", "digest")}}}
	for _, id := range s.Packs.Versions() {
		info, err := s.Packs.Info(id)
		if err != nil {
			return v, err
		}
		state, since, by := s.standing(a, r, info)
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(id.Pack), documents.Text(id.Version).To(link(PathPack, "pack", id.Pack, "version", id.Version)), documents.Text(a.in(info.Title)), documents.Text(state), documents.OnDay(since), documents.Text(by), documents.Count(info.Approvals), documents.Text(id.Digest)})
	}
	v.Lists = []List{{List: l, Plain: true}, {List: receipts(a, r), Plain: true}}
	v.Links = []Link{{a.t("比较两个版本", "Compare two versions"), PathDiff}, {a.t("规则影响测算", "Impact of a version"), PathImpact}}
	if a.Approves {
		v.Links = append(v.Links, Link{a.t("草稿", "Drafts"), PathDrafts})
	}
	return v, nil
}

// standing is where a version stands: made up, active, or waiting for approval.
func (s *Sources) standing(a Ask, r *eligibility.Register, info policies.Info) (state string, since domain.Day, by string) {
	for _, x := range r.Rules {
		if x.Rules == info.ID {
			return a.t("已启用", "active"), x.At.Day, approvals(a, x.Approvals)
		}
	}
	if info.Synthetic {
		return a.t("虚构数值，不得启用", "made-up values, never activated"), 0, ""
	}
	return a.t("未启用，待批准", "not active, waits for approval"), 0, ""
}

// receipts lists which office was sent a version, and received it.
func receipts(a Ask, r *eligibility.Register) documents.List {
	l := documents.List{Title: a.t("下发和签收", "Dispatch and receipt"), Columns: []documents.Column{{Head: a.t("规则包", "pack")}, {Head: a.t("版本", "version")}, {Head: a.t("单位", "office")}, {Head: a.t("事项", "what")}, {Head: a.t("日期", "day")}}}
	for _, n := range r.Notices {
		what := a.in(names.Event("rules-dispatched.v1"))
		if n.Received {
			what = a.in(names.Event("rules-received.v1"))
		}
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(n.Rules.Pack), documents.Text(n.Rules.Version), documents.Text(n.Office), documents.Text(what), documents.OnDay(n.At.Day)})
	}
	return l
}

// files is the folder of a version. The error wraps domain.ErrNotFound.
func (s *Sources) files(pack, version string) (fs.FS, error) {
	id, err := s.Packs.Resolve(pack, version)
	if err != nil {
		return nil, domain.Deny(domain.ErrNotFound, "there is no rule pack %s %s", "choose one of the list", pack, version)
	}
	return s.Packs.Files(id)
}

// Pack is one version: what it says of itself, its procedure on a day with
// sources, its tests and what they do not reach.
func Pack(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("规则包", "Rule pack") + " " + a.get("pack") + " " + a.get("version"), Lead: a.t("标 [to_verify] 的依据是假定，须核实后方可引用。", "A source marked [to_verify] is an assumption and must be checked before it is relied on.")}
	files, err := s.files(a.get("pack"), a.get("version"))
	if err != nil {
		return v, err
	}
	id, err := s.Packs.Resolve(a.get("pack"), a.get("version"))
	if err != nil {
		return v, err
	}
	info, err := s.Packs.Info(id)
	if err != nil {
		return v, err
	}
	on, err := a.day("on")
	if err != nil {
		return v, err
	}
	if on == 0 {
		on = s.today()
	}
	v.Form = a.form(a.t("查看", "Show"), Field{Name: "pack", Label: a.t("规则包", "Pack"), Type: "text"}, Field{Name: "version", Label: a.t("版本", "Version"), Type: "text"}, Field{Name: "on", Label: a.t("规则日期", "Rules on"), Type: "date"})
	r, err := s.Cases.Register(ctx)
	if err != nil {
		return v, err
	}
	state, since, by := s.standing(a, r, info)
	v.Facts = []documents.Pair{{Name: a.t("名称", "Title"), Value: a.in(info.Title)}, {Name: a.t("摘要", "Digest"), Value: id.Digest}, {Name: a.t("制定机关", "Authority"), Value: a.in(info.Authority)}, {Name: a.t("编制说明", "Reason"), Value: a.in(info.Reason)},
		{Name: a.t("取代版本", "Supersedes"), Value: info.Supersedes}, {Name: a.t("更正版本", "Corrects"), Value: info.Corrects}, {Name: a.t("状态", "State"), Value: state}, {Name: a.t("批准人", "Approved by"), Value: by}, {Name: a.t("规则日期", "Rules on"), Value: on.String()}}
	if since != 0 {
		v.Facts = append(v.Facts, documents.Pair{Name: a.t("启用日", "Active since"), Value: since.String()})
	}
	if err := s.approvals(ctx, a, &v, info, since != 0); err != nil {
		return v, err
	}
	report := policies.Test(files, s.dirs()...)
	v.Facts = append(v.Facts, documents.Pair{Name: a.t("测试", "Tests"), Value: fmt.Sprintf(a.t("%d 项，不通过 %d 项", "%d, of which %d fail"), len(report.Cases), report.Failed())},
		documents.Pair{Name: a.t("覆盖", "Coverage"), Value: fmt.Sprintf(a.t("%d 个条件，%d 个未见成立与不成立两种结果", "%d conditions, %d not seen both to hold and to fail"), len(report.Leaves), len(report.Uncovered()))})
	plan, err := s.Packs.Plan(id, on)
	if err != nil {
		return v, err
	}
	for _, p := range info.Programmes {
		if list := procedure(a, p, plan.Procedure(p.ID)); len(list.Rows) > 0 {
			v.Lists = append(v.Lists, List{List: list, Plain: true})
		}
	}
	v.Lists = append(v.Lists, List{List: testList(a, report), Plain: true}, List{List: coverage(a, report), Plain: true})
	for _, x := range s.Packs.Versions() {
		if x.Pack == id.Pack && x.Version != id.Version {
			v.Links = append(v.Links, Link{fmt.Sprintf(a.t("与 %s 比较", "Compare with %s"), x.Version), link(PathDiff, "a", x.Pack+"@"+x.Version, "b", id.Pack+"@"+id.Version)})
		}
	}
	return v, nil
}

// Paths to which the acts of a version are posted.
const (
	PathApprove  = "/policy/approve"
	PathActivate = "/policy/activate"
)

// approvals lists whose word a version has, and lets who may give his own, or
// publish it. Both name the exact digest.
func (s *Sources) approvals(ctx context.Context, a Ask, v *View, info policies.Info, active bool) error {
	list, err := s.Cases.Approvals(ctx, info.ID)
	if err != nil {
		return err
	}
	authors, err := s.Cases.Authors(ctx, info.ID)
	if err != nil {
		return err
	}
	v.Facts = append(v.Facts, documents.Pair{Name: a.t("起草人", "Written by"), Value: strings.Join(authors, a.t("、", ", "))})
	l := documents.List{Title: a.t("批准", "Approvals"), Columns: []documents.Column{{Head: a.t("批准人", "approved by")}, {Head: a.t("身份", "as")}, {Head: a.t("所批准的摘要", "digest")}}}
	for _, x := range list {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(x.Person), documents.Text(x.Role), documents.Text(x.Digest)})
	}
	v.Lists = append(v.Lists, List{List: l, Plain: true})
	need := max(2, info.Approvals)
	v.Facts = append(v.Facts, documents.Pair{Name: a.t("批准进度", "Approvals so far"), Value: fmt.Sprintf("%d / %d", len(list), need)})
	v.Links = append(v.Links, Link{a.t("影响测算", "Impact"), link(PathImpact, "a", info.ID.Pack+"@"+info.ID.Version)})
	if !a.Approves || active || info.Synthetic {
		return nil
	}
	named := []Field{{Name: "pack", Type: "hidden", Value: info.ID.Pack}, {Name: "version", Type: "hidden", Value: info.ID.Version}, {Name: "digest", Type: "hidden", Value: info.ID.Digest}}
	var roles []Option
	for _, r := range info.Roles {
		roles = append(roles, Option{r, r})
	}
	if slices.Contains(authors, a.Person) {
		v.Links = append(v.Links, Link{a.t("草稿", "Draft"), draftLink(info.ID.Pack, info.ID.Version)})
		return nil // who wrote it neither approves it nor publishes it
	}
	v.Acts = append(v.Acts, Act{a.t("批准此版本", "Approve this version"), a.t("以本人名义批准下列摘要的全部内容；起草人和批准人须为不同的人，同一人的批准只算一次。摘要：", "Gives your word for all of the bytes under this digest. Author and approver are two persons; the word of one person counts once. Digest: ") + info.ID.Digest,
		PathApprove, a.t("批准", "Approve"), append(slices.Clone(named), Field{Name: "role", Label: a.t("身份", "As"), Type: "select", Options: roles})})
	if len(list) >= need {
		v.Acts = append(v.Acts, Act{a.t("启用此版本", "Publish this version"), a.t("凭在案批准自所选日起启用，写入台账，不能撤回。", "Publishes it from the day on, with the approvals on record. It is put on record and cannot be taken back."),
			PathActivate, a.t("启用", "Publish"), append(slices.Clone(named), Field{Name: "day", Label: a.t("启用日", "From"), Type: "date", Value: s.today().String()})})
	}
	return nil
}

func procedure(a Ask, p policies.Programme, steps []domain.Step) documents.List {
	l := documents.List{Title: a.t("办理程序：", "Procedure: ") + a.in(p.Title), Columns: []documents.Column{{Head: a.t("步骤", "step")}, {Head: a.t("期限", "limit")}, {Head: a.t("必需", "required")}, {Head: a.t("依据", "source")}}}
	for _, step := range steps {
		limit := ""
		switch {
		case step.Every > 0:
			limit = fmt.Sprintf(a.t("每 %d 个月", "every %d months"), step.Every)
		case step.Working && step.Days > 0:
			limit = fmt.Sprintf(a.t("%d 个工作日", "%d working days"), step.Days)
		case step.Days > 0:
			limit = fmt.Sprintf(a.t("%d 日", "%d days"), step.Days)
		}
		required := a.t("否", "no")
		if step.Required {
			required = a.t("是", "yes")
		}
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(a.in(step.Title)), documents.Text(limit), documents.Text(required), documents.Text(cites(a, step.Cites))})
	}
	return l
}

// cites writes sources with their origin; an assumption is marked.
func cites(a Ask, list []domain.Cite) string {
	var parts []string
	for _, c := range list {
		text := c.Source
		if c.Title != "" {
			text = c.Title
		}
		if c.Article != "" {
			text += " " + c.Article
		}
		text += " [" + string(c.Origin) + "]"
		if c.Origin == domain.ToVerify {
			text += " " + a.in(c.Assumed)
		}
		parts = append(parts, strings.TrimSpace(text))
	}
	return strings.Join(parts, "; ")
}

func testList(a Ask, r policies.Report) documents.List {
	l := documents.List{Title: a.t("测试", "Tests"), Columns: []documents.Column{{Head: a.t("文件", "file")}, {Head: a.t("测试", "test")}, {Head: a.t("结果", "result")}}}
	for _, p := range r.Problems {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(p.File + ":" + strconv.Itoa(p.Line)), documents.Text(names.Say(p.What, a.Lang)), documents.Text(names.Say(p.Instead, a.Lang))})
	}
	for _, c := range r.Cases {
		result := a.t("通过", "passes")
		var wrong []string
		for _, w := range c.Wrong {
			wrong = append(wrong, names.Say(w, a.Lang))
		}
		if len(wrong) > 0 {
			result = a.t("不通过：", "fails: ") + strings.Join(wrong, "; ")
		}
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(c.File + ":" + strconv.Itoa(c.Line)), documents.Text(c.Name), documents.Text(result)})
	}
	return l
}

func coverage(a Ask, r policies.Report) documents.List {
	l := documents.List{Title: a.t("测试未覆盖的条件", "Conditions that the tests do not reach"), Columns: []documents.Column{{Head: a.t("条件", "condition")}, {Head: a.t("成立", "holds"), Right: true}, {Head: a.t("不成立", "fails"), Right: true}, {Head: a.t("不明", "unknown"), Right: true}}}
	open := r.Uncovered()
	for _, c := range r.Leaves {
		if slices.Contains(open, c.Leaf) {
			l.Rows = append(l.Rows, []documents.Cell{documents.Text(c.Leaf), documents.Count(c.Holds), documents.Count(c.Fails), documents.Count(c.Unknown)})
		}
	}
	return l
}

// Diff is what two versions mean otherwise, and on which days.
func Diff(_ context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("规则版本比较", "Compare rule versions"), Lead: a.t("两个版本在哪些日子、哪些部分含义不同；版式和注释不算。", "On which days which part of two versions means something else; layout and comments do not count.")}
	var versions []Option
	for _, id := range s.Packs.Versions() {
		name := id.Pack + "@" + id.Version
		versions = append(versions, Option{name, name})
	}
	v.Form = a.form(a.t("比较", "Compare"), Field{Name: "a", Label: a.t("版本甲", "First version"), Type: "select", Options: versions}, Field{Name: "b", Label: a.t("版本乙", "Second version"), Type: "select", Options: versions})
	if a.get("a") == "" || a.get("b") == "" {
		v.Empty = a.t("选择两个版本。", "Choose two versions.")
		return v, nil
	}
	one, err := s.named(a.get("a"))
	if err != nil {
		return v, err
	}
	two, err := s.named(a.get("b"))
	if err != nil {
		return v, err
	}
	d, err := policies.Diff(one, two, s.dirs()...)
	if err != nil {
		return v, err
	}
	l := meanings(a, d)
	v.Facts = []documents.Pair{{Name: a.t("版本甲", "First version"), Value: d.A.Pack + " " + d.A.Version + " " + d.A.Digest}, {Name: a.t("版本乙", "Second version"), Value: d.B.Pack + " " + d.B.Version + " " + d.B.Digest}}
	if len(l.Rows) == 0 {
		v.Empty = a.t("两个版本含义相同。", "Both mean the same.")
	}
	v.Lists = []List{{List: l, Plain: true}}
	return v, nil
}

// meanings lists what means something else, and on which days.
func meanings(a Ask, d policies.Difference) documents.List {
	l := documents.List{Title: a.t("不同之处", "Differences"), Columns: []documents.Column{{Head: a.t("部分", "part")}, {Head: a.t("名称", "title")}, {Head: a.t("自", "from")}, {Head: a.t("至", "to")}, {Head: a.t("变化", "how")}, {Head: a.t("原", "before")}, {Head: a.t("新", "after")}, {Head: a.t("起因", "because of")}}}
	for _, c := range d.Changes {
		until := domain.Day(0)
		if c.To != 0 {
			until = c.To - 1 // people count the last day in
		}
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(c.Kind + " " + c.ID), documents.Text(a.in(c.Title)), documents.OnDay(c.From), documents.OnDay(until), documents.Text(how(a, c.How)), documents.Text(strings.Join(c.Before, "; ")), documents.Text(strings.Join(c.After, "; ")), documents.Text(strings.Join(c.Cause, ", "))})
	}
	return l
}

// named is the folder of NAME@VERSION.
func (s *Sources) named(ref string) (fs.FS, error) {
	pack, version, _ := strings.Cut(ref, "@")
	return s.files(pack, version)
}

func how(a Ask, how string) string {
	switch how {
	case policies.Added:
		return a.t("增加", "added")
	case policies.Removed:
		return a.t("删去", "removed")
	case policies.Changed:
		return a.t("改变", "changed")
	case policies.Through:
		return a.t("因引用而变", "through what it reads")
	}
	return how
}
