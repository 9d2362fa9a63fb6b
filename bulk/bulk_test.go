package bulk_test

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"testing"
	"time"

	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/eventstore/memory"
	"leeway/policies"
	"leeway/projections"
	"leeway/simulate"
)

var asOf = domain.Date(2021, 3, 31)

type library struct{ *policies.Library }

func (library) Engine() string { return "test" }

func (l library) Fingerprint(v domain.PackVersion, on domain.Day, programme string) (string, error) {
	p, err := l.PlanOn(v, on)
	if err != nil {
		return "", err
	}
	return p.Fingerprint(programme), nil
}

// city is a small simulated city with its read models.
type city struct {
	t     testing.TB
	rules library
	desk  *casework.Service
	db    *projections.DB
}

func newCity(t testing.TB, percent int) *city {
	t.Helper()
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	rules := library{lib}
	c := &city{t, rules, &casework.Service{Store: memory.New(), Rules: rules, Now: func() time.Time { return asOf.Start().Add(20 * time.Hour) }}, nil}
	t.Cleanup(func() { c.desk.Store.Close() })
	var files []*bytes.Buffer
	if _, err := (simulate.City{Seed: 3, Percent: percent}).Write(func(string) (io.Writer, error) {
		files = append(files, new(bytes.Buffer))
		return files[len(files)-1], nil
	}, io.Discard, 100); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		c.imports(f.String())
	}
	if c.db, err = projections.Open(context.Background(), filepath.Join(t.TempDir(), "models.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.db.Close() })
	if err := c.db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.catchUp()
	return c
}

func (c *city) imports(text string) {
	c.t.Helper()
	file, err := casework.ReadCaseFile(bytes.NewReader([]byte(text)), c.rules, asOf)
	if err == nil {
		_, err = c.desk.Import(context.Background(), file, nil)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// finds puts a late discovery on record.
func (c *city) finds(id string, fen domain.Fen) {
	c.t.Helper()
	if _, err := c.desk.Record(context.Background(), casework.Request{Actor: domain.Actor{Person: "i1", Office: "bureau", Post: "inspection"}}, id,
		&eligibility.FactsDiscovered{On: eligibility.On{Day: domain.Date(2021, 3, 1)}, How: "report",
			Statements: []domain.Statement{{Subject: "m1", Attribute: "income", Item: "labour", Value: domain.Money(fen), ValidFrom: domain.Date(2019, 1, 1)}}}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *city) catchUp() {
	c.t.Helper()
	p := &projections.Projector{DB: c.db, Store: c.desk.Store}
	if err := p.CatchUp(context.Background()); err != nil {
		c.t.Fatal(err)
	}
}

func (c *city) run() bulk.Run {
	return bulk.Run{Models: c.db.Bench(), Desk: c.desk, Rules: c.rules, AsOf: asOf, Part: projections.Part(0, 1)}
}

// same compares what was found, whatever way it came about.
func (c *city) do(r bulk.Run) (string, bulk.Counts) {
	c.t.Helper()
	s, counts, err := r.Do(context.Background())
	if err != nil || len(s.Failed) > 0 {
		c.t.Fatalf("%v, %v", s, err)
	}
	b, err := domain.Canonical(s)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b), counts
}

// TestDossiersGiveWhatEventsGive replays a city from dossiers, in one piece, in
// parts, and case by case from the events.
func TestDossiersGiveWhatEventsGive(t *testing.T) {
	c := newCity(t, 1)
	whole, counts := c.do(c.run())
	want, err := c.desk.Survey(t.Context(), casework.Which{}, asOf, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := domain.Canonical(want)
	if err != nil || string(b) != whole {
		t.Errorf("from events\n%.2000s\nfrom dossiers\n%.2000s", b, whole)
	}
	if counts.Replayed != want.Cases || counts.FromLog != 0 {
		t.Errorf("%+v for %d cases", counts, want.Cases)
	}
	cases, hits := 0, 0
	for i := range 3 {
		r := c.run()
		r.Part = projections.Part(i, 3)
		s, _, err := r.Do(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		cases, hits = cases+s.Cases, hits+len(s.Hits)
	}
	if cases != want.Cases || hits != len(want.Hits) {
		t.Errorf("three parts have %d cases and %d hits, the whole %d and %d", cases, hits, want.Cases, len(want.Hits))
	}
}

// TestStaleDossierIsNotBelieved adds an event that the read models have not
// seen: the case is read from its events, and the result says so.
func TestStaleDossierIsNotBelieved(t *testing.T) {
	c := newCity(t, 1)
	id := "Q000001"
	_, before := c.do(c.run())
	if before.FromLog != 0 {
		t.Fatalf("%+v", before)
	}
	c.finds(id, 1100)
	stale, counts := c.do(c.run())
	if counts.FromLog != 1 || len(counts.Differ) != 1 || counts.Differ[0] != id {
		t.Errorf("%+v", counts)
	}
	c.catchUp()
	if fresh, counts := c.do(c.run()); fresh != stale || counts.FromLog != 0 {
		t.Errorf("what was read from events differs from the dossiers that caught up: %+v", counts)
	}
}

// TestOnlyWhatCanChangeIsReplayedAgain goes on from a state: nothing changed, a
// case changed, a run was cut off, and rules were published that mean something
// else for some of the cases.
func TestOnlyWhatCanChangeIsReplayedAgain(t *testing.T) {
	c := newCity(t, 1)
	var state bytes.Buffer
	run := func() (string, bulk.Counts) {
		r := c.run()
		r.State = bulk.ReadState(bytes.NewReader(bytes.Clone(state.Bytes())), &state)
		return c.do(r)
	}
	first, counts := run()
	all := counts.Replayed
	if counts.Reused != 0 || all == 0 {
		t.Fatalf("%+v", counts)
	}
	if again, counts := run(); again != first || counts.Replayed != 0 || counts.Reused != all {
		t.Errorf("nothing changed: %+v", counts)
	}
	c.finds("Q000002", 900)
	c.catchUp()
	second, counts := run()
	if counts.Replayed != 1 || second == first {
		t.Errorf("one case changed: %+v", counts)
	}
	// The end of the state is cut off, as a run that was stopped leaves it.
	state.Truncate(state.Len() - 20)
	if again, counts := run(); again != second || counts.Replayed != 1 {
		t.Errorf("cut off: %+v", counts)
	}
	if got, _ := c.do(c.run()); got != second {
		t.Error("the state gives another result than no state")
	}

	// The test pack is published once more with other rules: only its cases can
	// change. Those of the city's own pack stay.
	_, own := c.do(bulk.Run{Models: c.db.Bench(), Desk: c.desk, Rules: c.rules, AsOf: asOf, Part: projections.Part(0, 1), Filter: bulk.Filter{Pack: "test-only"}})
	v, err := c.rules.Resolve("test-only", "1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.desk.Note(t.Context(), casework.Request{Actor: domain.Actor{Person: "a1", Office: "bureau", Post: "registry"}},
		&eligibility.RulesActivated{On: eligibility.On{Day: domain.Date(2021, 3, 3)}, Rules: v, Approvals: approved(v)}); err != nil {
		t.Fatal(err)
	}
	if _, counts := run(); counts.Replayed != own.Replayed || counts.Reused != all-own.Replayed || own.Replayed == 0 {
		t.Errorf("another version of a pack of %d cases: %+v", own.Replayed, counts)
	}
}

// TestFilters narrows a run.
func TestFilters(t *testing.T) {
	c := newCity(t, 1)
	_, all := c.do(c.run())
	for name, f := range map[string]bulk.Filter{
		"office": {Office: "t05"}, "pack": {Pack: "test-only"}, "worker": {Worker: "w03"}, "months": {From: domain.MonthOf(2020, 12)},
	} {
		r := c.run()
		r.Filter = f
		s, counts, err := r.Do(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range s.Hits {
			if f.Office != "" && h.Office != f.Office || f.From != 0 && h.Month < f.From {
				t.Errorf("%s: %+v", name, h)
			}
		}
		if narrowed := counts.Skipped > 0; narrowed == (name == "months") || counts.Replayed+counts.Skipped != all.Replayed {
			t.Errorf("%s: %+v of %+v", name, counts, all)
		}
	}
}

// BenchmarkReplayAll replays a tenth of the city from dossiers in memory of one
// process: cases a second on all cores.
func BenchmarkReplayAll(b *testing.B) {
	c := newCity(b, 5)
	cases := 0
	for b.Loop() {
		_, counts := c.do(c.run())
		cases += counts.Replayed
	}
	b.ReportMetric(float64(cases)/b.Elapsed().Seconds(), "cases/s")
}

// approved are two words for the bytes of a version.
func approved(v domain.PackVersion) []domain.Approval {
	return []domain.Approval{{Person: "p1", Role: "policy_administrator", Digest: v.Digest}, {Person: "r1", Role: "reviewer", Digest: v.Digest}}
}
