// Package ledger makes tampering with the event store visible. One RFC 6962
// Merkle tree (SHA-256) stands over the exact stored bytes of every event in
// commit order; a sealer signs its root as a checkpoint, and keeps checkpoints
// away from the events. Outside it speaks C2SP formats only: signed-note,
// tlog-checkpoint, tlog-proof, tlog-tiles, tlog-cosignature, tlog-witness and
// tlog-policy, so an inspector can check with software that we did not write.
//
// Life of a proof:
//
//  1. A command is appended. The ledger is not on that path: Receipts signs
//     leaf hash and time from what was appended, and the worker keeps it.
//  2. Log.Run takes the event from the subscription into the tree (tree.go).
//  3. Twice a second at most it signs the root and swaps the checkpoint into
//     its own store (seal.go, folder.go), where a second sealer would lose.
//  4. Witnesses cosign it (client.go, witness.go), over HTTP or by file.
//  5. Log.Exchange turns the receipt into an inclusion proof (prove.go).
//  6. Policy.VerifyInclusion and its sisters check it, with the raw event, the
//     proof and a policy file alone (policy.go, verify.go).
//
// The tree is derived: lost or damaged, it is built again from the events.
// What the ledger does not prove is written in docs/trust.md.
package ledger

import "errors"

// Sentinels. Every wrapping error says what was found, where, and what to do.
var (
	// ErrRolledBack says that the store holds fewer events than a checkpoint
	// covers, or that the log is behind what a witness has seen: an old backup
	// was restored. Nothing may be appended to such a store.
	ErrRolledBack = errors.New("events are missing that a checkpoint covers")
	// ErrRewritten says that events are not those that a checkpoint covers.
	// A wrapped Mismatch names the first one where its hash was at hand.
	ErrRewritten = errors.New("events differ from those that a checkpoint covers")
	// ErrMoved says that another sealer has put a checkpoint in place. This
	// one must stop: find out why there are two.
	ErrMoved = errors.New("another sealer has moved the checkpoint on")
	// ErrNoCheckpoint says that the checkpoint store is empty, so that nothing
	// shows whether the events are all there.
	ErrNoCheckpoint = errors.New("there is no checkpoint")
	// ErrExists says that there is a checkpoint, or a key file, already.
	ErrExists = errors.New("it exists already")
	// ErrPending says that an event is on record and not yet under a
	// checkpoint. Ask again in a second.
	ErrPending = errors.New("not yet sealed")
	// ErrBusy says that another process has the tree open: one that seals.
	ErrBusy = errors.New("another process seals this log")
	// ErrReadOnly says that the log was opened without a signer.
	ErrReadOnly = errors.New("the log was opened without a signing key")
	// ErrExposed says that somebody else than its owner can get at a key.
	ErrExposed = errors.New("key is open to others")
	// ErrMalformed says that bytes are not in the one form in which they are
	// written. Nothing in them may be relied on.
	ErrMalformed = errors.New("not in canonical form")
	// ErrUntrusted says that signatures do not satisfy the policy.
	ErrUntrusted = errors.New("signatures do not satisfy the policy")
	// ErrNotProven says that a proof does not lead to the signed root.
	ErrNotProven = errors.New("proof does not hold")
	// ErrMissing says that a signed receipt names an event that a later
	// checkpoint does not cover: the operator's two signatures disagree.
	ErrMissing = errors.New("event of a signed receipt is not on record")
	// ErrDamaged says that stored ledger data cannot be read as it was
	// written, and cannot be derived again.
	ErrDamaged = errors.New("ledger data is damaged")
)
