package names

// saidAPI is the Chinese of what the server says of its directory and to its
// callers.
var saidAPI = map[string]string{
	"subject, person, office or post of an entry is missing": "条目的主体标识、人员代号、单位、岗位未填全",
	"give all four":                                           "四项都要填写",
	"%s has none":                                             "%s 没有角色",
	"give at least one of %[2]s":                              "至少填写其中一个：%[2]s",
	"%s has one that there is not: %s":                        "%s 的角色中有不存在的：%s",
	"give some of %[3]s":                                      "从下列各项中选填：%[3]s",
	"%s is a system administrator and something else":         "%s 是系统管理员，又有其他角色",
	"give the administrator no other role":                    "系统管理员不得兼任其他角色",
	"%s handles cases and inspects them":                      "%s 既办理个案，又监督检查",
	"%s is an auditor and takes part in reviews":              "%s 是审计人员，又参加核查",
	"give one person one of the two":                          "同一人只能任其一",
	"%s is listed twice":                                      "%s 重复列出",
	"give each subject one entry":                             "每个主体标识只列一条",
	"nobody is called %q here":                                "人员目录中没有“%s”",
	"none of the caller's roles takes part in a review as %q": "当前身份的角色不能以“%s”参加核查",
	"there is nothing at this address":                        "该地址没有内容",

	"%q is not an https address":                                    "%q 不是 https 地址",
	"give the issuer of the provider's discovery document":          "填写身份提供方发现文档中的 issuer",
	"neither a client nor an audience is given":                     "客户端和受众都没有填写",
	"give a client for browsers, an audience for programs, or both": "浏览器登录填写客户端，程序访问填写受众，或两者都填",
	"give the address at which browsers reach this server":          "填写浏览器访问本服务的地址",
	"there is a secret of no client":                                "有客户端密钥而没有客户端",
	"give the client that the secret is of":                         "填写密钥所属的客户端",
	"client and audience are the same":                              "客户端与受众相同",
	"give the API an audience of its own at the provider":           "在身份提供方为接口另设受众",
}
