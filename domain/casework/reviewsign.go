package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"leeway/domain"
	"leeway/domain/review"
)

// Worth is what a signature under a determination is worth, and whether keys of
// persons are registered at all: then none but a registered one goes on record.
// An error means that it cannot be told, and keeps the signature off the record.
type Worth func(text string, s review.Signature, person string) (worth string, registered bool, err error)

// Under is a signature under a determination with what it is of. Counts says
// that it is the determination that counts now.
type Under struct {
	review.Signature
	Statement review.Statement // what it must be of, by the record
	Counts    bool
	Worth     string // one of domain.SignatureSigned and so on; empty: nobody has looked
}

// ToSign is what somebody would sign of the determination that counts. The
// error wraps domain.ErrNotFound where there is none, or none for this person.
func (v *Reviews) ToSign(ctx context.Context, as Identity, id string) (review.Statement, error) {
	r, entries, err := v.load(ctx, id)
	if err != nil {
		return review.Statement{}, err
	}
	if !r.Exists() || !r.Sees(as.who()) || as.Role == review.Worker || as.Role == review.Unit {
		return review.Statement{}, noReview(id)
	}
	return toSign(r, entries, as.Person, as.Role)
}

func toSign(r *review.Review, entries []reviewEntry, person string, role review.Role) (review.Statement, error) {
	if r.Determination == nil {
		return review.Statement{}, domain.Deny(domain.ErrNotFound, "review %s has no determination that counts", "", r.ID)
	}
	digest, err := recordDigest(entries, r.Determination.At.Revision)
	if err != nil {
		return review.Statement{}, err
	}
	return r.Statement(r.Determination, digest, person, role), nil
}

// recordDigest is the SHA-256 of the stored bytes of a review's events up to and
// with a revision, each followed by a line feed: what one gets from the files of
// an evidence package.
func recordDigest(entries []reviewEntry, last int64) (string, error) {
	sum := sha256.New()
	for _, e := range entries {
		if e.Revision > last {
			break
		}
		b, err := e.Encode()
		if err != nil {
			return "", err
		}
		sum.Write(append(b, '\n')) // a hash never fails
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Signatures are those under every determination of a review, each with what it
// must be of, for who may read the whole file.
func (v *Reviews) Signatures(ctx context.Context, as Identity, id string) ([]Under, error) {
	r, entries, err := v.load(ctx, id)
	if err != nil {
		return nil, err
	}
	if !r.Exists() || !r.Sees(as.who()) || as.Role == review.Worker || as.Role == review.Unit {
		return nil, noReview(id)
	}
	var list []Under
	for _, d := range r.Decisions() {
		digest, err := recordDigest(entries, d.At.Revision)
		if err != nil {
			return nil, err
		}
		for _, s := range r.SignaturesOf(d.At.ID) {
			u := Under{Signature: s, Statement: r.Statement(d, digest, s.At.Actor.Person, s.At.As), Counts: d == r.Determination}
			if v.Worth != nil {
				u.Worth, _ = v.worth(u.Statement, s)
			}
			list = append(list, u)
		}
	}
	return list, nil
}

// worth holds a signature against what it must be of. Where that cannot be told
// the worth is that of an unknown key.
func (v *Reviews) worth(of review.Statement, s review.Signature) (worth string, err error) {
	text, err := of.Text()
	if err != nil {
		return domain.SignatureFalse, nil
	}
	if s.Digest != of.Digest {
		return domain.SignatureFalse, nil
	}
	worth, registered, err := v.Worth(text, s, of.Person)
	if err != nil {
		return domain.SignatureUnknown, err
	}
	if registered && worth == domain.SignatureUnknown {
		err = review.Refuse(review.GuardSigned, "let the office register his public key first (policies.approvers)", "the key of %s is not registered as his", of.Person)
	}
	return worth, err
}

// takes refuses a signature that is to go on record and does not hold, or is not
// by a key that is registered for who signs. What the guards refuse anyway is
// theirs to say.
func (v *Reviews) takes(ctx context.Context, by domain.Actor, id string, e *review.Signed) error {
	r, entries, err := v.load(ctx, id)
	if err != nil || r.Determination == nil || r.Determination.At.ID != e.Decision || e.Key == "" || e.Signature == "" {
		return err
	}
	if v.Worth == nil {
		return domain.Deny(domain.ErrRefused, "signatures cannot be checked here", "use a program that can")
	}
	of, err := toSign(r, entries, by.Person, e.As)
	if err != nil {
		return err
	}
	worth, err := v.worth(of, review.Signature{Decision: e.Decision, Digest: e.Digest, Key: e.Key, Line: e.Signature})
	switch {
	case worth == domain.SignatureFalse:
		return review.Refuse(review.GuardSigned, "sign the text that the review gives out now, as this person and in this role", "the signature of %s does not hold for this determination", by.Person)
	case err != nil:
		return fmt.Errorf("signature of %s: %w", by.Person, err)
	}
	return nil
}
