package projections

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// TestLiveEqualsRebuilt appends while a projector runs, and builds the same
// again at once.
func TestLiveEqualsRebuilt(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F0")
		p := projectorOf(db, s)
		stop := running(t, p)
		level(t, db, s)
		for i := range 12 {
			s.handled(fmt.Sprintf("F%d", i+1))
			s.reviewed(fmt.Sprintf("R%d", i), "F1", "served")
		}
		level(t, db, s)
		if n := p.Stats("timeline").Applied.Load(); n == 0 || p.Stats("timeline").Delay.Load() <= 0 {
			t.Errorf("applied %d events, delay %d", n, p.Stats("timeline").Delay.Load())
		}
		stop()
		live := dump(t, db)
		rebuilt(t, db, s)
		if again := dump(t, db); again != live {
			t.Error(firstDifference(live, again))
		}
	})
}

// TestTwoProjectorsShareTheWork runs two at once, stops the first, and starts
// it again, while events come in: each projection is with one of them at a
// time, and nothing is applied twice.
func TestTwoProjectorsShareTheWork(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		stopFirst := running(t, projectorOf(db, s))
		stopSecond := running(t, projectorOf(db, s))
		for i := range 6 {
			s.handled(fmt.Sprintf("F%d", i))
			if i == 2 {
				stopFirst()
			}
			if i == 4 {
				stopFirst = running(t, projectorOf(db, s))
			}
		}
		level(t, db, s)
		stopFirst()
		stopSecond()
		live := dump(t, db)
		rebuilt(t, db, s)
		if again := dump(t, db); again != live {
			t.Error(firstDifference(live, again))
		}
	})
}

// TestStoppedProjectorHoldsNothing stops projectors at once after their start,
// also in the middle of a first build: no lease has to run out.
func TestStoppedProjectorHoldsNothing(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	for i := range 20 {
		s.handled(fmt.Sprintf("F%d", i))
	}
	for i := range 30 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond)
		if err := projectorOf(db, s).Run(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		var held int
		if err := db.read.QueryRow(`SELECT count(*) FROM projection WHERE holder <> ''`).Scan(&held); err != nil || held != 0 {
			t.Fatalf("stopped after %d ms, a projector still holds %d projections, %v", i, held, err)
		}
	}
}

// TestLostLeaseWritesNothing takes a projection away from its holder, who does
// not know: he can neither apply nor renew nor finish a rebuild.
func TestLostLeaseWritesNothing(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		caughtUp(t, db, s)
		sp := only("cases")[0]
		old, free, err := db.acquire(t.Context(), sp, "old")
		if err != nil || !free {
			t.Fatalf("free %v, %v", free, err)
		}
		if _, free, err := db.acquire(t.Context(), sp, "new"); free || err != nil {
			t.Fatalf("two hold it: %v, %v", free, err)
		}
		freed(t, db)
		mine, free, err := db.acquire(t.Context(), sp, "new")
		if err != nil || !free {
			t.Fatalf("a lease that has run out: free %v, %v", free, err)
		}
		before := dump(t, db)
		closing := s.put("case-F1", townWorker, &eligibility.CaseClosed{On: on(domain.Date(2020, 9, 1))})
		var events []*event
		for r, err := range s.All(t.Context(), old.Position()) {
			if err != nil {
				t.Fatal(err)
			}
			events = append(events, read(r))
		}
		if err := old.apply(t.Context(), newCases(Options{}), events); !errors.Is(err, ErrLost) {
			t.Errorf("the old holder applied %s: %v", closing.ID, err)
		}
		if err := old.renew(t.Context()); !errors.Is(err, ErrLost) {
			t.Errorf("the old holder renewed: %v", err)
		}
		if err := projectorOf(db, s).rebuild(t.Context(), []*lease{old}); !errors.Is(err, ErrLost) {
			t.Errorf("the old holder rebuilt: %v", err)
		}
		old.Release() // must not release what is not his
		if _, free, err := db.acquire(t.Context(), sp, "third"); free || err != nil {
			t.Errorf("released by who lost it: %v, %v", free, err)
		}
		if after := dump(t, db); after != before {
			t.Error(firstDifference(before, after))
		}
		if err := mine.apply(t.Context(), newCases(Options{}), events); err != nil {
			t.Errorf("the new holder: %v", err)
		}
	})
}

// TestRebuildOnDemandWhileRunning asks a running projector for a rebuild.
func TestRebuildOnDemandWhileRunning(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	s.handled("F1")
	p := projectorOf(db, s)
	var mu sync.Mutex
	var built []string
	p.Report = func(pr Progress) {
		mu.Lock()
		defer mu.Unlock()
		if pr.Done && len(pr.Names) == 1 {
			built = append(built, pr.Names...)
		}
	}
	running(t, p)
	level(t, db, s)
	if err := db.Rebuild(t.Context(), "rechecks"); err != nil {
		t.Fatal(err)
	}
	s.handled("F2")
	eventually(t, "a rebuild of rechecks", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(built) == 1 && built[0] == "rechecks"
	})
	level(t, db, s)
}

func TestStatusTellsTheLag(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		list, err := db.Status(t.Context(), s)
		if err != nil || len(list) != len(specs) || list[0].State != stateNew || list[0].Lag.Events != 14 || list[0].Version != 0 {
			t.Fatalf("before the first build: %+v, %v", list, err)
		}
		caughtUp(t, db, s)
		s.handled("F2")
		time.Sleep(2 * time.Millisecond)
		list, err = db.Status(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range list {
			if st.State != stateLive || st.Position != 14 || st.Version != st.Program || st.Lag.Events != 14 || st.Lag.More || st.Lag.Age < time.Millisecond || st.Recorded.IsZero() {
				t.Errorf("%+v", st)
			}
		}
		for i := range 75 {
			s.handled(fmt.Sprintf("G%d", i))
		}
		list, err = db.Status(t.Context(), s)
		if err != nil || list[0].Lag.Events != lagMost || !list[0].Lag.More {
			t.Errorf("far behind: %+v, %v", list[0], err)
		}
		if list, err := db.Status(t.Context(), nil); err != nil || list[0].Lag.Events != 0 {
			t.Errorf("without a store: %+v, %v", list[0], err)
		}
	})
}

// TestStoreErrorsReachTheCaller damages the store in the middle of a first
// build, and of catching up: half a history is no history.
func TestStoreErrorsReachTheCaller(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	s.handled("F1")
	broken := &breaking{Store: s, after: 5}
	if err := projectorOf(db, broken).CatchUp(t.Context()); !errors.Is(err, errCut) {
		t.Errorf("CatchUp of a broken store: %v", err)
	}
	if _, err := db.Bench().Cases(t.Context(), Ask{}); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("half a model is shown: %v", err)
	}
	caughtUp(t, db, s)
	s.handled("F2")
	if err := projectorOf(db, &breaking{Store: s, after: 5}).CatchUp(t.Context()); !errors.Is(err, errCut) {
		t.Errorf("CatchUp of a broken store: %v", err)
	}
}

// TestTroubleOfTheStoreIsTold breaks the subscriptions of a store for a while:
// the projector says so, goes on by itself, and says that it does.
func TestTroubleOfTheStoreIsTold(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	s.handled("F1")
	caughtUp(t, db, s)
	broken := &cutting{Store: s.Store, after: 0}
	p := projectorOf(db, broken)
	stop := running(t, p)
	s.put("case-F2", townWorker, caseOpened(domain.Date(2020, 1, 2)))
	eventually(t, "trouble", func() bool {
		why := p.Stats("timeline").Trouble.Load()
		return why != nil && *why == errCut.Error()
	})
	stop()
	p = projectorOf(db, &cutting{Store: s.Store, after: 1}) // one event each time
	running(t, p)
	level(t, db, s)
	eventually(t, "no trouble", func() bool {
		return p.Stats("timeline").Trouble.Load() == nil || p.Stats("timeline").Applied.Load() > 0
	})
}

// breaking is a store whose reads break after some events.
type breaking struct {
	eventstore.Store
	after int
}

func (b *breaking) All(ctx context.Context, after eventstore.Position) seq {
	return func(yield func(eventstore.Recorded, error) bool) {
		n := 0
		for r, err := range b.Store.All(ctx, after) {
			if n++; n > b.after {
				yield(eventstore.Recorded{}, errCut)
				return
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

type seq = iter.Seq2[eventstore.Recorded, error]
