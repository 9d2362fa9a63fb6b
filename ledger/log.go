package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"leeway/domain"
	"leeway/eventstore"
)

// Config is what a Log is opened with.
type Config struct {
	Origin      string // the name of the log, and of its keys
	Store       eventstore.Store
	Checkpoints CheckpointStore
	// Dir holds the tree, for one process alone; lost, it is built again.
	// Empty: the tree is built in memory, for a reader beside a running log.
	Dir string
	// Policy names the log's keys, the retired ones among them, and its
	// witnesses. A stored checkpoint that none of the keys signed is refused.
	Policy *Policy
	// Signers sign every checkpoint, each on a line of its own: one key, the
	// old and the new one during a rotation, or a second suite. None: the log
	// can prove and not seal.
	Signers []Signer
	// Quick believes the stored hashes where they lead to the signed root,
	// and reads only the newest sealed event. Without it every sealed event
	// is hashed again, at about a second for a million.
	Quick bool
	Every time.Duration    // least time between two checkpoints of Run; 500 ms if zero
	Now   func() time.Time // time.Now if nil
}

// Log is the tree over one event store, and the checkpoints that were signed
// of it. Its methods may be called from many goroutines.
type Log struct {
	cfg    Config
	tree   *tree
	folder *Folder // of the checkpoints, where Home opened it

	// sealing is held while a checkpoint is made or gets signatures, over disk
	// and signer; it is taken before mu. mu guards what follows and is held for
	// no longer than it takes to read it, so that proofs wait for no disk.
	sealing sync.Mutex

	mu       sync.Mutex
	last     Sealed // newest checkpoint
	sealed   Checkpoint
	complete Sealed // newest checkpoint that satisfies the policy; Seq 0 is none
	failing  error  // why Run could not seal, until it can

	unwitnessed error // why Witnessed got no quorum, until it does
}

// Create starts a log over a store and seals what is in it, be it nothing:
// from then on there is a checkpoint, and its absence is a sign. The error
// wraps ErrExists where a checkpoint is kept already.
func Create(ctx context.Context, cfg Config) (*Log, error) {
	_, err := cfg.Checkpoints.Latest(ctx)
	if err == nil {
		return nil, domain.Deny(ErrExists, "there is a checkpoint", "open the log instead of creating it")
	}
	if !errors.Is(err, ErrNoCheckpoint) {
		return nil, err
	}
	l, err := prepare(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := l.tree.restore(0); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if _, err := l.SealNow(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Open opens a log and refuses a store that its last checkpoint does not fit:
// ErrRolledBack where events are missing, ErrRewritten where they differ,
// ErrNoCheckpoint where there is none, ErrUntrusted where a key signed it
// that the policy does not name. The error says what to do; nothing may be
// appended to the store until that is done.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	last, err := cfg.Checkpoints.Latest(ctx)
	if errors.Is(err, ErrNoCheckpoint) {
		err = domain.Deny(ErrNoCheckpoint, "the checkpoint folder is empty", "put the checkpoint folder back from its own backup, or create the log if this is its first start")
	}
	if err != nil {
		return nil, err
	}
	l, err := prepare(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := l.start(ctx, last); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// prepare fills in what a Config leaves out and opens the tree. Nothing of the
// tree is believed yet.
func prepare(ctx context.Context, cfg Config) (*Log, error) {
	if cfg.Every == 0 {
		cfg.Every = 500 * time.Millisecond
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	for _, s := range cfg.Signers {
		if s.Name() != cfg.Origin {
			return nil, domain.Deny(ErrUntrusted, "key of %s cannot sign for log %s", "", s.Name(), cfg.Origin)
		}
	}
	t, err := openTree(ctx, cfg.Dir)
	if err != nil {
		return nil, err
	}
	return &Log{cfg: cfg, tree: t}, nil
}

// start holds the log against its last checkpoint. The quorum is not asked for:
// a log must be able to start, and seal, while its witnesses are away.
func (l *Log) start(ctx context.Context, last Sealed) error {
	v, err := l.cfg.Policy.open(last.Note)
	if err != nil {
		return domain.Within(err, "last checkpoint")
	}
	if v.Origin != l.cfg.Origin {
		return domain.Deny(ErrUntrusted, "the checkpoint store belongs to log %s, not to %s", "", v.Origin, l.cfg.Origin)
	}
	if err := l.check(ctx, v.Checkpoint); err != nil {
		return err
	}
	l.last, l.sealed = last, v.Checkpoint
	return l.findComplete(ctx)
}

// lookBack is how many checkpoints a start searches for one with a quorum.
const lookBack = 10_000

// findComplete looks for the newest checkpoint that satisfies the policy. There
// may be none, as after the policy was made stricter; then proofs are made under
// the newest one, and the verifier says what is lacking.
func (l *Log) findComplete(ctx context.Context) error {
	for s, err := range l.cfg.Checkpoints.Back(ctx, l.last.Time) {
		if err != nil || s.Seq <= l.last.Seq-lookBack {
			return err
		}
		if _, err := l.cfg.Policy.Verify(s.Note); err == nil {
			l.complete = s
			return nil
		}
	}
	return nil
}

// Close releases the tree, and what Home opened. Run must have ended.
func (l *Log) Close() error {
	err := l.tree.close()
	if l.folder != nil {
		err = errors.Join(err, l.folder.Close())
	}
	return err
}

// Origin is the name of the log.
func (l *Log) Origin() string { return l.cfg.Origin }

// Policy says whom the log itself believes.
func (l *Log) Policy() *Policy { return l.cfg.Policy }

// Receipts signs receipts with the log's keys, one of each algorithm. It needs a
// signer.
func (l *Log) Receipts() (Receipts, error) {
	if len(l.cfg.Signers) == 0 {
		return Receipts{}, domain.Deny(ErrReadOnly, "a receipt needs a signing key", "")
	}
	return receiptsWith(l.cfg.Origin, l.cfg.Signers), nil
}

// Latest returns the newest checkpoint, with the cosignatures it has so far.
func (l *Log) Latest() Sealed {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// sign makes the note of a checkpoint, and verifies it. Ed25519 gives the same
// bytes for the same tree; a hardware module or another suite need not.
func (l *Log) sign(c Checkpoint) ([]byte, Verified, error) {
	signed, err := note.Sign(&note.Note{Text: c.text()}, l.cfg.Signers...)
	if err != nil {
		return nil, Verified{}, fmt.Errorf("sign checkpoint: %w", err)
	}
	// A key that no verifier knows would be found out by an inspector only.
	v, err := l.cfg.Policy.open(signed)
	if err != nil {
		return nil, Verified{}, domain.Within(err, "the policy must name the key that signs")
	}
	return signed, v, nil
}

// leaf is the stored hash of event i.
func (l *Log) leaf(i int64) (tlog.Hash, error) {
	h, err := l.tree.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
	if err != nil {
		return tlog.Hash{}, err
	}
	return h[0], nil
}
