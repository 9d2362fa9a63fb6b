package ledger

import (
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"leeway/eventstore/memory"
)

// TestSM2StandardVector is the signature of GB/T 32918.5-2017 A.2, under the
// standard's curve and default identifier.
func TestSM2StandardVector(t *testing.T) {
	point, _ := hex.DecodeString("0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13")
	r, _ := new(big.Int).SetString("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3", 16)
	s, _ := new(big.Int).SetString("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA", 16)
	sig, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	if err != nil {
		t.Fatal(err)
	}
	raw := append([]byte(sm2Type), point...)
	line := fmt.Sprintf("vector+%08x+%s", noteKeyHash("vector", raw), base64.StdEncoding.EncodeToString(raw))
	v, err := openLogVerifier(line)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Verify([]byte("message digest"), sig) || v.Verify([]byte("message digesT"), sig) {
		t.Error("the vector of the standard does not verify, or any text does")
	}
}

// TestSecondSignature holds that a log of the SM suite signs each checkpoint
// twice; that software which knows Ed25519 alone reads it; that a policy of the
// SM2 key alone counts that signature alone; and that one changed bit of it is
// noticed by whoever knows the key.
func TestSecondSignature(t *testing.T) {
	dir := t.TempDir()
	h := Home{Key: filepath.Join(dir, "key"), Policy: filepath.Join(dir, "policy"), Checkpoints: filepath.Join(dir, "c"), Tree: filepath.Join(dir, "t"), SM: true}
	if err := h.Make(origin); err != nil {
		t.Fatal(err)
	}
	keys, err := h.keys()
	if err != nil || len(keys) != 2 || keys[1].Name() != origin {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	store := memory.New()
	appendTo(t, store, batch(0))
	l, err := h.Open(t.Context(), store, Access{Seal: true, First: true})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, c := seal(t, l)
	if n := strings.Count(string(s.Note), "\n— "+origin+" "); n != 2 {
		t.Fatalf("%d signature lines:\n%s", n, s.Note)
	}
	v, err := note.NewVerifier(keys[0].Public)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open(s.Note, note.VerifierList(v)); err != nil || len(n.UnverifiedSigs) != 1 {
		t.Errorf("sumdb/note: %v", err)
	}
	both, err := ReadPolicy(h.Policy)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := both.Verify(s.Note); err != nil || len(got.Keys) != 2 {
		t.Errorf("both keys: %v, %v", got.Keys, err)
	}
	alone := policy(t, "log "+keys[1].Public+"\nquorum none\n")
	if got, err := alone.Verify(s.Note); err != nil || got.Checkpoint != c || len(got.Keys) != 1 {
		t.Errorf("the SM2 key alone: %+v, %v", got, err)
	}
	text, lines, err := splitNote(s.Note)
	if err != nil {
		t.Fatal(err)
	}
	one := func(i int) []byte { return []byte(text + "\n" + signatureLine(lines[i])) }
	_, err = alone.Verify(one(0))
	wantErr(t, err, ErrUntrusted)
	if _, err := alone.Verify(one(1)); err != nil {
		t.Errorf("its own line: %v", err)
	}
	raw, _ := base64.StdEncoding.DecodeString(lines[1].Base64)
	for i := 4; i < len(raw); i++ {
		raw[i] ^= 1
		lines[1].Base64 = base64.StdEncoding.EncodeToString(raw)
		if _, err := both.Verify([]byte(text + "\n" + signatureLine(lines[0]) + signatureLine(lines[1]))); err == nil {
			t.Fatalf("byte %d of the SM2 signature can be changed", i)
		}
		raw[i] ^= 1
	}
}

// TestReceiptBearsBothSignatures: whoever knows either key verifies a receipt by
// its line, the same receipt has the same bytes wherever it is signed, and no
// byte of what it says can be changed. During a rotation the old keys sign.
func TestReceiptBearsBothSignatures(t *testing.T) {
	dir := t.TempDir()
	h := Home{Key: filepath.Join(dir, "key"), Policy: filepath.Join(dir, "policy"), Checkpoints: filepath.Join(dir, "c"), Tree: filepath.Join(dir, "t"), SM: true}
	if err := h.Make(origin); err != nil {
		t.Fatal(err)
	}
	keys, err := h.keys()
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	last := appendTo(t, store, batch(0))
	now := at("2026-11-24T01:02:03Z")
	l, err := h.Open(t.Context(), store, Access{Seal: true, First: true})
	if err != nil {
		t.Fatal(err)
	}
	ofLog, err := l.Receipts()
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	receipt, err := ofLog.Issue(batch(0), last, now)
	if err != nil || strings.Count(string(receipt), "\n— "+origin+" ") != 2 {
		t.Fatalf("%v:\n%s", err, receipt)
	}
	if _, err := h.Rotate(); err != nil {
		t.Fatal(err)
	}
	beside, err := h.Receipts()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := beside.Issue(batch(0), last, now); err != nil || string(again) != string(receipt) {
		t.Errorf("signed again, in a rotation: %v\n%s\n%s", err, receipt, again)
	}
	for _, key := range keys {
		alone := policy(t, "log "+key.Public+"\nquorum none\n")
		if r, err := alone.VerifyReceipt(receipt); err != nil || len(r.Events) != 1 {
			t.Errorf("by %s alone: %v", key.Public, err)
		}
	}
	both := policy(t, "log "+keys[0].Public+"\nlog "+keys[1].Public+"\nquorum none\n")
	for i := range strings.Index(string(receipt), "\n\n") {
		bad := []byte(string(receipt))
		bad[i] ^= 1
		if _, err := both.VerifyReceipt(bad); err == nil {
			t.Fatalf("byte %d can be changed", i)
		}
	}
}

// TestRotationOfBothKeys rotates the keys of a log of the SM suite together; old
// checkpoints stay valid.
func TestRotationOfBothKeys(t *testing.T) {
	dir := t.TempDir()
	h := Home{Key: filepath.Join(dir, "key"), Policy: filepath.Join(dir, "policy"), Checkpoints: filepath.Join(dir, "c"), Tree: filepath.Join(dir, "t"), SM: true}
	if err := h.Make(origin); err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	sealed := func(first bool) []byte {
		t.Helper()
		l, err := h.Open(t.Context(), store, Access{Seal: true, First: first})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		s, _ := seal(t, l)
		return s.Note
	}
	notes := [][]byte{sealed(true)}
	public, err := h.Rotate()
	if err != nil || len(public) != 2 {
		t.Fatalf("%v, %v", public, err)
	}
	if _, err := h.Rotate(); !errors.Is(err, ErrExists) {
		t.Errorf("a second rotation: %v", err)
	}
	notes = append(notes, sealed(false))
	if aside, err := h.Finish(); err != nil || len(aside) != 2 {
		t.Fatalf("%v, %v", aside, err)
	}
	if _, err := h.Finish(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a second finish: %v", err)
	}
	appendTo(t, store, batch(0))
	notes = append(notes, sealed(false))
	p, err := ReadPolicy(h.Policy)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{2, 4, 2} {
		if v, err := p.Verify(notes[i]); err != nil || len(v.Keys) != want {
			t.Errorf("checkpoint %d is signed by %d keys, want %d: %v", i+1, len(v.Keys), want, err)
		}
	}
}

// TestSecondKeyLater opens a log that began without an SM2 key in the SM suite:
// it gets one, and its next checkpoint both signatures. A key that was lost is
// asked for and not replaced.
func TestSecondKeyLater(t *testing.T) {
	dir := t.TempDir()
	h := Home{Key: filepath.Join(dir, "key"), Policy: filepath.Join(dir, "policy"), Checkpoints: filepath.Join(dir, "c"), Tree: filepath.Join(dir, "t")}
	if err := h.Make(origin); err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	for want := 1; want <= 2; want++ {
		l, err := h.Open(t.Context(), store, Access{Seal: true, First: true})
		if err != nil {
			t.Fatal(err)
		}
		s, _ := seal(t, l)
		l.Close()
		p, err := ReadPolicy(h.Policy)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := p.Verify(s.Note); err != nil || len(v.Keys) != want {
			t.Errorf("%d keys have signed, want %d: %v", len(v.Keys), want, err)
		}
		h.SM = true
	}
	if err := os.Remove(h.Key + sm); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Open(t.Context(), store, Access{Seal: true}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "backup") {
		t.Errorf("with a lost key: %v", err)
	}
}

// TestBadSM2Keys refuses keys that are not what they say.
func TestBadSM2Keys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	key, err := CreateKeySM2(file, origin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CreateKeySM2(file, origin); !errors.Is(err, ErrExists) {
		t.Errorf("a second key: %v", err)
	}
	if _, err := CreateKeySM2(file+"2", "two words"); err == nil {
		t.Error("a name with a space is taken")
	}
	if again, err := LoadKey(file); err != nil || again.Public != key.Public {
		t.Errorf("loaded: %v", err)
	}
	secret, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range secret {
		bad := []byte(string(secret))
		if bad[i] ^= 1; bad[i] == '\n' || i == len(bad)-1 {
			continue
		}
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := LoadKey(file); err == nil {
			t.Errorf("byte %d of the key file can be changed: %s", i, got.Public)
		} else if strings.Contains(err.Error(), string(secret[40:60])) {
			t.Errorf("the error holds a part of the key: %v", err)
		}
	}
	for i := range key.Public {
		bad := []byte(key.Public)
		bad[i] ^= 1
		if _, err := openLogVerifier(string(bad)); err == nil {
			t.Errorf("byte %d of the public key can be changed", i)
		}
	}
}

// FuzzSM2Key reads any line as the public key of a log: one spelling each.
func FuzzSM2Key(f *testing.F) {
	key, err := CreateKeySM2(filepath.Join(f.TempDir(), "key"), origin)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key.Public)
	f.Add(key.Public[:40])
	f.Add("a+00000000+/2xlZXdheS9zbTItc20zL3YxCg==")
	f.Fuzz(func(t *testing.T, line string) {
		v, err := openSM2Verifier(line)
		if err == nil && (v.(*sm2Verifier).line != line || v.Name() == "") {
			t.Errorf("%q is read as another key", line)
		}
		if _, err := loadSM2(line); err == nil && !strings.HasPrefix(line, "PRIVATE+KEY+") {
			t.Errorf("%q is a signing key", line)
		}
	})
}
