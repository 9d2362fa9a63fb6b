package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"leeway/eventstore"
)

// A group is what shares one transaction: so many batches, or so many bytes
// of data and the batch that passes the mark.
const (
	groupBatches = 512
	groupBytes   = 8 << 20
)

// fault stands between the writer and each of its steps in tests. It may call
// do, or fail before it or after it.
type fault func(step string, do func() error) error

// writer owns the writing connection. Its goroutine alone uses it.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	stmts statements
	scan  scanner
	now   func() time.Time
	fault fault
	bell  *bell
	end   eventstore.Position // of the last transaction
	queue chan *request       // closed when no more appends come
	ended chan struct{}       // closed when the goroutine has answered them all
	// reason is why the store refuses writes. It is set once.
	reason atomic.Pointer[error]
}

// request is one append that waits for its turn. Whoever sets taken first
// decides what becomes of it: the writer, that it will be carried out, or a
// caller whose context has ended, that it will not. So an append that returns
// the context's error has certainly not happened.
type request struct {
	batch  eventstore.Batch
	taken  atomic.Bool
	answer chan answer // with room for one, so that the writer never waits
}

type answer struct {
	last int64
	err  error
}

func startWriter(db *sql.DB, conn *sql.Conn, set settings, b *bell) (*writer, error) {
	w := &writer{
		db: db, conn: conn, now: set.now, fault: set.fault, bell: b,
		queue: make(chan *request, groupBatches),
		ended: make(chan struct{}),
	}
	if w.fault == nil {
		w.fault = func(_ string, do func() error) error { return do() }
	}
	var err error
	if w.stmts, err = prepareStatements(conn); err != nil {
		return nil, err
	}
	go w.run()
	return w, nil
}

// append puts a batch in the queue and waits for its answer.
func (w *writer) append(ctx context.Context, b eventstore.Batch) (int64, error) {
	if err := w.refusal(); err != nil {
		return 0, err
	}
	r := &request{batch: b, answer: make(chan answer, 1)}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case a := <-r.answer:
		return a.last, a.err
	case <-ctx.Done():
	}
	// The caller wants to leave, and may if the writer has not begun.
	if r.taken.CompareAndSwap(false, true) {
		return 0, ctx.Err() // the writer will pass it over
	}
	a := <-r.answer
	return a.last, a.err
}

// poisoned returns why the store refuses writes, or nil.
func (w *writer) poisoned() error {
	if p := w.reason.Load(); p != nil {
		return *p
	}
	return nil
}

// refusal is what an append is told once the store is poisoned.
func (w *writer) refusal() error {
	if reason := w.poisoned(); reason != nil {
		return fmt.Errorf("%w (restart to go on): %w", eventstore.ErrPoisoned, reason)
	}
	return nil
}

// run answers requests until the queue is closed.
func (w *writer) run() {
	defer close(w.ended)
	for r := range w.queue {
		w.answer(w.gather(r))
	}
}

// gather takes everything that waits, and leaves out who has given up. It
// never waits for more: a lone append is committed at once, and under load the
// group grows by itself, with what comes while the one before is being synced.
func (w *writer) gather(first *request) []*request {
	var group []*request
	size := 0
	take := func(r *request) {
		if r.taken.CompareAndSwap(false, true) {
			group = append(group, r)
			for _, e := range r.batch.Events {
				size += len(e.Data)
			}
		}
	}
	// Whoever was answered a moment ago may have more. Letting him run first
	// makes the group a third larger, and costs nothing when nobody waits.
	runtime.Gosched()
	take(first)
	for len(group) < groupBatches && size < groupBytes {
		select {
		case r, ok := <-w.queue:
			if !ok {
				return group
			}
			take(r)
		default:
			return group
		}
	}
	return group
}

// answer stores a group and answers everyone in it. After a failure nobody is
// told that his batch is in, and nobody that it was refused either: a refusal
// may have rested on a batch of the same group.
func (w *writer) answer(group []*request) {
	if len(group) == 0 {
		return
	}
	answers := make([]answer, len(group))
	err := w.refusal()
	if err == nil {
		err = w.store(group, answers)
	}
	if err == nil {
		w.bell.ring(w.end)
	}
	for i, r := range group {
		if err != nil {
			answers[i] = answer{err: err}
		}
		r.answer <- answers[i]
	}
}

// store runs one transaction for a group. It fails for all or for none; the
// refusal of a single batch is no failure but an answer.
func (w *writer) store(group []*request, answers []answer) error {
	err := w.exec("begin", w.stmts.begin)
	if code := primaryCode(err); code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED {
		// Nothing has been written, so nothing is uncertain.
		return fmt.Errorf("%w: a program that does not respect the lock file is writing: %w", eventstore.ErrLocked, err)
	}
	if err == nil {
		err = w.transact(group, answers)
	}
	if err == nil {
		return nil
	}
	w.poison(err)
	// Whether this succeeds changes nothing: what was not committed is rolled
	// back at the latest when the store is opened again.
	w.conn.ExecContext(context.Background(), "ROLLBACK")
	return w.refusal()
}

// transact does what lies between begin and the end of the transaction. The
// end of the store is read from the file each time and not kept in memory, so
// that what is written always follows what is there.
func (w *writer) transact(group []*request, answers []answer) error {
	var head int64
	if err := w.stmts.head.QueryRow().Scan(&head); err != nil {
		return fmt.Errorf("read the end of the store: %w", explain(err))
	}
	t := transaction{writer: w, next: head + 1, created: w.now()}
	for i, r := range group {
		last, err := t.append(r.batch)
		if failed := (failure{}); errors.As(err, &failed) {
			return failed.err
		}
		answers[i] = answer{last: last, err: err}
	}
	if t.next == head+1 {
		return w.exec("rollback", w.stmts.rollback) // nothing was written, so nothing needs an fsync
	}
	if err := w.exec("head", w.stmts.setHead, t.next-1); err != nil {
		return err
	}
	if err := w.exec("commit", w.stmts.commit); err != nil {
		return err
	}
	w.end = eventstore.Position(t.next - 1)
	return nil
}

// exec runs one step. Its error says which one it was.
func (w *writer) exec(step string, stmt *sql.Stmt, args ...any) error {
	err := w.fault(step, func() error {
		_, err := stmt.Exec(args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", step, explain(err))
	}
	return nil
}

// poison makes the store refuse writes from now on. After a failed fsync the
// system may have dropped the pages it could not write, and a second fsync
// would succeed without them: only reading the file anew tells what is there.
func (w *writer) poison(reason error) {
	reason = fmt.Errorf("%s: %w", w.now().UTC().Format(time.RFC3339), reason)
	w.reason.CompareAndSwap(nil, &reason)
}

// close answers what waits, stops the goroutine and closes the connection.
// Nobody may append any more.
func (w *writer) close() error {
	close(w.queue)
	<-w.ended
	return errors.Join(w.stmts.close(), w.conn.Close(), w.db.Close())
}
