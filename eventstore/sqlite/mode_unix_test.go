//go:build !windows

package sqlite

import (
	"os"
	"path/filepath"
	"testing"
)

// TestModes: the folder and everything in it are the owner's alone, the files
// that SQLite makes included.
func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	s := openAt(t, fileIn(dir))
	defer s.Close()
	fill(t, s, "s", 2)
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if info, err := os.Stat(d); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the folder has mode %v, %v, want 0700", info.Mode(), err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 4 {
		t.Fatalf("the folder holds %d files, %v, want the database, its log, its index and the lock", len(entries), err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v, want 0600", e.Name(), info.Mode(), err)
		}
	}
}
