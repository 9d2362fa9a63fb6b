package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leeway/eventstore"
)

// TestSchema: a file of another version or program is left alone, by writers
// and readers, and the error says what to do.
func TestSchema(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change string
		says   string
	}{
		{"newer", fmt.Sprintf("PRAGMA user_version = %d", schemaVersion+1), "use the newer program"},
		{"much newer", "PRAGMA user_version = 2000000", "use the newer program"},
		{"older", "PRAGMA user_version = 0", "from a backup"},
		{"another program's", "PRAGMA application_id = 7", "another program"},
		{"unmarked", "PRAGMA application_id = 0; PRAGMA user_version = 0", "holds no event store"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := fileIn(t.TempDir())
			s := openAt(t, path)
			fill(t, s, "s", 2)
			mustClose(t, s)
			execute(t, path, tt.change)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for who, open := range map[string]func(string) (*Store, error){"Open": Open, "OpenReader": OpenReader} {
				_, err := open(path)
				if !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), path) {
					t.Errorf("%s = %v, want ErrSchema that says %q", who, err, tt.says)
				}
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the refused file has changed, %v", err)
			}
		})
	}
}

// execute runs statements on a closed store's file.
func execute(t *testing.T, path, statements string) {
	t.Helper()
	db, err := connect(path, "rwc", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
}

func TestForeignDatabase(t *testing.T) {
	path := fileIn(t.TempDir())
	execute(t, path, `CREATE TABLE notes (text TEXT)`)
	if _, err := Open(path); !errors.Is(err, ErrSchema) {
		t.Errorf("Open of a database of someone else = %v, want ErrSchema", err)
	}
	execute(t, path, `INSERT INTO notes VALUES ('still there')`)
}

func TestNoDatabase(t *testing.T) {
	path := fileIn(t.TempDir())
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for who, open := range map[string]func(string) (*Store, error){"Open": Open, "OpenReader": OpenReader} {
		if _, err := open(path); !errors.Is(err, eventstore.ErrCorrupt) {
			t.Errorf("%s = %v, want ErrCorrupt", who, err)
		}
	}
}

// TestEmptyFile: what a crash between creating the file and the tables leaves
// is a store that holds nothing yet.
func TestEmptyFile(t *testing.T) {
	path := fileIn(t.TempDir())
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReader(path); !errors.Is(err, ErrSchema) {
		t.Errorf("OpenReader = %v, want ErrSchema", err)
	}
	s := openAt(t, path)
	fill(t, s, "s", 1)
	mustClose(t, s)
}

func TestNoFile(t *testing.T) {
	path := fileIn(t.TempDir())
	if _, err := OpenReader(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OpenReader of nothing = %v, want fs.ErrNotExist", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after it the file is there: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(path, "below-a-file.db")); err == nil {
		t.Error("Open below a file succeeds")
	}
}

// TestPath: a path is a path, whatever characters it has. None of them is
// taken for a parameter.
func TestPath(t *testing.T) {
	for _, name := range []string{"a b.db", "a?mode=ro.db", "a%20b.db", "a#b.db", "a&b=c.db", "容错台账.db", "'quoted'.db"} {
		dir := filepath.Join(t.TempDir(), "数据 ?#%")
		path := filepath.Join(dir, name)
		s := openAt(t, path)
		fill(t, s, "s", 2)
		mustClose(t, s)
		if got := len(mustRead(t, readerAt(t, path), "s")); got != 2 {
			t.Errorf("%s: the reader finds %d events, want 2", name, got)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), name) {
				t.Errorf("%s: beside it stands %s", name, e.Name())
			}
		}
	}
}

// TestRelativePath: a store is found from the folder the program runs in, and
// stays found when that changes.
func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	s := openAt(t, "data/events.db")
	defer s.Close()
	t.Chdir(t.TempDir())
	fill(t, s, "s", 2)
	if got := len(mustRead(t, s, "s")); got != 2 {
		t.Errorf("the stream holds %d events, want 2", got)
	}
}

// TestCloseLeavesOneFile: a store that was closed is whole in its one file,
// which may then be copied by itself.
func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, fileIn(dir))
	fill(t, s, "s", 3)
	mustRead(t, s, "s")
	mustClose(t, s)
	for _, companion := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(fileIn(dir) + companion); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after Close %s is still there: %v", companion, err)
		}
	}
	text, err := os.ReadFile(fileIn(dir))
	if err != nil {
		t.Fatal(err)
	}
	copied := fileIn(t.TempDir())
	if err := os.WriteFile(copied, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := len(mustRead(t, readerAt(t, copied), "s")); got != 3 {
		t.Errorf("the copy holds %d events, want 3", got)
	}
}
