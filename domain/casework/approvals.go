package casework

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

const approvalsPrefix = "approvals-"

// RulesApproved is one person's word for the exact bytes of a pack version,
// before it is published.
type RulesApproved struct {
	Rules domain.PackVersion `json:"rules"`
	Role  string             `json:"role"` // as the pack names it
}

// EventType is the stored name.
func (RulesApproved) EventType() string { return "rules-approved.v1" }

// RulesSealed says that a pack version was found fit and sealed here, and who
// wrote it. It stands before the approvals of its bytes: who wrote them does not
// approve them.
type RulesSealed struct {
	Rules   domain.PackVersion `json:"rules"`
	Authors []string           `json:"authors"` // whoever changed the draft, by pseudonym
}

// EventType is the stored name.
func (RulesSealed) EventType() string { return "rules-sealed.v1" }

// Sealed puts on record who wrote a version, before anybody can approve it. The
// same again is the same record. Bytes that somebody else seals too have both
// for their authors.
func (s *Service) Sealed(ctx context.Context, req Request, e RulesSealed) (Receipt, error) {
	w, err := s.begin(req)
	if err != nil {
		return Receipt{}, err
	}
	if e.Rules.Pack == "" || e.Rules.Version == "" || e.Rules.Digest == "" || len(e.Authors) == 0 || slices.Contains(e.Authors, "") {
		return Receipt{}, domain.NewFault("rules", "version, digest or author is missing", "name what was sealed, and who wrote it")
	}
	return again(func() (Receipt, error) {
		words, err := s.words(ctx, e.Rules)
		if err != nil {
			return Receipt{}, err
		}
		for _, old := range words.sealed {
			if old.Actor.Person == w.Actor.Person && slices.Equal(old.said.Authors, e.Authors) {
				return receiptOf(old.Meta), nil
			}
		}
		return s.append(ctx, w, words.end, []draft{w.draft(e)})
	})
}

// receiptOf is the receipt of what is on record already.
func receiptOf(m domain.Meta) Receipt {
	return Receipt{EventID: m.ID, Command: m.Command, Stream: m.Stream, Revision: m.Revision, RecordedAt: m.RecordedAt}
}

// Approve puts the word of the actor for a version on record, once. The digest
// must be that of the bytes at hand, and the role one that the pack asks for.
// A person who has given his word in one role gives it in no other, and who
// wrote the version gives none.
func (s *Service) Approve(ctx context.Context, req Request, e RulesApproved) (Receipt, error) {
	w, err := s.begin(req)
	if err != nil {
		return Receipt{}, err
	}
	if err := s.checkApproval(e); err != nil {
		return Receipt{}, err
	}
	return again(func() (Receipt, error) {
		words, err := s.words(ctx, e.Rules)
		if err != nil {
			return Receipt{}, err
		}
		if err := words.notBy(w.Actor.Person); err != nil {
			return Receipt{}, err
		}
		for _, old := range words.approved {
			switch {
			case old.Actor.Person != w.Actor.Person:
			case old.said.Role == e.Role:
				return receiptOf(old.Meta), nil
			default:
				return Receipt{}, domain.Deny(domain.ErrRefused, "%s has approved these bytes already, as %q", "leave it to another person", w.Actor.Person, old.said.Role)
			}
		}
		return s.append(ctx, w, words.end, []draft{w.draft(e)})
	})
}

// checkApproval holds an approval against the bytes at hand.
func (s *Service) checkApproval(e RulesApproved) error {
	at, err := s.Rules.Resolve(e.Rules.Pack, e.Rules.Version)
	if err != nil {
		return err
	}
	if at != e.Rules {
		return domain.NewFault("digest", "the version at hand has the digest %s", "look at the version that is at hand, and approve its digest", at.Digest)
	}
	q, err := s.Rules.Quorum(at)
	if err != nil {
		return err
	}
	if e.Role == "" || len(q.Roles) > 0 && !slices.Contains(q.Roles, e.Role) {
		return domain.NewFault("role", "%q is no role that the pack asks for", "write one of %[2]s", e.Role, domain.List(q.Roles))
	}
	return nil
}

// worded is one word on record about the bytes of a version.
type worded[E fact] struct {
	domain.Meta
	said E
}

// words are what is on record about the bytes of a version: who wrote them, who
// approved them, and where the next word goes.
type words struct {
	sealed   []worded[RulesSealed]
	approved []worded[RulesApproved]
	end      domain.Meta
}

// words reads them.
func (s *Service) words(ctx context.Context, v domain.PackVersion) (words, error) {
	w := words{end: last(approvalsPrefix+v.Digest, domain.Meta{})}
	for env, err := range s.read(ctx, w.end.Stream) {
		if err != nil {
			return w, err
		}
		sealed, approved := worded[RulesSealed]{Meta: env.Meta}, worded[RulesApproved]{Meta: env.Meta}
		dec := json.NewDecoder(bytes.NewReader(env.Clear))
		dec.DisallowUnknownFields()
		altered := env.Type != sealed.said.EventType() && env.Type != approved.said.EventType()
		switch {
		case altered:
		case env.Type == sealed.said.EventType():
			altered = dec.Decode(&sealed.said) != nil || sealed.said.Rules != v
			w.sealed = append(w.sealed, sealed)
		default:
			altered = dec.Decode(&approved.said) != nil || approved.said.Rules != v
			w.approved = append(w.approved, approved)
		}
		if altered {
			return w, fmt.Errorf("stream %s, revision %d: %w: it is no word about this version", env.Stream, env.Revision, domain.ErrAltered)
		}
		w.end = env.Meta
	}
	return w, nil
}

// authors are those who wrote the version, each once; none: it was not sealed
// here, and nobody is named.
func (w words) authors() []string {
	list := []string{}
	for _, x := range w.sealed {
		list = append(append(list, x.Actor.Person), x.said.Authors...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// notBy refuses the approval of somebody who wrote the version.
func (w words) notBy(person string) error {
	if slices.Contains(w.authors(), person) {
		return domain.Deny(domain.ErrRefused, "%s wrote these bytes", "leave the approval to others: who writes rules does not approve them", person)
	}
	return nil
}

// Approvals are whose word a version has, in the order in which they gave it.
func (s *Service) Approvals(ctx context.Context, v domain.PackVersion) ([]domain.Approval, error) {
	w, err := s.words(ctx, v)
	if err != nil {
		return nil, err
	}
	list := []domain.Approval{}
	for _, a := range w.approved {
		list = append(list, domain.Approval{Person: a.Actor.Person, Role: a.said.Role, Digest: a.said.Rules.Digest})
	}
	return list, nil
}

// Authors are who wrote a version, where it was sealed here, by pseudonym.
func (s *Service) Authors(ctx context.Context, v domain.PackVersion) ([]string, error) {
	w, err := s.words(ctx, v)
	return w.authors(), err
}

// notByAuthors refuses an activation that rests on the word of somebody who
// wrote the version, from wherever it came.
func (s *Service) notByAuthors(ctx context.Context, a *eligibility.RulesActivated) error {
	w, err := s.words(ctx, a.Rules)
	for _, one := range a.Approvals {
		if err == nil {
			err = w.notBy(one.Person)
		}
	}
	return err
}

// Activate publishes a version from a day on, with the approvals on record and
// no others. Corrects is the version whose encoding it puts right, as the pack
// says. Errors are as of Note.
func (s *Service) Activate(ctx context.Context, req Request, v domain.PackVersion, corrects string, day domain.Day) (Receipt, error) {
	list, err := s.Approvals(ctx, v)
	if err != nil {
		return Receipt{}, err
	}
	return s.Note(ctx, req, &eligibility.RulesActivated{On: eligibility.On{Day: day}, Rules: v, Corrects: corrects, Approvals: list})
}
