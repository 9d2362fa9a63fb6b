package documents

// A cell grid on paper: columns share the width by their weights, cells wrap,
// headings come again on every page, a row that is taller than what is left of
// a page goes on on the next.

// table prints a table.
func (p *press) table(t Table) {
	widths := p.columns(t)
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Head
	}
	headings := func() { p.row(t.Columns, widths, head, true, nil) }
	p.room(3 * (gridPitch + 2*gridPad))
	headings()
	for _, row := range t.Rows {
		p.row(t.Columns, widths, row, false, headings)
	}
	p.y += gridPitch
}

// columns are the widths of the columns: what their widest cell needs where
// all fit. Else each gets what its longest word needs, and the rest is shared
// by weight among those that want more.
func (p *press) columns(t Table) []float64 {
	measure := p.width(gridSize)
	least, want := make([]float64, len(t.Columns)), make([]float64, len(t.Columns))
	var sumLeast, sumWant float64
	for i, c := range t.Columns {
		cells := []string{c.Head}
		for _, row := range t.Rows {
			cells = append(cells, row[i])
		}
		for _, cell := range cells {
			want[i] = max(want[i], measure(cell)+2*gridPad+1)
			for _, u := range units(cell, measure) {
				least[i] = max(least[i], u.width+2*gridPad+1)
			}
		}
		sumLeast, sumWant = sumLeast+least[i], sumWant+want[i]
	}
	switch {
	case sumWant <= typeWidth:
		return scaled(want, typeWidth/sumWant)
	case sumLeast >= typeWidth:
		return scaled(least, typeWidth/sumLeast)
	}
	return shared(t.Columns, least, want, typeWidth-sumLeast)
}

func scaled(list []float64, by float64) []float64 {
	for i := range list {
		list[i] *= by
	}
	return list
}

// shared hands out what is left of a width by weight. What a column does not
// want goes round again.
func shared(columns []Column, has, want []float64, left float64) []float64 {
	for left > 0.01 {
		weights := 0
		for i, c := range columns {
			if has[i] < want[i] {
				weights += max(1, c.Weight)
			}
		}
		if weights == 0 {
			break
		}
		share, given := left/float64(weights), 0.0
		for i, c := range columns {
			if has[i] < want[i] {
				more := min(want[i]-has[i], share*float64(max(1, c.Weight)))
				has[i], given = has[i]+more, given+more
			}
		}
		left -= given
	}
	return has
}

// row prints one row. With headings, it may go on on the next page.
func (p *press) row(columns []Column, widths []float64, cells []string, bold bool, headings func()) {
	measure := p.width(gridSize)
	lines := make([][]string, len(cells))
	most := 1
	for i, cell := range cells {
		lines[i] = breakLines(cell, measure, func(int) float64 { return widths[i] - 2*gridPad })
		most = max(most, len(lines[i]))
	}
	for from := 0; from < most; {
		fits := int((typeHeight - p.y - 2*gridPad + 0.01) / gridPitch)
		if fits < 1 || headings != nil && most <= 6 && fits < most-from {
			p.page()
			if headings != nil {
				headings()
			}
			continue
		}
		n := min(fits, most-from)
		p.stripe(columns, widths, lines, from, n, bold)
		from += n
	}
}

// stripe draws n lines of a row with its frame.
func (p *press) stripe(columns []Column, widths []float64, lines [][]string, from, n int, head bool) {
	height := float64(n)*gridPitch + 2*gridPad
	x, y := leftEdge, topEdge+p.y
	if head {
		p.pdf.SetGrayFill(0.92)
		p.pdf.RectFromUpperLeftWithStyle(x, y, typeWidth, height, "F")
		p.pdf.SetGrayFill(0)
	}
	p.pdf.SetLineWidth(0.4)
	p.pdf.RectFromUpperLeftWithStyle(x, y, typeWidth, height, "D")
	for i := range columns {
		if i > 0 {
			p.pdf.Line(x, y, x, y+height)
		}
		for k := from; k < min(from+n, len(lines[i])); k++ {
			text := lines[i][k]
			at := x + gridPad
			if columns[i].Right && !head {
				at = x + widths[i] - gridPad - p.width(gridSize)(text)
			}
			p.text(at, y+gridPad+float64(k-from)*gridPitch+(gridPitch-gridSize)/2, gridSize, text)
		}
		x += widths[i]
	}
	p.y += height
}
