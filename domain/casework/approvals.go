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

// Approve puts the word of the actor for a version on record, once. The digest
// must be that of the bytes at hand, and the role one that the pack asks for.
// A person who has given his word in one role gives it in no other.
func (s *Service) Approve(ctx context.Context, req Request, e RulesApproved) (Receipt, error) {
	w, err := s.begin(req)
	if err != nil {
		return Receipt{}, err
	}
	if err := s.checkApproval(e); err != nil {
		return Receipt{}, err
	}
	return again(func() (Receipt, error) {
		list, end, err := s.approvals(ctx, e.Rules)
		if err != nil {
			return Receipt{}, err
		}
		for _, old := range list {
			switch {
			case old.Actor.Person != w.Actor.Person:
			case old.said.Role == e.Role:
				return Receipt{EventID: old.ID, Command: old.Command, Stream: old.Stream, Revision: old.Revision, RecordedAt: old.RecordedAt}, nil
			default:
				return Receipt{}, domain.Deny(domain.ErrRefused, "%s has approved these bytes already, as %q", "leave it to another person", w.Actor.Person, old.said.Role)
			}
		}
		return s.append(ctx, w, end, []draft{w.draft(e)})
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

// approval is an approval on record.
type approval struct {
	domain.Meta
	said RulesApproved
}

// approvals reads the approvals of a version, and where the next one goes.
func (s *Service) approvals(ctx context.Context, v domain.PackVersion) (list []approval, end domain.Meta, err error) {
	end = last(approvalsPrefix+v.Digest, domain.Meta{})
	for env, err := range s.read(ctx, end.Stream) {
		if err != nil {
			return nil, end, err
		}
		a := approval{Meta: env.Meta}
		dec := json.NewDecoder(bytes.NewReader(env.Clear))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&a.said); err != nil || env.Type != a.said.EventType() || a.said.Rules != v {
			return nil, end, fmt.Errorf("stream %s, revision %d: %w: it is no approval of this version", env.Stream, env.Revision, domain.ErrAltered)
		}
		list, end = append(list, a), env.Meta
	}
	return list, end, nil
}

// Approvals are whose word a version has, in the order in which they gave it.
func (s *Service) Approvals(ctx context.Context, v domain.PackVersion) ([]domain.Approval, error) {
	list, _, err := s.approvals(ctx, v)
	if err != nil {
		return nil, err
	}
	words := []domain.Approval{}
	for _, a := range list {
		words = append(words, domain.Approval{Person: a.Actor.Person, Role: a.said.Role, Digest: a.said.Rules.Digest})
	}
	return words, nil
}

// Activate publishes a version from a day on, with the approvals on record and
// no others. Corrects is the version whose encoding it puts right, as the pack
// says. Errors are as of Note.
func (s *Service) Activate(ctx context.Context, req Request, v domain.PackVersion, corrects string, day domain.Day) (Receipt, error) {
	words, err := s.Approvals(ctx, v)
	if err != nil {
		return Receipt{}, err
	}
	return s.Note(ctx, req, &eligibility.RulesActivated{On: eligibility.On{Day: day}, Rules: v, Corrects: corrects, Approvals: words})
}
