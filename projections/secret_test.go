package projections

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/review"
)

// personal are words of people in the histories of the tests.
var personal = []string{"张三丰", "429005198001012345", "园林街道七号", "他隐瞒了收入", "李四", "6222000011112222", "患有重病"}

// TestNothingPersonalInAnyColumn puts personal data into every event type that
// has any, and looks for it in every table of both engines, whole files of
// SQLite included.
func TestNothingPersonalInAnyColumn(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s, jan := newStory(t), domain.Date(2020, 1, 2)
		s.handled("F1")
		for _, e := range []eligibility.Event{
			&eligibility.MemberJoined{On: on(jan), Member: eligibility.Person{ID: "m4", Relation: "child", Name: domain.Personal("m4", "李四")}, From: jan},
			&eligibility.BenefitPaid{On: on(jan), Month: feb, Account: domain.Personal("m1", "6222000011112222")},
			&eligibility.ApplicationNotAccepted{On: on(jan), Text: domain.Personal("m1", "患有重病")},
			&eligibility.ComplaintReceived{Taken: taken(jan), Text: domain.Personal("m1", "患有重病")},
			&eligibility.FactsDiscovered{On: on(jan), Note: domain.Personal("m1", "患有重病")},
		} {
			s.put("case-F1", townWorker, e)
		}
		s.reviewed("R1", "F1", "served")
		caughtUp(t, db, s)
		rows := dump(t, db)
		for _, word := range personal {
			if strings.Contains(rows, word) {
				t.Errorf("%s lies in a table", word)
			}
		}
		if !strings.Contains(rows, `"sealed":true`) {
			t.Error("the dossiers hold no mark of what is sealed: the test looked at nothing")
		}
	})
}

// everything a worker can see, as he gets it.
func everything(t *testing.T, db *DB, who domain.Actor, cases []string) string {
	t.Helper()
	ctx, desk := context.Background(), db.Desk(who)
	var seen []any
	note := func(v any, err error) {
		text := ""
		if err != nil {
			text = err.Error()
		}
		seen = append(seen, v, text)
	}
	pagesOf := func(ask func(Ask) (any, string, error)) {
		for a := (Ask{Limit: 2}); ; {
			rows, next, err := ask(a)
			note(rows, err)
			if a.Cursor = next; next == "" {
				return
			}
			seen = append(seen, next) // a cursor is shown, too
		}
	}
	pagesOf(func(a Ask) (any, string, error) { p, err := desk.Cases(ctx, a); return p.Rows, p.Next, err })
	pagesOf(func(a Ask) (any, string, error) { p, err := desk.MyCases(ctx, a); return p.Rows, p.Next, err })
	pagesOf(func(a Ask) (any, string, error) {
		p, err := desk.Rechecks(ctx, domain.Date(2022, 1, 1), a)
		return p.Rows, p.Next, err
	})
	pagesOf(func(a Ask) (any, string, error) { p, err := desk.OwnDecisions(ctx, a); return p.Rows, p.Next, err })
	pagesOf(func(a Ask) (any, string, error) {
		p, err := db.Board(who.Office).Roster(ctx, feb+3, a)
		return p.Rows, p.Next, err
	})
	pagesOf(func(a Ask) (any, string, error) {
		p, err := db.Board(who.Office).Notices(ctx, domain.Date(2020, 6, 1), a)
		return p.Rows, p.Next, err
	})
	for _, id := range cases {
		note(desk.Case(ctx, id))
		pagesOf(func(a Ask) (any, string, error) { p, err := desk.Timeline(ctx, id, a); return p.Rows, p.Next, err })
	}
	for _, name := range []string{"张三丰", "李四"} {
		hits, _, err := desk.Persons(ctx, testIndex(""), domain.IndexName, name)
		note(hits, err)
	}
	note(desk.MyLoad(ctx))
	note(desk.OwnRecord(ctx))
	note(db.Board(who.Office).Totals(ctx, feb+3))
	return string(must(json.Marshal(seen)))
}

// TestNoTipOff is rule 16 as a property: take any history, put complaints,
// clues, reviews and events that the desk may not see in between, anywhere,
// and nothing that a worker can ask changes by a byte: no row, no count, no
// time, no cursor.
func TestNoTipOff(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		cases := []string{"F1", "F2", "f1"}
		check(t, db, func(r *rapid.T) {
			open, secret := newStory(r), newStory(r)
			for _, id := range cases {
				for _, s := range []*story{open, secret} {
					s.put("case-"+id, townWorker, caseOpened(domain.Date(2020, 1, 2)))
				}
			}
			for range rapid.IntRange(1, 25).Draw(r, "length") {
				id, actor, step := rapid.SampledFrom(cases).Draw(r, "case"), rapid.SampledFrom([]domain.Actor{townWorker, townOther, approver}).Draw(r, "actor"), anyStep(r)
				open.put("case-"+id, actor, step)
				secret.put("case-"+id, actor, step)
				if rapid.Bool().Draw(r, "secret") {
					secret.aside(r, id)
				}
			}
			got := [2]string{}
			for i, s := range []*story{open, secret} {
				wipe(t, db)
				caughtUp(t, db, s)
				got[i] = everything(t, db, townWorker, cases) + everything(t, db, approver, cases)
			}
			if got[0] != got[1] {
				r.Fatalf("a worker could tell:\n%s\n%s", got[0], got[1])
			}
		})
	})
}

// aside puts something on record that no worker of the town may notice, and
// leaves the ids and times of what follows as they would have been.
func (s *story) aside(t *rapid.T, id string) {
	count, clock := s.count, s.clock
	s.count = (s.spent + 1) << 40
	s.spent++
	day := anyDay.Draw(t, "secret day")
	hidden := domain.Actor{Person: "r1", Office: "organ", Post: "reviewer"}
	switch rapid.IntRange(0, 5).Draw(t, "secret kind") {
	case 5: // a name that the case has already
		s.hidden(domain.Visibility{"office:organ"}, func() {
			s.put("case-"+id, hidden, &eligibility.MemberJoined{On: on(day), From: day, Member: eligibility.Person{ID: "m1", Relation: "child", Name: domain.Personal("m1", "张三丰")}})
		})
	case 0:
		s.put("case-"+id, hidden, &eligibility.ComplaintReceived{Taken: taken(day)})
	case 1:
		s.hidden(domain.Visibility{"office:organ"}, func() { s.put("case-"+id, hidden, anyStep(t)) })
	case 2:
		s.hidden(domain.Visibility{"post:auditor", "office:organ"}, func() { s.put("case-"+id, hidden, &eligibility.DeathRecorded{On: on(day), Member: "m1", Died: day}) })
	case 3:
		stream := review.ClueStream(id)
		s.put(stream, hidden, &review.ClueRegistered{By: by(review.Reviewer, day), Case: id, Persons: []string{"w1"}, Source: review.FromReport, Reporter: "whistle"})
	case 4:
		if _, ok := s.last["review-R-"+id]; !ok {
			s.reviewed("R-"+id, id, "served")
		}
	}
	s.count, s.clock = count, clock
}
