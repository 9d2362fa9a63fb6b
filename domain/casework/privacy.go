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

const privacyPrefix = "privacy-"

// PrivacyStream is the stream of what became of the personal data of a case.
func PrivacyStream(caseID string) string { return privacyPrefix + caseID }

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
	f, _, err := s.privacyFile(ctx, caseID)
	return f, err
}

func (s *Service) privacyFile(ctx context.Context, caseID string) (*privacy.File, map[string]domain.Meta, error) {
	f := &privacy.File{Case: caseID}
	commands := map[string]domain.Meta{}
	for env, err := range s.read(ctx, PrivacyStream(caseID)) {
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
	f, err := p.Desk.PrivacyFile(ctx, caseID)
	if err == nil {
		err = p.carryOut(ctx, f, f.Subject(subject))
	}
	return r, err
}

// record is one command on the file of a case.
func (p *Privacy) record(ctx context.Context, as PrivacyIdentity, caseID, subject string, command func(privacy.Situation) privacy.Command) (Receipt, error) {
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
	f, _, err := p.Desk.privacyFile(ctx, caseID)
	if err != nil {
		return Receipt{}, err
	}
	events, err := cmd.Decide(f)
	if err != nil {
		return Receipt{}, err
	}
	at := last(PrivacyStream(caseID), f.Last)
	if len(events) == 0 {
		return Receipt{Command: w.Command, Stream: at.Stream, Revision: at.Revision, RecordedAt: at.RecordedAt}, nil
	}
	return p.Desk.append(ctx, w, at, []draft{w.draft(events[0])})
}

// situation is what a decision about a person's data rests on.
func (p *Privacy) situation(ctx context.Context, as PrivacyIdentity, caseID, subject string, today domain.Day) (privacy.Situation, error) {
	now := privacy.Situation{Actor: as.Actor, As: as.Role, Today: today}
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
	subject := SubjectKey(f.Case, s.ID)
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
func (p *Privacy) Settle(ctx context.Context) (int, error) {
	files, err := p.Desk.privacyCases(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range files {
		f, err := p.Desk.PrivacyFile(ctx, id)
		if err != nil {
			return n, err
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
	}
	return n, nil
}

// privacyCases lists the cases of whose data something is on record.
func (s *Service) privacyCases(ctx context.Context) ([]string, error) {
	var ids []string
	for r, err := range s.Store.All(ctx, eventstore.Start) {
		if err != nil {
			return nil, fmt.Errorf("list of privacy files: %w", err)
		}
		if id, ok := strings.CutPrefix(r.Stream, privacyPrefix); ok && r.Revision == 0 {
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
	if p.Keys == nil {
		return nil, domain.Deny(domain.ErrSealed, "no vault is open, so nothing can be done with its keys", "")
	}
	f, err := p.Desk.PrivacyFile(ctx, caseID)
	if err != nil {
		return nil, err
	}
	request, may := f.Subject(subject).MayInspect(as.Person, domain.DayOf(p.Desk.Now()))
	if !may {
		return nil, domain.Deny(domain.ErrRefused, "%s has no approved inspection of “%s” that is open today", "ask for one, and let another person approve it", as.Person, subject)
	}
	entries, err := p.Desk.entries(ctx, caseID)
	if err != nil {
		return nil, err
	}
	var list []Opened
	access := domain.Access{Kind: "read", Case: caseID, Purpose: "inspection", Request: request.At.ID}
	for _, e := range entries {
		for _, s := range e.Envelope.Sealed {
			if s.Subject != SubjectKey(caseID, subject) {
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
	return p.lost(ctx, found)
}

// lost drops the keys that are there or were destroyed as decided.
func (p *Privacy) lost(ctx context.Context, needed map[string]*LostKey) ([]LostKey, error) {
	var list []LostKey
	files := map[string]*privacy.File{}
	for _, k := range needed {
		if k.Why = p.holds(k); k.Why == nil || errors.Is(k.Why, domain.ErrRestricted) {
			continue
		}
		if id, ok := strings.CutPrefix(k.Stream, casePrefix); ok {
			if files[id] == nil {
				f, err := p.Desk.PrivacyFile(ctx, id)
				if err != nil {
					return nil, err
				}
				files[id] = f
			}
			if files[id].State(strings.TrimPrefix(k.Subject, id+"/")) == privacy.Shredded {
				continue
			}
		}
		list = append(list, *k)
	}
	slices.SortFunc(list, func(a, b LostKey) int { return strings.Compare(a.Subject, b.Subject) })
	return list, nil
}

func (p *Privacy) holds(k *LostKey) error {
	if p.Keys == nil {
		return domain.ErrSealed
	}
	return p.Keys.Holds(k.Key, k.Subject)
}
