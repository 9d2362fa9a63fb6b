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
	ids, err := s.chosen(ctx, which)
	if err != nil {
		return Reconciliation{}, nil, err
	}
	t := NewTally(from, to)
	for _, id := range ids {
		entries, err := s.entries(ctx, id)
		if err != nil {
			return Reconciliation{}, nil, err
		}
		t.Add(id, entries)
	}
	return t.Against(file), t.Totals(), nil
}

// A Tally adds up what the ledger says was paid, case by case.
type Tally struct {
	from, to domain.Month
	paid     map[paidFor]domain.Fen
	totals   map[domain.Month]map[string]*MonthTotal
}

// paidFor is what a payment is compared by.
type paidFor struct {
	id    string
	month domain.Month
}

// NewTally is a tally of the months between two, both included; none: no limit.
func NewTally(from, to domain.Month) *Tally {
	return &Tally{from, to, map[paidFor]domain.Fen{}, map[domain.Month]map[string]*MonthTotal{}}
}

func (t *Tally) holds(m domain.Month) bool {
	return (t.from == 0 || m >= t.from) && (t.to == 0 || m <= t.to)
}

// Add counts a case with all its steps.
func (t *Tally) Add(id string, entries []Entry) {
	c := fold(id, entries)
	addTotals(t.totals, entries, c, t.from, t.to)
	for _, p := range c.Payments {
		if t.holds(p.Month) {
			t.paid[paidFor{id, p.Month}] += p.Amount
		}
	}
}

// Totals are the sums by month and programme.
func (t *Tally) Totals() []MonthTotal { return sortedTotals(t.totals) }

// Against holds what was counted against a file.
func (t *Tally) Against(file []PaidLine) Reconciliation {
	sums := map[paidFor]*Difference{}
	at := func(k paidFor) *Difference {
		if sums[k] == nil {
			sums[k] = &Difference{Case: k.id, Month: k.month}
		}
		return sums[k]
	}
	for k, fen := range t.paid {
		at(k).Ledger = fen
	}
	for _, l := range file {
		if t.holds(l.Month) {
			at(paidFor{l.Case, l.Month}).File += l.Amount
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
	return r
}
