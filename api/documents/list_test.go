package documents

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"leeway/domain"
)

// hostile is what somebody may write into a name to be run elsewhere.
var hostile = []string{"=cmd|' /C calc'!A0", "<script>alert(1)</script>", "张\u202e三", "+1+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1", "a\r\nb", `x","y`}

func hostileList() List {
	l := List{Title: "名单[1]", Columns: []Column{{Head: "代号"}, {Head: "元", Right: true}, {Head: "日期"}, {Head: "人数", Right: true}, {Head: "月份"}}, Notes: []Pair{{"口径", "疑点(待核实)"}}}
	for i, h := range hostile {
		l.Rows = append(l.Rows, []Cell{Text(h), Yuan(domain.Fen(-13850)), OnDay(domain.Date(2020, 6, 23)), Count(i), InMonth(domain.MonthOf(2020, 7))})
	}
	return l
}

func TestCSV(t *testing.T) {
	var out bytes.Buffer
	if err := hostileList().CSV(&out); err != nil {
		t.Fatal(err)
	}
	want := "\ufeff代号,元,日期,人数,月份\r\n" +
		"'=cmd|' /C calc'!A0,-138.50,2020-06-23,0,2020-07\r\n" +
		"<script>alert(1)</script>,-138.50,2020-06-23,1,2020-07\r\n" +
		"张〔U+202E〕三,-138.50,2020-06-23,2,2020-07\r\n" +
		"'+1+1,-138.50,2020-06-23,3,2020-07\r\n" +
		"'-2+3,-138.50,2020-06-23,4,2020-07\r\n" +
		"'@SUM(A1),-138.50,2020-06-23,5,2020-07\r\n" +
		"' =1,-138.50,2020-06-23,6,2020-07\r\n" +
		"' =1,-138.50,2020-06-23,7,2020-07\r\n" +
		"'＝1,-138.50,2020-06-23,8,2020-07\r\n" +
		"a  b,-138.50,2020-06-23,9,2020-07\r\n" +
		"\"x\"\",\"\"y\",-138.50,2020-06-23,10,2020-07\r\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestXLSX(t *testing.T) {
	var out, again bytes.Buffer
	if err := XLSX(&out, hostileList(), List{Title: "名单[1]", Columns: []Column{{Head: "空"}}}); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again.Reset()
		if err := XLSX(&again, hostileList(), List{Title: "名单[1]", Columns: []Column{{Head: "空"}}}); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Fatalf("the same lists gave two files (%v)", err)
		}
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.GetSheetList(), "|"); got != "名单 1|名单 1 2|说明 notes" {
		t.Errorf("sheets %s", got)
	}
	rows, err := f.GetRows("名单 1")
	if err != nil || len(rows) != len(hostile)+1 {
		t.Fatalf("%d rows (%v)", len(rows), err)
	}
	for i, h := range hostile {
		cell, _ := excelize.CoordinatesToCellName(1, i+2)
		formula, err := f.GetCellFormula("名单 1", cell)
		kind, err2 := f.GetCellType("名单 1", cell)
		if err != nil || err2 != nil || formula != "" || kind != excelize.CellTypeInlineString || rows[i+1][0] != Clean(h) {
			t.Errorf("%s holds %q, formula %q, type %v (%v %v)", cell, rows[i+1][0], formula, kind, err, err2)
		}
		if rows[i+1][1] != "-138.50" || rows[i+1][2] != "2020-06-23" {
			t.Errorf("row %d: %q", i, rows[i+1])
		}
	}
	panes, err := f.GetPanes("名单 1")
	if width, err2 := f.GetColWidth("名单 1", "A"); err != nil || err2 != nil || !panes.Freeze || panes.YSplit != 1 || width <= 10 {
		t.Errorf("panes %+v, width %v (%v %v)", panes, width, err, err2)
	}
	if filters := f.GetDefinedName(); len(filters) != 2 || !strings.HasPrefix(filters[0].RefersTo, "'名单 1'!$A$1:") {
		t.Errorf("filters %+v", filters)
	}
	if note, _ := f.GetCellValue("说明 notes", "B1"); note != "疑点(待核实)" {
		t.Errorf("the note says %q", note)
	}
}

func TestMoneyReadsStraight(t *testing.T) {
	for fen, want := range map[domain.Fen]string{0: "0.00", 5: "0.05", -5: "-0.05", 37800: "378.00", -13850: "-138.50"} {
		if got := Yuan(fen).String(); got != want {
			t.Errorf("%d fen is written %s, want %s", fen, got, want)
		}
	}
}
