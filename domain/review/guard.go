package review

import (
	"fmt"
	"slices"

	"leeway/domain"
)

// Weight says what a guard does to an act that it finds wanting.
type Weight string

// The weights of guards (domain.md §3.6 rule 13).
const (
	// Statutory guards refuse: an article stands behind them.
	Statutory Weight = "statute"
	// Structural guards refuse: without them the record of a review could not
	// be read, or nobody would have decided. They are design, and say so.
	Structural Weight = "structure"
	// Advisory guards come from the reference catalogue or from configuration.
	// A collective decision may depart from them with written reasons, and the
	// departure is counted.
	Advisory Weight = "advice"
)

// A Guard is one rule about how a review is done.
type Guard struct {
	ID     string        `json:"id"`
	Says   domain.Text   `json:"says"`
	Weight Weight        `json:"weight"`
	Cites  []domain.Cite `json:"cites"`
}

// Refuses reports whether an act against the guard is refused; otherwise the
// guard advises.
func (g Guard) Refuses() bool { return g.Weight != Advisory }

// A Refusal is a refused act, with the guard that refuses it.
type Refusal struct {
	Guard Guard
	Why   domain.Said
	Mend  domain.Said
}

// Error names the guard, where it comes from, what is wrong and what to do.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%s: guard %s (%s): %s; %s", domain.ErrRefused, r.Guard.ID, r.Guard.Origin(), r.Why, r.Mend)
}

// Unwrap makes every Refusal a domain.ErrRefused.
func (r *Refusal) Unwrap() error { return domain.ErrRefused }

// Parts are the parts of the refusal; its rule is the guard with its source.
func (r *Refusal) Parts() domain.Parts {
	rule := func(says string) string { return r.Guard.ID + " · " + says + " · " + r.Guard.Origin() }
	return domain.Parts{Rule: domain.Text{ZH: rule(r.Guard.Says.ZH), EN: rule(r.Guard.Says.EN)}, Wrong: r.Why, Mend: r.Mend}
}

// Origin writes where a guard comes from.
func (g Guard) Origin() string {
	s := ""
	for _, c := range g.Cites {
		if s != "" {
			s += "; "
		}
		s += c.Source
		if c.Article != "" {
			s += " " + c.Article
		}
		if c.Origin == domain.ToVerify {
			s += " [to_verify]"
		}
	}
	return s
}

// Refuse is a Refusal; both formats speak of args.
func Refuse(g Guard, mend, why string, args ...any) *Refusal {
	return &Refusal{Guard: g, Why: domain.Say(why, args...), Mend: domain.Say(mend, args...)}
}

func refuse(g Guard, mend, why string, args ...any) error { return Refuse(g, mend, why, args...) }

func statute(source, article string) domain.Cite {
	return domain.Cite{Source: source, Article: article, Origin: domain.FromStatute}
}

// design cites this program's own design: no law is claimed.
func design(zh, en string) domain.Cite {
	return domain.Cite{Source: "Leeway 设计 design", Origin: domain.ToVerify, Assumed: domain.Text{ZH: zh, EN: en}}
}

// The instruments that guards cite. Only articles that were read are cited.
const (
	lps   = "公职人员政务处分法(2020)"
	lsv18 = "监察法(2018)"
	lsv24 = "监察法(2024)"
	lcs   = "公务员法(2018)"
	lap   = "行政处罚法(2021)"
	l649  = "社会救助暂行办法(国务院令第649号)"
)

// The guards of a review, in the order of its life.
var (
	GuardOrder = Guard{"order", domain.Text{
		ZH: "各环节按顺序进行", EN: "the steps are taken in their order"}, Structural,
		[]domain.Cite{design("启动、受理、核实、告知、听取、会商、认定、送达、备案", "opening, acceptance, verification, notice, hearing, consultation, determination, service, filing")}}
	GuardRole = Guard{"who-may-act", domain.Text{
		ZH: "每个环节只能由有权的人办理", EN: "each step is taken by those who may take it"}, Structural,
		[]domain.Cite{design("角色与环节对照表", "table of roles and steps")}}
	GuardOrgan = Guard{"competent-organ", domain.Text{
		ZH: "谁追责问责，谁负责容错：由有追责权的机关认定", EN: "the organ that holds the accountability power determines"}, Structural,
		[]domain.Cite{design("参照济宁、白银、贵阳做法", "after the practice of Jining, Baiyin, Guiyang")}}
	GuardTwo = Guard{"two-investigators", domain.Text{
		ZH: "调查须由二人以上进行", EN: "at least two persons investigate"}, Statutory,
		[]domain.Cite{statute(lps, "第42条")}}
	GuardEvidence = Guard{"lawful-evidence", domain.Text{
		ZH: "以非法方法收集的证据应当排除", EN: "evidence obtained by unlawful means is excluded"}, Statutory,
		[]domain.Cite{statute(lps, "第42条")}}
	GuardRecusal = Guard{"recusal", domain.Text{
		ZH: "应当回避的人不得参与", EN: "a person who must recuse himself takes no part"}, Statutory,
		[]domain.Cite{statute(lps, "第47条"), statute(lsv18, "第58条"), statute(lsv24, "第67条"), statute(lcs, "第76条"),
			design("按办理记录推定“可能影响公正”的人员范围", "who counts as a risk to fairness by the record is design")}}
	GuardRecusalHead = Guard{"recusal-decided-by", domain.Text{
		ZH: "负责人的回避由上级机关决定，其他人的回避由负责人决定", EN: "the superior organ decides on the head's recusal, the head on everybody else's"}, Statutory,
		[]domain.Cite{statute(lps, "第48条")}}
	GuardNotice = Guard{"notice", domain.Text{
		ZH: "决定前告知拟认定的事实和依据", EN: "facts and basis are notified before the decision"}, Statutory,
		[]domain.Cite{statute(lps, "第43条")}}
	GuardHearing = Guard{"hearing", domain.Text{
		ZH: "听取本人陈述申辩并核实", EN: "the person's defence is heard and verified"}, Statutory,
		[]domain.Cite{statute(lps, "第43条")}}
	GuardNoHeavier = Guard{"no-heavier-for-defence", domain.Text{
		ZH: "不得因申辩加重", EN: "no heavier result because of the defence"}, Statutory,
		[]domain.Cite{statute(lps, "第43条")}}
	GuardDouble = Guard{"no-double-sanction", domain.Text{
		ZH: "同一行为不得同时给予政务处分和处分", EN: "the same act gets no 政务处分 and 处分 both"}, Statutory,
		[]domain.Cite{statute(lps, "第16条")}}
	GuardReplay = Guard{"replay", domain.Text{
		ZH: "认定须以该项决定的还原复算为据，注明编号和摘要", EN: "a determination rests on the replay of the very decision, by id and digest"}, Structural,
		[]domain.Cite{design("认定前须有还原复算", "no determination without the replay")}}
	GuardFindings = Guard{"duty-findings", domain.Text{
		ZH: "“应查应知”的事实逐项由核查人员确认或不予确认并说明理由", EN: "each fact that should have been known is confirmed or rejected with reasons"}, Structural,
		[]domain.Cite{design("“应查应知”是认定，不是计算", "what should have been known is a finding, not a computation")}}
	GuardCollective = Guard{"collective", domain.Text{
		ZH: "认定由集体研究作出", EN: "the determination is a collective decision"}, Structural,
		[]domain.Cite{design("参照济宁、贵阳做法；人数为配置", "after the practice of Jining and Guiyang; the number is configuration")}}
	GuardSigned = Guard{"signature", domain.Text{
		ZH: "签名由作出认定的人以本人的密钥作出", EN: "who took the determination signs it, with a key of his own"}, Structural,
		[]domain.Cite{design("私钥不进入系统；公钥由单位登记", "private keys never reach the system; the office registers the public ones")}}
	GuardNoAggravation = Guard{"no-aggravation-on-appeal", domain.Text{
		ZH: "不得因复审、复核、申诉加重", EN: "no heavier result on appeal"}, Statutory,
		[]domain.Cite{statute(lps, "第55条、第56条"), statute(lcs, "第95条、第96条")}}
	GuardRemedyTime = Guard{"remedy-in-time", domain.Text{
		ZH: "在法定期限内提出复审、复核、申诉", EN: "a remedy is sought within its statutory time"}, Statutory,
		[]domain.Cite{statute(lsv18, "第49条"), statute(lsv24, "第56条"), statute(lcs, "第95条")}}
	GuardServed = Guard{"bureau-decision", domain.Text{
		ZH: "停发、变更、追回须先有民政部门自己的书面说理并送达、告知救济途径的决定", EN: "stop, change and recovery need the bureau's own reasoned, served decision with its remedy notice"}, Statutory,
		[]domain.Cite{statute(l649, "第13条、第65条")}}
	GuardRecord = Guard{"full-record", domain.Text{
		ZH: "全过程记录并归档，纠错未完成不得归档", EN: "the whole process is recorded and filed; corrections come first"}, Structural,
		[]domain.Cite{design("参照行政处罚法第47条；容错不等于不纠错", "after "+lap+" 第47条, which is about penalties; exempting never skips correcting")}}
	GuardAmounts = Guard{"amounts-from-replay", domain.Text{
		ZH: "追回、补发金额逐月取自还原复算", EN: "amounts to recover and to back-pay come from the replay, month by month"}, Structural,
		[]domain.Cite{design("实际应得决定金额", "what was due decides money")}}
	GuardFalse = Guard{"clear-the-name", domain.Text{
		ZH: "受到不实检举、控告，造成不良影响的，及时澄清", EN: "who was falsely accused is cleared in time"}, Statutory,
		[]domain.Cite{statute(lps, "第53条")}}
	GuardConfirmed = Guard{"confirmed-exclusion", domain.Text{
		ZH: "经确认的不予容错情形排除免责（不排除从轻、减轻，不影响“未见差错”）", EN: "a confirmed exclusion closes exemption, not lighter treatment and never no error"}, Advisory,
		[]domain.Cite{design("参考情形(非《实施办法》条文)", "reference catalogue, not the measure's text")}}
	GuardSuspected = Guard{"unjudged-exclusion", domain.Text{
		ZH: "疑似情形须由核查人员确认或排除", EN: "a suspected exclusion is confirmed or rejected by a named reviewer"}, Advisory,
		[]domain.Cite{design("参考情形(非《实施办法》条文)", "reference catalogue")}}
	GuardUnproved = Guard{"unproved-condition", domain.Text{
		ZH: "免责须有一项情形的全部条件得到证明", EN: "an exemption rests on a ground with every condition proved"}, Advisory,
		[]domain.Cite{design("参考情形(非《实施办法》条文)", "reference catalogue")}}
	GuardCorrection = Guard{"correction-ordered", domain.Text{
		ZH: "免责时差错已作纠正或已提出纠正", EN: "an exemption goes with a correction that is ordered"}, Advisory,
		[]domain.Cite{design("容错不等于不纠错", "exempting never skips correcting")}}
	GuardAdvice = Guard{"advice", domain.Text{
		ZH: "与系统建议不同的认定须集体说明理由", EN: "a determination other than the suggestion gives collective reasons"}, Advisory,
		[]domain.Cite{design("系统建议，人作决定", "the engine advises, a person decides")}}
	GuardCurrent = Guard{"replay-current", domain.Text{
		ZH: "还原复算应当反映个案现状", EN: "the replay is of the case as it stands"}, Advisory,
		[]domain.Cite{design("个案有新记录时重新复算", "replay again when the case has moved on")}}
	GuardUnknown = Guard{"unknown", domain.Text{
		ZH: "未知不作不利推定", EN: "what is unknown never counts against the person"}, Advisory,
		[]domain.Cite{design("缺少的事实是未知，不是否定", "a missing fact is unknown, not false")}}
)

var guards = []Guard{
	GuardOrder, GuardRole, GuardOrgan, GuardTwo, GuardEvidence, GuardRecusal, GuardRecusalHead, GuardNotice, GuardHearing,
	GuardNoHeavier, GuardDouble, GuardReplay, GuardFindings, GuardCollective, GuardSigned, GuardNoAggravation, GuardRemedyTime,
	GuardServed, GuardRecord, GuardAmounts, GuardFalse, GuardConfirmed, GuardSuspected, GuardUnproved, GuardCorrection,
	GuardAdvice, GuardCurrent, GuardUnknown,
}

// Guards is the table of guards, in the order of a review's life.
func Guards() []Guard { return slices.Clone(guards) }
