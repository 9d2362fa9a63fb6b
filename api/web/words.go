package web

import (
	"fmt"
	"maps"

	"leeway/domain"
)

func w(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

// words are the sentences of the pages, from the tables beside this file.
var words = func() map[string]domain.Text {
	all := map[string]domain.Text{}
	for _, table := range []map[string]domain.Text{frameWords, startWords, caseWords, reviewWords} {
		maps.Copy(all, table)
	}
	return all
}()

// say words a sentence. A key without words shows itself; a test finds it.
func say(lang, key string, args ...any) string {
	t, ok := words[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return t.In(lang)
	}
	return fmt.Sprintf(t.In(lang), args...)
}

// frameWords are those of the frame and of the components.
var frameWords = map[string]domain.Text{
	"product":        w("容错台账", "Leeway"),
	"product long":   w("Leeway · 容错台账", "Leeway · tolerance ledger"),
	"skip":           w("跳到正文", "Skip to the content"),
	"demo banner":    w("演示：示例身份和虚构数据，仅限本机访问。", "Demo: sample identities and made-up data, on this machine alone."),
	"sign out":       w("退出登录", "Sign out"),
	"signed in as":   w("当前用户", "Signed in as"),
	"main nav":       w("主导航", "Main"),
	"trail":          w("当前位置", "You are here"),
	"advice footer":  w("系统只提供依据和建议，由具名人员作出决定。", "The engine advises; a named person decides."),
	"verify footer":  w("标有“待核实”的规则和期限尚无依据，不得当作已有规定。", "Rules and limits marked “to verify” are assumptions, not law."),
	"request":        w("请求编号", "Request"),
	"print":          w("打印本页：使用浏览器的打印功能。", "To print, use the browser's print command."),
	"language other": w("English", "中文"),
	"list separator": w("、", ", "),
	"yuan":           w("%s 元", "%s yuan"),

	"nav sign in":      w("登录", "Sign in"),
	"nav start":        w("工作台", "Start"),
	"nav cases":        w("个案", "Cases"),
	"nav record":       w("本人记录", "My record"),
	"nav reviews":      w("容错核查", "Reviews"),
	"nav case reading": w("还原复算", "Replays"),
	"nav audit":        w("审计", "Audit"),
	"nav statistics":   w("统计", "Statistics"),
	"nav policy":       w("规则", "Rules"),
	"nav board":        w("公示", "Public notices"),

	"errors title":  w("有内容需要改正", "There is something to correct"),
	"refused title": w("未予记录", "Not recorded"),
	"refused rule":  w("依据的规则", "Rule"),
	"refused mend":  w("怎么办", "What to do"),
	"changed title": w("打开之后已有变化", "Changed since you opened it"),
	"changed lead":  w("他人在您打开本页后记录了下列内容。您填写的内容已保留，请核对后再次提交。", "Somebody recorded the following after you had opened this page. What you typed is kept; look at it and send it again."),
	"cannot read":   w("无法识别“%s”。", "“%s” cannot be read."),
	"mend day":      w("请按 2020-01-31 填写。", "Write it as 2020-01-31."),
	"mend month":    w("请按 2020-01 填写。", "Write it as 2020-01."),
	"mend yuan":     w("请填写金额（元），最多两位小数，如 378 或 378.50。", "Write yuan with at most two decimals, such as 378 or 378.50."),
	"mend number":   w("请填写整数。", "Write a whole number."),
	"mend value":    w("金额写元，是否写“是”或“否”，日期写 2020-01-31。", "Write money in yuan, yes or no, a day as 2020-01-31."),
	"mend text":     w("请改正。", "Correct it."),
	"required":      w("必填", "required"),
	"more fields":   w("更多", "More"),
	"row":           w("第 %d 项", "No. %d"),
	"more rows":     w("空行不记录。需要更多行时，先提交，再次打开即可继续添加。", "Empty rows are not recorded."),
	"none chosen":   w("（不选）", "(none)"),
	"lines hint":    w("每行一项，或用顿号分开。", "One a line, or separated by commas."),
	"next page":     w("下一页", "Next page"),
	"first page":    w("回到第一页", "First page"),
	"to verify":     w("待核实", "to verify"),
	"back":          w("返回", "Back"),
	"record":        w("记录", "Record"),
	"who":           w("人员", "who"),
	"what":          w("事项", "what"),
	"when":          w("时间", "when"),
	"day":           w("日期", "day"),
	"state":         w("状态", "state"),

	"problem mend":      w("怎么办", "What to do"),
	"problem since":     w("其间的变化", "What changed meanwhile"),
	"problem home":      w("回到工作台", "Back to the start page"),
	"problem again":     w("重新填写", "Fill it in again"),
	"problem denied":    w("您的角色不能办理此事项。如需办理，请联系本单位负责人或有权的人员。", "Your role may not do this. Ask the head of your office, or somebody who may."),
	"problem not found": w("可能是编号有误、个案不属于您的单位，或者尚未登记。", "The id may be wrong, the case may belong to another office, or it is not on record yet."),
}
