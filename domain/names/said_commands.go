package names

// saidCommands is the Chinese of what commands refuse by a guard.
var saidCommands = map[string]string{
	"role “%s” may not look for a person":     "角色“%s”不能按人查找",
	"ask who handles the case, or an auditor": "请由经办人员或审计人员查找",
	"the event is not sealed yet":             "该事件尚未封签",
	"there is no such event":                  "没有这一事件",
	"ask for one that is there":               "查询已有的事件",
	"nothing is sealed yet":                   "尚无检查点",
	"%q is no scale":                          "“%s”不能作为规模",
}
