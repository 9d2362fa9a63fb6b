package review

import (
	"leeway/domain"
	"leeway/domain/replay"
)

func w(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

var outcomeWords = map[Outcome]domain.Text{
	NoError: w("未见差错", "no error found"), Diligent: w("尽职无过错", "diligent, without fault"), Exempt: w("免责", "exempt"),
	NotImposed: w("不予政务处分", "no 政务处分 imposed"), Waived: w("免予政务处分", "政务处分 waived"),
	Reduced: w("减轻", "reduced"), Lighter: w("从轻", "lighter"), NotExempt: w("不予免责", "not exempt"),
	Open: w("待查明", "open: what is unknown would decide"),
}

var measureWords = map[Measure]domain.Text{
	C1Stop: w("停发", "stop the benefit"), C2Change: w("调整金额", "change the amount"), C3Recover: w("追回", "recover"),
	C4BackPay: w("补发", "back-pay"), C5Resurvey: w("重新调查核查", "survey and check again"), C6Ledger: w("更正记录", "corrective event"),
	C7Retrain: w("培训谈话", "training, talk"), C8Rule: w("完善规则", "put the rule right"), C9Source: w("修复数据来源", "put the data source right"),
	C10Sweep: w("举一反三排查", "sweep of like cases"), C11Clear: w("澄清正名", "clear the name"), C12Dishonest: w("记录失信", "record dishonesty"),
}

var stageWords = map[Stage]domain.Text{
	StageOpened: w("已启动", "opened"), StageSupplement: w("待补正", "waiting for a supplement"), StageNotAccepted: w("不予受理", "not accepted"),
	StageWithdrawn: w("已撤回", "withdrawn"), StageLapsed: w("已失效", "lapsed"), StageAccepted: w("核实中", "being verified"),
	StageNotified: w("已告知", "notified"), StageConsulted: w("已会商", "consulted"), StageDetermined: w("已认定", "determined"),
	StageServed: w("已送达", "served"), StageFiled: w("已归档", "filed"),
}

var routeWords = map[Route]domain.Text{
	ByWorker: w("个人申请", "on the worker's application"), ByUnit: w("单位申请", "on the unit's application"),
	ExOfficio: w("依职权", "ex officio"), WithInquiry: w("与问责调查同步", "in step with the liability inquiry"),
}

var classWords = map[replay.Class]domain.Text{
	replay.EPay: w("发放环节差错", "paid other than decided"), replay.EWork: w("经办差错", "handling error"), replay.ERule: w("规则编码差错", "rule encoded wrongly"),
	replay.ELag: w("传达滞后", "rule not received in time"), replay.EDuty: w("未尽核查", "required check not done"), replay.EDoc: w("证明不实", "false document"),
	replay.EInfo: w("信息缺失或滞后", "source missed or lagged"), replay.EAppl: w("申请人隐瞒", "not declared by the applicant"), replay.ELate: w("事后发现", "could only come out later"),
	replay.ERetro: w("标准追溯", "standard set for the past"), replay.Open: w("政策不明", "rules leave room"), replay.Unsplit: w("不能分开", "cannot be split"),
	replay.OK: w("未见差错", "no error found"), replay.OKSpec: w("特别规则决定", "a special rule decided"), replay.OKPol: w("政策已变", "the policy has changed since"),
}

var verdictWords = map[string]domain.Text{
	replay.ConductRight: w("未见差错", "no error found"), replay.ConductDiligent: w("尽职无过错", "diligent, without fault"),
	replay.ConductWork: w("经办差错", "own error"), replay.ConductDuty: w("未尽核查", "duty missed"),
	replay.ConductProcedure: w("程序瑕疵", "a step late or missing"), replay.ConductUndetermined: w("不能判断", "undetermined"),
}

var stateWords = map[string]domain.Text{
	"accepted": w("已验收", "accepted"), "proposed": w("建议，待民政部门决定", "proposal until the bureau decides"), "done": w("已报完成", "reported done"),
	"overdue": w("逾期", "overdue"), "ordered": w("已责令", "ordered"),
}

// Title is the outcome in words.
func (o Outcome) Title() domain.Text { return outcomeWords[o] }

// Title is the measure in words.
func (m Measure) Title() domain.Text { return measureWords[m] }

// Title is the stage in words.
func (s Stage) Title() domain.Text { return stageWords[s] }

// Title is the route in words.
func (r Route) Title() domain.Text { return routeWords[r] }

// ClassTitle is a class of the replay in words.
func ClassTitle(c replay.Class) domain.Text { return classWords[c] }

// VerdictTitle is a verdict on conduct in words.
func VerdictTitle(v string) domain.Text { return verdictWords[v] }

// StateTitle is the state of a correction in words.
func StateTitle(s string) domain.Text { return stateWords[s] }

var roleWords = map[Role]domain.Text{
	Worker: w("经办人员", "case worker"), Unit: w("所在单位", "the worker's unit"), Bureau: w("民政部门", "civil affairs bureau"),
	Reviewer: w("核查人员", "reviewer of the organ"), Head: w("机关负责人", "head of the organ"), Superior: w("上级机关", "superior organ"),
	Auditor: w("审计人员", "auditor"), Machine: w("监测程序", "watcher"),
}

var causeWords = map[Cause]domain.Text{
	TookPart: w("参与过办理", "took part in the case"), Approved: w("作过审批", "decided or approved"), KinOfCase: w("与家庭成员有亲属关系", "tied to a member of the household"),
	InHousehold: w("本人是家庭成员", "a member of the household"), SameOffice: w("曾在作出决定的单位任职", "served in the deciding office"),
	Subject: w("本人是审查对象", "his own conduct is reviewed"), Reporter: w("与事项有关联", "a tie to the matter"),
	NearRelative: w("近亲属", "near relative"), Witness: w("证人", "witness"), Interest: w("利害关系", "interest"), OtherRisk: w("其他可能影响公正的情形", "another risk to fairness"),
}

var pathWords = map[Path]domain.Text{
	Reexamination: w("复审", "re-examination"), HigherReview: w("复核", "review by the organ above"), ReReview: w("复核", "re-review by the employer"),
	Complaint: w("申诉", "complaint"), Objection: w("异议", "objection"),
}

var resultWords = map[AppealResult]domain.Text{Upheld: w("维持", "upheld"), Varied: w("变更", "varied"), Annulled: w("撤销", "annulled")}

// Title is the role in words.
func (r Role) Title() domain.Text { return roleWords[r] }

// Title is the cause in words.
func (c Cause) Title() domain.Text { return causeWords[c] }

// Title is the path in words.
func (p Path) Title() domain.Text { return pathWords[p] }

// Title is the result in words.
func (r AppealResult) Title() domain.Text { return resultWords[r] }
