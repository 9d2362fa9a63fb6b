package ledger

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func openFolder(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// sealedAt is a checkpoint that only a store looks at.
func sealedAt(seq int64, when string) Sealed {
	return Sealed{seq, at(when), fmt.Appendf(nil, "note %d\n\n— %[1]d\n", seq)}
}

func back(t *testing.T, f *Folder, from time.Time) (seqs []int64, err error) {
	t.Helper()
	for s, err := range f.Back(t.Context(), from) {
		if err != nil {
			return seqs, err
		}
		seqs = append(seqs, s.Seq)
	}
	return seqs, nil
}

var always = time.Unix(math.MaxInt32, 0)

// fill puts six checkpoints of three civil days in place.
func fill(t *testing.T, f *Folder) {
	t.Helper()
	for i, when := range []string{
		"2026-11-23T10:00:00+08:00", "2026-11-23T23:59:59+08:00",
		"2026-11-24T00:00:00+08:00", "2026-11-24T12:00:00+08:00", "2026-11-24T12:00:00+08:00",
		"2026-11-27T09:00:00+08:00",
	} {
		if err := f.Swap(t.Context(), sealedAt(int64(i+1), when)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFolderKeepsEveryCheckpoint(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	_, err := f.Latest(t.Context())
	wantErr(t, err, ErrNoCheckpoint)
	if seqs, err := back(t, f, always); len(seqs) > 0 || err != nil {
		t.Errorf("an empty folder yields %v, %v", seqs, err)
	}
	fill(t, f)
	for range 2 { // and again from disk
		if s, err := f.Latest(t.Context()); err != nil || string(s.Note) != string(sealedAt(6, "2026-11-27T01:00:00Z").Note) || !s.Time.Equal(at("2026-11-27T01:00:00Z")) {
			t.Errorf("latest is %+v, %v", s, err)
		}
		for from, want := range map[string][]int64{
			"2026-11-23T01:00:00Z":      nil,
			"2026-11-23T10:00:00+08:00": {1},
			"2026-11-23T15:59:59Z":      {2, 1},
			"2026-11-24T12:00:00+08:00": {5, 4, 3, 2, 1},
			"2026-11-26T00:00:00Z":      {5, 4, 3, 2, 1},
			"2036-01-01T00:00:00Z":      {6, 5, 4, 3, 2, 1},
		} {
			if got, err := back(t, f, at(from)); err != nil || !slices.Equal(got, want) {
				t.Errorf("back from %s: %v, %v; want %v", from, got, err, want)
			}
		}
		f = openFolder(t, dir)
	}
}

func TestFolderSwapsOnlyWhatItStandsAt(t *testing.T) {
	dir := t.TempDir()
	f, other := openFolder(t, dir), openFolder(t, dir) // two processes
	fill(t, f)
	for _, seq := range []int64{-1, 0, 1, 2, 5, 6, 8, 100} {
		wantErr(t, other.Swap(t.Context(), sealedAt(seq, "2026-11-28T00:00:00Z")), ErrMoved)
	}
	if err := other.Swap(t.Context(), sealedAt(7, "2026-11-28T00:00:00Z")); err != nil {
		t.Fatal(err)
	}
	wantErr(t, f.Swap(t.Context(), sealedAt(7, "2026-11-28T00:00:00Z")), ErrMoved)
	if seqs, err := back(t, f, always); err != nil || len(seqs) != 7 {
		t.Errorf("after that the folder holds %v, %v", seqs, err)
	}
}

// TestFolderHasOneWinner lets many sealers swap at once, each as a process of
// its own: every number is won once and none is lost.
func TestFolderHasOneWinner(t *testing.T) {
	dir := t.TempDir()
	const sealers, rounds = 8, 25
	won := make([][]int64, sealers)
	var all sync.WaitGroup
	for n := range sealers {
		f := openFolder(t, dir)
		all.Go(func() {
			for seq := int64(1); seq <= rounds; seq++ {
				err := f.Swap(t.Context(), Sealed{seq, at("2026-11-24T00:00:00Z"), fmt.Appendf(nil, "by %d", n)})
				if err == nil {
					won[n] = append(won[n], seq)
				} else if !errors.Is(err, ErrMoved) && !errors.Is(err, os.ErrNotExist) {
					t.Errorf("sealer %d: %v", n, err)
				}
			}
		})
	}
	all.Wait()
	owner := make(map[int64]int)
	for n, seqs := range won {
		for _, seq := range seqs {
			if before, twice := owner[seq]; twice {
				t.Errorf("number %d was won by sealers %d and %d", seq, before, n)
			}
			owner[seq] = n
		}
	}
	for s, err := range openFolder(t, dir).Back(t.Context(), always) {
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := owner[s.Seq]; !ok || string(s.Note) != fmt.Sprintf("by %d", n) {
			t.Errorf("number %d holds %q, won by %d", s.Seq, s.Note, n)
		}
		delete(owner, s.Seq)
	}
	if len(owner) > 0 {
		t.Errorf("these were won and are gone: %v", owner)
	}
}

func TestFolderTakesCosignatures(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	fill(t, f)
	for _, seq := range []int64{2, 4, 6} { // an old one, one of three on a day, the newest
		for s, err := range f.Back(t.Context(), always) {
			if err != nil {
				t.Fatal(err)
			}
			if s.Seq == seq {
				s.Note = append(s.Note, "— witness\n"...)
				if err := f.Cosign(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := f.Swap(t.Context(), sealedAt(7, "2026-11-28T00:00:00Z")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for s, err := range openFolder(t, dir).Back(t.Context(), always) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(s.Seq, strings.Contains(string(s.Note), "witness")))
	}
	want := []string{"7 false", "6 true", "5 false", "4 true", "3 false", "2 true", "1 false"}
	if !slices.Equal(got, want) {
		t.Errorf("cosigned are %v, want %v", got, want)
	}
}

// TestFolderAfterACrash leaves what a crash can leave at each step of Swap.
func TestFolderAfterACrash(t *testing.T) {
	day := filepath.Join(daysDir, "2026-11-24")
	for name, c := range map[string]struct {
		leave func(dir string) error
		want  int // checkpoints afterwards
	}{
		"while the new head was written": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, headName(7)+".new-X"), []byte("checkp"), 0o600)
		}, 6},
		"after the new head, before the old one went": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, headName(7)), encodeRecord(sealedAt(7, "2026-11-27T02:00:00Z")), 0o600)
		}, 7},
		"while a day was written": {func(dir string) error {
			b, err := os.ReadFile(filepath.Join(dir, day))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, day), append(b, b[:40]...), 0o600)
		}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, openFolder(t, dir))
			if err := c.leave(dir); err != nil {
				t.Fatal(err)
			}
			f := openFolder(t, dir)
			if seqs, err := back(t, f, always); err != nil || len(seqs) != c.want {
				t.Errorf("after the crash: %v, %v; want %d", seqs, err, c.want)
			}
			next := sealedAt(int64(c.want+1), "2026-11-27T03:00:00Z")
			if err := f.Swap(t.Context(), next); err != nil {
				t.Fatal(err)
			}
			if err := f.Cosign(t.Context(), sealedAt(4, "2026-11-24T12:00:00+08:00")); err != nil {
				t.Fatal(err)
			}
			if seqs, err := back(t, f, always); err != nil || len(seqs) != c.want+1 {
				t.Errorf("and one more: %v, %v; want %d", seqs, err, c.want+1)
			}
			if heads, err := f.heads(); err != nil || len(heads) != 1 {
				t.Errorf("heads are %v, %v", heads, err)
			}
		})
	}
	t.Run("what was cut off is put aside", func(t *testing.T) {
		dir := t.TempDir()
		f := openFolder(t, dir)
		fill(t, f)
		b, err := os.ReadFile(filepath.Join(dir, day))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, day), b[:len(b)-5], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.Cosign(t.Context(), sealedAt(5, "2026-11-24T12:00:00+08:00")); err != nil {
			t.Fatal(err)
		}
		aside, err := filepath.Glob(filepath.Join(dir, day+".torn-*"))
		if err != nil || len(aside) != 1 {
			t.Errorf("put aside: %v, %v", aside, err)
		}
		if seqs, err := back(t, f, always); err != nil || len(seqs) != 6 {
			t.Errorf("the checkpoint that was cosigned again is not whole: %v, %v", seqs, err)
		}
	})
}

// TestFolderSwapsNothingItCannotArchive: the old head must not go before it
// lies in the file of its day.
func TestFolderSwapsNothingItCannotArchive(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	fill(t, f)
	blocked := filepath.Join(dir, daysDir, "2026-11-27") // the day of the head
	if err := os.Mkdir(blocked, 0o700); err != nil {
		t.Fatal(err)
	}
	next := sealedAt(7, "2026-11-28T00:00:00Z")
	if err := f.Swap(t.Context(), next); err == nil || errors.Is(err, ErrMoved) {
		t.Errorf("swap without an archive: %v", err)
	}
	if s, err := f.Latest(t.Context()); err != nil || s.Seq != 6 {
		t.Errorf("latest is %d, %v", s.Seq, err)
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	if err := f.Swap(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if seqs, err := back(t, f, always); err != nil || len(seqs) != 7 {
		t.Errorf("the history holds %v, %v", seqs, err)
	}
	wantErr(t, f.Cosign(t.Context(), sealedAt(8, "2026-11-28T00:00:00Z")), ErrNoCheckpoint)
}

// TestFolderNoticesDamage wants an error, never a shorter history.
func TestFolderNoticesDamage(t *testing.T) {
	for name, damage := range map[string]func(dir string) error{
		"head changed": func(dir string) error { return flipIn(filepath.Join(dir, headName(6)), 1) },
		"head renamed": func(dir string) error {
			return os.Rename(filepath.Join(dir, headName(6)), filepath.Join(dir, headName(9)))
		},
		"head gone":          func(dir string) error { return os.Remove(filepath.Join(dir, headName(6))) },
		"a stranger's file":  func(dir string) error { return os.WriteFile(filepath.Join(dir, headsDir, "notes.txt"), nil, 0o600) },
		"a day gone":         func(dir string) error { return os.Remove(filepath.Join(dir, daysDir, "2026-11-24")) },
		"the first day gone": func(dir string) error { return os.Remove(filepath.Join(dir, daysDir, "2026-11-23")) },
		"a day cut off":      func(dir string) error { return os.Truncate(filepath.Join(dir, daysDir, "2026-11-24"), 100) },
		"a day changed":      func(dir string) error { return flipIn(filepath.Join(dir, daysDir, "2026-11-24"), 11) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, openFolder(t, dir))
			if err := damage(dir); err != nil {
				t.Fatal(err)
			}
			f := openFolder(t, dir)
			_, err1 := f.Latest(t.Context())
			seqs, err2 := back(t, f, always)
			if name == "head gone" {
				err2 = err1 // what is left goes on to 5, only the newest is missing
			}
			wantErr(t, errors.Join(err1, err2), ErrDamaged)
			if err2 == nil {
				t.Errorf("the damage is not seen in the history: %v", seqs)
			}
		})
	}
}

func TestRecordHasOneSpelling(t *testing.T) {
	s := sealedAt(3, "2026-11-24T12:00:00Z")
	b := encodeRecord(s)
	for i := range b {
		for bit := range 8 {
			changed := slices.Clone(b)
			changed[i] ^= 1 << bit
			got, rest, err := decodeRecord(changed)
			if err == nil && string(encodeRecord(got))+string(rest) != string(changed) {
				t.Errorf("byte %d: %q is read as %+v", i, changed, got)
			}
		}
	}
	for n := range b {
		if _, _, err := decodeRecord(b[:n]); err == nil {
			t.Errorf("the first %d bytes are read as a record", n)
		}
	}
}
