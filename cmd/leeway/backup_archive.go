package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"leeway/domain"
	"leeway/ledger"
	"leeway/ledger/vault"
)

// writeArchive writes files of a folder into a new tar file, for its owner
// alone, and makes it durable. The same files give the same bytes.
func writeArchive(path, dir string, names []string) error {
	return archiveFiles(path, filesIn(dir, names))
}

// archived is a file that goes into an archive under a name.
type archived struct{ name, path string }

func filesIn(dir string, names []string) []archived {
	var files []archived
	for _, name := range names {
		files = append(files, archived{name, filepath.Join(dir, filepath.FromSlash(name))})
	}
	return files
}

// archiveFiles is writeArchive for files of several folders.
func archiveFiles(path string, files []archived) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := tar.NewWriter(f)
	for _, file := range files {
		if err = addFile(w, file.path, file.name); err != nil {
			break
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func addFile(w *tar.Writer, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: time.Unix(0, 0), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// readArchive unpacks a tar file into a folder that has nothing in it. Only
// names that are expected are taken, each once, as plain files: whoever made
// the archive decides nothing about where its content goes.
func readArchive(path, dir string, expected func(name string) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %s: %w", errDiffers, path, err)
		}
		if h.Typeflag != tar.TypeReg || !expected(h.Name) {
			return fmt.Errorf("%w: %s holds %q, which belongs to no backup", errDiffers, path, h.Name)
		}
		if err := extract(root, r, h.Name); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
}

func extract(root *os.Root, r io.Reader, name string) error {
	if err := root.MkdirAll(filepath.ToSlash(filepath.Dir(name)), 0o700); err != nil {
		return err
	}
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	return errors.Join(err, out.Sync(), out.Close())
}

// isKey is the name of a file of a vault: the key-encryption key, or one data
// key.
var isKey = regexp.MustCompile(`^(kek(\.next)?|index|custodians|(keys|escrow)/[0-9a-f]+)$`)

// backUpKeys writes a vault and the keys of the log into one file and returns
// its digest.
func backUpKeys(dir string, h ledger.Home, path string) (string, error) {
	keys, err := vault.Open(dir) // checks that others cannot get at them
	if err != nil {
		return "", err
	}
	if err := keys.Close(); err != nil {
		return "", err
	}
	var names []string
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && isKey.MatchString(name) {
			names = append(names, name) // what a key that is being made leaves for a moment has another name
		}
		return err
	})
	if err != nil {
		return "", err
	}
	if err := archiveFiles(path, append(filesIn(dir, names), logKeys(h)...)); err != nil {
		return "", errors.Join(err, ignore(os.Remove(path), fs.ErrNotExist))
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return "", err
	}
	return digestOf(path)
}

// backUpPacks writes the rule packs of a data folder into one file and returns
// its digest, empty where there are none. What the ledger decided under them
// can only be replayed with their very bytes.
func backUpPacks(dir, path string) (string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			names = append(names, name)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(names) == 0 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if err := writeArchive(path, dir, names); err != nil {
		return "", err
	}
	return digestOf(path)
}

// restorePacks unpacks rule packs into a folder of their own.
func restorePacks(path, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return readArchive(path, dir, fs.ValidPath)
}

// restoreKeys unpacks a file of keys into a folder and opens it once.
func restoreKeys(path, dir, digest string) error {
	got, err := digestOf(path)
	switch {
	case err != nil:
		return err
	case digest != "" && got != digest:
		return fmt.Errorf("%w: %s has digest %s, the manifest says %s", errDiffers, path, got, digest)
	}
	for _, sub := range []string{"keys", "escrow"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	isAny := func(name string) bool { return isKey.MatchString(name) || isLogKey.MatchString(name) }
	if err := readArchive(path, dir, isAny); err != nil {
		return err
	}
	// The log's keys lie elsewhere than those of the vault.
	if err := ignore(os.Rename(filepath.Join(dir, "log"), filepath.Join(filepath.Dir(dir), "log")), fs.ErrNotExist); err != nil {
		return err
	}
	keys, err := vault.Open(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", domain.ErrSealed, err)
	}
	return keys.Close()
}
