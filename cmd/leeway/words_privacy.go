package main

import "leeway/domain"

// privacyWords are about the personal data of a person: restricted, inspected,
// released, shredded.
var privacyWords = map[string]domain.Text{
	"help privacy":            w("个人信息的封存、查阅、解除封存和销毁", "restrict, inspect, release and shred personal data"),
	"help privacy status":     w("一个案件中个人信息的状态和全部申请", "where the personal data of a case stands, with every request"),
	"help privacy restrict":   w("申请封存：密钥移入托管，停止使用", "ask to restrict: the key goes into escrow"),
	"help privacy release":    w("申请解除封存", "ask to release what is restricted"),
	"help privacy inspect":    w("申请查阅已封存的信息", "ask to inspect what is restricted"),
	"help privacy shred":      w("申请销毁密钥；不能恢复", "ask to destroy the key; nothing brings it back"),
	"help privacy approve":    w("批准待审批的申请并执行", "approve the open request, and carry it out"),
	"help privacy decline":    w("退回待审批的申请；申请人可撤回自己的申请", "decline the open request; who asked may take it back"),
	"help privacy open":       w("按已批准的查阅打开封存信息", "open restricted data under an approved inspection"),
	"help privacy custodians": w("指定或列出托管密钥的保管人", "name or list the custodians of the escrow"),
	"help privacy settle":     w("使密钥目录与记录一致，并检查密钥是否齐全", "bring the keys into the state on record, and look whether any is missing"),

	"detail privacy": w("每一步由一人申请、另一人批准，角色见身份文件：records 档案管理、privacy 个人信息保护负责人、bureau 民政局；查阅还可由 reviewer、head、auditor 申请。",
		"One person asks, another approves; the file of identities gives their roles: records, privacy, bureau, and for inspections reviewer, head, auditor too."),
	"detail privacy shred": w("案件未结案、保存期限未满、有未办结的救济、款项或程序时，不予受理。",
		"Refused while the case is open, its retention runs, or a remedy, money or a proceeding is open."),
	"detail privacy custodians": w("两人以上各持一把 age 密钥；任意两人到场才能打开托管的密钥。",
		"Two or more hold an age key each; any two of them open what lies in escrow."),

	"argument person":    w("人员假名", "pseudonym of the person"),
	"argument custodian": w("保管人=age 公钥", "custodian=age public key"),
	"help --ground":      w("依据", "ground"),
	"help --document":    w("批准文书编号，不含姓名和号码", "number of the paper that orders it, without names or personal numbers"),
	"help --key":         w("到场保管人的 age 私钥文件（0600）", "age key file of a custodian who is present (mode 0600)"),
	"help --sealed":      w("密钥缺失时，不显示个人信息而继续", "go on without personal data where keys are missing"),

	"privacy nothing":  w("没有处置记录，个人信息在使用中。", "Nothing is on record: the data is in use."),
	"privacy act":      w("事项", "act"),
	"privacy ground":   w("依据", "ground"),
	"privacy document": w("文书", "document"),
	"privacy asked":    w("申请", "asked"),
	"privacy answer":   w("结果", "answer"),
	"privacy answered": w("审批", "answered"),
	"privacy field":    w("字段", "field"),
	"privacy text":     w("内容", "text"),
	"request open":     w("待审批", "open"),
	"request approved": w("已批准", "approved"),
	"request declined": w("已退回", "declined"),
	"privacy settled":  w("密钥齐全，与记录一致。", "Every key is there, in the state on record."),

	"keys missing":    w("缺少 %d 把密钥：%s", "%d keys are missing: %s"),
	"or show sealed":  w("恢复密钥备份；或加 --sealed，不显示个人信息", "put the key backup back; or show the case without personal data: --sealed"),
	"write years":     w("写 1 到 100 的整数年", "write whole years from 1 to 100"),
	"no custodian":    w("%q 不是保管人", "%q is no custodian"),
	"write custodian": w("写作 名称=age1…", "write NAME=age1…"),
	"no custodians":   w("没有保管人；托管的密钥仅由本程序按两人审批打开。", "There are no custodians: the program alone opens the escrow, on two persons' word."),
	"custodians are":  w("保管人：%s", "Custodians: %s"),
	"error suite":     w("密码套件不符", "another cryptographic suite"),
	"mend suite":      w("按数据所属套件设置 ledger.suite", "set ledger.suite to the suite of the data"),
	"suites differ":   w("%s 属于套件 %s，配置为 %s", "%s is of suite %s, the configuration says %s"),
}
