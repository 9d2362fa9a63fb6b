package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"leeway/domain"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/policies"
)

// A packFolder is one version of a rule pack and where its files stand, as
// messages name them.
type packFolder struct {
	name  string
	files fs.FS
}

// packFolders finds what a command names: a folder of the disk, NAME/VERSION or
// NAME@VERSION of the packs at hand, every version of a NAME, or with nothing
// every version at hand.
func (s *session) packFolders(ref string) ([]packFolder, error) {
	if info, err := os.Stat(ref); ref != "" && err == nil {
		if !info.IsDir() {
			return nil, &problem{what: s.t("no folder"), where: ref, mend: s.t("name a pack"), err: domain.ErrInvalid}
		}
		return []packFolder{{ref, os.DirFS(ref)}}, nil
	}
	name, version, one := strings.Cut(strings.Replace(ref, "@", "/", 1), "/")
	pattern := "*/*"
	switch {
	case one:
		pattern = name + "/" + version
	case name != "":
		pattern = name + "/*"
	}
	dirs, err := s.packDirs()
	if err != nil {
		return nil, err
	}
	var list []packFolder
	for _, dir := range append([]fs.FS{policies.Bundles()}, dirs...) {
		found, err := fs.Glob(dir, path.Join(pattern, "pack.yaml"))
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			sub, err := fs.Sub(dir, path.Dir(file))
			if err != nil {
				return nil, err
			}
			list = append(list, packFolder{path.Dir(file), sub})
		}
	}
	if len(list) == 0 {
		return nil, &problem{what: s.t("no pack", ref), where: s.t("where pack"), mend: s.t("name a pack"), err: domain.ErrNotFound}
	}
	return list, nil
}

// checkCmd finds the mistakes of rule packs.
type checkCmd struct {
	Pack string `arg:"" optional:""`
}

// checkJSON is what a check or the tests found of one version.
type checkJSON struct {
	Pack     string        `json:"pack"` // folder, or NAME/VERSION
	Digest   string        `json:"digest,omitempty"`
	Problems []problemJSON `json:"problems"`
	Tests    int           `json:"tests,omitempty"`
	Failed   []failedJSON  `json:"failed,omitempty"`
	Open     []string      `json:"uncovered,omitempty"` // leaves that no test saw both hold and fail
}

// problemJSON is one mistake of a pack. File begins with the folder that was
// named, so that an editor can go there.
type problemJSON struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	What    string `json:"what"`
	Instead string `json:"instead"`
}

// failedJSON is one test that came out otherwise than it wants, with every
// difference.
type failedJSON struct {
	File  string   `json:"file"`
	Line  int      `json:"line"`
	Name  string   `json:"name"`
	Wrong []string `json:"wrong"`
}

// problemList is never nil, so that a sound pack prints an empty list.
func (s *session) problemList(folder string, probs policies.Problems) []problemJSON {
	list := []problemJSON{}
	for _, p := range probs {
		list = append(list, problemJSON{path.Join(filepath.ToSlash(folder), p.File), p.Line, names.Say(p.What, s.lang), names.Say(p.Instead, s.lang)})
	}
	return list
}

// Run prints every problem as FILE:LINE, what, and what to write.
func (cmd checkCmd) Run(s *session) error {
	folders, dirs, err := s.packsNamed(cmd.Pack)
	if err != nil {
		return err
	}
	out := []checkJSON{}
	var failed error
	for _, f := range folders {
		probs := policies.Check(f.files, dirs...)
		out = append(out, checkJSON{Pack: f.name, Problems: s.problemList(f.name, probs)})
		if len(probs) > 0 {
			failed = s.packFault(f.name, len(probs))
		}
	}
	if s.json {
		return errors.Join(s.writeJSON(map[string]any{"packs": out}), failed)
	}
	for _, c := range out {
		if len(c.Problems) == 0 {
			s.printf("%s\n", s.t("pack is sound", c.Pack))
		}
		s.problems(c.Problems)
	}
	return failed
}

// packFault is the error of a pack that has problems. They themselves go to
// standard output: they are what was asked for.
func (s *session) packFault(name string, n int) error {
	return &problem{what: s.t("pack has problems", name, n), where: name, mend: s.t("mend problems"), err: domain.ErrInvalid}
}

// problems prints each as FILE:LINE: WHAT, and under it what to write instead.
func (s *session) problems(list []problemJSON) {
	for _, p := range list {
		s.printf("%s:%d: %s\n  %s%s\n", p.File, p.Line, p.What, s.t("label mend"), p.Instead)
	}
}

// testCmd runs the tests that stand beside the rules.
type testCmd struct {
	Pack string `arg:"" optional:""`
}

// Run prints the tests that fail, and how many there are.
func (cmd testCmd) Run(s *session) error {
	folders, dirs, err := s.packsNamed(cmd.Pack)
	if err != nil {
		return err
	}
	out := []checkJSON{}
	var failed error
	for _, f := range folders {
		r := policies.Test(f.files, dirs...)
		c := checkJSON{Pack: f.name, Digest: r.ID.Digest, Problems: s.problemList(f.name, r.Problems), Tests: len(r.Cases), Open: r.Uncovered()}
		c.Failed = s.failuresOf(f.name, r)
		out = append(out, c)
		switch {
		case len(r.Problems) > 0:
			failed = s.packFault(f.name, len(r.Problems))
		case !r.OK():
			failed = s.testFault(f.name, r)
		}
	}
	if s.json {
		return errors.Join(s.writeJSON(map[string]any{"packs": out}), failed)
	}
	for _, c := range out {
		s.problems(c.Problems)
		s.failures(c.Failed)
		s.printf("%s\n", s.t("tests ran", c.Pack, c.Tests, len(c.Failed), short(c.Digest)))
	}
	return failed
}

// failuresOf lists the tests of a report that found something wrong.
func (s *session) failuresOf(folder string, r policies.Report) []failedJSON {
	var list []failedJSON
	for _, t := range r.Cases {
		if len(t.Wrong) > 0 {
			f := failedJSON{File: path.Join(filepath.ToSlash(folder), t.File), Line: t.Line, Name: t.Name}
			for _, w := range t.Wrong {
				f.Wrong = append(f.Wrong, names.Say(w, s.lang))
			}
			list = append(list, f)
		}
	}
	return list
}

// failures prints each test that fails with all that differs.
func (s *session) failures(list []failedJSON) {
	for _, t := range list {
		s.printf("%s:%d: %s\n  %s\n", t.File, t.Line, t.Name, strings.Join(t.Wrong, "\n  "))
	}
}

// testFault is the error of a pack whose tests fail.
func (s *session) testFault(name string, r policies.Report) error {
	return &problem{what: s.t("tests fail", name, r.Failed(), len(r.Cases)), where: name, mend: s.t("mend tests"), err: errTests}
}

// plan is a version's rules on a day, the newest version where none is named.
func (s *session) plan(ref string, on domain.Day) (*policies.Library, domain.PackVersion, replay.Plan, error) {
	folders, err := s.packFolders(ref)
	if err != nil {
		return nil, domain.PackVersion{}, nil, err
	}
	library, err := s.library()
	if err != nil {
		return nil, domain.PackVersion{}, nil, err
	}
	v, err := library.Open(folders[len(folders)-1].files)
	if err != nil {
		return nil, v, nil, err
	}
	p, err := library.Plan(v, on)
	return library, v, p, err
}
