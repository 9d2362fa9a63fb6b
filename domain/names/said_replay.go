package names

// saidReplay is the Chinese of what the replay says.
var saidReplay = map[string]string{
	"case %s has no events":                            "个案 %s 没有事件",
	"case %s has nothing to replay in %s":              "个案 %s 没有月份 %s 可复算",
	"the chain has no node %q to explain":              "复算链中没有可说明的节点“%s”",
	"name A, Af, Ao, T or B":                           "填写 A、Af、Ao、T 或 B",
	"no version of pack %s was published by %s":        "截至 %[2]s，规则包 %[1]s 没有已发布的版本",
	"record its activation (rules-activated.v1) first": "先记录规则发布（rules-activated.v1）",
}
