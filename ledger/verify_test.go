package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"leeway/eventstore"
)

// TestEveryChangedByteIsRefused flips every bit of a checkpoint, a proof and a
// receipt that two keys have signed. Nothing that survives may change what the
// verifier answers.
func TestEveryChangedByteIsRefused(t *testing.T) {
	o := newOffice(t, 10)
	w := o.witnesses("quorum A", "A")[0]
	l := o.create()
	s := cosign(t, l, w, 0)
	event := recorded(t, o.store)[6]
	proven, err := l.Prove(event)
	if err != nil {
		t.Fatal(err)
	}
	b := batch(6)
	receipt, err := Receipts{origin, []Signer{o.key}}.Issue(b, 2, at("2026-11-24T01:02:03Z"))
	if err != nil {
		t.Fatal(err)
	}
	p := o.cfg.Policy
	for _, c := range []struct {
		name   string
		good   []byte
		verify func([]byte) error
	}{
		{"checkpoint", s.Note, func(b []byte) error { _, err := p.Verify(b); return err }},
		{"proof", proven.Proof, func(b []byte) error { _, err := p.VerifyInclusion(b, event.Data); return err }},
		{"event", event.Data, func(b []byte) error { _, err := p.VerifyInclusion(proven.Proof, b); return err }},
		{"receipt", receipt, func(b []byte) error { _, err := p.VerifyReceipt(b); return err }},
	} {
		if err := c.verify(c.good); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for i := range c.good {
			for bit := range 8 {
				bad := slices.Clone(c.good)
				bad[i] ^= 1 << bit
				if c.verify(bad) == nil {
					t.Errorf("%s: byte %d changed from %q to %q passes", c.name, i, c.good[i], bad[i])
				}
			}
			for _, bad := range [][]byte{c.good[:i], slices.Delete(slices.Clone(c.good), i, i+1), slices.Insert(slices.Clone(c.good), i, c.good[i]), slices.Insert(slices.Clone(c.good), i, '\n')} {
				if !bytes.Equal(bad, c.good) && c.verify(bad) == nil {
					t.Errorf("%s: a byte more or less at %d passes", c.name, i)
				}
			}
		}
		for _, more := range []string{"\n", " ", "x", "\n\n", string(c.good)} {
			if c.verify(slices.Concat(c.good, []byte(more))) == nil || c.verify(slices.Concat([]byte(more), c.good)) == nil {
				t.Errorf("%s: %q before or after it passes", c.name, more)
			}
		}
	}
}

// TestUnknownSignaturesSayNothing: a line by a key that the policy does not
// name is passed over. It may be changed, and changes no answer.
func TestUnknownSignaturesSayNothing(t *testing.T) {
	o := newOffice(t, 3)
	s, _ := seal(t, o.create())
	secret, _, err := note.GenerateKey(strings.NewReader(strings.Repeat("k", 64)), "stranger.example")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(s.Note, note.VerifierList(o.cfg.Policy.logs...))
	if err != nil {
		t.Fatal(err)
	}
	both, err := note.Sign(n, stranger)
	if err != nil {
		t.Fatal(err)
	}
	want, err := o.cfg.Policy.Verify(s.Note)
	if err != nil {
		t.Fatal(err)
	}
	survivors := 0
	for i := len(s.Note); i < len(both); i++ {
		bad := slices.Clone(both)
		bad[i] ^= 1
		got, err := o.cfg.Policy.Verify(bad)
		if err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("byte %d of a stranger's line changes the answer to %+v", i, got)
		}
		if err == nil {
			survivors++
		}
	}
	if survivors == 0 {
		t.Error("a stranger's line is not passed over")
	}
}

func TestLenientSpellingsAreRefused(t *testing.T) {
	o := newOffice(t, 10)
	l := o.create()
	s, c := seal(t, l)
	event := recorded(t, o.store)[6]
	proven, err := l.Prove(event)
	if err != nil {
		t.Fatal(err)
	}
	resign := func(text string) []byte {
		b, err := note.Sign(&note.Note{Text: text}, o.key)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	root := base64.StdEncoding.EncodeToString(c.Root[:])
	for name, bad := range map[string][]byte{
		"extension line":                resign(c.text() + "extension\n"),
		"leading zero":                  resign(fmt.Sprintf("%s\n010\n%s\n", origin, root)),
		"plus sign":                     resign(fmt.Sprintf("%s\n+10\n%s\n", origin, root)),
		"negative":                      resign(fmt.Sprintf("%s\n-10\n%s\n", origin, root)),
		"above int64":                   resign(fmt.Sprintf("%s\n9223372036854775808\n%s\n", origin, root)),
		"short hash":                    resign(fmt.Sprintf("%s\n10\nAAAA\n", origin)),
		"padding bits":                  resign(fmt.Sprintf("%s\n10\n%s\n", origin, paddingBit(root))),
		"no origin":                     resign(fmt.Sprintf("\n10\n%s\n", root)),
		"another origin":                resign(fmt.Sprintf("ledger.example/other\n10\n%s\n", root)),
		"the signature twice":           append(slices.Clone(s.Note), s.Note[bytes.LastIndex(s.Note, []byte("— ")):]...),
		"padding bits of the signature": []byte(paddingBit(strings.TrimSuffix(string(s.Note), "\n")) + "\n"),
		"no signature":                  []byte(c.text() + "\n"),
		"empty":                         nil,
	} {
		if v, err := o.cfg.Policy.Verify(bad); err == nil {
			t.Errorf("%s: accepted as %+v", name, v)
		} else if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUntrusted) {
			t.Errorf("%s: %v", name, err)
		}
	}

	var tp proof.TLogProof
	if err := tp.Unmarshal(proven.Proof); err != nil {
		t.Fatal(err)
	}
	tp.ExtraData = []byte("believe me")
	_, err = o.cfg.Policy.VerifyInclusion(tp.Marshal(), event.Data)
	wantErr(t, err, ErrMalformed)
	crlf := bytes.ReplaceAll(proven.Proof, []byte("\n"), []byte("\r\n"))
	_, err = o.cfg.Policy.VerifyInclusion(crlf, event.Data)
	wantErr(t, err, ErrMalformed)
}

// paddingBit changes the last bit of a base64 text that says nothing.
func paddingBit(b64 string) string {
	i := strings.LastIndexFunc(b64, func(r rune) bool { return r != '=' })
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return b64[:i] + string(alphabet[strings.IndexByte(alphabet, b64[i])^1]) + b64[i+1:]
}

func TestVerifierSaysWhatItProves(t *testing.T) {
	o := newOffice(t, 2)
	none := o.cfg.Policy
	ws := o.witnesses("group g 2 A B\nquorum g", "A", "B")
	l := o.create()
	v, err := none.Verify(l.Latest().Note)
	if err != nil || v.Proves() != "witnesses: 0 — this proves only that the operator agrees with himself" {
		t.Errorf("without a witness: %q, %v", v.Proves(), err)
	}
	s := cosign(t, l, ws[0], 0)
	_, err = o.cfg.Policy.Verify(s.Note)
	wantErr(t, err, ErrUntrusted)
	if !strings.Contains(err.Error(), "2 of 2: A, B") || !strings.Contains(err.Error(), "cosigned by 1 (A)") {
		t.Errorf("the missing quorum is not told: %v", err)
	}
	s = cosign(t, l, ws[1], 0)
	v, err = o.cfg.Policy.Verify(s.Note)
	if err != nil || !strings.HasPrefix(v.Proves(), "witnesses: 2 (A at 20") {
		t.Errorf("with both: %q, %v", v.Proves(), err)
	}
	// A verifier who names no witness does not count those that are there.
	v, err = none.Verify(s.Note)
	if err != nil || len(v.Witnesses) != 0 {
		t.Errorf("policy without witnesses: %+v, %v", v, err)
	}
}

func TestConsistency(t *testing.T) {
	o := newOffice(t, 0)
	l := o.create()
	var notes [][]byte
	for range 9 {
		s, _ := seal(t, l)
		notes = append(notes, s.Note)
		o.record(1)
	}
	s, _ := seal(t, l)
	for size, old := range notes {
		r, err := l.Request(int64(size))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := o.cfg.Policy.VerifyConsistency(old, s.Note, r.Proof); err != nil {
			t.Errorf("from %d: %v", size, err)
		}
		if len(r.Proof) > 0 {
			r.Proof[0][0] ^= 1
			_, _, err = o.cfg.Policy.VerifyConsistency(old, s.Note, r.Proof)
			wantErr(t, err, ErrNotProven)
		}
		_, _, err = o.cfg.Policy.VerifyConsistency(s.Note, old, r.Proof)
		if size > 0 {
			wantErr(t, err, ErrNotProven)
		}
	}
	_, _, err := o.cfg.Policy.VerifyConsistency(notes[0], s.Note, []tlog.Hash{{}})
	wantErr(t, err, ErrNotProven)
}

// TestKnownOn asks what was known at the end of a civil day in China. The
// bubble's clock starts at 2000-01-01 08:00 in Shanghai.
func TestKnownOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 1)
		none := o.cfg.Policy
		w := o.witnesses("quorum A", "A")[0]
		l := o.create() // 1 event, 1 January, cosigned at once
		cosign(t, l, w, 0)

		time.Sleep(15*time.Hour + 59*time.Minute) // 23:59
		o.record(1)
		seal(t, l) // 2 events, cosigned after midnight
		time.Sleep(2 * time.Minute)
		cosign(t, l, w, 1)
		o.record(1)
		seal(t, l) // 3 events, never cosigned
		time.Sleep(72 * time.Hour)
		o.record(1)
		seal(t, l) // 4 events, 5 January
		cosign(t, l, w, 2)
		l.Close()

		for _, c := range []struct {
			day                   string
			operator, withWitness int64
		}{
			{"1999-12-31", -1, -1}, {"2000-01-01", 2, 1}, {"2000-01-02", 3, 2}, {"2000-01-04", 3, 2}, {"2000-01-05", 4, 4}, {"2026-11-24", 4, 4},
		} {
			for p, want := range map[*Policy]int64{none: c.operator, o.cfg.Policy: c.withWitness} {
				cfg := o.cfg
				cfg.Policy, cfg.Dir = p, ""
				l, err := Open(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				_, v, err := l.KnownOn(t.Context(), c.day)
				if want < 0 {
					wantErr(t, err, ErrNoCheckpoint)
				} else if err != nil || v.Size != want {
					t.Errorf("known on %s: %d events, %v; want %d", c.day, v.Size, err, want)
				}
				for i, r := range recorded(t, o.store) {
					if known, err := l.Covers(v.Checkpoint, r); want >= 0 && i < 4 && (err != nil || known != (int64(i) < want)) {
						t.Errorf("%s: event %d known is %t, %v", c.day, i, known, err)
					}
				}
				l.Close()
			}
		}
		for _, day := range []string{"", "2000-1-1", "2000-02-30", "yesterday"} {
			if _, _, err := l.KnownOn(t.Context(), day); err == nil {
				t.Errorf("day %q is taken", day)
			}
		}
	})
}

// TestAnInspectorsOwnSoftware checks our output with x/mod alone, as somebody
// would who has never seen this code.
func TestAnInspectorsOwnSoftware(t *testing.T) {
	o := newOffice(t, 77)
	l := o.create()
	verifier, err := note.NewVerifier(o.key.Public)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range recorded(t, o.store) {
		p, err := l.Prove(r)
		if err != nil {
			t.Fatal(err)
		}
		head, signed, _ := strings.Cut(string(p.Proof), "\n\n")
		lines := strings.Split(head, "\n")
		n, err := note.Open([]byte(signed), note.VerifierList(verifier))
		if err != nil {
			t.Fatal(err)
		}
		// tlog reads a tree note of its own dialect: the first line differs.
		_, body, _ := strings.Cut(n.Text, "\n")
		tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + body))
		if err != nil {
			t.Fatal(err)
		}
		var path tlog.RecordProof
		for _, line := range lines[2:] {
			h, err := tlog.ParseHash(line)
			if err != nil {
				t.Fatal(err)
			}
			path = append(path, h)
		}
		if lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprint("index ", i) {
			t.Errorf("the proof begins with %q", lines[:2])
		}
		if err := tlog.CheckRecord(path, tree.N, tree.Hash, int64(i), tlog.RecordHash(r.Data)); err != nil {
			t.Errorf("event %d: %v", i, err)
		}
	}
}

func TestProveRefuses(t *testing.T) {
	o := newOffice(t, 4)
	l := o.create()
	o.record(1)
	all := recorded(t, o.store)
	_, err := l.Prove(all[4])
	wantErr(t, err, ErrPending) // not in the tree
	l.tree.take(all[4])
	_, err = l.Prove(all[4])
	wantErr(t, err, ErrPending) // in the tree, not under a checkpoint
	changed := all[2]
	changed.Data = []byte("{}")
	_, err = l.Prove(changed)
	wantErr(t, err, ErrRewritten)
	_, err = l.Prove(eventstore.Recorded{Position: 0})
	wantErr(t, err, ErrNotProven)

	// A damaged stored hash must not become somebody's evidence.
	if err := flipIn(o.cfg.Dir+"/hashes", 2*32+3); err != nil { // the node over events 0 and 1
		t.Fatal(err)
	}
	_, err = l.Prove(all[3])
	wantErr(t, err, ErrNotProven)
	if !strings.Contains(fmt.Sprint(err), "built anew") {
		t.Errorf("the error does not say what to do: %v", err)
	}
}
