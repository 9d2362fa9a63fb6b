package casework

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// Which says which cases an audit looks at. The zero value is all of them.
type Which struct {
	Office    string
	Programme string
}

func (w Which) takes(s Summary) bool {
	return (w.Office == "" || s.Office == w.Office) && (w.Programme == "" || s.Programme == w.Programme)
}

// chosen lists the ids of the cases that an audit looks at.
func (s *Service) chosen(ctx context.Context, which Which) ([]string, error) {
	all, err := s.Cases(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range all {
		if which.takes(c) {
			ids = append(ids, c.ID)
		}
	}
	return ids, nil
}

// Survey replays many cases as of a day and adds up what they come to. A case
// that was not on record by then is left out; one that cannot be replayed is
// listed with the reason and counted nowhere. Done is told after each case.
func (s *Service) Survey(ctx context.Context, which Which, asOf domain.Day, done func(n, of int)) (*replay.Survey, error) {
	ids, err := s.chosen(ctx, which)
	if err != nil {
		return nil, err
	}
	survey := &replay.Survey{AsOf: asOf, Classes: []replay.ClassTotal{}, Hits: []replay.Hit{}, Failed: []replay.Unreplayed{}, Walks: map[domain.Month]*replay.Walk{}}
	for i, id := range ids {
		replayed, err := s.ReplayCase(ctx, Request{}, id, ReplayOptions{AsOf: asOf})
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, domain.ErrNotFound):
		case err != nil:
			survey.Failed = append(survey.Failed, replay.Unreplayed{Case: id, Why: err.Error()})
		default:
			survey.Add(replayed.Report)
		}
		if done != nil {
			done(i+1, len(ids))
		}
	}
	return survey, nil
}

// MonthTotal is what was paid for one benefit month under one programme.
type MonthTotal struct {
	Month      domain.Month `json:"month"`
	Programme  string       `json:"programme"`
	Households int          `json:"households"` // cases that something was paid to
	Persons    int          `json:"persons"`    // members of these in that month
	Payments   int          `json:"payments"`   // records
	Paid       domain.Fen   `json:"paid"`
	Recovered  domain.Fen   `json:"recovered"`
	BackPaid   domain.Fen   `json:"back_paid"`
}

// Totals adds up what was paid for each benefit month, to be held against bank
// files and known figures. An unreadable case is an error: a sum that leaves
// one out would be no sum.
func (s *Service) Totals(ctx context.Context, which Which, from, to domain.Month) ([]MonthTotal, error) {
	ids, err := s.chosen(ctx, which)
	if err != nil {
		return nil, err
	}
	t := NewTally(from, to)
	for _, id := range ids {
		entries, err := s.entries(ctx, id)
		if err != nil {
			return nil, err
		}
		t.Add(id, entries)
	}
	return t.Totals(), nil
}

// sortedTotals lists totals by month and programme.
func sortedTotals(sums map[domain.Month]map[string]*MonthTotal) []MonthTotal {
	list := []MonthTotal{}
	for _, programmes := range sums {
		for _, t := range programmes {
			list = append(list, *t)
		}
	}
	slices.SortFunc(list, func(a, b MonthTotal) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Programme, b.Programme))
	})
	return list
}

// addTotals adds one case.
func addTotals(sums map[domain.Month]map[string]*MonthTotal, entries []Entry, c *eligibility.Case, from, to domain.Month) {
	of := func(m domain.Month) *MonthTotal {
		if m == 0 || from != 0 && m < from || to != 0 && m > to {
			return &MonthTotal{} // outside, thrown away
		}
		if sums[m] == nil {
			sums[m] = map[string]*MonthTotal{}
		}
		if sums[m][c.Programme] == nil {
			sums[m][c.Programme] = &MonthTotal{Month: m, Programme: c.Programme}
		}
		return sums[m][c.Programme]
	}
	seen := map[domain.Month]bool{}
	for _, p := range c.Payments {
		t := of(p.Month)
		t.Payments++
		t.Paid += p.Amount
		if !seen[p.Month] {
			t.Households++
			t.Persons += living(entries, p.Month)
			seen[p.Month] = true
		}
	}
	for _, p := range c.Recovered {
		of(p.Month).Recovered += p.Amount
	}
	for _, p := range c.BackPaid {
		of(p.Month).BackPaid += p.Amount
	}
}

// living counts the members of a household on the first day of a month, as its
// events say.
func living(entries []Entry, m domain.Month) int {
	members := map[string]bool{}
	for _, e := range entries {
		switch e := e.Event.(type) {
		case *eligibility.CaseOpened:
			for _, p := range e.Members {
				members[p.ID] = true
			}
		case *eligibility.MemberJoined:
			members[e.Member.ID] = e.From <= m.Last()
		case *eligibility.MemberLeft:
			members[e.Member] = members[e.Member] && e.From > m.First()
		case *eligibility.DeathRecorded:
			members[e.Member] = members[e.Member] && e.Died >= m.First()
		}
	}
	n := 0
	for _, in := range members {
		if in {
			n++
		}
	}
	return n
}

// Statistics look at the reviews that somebody may know of, as they stand on a
// day.
func (v *Reviews) Statistics(ctx context.Context, as Identity, today domain.Day) (review.Statistics, error) {
	var list []*review.Review
	if err := v.each(ctx, as, func(r *review.Review) { list = append(list, r) }); err != nil {
		return review.Statistics{}, err
	}
	return review.StatisticsOf(list, today), nil
}
