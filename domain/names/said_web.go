package names

// saidWeb is the Chinese of what the pages refuse.
var saidWeb = map[string]string{
	"%q is no revision of a draft":                       "“%s”不是草稿的修订号",
	"open the draft again":                               "重新打开草稿",
	"choose a file first":                                "请先选择文件",
	"it is no signature of a determination of review %s": "不是核查 %s 认定书的签名文件",
	"send the file that leeway review sign wrote":        "交回 leeway review sign 写出的文件",
	"there is no file":                                   "没有收到文件",
	"choose the payment file first":                      "请先选择代发文件",
	"%q is neither yes nor no":                           "“%s”不是“是”或“否”",
	"write yes or no":                                    "写“是”或“否”",
	"the record bars the caller: %s":                     "记录显示您应当回避：%s",
	"none of the caller's roles opens a review as %q":    "您的角色不能以“%s”方式启动审查",
	"leave it to who may":                                "交由有权人员办理",
	"there is no step %q":                                "没有步骤 %q",
	"none of the caller's roles records %s":              "您的角色不能记录“%s”",
	"leave it to who approves":                           "交由审批人员办理",
}
