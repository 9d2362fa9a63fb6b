package main

import "leeway/domain"

// bulkWords are the messages about whole populations.
var bulkWords = map[string]domain.Text{
	"help --worker":    w("只看该经办人员参与的个案（代号）", "only cases in which this person took part (pseudonym)"),
	"help --rule":      w("只看依据该规则的月份：规则包/版本，或标准、规则、例外的编号", "only months that rest on this rule: PACK/VERSION, or the id of a standard, rule or exception"),
	"help --shard":     w("只算其中一份，如 2/8：八份中的第二份", "one part only, such as 2/8: the second of eight"),
	"help --results":   w("结果目录：清单写入其中；再次运行只复算有变化的个案，中断后可接着算", "folder of results: lists go there; running again replays only what changed, also after an interruption"),
	"case or all":      w("没有说明复算哪个个案，或同时给出了个案和 --all", "there is no case to replay, or --all goes with what is for one case"),
	"give case or all": w("写 leeway replay 个案编号，或 leeway replay --all", "write leeway replay CASE, or leeway replay --all"),
	"no shard":         w("“%s”不是一份", "“%s” is no part of all"),
	"give shard":       w("写成 2/8：八份中的第二份", "write 2/8 for the second of eight"),
	"bulk head":        w("全部个案还原复算 疑点(待核实)", "Replay of all cases, to be verified"),
	"bulk cases":       w("个案", "cases"),
	"bulk clean":       w("未见差错", "no difference"),
	"bulk over":        w("错保（不与漏保相抵）", "wrong inclusion (never netted)"),
	"bulk short":       w("漏保（不与错保相抵）", "wrong exclusion (never netted)"),
	"bulk sum":         w("%s 元，%d 户", "%s yuan, %d cases"),
	"bulk work":        w("本次复算", "replayed now"),
	"bulk reused":      w("沿用前次结果", "kept results that stand"),
	"bulk fallback":    w("读模型与事件不符，改读事件", "read model differs from the events, read from these"),
	"bulk failed":      w("不能复算", "could not be replayed"),
	"bulk events":      w("核对事件", "events held against the read models"),
	"bulk left":        w("剩余", "left"),
	"link lists":       w("按成因和环节", "By cause and link"),
}
