package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/review"
	"leeway/eventstore"
)

// Review is a review as it stands, for somebody who may know of it: the error
// wraps domain.ErrNotFound for anybody else, as for a review that is not there.
func (v *Reviews) Review(ctx context.Context, as Identity, id string) (*review.Review, error) {
	r, _, err := v.load(ctx, id)
	if err != nil {
		return nil, err
	}
	if !r.Exists() || !r.Sees(as.who()) {
		return nil, noReview(id)
	}
	return r, nil
}

// ReviewLog is a review as somebody may read it, event by event.
func (v *Reviews) ReviewLog(ctx context.Context, as Identity, id string) (*review.Review, []review.Entry, error) {
	r, err := v.Review(ctx, as, id)
	if err != nil {
		return nil, nil, err
	}
	return r, r.Shown(as.who()), nil
}

// Deadlines are the limits that a review runs under today, for somebody who
// may know of it. A worker gets his own, and that of the supplement which he was
// asked for.
func (v *Reviews) Deadlines(ctx context.Context, as Identity, id string) ([]review.Deadline, error) {
	r, err := v.Review(ctx, as, id)
	if err != nil {
		return nil, err
	}
	today := domain.DayOf(v.Desk.Now())
	p, err := v.history(ctx, r.Cases(), seen{review.Auditor, today, nil})
	if err != nil {
		return nil, err
	}
	terms, err := v.terms(p, today)
	if err != nil {
		return nil, err
	}
	list := r.Deadlines(terms, review.LimitsOf(terms), today)
	if as.Role == review.Worker || as.Role == review.Unit {
		list = slices.DeleteFunc(list, func(d review.Deadline) bool { return d.Person != as.Person && d.Step != "supplement" })
	}
	return list, nil
}

// ReviewSummary is one line of the list of reviews.
type ReviewSummary struct {
	ID       string       `json:"id"`
	Stage    review.Stage `json:"stage"`
	Route    review.Route `json:"route"`
	Organ    string       `json:"organ"`
	Opened   domain.Day   `json:"opened"`
	Cases    []string     `json:"cases"`
	Persons  []string     `json:"persons"` // those whom the caller may see
	Overdue  int          `json:"overdue_corrections"`
	Departed int          `json:"departures"` // from advice, with collective reasons
}

// List lists the reviews that somebody may know of, by id.
func (v *Reviews) List(ctx context.Context, as Identity) ([]ReviewSummary, error) {
	list := []ReviewSummary{}
	today := domain.DayOf(v.Desk.Now())
	err := v.each(ctx, as, func(r *review.Review) { list = append(list, summary(r, as, today)) })
	return list, err
}

// each tells of every review that somebody may know of, by id.
func (v *Reviews) each(ctx context.Context, as Identity, tell func(*review.Review)) error {
	find := v.IDs
	if find == nil {
		find = v.ids
	}
	ids, err := find(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		r, _, err := v.load(ctx, id)
		if err != nil {
			return err
		}
		if r.Sees(as.who()) {
			tell(r)
		}
	}
	return nil
}

func summary(r *review.Review, as Identity, today domain.Day) ReviewSummary {
	s := ReviewSummary{ID: r.ID, Stage: r.Stage(), Route: r.Route, Organ: r.Organ, Opened: r.Started.Day, Cases: r.Cases(), Persons: []string{}}
	whole := as.Role != review.Worker && as.Role != review.Unit
	for _, p := range r.Parties {
		if whole || p.Person == as.Person || as.Role == review.Unit && p.Office == as.Office {
			s.Persons = append(s.Persons, p.Person)
		}
	}
	for _, c := range r.Corrections {
		if c.State(today) == "overdue" && (whole || c.Order.Owner == as.Person) {
			s.Overdue++
		}
	}
	if whole {
		s.Departed = r.Departures()
	}
	return s
}

// ids finds the reviews of the store. It reads the whole store.
func (v *Reviews) ids(ctx context.Context) ([]string, error) {
	var ids []string
	for r, err := range v.Desk.Store.All(ctx, eventstore.Start) {
		if err != nil {
			return nil, fmt.Errorf("list of reviews: %w", err)
		}
		if id, ok := strings.CutPrefix(r.Stream, reviewPrefix); ok && r.Revision == 0 {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, cmp.Compare[string])
	return ids, nil
}
