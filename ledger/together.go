package ledger

import (
	"bytes"

	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
	"leeway/eventstore"
)

// ProveTogether makes the inclusion proofs of several events under one and the
// same checkpoint, which it returns with its signatures: the newest that
// satisfies the policy, or the newest of all where that one does not reach far
// enough. ErrPending: no checkpoint covers them all yet.
func (l *Log) ProveTogether(events []eventstore.Recorded) (Sealed, []Proven, error) {
	most := int64(-1)
	at := make([]int64, len(events))
	for i, r := range events {
		var err error
		if at[i], err = l.tree.index(r.Position); err != nil {
			return Sealed{}, nil, err
		}
		most = max(most, at[i])
	}
	s, c, err := l.covering(most)
	if err != nil {
		return Sealed{}, nil, err
	}
	// Lines by keys that nobody here knows prove nothing to anybody.
	if s.Note, _, err = l.cfg.Policy.Signed(s.Note); err != nil {
		return Sealed{}, nil, err
	}
	proofs := make([]Proven, len(events))
	for i, r := range events {
		if proofs[i], err = l.proveUnder(s, c, at[i], r); err != nil {
			return Sealed{}, nil, err
		}
	}
	return s, proofs, nil
}

// Includes checks a tlog-proof for the raw bytes of an event as
// Policy.VerifyInclusion does, under the one checkpoint that v was verified
// from: signed must be its bytes. Signatures are so checked once for many
// proofs. The error wraps ErrMalformed or ErrNotProven.
func (v Verified) Includes(signed, text, event []byte) (index int64, err error) {
	t, err := parseProof(text)
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(t.Checkpoint, signed) {
		return 0, domain.Deny(ErrNotProven, "the proof is under another checkpoint", "")
	}
	index = int64(t.Index)
	return index, checkRecord(v.Checkpoint, index, tlog.RecordHash(event), hashesOf(t.Hashes))
}

// LeafHash is the hash under which an event stands in the tree, as receipts and
// errors write it.
func LeafHash(event []byte) tlog.Hash { return tlog.RecordHash(event) }
