package casework

import (
	"context"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// An OwnReport is what an officer reported of an error of his own in a case
// under review, beside what the newest replay makes of the months.
type OwnReport struct {
	Case     string         `json:"case"`
	Event    string         `json:"event"`
	Person   string         `json:"person"`
	Day      domain.Day     `json:"day"`
	Recorded domain.Instant `json:"recorded_at"`
	Months   []OwnMonth     `json:"months"`
	// Compared says of each comparison with a clue whether the report came
	// first. It is for the discipline organ alone.
	Compared []bool `json:"compared,omitempty"`
}

// OwnMonth is a month of a report. The correction is what should have been paid
// less what was; below zero too much was paid. The replay's is B − P in the same
// sense, and absent where the matter was not replayed or B is undetermined.
type OwnMonth struct {
	Month      domain.Month `json:"month"`
	Paid       domain.Fen   `json:"paid"`
	Proposed   domain.Fen   `json:"proposed"` // what should have been paid, as reported
	Correction domain.Fen   `json:"correction"`
	Replayed   *domain.Fen  `json:"replayed,omitempty"`
}

// OwnReports are the officers' own reports in the cases of a review, for who
// reads the whole file; a party gets none.
func (v *Reviews) OwnReports(ctx context.Context, as Identity, id string) ([]OwnReport, error) {
	r, err := v.Review(ctx, as, id)
	if err != nil || as.Role == review.Worker || as.Role == review.Unit {
		return nil, err
	}
	var list []OwnReport
	for _, caseID := range r.Cases() {
		entries, err := v.Desk.entries(ctx, caseID)
		if err != nil {
			return nil, err
		}
		c := fold(caseID, entries)
		months, err := v.replayedMonths(ctx, r, caseID)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			said, ok := e.Event.(*eligibility.FactsDiscovered)
			if !ok || said.How != eligibility.SelfFound {
				continue
			}
			report := OwnReport{Case: caseID, Event: e.ID, Person: e.Actor.Person, Day: said.Day, Recorded: e.RecordedAt, Months: []OwnMonth{}}
			for _, m := range said.Months {
				report.Months = append(report.Months, ownMonth(c, m, months))
			}
			if report.Compared, err = v.compared(ctx, as, caseID, e.ID); err != nil {
				return nil, err
			}
			list = append(list, report)
		}
	}
	return list, nil
}

// ownMonth puts a proposal beside what was paid and what the replay found.
func ownMonth(c *eligibility.Case, said eligibility.MonthAmount, months []replay.Month) OwnMonth {
	paid, _ := c.PaidFor(said.Month)
	m := OwnMonth{Month: said.Month, Paid: paid, Proposed: said.Amount, Correction: said.Amount - paid}
	i := slices.IndexFunc(months, func(x replay.Month) bool { return x.Month == said.Month })
	if i < 0 {
		return m
	}
	if b, ok := months[i].Node("B"); ok && b.Outcome.Determined() {
		owed := months[i].Underpaid - months[i].Overpaid
		m.Replayed = &owed
	}
	return m
}

// replayedMonths are the months of a case as the newest replays of its matters
// have them.
func (v *Reviews) replayedMonths(ctx context.Context, r *review.Review, caseID string) ([]replay.Month, error) {
	var months []replay.Month
	for _, m := range r.Matters {
		x, ok := r.Replay(m.ID)
		if !ok || m.Case != caseID {
			continue
		}
		report, err := v.report(ctx, x.Ref)
		if err != nil {
			return nil, err
		}
		months = append(months, report.Months...)
	}
	return months, nil
}

// compared are the comparisons of a report with clues, for the discipline organ.
func (v *Reviews) compared(ctx context.Context, as Identity, caseID, event string) (first []bool, err error) {
	if !as.Role.Discipline() {
		return nil, nil
	}
	clues, err := v.Clues(ctx, as, caseID)
	for _, c := range clues {
		for _, x := range c.Compared {
			if x.Event == event {
				first = append(first, x.First)
			}
		}
	}
	return first, err
}
