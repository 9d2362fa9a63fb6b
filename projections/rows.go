package projections

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// A set is the rows of one table as a fold sees them: it works in memory, and
// what it changed is written with the checkpoint.
type set interface {
	of() table
	load(ctx context.Context, w tx, gen int64) error  // reads the rows that were wanted
	flush(ctx context.Context, w tx, gen int64) error // writes what changed
	forget()                                          // drops what a transaction that failed would have written
}

// appended is a table whose rows a fold only adds. Rows with one key are one
// row, the later over the earlier, or added up where the table has sums. They
// are written in the order of the key: neighbours in an index are then written
// together, whatever order the events came in.
type appended[R any] struct {
	table
	rows []R
}

// appendedIn is such a table, with so many key columns and sums.
func appendedIn[R any](name string, keys, sums int) appended[R] {
	return appended[R]{table: tableOf[R](name, keys, sums)}
}

// of is the table.
func (a *appended[R]) of() table { return a.table }

// add puts a row with those that the next flush writes.
func (a *appended[R]) add(r R) { a.rows = append(a.rows, r) }

// load has nothing to read.
func (a *appended[R]) load(context.Context, tx, int64) error { return nil }

// flush writes the rows, each key once.
func (a *appended[R]) flush(ctx context.Context, w tx, gen int64) error {
	list := make([][]any, len(a.rows))
	for i := range a.rows {
		list[i] = columnsOf(&a.rows[i])
	}
	slices.SortStableFunc(list, a.compare)
	// A statement must not meet one key twice.
	rows := list[:0]
	for _, row := range list {
		if n := len(rows); n > 0 && a.compare(rows[n-1], row) == 0 {
			a.merge(rows[n-1], row)
		} else {
			rows = append(rows, row)
		}
	}
	err := a.table.write(ctx, w, gen, rows)
	a.forget()
	return err
}

// forget drops them.
func (a *appended[R]) forget() {
	clear(a.rows) // they may hold much
	a.rows = a.rows[:0]
}

// replaced is a table whose rows all belong to an owner, their first column,
// and are written anew when he changes: what he has no more goes.
type replaced[R any] struct {
	appended[R]
	owners []string
}

// replacedIn is such a table.
func replacedIn[R any](name string, keys int) replaced[R] {
	return replaced[R]{appended: appendedIn[R](name, keys, 0)}
}

// replace gives an owner other rows.
func (p *replaced[R]) replace(owner string, rows []R) {
	p.owners = append(p.owners, owner)
	p.rows = append(p.rows, rows...)
}

// drop takes away all that an owner had, what is not written yet as well.
func (p *replaced[R]) drop(owner string) {
	p.rows = slices.DeleteFunc(p.rows, func(r R) bool { return *columnsOf(&r)[0].(*string) == owner })
	p.replace(owner, nil)
}

// flush deletes what the owners had and writes what they have.
func (p *replaced[R]) flush(ctx context.Context, w tx, gen int64) error {
	text := "DELETE FROM " + p.name + " WHERE gen = $1 AND " + p.cols[0] + " = $2"
	for _, owner := range p.owners {
		if _, err := w.exec(ctx, text, gen, owner); err != nil {
			return err
		}
	}
	p.owners = p.owners[:0]
	return p.appended.flush(ctx, w, gen)
}

// forget drops both.
func (p *replaced[R]) forget() {
	p.owners = p.owners[:0]
	p.appended.forget()
}

// kept is a table whose rows a fold reads and changes, by a key of one column.
// Rows that were read stay in memory, up to cacheRows; a row is written when
// it is not as it was.
type kept[R comparable] struct {
	table
	rows   map[string]*keptRow[R]
	wanted []string
	used   []*keptRow[R] // since the last flush
}

// keptRow is a row as the fold has it and as the table has it.
type keptRow[R comparable] struct {
	now, stored R
	used        bool
}

// keptIn is such a table.
func keptIn[R comparable](name string) kept[R] {
	return kept[R]{table: tableOf[R](name, 1, 0)}
}

// cacheRows is how many rows of a table stay in memory between batches. A test
// makes it small.
var cacheRows = 12_000

// of is the table.
func (k *kept[R]) of() table { return k.table }

// want says that the fold is going to read a row.
func (k *kept[R]) want(key string) {
	if _, ok := k.rows[key]; !ok {
		k.wanted = append(k.wanted, key)
	}
}

// get is the row with a key, to be changed in place; it must have been wanted.
// A row that is not there is the zero value, and is written once it is not.
func (k *kept[R]) get(key string) *R {
	r := k.rows[key]
	if r == nil {
		panic("a row of " + k.name + " was not wanted")
	}
	if !r.used {
		r.used = true
		k.used = append(k.used, r)
	}
	return &r.now
}

// load reads all wanted rows with few statements, before the fold begins.
func (k *kept[R]) load(ctx context.Context, w tx, gen int64) error {
	if len(k.wanted) == 0 {
		return nil
	}
	if k.rows == nil {
		k.rows = map[string]*keptRow[R]{}
	}
	slices.Sort(k.wanted)
	keys := slices.Compact(k.wanted)
	k.wanted = k.wanted[:0]
	for _, key := range keys {
		k.rows[strings.Clone(key)] = &keptRow[R]{}
	}
	return k.read(ctx, w, gen, keys, func(rows *sql.Rows) error {
		var r R
		columns := columnsOf(&r)
		if err := rows.Scan(columns...); err != nil {
			return err
		}
		row := k.rows[*columns[0].(*string)]
		row.now, row.stored = r, r
		return nil
	})
}

// flush writes the rows that are not as they were read.
func (k *kept[R]) flush(ctx context.Context, w tx, gen int64) error {
	var changed [][]any
	for _, r := range k.used {
		if r.now != r.stored {
			changed = append(changed, columnsOf(&r.now))
			r.stored = r.now
		}
		r.used = false
	}
	clear(k.used)
	k.used = k.used[:0]
	if len(k.rows) > cacheRows {
		k.rows = nil
	}
	slices.SortFunc(changed, k.compare)
	return k.table.write(ctx, w, gen, changed)
}

// forget drops all that is in memory; the next load reads it again.
func (k *kept[R]) forget() {
	k.rows, k.wanted, k.used = nil, nil, nil
}
