package casework

import (
	"context"
	"errors"
	"fmt"

	"leeway/domain"
	"leeway/domain/review"
	"leeway/eventstore"
)

// Watch looks behind the appends of a review: an act whose basis lacks an event
// that was committed before it raced with another stream. It is decided again
// on what it should have known; where a guard refuses it now, guard-breached.v1
// goes on record and the act has no effect. Running it again adds nothing.
func (v *Reviews) Watch(ctx context.Context, id string) error {
	for range tries {
		again, err := v.watch(ctx, id)
		if errors.Is(err, eventstore.ErrConflict) {
			continue
		}
		if err != nil {
			return fmt.Errorf("watch of review %s: %w", id, err)
		}
		if !again {
			return nil
		}
	}
	return fmt.Errorf("watch of review %s, after %d tries: %w", id, tries, eventstore.ErrConflict)
}

// watch suspends the first act that a race slipped past a guard, if any.
func (v *Reviews) watch(ctx context.Context, id string) (found bool, err error) {
	now, entries, err := v.load(ctx, id)
	if err != nil {
		return false, err
	}
	suspended := map[string]bool{}
	for _, s := range now.Suspended {
		suspended[s.Act] = true
	}
	before := &review.Review{ID: id}
	for _, e := range entries {
		if !suspended[e.ID] && review.Suspendable(e.event) {
			should, raced, err := v.shouldHaveRead(ctx, e)
			if err != nil {
				return false, err
			}
			if raced {
				refusal, err := v.decideAgain(ctx, before, e, should)
				if err != nil {
					return false, err
				}
				if refusal != nil {
					return true, v.suspend(ctx, now, e, refusal, should)
				}
			}
		}
		before.Apply(e.event, e.Meta)
	}
	return false, nil
}

// shouldHaveRead is the basis of an act as it stood in the store when the act
// was committed. Raced says that the act had read less.
func (v *Reviews) shouldHaveRead(ctx context.Context, e reviewEntry) (should domain.Basis, raced bool, err error) {
	for _, b := range e.Basis {
		reached := b.Revision
		for r, err := range v.Desk.Store.Read(ctx, b.Stream, b.Revision+1) {
			if err != nil {
				return nil, false, fmt.Errorf("stream %s: %w", b.Stream, err)
			}
			// What was committed after the act is no race: nobody could have read it.
			if r.Position > e.position {
				break
			}
			reached, raced = r.Revision, true
		}
		should = append(should, domain.Read{Stream: b.Stream, Revision: reached})
	}
	return should, raced, nil
}

// decideAgain decides an act on the history that it should have read. What
// only repeats or is invalid by now is no breach.
func (v *Reviews) decideAgain(ctx context.Context, before *review.Review, e reviewEntry, should domain.Basis) (*review.Refusal, error) {
	as := Identity{e.Actor, roleOf(e.event)}
	on := domain.DayOf(e.RecordedAt.Time)
	past, err := v.history(ctx, step{before, e.event}.cases(), seen{as.Role, on, should})
	if err != nil {
		return nil, err
	}
	cmd, err := v.command(e.event, as, on, past)
	if err != nil {
		return nil, err
	}
	_, err = cmd.Decide(before)
	var refusal *review.Refusal
	errors.As(err, &refusal)
	return refusal, nil
}

func roleOf(e review.Event) review.Role {
	var r review.Review
	r.Apply(e, domain.Meta{})
	return r.Log()[0].At.As
}

// suspend records the breach, under a command id that the act gives it: two
// watchers record it once.
func (v *Reviews) suspend(ctx context.Context, r *review.Review, e reviewEntry, refusal *review.Refusal, found domain.Basis) error {
	w, err := v.Desk.begin(Request{Command: eventID(e.Command, 255), Actor: watcher(r.Organ)})
	if err != nil {
		return err
	}
	breach := &review.GuardBreached{Act: e.ID, Guard: refusal.Guard.ID, Why: refusal.Why.String(), Found: found}
	review.Act(breach, review.Machine, w.today())
	d := w.draft(breach)
	d.basis, d.caseID = found, ReviewStream(r.ID)
	_, err = v.Desk.append(ctx, w, last(ReviewStream(r.ID), r.Last), []draft{d})
	return err
}
