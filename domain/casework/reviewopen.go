package casework

import (
	"context"
	"fmt"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/review"
)

// Opening says on what a review is to be opened.
type Opening struct {
	Route     review.Route
	Organ     string
	Cases     []string
	Decisions []string     // event ids, each of one of the cases; a case with none named: its first decision
	From, To  domain.Month // benefit months; none: from the decision to the last payment
	Persons   []string     // pseudonyms; none: nobody yet
	Informed  domain.Day   // when they were told; none: not yet
	Report    string       // event of a self-report
}

// Opening makes the event that opens a review: a matter for each decision, and
// for a case in which nothing was decided one on its months as a whole. Each
// person answers for the matters of the cases in which he acted, with the
// office and post that he last acted in; who acted in none answers for all.
func (v *Reviews) Opening(ctx context.Context, o Opening) (*review.Opened, error) {
	e := &review.Opened{Route: o.Route, Organ: o.Organ, Report: o.Report}
	acted := map[string][]Entry{} // by matter
	left := slices.Clone(o.Decisions)
	for _, id := range o.Cases {
		entries, err := v.Desk.entries(ctx, id)
		if err != nil {
			return nil, err
		}
		c := fold(id, entries)
		for _, m := range matters(c, o, &left) {
			m.ID = fmt.Sprintf("m%d", len(e.Matters)+1)
			e.Matters = append(e.Matters, m)
			acted[m.ID] = entries
		}
	}
	if len(left) > 0 {
		return nil, domain.NewFault("decision", "%q is no decision of the cases named", "name the id of a decision event, and its case", left[0])
	}
	for _, p := range o.Persons {
		e.Parties = append(e.Parties, partyTo(e.Matters, acted, review.Party{Person: p, Informed: o.Informed}))
	}
	return e, nil
}

// matters are those of one case. It takes the decisions that it finds from what
// is left of those asked for.
func matters(c *eligibility.Case, o Opening, left *[]string) []review.Matter {
	var of []eligibility.Decision
	for _, d := range c.Decisions {
		if slices.Contains(o.Decisions, d.At.ID) {
			of = append(of, d)
			*left = slices.DeleteFunc(*left, func(id string) bool { return id == d.At.ID })
		}
	}
	if len(of) == 0 && len(c.Decisions) > 0 {
		of = c.Decisions[:1]
	}
	if len(of) == 0 {
		return []review.Matter{span(c, review.Matter{Case: c.ID, Day: c.Opened.Day, From: o.From, To: o.To})}
	}
	var list []review.Matter
	for _, d := range of {
		m := review.Matter{Case: c.ID, Act: d.At.ID, Day: d.At.Day, From: o.From, To: o.To}
		if m.From == 0 {
			m.From = d.From
		}
		list = append(list, span(c, m))
	}
	return list
}

// span ends a matter with the last month that was paid, where no end is given.
func span(c *eligibility.Case, m review.Matter) review.Matter {
	if m.To != 0 {
		return m
	}
	m.To = m.From
	for _, p := range c.Payments {
		m.To = max(m.To, p.Month)
	}
	return m
}

func partyTo(matters []review.Matter, acted map[string][]Entry, p review.Party) review.Party {
	var all []string
	for _, m := range matters {
		all = append(all, m.ID)
		for _, e := range acted[m.ID] {
			if e.Actor.Person != p.Person {
				continue
			}
			p.Office, p.Post = e.Actor.Office, e.Actor.Post
			if !slices.Contains(p.Matters, m.ID) {
				p.Matters = append(p.Matters, m.ID)
			}
		}
	}
	if len(p.Matters) == 0 {
		p.Matters = all
	}
	return p
}
