package casework

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/review"
)

// worthOf takes as a signature the text itself, signed by "key-PERSON".
func worthOf(registered ...string) Worth {
	return func(text string, s review.Signature, person string) (string, bool, error) {
		switch {
		case s.Line != s.Key+" "+text || s.Key != "key-"+person && s.Key != "old-"+person:
			return domain.SignatureFalse, registered != nil, nil
		case strings.Contains(strings.Join(registered, " "), s.Key):
			return domain.SignatureSigned, true, nil
		}
		return domain.SignatureUnknown, registered != nil, nil
	}
}

// signedBy is a signature of somebody under the determination that counts.
func (b *bench) signedBy(as Identity, key string) *review.Signed {
	b.t.Helper()
	st, err := b.v.ToSign(b.t.Context(), as, "R1")
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := st.Text()
	if err != nil {
		b.t.Fatal(err)
	}
	return &review.Signed{Decision: st.Decision, Digest: st.Digest, Key: key, Signature: key + " " + text}
}

// TestDeterminationIsSigned: what is signed follows from the stored bytes of the
// whole record; what does not hold stays off it, and so does a key that is not
// registered where keys are.
func TestDeterminationIsSigned(t *testing.T) {
	b := newBench(t)
	b.consulted()
	if _, err := b.v.ToSign(t.Context(), r1, "R1"); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("before the determination: %v", err)
	}
	b.step(r1, b.determined())
	if _, err := b.v.Record(t.Context(), ReviewRequest{As: r1}, "R1", b.signedBy(r1, "key-r1")); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("nobody checks signatures: %v", err)
	}
	b.v.Worth = worthOf()
	st, err := b.v.ToSign(t.Context(), head, "R1")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for r, err := range b.Store.Read(t.Context(), ReviewStream("R1"), 0) {
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(append(r.Data, '\n'))
	}
	if want := hex.EncodeToString(sum.Sum(nil)); st.Digest != want || st.Person != "h1" || st.Role != review.Head || len(st.Decided) != 1 {
		t.Errorf("to sign is %+v, the record has %s", st, want)
	}

	// A later step changes nothing of what is to be signed.
	b.step(r1, &review.Served{Person: "w1", Receipt: "S-1"})
	if again, err := b.v.ToSign(t.Context(), head, "R1"); err != nil || again.Digest != st.Digest {
		t.Errorf("after the service: %s, %v", again.Digest, err)
	}

	other := b.signedBy(r1, "key-r1")
	b.refuses(head, other, "signature") // signed by another person
	wrong := b.signedBy(head, "key-h1")
	wrong.Digest = strings.Repeat("0", 64)
	b.refuses(head, wrong, "signature")
	torn := b.signedBy(head, "key-h1")
	torn.Signature += "x"
	b.refuses(head, torn, "signature")
	b.step(head, b.signedBy(head, "key-h1"))

	b.v.Worth = worthOf("key-r1")
	b.refuses(r1, b.signedBy(r1, "old-r1"), "signature") // not the registered key
	r := b.step(r1, b.signedBy(r1, "key-r1"))
	if again, err := b.v.Record(t.Context(), ReviewRequest{Command: r.Command, As: r1}, "R1", b.signedBy(r1, "key-r1")); err != nil || again.EventID != r.EventID {
		t.Errorf("the same command again: %+v, %v", again, err)
	}
	list, err := b.v.Signatures(t.Context(), auditor, "R1")
	if err != nil || len(list) != 2 || list[0].Worth != domain.SignatureUnknown || list[1].Worth != domain.SignatureSigned || !list[1].Counts {
		t.Fatalf("signatures are %+v, %v", list, err)
	}
	text, err := b.v.Document(t.Context(), r1, "R1", 0)
	if err != nil || !strings.Contains(text, "签名\n  h1（") || !strings.Contains(text, st.Digest) {
		t.Errorf("the document does not name who signed: %v\n%s", err, text)
	}
	for _, as := range []Identity{workerW1, unitU1} {
		if _, err := b.v.ToSign(t.Context(), as, "R1"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%s is shown what is signed: %v", as.Person, err)
		}
		if _, err := b.v.Signatures(t.Context(), as, "R1"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%s is shown who signed: %v", as.Person, err)
		}
	}

	// A register that cannot be read lets nobody sign.
	broken := errors.New("no such file")
	b.v.Worth = func(string, review.Signature, string) (string, bool, error) {
		return domain.SignatureUnknown, false, broken
	}
	if _, err := b.v.Record(t.Context(), ReviewRequest{As: r1}, "R1", b.signedBy(r1, "old-r1")); !errors.Is(err, broken) {
		t.Errorf("with a broken register: %v", err)
	}
}
