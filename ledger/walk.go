package ledger

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"leeway/eventstore"
)

// walker reads the stored tree from the left, as it was written.
type walker struct {
	hashes, places *bufio.Reader
	n              int64 // leaves read
	inner          []tlog.Hash
}

// walk reads the first size leaves, in the order of storage: each leaf, then the
// inner hashes that it completes. Nothing may be cut off meanwhile.
func (t *tree) walk(size int64) *walker {
	return &walker{
		hashes: bufio.NewReaderSize(io.NewSectionReader(t.hashes.file, 0, tlog.StoredHashCount(size)*tlog.HashSize), 1<<16),
		places: bufio.NewReaderSize(io.NewSectionReader(t.places.file, 0, size*placeSize), 1<<13),
	}
}

// next returns a leaf, the hashes that it completes, and where its event lies.
// The hashes are good until the next call.
func (w *walker) next() (leaf tlog.Hash, inner []tlog.Hash, place eventstore.Position, err error) {
	inner = w.inner[:0]
	for i := range 1 + bits.TrailingZeros64(uint64(w.n+1)) {
		var h tlog.Hash
		if _, err := io.ReadFull(w.hashes, h[:]); err != nil {
			return leaf, nil, 0, fmt.Errorf("tree: hashes of event %d: %w", w.n, err)
		}
		if i == 0 {
			leaf = h
			continue
		}
		inner = append(inner, h)
	}
	var b [placeSize]byte
	if _, err := io.ReadFull(w.places, b[:]); err != nil {
		return leaf, nil, 0, fmt.Errorf("tree: position of event %d: %w", w.n, err)
	}
	w.n, w.inner = w.n+1, inner
	return leaf, inner, eventstore.Position(binary.BigEndian.Uint64(b[:])), nil
}

// intact reports whether the stored tree is whole up to a checkpoint and every
// hash in it leads to the signed root. If so, the tree goes on from there. It
// costs a quarter of a second for a million events, and means that the leaves
// are those that were signed, whatever has happened to the events since.
func (t *tree) intact(c Checkpoint) (bool, error) {
	if t.stored() < c.Size {
		return false, nil
	}
	var f frontier
	var made []tlog.Hash
	last := eventstore.Start
	for w := t.walk(c.Size); f.size < c.Size; {
		leaf, inner, place, err := w.next()
		if err != nil {
			return false, err
		}
		made = f.add(leaf, made[:0])
		for i, h := range inner {
			if h != made[i+1] {
				return false, nil
			}
		}
		if place <= last {
			return false, nil // positions grow
		}
		last = place
	}
	if f.root() != c.Root {
		return false, nil
	}
	return true, t.restore(c.Size)
}
