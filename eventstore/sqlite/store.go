// Package sqlite keeps events in one SQLite file. It is the embedded default:
// nothing to install, one writing process, any number of reading ones.
//
// Life of an append:
//
//  1. Append checks the batch and puts it in the queue.
//  2. The writer goroutine takes it, with all others that wait, and opens one
//     transaction for them (writer.go).
//  3. Each batch is decided by itself: a retry of a command gets its first
//     answer, a conflict or a taken id is refused, what passes is inserted. So
//     everything that can be refused is refused before a row is written, and
//     one refusal costs the others nothing (batch.go).
//  4. One commit, in WAL mode with synchronous=FULL, makes the group durable
//     with one fsync. Only then is anyone answered.
//  5. When a write, the fsync or the commit fails, what is on disk is
//     uncertain. Nobody is told that his batch is in, the store takes no more
//     writes, and the next process that opens it sees what is there. A retry
//     of the same command then finds out.
//
// Reads take pages of a bounded size, each with a statement of its own. Since
// a row never changes, and a read stops at the end it found when it began,
// pages of different moments fit together; and a slow reader holds neither a
// connection nor a snapshot while its caller works (read.go).
//
// The file is trusted with order and durability, not with honesty: a checksum
// per row finds a failing disk, and nothing here finds a forger. That is the
// ledger's work.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"leeway/eventstore"
)

// Store is an event store in one SQLite file. Get one from Open or OpenReader.
type Store struct {
	path    string
	reads   *sql.DB
	queries queries
	gate    gate
	bell    bell
	poll    time.Duration // how often a reader looks for what others wrote
	writer  *writer       // nil for a reader
	lock    *lock         // nil for a reader
}

var _ eventstore.Store = (*Store)(nil)

// Open opens the store at path for writing and reading, and creates it, its
// folder included, where there is none. It must be the only writer: while
// another process or another Store has it, Open fails with ErrLocked and the
// message names the holder. A file of another schema is ErrSchema, one that
// SQLite cannot read ErrCorrupt.
func Open(path string) (*Store, error) {
	return open(path, settings{busy: 10 * time.Second, now: time.Now})
}

// OpenReader opens an existing store for reading, beside its writer or without
// one. It needs write permission on the folder, where SQLite coordinates
// readers with the writer, and never changes the store's content: Append is
// ErrReadOnly. Subscribe learns of appends by looking, every 50 ms.
func OpenReader(path string) (*Store, error) {
	path, err := existing(path)
	if err != nil {
		return nil, fmt.Errorf("open %s for reading: %w", path, err)
	}
	s := &Store{path: path, gate: newGate(), poll: 50 * time.Millisecond}
	if err := s.openReads(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s for reading: %w", path, err), s.Close())
	}
	return s, nil
}

// settings are what tests turn.
type settings struct {
	busy  time.Duration // how long to wait for a foreign write lock
	now   func() time.Time
	fault fault
}

func open(path string, set settings) (*Store, error) {
	path, err := create(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s := &Store{path: path, gate: newGate()}
	if s.lock, err = acquire(path + ".lock"); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := s.openWrites(set); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), s.Close())
	}
	if err := s.openReads(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), s.Close())
	}
	return s, nil
}

// Append implements eventstore.Store. When ctx ends while the batch waits for
// its turn, it is not written; from then on Append waits for the outcome, so
// that its answer is always true. ErrLocked says that a program which does not
// respect the lock file is writing, and that nothing was stored.
func (s *Store) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	if !s.gate.enter() {
		return 0, eventstore.ErrClosed
	}
	defer s.gate.leave()
	if s.writer == nil {
		return 0, fmt.Errorf("%w: %s", eventstore.ErrReadOnly, s.path)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := b.Validate(); err != nil {
		return 0, err
	}
	return s.writer.append(ctx, b)
}

// Poisoned returns why the store refuses writes, or nil while it takes them.
func (s *Store) Poisoned() error {
	if s.writer == nil {
		return nil
	}
	return s.writer.poisoned()
}

// Close implements eventstore.Store. Reads under way end with ErrClosed. The
// lock is given back when everything else has been closed.
func (s *Store) Close() error {
	if !s.gate.shut() {
		return nil
	}
	var errs []error
	if s.reads != nil {
		errs = append(errs, s.reads.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	return errors.Join(errs...)
}

// gate lets calls in until it is shut. Shutting waits for those inside.
type gate struct {
	mu     sync.Mutex
	inside sync.WaitGroup
	closed chan struct{}
}

func newGate() gate { return gate{closed: make(chan struct{})} }

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.closed:
		return false
	default:
		g.inside.Add(1)
		return true
	}
}

func (g *gate) leave() { g.inside.Done() }

// shut reports whether it was this call that shut the gate.
func (g *gate) shut() bool {
	g.mu.Lock()
	select {
	case <-g.closed:
		g.mu.Unlock()
		return false
	default:
		close(g.closed)
		g.mu.Unlock()
	}
	g.inside.Wait()
	return true
}

// bell wakes everyone who waits for something to be appended, and tells him how
// far the store then goes.
type bell struct {
	mu   sync.Mutex
	next chan struct{}
	end  eventstore.Position // of the last ring, or Start before the first
}

// wait returns a channel that the next ring closes, and the end of the last
// ring. Take both before looking: then nothing can slip in between looking and
// waiting.
func (b *bell) wait() (<-chan struct{}, eventstore.Position) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next, b.end
}

func (b *bell) ring(end eventstore.Position) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end = end
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}
