package projections

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// town is two cases of the town, one of them not finished, and one of a
// village that the bureau's approver decided too.
func town(t *testing.T, db *DB) *story {
	t.Helper()
	s := newStory(t)
	s.handled("F1")
	jan := domain.Date(2020, 1, 2)
	s.put("case-F2", townOther, caseOpened(jan))
	s.put("case-F2", townOther, &eligibility.HouseholdSurveyed{On: on(jan + 2), Signed: false})
	s.put("case-F2", townOther, &eligibility.InfoCheckReturned{On: on(jan + 3), Source: "tax", NoData: true})
	v := caseOpened(jan)
	v.Office = "village"
	s.put("case-V1", domain.Actor{Person: "v1", Office: "village", Post: "intake"}, v)
	s.put("case-V1", approver, &eligibility.DecisionMade{On: on(jan + 9), Outcome: eligibility.Refused, From: feb})
	caughtUp(t, db, s)
	return s
}

func ids(lines []CaseLine) (list []string) {
	for _, l := range lines {
		list = append(list, l.ID)
	}
	return list
}

func TestDeskShowsTheCasesOfItsOffice(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		town(t, db)
		desk := db.Desk(townWorker)
		page, err := desk.Cases(t.Context(), Ask{})
		if err != nil || !slices.Equal(ids(page.Rows), []string{"F1", "F2"}) || page.Next != "" {
			t.Errorf("cases %v, next %q, %v", ids(page.Rows), page.Next, err)
		}
		if f1 := page.Rows[0]; f1.Stage != "granted" || f1.Amount != 37800 || f1.From != feb || f1.NoData != 1 || f1.Unsigned || f1.Decided != domain.Date(2020, 1, 16) {
			t.Errorf("F1 is %+v", f1)
		}
		if f2 := page.Rows[1]; f2.Stage != "surveyed" || !f2.Unsigned || f2.Decided != 0 {
			t.Errorf("F2 is %+v", f2)
		}
		at, err := desk.CasesAt(t.Context(), "surveyed", Ask{})
		if err != nil || !slices.Equal(ids(at.Rows), []string{"F2"}) {
			t.Errorf("surveyed: %v, %v", ids(at.Rows), err)
		}
		if other, err := db.Desk(domain.Actor{Person: "w1", Office: "Town", Post: "intake"}).Cases(t.Context(), Ask{}); err != nil || len(other.Rows) != 0 {
			t.Errorf("office Town sees what is town's: %v, %v", ids(other.Rows), err)
		}
	})
}

// TestDeskHidesOtherOffices has every office ask for every case. A case that
// is not an office's is as one that does not exist, but for the bureau, which
// decided in it.
func TestDeskHidesOtherOffices(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		town(t, db)
		for _, tt := range []struct {
			who  domain.Actor
			sees []string
		}{
			{townWorker, []string{"F1", "F2"}},
			{domain.Actor{Person: "v1", Office: "village", Post: "intake"}, []string{"V1"}},
			{approver, []string{"F1", "V1"}},
			{domain.Actor{Person: "x", Office: "elsewhere", Post: "intake"}, nil},
		} {
			for _, id := range []string{"F1", "F2", "V1", "none"} {
				desk := db.Desk(tt.who)
				c, err := desk.Case(t.Context(), id)
				steps, stepsErr := desk.Timeline(t.Context(), id, Ask{})
				if slices.Contains(tt.sees, id) != (err == nil) || err != nil && !errors.Is(err, domain.ErrNotFound) || err == nil && c.ID != id {
					t.Errorf("%s asks for %s: %+v, %v", tt.who.Office, id, c, err)
				}
				if stepsErr != nil || slices.Contains(tt.sees, id) != (len(steps.Rows) > 0) {
					t.Errorf("%s gets %d steps of %s, %v", tt.who.Office, len(steps.Rows), id, stepsErr)
				}
			}
		}
	})
}

// TestPostThatServesOtherOffices is a post of the bureau that handles the
// cases of the village and no others.
func TestPostThatServesOtherOffices(t *testing.T) {
	db := sqliteIn(t)
	town(t, db)
	clerk := domain.Actor{Person: "c1", Office: "bureau", Post: "clerk"}
	for office, serves := range map[string][]string{"village": {"village"}, "town": {eligibility.Everywhere}} {
		desk, err := db.Desk(clerk, serves...).For(office)
		if err != nil {
			t.Fatal(err)
		}
		page, err := desk.Cases(t.Context(), Ask{})
		if err != nil || len(page.Rows) == 0 || page.Rows[0].Office != office {
			t.Errorf("cases of %s: %+v, %v", office, page.Rows, err)
		}
		steps, err := desk.Timeline(t.Context(), page.Rows[0].ID, Ask{})
		if err != nil || len(steps.Rows) == 0 {
			t.Errorf("timeline in %s: %d rows, %v", office, len(steps.Rows), err)
		}
	}
	if _, err := db.Desk(clerk, "village").For("town"); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("an office that is not served: %v", err)
	}
}

func TestMyCasesLoadAndCalendar(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := town(t, db)
		mine, err := db.Desk(townWorker).MyCases(t.Context(), Ask{})
		if err != nil || len(mine.Rows) != 1 {
			t.Fatalf("my cases %+v, %v", mine.Rows, err)
		}
		if c := mine.Rows[0]; c.ID != "F1" || c.Members != 3 || !c.Running || c.Due != domain.Date(2020, 7, 1) {
			t.Errorf("my case is %+v", c)
		}
		load, err := db.Desk(townWorker).MyLoad(t.Context())
		if err != nil || load != (Load{"w1", 1, 1, 3}) {
			t.Errorf("my load %+v, %v", load, err)
		}
		loads, err := db.Bench().Loads(t.Context(), "town")
		if err != nil || !slices.Equal(loads, []Load{{"w1", 1, 1, 3}, {"w2", 1, 0, 0}}) {
			t.Errorf("loads %+v, %v", loads, err)
		}
		// A member dies, the other worker takes the case over, a re-check is
		// done and the next one set.
		day := domain.Date(2020, 6, 1)
		s.put("case-F1", townOther, &eligibility.DeathRecorded{On: on(day), Member: "m3", Died: day, Source: domain.Document})
		s.put("case-F1", townOther, &eligibility.ReverificationDone{On: on(day)})
		caughtUp(t, db, s)
		if cal, err := db.Desk(townOther).Rechecks(t.Context(), domain.Date(2021, 1, 1), Ask{}); err != nil || len(cal.Rows) != 0 {
			t.Errorf("calendar after the re-check: %+v, %v", cal.Rows, err)
		}
		s.put("case-F1", townOther, &eligibility.ReverificationDue{On: on(day), Due: domain.Date(2020, 12, 1), Class: "A"})
		caughtUp(t, db, s)
		for by, want := range map[domain.Day]int{domain.Date(2020, 11, 30): 0, domain.Date(2020, 12, 1): 1} {
			cal, err := db.Desk(townOther).Rechecks(t.Context(), by, Ask{})
			if err != nil || len(cal.Rows) != want || want == 1 && cal.Rows[0].Done != day {
				t.Errorf("due by %s: %+v, %v", by, cal.Rows, err)
			}
		}
		// What the rules ask for counts where it is earlier than what was set, and
		// where nobody set anything.
		asks := func(y, m int) *eligibility.Advice {
			return &eligibility.Advice{Recheck: domain.Date(y, time.Month(m), 1)}
		}
		for _, step := range []struct {
			e    eligibility.Event
			want Recheck
		}{
			{&eligibility.ReverificationDue{On: on(day), Due: domain.Date(2020, 12, 1), Class: "B", Advice: asks(2020, 11)}, Recheck{"F1", domain.Date(2020, 11, 1), "B", day}},
			{&eligibility.ReverificationDue{On: on(day), Class: "C", Advice: asks(2020, 9)}, Recheck{"F1", domain.Date(2020, 9, 1), "C", day}},
			{&eligibility.ReverificationDone{On: on(day + 1), Advice: asks(2020, 10)}, Recheck{"F1", domain.Date(2020, 10, 1), "C", day + 1}},
			{&eligibility.DecisionMade{On: on(day + 2), Outcome: eligibility.Granted, Amount: 37800, From: feb + 5, Advice: asks(2021, 1)}, Recheck{"F1", domain.Date(2021, 1, 1), "C", day + 1}},
		} {
			s.put("case-F1", townOther, step.e)
			caughtUp(t, db, s)
			cal, err := db.Desk(townOther).Rechecks(t.Context(), domain.Date(2021, 12, 31), Ask{})
			if err != nil || len(cal.Rows) != 1 || cal.Rows[0] != step.want {
				t.Errorf("calendar after %s: %+v, %v; want %+v", step.e.EventType(), cal.Rows, err, step.want)
			}
		}
		if load, err := db.Desk(townOther).MyLoad(t.Context()); err != nil || load != (Load{"w2", 2, 1, 2}) {
			t.Errorf("load after the hand-over %+v, %v", load, err)
		}
		s.put("case-F1", townOther, &eligibility.CaseClosed{On: on(day)})
		caughtUp(t, db, s)
		if load, err := db.Desk(townWorker).MyLoad(t.Context()); err != nil || load != (Load{Person: "w1"}) {
			t.Errorf("load of who has none %+v, %v", load, err)
		}
	})
}

// TestTimelineShowsWhatTheReaderMaySee has events for everybody, for one
// office, for one post, for both, and for nobody at the desk.
func TestTimelineShowsWhatTheReaderMaySee(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s, jan := newStory(t), domain.Date(2020, 1, 2)
		s.put("case-F1", townWorker, caseOpened(jan))
		for i, v := range []domain.Visibility{{"office:town"}, {"post:intake"}, {"post:intake", "office:town"}, {"office:Town"}, {"post:auditor"}, {"office:tow%"}} {
			s.hidden(v, func() {
				s.put("case-F1", townWorker, &eligibility.UrgencyRecorded{On: on(jan + domain.Day(i))})
			})
		}
		s.put("case-F1", reviewer, &eligibility.ComplaintReceived{Taken: taken(jan + 9)})
		s.clock = s.clock.AddDate(0, 2, 0)
		s.put("case-F1", townWorker, &eligibility.ChangeReported{On: on(jan + 10)})
		caughtUp(t, db, s)
		page, err := db.Desk(townWorker).Timeline(t.Context(), "F1", Ask{})
		if err != nil {
			t.Fatal(err)
		}
		var days []int
		for _, step := range page.Rows {
			days = append(days, int(step.Day-jan))
		}
		if !slices.Equal(days, []int{0, 0, 1, 2, 10}) {
			t.Errorf("the desk sees what happened on days %v", days)
		}
		if lately := page.Rows[4]; lately.Late != 50 || lately.Actor != townWorker {
			t.Errorf("the late entry is %+v", lately)
		}
		all, err := db.Bench().Timeline(t.Context(), "F1", Ask{})
		if err != nil || len(all.Rows) != 10 || all.Rows[8].Reader != reviewersOnly || all.Rows[3].Reader != "office:town" || all.Rows[4].Reader != "post:intake" {
			t.Errorf("the bench sees %d rows, %+v, %v", len(all.Rows), all.Rows, err)
		}
	})
}

func TestOwnRecordFollowsThePosts(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s, jan := newStory(t), domain.Date(2020, 1, 2)
		post := func(e eligibility.RegisterEvent) { s.put(eligibility.PostsStream, approver, e) }
		post(&eligibility.PostHeld{On: on(jan), Office: "county", Post: "approver", Person: "a1"})
		post(&eligibility.PostHandedOver{On: on(jan + 30), Office: "county", Post: "approver", FromPerson: "a1", ToPerson: "a2", Listed: true})
		post(&eligibility.PostHandedOver{On: on(jan + 60), Office: "county", Post: "approver", FromPerson: "a2", ToPerson: "a1"})
		s.put("case-F1", townWorker, caseOpened(jan))
		decide := func(person string, d domain.Day, due domain.Fen) {
			s.put("case-F1", domain.Actor{Person: person, Office: "county", Post: "approver"}, &eligibility.AmountAdjusted{On: on(d), Amount: 100, From: feb,
				Advice: &eligibility.Advice{Outcome: domain.Exactly(due)}})
		}
		decide("a1", jan+5, 100)
		decide("a1", jan+29, 200)
		decide("a2", jan+30, 100)
		decide("a1", jan+70, 100)
		decide("a1", jan-1, 100)
		s.put("case-F1", approver, &eligibility.PaymentListApproved{On: on(jan + 70), Month: feb, Amount: 100})
		caughtUp(t, db, s)
		got, err := db.Desk(approver).OwnRecord(t.Context())
		want := []Tenure{
			{Office: "county", Post: "approver", Decisions: 1},
			{Office: "county", Post: "approver", Since: jan, Until: jan + 30, Decisions: 2, Departed: 1},
			{Office: "county", Post: "approver", Since: jan + 60, Decisions: 1, Approvals: 1},
		}
		slices.SortFunc(got, func(a, b Tenure) int { return int(a.Since - b.Since) })
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("record %+v, %v\nwant %+v", got, err, want)
		}
		second, err := db.Bench().Officer(t.Context(), "a2")
		if err != nil || len(second) != 1 || !second[0].Listed || second[0].Decisions != 1 {
			t.Errorf("record of a2 %+v, %v", second, err)
		}
		own, err := db.Desk(approver).OwnDecisions(t.Context(), Ask{})
		if err != nil || len(own.Rows) != 4 || own.Rows[0].Day != jan+70 || own.Rows[1].Advised != AdvisedOther || own.Rows[1].Actor != approver {
			t.Errorf("own decisions %+v, %v", own.Rows, err)
		}
	})
}
