// Package charts draws the figures of the pages as SVG on the server: no
// script, no inline style, colours from classes of the style sheet, so that
// they pass the strict CSP, follow the dark theme and print. Every chart has a
// title and a description for who does not see it, and says its numbers in
// words; a table beside it holds them all.
package charts

import (
	"fmt"
	"html/template"
	"strings"
)

// A Bar is one row of a bar chart.
type Bar struct {
	Label string
	Value int64
	Say   string // the value in words, such as "1 170 人"
	Class string // of the style sheet: c1 to c12, or warn
}

// A Group is bars that belong together, such as cited and accepted.
type Group struct {
	Label string
	Bars  []Bar
}

// A Step is one step of a waterfall: a level such as what was paid, or a
// signed change between two levels.
type Step struct {
	Label string
	Value int64
	Say   string
	Level bool
	Class string
}

// A Stack is one column of a column chart, divided.
type Stack struct {
	Label string
	Parts []Bar
}

// measures in units of the view box; the chart scales to its place.
const (
	width    = 720
	rowTall  = 28
	labelBox = 200
	sayBox   = 110
	colTall  = 220
)

// canvas collects the elements of one SVG.
type canvas struct{ strings.Builder }

// esc escapes a text for an element or an attribute.
func esc(s string) string { return template.HTMLEscapeString(s) }

func (c *canvas) rect(x, y, w, h float64, class, title string) {
	fmt.Fprintf(c, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="%s">`, x, y, max(w, 0), h, esc(class))
	if title != "" {
		fmt.Fprintf(c, `<title>%s</title>`, esc(title))
	}
	c.WriteString(`</rect>`)
}

func (c *canvas) text(x, y float64, anchor, class, text string) {
	fmt.Fprintf(c, `<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, esc(class), esc(text))
}

func (c *canvas) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(c, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`, x1, y1, x2, y2, class)
}

// svg closes the chart. It is one picture to a screen reader, with a name and
// a description.
func (c *canvas) svg(id, title, describe string, tall float64) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="chart" viewBox="0 0 %[1]d %[2]d" role="img" aria-labelledby="%[3]s-t %[3]s-d" xmlns="http://www.w3.org/2000/svg"><title id="%[3]s-t">%[4]s</title><desc id="%[3]s-d">%[5]s</desc>%[6]s</svg>`,
		width, int(tall), esc(id), esc(title), esc(describe), c.String()))
}

// cells is how wide a label is; a Chinese character counts two.
func cells(label string) int {
	n := 0
	for _, r := range label {
		if n++; r >= 0x2E80 {
			n++
		}
	}
	return n
}

// fit shortens a label to a number of characters of which a Chinese one counts
// two. The whole stands in the table beside the chart.
func fit(label string, cells int) string {
	n := 0
	for i, r := range label {
		if n++; r >= 0x2E80 {
			n++
		}
		if n > cells {
			return strings.TrimRight(label[:i], " ") + "…"
		}
	}
	return label
}

// describe says all values in a row.
func describe(bars []Bar) string {
	parts := make([]string, len(bars))
	for i, b := range bars {
		parts[i] = b.Label + " " + b.Say
	}
	return strings.Join(parts, "; ")
}

// Bars draws horizontal bars. Mark, where it is not 0, is a line that the
// values are held against, such as 1000 people to a worker; Say names it.
func Bars(id, title string, bars []Bar, mark Bar) template.HTML {
	most := mark.Value
	for _, b := range bars {
		most = max(most, b.Value)
	}
	var c canvas
	top := 8.0
	if mark.Value > 0 {
		top = 28
	}
	room := float64(width - labelBox - sayBox)
	at := func(v int64) float64 { return labelBox + room*float64(v)/float64(max(most, 1)) }
	for i, b := range bars {
		y := top + float64(i*rowTall)
		c.text(labelBox-8, y+18, "end", "label", fit(b.Label, 24))
		c.rect(labelBox, y+4, at(b.Value)-labelBox, rowTall-8, "bar "+orFirst(b.Class), b.Label+" "+b.Say)
		c.text(at(b.Value)+6, y+18, "start", "say", b.Say)
	}
	tall := top + float64(len(bars)*rowTall) + 8
	if mark.Value > 0 {
		c.line(at(mark.Value), 20, at(mark.Value), tall-4, "mark")
		c.text(at(mark.Value), 14, "middle", "say", mark.Say)
	}
	return c.svg(id, title, strings.TrimPrefix(mark.Say+"; "+describe(bars), "; "), tall)
}

func orFirst(class string) string {
	if class == "" {
		return "c1"
	}
	return class
}

// Groups draws bars that belong together under one label.
func Groups(id, title string, groups []Group) template.HTML {
	most, rows := int64(1), 0
	for _, g := range groups {
		rows += len(g.Bars)
		for _, b := range g.Bars {
			most = max(most, b.Value)
		}
	}
	var c canvas
	room := float64(width - labelBox - sayBox)
	y := 8.0
	var all []Bar
	for _, g := range groups {
		c.text(labelBox-8, y+float64(len(g.Bars))*10+5, "end", "label", fit(g.Label, 24))
		for _, b := range g.Bars {
			w := room * float64(b.Value) / float64(most)
			c.rect(labelBox, y+2, w, 16, "bar "+orFirst(b.Class), g.Label+" "+b.Label+" "+b.Say)
			c.text(labelBox+w+6, y+15, "start", "say", b.Label+" "+b.Say)
			y += 20
			all = append(all, Bar{Label: g.Label + " " + b.Label, Say: b.Say})
		}
		y += 8
	}
	return c.svg(id, title, describe(all), y+4)
}

// Waterfall draws how one level becomes another, change by change.
func Waterfall(id, title string, steps []Step) template.HTML {
	var low, high, level int64
	for _, s := range steps {
		if s.Level {
			level = s.Value
		} else {
			level += s.Value
		}
		low, high = min(low, level), max(high, level)
	}
	var c canvas
	span := float64(max(high-low, 1))
	const top, foot = 26.0, 62.0
	y := func(v int64) float64 { return top + colTall*(1-float64(v-low)/span) }
	each := float64(width) / float64(max(len(steps), 1))
	level = 0
	var said []Bar
	for i, s := range steps {
		from, to := level, level+s.Value
		if s.Level {
			from, to = 0, s.Value
		}
		x := float64(i)*each + each*0.15
		class := "level"
		if !s.Level {
			class = "plus"
			if s.Value < 0 {
				class = "minus"
			}
			c.line(x-each*0.3, y(level), x, y(level), "join")
		}
		if s.Class != "" {
			class = s.Class
		}
		c.rect(x, min(y(from), y(to)), each*0.7, max(abs(y(from)-y(to)), 1.5), "bar "+class, s.Label+" "+s.Say)
		c.text(x+each*0.35, min(y(from), y(to))-6, "middle", "say", s.Say)
		for n, part := range wrapped(s.Label, max(4, int(each/7))) {
			c.text(x+each*0.35, top+colTall+18+float64(n)*15, "middle", "label", part)
		}
		level = to
		said = append(said, Bar{Label: s.Label, Say: s.Say})
	}
	c.line(0, y(0), width, y(0), "axis")
	return c.svg(id, title, describe(said), top+colTall+foot)
}

func abs(f float64) float64 { return max(f, -f) }

// wrapped breaks a label into at most three lines of so many cells, at spaces
// where there are any.
func wrapped(label string, most int) []string {
	var lines []string
	for _, word := range strings.Fields(label) {
		if n := len(lines); n > 0 && cells(lines[n-1])+1+cells(word) <= most {
			lines[n-1] += " " + word
			continue
		}
		for cells(word) > most {
			head := strings.TrimSuffix(fit(word, most), "…")
			lines, word = append(lines, head), word[len(head):]
		}
		lines = append(lines, word)
	}
	if len(lines) > 3 {
		lines = lines[:3]
		lines[2] = strings.TrimSuffix(fit(lines[2], most-2), "…") + "…"
	}
	return lines
}

// Columns draws one divided column for each label, such as causes over months.
// Keys name the parts by class.
func Columns(id, title string, stacks []Stack, keys []Bar) template.HTML {
	most := int64(1)
	for _, s := range stacks {
		sum := int64(0)
		for _, p := range s.Parts {
			sum += p.Value
		}
		most = max(most, sum)
	}
	var c canvas
	top := c.keys(keys)
	each := float64(width-40) / float64(max(len(stacks), 1))
	c.text(34, top+10, "end", "label", fmt.Sprint(most))
	c.text(34, top+colTall, "end", "label", "0")
	c.line(40, top, width, top, "grid")
	var said []Bar
	for i, s := range stacks {
		x, y := 40+float64(i)*each, top+colTall
		for _, p := range s.Parts {
			h := colTall * float64(p.Value) / float64(most)
			y -= h
			c.rect(x+each*0.1, y, each*0.8, h, "bar "+orFirst(p.Class), s.Label+" "+p.Label+" "+p.Say)
			if p.Value > 0 {
				said = append(said, Bar{Label: s.Label + " " + p.Label, Say: p.Say})
			}
		}
		// Where columns are narrow, not every one has room for its name.
		if every := max(1, int(56/each)); i%every == 0 {
			c.text(x+each/2, top+colTall+18, "middle", "label", s.Label)
		}
	}
	c.line(40, top+colTall, width, top+colTall, "axis")
	return c.svg(id, title, describe(said), top+colTall+28)
}

// keys draws what the colours mean, and returns the height that it took.
func (c *canvas) keys(keys []Bar) float64 {
	x, y := 40.0, 8.0
	for _, k := range keys {
		wide := 40 + 7.5*float64(cells(k.Label))
		if x+wide > width && x > 40 {
			x, y = 40, y+20
		}
		c.rect(x, y, 12, 12, "bar "+orFirst(k.Class), "")
		c.text(x+18, y+11, "start", "label", k.Label)
		x += wide
	}
	return y + 24
}
