package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leeway/eventstore"
)

// TestBackupWhileWriting: a copy made in the middle of writing holds a prefix
// of the store in whole batches, with the same positions, and takes appends.
func TestBackupWhileWriting(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, fileIn(dir))
	defer s.Close()
	fill(t, s, "before", 50)
	ctx, stop := context.WithCancel(t.Context())
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := int64(0); ctx.Err() == nil; i += 2 {
			if _, err := s.Append(ctx, batch("during", i-1, "a", "b")); err != nil && ctx.Err() == nil {
				t.Errorf("Append = %v", err)
				return
			}
		}
	}()
	for round := range 3 {
		path := filepath.Join(dir, fmt.Sprintf("copy-%d.db", round))
		reader := readerAt(t, fileIn(dir))
		if err := errors.Join(reader.Backup(t.Context(), path), reader.Close()); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the copy has mode %v, %v, want 0600", info.Mode(), err)
		}
		c := openAt(t, path)
		got := mustAll(t, c)
		if len(got) < 50 || len(got)%2 != 0 {
			t.Errorf("the copy holds %d events, want at least 50 in whole batches", len(got))
		}
		if d := cmp.Diff(mustAll(t, s)[:len(got)], got); d != "" {
			t.Errorf("the copy is no prefix of the store:\n%s", d)
		}
		mustAppend(t, c, batch("after", eventstore.NoStream, "x"))
		mustClose(t, c)
	}
	stop()
	<-written
}

func TestBackupLeavesWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, fileIn(dir))
	defer s.Close()
	fill(t, s, "s", 1)
	path := filepath.Join(dir, "taken")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), path); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("Backup over a file = %v, want ErrInvalid", err)
	}
	if text, err := os.ReadFile(path); string(text) != "mine" {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

func TestBackupThatFailsLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, fileIn(dir))
	defer s.Close()
	fill(t, s, "s", 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := names(t, dir)
	if err := s.Backup(ctx, filepath.Join(dir, "copy.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("Backup = %v, want the context's error", err)
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "none", "copy.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Backup into no folder = %v, want ErrNotExist", err)
	}
	if after := names(t, dir); !slices.Equal(before, after) {
		t.Errorf("the folder held %v and holds %v", before, after)
	}
	mustClose(t, s)
	if err := s.Backup(t.Context(), filepath.Join(dir, "copy.db")); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("Backup of a closed store = %v, want ErrClosed", err)
	}
}

func mustAll(t *testing.T, s *Store) []eventstore.Recorded {
	t.Helper()
	rs, err := collect(s.All(t.Context(), eventstore.Start))
	if err != nil {
		t.Fatalf("All = %v", err)
	}
	return rs
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		list = append(list, f.Name())
	}
	return list
}
