package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzManifest: a manifest is read, or the folder is told to be no sound
// backup.
func FuzzManifest(f *testing.F) {
	for _, s := range []string{"", "{}", "null", `{"format":"leeway-backup.v1"}`, `{"format":"leeway-backup.v1","events":-1}`, `{"format":"leeway-backup.v2"}`, `{"format":"leeway-backup.v1","made":"x"}`, "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, manifestFile), text, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := readManifest(dir)
		switch {
		case err != nil && !errors.Is(err, errDiffers):
			t.Errorf("%q: %v, want %v", text, err, errDiffers)
		case err == nil && m.Format != backupFormat:
			t.Errorf("%q is read as a manifest of format %q", text, m.Format)
		case err == nil:
			if err := m.check(t.Context(), dir); err == nil {
				t.Errorf("%q: a folder without any file passes for a backup", text)
			}
		}
	})
}
