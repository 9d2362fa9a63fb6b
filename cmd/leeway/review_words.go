package main

import "leeway/domain"

// reviewWords are the messages of the commands on reviews.
var reviewWords = map[string]domain.Text{
	"help review":              w("容错核查认定：从启动到归档", "tolerance reviews: from opening to archive"),
	"help review open":         w("启动核查", "open a review"),
	"help review cite":         w("申请容错并说明情形", "invoke a ground"),
	"help review supplement":   w("要求补正，或提交补正材料", "ask for what is missing, or bring it"),
	"help review accept":       w("受理并指定核查人员", "take it up and assign the investigators"),
	"help review refuse":       w("不予受理", "do not take it up"),
	"help review withdraw":     w("撤回申请", "take an application back"),
	"help review lapse":        w("逾期未补正，申请失效", "end an application whose supplement did not come"),
	"help review recuse":       w("提出或决定回避", "raise a recusal, or decide on one"),
	"help review verify":       w("调查核实：复算、应查应知、事实、排除情形", "verify: replay, duty findings, facts, exclusions"),
	"help review opinion":      w("提出技术意见", "file the technical opinion"),
	"help review notify":       w("告知拟认定的事实和依据", "tell the facts and the basis before the decision"),
	"help review hear":         w("听取陈述申辩", "record the person's defence"),
	"help review consult":      w("会商", "record the joint consultation"),
	"help review suggest":      w("查看系统建议", "see what the engine suggests"),
	"help review determine":    w("集体认定", "record the collective determination"),
	"help review serve":        w("送达", "serve the determination"),
	"help review correct":      w("纠错：责令、建议、完成、验收", "corrections: order, propose, report, accept"),
	"help review transfer":     w("移送，或记录处分", "hand a matter over, or note a sanction"),
	"help review file":         w("备案归档", "file and archive"),
	"help review clear":        w("澄清正名", "clear the name"),
	"help review appeal":       w("异议、复审、复核、申诉及其处理", "seek a remedy, or answer one"),
	"help review reopen":       w("重新认定", "take a determined review up again"),
	"help review show":         w("按顺序查看全卷", "print the whole file in order"),
	"help review list":         w("列出核查", "list the reviews"),
	"help review text":         w("输出认定书", "write the determination document"),
	"help review guards":       w("列出办理规则及其依据", "list the guards and where they come from"),
	"help review clue":         w("线索（仅限纪检监察机关）", "clues, for the discipline organ alone"),
	"help review clue add":     w("登记线索", "register a clue"),
	"help review clue list":    w("列出一个个案的线索", "list the clues of a case"),
	"help review clue link":    w("将线索并入核查", "link a clue to a review"),
	"help review clue compare": w("与本人报告的时间比对", "compare with the person's own report"),
	"help review clue close":   w("了结线索", "close a clue"),

	"detail review open":      w("申请人的编号以本人代号加点开头，如 w1.1；机关的编号不含点。", "Applicants use ids that begin with their pseudonym and a dot, such as w1.1; the organ uses ids without a dot."),
	"detail review determine": w("系统建议，人作决定。与建议不同的，用 --reasons 写明集体理由，并计入统计。", "The engine advises, people decide. Departing takes the collective's --reasons, which are counted."),

	"argument review-id": w("核查编号", "id of the review"),
	"argument clue":      w("线索编号", "id of the clue"),

	"help --as": w("以谁的身份办理（身份文件中的名称）", "as whom: a name of the file of identities"), "help --identities": w("身份文件，默认数据目录中的 identities.json", "file of identities; identities.json of the data folder where not given"),
	"help --day": w("发生日期，默认今天", "civil day on which it happened; today where not given"), "help --command": w("命令编号，重试时使用同一编号", "id of the command; the same again is a retry"),
	"help --seen": w("已看到的修订号；其后有变动则不办理", "last revision that you have seen; refused where it has moved on"), "help --route": w("启动方式：worker、unit、ex_officio、inquiry", "route: worker, unit, ex_officio, inquiry"),
	"help --organ": w("有追责权的机关", "office that holds the accountability power"), "help --case": w("个案编号", "id of the case"), "help --decision": w("所核查决定的事件编号，默认第一项决定", "event of the decision; the first one where not given"),
	"help --from": w("起始待遇月份", "first benefit month"), "help --to": w("截止待遇月份", "last benefit month"), "help --person": w("人员代号", "person, by pseudonym"), "help --informed": w("收到书面调查通知的日期", "day of the written notice of the inquiry"),
	"help --report": w("本人报告差错的事件编号", "event by which the person reported the error"), "help --ground": w("情形编号，如 G01", "ground, such as G01"), "help --matter": w("事项编号，如 m1", "matter, such as m1"),
	"help --words": w("文字说明（封存）", "in words (sealed)"), "help --evidence": w("证据：事件编号或文书", "evidence: events or papers"), "help --missing": w("缺少的材料", "what is missing"), "help --until": w("截止日期", "last day"),
	"help --reviewer": w("核查人员", "investigator"), "help --cause": w("原因", "cause: near_relative, witness, interest, other; new_fact, false_evidence"), "help --grant": w("同意回避", "grant it"), "help --deny": w("不同意回避", "deny it"), "help --of-head": w("当事人是机关负责人", "the person is the organ's head"),
	"help --replay": w("还原复算", "replay the matter"), "help --duty": w("对应查应知的事实予以确认或不予确认", "confirm or reject what should have been known"), "help --fact": w("核实的事实", "fact that was established"), "help --exclusion": w("不予容错情形", "exclusion to judge"),
	"help --confirm": w("确认该情形（否则为排除）", "confirm the exclusion; without it, it is rejected"), "help --exclude": w("排除非法证据", "exclude evidence"), "help --extend": w("延长期限", "extend the time"), "help --with": w("共同参加的核查人员", "investigator who took part"),
	"help --basis": w("依据：情形、规则编号", "basis: grounds and rules by id"), "help --propose": w("拟认定结果", "proposed outcome"), "help --adopted": w("采纳的申辩", "point that is accepted"), "help --refuted": w("不采纳的申辩", "point that is not accepted"),
	"help --waived": w("本人放弃", "the right was given up"), "help --silent": w("期满未答复", "no answer came in time"), "help --member": w("参加人（身份文件中的名称）", "member, by name"), "help --minutes": w("纪要编号", "number of the minutes"), "help --dissent": w("不同意见", "dissenting view"),
	"help --for": w("同意票", "votes for"), "help --against": w("反对票", "votes against"), "help --outcome": w("认定结果，如 w1=exempt:G01", "outcome, such as w1=exempt:G01"), "help --remedy": w("救济途径", "remedy that is open"), "help --reasons": w("不采建议的集体理由", "the collective's reasons for departing"),
	"help --receipt": w("送达回证编号", "number of the receipt"), "help --copy": w("抄送单位", "office that gets a copy"), "help --to-organ": w("接收机关", "receiving organ"), "help --sanction": w("处分种类", "kind of sanction"), "help --number": w("文书编号", "number of the decision"),
	"help --archive": w("档案编号", "archive number"), "help --open": w("尚待处理的建议", "proposals that stay open"), "help --scope": w("澄清范围", "where the name is cleared"), "help --false": w("属于不实举报", "it was a false accusation"), "help --id": w("编号", "short id"), "help --path": w("救济途径", "path of remedy"), "help --decide": w("处理结果", "result"),
	"help --order": w("纠错措施 C1–C12", "measure C1 to C12"), "help --owner": w("责任人", "who does it"), "help --due": w("完成期限", "due day"), "help --fraud": w("属于骗取", "for fraud"), "help --local-rule": w("所依据的本地规定", "local rule that it rests on"),
	"help --back": w("民政部门决定的事件编号", "event of the bureau's decision"), "help --served": w("送达日期", "day of service"), "help --remedies": w("已告知救济途径", "the decision names the remedies"), "help --reasoned": w("已书面说理", "the decision gives reasons"), "help --done": w("报告完成", "report it done"), "help --return": w("退回", "send it back"), "help --accept": w("验收", "accept it"),
	"help --past": w("第几份旧认定", "past determination, from 1"), "help --source": w("线索来源：report、audit、data_match、inquiry", "source: report, audit, data_match, inquiry"), "help --reporter": w("举报人代号", "who reported, by pseudonym"), "help --review": w("核查编号", "id of the review"), "help --result": w("结果：reviewed、transferred、unfounded", "result: reviewed, transferred, unfounded"),

	"review": w("核查", "Review"), "reviewed person": w("人员", "Person"), "own part": w("本人行为", "Conduct"), "stage": w("环节", "Stage"), "route": w("启动方式", "Route"), "organ": w("认定机关", "Organ"), "deadlines": w("期限", "Deadlines"), "due": w("截止", "Due"),
	"limit open": w("进行中", "running"), "limit kept": w("已办", "done"), "limit passed": w("已过", "passed"), "limit local": w("本地配置，须核实", "local, to verify"), "limit law": w("法定", "statute"),
	"no reviews": w("没有可查看的核查。", "There are no reviews to see."), "overdue": w("逾期", "Overdue"), "departures": w("未采建议", "Departures"), "suspended": w("（已中止效力）", "(suspended)"),
	"suggested": w("系统建议", "Suggested"), "proved": w("已证情形", "Proved"), "partly": w("部分成立", "Partly"), "mitigating": w("从轻减轻", "Mitigating"), "suspected": w("疑似", "Suspected"), "confirmed": w("已确认排除", "Confirmed"), "lacking": w("缺少事实", "Lacking"),
	"engine advises": w("系统建议，人作决定。", "The engine advises, people decide."), "guard": w("规则", "Guard"), "weight": w("效力", "Weight"), "rule": w("内容", "Rule"),
	"weight statute": w("法定", "statute"), "weight structure": w("结构", "structure"), "weight advice": w("建议", "advice"), "clue": w("线索", "Clue"), "clue did": w("已记录线索 %s。", "Clue %s is on record."),
	"review did": w("核查 %s：已记录%s（修订 %d），现为%s。", "Review %s: %s is on record (revision %d); it stands at: %s."), "review said so": w("核查 %s 已有此记录，没有新增；现为%s。", "Review %s says so already; it stands at: %s."),
	"identities mend": w(`身份文件写 {"identities":[{"name":"r1","person":"r1","office":"o","post":"p","role":"reviewer"}]}，角色为 worker、unit、bureau、reviewer、head、superior、auditor`, `write {"identities":[{"name":"r1","person":"r1","office":"o","post":"p","role":"reviewer"}]}; roles are worker, unit, bureau, reviewer, head, superior, auditor`),
	"identity bad":    w("身份 %q 不完整或角色不明", "identity %q is incomplete or has no known role"), "no identity": w("没有身份 %q", "there is no identity %q"), "flag not a pair": w("%q 不是“名称=值”", "%q is not NAME=VALUE"), "write a pair": w("写成 名称=值", "write NAME=VALUE"),
	"verify what": w("没有说明核实什么", "nothing to verify is named"), "verify mend": w("用 --replay、--duty、--fact、--exclusion、--exclude 或 --extend", "give --replay, --duty, --fact, --exclusion, --exclude or --extend"),
	"correct what": w("没有说明做什么", "nothing to do is named"), "correct mend": w("用 --order、--back、--extend、--done、--return 或 --accept", "give --order, --back, --extend, --done, --return or --accept"),
	"not reviewed": w("%q 不在核查之列", "%q is not reviewed"), "document whole": w("认定书载有他人情况", "the document speaks of others too"), "read own": w("用 review show 查看本人部分", "read your own part with review show"),
}

// reviewEvents names the stored events of a review.
var reviewEvents = map[string]domain.Text{
	"review-opened.v1": w("启动", "opening"), "review-cited.v1": w("申请容错", "ground cited"), "review-supplement-asked.v1": w("要求补正", "supplement asked"), "review-supplement-given.v1": w("补正", "supplement given"),
	"review-accepted.v1": w("受理", "acceptance"), "review-not-accepted.v1": w("不予受理", "not accepted"), "review-withdrawn.v1": w("撤回", "withdrawal"), "review-lapsed.v1": w("失效", "lapse"),
	"review-recusal-raised.v1": w("提出回避", "recusal raised"), "review-recusal-decided.v1": w("回避决定", "recusal decided"), "review-fact-verified.v1": w("核实事实", "fact verified"), "review-evidence-excluded.v1": w("排除证据", "evidence excluded"),
	"review-replayed.v1": w("还原复算", "replay"), "review-duty-found.v1": w("应查应知认定", "duty findings"), "review-exclusion-judged.v1": w("不予容错情形认定", "exclusion judged"), "review-verification-extended.v1": w("延长核实", "verification extended"),
	"review-opinion-filed.v1": w("技术意见", "technical opinion"), "review-notified.v1": w("事先告知", "notice"), "review-heard.v1": w("陈述申辩", "hearing"), "review-consulted.v1": w("会商", "consultation"), "review-determined.v1": w("认定", "determination"), "review-served.v1": w("送达", "service"),
	"review-correction-ordered.v1": w("责令或建议纠错", "correction ordered"), "review-correction-backed.v1": w("民政部门决定", "bureau's decision"), "review-correction-extended.v1": w("纠错延期", "correction extended"), "review-correction-done.v1": w("纠错完成", "correction done"), "review-correction-returned.v1": w("纠错退回", "correction returned"), "review-correction-accepted.v1": w("纠错验收", "correction accepted"),
	"review-transferred.v1": w("移送", "transfer"), "review-sanction-recorded.v1": w("处分记录", "sanction noted"), "review-filed.v1": w("备案归档", "filing"), "review-name-cleared.v1": w("澄清正名", "name cleared"),
	"review-appealed.v1": w("申请救济", "remedy sought"), "review-appeal-decided.v1": w("救济处理", "remedy decided"), "review-reopened.v1": w("重新启动", "reopening"), "guard-breached.v1": w("中止效力", "guard breached"),
}

// reviewEvent is the name of a stored event of a review.
func (s *session) reviewEvent(eventType string) string { return reviewEvents[eventType].In(s.lang) }
