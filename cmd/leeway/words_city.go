package main

import "leeway/domain"

// cityWords are what the commands about whole populations say.
var cityWords = map[string]domain.Text{
	"help simulate":   w("生成一座虚构城市的个案文件和真值文件", "make up a city: case files, and the truth about them"),
	"detail simulate": w("按 2020 年工作报告的户数和人数生成，并埋入各类差错；truth.jsonl 逐月写明埋了什么，entitled.jsonl 写明哪些农村户应得。同一种子生成同样的字节。", "As many households and persons as the 2020 report has, with errors of every class planted; truth.jsonl says month by month what was planted, entitled.jsonl which rural households are entitled. The same seed gives the same bytes."),
	"argument folder": w("新建的目录", "folder, made anew"),
	"help --seed":     w("随机种子", "seed"),
	"help --scale":    w("规模：1 为报告的户数", "scale; 1 is the report's number of households"),
	"help --each":     w("每个文件的个案数", "cases in one file"),
	"bad each":        w("每个文件至少一件个案", "a file has one case at least"),
	"mend each":       w("给出正整数", "give a positive number"),
	"cases":           w("个案", "cases"),
	"planted":         w("埋入的差异（案·月）", "differences planted, by case and month"),
	"paid in all":     w("发放合计（元）", "paid in all, yuan"),
	"simulate next":   w("接下来：leeway import %[1]s/00-register.ndjson %[1]s/cases-*.ndjson，然后 leeway audit cases。", "Next: leeway import %[1]s/00-register.ndjson %[1]s/cases-*.ndjson, then leeway audit cases."),
	"help --truth":    w("与 leeway simulate 写出的真值文件逐项核对，不一致则失败", "compare with the truth file that leeway simulate wrote, and fail where it differs"),
	"give a truth":    w("指定 leeway simulate 写出的 truth.jsonl（复算）或 entitled.jsonl（规则影响）", "name the truth.jsonl (replay) or entitled.jsonl (impact) that leeway simulate wrote"),
	"not the truth":   w("与真值不符：漏检 %d，金额不符 %d，多报 %d", "it is not the truth: %d missed, %d with another amount, %d made up"),
	"planted rows":    w("埋入", "planted"),
	"against truth":   w("与真值核对", "Against the truth"),
	"by class":        w("成因", "class"),
	"by kind":         w("埋入方式", "as planted"),
	"exact":           w("一致", "exact"),
	"other amount":    w("金额不符", "other amount"),
	"missed":          w("漏检", "missed"),
	"made up":         w("多报", "made up"),
	"recall":          w("召回率", "recall"),
	"precision":       w("精确率", "precision"),
	"planted yuan":    w("埋入金额（元）", "planted, yuan"),
	"all of them":     w("合计", "all"),
	"bulk progress":   w("%d / %d 件，每秒 %d 件，剩余 %s", "%d / %d cases, %d a second, %s left"),
}
