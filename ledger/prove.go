package ledger

import (
	"context"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
	"leeway/eventstore"
)

// Proven is an event with its proof, all that Policy.VerifyInclusion needs.
type Proven struct {
	Data  []byte // raw event
	Index int64
	Proof []byte // tlog-proof text
}

// Prove makes the inclusion proof of an event, under the newest checkpoint
// that satisfies the policy, or the newest one where none covers it yet. The
// proof has been verified before it is handed out. ErrPending: no checkpoint
// covers the event yet. ErrRewritten: what was read is not what was sealed.
func (l *Log) Prove(r eventstore.Recorded) (Proven, error) {
	i, err := l.tree.index(r.Position)
	if err != nil {
		return Proven{}, err
	}
	s, c, err := l.covering(i)
	if err != nil {
		return Proven{}, err
	}
	return l.proveUnder(s, c, i, r)
}

// proveUnder makes the proof that an event is number i under a checkpoint.
func (l *Log) proveUnder(s Sealed, c Checkpoint, i int64, r eventstore.Recorded) (Proven, error) {
	leaf := tlog.RecordHash(r.Data)
	if sealed, err := l.leaf(i); err != nil || sealed != leaf {
		if err == nil {
			err = &Mismatch{i, sealed, leaf, &r}
		}
		return Proven{}, err
	}
	path, err := tlog.ProveRecord(c.Size, i, l.tree)
	if err != nil {
		return Proven{}, domain.Within(err, "event %d", i)
	}
	if err := checkRecord(c, i, leaf, path); err != nil {
		return Proven{}, domain.Deny(ErrNotProven, "the stored tree is damaged at event %d", "open the log without Quick to have it built anew", i)
	}
	text := proof.TLogProof{Index: uint64(i), Checkpoint: s.Note}
	for _, h := range path {
		text.Hashes = append(text.Hashes, h)
	}
	return Proven{r.Data, i, text.Marshal()}, nil
}

// covering is the checkpoint to prove event i under: one with a quorum if it
// reaches that far, since a proof under it convinces more people.
func (l *Log) covering(i int64) (Sealed, Checkpoint, error) {
	l.mu.Lock()
	last, complete := l.last, l.complete
	l.mu.Unlock()
	for _, s := range []Sealed{complete, last} {
		if s.Seq == 0 {
			continue
		}
		c, err := ParseCheckpoint(s.Note)
		if err != nil {
			return Sealed{}, Checkpoint{}, err
		}
		if i < c.Size {
			return s, c, nil
		}
	}
	return Sealed{}, Checkpoint{}, domain.Deny(ErrPending, "no checkpoint covers event %d", "", i)
}

// Exchange turns a receipt into the proofs of its events. ErrPending: wait a
// second. ErrMissing: an event of the receipt is not on record, or not with
// the bytes that were signed; that is for the discipline office.
func (l *Log) Exchange(ctx context.Context, receipt []byte) ([]Proven, error) {
	t, err := l.cfg.Policy.VerifyReceipt(receipt)
	if err != nil {
		return nil, err
	}
	// All or nothing: a receipt half exchanged would look like one that holds.
	var proofs []Proven
	for _, e := range t.Events {
		r, err := l.event(ctx, t.Stream, e.Revision)
		if err != nil {
			return nil, err
		}
		if tlog.RecordHash(r.Data) != e.Leaf {
			return nil, domain.Deny(ErrMissing, "revision %d of %s is event %s with other bytes than the receipt of command %s signs", "", e.Revision, t.Stream, r.ID, t.Command)
		}
		p, err := l.Prove(r)
		if err != nil {
			return nil, err
		}
		proofs = append(proofs, p)
	}
	return proofs, nil
}

// event reads one event. A stream that ends before it is ErrMissing, a read
// that fails is the store's error: not knowing is not missing.
func (l *Log) event(ctx context.Context, stream string, revision int64) (eventstore.Recorded, error) {
	for r, err := range l.cfg.Store.Read(ctx, stream, revision) {
		return r, err
	}
	return eventstore.Recorded{}, domain.Deny(ErrMissing, "%s has no revision %d", "", stream, revision)
}

// Request asks a witness that has seen old events of this log to cosign the
// newest checkpoint. Request.Marshal is the file to carry to it. A witness
// that has seen more than this log holds is ErrRolledBack.
func (l *Log) Request(old int64) (Request, error) {
	s := l.Latest()
	c, err := ParseCheckpoint(s.Note)
	if err != nil {
		return Request{}, err
	}
	if old < 0 || old > c.Size {
		return Request{}, rolledBack("the witness has seen %d events, the newest checkpoint of %s covers %d", old, c.Origin, c.Size)
	}
	r := Request{Old: old, Checkpoint: s.Note}
	if old == 0 || old == c.Size {
		return r, nil
	}
	between, err := tlog.ProveTree(c.Size, old, l.tree)
	r.Proof = between
	return r, err
}
