package casework

import (
	"errors"
	"fmt"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/privacy"
)

// seal seals one piece of personal data; nothing said needs no seal. The event
// keeps the pseudonym, the sealed part the subject with its case.
func (s *Service) seal(m domain.Meta, caseID string, f domain.PrivateField) (*domain.Sealed, error) {
	if !f.Data.Present {
		return nil, nil
	}
	if err := checkPrivate(f); err != nil {
		return nil, err
	}
	if s.Sealer == nil {
		return nil, domain.Deny(domain.ErrSealed, "no vault is open, so personal data cannot be recorded", "")
	}
	own := *f.Data
	own.Subject = SubjectKey(caseID, own.Subject)
	sealed, err := s.Sealer.Seal(m.Stream, m.ID, domain.PrivateField{Path: f.Path, Data: &own})
	return &sealed, err
}

// checkPrivate refuses personal data that has no text or no subject.
func checkPrivate(f domain.PrivateField) error {
	switch {
	case f.Data.Present && f.Data.Text == "":
		return domain.NewFault(f.Path, "there is a mark but no text", `write {"subject":"…","text":"…"}, or leave the field out`)
	case f.Data.Present && f.Data.Subject == "":
		return domain.NewFault(f.Path+".subject", "it is missing", "name the person whose data it is, by pseudonym")
	}
	return nil
}

// reveal opens the personal data of an entry, and checks that what is sealed
// is what the event says is sealed: somebody who takes a sealed part away, or
// gives one back that belongs elsewhere, is noticed even where no key is at
// hand to open it. What the file of the case says is restricted or shredded
// stays closed, also where its key is still at hand.
func (s *Service) reveal(e *Entry, f *privacy.File) error {
	fields := map[string]*domain.Private{}
	for _, f := range eligibility.Private(e.Event) {
		if f.Data.Present {
			fields[f.Path] = f.Data
		}
	}
	for _, sealed := range e.Envelope.Sealed {
		field, ok := fields[sealed.Field]
		if !ok {
			return fmt.Errorf("%w: %s is sealed twice or without a mark", domain.ErrAltered, sealed.Field)
		}
		delete(fields, sealed.Field)
		if err := s.unseal(e, sealed, field, f); err != nil {
			return err
		}
	}
	for path := range fields {
		return fmt.Errorf("%w: what was said at %s is not there", domain.ErrAltered, path)
	}
	return nil
}

// unseal opens one sealed field into its place in the event. A key that is
// not at hand leaves the mark and lists the path.
func (s *Service) unseal(e *Entry, sealed domain.Sealed, into *domain.Private, f *privacy.File) error {
	if f != nil && f.State(into.Subject) != privacy.Open {
		into.Closed = f.Subject(into.Subject).Says()
	}
	if s.Sealer == nil || into.Closed != (domain.Text{}) {
		e.Sealed = append(e.Sealed, sealed.Field)
		return nil
	}
	text, err := s.Sealer.Open(e.Stream, e.ID, sealed)
	if errors.Is(err, domain.ErrSealed) {
		e.Sealed = append(e.Sealed, sealed.Field)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", sealed.Field, err)
	}
	into.Text = text
	return nil
}
