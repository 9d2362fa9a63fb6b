package documents

import (
	"slices"

	"leeway/domain"
)

// A Document is what is printed, block after block. Its texts are plain: they
// may hold anything that people wrote.
type Document struct {
	Lang   string // zh or en
	Title  string
	Head   []Pair // number, organ, day and the like, under the title
	Blocks []Block
	Signed []string   // who signs and when, at the end and to the right
	Day    domain.Day // of the newest thing that it tells; stamped into the file
}

// A Pair is a name with its value. One without a value is left out.
type Pair struct{ Name, Value string }

// Kind says how a block stands on the page.
type Kind string

// The kinds of blocks.
const (
	Part      Kind = "part"      // title of a part, in the middle
	Section   Kind = "section"   // heading
	Paragraph Kind = "paragraph" // first line indented by two characters
	Item      Kind = "item"      // belongs to the paragraph before it, indented as a whole
	Note      Kind = "note"      // how to read what stands around it
	Grid      Kind = "grid"      // a table
)

// A Block is one piece of a document: a text, or a table.
type Block struct {
	Kind  Kind
	Text  string
	Table *Table
}

// A Table is rows under headings.
type Table struct {
	Columns []Column
	Rows    [][]string
}

// A Column is a heading and how the cells under it stand.
type Column struct {
	Head   string
	Right  bool // numbers
	Weight int  // share of the width; none: 1
	Narrow int  // cells of a terminal after which the column wraps; none: never
}

// add appends a text block, unless it says nothing.
func (d *Document) add(k Kind, text string) {
	if text != "" {
		d.Blocks = append(d.Blocks, Block{Kind: k, Text: text})
	}
}

// grid appends a table under a heading, unless it has no rows.
func (d *Document) grid(heading string, columns []Column, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	d.add(Section, heading)
	d.Blocks = append(d.Blocks, Block{Kind: Grid, Table: &Table{columns, rows}})
}

// mapped is the document with every text passed through f.
func (d Document) mapped(f func(string) string) Document {
	each := func(list []string) []string {
		list = slices.Clone(list)
		for i := range list {
			list[i] = f(list[i])
		}
		return list
	}
	d.Title, d.Signed = f(d.Title), each(d.Signed)
	d.Head = slices.Clone(d.Head)
	for i, p := range d.Head {
		d.Head[i] = Pair{f(p.Name), f(p.Value)}
	}
	d.Blocks = slices.Clone(d.Blocks)
	for i, b := range d.Blocks {
		b.Text = f(b.Text)
		if b.Table != nil {
			t := Table{slices.Clone(b.Table.Columns), make([][]string, len(b.Table.Rows))}
			for j := range t.Columns {
				t.Columns[j].Head = f(t.Columns[j].Head)
			}
			for j, row := range b.Table.Rows {
				t.Rows[j] = each(row)
			}
			b.Table = &t
		}
		d.Blocks[i] = b
	}
	return d
}

// Texts are all texts that the document shows; a name without a value is not.
func (d Document) Texts() []string {
	var all []string
	d.Head = slices.DeleteFunc(slices.Clone(d.Head), func(p Pair) bool { return p.Value == "" })
	d.mapped(func(s string) string {
		if s != "" {
			all = append(all, s)
		}
		return s
	})
	return all
}
