package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leeway/eventstore"
)

// TestLock: a second writer is refused and told who the first is; when that
// one dies, however it dies, the way is free.
func TestLock(t *testing.T) {
	path := fileIn(t.TempDir())
	c := startChild(t, "hold", path)
	c.line(t)
	s, err := Open(path)
	if !errors.Is(err, eventstore.ErrLocked) {
		t.Fatalf("Open of a held store = %v, %v, want ErrLocked", s, err)
	}
	host, _ := os.Hostname()
	for _, want := range []string{fmt.Sprintf("process %d ", c.Process.Pid), host, "since 20", filepath.Base(os.Args[0])} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error %q does not say %q", err, want)
		}
	}
	c.kill()
	s = openAt(t, path)
	mustAppend(t, s, batch("s", eventstore.NoStream, "x"))
	mustClose(t, s)
}

func TestLockWithinProcess(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	if _, err := Open(path); !errors.Is(err, eventstore.ErrLocked) {
		t.Errorf("the second Open = %v, want ErrLocked", err)
	}
	// The refused one has taken nothing from the first.
	mustAppend(t, s, batch("s", eventstore.NoStream, "x"))
	if _, err := Open(path); !errors.Is(err, eventstore.ErrLocked) {
		t.Errorf("the third Open = %v, want ErrLocked", err)
	}
	mustClose(t, s)
	mustClose(t, openAt(t, path))
}

// TestLockByAnotherName: a link to the store leads to the same lock.
func TestLockByAnotherName(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	defer s.Close()
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(link); !errors.Is(err, eventstore.ErrLocked) {
		t.Errorf("Open by another name = %v, want ErrLocked", err)
	}
}

// TestLockWithoutName: between taking the lock and writing his name a holder
// is not known, and the error says that instead of naming the one before.
func TestLockWithoutName(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	defer s.Close()
	for _, text := range []string{"", "{", "not json"} {
		if err := os.WriteFile(path+".lock", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path)
		if !errors.Is(err, eventstore.ErrLocked) || !strings.Contains(err.Error(), "has not written its name") {
			t.Errorf("with %q in the lock file Open = %v", text, err)
		}
	}
}

func TestLockIsGivenBackOnFailure(t *testing.T) {
	path := fileIn(t.TempDir())
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := Open(path); errors.Is(err, eventstore.ErrLocked) || err == nil {
			t.Errorf("Open = %v, want the reason and not ErrLocked", err)
		}
	}
}

func TestCommandLineHidesArguments(t *testing.T) {
	defer func(args []string) { os.Args = args }(os.Args)
	for want, args := range map[string][]string{
		"leeway":       {"/opt/leeway", "--token=secret"},
		"leeway serve": {"leeway", "serve", "--token", "secret"},
	} {
		if os.Args = args; commandLine() != want {
			t.Errorf("of %q is shown %q, want %q", args, commandLine(), want)
		}
	}
}
