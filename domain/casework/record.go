package casework

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
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

// record is one try: load, decide, append.
func (s *Service) record(ctx context.Context, w write, caseID string, e eligibility.Event) (Receipt, error) {
	entries, err := s.load(ctx, caseID)
	if err != nil {
		return Receipt{}, err
	}
	for _, old := range entries {
		if old.Command == w.Command {
			return s.retried(w, old, e)
		}
	}
	c := fold(caseID, entries)
	r, err := s.Register(ctx, c.Office, w.Actor.Office)
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
		d.basis = basis(c, r, caseID, w.Actor.Office)
	}
	if d.event, err = s.advised(ctx, e, Question{c, r, d.basis, w.Actor, 0, w.today()}); err != nil {
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
			return s.retried(w, Entry{Envelope: old.Envelope}, e)
		}
	}
	events, err := eligibility.Note{Event: e, Today: w.today()}.Decide(r)
	if err != nil {
		return Receipt{}, err
	}
	at := last(e.Stream(), r.Last[e.Stream()])
	if len(events) == 0 {
		return Receipt{Command: w.Command, Stream: at.Stream, Revision: at.Revision, RecordedAt: at.RecordedAt}, nil
	}
	return s.append(ctx, w, at, []draft{w.draft(e)})
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

// basis names the case and the registers as far as they were read.
func basis(c *eligibility.Case, r *eligibility.Register, caseID, office string) domain.Basis {
	b := domain.Basis{{Stream: CaseStream(caseID), Revision: c.Revision()}}
	for _, stream := range registerStreams(c.Office, office) {
		b = append(b, domain.Read{Stream: stream, Revision: lastOf(r, stream)})
	}
	return b
}

// advised attaches the engine's advice to a decision. The event given stays
// as it is: another try may be advised otherwise.
func (s *Service) advised(ctx context.Context, e eligibility.Event, q Question) (eligibility.Event, error) {
	copied, month, slot := decision(e)
	if slot == nil {
		return e, nil
	}
	if *slot != nil {
		return nil, &domain.Fault{Field: "advice", Wrong: "it was given", Mend: "leave it out: the engine gives it when the decision is recorded"}
	}
	if s.Advise == nil {
		return e, nil
	}
	q.Month = month
	advice, err := s.Advise(ctx, q)
	if err != nil && !errors.Is(err, replay.ErrNoRules) {
		return nil, fmt.Errorf("advice on %s: %w", e.EventType(), err)
	}
	if err == nil {
		*slot = advice
	}
	return copied, nil
}

// decision is a copy of an event that takes advice, the month it is about, and
// where the advice goes; nil where none goes.
func decision(e eligibility.Event) (eligibility.Event, domain.Month, **eligibility.Advice) {
	switch e := e.(type) {
	case *eligibility.DecisionMade:
		d := *e
		return &d, d.From, &d.Advice
	case *eligibility.AmountAdjusted:
		d := *e
		return &d, d.From, &d.Advice
	case *eligibility.ExitDecided:
		d := *e
		return &d, d.From, &d.Advice
	}
	return e, 0, nil
}

// retried answers a command that is on record already: with its receipt if it
// asked for the same, otherwise with eventstore.ErrCommandReused.
func (s *Service) retried(w write, old Entry, e fact) (Receipt, error) {
	same, err := s.same(old, e)
	if err != nil {
		return Receipt{}, err
	}
	if !same || old.Actor != w.Actor || !slices.Equal(old.Visible, w.Visible) {
		return Receipt{}, fmt.Errorf("%w: %s is %s at revision %d of %s", eventstore.ErrCommandReused, w.Command, old.Type, old.Revision, old.Stream)
	}
	return Receipt{old.ID, old.Command, old.Stream, old.Revision, old.RecordedAt}, nil
}

// same reports whether an entry says what an event says, advice aside.
// Personal data is compared where it can be opened.
func (s *Service) same(old Entry, e fact) (bool, error) {
	clear := []byte(old.Clear)
	if old.Event != nil {
		copied, _, slot := decision(old.Event)
		if slot != nil {
			*slot = nil
		}
		var err error
		if clear, err = domain.Canonical(copied); err != nil {
			return false, err
		}
	}
	want, err := domain.Canonical(e)
	if err != nil || old.Type != e.EventType() || !bytes.Equal(clear, want) {
		return false, err
	}
	if old.Event == nil {
		return true, nil
	}
	if err := s.reveal(&old); err != nil {
		return false, err
	}
	wanted := eligibility.Private(e)
	for i, f := range eligibility.Private(old.Event) {
		if !slices.Contains(old.Sealed, f.Path) && f.Data.Text != wanted[i].Data.Text {
			return false, nil
		}
	}
	return true, nil
}

// unseal opens one sealed field into its place in the event. A key that is
// not at hand leaves the mark and lists the path.
func (s *Service) unseal(e *Entry, sealed domain.Sealed, into *domain.Private) error {
	if s.Sealer == nil {
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
