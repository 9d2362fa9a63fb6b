package documents

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/signintech/gopdf"
)

// Measures of GB/T 9704-2012 in points: A4, the type area 156 by 225 mm with 37
// mm above and 28 mm to its left, 22 lines of 28 characters. A character is as
// wide as the twenty-eighth of a line, which is size 3 (三号) to a fifth of a
// point.
const (
	mm         = 72 / 25.4
	leftEdge   = 28 * mm
	topEdge    = 37 * mm
	typeWidth  = 156 * mm
	typeHeight = 225 * mm
	pitch      = typeHeight / 22 // from line to line
	bodySize   = typeWidth / 28
	titleSize  = 22.0   // size 2 (二号)
	pageSize   = 14.0   // size 4 (四号), of the page number
	pageDrop   = 7 * mm // of the page number below the type area

	itemSize  = 12.0 // small size 4 (小四), of what belongs to a paragraph
	itemPitch = typeHeight / 32

	gridSize  = 10.5 // size 5 (五号), of tables and notes
	gridPitch = 15.0
	gridPad   = 3.0
)

// Printed is a document as PDF.
type Printed struct {
	PDF   []byte
	Pages int
	// Missing are characters that the font does not have, in the order of
	// their code points. Each is printed as 〓, and the document ends with a
	// note that lists them: nothing is dropped silently.
	Missing []rune
}

const family = "serif"

// press is a document on its way to paper.
type press struct {
	pdf    gopdf.GoPdf
	lang   string
	y      float64 // from the top of the type area
	pages  int
	widths map[rune]float64 // of characters, by the size of 1
	err    error            // the first; nothing is printed after it
}

// PDF prints the document. The error is that of the font; what the document
// says never makes it fail.
func (d Document) PDF() (Printed, error) {
	data, err := fontData()
	if err != nil {
		return Printed{}, err
	}
	p := &press{lang: d.Lang, widths: map[rune]float64{}}
	p.pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	p.check(p.pdf.AddTTFFontData(family, data))
	p.check(p.pdf.SetFont(family, "", bodySize))
	if p.err != nil {
		return Printed{}, p.err
	}
	d, missing := p.printable(d)
	p.pdf.SetInfo(gopdf.PdfInfo{Title: d.Title, Creator: "Leeway", Producer: "Leeway", CreationDate: d.Day.Start().In(time.UTC)})
	p.page()
	p.title(d)
	for i, b := range d.Blocks {
		p.block(b, i+1 < len(d.Blocks) && d.Blocks[i+1].Kind == Grid)
	}
	p.signature(d.Signed)
	p.missing(missing)
	var out bytes.Buffer
	if _, err := p.pdf.WriteTo(&out); err != nil || p.err != nil {
		return Printed{}, fmt.Errorf("print %q: %w", d.Title, firstError(p.err, err))
	}
	return Printed{out.Bytes(), p.pages, missing}, nil
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *press) check(err error) {
	if p.err == nil {
		p.err = err
	}
}

// printable replaces what cannot be printed, and tells what it was.
func (p *press) printable(d Document) (Document, []rune) {
	has := map[rune]bool{}
	lacks := map[rune]bool{}
	d = d.mapped(func(s string) string {
		return strings.Map(func(r rune) rune {
			if like, ok := alike[r]; ok {
				r = like
			}
			if _, seen := has[r]; !seen {
				ok, err := p.pdf.IsCurrFontContainGlyph(r)
				p.check(err)
				has[r] = ok
			}
			if !has[r] {
				lacks[r] = true
				return unprintable
			}
			return r
		}, Clean(s))
	})
	var missing []rune
	for r := range lacks {
		missing = append(missing, r)
	}
	slices.Sort(missing)
	return d, missing
}

// width is how wide a text is at a size.
func (p *press) width(size float64) func(string) float64 {
	return func(s string) float64 {
		sum := 0.0
		for _, r := range s {
			w, ok := p.widths[r]
			if !ok {
				p.check(p.pdf.SetFontSize(1000))
				var err error
				w, err = p.pdf.MeasureTextWidth(string(r))
				p.check(err)
				w /= 1000
				p.widths[r] = w
			}
			sum += w
		}
		return sum * size
	}
}

// page begins a page: outer page numbers between dashes, odd ones to the right.
func (p *press) page() {
	p.pdf.AddPage()
	p.pages++
	p.y = 0
	number := "— " + strconv.Itoa(p.pages) + " —"
	w := p.width(pageSize)(number)
	x := leftEdge + pageSize
	if p.pages%2 == 1 {
		x = leftEdge + typeWidth - w - pageSize
	}
	p.text(x, topEdge+typeHeight+pageDrop, pageSize, number)
}

// room begins a new page where a height does not fit any more.
func (p *press) room(height float64) {
	if p.y+height > typeHeight+0.01 {
		p.page()
	}
}

// text draws one line with its top at y.
func (p *press) text(x, y, size float64, text string) {
	if text == "" {
		return
	}
	p.check(p.pdf.SetFontSize(size))
	p.pdf.SetXY(x, y)
	p.check(p.pdf.Cell(nil, text))
}

// line draws one line of a text that is set by the pitch, and moves on.
func (p *press) line(x, size, height float64, text string) {
	p.room(height)
	p.text(leftEdge+x, topEdge+p.y+(height-size)/2, size, text)
	p.y += height
}

// title prints the title in the middle, and what stands under it.
func (p *press) title(d Document) {
	for _, line := range breakLines(d.Title, p.width(titleSize), func(int) float64 { return typeWidth }) {
		p.line((typeWidth-p.width(titleSize)(line))/2, titleSize, pitch*1.25, line)
	}
	p.y += pitch / 2
	for _, pair := range d.Head {
		if pair.Value != "" {
			p.run(pair.Name+p.colon()+pair.Value, 0, 0, bodySize, pitch)
		}
	}
	p.rule(p.y + pitch/4)
	p.y += pitch / 2
}

func (p *press) colon() string {
	if p.lang == "en" {
		return ": "
	}
	return "："
}

// rule draws a line across the type area.
func (p *press) rule(y float64) {
	p.pdf.SetLineWidth(0.75)
	p.pdf.Line(leftEdge, topEdge+y, leftEdge+typeWidth, topEdge+y)
}

// run prints a text over as many lines as it takes: the first line begins at
// one indent, the others at another.
func (p *press) run(text string, first, other, size, height float64) {
	indent := func(line int) float64 {
		if line == 0 {
			return first
		}
		return other
	}
	lines := breakLines(text, p.width(size), func(n int) float64 { return typeWidth - indent(n) })
	for i, line := range lines {
		p.line(indent(i), size, height, line)
	}
}

// block prints one block. A heading never stands last on a page, and never
// apart from the first row of its table.
func (p *press) block(b Block, beforeGrid bool) {
	if beforeGrid {
		p.room(pitch + 4*(gridPitch+2*gridPad))
	}
	switch b.Kind {
	case Grid:
		p.table(*b.Table)
		return
	case Part:
		p.room(3 * pitch)
		for _, line := range breakLines(b.Text, p.width(bodySize), func(int) float64 { return typeWidth }) {
			p.line((typeWidth-p.width(bodySize)(line))/2, bodySize, pitch, line)
		}
		return
	}
	switch b.Kind {
	case Section:
		p.room(2 * pitch)
		p.run(b.Text, 2*bodySize, 0, bodySize, pitch)
	case Item:
		p.run(b.Text, 3*itemSize, 2*itemSize, itemSize, itemPitch)
	case Note:
		p.run(b.Text, 2*gridSize, 0, gridSize, gridPitch)
		p.y += gridPitch / 2
	default:
		p.run(b.Text, 2*bodySize, 0, bodySize, pitch)
	}
}

// signature prints who signs and when, four characters from the right edge,
// and never alone on a page.
func (p *press) signature(lines []string) {
	if len(lines) == 0 {
		return
	}
	p.room(pitch * float64(len(lines)+1))
	p.y += pitch
	for _, line := range lines {
		w := p.width(bodySize)(line)
		p.line(max(0, typeWidth-w-4*bodySize), bodySize, pitch, line)
	}
}

// missing notes which characters were printed as 〓.
func (p *press) missing(list []rune) {
	if len(list) == 0 {
		return
	}
	names := make([]string, len(list))
	for i, r := range list {
		names[i] = fmt.Sprintf("U+%04X", r)
	}
	text := "印制说明：字体没有下列文字，正文中以〓代替，电子记录中完整保存：" + strings.Join(names, "、")
	if p.lang == "en" {
		text = "Note of the printer: the font lacks these characters, printed as 〓 above; the record holds them: " + strings.Join(names, ", ")
	}
	p.y += gridPitch
	p.run(text, 0, 0, gridSize, gridPitch)
}
