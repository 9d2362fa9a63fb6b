package documents

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"leeway/domain"
	"leeway/domain/names"
)

func sample() Document {
	d := Document{Lang: "zh", Title: "容错核查认定书", Head: []Pair{{"核查编号", "R-1"}, {"空", ""}}, Day: domain.Date(2021, 2, 26), Signed: []string{"某机关", "2021年2月26日"}}
	d.add(Section, "一、事实")
	for range 40 {
		d.add(Paragraph, "经查，申请人于二〇二〇年五月申报收入四百元；核对未发现其他收入（见附件），依据《社会救助暂行办法》第十一条 [statute]。")
		d.add(Item, "归因：E-APPL 申请人隐瞒 +180 元，✓ 成立，✗ 不成立")
	}
	var rows [][]string
	for i := range 60 {
		rows = append(rows, []string{strconv.Itoa(i), "2020-06-23", strings.Repeat("内容较长，", i%17), "378"})
	}
	d.grid("表", []Column{{Head: "#", Right: true}, {Head: "日期"}, {Head: "内容", Weight: 3}, {Head: "元", Right: true}}, rows)
	d.add(Note, "待核实的标 [to_verify]。")
	return d
}

var (
	streams = regexp.MustCompile(`<<[^>]*/Length (\d+)[^>]*>>\s*stream\r?\n`)
	shown   = regexp.MustCompile(`<([0-9A-Fa-f]*)>`)
	mapped  = regexp.MustCompile(`(?m)^<([0-9A-F]{4})><[0-9A-F]{4}><([0-9A-F]+)>`)
)

// textOf decodes the content streams of a PDF by the table that it gives its
// readers for that.
func textOf(t *testing.T, pdf []byte) string {
	t.Helper()
	byGlyph := map[string]rune{}
	for _, m := range mapped.FindAllSubmatch(pdf, -1) {
		r, err := strconv.ParseInt(string(m[2]), 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		byGlyph[strings.ToUpper(string(m[1]))] = rune(r)
	}
	var text strings.Builder
	for _, m := range streams.FindAllSubmatchIndex(pdf, -1) {
		n, err := strconv.Atoi(string(pdf[m[2]:m[3]]))
		if err != nil {
			t.Fatal(err)
		}
		z, err := zlib.NewReader(bytes.NewReader(pdf[m[1] : m[1]+n]))
		if err != nil {
			continue // not compressed
		}
		content, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(content, []byte("Tf")) {
			continue
		}
		for _, run := range shown.FindAllSubmatch(content, -1) {
			glyphs, err := hex.DecodeString(string(run[1]))
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i+1 < len(glyphs); i += 2 {
				r, ok := byGlyph[strings.ToUpper(hex.EncodeToString(glyphs[i:i+2]))]
				if !ok {
					t.Fatalf("glyph %x has no character", glyphs[i:i+2])
				}
				text.WriteRune(r)
			}
		}
	}
	return text.String()
}

// count counts the characters that show.
func count(texts ...string) map[rune]int {
	n := map[rune]int{}
	for _, s := range texts {
		for _, r := range s {
			if !unicode.IsSpace(r) {
				n[r]++
			}
		}
	}
	return n
}

// TestEveryCharacterIsPrinted compares what a document says with what stands
// in its pages, character by character.
func TestEveryCharacterIsPrinted(t *testing.T) {
	d := sample()
	printed, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	got := count(textOf(t, printed.PDF))
	for r, n := range count(d.Texts()...) {
		if like, ok := alike[r]; ok {
			r = like
		}
		if got[r] < n {
			t.Errorf("%q stands %d times in the document and %d times in the PDF", r, n, got[r])
		}
	}
	if len(printed.Missing) > 0 || printed.Pages < 3 {
		t.Errorf("%d pages, missing %q", printed.Pages, printed.Missing)
	}
}

func TestSameDocumentSameBytes(t *testing.T) {
	one, err := sample().PDF()
	if err != nil {
		t.Fatal(err)
	}
	two, err := sample().PDF()
	if err != nil || !bytes.Equal(one.PDF, two.PDF) {
		t.Errorf("the same document gave two files (%v)", err)
	}
	if !bytes.Contains(one.PDF, []byte("/CreationDate(D:20210225160000")) {
		t.Error("the file's date is not that of the document's day")
	}
}

// TestMissingGlyphsAreReported: a character that the font lacks is printed as
// a mark, listed in the result and noted in the document.
func TestMissingGlyphsAreReported(t *testing.T) {
	d := Document{Lang: "zh", Title: "题", Day: domain.Date(2021, 1, 1)}
	d.add(Paragraph, "姓名：张😀\U00031350\u202e")
	printed, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	if want := []rune{'😀', '\U00031350'}; !slices.Equal(printed.Missing, want) {
		t.Errorf("missing %U, want %U", printed.Missing, want)
	}
	text := textOf(t, printed.PDF)
	for _, part := range []string{"姓名：张〓〓〔U+202E〕", "U+1F600", "U+31350"} {
		if !strings.Contains(text, part) {
			t.Errorf("the PDF lacks %q: %s", part, text)
		}
	}
}

// TestFontCoversWhatWeWrite walks everything that a document can be made of:
// our names and sentences, the templates, and the rule packs.
func TestFontCoversWhatWeWrite(t *testing.T) {
	d := Document{Lang: "zh", Title: "字", Day: domain.Date(2021, 1, 1)}
	for _, table := range []map[string]domain.Text{names.All(), names.Events(), words} {
		for _, key := range slices.Sorted(maps.Keys(table)) {
			d.add(Paragraph, table[key].ZH)
			d.add(Paragraph, table[key].EN)
		}
	}
	files := 0
	err := filepath.WalkDir(filepath.Join("..", "..", "policies", "bundles"), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(name) != ".yaml" {
			return err
		}
		files++
		b, err := os.ReadFile(name)
		d.add(Item, string(b))
		return err
	})
	if err != nil || files < 10 {
		t.Fatalf("%d files of rule packs (%v)", files, err)
	}
	for _, name := range []string{"document.zh.txt", "document.en.txt"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "domain", "review", name))
		if err != nil {
			t.Fatal(err)
		}
		d.add(Item, string(b))
	}
	printed, err := d.PDF()
	if err != nil || len(printed.Missing) > 0 {
		t.Errorf("the font lacks %q (%v)", printed.Missing, err)
	}
}

// TestFontCoversNames: names are written with the 8105 characters of the
// 通用规范汉字表, of which GB 2312 lacks some that are common in names.
func TestFontCoversNames(t *testing.T) {
	d := Document{Lang: "zh", Title: "字", Day: domain.Date(2021, 1, 1)}
	d.add(Paragraph, "喆堃赟昇玥珺瑄祎翀劼甯璟琎镕垚淼煊邠郧蕲")
	var han strings.Builder
	for r := rune(0x4E00); r <= 0x9FFF; r++ {
		han.WriteRune(r)
	}
	d.add(Paragraph, han.String())
	printed, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	covered := utf8.RuneCountInString(han.String()) - len(printed.Missing)
	// GB 2312 and the 通用规范汉字表 have as many in this block together.
	if covered != 7957 {
		t.Errorf("the font has %d Chinese characters", covered)
	}
	for _, r := range d.Blocks[0].Text {
		if slices.Contains(printed.Missing, r) {
			t.Errorf("the font lacks %c", r)
		}
	}
}

// TestPDFReaderAgrees asks another program what stands in the PDF, where the
// checks before a release name one (LEEWAY_PDFTOTEXT).
func TestPDFReaderAgrees(t *testing.T) {
	reader := os.Getenv("LEEWAY_PDFTOTEXT")
	if reader == "" {
		return // check-full names one and fails where it is not there
	}
	d := sample()
	printed, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "sample.pdf")
	if err := os.WriteFile(name, printed.PDF, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(reader, "-layout", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	got := count(string(out))
	for r, n := range count(d.Texts()...) {
		if like, ok := alike[r]; ok {
			r = like
		}
		if got[r] < n {
			t.Errorf("%q stands %d times in the document, %s finds %d", r, n, reader, got[r])
		}
	}
}

func TestFontBringsItsLicence(t *testing.T) {
	if !strings.Contains(FontLicence(), "SIL OPEN FONT LICENSE Version 1.1") {
		t.Error("the licence of the font is not there")
	}
}
