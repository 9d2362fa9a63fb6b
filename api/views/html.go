package views

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"leeway/api/documents"
	"leeway/domain"
)

//go:embed view.html
var viewText string

//go:embed views.css
var style string

// CSS styles what HTML writes.
func CSS() string { return style }

var viewTemplate = template.Must(template.New("views").Funcs(template.FuncMap{"clean": documents.Clean, "marked": marked, "cell": cellClass, "fixed": fixed}).Parse(viewText))

// marked is a text as it is shown, with the origins of rules in the words of the
// page and what is to be verified marked.
func marked(lang, s string) template.HTML {
	text := template.HTMLEscapeString(documents.Clean(s))
	text = strings.ReplaceAll(text, "[to_verify]", "<mark>"+toVerify.In(lang)+"</mark>")
	text = strings.ReplaceAll(text, "[statute]", "["+fromStatute.In(lang)+"]")
	text = strings.ReplaceAll(text, "[seed]", "["+fromSeed.In(lang)+"]")
	return template.HTML(text)
}

// What pages call the origins of rules.
var (
	toVerify    = domain.Text{ZH: "待核实", EN: "to verify"}
	fromStatute = domain.Text{ZH: "法规政策", EN: "statute"}
	fromSeed    = domain.Text{ZH: "2020 年工作报告", EN: "the report of 2020"}
)

// cellClass says how a cell stands: numbers to the right, days on one line, and
// what has no place to break, such as a digest, broken anywhere.
func cellClass(right, fixed bool, text string) string {
	switch {
	case right:
		return "num"
	case fixed:
		return "fixed"
	case len(text) > longWord && !strings.ContainsAny(text[:longWord], " -，、；。"):
		return "long"
	}
	return ""
}

// longWord is the number of bytes from which a text without a space is broken.
const longWord = 40

// fixed reports whether a text of a paper is a day or a month.
func fixed(text string) bool {
	_, day := domain.ParseDay(text)
	_, month := domain.ParseMonth(text)
	return day == nil || month == nil
}

// shown is a view with what its template asks for.
type shown struct {
	View
	ask Ask
}

// Max is the length of a progress bar, never nothing.
func (r Running) Max() int { return max(r.Of, 1) }

// Lang is the language of the page.
func (s shown) Lang() string { return s.ask.Lang }

// Say is a word of the frame.
func (s shown) Say(key string) string {
	switch key {
	case "running":
		return s.ask.t("正在复算……", "Replaying …")
	case "again":
		return s.ask.t("刷新", "Refresh")
	case "more":
		return s.ask.t("下一页", "Next page")
	case "figure":
		return s.ask.t("（图）", " (figure)")
	case "none":
		return s.ask.t("无。", "None.")
	}
	return key
}

// Rows says how many rows a list has.
func (s shown) Rows(n int) string {
	if n == 1 {
		return s.ask.t("1 行", "1 row")
	}
	return fmt.Sprintf(s.ask.t("%d 行", "%d rows"), n)
}

// mostRows is how many rows of a list a page shows: the whole of it is a file.
const mostRows = 200

// First are the rows that the page shows.
func (s shown) First(rows [][]documents.Cell) [][]documents.Cell {
	return rows[:min(len(rows), mostRows)]
}

// Cut says that a list is longer than what the page shows of it; empty: it is
// not.
func (s shown) Cut(n int) string {
	if n <= mostRows {
		return ""
	}
	return fmt.Sprintf(s.ask.t("此处列前 %d 行；全部见 CSV 或 XLSX。", "The first %d are shown; all of them are in the CSV or XLSX."), mostRows)
}

// Self is the address of the view.
func (s shown) Self() string { return s.with(nil) }

// Download is the address of a list or paper of the view as a file.
func (s shown) Download(format string, list int) string {
	return s.with(map[string]string{"format": format, "list": strconv.Itoa(list)})
}

func (s shown) with(more map[string]string) string {
	q := url.Values{}
	maps.Copy(q, s.ask.Values)
	q.Del("format")
	q.Del("list")
	for k, v := range more {
		q.Set(k, v)
	}
	if len(q) == 0 {
		return s.ask.Path
	}
	return s.ask.Path + "?" + q.Encode()
}

// HTML is the view without its layout, safe to put into a page under the strict
// CSP: no script, no style of its own.
func HTML(v View, a Ask) (template.HTML, error) {
	var out bytes.Buffer
	if err := viewTemplate.ExecuteTemplate(&out, "view", shown{v, a}); err != nil {
		return "", fmt.Errorf("view %s: %w", a.Path, err)
	}
	return template.HTML(out.String()), nil
}

// PaperHTML is a document as a printable piece of a page.
func PaperHTML(d documents.Document) (template.HTML, error) {
	var out bytes.Buffer
	if err := viewTemplate.ExecuteTemplate(&out, "paper", d); err != nil {
		return "", fmt.Errorf("paper %q: %w", d.Title, err)
	}
	return template.HTML(out.String()), nil
}

// A File is a list or paper of a view to be taken away.
type File struct {
	Name string
	Type string // media type
	Data []byte
}

// Take makes the file that an address of Download names. The error wraps
// domain.ErrNotFound where the view has no such list or format.
func Take(v View, a Ask) (File, error) {
	format := a.get("format")
	i, err := strconv.Atoi(a.get("list"))
	if err != nil && a.get("list") != "" {
		i = -1
	}
	name := "leeway" + strings.ReplaceAll(a.Path, "/", "-")
	var out bytes.Buffer
	switch {
	case format == "pdf" && v.Paper != nil:
		printed, err := v.Paper.PDF()
		return File{name + ".pdf", "application/pdf", printed.PDF}, err
	case (format != "csv" && format != "xlsx") || i < 0 || i >= len(v.Lists):
		return File{}, domain.Deny(domain.ErrNotFound, "the page has no such file", "take one that the page links to")
	case format == "csv":
		err = v.Lists[i].CSV(&out)
		return File{fmt.Sprintf("%s-%d.csv", name, i+1), "text/csv; charset=utf-8", out.Bytes()}, err
	}
	err = xlsx(&out, v, i)
	return File{fmt.Sprintf("%s-%d.xlsx", name, i+1), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", out.Bytes()}, err
}

// xlsx writes one list with what the page says of it.
func xlsx(w io.Writer, v View, i int) error {
	l := v.Lists[i].List
	l.Notes = append(append([]documents.Pair{{Name: v.Title, Value: v.Lead}}, l.Notes...), v.Facts...)
	return documents.XLSX(w, l)
}
