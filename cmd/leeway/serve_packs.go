package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"leeway/domain"
)

// packStore is the folder of packs of a server, into which sealed drafts go.
type packStore struct {
	session *session
	dir     string // PACK/VERSION stand in it
}

// Bases implements api.Folders.
func (p packStore) Bases() []fs.FS {
	dirs, err := p.session.packDirs()
	if err != nil {
		return nil // a check then says which base it does not find
	}
	return dirs
}

// Install implements api.Folders: the files are on the disk before the version
// has its name, and a version that has one stays as it is.
func (p packStore) Install(pack, version string, files map[string]string) (err error) {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if err := root.MkdirAll(pack, 0o700); err != nil {
		return err
	}
	name := filepath.Join(pack, version)
	if _, err := root.Lstat(name); err == nil {
		return domain.Deny(domain.ErrRefused, "%s@%s is at hand with other bytes", "give the draft a version of its own", pack, version)
	}
	draft := filepath.Join(pack, ".draft-"+version)
	if err := errors.Join(root.RemoveAll(draft), root.Mkdir(draft, 0o700)); err != nil {
		return err
	}
	for file, text := range files {
		path := filepath.Join(draft, filepath.FromSlash(file))
		if err := root.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := writeSynced(root, path, text); err != nil {
			return err
		}
	}
	return root.Rename(draft, name)
}

// writeSynced writes a file that must not be there, down to the disk.
func writeSynced(root *os.Root, path, text string) error {
	f, err := root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}
