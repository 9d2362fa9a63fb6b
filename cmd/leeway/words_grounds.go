package main

import "leeway/domain"

// groundWords are the words of liability rules on screen. What the pack does
// not call by an article of the office is a circumstance for reference.
var groundWords = map[string]domain.Text{
	"grounds reference": w("参考情形（非《实施办法》条文）", "Circumstances for reference (no articles of the measure)"),
	"grounds local":     w("容错情形（所列条款由本单位填写，其余为参考情形）", "Grounds (articles are the office's own; the rest is for reference)"),
	"grounds note":      w("供核查认定参考；不确定不作不利认定，疑似须由具名审查人员凭证据认定，容错不等于不纠错。", "Advice; what is unknown never counts against the person, a suspicion needs a named reviewer with evidence, and tolerance never replaces correction."),
	"ground":            w("情形", "ground"),
	"kind of ground":    w("类别", "kind"),
	"standing":          w("判断", "standing"),
	"local article":     w("［%s］", " [%s]"),

	"condition holds":   w("✓ ", "✓ "),
	"condition fails":   w("✗ ", "✗ "),
	"condition unknown": w("? ", "? "),
	"counter holds":     w("✗ 反证成立：", "✗ counter-check: "),
	"counter fails":     w("✓ 反证不成立：", "✓ not so: "),
	"counter unknown":   w("? 反证待查：", "? counter-check open: "),
	"lowering holds":    w("– 降为从轻：", "– lowers to mitigation: "),
	"lowering fails":    w("✓ 未降为从轻：", "✓ not so: "),
	"lowering unknown":  w("? 是否降为从轻待查：", "? lowering open: "),
	"shown by events":   w("（%d 个事件证明）", " (shown by %d events)"),
	"found by":          w("（%s 认定）", " (found by %s)"),
	"quoted":            w("“%s”", `"%s"`),

	"by statute":     w("（法定）", " by statute"),
	"word holds":     w("成立", "proved"),
	"word partial":   w("仅可从轻", "mitigates only"),
	"word suspected": w("疑似", "suspected"),
	"word fails":     w("不成立", "not proved"),
	"word unknown":   w("待证", "open"),
	"word absent":    w("无此规定", "no such rule"),
	"shift":          w("%s 当时%s、现在%s（%s）", "%s then %s, now %s (%s)"),
	"favours then":   w("旧轻", "the old is lighter"),
	"favours now":    w("新轻", "the new is lighter"),
	"lighter then":   w("从旧兼从轻（%s）：适用当时规定，因为 %s。", "Old unless the new is lighter (%s): the rules of the time, for %s."),
	"lighter now":    w("从旧兼从轻（%s）：现行规定较轻，因为 %s。", "Old unless the new is lighter (%s): today's rules are lighter, for %s."),
	"lighter open":   w("从旧兼从轻（%s）：两者互有轻重，须由人员衡量：%s。", "Old unless the new is lighter (%s): each is lighter in part, people weigh it: %s."),

	"step short":          w("：时间不足", ": too short"),
	"step lasted":         w("，只有 %d 日", ", lasted %d days"),
	"remark":              w("备注", "remark"),
	"help case diligence": w("尽职档案：程序核对和每种情形还缺什么", "due diligence: the procedure check, and what each ground would still need"),
	"detail case diligence": w("逐月列出规定步骤的完成情况、由谁完成，以及对每个参与人员，各参考情形已具备和仍缺的条件。",
		"For each month: the steps required and who took them, and for everybody who took part which conditions of each ground are met and which are not."),
}
