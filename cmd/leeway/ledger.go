package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"leeway/domain"
	"leeway/eventstore"
	"leeway/ledger"
)

// The seal of a data folder is its log: see ledger.Home. The checkpoints may
// lie elsewhere, and should.
const (
	sealFolder      = "seal"
	sealKey         = "key"
	sealPolicy      = "policy"
	sealTree        = "tree"
	sealCheckpoints = "checkpoints"
)

// homeOf is where the files of the log lie that belongs to a data folder.
func (s *session) homeOf(dir string) ledger.Home {
	folder := filepath.Join(dir, sealFolder)
	checkpoints := filepath.Join(folder, sealCheckpoints)
	if s.conf != nil && !s.samples && sameFolder(s.conf.get("data"), dir) {
		folder, checkpoints = s.conf.get("ledger.folder"), s.conf.get("ledger.checkpoints")
	}
	return ledger.Home{Key: filepath.Join(folder, sealKey), Policy: filepath.Join(folder, sealPolicy), Tree: filepath.Join(folder, sealTree), Checkpoints: checkpoints, SM: s.suite() == domain.SuiteSM}
}

// openLog opens the log of a data folder for sealing, and begins one where the
// store is empty. Over events that no log has ever covered one begins only when
// that is asked for: the beginning of the proof is a decision.
func (s *session) openLog(dir string, store eventstore.Store, as ledger.Access) (*ledger.Log, error) {
	h := s.homeOf(dir)
	unused, err := h.Unused()
	if err != nil {
		return nil, err
	}
	empty, err := readable(s.ctx, store)
	switch {
	case err != nil:
		return nil, err
	case unused && !empty && !as.First:
		return nil, &problem{what: s.t("no log"), where: h.Policy, mend: s.t("begin log"), err: ledger.ErrNoCheckpoint}
	case empty || unused:
		if err := h.Make(s.origin()); err != nil {
			return nil, err
		}
	}
	as.Seal, as.First, as.Now = true, as.First && unused, s.now
	return h.Open(s.ctx, store, as)
}

// origin names a new log: as the configuration says, or a name that no other
// log has.
func (s *session) origin() string {
	if s.conf != nil && !s.samples {
		if name := s.conf.get("ledger.name"); name != "" {
			return name
		}
	}
	return "leeway.local/" + strings.ToLower(rand.Text()[:12])
}

// lookAtLog opens the log of a data folder to prove from, beside whoever seals.
func (s *session) lookAtLog(dir string, store eventstore.Store) (*ledger.Log, error) {
	log, err := s.homeOf(dir).Open(s.ctx, store, ledger.Access{Now: s.now})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &problem{what: s.t("no log"), where: s.homeOf(dir).Policy, mend: s.t("begin log"), err: ledger.ErrNoCheckpoint}
	}
	return log, err
}

// A sealing is a log at work beside a command that records.
type sealing struct {
	log  *ledger.Log
	stop context.CancelFunc
	done chan error
}

// startSealing seals while a command records, so that a long import does not
// stand unsealed.
func startSealing(ctx context.Context, log *ledger.Log) *sealing {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	w := &sealing{log: log, stop: stop, done: make(chan error, 1)}
	go func() { w.done <- log.Run(ctx) }()
	return w
}

// sealTime is how long the last checkpoint of a command may take.
const sealTime = 10 * time.Second

// end seals what is left, also where the command was interrupted.
func (w *sealing) end() error {
	w.stop()
	ctx, cancel := context.WithTimeout(context.Background(), sealTime)
	defer cancel()
	err := <-w.done
	if err == nil {
		_, err = w.log.SealNow(ctx)
	}
	return errors.Join(err, w.log.Close())
}
