package projections

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
)

// Ask names the page of a list that is wanted. The zero Ask is the first one.
type Ask struct {
	Cursor string // Next of the page before; none: from the beginning
	Limit  int    // rows; none: 50, at most 500
}

// Page is one page of a list. A row that changes between two pages may be
// missed or seen twice, one that stays is seen once.
type Page[R any] struct {
	Rows []R    `json:"rows"`
	Next string `json:"next,omitempty"` // none: there is nothing after it
}

// Limits of a page.
const (
	pageRows    = 50
	maxPageRows = 500
)

// rows is the limit in its bounds. A limit out of them is no mistake worth an
// error: the page is as large as pages get.
func (a Ask) rows() int {
	if a.Limit <= 0 {
		return pageRows
	}
	return min(a.Limit, maxPageRows)
}

// last lies after every day and moment.
const last = int64(math.MaxInt64)

// A question is one query that a screen asks. Its text runs on both engines.
type question struct {
	name   string
	model  string // projection whose rows it shows, and whose being built it waits for
	worker bool   // a case worker may ask it
	text   string
}

// A place is where a page ended: the columns that the list is ordered by.
type place []any

// cursor writes a place for the client. It holds nothing but values that the
// page showed.
func (q *question) cursor(p place) string {
	return base64.RawURLEncoding.EncodeToString([]byte(toJSON(append(place{q.name}, p...))))
}

// from reads a cursor back; none is the place in front of the list. Numbers
// and texts must stand where that one has them. A cursor is not signed here: a
// forged one turns to another page of what the same question shows anyway.
func (q *question) from(cursor string, front place) (place, error) {
	if cursor == "" {
		return front, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	var raw []json.RawMessage
	if err != nil || json.Unmarshal(b, &raw) != nil || len(raw) != len(front)+1 {
		return nil, ErrCursor
	}
	var name string
	if json.Unmarshal(raw[0], &name) != nil || name != q.name {
		return nil, ErrCursor
	}
	at := make(place, len(front))
	for i, want := range front {
		switch want.(type) {
		case int64:
			var n int64
			err = json.Unmarshal(raw[i+1], &n)
			at[i] = n
		default:
			var s string
			err = json.Unmarshal(raw[i+1], &s)
			at[i] = s
		}
		if err != nil {
			return nil, ErrCursor
		}
	}
	return at, nil
}

// pages asks for one page: one row more than wanted tells whether there is
// another page. The parameters are those given, the place, and the limit.
func pages[R any](ctx context.Context, d *DB, by listing[R], a Ask, args ...any) (Page[R], error) {
	var page Page[R]
	q := by.question
	at, err := q.from(a.Cursor, by.front)
	if err != nil {
		return page, fmt.Errorf("%w: %s", err, q.name)
	}
	n := a.rows()
	page.Rows, err = all(ctx, d, q, by.scan, append(append(args, at...), n+1)...)
	if err == nil && len(page.Rows) > n {
		page.Rows = page.Rows[:n]
		page.Next = q.cursor(by.place(page.Rows[n-1]))
	}
	return page, err
}

// listing is how a list is walked.
type listing[R any] struct {
	question *question
	front    place         // in front of the first row
	place    func(R) place // of a row
	scan     func(*sql.Rows, *R) error
}

// of is the same walk through the answer to another question.
func (l listing[R]) of(q *question) listing[R] {
	l.question = q
	return l
}

// all asks a question and reads every row. ErrNotBuilt says that there are
// none because the model has not been built yet: an empty list would be taken
// for an answer.
func all[R any](ctx context.Context, d *DB, q *question, scan func(*sql.Rows, *R) error, args ...any) ([]R, error) {
	var list []R
	rows, err := d.read.QueryContext(ctx, q.text, args...)
	if err == nil {
		err = each(rows, func(rows *sql.Rows) error {
			var r R
			err := scan(rows, &r)
			list = append(list, r)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.name, err)
	}
	if len(list) > 0 {
		return list, nil
	}
	c, err := d.checkpointOf(ctx, q.model)
	if err == nil && c.live == 0 {
		err = ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.name, err)
	}
	return nil, nil
}
