package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"leeway/domain"
)

// The two places inside the folder: what is newest, and what was.
const headsDir, daysDir = "heads", "days"

// Folder is a CheckpointStore in a folder of its own. The newest checkpoint is
// a file whose name is its number; making that name is the compare-and-swap,
// since a file system gives a name once. Older ones lie in one file per civil
// day. A lock keeps processes apart, and a local disk is needed for both.
type Folder struct {
	mu   sync.Mutex
	dir  *os.Root
	lock *os.File

	day string // the day last appended to
	end int64  // and where its file ended then
}

var _ CheckpointStore = (*Folder)(nil)

// OpenFolder opens a checkpoint folder and makes it where there is none. Put
// it on another volume than the events, and out of their backups.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("checkpoints: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("checkpoints: %w", err)
	}
	f := &Folder{dir: root}
	for _, name := range []string{headsDir, daysDir} {
		if err := root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, errors.Join(fmt.Errorf("checkpoints: %w", err), root.Close())
		}
	}
	f.lock, err = root.OpenFile("lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = syncDir(root, ".")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("checkpoints: %w", err), f.Close())
	}
	return f, nil
}

// Close releases the folder.
func (f *Folder) Close() error {
	err := f.dir.Close()
	if f.lock != nil {
		err = errors.Join(err, f.lock.Close())
	}
	return err
}

// alone runs do while no other goroutine or process is in the folder, and hands
// it the numbers of the heads.
func (f *Folder) alone(do func(heads []int64) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := lock(f.lock); err != nil {
		return fmt.Errorf("checkpoints: lock: %w", err)
	}
	defer unlock(f.lock)
	heads, err := f.heads()
	if err != nil {
		return err
	}
	return do(heads)
}

// Latest implements CheckpointStore.
func (f *Folder) Latest(context.Context) (s Sealed, err error) {
	err = f.alone(func(heads []int64) (err error) {
		if len(heads) == 0 {
			return f.empty()
		}
		s, err = f.head(heads[len(heads)-1])
		return err
	})
	return s, err
}

// empty tells a folder that was never used from one that lost its newest
// checkpoint.
func (f *Folder) empty() error {
	days, err := fs.ReadDir(f.dir.FS(), daysDir)
	if err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	if len(days) > 0 {
		return domain.Deny(ErrDamaged, "%s holds older checkpoints and %s is empty", "put the folder back from its own backup", daysDir, headsDir)
	}
	return domain.Deny(ErrNoCheckpoint, "none lies in %s", "", f.dir.Name())
}

// Swap implements CheckpointStore. Steps, each of which a crash may follow:
// archive the old head, make the new name, remove the old head. The second
// one decides; before it nothing has changed, after it only a spare copy of
// the old head is left.
func (f *Folder) Swap(_ context.Context, next Sealed) error {
	return f.alone(func(heads []int64) error {
		newest := int64(0)
		for _, seq := range heads {
			// A crash may have left an older head; it may be archived twice and is read once.
			if err := f.archive(seq); err != nil {
				return err
			}
			newest = seq
		}
		if next.Seq != newest+1 {
			return domain.Deny(ErrMoved, "it stands at number %d, this sealer was about to write %d", "", newest, next.Seq)
		}
		err := writeNew(f.dir, headName(next.Seq), encodeRecord(next))
		if errors.Is(err, fs.ErrExist) {
			return domain.Deny(ErrMoved, "number %d was written at the same moment", "", next.Seq)
		}
		if err != nil {
			return fmt.Errorf("checkpoints: %w", err)
		}
		for _, seq := range heads {
			_ = f.dir.Remove(headName(seq)) // one that stays is archived again at the next Swap
		}
		return nil
	})
}

// Cosign implements CheckpointStore. A head is replaced, an archived one gets
// a second record: nothing that was written is written over.
func (f *Folder) Cosign(_ context.Context, s Sealed) error {
	return f.alone(func(heads []int64) error {
		if len(heads) == 0 || s.Seq > heads[len(heads)-1] {
			return domain.Deny(ErrNoCheckpoint, "none has number %d", "", s.Seq)
		}
		if !slices.Contains(heads, s.Seq) {
			return f.append(s)
		}
		if err := replace(f.dir, headName(s.Seq), encodeRecord(s)); err != nil {
			return fmt.Errorf("checkpoints: %w", err)
		}
		return nil
	})
}

// Back implements CheckpointStore. It holds one day in memory at a time. A
// number that is missing between two others is ErrDamaged.
func (f *Folder) Back(ctx context.Context, from time.Time) iter.Seq2[Sealed, error] {
	return func(yield func(Sealed, error) bool) {
		next := int64(0) // the number that must come now; 0 before the first
		emit := func(records []Sealed, err error) bool {
			for _, s := range slices.Backward(records) {
				switch {
				case next > 0 && s.Seq > next || next == 0 && s.Seq == 0:
					continue // archived while it was the newest, and read already
				case next > 0 && s.Seq < next:
					yield(Sealed{}, domain.Deny(ErrDamaged, "checkpoint %d is missing before %d", "put the folder back from its own backup", next, s.Seq+1))
					return false
				}
				next = s.Seq - 1
				if ctx.Err() != nil {
					yield(Sealed{}, ctx.Err())
					return false
				}
				if !s.Time.After(from) && !yield(s, nil) {
					return false
				}
			}
			return err == nil || yield(Sealed{}, err) && false
		}
		heads, days, err := f.contents()
		if !emit(heads, err) {
			return
		}
		for _, day := range slices.Backward(days) {
			if next > 0 && !emit(f.dayRecords(day)) {
				return
			}
		}
		if next > 0 {
			yield(Sealed{}, domain.Deny(ErrDamaged, "checkpoints 1 to %d are missing", "put the folder back from its own backup", next))
		}
	}
}

// contents reads the heads and names the days, at one moment. What is archived
// after that was a head, so a reader who goes on from here misses nothing.
func (f *Folder) contents() (heads []Sealed, days []string, err error) {
	err = f.alone(func(numbers []int64) error {
		for _, seq := range numbers {
			s, err := f.head(seq)
			if err != nil {
				return err
			}
			heads = append(heads, s)
		}
		entries, err := fs.ReadDir(f.dir.FS(), daysDir)
		if err != nil {
			return fmt.Errorf("checkpoints: %w", err)
		}
		for _, e := range entries {
			if _, err := time.Parse(time.DateOnly, e.Name()); err == nil {
				days = append(days, e.Name())
			}
		}
		return nil
	})
	return heads, days, err
}

// heads lists the numbers of the head files, smallest first: one, or more
// after a crash.
func (f *Folder) heads() ([]int64, error) {
	entries, err := fs.ReadDir(f.dir.FS(), headsDir)
	if err != nil {
		return nil, fmt.Errorf("checkpoints: %w", err)
	}
	var seqs []int64
	for _, e := range entries {
		if strings.Contains(e.Name(), ".new-") {
			continue // what a crash left of a file that was being written
		}
		var seq int64
		if _, err := fmt.Sscanf(e.Name(), "%d", &seq); err != nil || headName(seq) != path.Join(headsDir, e.Name()) {
			return nil, domain.Deny(ErrDamaged, "%s does not belong in %s", "", e.Name(), headsDir)
		}
		seqs = append(seqs, seq)
	}
	slices.Sort(seqs)
	return seqs, nil
}

// headName pads the number so that names sort as numbers do.
func headName(seq int64) string { return path.Join(headsDir, fmt.Sprintf("%019d", seq)) }

// head reads a head file. Bit rot in it is not repaired from the archive, where
// the newest checkpoint does not lie yet: a person has to look.
func (f *Folder) head(seq int64) (Sealed, error) {
	b, err := f.dir.ReadFile(headName(seq))
	if err != nil {
		return Sealed{}, fmt.Errorf("checkpoints: %w", err)
	}
	s, rest, err := decodeRecord(b)
	if err != nil || len(rest) > 0 || s.Seq != seq {
		return Sealed{}, domain.Deny(ErrDamaged, "checkpoint %s is not as it was written", "put it back from the folder's own backup or from a witness", headName(seq))
	}
	return s, nil
}

// CopyTo copies every checkpoint into a folder that is not there yet, as of one
// moment; meanwhile nothing is sealed. OpenFolder opens it.
func (f *Folder) CopyTo(dir string) error {
	return f.alone(func([]int64) error {
		for _, sub := range []string{headsDir, daysDir} {
			if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
				return err
			}
			entries, err := fs.ReadDir(f.dir.FS(), sub)
			if err != nil {
				return fmt.Errorf("checkpoints: %w", err)
			}
			for _, e := range entries {
				if strings.Contains(e.Name(), ".new-") {
					continue
				}
				b, err := f.dir.ReadFile(path.Join(sub, e.Name()))
				if err != nil {
					return fmt.Errorf("checkpoints: %w", err)
				}
				if err := os.WriteFile(filepath.Join(dir, sub, e.Name()), b, 0o600); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
