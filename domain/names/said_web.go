package names

// saidWeb is the Chinese of what the pages refuse.
var saidWeb = map[string]string{
	"%q is neither yes nor no":              "“%s”不是“是”或“否”",
	"write yes or no":                       "写“是”或“否”",
	"there is no step %q":                   "没有步骤 %q",
	"none of the caller's roles records %s": "您的角色不能记录“%s”",
	"leave it to who approves":              "交由审批人员办理",
}
