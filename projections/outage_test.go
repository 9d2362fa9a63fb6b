package projections

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// breakable makes every write of a database fail while a switch is on.
func breakable(db *DB) *atomic.Bool {
	var off atomic.Bool
	db.writer.mu.Lock()
	defer db.writer.mu.Unlock()
	db.writer.fault = func(string) error {
		if off.Load() {
			return errors.New("the database is away")
		}
		return nil
	}
	return &off
}

// TestDatabaseOutage takes the database away while a projector runs, and gives
// it back: it goes on by itself, nothing is listed, nothing is missing.
func TestDatabaseOutage(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		off := breakable(db)
		off.Store(true)
		p := projectorOf(db, s)
		if err := p.Run(t.Context()); err == nil {
			t.Error("Run began without a database")
		}
		off.Store(false)
		stop := running(t, p)
		level(t, db, s)
		off.Store(true)
		s.handled("F2")
		time.Sleep(30 * time.Millisecond)
		off.Store(false)
		level(t, db, s)
		stop()
		live := dump(t, db)
		rebuilt(t, db, s)
		if list, err := db.Poisoned(t.Context()); len(list) > 0 || err != nil || dump(t, db) != live {
			t.Errorf("listed %+v, %v\n%s", list, err, firstDifference(live, dump(t, db)))
		}
	})
}

// TestResumeWhileRunning stops a projection at an event, mends the program
// under it, and asks for another try.
func TestResumeWhileRunning(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		var mended atomic.Bool
		sp := only("cases")[0]
		sp.make = func(o Options) model {
			if mended.Load() {
				return newCases(o)
			}
			return panicky{newCases(o), eligibility.CaseClosed{}.EventType()}
		}
		p := projectorOf(db, s)
		p.specs = []spec{sp}
		running(t, p)
		stands := func(at eventstore.Position, state string) func() bool {
			return func() bool {
				c, err := db.checkpointOf(context.Background(), "cases")
				return err == nil && c.position == at && c.state == state
			}
		}
		eventually(t, "level with the store", stands(14, stateLive))
		s.put("case-F1", townWorker, &eligibility.CaseClosed{On: on(domain.Date(2020, 9, 1))})
		s.handled("F2")
		eventually(t, "stopped in front of the event", stands(14, stateStopped))
		mended.Store(true)
		if err := db.Resume(t.Context(), "cases"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "at the end of the store", stands(29, stateLive))
		if alarms, err := db.Alarms(t.Context()); len(alarms) > 0 || listed(t, db, "cases") || err != nil {
			t.Errorf("alarms %+v, %v", alarms, err)
		}
	})
}

// TestWaitingForALease has one wait while another holds, releases, and lets it
// run out.
func TestWaitingForALease(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		sp := only("money")[0]
		if err := db.introduce(t.Context(), []spec{sp, sp}); err != nil {
			t.Fatal(err)
		}
		holder, err := db.waitFor(t.Context(), sp, "first")
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan error, 1)
		go func() {
			_, err := db.waitFor(t.Context(), sp, "second")
			got <- err
		}()
		select {
		case err := <-got:
			t.Fatalf("two hold it, %v", err)
		case <-time.After(20 * time.Millisecond):
		}
		holder.Release()
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := db.waitFor(ctx, sp, "third"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting ended with %v", err)
		}
	})
}

// TestDeadlinesFollowTheCalendar builds the queue with holidays and with other
// limits.
func TestDeadlinesFollowTheCalendar(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	s.reviewed("R1", "F1", "opened") // on Thursday, 2020-10-08
	for _, tt := range []struct {
		options Options
		due     string
	}{
		{Options{}, "2020-10-15"},
		{Options{Terms: acceptIn{1, 0}}, "2020-10-09"},
		{Options{Terms: acceptIn{1, domain.Date(2020, 10, 20)}}, "2020-10-20"},
	} {
		wipe(t, db)
		p := projectorOf(db, s)
		p.Options = tt.options
		if err := p.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		page, err := db.Bench().Queue(t.Context(), "organ", Ask{})
		if err != nil || len(page.Rows) != 1 || page.Rows[0].Due.String() != tt.due {
			t.Errorf("due %+v, %v; want %s", page.Rows, err, tt.due)
		}
	}
}

// acceptIn is a pack that gives so many working days to accept, and no working
// day before another.
type acceptIn struct {
	days  int
	until domain.Day
}

func (a acceptIn) Workday(d domain.Day) bool { return d >= a.until }

func (a acceptIn) Whole(standard string) (int, bool) {
	return a.days, standard == "review_accept_workdays"
}

// TestManyReviewsFitIntoMemory folds more reviews than stay open, each in
// steps that come far apart: those that were put away are folded again.
func TestManyReviewsFitIntoMemory(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	names, events := reviewSteps("F1")
	defer func(n int) { openReviews = n }(openReviews)
	openReviews = 3
	for _, name := range names {
		for i := range 8 {
			s.put(fmt.Sprintf("review-R%d", i), reviewer, events[name])
		}
		caughtUp(t, db, s)
	}
	incremental := dump(t, db)
	rebuilt(t, db, s)
	if again := dump(t, db); again != incremental || strings.Count(again, "review_results id=") != 16 {
		t.Errorf("%d results\n%s", strings.Count(again, "review_results id="), firstDifference(incremental, again))
	}
}

func TestPauseGrowsAndEnds(t *testing.T) {
	p := pause{first: time.Millisecond}
	for range 3 {
		if err := p.sleep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if p.next != 80*time.Millisecond {
		t.Errorf("after three sleeps the next is %s", p.next)
	}
	p.next = 4 * time.Second
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.sleep(ctx); !errors.Is(err, context.Canceled) || p.next != 5*time.Second {
		t.Errorf("a sleep that was cut: %v, next %s", err, p.next)
	}
}

// TestQueueKeepsWithinItsLimits fills a queue with more and with larger events
// than go along with one message.
func TestQueueKeepsWithinItsLimits(t *testing.T) {
	events := make(chan eventstore.Recorded, 2000)
	for i := range 1200 {
		r := eventstore.Recorded{Position: eventstore.Position(i + 1)}
		if i >= 1100 {
			r.Data = make([]byte, 300<<10)
		}
		events <- r
	}
	failed := make(chan error, 1)
	failed <- errCut
	close(events)
	q := &queue{events: events, failed: failed}
	var sizes []int
	for at := eventstore.Start; ; {
		batch, err := q.next(t.Context())
		if err != nil {
			if !errors.Is(err, errCut) || at != 1200 {
				t.Errorf("the queue ended at %d with %v", at, err)
			}
			break
		}
		if batch[0].Position != at+1 {
			t.Fatalf("event %d came after %d", batch[0].Position, at)
		}
		sizes = append(sizes, len(batch))
		at = batch[len(batch)-1].Position
		q.skip(at)
	}
	if sizes[0] != maxAhead || sizes[1] != maxAhead || sizes[2] != 1100-2*maxAhead+4 || sizes[len(sizes)-1] != 4 {
		t.Errorf("batches of %v", sizes)
	}
}
