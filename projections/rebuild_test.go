package projections

import (
	"context"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// rebuilt asks for a rebuild of every projection and waits for it.
func rebuilt(t testing.TB, db *DB, s eventstore.Store) {
	t.Helper()
	for _, name := range Names() {
		if err := db.Rebuild(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	caughtUp(t, db, s)
}

// TestRebuildEqualsIncremental is the promise of the room: rows depend on the
// events alone, not on how they came in. The history is applied in pieces of
// random size, one event by one among them, and then built again at once.
func TestRebuildEqualsIncremental(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		check(t, db, func(r *rapid.T) {
			s := newStory(r)
			wipe(t, db)
			for range rapid.IntRange(1, 6).Draw(r, "pieces") {
				for range rapid.SampledFrom([]int{1, 1, 5, 20}).Draw(r, "piece") {
					s.happen(r)
				}
				caughtUp(t, db, s)
			}
			incremental := dump(t, db)
			rebuilt(t, db, s)
			if again := dump(t, db); again != incremental {
				r.Fatalf("%s\nincremental and rebuilt differ:\n%s", s.tally(), firstDifference(incremental, again))
			}
		})
	})
}

// TestEnginesAgree holds both engines to the same rows in the same order, with
// ids whose order depends on how text is compared.
func TestEnginesAgree(t *testing.T) {
	lite, pg := sqliteIn(t), postgresIn(t)
	check(t, pg, func(r *rapid.T) {
		s := newStory(r)
		s.history(r)
		wipe(t, lite)
		wipe(t, pg)
		caughtUp(t, lite, s)
		caughtUp(t, pg, s)
		if a, b := dump(t, lite), dump(t, pg); a != b {
			r.Fatalf("SQLite and PostgreSQL differ:\n%s", firstDifference(a, b))
		}
	})
}

// wipe takes a database back to the beginning.
func wipe(t testing.TB, db *DB) {
	t.Helper()
	err := db.update(context.Background(), func(w tx) error {
		tables := []string{"projection", "poison"}
		for _, s := range specs {
			for _, rows := range s.make(Options{}).sets() {
				tables = append(tables, rows.of().name)
			}
		}
		for _, name := range tables {
			if _, err := w.exec(context.Background(), "DELETE FROM "+name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReadersSeeOldRowsUntilTheSwap stops a rebuild in front of its end and
// asks meanwhile.
func TestReadersSeeOldRowsUntilTheSwap(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		caughtUp(t, db, s)
		before := dump(t, db)
		for i := range 20 {
			s.handled("G" + strings.Repeat("x", i))
		}
		if err := db.Rebuild(t.Context(), "timeline"); err != nil {
			t.Fatal(err)
		}
		p := projectorOf(db, s)
		p.specs = only("timeline")
		seen := ""
		p.Report = func(pr Progress) {
			if !pr.Done {
				seen = dump(t, db)
			}
		}
		if err := p.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if seen != before {
			t.Errorf("during the rebuild:\n%s", firstDifference(before, seen))
		}
		if rows, err := db.Bench().Timeline(t.Context(), "G", Ask{}); err != nil || len(rows.Rows) != 14 {
			t.Errorf("after it %d rows, %v", len(rows.Rows), err)
		}
	})
}

func only(name string) []spec {
	for _, s := range specs {
		if s.name == name {
			return []spec{s}
		}
	}
	panic(name)
}

// TestOnlyTheChangedProjectionIsRebuilt changes one version and adds one
// projection, and looks at what is built.
func TestOnlyTheChangedProjectionIsRebuilt(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		p := projectorOf(db, s)
		p.specs = specs[:4]
		if err := p.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		next := projectorOf(db, s)
		next.specs = append([]spec(nil), specs[:5]...) // one more
		next.specs[1].version++
		var built []string
		next.Report = func(pr Progress) {
			if pr.Done {
				built = append(built, pr.Names...)
			}
		}
		if err := next.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []string{specs[1].name, specs[4].name}; strings.Join(built, " ") != strings.Join(want, " ") {
			t.Errorf("built %v, want %v", built, want)
		}
		again := projectorOf(db, s)
		again.specs = next.specs
		again.Report = func(pr Progress) { t.Errorf("%v is built again", pr.Names) }
		if err := again.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestAnotherStoreMeansARebuild gives the read models another store, one that
// is shorter and one that is longer: a checkpoint means nothing there.
func TestAnotherStoreMeansARebuild(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		long := newStory(t)
		long.handled("F1")
		long.handled("F2")
		caughtUp(t, db, long)
		short := newStory(t)
		short.count = 500
		short.handled("G1")
		caughtUp(t, db, short)
		other := newStory(t)
		other.count = 900
		for _, id := range []string{"H1", "H2", "H3"} {
			other.handled(id)
		}
		caughtUp(t, db, other)
		page, err := db.Bench().Cases(t.Context(), Ask{})
		if err != nil || len(page.Rows) != 3 || page.Rows[0].ID != "H1" {
			t.Errorf("cases %+v, %v", page.Rows, err)
		}
	})
}

func TestOldGenerationsAreSwept(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		caughtUp(t, db, s)
		rebuilt(t, db, s)
		before := dump(t, db)
		for _, sp := range specs {
			if err := db.sweep(t.Context(), sp, Options{}); err != nil {
				t.Fatal(err)
			}
		}
		var rows, old int
		if err := db.read.QueryRow(`SELECT count(*), coalesce(sum(CASE WHEN gen < 2 THEN 1 ELSE 0 END), 0) FROM timeline`).Scan(&rows, &old); err != nil {
			t.Fatal(err)
		}
		if rows != 14 || old != 0 || dump(t, db) != before {
			t.Errorf("%d rows, %d of them old", rows, old)
		}
	})
}

// TestRebuildWithoutRoom is a rebuild whose events come while it runs: the end
// of the store is where it was when the last pass began.
func TestRebuildTakesWhatComesMeanwhile(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	s.handled("F1")
	p := projectorOf(db, s)
	p.Report = func(pr Progress) {
		if !pr.Done && s.last["case-F9"] == 0 {
			s.handled("F9")
		}
	}
	if err := p.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	caughtUp(t, db, s)
	incremental := dump(t, db)
	rebuilt(t, db, s)
	if again := dump(t, db); again != incremental {
		t.Error(firstDifference(incremental, again))
	}
}

func TestNotBuiltIsNotEmpty(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		if _, err := db.Bench().Cases(t.Context(), Ask{}); !errors.Is(err, ErrNotBuilt) {
			t.Errorf("before the first build: %v", err)
		}
		s := newStory(t)
		caughtUp(t, db, s)
		if page, err := db.Bench().Cases(t.Context(), Ask{}); err != nil || len(page.Rows) != 0 {
			t.Errorf("of an empty store: %+v, %v", page, err)
		}
		s.put(eligibility.SourcesStream, approver, &eligibility.SourceConnected{On: on(domain.Date(2020, 1, 1)), Source: "bank"})
		caughtUp(t, db, s)
		if err := db.Rebuild(t.Context(), "nothing"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("rebuild of nothing: %v", err)
		}
	})
}
