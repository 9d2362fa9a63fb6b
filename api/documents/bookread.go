package documents

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/xuri/excelize/v2"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/names"
)

// Limits of a workbook. They hold before it is taken apart, so that a file
// from a stranger costs no more than its size.
const (
	MaxBook     = 32 << 20  // bytes of the file
	maxUnpacked = 256 << 20 // bytes of what it unpacks to
	maxBookRows = 200_000   // of one sheet
	maxBookBad  = 1000      // mistakes listed before reading stops
)

// A BookFault is a mistake in a workbook, where it stands, and how to mend it.
// Row and Column count from 1; 0: it concerns the sheet, or the row, as a
// whole.
type BookFault struct {
	Sheet       string
	Row, Column int
	Field       string
	Wrong, Mend domain.Said
}

func bookFault(wrong, mend string, args ...any) BookFault {
	return BookFault{Wrong: domain.Say(wrong, args...), Mend: domain.Say(mend, args...)}
}

// BookFaults are all mistakes found in a workbook before its events were
// looked at. It is an error that wraps domain.ErrInvalid.
type BookFaults []BookFault

// Error writes one fault a line.
func (f BookFaults) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = fmt.Sprintf("%s, row %d, column %d: %s; %s", x.Sheet, x.Row, x.Column, x.Wrong, x.Mend)
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes BookFaults a domain.ErrInvalid.
func (f BookFaults) Unwrap() error { return domain.ErrInvalid }

// A Workbook is a workbook that was read. CaseFile is the case file that it
// stands for; Place finds a line of that again in the workbook.
type Workbook struct {
	CaseFile []byte
	lines    []bookLine // of the case file, by number from 2
	sheets   map[string]*bookSheet
}

// bookLine is where one line of the case file came from.
type bookLine struct {
	row      int
	children map[string][]int // rows of the other sheets, by field
}

// bookSheet is a sheet as it stands: values by column name.
type bookSheet struct {
	name    string // as the file calls it
	columns map[string]int
	rows    []bookRow
}

type bookRow struct {
	number int
	cells  map[string]string
}

// bookReader reads a workbook and collects its mistakes.
type bookReader struct {
	Workbook
	date1904 bool
	faults   BookFaults
}

// ReadWorkbook reads a filled-in template. The error is BookFaults with
// everything that cannot be read as a cell, or says that r is no workbook.
func ReadWorkbook(r io.Reader) (*Workbook, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBook+1))
	if err != nil {
		return nil, fmt.Errorf("workbook: %w", err)
	}
	if len(data) > MaxBook {
		return nil, BookFaults{bookFault("the workbook has more than %d bytes", "split it into several", MaxBook)}
	}
	if fault := unsound(data); fault != nil {
		return nil, BookFaults{*fault}
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked, RawCellValue: true})
	if err != nil {
		return nil, BookFaults{bookFault("it is no workbook: %v", "save it as .xlsx, without a password", err)}
	}
	defer f.Close()
	b := &bookReader{Workbook: Workbook{sheets: map[string]*bookSheet{}}}
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		b.date1904 = *p.Date1904
	}
	for _, name := range []string{sheetFile, sheetEvents, sheetPeople, sheetFacts, sheetMonths} {
		b.sheet(f, name)
	}
	b.build()
	if len(b.faults) > 0 {
		return nil, b.faults
	}
	return &b.Workbook, nil
}

// unsound refuses a file that unpacks to too much, and one with a formula: what
// a formula gives is not what somebody wrote, and may not be there at all.
func unsound(data []byte) *BookFault {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		fault := bookFault("it is no workbook: %v", "save it as .xlsx, without a password", err)
		return &fault
	}
	var total uint64
	for _, f := range z.File {
		if total += f.UncompressedSize64; total > maxUnpacked || len(z.File) > 1000 {
			fault := bookFault("it unpacks to too much", "save it anew, without pictures and other sheets")
			return &fault
		}
	}
	for _, f := range z.File {
		if dir, name := path.Split(f.Name); dir != "xl/worksheets/" || path.Ext(name) != ".xml" {
			continue
		}
		if cell := formulaIn(f); cell != "" {
			fault := bookFault("the cell holds a formula", "paste its value")
			fault.Sheet = path.Base(f.Name)
			fault.Column, fault.Row, _ = excelize.CellNameToCoordinates(cell)
			return &fault
		}
	}
	return nil
}

// formulaIn is the first cell of a sheet that holds a formula.
func formulaIn(f *zip.File) string {
	in, err := f.Open()
	if err != nil {
		return ""
	}
	defer in.Close()
	dec := xml.NewDecoder(io.LimitReader(in, maxUnpacked))
	cell := ""
	for {
		token, err := dec.RawToken()
		if err != nil {
			return "" // what is broken is told by who reads it
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "c":
			for _, a := range start.Attr {
				if a.Name.Local == "r" {
					cell = a.Value
				}
			}
		case start.Name.Local == "f":
			return cell
		}
	}
}

func (b *bookReader) fault(sheet string, row, column int, field, wrong, mend string, args ...any) {
	if len(b.faults) < maxBookBad {
		b.faults = append(b.faults, BookFault{sheet, row, column, field, domain.Say(wrong, args...), domain.Say(mend, args...)})
	}
}

// find is a sheet by its Chinese or its English name, or both.
func find(f *excelize.File, name string) string {
	zh, en, _ := strings.Cut(name, " ")
	for _, s := range f.GetSheetList() {
		if t := strings.TrimSpace(s); t == name || t == zh || strings.EqualFold(t, en) {
			return s
		}
	}
	return ""
}

// sheet reads one sheet. The sheet of the file has names in its first column;
// the others in their first row.
func (b *bookReader) sheet(f *excelize.File, name string) {
	s := &bookSheet{name: name, columns: map[string]int{}}
	b.sheets[name] = s
	actual := find(f, name)
	if actual == "" {
		if name == sheetEvents {
			b.fault(name, 0, 0, "", "the sheet is missing", "start from leeway import --template FILE.xlsx")
		}
		return
	}
	s.name = actual
	rows, err := f.Rows(actual)
	if err != nil {
		b.fault(actual, 0, 0, "", "it cannot be read: %v", "save the workbook anew", err)
		return
	}
	defer rows.Close()
	for n := 1; rows.Next(); n++ {
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		switch {
		case err != nil:
			b.fault(actual, n, 0, "", "it cannot be read: %v", "save the workbook anew", err)
			return
		case n > maxBookRows:
			b.fault(actual, n, 0, "", "the sheet has more than %d rows", "split the workbook into several", maxBookRows)
			return
		case name == sheetFile:
			b.named(s, n, cells)
		case n == 1:
			b.headings(s, name, cells)
		default:
			s.take(n, cells)
		}
	}
}

// named reads a row of the sheet of the file: a name and its value.
func (b *bookReader) named(s *bookSheet, n int, cells []string) {
	if len(cells) < 2 || strings.TrimSpace(cells[1]) == "" {
		return
	}
	name := lastWord(cells[0])
	if !slices.Contains(fileRows, name) {
		b.fault(s.name, n, 1, "", "there is no %q here", "use one of %[2]s", cells[0], domain.List(fileRows))
		return
	}
	s.rows = append(s.rows, bookRow{n, map[string]string{name: strings.TrimSpace(cells[1])}})
}

// lastWord is the name of a column in its heading.
func lastWord(s string) string {
	if parts := strings.Fields(s); len(parts) > 0 {
		return parts[len(parts)-1]
	}
	return ""
}

func (b *bookReader) headings(s *bookSheet, name string, cells []string) {
	known := childColumns[name]
	if name == sheetEvents {
		known = append(slices.Clone(eventColumns), dataColumns()...)
	}
	for i, c := range cells {
		if strings.TrimSpace(c) == "" {
			continue
		}
		column := lastWord(c)
		switch _, twice := s.columns[column]; {
		case !slices.Contains(known, column):
			b.fault(s.name, 1, i+1, "", "there is no column %q", "name it as the template does, or delete it", c)
		case twice:
			b.fault(s.name, 1, i+1, column, "the column %q is there twice", "keep one of them", column)
		default:
			s.columns[column] = i + 1
		}
	}
}

// take keeps a row that says something.
func (s *bookSheet) take(n int, cells []string) {
	row := bookRow{n, map[string]string{}}
	for column, i := range s.columns {
		if i <= len(cells) {
			if v := strings.TrimSpace(cells[i-1]); v != "" {
				row.cells[column] = v
			}
		}
	}
	if len(row.cells) > 0 {
		s.rows = append(s.rows, row)
	}
}

// build writes the case file, line by line.
func (b *bookReader) build() {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	head := map[string]any{"leeway": "case-file.v1"}
	for _, r := range b.sheets[sheetFile].rows {
		for name, v := range r.cells {
			set(head, strings.Split(name, "."), v)
		}
	}
	if title, ok := head["title"].(string); ok {
		head["title"] = map[string]string{"zh": title, "en": title}
	}
	b.encode(enc, head)
	children := b.byNumber()
	for _, row := range b.sheets[sheetEvents].rows {
		line := bookLine{row: row.number, children: map[string][]int{}}
		b.encode(enc, b.event(row, children[row.cells["no"]], &line))
		b.lines = append(b.lines, line)
		delete(children, row.cells["no"])
	}
	b.orphans(children)
	b.CaseFile = out.Bytes()
}

func (b *bookReader) encode(enc *json.Encoder, v any) {
	if err := enc.Encode(v); err != nil {
		b.fault("", 0, 0, "", "it cannot be read: %v", "save the workbook anew", err)
	}
}

// child is a row of a sheet beside that of events.
type child struct {
	sheet string
	row   bookRow
}

// byNumber gathers the rows of the other sheets by the event that they belong
// to.
func (b *bookReader) byNumber() map[string][]child {
	all := map[string][]child{}
	for _, name := range []string{sheetPeople, sheetFacts, sheetMonths} {
		for _, row := range b.sheets[name].rows {
			no := row.cells["no"]
			if no == "" {
				b.fault(b.sheets[name].name, row.number, b.sheets[name].columns["no"], "no", "it is missing", "give the number of the event that the row belongs to")
				continue
			}
			all[no] = append(all[no], child{name, row})
		}
	}
	seen := map[string]int{}
	for _, row := range b.sheets[sheetEvents].rows {
		if no := row.cells["no"]; no != "" {
			if first, twice := seen[no]; twice {
				b.fault(b.sheets[sheetEvents].name, row.number, b.sheets[sheetEvents].columns["no"], "no", "number %s stands in row %d already", "give every event a number of its own", no, first)
			}
			seen[no] = row.number
		}
	}
	return all
}

// orphans tells of rows that belong to no event.
func (b *bookReader) orphans(left map[string][]child) {
	for _, no := range slices.Sorted(maps.Keys(left)) {
		for _, c := range left[no] {
			b.fault(b.sheets[c.sheet].name, c.row.number, b.sheets[c.sheet].columns["no"], "no", "there is no event %s", "give the number of an event of the sheet of events", no)
		}
	}
}

// event is one line of the case file.
func (b *bookReader) event(row bookRow, children []child, line *bookLine) map[string]any {
	eventType := eventTypeOf(row.cells["type"])
	out := map[string]any{"type": eventType, "data": map[string]any{}}
	data := out["data"].(map[string]any)
	s := b.sheets[sheetEvents]
	about := row.cells["about"]
	for _, column := range slices.Sorted(maps.Keys(row.cells)) {
		v, at := row.cells[column], cellAt{s.name, row.number, s.columns[column], column}
		switch column {
		case "no", "type", "about":
		case "case":
			out["case"] = b.text(at, v)
		case "actor.person", "actor.office", "actor.post":
			set(out, strings.Split(column, "."), b.text(at, v))
		case "at":
			set(out, []string{"claimed", "at"}, b.instant(at, v))
		case "grade":
			set(out, []string{"claimed", "grade"}, v)
		case "visible":
			out["visible"] = b.value(at, listType, column, v)
		default:
			b.slot(data, at, eventType, column, v, about)
		}
	}
	// Who is named in part is otherwise who the sheet of the file names.
	if actor, ok := out["actor"].(map[string]any); ok {
		for _, r := range b.sheets[sheetFile].rows {
			for name, v := range r.cells {
				if part, ok := strings.CutPrefix(name, "actor."); ok && actor[part] == nil {
					actor[part] = v
				}
			}
		}
	}
	b.children(data, eventType, children, line)
	return out
}

// slot reads one field of an event.
func (b *bookReader) slot(data map[string]any, at cellAt, eventType, column, v, about string) {
	field, ok := slots()[eventType][column]
	if !ok {
		if _, known := slots()[eventType]; known {
			b.fault(at.sheet, at.row, at.column, column, "%s has no %q", "leave the cell empty", names.Event(eventType), titled(column))
		}
		return // an unknown type is told by who reads the case file
	}
	if field.kind == privateType {
		set(data, field.under, map[string]any{"subject": about, "text": b.text(at, v)})
		if about == "" {
			b.fault(at.sheet, at.row, b.sheets[sheetEvents].columns["about"], "about", "it is missing", "say whose personal data the row holds, by pseudonym")
		}
		return
	}
	if x := b.value(at, field.kind, column, v); x != nil {
		set(data, field.under, x)
	}
}

// children reads the rows that belong to an event.
func (b *bookReader) children(data map[string]any, eventType string, children []child, line *bookLine) {
	lists := map[string][]any{}
	for _, c := range children {
		field := lastWord(c.sheet)
		lists[field] = append(lists[field], b.child(c))
		line.children[field] = append(line.children[field], c.row.number)
	}
	for field, list := range lists {
		data[field] = list
	}
	// One event holds a single member, not a list of them.
	if list := lists["members"]; eventType == (eligibility.MemberJoined{}).EventType() && len(list) == 1 {
		delete(data, "members")
		data["member"] = list[0]
	}
}

// child reads one row of another sheet.
func (b *bookReader) child(c child) map[string]any {
	out := map[string]any{}
	s := b.sheets[c.sheet]
	given := 0
	for _, column := range slices.Sorted(maps.Keys(c.row.cells)) {
		v, at := c.row.cells[column], cellAt{s.name, c.row.number, s.columns[column], column}
		switch column {
		case "no":
		case "name", "id_number":
			out[column] = map[string]any{"subject": c.row.cells["id"], "text": b.text(at, v)}
		case "yuan", "code", "yes", "number", "date":
			given++
			out["value"] = b.stated(at, column, v)
		default:
			if x := b.value(at, childKinds[column], column, v); x != nil {
				out[column] = x
			}
		}
	}
	if c.sheet == sheetFacts && given != 1 {
		b.fault(s.name, c.row.number, 0, "value", "%d values are given", "fill in exactly one of yuan, code, yes, number, date", given)
	}
	return out
}

// set puts a value under a path.
func set(m map[string]any, path []string, v any) {
	for _, p := range path[:len(path)-1] {
		next, ok := m[p].(map[string]any)
		if !ok {
			next = map[string]any{}
			m[p] = next
		}
		m = next
	}
	m[path[len(path)-1]] = v
}

// eventTypeOf reads an event type: its stored name, or what it is called.
func eventTypeOf(s string) string {
	if stored, ok := typesByName()[strings.ToLower(s)]; ok {
		return stored
	}
	return s
}

// typesByName are the event types by their stored names and titles.
var typesByName = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for stored := range slots() {
		title := names.Event(stored)
		all[stored], all[title.ZH], all[strings.ToLower(title.EN)] = stored, stored, stored
	}
	return all
})

// Place finds a fault of the case file in the workbook: the sheet, the row and,
// where the field has one, the column.
func (b *Workbook) Place(line int, field string) (sheet string, row, column int) {
	file := b.sheets[sheetFile]
	if line < 2 || line-2 >= len(b.lines) {
		for _, r := range file.rows {
			if _, ok := r.cells[field]; ok {
				return file.name, r.number, 2
			}
		}
		return file.name, 0, 0
	}
	l := b.lines[line-2]
	events := b.sheets[sheetEvents]
	first, _, _ := strings.Cut(field, ",")
	path := strings.TrimPrefix(strings.TrimSpace(first), "data.")
	for _, name := range []string{sheetPeople, sheetFacts, sheetMonths} {
		rows := l.children[lastWord(name)]
		if path == lastWord(name) && len(rows) > 0 {
			return b.sheets[name].name, rows[0], 0 // which of them is not told
		}
		rest, ok := strings.CutPrefix(path, lastWord(name)+"[")
		index, tail, closed := strings.Cut(rest, "]")
		n, err := strconv.Atoi(index)
		if ok && closed && err == nil && n >= 0 && n < len(rows) {
			return b.sheets[name].name, rows[n], b.sheets[name].columnOf(strings.TrimPrefix(tail, "."))
		}
	}
	if rows := l.children["members"]; strings.HasPrefix(path, "member.") && len(rows) == 1 {
		return b.sheets[sheetPeople].name, rows[0], b.sheets[sheetPeople].columnOf(strings.TrimPrefix(path, "member."))
	}
	switch path {
	case "actor":
		path = "actor.person"
	case "claimed.at", "claimed.grade":
		path = strings.TrimPrefix(path, "claimed.")
	}
	return events.name, l.row, events.columnOf(path)
}

// columnOf is the column of a field, or of what it is a part of.
func (s *bookSheet) columnOf(field string) int {
	named := map[string]string{"value.fen": "yuan", "value.code": "code", "value.bool": "yes", "value.int": "number", "value.day": "date"}
	if column, ok := named[field]; ok {
		field = column
	}
	for field != "" {
		if n, ok := s.columns[field]; ok {
			return n
		}
		i := strings.LastIndexAny(field, ".[")
		field = field[:max(0, i)]
	}
	return 0
}
