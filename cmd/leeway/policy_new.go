package main

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"leeway/domain"
	"leeway/policies"
)

// newPackCmd writes a pack to begin with.
type newPackCmd struct {
	Dir     string `arg:"" type:"path"`
	Extends string `placeholder:"NAME@VERSION"`
}

// Run writes the skeleton into a folder that is new or empty. The last two
// parts of its path are the pack and its version.
func (cmd newPackCmd) Run(s *session) error {
	pack, version := filepath.Base(filepath.Dir(cmd.Dir)), filepath.Base(cmd.Dir)
	files, err := cmd.skeleton(s, pack, version)
	if err != nil {
		return err
	}
	// A folder that holds anything is left alone: somebody's draft is worth more
	// than a skeleton.
	if entries, err := os.ReadDir(cmd.Dir); err == nil && len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &problem{what: s.t("pack folder in use"), where: cmd.Dir, mend: s.t("name a new folder"), err: domain.ErrInvalid}
	}
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		path := filepath.Join(cmd.Dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, files[name], 0o644)); err != nil {
			return &problem{what: err.Error(), where: path, mend: s.t("name a new folder"), err: domain.ErrInvalid}
		}
	}
	if s.json {
		return s.writeJSON(map[string]any{"pack": pack, "version": version, "folder": cmd.Dir, "files": names})
	}
	for _, name := range names {
		s.printf("%s\n", filepath.Join(cmd.Dir, filepath.FromSlash(name)))
	}
	s.printf("\n")
	s.hang("", s.t("new pack next", cmd.Dir))
	return nil
}

// skeleton is that of a whole pack, or of an overlay on a version at hand.
func (cmd newPackCmd) skeleton(s *session, pack, version string) (map[string][]byte, error) {
	if cmd.Extends == "" {
		return policies.Skeleton(pack, version)
	}
	f, _, err := s.onePack(cmd.Extends)
	if err != nil {
		return nil, err
	}
	library, err := s.library()
	if err != nil {
		return nil, err
	}
	v, err := library.Open(f.files)
	if err != nil {
		return nil, err
	}
	return library.OverlaySkeleton(pack, version, v)
}
