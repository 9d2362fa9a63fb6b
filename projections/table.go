package projections

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
)

// A table is one table of a model. Every row begins with its generation.
type table struct {
	name string
	cols []string // without gen; the key first
	keys int      // how many of them are the key, beside gen
	sums int      // how many at the end add up where the row is there already
}

// chunks are how many rows one statement writes, largest first: few texts to
// prepare, and few calls for many rows.
var chunks = []int{64, 8, 1}

// maxChunk is the largest of them.
const maxChunk = 64

// insert is the statement that writes n rows over those with the same key. To
// SQLite "$1" is a name, and it looks names up one by one: with a thousand of
// them that takes longer than the write. It gets the same text with "?".
func (t table) insert(n int, unnamed bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "INSERT INTO %s (gen, %s) VALUES ", t.name, strings.Join(t.cols, ", "))
	width := len(t.cols) + 1
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		if unnamed {
			b.WriteString("(?" + strings.Repeat(", ?", width-1) + ")")
		} else {
			b.WriteString(placeholders(i*width+1, width))
		}
	}
	fmt.Fprintf(&b, " ON CONFLICT (gen, %s) DO ", strings.Join(t.cols[:t.keys], ", "))
	if t.keys == len(t.cols) {
		return b.String() + "NOTHING"
	}
	b.WriteString("UPDATE SET ")
	for i, c := range t.cols[t.keys:] {
		if i > 0 {
			b.WriteString(", ")
		}
		if t.keys+i >= len(t.cols)-t.sums {
			fmt.Fprintf(&b, "%s = %s.%s + excluded.%s", c, t.name, c, c)
		} else {
			fmt.Fprintf(&b, "%s = excluded.%s", c, c)
		}
	}
	return b.String()
}

// selectKeys is the statement that reads n rows by their key, which is one
// column.
func (t table) selectKeys(n int) string {
	return fmt.Sprintf("SELECT %s FROM %s WHERE gen = $1 AND %s IN %s",
		strings.Join(t.cols, ", "), t.name, t.cols[0], placeholders(2, n))
}

// placeholders writes "($3, $4)" for 3 and 2.
func placeholders(from, n int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	b.WriteByte(')')
	return b.String()
}

// write puts rows down in chunks. A row is given as pointers to its columns.
func (t table) write(ctx context.Context, w tx, gen int64, rows [][]any) error {
	args := make([]any, 0, maxChunk*(len(t.cols)+1))
	for len(rows) > 0 {
		n := chunk(len(rows))
		args = args[:0]
		for _, row := range rows[:n] {
			args = append(args, gen)
			for _, p := range row {
				args = append(args, value(p))
			}
		}
		if err := clean(args); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		if _, err := w.exec(ctx, t.statement(n, w.unnamed), args...); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		rows = rows[n:]
	}
	return nil
}

// chunk is how many of so many rows the next statement takes.
func chunk(rows int) int {
	for _, n := range chunks {
		if n <= rows {
			return n
		}
	}
	return rows
}

// clean refuses text that PostgreSQL cannot hold, on both engines alike.
func clean(args []any) error {
	for _, a := range args {
		if s, ok := a.(string); ok && strings.IndexByte(s, 0) >= 0 {
			return fmt.Errorf("%w: a text with a NUL", ErrPoison)
		}
	}
	return nil
}

// statements are the texts of insert, each written once.
var statements sync.Map

// statementKey names one of them.
type statementKey struct {
	table   string
	n       int
	unnamed bool
}

// statement is insert, written once.
func (t table) statement(n int, unnamed bool) string {
	key := statementKey{t.name, n, unnamed}
	if s, ok := statements.Load(key); ok {
		return s.(string)
	}
	s := t.insert(n, unnamed)
	statements.Store(key, s)
	return s
}

// read hands rows with these keys to scan.
func (t table) read(ctx context.Context, w tx, gen int64, keys []string, scan func(*sql.Rows) error) error {
	for len(keys) > 0 {
		n := chunk(len(keys))
		args := []any{gen}
		for _, k := range keys[:n] {
			args = append(args, k)
		}
		if err := w.query(ctx, scan, t.selectKeys(n), args...); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		keys = keys[n:]
	}
	return nil
}

// clear deletes up to so many rows of generations before one, and returns how
// many.
func (t table) clear(ctx context.Context, w tx, before int64, most int) (int64, error) {
	key := "gen, " + strings.Join(t.cols[:t.keys], ", ")
	text := fmt.Sprintf("DELETE FROM %s WHERE (%s) IN (SELECT %s FROM %s WHERE gen < $1 LIMIT $2)", t.name, key, key, t.name)
	return w.exec(ctx, text, before, most)
}
