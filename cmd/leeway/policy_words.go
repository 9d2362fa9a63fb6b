package main

import (
	"strings"

	"leeway/domain"
)

// list joins words as the language does.
func (s *session) list(words []string) string { return strings.Join(words, s.t("list separator")) }

// policyWords are what the tools of a policy author say.
var policyWords = map[string]domain.Text{
	"help policy coverage": w("逐条说明测试覆盖了哪些条件", "say leaf by leaf what the tests of a pack saw"),
	"help policy diff":     w("比较两个版本在哪些日期含义不同", "compare what two versions mean, day by day"),
	"help policy new":      w("写出可用的规则包骨架及其测试", "write a working pack to begin with, and its tests"),
	"help policy seal":     w("检查、测试并给出摘要，供两人批准", "check, test and give the digest that two persons approve"),
	"help policy activate": w("凭两人对摘要的批准发布规则包（写入台账）", "publish a pack with two approvals of its digest (writes)"),
	"help policy dispatch": w("登记规则包已发往某单位（写入台账）", "record that a pack was sent to an office (writes)"),
	"help policy receive":  w("登记某单位已收到规则包（写入台账）", "record that an office received a pack (writes)"),
	"help policy status":   w("查看已发布的规则包、批准人和各单位收文", "show what is active, who approved it and which offices hold it"),

	"detail policy diff":     w("版式、注释、名称和引文文字不算差异；是否待核实算差异。", "Layout, comments, titles and the text of citations are no difference; whether something is to be verified is one."),
	"detail policy new":      w("DIR 的最后两级是规则包名称和版本，如 packs/my-pack/1；--extends 写出补充包骨架。", "The last two parts of DIR are pack and version, such as packs/my-pack/1; --extends writes an overlay."),
	"detail policy seal":     w("不向规则包写入任何内容；同样的字节总得到同样的摘要。", "Nothing is written into the pack; the same bytes give the same digest."),
	"detail policy activate": w("两人须为不同人员、不同角色，所批准的摘要须与现有字节一致；改动一个字节即须重新批准。仿真数据不得发布。", "Two different persons in different roles, of the digest of the bytes at hand; a changed byte is approved anew. Simulated values are never activated."),

	"argument a":       w("规则包的一个版本", "one version of a pack"),
	"argument b":       w("与之比较的版本", "the version to compare it with"),
	"argument dir":     w("新文件夹，以 规则包/版本 结尾", "a new folder that ends with PACK/VERSION"),
	"help --packs":     w("另一个规则包目录（规则包/版本/…），如草稿目录；数据目录中的 packs 总会读取", "a further folder of packs (PACK/VERSION/…), such as drafts; packs in the data folder is always read"),
	"help --extends":   w("在该版本之上写补充包", "write an overlay on top of this version"),
	"help --approve":   w("批准：policy approve 写出的文件，或 人员:角色:摘要（无签名），每人一次", "an approval, once for each person: a file of policy approve, or PERSON:ROLE:DIGEST without a signature"),
	"help --office":    w("单位代号", "office, by its code"),
	"help --by":        w("登记人：人员/单位/岗位", "who puts it on record"),
	"help --all":       w("全部：条件、个案", "all of them: leaves, cases"),
	"name packs":       w("写一个存在的目录，其下为 规则包/版本/…", "name a folder that exists and holds PACK/VERSION/…"),
	"one place":        w("一个版本只能有一处：移走其中一个，或改版本号", "a version stands in one place: move one away, or give it a version of its own"),
	"name one version": w("写明版本，如 %s@%s", "name the version, such as %s@%s"),
	"several versions": w("%s 有 %d 个版本", "%s has %d versions"),

	"sealed as":        w("已封装：%s", "Sealed: %s"),
	"base":             w("基础包", "Base"),
	"looked at":        w("核对范围", "Looked at"),
	"counts sealed":    w("文件 %d 个，测试 %d 项，条件 %d 个", "%d files, %d tests, %d leaves"),
	"not seen":         w("未覆盖条件", "Leaves not seen both ways"),
	"approved by":      w("批准", "Approved by"),
	"persons of roles": w("须 %d 人，角色各不相同：%s", "%d persons, each in another role: %s"),
	"never activated":  w("仿真数据，不得作为依据；此包不得发布。", "Simulated data, no basis for anything; this pack is never activated."),
	"seal next":        w("两人各自核对摘要后：leeway policy activate %s --approve 人员:角色:摘要 --approve 人员:角色:摘要 --by 人员/单位/岗位", "When two persons have compared the digest: leeway policy activate %s --approve PERSON:ROLE:DIGEST --approve PERSON:ROLE:DIGEST --by PERSON/OFFICE/POST"),

	"compared":        w("比较 %s 与 %s", "Comparing %s with %s"),
	"no difference":   w("含义没有差异。", "They mean the same on every day."),
	"differs itself":  w("含义不同", "Says something else"),
	"differs through": w("受其影响", "Differs through that"),
	"on all days":     w("所有日期", "on every day"),
	"because of":      w("因为 %s", "because of %s"),
	"how added":       w("新增", "added"),
	"how removed":     w("删除", "removed"),
	"how changed":     w("变更", "changed"),
	"how through":     w("受影响", "affected"),
	"part pack":       w("总则", "pack"),
	"part standard":   w("标准", "standard"),
	"part attribute":  w("所需事实", "stated fact"),
	"part fact":       w("推算事实", "derived fact"),
	"part rule":       w("规则", "rule"),
	"part programme":  w("救助项目", "programme"),
	"part procedure":  w("程序", "procedure"),
	"part step":       w("步骤", "step"),
	"part finding":    w("责任认定事实", "finding"),
	"part ground":     w("责任认定情形", "ground"),

	"leaf":         w("条件", "Leaf"),
	"leaf holds":   w("成立", "holds"),
	"leaf fails":   w("不成立", "fails"),
	"leaf unknown": w("不明", "unknown"),
	"coverage":     w("%s：%d / %d 个条件既成立过也不成立过（测试 %d 项）", "%s: %d of %d leaves seen both to hold and to fail (%d tests)"),

	"pack folder in use": w("文件夹已存在且不为空，或不能读取", "the folder exists and is not empty, or cannot be read"),
	"name a new folder":  w("换一个新的文件夹名", "name another folder"),
	"new pack next":      w("接下来：改写各文件，并运行 leeway policy check %[1]s 和 leeway policy test %[1]s", "Next: rewrite the files, and run leeway policy check %[1]s and leeway policy test %[1]s"),

	"no actor":       w("%q 不是登记人", "%q names nobody"),
	"write actor":    w("写 人员/单位/岗位，如 a1/bureau/registry", "write PERSON/OFFICE/POST, such as a1/bureau/registry"),
	"no approval":    w("%q 不是批准", "%q is no approval"),
	"write approval": w("写 人员:角色:摘要，每人一次", "write PERSON:ROLE:DIGEST, once for each person"),
	"not installed":  w("%s 不在规则包目录中，或目录中的内容不同", "%s does not stand in a folder of packs, or other bytes do"),
	"install it":     w("把文件夹放到数据目录的 packs/%s/%s，复算时还要用到", "put the folder into the data folder at packs/%s/%s: replays will need it"),

	"noted rules-activated.v1":  w("已发布 %s，自 %s 起", "Activated %s, since %s"),
	"noted rules-dispatched.v1": w("已登记下发 %s，%s", "Recorded as sent: %s, %s"),
	"noted rules-received.v1":   w("已登记收文 %s，%s", "Recorded as received: %s, %s"),
	"noted already":             w("台账已有 %s 的记录，未重复登记（%s）", "%s is on record already, nothing was added (%s)"),

	"none active":        w("台账中没有已发布的规则包。", "No pack is active by this ledger."),
	"active since":       w("发布日", "Active since"),
	"approved by nobody": w("历史导入，无双人批准记录", "history as claimed, no approvals on record"),
	"sent":               w("下发", "Sent"),
	"received":           w("收文", "Received"),
}
