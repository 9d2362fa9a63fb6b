package main

import "leeway/domain"

// paperWords are the messages about documents and files that are written.
var paperWords = map[string]domain.Text{
	"help --pdf":           w("写成 PDF 文件（公文格式）", "write it as PDF, in the layout of official documents"),
	"pdf written":          w("已写入 %s：%d 页，SHA-256 %s", "Wrote %s: %d pages, SHA-256 %s"),
	"pdf lacks":            w("字体没有下列文字，以〓代替并在文末注明：%s", "The font lacks these characters; each is printed as 〓 and noted at the end: %s"),
	"cannot write":         w("文件不能写入（%v）", "the file cannot be written (%v)"),
	"give a writable file": w("检查目录是否存在、是否可写", "check that the folder exists and may be written"),
}
