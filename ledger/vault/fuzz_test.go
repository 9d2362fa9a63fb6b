package vault

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"leeway/domain"
)

// FuzzVaultFiles puts any bytes in place of a data key, of an escrow or of the
// key-encryption key. Nothing opens that was not sealed, nothing panics, and
// what is wrong is said as domain.ErrSealed or as what stands there.
func FuzzVaultFiles(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "vault")
	v, err := Create(dir, "")
	if err != nil {
		f.Fatal(err)
	}
	defer v.Close()
	v.fresh = 0
	s, err := v.Seal(stream, event, field("F1/m1", "张三"))
	if err != nil {
		f.Fatal(err)
	}
	held, err := v.Seal(stream, event, field("F1/m2", "张三"))
	if err == nil {
		err = v.Restrict("F1/m2")
	}
	if err != nil {
		f.Fatal(err)
	}
	files := []string{filepath.Join(dir, keysDir, s.Key), filepath.Join(dir, escrowDir, held.Key), filepath.Join(dir, kekFile), filepath.Join(dir, custodiansFile)}
	for i, name := range files[:3] {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, text)
	}
	f.Add(0, []byte(`{"version":2,"state":"shredded"}`))
	f.Add(1, []byte(`{"version":1,"pairs":[{"of":["a","b"],"box":"AAAA"}]}`))
	f.Add(2, []byte("leeway-kek-v1 00\nnames 00\n"))
	f.Add(3, []byte("k1 age1\n"))
	f.Fuzz(func(t *testing.T, n int, text []byte) {
		name := files[uint(n)%uint(len(files))]
		before, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		defer func() {
			if before == nil {
				os.Remove(name)
			} else if err := os.WriteFile(name, before, 0o600); err != nil {
				t.Fatal(err)
			}
		}()
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		x, err := Open(dir)
		if err != nil {
			return
		}
		defer x.Close()
		got, err := x.Open(stream, event, s)
		if got != "" && got != "张三" || err == nil && got == "" || err != nil && !errors.Is(err, domain.ErrSealed) {
			t.Errorf("Open = %q, %v", got, err)
		}
		if got, err := x.OpenEscrow(stream, event, held); got != "" && got != "张三" || err == nil && got == "" {
			t.Errorf("OpenEscrow = %q, %v", got, err)
		}
		if list, err := x.Custodians(); err == nil && len(list) > mostCustodians*1000 {
			t.Errorf("%d custodians", len(list))
		}
	})
}

// FuzzDecrypt opens any bytes as an age file for an inspector.
func FuzzDecrypt(f *testing.F) {
	f.Add([]byte("age-encryption.org/v1\n"), "AGE-SECRET-KEY-1")
	f.Fuzz(func(t *testing.T, file []byte, key string) {
		if r, err := Decrypt(bytes.NewReader(file), key); err == nil && r == nil {
			t.Error("neither a reader nor an error")
		}
	})
}
