package casework

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/privacy"
	"leeway/domain/review"
	"leeway/eventstore"
)

const (
	privacyPrefix       = "privacy-"
	reviewPrivacyPrefix = "sealed-review-" // of a review; no other stream begins so
	cluePrivacyPrefix   = "sealed-clue-"   // of a clue
)

// A PrivacyKind is what the ids of a Privacy are of. Each has keys of its own.
type PrivacyKind string

// The kinds.
const (
	OfCase   PrivacyKind = ""
	OfReview PrivacyKind = "review"
	OfClue   PrivacyKind = "clue" // for the discipline organ alone
)

// PrivacyStream is the stream of what became of the personal data of a case.
func PrivacyStream(caseID string) string { return privacyPrefix + caseID }

// ReviewPrivacyStream is the same of a review.
func ReviewPrivacyStream(id string) string { return reviewPrivacyPrefix + id }

// CluePrivacyStream is the same of a clue.
func CluePrivacyStream(id string) string { return cluePrivacyPrefix + id }

// Keys are the data keys of a vault, by subject as SubjectKey names it. Every
// method may be called again after it was cut off.
type Keys interface {
	Restrict(subject string) error
	Release(subject string) error
	Destroy(subject string) (keyID string, err error)
	// Holds is nil for a key in use, domain.ErrRestricted, domain.ErrShredded,
	// or another domain.ErrSealed where the key is missing or damaged.
	Holds(keyID, subject string) error
	OpenEscrow(stream, event string, s domain.Sealed) (string, error)
}

// Privacy is what users do with the personal data of a case as a whole:
// restrict it, release it, inspect it while it is restricted, shred it.
//
// # Life of a shredding
//
//  1. One person asks; what holds against it is computed from the case, its
//     remedies, reviews and clues.
//  2. Another approves; all of it is computed again. The approval is on record,
//     and from then on nothing opens the data.
//  3. The vault destroys the key, and that is put on record.
//  4. Settle does 3 again for whoever was stopped before it, and where an old
//     backup of the keys brought one back.
type Privacy struct {
	Desk  *Service
	Keys  Keys // none: requests and answers are refused, the file can be read
	Years int  // of retention after the last thing that happened in a case
	Kind  PrivacyKind
}

// stream is the stream of the file of a case, a review or a clue.
func (p *Privacy) stream(id string) string {
	switch p.Kind {
	case OfReview:
		return ReviewPrivacyStream(id)
	case OfClue:
		return CluePrivacyStream(id)
	}
	return PrivacyStream(id)
}

// key is the subject of a person in a case or a review, or that of a clue.
func (p *Privacy) key(id, person string) string {
	switch p.Kind {
	case OfReview:
		return SubjectKey(ReviewStream(id), person)
	case OfClue:
		return SubjectKey(review.ClueStream(id), person)
	}
	return SubjectKey(id, person)
}

// reach refuses who may not know of what the id is of, before anything is read.
// To know that there is a clue is to be tipped off.
func (p *Privacy) reach(ctx context.Context, as PrivacyIdentity, id string) error {
	if p.Kind != OfClue {
		return nil
	}
	_, err := (&Reviews{Desk: p.Desk}).Clue(ctx, Identity{as.Actor, review.Role(as.Role)}, id)
	return err
}

// FileFor is File for somebody who may know of it.
func (p *Privacy) FileFor(ctx context.Context, as PrivacyIdentity, id string) (*privacy.File, error) {
	if err := p.reach(ctx, as, id); err != nil {
		return nil, err
	}
	return p.File(ctx, id)
}

// File is what was asked, decided and carried out about the personal data of a
// case or a review; empty where nothing was.
func (p *Privacy) File(ctx context.Context, id string) (*privacy.File, error) {
	f, _, err := p.Desk.privacyFile(ctx, p.stream(id), id)
	return f, err
}

// PrivacyIdentity is a named person with his role, as the identity provider
// says.
type PrivacyIdentity struct {
	domain.Actor
	Role privacy.Role
}

// PrivacyFile is what was asked, decided and carried out about the personal
// data of a case; empty where nothing was.
func (s *Service) PrivacyFile(ctx context.Context, caseID string) (*privacy.File, error) {
	f, _, err := s.privacyFile(ctx, PrivacyStream(caseID), caseID)
	return f, err
}

func (s *Service) privacyFile(ctx context.Context, stream, id string) (*privacy.File, map[string]domain.Meta, error) {
	f := &privacy.File{Case: id}
	commands := map[string]domain.Meta{}
	for env, err := range s.read(ctx, stream) {
		if err != nil {
			return nil, nil, err
		}
		e, err := privacy.Decode(env.Type, env.Clear)
		if err != nil {
			return nil, nil, unreadable(env.Meta, err)
		}
		f.Apply(e, env.Meta)
		commands[env.Command] = env.Meta
	}
	return f, commands, nil
}

// Ask asks for an act on the data of one person of a case. The error wraps
// domain.ErrRefused (a *privacy.Held names what holds against it), ErrInvalid,
// ErrNotFound, or is what the store says.
func (p *Privacy) Ask(ctx context.Context, as PrivacyIdentity, caseID string, ask privacy.Ask) (Receipt, error) {
	return p.record(ctx, as, caseID, ask.Subject, func(now privacy.Situation) privacy.Command {
		ask.Situation = now
		return ask
	})
}

// Answer approves or declines what was asked for, and carries out what was
// approved. Where the vault cannot, the approval is on record all the same: the
// data does not open any more, and Settle carries it out later.
func (p *Privacy) Answer(ctx context.Context, as PrivacyIdentity, caseID, subject string, approve bool) (Receipt, error) {
	r, err := p.record(ctx, as, caseID, subject, func(now privacy.Situation) privacy.Command {
		return privacy.Answer{Situation: now, Subject: subject, Approve: approve}
	})
	if err != nil || !approve {
		return r, err
	}
	f, err := p.File(ctx, caseID)
	if err == nil {
		err = p.carryOut(ctx, f, f.Subject(subject))
	}
	return r, err
}

// record is one command on the file of a case.
func (p *Privacy) record(ctx context.Context, as PrivacyIdentity, caseID, subject string, command func(privacy.Situation) privacy.Command) (Receipt, error) {
	if err := p.reach(ctx, as, caseID); err != nil {
		return Receipt{}, err
	}
	if p.Keys == nil {
		return Receipt{}, domain.Deny(domain.ErrSealed, "no vault is open, so nothing can be done with its keys", "")
	}
	w, err := p.Desk.begin(Request{Actor: as.Actor})
	if err != nil {
		return Receipt{}, err
	}
	return again(func() (Receipt, error) {
		now, err := p.situation(ctx, as, caseID, subject, w.today())
		if err != nil {
			return Receipt{}, err
		}
		return p.append(ctx, w, caseID, command(now))
	})
}

// append decides on the file as it stands and appends.
func (p *Privacy) append(ctx context.Context, w write, caseID string, cmd privacy.Command) (Receipt, error) {
	f, err := p.File(ctx, caseID)
	if err != nil {
		return Receipt{}, err
	}
	events, err := cmd.Decide(f)
	if err != nil {
		return Receipt{}, err
	}
	at := last(p.stream(caseID), f.Last)
	if len(events) == 0 {
		return Receipt{Command: w.Command, Stream: at.Stream, Revision: at.Revision, RecordedAt: at.RecordedAt}, nil
	}
	return p.Desk.append(ctx, w, at, []draft{w.draft(events[0])})
}

// situation is what a decision about a person's data rests on.
func (p *Privacy) situation(ctx context.Context, as PrivacyIdentity, caseID, subject string, today domain.Day) (privacy.Situation, error) {
	now := privacy.Situation{Actor: as.Actor, As: as.Role, Today: today}
	switch p.Kind {
	case OfReview:
		return p.inReview(ctx, now, caseID, subject)
	case OfClue:
		return p.inClue(ctx, now, caseID, subject)
	}
	entries, err := p.Desk.entries(ctx, caseID)
	if err != nil {
		return now, err
	}
	for _, e := range entries {
		now.Known = now.Known || slices.ContainsFunc(e.Envelope.Sealed, func(s domain.Sealed) bool { return s.Subject == SubjectKey(caseID, subject) })
	}
	facts := caseFacts(fold(caseID, entries), entries)
	if facts.Others, err = p.proceeding(ctx, caseID, today); err != nil {
		return now, err
	}
	now.Holds = facts.Holds(p.Years, today)
	return now, nil
}

// inReview is what a decision about what was said in a review rests on. It is
// kept while the review, a correction or an appeal is open, and as long after
// the last step as a case is.
func (p *Privacy) inReview(ctx context.Context, now privacy.Situation, id, subject string) (privacy.Situation, error) {
	r, entries, err := (&Reviews{Desk: p.Desk}).load(ctx, id)
	if err != nil {
		return now, err
	}
	facts := privacy.CaseFacts{Closed: true, Others: unfinished(r, now.Today)}
	for _, e := range entries {
		facts.Last = max(facts.Last, domain.DayOf(e.RecordedAt.Time), review.DayOf(e.event))
		now.Known = now.Known || slices.ContainsFunc(e.Envelope.Sealed, func(s domain.Sealed) bool { return s.Subject == p.key(id, subject) })
	}
	now.Holds = facts.Holds(p.Years, now.Today)
	return now, nil
}

// inClue is what a decision about the words of a clue rests on. They are kept
// while the clue, or the review that looks at it, is open, and as long after the
// last step as a case is.
func (p *Privacy) inClue(ctx context.Context, now privacy.Situation, id, subject string) (privacy.Situation, error) {
	now.Apart = true
	reviews := &Reviews{Desk: p.Desk}
	c, _, err := reviews.clue(ctx, id)
	if err != nil {
		return now, err
	}
	events, err := p.envelopes(ctx, id)
	if err != nil {
		return now, err
	}
	facts := privacy.CaseFacts{Closed: true, Others: !c.Closed}
	for _, e := range events {
		facts.Last = max(facts.Last, domain.DayOf(e.RecordedAt.Time))
		now.Known = now.Known || slices.ContainsFunc(e.Sealed, func(s domain.Sealed) bool { return s.Subject == p.key(id, subject) })
	}
	if c.Review != "" {
		r, _, err := reviews.load(ctx, c.Review)
		if err != nil {
			return now, err
		}
		facts.Others = facts.Others || unfinished(r, now.Today)
	}
	now.Holds = facts.Holds(p.Years, now.Today)
	return now, nil
}

// caseFacts is what of a case decides whether its data must be kept.
func caseFacts(c *eligibility.Case, entries []Entry) privacy.CaseFacts {
	facts := privacy.CaseFacts{Closed: c.Closed}
	var over, under domain.Fen
	for _, e := range entries {
		facts.Last = max(facts.Last, e.KnownOn(), eligibility.DayOf(e.Event))
		switch x := e.Event.(type) {
		case *eligibility.RemedySought:
			facts.Remedies++
		case *eligibility.RemedyDecided:
			facts.Remedies = max(facts.Remedies-1, 0)
		case *eligibility.OverpaymentEstablished:
			over += total(x.Months)
		case *eligibility.BackpayEstablished:
			under += total(x.Months)
		case *eligibility.MoneyRecovered:
			over -= x.Amount
		case *eligibility.MoneyBackPaid:
			under -= x.Amount
		}
	}
	facts.Money = over > 0 || under > 0
	return facts
}

func total(months []eligibility.MonthAmount) (sum domain.Fen) {
	for _, m := range months {
		sum += m.Amount
	}
	return sum
}

// proceeding reports whether a review or a clue of a case has not come to its
// end. It says no more than that: who asks may not know of it.
func (p *Privacy) proceeding(ctx context.Context, caseID string, today domain.Day) (bool, error) {
	reviews := &Reviews{Desk: p.Desk}
	for n := 1; ; n++ {
		c, _, err := reviews.clue(ctx, clueID(caseID, n))
		if err != nil {
			return false, err
		}
		if !c.Exists() {
			break
		}
		if !c.Closed {
			return true, nil
		}
	}
	ids, err := reviews.ids(ctx)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		r, _, err := reviews.load(ctx, id)
		if err != nil {
			return false, err
		}
		if slices.Contains(r.Cases(), caseID) && unfinished(r, today) {
			return true, nil
		}
	}
	return false, nil
}

// unfinished reports whether anything of a review is still to come.
func unfinished(r *review.Review, today domain.Day) bool {
	switch r.Stage() {
	case review.StageNotAccepted, review.StageWithdrawn, review.StageLapsed, review.StageFiled:
	default:
		return true
	}
	return slices.ContainsFunc(r.Corrections, func(c review.Correction) bool { return c.State(today) != "accepted" }) ||
		slices.ContainsFunc(r.Appeals, func(a review.Appeal) bool { return a.Decided == nil })
}

// carryOut brings a key into the state that was decided. Of a destroyed key it
// records that it is.
func (p *Privacy) carryOut(ctx context.Context, f *privacy.File, s *privacy.Subject) error {
	subject := p.key(f.Case, s.ID)
	switch s.State {
	case privacy.Restricted:
		return p.Keys.Restrict(subject)
	case privacy.Shredded:
	default:
		return p.Keys.Release(subject)
	}
	key, err := p.Keys.Destroy(subject)
	if err != nil || s.Destroyed.ID != "" {
		return err
	}
	// The machine carries out what two persons decided; who they are stands in
	// the request and its answer.
	machine := PrivacyIdentity{Actor: domain.Actor{Person: "leeway", Office: s.By.Answered.Actor.Office, Post: "vault"}}
	w, err := p.Desk.begin(Request{Actor: machine.Actor})
	if err != nil {
		return err
	}
	_, err = again(func() (Receipt, error) {
		now := privacy.Situation{Actor: w.Actor, Today: w.today()}
		return p.append(ctx, w, f.Case, privacy.Done{Situation: now, Subject: s.ID, Key: key})
	})
	return err
}

// Settle brings every key into the state that is on record, and returns for
// how many subjects it looked: after a crash between a decision and the vault,
// and after an old backup of the keys was put back. It reads the whole store.
func (p *Privacy) Settle(ctx context.Context) (n int, err error) {
	for _, kind := range []PrivacyKind{OfCase, OfReview, OfClue} {
		of := *p
		of.Kind = kind
		files, err := of.files(ctx)
		if err != nil {
			return n, err
		}
		for _, id := range files {
			settled, err := of.settle(ctx, id)
			if n += settled; err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// settle brings the keys of one file into their state.
func (p *Privacy) settle(ctx context.Context, id string) (n int, err error) {
	f, err := p.File(ctx, id)
	if err != nil {
		return 0, err
	}
	for _, s := range f.Subjects {
		if s.By.At.ID == "" {
			continue // nothing was approved
		}
		// A release whose custodians are not there waits for them: their key
		// files go to another Settle.
		if err := p.carryOut(ctx, f, s); err != nil && !errors.Is(err, domain.ErrRestricted) {
			return n, fmt.Errorf("%s of case %s: %w", s.ID, id, err)
		}
		n++
	}
	return n, nil
}

// files lists the cases, reviews or clues of whose data something is on record.
func (p *Privacy) files(ctx context.Context) ([]string, error) {
	var ids []string
	for r, err := range p.Desk.Store.All(ctx, eventstore.Start) {
		if err != nil {
			return nil, fmt.Errorf("list of privacy files: %w", err)
		}
		if id, ok := strings.CutPrefix(r.Stream, p.stream("")); ok && r.Revision == 0 {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Opened is one piece of personal data that an inspection opened.
type Opened struct {
	Event string `json:"event"`
	Type  string `json:"type"`
	Field string `json:"field"`
	Text  string `json:"text"`
}

// Inspect opens the restricted data of a person for somebody to whom another
// has approved it. It is on record as an access before anything is returned.
func (p *Privacy) Inspect(ctx context.Context, as PrivacyIdentity, caseID, subject string) ([]Opened, error) {
	if err := p.reach(ctx, as, caseID); err != nil {
		return nil, err
	}
	if p.Keys == nil {
		return nil, domain.Deny(domain.ErrSealed, "no vault is open, so nothing can be done with its keys", "")
	}
	f, err := p.File(ctx, caseID)
	if err != nil {
		return nil, err
	}
	request, may := f.Subject(subject).MayInspect(as.Person, domain.DayOf(p.Desk.Now()))
	if !may {
		return nil, domain.Deny(domain.ErrRefused, "%s has no approved inspection of “%s” that is open today", "ask for one, and let another person approve it", as.Person, subject)
	}
	events, err := p.envelopes(ctx, caseID)
	if err != nil {
		return nil, err
	}
	var list []Opened
	access := domain.Access{Kind: "read", Case: caseID, Purpose: "inspection", Request: request.At.ID}
	switch p.Kind {
	case OfReview:
		access.Case = ""
	case OfClue:
		access.Case, access.Clue = "", caseID
	}
	for _, e := range events {
		for _, s := range e.Sealed {
			if s.Subject != p.key(caseID, subject) {
				continue
			}
			text, err := p.Keys.OpenEscrow(e.Stream, e.ID, s)
			if err != nil {
				return nil, fmt.Errorf("%s of event %s: %w", s.Field, e.ID, err)
			}
			list = append(list, Opened{e.ID, e.Type, s.Field, text})
			access.Fields = append(access.Fields, s.Field)
		}
	}
	if _, err := p.Desk.OpenAccess().Saw(ctx, as.Actor, access); err != nil {
		return nil, err
	}
	return list, nil
}

// envelopes are the events of a case, a review or a clue.
func (p *Privacy) envelopes(ctx context.Context, id string) (list []domain.Envelope, err error) {
	switch p.Kind {
	case OfClue:
		for env, err := range p.Desk.read(ctx, review.ClueStream(id)) {
			if err != nil {
				return nil, err
			}
			list = append(list, env)
		}
		return list, nil
	case OfReview:
		_, entries, err := (&Reviews{Desk: p.Desk}).load(ctx, id)
		for _, e := range entries {
			list = append(list, e.Envelope)
		}
		return list, err
	}
	entries, err := p.Desk.entries(ctx, id)
	for _, e := range entries {
		list = append(list, e.Envelope)
	}
	return list, err
}

// A LostKey is a data key that events need and the vault does not have.
type LostKey struct {
	Key     string `json:"key"`
	Subject string `json:"subject"` // pseudonym with its case or review
	Stream  string `json:"stream"`  // of the first event that needs it
	Events  int    `json:"events"`
	Why     error  `json:"-"`
}

// LostKeys finds the data keys that events need, that nobody decided to
// destroy, and that are not there, by subject. It reads the whole store, and
// of each event the sealed part alone.
func (p *Privacy) LostKeys(ctx context.Context) ([]LostKey, error) {
	found, err := p.needed(ctx)
	if err != nil {
		return nil, err
	}
	return p.lost(ctx, found)
}

// Subjects lists everybody of whom an event has sealed data, by subject as
// SubjectKey names it. It reads the whole store.
func (p *Privacy) Subjects(ctx context.Context) ([]string, error) {
	found, err := p.needed(ctx)
	subjects := make([]string, 0, len(found))
	for _, k := range found {
		subjects = append(subjects, k.Subject)
	}
	slices.Sort(subjects)
	return subjects, err
}

// needed finds the data keys that events name.
func (p *Privacy) needed(ctx context.Context) (map[string]*LostKey, error) {
	found := map[string]*LostKey{}
	for r, err := range p.Desk.Store.All(ctx, eventstore.Start) {
		if err != nil {
			return nil, fmt.Errorf("keys that events need: %w", err)
		}
		if !bytes.Contains(r.Data, []byte(`,"sealed":[{`)) {
			continue
		}
		var env struct {
			Sealed []struct{ Key, Subject string }
		}
		if err := json.Unmarshal(r.Data, &env); err != nil {
			return nil, fmt.Errorf("stream %s, revision %d: %w: %v", r.Stream, r.Revision, domain.ErrAltered, err)
		}
		for _, s := range env.Sealed {
			if found[s.Key] == nil {
				found[s.Key] = &LostKey{Key: s.Key, Subject: s.Subject, Stream: r.Stream}
			}
			found[s.Key].Events++
		}
	}
	return found, nil
}

// lost drops the keys that are there or were destroyed as decided.
func (p *Privacy) lost(ctx context.Context, needed map[string]*LostKey) ([]LostKey, error) {
	var list []LostKey
	files := map[string]*privacy.File{}
	for _, k := range needed {
		if k.Why = p.holds(k); k.Why == nil || errors.Is(k.Why, domain.ErrRestricted) {
			continue
		}
		of, id := p.ofStream(k.Stream)
		if files[k.Stream] == nil {
			f, err := of.File(ctx, id)
			if err != nil {
				return nil, err
			}
			files[k.Stream] = f
		}
		if files[k.Stream].State(strings.TrimPrefix(k.Subject, of.key(id, ""))) == privacy.Shredded {
			continue
		}
		list = append(list, *k)
	}
	slices.SortFunc(list, func(a, b LostKey) int { return strings.Compare(a.Subject, b.Subject) })
	return list, nil
}

// ofStream is what is done with the data in a stream, and the id of what it is
// of.
func (p *Privacy) ofStream(stream string) (of Privacy, id string) {
	of = *p
	for kind, prefix := range map[PrivacyKind]string{OfReview: reviewPrefix, OfClue: review.ClueStream("")} {
		if id, ok := strings.CutPrefix(stream, prefix); ok {
			of.Kind = kind
			return of, id
		}
	}
	of.Kind = OfCase
	return of, strings.TrimPrefix(stream, casePrefix)
}

func (p *Privacy) holds(k *LostKey) error {
	if p.Keys == nil {
		return domain.ErrSealed
	}
	return p.Keys.Holds(k.Key, k.Subject)
}
