package ledger

import (
	"errors"
	"fmt"
	"strings"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
)

// Verified is a checkpoint whose signatures satisfy a policy.
type Verified struct {
	Checkpoint
	Keys      []string   // the log's keys that signed it, name and key hash
	Witnesses []Cosigned // in the order of the note
	Quorum    string     // what the policy asks for, in words
}

// Cosigned is one witness' word: at that time, by its clock, this was the
// largest tree of the log that it had seen.
type Cosigned struct {
	Name string // as the policy calls it
	At   time.Time
}

// Proves says in one sentence what the checkpoint proves, for the person who
// reads the result.
func (v Verified) Proves() string {
	if len(v.Witnesses) == 0 {
		return "witnesses: 0 — this proves only that the operator agrees with himself"
	}
	var names []string
	for _, w := range v.Witnesses {
		names = append(names, w.Name+" at "+w.At.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("witnesses: %d (%s) — to rewrite what this covers, the operator and they would have to lie together",
		len(v.Witnesses), strings.Join(names, ", "))
}

// Verify checks a signed checkpoint: its one spelling, a signature by a key of
// the log, and the quorum of witnesses. The error wraps ErrMalformed or
// ErrUntrusted; the caller may then rely on nothing in it. Signatures by keys
// that the policy does not name are passed over, as C2SP demands.
func (p *Policy) Verify(signed []byte) (Verified, error) {
	v, err := p.open(signed)
	if err != nil {
		return Verified{}, err
	}
	return v, p.counted(v)
}

// VerifyBy is Verify as of a time: it counts only cosignatures that were made
// by then, so that "known on that day" rests on the witnesses' clocks. Where
// the policy asks for no witness it is no more than Verify.
func (p *Policy) VerifyBy(signed []byte, t time.Time) (Verified, error) {
	v, err := p.open(signed)
	if err != nil {
		return Verified{}, err
	}
	var then []Cosigned
	for _, w := range v.Witnesses {
		if !w.At.After(t) {
			then = append(then, w)
		}
	}
	v.Witnesses = then
	return v, p.counted(v)
}

// counted checks the quorum, and says who has signed and who is lacking.
func (p *Policy) counted(v Verified) error {
	have := make(map[string]bool)
	var names []string
	for _, w := range v.Witnesses {
		have[w.Name] = true
		names = append(names, w.Name)
	}
	if !p.satisfied(have) {
		return domain.Deny(ErrUntrusted, "checkpoint of %s at %d is cosigned by %d (%s), the policy needs %s", "ask the witnesses to sign it",
			v.Origin, v.Size, len(names), domain.List(names), v.Quorum)
	}
	return nil
}

// open checks everything but the quorum. The log itself uses it for its own
// checkpoints, which witnesses sign later.
func (p *Policy) open(signed []byte) (Verified, error) {
	text, _, err := splitNote(signed)
	if err != nil {
		return Verified{}, err
	}
	c, err := parseText(text)
	if err != nil {
		return Verified{}, err
	}
	v := Verified{Checkpoint: c, Quorum: p.need()}
	n, err := p.openNote(signed, c.Origin)
	if err != nil {
		return Verified{}, err
	}
	for _, s := range n.Sigs {
		if w, ok := p.witness(s); ok {
			at, err := fnote.CoSigV1Timestamp(s)
			if err != nil || at.Before(time.Unix(0, 0)) {
				return Verified{}, domain.Deny(ErrMalformed, "cosignature of %s has no time", "", w)
			}
			v.Witnesses = append(v.Witnesses, Cosigned{w, at.UTC()})
			continue
		}
		v.Keys = append(v.Keys, fmt.Sprintf("%s+%08x", s.Name, s.Hash))
	}
	if len(v.Keys) == 0 {
		return Verified{}, domain.Deny(ErrUntrusted, "no key of log %s has signed; the policy names %s", "", c.Origin, p.origins())
	}
	return v, nil
}

// openNote verifies the signatures of a note by the keys of one log and by
// the witnesses. A known key with a wrong signature spoils the whole note.
func (p *Policy) openNote(signed []byte, origin string) (*note.Note, error) {
	var known []note.Verifier
	for _, l := range p.logs {
		if l.Name() == origin {
			known = append(known, l)
		}
	}
	for _, w := range p.witnesses {
		known = append(known, w.verifier)
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		var wrong *note.InvalidSignatureError
		if errors.As(err, &wrong) {
			return nil, domain.Deny(ErrUntrusted, "the signature of key %s does not fit the text", "", keyID(wrong.Name, wrong.Hash))
		}
		return nil, domain.Deny(ErrUntrusted, "no key that the policy names has signed (log %.80s; the policy names %s)", "", origin, p.origins())
	}
	return n, nil
}

// witness finds the witness of the policy that made a signature. A signature is
// a witness' or the log's by its key alone, never by its name.
func (p *Policy) witness(s note.Signature) (name string, ok bool) {
	for _, w := range p.witnesses {
		if w.verifier.Name() == s.Name && w.verifier.KeyHash() == s.Hash {
			return w.name, true
		}
	}
	return "", false
}

// origins lists the log keys of the policy, for an error.
func (p *Policy) origins() string {
	var names []string
	for _, l := range p.logs {
		names = append(names, fmt.Sprintf("%s+%08x", l.Name(), l.KeyHash()))
	}
	return strings.Join(names, ", ")
}

// Inclusion is what an inclusion proof has shown: the event stands at Index
// among the events that the checkpoint covers.
type Inclusion struct {
	Verified
	Index int64
}

// VerifyInclusion checks a tlog-proof for the raw bytes of an event. It takes
// one spelling only and no "extra" line, which nothing authenticates. The
// error wraps ErrMalformed, ErrUntrusted or ErrNotProven.
func (p *Policy) VerifyInclusion(text, event []byte) (Inclusion, error) {
	t, err := parseProof(text)
	if err != nil {
		return Inclusion{}, err
	}
	v, err := p.Verify(t.Checkpoint)
	if err != nil {
		return Inclusion{}, err
	}
	in := Inclusion{v, int64(t.Index)}
	return in, checkRecord(v.Checkpoint, in.Index, tlog.RecordHash(event), hashesOf(t.Hashes))
}

// parseProof reads a tlog-proof and takes no other spelling of it. The library
// that reads it is lenient about line ends and base64, so what it read is
// written again and must give the same bytes.
func parseProof(text []byte) (t proof.TLogProof, err error) {
	if err := t.Unmarshal(text); err != nil {
		return t, domain.Deny(ErrMalformed, "it is no tlog-proof of C2SP", "")
	}
	if t.ExtraData != nil || len(t.Hashes) > maxProof || int64(t.Index) < 0 || string(t.Marshal()) != string(text) {
		return t, domain.Deny(ErrMalformed, "proof has an unauthenticated line, too many hashes or another spelling", "")
	}
	return t, nil
}

// maxProof is the most hashes that a proof over any tree can have.
const maxProof = 63

// hashesOf gives the hashes of a proof the type that tlog wants.
func hashesOf(raw [][32]byte) tlog.RecordProof {
	out := make(tlog.RecordProof, len(raw))
	for i := range raw {
		out[i] = raw[i]
	}
	return out
}

// checkRecord checks an inclusion proof against a root. The index is part of
// what is proven: the same proof does not hold for another one.
func checkRecord(c Checkpoint, index int64, leaf tlog.Hash, p tlog.RecordProof) error {
	if err := tlog.CheckRecord(p, c.Size, c.Root, index, leaf); err != nil {
		return domain.Deny(ErrNotProven, "event with hash %s is not number %d of the %d events under the checkpoint", "", leaf, index, c.Size)
	}
	return nil
}

// VerifyConsistency checks that the history under one checkpoint goes on under
// another: nothing that the old one covers was changed or taken out. Both must
// satisfy the policy. Request carries such a proof.
func (p *Policy) VerifyConsistency(old, signed []byte, between []tlog.Hash) (before, after Verified, err error) {
	before, err1 := p.Verify(old)
	after, err2 := p.Verify(signed)
	if err := errors.Join(err1, err2); err != nil {
		return before, after, err
	}
	if before.Origin != after.Origin {
		return before, after, domain.Deny(ErrNotProven, "two logs, %s and %s", "", before.Origin, after.Origin)
	}
	return before, after, checkGrowth(before.Checkpoint, after.Checkpoint, between)
}

// checkGrowth checks a consistency proof between two trees of one log. Every
// tree goes on from the empty one, without proof; tlog does not know that case.
func checkGrowth(old, grown Checkpoint, p tlog.TreeProof) error {
	empty := (&frontier{}).root()
	switch {
	case old.Size == 0 && (len(p) > 0 || grown.Size == 0 && grown.Root != empty || old.Root != empty):
		return domain.Deny(ErrNotProven, "an empty tree has one root and needs no proof", "")
	case old.Size == 0:
		return nil
	}
	if err := tlog.CheckTree(p, grown.Size, grown.Root, old.Size, old.Root); err != nil {
		return domain.Deny(ErrNotProven, "the tree of %d events does not go on from the one of %d", "", grown.Size, old.Size)
	}
	return nil
}
