package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"leeway/eventstore"
	"leeway/ledger"
	"leeway/ledger/vault"
)

// initCmd makes a data folder ready. Running it again changes nothing that is
// there.
type initCmd struct{}

// skeleton is the configuration file that init writes: every setting with its
// default, none of them set.
const skeleton = `# Leeway · 容错台账
# Precedence: flag, then environment (LEEWAY_STORE_KIND for store.kind), then this file, then the default.
# Secrets stand in files of mode 0600 that are named here, never here in a file that others may read.
# leeway config show lists what is in force and where it comes from.

# language = "zh"            # zh or en
# keys = "keys"              # folder of the keys that open personal data; back it up apart from the ledger

# [ledger]
# folder = "seal"            # key, policy and tree that make tampering visible; back it up apart from the ledger
# checkpoints = "seal/checkpoints"  # better on another volume: an old copy of both together looks whole
# name = ""                  # name of the ledger in its key and checkpoints, such as ledger.example/office; set it before init
# check = "full"             # full: a start of the server hashes every event again; quick: stored hashes and the newest event

# [store]
# kind = "sqlite"            # sqlite: the ledger is in this folder; esdb: EventStoreDB or KurrentDB
# connection_file = "/etc/leeway/store-connection"   # esdb://user:password@host:2113?tlsCAFile=/etc/leeway/ca.pem
# prefix = ""                # begins the name of every stream of this ledger on the server

# [projections]
# database = "projections.db"                        # an SQLite file
# database_file = "/etc/leeway/projections-database" # a file with postgres://user:password@host/leeway

# [server]
# listen = "127.0.0.1:8420"  # other than loopback needs a certificate
# certificate = "/etc/leeway/server.pem"
# key = "/etc/leeway/server.key"
# socket = "run/leeway.sock" # in a folder of mode 0700
`

// initJSON says what was made. What was there already is not listed.
type initJSON struct {
	Data   string `json:"data"`
	Config string `json:"config"`
	Keys   string `json:"keys"`

	LedgerKey   string `json:"ledger_key"`  // signs checkpoints and receipts
	Policy      string `json:"policy"`      // its public half, for whoever verifies
	Checkpoints string `json:"checkpoints"` // belongs on another volume

	Made []string `json:"made"`
}

// Run makes what is missing: the folder, the ledger, the keys, the
// configuration.
func (initCmd) Run(s *session) error {
	c, err := s.configured()
	if err != nil {
		return err
	}
	dir := c.get("data")
	h := s.homeOf(dir)
	done := initJSON{Data: dir, Config: c.file, Keys: c.get("keys"), LedgerKey: h.Key, Policy: h.Policy, Checkpoints: h.Checkpoints, Made: []string{}}
	for _, path := range []string{dir, filepath.Join(dir, ledgerFile), done.Keys, done.LedgerKey, done.Policy, done.Checkpoints} {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && (path != filepath.Join(dir, ledgerFile) || !c.server()) {
			done.Made = append(done.Made, path)
		}
	}
	if err := s.makeData(dir); err != nil {
		return err
	}
	if err := s.makeLedger(dir); err != nil {
		return s.inFolder(dir, err)
	}
	if done.Config == "" {
		done.Config = filepath.Join(dir, configNames[0])
		if err := writeOnce(done.Config, []byte(skeleton)); err != nil {
			return s.inFolder(dir, err)
		}
		done.Made = append(done.Made, done.Config)
	}
	if s.json {
		return s.writeJSON(done)
	}
	for _, path := range done.Made {
		s.printf("%s\n", s.t("made", path))
	}
	if len(done.Made) == 0 {
		s.printf("%s\n", s.t("made nothing", dir))
	}
	s.printf("\n")
	s.hang("", s.t("init log", done.Policy, done.Checkpoints))
	s.hang("", s.t("init next", done.Config, done.Keys))
	return nil
}

// makeLedger makes the embedded ledger and its keys. Where a server runs both
// are there. Of events on a server only the keys are made, for a server that
// holds none yet.
func (s *session) makeLedger(dir string) error {
	store, err := s.openWriting(dir)
	if err != nil {
		return err
	}
	keys, err := s.keys(s.keysOf(dir), store)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	if _, far := store.(*remote); far { // a server runs, and has the log
		return errors.Join(keys.Close(), store.Close())
	}
	log, err := s.openLog(dir, store, ledger.Access{Quick: true})
	if err == nil {
		err = log.Close()
	}
	return errors.Join(err, keys.Close(), store.Close())
}

// makeData makes the data folder for its owner alone, and refuses one that
// others may enter or that a link leads to.
func (s *session) makeData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return s.inFolder(dir, err)
	}
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return s.inFolder(dir, err)
	case info.Mode()&fs.ModeSymlink != 0:
		return s.exposed(dir, s.t("folder is link"), s.t("name real folder"))
	case !info.IsDir():
		return &problem{what: s.t("no folder"), where: dir, mend: s.t("give --data"), err: eventstore.ErrInvalid}
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return s.exposed(dir, s.t("folder open", info.Mode().Perm()), s.t("close folder", dir))
	}
	return nil
}

// writeOnce writes a new file for its owner alone. One that is there stays.
func writeOnce(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, errors.Join(err, os.Remove(path)))
	}
	return nil
}

// exposedOr words a secret that could not be read: open to others, or not
// there.
func (s *session) exposedOr(path string, err error) error {
	if errors.Is(err, vault.ErrExposed) {
		return s.exposed(path, s.t("secret file open"), s.t("close file", path))
	}
	return s.unreadable(path, err)
}
