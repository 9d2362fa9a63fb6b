package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"leeway/eventstore"
)

// A page is as much as is read at once: so many rows, or so many bytes of
// data and the row that passes the mark. Most streams fit into one. The bytes
// bound what a read holds in memory, since one event may have 16 MB.
const (
	pageRows  = 256
	pageBytes = 1 << 20
)

// queries are the statements of the reading connections. Each is one snapshot
// by itself, which is why head and ends ask for both of their numbers at once:
// asked for one after the other, an append in between would look like damage.
type queries struct {
	head   *sql.Stmt // where the store ends, as it says and by its events
	ends   *sql.Stmt // where a stream ends, by its own row and by its events
	stream *sql.Stmt // a page of a stream
	all    *sql.Stmt // a page of the store
}

func prepareQueries(db *sql.DB) (q queries, err error) {
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&q.head, `SELECT position, coalesce((SELECT max(position) FROM events), 0) FROM head WHERE one = 1`},
		{&q.ends, `SELECT coalesce((SELECT last FROM streams WHERE name = ?1), -1),
			coalesce((SELECT max(revision) FROM events WHERE stream = ?1), -1)`},
		{&q.stream, `SELECT ` + columns + ` FROM events
			WHERE stream = ? AND revision BETWEEN ? AND ? ORDER BY revision LIMIT ?`},
		{&q.all, `SELECT ` + columns + ` FROM events
			WHERE position BETWEEN ? AND ? ORDER BY position LIMIT ?`},
	} {
		if *p.stmt, err = db.Prepare(p.text); err != nil {
			return q, err
		}
	}
	return q, nil
}

// Read implements eventstore.Store. It notices a missing revision, also at the
// end of the stream, and reports it as ErrCorrupt.
func (s *Store) Read(ctx context.Context, stream string, from int64) iter.Seq2[eventstore.Recorded, error] {
	return sequence(ctx, func(emit emitter) error {
		last, err := s.last(stream)
		if err != nil {
			return err
		}
		// Only a page can come up short, by its bytes; between first and last
		// there is a row for every revision, or the stream is damaged.
		for next := max(from, 0); next <= last; {
			page, err := s.page(s.queries.stream, stream, next, last, pageRows)
			for _, r := range page {
				if r.Revision != next {
					return missing(stream, next)
				}
				if err := emit(r); err != nil {
					return err
				}
				next++
			}
			if err != nil {
				return fmt.Errorf("read stream %q at revision %d: %w", stream, next, err)
			}
			if len(page) == 0 {
				return missing(stream, next)
			}
		}
		return nil
	})
}

// All implements eventstore.Store. It notices a missing position.
func (s *Store) All(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return sequence(ctx, func(emit emitter) error {
		end, err := s.endAfter(after)
		if err != nil {
			return err
		}
		return s.forward(after, end, emit)
	})
}

// Subscribe implements eventstore.Store. It also ends, with ErrClosed, when
// the store is closed.
func (s *Store) Subscribe(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return sequence(ctx, func(emit emitter) error {
		// The bell rings for appends of this Store alone. A reader has to look
		// for those of another process.
		var tick <-chan time.Time
		if s.poll > 0 {
			t := time.NewTicker(s.poll)
			defer t.Stop()
			tick = t.C
		}
		for at, first := after, true; ; first = false {
			rung, end := s.bell.wait() // before looking, see wait
			// The bell tells where the store ends, so that nobody has to ask the
			// file after each group. It cannot tell whether a position is one of
			// this store, nor of another process' writer.
			if first || end <= at {
				var err error
				if end, err = s.endAfter(at); err != nil {
					return err
				}
			}
			if err := s.forward(at, end, emit); err != nil {
				return err
			}
			at = end
			select {
			case <-rung:
			case <-tick:
			case <-s.gate.closed:
				return eventstore.ErrClosed
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
}

// endAfter is the end of the store, for who is at a position of it.
func (s *Store) endAfter(at eventstore.Position) (eventstore.Position, error) {
	end, err := s.end()
	if err == nil && at > end {
		err = fmt.Errorf("%w: position %d lies past the end, %d, of %s", eventstore.ErrInvalid, at, end, s.path)
	}
	return end, err
}

// forward emits everything after a position up to an end. An end always lies
// between two batches, because it is written with them; events that are
// appended meanwhile are left for next time.
func (s *Store) forward(after, end eventstore.Position, emit emitter) error {
	for after < end {
		page, err := s.page(s.queries.all, int64(after)+1, int64(end), pageRows)
		for _, r := range page {
			if r.Position != after+1 {
				return fmt.Errorf("%w: no event at position %d", eventstore.ErrCorrupt, after+1)
			}
			if err := emit(r); err != nil {
				return err
			}
			after++
		}
		if err != nil {
			return fmt.Errorf("read after position %d: %w", after, err)
		}
		if len(page) == 0 {
			return fmt.Errorf("%w: no event at position %d", eventstore.ErrCorrupt, after+1)
		}
	}
	return nil
}

// end is the last position of the store. What the store says and its events
// must agree on it.
func (s *Store) end() (eventstore.Position, error) {
	if !s.gate.enter() {
		return 0, eventstore.ErrClosed
	}
	defer s.gate.leave()
	var said, found int64
	err := s.queries.head.QueryRow().Scan(&said, &found)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("%w: the store does not say where it ends", eventstore.ErrCorrupt)
	}
	if err != nil {
		return 0, fmt.Errorf("read the end of the store: %w", explain(err))
	}
	if said != found {
		return 0, fmt.Errorf("%w: the store should end at position %d and ends at %d", eventstore.ErrCorrupt, said, found)
	}
	return eventstore.Position(said), nil
}

// last is the last revision of a stream. The stream's own row and its events
// must agree on it.
func (s *Store) last(stream string) (int64, error) {
	if !s.gate.enter() {
		return 0, eventstore.ErrClosed
	}
	defer s.gate.leave()
	var said, found int64
	if err := s.queries.ends.QueryRow(stream).Scan(&said, &found); err != nil {
		return 0, fmt.Errorf("read the end of stream %q: %w", stream, explain(err))
	}
	switch {
	case said > found:
		return 0, missing(stream, found+1)
	case said < found:
		return 0, fmt.Errorf("%w: stream %q should end at revision %d and goes on to %d",
			eventstore.ErrCorrupt, stream, said, found)
	}
	return said, nil
}

// page runs a query that selects columns. What it could read comes beside the
// error that ended it, so that the caller gets everything before the damage.
// The connection is given back before anything is handed on: a caller may take
// his time, read other streams and append, and the pool does not run dry.
//
// The query does not end with the caller's context. A page takes milliseconds,
// and an interrupted one would have to be told apart from a damaged one.
func (s *Store) page(q *sql.Stmt, args ...any) (page []eventstore.Recorded, err error) {
	if !s.gate.enter() {
		return nil, eventstore.ErrClosed
	}
	defer s.gate.leave()
	rows, err := q.Query(args...)
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	return scanPage(rows, pageBytes)
}

// scanPage reads rows to their end, or to the row that passes so many bytes.
func scanPage(rows *sql.Rows, most int) (page []eventstore.Recorded, err error) {
	var sc scanner
	for size := 0; size < most && rows.Next(); {
		r, err := sc.scan(rows)
		if err != nil {
			return page, err
		}
		size += len(r.Data)
		page = append(page, r)
	}
	return page, explain(rows.Err())
}

// wholePage is no limit on the bytes of a page.
const wholePage = math.MaxInt

func missing(stream string, revision int64) error {
	return fmt.Errorf("%w: stream %q has no revision %d", eventstore.ErrCorrupt, stream, revision)
}

// emitter hands one event to whoever reads, and says when to stop.
type emitter func(eventstore.Recorded) error

// errBreak stops a walk whose caller has left the loop.
var errBreak = errors.New("the loop was left")

// sequence makes a sequence of a walk: the walk's error becomes the last pair,
// unless the loop was left, after which nothing may be yielded. The context is
// looked at before every event.
func sequence(ctx context.Context, walk func(emitter) error) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		err := ctx.Err()
		if err == nil {
			err = walk(func(r eventstore.Recorded) error {
				if err := ctx.Err(); err != nil {
					return err
				}
				if !yield(r, nil) {
					return errBreak
				}
				return nil
			})
		}
		if err != nil && err != errBreak {
			yield(eventstore.Recorded{}, err)
		}
	}
}
