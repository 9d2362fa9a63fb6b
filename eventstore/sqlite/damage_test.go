package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"leeway/eventstore"
)

// TestTampered: whatever has happened to the tables, a read that cannot yield
// what was written says so, and where.
func TestTampered(t *testing.T) {
	const both = "both"
	for _, tt := range []struct {
		name      string
		statement string
		seenBy    string // Read of the stream, All, or both
		says      string
	}{
		{"a revision in the middle is missing", `DELETE FROM events WHERE stream = 's' AND revision = 2`, both, ""},
		{"the tail is missing", `DELETE FROM events WHERE stream = 's' AND revision >= 3`, both, ""},
		{"the head is missing", `DELETE FROM events WHERE stream = 's' AND revision = 0`, both, ""},
		{"the stream is missing", `DELETE FROM events WHERE stream = 's'`, both, ""},
		{"the stream is not listed", `DELETE FROM streams WHERE name = 's'`, "Read", `"s" should end at revision -1`},
		{"the stream is listed as shorter", `UPDATE streams SET last = 1 WHERE name = 's'`, "Read", `"s" should end at revision 1`},
		{"the stream is listed as longer", `UPDATE streams SET last = 9 WHERE name = 's'`, "Read", `"s" has no revision 5`},
		{"the store ends earlier", `UPDATE head SET position = 3`, "All", "position 3"},
		{"the store ends later", `UPDATE head SET position = 99`, "All", "position 99"},
		{"the store has no end", `DELETE FROM head`, "All", "where it ends"},
		{"other data", `UPDATE events SET data = x'00' WHERE revision = 2`, both, `"s" revision 2`},
		{"no data", `UPDATE events SET data = x'' WHERE revision = 2`, both, `"s" revision 2`},
		{"another type", `UPDATE events SET type = 'noted.v2' WHERE revision = 2`, both, `"s" revision 2`},
		{"another id", `UPDATE events SET id = 'x' WHERE revision = 2`, both, `"s" revision 2`},
		{"another command", `UPDATE events SET command = 'x' WHERE revision = 2`, both, `"s" revision 2`},
		{"another time", `UPDATE events SET created = created + 1 WHERE revision = 2`, both, `"s" revision 2`},
		{"another checksum", `UPDATE events SET sum = sum + 1 WHERE revision = 2`, both, `"s" revision 2`},
		{"another stream", `UPDATE events SET stream = 't' WHERE revision = 4`, both, ""},
		{"another revision", `UPDATE events SET revision = 7 WHERE revision = 2`, both, ""},
		{"another position", `UPDATE events SET position = 70 WHERE revision = 2`, both, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := fileIn(t.TempDir())
			s := openAt(t, path)
			defer s.Close()
			fill(t, s, "s", 5)
			tamper(t, path, tt.statement)
			read, readErr := collect(s.Read(t.Context(), "s", 0))
			all, allErr := collect(s.All(t.Context(), eventstore.Start))
			for i, r := range append(read, all...) {
				if want := fmt.Sprintf("s %d", r.Revision); string(r.Data) != want {
					t.Errorf("pair %d is %q, want %q or nothing", i, r.Data, want)
				}
			}
			if tt.seenBy != "All" && (!errors.Is(readErr, eventstore.ErrCorrupt) || !strings.Contains(readErr.Error(), tt.says)) {
				t.Errorf("Read = %v, want ErrCorrupt that says %q", readErr, tt.says)
			}
			if tt.seenBy != "Read" && (!errors.Is(allErr, eventstore.ErrCorrupt) || !strings.Contains(allErr.Error(), tt.says)) {
				t.Errorf("All = %v, want ErrCorrupt that says %q", allErr, tt.says)
			}
		})
	}
}

// TestMissingIsNamed: the error gives the stream and the revision.
func TestMissingIsNamed(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	defer s.Close()
	fill(t, s, "案件-1", 5)
	tamper(t, path, `DELETE FROM events WHERE revision = 2`)
	rs, err := collect(s.Read(t.Context(), "案件-1", 0))
	if len(rs) != 2 || !errors.Is(err, eventstore.ErrCorrupt) || !strings.Contains(err.Error(), `"案件-1" has no revision 2`) {
		t.Errorf("Read = %d events, %v", len(rs), err)
	}
	tamper(t, path, `DELETE FROM events WHERE revision = 4`)
	if _, err = collect(s.Read(t.Context(), "案件-1", 0)); !strings.Contains(err.Error(), `"案件-1" has no revision 4`) {
		t.Errorf("Read of a stream without its tail = %v", err)
	}
}

// TestGarbledPages: blocks of the file are overwritten, as a failing disk
// does. Every read either yields what was written or ends with ErrCorrupt.
func TestGarbledPages(t *testing.T) {
	const n, page = 60, 4096
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	for i := range int64(n) {
		mustAppend(t, s, batch("s", i-1, fmt.Sprintf("%d:%s", i, strings.Repeat("x", 3000))))
	}
	mustClose(t, s)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	noticed := 0
	for at := page; at+page <= len(whole); at += page {
		garbled := bytes.Clone(whole)
		for i := range page {
			garbled[at+i] ^= 0x5a
		}
		if err := os.WriteFile(path, garbled, 0o600); err != nil {
			t.Fatal(err)
		}
		err := readGarbled(t, path, n)
		if err != nil && !errors.Is(err, eventstore.ErrCorrupt) {
			t.Errorf("with page %d garbled: %v, want ErrCorrupt", at/page+1, err)
		}
		if err != nil {
			noticed++
		}
	}
	// Pages that only appends use, such as the index of event ids, stay
	// unnoticed by reads.
	if noticed < n {
		t.Errorf("reads noticed %d garbled pages, %d hold events", noticed, n)
	}
}

// readGarbled reads everything in both ways and returns the first error.
func readGarbled(t *testing.T, path string, n int) error {
	t.Helper()
	s, err := OpenReader(path)
	if err != nil {
		return err
	}
	defer s.Close()
	all, allErr := collect(s.All(t.Context(), eventstore.Start))
	read, readErr := collect(s.Read(t.Context(), "s", 0))
	if allErr == nil && len(all) != n || readErr == nil && len(read) != n {
		t.Errorf("a shorter history without an error: %d and %d events", len(all), len(read))
	}
	for _, r := range append(all, read...) {
		if want := fmt.Sprintf("%d:", r.Revision); !strings.HasPrefix(string(r.Data), want) {
			t.Errorf("revision %d yields %.10q", r.Revision, r.Data)
		}
	}
	return errors.Join(allErr, readErr)
}

// TestDamagedCommand: whether a batch is a retry of a damaged one cannot be
// told. That is an answer, and no reason to stop writing.
func TestDamagedCommand(t *testing.T) {
	for name, statement := range map[string]string{
		"changed": `UPDATE events SET data = x'00' WHERE revision = 1`,
		"missing": `DELETE FROM events WHERE revision = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			path := fileIn(t.TempDir())
			s := openAt(t, path)
			defer s.Close()
			b := batch("s", eventstore.NoStream, "0", "1")
			mustAppend(t, s, b)
			tamper(t, path, statement)
			if last, err := s.Append(t.Context(), b); !errors.Is(err, eventstore.ErrCorrupt) {
				t.Errorf("the retry = %d, %v, want ErrCorrupt", last, err)
			}
			mustAppend(t, s, batch("t", eventstore.NoStream, "x"))
		})
	}
}

// TestNoEdits: at the sqlite3 prompt an event can be neither changed nor
// deleted by a slip of the hand.
func TestNoEdits(t *testing.T) {
	path := fileIn(t.TempDir())
	s := openAt(t, path)
	defer s.Close()
	fill(t, s, "s", 2)
	for _, statement := range []string{`DELETE FROM events`, `UPDATE events SET type = 'x'`} {
		if _, err := s.writer.conn.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s succeeds", statement)
		}
	}
	if got := len(mustRead(t, s, "s")); got != 2 {
		t.Errorf("the stream holds %d events, want 2", got)
	}
}
