package vault

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"leeway/domain"
)

// eachSuite runs a test on a vault of every suite, whose keys are looked at
// again each time they are used.
func eachSuite(t *testing.T, run func(t *testing.T, v *Vault, dir string)) {
	for _, suite := range domain.Suites() {
		t.Run(suite, func(t *testing.T) {
			dir := t.TempDir() + "/vault"
			v, err := Create(dir, suite)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { v.Close() })
			v.fresh = 0
			run(t, v, dir)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func opens(t *testing.T, v *Vault, s domain.Sealed, want error) {
	t.Helper()
	got, err := v.Open(stream, event, s)
	if want == nil && (err != nil || got != "张三") || want != nil && (!errors.Is(err, want) || got != "") {
		t.Errorf("Open = %q, %v; want %v", got, err, want)
	}
}

func TestRestrictAndRelease(t *testing.T) {
	eachSuite(t, func(t *testing.T, v *Vault, dir string) {
		s, other := sealed(t, v, "F1/m1", "张三"), sealed(t, v, "F1/m2", "张三")
		for range 2 { // again, as after a crash
			must(t, v.Restrict("F1/m1"))
		}
		opens(t, v, s, domain.ErrRestricted)
		opens(t, v, other, nil)
		if err := v.Holds(s.Key, "F1/m1"); !errors.Is(err, domain.ErrRestricted) {
			t.Errorf("Holds = %v, want ErrRestricted", err)
		}
		if _, err := v.Seal(stream, event, field("F1/m1", "新的")); !errors.Is(err, domain.ErrRestricted) {
			t.Errorf("Seal = %v; a restricted subject takes no new data", err)
		}
		if got, err := v.OpenEscrow(stream, event, s); err != nil || got != "张三" {
			t.Errorf("OpenEscrow = %q, %v", got, err)
		}
		if _, err := v.OpenEscrow(stream, event, other); !errors.Is(err, domain.ErrSealed) {
			t.Errorf("OpenEscrow of a key in use = %v", err)
		}
		for range 2 {
			must(t, v.Release("F1/m1"))
		}
		opens(t, v, s, nil)
		if next := sealed(t, v, "F1/m1", "张三"); next.Key != s.Key {
			t.Error("after the release the subject has another key")
		}
		if _, err := os.Stat(filepath.Join(dir, escrowDir, s.Key)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the escrow is still there: %v", err)
		}
		if err := v.Restrict("F1/nobody"); !errors.Is(err, domain.ErrSealed) {
			t.Errorf("Restrict of nobody = %v", err)
		}
	})
}

// TestDestroy holds that no file of the vault is left that opens what was
// sealed, and that no copy of the old vault mends that unnoticed.
func TestDestroy(t *testing.T) {
	for _, from := range []string{"in use", "in escrow"} {
		t.Run(from, func(t *testing.T) {
			eachSuite(t, func(t *testing.T, v *Vault, dir string) {
				s, other := sealed(t, v, "F1/m1", "张三"), sealed(t, v, "F1/m2", "张三")
				old, err := os.ReadFile(filepath.Join(dir, keysDir, s.Key))
				must(t, err)
				if from == "in escrow" {
					must(t, v.Restrict("F1/m1"))
				}
				for range 2 {
					if id, err := v.Destroy("F1/m1"); err != nil || id != s.Key {
						t.Fatalf("Destroy = %s, %v", id, err)
					}
				}
				opens(t, v, s, domain.ErrShredded)
				opens(t, v, other, nil)
				for name, err := range map[string]error{
					"Holds": v.Holds(s.Key, "F1/m1"), "Restrict": v.Restrict("F1/m1"), "Release": v.Release("F1/m1"),
				} {
					if !errors.Is(err, domain.ErrShredded) {
						t.Errorf("%s = %v, want ErrShredded", name, err)
					}
				}
				if _, err := v.Seal(stream, event, field("F1/m1", "新的")); !errors.Is(err, domain.ErrShredded) {
					t.Errorf("Seal = %v; a destroyed key must not be replaced by a new one", err)
				}
				if _, err := v.OpenEscrow(stream, event, s); !errors.Is(err, domain.ErrSealed) {
					t.Errorf("OpenEscrow = %v", err)
				}
				secret := strings.Split(string(old), `"key":"`)[1][:40]
				_ = filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
					if text, _ := os.ReadFile(name); strings.Contains(string(text), secret) {
						t.Errorf("%s still holds the key", name)
					}
					return err
				})
				// An old copy of the key comes back: it opens until it is destroyed again.
				must(t, os.WriteFile(filepath.Join(dir, keysDir, s.Key), old, 0o600))
				opens(t, v, s, nil)
				_, err = v.Destroy("F1/m1")
				must(t, err)
				opens(t, v, s, domain.ErrShredded)
			})
		})
	}
}

// TestAKeyIsForgottenThatAnotherProcessTookAway holds that a running server
// does not go on with a key out of its memory.
func TestAKeyIsForgottenThatAnotherProcessTookAway(t *testing.T) {
	v, dir := created(t)
	s := sealed(t, v, "F1/m1", "张三")
	again, err := Open(dir)
	must(t, err)
	defer again.Close()
	_, err = again.Destroy("F1/m1")
	must(t, err)
	opens(t, v, s, nil) // for a second at most
	v.data[s.Key].read = v.data[s.Key].read.Add(-v.fresh)
	opens(t, v, s, domain.ErrShredded)
	if v.data[s.Key] != nil {
		t.Error("the key is still in memory")
	}
}

func TestCutOffBetweenEscrowAndMark(t *testing.T) {
	v, dir := created(t)
	s := sealed(t, v, "F1/m1", "张三")
	key := filepath.Join(dir, keysDir, s.Key)
	text, err := os.ReadFile(key)
	must(t, err)
	must(t, v.Restrict("F1/m1"))
	must(t, os.WriteFile(key, text, 0o600)) // as if the mark had not been written
	must(t, v.Restrict("F1/m1"))
	must(t, v.Release("F1/m1"))
	opens(t, v, s, nil)

	must(t, v.Restrict("F1/m1"))
	must(t, os.Remove(filepath.Join(dir, escrowDir, s.Key)))
	for name, err := range map[string]error{"Holds": v.Holds(s.Key, "F1/m1"), "Restrict": v.Restrict("F1/m1"), "Release": v.Release("F1/m1")} {
		if !errors.Is(err, domain.ErrSealed) || errors.Is(err, domain.ErrRestricted) {
			t.Errorf("%s without the escrow = %v, want that it is missing", name, err)
		}
	}
}

// TestCustodians holds that the escrow opens with any two of three, and with
// nobody alone.
func TestCustodians(t *testing.T) {
	v, dir := created(t)
	s := sealed(t, v, "F1/m1", "张三")
	var list []Custodian
	var secrets []string
	for _, name := range []string{"k1", "k2", "k3"} {
		id, err := age.GenerateX25519Identity()
		must(t, err)
		list, secrets = append(list, Custodian{name, id.Recipient().String()}), append(secrets, id.String())
	}
	for name, bad := range map[string][]Custodian{"one": list[:1], "twice": {list[0], list[0]}, "no key": {list[0], {"k9", "age1"}}, "no name": {list[0], {"", list[1].Recipient}}} {
		if err := v.SetCustodians(bad); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%s: SetCustodians = %v, want ErrInvalid", name, err)
		}
	}
	must(t, v.SetCustodians(list))
	must(t, v.Restrict("F1/m1"))
	for name, present := range map[string][]string{"nobody": nil, "one": {secrets[0]}, "one twice": {secrets[1], secrets[1]}, "another": {secrets[2]}} {
		again, err := Open(dir)
		must(t, err)
		must(t, again.Present(present...))
		if err := again.Release("F1/m1"); !errors.Is(err, domain.ErrRestricted) || !strings.Contains(err.Error(), "k1+k2") {
			t.Errorf("%s: Release = %v, want ErrRestricted that names the pairs", name, err)
		}
		if _, err := again.OpenEscrow(stream, event, s); !errors.Is(err, domain.ErrRestricted) {
			t.Errorf("%s: OpenEscrow = %v, want ErrRestricted", name, err)
		}
		again.Close()
	}
	for _, two := range [][2]int{{0, 1}, {2, 0}, {1, 2}} {
		again, err := Open(dir)
		must(t, err)
		must(t, again.Present(secrets[two[0]], secrets[two[1]]))
		if got, err := again.OpenEscrow(stream, event, s); err != nil || got != "张三" {
			t.Errorf("%v: OpenEscrow = %q, %v", two, got, err)
		}
		must(t, again.Release("F1/m1"))
		opens(t, again, s, nil)
		must(t, again.Restrict("F1/m1"))
		again.Close()
	}
	if err := v.Present("nothing"); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("Present = %v, want ErrInvalid", err)
	}
}

// TestSealsAreCounted holds one data key to the number of fields for which its
// random nonces are safe (S-27).
func TestSealsAreCounted(t *testing.T) {
	v, _ := created(t)
	v.fresh = 0 // also when its file is read again
	var key string
	for range 3 {
		key = sealed(t, v, "F1/m1", "张三").Key
	}
	if got := v.data[key].seals; got != 3 {
		t.Errorf("%d seals were counted, want 3", got)
	}
	if _, err := v.Open(stream, event, sealed(t, v, "F1/m2", "张三")); err != nil || v.data[key].seals != 3 {
		t.Errorf("another subject's seal was counted: %v", err)
	}
	v.data[key].seals = maxSeals - 1
	last := sealed(t, v, "F1/m1", "张三")
	if _, err := v.Seal(stream, event, field("F1/m1", "张三")); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("one more seal = %v, want ErrRefused", err)
	}
	opens(t, v, last, nil)
}

func TestNoncesDiffer(t *testing.T) {
	v, _ := created(t)
	seen := map[string]bool{}
	for range 2000 {
		s := sealed(t, v, "F1/m1", "张三")
		if len(s.Nonce) != 12 || seen[string(s.Nonce)] {
			t.Fatalf("nonce %x is short or came twice", s.Nonce)
		}
		seen[string(s.Nonce)] = true
	}
}
