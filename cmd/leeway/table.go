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

// wrap cuts text into lines of at most width cells: at a space where there is
// one, else between Chinese characters, never before closing punctuation.
func wrap(body string, width int) []string {
	var lines []string
	line, used, space := []rune{}, 0, -1
	for _, r := range body {
		n := text.RuneWidth(r)
		if used+n > width && !strings.ContainsRune("，。；：、！？）》」”)", r) && r != ' ' {
			cut := len(line)
			if space > 0 && r < 0x2e80 {
				cut = space
			}
			lines = append(lines, strings.TrimRight(string(line[:cut]), " "))
			line = []rune(strings.TrimLeft(string(line[cut:]), " "))
			used, space = text.StringWidth(string(line)), -1
		}
		if r == ' ' {
			space = len(line)
		}
		line, used = append(line, r), used+n
	}
	return append(lines, string(line))
}
