package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"leeway/domain"
	"leeway/policies"
)

// packsFolder is the folder of the data folder in which further packs stand,
// as PACK/VERSION. What the ledger names must stay at hand, so that it belongs
// there; --packs and the setting packs name one more folder, for drafts.
const packsFolder = "packs"

// draftsFolder is the folder of the data folder in which a server keeps what is
// being written. No command reads it.
const draftsFolder = "drafts"

// packDirs are the folders of packs beside those that come with Leeway. The
// demo has those alone that somebody sealed on its pages.
func (s *session) packDirs() ([]fs.FS, error) {
	if s.samples {
		dir, err := s.folder("demo")
		if err != nil {
			return nil, err
		}
		own := filepath.Join(dir, packsFolder)
		if info, err := os.Stat(own); err != nil || !info.IsDir() {
			return nil, nil
		}
		return []fs.FS{os.DirFS(own)}, nil
	}
	c, err := s.configured()
	if err != nil {
		return nil, err
	}
	// The folder of the ledger is there or not, and nobody has to make one. The
	// further one was named, and a name that leads nowhere is a mistake.
	own := filepath.Join(c.get("data"), packsFolder)
	var dirs []fs.FS
	if info, err := os.Stat(own); err == nil && info.IsDir() {
		dirs = append(dirs, os.DirFS(own))
	}
	further := c.get("packs")
	if sameFolder(own, further) {
		return dirs, nil
	}
	info, err := os.Stat(further)
	if err == nil && info.IsDir() {
		return append(dirs, os.DirFS(further)), nil
	}
	return nil, &problem{what: s.t("no folder"), where: further, mend: s.t("name packs"), err: domain.ErrInvalid}
}

// library is every pack at hand.
func (s *session) library() (*policies.Library, error) {
	dirs, err := s.packDirs()
	if err != nil {
		return nil, err
	}
	l, err := policies.New(dirs...)
	if err != nil {
		return nil, &problem{what: s.worded(err), where: packsFolder, mend: s.t("one place"), err: domain.ErrInvalid}
	}
	return l, nil
}

// packsNamed are the versions that a command names, with the folders in which
// the bases of overlays stand.
func (s *session) packsNamed(ref string) ([]packFolder, []fs.FS, error) {
	folders, err := s.packFolders(ref)
	if err != nil {
		return nil, nil, err
	}
	dirs, err := s.packDirs()
	return folders, dirs, err
}

// onePack is the one version that a command names; of several it takes none.
func (s *session) onePack(ref string) (packFolder, []fs.FS, error) {
	folders, dirs, err := s.packsNamed(ref)
	if err == nil && len(folders) > 1 {
		err = &problem{what: s.t("several versions", ref, len(folders)), where: s.t("where pack"), mend: s.t("name one version", ref, filepath.Base(folders[len(folders)-1].name)), err: domain.ErrInvalid}
	}
	if err != nil {
		return packFolder{}, nil, err
	}
	return folders[0], dirs, nil
}

// named is a version as people write it.
func named(v domain.PackVersion) string { return fmt.Sprintf("%s@%s", v.Pack, v.Version) }
