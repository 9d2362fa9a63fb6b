package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"leeway/eventstore"
)

// statements are those of the writing connection, compiled once: on a path
// of a few dozen microseconds per event compiling would be half the work.
type statements struct {
	begin, commit, rollback  *sql.Stmt
	head, setHead            *sql.Stmt
	standing                 *sql.Stmt // all that a batch of one event is decided by
	setLast                  *sql.Stmt
	command, addCommand      *sql.Stmt
	isTaken, addEvent, batch *sql.Stmt

	all []*sql.Stmt // of the above, to be closed
}

// close closes the statements. database/sql does not do it with their
// connection, and SQLite would keep the file open for their sake.
func (s statements) close() error {
	var errs []error
	for _, stmt := range s.all {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

func prepareStatements(conn *sql.Conn) (s statements, err error) {
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&s.begin, `BEGIN IMMEDIATE`},
		{&s.commit, `COMMIT`},
		{&s.rollback, `ROLLBACK`},
		{&s.head, `SELECT position FROM head WHERE one = 1`},
		{&s.setHead, `UPDATE head SET position = ? WHERE one = 1`},
		{&s.standing, `SELECT EXISTS (SELECT 1 FROM commands WHERE id = ?),
			coalesce((SELECT last FROM streams WHERE name = ?), -1),
			EXISTS (SELECT 1 FROM events WHERE id = ?)`},
		{&s.setLast, `INSERT INTO streams (name, last) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET last = excluded.last`},
		{&s.command, `SELECT stream, first, last FROM commands WHERE id = ?`},
		{&s.addCommand, `INSERT INTO commands (id, stream, first, last) VALUES (?, ?, ?, ?)`},
		{&s.isTaken, `SELECT EXISTS (SELECT 1 FROM events WHERE id = ?)`},
		{&s.addEvent, `INSERT INTO events (` + columns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.batch, `SELECT ` + columns + ` FROM events
			WHERE stream = ? AND revision BETWEEN ? AND ? ORDER BY revision`},
	} {
		if *p.stmt, err = conn.PrepareContext(context.Background(), p.text); err != nil {
			return s, errors.Join(err, s.close())
		}
		s.all = append(s.all, *p.stmt)
	}
	return s, nil
}

// transaction appends batches between begin and commit. Each batch sees what
// the ones before it in the same group have written, though none of it is
// durable yet; that is why nobody is answered before the commit.
type transaction struct {
	*writer
	next    int64     // the position of the next event
	created time.Time // one reading of the clock for the whole group
}

// failure is an error of the database, as opposed to a refusal: it ends the
// transaction and poisons the store. Reads count as well: a database that
// cannot be read in the middle of a write is not one to write to.
type failure struct{ err error }

func (f failure) Error() string { return f.err.Error() }

func fail(format string, args ...any) error { return failure{fmt.Errorf(format, args...)} }

// append decides one batch and, when it may, writes it. Everything it can be
// refused for is looked at before the first row is written.
func (t *transaction) append(b eventstore.Batch) (int64, error) {
	at, err := t.standing(b)
	if err != nil {
		return 0, err
	}
	// The command comes before the expectation: a retry usually expects a
	// revision that its own first attempt has moved past.
	if at.command {
		return t.retry(b)
	}
	if at.last != b.Expected {
		return 0, fmt.Errorf("%w: stream %q stands at %d, not at %d", eventstore.ErrConflict, b.Stream, at.last, b.Expected)
	}
	// The index on ids would refuse a second one as well, but only in the
	// middle of the insert, where half a batch would have to be taken back.
	for i, e := range b.Events {
		if i > 0 {
			if err := t.stmts.isTaken.QueryRow(e.ID).Scan(&at.taken); err != nil {
				return 0, fail("look for event %s: %w", e.ID, explain(err))
			}
		}
		if at.taken {
			return 0, fmt.Errorf("%w: event id %s is already on record", eventstore.ErrInvalid, e.ID)
		}
	}
	return t.write(b)
}

// standing is what the file says of a batch, with what the group has appended so
// far. It trusts the stream's own row; that the events agree with it is looked
// at by Read, without which nobody decides what to append.
type standing struct {
	command bool  // is on record
	last    int64 // revision at which the stream stands
	taken   bool  // the first event's id is on record
}

// standing asks for all of it in one statement: for a batch of one event, and most
// are, what a statement costs by itself is more than what it looks for.
func (t *transaction) standing(b eventstore.Batch) (at standing, err error) {
	err = t.stmts.standing.QueryRow(b.Command, b.Stream, b.Events[0].ID).Scan(&at.command, &at.last, &at.taken)
	if err != nil {
		return at, fail("look for command %q, stream %q and event %s: %w", b.Command, b.Stream, b.Events[0].ID, explain(err))
	}
	return at, nil
}

// retry answers a command that is on record: as the first time, or not at all.
func (t *transaction) retry(b eventstore.Batch) (int64, error) {
	first, err := t.recorded(b.Command)
	if err != nil {
		return 0, err
	}
	if !first.Same(b) {
		return 0, fmt.Errorf("%w: command %q put %d events on stream %q",
			eventstore.ErrCommandReused, b.Command, len(first.Events), first.Stream)
	}
	return first.Expected + int64(len(first.Events)), nil
}

// recorded is the batch that a command put on record. A batch that is
// damaged is ErrCorrupt: whether this is a retry of it cannot be told.
func (t *transaction) recorded(command string) (*eventstore.Batch, error) {
	b := eventstore.Batch{Command: command}
	var first, last int64
	err := t.stmts.command.QueryRow(command).Scan(&b.Stream, &first, &last)
	if err != nil {
		return nil, fail("look for command %q: %w", command, explain(err))
	}
	rows, err := t.stmts.batch.Query(b.Stream, first, last)
	if err != nil {
		return nil, fail("read command %q: %w", command, explain(err))
	}
	defer rows.Close()
	// The events themselves are compared, not a digest of them: what is on
	// record is the only witness of what the command asked for.
	page, err := scanPage(rows, wholePage)
	if err != nil {
		return nil, fmt.Errorf("read command %q: %w", command, err)
	}
	if n := int64(len(page)); n != last-first+1 {
		return nil, fmt.Errorf("%w: of command %q on stream %q %d events are left, there were %d",
			eventstore.ErrCorrupt, command, b.Stream, n, last-first+1)
	}
	b.Expected = first - 1
	for _, r := range page {
		b.Events = append(b.Events, r.Event)
	}
	return &b, nil
}

// write inserts the rows of a batch that has passed every check, so that an
// error here is an error of the disk or of the database.
func (t *transaction) write(b eventstore.Batch) (int64, error) {
	last := b.Expected + int64(len(b.Events))
	if err := t.exec("stream", t.stmts.setLast, b.Stream, last); err != nil {
		return 0, failure{err}
	}
	if err := t.exec("command", t.stmts.addCommand, b.Command, b.Stream, b.Expected+1, last); err != nil {
		return 0, failure{err}
	}
	for i, e := range b.Events {
		r := eventstore.Recorded{
			Event: e, Stream: b.Stream, Revision: b.Expected + 1 + int64(i),
			Position: eventstore.Position(t.next), Command: b.Command, Created: t.created,
		}
		if r.Data == nil {
			r.Data = []byte{} // nil would be stored as NULL
		}
		err := t.exec("event", t.stmts.addEvent, t.next, r.Stream, r.Revision, r.ID, r.Type, r.Command,
			r.Created.UnixNano(), r.Data, t.scan.sum(r))
		if err != nil {
			return 0, failure{err}
		}
		t.next++
	}
	return last, nil
}
