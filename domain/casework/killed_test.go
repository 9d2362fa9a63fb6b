package casework

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"leeway/eventstore/sqlite"
)

// importInto names the store that a child process imports into.
const importInto = "LEEWAY_TEST_IMPORT_INTO"

// inFile is a service over a durable store, closed with the test.
func inFile(t *testing.T, path string) *Service {
	t.Helper()
	store, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	d := newDesk(t)
	d.Store = store
	return d.Service
}

// TestImportChild is the import that TestKilledImport kills. It says on its
// standard output which cases are on record.
func TestImportChild(t *testing.T) {
	path := os.Getenv(importInto)
	if path == "" {
		return // only as a child
	}
	s := inFile(t, path)
	_, err := s.Import(t.Context(), read(t, many(40)), func(p Progress) { fmt.Printf("on record %s\n", p.Case) })
	if err != nil {
		t.Fatal(err)
	}
}

// TestKilledImport kills an importing process after n cases: what it said is
// on record is, every case is whole, and importing again ends as if nothing
// had happened.
func TestKilledImport(t *testing.T) {
	for _, n := range []int{1, 17} {
		path := filepath.Join(t.TempDir(), "ledger.db")
		said := killAfter(t, path, n)
		s := inFile(t, path)
		if found := wholeCases(t, s); found < len(said) {
			t.Errorf("%d cases on record, %d were said to be", found, len(said))
		}
		for _, id := range said {
			if _, err := s.Dossier(t.Context(), id); err != nil {
				t.Errorf("case %s, which was said to be on record: %v", id, err)
			}
		}
		if _, err := s.Import(t.Context(), read(t, many(40)), nil); err != nil {
			t.Fatal(err)
		}
		again, err := s.Import(t.Context(), read(t, many(40)), nil)
		if err != nil || again != (Imported{Known: 40}) || wholeCases(t, s) != 40 {
			t.Errorf("in the end: %+v, %v", again, err)
		}
	}
}

// killAfter runs an import in a child and kills it when it has said that n
// cases are on record. It returns all that it has said.
func killAfter(t *testing.T, path string, n int) (said []string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestImportChild$")
	child.Env = append(os.Environ(), importInto+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(out)
	for in.Scan() {
		if id, ok := strings.CutPrefix(in.Text(), "on record "); ok {
			said = append(said, id)
		}
		if len(said) == n {
			child.Process.Kill()
		}
	}
	child.Wait() // it was killed, or has ended before
	if len(said) < n {
		t.Fatalf("the child said %q", said)
	}
	return said
}
