package main

import (
	"errors"
	"strconv"

	"leeway/policies"
)

// coverageCmd says leaf by leaf what the tests of a pack saw.
type coverageCmd struct {
	Pack string `arg:""`
	All  bool
}

// coverageJSON is every leaf of one version with how often it held, failed and
// was unknown.
type coverageJSON struct {
	Pack      string         `json:"pack"`
	Digest    string         `json:"digest"`
	Tests     int            `json:"tests"`
	Leaves    []leafJSON     `json:"leaves"`
	Uncovered []string       `json:"uncovered"`
	Problems  []problemJSON  `json:"problems,omitempty"`
	Total     map[string]int `json:"total"`
}

// leafJSON is one leaf.
type leafJSON struct {
	Leaf    string `json:"leaf"`
	Holds   int    `json:"holds"`
	Fails   int    `json:"fails"`
	Unknown int    `json:"unknown"`
}

// Run prints the leaves that were not seen both to hold and to fail, or all.
func (cmd coverageCmd) Run(s *session) error {
	// The tests are run, and whether they pass is not asked here: what a failing
	// test saw, it saw.
	f, dirs, err := s.onePack(cmd.Pack)
	if err != nil {
		return err
	}
	r := policies.Test(f.files, dirs...)
	c := coverageJSON{Pack: f.name, Digest: r.ID.Digest, Tests: len(r.Cases), Leaves: []leafJSON{}, Uncovered: append([]string{}, r.Uncovered()...), Problems: s.problemList(f.name, r.Problems)}
	for _, l := range r.Leaves {
		c.Leaves = append(c.Leaves, leafJSON{l.Leaf, l.Holds, l.Fails, l.Unknown})
	}
	c.Total = map[string]int{"leaves": len(c.Leaves), "covered": len(c.Leaves) - len(c.Uncovered)}
	if len(r.Problems) > 0 {
		err = s.packFault(f.name, len(r.Problems))
	}
	// A pack that cannot be loaded has no leaves; its problems are the answer.
	if s.json {
		return errors.Join(s.writeJSON(c), err)
	}
	s.problems(c.Problems)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, l := range c.Leaves {
		if cmd.All || l.Holds == 0 || l.Fails == 0 {
			rows = append(rows, []string{l.Leaf, strconv.Itoa(l.Holds), strconv.Itoa(l.Fails), strconv.Itoa(l.Unknown)})
		}
	}
	if len(rows) > 0 {
		s.grid([]column{{head: s.t("leaf")}, {head: s.t("leaf holds"), right: true}, {head: s.t("leaf fails"), right: true}, {head: s.t("leaf unknown"), right: true}}, rows)
	}
	s.printf("%s\n", s.t("coverage", f.name, c.Total["covered"], c.Total["leaves"], c.Tests))
	return nil
}
