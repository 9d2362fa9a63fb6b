package bulk

import (
	"context"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
)

// Reconciled is what the ledger says was paid to a population, held against a
// file of whoever paid.
type Reconciled struct {
	casework.Reconciliation
	Totals   []casework.MonthTotal `json:"totals"`
	Cases    int                   `json:"cases"`
	Fallback []Fallback            `json:"fallback"` // cases read from their events
}

// Reconcile adds up the payments of the months between two, both included, and
// compares them with a file by case and month. A case that cannot be read is an
// error: a sum that leaves one out would be no sum.
func (r Run) Reconcile(ctx context.Context, from, to domain.Month, file []casework.PaidLine) (*Reconciled, error) {
	w, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.progress.Total = w.heads.Cases()
	pages, failed := make(chan []*job, 1), make(chan error, 1)
	go func() {
		defer close(pages)
		failed <- w.read(ctx, pages)
	}()
	tally, out := casework.NewTally(from, to), &Reconciled{Fallback: []Fallback{}}
	for page := range pages {
		for _, j := range page {
			w.progress.Done++
			entries, err := w.entries(ctx, j)
			if err != nil {
				cancel()
				for range pages { // let the reader end
				}
				return nil, err
			}
			if j.why != "" {
				out.Fallback = append(out.Fallback, Fallback{j.id, j.why})
			}
			if c := casework.StateOf(j.id, entries); c.Exists() && w.Which.takes(c.Office, c.Programme) {
				out.Cases++
				tally.Add(j.id, entries)
			}
		}
		if w.Done != nil {
			w.Done(w.progress)
		}
	}
	if err := <-failed; err != nil {
		return nil, err
	}
	out.Reconciliation, out.Totals = tally.Against(file), tally.Totals()
	return out, nil
}

// entries are the steps of a case, from its dossier where that is believed.
func (w *worker) entries(ctx context.Context, j *job) ([]casework.Entry, error) {
	if j.why != "" {
		return w.Desk.Events(ctx, j.id)
	}
	if !w.Which.takes(j.dossier.Office, j.dossier.Programme) {
		return nil, nil
	}
	var entries []casework.Entry
	err := j.dossier.Each(func(env domain.Envelope, e eligibility.Event) error {
		entries = append(entries, casework.Entry{Envelope: env, Event: e})
		return nil
	})
	return entries, err
}
