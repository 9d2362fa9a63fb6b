package ledger

import (
	"context"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
	"leeway/eventstore"
)

// rolledBack is ErrRolledBack with the way out, as the person reads it who is on
// duty.
func rolledBack(why string, args ...any) error {
	return domain.Deny(ErrRolledBack, why, "the store was probably put back from an old backup: do not write to it; put back the newest backup, and if there is none with all events, keep this store, the checkpoints and the receipts as evidence and report the loss", args...)
}

// rewrote is ErrRewritten with the way out.
func rewrote(why string, args ...any) error {
	return domain.Deny(ErrRewritten, why, "do not write to the store: keep it and the checkpoints as evidence, put back a backup that verifies, and report the change; a receipt or proof in a worker's hand shows what was on record", args...)
}

// check holds the store against the last checkpoint, and the stored tree
// against both. The stored tree decides nothing: where it does not lead to
// the signed root it is dropped and built again.
func (l *Log) check(ctx context.Context, c Checkpoint) error {
	intact, err := l.tree.intact(c)
	if err == nil {
		switch {
		case !intact:
			err = l.rebuild(ctx, c)
		case l.cfg.Quick && l.newestFits(ctx, c):
			return nil
		default:
			err = l.compare(ctx, c)
		}
	}
	return err
}

// rebuild makes the tree anew from the events, and compares its root on the
// way. It is the slow path of a lost or damaged folder, and no alarm.
func (l *Log) rebuild(ctx context.Context, c Checkpoint) error {
	if err := l.tree.restore(0); err != nil {
		return err
	}
	keep := func(yield func(eventstore.Recorded, error) bool) {
		n := int64(0)
		for r, err := range l.cfg.Store.All(ctx, eventstore.Start) {
			if err == nil && n < c.Size {
				err = l.keep(r)
			}
			if n++; !yield(r, err) || err != nil {
				return
			}
		}
	}
	return VerifyEvents(c, Data(keep), nil)
}

// compare hashes every sealed event again. The stored leaves are intact, so
// the first that differs is named. Positions only say where an event lies: if
// they alone differ, the events moved to another store, and the tree is built
// again for it.
func (l *Log) compare(ctx context.Context, c Checkpoint) error {
	// The tree is read beside the store, both from the left, so that a million
	// events need no lookups.
	w, moved := l.tree.walk(c.Size), false
	var leaf tlog.Hash
	watch := func(yield func(eventstore.Recorded, error) bool) {
		for r, err := range l.cfg.Store.All(ctx, eventstore.Start) {
			if err == nil && w.n < c.Size {
				var place eventstore.Position
				leaf, _, place, err = w.next()
				moved = moved || place != r.Position
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
	err := VerifyEvents(c, Data(watch), func(int64) (tlog.Hash, error) { return leaf, nil })
	var m *Mismatch
	switch {
	case errors.As(err, &m):
		l.describe(ctx, m)
	case err == nil && moved:
		return l.rebuild(ctx, c)
	}
	return err
}

// describe adds which event it is that differs, as the store calls it: an index
// alone sends nobody to a case.
func (l *Log) describe(ctx context.Context, m *Mismatch) {
	n := int64(0)
	for r, err := range l.cfg.Store.All(ctx, eventstore.Start) {
		if err != nil {
			return // the mismatch is the news
		}
		if n == m.Index {
			m.Event = &r
			return
		}
		n++
	}
}

// newestFits reports whether the newest sealed event is where it was and what
// it was. If not, or if it cannot be read, comparing them all tells why.
func (l *Log) newestFits(ctx context.Context, c Checkpoint) bool {
	if c.Size == 0 {
		return true
	}
	before, err1 := l.tree.placeOf(c.Size - 2)
	place, err2 := l.tree.placeOf(c.Size - 1)
	leaf, err3 := l.leaf(c.Size - 1)
	if errors.Join(err1, err2, err3) != nil {
		return false
	}
	for r, err := range l.cfg.Store.All(ctx, before) {
		return err == nil && r.Position == place && tlog.RecordHash(r.Data) == leaf
	}
	return false
}

// flushEvery is how many leaves a catch-up keeps in memory, about 5 MB.
const flushEvery = 1 << 16

// keep takes an event and writes what has piled up. Only a catch-up needs it;
// Run flushes with every checkpoint.
func (l *Log) keep(r eventstore.Recorded) error {
	l.tree.take(r)
	if n, _ := l.tree.size(); n%flushEvery == 0 {
		_, _, err := l.tree.head()
		return err
	}
	return nil
}
