package main

import (
	"errors"

	"leeway/policies"
)

// sealCmd finds a pack fit to be activated and says by which digest.
type sealCmd struct {
	Pack string `arg:""`
}

// Run checks and tests the pack and prints what was sealed. Nothing is
// written: the digest is that of the bytes as they are.
func (cmd sealCmd) Run(s *session) error {
	_, sealed, err := s.seal(cmd.Pack)
	if err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(sealed)
	}
	s.printf("%s\n\n", s.t("sealed as", named(sealed.ID)))
	s.pairs(
		[2]string{s.t("title"), sealed.Title.In(s.lang)},
		[2]string{s.t("digest"), sealed.ID.Digest},
		[2]string{s.t("base"), base(sealed)},
		[2]string{s.t("looked at"), s.t("counts sealed", sealed.Files, sealed.Tests, sealed.Leaves)},
		[2]string{s.t("not seen"), s.list(sealed.Uncovered)},
		[2]string{s.t("approved by"), s.t("persons of roles", sealed.Require, s.list(sealed.Roles))},
	)
	s.printf("\n")
	// Made-up values can be sealed, for simulations name them by digest; the way
	// on ends here.
	if sealed.Synthetic {
		s.hang("", s.t("never activated"))
		return nil
	}
	s.hang("", s.t("seal next", named(sealed.ID)))
	return nil
}

// base names what an overlay extends, with its digest.
func base(x policies.Sealed) string {
	if x.Base.Pack == "" {
		return ""
	}
	return named(x.Base) + " " + short(x.Base.Digest)
}

// seal checks and tests one pack. What is wrong with it is printed as check
// and test print it, and the error says so.
func (s *session) seal(ref string) (packFolder, policies.Sealed, error) {
	f, dirs, err := s.onePack(ref)
	if err != nil {
		return f, policies.Sealed{}, err
	}
	sealed, err := policies.Seal(f.files, dirs...)
	// What is wrong is what was asked for, and goes to standard output; with
	// --json the error alone says it, for there is nothing sealed to print.
	var probs policies.Problems
	var failed *policies.TestsFailed
	switch {
	case errors.As(err, &probs):
		if !s.json {
			s.problems(s.problemList(f.name, probs))
		}
		err = s.packFault(f.name, len(probs))
	case errors.As(err, &failed):
		if !s.json {
			s.failures(s.failuresOf(f.name, failed.Report))
		}
		err = s.testFault(f.name, failed.Report)
	}
	return f, sealed, err
}
