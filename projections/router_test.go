package projections

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// flaky is a model whose fold fails so many times on one type, and then takes
// it.
type flaky struct {
	model
	on   string
	left *atomic.Int32
}

func (m flaky) fold(e *event) {
	if e.Type == m.on && m.left.Add(-1) >= 0 {
		panic("not yet")
	}
	m.model.fold(e)
}

// TestRetryComesBeforeThePoisonQueue has a fold fail less often than Retry
// tries, and once more than that: only then is the event listed.
func TestRetryComesBeforeThePoisonQueue(t *testing.T) {
	for fails, poison := range map[int32]bool{1: false, 2: false, 20: true} {
		db, s := sqliteIn(t), newStory(t)
		s.handled("F1")
		left := new(atomic.Int32)
		left.Store(fails)
		sp := only("cases")[0]
		sp.make = func(o Options) model { return flaky{newCases(o), eligibility.CaseClosed{}.EventType(), left} }
		p := projectorOf(db, s)
		p.specs = []spec{sp}
		stop := running(t, p)
		stands := func(state string, closed bool) bool {
			c, err := db.checkpointOf(context.Background(), "cases")
			return err == nil && c.state == state && (c.position == 15) == closed
		}
		eventually(t, "level", func() bool { return stands(stateLive, false) })
		s.put("case-F1", townWorker, &eligibility.CaseClosed{On: on(domain.Date(2020, 9, 1))})
		if poison {
			eventually(t, "stopped", func() bool { return stands(stateStopped, false) })
		} else {
			eventually(t, "applied", func() bool { return stands(stateLive, true) })
		}
		stop()
		if got := listed(t, db, "cases"); got != poison {
			t.Errorf("after %d failures the event is listed: %v", fails, got)
		}
	}
}

// TestStoppedAnywhere runs projectors on a growing store and stops each after a
// random number of statements, by ending its context in the middle of its
// work. Whatever was cut, the rows are in the end those of one undisturbed
// build.
func TestStoppedAnywhere(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		check(t, db, func(r *rapid.T) {
			wipe(t, db)
			s := newStory(r)
			for range rapid.IntRange(1, 5).Draw(r, "runs") {
				for range rapid.IntRange(1, 8).Draw(r, "events") {
					s.happen(r)
				}
				stopAfter(t, db, s, rapid.IntRange(1, 60).Draw(r, "statements"))
			}
			freed(t, db)
			caughtUp(t, db, s)
			got := dump(t, db)
			wipe(t, db)
			caughtUp(t, db, s)
			if want := dump(t, db); got != want {
				r.Fatalf("%s\nstopped and undisturbed differ:\n%s", s.tally(), firstDifference(want, got))
			}
		})
	})
}

// stopAfter runs a projector until it has made so many statements, or has
// nothing to do any more.
func stopAfter(t *testing.T, db *DB, s *story, statements int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	n := 0
	setFault(db, func(string) error {
		if n++; n == statements {
			cancel()
		}
		return nil
	})
	p := projectorOf(db, s)
	p.Run(ctx) // it may have been cut while it connected, and say so
	setFault(db, nil)
}

func setFault(db *DB, f func(string) error) {
	db.writer.mu.Lock()
	defer db.writer.mu.Unlock()
	db.writer.fault = f
}

// TestProgressOfARebuild follows the reports of a rebuild of several batches.
func TestProgressOfARebuild(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	for i := range 600 {
		s.handled(fmt.Sprintf("F%d", i))
	}
	p := projectorOf(db, s)
	var reports []Progress
	p.Report = func(pr Progress) { reports = append(reports, pr) }
	if err := p.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(reports) != 6 { // 8400 events: four whole batches and a part, and the end
		t.Fatalf("%d reports", len(reports))
	}
	for i, pr := range reports {
		if want := min(int64(i+1)*rebuildBatch, 8400); pr.Events != want || pr.Done != (i == 5) || len(pr.Names) != len(specs) || pr.Rate <= 0 || pr.At.IsZero() {
			t.Errorf("report %d: %+v, want %d events", i, pr, want)
		}
	}
}

// TestSweepBesideLiveProjectors deletes old generations while events come in
// and readers ask.
func TestSweepBesideLiveProjectors(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		for i := range 30 {
			s.handled(fmt.Sprintf("F%d", i))
		}
		caughtUp(t, db, s)
		rebuilt(t, db, s)
		running(t, projectorOf(db, s)) // sweeps at once
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for range 20 {
					page, err := db.Desk(townWorker).Timeline(context.Background(), "F7", Ask{Limit: 100})
					if err != nil || len(page.Rows) != 14 {
						t.Errorf("a reader got %d rows, %v", len(page.Rows), err)
					}
				}
			})
		}
		s.handled("G1")
		level(t, db, s)
		readers.Wait()
		eventually(t, "no row of an old generation", func() bool {
			var n int
			err := db.read.QueryRow(`SELECT count(*) FROM timeline WHERE gen < 2`).Scan(&n)
			return err == nil && n == 0
		})
	})
}

// TestCatchUpWaitsForTheHolder has CatchUp meet a projection that somebody else
// moves: it waits as long as its context lets it.
func TestCatchUpWaitsForTheHolder(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	caughtUp(t, db, s)
	if _, free, err := db.acquire(t.Context(), only("money")[0], "server"); !free || err != nil {
		t.Fatal(free, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := projectorOf(db, s).CatchUp(ctx); err == nil {
		t.Error("CatchUp moved what another one holds")
	}
	freed(t, db)
	caughtUp(t, db, s)
}

// TestHousehold folds who lives in a household as a table.
func TestHousehold(t *testing.T) {
	day := domain.Date(2020, 1, 2)
	people := ""
	for i, tt := range []struct {
		event eligibility.Event
		want  string
		size  int64
		says  bool
	}{
		{caseOpened(day), `["m1","m2","m3"]`, 3, true},
		{&eligibility.MemberJoined{Member: eligibility.Person{ID: "m4"}}, `["m1","m2","m3","m4"]`, 4, true},
		{&eligibility.MemberJoined{Member: eligibility.Person{ID: "m4"}}, `["m1","m2","m3","m4"]`, 4, true},
		{&eligibility.MemberLeft{Member: "m2"}, `["m1","m3","m4"]`, 3, true},
		{&eligibility.DeathRecorded{Member: "m1"}, `["m3","m4"]`, 2, true},
		{&eligibility.MemberLeft{Member: "m1"}, `["m3","m4"]`, 2, true}, // who died does not leave, too
		{&eligibility.MemberLeft{Member: "nobody"}, `["m3","m4"]`, 2, true},
		{&eligibility.BenefitPaid{}, `["m3","m4"]`, 2, false},
		{&eligibility.DeathRecorded{Member: "m3"}, `["m4"]`, 1, true},
		{&eligibility.DeathRecorded{Member: "m4"}, `[]`, 0, true},
	} {
		got, says := household(people, tt.event)
		if got != tt.want || says != tt.says || size(got) != tt.size {
			t.Errorf("%d: after %s live there %s (%d, %v), want %s", i, tt.event.EventType(), got, size(got), says, tt.want)
		}
		people = got
	}
	if size("") != 0 {
		t.Error("nobody is counted before the case is open")
	}
}
