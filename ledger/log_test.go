package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"leeway/eventstore"
	"leeway/eventstore/memory"
	"leeway/eventstore/sqlite"
)

func TestCreateSealsWhatIsOnRecord(t *testing.T) {
	for _, n := range []int{0, 1, 7} {
		o := newOffice(t, n)
		l := o.create()
		s, c := seal(t, l)
		var leaves []tlog.Hash
		for _, r := range recorded(t, o.store) {
			leaves = append(leaves, tlog.RecordHash(r.Data))
		}
		if s.Seq != 1 || c != (Checkpoint{origin, int64(n), slowRoot(leaves)}) {
			t.Errorf("%d events: sealed %d as %+v", n, s.Seq, c)
		}
		_, err := Create(t.Context(), o.cfg)
		wantErr(t, err, ErrExists)
	}
}

func TestOpenGoesOn(t *testing.T) {
	for _, quick := range []bool{false, true} {
		o := newOffice(t, 5)
		o.cfg.Quick = quick
		o.create().Close()
		o.record(4) // on record, not sealed, as after a crash
		l := o.open()
		if s, c := seal(t, l); s.Seq != 2 || c.Size != 9 {
			t.Errorf("quick %t: after the start the checkpoint is number %d over %d events, want 2 over 9", quick, s.Seq, c.Size)
		}
		if again, _ := seal(t, l); again.Seq != 2 {
			t.Errorf("quick %t: sealing nothing new made checkpoint %d", quick, again.Seq)
		}
	}
}

// TestTreeIsDerived damages the stored tree in every way, and the log opens
// all the same with the right root.
func TestTreeIsDerived(t *testing.T) {
	for name, damage := range map[string]func(dir string) error{
		"gone":                os.RemoveAll,
		"hashes gone":         func(dir string) error { return os.Remove(filepath.Join(dir, "hashes")) },
		"places gone":         func(dir string) error { return os.Remove(filepath.Join(dir, "places")) },
		"hashes torn":         func(dir string) error { return os.Truncate(filepath.Join(dir, "hashes"), 5*32+7) },
		"places torn":         func(dir string) error { return os.Truncate(filepath.Join(dir, "places"), 3*8+1) },
		"a leaf changed":      func(dir string) error { return flipIn(filepath.Join(dir, "hashes"), 3) },
		"a node changed":      func(dir string) error { return flipIn(filepath.Join(dir, "hashes"), 2*32+1) },
		"a place changed":     func(dir string) error { return flipIn(filepath.Join(dir, "places"), 8*4+7) },
		"places not in order": func(dir string) error { return flipIn(filepath.Join(dir, "places"), 8*4) },
		"longer than sealed": func(dir string) error {
			f, err := os.OpenFile(filepath.Join(dir, "hashes"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.Write(make([]byte, 999))
			return errors.Join(err, f.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, 11)
			l := o.create()
			_, want := seal(t, l)
			l.Close()
			for _, quick := range []bool{true, false} {
				if err := damage(o.cfg.Dir); err != nil {
					t.Fatal(err)
				}
				o.cfg.Quick = quick
				l = o.open()
				if _, c := seal(t, l); c != want {
					t.Errorf("quick %t: root is %s over %d events, want %s over %d", quick, c.Root, c.Size, want.Root, want.Size)
				}
				for _, r := range recorded(t, o.store) {
					if _, err := l.Prove(r); err != nil {
						t.Errorf("quick %t: prove: %v", quick, err)
					}
				}
				l.Close()
			}
		})
	}
}

// TestTreeOfSomebodyElse puts a whole and consistent tree of other events in
// place. It must not become what proofs are made from.
func TestTreeOfSomebodyElse(t *testing.T) {
	for _, quick := range []bool{false, true} {
		o, other := newOffice(t, 11), newOffice(t, 0)
		for n := range 11 {
			b := batch(n)
			b.Events[0].Data = []byte("other bytes")
			appendTo(t, other.store, b)
		}
		other.create().Close()
		o.create().Close()
		o.cfg.Dir, o.cfg.Quick = other.cfg.Dir, quick
		l := o.open()
		for _, r := range recorded(t, o.store) {
			if _, err := l.Prove(r); err != nil {
				t.Errorf("quick %t: %v", quick, err)
			}
		}
	}
}

func flipIn(file string, at int) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	b[at] ^= 1
	return os.WriteFile(file, b, 0o600)
}

// TestOpenRefuses is what must never start, with the way out in words.
func TestOpenRefuses(t *testing.T) {
	drop := func(all []eventstore.Recorded) []eventstore.Recorded { return all[:len(all)-1] }
	for _, c := range []struct {
		name   string
		change func([]eventstore.Recorded) []eventstore.Recorded
		want   error
		says   []string
	}{
		{"the newest event is missing", drop, ErrRolledBack, []string{"there are 8 events, the checkpoint of " + origin + " covers 9", "old backup"}},
		{"nothing is there", func([]eventstore.Recorded) []eventstore.Recorded { return nil }, ErrRolledBack, []string{"there are 0"}},
		{"an event was changed", flip(4, 5), ErrRewritten, []string{"event 4", "revision 1 of case-1", "evidence"}},
		{"the newest event was changed", flip(8, 0), ErrRewritten, []string{"event 8", "revision 2 of case-2"}},
		{"two events changed places", func(all []eventstore.Recorded) []eventstore.Recorded {
			all[2].Data, all[3].Data = all[3].Data, all[2].Data
			return all
		}, ErrRewritten, []string{"event 2"}},
		{"an event was taken out of the middle", func(all []eventstore.Recorded) []eventstore.Recorded {
			return append(all[:3], all[4:]...)
		}, ErrRolledBack, []string{"there are 8"}},
		{"an event was put in", func(all []eventstore.Recorded) []eventstore.Recorded {
			more := all[3]
			more.Data = []byte("{}")
			return append(all[:3:3], append([]eventstore.Recorded{more}, all[3:]...)...)
		}, ErrRewritten, []string{"event 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, 9)
			o.create().Close()
			o.cfg.Store = forged{o.store, c.change}
			err := o.refused(c.want)
			for _, words := range c.says {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("the error does not say %q: %v", words, err)
				}
			}
			// Without the stored tree the change is found, though not its place.
			if err := os.RemoveAll(o.cfg.Dir); err != nil {
				t.Fatal(err)
			}
			o.refused(c.want)
			// In memory, as a reader beside a running log.
			o.cfg.Dir = ""
			o.refused(c.want)
			// The store is not to blame.
			o.cfg.Store = o.store
			o.open()
		})
	}
}

// TestQuickOpen says what the quick start sees and what it does not.
func TestQuickOpen(t *testing.T) {
	for name, c := range map[string]struct {
		change func([]eventstore.Recorded) []eventstore.Recorded
		want   error
	}{
		"newest changed":      {flip(8, 1), ErrRewritten},
		"newest missing":      {func(all []eventstore.Recorded) []eventstore.Recorded { return all[:8] }, ErrRolledBack},
		"older one, not seen": {flip(2, 1), nil},
	} {
		o := newOffice(t, 9)
		o.create().Close()
		o.cfg.Quick = true
		o.cfg.Store = forged{o.store, c.change}
		l, err := Open(t.Context(), o.cfg)
		if err == nil {
			_, err2 := l.Prove(recorded(t, o.cfg.Store)[2])
			if c.want == nil {
				wantErr(t, err2, ErrRewritten) // nobody is handed a proof of it
			}
			l.Close()
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestEventsMovedToAnotherStore keeps bytes and order and changes positions.
func TestEventsMovedToAnotherStore(t *testing.T) {
	for _, quick := range []bool{false, true} {
		o := newOffice(t, 6)
		o.create().Close()
		o.cfg.Quick = quick
		o.cfg.Store = forged{o.store, func(all []eventstore.Recorded) []eventstore.Recorded {
			for i := range all {
				all[i].Position = all[i].Position*1000 + 7
			}
			return all
		}}
		l := o.open()
		for i, r := range recorded(t, o.cfg.Store) {
			if p, err := l.Prove(r); err != nil || p.Index != int64(i) {
				t.Errorf("quick %t: event %d is proven as %d: %v", quick, i, p.Index, err)
			}
		}
	}
}

func TestOpenNeedsACheckpointItTrusts(t *testing.T) {
	o := newOffice(t, 3)
	err := o.refused(ErrNoCheckpoint)
	if !strings.Contains(err.Error(), "backup") {
		t.Errorf("the error does not say what to do: %v", err)
	}
	o.create().Close()

	other := newOffice(t, 0)
	mine := o.cfg
	o.cfg.Policy = other.cfg.Policy
	o.refused(ErrUntrusted)

	o.cfg = mine
	o.cfg.Origin, o.cfg.Signers = "ledger.example/other", nil
	o.refused(ErrUntrusted)

	o.cfg = mine
	stranger, err := CreateKey(filepath.Join(o.dir, "stranger"), "ledger.example/stranger")
	if err != nil {
		t.Fatal(err)
	}
	o.cfg.Signers = []Signer{stranger}
	o.refused(ErrUntrusted)
}

func TestReadErrorIsNotAShortHistory(t *testing.T) {
	o := newOffice(t, 9)
	o.create().Close()
	store := o.store.(*memory.Store)
	store.Damage("case-1", 1)
	err := o.refused(eventstore.ErrCorrupt)
	if errors.Is(err, ErrRolledBack) || errors.Is(err, ErrRewritten) {
		t.Errorf("an unreadable event is taken for a changed history: %v", err)
	}
}

// TestRestoredBackup puts an old copy of a real store back, as an operator
// does after a disk failure, and lets it grow past the checkpoint again.
func TestRestoredBackup(t *testing.T) {
	o := newOffice(t, 0)
	file := filepath.Join(o.dir, "events.db")
	sql := func() *sqlite.Store {
		s, err := sqlite.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		o.cfg.Store = s
		return s
	}
	s := sql()
	o.record(6)
	o.create().Close()
	s.Close()
	backup, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	s = sql()
	o.record(6)
	l := o.open()
	seal(t, l)
	l.Close()
	s.Close()

	for _, name := range []string{file + "-wal", file + "-shm"} {
		os.Remove(name)
	}
	if err := os.WriteFile(file, backup, 0o600); err != nil {
		t.Fatal(err)
	}
	s = sql()
	if err := o.refused(ErrRolledBack); !strings.Contains(err.Error(), "put back the newest backup") {
		t.Errorf("the error does not say what to do: %v", err)
	}
	// Writing on makes it worse and not invisible.
	for n := 6; n < 15; n++ {
		b := batch(n)
		b.Events[0].Data = append(b.Events[0].Data, ' ')
		appendTo(t, s, b)
	}
	o.cfg.Quick = true
	if err := o.refused(ErrRewritten); !strings.Contains(err.Error(), "event 6 ") {
		t.Errorf("the first event after the backup is not named: %v", err)
	}
	s.Close()
}

// TestEditedFile changes single bytes of one event in the file of a real
// store, as somebody with the disk in his hands can.
func TestEditedFile(t *testing.T) {
	o := newOffice(t, 0)
	file := filepath.Join(o.dir, "events.db")
	s, err := sqlite.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	o.cfg.Store = s
	o.record(6)
	o.create().Close()
	s.Close()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data := batch(4).Events[0].Data
	at := strings.Index(string(whole), string(data))
	if at < 0 {
		t.Fatal("the event does not lie in the file in one piece")
	}
	for i := range data {
		if err := os.WriteFile(file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := flipIn(file, at+i); err != nil {
			t.Fatal(err)
		}
		s, err := sqlite.Open(file)
		if err != nil {
			continue // the store noticed it first
		}
		o.cfg.Store = s
		l, err := Open(t.Context(), o.cfg)
		if err == nil {
			l.Close()
			t.Errorf("byte %d of the event is changed, and the log starts", i)
		} else if !errors.Is(err, ErrRewritten) && !errors.Is(err, eventstore.ErrCorrupt) {
			t.Errorf("byte %d: %v", i, err)
		}
		s.Close()
	}
}
