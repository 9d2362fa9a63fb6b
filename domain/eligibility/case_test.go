package eligibility

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leeway/domain"
)

func TestStatementsTakeWhatTheirEventImplies(t *testing.T) {
	s := stating(income("m1", 1))
	for _, tt := range []struct {
		event  Event
		source domain.SourceKind
		heldBy string
	}{
		{&DeclarationSigned{On: on(jan2), Statements: s}, domain.Declaration, ""},
		{&ChangeReported{On: on(jan2), Statements: s}, domain.Declaration, ""},
		{&HouseholdSurveyed{On: on(jan2), Statements: s}, domain.Survey, ""},
		{&HardshipFound{On: on(jan2), Statements: s}, domain.Survey, ""},
		{&NeighbourInquired{On: on(jan2), Statements: s}, domain.Survey, ""},
		{&UrgencyRecorded{On: on(jan2), Statements: s}, domain.Survey, ""},
		{&ReinvestigationDone{On: on(jan2), Statements: s}, domain.Survey, ""},
		{&CountySpotCheck{On: on(jan2), Statements: s}, domain.Survey, ""},
		{&ReverificationDone{On: on(jan2), Statements: s}, domain.Survey, ""},
		{&InfoCheckReturned{On: on(jan2), Source: "bank", Statements: s}, domain.Check, "bank"},
		{&DataMatchHit{On: on(jan2), Source: "tax", Statements: s}, domain.Check, ""},
		{&DocumentReceived{On: on(jan2), Verified: true, Statements: s}, domain.Document, ""},
		{&DocumentReceived{On: on(jan2), Statements: s}, domain.Declaration, ""},
		{&FactsDiscovered{On: on(jan2), Statements: s}, domain.Discovery, ""},
	} {
		c := given(opened(), tt.event)
		if len(c.Statements) != 1 {
			t.Fatalf("%s: %d statements", tt.event.EventType(), len(c.Statements))
		}
		got := c.Statements[0]
		if got.Source != tt.source || got.HeldBy != tt.heldBy || got.Observed != jan2 {
			t.Errorf("%s: source %s, held by %q, observed %s", tt.event.EventType(), got.Source, got.HeldBy, got.Observed)
		}
		if got.At.Revision != 1 || got.At.Type != tt.event.EventType() {
			t.Errorf("%s: placed at %+v", tt.event.EventType(), got.At)
		}
	}
	if s[0].Source != "" || s[0].Observed != 0 {
		t.Error("the event's own statements were changed")
	}
}

func TestExplicitSourceAndDayStand(t *testing.T) {
	s := income("m1", 1)
	s.Source, s.Observed, s.HeldBy = domain.Survey, jan2, "county"
	c := given(opened(), &InfoCheckReturned{On: on(jan31), Source: "bank", Statements: stating(s)})
	if got := c.Statements[0]; got.Source != domain.Survey || got.Observed != jan2 || got.HeldBy != "county" {
		t.Errorf("told %+v", got.Statement)
	}
}

func TestMembersComeLeaveAndDie(t *testing.T) {
	c := given(opened(),
		&MemberJoined{On: on(jan2), Member: Person{ID: "m3", Relation: "child"}, From: jan2},
		&MemberLeft{On: on(jan31), Member: "m2", From: jan31},
		&DeathRecorded{On: on(jan31), Member: "m1", Died: jan2, Source: domain.Document, HeldBy: "police"},
		&SelfCareAssessed{On: on(jan31), Member: "m3", Fails: 4},
	)
	if !c.IsMember("m3") || !c.IsMember("m2") || c.IsMember("m4") || c.IsMember(domain.Household) {
		t.Errorf("members %v", c.Members)
	}
	var got []string
	for _, s := range c.Statements {
		got = append(got, fmt.Sprintf("%s=%s from %s to %s", s.Key(), s.Value, s.ValidFrom, s.ValidTo))
	}
	want := []string{
		"m3.lives_here=false from  to 2020-01-02", "m3.lives_here=true from 2020-01-02 to ",
		"m2.lives_here=false from 2020-01-31 to ", "m1.dead=true from 2020-01-02 to ",
		"m3.self_care_fails=4 from 2020-01-31 to ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("stated\n%q, want\n%q", got, want)
	}
}

func TestDecisionsAndMoney(t *testing.T) {
	advice := &Advice{Rules: domain.PackVersion{Pack: "p", Version: "1", Digest: "d"}}
	c := given(opened(),
		&DecisionMade{On: on(jan2), Outcome: Granted, Amount: 100, From: feb, Until: feb + 1, Advice: advice},
		&AmountAdjusted{On: on(jan2), Amount: 50, From: feb + 1},
		&EmergencyPaid{On: on(jan2), Month: feb, Amount: 7},
		&ExitDecided{On: on(jan2), From: feb + 2},
		&RemedyDecided{On: on(jan2), Upheld: true, Amount: 1},
		&RemedyDecided{On: on(jan2), Amount: 80, From: feb + 2},
		&PaymentListApproved{On: on(jan2), Month: feb, Amount: 100},
		&BenefitPaid{On: on(jan2), Month: feb, Amount: 100},
		&MoneyRecovered{On: on(jan2), Month: feb, Amount: 3},
		&MoneyBackPaid{On: on(jan2), Month: feb, Amount: 4},
	)
	want := []Decision{
		{Outcome: Granted, Amount: 100, From: feb, Until: feb + 1, Rules: advice.Rules, Advice: advice},
		{Outcome: Adjusted, Amount: 50, From: feb + 1},
		{Outcome: Granted, Amount: 7, From: feb, Until: feb},
		{Outcome: Stopped, From: feb + 2},
		{Outcome: Adjusted, Amount: 80, From: feb + 2},
	}
	for i := range c.Decisions {
		c.Decisions[i].At = At{}
	}
	if !reflect.DeepEqual(c.Decisions, want) {
		t.Errorf("decisions %+v", c.Decisions)
	}
	sum := func(list []Money) (f domain.Fen) {
		for _, m := range list {
			f += m.Amount
		}
		return f
	}
	if sum(c.Payments) != 107 || sum(c.Approvals) != 100 || sum(c.Recovered) != 3 || sum(c.BackPaid) != 4 {
		t.Errorf("paid %d, approved %d, recovered %d, back-paid %d", sum(c.Payments), sum(c.Approvals), sum(c.Recovered), sum(c.BackPaid))
	}
}

func TestRefusalsAndWithdrawals(t *testing.T) {
	c := given(opened(),
		&ApplicationNotAccepted{On: on(jan2), Reason: "area"},
		&OralRefusalAlleged{On: on(jan2)},
		&ApplicationWithdrawn{On: on(jan2), Caused: true},
		&ApplicationWithdrawn{On: on(jan2)},
	)
	if len(c.Refusals) != 3 || len(c.Withdrawn) != 1 {
		t.Errorf("%d refusals, %d withdrawals; one that the office caused is a refusal", len(c.Refusals), len(c.Withdrawn))
	}
	if got := c.Did("application-withdrawn.v1"); len(got) != 2 {
		t.Errorf("acts %v", got)
	}
}

func TestActsKeepWhatAReplayAsks(t *testing.T) {
	c := given(opened(),
		&HouseholdSurveyed{On: on(jan2), Staff: []string{"w1", "w2"}},
		&InfoCheckReturned{On: on(jan2), Source: "bank", NoData: true, AsOf: jan2},
		&PublicNoticePosted{On: on(jan2), Until: jan31},
		&ReverificationDue{On: on(jan2), Due: jan31},
		&InitialOpinion{On: on(jan2), Outcome: Granted, Amount: 5},
		&ObstacleRecorded{On: on(jan2), Step: "survey", Kind: "outage", From: jan2, To: jan31, Proven: true, MadeUp: true},
		&KinshipFiled{On: on(jan2), Member: "m1", Official: "w1", Relation: "uncle", Found: true},
		&CaseClosed{On: on(jan31)},
	)
	survey, check := c.Did("household-surveyed.v1")[0], c.Did("info-check-returned.v1")[0]
	if len(survey.Staff) != 2 || !check.NoData || check.Until != jan2 || check.Sources[0] != "bank" {
		t.Errorf("survey %+v, check %+v", survey, check)
	}
	if c.Did("public-notice-posted.v1")[0].Until != jan31 || c.Did("reverification-due.v1")[0].Until != jan31 {
		t.Error("the last day of a notice or the day of a re-check is lost")
	}
	if o := c.Did("initial-opinion.v1")[0]; o.Outcome != Granted || o.Amount != 5 {
		t.Errorf("opinion %+v", o)
	}
	if o := c.Obstacles[0]; !o.Proven || o.Replaced || !o.MadeUpFor || o.To != jan31 {
		t.Errorf("obstacle %+v", o)
	}
	if !c.Kin[0].Found || !c.Closed {
		t.Errorf("kin %+v, closed %v", c.Kin, c.Closed)
	}
}

func TestVisibilityOfAStatement(t *testing.T) {
	s := income("m1", 1)
	s.Visible = domain.Visibility{"post:auditor"}
	c := given(opened())
	c.Apply(&HouseholdSurveyed{On: on(jan2), Statements: stating(income("m1", 2), s)}, domain.Meta{ID: "x", Visible: domain.Visibility{"office:county"}})
	for _, tt := range []struct {
		i            int
		office, post string
		want         bool
	}{
		{0, "county", "clerk", true}, {0, "town", "clerk", false},
		{1, "county", "auditor", true}, {1, "county", "clerk", false}, {1, "town", "auditor", false},
	} {
		if got := c.Statements[tt.i].Visible(tt.office, tt.post); got != tt.want {
			t.Errorf("statement %d for %s of %s: %v", tt.i, tt.post, tt.office, got)
		}
	}
}

func TestEmptyCase(t *testing.T) {
	c := &Case{}
	if c.Exists() || c.Revision() != -1 {
		t.Errorf("a case without events: exists %v, revision %d", c.Exists(), c.Revision())
	}
	if c = given(opened()); !c.Exists() || c.Revision() != 0 || c.Office != "o" || c.Opened.Day != jan2 {
		t.Errorf("an open case: %+v", c)
	}
}

// TestEventsOnlyAppend applies any events in any order, also such as no
// command would let through, and checks that nothing that stood is changed: a
// case can be cut at any basis.
func TestEventsOnlyAppend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := given(opened())
		for i, e := range rapid.SliceOfN(rapid.SampledFrom(allowed), 1, 20).Draw(t, "events") {
			before := snapshot(c)
			c.Apply(e, domain.Meta{ID: "x", Type: e.EventType(), Revision: int64(i + 1)})
			for name, stood := range before {
				now := reflect.ValueOf(*c).FieldByName(name)
				if now.Len() < stood.Len() || !reflect.DeepEqual(now.Slice(0, stood.Len()).Interface(), stood.Interface()) {
					t.Fatalf("%s changed %s", e.EventType(), name)
				}
			}
		}
	})
}

// snapshot copies every list of a case.
func snapshot(c *Case) map[string]reflect.Value {
	lists := map[string]reflect.Value{}
	v := reflect.ValueOf(*c)
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.Type.Kind() == reflect.Slice && v.FieldByIndex(f.Index).Len() > 0 {
			old := v.FieldByIndex(f.Index)
			lists[f.Name] = reflect.AppendSlice(reflect.MakeSlice(f.Type, 0, old.Len()), old)
		}
	}
	return lists
}
