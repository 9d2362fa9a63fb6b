package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"leeway/eventstore"
)

// A Home is where the files of one log lie. Key and Policy are files,
// Checkpoints and Tree folders. Checkpoints belong on another volume than the
// events; Tree may be lost at any time.
type Home struct {
	Key         string // signing key, for its owner alone
	Policy      string // public: whose signatures count
	Checkpoints string
	Tree        string
}

// next is what the file of a key ends with that is to take over: while it
// lies there, checkpoints are signed with both.
const next = ".next"

// Access says what a log is opened for.
type Access struct {
	// Seal opens the log for the one process that signs checkpoints. Without
	// it the tree is built in memory, beside whoever seals.
	Seal bool
	// First lets a log begin over events that no checkpoint covers. Without it
	// one begins only over an empty store: a checkpoint folder that is gone
	// must not look like one that never was.
	First bool
	// Quick is as in Config, and so is Now.
	Quick bool
	Now   func() time.Time
}

// Unused reports whether no file of a log is there, as before its beginning.
// An empty folder for checkpoints, such as the root of a volume, is no file.
func (h Home) Unused() (bool, error) {
	for _, path := range []string{h.Key, h.Policy} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	for _, name := range []string{headsDir, daysDir} {
		if kept, err := os.ReadDir(filepath.Join(h.Checkpoints, name)); len(kept) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return true, nil
}

// Make makes the key and a policy that names it and no witness, where they are
// missing. Origin is the name of a new log, and of its keys.
func (h Home) Make(origin string) error {
	for _, path := range []string{h.Key, h.Policy} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
	}
	key, err := LoadKey(h.Key)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = CreateKey(h.Key, origin)
	}
	if err != nil {
		return err
	}
	if _, err := os.Lstat(h.Policy); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return h.writePolicy("log " + key.Public + "\nquorum none\n")
}

// writePolicy puts a whole policy file in place, after it has been read.
func (h Home) writePolicy(text string) error {
	if _, err := ParsePolicy([]byte(text)); err != nil {
		return err
	}
	dir, err := os.OpenRoot(filepath.Dir(h.Policy))
	if err != nil {
		return err
	}
	return errors.Join(replace(dir, filepath.Base(h.Policy), []byte(text)), dir.Close())
}

// ReadPolicy reads a policy file. An error says which file it is of.
func ReadPolicy(file string) (*Policy, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	p, err := ParsePolicy(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

// keys are the key that signs, and the one that is to take over.
func (h Home) keys() ([]Key, error) {
	key, err := LoadKey(h.Key)
	if err != nil {
		return nil, err
	}
	taking, err := LoadKey(h.Key + next)
	if errors.Is(err, fs.ErrNotExist) {
		return []Key{key}, nil
	}
	return []Key{key, taking}, err
}

// Receipts signs receipts without the log, for a process beside the one that
// seals. During a rotation it is the old key that signs them: everybody has it.
func (h Home) Receipts() (Receipts, error) {
	keys, err := h.keys()
	if err != nil {
		return Receipts{}, err
	}
	return Receipts{keys[0].Name(), keys[0]}, nil
}

// Open opens the log of a store, and closes with it what it opened. Errors are
// those of the function Open, and ErrExposed, ErrMalformed and fs.ErrNotExist
// for files that cannot be used.
func (h Home) Open(ctx context.Context, store eventstore.Store, as Access) (*Log, error) {
	policy, err := ReadPolicy(h.Policy)
	if err != nil {
		return nil, err
	}
	cfg := Config{Store: store, Policy: policy, Quick: as.Quick, Now: as.Now}
	if as.Seal {
		keys, err := h.keys()
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			cfg.Signers = append(cfg.Signers, k)
		}
		cfg.Origin, cfg.Dir = keys[0].Name(), h.Tree
	}
	folder, err := OpenFolder(h.Checkpoints)
	if err != nil {
		return nil, err
	}
	cfg.Checkpoints = folder
	l, err := begin(ctx, cfg, as)
	if err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	l.folder = folder
	return l, nil
}

// begin opens a log, or creates it where that is allowed.
func begin(ctx context.Context, cfg Config, as Access) (*Log, error) {
	last, err := cfg.Checkpoints.Latest(ctx)
	if err == nil && cfg.Origin == "" {
		var c Checkpoint
		c, err = ParseCheckpoint(last.Note)
		cfg.Origin = c.Origin
	}
	if !errors.Is(err, ErrNoCheckpoint) || !as.Seal {
		if err != nil {
			return nil, err
		}
		return Open(ctx, cfg)
	}
	for _, err := range cfg.Store.All(ctx, eventstore.Start) {
		if err != nil {
			return nil, err
		}
		if !as.First {
			return Open(ctx, cfg) // which says that the checkpoints are missing
		}
		break
	}
	return Create(ctx, cfg)
}

// Rotate begins to sign with a new key beside the old one, and returns its
// public line, which goes into every verifier's policy; that of the house has
// it already. Nobody may have the log open meanwhile. While a rotation is
// under way the error wraps ErrExists.
func (h Home) Rotate() (public string, err error) {
	key, err := LoadKey(h.Key)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(h.Policy)
	if err != nil {
		return "", err
	}
	taking, err := CreateKey(h.Key+next, key.Name())
	if errors.Is(err, ErrExists) {
		// Killed before the policy was written, it is finished here.
		if taking, err = LoadKey(h.Key + next); err == nil && strings.Contains(string(text), taking.Public) {
			err = fmt.Errorf("%w: a rotation to %s is under way; finish it first", ErrExists, taking.Public)
		}
	}
	if err != nil {
		return "", err
	}
	return taking.Public, h.writePolicy("log " + taking.Public + "\n" + string(text))
}

// Finish ends a rotation: from now on the new key signs alone. The old one is
// put aside beside it, and its line stays in the policy, so that what it signed
// stays valid. No rotation under way: fs.ErrNotExist.
func (h Home) Finish() (aside string, err error) {
	old, err := LoadKey(h.Key)
	if err != nil {
		return "", err
	}
	if _, err := LoadKey(h.Key + next); err != nil {
		return "", err
	}
	dir, err := os.OpenRoot(filepath.Dir(h.Key))
	if err != nil {
		return "", err
	}
	defer dir.Close()
	name := filepath.Base(h.Key)
	aside = fmt.Sprintf("%s.retired-%08x", h.Key, old.KeyHash())
	// A link first: at no moment is there no key.
	if err := dir.Link(name, filepath.Base(aside)); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	if err := dir.Rename(name+next, name); err != nil {
		return "", err
	}
	return aside, syncDir(dir, ".")
}
