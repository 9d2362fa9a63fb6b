package views

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/names"
	"leeway/policies"
	"leeway/policies/drafts"
)

// Pages of drafts, and where their forms go.
const (
	PathDrafts       = "/policy/drafts"
	PathDraft        = "/policy/draft"
	PathDraftFile    = "/policy/draft/file"
	PathDraftUpload  = "/policy/draft/upload"
	PathDraftSeal    = "/policy/draft/seal"
	PathDraftDiscard = "/policy/draft/discard"
	PathDraftZip     = "/policy/draft/archive"
)

// draftMark stands before a draft where a version is named.
const draftMark = "draft:"

func draftLink(pack, version string) string {
	return link(PathDraft, "pack", pack, "version", version)
}

// draftOf is a draft with its texts.
func (s *Sources) draftOf(id string) (drafts.Draft, error) {
	if s.Drafts == nil {
		return drafts.Draft{}, domain.Deny(domain.ErrNotFound, "no drafts are kept here", "write packs with leeway policy new")
	}
	return s.Drafts.Get(id)
}

// written are the drafts that the reader may see.
func (s *Sources) written(a Ask) ([]drafts.Draft, error) {
	if s.Drafts == nil || !a.Approves {
		return nil, nil
	}
	return s.Drafts.List()
}

// state is how far a draft is.
func (a Ask) state(d drafts.Draft) string {
	if d.IsSealed() {
		return a.t("已封存", "sealed")
	}
	return a.t("起草中", "being written")
}

func atVersion(v domain.PackVersion) string {
	if v.Pack == "" {
		return ""
	}
	return v.Pack + "@" + v.Version
}

// moment is when something was done, as people at the office read it.
func moment(i domain.Instant) string { return i.In(domain.Shanghai).Format("2006-01-02 15:04") }

// Drafts lists the pack versions that are being written, and opens a new one.
func Drafts(_ context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("规则草稿", "Drafts of rules"), Lead: a.t("草稿不是台账记录：检查无误、测试通过后由起草人封存为版本，再由其他人批准。", "A draft is no part of the record. When it checks clean and its tests pass, its author seals it into a version, which others then approve."), Links: []Link{{a.t("规则", "Rules"), PathPolicy}}}
	list, err := s.written(a)
	if err != nil && len(list) == 0 {
		return v, err
	}
	l := documents.List{Title: a.t("草稿", "Drafts"), Columns: []documents.Column{{Head: a.t("规则包", "pack")}, {Head: a.t("版本", "version")}, {Head: a.t("来自", "from")}, {Head: a.t("起草人", "author")}, {Head: a.t("最后修改", "last change")}, {Head: a.t("修改人", "by")}, {Head: a.t("状态", "state")}}}
	for _, d := range list {
		last := d.Last()
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(d.Pack), documents.Text(d.Version).To(draftLink(d.Pack, d.Version)), documents.Text(atVersion(d.Base)), documents.Text(d.Author), documents.Text(moment(last.At)), documents.Text(last.By), documents.Text(a.state(d))})
	}
	v.Lists = []List{{List: l, Plain: true}}
	if !a.Writes {
		return v, nil
	}
	from := []Option{{"", a.t("（空白骨架）", "(a skeleton)")}}
	for _, id := range s.Packs.Versions() {
		name := atVersion(id)
		from = append(from, Option{"from " + name, a.t("下一版本：", "the version after ") + name}, Option{"extends " + name, a.t("本单位补充：", "an overlay on ") + name})
	}
	v.Acts = []Act{{a.t("新草稿", "New draft"), a.t("从已有版本开始，或作为本单位的补充，或从骨架开始。", "Begins with a version at hand, with an overlay of an office on one, or with a skeleton."), PathDrafts, a.t("新建", "Open"),
		[]Field{{Name: "begin", Label: a.t("起点", "Begin with"), Type: "select", Options: from}, {Name: "pack", Label: a.t("规则包", "Pack"), Type: "text", Hint: a.t("如 cn-hb-qianjiang", "such as cn-hb-qianjiang")}, {Name: "version", Label: a.t("版本", "Version"), Type: "text", Hint: a.t("如 2022.1", "such as 2022.1")}}}}
	return v, nil
}

// examined is what check, tests and comparison say of a draft.
type examined struct {
	problems policies.Problems
	report   policies.Report
	failed   policies.Report // of it, the tests that fail
	diff     policies.Difference
	origins  []policies.Origin
}

// examine checks a draft as it is, beside the request that asked, as all long
// work is.
func (s *Sources) examine(ctx context.Context, d drafts.Draft) (*examined, *Running, error) {
	key := workKey{kind: "draft", more: d.ID() + " " + strconv.Itoa(d.Revision) + " " + d.Opened.String()}
	return reckon(ctx, s, key, func(context.Context, bulk.Run) (*examined, error) {
		x := &examined{problems: policies.Check(d.FS(), s.dirs()...), report: policies.Test(d.FS(), s.dirs()...)}
		for _, p := range x.report.Problems {
			if !slices.ContainsFunc(x.problems, func(q policies.Problem) bool { return p.String() == q.String() }) {
				x.problems = append(x.problems, p)
			}
		}
		x.report.Problems = nil // told once
		x.failed = x.report
		x.failed.Cases = slices.DeleteFunc(slices.Clone(x.report.Cases), func(c policies.CaseResult) bool { return len(c.Wrong) == 0 })
		x.origins, _ = policies.Origins(d.FS(), s.dirs()...)
		if base, err := s.Packs.Files(d.Base); err == nil {
			x.diff, _ = policies.Diff(base, d.FS(), s.dirs()...) // what keeps it from being compared is told above
		}
		return x, nil
	})
}

// Draft is one draft: its mistakes with file and line, its tests and what they
// reach, what it means otherwise than the version before, and what of it is to
// be verified.
func Draft(ctx context.Context, s *Sources, a Ask) (View, error) {
	v := View{Title: a.t("规则草稿", "Draft of rules") + " " + a.get("pack") + " " + a.get("version"), Lead: a.t("标 [to_verify] 的依据是假定，须核实后方可引用。", "A source marked [to_verify] is an assumption and must be checked before it is relied on.")}
	d, err := s.draftOf(a.get("pack") + "@" + a.get("version"))
	if err != nil {
		return v, err
	}
	v.Links = []Link{{a.t("全部草稿", "All drafts"), PathDrafts}, {a.t("下载 zip", "Download as zip"), link(PathDraftZip, "pack", d.Pack, "version", d.Version)}}
	if d.Base.Pack != "" {
		v.Links = append(v.Links, Link{a.t("影响测算", "Impact over the caseload"), link(PathImpact, "a", atVersion(d.Base), "b", draftMark+d.ID())})
	}
	if d.IsSealed() {
		v.Links = append(v.Links, Link{a.t("已封存的版本", "The sealed version"), link(PathPack, "pack", d.Sealed.Pack, "version", d.Sealed.Version)})
	}
	x, running, err := s.examine(ctx, d)
	if err != nil || running != nil {
		v.Running = running
		return v, err
	}
	assumed := slices.DeleteFunc(slices.Clone(x.origins), func(o policies.Origin) bool { return o.Cite.Origin != domain.ToVerify })
	v.Facts = []documents.Pair{{Name: a.t("来自", "From"), Value: atVersion(d.Base)}, {Name: a.t("起草人", "Author"), Value: strings.Join(d.Authors, a.t("、", ", "))}, {Name: a.t("状态", "State"), Value: a.state(d)}, {Name: a.t("摘要", "Digest"), Value: x.report.ID.Digest},
		{Name: a.t("错误", "Mistakes"), Value: strconv.Itoa(len(x.problems))}, {Name: a.t("测试", "Tests"), Value: fmt.Sprintf(a.t("%d 项，不通过 %d 项", "%d, of which %d fail"), len(x.report.Cases), x.report.Failed())},
		{Name: a.t("覆盖", "Coverage"), Value: fmt.Sprintf(a.t("%d 个条件，%d 个未见成立与不成立两种结果", "%d conditions, %d not seen both to hold and to fail"), len(x.report.Leaves), len(x.report.Uncovered()))},
		{Name: a.t("依据", "Sources"), Value: fmt.Sprintf(a.t("%d 处引用，%d 处 [to_verify]", "%d citations, %d [to_verify]"), len(x.origins), len(assumed))}}
	failing := testList(a, x.failed)
	failing.Title = a.t("不通过的测试", "Tests that fail")
	v.Lists = []List{{List: mistakes(a, d, x.problems), Plain: true}, {List: draftFiles(a, d), Plain: true}, {List: meanings(a, x.diff), Plain: true}, {List: failing, Plain: true}, {List: coverage(a, x.report), Plain: true}, {List: originList(a, assumed), Plain: true}}
	v.Acts = draftActs(a, d, len(x.problems) == 0 && x.report.OK())
	// The lists can be long, and what can be done stands under them.
	for i, act := range v.Acts {
		v.Links = append(v.Links, Link{act.Title, "#a" + strconv.Itoa(i)})
	}
	if a.Writes && !d.IsSealed() {
		v.Form = &Form{Action: PathDraftFile, Submit: a.t("打开", "Open"), Fields: append(held(d)[:2], Field{Name: "name", Label: a.t("打开或新建文件", "Open or begin a file"), Type: "text", Hint: a.t("如 rules/dibao.yaml", "such as rules/dibao.yaml")})}
	}
	return v, nil
}

// held names a draft as its forms send it, with what the reader saw of it.
func held(d drafts.Draft) []Field {
	return []Field{{Name: "pack", Type: "hidden", Value: d.Pack}, {Name: "version", Type: "hidden", Value: d.Version}, {Name: "seen", Type: "hidden", Value: strconv.Itoa(d.Revision)}}
}

// draftActs are what the reader may do with a draft.
func draftActs(a Ask, d drafts.Draft, fit bool) (acts []Act) {
	if !a.Writes {
		return nil
	}
	own := a.Person == d.Author
	if !d.IsSealed() {
		acts = append(acts, Act{a.t("上传", "Upload"), a.t("一个 .yaml 文件写入所填的名称；zip 是整个规则包文件夹，其中没有的文件从草稿删去。", "One .yaml file is written under the name given; a zip is the whole folder of the pack, and what it lacks is taken out of the draft."), PathDraftUpload, a.t("上传", "Upload"),
			append(held(d), Field{Name: "name", Label: a.t("名称", "Name"), Type: "text", Hint: a.t("如 rules/dibao.yaml；zip 不填", "such as rules/dibao.yaml; none for a zip")}, Field{Name: "file", Label: a.t("文件", "File"), Type: "file"})})
	}
	if !d.IsSealed() && own && fit {
		acts = append(acts, Act{a.t("封存为版本", "Seal into a version"), a.t("检查和测试均已通过。封存后内容不再改变；起草人和修改人不能批准该版本。", "Check and tests pass. Its bytes never change after that, and nobody who wrote in it approves the version."), PathDraftSeal, a.t("封存", "Seal"), held(d)})
	}
	if own {
		acts = append(acts, Act{a.t("弃用草稿", "Discard the draft"), a.t("草稿及其历史将被删去；已封存的版本保留。", "The draft and its history are deleted; a version that was sealed stays."), PathDraftDiscard, a.t("弃用", "Discard"), held(d)})
	}
	return acts
}

func fileLink(d drafts.Draft, name string) string {
	if _, ok := d.Files[name]; !ok {
		return ""
	}
	return link(PathDraftFile, "pack", d.Pack, "version", d.Version, "name", name)
}

// placed is a place in a file of a draft.
func placed(d drafts.Draft, file string, line int) documents.Cell {
	cell := documents.Text(file + ":" + strconv.Itoa(line))
	if href := fileLink(d, file); href != "" {
		cell = cell.To(href)
	}
	return cell
}

func mistakes(a Ask, d drafts.Draft, list policies.Problems) documents.List {
	l := documents.List{Title: a.t("错误", "Mistakes"), Columns: []documents.Column{{Head: a.t("位置", "where")}, {Head: a.t("该行", "the line")}, {Head: a.t("错在哪里", "what is wrong")}, {Head: a.t("如何改正", "how to mend it")}}}
	for _, p := range list {
		lines := strings.Split(d.Texts[p.File], "\n")
		text := ""
		if p.Line >= 1 && p.Line <= len(lines) {
			text = strings.TrimSpace(lines[p.Line-1])
		}
		l.Rows = append(l.Rows, []documents.Cell{placed(d, p.File, p.Line), documents.Text(text), documents.Text(names.Say(p.What, a.Lang)), documents.Text(names.Say(p.Instead, a.Lang))})
	}
	return l
}

func draftFiles(a Ask, d drafts.Draft) documents.List {
	l := documents.List{Title: a.t("文件", "Files"), Columns: []documents.Column{{Head: a.t("文件", "file")}, {Head: a.t("字节", "bytes"), Right: true}, {Head: a.t("修改人", "by")}, {Head: a.t("修改时间", "changed")}}}
	for _, name := range d.Names() {
		f := d.Files[name]
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(name).To(fileLink(d, name)), documents.Count(f.Size), documents.Text(f.By), documents.Text(moment(f.At))})
	}
	return l
}

// originList lists assumptions: what has to be verified before the version is
// relied on.
func originList(a Ask, list []policies.Origin) documents.List {
	l := documents.List{Title: a.t("待核实的依据", "To be verified"), Columns: []documents.Column{{Head: a.t("部分", "part")}, {Head: a.t("名称", "title")}, {Head: a.t("自", "from")}, {Head: a.t("依据", "source")}}}
	for _, o := range list {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(o.Kind + " " + o.ID), documents.Text(a.in(o.Title)), documents.OnDay(o.From), documents.Text(cites(a, []domain.Cite{o.Cite}))})
	}
	return l
}

// DraftFile is one file of a draft, to be read and written, with its mistakes.
func DraftFile(ctx context.Context, s *Sources, a Ask) (View, error) {
	d, err := s.draftOf(a.get("pack") + "@" + a.get("version"))
	if err != nil {
		return View{}, err
	}
	return s.editor(ctx, a, d, d.Texts[a.get("name")])
}

func (s *Sources) editor(ctx context.Context, a Ask, d drafts.Draft, text string) (View, error) {
	name := a.get("name")
	v := View{Title: d.ID() + " " + name, Links: []Link{{a.t("草稿", "The draft"), draftLink(d.Pack, d.Version)}}}
	x, running, err := s.examine(ctx, d)
	if err != nil {
		return v, err
	}
	if running == nil {
		here := slices.DeleteFunc(slices.Clone(x.problems), func(p policies.Problem) bool { return p.File != name })
		v.Lists = []List{{List: mistakes(a, d, here), Plain: true}}
	}
	if !a.Writes || d.IsSealed() {
		v.Text = strings.Split(text, "\n")
		return v, nil
	}
	named := append(held(d), Field{Name: "name", Type: "hidden", Value: name})
	v.Acts = []Act{{a.t("修改", "Edit"), a.t("保存后回到草稿页，重新检查。", "Saving leads back to the draft, which is checked again."), PathDraftFile, a.t("保存", "Save"), append(slices.Clone(named), Field{Name: "text", Label: name, Type: "area", Value: text})}}
	if _, ok := d.Files[name]; ok {
		v.Acts = append(v.Acts, Act{a.t("删去文件", "Take the file out"), name, PathDraftFile, a.t("删去", "Take out"), append(named, Field{Name: "remove", Type: "hidden", Value: "yes"})})
	}
	return v, nil
}

// DraftConflict is a file that somebody changed since the reader opened it: who
// and what, the lines in which the two differ, and what he typed, to be saved
// over it or not.
func DraftConflict(ctx context.Context, s *Sources, a Ask, moved *drafts.Moved, typed string) (View, error) {
	d, err := s.draftOf(a.get("pack") + "@" + a.get("version"))
	if err != nil {
		return View{}, err
	}
	v, err := s.editor(ctx, a, d, typed)
	if err != nil {
		return v, err
	}
	v.Lead = a.t("打开后已被他人修改，未保存。下面是变更和两者不同的行；编辑框中是您输入的内容，再次保存即以其为准。", "It was changed since you opened it, and nothing was saved. Below is what changed, and the lines that differ; the editor has what you typed, and saving again puts that in its place.")
	since := documents.List{Title: a.t("他人的修改", "What was changed meanwhile"), Columns: []documents.Column{{Head: a.t("文件", "file")}, {Head: a.t("变化", "how")}, {Head: a.t("修改人", "by")}, {Head: a.t("时间", "when")}}}
	for _, c := range moved.Since {
		since.Rows = append(since.Rows, []documents.Cell{documents.Text(c.File), documents.Text(how(a, c.How)), documents.Text(c.By), documents.Text(moment(c.At))})
	}
	lines := documents.List{Title: a.t("不同的行", "Lines that differ"), Columns: []documents.Column{{Head: a.t("谁的", "whose")}, {Head: a.t("行", "line"), Right: true}, {Head: a.t("内容", "text")}}}
	theirs, yours := strings.Split(d.Texts[a.get("name")], "\n"), strings.Split(typed, "\n")
	for _, side := range []struct {
		whose     string
		has, lack []string
	}{{a.t("草稿现有", "in the draft"), theirs, yours}, {a.t("您输入的", "typed by you"), yours, theirs}} {
		for i, line := range side.has {
			if !slices.Contains(side.lack, line) {
				lines.Rows = append(lines.Rows, []documents.Cell{documents.Text(side.whose), documents.Count(i + 1), documents.Text(line)})
			}
		}
	}
	v.Lists = append([]List{{List: since, Plain: true, Here: true}, {List: lines, Plain: true, Here: true}}, v.Lists...)
	return v, nil
}
