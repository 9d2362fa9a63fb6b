package ledger

import (
	"context"
	"fmt"
	"iter"

	"leeway/domain"
	"leeway/eventstore"
)

// A Prefix is the beginning of a store: its first so many events in commit
// order. What came later is not there, whatever time it claims, so that a view
// of a day cannot be helped by hindsight. It takes no writes.
type Prefix struct {
	eventstore.Store
	last eventstore.Position // of the newest event that is shown
}

// Prefix is the store as it was when it held size events. More than the log
// has taken in is ErrPending.
func (l *Log) Prefix(size int64) (Prefix, error) {
	if n, _ := l.tree.size(); size < 0 || size > n {
		return Prefix{}, domain.Deny(ErrPending, "there are %d events, not %d", "", n, size)
	}
	last, err := l.tree.placeOf(size - 1)
	return Prefix{l.cfg.Store, last}, err
}

// Append implements eventstore.Store and refuses.
func (p Prefix) Append(context.Context, eventstore.Batch) (int64, error) {
	return 0, fmt.Errorf("%w: it is shown as it once was", eventstore.ErrReadOnly)
}

// Read implements eventstore.Store.
func (p Prefix) Read(ctx context.Context, stream string, from int64) iter.Seq2[eventstore.Recorded, error] {
	return p.until(p.Store.Read(ctx, stream, from))
}

// All implements eventstore.Store.
func (p Prefix) All(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return p.until(p.Store.All(ctx, after))
}

// Subscribe implements eventstore.Store: there is nothing to wait for, so that
// it ends with the prefix.
func (p Prefix) Subscribe(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return p.All(ctx, after)
}

func (p Prefix) until(events iter.Seq2[eventstore.Recorded, error]) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for r, err := range events {
			if err == nil && r.Position > p.last || !yield(r, err) {
				return
			}
		}
	}
}
