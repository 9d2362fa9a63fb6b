package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
)

// Request is what a log puts before a witness: the newest checkpoint, and the
// proof that it goes on from the Old events which the witness saw last. It is
// the body of the tlog-witness protocol, and the file that is carried where
// there is no network.
type Request struct {
	Old        int64
	Proof      []tlog.Hash
	Checkpoint []byte // signed
}

// Marshal writes the request as the tlog-witness protocol has it.
func (r Request) Marshal() []byte {
	b := fmt.Appendf(nil, "old %d\n", r.Old)
	for _, h := range r.Proof {
		b = fmt.Appendf(b, "%s\n", h)
	}
	return append(append(b, '\n'), r.Checkpoint...)
}

// ParseRequest reads a request and takes no other spelling of it. Nothing in
// it is verified. The error wraps ErrMalformed.
func ParseRequest(b []byte) (Request, error) {
	head, signed, found := bytes.Cut(b, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	size, ok := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseInt(size, 10, 64)
	if !found || !ok || err != nil || old < 0 || len(lines)-1 > maxProof {
		return Request{}, domain.Deny(ErrMalformed, "witness request begins with %.80q", "", lines[0])
	}
	r := Request{Old: old, Checkpoint: signed}
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return Request{}, domain.Deny(ErrMalformed, "witness request has hash %.80q", "", line)
		}
		r.Proof = append(r.Proof, h)
	}
	if !bytes.Equal(r.Marshal(), b) {
		return Request{}, domain.Deny(ErrMalformed, "witness request is spelled otherwise than C2SP does", "")
	}
	return r, nil
}

// AddCosignatures puts the lines with which a witness answered under the
// checkpoint of that size, in the store. Lines by keys that the policy does
// not name are passed over; a known key whose signature is wrong, or no known
// key at all, is ErrUntrusted. It returns the checkpoint as it now stands.
func (l *Log) AddCosignatures(ctx context.Context, size int64, lines []byte) (Sealed, error) {
	l.sealing.Lock()
	defer l.sealing.Unlock()
	s, err := l.checkpointOf(ctx, size)
	if err != nil {
		return Sealed{}, err
	}
	text, _, err := splitNote(s.Note)
	if err != nil {
		return Sealed{}, err
	}
	more, err := l.cfg.Policy.cosignatures(text, lines)
	if err != nil {
		return Sealed{}, err
	}
	if s.Note, err = addSignatures(s.Note, more); err != nil {
		return Sealed{}, err
	}
	if err := l.cfg.Checkpoints.Cosign(ctx, s); err != nil {
		return Sealed{}, err
	}
	l.cosigned(s, size)
	return s, nil
}

// cosigned takes note of new signatures under a checkpoint. Answers may come in
// any order; the newest checkpoint with a quorum stays the one to prove under.
func (l *Log) cosigned(s Sealed, size int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last.Seq == s.Seq {
		l.last = s
	}
	if _, err := l.cfg.Policy.Verify(s.Note); err != nil || s.Seq < l.complete.Seq {
		return
	}
	l.complete = s
}

// checkpointOf finds the newest checkpoint of a size. A witness may answer hours
// after newer ones were sealed; sizes never shrink, so the search ends early.
func (l *Log) checkpointOf(ctx context.Context, size int64) (Sealed, error) {
	for s, err := range l.cfg.Checkpoints.Back(ctx, l.Latest().Time) {
		if err != nil {
			return Sealed{}, err
		}
		c, err := ParseCheckpoint(s.Note)
		if err != nil {
			return Sealed{}, err
		}
		if c.Size == size {
			return s, nil
		}
		if c.Size < size {
			break
		}
	}
	return Sealed{}, domain.Deny(ErrNoCheckpoint, "none is of %d events", "", size)
}

// cosignatures are the lines that witnesses of the policy have signed under a
// checkpoint text. What somebody else sent along is left out, so a witness
// cannot put lines under a checkpoint that it did not sign itself.
func (p *Policy) cosignatures(text string, lines []byte) ([]note.Signature, error) {
	msg := append([]byte(text+"\n"), lines...)
	if _, _, err := splitNote(msg); err != nil {
		return nil, err
	}
	var known []note.Verifier
	for _, w := range p.witnesses {
		known = append(known, w.verifier)
	}
	n, err := note.Open(msg, note.VerifierList(known...))
	if err != nil {
		return nil, domain.Deny(ErrUntrusted, "the answer is not signed by a witness of the policy", "")
	}
	return n.Sigs, nil
}

// SeenBy is how many events were under the newest checkpoint that a witness of
// the policy has cosigned, 0 where there is none: a request goes on from there.
// Without a name it is any witness.
func (l *Log) SeenBy(ctx context.Context, witness string) (int64, error) {
	if witness != "" && !l.cfg.Policy.known(witness) {
		return 0, domain.Deny(ErrUntrusted, "the policy names no witness %q", "", witness)
	}
	last := l.Latest()
	for s, err := range l.cfg.Checkpoints.Back(ctx, last.Time) {
		if err != nil {
			return 0, err
		}
		if s.Seq <= last.Seq-lookBack {
			break
		}
		v, err := l.cfg.Policy.open(s.Note)
		if err != nil {
			return 0, domain.Within(err, "checkpoint %d", s.Seq)
		}
		for _, w := range v.Witnesses {
			if witness == "" || w.Name == witness {
				return v.Size, nil
			}
		}
	}
	return 0, nil
}

// AddAnswer is AddCosignatures for the file that a witness gives back: the
// checkpoint as it was asked about, with the witness' lines under it. A
// checkpoint with another root than this log's of that size is ErrRewritten.
func (l *Log) AddAnswer(ctx context.Context, answer []byte) (Sealed, error) {
	text, lines, err := splitNote(answer)
	if err != nil {
		return Sealed{}, err
	}
	c, err := parseText(text)
	if err != nil {
		return Sealed{}, err
	}
	s, err := l.checkpointOf(ctx, c.Size)
	if err != nil {
		return Sealed{}, err
	}
	if own, err := ParseCheckpoint(s.Note); err != nil || own != c {
		return Sealed{}, errors.Join(err, domain.Deny(ErrRewritten, "the answer is about %d events of %s with root %s, this log has another root", "", c.Size, c.Origin, c.Root))
	}
	var block []byte
	for _, line := range lines {
		block = append(block, signatureLine(line)...)
	}
	return l.AddCosignatures(ctx, c.Size, block)
}
