package projections

import (
	"context"
	"errors"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// poisons are events that cannot be projected, each with what its reason says.
var poisons = map[string]struct {
	put  func(*story)
	says string
	read bool // it can be read; only what would store it refuses it
}{
	"bytes that are no envelope": {func(s *story) {
		s.raw("case-F1", "decision-made.v1", s.uuid(), []byte(`{"suite":`))
	}, "not as they were written", false},
	"an envelope from another place": {func(s *story) {
		e := s.envelope("case-F2", townWorker, &eligibility.ApplicationAccepted{Taken: taken(domain.Date(2020, 1, 5))})
		delete(s.last, "case-F2")
		s.raw("case-F1", e.Type, e.ID, must(e.Encode()))
	}, "it was written as", false},
	"a type that the program does not know": {func(s *story) {
		s.put("case-F1", townWorker, unheardOf{})
	}, `"unheard-of.v9" is not one of a case`, false},
	"a field that the program does not know": {func(s *story) {
		s.put("case-F1", townWorker, odd{Day: "2020-01-05", Colour: "red"})
	}, `unknown field "colour"`, false},
	"a text that PostgreSQL cannot hold": {func(s *story) {
		o := caseOpened(domain.Date(2020, 1, 5))
		o.Pack = "p\x00q"
		s.put("case-F1", townWorker, o)
	}, "a text with a NUL", true},
}

type unheardOf struct{}

func (unheardOf) EventType() string { return "unheard-of.v9" }

type odd struct {
	Day    string `json:"day"`
	Colour string `json:"colour"`
}

func (odd) EventType() string { return "application-accepted.v1" }

// TestPoisonStopsTheProjection has a poison event come in while a projector
// runs: the projections that read it stop in front of it with an alarm and it
// is listed; the others go on; nothing behind it is applied, and readers keep
// what was there.
func TestPoisonStopsTheProjection(t *testing.T) {
	for name, poison := range poisons {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, db *DB) {
				s := newStory(t)
				s.handled("F1")
				stop := running(t, projectorOf(db, s))
				level(t, db, s)
				before, _ := db.Bench().Timeline(t.Context(), "F1", Ask{Limit: 100})
				poison.put(s)
				s.put("case-F1", townWorker, &eligibility.ApplicationAccepted{Taken: taken(domain.Date(2020, 3, 5))})
				s.put(accessPrefix+"s1", townWorker, &domain.Access{Kind: "read", Case: "F1"})
				eventually(t, "a listed poison event of the register, and the access log at the end", func() bool {
					page, _ := db.Bench().Viewed(context.Background(), "F1", Ask{})
					return listed(t, db, "cases") && listed(t, db, "timeline") != poison.read && len(page.Rows) == 1
				})
				stop()
				wantPoison(t, db, "cases", poison.says)
				alarms, err := db.Alarms(t.Context())
				if err != nil || len(alarms) == 0 || alarms[0].Mend == "" || !strings.Contains(alarms[0].Reason, poison.says) {
					t.Errorf("alarms %+v, %v", alarms, err)
				}
				after, err := db.Bench().Timeline(t.Context(), "F1", Ask{Limit: 100})
				if err != nil || !poison.read && len(after.Rows) != len(before.Rows) {
					t.Errorf("timeline has %d rows, had %d, %v", len(after.Rows), len(before.Rows), err)
				}
			})
		})
	}
}

func listed(t *testing.T, db *DB, projection string) bool {
	t.Helper()
	list, err := db.Poisoned(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.Projection == projection {
			return true
		}
	}
	return false
}

// wantPoison checks what is listed of the 15th event, and where the projection
// stands.
func wantPoison(t *testing.T, db *DB, projection, says string) {
	t.Helper()
	c, err := db.checkpointOf(t.Context(), projection)
	if err != nil || c.position != 14 || c.state != stateStopped {
		t.Errorf("%s stands at %d, %s, %v; want 14, stopped", projection, c.position, c.state, err)
	}
	list, err := db.Poisoned(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.Projection != projection {
			continue
		}
		if p.Position != 15 || p.Stream != "case-F1" || p.Revision != 14 || !strings.Contains(p.Reason, says) || p.Since.IsZero() {
			t.Errorf("listed %+v, want position 15 and %q", p, says)
		}
		return
	}
	t.Errorf("%s is not on the list %+v", projection, list)
}

// TestResumeGoesOnWhereItStopped lets a projection try again, once while the
// event is as it was and once with a fold that can take it.
func TestResumeGoesOnWhereItStopped(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		good := specs[0]
		bad := good
		bad.make = func(o Options) model { return panicky{good.make(o), eligibility.CaseClosed{}.EventType()} }
		p := projectorOf(db, s)
		p.specs = []spec{bad}
		if err := p.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.put("case-F1", townWorker, &eligibility.CaseClosed{On: on(domain.Date(2020, 9, 1))})
		s.put("case-F2", townWorker, caseOpened(domain.Date(2020, 9, 2)))
		for range 2 {
			if err := p.CatchUp(t.Context()); !errors.Is(err, ErrPoison) || !strings.Contains(err.Error(), "this fold fails") {
				t.Fatalf("CatchUp = %v", err)
			}
			wantPoison(t, db, "cases", "this fold fails")
			if err := db.Resume(t.Context(), "cases"); err != nil {
				t.Fatal(err)
			}
			if !listed(t, db, "cases") {
				t.Error("a poison event leaves the list before it was applied")
			}
		}
		p.CatchUp(t.Context())
		p.specs = []spec{good}
		if err := p.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if alarms, err := db.Alarms(t.Context()); len(alarms) > 0 || listed(t, db, "cases") || err != nil {
			t.Errorf("after all is well: alarms %+v, %v", alarms, err)
		}
		c, err := db.Desk(townWorker).Case(t.Context(), "F1")
		if page, _ := db.Bench().Cases(t.Context(), Ask{}); err != nil || c.Stage != "closed" || len(page.Rows) != 2 {
			t.Errorf("case %+v, %d cases, %v", c, len(page.Rows), err)
		}
	})
}

// panicky is a model whose fold fails on one type.
type panicky struct {
	model
	on string
}

func (m panicky) fold(e *event) {
	if e.Type == m.on {
		panic("this fold fails")
	}
	m.model.fold(e)
}

// TestPoisonInARebuildLeavesTheRestAlone builds two projections at once, one of
// which cannot take an event: that one keeps its old rows and stops, the other
// one is built.
func TestPoisonInARebuildLeavesTheRestAlone(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		caughtUp(t, db, s)
		want, _ := db.Desk(townWorker).Case(t.Context(), "F1")
		s.put("case-F1", townWorker, &eligibility.CaseClosed{On: on(domain.Date(2020, 9, 1))})
		bad, good := only("cases")[0], only("rechecks")[0]
		bad.version, good.version = 2, 2
		bad.make = func(o Options) model { return panicky{newCases(o), eligibility.CaseClosed{}.EventType()} }
		p := projectorOf(db, s)
		p.specs = []spec{bad, good}
		if err := p.CatchUp(t.Context()); !errors.Is(err, ErrPoison) {
			t.Fatalf("CatchUp = %v", err)
		}
		wantPoison(t, db, "cases", "this fold fails")
		if got, err := db.Desk(townWorker).Case(t.Context(), "F1"); err != nil || got != want {
			t.Errorf("readers see %+v, %v", got, err)
		}
		if c, err := db.checkpointOf(t.Context(), "rechecks"); err != nil || c.version != 2 || c.position != 15 {
			t.Errorf("the other one stands at %d with version %d, %v", c.position, c.version, err)
		}
	})
}

// TestDatabaseErrorIsNoPoison has a write fail for reasons that lie outside of
// the event: it is tried again and nothing is listed.
func TestDatabaseErrorIsNoPoison(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	s.handled("F1")
	caughtUp(t, db, s)
	s.handled("F2")
	failures := 0
	db.writer.mu.Lock()
	db.writer.fault = func(text string) error {
		if strings.HasPrefix(text, "INSERT INTO timeline") && failures < 7 {
			failures++
			return errors.New("disk is full")
		}
		return nil
	}
	db.writer.mu.Unlock()
	running(t, projectorOf(db, s))
	level(t, db, s)
	if list, err := db.Poisoned(t.Context()); len(list) > 0 || err != nil || failures != 7 {
		t.Errorf("%d failures, listed %+v, %v", failures, list, err)
	}
}
