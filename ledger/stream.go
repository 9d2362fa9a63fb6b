package ledger

import (
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
	"leeway/eventstore"
)

// LeafHashes gives the hash of an event by index, as it was when the
// checkpoint was made: from exported tiles, or from a backup. They need not be
// trusted: a root mismatch is blamed on an index only where all of them
// together lead to the signed root.
type LeafHashes func(index int64) (tlog.Hash, error)

// Mismatch is an ErrRewritten that names the event that is not what the
// checkpoint covers.
type Mismatch struct {
	Index     int64
	Want, Got tlog.Hash
	Event     *eventstore.Recorded // which one it is; nil where only bytes are at hand
}

func (m *Mismatch) denial() error {
	if r := m.Event; r != nil {
		return rewrote("event %d (%s, %s, revision %d of %s) has hash %s, sealed was %s", m.Index, r.ID, r.Type, r.Revision, r.Stream, m.Got, m.Want)
	}
	return rewrote("event %d has hash %s, sealed was %s", m.Index, m.Got, m.Want)
}

// Error gives the index, both hashes and what to do.
func (m *Mismatch) Error() string { return m.denial().Error() }

// Unwrap makes every Mismatch an ErrRewritten.
func (m *Mismatch) Unwrap() error { return ErrRewritten }

// Parts are what there is to say of it.
func (m *Mismatch) Parts() domain.Parts { return m.denial().(domain.Explained).Parts() }

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
			return domain.Within(err, "event %d", got.size)
		}
		if got.size == c.Size {
			break
		}
		leaf := tlog.RecordHash(data)
		if leaves != nil {
			sealed, err := leaves(got.size)
			if err != nil {
				return domain.Within(err, "hash of event %d", got.size)
			}
			if sealed != leaf && first == nil {
				first = &Mismatch{Index: got.size, Want: sealed, Got: leaf}
			}
			scratch = want.add(sealed, scratch[:0])
		}
		scratch = got.add(leaf, scratch[:0])
	}
	switch {
	case got.size < c.Size:
		return rolledBack("there are %d events, the checkpoint of %s covers %d", got.size, c.Origin, c.Size)
	case got.root() == c.Root:
		return nil
	case first != nil && want.root() == c.Root:
		return first
	}
	return rewrote("the root of %d events is %s, signed was %s; which event it is, leaf hashes that lead to the signed root would tell (tiles, a backup, a witness)",
		c.Size, got.root(), c.Root)
}
