package ledger

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"leeway/eventstore"
	"leeway/eventstore/sqlite"
)

// cutStep is at every how many bytes a file is cut: each takes a start of the
// log. make bytes sets everyByteVar.
func cutStep(plain int) int {
	if os.Getenv(everyByteVar) != "" {
		return 1
	}
	return plain
}

// everyByteVar asks for every byte instead of some.
const everyByteVar = "LEEWAY_EVERY_BYTE"

// cutStore is a real store with six events under a checkpoint, and one more
// batch of three that was acknowledged.
type cutStore struct {
	*office
	file, log []byte // as they lie on the disk when the power goes
	want      []eventstore.Recorded
}

func newCutStore(t *testing.T, covered bool) *cutStore {
	t.Helper()
	o := newOffice(t, 0)
	path := filepath.Join(o.dir, "events.db")
	open := func() *sqlite.Store {
		s, err := sqlite.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		o.cfg.Store = s
		return s
	}
	s := open()
	o.record(6)
	o.create().Close()
	s.Close() // merges the write-ahead log, so that the next one holds the batch alone
	s = open()
	defer s.Close()
	b := batch(6)
	for n := 7; n < 9; n++ {
		e := batch(n).Events[0]
		b.Events = append(b.Events, e)
	}
	appendTo(t, s, b)
	if covered {
		l := o.open()
		seal(t, l)
		l.Close()
	}
	c := &cutStore{office: o, want: recorded(t, s)}
	for name, into := range map[string]*[]byte{path: &c.file, path + "-wal": &c.log} {
		var err error
		if *into, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// start opens the store with these files and the log over it, as a server does,
// and gives the events that it then has.
func (c *cutStore) start(dir string, file, log []byte) ([]eventstore.Recorded, error) {
	path := filepath.Join(dir, "events.db")
	err := errors.Join(os.Remove(path), os.WriteFile(path, file, 0o600), os.WriteFile(path+"-wal", log, 0o600))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	os.Remove(path + "-shm")
	s, err := sqlite.Open(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	cfg := c.cfg
	cfg.Store, cfg.Signers, cfg.Dir = s, nil, ""
	l, err := Open(c.t.Context(), cfg)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	var got []eventstore.Recorded
	for r, err := range s.All(c.t.Context(), eventstore.Start) {
		if err != nil {
			return nil, err
		}
		got = append(got, r)
	}
	return got, nil
}

// same compares events by what the tree is over.
func same(a, b []eventstore.Recorded) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].ID != b[i].ID || !bytes.Equal(a[i].Data, b[i].Data) {
			return false
		}
	}
	return true
}

// TestLastBatchCutAnywhere cuts the write-ahead log off inside the last batch,
// which a disk can do that lied about its fsync. The batch is then there whole
// or not at all, and everything before it is. Where a checkpoint covers it, a
// start without it is refused: nothing acknowledged goes unnoticed.
func TestLastBatchCutAnywhere(t *testing.T) {
	for name, covered := range map[string]bool{"no checkpoint covers it": false, "a checkpoint covers it": true} {
		t.Run(name, func(t *testing.T) {
			c := newCutStore(t, covered)
			dir, whole, gone := t.TempDir(), 0, 0
			for n := 0; n <= len(c.log); n += min(cutStep(173), max(1, len(c.log)-n)) {
				got, err := c.start(dir, c.file, c.log[:n])
				switch {
				case err == nil && same(got, c.want):
					whole++
				case err == nil && !covered && same(got, c.want[:6]):
					gone++
				case covered && errors.Is(err, ErrRolledBack):
					gone++
				default:
					t.Fatalf("cut after %d of %d bytes: %d events, %v", n, len(c.log), len(got), err)
				}
			}
			if whole == 0 || gone == 0 {
				t.Errorf("%d starts had the batch, %d did not: nothing was cut, or everything", whole, gone)
			}
			t.Logf("%d bytes: %d starts with the whole batch, %d without", len(c.log), whole, gone)
		})
	}
}

// TestStoreCutAnywhere cuts the merged file itself off, in its last pages. It is
// refused, or every event is there.
func TestStoreCutAnywhere(t *testing.T) {
	c := newCutStore(t, true)
	path := filepath.Join(c.dir, "events.db")
	merged, err := os.ReadFile(path) // the store was closed
	if err != nil {
		t.Fatal(err)
	}
	dir, refused := t.TempDir(), 0
	for n := max(0, len(merged)-2*4096); n < len(merged); n += min(cutStep(173), max(1, len(merged)-n)) {
		got, err := c.start(dir, merged[:n], nil)
		switch {
		case err == nil && same(got, c.want):
		case errors.Is(err, eventstore.ErrCorrupt), errors.Is(err, ErrRolledBack):
			refused++
		default:
			t.Fatalf("cut after %d of %d bytes: %d events, %v", n, len(merged), len(got), err)
		}
	}
	if refused == 0 {
		t.Error("no cut was refused: nothing was cut")
	}
}
