package review

import (
	"errors"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// entrances are all ways by which somebody can come to take part: as actor or
// by being named.
var entrances = []struct {
	name, after, who string
	event            func(person string) Event
}{
	{"assigned", "opened", "h1", func(p string) Event { return &Accepted{By: by("2020-10-09"), Reviewers: []string{"r1", p}} }},
	{"verifies", "accepted", "r1", func(p string) Event {
		return edit(verified(), func(e *FactVerified) { e.Investigators = []string{"r1", p} })
	}},
	{"finds", "replayed", "r1", func(p string) Event {
		return edit(duty(true), func(e *DutyFound) { e.Investigators = []string{"r1", p} })
	}},
	{"hears", "notified 2", "r1", func(p string) Event { return edit(heard("w1"), func(e *Heard) { e.Investigators = []string{"r1", p} }) }},
	{"consults", "heard 2", "r1", func(p string) Event {
		return edit(consulted(), func(e *Consulted) { e.Members = append(e.Members, Member{p, "organ"}) })
	}},
	{"determines", "consulted", "r1", func(p string) Event {
		return edit(determined(), func(e *Determined) { e.Collective.Members[1].Person = p })
	}},
	{"decides an appeal", "appealed", "r1", func(p string) Event {
		return edit(appealDecided(Upheld), func(e *AppealDecided) { e.Collective.Members[1].Person = p })
	}},
}

// acts are the steps that a reviewer or head takes in his own name.
func acts(p string) []struct {
	after string
	event Event
} {
	return []struct {
		after string
		event Event
	}{
		{"", edit(opened(), func(e *Opened) { e.Route = ExOfficio })},
		{"opened", cited()}, {"cited", &SupplementAsked{By: by("2020-10-09"), Missing: []string{"log"}, Until: day("2020-10-16")}},
		{"cited", &NotAccepted{By: by("2020-10-09"), Reason: words("no")}},
		{"opened", &Accepted{By: by("2020-10-09"), Reviewers: []string{"r1", "r2"}}},
		{"accepted", edit(verified(), func(e *FactVerified) { e.Investigators = []string{"r1", "r2", p} })},
		{"accepted", &EvidenceExcluded{By: by("2020-10-12"), Evidence: "p1", Reason: words("extorted")}},
		{"accepted", replayed(ref)}, {"replayed", ordered()}, {"opinion", notified("w1")}, {"heard 2", consulted()}, {"consulted", determined()},
		{"determined", served("w1")}, {"served 2", &Filed{By: by("2020-12-22"), Archive: "A-1"}},
		{"done", &CorrectionAccepted{By: by("2020-12-21"), ID: "k1"}}, {"served 2", &NameCleared{By: by("2020-12-23"), Person: "w1", Scope: "x"}},
		{"determined", &Transferred{By: by("2020-10-29"), Person: "w1", Matter: "m1", To: "commission"}},
		{"heard", &SanctionRecorded{By: by("2020-10-21"), Person: "w1", Matter: "m1", Kind: EmployerSanction, Number: "N"}},
		{"accepted", &RecusalRaised{By: by("2020-10-10"), Person: "r1", Cause: Witness}},
	}
}

// TestWhoStandsInTheCaseMeetsEveryGate holds that a person who appears anywhere
// in the history of the case, or is reviewed, or reported, is refused by every
// entrance.
func TestWhoStandsInTheCaseMeetsEveryGate(t *testing.T) {
	for _, p := range []string{"handler", "approver", "cousin", "m1", "colleague", "whistle", "w1", "w2"} {
		for _, in := range entrances {
			if got := refusedBy(upTo(t, in.after).try(in.who, in.event(p))); got != "recusal" {
				t.Errorf("%s, who %s: refused by %q", p, in.name, got)
			}
		}
	}
	for _, a := range acts("handler") {
		if got := refusedBy(upTo(t, a.after).try("handler", a.event)); got != "recusal" {
			t.Errorf("handler records %s: refused by %q", a.event.EventType(), got)
		}
	}
	f := upTo(t, "duty")
	f.hist.Traces = append(f.hist.Traces, Trace{"b1", Approved, "c1", "e5"})
	if got := refusedBy(f.try("b1", opinion(ref))); got != "recusal" {
		t.Errorf("the approver's own opinion: refused by %q", got)
	}
	f.hist.Traces[len(f.hist.Traces)-1].Cause = SameOffice
	f.must("b1", opinion(ref))
}

// TestReporterIsNotNamed: the refusal tells nobody who reported.
func TestReporterIsNotNamed(t *testing.T) {
	cause, why, barred := upTo(t, "opened").Barred(history(), "whistle")
	if !barred || cause != Reporter || why.String() != "whistle has a tie to the matter that is not shown here" {
		t.Errorf("%s, %q, %v", cause, why, barred)
	}
}

// TestHistoryMustBeWhole: from less than the whole history nobody's recusal
// can be told, so nobody acts.
func TestHistoryMustBeWhole(t *testing.T) {
	f := upTo(t, "opened")
	f.hist.Complete = false
	if err := f.try("h1", &Accepted{By: by("2020-10-09"), Reviewers: []string{"r1", "r2"}}); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("accepted: %v", err)
	}
	f.must("w1", cited())
}

// TestDeclaredRecusal: it blocks at once, the right head decides, and a granted
// one stays.
func TestDeclaredRecusal(t *testing.T) {
	raised := func(p string, c Cause) Event { return &RecusalRaised{By: by("2020-10-10"), Person: p, Cause: c} }
	decided := func(p string, granted, head bool) Event {
		return &RecusalDecided{By: by("2020-10-11"), Person: p, Granted: granted, OfHead: head, Reason: words("why")}
	}
	f := upTo(t, "accepted").must("r1", raised("r1", NearRelative))
	if got := refusedBy(f.try("r1", verified())); got != "recusal" {
		t.Errorf("while it waits: %q", got)
	}
	for _, tt := range []struct {
		who, want string
		event     Event
	}{
		{"h1", "recusal", decided("r1", false, false)}, {"s1", "recusal-decided-by", decided("r1", true, false)},
		{"h1", "recusal-decided-by", decided("r1", true, true)}, {"h1", "order", decided("r2", true, false)},
		{"h1", "fault:reason", edit(decided("r1", true, false).(*RecusalDecided), func(e *RecusalDecided) { e.Reason = domain.Private{} })},
		{"r2", "who-may-act", decided("r1", true, false)}, {"h1", "", decided("r1", true, false)},
	} {
		if got := refusedBy(f.try(tt.who, tt.event)); got != tt.want {
			t.Errorf("%s decides: %q, want %q", tt.who, got, tt.want)
		}
	}
	if got := refusedBy(f.try("r1", verified())); got != "recusal" {
		t.Errorf("after it was granted: %q", got)
	}
	if got := refusedBy(f.try("h1", decided("r1", false, false))); got != "order" {
		t.Errorf("a granted recusal was lifted: %q", got)
	}

	f = upTo(t, "accepted").must("w1", raised("r2", OtherRisk)).must("h1", decided("r2", false, false)).must("r1", verified())
	f.must("w1", raised("h1", Witness))
	if got := refusedBy(f.try("h1", decided("h1", false, false))); got != "recusal" {
		t.Errorf("the head decides on himself: %q", got)
	}
	f.must("s1", decided("h1", true, true))
}

func TestTraces(t *testing.T) {
	c := &eligibility.Case{ID: "c1", Office: "township", Members: []eligibility.Member{{ID: "m1"}}, Kin: []eligibility.Kinship{{Official: "cousin", Found: true}}}
	reg := &eligibility.Register{Posts: []eligibility.Holding{
		{Office: "township", Person: "colleague", From: day("2016-01-01")},
		{Office: "township", Person: "retired", From: day("2010-01-01"), To: day("2015-01-01")},
		{Office: "bureau", Person: "chief", From: day("2018-01-01")}, {Office: "school", Person: "teacher"},
	}}
	seen := []Sighting{
		{domain.Meta{ID: "e1", Type: "household-surveyed.v1", Actor: domain.Actor{Person: "w1", Office: "township"}}, []string{"w1", "w2", ""}},
		{domain.Meta{ID: "e2", Type: "decision-made.v1", Actor: domain.Actor{Person: "boss", Office: "bureau"}}, nil},
	}
	l := DefaultLimits()
	since := l.Since([]Matter{{Day: day("2020-02-29")}, {Day: day("2019-06-01")}})
	if since != day("2016-06-01") {
		t.Errorf("since %s", since)
	}
	got := map[string]Cause{}
	for _, x := range Traces(c, reg, seen, since) {
		got[x.Person] = x.Cause
	}
	want := map[string]Cause{"w1": TookPart, "w2": TookPart, "boss": Approved, "m1": InHousehold, "cousin": KinOfCase, "colleague": SameOffice, "chief": SameOffice}
	for p, cause := range want {
		if got[p] != cause {
			t.Errorf("%s: %q, want %s", p, got[p], cause)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
}
