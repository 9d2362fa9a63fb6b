package casework

import (
	"cmp"
	"context"
	"slices"

	"leeway/domain"
)

// PaidLine is one payment as somebody else has it, such as the paying agent.
type PaidLine struct {
	Case   string
	Month  domain.Month
	Amount domain.Fen
}

// Difference is a case and month for which the ledger says that another amount
// was paid than the file. Nothing on one side counts as 0.
type Difference struct {
	Case   string       `json:"case"`
	Month  domain.Month `json:"month"`
	Ledger domain.Fen   `json:"ledger"`
	File   domain.Fen   `json:"file"`
}

// Reconciliation is what came of a comparison by case and month.
type Reconciliation struct {
	Matched     int          `json:"matched"` // cases and months that are equal
	Differences []Difference `json:"differences"`
}

// Reconcile holds the payments of the ledger for each case and benefit month
// against those of a file, and adds them up by month. Of the file only the
// months between two count, both included; none: no limit. A line of a case that
// the ledger does not know is a difference, and so is one that belongs to another
// office than is asked about.
func (s *Service) Reconcile(ctx context.Context, which Which, from, to domain.Month, file []PaidLine) (Reconciliation, []MonthTotal, error) {
	type key struct {
		id    string
		month domain.Month
	}
	within := func(m domain.Month) bool { return (from == 0 || m >= from) && (to == 0 || m <= to) }
	sums := map[key]*Difference{}
	at := func(id string, m domain.Month) *Difference {
		k := key{id, m}
		if sums[k] == nil {
			sums[k] = &Difference{Case: id, Month: m}
		}
		return sums[k]
	}
	ids, err := s.chosen(ctx, which)
	if err != nil {
		return Reconciliation{}, nil, err
	}
	totals := map[domain.Month]map[string]*MonthTotal{}
	for _, id := range ids {
		entries, err := s.entries(ctx, id)
		if err != nil {
			return Reconciliation{}, nil, err
		}
		c := fold(id, entries)
		addTotals(totals, entries, c, from, to)
		for _, p := range c.Payments {
			if within(p.Month) {
				at(id, p.Month).Ledger += p.Amount
			}
		}
	}
	for _, l := range file {
		if within(l.Month) {
			at(l.Case, l.Month).File += l.Amount
		}
	}
	r := Reconciliation{Differences: []Difference{}}
	for _, d := range sums {
		if d.Ledger == d.File {
			r.Matched++
		} else {
			r.Differences = append(r.Differences, *d)
		}
	}
	slices.SortFunc(r.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.Month, b.Month))
	})
	return r, sortedTotals(totals), nil
}
