package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// seeds are real notes, proofs, receipts and requests to start from, with the
// policy that they satisfy.
func seeds(f *testing.F) (p *Policy, checkpoint, proof, receipt, request []byte) {
	o := newOffice(f, 9)
	w := o.witnesses("quorum A", "A")[0]
	l := o.create()
	cosign(f, l, w, 0)
	proven, err := l.Prove(recorded(f, o.store)[4])
	if err != nil {
		f.Fatal(err)
	}
	o.record(5)
	s, _ := seal(f, l)
	r, err := l.Request(9)
	if err != nil {
		f.Fatal(err)
	}
	if receipt, err = (Receipts{origin, []Signer{o.key}}).Issue(batch(3), 1, time.Now()); err != nil {
		f.Fatal(err)
	}
	return o.cfg.Policy, s.Note, proven.Proof, receipt, r.Marshal()
}

func FuzzCheckpoint(f *testing.F) {
	p, checkpoint, _, receipt, _ := seeds(f)
	f.Add(checkpoint)
	f.Add(receipt)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCheckpoint(b)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(b, []byte(c.text()+"\n— ")) {
			t.Errorf("%q is read as %+v", b, c)
		}
		if v, err := p.open(b); err == nil && v.Checkpoint != c {
			t.Errorf("verified %+v, parsed %+v", v, c)
		}
	})
}

func FuzzNote(f *testing.F) {
	_, checkpoint, proof, receipt, _ := seeds(f)
	for _, b := range [][]byte{checkpoint, proof, receipt} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		text, lines, err := splitNote(b)
		if err != nil {
			return
		}
		again := text + "\n"
		for _, s := range lines {
			again += signatureLine(s)
		}
		if again != string(b) {
			t.Errorf("%q is read as %q", b, again)
		}
		// What we take apart, note must at least be able to read.
		n, err := note.Open(b, nil)
		if unverified, ok := err.(*note.UnverifiedNoteError); ok {
			n = unverified.Note
		}
		if n != nil && (n.Text != text || len(n.UnverifiedSigs) != len(lines)) {
			t.Errorf("%q: note sees %d signatures, we see %d", b, len(n.UnverifiedSigs), len(lines))
		}
	})
}

func FuzzProof(f *testing.F) {
	p, _, proof, _, request := seeds(f)
	f.Add(proof, []byte("{}"))
	f.Add(request, []byte(nil))
	f.Fuzz(func(t *testing.T, b, event []byte) {
		if parsed, err := parseProof(b); err == nil && !bytes.Equal(parsed.Marshal(), b) {
			t.Errorf("%q has a second spelling", b)
		}
		if in, err := p.VerifyInclusion(b, event); err == nil && (in.Index < 0 || in.Index >= in.Size) {
			t.Errorf("%q proves event %d of %d", b, in.Index, in.Size)
		}
	})
}

func FuzzReceipt(f *testing.F) {
	p, checkpoint, _, receipt, _ := seeds(f)
	text, _, err := splitNote(receipt)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(string(checkpoint))
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseReceipt(text)
		if err == nil && (r.text() != text || len(r.Events) == 0) {
			t.Errorf("%q is read as %+v", text, r)
		}
		if err == nil {
			if c, err := parseText(text); err == nil {
				t.Errorf("receipt %q is a checkpoint %+v", text, c)
			}
		}
		if _, err := p.VerifyReceipt([]byte(text)); err == nil && text != string(receipt) {
			t.Errorf("%q verifies", text)
		}
	})
}

func FuzzPolicy(f *testing.F) {
	keys := keyLines(f)
	f.Add("log " + keys["L"] + "\nwitness A " + keys["A"] + "\nwitness B " + keys["B"] + " http://b\ngroup g 1 A B\nquorum g\n")
	f.Add("# nobody\nquorum none")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy([]byte(text))
		if err != nil {
			return
		}
		all := make(map[string]bool)
		for _, w := range p.witnesses {
			all[w.name] = true
		}
		if !p.satisfied(all) || p.quorum != "none" && p.satisfied(nil) {
			t.Errorf("%q: all witnesses %t, none %t", text, p.satisfied(all), p.satisfied(nil))
		}
	})
}

func FuzzRequest(f *testing.F) {
	_, checkpoint, _, _, request := seeds(f)
	f.Add(request)
	f.Add(append([]byte("old 0\n\n"), checkpoint...))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRequest(b)
		if err == nil && (!bytes.Equal(r.Marshal(), b) || len(r.Proof) > maxProof || r.Old < 0) {
			t.Errorf("%q is read as %+v", b, r)
		}
	})
}

// FuzzWitness throws requests at a witness: it may sign nothing but the log's
// own checkpoints.
func FuzzWitness(f *testing.F) {
	o := newOffice(f, 9)
	w := o.witnesses("quorum A", "A")[0]
	l := o.create()
	first := request(f, l, 0)
	o.record(3)
	seal(f, l)
	f.Add(first)
	f.Add(request(f, l, 9))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, err := w.Sign(context.Background(), b)
		if err != nil {
			return
		}
		r, err := ParseRequest(b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.cfg.Policy.open(append(r.Checkpoint, lines...)); err != nil {
			t.Errorf("signed %q: %v", b, err)
		}
	})
}

func FuzzRecord(f *testing.F) {
	f.Add(encodeRecord(Sealed{3, at("2026-11-24T01:02:03Z"), []byte("a\n\n— b\n")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, rest, err := decodeRecord(b)
		if err == nil && !bytes.Equal(append(encodeRecord(s), rest...), b) {
			t.Errorf("%q is read as %+v", b, s)
		}
	})
}

func FuzzKeyFile(f *testing.F) {
	file := filepath.Join(f.TempDir(), "key")
	if _, err := CreateKey(file, origin); err != nil {
		f.Fatal(err)
	}
	secret, err := readSecret(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(secret)
	f.Fuzz(func(t *testing.T, secret string) {
		if public, err := publicKey(secret); err == nil && len(public) == 0 {
			t.Errorf("%q has no public key", secret)
		}
	})
}

// FuzzTree grows a tree from arbitrary leaves and holds root, inclusion and
// consistency against the definition.
func FuzzTree(f *testing.F) {
	f.Add([]byte("abcdefgh"), uint8(3), uint8(5))
	f.Fuzz(func(t *testing.T, seed []byte, i, old uint8) {
		n := int64(len(seed))
		if n == 0 || n > 300 {
			return
		}
		var fr frontier
		var stored hashes
		var leaves []tlog.Hash
		for k, b := range seed {
			leaf := tlog.RecordHash(fmt.Append(nil, k, b))
			leaves, stored = append(leaves, leaf), fr.add(leaf, stored)
		}
		c := Checkpoint{origin, n, slowRoot(leaves)}
		at, before := int64(i)%n, int64(old)%n+1
		record, err1 := tlog.ProveRecord(n, at, stored)
		growth, err2 := tlog.ProveTree(n, before, stored)
		if err1 != nil || err2 != nil || fr.root() != c.Root {
			t.Fatal(err1, err2, fr.root())
		}
		if err := checkRecord(c, at, leaves[at], record); err != nil {
			t.Error(err)
		}
		if err := checkGrowth(Checkpoint{origin, before, slowRoot(leaves[:before])}, c, growth); err != nil {
			t.Error(err)
		}
		if other := (at + 1) % n; other != at && checkRecord(c, other, leaves[at], record) == nil && leaves[other] != leaves[at] {
			t.Errorf("event %d passes for event %d", at, other)
		}
	})
}

// FuzzVerifyText checks any key, text and signature line: nothing but the one
// that the key made is taken.
func FuzzVerifyText(f *testing.F) {
	key, err := CreateKey(filepath.Join(f.TempDir(), "key"), "a1")
	if err != nil {
		f.Fatal(err)
	}
	const text = "leeway approval v1\npack p/1\n"
	line, err := SignText(key.Signer, text)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key.Public, text, line)
	f.Add(key.Public, text+"x\n", line)
	f.Add("a+1+b", "", "— a b")
	f.Fuzz(func(t *testing.T, public, said, signed string) {
		name, err := VerifyText(public, said, signed)
		if err == nil && public == key.Public && (said != text || signed != line || name != "a1") {
			t.Errorf("%q under %q is taken for a signature of %s", signed, said, name)
		}
	})
}

// FuzzTileEntries reads any entry bundle: as many events as it should hold, or
// an error.
func FuzzTileEntries(f *testing.F) {
	f.Add([]byte("\x00\x02ab\x00\x01c"), int64(2))
	f.Add([]byte("\xff\xffab"), int64(1))
	f.Add([]byte{}, int64(1))
	f.Fuzz(func(t *testing.T, bundle []byte, size int64) {
		size %= tileWidth
		if size <= 0 {
			return
		}
		dir := t.TempDir()
		name := filepath.Join(dir, filepath.FromSlash(tileName(tlog.Tile{H: tileHeight, L: -1, N: 0, W: int(size)})))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, bundle, 0o600)); err != nil {
			t.Fatal(err)
		}
		n, length := int64(0), 0
		for e, err := range TileEntries(os.DirFS(dir), size) {
			if err != nil {
				wantErr(t, err, ErrMalformed)
				return
			}
			n, length = n+1, length+2+len(e)
		}
		if n != size || length != len(bundle) {
			t.Errorf("%d events of %d bytes are read from a bundle of %d with %d", n, length, size, len(bundle))
		}
	})
}
