package projections

import (
	"fmt"
	"slices"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/domain/review"
)

var (
	feb   = domain.MonthOf(2020, 2)
	trace = review.ReplayRef{Event: "t1", Inputs: "in1", Trace: "tr1"}
	board = []review.Member{{Person: "r1", Office: "organ"}, {Person: "r2", Office: "organ"}, {Person: "h1", Office: "organ"}}
)

func by(as review.Role, d domain.Day) review.By { return review.By{Day: d, As: as} }

// steps of a review of w1 and a1 in one matter of a case, by name, in order.
func reviewSteps(id string) (names []string, events map[string]review.Event) {
	d := domain.Date(2020, 10, 8)
	list := []struct {
		name  string
		event review.Event
	}{
		{"opened", &review.Opened{By: by(review.Worker, d), Route: review.ByWorker, Organ: "organ",
			Matters: []review.Matter{{ID: "m1", Case: id, Act: "e5", Day: domain.Date(2020, 1, 16), From: feb, To: feb + 1}},
			Parties: []review.Party{{Person: "w1", Office: "town", Post: "intake", Matters: []string{"m1"}}, {Person: "a1", Office: "county", Post: "approver", Matters: []string{"m1"}}}}},
		{"cited", &review.Cited{By: by(review.Worker, d), Person: "w1", Matter: "m1", Ground: "G01", Words: domain.Personal("w1", "他隐瞒了收入")}},
		{"cited 2", &review.Cited{By: by(review.Worker, d), Person: "w1", Matter: "m1", Ground: "G02"}},
		{"accepted", &review.Accepted{By: by(review.Head, d+1), Reviewers: []string{"r1", "r2"}}},
		{"recusal", &review.RecusalRaised{By: by(review.Reviewer, d+1), Person: "r2", Cause: review.OtherRisk}},
		{"replayed", &review.Replayed{By: by(review.Reviewer, d+5), Matter: "m1", Replay: trace, Class: replay.EAppl,
			Money: []review.MonthMoney{{Month: feb, Over: 18000}, {Month: feb + 1, Under: 5000}}}},
		{"opinion", &review.OpinionFiled{By: by(review.Bureau, d+7), Matter: "m1", Replay: "tr1"}},
		{"ordered", &review.CorrectionOrdered{By: by(review.Reviewer, d+7), ID: "k1", Matter: "m1", Measure: review.C3Recover, Owner: "b1", Office: "county",
			Due: domain.Date(2020, 12, 31), Fraud: true, Months: []eligibility.MonthAmount{{Month: feb, Amount: 18000}}}},
		{"consulted", &review.Consulted{By: by(review.Reviewer, d+18), Members: slices.Clone(board), Minutes: "M-1"}},
		{"determined", &review.Determined{By: by(review.Reviewer, d+20), Collective: review.Collective{Members: slices.Clone(board), For: 3, Minutes: "M-2"},
			Findings: []review.Result{
				{Person: "w1", Matter: "m1", Outcome: review.Exempt, Grounds: []string{"G01"}, Replay: trace, Remedy: review.Objection},
				{Person: "a1", Matter: "m1", Outcome: review.Diligent, Replay: trace, Remedy: review.Objection}},
			Suggestions: []review.Suggestion{{Person: "w1", Matter: "m1", Outcome: review.Exempt, Proved: []string{"G01", "G14"}}, {Person: "a1", Matter: "m1", Outcome: review.Diligent}}}},
		{"served", &review.Served{By: by(review.Reviewer, d+22), Person: "w1", Receipt: "S-1"}},
	}
	events = map[string]review.Event{}
	for _, s := range list {
		names, events[s.name] = append(names, s.name), s.event
	}
	return names, events
}

// reviewed puts a review of a case on record up to a step, and returns the
// ids of its events by step.
func (s *story) reviewed(id, caseID, last string) map[string]string {
	s.t.Helper()
	ids := map[string]string{}
	names, events := reviewSteps(caseID)
	for _, name := range names {
		ids[name] = s.put("review-"+id, reviewer, events[name]).ID
		if name == last {
			return ids
		}
	}
	s.t.Fatal(fmt.Sprintf("no step %q", last))
	return nil
}

func TestReviewQueue(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.reviewed("R1", "F1", "opened")
		s.reviewed("R2", "F1", "recusal")
		s.reviewed("R3", "F2", "determined")
		s.put("review-R4", reviewer, must(first(reviewSteps("F1"))))
		s.put("review-R4", reviewer, &review.Withdrawn{By: by(review.Worker, domain.Date(2020, 10, 9))})
		caughtUp(t, db, s)
		page, err := db.Bench().Queue(t.Context(), "organ", Ask{})
		if err != nil {
			t.Fatal(err)
		}
		// Acceptance is due five working days after the opening, verification
		// thirty after acceptance, service five after the determination.
		var got []string
		for _, r := range page.Rows {
			got = append(got, fmt.Sprintf("%s %s %s %s recusals %d", r.ID, r.Stage, r.Step, r.Due, r.Recusals))
		}
		want := []string{"R1 opened accept 2020-10-15 recusals 0", "R3 determined serve 2020-11-04 recusals 1", "R2 accepted verify 2020-11-20 recusals 1"}
		if !slices.Equal(got, want) {
			t.Errorf("queue\n%v, want\n%v", got, want)
		}
		if r := page.Rows[1]; r.Over != 18000 || r.Under != 5000 || r.Persons != 2 || r.Matters != 1 {
			t.Errorf("money at stake and parts: %+v", r)
		}
		of, err := db.Bench().CaseReviews(t.Context(), "F1")
		if err != nil || len(of) != 3 || of[2].ID != "R4" || of[2].Due != 0 {
			t.Errorf("reviews of F1: %+v, %v", of, err)
		}
		if page, err := db.Bench().Queue(t.Context(), "Organ", Ask{}); err != nil || len(page.Rows) != 0 {
			t.Errorf("another organ has %+v, %v", page.Rows, err)
		}
	})
}

func first(names []string, events map[string]review.Event) (review.Event, error) {
	return events[names[0]], nil
}

// TestOnlyDeterminedErrorsEnterTheRecord follows one officer's record: nothing
// before the determination, an error after it, nothing where the person had
// taken all care, and nothing once an act was suspended.
func TestOnlyDeterminedErrorsEnterTheRecord(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		errors := func(person string) []Found {
			caughtUp(t, db, s)
			page, err := db.Bench().Errors(t.Context(), person, Ask{})
			if err != nil {
				t.Fatal(err)
			}
			return page.Rows
		}
		names, events := reviewSteps("F1")
		for _, name := range names[:9] {
			s.put("review-R1", reviewer, events[name])
			if got := errors("w1"); len(got) != 0 {
				t.Errorf("after %s the record holds %+v", name, got)
			}
		}
		determined := s.put("review-R1", reviewer, events["determined"])
		s.put("review-R1", reviewer, events["served"])
		got := errors("w1")
		if len(got) != 1 || got[0].Outcome != "exempt" || got[0].Class != "E-APPL" || got[0].Post != "intake" || got[0].Served.String() != "2020-10-30" ||
			!slices.Equal(got[0].Grounds, []string{"G01"}) {
			t.Errorf("determined: %+v", got)
		}
		if got := errors("a1"); len(got) != 0 {
			t.Errorf("who had taken all care has %+v", got)
		}
		s.put("review-R1", reviewer, &review.GuardBreached{By: by(review.Machine, domain.Date(2020, 11, 1)), Act: determined.ID, Guard: "recusal"})
		if got := errors("w1"); len(got) != 0 {
			t.Errorf("suspended: %+v", got)
		}
	})
}

func TestGroundsCitedProvedAccepted(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.reviewed("R1", "F1", "determined")
		s.reviewed("R2", "F2", "accepted")
		caughtUp(t, db, s)
		got, err := db.Bench().Grounds(t.Context())
		want := []GroundUse{{"town", "G01", 2, 1, 1}, {"town", "G02", 2, 0, 0}, {"town", "G14", 0, 1, 0}}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("grounds %+v, %v; want %+v", got, err, want)
		}
	})
}

func TestCorrectionsStayUntilTheyAreAccepted(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.reviewed("R1", "F1", "served")
		d := domain.Date(2020, 12, 18)
		for _, step := range []struct {
			event review.Event
			state string
		}{
			{nil, "proposed"},
			{&review.CorrectionBacked{By: by(review.Bureau, d), ID: "k1", Decision: "e19", Reasoned: true, Served: d, Remedies: true}, "ordered"},
			{&review.CorrectionDone{By: by(review.Bureau, d+2), ID: "k1", Evidence: []string{"e20"}}, "done"},
			{&review.CorrectionAccepted{By: by(review.Reviewer, d+3), ID: "k1"}, ""},
		} {
			if step.event != nil {
				s.put("review-R1", reviewer, step.event)
			}
			caughtUp(t, db, s)
			page, err := db.Bench().Corrections(t.Context(), "county", Ask{})
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case step.state == "" && len(page.Rows) == 0:
			case len(page.Rows) == 1 && page.Rows[0].State == step.state && page.Rows[0].Amount == 18000 && page.Rows[0].Case == "F1":
			default:
				t.Errorf("%+v, want state %q", page.Rows, step.state)
			}
		}
	})
}
