package names

// saidCommands is the Chinese of what commands refuse by a guard.
var saidCommands = map[string]string{
	"read your own part with review show": "用 review show 查看本人部分",
	"the document speaks of others too":   "认定书载有他人情况",
	"revision %d of %s is not sealed yet": "%[2]s 的修订 %[1]d 尚未封签",
	"ask again in a second":               "稍后再试",
	"there is no revision %d of %s":       "%[2]s 没有修订 %[1]d",
	"ask for one that is there":           "查询已有的修订",
	"nothing is sealed yet":               "尚无检查点",
	"%q is no scale":                      "“%s”不能作为规模",
}
