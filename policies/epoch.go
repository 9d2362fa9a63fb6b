package policies

import (
	"slices"
	"sync"

	"github.com/google/cel-go/common/types/ref"

	"leeway/domain"
)

// findBreaks lists the days on which a rule, a standard, a procedure, a
// ground or the liability regime changes. Between two breaks nothing changes.
func (p *pack) findBreaks() {
	// Day 0 starts the stretch before everything, in which no rule is in force.
	days := []domain.Day{0}
	for _, r := range p.src.rules {
		for _, v := range r.Versions {
			days = append(days, v.From, v.To)
		}
	}
	for _, s := range p.standards {
		for _, v := range s.values {
			days = append(days, v.from)
		}
	}
	for _, pr := range p.src.procedures {
		for _, v := range pr.Versions {
			days = append(days, v.From, v.To)
		}
	}
	for _, g := range p.src.grounds {
		for _, v := range g.Versions {
			days = append(days, v.From, v.To)
		}
	}
	for _, r := range p.man.Liability {
		days = append(days, r.From, r.To)
	}
	slices.Sort(days)
	p.breaks = slices.Compact(days)
}

// An epoch is a pack version over days on which nothing in it changes. All
// plans of those days share it, read-only.
type epoch struct {
	pack *pack
	days span
	// What holds on these days.
	std        []ref.Val // nil: without a value
	programmes map[string]*agenda
	steps      map[string][]domain.Step
	regime     *regime
	grounds    []*evaluable
	liable     func() string // names the grounds by what they say
}

// epochOn is the epoch that holds a day, built on first use.
func (p *pack) epochOn(d domain.Day) *epoch {
	// The break at or before the day starts its epoch.
	i, found := slices.BinarySearch(p.breaks, d)
	if !found {
		i--
	}
	days := span{from: p.breaks[max(i, 0)]}
	if i+1 < len(p.breaks) {
		days.to = p.breaks[i+1]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// Building takes well under a millisecond, so waiting under the lock costs
	// less than building twice.
	if e := p.epochs[days.from]; e != nil {
		return e
	}
	e := p.newEpoch(days)
	p.epochs[days.from] = e
	return e
}

// newEpoch links everything as it stands on the first day of a stretch of days.
// Nothing in it depends on the day afterwards: only the month of a Plan does.
func (p *pack) newEpoch(days span) *epoch {
	e := &epoch{pack: p, days: days, std: make([]ref.Val, len(p.standards)), programmes: map[string]*agenda{}, steps: map[string][]domain.Step{}}
	for i, s := range p.standards {
		e.std[i] = s.on(days.from).val
	}
	for _, pr := range p.man.Programmes {
		if a := newAgenda(e, pr); a != nil {
			e.programmes[pr.ID] = a
		}
	}
	for _, pr := range p.src.procedures {
		e.steps[pr.Programme] = p.stepsOn(pr, days.from)
	}
	e.regime = p.regimeOn(days.from)
	e.grounds = p.groundsOn(days.from)
	e.liable = sync.OnceValue(e.nameGrounds)
	return e
}

// version is the version of a rule in force on a day.
func (r *rule) version(d domain.Day) *ruleVersion {
	for _, v := range r.Versions {
		if (span{v.From, v.To}).holds(d) {
			return v
		}
	}
	return nil
}

// cites are citations already checked, as the domain has them.
func (p *pack) cites(list []cite) []domain.Cite {
	return p.srcs.resolve(at{}, list, span{}, new(Problems))
}

// terms are the terms by class, in the words of the domain.
func (s step) terms() []domain.Term {
	var list []domain.Term
	for _, t := range s.Classes {
		list = append(list, domain.Term{Class: t.Class, Every: t.Every})
	}
	return list
}

// stepsOn is a procedure as it stands on a day, in the words of the domain. No
// version in force means no steps, which the caller can tell from an empty list.
func (p *pack) stepsOn(pr *procedure, d domain.Day) []domain.Step {
	for _, v := range pr.Versions {
		if !(span{v.From, v.To}).holds(d) {
			continue
		}
		steps := make([]domain.Step, len(v.Steps))
		for i, s := range v.Steps {
			steps[i] = domain.Step{
				ID: s.ID, Title: s.Title.Text, Event: s.Event, After: s.After, Days: s.Days, Working: s.Working,
				Staff: s.Staff, Sources: s.Sources, Every: s.Every, Classes: s.terms(), Required: s.Required, Right: s.Right,
				Decides: s.Decides, Post: s.Post, Runs: s.Runs, Minor: s.minorStates(), Cites: p.cites(s.Cite),
			}
		}
		return steps
	}
	return nil
}
