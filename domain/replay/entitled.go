package replay

import (
	"fmt"

	"leeway/domain"
)

// A Truth is what is true of a case in one benefit month, as far as is known: T
// without the roster, which follows from the rules that are asked.
type Truth struct {
	Month   domain.Month `json:"month"`
	Facts   domain.Facts `json:"facts"`
	Decided *domain.Fen  `json:"decided,omitempty"` // D; none: no decision governs the month
}

// Truths are the truths of every month of a case, from its first on, for a
// comparison of rules: Entitled asks any version about them. Limits of months
// are not looked at: a month may rest on the one before.
func Truths(in Input) ([]Truth, error) {
	if !in.Case.Exists() {
		return nil, domain.Deny(domain.ErrNotFound, "case %s has no events", "", in.Case.ID)
	}
	now, p, err := current(in)
	if err != nil {
		return nil, err
	}
	e := newEngine(in, now, p.Readings()[0])
	e.schema, e.order = newSchema(p.Attributes()), p.Precedence()
	first, last := e.span()
	e.first = first
	var list []Truth
	for m := first; first != 0 && m <= last; m++ {
		t := Truth{Month: m, Facts: e.fold(e.truth(), m).facts}
		if d, ok := e.decision(m); ok {
			t.Decided = &d.Amount
		}
		list = append(list, t)
	}
	return list, e.err
}

// Entitled is what rules say of each month of Truths, in order: B of a chain
// whose rules are these. Plan gives the rules of a month; ask what they say of
// the facts of the i-th, which a caller may remember.
func Entitled(list []Truth, plan func(domain.Month) (Plan, error), ask func(p Plan, i int, f domain.Facts) (domain.Outcome, error)) ([]domain.Outcome, error) {
	outcomes := make([]domain.Outcome, len(list))
	for i, t := range list {
		p, err := plan(t.Month)
		if err == nil {
			outcomes[i], err = ask(p, i, rostered(list, outcomes, i))
		}
		if err != nil {
			return nil, fmt.Errorf("month %s: %w", t.Month, err)
		}
	}
	return outcomes, nil
}

// rostered are the facts of the i-th month with the roster that the outcome of
// the month before gives.
func rostered(list []Truth, outcomes []domain.Outcome, i int) domain.Facts {
	if i == 0 {
		return withRoster(list[i].Facts, domain.Bool(false), domain.Money(0))
	}
	before := outcomes[i-1]
	if !before.Determined() {
		return withRoster(list[i].Facts, domain.Value{}, domain.Value{})
	}
	f, single := before.Single()
	if !single {
		f = before.Max()
		if d := list[i-1].Decided; d != nil {
			f = before.Nearest(*d)
		}
	}
	return withRoster(list[i].Facts, domain.Bool(f > 0), domain.Money(f))
}
