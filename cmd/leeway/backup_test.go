package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestBackupWhileWriting: backups taken from a server under load hold whole
// batches, a beginning of what was acknowledged later, and restore to it.
func TestBackupWhileWriting(t *testing.T) {
	dir := socketDir(t)
	r := startServer(t, dir)
	l := startWriters(r.store(t), 8, 0)
	l.atLeast(t, 20)
	for _, name := range []string{"folder", "one.tar"} {
		target := filepath.Join(socketDir(t), name)
		if got := leeway(t, "backup", target, "--data", dir); got.code != 0 || !strings.Contains(got.out, "密钥") {
			t.Fatalf("backup: %v", got)
		}
		l.atLeast(t, 5)
		back := filepath.Join(socketDir(t), "data")
		got := leeway(t, "restore", target, "--data", back, "--json")
		var done restoreJSON
		if err := json.Unmarshal([]byte(got.out), &done); err != nil || got.code != 0 || done.Events < 40 || done.Events%2 != 0 {
			t.Fatalf("restore %s: %v, %v", name, got, err)
		}
		checkPrefix(t, dir, back)
	}
	l.stop()
	checkAcked(t, dir, l)
}

// checkPrefix holds a ledger against another that it must be a beginning of.
func checkPrefix(t *testing.T, dir, part string) {
	t.Helper()
	s := &session{call: call{env: os.Getenv}}
	whole, err := s.openStore(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	some, err := s.openStore(part, false)
	if err != nil {
		t.Fatal(err)
	}
	defer some.Close()
	// Copying the part into the whole finds every event there, and ends.
	known, copied, err := copyEvents(t.Context(), some, whole)
	if err != nil || copied != 0 || known == 0 {
		t.Errorf("%d events are the same, %d are not there: %v", known, copied, err)
	}
}

// backedUp is a data folder with a case, its backup as a folder, and its keys.
func backedUp(t *testing.T) (data, target, keys string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	if got := leeway(t, "import", "--data", data, sampleCase); got.code != 0 {
		t.Fatal(got)
	}
	dir := t.TempDir()
	target, keys = filepath.Join(dir, "backup"), filepath.Join(dir, "keys.tar")
	pack := filepath.Join(data, packsFolder, "own", "1")
	if err := errors.Join(os.MkdirAll(pack, 0o700), os.WriteFile(filepath.Join(pack, "pack.yaml"), []byte("pack: own\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if got := leeway(t, "backup", target, "--keys", keys, "--data", data); got.code != 0 {
		t.Fatal(got)
	}
	return data, target, keys
}

func TestRestoreBringsEverythingBack(t *testing.T) {
	data, target, keys := backedUp(t)
	back := filepath.Join(t.TempDir(), "back")
	if got := leeway(t, "restore", target, "--keys", keys, "--data", back); got.code != 0 {
		t.Fatal(got)
	}
	for _, args := range [][]string{{"case", "show", "SAMPLE-1", "--json"}, {"replay", "SAMPLE-1", "--as-of", "2021-12-31", "--json"}} {
		was, is := leeway(t, append(args, "--data", data)...), leeway(t, append(args, "--data", back)...)
		if was.code != 0 || was != is {
			t.Errorf("%v: was %v, is %v", args, was, is)
		}
	}
	if text, err := os.ReadFile(filepath.Join(back, packsFolder, "own", "1", "pack.yaml")); string(text) != "pack: own\n" {
		t.Errorf("the pack holds %q, %v", text, err)
	}
	if got := leeway(t, "import", "--data", back, sampleCase); got.code != 0 || !strings.Contains(got.out, "已在案 1 件") {
		t.Errorf("the restored folder takes no writes: %v", got)
	}
	for _, path := range []string{back, filepath.Join(back, ledgerFile), filepath.Join(back, keysFolder), target, keys} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v, %v, want it closed to others", path, info.Mode(), err)
		}
	}
}

// TestDamagedBackupRestoresNothing: one flipped byte in any file of a backup,
// or a missing file, and the data folder stays empty.
func TestDamagedBackupRestoresNothing(t *testing.T) {
	_, target, keys := backedUp(t)
	flip := func(t *testing.T, path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text[len(text)/2] ^= 1
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, harm := range map[string]func(t *testing.T, dir string){
		"ledger flipped":   func(t *testing.T, dir string) { flip(t, filepath.Join(dir, ledgerFile)) },
		"sums flipped":     func(t *testing.T, dir string) { flip(t, filepath.Join(dir, sumsFile)) },
		"ledger cut":       func(t *testing.T, dir string) { os.Truncate(filepath.Join(dir, ledgerFile), 8192) },
		"ledger missing":   func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, ledgerFile)) },
		"manifest missing": func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, manifestFile)) },
		"manifest empty":   func(t *testing.T, dir string) { os.Truncate(filepath.Join(dir, manifestFile), 0) },
		"packs flipped":    func(t *testing.T, dir string) { flip(t, filepath.Join(dir, packsFile)) },
		"packs missing":    func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, packsFile)) },
		"keys flipped":     func(t *testing.T, _ string) { flip(t, keys) },
	} {
		t.Run(name, func(t *testing.T) {
			harmed := filepath.Join(t.TempDir(), "backup")
			if err := os.CopyFS(harmed, os.DirFS(target)); err != nil {
				t.Fatal(err)
			}
			harm(t, harmed)
			back := t.TempDir()
			if err := os.Chmod(back, 0o700); err != nil {
				t.Fatal(err)
			}
			got := leeway(t, "restore", harmed, "--keys", keys, "--data", back)
			if got.code == 0 || got.errors == "" {
				t.Errorf("restore: %v, want an error", got)
			}
			if left, err := os.ReadDir(back); err != nil || len(left) > 0 {
				t.Errorf("the data folder holds %v, %v", left, err)
			}
		})
	}
}

// TestForgedSumsAreFound: a ledger and a manifest that agree with each other,
// over a list of sums from elsewhere.
func TestForgedSumsAreFound(t *testing.T) {
	_, target, _ := backedUp(t)
	m, err := readManifest(target)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(target, sumsFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	for name, forged := range map[string][][]byte{
		"swapped": append([][]byte{lines[1], lines[0]}, lines[2:]...),
		"short":   lines[:len(lines)-1],
		"long":    append(slices.Clone(lines), lines[0]),
	} {
		if err := os.WriteFile(path, append(bytes.Join(forged, []byte("\n")), '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
		if m.Sums, err = digestOf(path); err != nil {
			t.Fatal(err)
		}
		if err := m.check(t.Context(), target); !errors.Is(err, errDiffers) {
			t.Errorf("%s: %v, want errDiffers", name, err)
		}
	}
}

// TestHostileArchiveEscapesNowhere: names that lead out, links, and what
// belongs to no backup.
func TestHostileArchiveEscapesNowhere(t *testing.T) {
	for _, h := range []tar.Header{
		{Name: "../evil", Typeflag: tar.TypeReg}, {Name: "/tmp/evil", Typeflag: tar.TypeReg},
		{Name: ledgerFile, Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, {Name: "keys/../../evil", Typeflag: tar.TypeReg},
		{Name: "leeway.toml", Typeflag: tar.TypeReg}, {Name: ledgerFile, Typeflag: tar.TypeLink, Linkname: manifestFile},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "evil.tar")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := tar.NewWriter(f)
		h.Mode = 0o600
		if err := errors.Join(w.WriteHeader(&h), w.Close(), f.Close()); err != nil {
			t.Fatal(err)
		}
		data := filepath.Join(dir, "data")
		if got := leeway(t, "restore", path, "--data", data); got.code != exitConflict {
			t.Errorf("%s: %v, want code %d", h.Name, got, exitConflict)
		}
		var found []string
		fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, _ error) error {
			found = append(found, name)
			return nil
		})
		if !slices.Equal(found, []string{".", "data", "evil.tar"}) {
			t.Errorf("%s left %v", h.Name, found)
		}
	}
}

func TestBackupAndRestoreOverwriteNothing(t *testing.T) {
	data, target, keys := backedUp(t)
	for _, args := range [][]string{
		{"backup", target, "--data", data},
		{"backup", target + "2", "--keys", keys, "--data", data},
		{"restore", target, "--data", data},
	} {
		if got := leeway(t, args...); got.code != exitInvalid {
			t.Errorf("%v: %v, want code %d", args, got, exitInvalid)
		}
	}
}

// TestKilledBackupLeavesNoBackup: a backup that is killed leaves nothing under
// its name unless it is whole, and the ledger as it was.
func TestKilledBackupLeavesNoBackup(t *testing.T) {
	dir := socketDir(t)
	r := startServer(t, dir)
	l := startWriters(r.store(t), 8, 0)
	l.atLeast(t, 200)
	l.stop()
	whole := 0
	for i := range 8 {
		target := filepath.Join(socketDir(t), "backup.tar")
		cmd := exec.Command("leeway", "backup", target, "--data", dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i*15) * time.Millisecond) // killed at no known point
		cmd.Process.Kill()
		cmd.Wait()
		back := filepath.Join(socketDir(t), "data")
		got := leeway(t, "restore", target, "--data", back)
		switch _, err := os.Stat(target); {
		case err == nil && got.code == 0:
			whole++
			checkPrefix(t, dir, back)
		case err == nil || got.code != exitNotFound:
			t.Errorf("killed after %d ms: there: %t, restore: %v", i*15, err == nil, got)
		}
	}
	t.Logf("%d of 8 were whole", whole)
	checkAcked(t, dir, l)
}
