package vault

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leeway/domain"
)

// TestSuitesDoNotMix holds that nothing of one suite opens as the other, even
// under the same bytes of a key.
func TestSuitesDoNotMix(t *testing.T) {
	eachSuite(t, func(t *testing.T, v *Vault, dir string) {
		s := sealed(t, v, "F1/m1", "张三")
		opens(t, v, s, nil)
		if size := map[string]int{domain.Suite: 32, domain.SuiteSM: 16}[v.Suite()]; v.suite.keySize != size {
			t.Errorf("data keys have %d bytes, want %d", v.suite.keySize, size)
		}
		v.Close()
		kek := filepath.Join(dir, "kek")
		text, err := os.ReadFile(kek)
		must(t, err)
		other := map[string]*suite{domain.Suite: shangmi, domain.SuiteSM: intl}[v.Suite()]
		must(t, os.WriteFile(kek, []byte(strings.Replace(string(text), v.suite.magic, other.magic, 1)), 0o600))
		again, err := Open(dir)
		must(t, err)
		defer again.Close()
		if _, err := again.Open(stream, event, s); !errors.Is(err, domain.ErrSealed) {
			t.Errorf("as the other suite: Open = %v, want ErrSealed", err)
		}
	})
	if _, err := Create(t.TempDir()+"/v", "none"); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("Create of no suite = %v, want ErrInvalid", err)
	}
}

// TestStandardVectors holds the optional suite against the published examples:
// GB/T 32905-2016 A.1 for SM3 and RFC 8998 A.1 for SM4-GCM.
func TestStandardVectors(t *testing.T) {
	h := shangmi.hash()
	h.Write([]byte("abc"))
	if got := hex.EncodeToString(h.Sum(nil)); got != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" {
		t.Errorf("SM3 of abc = %s", got)
	}
	b := func(s string) []byte {
		raw, err := hex.DecodeString(s)
		must(t, err)
		return raw
	}
	key, err := shangmi.aead(b("0123456789abcdeffedcba9876543210"))
	must(t, err)
	plain := b("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa")
	got := key.Seal(nil, b("00001234567800000000abcd"), plain, b("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
	want := b("17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec")
	if !bytes.Equal(got, want) {
		t.Errorf("SM4-GCM = %x", got)
	}
}

func TestBlindIndex(t *testing.T) {
	eachSuite(t, func(t *testing.T, v *Vault, dir string) {
		i, err := v.Index()
		must(t, err)
		same := func(a, b string) bool { return bytes.Equal(i.Digest("id_number", a), i.Digest("id_number", b)) }
		for _, other := range []string{"11010519491231002x", " 110105 19491231 002X", "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X\u200b"} {
			if !same("11010519491231002X", other) {
				t.Errorf("%q is another person", other)
			}
		}
		if same("11010519491231002X", "110105194912310021") || bytes.Equal(i.Digest("name", "x"), i.Digest("id_number", "x")) {
			t.Error("two values or kinds have one digest")
		}
		if !bytes.Equal(i.Digest("name", "阿依古丽·买买提"), i.Digest("name", "阿依古丽•买买提")) {
			t.Error("two spellings of the dot are two names")
		}
		again, err := Open(dir)
		must(t, err)
		defer again.Close()
		j, err := again.Index()
		must(t, err)
		if j.ID() != i.ID() || !bytes.Equal(j.Digest("name", "张三"), i.Digest("name", "张三")) {
			t.Error("the key was not kept")
		}
		must(t, v.RotateIndex())
		j, err = again.Index()
		must(t, err)
		if j.ID() == i.ID() || bytes.Equal(j.Digest("name", "张三"), i.Digest("name", "张三")) {
			t.Error("after a rotation digests are as before")
		}
		must(t, os.WriteFile(filepath.Join(dir, indexFile), []byte("x"), 0o600))
		if _, err := v.Index(); !errors.Is(err, domain.ErrSealed) {
			t.Errorf("damaged key: %v, want ErrSealed", err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	for _, suite := range domain.Suites() {
		b.Run(suite, func(b *testing.B) {
			v, err := Create(b.TempDir()+"/vault", suite)
			if err != nil {
				b.Fatal(err)
			}
			defer v.Close()
			f := field("F1/m1", "11010519491231002X")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Seal(stream, event, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
