package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
	"leeway/eventstore"
)

const placeSize = 8 // bytes of a stored position

// tree is the Merkle tree as derived data: every hash in tlog's storage order,
// and the position of every event, so that an event finds its index. Neither
// file is ever synced: what a crash leaves is checked against the checkpoint
// by whoever opens it, and thrown away where it does not fit.
type tree struct {
	lock *os.File // of the folder; the kernel releases it with the process

	mu      sync.Mutex
	hashes  column
	places  column
	edge    frontier
	last    eventstore.Position // of the newest event in the tree
	scratch []tlog.Hash
}

// openTree opens the files in a folder, or keeps the tree in memory where dir
// is "". It is empty until restore says how much of them to believe.
func openTree(ctx context.Context, dir string) (*tree, error) {
	t := &tree{}
	if dir == "" {
		t.hashes.file, t.places.file = new(volatile), new(volatile)
		return t, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := t.alone(ctx, dir); err != nil {
		return nil, err
	}
	for name, c := range map[string]*column{"hashes": &t.hashes, "places": &t.places} {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("tree: %w", err), t.close())
		}
		c.file = f
		if c.size, err = f.Seek(0, io.SeekEnd); err != nil {
			return nil, errors.Join(fmt.Errorf("tree: %w", err), t.close())
		}
	}
	return t, nil
}

// treePatience is how long a process waits for the tree: a command that seals
// what it recorded has it for a moment.
const treePatience = 5 * time.Second

// alone takes the lock of the folder, or says that another process has it.
// Two writers of one tree would write over each other.
func (t *tree) alone(ctx context.Context, dir string) (err error) {
	if t.lock, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return fmt.Errorf("tree: %w", err)
	}
	for end := time.Now().Add(treePatience); ; {
		taken, err := tryLock(t.lock)
		if taken && err == nil {
			return nil
		}
		if err == nil && time.Now().After(end) {
			err = domain.Deny(ErrBusy, "%s is in use", "", dir)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return errors.Join(err, t.lock.Close())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// close gives up the files. What is pending is lost, and derived again.
func (t *tree) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var errs []error
	for _, c := range []column{t.hashes, t.places} {
		if c.file != nil {
			errs = append(errs, c.file.Close())
		}
	}
	if t.lock != nil {
		errs = append(errs, t.lock.Close())
	}
	return errors.Join(errs...)
}

// stored is how many whole leaves the files hold.
func (t *tree) stored() int64 {
	hashes := t.hashes.size / tlog.HashSize
	n := min(t.places.size/placeSize, hashes/2+64) // a tree of n leaves has 2n hashes, less one for each bit of n
	for tlog.StoredHashCount(n) > hashes {
		n--
	}
	return n
}

// restore cuts the tree to its first n leaves and goes on from there. What lies
// behind them is not covered by a checkpoint; a crash may have left it torn, so
// it is read from the store again.
func (t *tree) restore(n int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.hashes.cut(tlog.StoredHashCount(n) * tlog.HashSize); err != nil {
		return err
	}
	if err := t.places.cut(n * placeSize); err != nil {
		return err
	}
	t.last = eventstore.Start
	if n > 0 {
		place, err := t.place(n - 1)
		if err != nil {
			return err
		}
		t.last = place
	}
	var err error
	t.edge, err = frontierAt(n, tlog.HashReaderFunc(t.read))
	return err
}

// take puts an event to the right end. Events that it has already are passed
// over, so the subscription and a catch-up may overlap.
func (t *tree) take(r eventstore.Recorded) {
	leaf := tlog.RecordHash(r.Data) // the dear part, outside the lock
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.Position <= t.last {
		return
	}
	t.scratch = t.edge.add(leaf, t.scratch[:0])
	for i := range t.scratch {
		t.hashes.tail = append(t.hashes.tail, t.scratch[i][:]...)
	}
	t.places.tail = binary.BigEndian.AppendUint64(t.places.tail, uint64(r.Position))
	t.last = r.Position
}

// head writes what is pending and returns size and root. The root comes from the
// frontier in memory, never from the file, so a damaged file is never signed.
func (t *tree) head() (int64, tlog.Hash, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.hashes.flush(); err != nil {
		return 0, tlog.Hash{}, fmt.Errorf("tree: %w", err)
	}
	if err := t.places.flush(); err != nil {
		return 0, tlog.Hash{}, fmt.Errorf("tree: %w", err)
	}
	return t.edge.size, t.edge.root(), nil
}

// size is the number of leaves, and last the position of the newest one.
func (t *tree) size() (n int64, last eventstore.Position) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.edge.size, t.last
}

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.read(indexes)
}

// read is ReadHashes for who holds the lock.
func (t *tree) read(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if err := t.hashes.readAt(out[i][:], x*tlog.HashSize); err != nil {
			return nil, fmt.Errorf("tree: hash %d: %w", x, err)
		}
	}
	return out, nil
}

// place is the position of event i, for who holds the lock.
func (t *tree) place(i int64) (eventstore.Position, error) {
	var b [placeSize]byte
	if err := t.places.readAt(b[:], i*placeSize); err != nil {
		return 0, fmt.Errorf("tree: position of event %d: %w", i, err)
	}
	return eventstore.Position(binary.BigEndian.Uint64(b[:])), nil
}

// placeOf is the position of event i; before the first one lies Start.
func (t *tree) placeOf(i int64) (eventstore.Position, error) {
	if i < 0 {
		return eventstore.Start, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.place(i)
}

// index finds the event at a position, by halving: positions grow and have
// gaps. ErrPending: it lies behind the newest event in the tree.
func (t *tree) index(at eventstore.Position) (int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	low, high := int64(0), t.edge.size
	for low < high {
		middle := low + (high-low)/2
		place, err := t.place(middle)
		switch {
		case err != nil:
			return 0, err
		case place == at:
			return middle, nil
		case place < at:
			low = middle + 1
		default:
			high = middle
		}
	}
	if at > t.last {
		return 0, domain.Deny(ErrPending, "the event at position %d is not in the tree yet", "", at)
	}
	return 0, domain.Deny(ErrNotProven, "the tree has no event at position %d", "open the log without Quick to have it built anew", at)
}
