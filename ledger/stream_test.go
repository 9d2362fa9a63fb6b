package ledger

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"leeway/eventstore"
)

// TestEveryChangedByteOfEveryEvent changes each byte of a small ledger. The
// root gives it away always, and the leaf hashes name the event.
func TestEveryChangedByteOfEveryEvent(t *testing.T) {
	o := newOffice(t, 21)
	_, c := seal(t, o.create())
	events := datas(recorded(t, o.store))
	var leaves []tlog.Hash
	for _, e := range events {
		leaves = append(leaves, tlog.RecordHash(e))
	}
	sealed := func(i int64) (tlog.Hash, error) { return leaves[i], nil }
	if err := VerifyEvents(c, values(events), sealed); err != nil {
		t.Fatal(err)
	}
	flips := 0
	for n := range events {
		for i := range events[n] {
			for _, mask := range []byte{1, 0x80, 0xff} {
				events[n][i] ^= mask
				wantErr(t, VerifyEvents(c, values(events), nil), ErrRewritten)
				err := VerifyEvents(c, values(events), sealed)
				var m *Mismatch
				if !errors.Is(err, ErrRewritten) || !errors.As(err, &m) || m.Index != int64(n) || m.Want != leaves[n] {
					t.Fatalf("byte %d of event %d changed: %v", i, n, err)
				}
				events[n][i] ^= mask
				flips++
			}
		}
	}
	t.Logf("%d changes found", flips)
}

func TestVerifyEventsBlamesNobodyWithoutProof(t *testing.T) {
	o := newOffice(t, 10)
	_, c := seal(t, o.create())
	events := datas(recorded(t, o.store))
	wrong := func(i int64) (tlog.Hash, error) { return tlog.Hash{byte(i)}, nil }
	// The events are right, the hashes put beside them are not.
	if err := VerifyEvents(c, values(events), wrong); err != nil {
		t.Errorf("right events fail for wrong hashes: %v", err)
	}
	events[4] = []byte("{}")
	err := VerifyEvents(c, values(events), wrong)
	var m *Mismatch
	if !errors.Is(err, ErrRewritten) || errors.As(err, &m) {
		t.Errorf("an index is blamed on hashes that prove nothing: %v", err)
	}
	failed := errors.New("tile is gone")
	err = VerifyEvents(c, values(events), func(int64) (tlog.Hash, error) { return tlog.Hash{}, failed })
	wantErr(t, err, failed)
}

func TestVerifyEventsCountsAndStops(t *testing.T) {
	o := newOffice(t, 10)
	l := o.create()
	_, c := seal(t, l)
	events := datas(recorded(t, o.store))
	more := append(slices.Clone(events), []byte("later"), []byte("and later"))
	if err := VerifyEvents(c, values(more), nil); err != nil {
		t.Errorf("events after the checkpoint: %v", err)
	}
	for n := range events {
		wantErr(t, VerifyEvents(c, values(events[:n]), nil), ErrRolledBack)
	}
	swapped := slices.Clone(events)
	swapped[3], swapped[4] = swapped[4], swapped[3]
	wantErr(t, VerifyEvents(c, values(swapped), nil), ErrRewritten)
	wantErr(t, VerifyEvents(c, values(slices.Insert(slices.Clone(events), 5, []byte("x"))), nil), ErrRewritten)

	broken := errors.New("disk")
	err := VerifyEvents(c, func(yield func([]byte, error) bool) {
		_ = yield(events[0], nil) && yield(nil, broken)
	}, nil)
	wantErr(t, err, broken)
	if errors.Is(err, ErrRolledBack) || !strings.Contains(err.Error(), "event 1") {
		t.Errorf("a failed read is told as %v", err)
	}
	empty := newOffice(t, 0)
	_, none := seal(t, empty.create())
	if err := VerifyEvents(none, values[[]byte](nil), nil); err != nil {
		t.Errorf("no events under an empty checkpoint: %v", err)
	}
}

func TestTiles(t *testing.T) {
	o := newOffice(t, 600)
	l := o.create()
	dir := t.TempDir()
	if err := l.ExportTiles(dir); err != nil {
		t.Fatal(err)
	}
	check := func(size int64, want ...string) {
		t.Helper()
		for _, name := range want {
			if _, err := os.Stat(dir + "/" + name); err != nil {
				t.Errorf("%d events: %v", size, err)
			}
		}
		signed, err := os.ReadFile(dir + "/checkpoint")
		if err != nil {
			t.Fatal(err)
		}
		v, err := o.cfg.Policy.Verify(signed)
		if err != nil || v.Size != size {
			t.Fatalf("exported checkpoint covers %d: %v", v.Size, err)
		}
		// A tlog-tiles client that is not ours reads and proves from it.
		reader := tlog.TileHashReader(tlog.Tree{N: v.Size, Hash: v.Root}, tileReader{dir})
		for _, i := range []int64{0, 255, 256, 511, size - 1} {
			p, err := tlog.ProveRecord(v.Size, i, reader)
			if err != nil {
				t.Fatal(err)
			}
			leaf, err := TileLeaves(os.DirFS(dir), size)(i)
			if err != nil || tlog.CheckRecord(p, v.Size, v.Root, i, leaf) != nil {
				t.Errorf("event %d: %v", i, err)
			}
		}
		// And our verifier names the changed event from them.
		events := datas(recorded(t, o.store))
		events[400][0] ^= 1
		err = VerifyEvents(v.Checkpoint, values(events), TileLeaves(os.DirFS(dir), size))
		if m := (*Mismatch)(nil); !errors.As(err, &m) || m.Index != 400 {
			t.Errorf("the changed event is not named: %v", err)
		}
	}
	check(600, "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2")
	if err := l.ExportTiles(dir); err != nil {
		t.Errorf("again: %v", err)
	}
	o.record(200)
	seal(t, l)
	if err := l.ExportTiles(dir); err != nil {
		t.Fatal(err)
	}
	check(800, "tile/0/002", "tile/0/003.p/32", "tile/1/000.p/3")

	if err := flipIn(dir+"/tile/0/001", 77); err != nil {
		t.Fatal(err)
	}
	wantErr(t, l.ExportTiles(dir), ErrRewritten)
	leaves := TileLeaves(os.DirFS(dir), 800)
	for _, i := range []int64{-1, 800} {
		if _, err := leaves(i); err == nil {
			t.Errorf("there is a leaf %d", i)
		}
	}
	if err := os.Truncate(dir+"/tile/0/001", 100); err != nil {
		t.Fatal(err)
	}
	_, err := leaves(300)
	wantErr(t, err, ErrMalformed)
}

// tileReader is a client's view of an exported tree: x/mod's paths have the
// tile height in them, C2SP's do not.
type tileReader struct{ dir string }

func (r tileReader) Height() int                     { return tileHeight }
func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		b, err := os.ReadFile(r.dir + "/" + strings.Replace(t.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

func TestEntryBundles(t *testing.T) {
	o := newOffice(t, 300)
	l := o.create()
	dir := t.TempDir()
	o.record(3) // not sealed, not exported
	if err := l.ExportEntries(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	var got [][]byte
	for _, name := range []string{"tile/entries/000", "tile/entries/001.p/44"} {
		b, err := os.ReadFile(dir + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for len(b) > 0 {
			n := int(b[0])<<8 | int(b[1])
			got = append(got, b[2:2+n])
			b = b[2+n:]
		}
	}
	if _, c := l.Latest(), l.sealed; len(got) != 300 || VerifyEvents(c, values(got), nil) != nil {
		t.Errorf("%d entries, %v", len(got), VerifyEvents(c, values(got), nil))
	}

	b := batch(303)
	b.Events[0].Data = make([]byte, 1<<16)
	appendTo(t, o.store, b)
	seal(t, l)
	if err := l.ExportEntries(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "event 303") {
		t.Errorf("an event that does not fit: %v", err)
	}
	o.store.(interface{ Damage(string, int64) }).Damage("case-0", 1)
	wantErr(t, l.ExportEntries(t.Context(), dir), eventstore.ErrCorrupt)
}
