package ledger

import (
	"fmt"
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"leeway/eventstore"
)

// LeafHashes gives the hash of an event by index, as it was when the
// checkpoint was made: from exported tiles, or from a backup. They need not be
// trusted: a root mismatch is blamed on an index only where all of them
// together lead to the signed root.
type LeafHashes func(index int64) (tlog.Hash, error)

// Mismatch names an event that is not what the checkpoint covers.
type Mismatch struct {
	Index     int64
	Want, Got tlog.Hash
}

// Error gives the index and both hashes.
func (m *Mismatch) Error() string {
	return fmt.Sprintf("event %d has hash %s, sealed was %s", m.Index, m.Got, m.Want)
}

// Data reduces what a store yields to the raw bytes that the tree is over.
func Data(events iter.Seq2[eventstore.Recorded, error]) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for r, err := range events {
			if !yield(r.Data, err) || err != nil {
				return
			}
		}
	}
}

// VerifyEvents hashes raw events, from the first one in commit order, and
// compares their root with a verified checkpoint; it stops where the
// checkpoint does. It trusts no stored hash. Nil means that every covered byte
// is as it was sealed. ErrRolledBack: the events end early. ErrRewritten: they
// differ; where leaves are at hand (nil is allowed), a *Mismatch names the
// first. A read error comes back as it is and says nothing about the rest.
func VerifyEvents(c Checkpoint, events iter.Seq2[[]byte, error], leaves LeafHashes) error {
	var got, want frontier
	var first *Mismatch
	var scratch []tlog.Hash
	for data, err := range events {
		if err != nil {
			return fmt.Errorf("event %d: %w", got.size, err)
		}
		if got.size == c.Size {
			break
		}
		leaf := tlog.RecordHash(data)
		if leaves != nil {
			sealed, err := leaves(got.size)
			if err != nil {
				return fmt.Errorf("hash of event %d: %w", got.size, err)
			}
			if sealed != leaf && first == nil {
				first = &Mismatch{got.size, sealed, leaf}
			}
			scratch = want.add(sealed, scratch[:0])
		}
		scratch = got.add(leaf, scratch[:0])
	}
	switch {
	case got.size < c.Size:
		return fmt.Errorf("%w: there are %d, the checkpoint of %s covers %d", ErrRolledBack, got.size, c.Origin, c.Size)
	case got.root() == c.Root:
		return nil
	case first != nil && want.root() == c.Root:
		return fmt.Errorf("%w: %w", ErrRewritten, first)
	}
	return fmt.Errorf("%w: the root of %d events is %s, signed was %s; which event it is, leaf hashes that lead to the signed root would tell (tiles, a backup, a witness)",
		ErrRewritten, c.Size, got.root(), c.Root)
}
