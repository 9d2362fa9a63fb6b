package policies

import (
	"fmt"
	"io/fs"

	"leeway/domain"
)

// A Sealed is a pack version that was found fit to be activated: the digest
// that two persons then approve, and what was looked at. Sealing writes
// nothing: the digest is of the bytes as they are, and the same every time.
type Sealed struct {
	ID        domain.PackVersion `json:"id"`
	Base      domain.PackVersion `json:"base,omitzero"` // of an overlay
	Title     domain.Text        `json:"title"`
	Require   int                `json:"require"` // persons who approve the digest
	Roles     []string           `json:"roles"`
	Synthetic bool               `json:"synthetic,omitempty"` // is never activated
	Files     int                `json:"files"`
	Tests     int                `json:"tests"`
	Leaves    int                `json:"leaves"`
	Uncovered []string           `json:"uncovered,omitempty"` // leaves that no test saw both hold and fail
}

// A TestsFailed says that a pack is not sealed, for its tests do not pass.
type TestsFailed struct{ Report Report }

// Error says how many.
func (e *TestsFailed) Error() string {
	return fmt.Sprintf("%d of %d tests fail", e.Report.Failed(), len(e.Report.Cases))
}

// Seal runs Check and Test and gives the digest that they held for. The error
// is Problems where Check or a test file is at fault, a TestsFailed where
// tests fail, and another one where the files changed meanwhile.
func Seal(fsys fs.FS, dirs ...fs.FS) (Sealed, error) {
	// Check first: a pack with a mistake has tests that mean nothing.
	if probs := Check(fsys, dirs...); len(probs) > 0 {
		return Sealed{}, probs
	}
	r := Test(fsys, dirs...)
	if len(r.Problems) > 0 {
		return Sealed{}, r.Problems
	}
	if !r.OK() {
		return Sealed{}, &TestsFailed{r}
	}
	// Check, Test and the digest each read the files. Somebody may be editing
	// them, and a digest is worth what was tested under it.
	fl, err := readFiles(fsys)
	if err != nil {
		return Sealed{}, err
	}
	p, err := sound(fsys, dirs)
	if err != nil {
		return Sealed{}, err
	}
	if p.id != r.ID {
		return Sealed{}, domain.Deny(domain.ErrInvalid, "the files changed while they were tested", "seal them again")
	}
	s := Sealed{
		ID: p.id, Title: p.man.Title.Text, Require: p.man.Approval.Require, Roles: p.man.Approval.Roles,
		Files: len(fl), Tests: len(r.Cases), Leaves: len(r.Leaves), Uncovered: r.Uncovered(),
	}
	if o := p.man.over; o != nil {
		s.Base, s.Synthetic = o.baseID, o.man.Synthetic
	}
	return s, nil
}
