package web

import (
	"errors"
	"reflect"
	"slices"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// A catalogue is the list of grounds as somebody who applies reads it: each with
// what it takes, and what of it the ledger bears out already. It is made of what
// the applicant himself may see, so that it tells him nothing else.
type catalogue struct {
	Review string
	Matter string
	Chosen *groundShown
	All    []groundShown
}

// catalogue evaluates the exemption grounds on the part of the person who cites
// one; nil where no matter is chosen yet.
func (w *front) catalogue(v visit, r *review.Review, e *review.Cited) (*catalogue, error) {
	m, ok := r.Matter(e.Matter)
	if !ok {
		return nil, nil
	}
	list, err := w.entries(v.ctx, v.caller, m.Case)
	if errors.Is(err, domain.ErrNotFound) {
		return nil, nil // of another office: the grounds can be cited all the same
	}
	if err != nil {
		return nil, err
	}
	reg, err := w.d.Cases.Register(v.ctx)
	if err != nil {
		return nil, err
	}
	in := replay.Input{Case: casework.StateOf(m.Case, list), Register: reg, Rules: w.d.Cases.Rules, AsOf: w.today(), From: m.From, To: m.To}
	grounds, facts, err := groundsOn(in, e.Person)
	if err != nil {
		return nil, err
	}
	c := &catalogue{Review: r.ID, Matter: m.ID}
	events := eventLinks(v.lang, m.Case, list)
	for _, g := range grounds {
		if g.Kind != domain.Exemption {
			continue
		}
		shown := groundOf(v.lang, g, events, facts)
		if g.ID == e.Ground {
			c.Chosen = &shown
		}
		c.All = append(c.All, shown)
	}
	return c, nil
}

// groundsOn are the grounds on a person's part, in the month that moved money if
// there is one; on nothing known where the record has no part of his.
func groundsOn(in replay.Input, person string) ([]domain.Ground, map[string]domain.Finding, error) {
	report, err := replay.Run(in)
	if err != nil {
		return nil, nil, err
	}
	plan, err := in.Rules.Plan(report.Inputs.RulesNow, in.AsOf)
	if err != nil {
		return nil, nil, err
	}
	var month *replay.Month
	var part replay.Conduct
	for i := range report.Months {
		m := &report.Months[i]
		j := slices.IndexFunc(m.Actors, func(a replay.Conduct) bool { return a.Actor.Person == person })
		if j >= 0 && (month == nil || len(month.Links) == 0 && len(m.Links) > 0) {
			month, part = m, m.Actors[j]
		}
	}
	if month == nil {
		grounds, err := plan.Grounds(nil)
		return grounds, plan.Findings(), err
	}
	grounds, err := replay.GroundsOf(in, report, *month, part)
	return grounds, plan.Findings(), err
}

// rowTitles says in words which fact each finding is about.
func (s *shape) rowTitles(lang string, d *review.DutyFound, attributes map[string]domain.Attribute) {
	s.rowTitle = func(item reflect.Value) string {
		f, ok := item.Interface().(review.Finding)
		if !ok {
			return ""
		}
		fact := replay.Fact{Subject: f.Fact.Subject, Attribute: f.Fact.Attribute, Item: f.Fact.Item}
		return shownRow(lang, replay.SightRow{True: &fact}, attributes, 0).Title
	}
}
