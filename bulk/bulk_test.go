package bulk

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
	"leeway/eventstore/memory"
	"leeway/policies"
	"leeway/projections"
	"leeway/simulate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var asOf = domain.Date(2021, 9, 1)

type rules struct{ *policies.Library }

func (rules) Engine() string { return "test" }

// plain stands in for the vault: it keeps the text as it is.
type plain struct{}

func (plain) Seal(_, _ string, f domain.PrivateField) (domain.Sealed, error) {
	return domain.Sealed{Field: f.Path, Subject: f.Data.Subject, Key: "k", Nonce: []byte{0}, Ciphertext: []byte(f.Data.Text), Commitment: []byte{0}}, nil
}

func (plain) Open(_, _ string, s domain.Sealed) (string, error) { return string(s.Ciphertext), nil }

// city is the sample cases in a store, with their dossiers beside it.
type city struct {
	desk *casework.Service
	db   *projections.DB
	file string

	entitled []simulate.Entitled // of a made-up city
}

func newCity(t testing.TB) *city {
	t.Helper()
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	c := &city{file: filepath.Join(t.TempDir(), "models.db")}
	c.desk = &casework.Service{Store: memory.New(), Rules: rules{lib}, Sealer: plain{}, Now: func() time.Time { return asOf.Start().Add(20 * time.Hour) }}
	names, err := filepath.Glob("../cmd/leeway/demo/*.ndjson")
	if err != nil || len(names) < 30 {
		t.Fatal("no samples", err)
	}
	for _, name := range names {
		c.load(t, name)
	}
	if c.db, err = projections.Open(context.Background(), c.file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.db.Close(); err != nil {
			t.Error(err)
		}
		c.desk.Store.Close()
	})
	c.catchUp(t)
	return c
}

func (c *city) load(t testing.TB, name string) {
	t.Helper()
	in, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	f, err := casework.ReadCaseFile(in, c.desk.Rules, asOf)
	if err == nil {
		_, err = c.desk.Import(context.Background(), f, nil)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func (c *city) catchUp(t testing.TB) {
	t.Helper()
	p := &projections.Projector{DB: c.db, Store: c.desk.Store, Only: []string{"dossiers"}}
	if err := p.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (c *city) run(t testing.TB, r Run) *Outcome {
	t.Helper()
	r.Desk, r.Bench = c.desk, c.db.Bench()
	out, err := r.Do(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// edit changes the database behind the back of everybody.
func (c *city) edit(t testing.TB, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", c.file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if r, err := db.Exec(statement, args...); err != nil {
		t.Fatal(err)
	} else if n, _ := r.RowsAffected(); n == 0 {
		t.Fatal("nothing was edited")
	}
}

// TestSameAsOneByOne holds the population against the replay of each case by
// itself, from its events.
func TestSameAsOneByOne(t *testing.T) {
	c := newCity(t)
	want, err := c.desk.Survey(context.Background(), casework.Which{}, asOf, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := c.run(t, Run{})
	if d := cmp.Diff(want, got.Survey); d != "" {
		t.Error(d)
	}
	if got.Replayed != want.Cases || len(got.Fallback) > 0 || got.Overpaid == 0 || got.Underpaid == 0 {
		t.Errorf("replayed %d of %d, %d from events, over %d, under %d", got.Replayed, want.Cases, len(got.Fallback), got.Overpaid, got.Underpaid)
	}
}

// TestDossiersAreNotBelieved changes, cuts and loses dossiers: the answer is the
// same, and says which were not believed.
func TestDossiersAreNotBelieved(t *testing.T) {
	c := newCity(t)
	want := c.run(t, Run{}).Survey
	c.edit(t, `UPDATE dossier_events SET envelope = CAST(replace(CAST(envelope AS TEXT), '"amount":37800', '"amount":99900') AS BLOB) WHERE stream = 'case-F1'`)
	c.edit(t, `DELETE FROM dossier_events WHERE stream = 'case-F2' AND revision = (SELECT max(revision) FROM dossier_events WHERE stream = 'case-F2')`)
	c.edit(t, `DELETE FROM dossiers WHERE stream = 'case-F3'`)
	got := c.run(t, Run{})
	if d := cmp.Diff(want, got.Survey); d != "" {
		t.Error(d)
	}
	var ids []string
	for _, f := range got.Fallback {
		ids = append(ids, f.Case)
	}
	if d := cmp.Diff([]string{"F1", "F2", "F3"}, ids); d != "" {
		t.Errorf("not believed: %s\n%v", d, got.Fallback)
	}
}

func (c *city) kept(t testing.TB, name string, r Run) *Outcome {
	t.Helper()
	k, err := OpenKept(name)
	if err != nil {
		t.Fatal(err)
	}
	r.Kept = k
	out := c.run(t, r)
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestOnlyWhatChanged runs again on kept results: after nothing, after a line was
// cut, after a case went on, and after a version that means something else to
// one programme only.
func TestOnlyWhatChanged(t *testing.T) {
	c := newCity(t)
	name := filepath.Join(t.TempDir(), "kept.ndjson")
	first := c.kept(t, name, Run{})
	if again := c.kept(t, name, Run{}); again.Replayed != 0 || again.Reused != first.Replayed {
		t.Errorf("nothing changed: replayed %d, reused %d", again.Replayed, again.Reused)
	} else if d := cmp.Diff(first.Survey, again.Survey); d != "" {
		t.Error(d)
	}
	text, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, text[:len(text)-7], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if cut := c.kept(t, name, Run{}); cut.Replayed != 1 {
		t.Errorf("one line was cut: replayed %d", cut.Replayed)
	} else if d := cmp.Diff(first.Survey, cut.Survey); d != "" {
		t.Error(d)
	}
	c.note(t, "F2", `{"case":"F2","type":"benefit-paid.v1","actor":{"person":"f1","office":"finance","post":"payout"},"data":{"day":"2021-08-30","month":"2020-08","amount":37800}}`)
	c.catchUp(t)
	more := c.kept(t, name, Run{})
	if more.Replayed != 1 {
		t.Errorf("one case went on: replayed %d", more.Replayed)
	}
	if d := cmp.Diff(c.run(t, Run{}).Survey, more.Survey); d != "" {
		t.Error(d)
	}
}

// note adds a line to the file of a case and imports it again.
func (c *city) note(t testing.TB, id, text string) {
	t.Helper()
	names, err := filepath.Glob(fmt.Sprintf("../cmd/leeway/demo/%c%02s-*.ndjson", id[0], id[1:]))
	if err != nil || len(names) != 1 {
		t.Fatal(id, names, err)
	}
	b, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "more.ndjson")
	if err := os.WriteFile(name, append(b, text+"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	c.load(t, name)
}

// TestFilters asks for parts of the population.
func TestFilters(t *testing.T) {
	c := newCity(t)
	all := c.run(t, Run{})
	for _, x := range []struct {
		name string
		w    Which
		ok   func(replay.Hit) bool
	}{
		{"programme", Which{Programme: "tekun"}, func(h replay.Hit) bool { return h.Programme == "tekun" }},
		{"month", Which{From: domain.MonthOf(2020, 7), To: domain.MonthOf(2020, 7)}, func(h replay.Hit) bool { return h.Month == domain.MonthOf(2020, 7) }},
		{"rule", Which{Rule: "test-only/2"}, func(h replay.Hit) bool { return h.Case == "F13" }},
		{"worker", Which{Worker: "nobody"}, func(replay.Hit) bool { return false }},
	} {
		var want []replay.Hit
		for _, h := range all.Survey.Hits {
			if x.ok(h) {
				want = append(want, h)
			}
		}
		got := c.run(t, Run{Which: x.w})
		if len(got.Survey.Hits) != len(want) {
			t.Errorf("%s: %d differences, want %d of %d", x.name, len(got.Survey.Hits), len(want), len(all.Survey.Hits))
		}
	}
}
