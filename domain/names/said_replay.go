package names

// saidReplay is the Chinese of what the replay says.
var saidReplay = map[string]string{
	"%s lies before the case, which is on record from %s": "%s 早于本案，本案自 %s 起在案",
	"choose a day from %[2]s to %[3]s":                    "在 %[2]s 至 %[3]s 之间选一天",
	"%s lies after %s, up to which it is replayed":        "%s 晚于复算截止日 %s",
	"choose a day from %[3]s to %[2]s":                    "在 %[3]s 至 %[2]s 之间选一天",
	"case %s has no events":                               "个案 %s 没有事件",
	"case %s has nothing to replay in %s":                 "个案 %s 没有月份 %s 可复算",
	"the chain has no node %q to explain":                 "复算链中没有可说明的节点“%s”",
	"name A, Af, Ao, T or B":                              "填写 A、Af、Ao、T 或 B",
	"no version of pack %s was published by %s":           "截至 %[2]s，规则包 %[1]s 没有已发布的版本",
	"record its activation (rules-activated.v1) first":    "先记录规则发布（rules-activated.v1）",
}
