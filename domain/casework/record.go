package casework

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// Record puts a step, a finding or a decision of a case on record. Errors
// wrap domain.ErrInvalid (a *domain.Fault says which field), domain.ErrRefused,
// eventstore.ErrConflict after several tries, eventstore.ErrCommandReused, or
// what a read or the store says. On any error nothing was recorded, unless
// the store could not tell; the same request again is then safe.
func (s *Service) Record(ctx context.Context, req Request, caseID string, e eligibility.Event) (Receipt, error) {
	if err := checkCaseID(caseID); err != nil {
		return Receipt{}, err
	}
	w, err := s.begin(req)
	if err != nil {
		return Receipt{}, err
	}
	return again(func() (Receipt, error) { return s.record(ctx, w, caseID, e) })
}

// Note puts a fact about the city's registers on record: posts, sources,
// rules. Errors are as of Record.
func (s *Service) Note(ctx context.Context, req Request, e eligibility.RegisterEvent) (Receipt, error) {
	w, err := s.begin(req)
	if err != nil {
		return Receipt{}, err
	}
	if e, err = s.digest(e); err != nil {
		return Receipt{}, err
	}
	return again(func() (Receipt, error) { return s.note(ctx, w, e) })
}

// again runs a command until it meets no conflict, a bounded number of times.
func again(run func() (Receipt, error)) (r Receipt, err error) {
	for range tries {
		if r, err = run(); !errors.Is(err, eventstore.ErrConflict) {
			return r, err
		}
	}
	return r, fmt.Errorf("after %d tries: %w", tries, err)
}

// record is one try: load, decide, append. Everything that the decision rests
// on is read anew in each try, and so the basis, the advice and the checks
// always belong to the same state.
func (s *Service) record(ctx context.Context, w write, caseID string, e eligibility.Event) (Receipt, error) {
	entries, err := s.load(ctx, caseID)
	if err != nil {
		return Receipt{}, err
	}
	for _, old := range entries {
		if old.Command == w.Command {
			return s.retried(ctx, w, old, e)
		}
	}
	if w.Check != nil {
		if err := w.Check(entries); err != nil {
			return Receipt{}, err
		}
	}
	c := fold(caseID, entries)
	r, err := s.Register(ctx)
	if err != nil {
		return Receipt{}, err
	}
	events, err := eligibility.Record{Event: e, Today: w.today()}.Decide(c)
	if err != nil {
		return Receipt{}, err
	}
	if len(events) == 0 {
		return Receipt{Command: w.Command, Stream: c.Last.Stream, Revision: c.Revision(), RecordedAt: c.Last.RecordedAt}, nil
	}
	if faults, err := s.checkAgainstPack(c, r, e, w.today()); err != nil {
		return Receipt{}, err
	} else if len(faults) > 0 {
		return Receipt{}, faults[0]
	}
	d := w.draft(e)
	d.caseID = caseID
	if restsOn(e) {
		d.basis = basis(c, r, caseID)
	}
	if d.event, err = s.advised(ctx, e, Question{c, r, d.basis, w.Actor, 0, w.today(), e}); err != nil {
		return Receipt{}, err
	}
	return s.append(ctx, w, last(CaseStream(caseID), c.Last), []draft{d})
}

// last is the newest event's place, or that of an empty stream.
func last(stream string, m domain.Meta) domain.Meta {
	if m.ID == "" {
		return domain.Meta{Stream: stream, Revision: eventstore.NoStream}
	}
	return m
}

// note is one try of Note.
func (s *Service) note(ctx context.Context, w write, e eligibility.RegisterEvent) (Receipt, error) {
	r := &eligibility.Register{}
	all, err := s.register(ctx, e.Stream(), r)
	if err != nil {
		return Receipt{}, err
	}
	for _, old := range all {
		if old.Command == w.Command {
			return s.retried(ctx, w, Entry{Envelope: old.Envelope}, e)
		}
	}
	note := eligibility.Note{Event: e, Today: w.today()}
	if a, ok := e.(*eligibility.RulesActivated); ok {
		if note.Quorum, err = s.Rules.Quorum(a.Rules); err != nil {
			return Receipt{}, err
		}
		if err := cmp.Or(s.signatures(a), s.notByAuthors(ctx, a)); err != nil {
			return Receipt{}, err
		}
	}
	events, err := note.Decide(r)
	if err != nil {
		return Receipt{}, err
	}
	at := last(e.Stream(), r.Last[e.Stream()])
	if len(events) == 0 {
		return Receipt{Command: w.Command, Stream: at.Stream, Revision: at.Revision, RecordedAt: at.RecordedAt}, nil
	}
	return s.append(ctx, w, at, []draft{w.draft(e)})
}

// signatures checks the approvals of an activation that is recorded now. What
// is imported is taken as it was claimed, and whoever reads it sees which of its
// approvals are signed.
func (s *Service) signatures(a *eligibility.RulesActivated) error {
	for _, one := range a.Approvals {
		switch {
		case s.Approved != nil:
			if err := s.Approved(a.Rules, one); err != nil {
				return err
			}
		case one.Signed():
			return domain.Deny(domain.ErrRefused, "the signature of %s cannot be checked here", "record the activation where approvers' keys are known", one.Person)
		}
	}
	return nil
}

// restsOn reports whether an event is an act that is judged by what was known
// when it was done, so that it stores its basis.
func restsOn(e eligibility.Event) bool {
	switch e.(type) {
	case *eligibility.DecisionMade, *eligibility.AmountAdjusted, *eligibility.ExitDecided,
		*eligibility.PaymentListApproved, *eligibility.BenefitPaid, *eligibility.EmergencyPaid, *eligibility.RemedyDecided,
		*eligibility.ApplicationNotAccepted, *eligibility.OralRefusalAlleged, *eligibility.ApplicationWithdrawn,
		*eligibility.InitialOpinion:
		return true
	}
	return false
}

// basis names the case and the registers as far as they were read. A register
// that nobody has written to is named too, at -1: it was looked at.
func basis(c *eligibility.Case, r *eligibility.Register, caseID string) domain.Basis {
	b := domain.Basis{{Stream: CaseStream(caseID), Revision: c.Revision()}}
	for _, stream := range eligibility.RegisterStreams() {
		b = append(b, domain.Read{Stream: stream, Revision: lastOf(r, stream)})
	}
	return b
}
