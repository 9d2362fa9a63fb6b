package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"leeway/domain"
)

// ErrUnknownLog says that a witness does not watch the log.
var ErrUnknownLog = errors.New("this witness does not watch the log")

// Stale is a witness' refusal of a request that does not begin where the
// witness stands. Make the request from Size, with Log.Request.
type Stale struct{ Size int64 }

// Error says where the witness stands.
func (s *Stale) Error() string {
	return fmt.Sprintf("the witness has seen %d events of this log; prove growth from there", s.Size)
}

// mostRefused is how many refused requests are kept of a log.
const mostRefused = 1000

// Witness cosigns what grows and refuses what was rewritten. It belongs on a
// machine of somebody else: the discipline office, the auditor, or both. Open
// one with OpenWitness. Its methods may be called from many goroutines.
type Witness struct {
	key    Key
	policy *Policy
	dir    string
	now    func() time.Time

	mu   sync.Mutex
	logs map[string]*Folder // by origin
}

// OpenWitness opens a witness over a folder of its own: what it has seen of
// each log that the policy names. Losing that folder means a new witness with
// a new key; putting back an old copy of it lets a rollback pass. The key is
// one that LoadWitnessKey gives.
func OpenWitness(dir string, key Key, policy *Policy) (*Witness, error) {
	w := &Witness{key: key, policy: policy, dir: dir, now: time.Now, logs: make(map[string]*Folder)}
	if _, err := openWitnessVerifier(key.Public); err != nil {
		return nil, err
	}
	for _, l := range policy.logs {
		if w.logs[l.Name()] != nil {
			continue // another key of the same log
		}
		f, err := OpenFolder(w.folder(l.Name()))
		if err != nil {
			return nil, errors.Join(err, w.Close())
		}
		w.logs[l.Name()] = f
	}
	return w, nil
}

// folder is where the witness keeps what it has seen of a log. The origin is
// somebody else's text, so it is no path.
func (w *Witness) folder(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(w.dir, hex.EncodeToString(sum[:8]))
}

// Close releases the folders.
func (w *Witness) Close() error {
	var errs []error
	for _, f := range w.logs {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Sign answers a request with cosignature lines, after what it has seen is on
// stable storage. It refuses with ErrMalformed, ErrUnknownLog, ErrUntrusted
// (no key of the log has signed), a *Stale, or with ErrNotProven or
// ErrRewritten where the log shows a history that does not go on from what
// this witness has seen; such a request is kept, since the log's own signature
// under it is the evidence.
func (w *Witness) Sign(ctx context.Context, request []byte) ([]byte, error) {
	r, err := ParseRequest(request)
	if err != nil {
		return nil, err
	}
	c, err := ParseCheckpoint(r.Checkpoint)
	if err != nil {
		return nil, err
	}
	store, ok := w.logs[c.Origin]
	if !ok {
		return nil, domain.Deny(ErrUnknownLog, "log %.120q is not among those that it watches", "", c.Origin)
	}
	if _, err := w.policy.open(r.Checkpoint); err != nil {
		return nil, err
	}
	if r.Old > c.Size {
		return nil, domain.Deny(ErrMalformed, "the request grows from %d to %d events", "", r.Old, c.Size)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.accept(ctx, store, r, c); err != nil {
		if errors.Is(err, ErrNotProven) || errors.Is(err, ErrRewritten) {
			err = errors.Join(err, w.keep(c.Origin, request))
		}
		return nil, err
	}
	return w.cosign(c)
}

// accept checks a checkpoint against what the witness has seen, and makes it
// what the witness has seen.
func (w *Witness) accept(ctx context.Context, store *Folder, r Request, c Checkpoint) error {
	seen := Checkpoint{Origin: c.Origin, Root: (&frontier{}).root()}
	last, err := store.Latest(ctx)
	if err == nil {
		seen, err = ParseCheckpoint(last.Note)
	} else if errors.Is(err, ErrNoCheckpoint) {
		err = nil
	}
	switch {
	case err != nil:
		return err
	case r.Old != seen.Size:
		return &Stale{seen.Size}
	case c.Size == seen.Size && c.Root != seen.Root && c.Size > 0:
		return errors.Join(domain.Deny(ErrRewritten, "the log has signed two roots for %d events, %s and %s", "", c.Size, seen.Root, c.Root), &Stale{seen.Size})
	}
	if err := checkGrowth(seen, c, r.Proof); err != nil {
		return err
	}
	if last.Seq > 0 && c.Size == seen.Size {
		return nil
	}
	// The answer may only go out when this is on disk: a witness that forgets
	// what it signed can be led to sign the opposite.
	err = store.Swap(ctx, Sealed{last.Seq + 1, w.now().UTC().Truncate(time.Millisecond), r.Checkpoint})
	if errors.Is(err, ErrMoved) {
		return errors.Join(&Stale{seen.Size}, err) // another process of this witness
	}
	return err
}

// cosign makes the line. The key's own clock reading is the time in it: the
// witness' word for when this was the largest tree that it had seen.
func (w *Witness) cosign(c Checkpoint) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: c.text()}, w.key.Signer)
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	return signed[len(c.text())+1:], nil
}

// keep puts a refused request aside, once, and no more than mostRefused of a
// log: whoever holds the log's key could fill the disk otherwise.
func (w *Witness) keep(origin string, request []byte) error {
	dir := filepath.Join(w.folder(origin), "refused")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if kept, err := fs.ReadDir(root.FS(), "."); err != nil || len(kept) >= mostRefused {
		return err
	}
	sum := sha256.Sum256(request)
	err = writeNew(root, hex.EncodeToString(sum[:8])+".request", request)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}
