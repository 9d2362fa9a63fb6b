package names

// saidVault is the Chinese of what the vault of personal data says.
var saidVault = map[string]string{
	"it is a secret key":                         "这是私钥",
	"it is no age public key":                    "不是 age 公钥",
	"give the line age1… that age-keygen prints": "填写 age-keygen 输出的公钥（age1…）",
	"give the public key, age1…; what was typed here is no secret any more, so make a new key": "填写公钥（age1…）；该私钥已经泄露，请另行生成密钥",
	"the key file holds no age identity":                            "密钥文件中没有 age 私钥",
	"make one with age-keygen":                                      "用 age-keygen 生成",
	"the age file does not open with this key: %v":                  "该密钥不能打开 age 文件：%v",
	"%s is missing":                                                 "缺少 %s",
	"%s is no key-encryption key":                                   "%s 不是主密钥",
	"key %s is damaged":                                             "密钥 %s 已损坏",
	"key %s does not unwrap":                                        "密钥 %s 不能解开",
	"key %s is wrapped by key-encryption key %s, this vault has %s": "密钥 %s 由主密钥 %s 加密，本保险库的主密钥是 %s",
	"put it back from its backup":                                   "用备份恢复",
	"nothing to seal at %s, or nobody whose it is":                  "“%s”没有可封存的内容，或没有写明所属人员",
	"key %s is none of this vault for subject %s":                   "密钥 %s 不是本保险库中 %s 的密钥",
	"the vault has no key %s":                                       "保险库中没有密钥 %s",
}
