package documents

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/names"
	"leeway/policies"
)

// filler fills a template in as an office would.
type filler struct {
	t    *testing.T
	f    *excelize.File
	next map[string]int
	no   int
}

func newFiller(t *testing.T) *filler {
	t.Helper()
	var out bytes.Buffer
	if err := Template(&out); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	return &filler{t: t, f: f, next: map[string]int{}}
}

// set writes a cell by the name of its column.
func (x *filler) set(sheet string, row int, column string, value any) {
	x.t.Helper()
	known := childColumns[sheet]
	if sheet == sheetEvents {
		known = append(slices.Clone(eventColumns), dataColumns()...)
	}
	i := slices.Index(known, column)
	if i < 0 {
		x.t.Fatalf("no column %s on %s", column, sheet)
	}
	cell, err := excelize.CoordinatesToCellName(i+1, row)
	if err == nil {
		err = x.f.SetCellValue(sheet, cell, value)
	}
	if err != nil {
		x.t.Fatal(err)
	}
}

// row is the next empty row of a sheet.
func (x *filler) row(sheet string) int {
	if x.next[sheet]++; x.next[sheet] == 1 {
		x.next[sheet] = 2
	}
	return x.next[sheet]
}

func (x *filler) head(name, value string) {
	x.t.Helper()
	if err := x.f.SetCellValue(sheetFile, fmt.Sprintf("B%d", slices.Index(fileRows, name)+1), value); err != nil {
		x.t.Fatal(err)
	}
}

func (x *filler) book() []byte {
	x.t.Helper()
	var out bytes.Buffer
	if _, err := x.f.WriteTo(&out); err != nil {
		x.t.Fatal(err)
	}
	return out.Bytes()
}

// line fills in one line of a case file.
func (x *filler) line(text []byte) {
	x.t.Helper()
	var l struct {
		Leeway string
		Grade  string
		Title  domain.Text
		Case   string
		Type   string
		Actor  *domain.Actor
		Claim  *casework.FileClaim `json:"claimed"`
		Data   map[string]any

		Visible []any
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&l); err != nil {
		x.t.Fatal(err)
	}
	if l.Leeway != "" {
		x.head("grade", l.Grade)
		x.head("actor.person", l.Actor.Person)
		x.head("actor.office", l.Actor.Office)
		x.head("actor.post", l.Actor.Post)
		return
	}
	r := x.row(sheetEvents)
	x.set(sheetEvents, r, "type", names.Event(l.Type).ZH)
	if l.Case != "" {
		x.set(sheetEvents, r, "case", l.Case)
	}
	if l.Actor != nil {
		x.set(sheetEvents, r, "actor.person", l.Actor.Person)
		x.set(sheetEvents, r, "actor.office", l.Actor.Office)
		x.set(sheetEvents, r, "actor.post", l.Actor.Post)
	}
	if l.Claim != nil && l.Claim.At != nil {
		x.set(sheetEvents, r, "at", l.Claim.At.In(domain.Shanghai).Format("2006-01-02 15:04:05"))
	}
	if l.Claim != nil && l.Claim.Grade != "" {
		x.set(sheetEvents, r, "grade", string(l.Claim.Grade))
	}
	if len(l.Visible) > 0 {
		x.set(sheetEvents, r, "visible", joined(l.Visible))
	}
	x.data(r, l.Type, nil, l.Data)
}

func (x *filler) data(r int, eventType string, under []string, data map[string]any) {
	for name, v := range data {
		path := strings.Join(append(slices.Clone(under), name), ".")
		field, ok := slots()[eventType][path]
		switch v := v.(type) {
		case map[string]any:
			if text, private := v["text"]; private {
				x.set(sheetEvents, r, path, text)
				x.set(sheetEvents, r, "about", v["subject"])
			} else if path == "member" {
				x.children(r, sheetPeople, []any{v})
			} else {
				x.data(r, eventType, append(slices.Clone(under), name), v)
			}
		case []any:
			if !ok {
				x.children(r, map[string]string{"members": sheetPeople, "statements": sheetFacts, "months": sheetMonths}[path], v)
				continue
			}
			x.set(sheetEvents, r, path, joined(v))
		default:
			if path == "rules.digest" {
				continue
			}
			if !ok {
				x.t.Fatalf("%s has no column %s", eventType, path)
			}
			x.set(sheetEvents, r, path, written(field.kind == fenType, v))
		}
	}
}

func joined(list []any) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = fmt.Sprint(v)
	}
	return strings.Join(parts, "、")
}

// written writes a value as people do.
func written(money bool, v any) any {
	switch v := v.(type) {
	case json.Number:
		n, _ := v.Int64()
		if money {
			return yuan(domain.Fen(n))
		}
		return n
	case bool:
		if v {
			return "是"
		}
		return "否"
	}
	return v
}

func (x *filler) children(r int, sheet string, list []any) {
	if sheet == "" {
		x.t.Fatalf("row %d has a list without a sheet", r)
	}
	cell, _ := x.f.GetCellValue(sheetEvents, fmt.Sprintf("B%d", r))
	if cell == "" {
		x.no++
		cell = fmt.Sprintf("e%d", x.no)
		x.set(sheetEvents, r, "no", cell)
	}
	for _, v := range list {
		row := x.row(sheet)
		x.set(sheet, row, "no", cell)
		for name, v := range v.(map[string]any) {
			switch inner := v.(type) {
			case map[string]any:
				if text, private := inner["text"]; private {
					x.set(sheet, row, name, text)
					continue
				}
				for kind, v := range inner {
					column := map[string]string{"fen": "yuan", "code": "code", "bool": "yes", "int": "number", "day": "date"}[kind]
					x.set(sheet, row, column, written(kind == "fen", v))
				}
			case []any:
				x.set(sheet, row, name, joined(inner))
			default:
				x.set(sheet, row, name, written(name == "amount", v))
			}
		}
	}
}

// lines reads a case file into comparable lines, without what a workbook
// leaves out: empty digests, titles and notes.
func comparable(t *testing.T, file []byte) []map[string]any {
	t.Helper()
	var list []map[string]any
	for line := range bytes.Lines(file) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatal(err)
		}
		delete(m, "title")
		delete(m, "note")
		if data, ok := m["data"].(map[string]any); ok {
			if rules, ok := data["rules"].(map[string]any); ok {
				delete(rules, "digest")
			}
		}
		if claim, ok := m["claimed"].(map[string]any); ok && claim["at"] != nil {
			var at domain.Instant
			b, _ := json.Marshal(claim["at"])
			if err := json.Unmarshal(b, &at); err != nil {
				t.Fatal(err)
			}
			claim["at"] = at.UTC().Format(time.RFC3339)
		}
		list = append(list, m)
	}
	return list
}

// TestWorkbookSaysWhatACaseFileSays fills every sample case into the template
// and compares what is read from it with the case file.
func TestWorkbookSaysWhatACaseFileSays(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "cmd", "leeway", "demo", "*.ndjson"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d sample cases (%v)", len(files), err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		x := newFiller(t)
		for line := range bytes.Lines(file) {
			if len(bytes.TrimSpace(line)) > 0 {
				x.line(line)
			}
		}
		book, err := ReadWorkbook(bytes.NewReader(x.book()))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(comparable(t, file), comparable(t, book.CaseFile)); d != "" {
			t.Fatalf("%s (-case file +workbook):\n%s", name, d)
		}
	}
}

func TestTemplateIsTheSameEveryTime(t *testing.T) {
	var one, two bytes.Buffer
	if err := Template(&one); err != nil {
		t.Fatal(err)
	}
	if err := Template(&two); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Errorf("two templates differ (%v)", err)
	}
}

// opened fills in a case with one member and a declaration.
func opened(t *testing.T) *filler {
	x := newFiller(t)
	x.head("grade", "A")
	x.head("actor.person", "w1")
	x.head("actor.office", "town")
	x.head("actor.post", "intake")
	x.line([]byte(`{"type":"rules-activated.v1","data":{"day":"2019-12-01","rules":{"pack":"cn-hb-qianjiang","version":"2020.1"}}}`))
	x.line([]byte(`{"case":"A1","type":"case-opened.v1","data":{"day":"2020-05-25","programme":"dibao","pack":"cn-hb-qianjiang","office":"town","applicant":"m1","members":[{"id":"m1","relation":"self"}]}}`))
	x.line([]byte(`{"case":"A1","type":"declaration-signed.v1","data":{"day":"2020-05-26","by":"m1","statements":[{"subject":"household","attribute":"area","value":{"code":"rural"}},{"subject":"m1","attribute":"income","value":{"fen":40000}}],"closes":["income"]}}`))
	return x
}

// engine is the rule packs under the name that casework asks for.
type engine struct{ *policies.Library }

func (engine) Engine() string { return "test" }

// check reads the workbook to its end, as an import does.
func check(t *testing.T, data []byte) (casework.Faults, BookFaults) {
	t.Helper()
	book, err := ReadWorkbook(bytes.NewReader(data))
	var cells BookFaults
	if errors.As(err, &cells) {
		return nil, cells
	}
	if err != nil {
		t.Fatal(err)
	}
	rules, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	_, err = casework.ReadCaseFile(bytes.NewReader(book.CaseFile), engine{rules}, domain.Date(2026, 1, 1))
	var faults casework.Faults
	if err != nil && !errors.As(err, &faults) {
		t.Fatal(err)
	}
	return faults.In(book.Place), nil
}

// TestFaultsNameTheCell: whatever is wrong is told with sheet, row and column,
// whether the cell cannot be read or the case file is refused.
func TestFaultsNameTheCell(t *testing.T) {
	if faults, cells := check(t, opened(t).book()); len(faults)+len(cells) > 0 {
		t.Fatalf("a sound workbook: %v %v", faults, cells)
	}
	column := func(sheet, name string) int {
		if sheet == sheetEvents {
			return slices.Index(append(slices.Clone(eventColumns), dataColumns()...), name) + 1
		}
		return slices.Index(childColumns[sheet], name) + 1
	}
	for _, tt := range []struct {
		name   string
		sheet  string
		row    int
		column string
		value  any
		wrong  string // part of what is told
	}{
		{"a day that is none", sheetEvents, 3, "day", "2020-02-30", "cannot be read"},
		{"a day in the future", sheetEvents, 3, "day", "2031-01-01", "future"},
		{"an amount in words", sheetFacts, 3, "yuan", "四百", "cannot be read"},
		{"a third decimal", sheetFacts, 3, "yuan", "400.005", "cannot be read"},
		{"two values", sheetFacts, 3, "yes", "是", "2 values"},
		{"a misspelt fact", sheetFacts, 3, "attribute", "incme", "incme"},
		{"an unknown relation", sheetPeople, 2, "relation", "cousin", "cousin"},
		{"an unknown event", sheetEvents, 4, "type", "申请了", "申请了"},
		{"a field of another event", sheetEvents, 4, "place", "公开栏", "place"},
		{"a grade that is none", sheetEvents, 3, "grade", "D", "grade"},
		{"a row of no event", sheetFacts, 3, "no", "e9", "no event e9"},
		{"a number twice", sheetEvents, 4, "no", "e1", "already"},
		{"yes that is none", sheetFacts, 3, "undeclarable", "maybe", "cannot be read"},
		{"a programme that is none", sheetEvents, 3, "programme", "lowbao", "lowbao"},
		{"an ID number that became a number", sheetPeople, 2, "id_number", "4.29005199001011E+17", "cannot be read"},
	} {
		x := opened(t)
		x.set(tt.sheet, tt.row, tt.column, tt.value)
		faults, cells := check(t, x.book())
		found := false
		want := column(tt.sheet, tt.column)
		for _, f := range faults {
			found = found || f.Sheet == tt.sheet && f.Line == tt.row && (f.Column == want || f.Column == 0 || tt.name == "two values") && strings.Contains(f.Wrong.String(), tt.wrong)
		}
		for _, f := range cells {
			found = found || f.Sheet == tt.sheet && f.Row == tt.row && (f.Column == want || f.Column == 0) && strings.Contains(f.Wrong.String(), tt.wrong)
		}
		if !found {
			t.Errorf("%s: not told at %s, row %d, column %d: %v %v", tt.name, tt.sheet, tt.row, want, faults, cells)
		}
	}
}

// TestPeopleWriteCellsInManyWays: dates of the spreadsheet, Chinese words and
// binary fractions all mean the same.
func TestPeopleWriteCellsInManyWays(t *testing.T) {
	b := &bookReader{}
	at := cellAt{}
	for v, want := range map[string]any{"43990": "2020-06-08", "2020/6/8": "2020-06-08", "2020年6月8日": "2020-06-08", "2020.6.8": "2020-06-08", "soon": nil} {
		if got := b.day(at, v); got != want {
			t.Errorf("day %s: %v, want %v", v, got, want)
		}
	}
	for v, want := range map[string]any{"378": int64(37800), "378.40000000000003": int64(37840), "1,378.5元": int64(137850), "-9": int64(-900), "0.005": nil, "1e400": nil, "1/3": nil} {
		if got := b.fen(at, v); got != want {
			t.Errorf("yuan %s: %v, want %v", v, got, want)
		}
	}
	for v, want := range map[string]any{"2020-7": "2020-07", "2020年7月": "2020-07", "44013": "2020-07", "七月": nil} {
		if got := b.month(at, v); got != want {
			t.Errorf("month %s: %v, want %v", v, got, want)
		}
	}
	for v, want := range map[string]string{"2020-06-08 09:30": "2020-06-08T01:30:00Z", "43990.5": "2020-06-08T04:00:00Z", "2020-06-08": "2020-06-08T04:00:00Z"} {
		got, ok := b.instant(at, v).(domain.Instant)
		if !ok || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("time %s: %v, want %s", v, got, want)
		}
	}
	for v, want := range map[string]any{"是": true, "TRUE": true, "0": false, "√": true, "perhaps": nil} {
		if got := b.yes(at, v); got != want {
			t.Errorf("yes %s: %v, want %v", v, got, want)
		}
	}
}

func TestHostileWorkbooks(t *testing.T) {
	x := opened(t)
	if err := x.f.SetCellFormula(sheetEvents, "C3", "1+1"); err != nil {
		t.Fatal(err)
	}
	if _, cells := check(t, x.book()); len(cells) != 1 || !strings.Contains(cells[0].Wrong.String(), "formula") || cells[0].Row != 3 || cells[0].Column != 3 {
		t.Errorf("a formula: %v", cells)
	}
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"a bomb": bomb.Bytes(), "no zip": []byte("case,day\n"), "nothing": nil} {
		if _, cells := check(t, data); len(cells) == 0 {
			t.Errorf("%s is read", name)
		}
	}
	x = opened(t)
	if err := x.f.SetCellValue(sheetEvents, "A1", "个案号"); err != nil {
		t.Fatal(err)
	}
	if _, cells := check(t, x.book()); len(cells) == 0 || cells[0].Row != 1 || cells[0].Column != 1 {
		t.Errorf("a renamed column: %v", cells)
	}
}

// FuzzCells puts anything into the cells of an event and of what belongs to it:
// it becomes one line of JSON, or a fault that names its cell.
func FuzzCells(f *testing.F) {
	f.Add("发放", "amount", "378.5", "yuan", "1e9")
	f.Add("case-opened.v1", "address", "=cmd", "name", "\u202e")
	f.Add("x", "day", "43990", "date", "2020/1/1")
	f.Fuzz(func(t *testing.T, eventType, column, value, childColumn, childValue string) {
		b := &bookReader{Workbook: Workbook{sheets: map[string]*bookSheet{}}}
		for _, name := range []string{sheetFile, sheetEvents, sheetPeople, sheetFacts, sheetMonths} {
			b.sheets[name] = &bookSheet{name: name, columns: map[string]int{}}
		}
		events := map[string]string{"type": eventType, "no": "1"}
		if slices.Contains(dataColumns(), column) || slices.Contains(eventColumns, column) {
			events[column] = value
		}
		facts := map[string]string{"no": "1"}
		if slices.Contains(childColumns[sheetFacts], childColumn) {
			facts[childColumn] = childValue
		}
		b.sheets[sheetEvents].rows = []bookRow{{2, events}}
		b.sheets[sheetFacts].rows = []bookRow{{2, facts}}
		b.build()
		for line := range bytes.Lines(b.CaseFile) {
			if !json.Valid(line) {
				t.Fatalf("no JSON: %s", line)
			}
		}
		for _, fault := range b.faults {
			if fault.Sheet == "" || fault.Row != 2 || fault.Mend.Format == "" {
				t.Fatalf("a fault without a place or a mend: %+v", fault)
			}
		}
		b.Place(2, "data."+column)
		b.Place(2, "data.statements[0]."+childColumn)
	})
}
