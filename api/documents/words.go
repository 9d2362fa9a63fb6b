package documents

import (
	"fmt"

	"leeway/domain"
)

func w(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

// words are the sentences of documents; what codes are called stands in
// domain/names.
var words = map[string]domain.Text{
	"case":          w("个案", "Case"),
	"as of":         w("截至", "As of"),
	"programme":     w("救助项目", "Programme"),
	"pack":          w("规则包", "Rule pack"),
	"office":        w("经办单位", "Office"),
	"opened":        w("立案", "Opened"),
	"address":       w("住址", "Address"),
	"state":         w("状态", "State"),
	"open":          w("办理中", "open"),
	"closed":        w("已结案", "closed"),
	"history title": w("个案办理记录", "History of a case"),
	"case title":    w("个案", "Case"),

	"members":   w("家庭成员", "Members"),
	"pseudonym": w("代号", "pseudonym"),
	"relation":  w("与申请人关系", "relation"),
	"name":      w("姓名", "name"),
	"id number": w("证件号码", "ID number"),
	"applicant": w("申请人", "applicant"),

	"decisions":       w("决定", "Decisions"),
	"day":             w("日期", "day"),
	"result":          w("结果", "result"),
	"yuan a month":    w("元/月", "yuan a month"),
	"from month":      w("起始月", "from"),
	"until month":     w("截止月", "until"),
	"until further":   w("至另行决定", "further notice"),
	"by":              w("经办", "by"),
	"payments":        w("资金", "Money"),
	"kind":            w("种类", "kind"),
	"money paid":      w("发放", "paid"),
	"money recovered": w("追回", "recovered"),
	"money back-paid": w("补发", "paid back"),
	"month":           w("月份", "month"),
	"no month":        w("未分月", "not assigned"),

	"facts":     w("在案事实", "Facts on record"),
	"fact":      w("事实", "fact"),
	"value":     w("值", "value"),
	"valid":     w("有效期", "valid"),
	"source":    w("来源", "source"),
	"observed":  w("观察日", "observed"),
	"on record": w("在案日", "on record"),

	"events":       w("办理经过", "Events on record"),
	"event":        w("事件", "event"),
	"says":         w("内容", "content"),
	"proof":        w("证明", "proof"),
	"grade":        w("%s 级", "grade %s"),
	"history note": w("按台账顺序列出截至该日在案的全部事件。在案日为计为已知的日期；事后补录的，注明证明等级（A 系统日志、B 有日期的书面材料、C 仅为陈述）。", "All events that were on record by that day, in the ledger's order. The day on record is the one from which an event counts as known; what was entered later carries the grade of its proof (A a system's log, B dated paper, C a claim)."),

	"diligence title":     w("尽职档案", "Due-diligence file"),
	"trace":               w("复算输入摘要", "Digest of the replay's inputs"),
	"diligence none":      w("没有可以评判的月份。", "There is no month to judge."),
	"months":              w("%s（%d 个月）", "%s (%d months)"),
	"judged at":           w("%s，评判时点：%s（%s）", "%s, judged at the %s (%s)"),
	"procedure":           w("程序核对", "Procedure"),
	"no procedure":        w("没有受理或发现记录，程序无从核对。", "No acceptance and no finding of hardship is on record: there is nothing to check."),
	"step":                w("步骤", "step"),
	"step state":          w("状态", "state"),
	"due by":              w("期限", "due"),
	"done on":             w("完成", "done"),
	"who":                 w("人员", "who"),
	"event id":            w("事件编号", "event"),
	"remark":              w("备注", "remark"),
	"remark right":        w("影响申请人权利", "harms a right"),
	"remark minor":        w("轻微瑕疵", "minor defect"),
	"remark lasted":       w("只有 %d 日", "lasted %d days"),
	"remark overdue":      w("已超期 %d 轮", "overdue, cycles: %d"),
	"remark sources":      w("未查询 %s", "not asked: %s"),
	"remark to verify":    w("步骤或期限待核实 [to_verify]", "step or limit assumed [to_verify]"),
	"grounds of":          w("%s（%s，%s）还需要什么", "What %s (%s, %s) would still need"),
	"stands":              w("已成立：%s", "Proved: %s"),
	"suspected":           w("疑似，待审查人员核实：%s", "Suspected, for a reviewer to look at: %s"),
	"not proved":          w("不成立：%s", "not so: %s"),
	"lacks":               w("待证：%s", "to be shown: %s"),
	"evidence of":         w("（凭据：%s）", " (evidence of %s)"),
	"countered":           w("反证成立：%s", "counter-check holds: %s"),
	"grounds to verify":   w("以下情形的依据是假定，须核实后方可引用 [to_verify]：%s", "These grounds rest on assumptions that must be checked before they are relied on [to_verify]: %s"),
	"reference":           w("所列情形为参考情形，非《实施办法》条文；方括号内为本单位填写的条款。", "The grounds are a reference list, not the measure's text; an article in brackets is the office's own."),
	"diligence note":      w("待证的事实由申请人或单位凭证据补充；不确定不作不利认定。系统提供复算和建议，认定由有权机关作出。", "What is to be shown can be added with evidence; what is unknown never counts against the person. The engine advises; the competent organ decides."),
	"classes title":       w("成因汇总 疑点(待核实)", "Causes, to be verified"),
	"hits title":          w("疑点(待核实)清单", "Matters to be verified"),
	"reconcile title":     w("总数核对", "Reconciliation"),
	"class":               w("类别", "class"),
	"cause":               w("成因", "cause"),
	"cases":               w("个案数", "cases"),
	"month count":         w("月数", "months"),
	"too much":            w("多发（元）", "too much (yuan)"),
	"too little":          w("少发（元）", "too little (yuan)"),
	"link":                w("环节", "link"),
	"attributed":          w("归因金额（元）", "attributed (yuan)"),
	"not determined":      w("不能确定", "not determined"),
	"how to read":         w("说明", "How to read it"),
	"to be verified":      w("所列均为疑点(待核实)，由还原复算得出，不是认定；不列经办人员，归因金额不是个人退赔。", "Everything listed is to be verified: it comes from replays and determines nothing; no officer is named, and attributed amounts are not what a person owes."),
	"undetermined months": w("不能确定的月数", "Undetermined months"),
	"not replayed":        w("未能复算", "Not replayed"),
	"item":                w("项目", "item"),
	"known":               w("已知总数", "known"),
	"found":               w("台账", "ledger"),
	"difference":          w("差额", "difference"),
	"in brackets":         w("（%s）", " (%s)"),
	"article":             w("［%s］", " [%s]"),
	"quoted":              w("“%s”", `"%s"`),
	"list separator":      w("、", ", "),
	"clause separator":    w("；", "; "),
	"determination title": w("容错核查认定书", "Determination of a tolerance review"),
	"colon":               w("：", ": "),
}

// t is a sentence in a language.
func (t teller) t(key string, args ...any) string {
	text, ok := words[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return t.in(text)
	}
	return fmt.Sprintf(t.in(text), args...)
}
