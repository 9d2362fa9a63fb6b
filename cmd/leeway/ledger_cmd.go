package main

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"leeway/domain"
	"leeway/eventstore"
	"leeway/ledger"
)

// ledgerCmds are the commands around the log that seals the events.
type ledgerCmds struct {
	Status  logStatusCmd  `cmd:""`
	Seal    logSealCmd    `cmd:""`
	Rotate  logRotateCmd  `cmd:""`
	Request logRequestCmd `cmd:""`
	Cosign  logCosignCmd  `cmd:""`
	Tiles   logTilesCmd   `cmd:""`
}

// looking opens the log of the data folder to look at, and every event with it:
// it is compared with the newest checkpoint on the way.
func (s *session) looking(use func(*ledger.Log, eventstore.Store) error) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	store, err := s.openReading(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	log, err := s.lookAtLog(dir, store)
	if err != nil {
		return errors.Join(s.inFolder(dir, err), store.Close())
	}
	return errors.Join(use(log, store), log.Close(), store.Close())
}

// owning opens the log of the data folder for sealing. A server that runs has
// it, and does the sealing.
func (s *session) owning(as ledger.Access, before func(ledger.Home) error, use func(*ledger.Log) error) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	store, err := s.openWriting(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	if _, far := store.(*remote); far {
		return errors.Join(&problem{what: s.t("server seals"), where: dir, mend: s.t("stop server first"), err: ledger.ErrBusy}, store.Close())
	}
	if before != nil {
		if err := before(s.homeOf(dir)); err != nil {
			return errors.Join(s.inFolder(dir, err), store.Close())
		}
	}
	log, err := s.openLog(dir, store, as)
	if err != nil {
		return errors.Join(s.inFolder(dir, err), store.Close())
	}
	return errors.Join(use(log), log.Close(), store.Close())
}

// checkpointJSON is a checkpoint with what its signatures prove.
type checkpointJSON struct {
	Origin    string          `json:"origin"`
	Events    int64           `json:"events"` // that it covers
	Root      string          `json:"root"`
	Number    int64           `json:"number,omitempty"`
	Time      *domain.Instant `json:"time,omitempty"` // by the operator's clock
	Keys      []string        `json:"keys"`
	Witnesses []witnessJSON   `json:"witnesses"`
	Satisfied bool            `json:"satisfied"` // the policy is
	Lacking   string          `json:"lacking,omitempty"`
	Proves    string          `json:"proves"`
	Note      string          `json:"note"`
}

// witnessJSON is one cosignature.
type witnessJSON struct {
	Name string         `json:"name"`
	At   domain.Instant `json:"at"`
}

// checkpointOf describes a checkpoint of the log itself. That witnesses are
// lacking is no error: they may sign later.
func checkpointOf(log *ledger.Log, sealed ledger.Sealed) (checkpointJSON, error) {
	v, lacking := log.Policy().Verify(sealed.Note)
	at := domain.At(sealed.Time)
	c, err := ledger.ParseCheckpoint(sealed.Note)
	if err != nil {
		return checkpointJSON{}, err
	}
	j := checkpointJSON{Origin: c.Origin, Events: c.Size, Root: c.Root.String(), Number: sealed.Seq, Time: &at, Note: string(sealed.Note),
		Keys: append([]string{}, v.Keys...), Witnesses: []witnessJSON{}, Satisfied: lacking == nil, Proves: v.Proves()}
	for _, w := range v.Witnesses {
		j.Witnesses = append(j.Witnesses, witnessJSON{w.Name, domain.At(w.At)})
	}
	if lacking != nil {
		j.Lacking = lacking.Error()
	}
	return j, nil
}

// print writes a checkpoint for a person, with the note that others verify.
func (s *session) printCheckpoint(j checkpointJSON) {
	s.printf("%s\n", s.t("log covers", j.Origin, j.Events, j.Number, j.Time.In(domain.Shanghai).Format(time.RFC3339)))
	if len(j.Witnesses) == 0 {
		s.printf("%s\n", s.t("no witness"))
	}
	for _, w := range j.Witnesses {
		s.printf("%s\n", s.t("witnessed by", w.Name, w.At.In(domain.Shanghai).Format(time.RFC3339)))
	}
	if !j.Satisfied {
		s.printf("%s\n", s.t("quorum lacking"))
	}
}

// logStatusCmd hashes every event and says how far the log is.
type logStatusCmd struct{}

// statusJSON is the state of the log.
type statusJSON struct {
	checkpointJSON
	Unsealed float64 `json:"unsealed_seconds"` // age of the oldest event without a checkpoint
}

// Run compares the events with the checkpoint, and prints.
func (logStatusCmd) Run(s *session) error {
	return s.looking(func(log *ledger.Log, _ eventstore.Store) error {
		st, err := log.Status(s.ctx)
		if err != nil {
			return err
		}
		j, err := checkpointOf(log, st.Checkpoint)
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(statusJSON{j, st.Age.Seconds()})
		}
		s.printCheckpoint(j)
		if st.Age > 0 {
			s.printf("%s\n", s.t("unsealed for", st.Age.Round(time.Second).String()))
		}
		s.printf("\n%s", j.Note)
		return nil
	})
}

// logSealCmd seals what a command that was killed has left unsealed.
// Begin starts a log over events that never had one: the past is taken as it
// stands, and only from here on is tampering seen.
type logSealCmd struct{ Begin bool }

// Run seals and prints the checkpoint.
func (cmd logSealCmd) Run(s *session) error {
	return s.owning(ledger.Access{First: cmd.Begin}, nil, func(log *ledger.Log) error { return s.sealNow(log) })
}

func (s *session) sealNow(log *ledger.Log) error {
	sealed, err := log.SealNow(s.ctx)
	if err != nil {
		return err
	}
	j, err := checkpointOf(log, sealed)
	if err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(j)
	}
	s.printCheckpoint(j)
	return nil
}

// logRotateCmd changes the log's key in two steps.
type logRotateCmd struct{ Finish bool }

// Run begins to sign with a new key, or stops to sign with the old one.
func (cmd logRotateCmd) Run(s *session) error {
	var said string
	err := s.owning(ledger.Access{Quick: true}, func(h ledger.Home) error {
		if cmd.Finish {
			aside, err := h.Finish()
			if errors.Is(err, fs.ErrNotExist) {
				return &problem{what: s.t("no rotation"), where: h.Key, mend: s.t("rotate first"), err: domain.ErrInvalid}
			}
			said = s.t("rotated", strings.Join(aside, "、"))
			return err
		}
		public, err := h.Rotate()
		said = s.t("rotating", strings.Join(public, " "), h.Policy)
		return err
	}, s.sealNow)
	if err == nil && !s.json {
		s.hang("", said)
	}
	return err
}

// logTilesCmd writes the tree for auditors, in the tlog-tiles layout.
type logTilesCmd struct {
	Dir     string `arg:"" type:"path"`
	Entries bool
}

// Run goes on from an earlier export, and changes nothing of it.
func (cmd logTilesCmd) Run(s *session) error {
	return s.looking(func(log *ledger.Log, _ eventstore.Store) error {
		if err := log.ExportTiles(cmd.Dir); err != nil {
			return err
		}
		if cmd.Entries {
			if err := log.ExportEntries(s.ctx, cmd.Dir); err != nil {
				return err
			}
		}
		j, err := checkpointOf(log, log.Latest())
		if err != nil {
			return err
		}
		if s.json {
			return s.writeJSON(j)
		}
		s.printf("%s\n", s.t("wrote tiles", j.Events, cmd.Dir))
		return nil
	})
}

// writeNewFile writes a result for its owner alone, to standard output where no
// file is named. What is there already stays.
func (s *session) writeNewFile(name string, text []byte) error {
	if name == "" {
		s.printf("%s", text)
		return nil
	}
	err := writeOnce(name, text)
	if errors.Is(err, fs.ErrExist) {
		return &problem{what: s.t("is there"), where: name, mend: s.t("name a new file"), err: domain.ErrInvalid}
	}
	return s.unreadable(name, err)
}

// maxTrustFile is more than a receipt of the largest batch, a checkpoint or a
// policy has.
const maxTrustFile = 8 << 20

// readTrustFile reads a file that somebody else may have written.
func (s *session) readTrustFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxTrustFile {
		return nil, &problem{what: s.t("file too large", maxTrustFile>>20), where: name, mend: s.t("mend malformed"), err: domain.ErrInvalid}
	}
	text, err2 := os.ReadFile(name)
	if err := cmp.Or(err, err2); err != nil {
		return nil, s.unreadable(name, err)
	}
	return text, nil
}
