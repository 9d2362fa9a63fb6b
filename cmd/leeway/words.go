package main

import (
	"maps"

	"leeway/domain"
)

// words are the messages of the command in both languages, by key: help,
// comes first because its readers do.
var words = func() map[string]domain.Text {
	all := map[string]domain.Text{}
	for _, part := range []map[string]domain.Text{helpWords, errorWords, screenWords} {
		maps.Copy(all, part)
	}
	return all
}()

func w(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

var helpWords = map[string]domain.Text{
	"usage":           w("用法：", "Usage:"),
	"command":         w("命令", "command"),
	"flags":           w("选项", "flags"),
	"title arguments": w("参数：", "Arguments:"),
	"title commands":  w("命令：", "Commands:"),
	"title flags":     w("选项：", "Flags:"),
	"help more":       w("“leeway 命令 --help” 给出一个命令的说明；退出码和 JSON 格式见 docs/operations.md。", `"leeway COMMAND --help" describes one command; docs/operations.md has exit codes and JSON shapes.`),

	"help":                w("容错台账：当时能知道什么、按当时的规则该怎样决定，差错在谁、差多少钱。", "Leeway: what could be known, what the rules then said, whose error it was and how much money it moved."),
	"help demo":           w("导入示例个案并逐案还原复算", "import the sample cases and replay every one"),
	"help import":         w("导入个案文件（NDJSON）；有一处错误则全部不导入", "import case files (NDJSON), all or nothing"),
	"help case":           w("查看个案", "look at cases"),
	"help case list":      w("列出个案", "list the cases"),
	"help case show":      w("查看一个个案在某日的状态", "show one case as it stood on a day"),
	"help replay":         w("对一个个案还原复算", "replay one case"),
	"help policy":         w("检查和查看规则包", "check and read rule packs"),
	"help policy check":   w("检查规则包，逐条指出文件和行号", "check a rule pack and name file and line of every fault"),
	"help policy test":    w("运行规则包自带的测试", "run the tests that a rule pack brings along"),
	"help policy show":    w("查看规则包在某日的规则和标准", "show a rule pack's rules and standards on a day"),
	"help policy explain": w("说明规则包对一组事实的结论", "explain what a rule pack says of given facts"),
	"help version":        w("显示版本", "show the version"),

	"detail demo":         w("示例为虚构人员，存放在自己的数据目录中，可重复运行。", "The people are invented. The samples live in a data folder of their own; running it again adds nothing."),
	"detail import":       w("每行一个事件。历史事件须注明当时的记录时间和证明等级（A、B、C）。重复导入同一文件不会重复记录。", "One event a line. History names the time at which it was recorded and the grade of its proof (A, B, C). Importing a file again records nothing twice."),
	"detail replay":       w("从实发到实际应得逐段比较：实发 → 原决定 → 按在案材料和已收政策 → 按在案材料和生效政策 → 按应查应知 → 实际应得。", "Compares link by link from what was paid to what was due: paid, decided, own file with rules received, own file with rules in force, what should have been known, what was due."),
	"detail policy check": w("FOLDER 是一个版本的文件夹；也可写内置规则包的名称，或 名称@版本。", "FOLDER is the folder of one version, or the name of a built-in pack, or NAME@VERSION."),

	"help file":        w("个案文件，一行一个事件", "case files, one event a line"),
	"help case-id":     w("个案编号，见 leeway case list", "id of the case, see leeway case list"),
	"help pack":        w("规则包：文件夹、名称或 名称@版本", "rule pack: a folder, a name or NAME@VERSION"),
	"help facts":       w("事实文件（JSON）", "file of facts (JSON)"),
	"help --help":      w("显示说明", "show this help"),
	"help --data":      w("数据目录（或环境变量 LEEWAY_DATA）", "data folder (or LEEWAY_DATA)"),
	"help --lang":      w("语言，默认按系统区域设置", "language; by the locale where not given"),
	"help --json":      w("输出 JSON", "write JSON"),
	"help --as-of":     w("截至某日（YYYY-MM-DD）的情况", "as it stood on a day (YYYY-MM-DD)"),
	"help --month":     w("只看一个待遇月份（YYYY-MM）", "one benefit month only (YYYY-MM)"),
	"help --explain":   w("附上每个月份的规则逐条说明", "add what every rule said of each month"),
	"help --on":        w("按某日有效的规则（YYYY-MM-DD）", "rules in force on a day (YYYY-MM-DD)"),
	"help --programme": w("救助项目，如 dibao", "programme, such as dibao"),
}

var errorWords = map[string]domain.Text{
	"label error": w("错误（%s）：", "Error (%s): "),
	"label where": w("位置：", "Where: "),
	"label mend":  w("处理：", "To mend: "),

	"error unexpected":     w("意外", "unexpected"),
	"mend unexpected":      w("重试；若仍出现，请连同此信息反映给维护人员", "try again; if it stays, report it with this message"),
	"error usage":          w("用法", "usage"),
	"mend usage":           w("运行 leeway --help 查看用法", "run leeway --help to see how it is used"),
	"error altered":        w("记录被改动", "record altered"),
	"mend altered":         w("停止使用此数据目录，从备份恢复并报告", "stop using this data folder, restore a backup and report it"),
	"error corrupt":        w("数据损坏", "data damaged"),
	"mend corrupt":         w("从备份恢复数据目录，并检查磁盘", "restore the data folder from a backup and check the disk"),
	"error no rules":       w("缺少规则包", "rules missing"),
	"mend no rules":        w("安装台账所记版本和摘要的规则包后再复算", "install the pack with the version and digest that the ledger names, then replay"),
	"error not found":      w("不存在", "not found"),
	"mend not found":       w("用 leeway case list 或 leeway policy show 查看现有编号", "see leeway case list or leeway policy show for what there is"),
	"error refused":        w("不予受理", "refused"),
	"mend refused":         w("先完成上面所说的步骤", "do first what the message names"),
	"error sealed":         w("个人信息已封存", "personal data sealed"),
	"mend sealed":          w("在存有密钥的数据目录中运行", "run it where the data folder holds the keys"),
	"error conflict":       w("已被他人更新", "changed meanwhile"),
	"mend conflict":        w("重新读取后再试", "read again and retry"),
	"error command reused": w("编号重复", "id reused"),
	"mend command reused":  w("为不同内容使用不同编号", "use another id for other content"),
	"error locked":         w("数据目录正在使用", "data folder in use"),
	"mend locked":          w("等待该进程结束；查看类命令可以同时运行", "wait until that process ends; commands that only read run beside it"),
	"error poisoned":       w("存储停止写入", "store refuses writes"),
	"mend poisoned":        w("检查磁盘空间和硬件后重新启动", "check the disk and start again"),
	"error read-only":      w("只读", "read-only"),
	"mend read-only":       w("检查数据目录的写入权限", "check that the data folder may be written"),
	"error closed":         w("存储已关闭", "store closed"),
	"mend closed":          w("重新运行命令", "run the command again"),
	"error invalid":        w("输入有误", "invalid input"),
	"mend invalid":         w("按提示改正后重试", "correct it and try again"),
	"error cancelled":      w("已中断", "interrupted"),
	"mend cancelled":       w("重新运行；已完整写入的个案不会重复", "run it again; what was written whole is not written twice"),

	"no language":    w("没有语言 %q", "there is no language %q"),
	"write zh or en": w("写 zh 或 en", "write zh or en"),
	"no user folder": w("找不到用户数据目录", "the user's data folder is not known"),
	"give --data":    w("用 --data DIR 指定数据目录", "name a data folder with --data DIR"),
	"no data":        w("还没有数据", "there is no data yet"),
	"import first":   w("先运行 leeway import FILE，或用 --data 指定另一个数据目录；leeway demo 用示例演示", "run leeway import FILE first, or name another folder with --data; leeway demo shows samples"),
}

var screenWords = map[string]domain.Text{
	"revision": w("修订", "Revision"),
	"engine":   w("规则引擎", "Engine"),
}
