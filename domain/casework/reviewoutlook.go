package casework

import (
	"context"

	"leeway/domain"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// Outlook tells what a determination would meet today, before anything is
// posted: each guard as it stands, and each outcome of each part with what it
// would be refused by or depart from. It is for who decides, as Suggest is.
func (v *Reviews) Outlook(ctx context.Context, as Identity, id string) (review.Outlook, error) {
	r, err := v.Review(ctx, as, id)
	if err != nil {
		return review.Outlook{}, err
	}
	if as.Role == review.Worker || as.Role == review.Unit {
		return review.Outlook{}, review.Refuse(review.GuardRole, "read the determination", "the engine's suggestion is for who decides")
	}
	today := domain.DayOf(v.Desk.Now())
	p, err := v.history(ctx, r.Cases(), seen{as.Role, today, nil})
	if err != nil {
		return review.Outlook{}, err
	}
	list, err := v.suggest(ctx, r, p, today)
	if err != nil {
		return review.Outlook{}, err
	}
	terms, err := v.terms(p, today)
	if err != nil {
		return review.Outlook{}, err
	}
	return r.Outlook(review.Record{Actor: as.Actor, Today: today, History: p.history, Calendar: terms, Limits: review.LimitsOf(terms)}, list), nil
}

// Newest is the newest replay of a matter of a review as it was kept, for who
// may read the whole file. The error wraps domain.ErrNotFound where there is
// none.
func (v *Reviews) Newest(ctx context.Context, as Identity, id, matter string) (*replay.Report, error) {
	r, err := v.Review(ctx, as, id)
	if err != nil {
		return nil, err
	}
	x, ok := r.Replay(matter)
	if !ok || as.Role == review.Worker || as.Role == review.Unit {
		return nil, domain.Deny(domain.ErrNotFound, "matter %q has no replay", "", matter)
	}
	return v.report(ctx, x.Ref)
}
