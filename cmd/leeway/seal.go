package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"leeway/eventstore"
	"leeway/ledger"
)

// The seal of a data folder: what makes tampering with its events visible. The
// key signs, the policy says whose signatures count, the checkpoints say how
// far the events went; the tree is derived from the events at any time.
const (
	sealFolder      = "seal"
	sealKey         = "key"
	sealPolicy      = "policy"
	sealTree        = "tree"
	sealCheckpoints = "checkpoints"
)

// sealTime is how long sealing may take when a command ends, also one that was
// interrupted: what it appended is on record and should be sealed.
const sealTime = 30 * time.Second

// A seal is an open ledger with what it was opened from.
type seal struct {
	log         *ledger.Log
	checkpoints *ledger.Folder
	receipts    ledger.Receipts
	policy      []byte
}

// Close ends it. Nothing is sealed by that.
func (l *seal) Close() error {
	if l == nil {
		return nil
	}
	return errors.Join(l.log.Close(), l.checkpoints.Close())
}

// now seals what is on record. No seal: there is nothing to do.
func (l *seal) now(ctx context.Context) error {
	if l == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sealTime)
	defer cancel()
	_, err := l.log.SealNow(ctx)
	return err
}

// start seals until the returned function is called, which waits for what is
// under way. An error after which it cannot go on goes to failed.
func (l *seal) start(failed chan<- error) (stop func()) {
	if l == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := l.log.Run(ctx); err != nil {
			failed <- err
		}
	})
	return func() {
		cancel()
		wait.Wait()
	}
}

// state says how far sealing is behind, for /readyz and /metrics.
func (l *seal) state(ctx context.Context) sealReadyJSON {
	if l == nil {
		return sealReadyJSON{State: sealNone}
	}
	status, err := l.log.Status(ctx)
	if err != nil {
		return sealReadyJSON{State: sealLate, Reason: err.Error()}
	}
	out := sealReadyJSON{State: sealOK, Events: status.Size, Sealed: status.Sealed, Age: status.Age.Seconds(), Cosigned: status.Cosigned}
	if err := errors.Join(status.Degraded(), status.Failing); err != nil {
		out.Reason = err.Error()
	}
	if status.Degraded() != nil {
		out.State = sealLate
	}
	return out
}

// The states of sealing.
const (
	sealNone = "none"
	sealOK   = "ok"
	sealLate = "late"
)

// sealReadyJSON is how far sealing is behind. Decisions go on while it is late;
// the server does not count as ready then.
type sealReadyJSON struct {
	State    string  `json:"state"` // ok, late, none
	Reason   string  `json:"reason,omitempty"`
	Events   int64   `json:"events"`
	Sealed   int64   `json:"sealed"`
	Age      float64 `json:"unsealed_seconds"`
	Cosigned int64   `json:"cosigned"` // events under the newest checkpoint with its quorum; -1: none
}

// sealOf is the folder of the seal that belongs to a data folder, and that of
// its checkpoints, which may lie elsewhere.
func (s *session) sealOf(dir string) (folder, checkpoints string) {
	if s.conf != nil && !s.samples && sameFolder(s.conf.get("data"), dir) {
		return s.conf.get("ledger.folder"), s.conf.get("ledger.checkpoints")
	}
	folder = filepath.Join(dir, sealFolder)
	return folder, filepath.Join(folder, sealCheckpoints)
}

// openSeal opens the seal of a data folder over its events, and refuses events
// that the last checkpoint does not fit: nothing may be appended to them. A seal
// is begun only for a store that holds nothing: a new one beside old events
// would hide that the old one is lost. Quick believes stored hashes.
func (s *session) openSeal(dir string, store eventstore.Store, quick bool) (*seal, error) {
	folder, checkpoints := s.sealOf(dir)
	if _, err := os.Stat(filepath.Join(folder, sealPolicy)); errors.Is(err, fs.ErrNotExist) {
		for _, err := range store.All(s.ctx, eventstore.Start) {
			if err != nil {
				return nil, err
			}
			return nil, &problem{what: s.t("no seal"), where: folder, mend: s.t("restore seal"), err: ledger.ErrNoCheckpoint}
		}
		return s.beginSeal(dir, store)
	}
	l, cfg, err := s.sealParts(folder, checkpoints, store)
	if err != nil {
		return nil, s.inSeal(folder, err)
	}
	cfg.Quick = quick
	if l.log, err = ledger.Open(s.ctx, cfg); err != nil {
		return nil, s.inSeal(checkpoints, errors.Join(err, l.checkpoints.Close()))
	}
	return l, nil
}

// beginSeal makes a key, a policy that names it, and the first checkpoint.
func (s *session) beginSeal(dir string, store eventstore.Store) (*seal, error) {
	folder, checkpoints := s.sealOf(dir)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, s.inSeal(folder, err)
	}
	key, err := ledger.LoadKey(filepath.Join(folder, sealKey))
	if errors.Is(err, fs.ErrNotExist) {
		key, err = ledger.CreateKey(filepath.Join(folder, sealKey), s.origin())
	}
	if err != nil {
		return nil, s.inSeal(folder, err)
	}
	policy := "# " + s.t("policy head") + "\nlog " + key.Public + "\nquorum none\n"
	if err := writeOnce(filepath.Join(folder, sealPolicy), []byte(policy)); err != nil {
		return nil, s.inSeal(folder, err)
	}
	l, cfg, err := s.sealParts(folder, checkpoints, store)
	if err != nil {
		return nil, s.inSeal(folder, err)
	}
	if l.log, err = ledger.Create(s.ctx, cfg); err != nil {
		return nil, s.inSeal(checkpoints, errors.Join(err, l.checkpoints.Close()))
	}
	return l, nil
}

// origin is the name of the ledger, which its key and every checkpoint carry. It
// stays for ever, so that none that is not named gets one of its own.
func (s *session) origin() string {
	name := ""
	if s.conf != nil && !s.samples {
		name = s.conf.get("ledger.name")
	}
	var b [4]byte
	rand.Read(b[:]) // never fails
	return cmp.Or(name, "leeway.local/"+hex.EncodeToString(b[:]))
}

// sealParts reads key and policy and opens the checkpoints.
func (s *session) sealParts(folder, checkpoints string, store eventstore.Store) (*seal, ledger.Config, error) {
	key, err := ledger.LoadKey(filepath.Join(folder, sealKey))
	if err != nil {
		return nil, ledger.Config{}, err
	}
	l := &seal{receipts: ledger.Receipts{Origin: key.Name(), Signer: key.Signer}}
	if l.policy, err = os.ReadFile(filepath.Join(folder, sealPolicy)); err != nil {
		return nil, ledger.Config{}, err
	}
	policy, err := ledger.ParsePolicy(l.policy)
	if err != nil {
		return nil, ledger.Config{}, err
	}
	if l.checkpoints, err = ledger.OpenFolder(checkpoints); err != nil {
		return nil, ledger.Config{}, err
	}
	return l, ledger.Config{
		Origin: key.Name(), Store: store, Checkpoints: l.checkpoints, Dir: filepath.Join(folder, sealTree),
		Policy: policy, Signers: []ledger.Signer{key.Signer}, Now: s.now,
	}, nil
}

// inSeal says where the seal is that something is wrong with.
func (s *session) inSeal(where string, err error) error {
	var own *problem
	if errors.As(err, &own) {
		return err
	}
	return &problem{what: err.Error(), where: where, err: err}
}

// sealing opens the seal for a command that records. None where a server does
// the writing, or where the events are on a server that many may write to: the
// one sealer is leeway serve then.
func (s *session) sealing(dir string, store eventstore.Store) (*seal, error) {
	if _, ok := store.(*remote); ok {
		return nil, nil
	}
	if on, err := s.onServer(dir); err != nil || on {
		return nil, err
	}
	return s.openSeal(dir, store, true)
}

// ledgerCmds are about the seal of the events.
type ledgerCmds struct {
	Seal    sealNowCmd     `cmd:""`
	Request sealRequestCmd `cmd:""`
	Cosign  sealCosignCmd  `cmd:""`
}

// sealNowCmd seals what is on record and says how far. Begin starts a seal over
// events that have none: the past is taken as it stands, and only from here on
// is tampering seen.
type sealNowCmd struct {
	Begin bool
}

// sealJSON is how far the events are sealed.
type sealJSON struct {
	Origin     string `json:"origin"`
	Events     int64  `json:"events"`
	Sealed     int64  `json:"sealed"`
	Root       string `json:"root"`
	Checkpoint string `json:"checkpoint"` // signed note
	Policy     string `json:"policy"`     // file
	Witnesses  int    `json:"witnesses"`
	Proves     string `json:"proves"`
}

// Run seals.
func (cmd sealNowCmd) Run(s *session) error {
	return s.withSeal(cmd.Begin, func(l *seal) error {
		if err := l.now(s.ctx); err != nil {
			return err
		}
		out, err := s.sealState(l)
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(out)
		}
		s.pairs([2]string{s.t("ledger name"), out.Origin}, [2]string{s.t("events sealed"), fmt.Sprint(out.Sealed)}, [2]string{s.t("root"), out.Root},
			[2]string{s.t("policy file"), out.Policy}, [2]string{s.t("witness count"), fmt.Sprint(out.Witnesses)})
		if out.Witnesses == 0 {
			s.printf("\n")
			s.hang("", s.t("no witness"))
		}
		return nil
	})
}

// sealState reads how far the events are sealed.
func (s *session) sealState(l *seal) (sealJSON, error) {
	status, err := l.log.Status(s.ctx)
	if err != nil {
		return sealJSON{}, err
	}
	policy, err := ledger.ParsePolicy(l.policy)
	if err != nil {
		return sealJSON{}, err
	}
	c, err := ledger.ParseCheckpoint(status.Checkpoint.Note)
	if err != nil {
		return sealJSON{}, err
	}
	out := sealJSON{Origin: c.Origin, Events: status.Size, Sealed: status.Sealed, Root: c.Root.String(), Checkpoint: string(status.Checkpoint.Note)}
	folder, _ := s.sealOf(s.conf.get("data"))
	out.Policy = filepath.Join(folder, sealPolicy)
	// A checkpoint that lacks its quorum is told as one that nobody has signed.
	if v, err := policy.Verify(status.Checkpoint.Note); err == nil {
		out.Witnesses, out.Proves = len(v.Witnesses), v.Proves()
	}
	return out, nil
}

// withSeal opens the events and their seal for a command about the seal. A
// server that runs holds both: it is asked to stop, or the command to wait.
func (s *session) withSeal(begin bool, use func(*seal) error) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	if state, err := s.serverOf(dir); err != nil {
		return err
	} else if state != nil {
		return &problem{what: s.t("server seals", state.PID), where: state.Data, mend: s.t("stop server to seal"), err: eventstore.ErrLocked}
	}
	store, err := s.openOwn(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	open := func() (*seal, error) { return s.openSeal(dir, store, false) }
	folder, _ := s.sealOf(dir)
	if _, err := os.Stat(filepath.Join(folder, sealPolicy)); begin && errors.Is(err, fs.ErrNotExist) {
		open = func() (*seal, error) { return s.beginSeal(dir, store) }
	}
	l, err := open()
	if err != nil {
		return errors.Join(err, store.Close())
	}
	return errors.Join(use(l), l.Close(), store.Close())
}

// serverOf is the server that runs on a data folder, or nil.
func (s *session) serverOf(dir string) (*serverState, error) {
	socket, err := s.socketOf(dir)
	if err != nil {
		return nil, err
	}
	state, err := askServer(s.ctx, socket)
	if errors.Is(err, errNoServer) {
		return nil, nil
	}
	return &state, err
}

// sealRequestCmd writes what is carried to a witness: the newest checkpoint, and
// the proof that it goes on from what the witness saw last.
type sealRequestCmd struct {
	Old int64  `placeholder:"N"`
	Out string `placeholder:"FILE" type:"path"`
}

// Run writes the request.
func (cmd sealRequestCmd) Run(s *session) error {
	return s.withSeal(false, func(l *seal) error {
		if err := l.now(s.ctx); err != nil {
			return err
		}
		r, err := l.log.Request(cmd.Old)
		if err != nil {
			return err
		}
		return s.deliver(cmd.Out, r.Marshal())
	})
}

// sealCosignCmd puts the answer of a witness under the checkpoint.
type sealCosignCmd struct {
	Answer string `arg:"" type:"path"`
	Size   int64  `placeholder:"N"` // events under the checkpoint that was signed; none: the newest
}

// Run takes the answer in.
func (cmd sealCosignCmd) Run(s *session) error {
	lines, err := os.ReadFile(cmd.Answer)
	if err != nil {
		return s.unreadable(cmd.Answer, err)
	}
	return s.withSeal(false, func(l *seal) error {
		size := cmd.Size
		if size == 0 {
			c, err := ledger.ParseCheckpoint(l.log.Latest().Note)
			if err != nil {
				return err
			}
			size = c.Size
		}
		sealed, err := l.log.AddCosignatures(s.ctx, size, lines)
		if err != nil {
			return s.inSeal(cmd.Answer, err)
		}
		return s.deliver("", sealed.Note)
	})
}

// deliver writes bytes to a new file, or to the screen where none is named.
func (s *session) deliver(file string, b []byte) error {
	if file == "" {
		_, err := s.out.Write(b)
		return err
	}
	if err := writeOnce(file, b); err != nil {
		return s.inSeal(file, err)
	}
	if s.json {
		return s.writeJSON(map[string]any{"file": file, "bytes": len(b)})
	}
	s.printf("%s\n", s.t("written", file))
	return nil
}

// proofCmd exchanges a signed receipt for the proofs of its events.
type proofCmd struct {
	Receipt string `arg:"" type:"path"`
	Out     string `placeholder:"DIR" type:"path"`
}

// proofJSON is one event that a receipt names, with its proof.
type proofJSON struct {
	Index int64  `json:"index"`
	Event string `json:"event"` // raw bytes
	Proof string `json:"proof"`
}

// Run proves.
func (cmd proofCmd) Run(s *session) error {
	receipt, err := os.ReadFile(cmd.Receipt)
	if err != nil {
		return s.unreadable(cmd.Receipt, err)
	}
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	return s.readingSeal(dir, func(l *seal) error {
		proofs, err := l.log.Exchange(s.ctx, receipt)
		if err != nil {
			return s.inSeal(cmd.Receipt, err)
		}
		if s.json {
			out := []proofJSON{}
			for _, p := range proofs {
				out = append(out, proofJSON{p.Index, string(p.Data), string(p.Proof)})
			}
			return s.writeJSON(map[string]any{"proofs": out})
		}
		for _, p := range proofs {
			if cmd.Out == "" {
				s.printf("%s", p.Proof)
				continue
			}
			if err := os.MkdirAll(cmd.Out, 0o700); err != nil {
				return s.inSeal(cmd.Out, err)
			}
			name := filepath.Join(cmd.Out, fmt.Sprintf("%08d", p.Index))
			if err := errors.Join(writeOnce(name+".event", p.Data), writeOnce(name+".tlog-proof", p.Proof)); err != nil {
				return s.inSeal(cmd.Out, err)
			}
			s.printf("%s\n", s.t("written", name+".tlog-proof"))
		}
		return nil
	})
}

// readingSeal opens the events and their seal to prove from, beside whoever
// writes: the tree is built in memory, and nothing is sealed.
func (s *session) readingSeal(dir string, use func(*seal) error) error {
	store, err := s.openReading(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	folder, checkpoints := s.sealOf(dir)
	l, cfg, err := s.sealParts(folder, checkpoints, store)
	if errors.Is(err, fs.ErrNotExist) {
		err = &problem{what: s.t("no seal"), where: folder, mend: s.t("restore seal"), err: ledger.ErrNoCheckpoint}
	}
	if err != nil {
		return errors.Join(s.inSeal(folder, err), store.Close())
	}
	cfg.Signers, cfg.Dir = nil, ""
	if l.log, err = ledger.Open(s.ctx, cfg); err != nil {
		return errors.Join(s.inSeal(checkpoints, err), l.checkpoints.Close(), store.Close())
	}
	return errors.Join(use(l), l.Close(), store.Close())
}

// receiptCmd signs again the receipt of a command that is on record.
type receiptCmd struct {
	Stream   string `arg:""`
	Revision int64  `arg:""`
	Out      string `placeholder:"FILE" type:"path"`
}

// Run signs. The bytes are those that the command itself gave.
func (cmd receiptCmd) Run(s *session) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	return s.readingSeal(dir, func(l *seal) error {
		store, err := s.openReading(dir)
		if err != nil {
			return err
		}
		signed, err := l.receipts.Again(s.ctx, store, cmd.Stream, cmd.Revision)
		if err := errors.Join(err, store.Close()); err != nil {
			return s.inSeal(cmd.Stream, err)
		}
		return s.deliver(cmd.Out, signed)
	})
}

// receiptOf signs the receipt of a step that was accepted just now. Whoever
// cannot sign, because the key is with the server, gets it from there.
func (s *session) receiptOf(store eventstore.Store, stream string, revision int64) string {
	folder, _ := s.sealOf(s.conf.get("data"))
	key, err := ledger.LoadKey(filepath.Join(folder, sealKey))
	if err != nil {
		return ""
	}
	signed, err := ledger.Receipts{Origin: key.Name(), Signer: key.Signer}.Again(s.ctx, store, stream, revision)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(signed)) + "\n"
}
