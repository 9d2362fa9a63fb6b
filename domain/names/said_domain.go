package names

// saidDomain is the Chinese of what the domain says, and of what several rooms
// say.
var saidDomain = map[string]string{
	// Values as they are read.
	"%q is no amount": "“%s”不是金额",
	"%q is no day":    "“%s”不是日期",
	"%q is no month":  "“%s”不是月份",
	"%q is no time":   "“%s”不是时间",
	"%s is no time":   "%s 不是时间",
	"%s is no value":  "%s 不是可用的值",
	"write yuan with at most two decimals, such as 526 or 526.50":                                  "以元填写，最多两位小数，如 526 或 526.50",
	"write a civil day as YYYY-MM-DD, such as 2020-01-31":                                          "按 YYYY-MM-DD 填写日期，如 2020-01-31",
	"write a benefit month as YYYY-MM, such as 2020-01":                                            "按 YYYY-MM 填写待遇月份，如 2020-01",
	"write it as 2020-01-31T09:30:00+08:00":                                                        "按此格式填写：2020-01-31T09:30:00+08:00",
	"give exactly one of fen, int, bool, day, code":                                                "fen、int、bool、day、code 只填其中一个",
	"it is no personal data":                                                                       "不是个人信息的写法",
	`write {"subject":"…","text":"…"} and nothing else`:                                            `写成 {"subject":"…","text":"…"}，不加其他内容`,
	`write one of {"fen":40000}, {"int":3}, {"bool":true}, {"day":"2020-01-31"}, {"code":"rural"}`: `写成其中一种：{"fen":40000}、{"int":3}、{"bool":true}、{"day":"2020-01-31"}、{"code":"rural"}`,

	// Approvals of a rule version.
	"%d of %d approvals":                                              "已有 %d 人批准，须有 %d 人",
	"%s approves twice":                                               "%s 重复批准",
	"role %q approves twice":                                          "角色“%s”重复批准",
	"role %q approves no pack of this kind":                           "角色“%s”不能批准这类规则包",
	"%s approved %q, but %s/%s has the digest %s":                     "%s 批准的是“%s”，而 %s/%s 的摘要是 %s",
	"let further persons in other roles approve the digest":           "由其他角色的人员继续批准该摘要",
	"name the person by pseudonym, and the role in which he approves": "填写批准人的代号和批准时的角色",
	"the approvals are in different roles":                            "批准人须为不同角色",
	"the pack names the roles: %[2]s":                                 "规则包规定的角色：%[2]s",
	"two persons approve: nobody activates rules alone":               "须由两人批准，任何人不得单独发布规则",
	"what was changed by one byte is approved anew: seal it, and let both persons approve the digest that seal prints": "内容有任何改动都须重新批准：重新封存，由两人批准封存时给出的摘要",

	// What several rooms say.
	"it cannot be read: %v":                        "不能读取：%v",
	"it is missing":                                "未填写",
	"they are missing":                             "未填写",
	"it is empty":                                  "为空",
	"one is empty":                                 "有一项为空",
	"one is missing":                               "有一项未填写",
	"there is none":                                "没有填写",
	"there are none":                               "一项也没有填写",
	"%s lies before %s":                            "%s 早于 %s",
	"%s lies in the future, today is %s":           "%s 尚未到来，今天是 %s",
	"record it when it has happened":               "待发生后再记录",
	"record the next step instead":                 "改为记录下一个环节",
	"give a pointer to the event":                  "以指针传入事件",
	"the event is a %T":                            "事件类型为 %T",
	"write one of %[2]s":                           "从下列各项中选填：%[2]s",
	"there is no grade %q":                         "没有证明等级“%s”",
	"there is no outcome %q":                       "没有结果“%s”",
	"there is no matter %q":                        "没有事项“%s”",
	"name one of the review's matters, such as m1": "填写本次核查的事项编号，如 m1",
	"name the case":                                "写明个案编号",
	"leave it to that organ":                       "由该机关办理",
	"give the civil day on which it happened, such as 2020-01-31": "填写发生日期，如 2020-01-31",
}
