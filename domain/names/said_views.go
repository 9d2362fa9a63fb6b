package names

// saidViews is the Chinese of what the views say of their filters.
var saidViews = map[string]string{
	"the payment file is no longer kept":      "对账文件已不再保留",
	"send it again":                           "重新上传",
	"the two are versions of different packs": "二者不是同一规则包的版本",
	"choose two versions of one pack":         "选择同一规则包的两个版本",
	"%q is no number":                         "“%s”不是整数",
	"no drafts are kept here":                 "此处不保存草稿",
	"write packs with leeway policy new":      "用 leeway policy new 编写规则包",
	"write 2020-01":                           "写成 2020-01",
	"there is no rule pack %s %s":             "没有规则包 %s %s",
	"choose one of the list":                  "在列表中选择",
	"the page has no such file":               "该页没有此文件",
	"take one that the page links to":         "使用页面上的下载链接",
}
