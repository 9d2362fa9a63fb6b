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

	"leeway/domain"
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
	// SM adds an SM2 key beside Key: checkpoints bear its signature on a second
	// line. Receipts do not.
	SM bool
}

// sm is what the file of the SM2 key ends with.
const sm = ".sm2"

// files are the files of the keys, each with what makes a new one.
func (h Home) files() []keyFile {
	list := []keyFile{{h.Key, CreateKey}}
	if h.SM {
		list = append(list, keyFile{h.Key + sm, CreateKeySM2})
	}
	return list
}

type keyFile struct {
	path   string
	create func(file, name string) (Key, error)
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

// Make makes the keys and a policy that names them and no witness, where they are
// missing. Origin is the name of a new log, and of its keys.
func (h Home) Make(origin string) error {
	for _, path := range []string{h.Key, h.Policy} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
	}
	lines := ""
	for _, f := range h.files() {
		key, err := LoadKey(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			key, err = f.create(f.path, origin)
		}
		if err != nil {
			return err
		}
		origin = key.Name()
		lines += "log " + key.Public + "\n"
	}
	if _, err := os.Lstat(h.Policy); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return h.writePolicy(lines + "quorum none\n")
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

// keys are the keys that sign, the Ed25519 one first, and those that are to take
// over.
func (h Home) keys() (list []Key, err error) {
	for _, f := range h.files() {
		key, err := LoadKey(f.path)
		if err != nil {
			return nil, err
		}
		list = append(list, key)
		taking, err := LoadKey(f.path + next)
		switch {
		case err == nil:
			list = append(list, taking)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return list, nil
}

// Receipts signs receipts without the log, for a process beside the one that
// seals.
func (h Home) Receipts() (Receipts, error) {
	keys, err := h.keys()
	if err != nil {
		return Receipts{}, err
	}
	var all []Signer
	for _, k := range keys {
		all = append(all, k)
	}
	return receiptsWith(keys[0].Name(), all), nil
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
		if cfg.Policy, err = h.withSM(policy); err != nil {
			return nil, err
		}
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

// withSM makes the SM2 key of a log that began without one, and names it in the
// policy. One that the policy names already was lost: it is not replaced.
func (h Home) withSM(policy *Policy) (*Policy, error) {
	if !h.SM {
		return policy, nil
	}
	first, err := LoadKey(h.Key)
	if err != nil {
		return nil, err
	}
	key, err := LoadKey(h.Key + sm)
	if errors.Is(err, fs.ErrNotExist) {
		for _, v := range policy.logs {
			if _, ok := v.(*sm2Verifier); ok {
				return nil, domain.Deny(fs.ErrNotExist, "key %s is missing, which the policy names", "put it back from its backup", h.Key+sm)
			}
		}
		key, err = CreateKeySM2(h.Key+sm, first.Name())
	}
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(h.Policy)
	if err != nil || strings.Contains(string(text), key.Public) {
		return policy, err
	}
	if err := h.writePolicy("log " + key.Public + "\n" + string(text)); err != nil {
		return nil, err
	}
	return ReadPolicy(h.Policy)
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

// Rotate begins to sign with new keys beside the old ones, and returns their
// public lines, which go into every verifier's policy; that of the house has
// them already. Nobody may have the log open meanwhile. While a rotation is
// under way the error wraps ErrExists.
func (h Home) Rotate() (public []string, err error) {
	text, err := os.ReadFile(h.Policy)
	if err != nil {
		return nil, err
	}
	lines, fresh := "", false
	for _, f := range h.files() {
		key, err := LoadKey(f.path)
		if err != nil {
			return nil, err
		}
		taking, err := f.create(f.path+next, key.Name())
		if errors.Is(err, ErrExists) {
			taking, err = LoadKey(f.path + next)
		}
		if err != nil {
			return nil, err
		}
		public = append(public, taking.Public)
		// Killed before the policy was written, it is finished here.
		if !strings.Contains(string(text), taking.Public) {
			lines, fresh = lines+"log "+taking.Public+"\n", true
		}
	}
	if !fresh {
		return nil, domain.Deny(ErrExists, "a rotation to %s is under way", "finish it first", domain.List(public))
	}
	return public, h.writePolicy(lines + string(text))
}

// Finish ends a rotation: from now on the new keys sign alone. The old ones are
// put aside beside them, and their lines stay in the policy, so that what they
// signed stays valid. No rotation under way: fs.ErrNotExist.
func (h Home) Finish() (aside []string, err error) {
	dir, err := os.OpenRoot(filepath.Dir(h.Key))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	for _, f := range h.files() {
		old, err := LoadKey(f.path)
		if err != nil {
			return aside, err
		}
		if _, err := LoadKey(f.path + next); errors.Is(err, fs.ErrNotExist) {
			continue // killed in between, it was finished before
		} else if err != nil {
			return aside, err
		}
		name := filepath.Base(f.path)
		kept := fmt.Sprintf("%s.retired-%08x", f.path, old.KeyHash())
		// A link first: at no moment is there no key.
		if err := dir.Link(name, filepath.Base(kept)); err != nil && !errors.Is(err, fs.ErrExist) {
			return aside, err
		}
		if err := dir.Rename(name+next, name); err != nil {
			return aside, err
		}
		aside = append(aside, kept)
	}
	if len(aside) == 0 {
		return nil, domain.Deny(fs.ErrNotExist, "no rotation is under way", "")
	}
	return aside, syncDir(dir, ".")
}
