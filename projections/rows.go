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
// row, the later over the earlier, or added up where the table has sums.
type appended[R any] struct {
	table
	fields func(*R) []any        // where the columns lie in a row
	order  func(a, b R) int      // of the key, by which rows are written
	merge  func(into *R, more R) // for sums
	rows   []R
}

func (a *appended[R]) of() table                             { return a.table }
func (a *appended[R]) add(r R)                               { a.rows = append(a.rows, r) }
func (a *appended[R]) load(context.Context, tx, int64) error { return nil }
func (a *appended[R]) forget()                               { a.rows = a.rows[:0] }

func (a *appended[R]) flush(ctx context.Context, w tx, gen int64) error {
	slices.SortStableFunc(a.rows, a.order)
	rows := a.rows[:0]
	for _, r := range a.rows {
		switch n := len(rows); {
		case n == 0 || a.order(rows[n-1], r) != 0:
			rows = append(rows, r)
		case a.merge != nil:
			a.merge(&rows[n-1], r)
		default:
			rows[n-1] = r
		}
	}
	err := a.table.write(ctx, w, gen, len(rows), func(i int) []any { return a.fields(&rows[i]) })
	clear(a.rows)
	a.rows = a.rows[:0]
	return err
}

// replaced is a table whose rows all belong to an owner, their first column,
// and are written anew when he changes: what he has no more goes.
type replaced[R any] struct {
	appended[R]
	owners []string
}

func (p *replaced[R]) replace(owner string, rows []R) {
	p.owners = append(p.owners, owner)
	p.rows = append(p.rows, rows...)
}

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

func (p *replaced[R]) forget() {
	p.owners = p.owners[:0]
	p.appended.forget()
}

// kept is a table whose rows a fold reads and changes, by a key of one column.
// Rows that were read stay in memory, up to cacheRows; a row is written when
// it is not as it was.
type kept[R comparable] struct {
	table
	fields func(*R) []any // where the columns lie in a row
	key    func(R) string

	rows   map[string]*keptRow[R]
	wanted []string
	used   []*keptRow[R] // since the last flush
}

type keptRow[R comparable] struct {
	now, stored R
	used        bool
}

// cacheRows is how many rows of a table stay in memory between batches.
const cacheRows = 40_000

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
		panic("row " + key + " of " + k.name + " was not wanted")
	}
	if !r.used {
		r.used = true
		k.used = append(k.used, r)
	}
	return &r.now
}

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
		if err := rows.Scan(k.fields(&r)...); err != nil {
			return err
		}
		row := k.rows[k.key(r)]
		row.now, row.stored = r, r
		return nil
	})
}

func (k *kept[R]) flush(ctx context.Context, w tx, gen int64) error {
	var changed []R
	for _, r := range k.used {
		if r.now != r.stored {
			changed = append(changed, r.now)
			r.stored = r.now
		}
		r.used = false
	}
	clear(k.used)
	k.used = k.used[:0]
	slices.SortFunc(changed, func(a, b R) int { return strings.Compare(k.key(a), k.key(b)) })
	if len(k.rows) > cacheRows {
		k.rows = nil
	}
	return k.table.write(ctx, w, gen, len(changed), func(i int) []any { return k.fields(&changed[i]) })
}

func (k *kept[R]) forget() {
	k.rows, k.wanted, k.used = nil, nil, nil
}
