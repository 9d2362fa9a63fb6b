package documents

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"leeway/domain"
)

// A List is a list that people take away: the same rows as CSV and as XLSX.
type List struct {
	Title   string
	Columns []Column
	Rows    [][]Cell
	// Notes say how to read the list: as of when, under which filter, that a
	// hit is 疑点(待核实). A workbook keeps them on a sheet of their own; CSV has
	// no room for them.
	Notes []Pair
}

// A Cell is one value of a list. The zero Cell is empty.
type Cell struct {
	text string
	kind cellKind
	n    int64
	to   string

	month bool // a month, written as text
}

type cellKind uint8

const (
	textCell cellKind = iota
	moneyCell
	countCell
	dayCell
)

// Text is a cell that holds what people wrote. It is never a formula, whatever
// it begins with.
func Text(s string) Cell { return Cell{text: Clean(s)} }

// Yuan is a cell that holds money, in yuan with two decimals.
func Yuan(f domain.Fen) Cell { return Cell{text: yuan(f), kind: moneyCell, n: int64(f)} }

// Count is a cell that holds a number.
func Count[N ~int | ~int64](n N) Cell {
	return Cell{text: strconv.FormatInt(int64(n), 10), kind: countCell, n: int64(n)}
}

// OnDay is a cell that holds a civil day; none: empty.
func OnDay(d domain.Day) Cell {
	if d == 0 {
		return Cell{}
	}
	return Cell{text: d.String(), kind: dayCell, n: int64(d)}
}

// InMonth is a cell that holds a month, as text: 2020-07; none: empty.
func InMonth(m domain.Month) Cell {
	if m == 0 {
		return Cell{}
	}
	return Cell{text: m.String(), month: true}
}

// To is the cell with an address that it leads to on a page.
func (c Cell) To(href string) Cell {
	c.to = href
	return c
}

// Href is where the cell leads on a page; none: nowhere.
func (c Cell) Href() string { return c.to }

// Fixed reports whether the cell is a day, a month or a number, which nobody
// breaks over two lines.
func (c Cell) Fixed() bool { return c.kind != textCell || c.month }

// String is the cell as people read it.
func (c Cell) String() string { return c.text }

// yuan writes both decimals, always, so that a column reads straight.
func yuan(f domain.Fen) string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, f/100, f%100)
}

// Table is the list as a block of a document, or for a terminal.
func (l List) Table() Table {
	t := Table{Columns: l.Columns, Rows: make([][]string, len(l.Rows))}
	for i, row := range l.Rows {
		for _, c := range row {
			t.Rows[i] = append(t.Rows[i], c.text)
		}
	}
	return t
}

// CSV writes the list in UTF-8 with a mark by which spreadsheets know it, and
// line ends as RFC 4180 has them. A text that a spreadsheet would take for a
// formula gets an apostrophe before it.
func (l List) CSV(w io.Writer) error {
	out := bufio.NewWriter(w)
	out.WriteString("\ufeff") // a failure shows at Flush
	rows := csv.NewWriter(out)
	rows.UseCRLF = true
	head := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		head[i] = harmless(Clean(c.Head))
	}
	if err := rows.Write(head); err != nil {
		return err
	}
	for _, row := range l.Rows {
		record := make([]string, len(row))
		for i, c := range row {
			record[i] = c.text
			if c.kind == textCell {
				record[i] = harmless(c.text)
			}
		}
		if err := rows.Write(record); err != nil {
			return err
		}
	}
	rows.Flush()
	return cmp.Or(rows.Error(), out.Flush())
}

// harmless puts an apostrophe before a text that a spreadsheet would run: it
// begins with a sign of a formula, in half or full width, behind spaces or not.
func harmless(s string) string {
	if t := strings.TrimLeft(s, " \u3000\u00a0"); t != "" && strings.ContainsRune("=+-@＝＋－＠|%", []rune(t)[0]) {
		return "'" + s
	}
	return s
}

// XLSX writes lists as a workbook, a sheet each, with the headings frozen and
// a filter. Texts are stored as texts: no cell is a formula. The same lists
// give the same bytes.
func XLSX(w io.Writer, lists ...List) error {
	f := excelize.NewFile()
	defer f.Close() // a sheet of many megabytes has a temporary file, readable by its owner alone
	b := book{f: f}
	for i, l := range lists {
		b.list(sheetName(l.Title, i), l)
	}
	b.notes(lists)
	return b.write(w)
}

// epoch is the creation time of every workbook: what a list tells of time
// stands in it.
const epoch = "2000-01-01T00:00:00Z"

// book is a workbook in the making. Its first error stays.
type book struct {
	f      *excelize.File
	sheets int
	styles map[string]int
	err    error
}

func (b *book) check(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) write(w io.Writer) error {
	b.check(b.f.SetDocProps(&excelize.DocProperties{Created: epoch, Modified: epoch, Creator: "Leeway", LastModifiedBy: "Leeway"}))
	b.f.SetActiveSheet(0)
	if b.err != nil {
		return fmt.Errorf("workbook: %w", b.err)
	}
	var out bytes.Buffer
	if _, err := b.f.WriteTo(&out); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	if err := sorted(w, out.Bytes()); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}

// sorted writes the parts of a workbook in the order of their names, as they are:
// excelize puts sheets that were written row by row in any order.
func sorted(w io.Writer, book []byte) error {
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return err
	}
	slices.SortFunc(in.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(w)
	for _, f := range in.File {
		if err := out.Copy(f); err != nil {
			return err
		}
	}
	return out.Close()
}

// sheet adds a sheet; a new workbook has one already.
func (b *book) sheet(name string) {
	if b.sheets++; b.sheets == 1 {
		b.check(b.f.SetSheetName("Sheet1", name))
		return
	}
	_, err := b.f.NewSheet(name)
	b.check(err)
}

// style is a cell style by what it is for.
func (b *book) style(what string) int {
	if id, ok := b.styles[what]; ok {
		return id
	}
	text, date, money := "@", "yyyy-mm-dd", "0.00"
	s := &excelize.Style{Font: &excelize.Font{Size: 11}, Alignment: &excelize.Alignment{Vertical: "top"}}
	switch what {
	case "head":
		s.Font.Bold, s.Alignment.WrapText = true, true
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6E6E6"}}
	case "text":
		s.CustomNumFmt = &text
	case "wrapped":
		s.CustomNumFmt, s.Alignment.WrapText = &text, true
	case "day":
		s.CustomNumFmt = &date
	case "money":
		s.CustomNumFmt = &money
	}
	id, err := b.f.NewStyle(s)
	b.check(err)
	if b.styles == nil {
		b.styles = map[string]int{}
	}
	b.styles[what] = id
	return id
}

// value is what a workbook stores of a cell, and the style that its kind asks
// for: "" for text.
func (c Cell) value() (value any, style string) {
	switch c.kind {
	case moneyCell:
		// A workbook has no other number. Two decimals of it are exact up to ninety
		// thousand billion yuan.
		return float64(c.n) / 100, "money"
	case countCell:
		return c.n, "count"
	case dayCell:
		d := domain.Day(c.n).Start()
		return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.UTC), "day"
	}
	if c.text == "" {
		return nil, ""
	}
	return c.text, ""
}

// put writes one cell of a sheet that people fill in or read.
func (b *book) put(sheet string, column, row int, c Cell, style string) {
	name, err := excelize.CoordinatesToCellName(column, row)
	b.check(err)
	value, own := c.value()
	if value != nil {
		b.check(b.f.SetCellValue(sheet, name, value))
	}
	b.check(b.f.SetCellStyle(sheet, name, name, b.style(cmp.Or(own, style))))
}

// list adds a sheet row by row, each written out before the next: a list over a
// population has millions of cells, and a workbook in memory has 400 bytes for each.
func (b *book) list(name string, l List) {
	b.sheet(name)
	sheet, err := b.f.NewStreamWriter(name)
	if err != nil {
		b.check(err)
		return
	}
	widths, head := make([]int, len(l.Columns)), make([]any, len(l.Columns))
	for i, c := range l.Columns {
		widths[i] = cells(c.Head) + 3 // and the button of the filter
		head[i] = excelize.Cell{StyleID: b.style("head"), Value: Text(c.Head).text}
	}
	for _, row := range l.Rows {
		for i, c := range row {
			widths[i] = max(widths[i], cells(c.text))
		}
	}
	for i, n := range widths {
		b.check(sheet.SetColWidth(i+1, i+1, float64(min(n, 50)+2)))
	}
	b.check(sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	if len(l.Columns) > 0 {
		last, err := excelize.CoordinatesToCellName(len(l.Columns), len(l.Rows)+1)
		b.check(err)
		b.check(b.f.AutoFilter(name, "A1:"+last, nil))
	}
	b.check(sheet.SetRow("A1", head))
	values := make([]any, len(l.Columns))
	for r, row := range l.Rows {
		values = values[:0]
		for _, c := range row {
			value, style := c.value()
			values = append(values, excelize.Cell{StyleID: b.style(cmp.Or(style, "text")), Value: value})
		}
		at, err := excelize.CoordinatesToCellName(1, r+2)
		b.check(err)
		b.check(sheet.SetRow(at, values))
		if b.err != nil {
			return
		}
	}
	b.check(sheet.Flush())
}

// notes adds a sheet that says how to read the lists.
func (b *book) notes(lists []List) {
	const name = "说明 notes"
	row := 0
	for _, l := range lists {
		for _, p := range l.Notes {
			if p.Value == "" {
				continue
			}
			if row == 0 {
				b.sheet(name)
				b.check(b.f.SetColWidth(name, "A", "A", 24))
				b.check(b.f.SetColWidth(name, "B", "B", 80))
			}
			row++
			b.put(name, 1, row, Text(p.Name), "text")
			b.put(name, 2, row, Text(p.Value), "wrapped")
		}
	}
}

// cells is how wide a text is, in characters of a spreadsheet.
func cells(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 0x2E80 {
			n++
		}
	}
	return n
}

// sheetName makes a name that a workbook takes: at most 31 characters, without
// the signs of references.
func sheetName(title string, i int) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return ' '
		}
		return r
	}, Clean(title))
	runes := []rune(strings.TrimSpace(name))
	name = string(runes[:min(len(runes), 28)])
	if name == "" || i > 0 {
		name = strings.TrimSpace(name + " " + strconv.Itoa(i+1))
	}
	return name
}
