package bulk

import (
	"slices"
	"testing"

	"leeway/domain"
	"leeway/domain/replay"
)

// TestQuestions asks each ready-made list about the sample cases.
func TestQuestions(t *testing.T) {
	c := newCity(t)
	for _, tt := range []struct {
		id       string
		from, to domain.Day
		want     []string // cases
		not      []string
	}{
		{"died-in-window", 0, 0, []string{"F8", "F9"}, []string{"F1"}},
		// The survivors of C14 were paid their own part, and no more.
		{"died-in-window", domain.Date(2020, 1, 24), domain.Date(2020, 6, 13), []string{"C14"}, []string{"F8", "F9"}},
		{"rural-as-urban", 0, 0, []string{"F3", "F4"}, []string{"F1", "F5"}},
		{"kin-unfiled", 0, 0, []string{"CT"}, []string{"F1"}},
	} {
		i := slices.IndexFunc(Questions(), func(q Question) bool { return q.ID == tt.id })
		got, err := Run{Desk: c.desk, Bench: c.db.Bench(), AsOf: asOf}.Ask(t.Context(), Questions()[i], tt.from, tt.to)
		if err != nil {
			t.Fatal(err)
		}
		if got.Cases < 30 || len(got.Failed) > 0 {
			t.Errorf("%s looked at %d cases, %v", tt.id, got.Cases, got.Failed)
		}
		for _, id := range tt.want {
			j := slices.IndexFunc(got.Rows, func(r Row) bool { return r.Case == id })
			if j < 0 {
				t.Errorf("%s from %s to %s does not list %s: %+v", tt.id, tt.from, tt.to, id, got.Rows)
				continue
			}
			if r := got.Rows[j]; len(r.Months) == 0 || r.Paid == 0 || (r.Over == 0) != (id == "C14") || r.Office == "" {
				t.Errorf("%s: %+v", tt.id, r)
			}
		}
		for _, id := range tt.not {
			if slices.ContainsFunc(got.Rows, func(r Row) bool { return r.Case == id }) {
				t.Errorf("%s lists %s", tt.id, id)
			}
		}
	}
}

// TestSourceNarrows: only differences that turn on what the source holds stay.
func TestSourceNarrows(t *testing.T) {
	c := newCity(t)
	out, err := Run{Desk: c.desk, Bench: c.db.Bench(), AsOf: asOf, Which: Which{Source: "death-register"}}.Do(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Survey.Hits) == 0 || slices.ContainsFunc(out.Survey.Hits, func(h replay.Hit) bool { return h.Case == "F3" }) || !slices.ContainsFunc(out.Survey.Hits, func(h replay.Hit) bool { return h.Case == "F9" }) {
		t.Errorf("hits %+v", out.Survey.Hits)
	}
}
