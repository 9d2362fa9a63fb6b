package main

import "leeway/domain"

// paperWords are the messages about documents and files that are written.
var paperWords = map[string]domain.Text{
	"help --pdf":            w("写成 PDF 文件（公文格式）", "write it as PDF, in the layout of official documents"),
	"pdf written":           w("已写入 %s：%d 页，SHA-256 %s", "Wrote %s: %d pages, SHA-256 %s"),
	"pdf lacks":             w("字体没有下列文字，以〓代替并在文末注明：%s", "The font lacks these characters; each is printed as 〓 and noted at the end: %s"),
	"help --template":       w("写出空白导入模板（XLSX）", "write the empty workbook to fill in (XLSX)"),
	"help --csv":            w("写成 CSV 文件", "write it as CSV"),
	"help --xlsx":           w("写成 XLSX 文件", "write it as XLSX"),
	"file written":          w("已写入 %s：SHA-256 %s", "Wrote %s: SHA-256 %s"),
	"file or template":      w("没有说明导入哪个文件，或同时要求模板和导入", "there is no file to import, or a template and an import are asked for at once"),
	"give file or template": w("写 leeway import FILE…，或 leeway import --template FILE.xlsx", "write leeway import FILE…, or leeway import --template FILE.xlsx"),
	"fault sheet":           w("工作表“%s”", "sheet %s"),
	"fault row":             w("，第 %d 行", ", row %d"),
	"fault cell":            w("，%s 列", ", column %s"),
	"list cases":            w("个案清单", "Cases"),
	"list reviews":          w("核查清单", "Reviews"),
	"list count":            w("件数", "Number"),
	"cannot write":          w("文件不能写入（%v）", "the file cannot be written (%v)"),
	"give a writable file":  w("检查目录是否存在、是否可写", "check that the folder exists and may be written"),
}
