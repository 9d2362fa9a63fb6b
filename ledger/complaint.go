package ledger

import (
	"iter"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
)

// MaxDelay is how long an event may be on record without a checkpoint that
// covers it. After that its receipt proves a broken promise.
const MaxDelay = 60 * time.Second

// Complaint is what somebody puts forward who holds a receipt and believes
// that its event is gone. Whoever judges needs nothing of the operator but what
// the operator has signed, and the events or leaf hashes that he must be able
// to show for his own checkpoint: refusing them is an answer too.
type Complaint struct {
	Receipt    []byte
	Checkpoint []byte                      // signed, from after the receipt
	Seen       time.Time                   // when the complainant got the checkpoint; a witness' time, where there is one, counts instead
	Leaves     iter.Seq2[[]byte, error]    // raw events in commit order; or
	Hashes     iter.Seq2[tlog.Hash, error] // only their hashes, as tiles hold them
}

// Judge decides a complaint. ErrMissing means that it is proven: the operator
// signed a receipt for an event, and more than MaxDelay later a checkpoint
// that covers other events only. Nil means that every event of the receipt is
// covered. ErrPending: the checkpoint is too early to tell. ErrRewritten or
// ErrRolledBack: the events put forward are not those of the checkpoint.
func (p *Policy) Judge(c Complaint) error {
	t, err := p.VerifyReceipt(c.Receipt)
	if err != nil {
		return err
	}
	v, err := p.Verify(c.Checkpoint)
	if err != nil {
		return err
	}
	if t.Origin != v.Origin {
		return domain.Deny(ErrNotProven, "receipt of %s, checkpoint of %s", "", t.Origin, v.Origin)
	}
	missing := make(map[tlog.Hash]Received)
	for _, e := range t.Events {
		missing[e.Leaf] = e
	}
	if err := c.cover(v.Checkpoint, func(leaf tlog.Hash) { delete(missing, leaf) }); err != nil {
		return err
	}
	// A witness' clock counts before the complainant's. The latest of them
	// says how long the operator had.
	when := c.Seen
	if len(v.Witnesses) > 0 {
		when = slices.MaxFunc(v.Witnesses, func(a, b Cosigned) int { return a.At.Compare(b.At) }).At
	}
	for _, e := range t.Events {
		if _, gone := missing[e.Leaf]; !gone {
			continue
		}
		if when.Before(t.RecordedAt.Add(MaxDelay)) {
			return domain.Deny(ErrPending, "event %s was recorded at %s, the checkpoint was seen at %s", "compare with a later one",
				e.ID, t.RecordedAt.Format(recordTime), when.UTC().Format(recordTime))
		}
		return domain.Deny(ErrMissing, "event %s, revision %d of %s, recorded at %s with hash %s, is not among the %d events under the checkpoint seen at %s", "",
			e.ID, e.Revision, t.Stream, t.RecordedAt.Format(recordTime), e.Leaf, v.Size, when.UTC().Format(recordTime))
	}
	return nil
}

// cover runs over the leaf hashes of a checkpoint and makes sure that they are
// the ones that it covers: a list with the complained event left out would not
// lead to the signed root.
func (c Complaint) cover(cp Checkpoint, each func(tlog.Hash)) error {
	var f frontier
	var scratch []tlog.Hash
	hashes := c.Hashes
	if c.Leaves != nil {
		hashes = func(yield func(tlog.Hash, error) bool) {
			for data, err := range c.Leaves {
				if !yield(tlog.RecordHash(data), err) {
					return
				}
			}
		}
	}
	for leaf, err := range hashes {
		if err != nil {
			return domain.Within(err, "event %d", f.size)
		}
		if f.size == cp.Size {
			break
		}
		scratch = f.add(leaf, scratch[:0])
		each(leaf)
	}
	if f.size < cp.Size {
		return domain.Deny(ErrRolledBack, "%d events were put forward, the checkpoint covers %d", "", f.size, cp.Size)
	}
	if f.root() != cp.Root {
		return domain.Deny(ErrRewritten, "the events put forward do not lead to the signed root", "")
	}
	return nil
}
