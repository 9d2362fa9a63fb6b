package main

import (
	"strings"

	"leeway/domain"
	"leeway/policies"
)

// diffCmd compares what two pack versions mean.
type diffCmd struct {
	A string `arg:""`
	B string `arg:""`
}

// Run prints the stretches of days in which a part of the pack means something
// else, and what is behind it.
func (cmd diffCmd) Run(s *session) error {
	a, dirs, err := s.onePack(cmd.A)
	if err != nil {
		return err
	}
	b, _, err := s.onePack(cmd.B)
	if err != nil {
		return err
	}
	// Checked one by one first, so that problems are told with their folder.
	for _, f := range []packFolder{a, b} {
		if _, err := policies.Diff(f.files, f.files, dirs...); err != nil {
			return s.packError(f.name, err)
		}
	}
	d, err := policies.Diff(a.files, b.files, dirs...)
	if err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(d)
	}
	s.printf("%s\n", s.t("compared", named(d.A)+" "+short(d.A.Digest), named(d.B)+" "+short(d.B.Digest)))
	if len(d.Changes) == 0 {
		s.printf("%s\n", s.t("no difference"))
		return nil
	}
	// What somebody wrote otherwise comes first, and what follows from it below:
	// the first list is short, and the second is what has to be tested.
	s.changes("differs itself", d.Changes, false)
	s.changes("differs through", d.Changes, true)
	return nil
}

// packError tells the problems of a pack that cannot be used.
func (s *session) packError(name string, err error) error {
	probs, ok := err.(policies.Problems)
	if !ok {
		return &problem{what: s.worded(err), where: name, mend: s.t("name a pack"), err: domain.ErrInvalid}
	}
	if !s.json {
		s.problems(s.problemList(name, probs))
	}
	return s.packFault(name, len(probs))
}

// changes prints those that were made, or those that follow from them.
func (s *session) changes(title string, all []policies.Change, through bool) {
	printed := false
	for _, c := range all {
		if (c.How == policies.Through) != through {
			continue
		}
		if !printed {
			s.heading(title)
			printed = true
		}
		s.change(c)
	}
}

// change prints one: what it is, when, and the lines that differ.
func (s *session) change(c policies.Change) {
	// One line for what and when, so that a list of changes reads like a table of
	// contents; under it the words that differ.
	what := s.t("part "+c.Kind) + " " + c.ID
	if title := c.Title.In(s.lang); title != "" {
		what += s.t("in brackets", title)
	}
	when := ""
	switch {
	case c.From == 0 && c.To == 0:
		when = s.t("on all days")
	case c.To == 0:
		when = s.t("from day", c.From)
	case c.From == 0:
		when = s.t("before day", c.To)
	// People count the last day in.
	default:
		when = s.t("from to", c.From, c.To-1)
	}
	s.hang("  ", what+s.t("list separator")+when+s.t("list separator")+s.t("how "+c.How))
	for _, line := range c.Before {
		s.hang("    - ", line)
	}
	for _, line := range c.After {
		s.hang("    + ", line)
	}
	if len(c.Cause) > 0 {
		s.hang("    ", s.t("because of", strings.Join(c.Cause, s.t("list separator"))))
	}
}
