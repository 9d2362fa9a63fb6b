package privacy

import (
	"fmt"

	"leeway/domain"
)

func t(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

var titles = map[string]domain.Text{
	"act restrict": t("封存", "restrict"),
	"act release":  t("解除封存", "release"),
	"act inspect":  t("查阅", "inspect"),
	"act shred":    t("销毁", "shred"),

	"state open":       t("使用中", "in use"),
	"state restricted": t("已封存", "restricted"),
	"state shredded":   t("已销毁", "shredded"),

	"role records":  t("档案管理人员（records）", "records keeper (records)"),
	"role privacy":  t("个人信息保护负责人（privacy）", "privacy officer (privacy)"),
	"role bureau":   t("民政局（bureau）", "bureau"),
	"role reviewer": t("核查人员（reviewer）", "reviewer"),
	"role head":     t("问责机关负责人（head）", "head"),
	"role auditor":  t("审计人员（auditor）", "auditor"),

	"ground purpose_ended":     t("处理目的已实现、无法实现或不再必要", "the purpose is reached, cannot be, or needs the data no more"),
	"ground retention_over":    t("保存期限届满", "the retention period is over"),
	"ground consent_withdrawn": t("个人撤回同意", "the person withdrew his consent"),
	"ground unlawful":          t("违法处理", "it was handled unlawfully"),
	"ground other_law":         t("其他法律、行政法规规定", "another law or regulation"),
	"ground handling_resumed":  t("恢复办理", "handling is resumed"),
	"ground review":            t("容错核查", "a review"),
	"ground audit":             t("审计", "an audit"),
	"ground remedy":            t("复议、诉讼", "a remedy"),
}

// Title is the name of an act.
func (a Act) Title() domain.Text { return titles["act "+string(a)] }

// Title is the name of a state.
func (s State) Title() domain.Text { return titles["state "+string(s)] }

// Title is the name of a role, with the word that a file of identities has.
func (r Role) Title() domain.Text { return titles["role "+string(r)] }

// Title is the name of a ground.
func (g Ground) Title() domain.Text { return titles["ground "+string(g)] }

// Says tells where a person's data stands, since when, by whom and why; nothing
// where nothing was ever approved.
func (s *Subject) Says() domain.Text {
	if s.By.At.ID == "" {
		return domain.Text{}
	}
	r, state, ground := s.By, s.State.Title(), s.By.Ground.Title()
	return domain.Text{
		ZH: fmt.Sprintf("%s（%s，%s 申请，%s 批准，%s，文书 %s）", state.ZH, r.Answered.Day, r.At.Actor.Person, r.Answered.Actor.Person, ground.ZH, r.Document),
		EN: fmt.Sprintf("%s (%s, asked for by %s, approved by %s: %s, document %s)", state.EN, r.Answered.Day, r.At.Actor.Person, r.Answered.Actor.Person, ground.EN, r.Document),
	}
}
