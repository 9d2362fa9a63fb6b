package documents

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/xuri/excelize/v2"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/names"
)

// The workbook by which offices that keep spreadsheets bring their cases in.
// One row of the sheet of events is one line of a case file; what an event
// holds several of – members, statements, months – stands on sheets of its own,
// tied to it by a number. Columns carry the names of the case file, behind
// their Chinese title: "金额 amount". Nothing is checked twice: a workbook
// becomes a case file, and casework.ReadCaseFile says what is wrong with it.
const (
	sheetFile   = "文件 file"
	sheetEvents = "事件 events"
	sheetPeople = "成员 members"
	sheetFacts  = "事实 statements"
	sheetMonths = "月份 months"
	sheetGuide  = "说明 guide"
	sheetCodes  = "代码 codes"
)

// columns that every row of a sheet may have, in their order.
var (
	eventColumns = []string{"case", "no", "type", "actor.person", "actor.office", "actor.post", "at", "grade", "visible", "about"}
	childColumns = map[string][]string{
		sheetPeople: {"no", "id", "relation", "name", "id_number"},
		sheetFacts:  {"no", "subject", "attribute", "item", "yuan", "code", "yes", "number", "date", "valid_from", "valid_to", "observed", "source", "held_by", "source_updated", "observable_by", "undeclarable", "proof"},
		sheetMonths: {"no", "month", "amount"},
	}
	fileRows = []string{"grade", "actor.person", "actor.office", "actor.post", "title"}
)

// bookWords title the columns that names has no field for.
var bookWords = map[string]domain.Text{
	"case": w("个案", "case"), "no": w("序号", "number of the event"), "type": w("事件", "event"),
	"actor.person": w("办理人", "who"), "actor.office": w("办理人单位", "whose office"), "actor.post": w("办理人岗位", "whose post"),
	"at": w("当时记录时间", "recorded then"), "grade": w("证明等级", "grade of proof"), "about": w("个人信息属于", "whose personal data"),
	"yuan": w("值（元）", "value in yuan"), "code": w("值（代码）", "value as a code"), "yes": w("值（是否）", "value yes or no"), "number": w("值（数）", "value as a number"), "date": w("值（日期）", "value as a day"),
	"rules.pack": w("规则包", "rule pack"), "rules.version": w("规则版本", "version"), "title": w("标题", "title"),
	"steps": w("承担环节", "steps"), "serves": w("服务单位", "serves"), "person": w("人员", "person"), "post": w("岗位", "post"),
	"from_person": w("移交人", "from"), "to_person": w("接收人", "to"), "listed": w("有交接清单", "listed"), "corrects": w("更正版本", "corrects"),
}

// titled is a column or sheet as it is headed: Chinese, then its name.
func titled(name string) string {
	title, ok := bookWords[name]
	if !ok {
		title = names.Of("field", name)
	}
	return title.ZH + " " + name
}

// A slot is a field of an event that has a column: how it is written decides
// how its cell is read.
type slot struct {
	kind  reflect.Type
	under []string // path inside data
}

var (
	dayType     = reflect.TypeFor[domain.Day]()
	monthType   = reflect.TypeFor[domain.Month]()
	fenType     = reflect.TypeFor[domain.Fen]()
	privateType = reflect.TypeFor[domain.Private]()
	listType    = reflect.TypeFor[[]string]()
)

// slots are the columns of every event type, by stored name.
var slots = sync.OnceValue(func() map[string]map[string]slot {
	all := map[string]map[string]slot{}
	add := func(eventType string, e any) {
		all[eventType] = map[string]slot{}
		slotsOf(reflect.TypeOf(e), nil, all[eventType])
	}
	for _, e := range eligibility.Kinds() {
		add(e.EventType(), e)
	}
	for _, e := range eligibility.RegisterKinds() {
		add(e.EventType(), e)
	}
	return all
})

// slotsOf walks the fields of an event. What it holds several of has sheets of
// its own; what the engine adds has no column.
func slotsOf(t reflect.Type, under []string, into map[string]slot) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		path := append(slices.Clone(under), name)
		switch {
		case f.Anonymous:
			slotsOf(f.Type, under, into)
		case name == "" || name == "-" || name == "advice" || name == "digest" || f.Type == reflect.TypeFor[eligibility.Person]():
		case f.Type == privateType || f.Type == listType || plain(f.Type):
			into[strings.Join(path, ".")] = slot{f.Type, path}
		case f.Type.Kind() == reflect.Struct:
			slotsOf(f.Type, path, into)
		}
	}
}

// plain reports whether a value of a type stands in one cell.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64:
		return true
	}
	return false
}

// dataColumns are all columns of events, those that many types have first.
func dataColumns() []string {
	uses := map[string]int{}
	for _, fields := range slots() {
		for name := range fields {
			uses[name]++
		}
	}
	list := make([]string, 0, len(uses))
	for name := range uses {
		list = append(list, name)
	}
	slices.SortFunc(list, func(a, b string) int {
		return cmp.Or(cmp.Compare(uses[b], uses[a]), cmp.Compare(a, b))
	})
	return list
}

// Template writes an empty workbook with every column, lists to choose codes
// from, and a guide in both languages. It is the same bytes every time.
func Template(w io.Writer) error {
	f := excelize.NewFile()
	defer f.Close() // it has no file
	b := &book{f: f}
	b.guide()
	b.sheet(sheetFile)
	for i, name := range fileRows {
		b.put(sheetFile, 1, i+1, Text(titled(name)), "head")
		b.put(sheetFile, 2, i+1, Cell{}, "text")
	}
	b.check(f.SetColWidth(sheetFile, "A", "B", 32))
	b.form(sheetEvents, append(slices.Clone(eventColumns), dataColumns()...))
	for _, name := range []string{sheetPeople, sheetFacts, sheetMonths} {
		b.form(name, childColumns[name])
	}
	b.codes()
	return b.write(w)
}

// formRows is how many rows of a form are prepared for text. More may be
// filled in.
const formRows = 1000

// form adds an empty sheet with its columns.
func (b *book) form(name string, columns []string) {
	b.sheet(name)
	for i, c := range columns {
		b.put(name, i+1, 1, Text(titled(c)), "head")
		letter, err := excelize.ColumnNumberToName(i + 1)
		b.check(err)
		b.check(b.f.SetColStyle(name, letter, b.style("text")))
		b.check(b.f.SetColWidth(name, letter, letter, float64(max(10, cells(titled(c))+2))))
		b.put(name, i+1, 1, Text(titled(c)), "head")
		b.choices(name, letter, c)
	}
	b.check(b.f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

// codesOf are the codes that a column takes, in words.
func codesOf(column string) []string {
	switch column {
	case "type":
		var list []string
		for _, e := range eligibility.Kinds() {
			list = append(list, names.Event(e.EventType()).ZH)
		}
		for _, e := range eligibility.RegisterKinds() {
			list = append(list, names.Event(e.EventType()).ZH)
		}
		return list
	case "grade", "proof":
		return []string{"A", "B", "C"}
	case "relation":
		return wordsOf("relation", eligibility.Relations)
	case "programme":
		return wordsOf("programme", eligibility.Programmes())
	case "outcome":
		return wordsOf("result", []string{string(eligibility.Granted), string(eligibility.Refused)})
	case "yes":
		return []string{"是", "否"}
	}
	return nil
}

func wordsOf(kind string, codes []string) []string {
	list := make([]string, len(codes))
	for i, c := range codes {
		list[i] = names.Of(kind, c).ZH
	}
	return list
}

// codeColumns are the columns of the sheet of codes.
var codeColumns = []string{"type", "programme", "relation", "outcome", "grade", "yes"}

// choices offers the codes of a column to choose from.
func (b *book) choices(sheet, letter, column string) {
	from := column
	if column == "proof" {
		from = "grade"
	}
	at := slices.Index(codeColumns, from)
	if at < 0 {
		return
	}
	source, err := excelize.ColumnNumberToName(at + 1)
	b.check(err)
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprintf("%s2:%s%d", letter, letter, formRows)
	v.SetSqrefDropList(fmt.Sprintf("'%s'!$%s$2:$%s$%d", sheetCodes, source, source, len(codesOf(from))+1))
	b.check(b.f.AddDataValidation(sheet, v))
}

// codes adds the sheet that the choices come from.
func (b *book) codes() {
	b.sheet(sheetCodes)
	for i, c := range codeColumns {
		b.put(sheetCodes, i+1, 1, Text(titled(c)), "head")
		for j, code := range codesOf(c) {
			b.put(sheetCodes, i+1, j+2, Text(code), "text")
		}
	}
	b.check(b.f.SetColWidth(sheetCodes, "A", "F", 24))
}

// guide says how the workbook is filled in.
func (b *book) guide() {
	b.sheet(sheetGuide)
	b.check(b.f.SetColWidth(sheetGuide, "A", "A", 100))
	for i, line := range []string{
		"历史个案导入模板。填好后运行：leeway import 文件名.xlsx。有一处错误则全部不导入，每处错误指明工作表、行和列。",
		"“事件”：一行一个事件，按发生顺序从上到下。个案 case 为空的行是登记事项（岗位、信息源、规则启用）。",
		"“序号 no”：需要成员、事实或分月金额的事件写一个序号，在“成员”“事实”“月份”表中以同一序号列出。",
		"日期写 2020-06-23，月份写 2020-07；也可用电子表格的日期格式。金额写元，如 378 或 378.50。多项用“、”分开。是否写 是 或 否。",
		"姓名、证件号码、住址、账户和文字说明导入时即加密封存；“个人信息属于 about”写这些内容属于哪一代号，一般为成员代号。",
		"“证明等级”：A 系统导出的日志，B 有日期或盖章的书面材料，C 仅为陈述。“当时记录时间 at”不填时为当日中午。“文件”表中的等级和办理人对每一行有效，除非该行另写。",
		"列的名称为末尾的英文名；列可以删去、调换次序，不能改名。单元格不得含公式。",
		"",
		"A template for history. Fill it in and run: leeway import FILE.xlsx. One mistake keeps all of it out; each is told with sheet, row and column.",
		"Sheet events: one event a row, in the order in which they happened. A row without a case is an entry of a register (posts, sources, activation of rules).",
		"Number no: an event that has members, statements or amounts by month gets a number; the sheets members, statements and months list them under the same number.",
		"Days are written 2020-06-23, months 2020-07, or as dates of the spreadsheet. Amounts are in yuan, 378 or 378.50. Several items are set apart by 、 or a semicolon. Yes and no are written 是 or 否, yes or no.",
		"Names, ID numbers, addresses, accounts and free text are sealed as they are imported; about says under whose pseudonym, as a rule a member's.",
		"Grade of proof: A a system's log, B dated or stamped paper, C a claim. Without at, an event was recorded at noon of its day. Grade and actor of the sheet file hold for every row that gives none of its own.",
		"A column goes by the English name at its end; columns may be left out or moved, not renamed. No cell may hold a formula.",
	} {
		b.put(sheetGuide, 1, i+1, Text(line), "wrapped")
	}
}
