package casework

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/privacy"
	"leeway/domain/review"
)

// ClueWord is what was said in a clue. Closed says why it cannot be read, where
// that was decided.
type ClueWord struct {
	Event  string      `json:"event"`
	Type   string      `json:"type"`
	Field  string      `json:"field"`
	Text   string      `json:"text,omitempty"`
	Closed domain.Text `json:"closed,omitzero"`
}

// mayReadWords says who opens the words of a clue: who wrote them, the head of
// the organ, and the investigators of the review that looks at it. Whoever took
// part in the case, or is barred by the record of that review, does not. It is a
// decision of ours, no law.
func (v *Reviews) mayReadWords(ctx context.Context, as Identity, c *review.Clue) error {
	if c.Got.Actor.Person == as.Person {
		return nil
	}
	for env, err := range v.Desk.read(ctx, CaseStream(c.Case)) {
		if err != nil {
			return err
		}
		if env.Actor.Person == as.Person {
			return domain.Deny(domain.ErrRefused, "%s took part in case %s", "leave it to somebody who has no part in the case", as.Person, c.Case)
		}
	}
	refused := domain.Deny(domain.ErrRefused, "%s neither heads the organ nor is assigned to a review of this clue", "leave it to the head of the organ, or to an investigator of the review", as.Person)
	if c.Review == "" {
		if as.Role == review.Head {
			return nil
		}
		return refused
	}
	r, err := v.Review(ctx, as, c.Review)
	if err != nil {
		return err
	}
	if !(as.Role == review.Head && as.Office == r.Organ) && !slices.Contains(r.Reviewers, as.Person) {
		return refused
	}
	_, why, barred, err := v.Barred(ctx, as, c.Review)
	if err == nil && barred {
		err = domain.Deny(domain.ErrRefused, "the record bars %s: %s", "leave it to somebody who is not barred", as.Person, why)
	}
	return err
}

// ClueWords opens what a clue says in words, for a purpose. Saw puts the access
// on record, under the clue and no case; where it cannot, nothing is opened.
func (v *Reviews) ClueWords(ctx context.Context, as Identity, id, purpose string, saw func(domain.Access) error) ([]ClueWord, error) {
	c, err := v.Clue(ctx, as, id)
	if err != nil {
		return nil, err
	}
	if err := v.mayReadWords(ctx, as, c); err != nil {
		return nil, err
	}
	if !slices.Contains(review.CluePurposes(), purpose) {
		return nil, domain.NewFault("purpose", "“%s” is none of them", "one of: %[2]s", purpose, domain.List(review.CluePurposes()))
	}
	list, paths, err := v.openClue(ctx, id)
	if err == nil {
		err = saw(domain.Access{Kind: "read", Clue: id, Fields: paths, Purpose: purpose})
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// openClue opens the words of a clue as far as their key is in use, and lists
// the paths of what it opened.
func (v *Reviews) openClue(ctx context.Context, id string) (list []ClueWord, paths []string, err error) {
	file := sync.OnceValues(func() (*privacy.File, error) {
		f, _, err := v.Desk.privacyFile(ctx, CluePrivacyStream(id), id)
		return f, err
	})
	for env, err := range v.Desk.read(ctx, review.ClueStream(id)) {
		if err != nil {
			return nil, nil, err
		}
		e, err := review.DecodeClue(env.Type, env.Clear)
		if err != nil {
			return nil, nil, unreadable(env.Meta, err)
		}
		fields := eligibility.Private(e)
		if _, err := v.reveal(env, fields, file); err != nil {
			return nil, nil, fmt.Errorf("stream %s, revision %d: %w", env.Stream, env.Revision, err)
		}
		for _, f := range fields {
			if !f.Data.Present {
				continue
			}
			list = append(list, ClueWord{env.ID, env.Type, f.Path, f.Data.Text, f.Data.Closed})
			if f.Data.Text != "" {
				paths = append(paths, env.Type+":"+f.Path)
			}
		}
	}
	return list, paths, nil
}
