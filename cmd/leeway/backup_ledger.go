package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"leeway/eventstore/sqlite"
	"leeway/ledger"
)

// isLogKey is the name of a key of the log in a file of keys, and isCheckpoint
// that of a file among the checkpoints.
var (
	isLogKey     = regexp.MustCompile(`^log/key(\.sm2)?(\.next)?$`)
	isCheckpoint = regexp.MustCompile(`^(policy|heads/[0-9]{19}|days/[0-9]{4}-[0-9]{2}-[0-9]{2}(\.torn-[0-9]+)?)$`)
)

// keyEndings are what the files of the keys of a log end with.
var keyEndings = []string{"", ".next", ".sm2", ".sm2.next"}

// logKeys are the keys of a log that are there, for an archive.
func logKeys(h ledger.Home) []archived {
	var files []archived
	for _, ending := range keyEndings {
		if _, err := os.Lstat(h.Key + ending); err == nil {
			files = append(files, archived{"log/" + sealKey + ending, h.Key + ending})
		}
	}
	return files
}

// backUpCheckpoints copies the checkpoints and the public policy into a file of
// the backup, and returns its digest, empty where there is no log.
func (s *session) backUpCheckpoints(dir, staging string) (string, error) {
	h := s.homeOf(dir)
	if unused, err := h.Unused(); err != nil || unused {
		return "", err
	}
	folder, err := ledger.OpenFolder(h.Checkpoints)
	if err != nil {
		return "", err
	}
	copied := filepath.Join(staging, sealCheckpoints)
	if err := errors.Join(folder.CopyTo(copied), folder.Close()); err != nil {
		return "", err
	}
	names, err := plainFiles(copied)
	if err != nil {
		return "", err
	}
	files := append([]archived{{sealPolicy, h.Policy}}, filesIn(copied, names)...)
	path := filepath.Join(staging, checkpointsFile)
	if err := errors.Join(archiveFiles(path, files), os.RemoveAll(copied)); err != nil {
		return "", err
	}
	return digestOf(path)
}

// plainFiles are the names of the files under a folder, in order.
func plainFiles(dir string) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && isCheckpoint.MatchString(name) {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// keptInPlace reports whether a name in a data folder is of the log, which
// outlives the events: its checkpoints say whether a backup is complete.
func (s *session) keptInPlace(dir, name string) bool {
	h := s.homeOf(dir)
	for _, path := range []string{filepath.Dir(h.Key), h.Checkpoints, filepath.Join(dir, receiptsFolder)} {
		if path == filepath.Join(dir, name) {
			return true
		}
	}
	return false
}

// restoreLog puts the log of a backup in place, as far as there is none, and
// reports whether its checkpoints are those of the backup. Where checkpoints
// outlived the events the restored events must fit them: an old backup is
// refused here and not at the next start.
func (s *session) restoreLog(staging string, m manifest) (fromBackup bool, err error) {
	h := s.homeOf(s.conf.get("data"))
	unpacked := filepath.Join(staging, sealCheckpoints)
	if err := os.Mkdir(unpacked, 0o700); err != nil {
		return false, err
	}
	if m.Checkpoints != "" {
		if err := readArchive(filepath.Join(staging, checkpointsFile), unpacked, isCheckpoint.MatchString); err != nil {
			return false, err
		}
	}
	places := map[string]string{filepath.Join(unpacked, sealPolicy): h.Policy}
	for _, ending := range keyEndings {
		places[filepath.Join(staging, "log", sealKey+ending)] = h.Key + ending
	}
	for from, to := range places {
		if err := putIfMissing(from, to); err != nil {
			return false, err
		}
	}
	heads, err := os.ReadDir(filepath.Join(h.Checkpoints, "heads"))
	if err := ignore(err, fs.ErrNotExist); err != nil {
		return false, err
	}
	if len(heads) > 0 {
		return false, s.fits(h, filepath.Join(staging, ledgerFile))
	}
	names, err := plainFiles(unpacked)
	for _, name := range names {
		if err == nil && name != sealPolicy {
			err = putIfMissing(filepath.Join(unpacked, name), filepath.Join(h.Checkpoints, filepath.FromSlash(name)))
			fromBackup = true
		}
	}
	return fromBackup, err
}

// putIfMissing copies a file to its place, unless one is there or there is none.
func putIfMissing(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return ignore(copyFile(from, to), fs.ErrNotExist)
}

// fits holds a ledger file against checkpoints that are in place.
func (s *session) fits(h ledger.Home, path string) error {
	store, err := sqlite.OpenReader(path)
	if err != nil {
		return err
	}
	log, err := h.Open(s.ctx, store, ledger.Access{})
	if err != nil {
		return errors.Join(fmt.Errorf("checkpoints in %s: %w", h.Checkpoints, err), store.Close())
	}
	return errors.Join(log.Close(), store.Close())
}
