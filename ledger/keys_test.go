package ledger

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestKeyFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log.key")
	made, err := CreateKey(file, origin)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadKey(file)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Public != made.Public || loaded.KeyHash() != made.KeyHash() || loaded.Name() != origin {
		t.Errorf("loaded is %s, made was %s", loaded.Public, made.Public)
	}
	signed, err := note.Sign(&note.Note{Text: "x\n"}, loaded)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(made.Public)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(signed, note.VerifierList(v)); err != nil {
		t.Errorf("the public key does not verify: %v", err)
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}

	_, err = CreateKey(file, origin)
	wantErr(t, err, ErrExists)
	if again, err := LoadKey(file); err != nil || again.Public != made.Public {
		t.Errorf("the key was overwritten: %v", err)
	}
	for _, name := range []string{"", "two words", "a+b", "换行\n"} {
		if _, err := CreateKey(filepath.Join(t.TempDir(), "k"), name); err == nil {
			t.Errorf("a key was made with name %q", name)
		}
	}
}

func TestKeysOpenToOthersAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // modes say nothing there
	}
	file := filepath.Join(t.TempDir(), "log.key")
	if _, err := CreateKey(file, origin); err != nil {
		t.Fatal(err)
	}
	for _, load := range []func(string) (Key, error){LoadKey, LoadWitnessKey} {
		for _, mode := range []os.FileMode{0o640, 0o604, 0o644, 0o620, 0o610, 0o666, 0o777} {
			if err := os.Chmod(file, mode); err != nil {
				t.Fatal(err)
			}
			_, err := load(file)
			wantErr(t, err, ErrExposed)
			if err != nil && !strings.Contains(err.Error(), "chmod") {
				t.Errorf("the error does not say what to do: %v", err)
			}
		}
		for _, mode := range []os.FileMode{0o600, 0o400, 0o700} {
			if err := os.Chmod(file, mode); err != nil {
				t.Fatal(err)
			}
			if _, err := load(file); err != nil {
				t.Errorf("mode %04o: %v", mode, err)
			}
		}
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(file, link); err != nil {
			t.Fatal(err)
		}
		_, err := load(link)
		wantErr(t, err, ErrExposed)
		_, err = load(t.TempDir())
		wantErr(t, err, ErrExposed)
		_, err = load(filepath.Join(t.TempDir(), "nothing"))
		wantErr(t, err, os.ErrNotExist)
	}
}

func TestDamagedKeysAreRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log.key")
	if _, err := CreateKey(file, origin); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(whole) - 1 {
		changed := append([]byte(nil), whole...)
		changed[i] ^= 1
		if err := os.WriteFile(file, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		key, err := LoadKey(file)
		if err == nil && strings.EqualFold(key.Public, "") {
			t.Errorf("byte %d changed: loaded without a public key", i)
		}
		if err == nil { // case of the hash, or bits of base64 that say nothing
			if v, err := note.NewVerifier(key.Public); err != nil || v.KeyHash() != key.KeyHash() {
				t.Errorf("byte %d changed: a key that its own public line does not verify: %v", i, err)
			}
			continue
		}
		wantErr(t, err, ErrMalformed)
	}
	for _, text := range []string{"", "\n", "PRIVATE+KEY", "PRIVATE+KEY+a+b+c", strings.Repeat("x", 1<<20)} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadKey(file)
		wantErr(t, err, ErrMalformed)
		_, err = LoadWitnessKey(file)
		wantErr(t, err, ErrMalformed)
	}
}

// TestRotation signs with both keys for a while, then with the new one, and
// keeps what the old one signed verifiable.
func TestRotation(t *testing.T) {
	o := newOffice(t, 4)
	l := o.create()
	old, err := l.Prove(recorded(t, o.store)[1])
	if err != nil {
		t.Fatal(err)
	}
	oldOnly := o.cfg.Policy
	l.Close()

	next, err := CreateKey(filepath.Join(o.dir, "next.key"), origin)
	if err != nil {
		t.Fatal(err)
	}
	newOnly := policy(t, "log "+next.Public+"\nquorum none")
	o.cfg.Policy = policy(t, "log "+o.key.Public+"\nlog "+next.Public+"\nquorum none")
	o.cfg.Signers = []Signer{next, o.key}
	l = o.open()
	s, c := seal(t, l) // nothing new is on record, but the new key has to sign
	if s.Seq != 2 || c.Size != 4 {
		t.Errorf("with a new key the checkpoint is number %d over %d", s.Seq, c.Size)
	}
	for name, p := range map[string]*Policy{"old": oldOnly, "new": newOnly, "both": o.cfg.Policy} {
		if _, err := p.Verify(s.Note); err != nil {
			t.Errorf("policy with %s: %v", name, err)
		}
	}
	l.Close()

	o.cfg.Signers = []Signer{next}
	o.record(1)
	l = o.open()
	s, _ = seal(t, l)
	_, err = oldOnly.Verify(s.Note)
	wantErr(t, err, ErrUntrusted)
	if _, err := o.cfg.Policy.VerifyInclusion(old.Proof, old.Data); err != nil {
		t.Errorf("a proof under the retired key: %v", err)
	}
	_, err = newOnly.VerifyInclusion(old.Proof, old.Data)
	wantErr(t, err, ErrUntrusted) // where the old key was stolen, take it out and prove again
	again, err := l.Prove(recorded(t, o.store)[1])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newOnly.VerifyInclusion(again.Proof, again.Data); err != nil {
		t.Errorf("proven again under the new key: %v", err)
	}
	l.Close()

	o.cfg.Policy = oldOnly
	o.cfg.Signers = []Signer{next}
	l2, err := Open(t.Context(), o.cfg)
	if err == nil {
		l2.Close()
	}
	wantErr(t, err, ErrUntrusted)
}
