// Package evidence takes a case or a review out of a ledger as one file that
// anybody can verify without the server, and verifies it.
//
// A package is a zip of plain files, stored and not compressed, with the same
// bytes for the same content: the raw events with an inclusion proof each, the
// checkpoint with its signatures and the public keys that made them, the bytes
// of the rule packs, the determination document of a review, and a report in
// Chinese and English of what is in it. It holds no program.
//
// Life of a verification:
//
//  1. The zip is read within limits; nothing is unpacked to disk (zip.go).
//  2. The checkpoint is held against the verifier's policy, which comes from
//     somebody else than the operator.
//  3. Every event is hashed from its raw bytes and proven under the checkpoint,
//     and each stream must run from revision 0 without a gap (check.go).
//  4. Everything that follows from events, proofs, checkpoint and packs is made
//     anew, the zip itself among it, and must be equal to the byte (package.go).
//  5. Every replay on record is run again with the packs inside, on what it says
//     it read, and its trace compared byte by byte (replays.go).
//
// What a verification does not prove is part of its result.
package evidence

import "errors"

// Kinds of package.
const (
	OfCase   = "case"
	OfReview = "review"
)

// Format is the version of the package's layout.
const Format = "leeway-evidence.v1"

// ErrUnsupported says that a package was made by a program that this one does
// not know: its format, a trace format or an engine. It is neither good nor bad
// evidence; verify it with the program that is named.
var ErrUnsupported = errors.New("made by another program, which this one cannot stand in for")

// ErrAltered says that a package is not as it was made. Nothing in it may be
// relied on. Where an event is at fault, a *Changed names it.
var ErrAltered = errors.New("package is not as it was made")
