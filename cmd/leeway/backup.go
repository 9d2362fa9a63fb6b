package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"leeway/domain"
	"leeway/eventstore"
	"leeway/eventstore/sqlite"
)

// backupCmd writes a copy of the ledger while it is being written to.
type backupCmd struct {
	Target string `arg:"" type:"path"`
	Keys   string `placeholder:"FILE" type:"path"`
}

// Names inside a backup. The list of sums has one line an event, in commit
// order; packs are there where the data folder has some of its own.
const (
	manifestFile = "manifest.json"
	sumsFile     = "events.sum"
	packsFile    = "packs.tar"

	checkpointsFile = "checkpoints.tar"
)

// backupNames are the files of a backup, in their order in an archive.
var backupNames = []string{manifestFile, sumsFile, packsFile, checkpointsFile, ledgerFile}

// Run writes the backup beside its target and puts it in place as the last
// step: what has the target's name is whole.
func (cmd backupCmd) Run(s *session) (err error) {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	for _, path := range []string{cmd.Target, cmd.Keys} {
		if _, err := os.Lstat(path); path != "" && !errors.Is(err, fs.ErrNotExist) {
			return &problem{what: s.t("is there"), where: path, mend: s.t("name a new file"), err: domain.ErrInvalid}
		}
	}
	staging, err := os.MkdirTemp(filepath.Dir(cmd.Target), filepath.Base(cmd.Target)+".partial-")
	if err != nil {
		return s.unreadable(cmd.Target, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()
	m := manifest{Format: backupFormat, Made: s.now().UTC().Truncate(time.Second), Version: build().Version}
	// Checkpoints come before the events: all that they cover is there then.
	if m.Checkpoints, err = s.backUpCheckpoints(dir, staging); err != nil {
		return s.inFolder(dir, err)
	}
	if err := s.backUpEvents(dir, filepath.Join(staging, ledgerFile), &m); err != nil {
		return s.inFolder(dir, err)
	}
	// Packs and keys come after the events: both are there before the first
	// event that needs them.
	if m.Packs, err = backUpPacks(filepath.Join(dir, packsFolder), filepath.Join(staging, packsFile)); err != nil {
		return s.inFolder(dir, err)
	}
	if cmd.Keys != "" {
		if m.Keys, err = backUpKeys(s.keysOf(dir), s.homeOf(dir), cmd.Keys); err != nil {
			return s.inFolder(s.keysOf(dir), err)
		}
	}
	if err := m.seal(s.ctx, staging); err != nil {
		return err
	}
	if err := place(staging, cmd.Target); err != nil {
		return err
	}
	return s.showBackup(cmd, m)
}

// backUpEvents copies the events into a ledger file of their own.
func (s *session) backUpEvents(dir, path string, m *manifest) error {
	store, err := s.openReading(dir)
	if err != nil {
		return err
	}
	if embedded, ok := store.(*sqlite.Store); ok {
		m.Store = kindSQLite
		return errors.Join(embedded.Backup(s.ctx, path), store.Close())
	}
	m.Store = kindServer
	return errors.Join(copyIntoFile(s.ctx, store, path), store.Close())
}

// copyIntoFile copies the events of a server into a ledger file.
func copyIntoFile(ctx context.Context, from eventstore.Store, path string) error {
	to, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	_, _, err = copyEvents(ctx, from, to)
	return errors.Join(err, to.Close(), ignore(os.Remove(path+".lock"), fs.ErrNotExist))
}

// place gives a finished folder its name: as it is, or as one tar file.
func place(staging, target string) error {
	if !isArchive(target) {
		if err := os.Rename(staging, target); err != nil {
			return err
		}
		return syncFolder(filepath.Dir(target))
	}
	partial := staging + ".tar"
	names := slices.DeleteFunc(slices.Clone(backupNames), func(name string) bool {
		_, err := os.Lstat(filepath.Join(staging, name))
		return errors.Is(err, fs.ErrNotExist)
	})
	if err := writeArchive(partial, staging, names); err != nil {
		return errors.Join(err, ignore(os.Remove(partial), fs.ErrNotExist))
	}
	if err := os.Rename(partial, target); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(target))
}

// isArchive reports whether a backup is one file and not a folder.
func isArchive(name string) bool { return strings.HasSuffix(name, ".tar") }

// backupJSON is what a backup holds, and where.
type backupJSON struct {
	manifest
	Target   string `json:"target"`
	KeysFile string `json:"keys_file,omitempty"`
	Warning  string `json:"warning"`
}

// showBackup says what was written. The warning is never left out: a ledger
// without keys cannot show a name, and with them it hides none.
func (s *session) showBackup(cmd backupCmd, m manifest) error {
	warning := s.t("keys not in backup", s.conf.get("keys"))
	if cmd.Keys != "" {
		warning = s.t("keys in file", cmd.Keys)
	}
	if s.json {
		return s.writeJSON(backupJSON{m, cmd.Target, cmd.Keys, warning})
	}
	s.printf("%s\n", s.t("did backup", m.Events, cmd.Target, m.Ledger))
	s.hang(s.t("warning"), warning)
	s.hang("", s.t("backup next", cmd.Target))
	return nil
}

// syncFolder makes the names in a folder durable, where the system can.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(ignore(d.Sync(), errors.ErrUnsupported), d.Close())
}

// syncTree makes the files of a folder durable.
func syncTree(dir string) error {
	found, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range found {
		file, err := os.OpenFile(filepath.Join(dir, f.Name()), os.O_RDWR, 0)
		if err != nil {
			return err
		}
		if err := errors.Join(file.Sync(), file.Close()); err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
	}
	return syncFolder(dir)
}
