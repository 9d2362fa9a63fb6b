package review

import (
	"slices"
	"testing"

	"leeway/domain"
	"leeway/domain/replay"
)

func asked() *EvidenceAsked {
	return &EvidenceAsked{By: by("2020-10-13"), ID: "q1", Matter: "m1", Of: "bank", Missing: []string{"source_error_confirmed"}, Until: day("2020-10-20")}
}

func appraised() *Appraised {
	return &Appraised{By: by("2020-10-14"), Person: "w1", Matter: "m1", Motive: words("a"), Conditions: words("b"), Procedure: words("c"), Nature: words("d"), Consequences: words("e"), Recovery: words("f"),
		Mitigating: []string{"M02"}, Aggravating: []string{"A01"}, Investigators: []string{"r1", "r2"}}
}

// TestEvidenceIsAskedFor: a request stands until it is answered once, by
// evidence or by nothing held, and its day shows among the limits.
func TestEvidenceIsAskedFor(t *testing.T) {
	for name, e := range map[string]Event{
		"fault:id":          edit(asked(), func(e *EvidenceAsked) { e.ID = "" }),
		"fault:matter":      edit(asked(), func(e *EvidenceAsked) { e.Matter = "m9" }),
		"fault:of, missing": edit(asked(), func(e *EvidenceAsked) { e.Missing = nil }),
		"fault:until":       edit(asked(), func(e *EvidenceAsked) { e.Until = day("2020-10-12") }),
	} {
		if got := refusedBy(upTo(t, "replayed").try("r1", e)); got != name {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := refusedBy(upTo(t, "cited").try("r1", asked())); got != "order" {
		t.Errorf("before acceptance: %q", got)
	}
	f := upTo(t, "replayed").must("r1", asked())
	open := func() bool {
		return slices.ContainsFunc(f.Deadlines(weekdays{}, DefaultLimits(), f.today), func(d Deadline) bool { return d.Step == "supply q1" && !d.Done && d.Overdue })
	}
	if !open() {
		t.Error("the request is no limit that runs")
	}
	give := func(evidence []string, none bool) *EvidenceGiven {
		return &EvidenceGiven{By: by("2020-10-15"), ID: "q1", Evidence: evidence, NoData: none}
	}
	if got := refusedBy(f.try("b1", give(nil, false))); got != "fault:evidence" {
		t.Errorf("an answer that says nothing: %q", got)
	}
	if got := refusedBy(f.try("b1", give([]string{"p1"}, true))); got != "fault:evidence" {
		t.Errorf("an answer that says both: %q", got)
	}
	f.must("b1", give(nil, true))
	if open() {
		t.Error("the answered request still runs")
	}
	if got := refusedBy(f.try("r1", give([]string{"p1"}, false))); got != "order" {
		t.Errorf("a second answer: %q", got)
	}
}

// TestAppraisal: two investigators sign all six dimensions; what they tick
// counts beside the rules and takes nothing away.
func TestAppraisal(t *testing.T) {
	f := upTo(t, "duty")
	for guard, e := range map[string]Event{
		"two-investigators": edit(appraised(), func(e *Appraised) { e.Investigators = []string{"r1"} }),
		"fault:nature":      edit(appraised(), func(e *Appraised) { e.Nature.Present = false }),
		"fault:person":      edit(appraised(), func(e *Appraised) { e.Person = "x" }),
	} {
		if got := refusedBy(f.try("r1", e)); got != guard {
			t.Errorf("%s: %q", guard, got)
		}
	}
	before := f.suggest(replay.ConductWork)
	f.must("r1", appraised())
	after := f.suggest(replay.ConductWork)
	if before.Outcome != NotExempt || after.Outcome != Lighter || !slices.Equal(after.Mitigating, []string{"M02"}) || !slices.Equal(after.Aggravates, []string{"A01"}) {
		t.Errorf("before %+v, after %+v", before, after)
	}
	f.must("r1", edit(appraised(), func(e *Appraised) { e.Day, e.Mitigating, e.Aggravating = day("2020-10-15"), nil, nil }))
	if s := f.suggest(replay.ConductWork); s.Outcome != NotExempt {
		t.Errorf("the newer sheet does not stand over the older one: %+v", s)
	}
}

func (f *file) suggest(verdict string) Suggestion {
	m, _ := f.Matter("m1")
	return f.Suggest(Assessment{Pair: Pair{"w1", "m1"}, Matter: m, Months: []replay.Month{{Month: feb, Actors: []replay.Conduct{{Actor: domain.Actor{Person: "w1"}, Verdict: verdict}}}}})
}
