package main

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// maxWidth is the width that every table keeps to, in cells of a terminal.
const maxWidth = 100

// Symbols of ambiguous width, such as ° and →, count as one cell in every
// locale: the same bytes come out everywhere.
func init() { text.OverrideRuneWidthEastAsianWidth(false) }

// A column is a heading and how the cells under it stand. A column with Max
// wraps there.
type column struct {
	head  string
	right bool
	max   int
}

// grid prints rows under headings, without frame, aligned by the cells that
// Chinese characters take.
func (s *session) grid(columns []column, rows [][]string) {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Box = table.BoxStyle{MiddleHorizontal: "-", MiddleSeparator: "  ", MiddleVertical: "  ", PaddingRight: "", PaddingLeft: ""}
	style.Options = table.Options{SeparateColumns: true, SeparateHeader: true}
	style.Format.Header = text.FormatDefault
	w.SetStyle(style)
	head := make(table.Row, len(columns))
	configs := make([]table.ColumnConfig, len(columns))
	for i, c := range columns {
		head[i] = c.head
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: c.max, WidthMaxEnforcer: text.WrapSoft}
		if c.right {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	w.AppendHeader(head)
	w.SetColumnConfigs(configs)
	for _, r := range rows {
		row := make(table.Row, len(r))
		for i, cell := range r {
			row[i] = cell
		}
		w.AppendRow(row)
	}
	for line := range strings.Lines(w.Render() + "\n") {
		s.printf("%s\n", strings.TrimRight(line, " \n"))
	}
}

// pairs prints names and values in two columns; empty values are left out.
func (s *session) pairs(rows ...[2]string) {
	width := 0
	for _, r := range rows {
		if r[1] != "" {
			width = max(width, text.StringWidth(r[0]))
		}
	}
	for _, r := range rows {
		if r[1] == "" {
			continue
		}
		s.hang(text.Pad(r[0], width, ' ')+"  ", r[1])
	}
}

// hang prints text behind a lead, wrapped so that no line is wider than
// maxWidth; further lines begin under the text.
func (s *session) hang(lead, body string) {
	width := text.StringWidth(lead)
	for i, line := range wrap(body, maxWidth-width) {
		if i > 0 {
			lead = strings.Repeat(" ", width)
		}
		s.printf("%s%s\n", lead, line)
	}
}

// wrap cuts text into lines of at most width cells. A line may begin after a
// space and beside a Chinese character, never with closing punctuation; a word
// that is longer than a line is cut.
func wrap(body string, width int) []string {
	var lines []string
	var line []rune
	used, cut := 0, 0
	for _, r := range body {
		if n := len(line); n > 0 && breaks(line[n-1], r) {
			cut = n
		}
		line, used = append(line, r), used+text.RuneWidth(r)
		if used <= width || r == ' ' {
			continue
		}
		if cut == 0 {
			cut = len(line) - 1
		}
		lines = append(lines, strings.TrimRight(string(line[:cut]), " "))
		line, cut = line[cut:], 0
		used = text.StringWidth(string(line))
	}
	return append(lines, string(line))
}

// Punctuation that may not begin or end a line 行首行尾禁则.
const closing, opening = "，。；：、！？）》」”.,;:)", "（《「“("

// breaks reports whether a line may end between two characters.
func breaks(before, after rune) bool {
	const firstIdeograph = 0x2e80
	switch {
	case after == ' ' || strings.ContainsRune(closing, after) || strings.ContainsRune(opening, before):
		return false
	case before == ' ':
		return true
	}
	return before >= firstIdeograph || after >= firstIdeograph
}
