package bulk

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
	"leeway/domain/casework"
)

// TestReconcileIsThatOfTheStore: from dossiers the same comes out as from the
// events, with and without a file and a filter.
func TestReconcileIsThatOfTheStore(t *testing.T) {
	c := newCity(t)
	from, to := domain.MonthOf(2020, 7), domain.MonthOf(2020, 8)
	file := []casework.PaidLine{{Case: "F1", Month: from, Amount: 37800}, {Case: "F3", Month: from, Amount: 1}, {Case: "nobody", Month: to, Amount: 5}}
	for _, which := range []Which{{}, {Office: "zhugentan"}, {Programme: "temporary"}} {
		want, totals, err := c.desk.Reconcile(t.Context(), casework.Which{Office: which.Office, Programme: which.Programme}, from, to, file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Run{Desk: c.desk, Bench: c.db.Bench(), Which: which}.Reconcile(t.Context(), from, to, file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got.Reconciliation) + cmp.Diff(totals, got.Totals); d != "" || len(got.Fallback) > 0 {
			t.Errorf("%+v: %s %v", which, d, got.Fallback)
		}
		if which == (Which{}) && !slices.Contains(got.Differences, casework.Difference{Case: "nobody", Month: to, File: 5}) {
			t.Errorf("a case that the ledger does not know is missing: %+v", got.Differences)
		}
	}
}
