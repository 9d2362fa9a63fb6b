package web

import "leeway/domain"

// reviewWords are those of reviews and of replays.
var reviewWords = map[string]domain.Text{
	"review": w("核查", "review"), "review title": w("容错核查 %s", "Review %s"), "review id": w("核查编号", "Review id"),
	"hint review id": w("申请人使用“本人代号.编号”，机关使用不带点的编号。", "Applicants use their pseudonym, a dot and a number; the organ an id without a dot."),
	"open review":    w("启动核查、申请容错", "Open a review, apply for tolerance"), "informed": w("书面告知日期", "informed in writing on"),
	"hint report":         w("本人报告差错的事件编号，如有。", "Id of the event by which the error was reported, if any."),
	"opening review lead": w("写明涉及的个案。启动之后，再逐项提出容错情形，证据由台账带出。", "Name the cases. Once open, cite the grounds one by one; the evidence comes from the ledger."),
	"at stake":            w("涉及金额", "money at stake"), "at stake over": w("错保", "wrongly included"), "at stake under": w("漏保", "wrongly excluded"), "never netted": w("分列，不相抵", "never netted"),
	"recusal": w("回避", "recusal"), "you are barred": w("您应回避：%s", "you are barred: %s"), "not barred": w("无回避情形", "not barred"),
	"queue empty": w("队列中没有未结的核查。", "No open review is in the queue."), "investigators": w("核查人员", "investigators"),
	"limits": w("期限", "Limits"), "limit open": w("未到期", "running"), "where from": w("依据", "source"), "by law": w("法律规定", "by law"),
	"persons": w("涉及人员", "persons"), "advice class": w("复算类别", "class"), "cited": w("提出的情形", "cited"), "cited late": w("逾期提出", "cited late"),
	"suggested": w("系统建议（%s）", "suggested (%s)"), "suspected": w("疑似", "suspected"), "so many unfound": w("有 %d 项“应查应知”的事实等待核查人员认定。", "%d facts that should have been known wait for a finding."),
	"replay matter": w("按今天所知重新复算", "Replay on all known today"), "corrections": w("纠错", "Corrections"),
	"open for local_rule": w("缺本地规定", "no local rule"), "open for bureau_decision": w("待民政部门决定", "waits for the bureau's decision"),
	"next steps": w("办理", "Next steps"), "next steps lead": w("每一步都由规则把关；不能办理时会说明依据和办法。", "Each step is guarded; where it is refused, the rule and the way out are named."),
	"paper determination": w("认定书（可打印）", "Determination (printable)"), "review log": w("全过程记录", "Record of the review"), "suspended act": w("效力中止", "suspended"), "sealed": w("（已封存）", "(sealed)"),
	"guards": w("认定须满足的规则", "The guards of a determination"), "weight statute": w("法定", "statute"), "weight structure": w("结构", "structure"), "weight advice": w("建议", "advice"),
	"collective reasons": w("与建议不同的集体理由", "The collective's reasons for departing from advice"), "hint collective reasons": w("与系统建议一致时留空。", "Leave it empty where nothing departs from the advice."),
	"hint evidence": w("事件或材料编号，每行一个。", "Ids of events or papers, one a line."), "cause new_fact": w("新事实", "new fact"), "cause false_evidence": w("证据不实", "false evidence"),
	"find replay empty": w("输入个案编号，查看当时所知、应查应知与真实情况。", "Give a case id to see what was known, what should have been known, and what was true."),
	"replay title":      w("还原复算 %s", "Replay of %s"), "primary": w("结论", "advice"), "rules today": w("现行规则", "rules today"), "slider": w("时点", "Point in time"), "differs": w("有差异", "differs"),
	"judged": w("%s 的评判时点：%s（%s）。", "%s is judged at the %s (%s)."), "rules force": w("当时已生效", "in force then"), "diff today": w("与现行规则比较", "difference to today's rules"),
	"known then": w("当时所知", "known then"), "should have": w("应查应知", "should have been known"), "true then": w("真实情况", "true then"), "on record": w("%s 在案", "on record %s"), "entered late": w("补录", "entered late"), "unknown": w("未知", "unknown"),
	"of item": w("（%s）", " (%s)"),
	"chain":   w("逐环还原", "The chain"), "chain chart": w("%s 实发如何变为应得", "%s: from what was paid to what was due"), "no difference": w("该月各环节一致，未见差错。", "All links of this month are equal: no error found."), "answers": w("责任方：", "Answers:"), "no decision": w("无决定", "none"),
	"grounds": w("情形核对", "Grounds, condition by condition"), "counter": w("反证：", "Counter-check:"), "no grounds": w("没有可评的情形。", "No ground says anything here."), "no months": w("没有可复算的月份。", "There is no month to replay."),
	"what-if": w("假设", "What-if"), "what-if lead": w("改变一个假设再复算，按名称保存；不改变任何记录。", "Change one assumption and replay; it is saved under a name and changes nothing on record."), "what-if name": w("名称", "name"), "what-if without": w("假设不知道", "had this not been known"), "what-if rules": w("假设适用规则", "under these rules"), "what-if save": w("复算并保存", "Replay and save"),
}
