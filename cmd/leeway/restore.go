package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"leeway/domain"
)

// restoreCmd puts a backup into an empty data folder.
type restoreCmd struct {
	From string `arg:"" type:"path"`
	Keys string `placeholder:"FILE" type:"path"`
}

// restoreJSON says what was put back, and how old it is.
type restoreJSON struct {
	Data   string    `json:"data"`
	Events int64     `json:"events"` // each compared with the manifest
	Last   string    `json:"last,omitempty"`
	Made   time.Time `json:"made"`
	Keys   bool      `json:"keys"`
	// Checkpoints says that they were taken from the backup itself, so that
	// nothing here shows what was recorded after it.
	Checkpoints bool   `json:"checkpoints_from_backup"`
	Took        string `json:"took"`
}

// Run unpacks into a folder inside the data folder, checks every event there,
// and gives the files their names at the end. Where anything is not as the
// manifest says, the data folder stays empty.
func (cmd restoreCmd) Run(s *session) (err error) {
	begin := time.Now()
	c, err := s.configured()
	if err != nil {
		return err
	}
	dir := c.get("data")
	if err := s.emptyData(dir); err != nil {
		return err
	}
	staging, err := os.MkdirTemp(dir, ".restore-")
	if err != nil {
		return s.inFolder(dir, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()
	m, err := cmd.unpack(s, staging)
	if err != nil {
		return err
	}
	if err := m.check(s.ctx, staging); err != nil {
		return s.badBackup(cmd.From, err)
	}
	moves, err := cmd.unpackRest(s, staging, m)
	if err != nil {
		return err
	}
	fromBackup, err := s.restoreLog(staging, m)
	if err != nil {
		return s.badBackup(cmd.From, err)
	}
	// The ledger comes last: with it, the folder is in use.
	for _, name := range append(moves, [2]string{ledgerFile, filepath.Join(dir, ledgerFile)}) {
		if err := os.Rename(filepath.Join(staging, name[0]), name[1]); err != nil {
			return s.inFolder(dir, err)
		}
	}
	if err := syncFolder(dir); err != nil {
		return s.inFolder(dir, err)
	}
	return s.showRestore(restoreJSON{dir, m.Events, m.Last, m.Made, cmd.Keys != "", fromBackup, time.Since(begin).Round(time.Millisecond).String()})
}

// emptyData makes the data folder, or accepts one that holds nothing but a
// configuration.
func (s *session) emptyData(dir string) error {
	if err := s.makeData(dir); err != nil {
		return err
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	for _, f := range found {
		if !slices.Contains(configNames, f.Name()) && !s.keptInPlace(dir, f.Name()) {
			return &problem{what: s.t("folder in use", f.Name()), where: dir, mend: s.t("name empty folder"), err: domain.ErrInvalid}
		}
	}
	return nil
}

// unpack brings the files of a backup into a folder and reads its manifest.
func (cmd restoreCmd) unpack(s *session, staging string) (manifest, error) {
	info, err := os.Stat(cmd.From)
	if err == nil && info.IsDir() {
		for _, name := range backupNames {
			err = copyFile(filepath.Join(cmd.From, name), filepath.Join(staging, name))
			if name == packsFile || name == checkpointsFile {
				err = ignore(err, fs.ErrNotExist) // where the manifest names it, its check finds it missing
			}
			if err != nil {
				break
			}
		}
	} else if err == nil {
		err = readArchive(cmd.From, staging, func(name string) bool { return slices.Contains(backupNames, name) })
	}
	var m manifest
	if err == nil {
		m, err = readManifest(staging)
	}
	if err != nil {
		return m, s.badBackup(cmd.From, err)
	}
	return m, nil
}

// unpackRest unpacks what comes beside the events, and says where it goes:
// nothing of it gets there before all of it is sound.
func (cmd restoreCmd) unpackRest(s *session, staging string, m manifest) (moves [][2]string, err error) {
	if m.Packs != "" {
		if err := restorePacks(filepath.Join(staging, packsFile), filepath.Join(staging, packsFolder)); err != nil {
			return nil, s.badBackup(cmd.From, err)
		}
		moves = append(moves, [2]string{packsFolder, filepath.Join(s.conf.get("data"), packsFolder)})
	}
	if cmd.Keys != "" {
		if err := restoreKeys(cmd.Keys, filepath.Join(staging, keysFolder), m.Keys); err != nil {
			return nil, s.badBackup(cmd.Keys, err)
		}
		moves = append(moves, [2]string{keysFolder, s.conf.get("keys")})
	}
	return moves, nil
}

// badBackup says why a backup cannot be used.
func (s *session) badBackup(where string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: %w", domain.ErrNotFound, err)
		return &problem{what: s.t("no backup", err), where: where, mend: s.t("name a backup"), err: err}
	}
	if errors.Is(err, errDiffers) {
		return &problem{what: err.Error(), where: where, mend: s.t("take another backup"), err: err}
	}
	return s.inFolder(where, err)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// showRestore says what is there again, and from when.
func (s *session) showRestore(done restoreJSON) error {
	if s.json {
		return s.writeJSON(done)
	}
	s.printf("%s\n", s.t("did restore", done.Events, done.Data, done.Took))
	s.hang("", s.t("restored as of", done.Made.Format(time.RFC3339), done.Last))
	if !done.Keys {
		s.hang(s.t("warning"), s.t("restored without keys"))
	}
	if done.Checkpoints {
		s.hang(s.t("warning"), s.t("restored checkpoints"))
	}
	s.hang("", s.t("restore next"))
	return nil
}
