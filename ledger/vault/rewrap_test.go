package vault

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"leeway/domain"
)

// TestRewrap holds that after a rotation everything opens as before, under the
// names that events have, that the old key opens nothing any more, and that a
// key of nobody is gone.
func TestRewrap(t *testing.T) {
	eachSuite(t, func(t *testing.T, v *Vault, dir string) {
		s, held, gone := sealed(t, v, "F1/m1", "张三"), sealed(t, v, "F1/m2", "张三"), sealed(t, v, "F1/m3", "张三")
		spare := sealed(t, v, "F1/never", "张三")
		must(t, v.Restrict("F1/m2"))
		_, err := v.Destroy("F1/m3")
		must(t, err)
		old, err := os.ReadFile(filepath.Join(dir, kekFile))
		must(t, err)
		subjects := []string{"F1/m1", "F1/m2", "F1/m3"}
		for range 2 { // and once more
			done, err := v.Rewrap(subjects)
			if err != nil || done.Keys != 2 {
				t.Fatalf("%+v, %v", done, err)
			}
		}
		again, err := Open(dir)
		must(t, err)
		defer again.Close()
		for _, x := range []*Vault{v, again} {
			opens(t, x, s, nil)
			opens(t, x, held, domain.ErrRestricted)
			opens(t, x, gone, domain.ErrShredded)
			if text, err := x.OpenEscrow(stream, event, held); err != nil || text != "张三" {
				t.Errorf("escrow: %q, %v", text, err)
			}
			if err := x.Holds(spare.Key, "F1/never"); !errors.Is(err, domain.ErrSealed) {
				t.Errorf("a key of nobody: %v", err)
			}
		}
		must(t, again.Release("F1/m2"))
		opens(t, again, held, nil)
		if fresh := sealed(t, again, "F1/m1", "李四"); fresh.Key != s.Key {
			t.Error("a data key has another name than before")
		}
		// Who has the old key and all of the folder has nothing.
		must(t, os.WriteFile(filepath.Join(dir, kekFile), old, 0o600))
		thief, err := Open(dir)
		must(t, err)
		defer thief.Close()
		opens(t, thief, s, domain.ErrSealed)
		for _, name := range []string{nextKEK, oldKEK} {
			if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is left: %v", name, err)
			}
		}
	})
}

// TestRewrapStopped stops a rotation after each of its keys: what was wrapped
// opens, what was not opens, and the next call finishes it.
func TestRewrapStopped(t *testing.T) {
	eachSuite(t, func(t *testing.T, v *Vault, dir string) {
		a, b := sealed(t, v, "F1/m1", "张三"), sealed(t, v, "F1/m2", "张三")
		// The second key is lost, so that the rotation stops behind the first.
		file := filepath.Join(dir, keysDir, b.Key)
		text, err := os.ReadFile(file)
		must(t, err)
		must(t, os.Remove(file))
		if _, err := v.Rewrap([]string{"F1/m1", "F1/m2"}); !errors.Is(err, domain.ErrSealed) {
			t.Fatalf("with a lost key: %v", err)
		}
		must(t, os.WriteFile(file, text, 0o600))
		again, err := Open(dir)
		must(t, err)
		defer again.Close()
		again.fresh = 0
		opens(t, again, a, nil)
		opens(t, again, b, nil)
		must(t, os.WriteFile(filepath.Join(dir, oldKEK), []byte("left behind"), 0o600))
		done, err := again.Rewrap([]string{"F1/m1", "F1/m2"})
		if err != nil || done.Keys != 2 {
			t.Fatalf("%+v, %v", done, err)
		}
		opens(t, again, a, nil)
		opens(t, again, b, nil)
	})
}

// TestRewrapWithCustodians needs two of them where they hold the escrow, and
// leaves everything as it was without them.
func TestRewrapWithCustodians(t *testing.T) {
	eachSuite(t, func(t *testing.T, v *Vault, dir string) {
		var list []Custodian
		var secrets []string
		for _, name := range []string{"k1", "k2"} {
			id, err := age.GenerateX25519Identity()
			must(t, err)
			list = append(list, Custodian{name, id.Recipient().String()})
			secrets = append(secrets, id.String())
		}
		must(t, v.SetCustodians(list))
		held, other := sealed(t, v, "F1/m1", "张三"), sealed(t, v, "F1/m2", "张三")
		must(t, v.Restrict("F1/m1"))
		if _, err := v.Rewrap([]string{"F1/m1", "F1/m2"}); !errors.Is(err, domain.ErrRestricted) {
			t.Fatalf("without custodians: %v", err)
		}
		opens(t, v, other, nil)
		must(t, v.Present(secrets...))
		if done, err := v.Rewrap([]string{"F1/m1", "F1/m2"}); err != nil || done.Keys != 2 {
			t.Fatalf("with both: %+v, %v", done, err)
		}
		if text, err := v.OpenEscrow(stream, event, held); err != nil || text != "张三" {
			t.Errorf("escrow: %q, %v", text, err)
		}
		alone, err := Open(dir)
		must(t, err)
		defer alone.Close()
		if _, err := alone.OpenEscrow(stream, event, held); !errors.Is(err, domain.ErrRestricted) {
			t.Errorf("the escrow opens without custodians: %v", err)
		}
	})
}
