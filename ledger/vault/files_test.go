package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"leeway/domain"
)

func TestOpensAgain(t *testing.T) {
	v, dir := created(t)
	s := sealed(t, v, "F1/m1", "张三")
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if got, err := v.Open(stream, event, s); err != nil || got != "张三" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if next := sealed(t, v, "F1/m1", "again"); next.Key != s.Key {
		t.Error("the subject got a second key")
	}
}

func TestFilesAreTheOwners(t *testing.T) {
	v, dir := created(t)
	sealed(t, v, "张三/m1", "张三")
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		if strings.Contains(name, "张三") || strings.Contains(name, ".new-") {
			t.Errorf("file name %s", name)
		}
		if d.Type().IsRegular() {
			if text, _ := os.ReadFile(name); strings.Contains(string(text), "张三") {
				t.Errorf("%s names the subject", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefusesExposedKeys(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // has no such modes
	}
	for _, tt := range []struct {
		name, file string
		mode       fs.FileMode
	}{
		{"key readable by the group", "kek", 0o640},
		{"key readable by all", "kek", 0o604},
		{"folder open to the group", ".", 0o750},
		{"folder open to all", ".", 0o701},
		{"keys open to all", "keys", 0o705},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, dir := created(t)
			if err := os.Chmod(filepath.Join(dir, tt.file), tt.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(dir); !errors.Is(err, ErrExposed) || !strings.Contains(err.Error(), "chmod") {
				t.Errorf("Open = %v, want ErrExposed that says what to do", err)
			}
		})
	}
	t.Run("key behind a link", func(t *testing.T) {
		_, dir := created(t)
		outside := filepath.Join(t.TempDir(), "kek")
		if err := errors.Join(os.Rename(filepath.Join(dir, "kek"), outside), os.Symlink(outside, filepath.Join(dir, "kek"))); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); !errors.Is(err, ErrExposed) {
			t.Errorf("Open = %v, want ErrExposed", err)
		}
	})
}

func TestMissingAndDamagedKeys(t *testing.T) {
	onlyKey := func(t *testing.T, dir string) string {
		t.Helper()
		names, err := filepath.Glob(filepath.Join(dir, "keys", "*"))
		if err != nil || len(names) != 1 {
			t.Fatalf("keys %v, %v", names, err)
		}
		return names[0]
	}
	write := func(t *testing.T, name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	otherKEK := intl.magic + strings.Repeat("ab", kekSize) + "\n"
	for _, tt := range []struct {
		name  string
		spoil func(t *testing.T, dir string)
		opens bool // the vault itself
	}{
		{"data key gone", func(t *testing.T, dir string) { os.Remove(onlyKey(t, dir)) }, true},
		{"data key empty", func(t *testing.T, dir string) { write(t, onlyKey(t, dir), "") }, true},
		{"data key of nothing", func(t *testing.T, dir string) { write(t, onlyKey(t, dir), `{"version":1}`) }, true},
		{"data key of another version", func(t *testing.T, dir string) { write(t, onlyKey(t, dir), `{"version":2}`) }, true},
		{"another key-encryption key", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "kek"), otherKEK) }, true},
		{"key-encryption key gone", func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "kek")) }, false},
		{"key-encryption key cut", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "kek"), otherKEK[:40]) }, false},
		{"key-encryption key of another format", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "kek"), "x") }, false},
		{"folder of data keys gone", func(t *testing.T, dir string) { os.RemoveAll(filepath.Join(dir, "keys")) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, dir := created(t)
			s := sealed(t, v, "F1/m1", "张三")
			v.Close()
			tt.spoil(t, dir)
			v, err := Open(dir)
			if !tt.opens {
				if !errors.Is(err, domain.ErrSealed) {
					t.Errorf("vault: Open = %v, want ErrSealed", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer v.Close()
			if _, err := v.Open(stream, event, s); !errors.Is(err, domain.ErrSealed) {
				t.Errorf("Open = %v, want ErrSealed", err)
			}
		})
	}
}

// TestSwappedKeyFilesDoNotOpen puts one subject's wrapped key where another's
// belongs, as somebody could who can write to the folder.
func TestSwappedKeyFilesDoNotOpen(t *testing.T) {
	v, dir := created(t)
	a, b := sealed(t, v, "F1/m1", "张三"), sealed(t, v, "F1/m2", "李四")
	keys := filepath.Join(dir, "keys")
	if err := os.Rename(filepath.Join(keys, a.Key), filepath.Join(keys, b.Key)); err != nil {
		t.Fatal(err)
	}
	v, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, err := v.Open(stream, event, b); !errors.Is(err, domain.ErrSealed) {
		t.Errorf("Open = %v, want ErrSealed", err)
	}
	if _, err := v.Seal(stream, event, field("F1/m2", "王五")); !errors.Is(err, domain.ErrSealed) {
		t.Errorf("Seal = %v; a damaged key must not be replaced by a new one", err)
	}
}

func TestCreate(t *testing.T) {
	t.Run("refuses a vault", func(t *testing.T) {
		_, dir := created(t)
		if _, err := Create(dir, ""); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Create = %v, want fs.ErrExist", err)
		}
	})
	t.Run("refuses a vault that lost its key", func(t *testing.T) {
		v, dir := created(t)
		sealed(t, v, "F1/m1", "张三")
		os.Remove(filepath.Join(dir, "kek"))
		if _, err := Create(dir, ""); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Create = %v, want fs.ErrExist", err)
		}
	})
	t.Run("goes on where it was stopped", func(t *testing.T) {
		dir := t.TempDir()
		if err := errors.Join(os.Chmod(dir, 0o700), os.Mkdir(filepath.Join(dir, "keys"), 0o700),
			os.WriteFile(filepath.Join(dir, "kek.new-1"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		v, err := Create(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		sealed(t, v, "F1/m1", "张三")
	})
	t.Run("refuses a folder open to others", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o755); err != nil || runtime.GOOS == "windows" {
			return
		}
		if _, err := Create(dir, ""); !errors.Is(err, ErrExposed) {
			t.Errorf("Create = %v, want ErrExposed", err)
		}
	})
	t.Run("opens nothing that is not there", func(t *testing.T) {
		if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open = %v, want fs.ErrNotExist", err)
		}
	})
}

// TestAFoundKeyIsMadeDurable checks that a key which another process made is
// made sure of before this one seals with it.
func TestAFoundKeyIsMadeDurable(t *testing.T) {
	v, dir := created(t)
	s := sealed(t, v, "F1/m1", "张三")
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := again.Open(stream, event, s); err != nil {
		t.Fatal(err)
	}
	if again.data[s.Key].durable {
		t.Error("opening alone made sure of the key")
	}
	sealed(t, again, "F1/m1", "李四")
	if !again.data[s.Key].durable {
		t.Error("sealed with a key that was not made sure of")
	}
}
