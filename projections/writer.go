package projections

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A writer is the one connection that writes. It keeps its statements
// prepared, which database/sql does only outside of its own transactions, so
// it begins and commits by hand.
type writer struct {
	unnamed bool               // the engine wants its many parameters without names
	fault   func(string) error // of a test: before each statement, and after COMMIT

	mu    sync.Mutex
	conn  *sql.Conn // nil: open one first
	stmts map[string]*sql.Stmt
}

// tx is the writer inside one transaction.
type tx struct{ *writer }

// update runs f in one transaction. Every error rolls it back. After an error
// of the commit itself nobody knows; the checkpoint says so, which is part of
// the transaction.
func (d *DB) update(ctx context.Context, f func(tx) error) error {
	w := &d.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		conn, err := d.pool.Conn(ctx)
		if err != nil {
			return err
		}
		w.conn, w.stmts = conn, map[string]*sql.Stmt{}
	}
	if _, err := w.conn.ExecContext(ctx, d.engine.begin); err != nil {
		return errors.Join(err, w.drop())
	}
	err := guard(func() error { return f(tx{w}) })
	if err == nil {
		err = w.commit(ctx)
	}
	if err != nil {
		w.rollback()
		return errors.Join(err, ctx.Err())
	}
	return nil
}

// commit ends the transaction well. When the connection breaks in the middle of
// it, the caller cannot know what happened; whoever takes the lease next reads
// the checkpoint, which was in the same transaction.
func (w *writer) commit(ctx context.Context) error {
	if err := w.failing("COMMIT"); err != nil {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return err
	}
	return w.failing("committed")
}

// failing is where a test lets things go wrong.
func (w *writer) failing(what string) error {
	if w.fault == nil {
		return nil
	}
	return w.fault(what)
}

// guard makes an error of a panic. A fold that panics would do so again.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: the program failed: %v", ErrPoison, r)
		}
	}()
	return f()
}

// rollback ends a transaction that failed, also when its context has ended.
// A connection that cannot do that is given up, with what it had begun.
func (w *writer) rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := w.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		w.drop() // it is of no more use, whatever it says
	}
}

// drop gives the connection up; the next transaction opens another one. It is
// not given back to the pool: where BEGIN was cut off, it may have begun all the
// same, and whoever got it next could begin nothing, for ever.
func (w *writer) drop() error {
	if w.conn == nil {
		return nil
	}
	for _, s := range w.stmts {
		s.Close() // of a connection that ends anyway
	}
	w.conn.Raw(func(any) error { return driver.ErrBadConn })
	err := w.conn.Close()
	w.conn, w.stmts = nil, nil
	if errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// stmt is a statement prepared once for as long as the connection lives.
func (t tx) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := t.stmts[text]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("%w in %.80q", err, text)
	}
	t.stmts[text] = s
	return s, nil
}

// exec runs a statement and returns how many rows it touched.
func (t tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if err := t.failing(text); err != nil {
		return 0, err
	}
	s, err := t.stmt(ctx, text)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// query runs a statement and hands each row to scan.
func (t tx) query(ctx context.Context, scan func(*sql.Rows) error, text string, args ...any) error {
	s, err := t.stmt(ctx, text)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	return each(rows, scan)
}

// each hands every row to scan and closes the rows.
func each(rows *sql.Rows, scan func(*sql.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
