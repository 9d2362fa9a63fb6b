package review

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// weekdays is a calendar without holidays.
type weekdays struct{}

func (weekdays) Workday(d domain.Day) bool {
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

// cast is who acts in the tests: two workers under review, three of the organ
// and its head, one above, one of the bureau, one handler.
var cast = map[string]struct {
	office string
	role   Role
}{
	"w1": {"township", Worker}, "w2": {"bureau", Worker}, "u1": {"township", Unit},
	"r1": {"organ", Reviewer}, "r2": {"organ", Reviewer}, "r3": {"organ", Reviewer}, "r4": {"organ", Reviewer}, "h1": {"organ", Head},
	"s1": {"province", Superior}, "s2": {"province", Superior}, "s3": {"province", Superior},
	"b1": {"bureau", Bureau}, "handler": {"organ", Reviewer}, "a1": {"audit", Auditor}, "x1": {"elsewhere", Reviewer}, "machine": {"organ", Machine},
}

func day(s string) domain.Day {
	d, err := domain.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func words(s string) domain.Private { return domain.Personal("w1", s) }

// history is the case as the guards see it: who stands in it.
func history() History {
	return History{
		Complete: true, Reporters: []string{"whistle"}, Basis: domain.Basis{{Stream: "case-c1", Revision: 9}},
		Traces: []Trace{
			{"handler", TookPart, "c1", "e3"}, {"approver", Approved, "c1", "e5"}, {"cousin", KinOfCase, "c1", "e2"},
			{"m1", InHousehold, "c1", "e1"}, {"colleague", SameOffice, "c1", "p1"}, {"w1", TookPart, "c1", "e1"},
		},
	}
}

// file is a review in a test with what its commands are given.
type file struct {
	*Review
	t     testing.TB
	hist  History
	today domain.Day
	n     int
}

func newFile(t testing.TB) *file {
	return &file{Review: &Review{ID: "R1"}, t: t, hist: history(), today: day("2021-12-31")}
}

// try lets somebody record an event and applies what comes of it.
func (f *file) try(who string, e Event) error {
	p := cast[who]
	Act(e, p.role, 0)
	cmd := Record{Event: e, Actor: domain.Actor{Person: who, Office: p.office, Post: "p"}, Today: f.today, History: f.hist, Calendar: weekdays{}, Limits: DefaultLimits()}
	events, err := cmd.Decide(f.Review)
	for _, e := range events {
		f.apply(who, e)
	}
	return err
}

// apply puts an event on record without asking.
func (f *file) apply(who string, e Event) {
	f.n++
	f.Apply(e, domain.Meta{
		ID: fmt.Sprintf("v%d", f.n), Type: e.EventType(), Stream: "review-R1", Revision: int64(f.n - 1),
		RecordedAt: domain.At(e.by().Day.Start()), Actor: domain.Actor{Person: who, Office: cast[who].office, Post: "p"},
	})
}

func (f *file) must(who string, e Event) *file {
	f.t.Helper()
	if err := f.try(who, e); err != nil {
		f.t.Fatalf("%s: %s: %v", who, e.EventType(), err)
	}
	return f
}

func by(d string) By { return By{Day: day(d)} }

var (
	fact  = replay.FactRef{Event: "e4", Subject: "m1", Attribute: "income"}
	ref   = ReplayRef{Event: "t1", Inputs: "in1", Trace: "tr1", Basis: domain.Basis{{Stream: "case-c1", Revision: 9}}}
	ref2  = ReplayRef{Event: "t2", Inputs: "in2", Trace: "tr2", Basis: domain.Basis{{Stream: "case-c1", Revision: 9}}}
	feb   = domain.MonthOf(2020, 2)
	organ = []Member{{"r1", "organ"}, {"r3", "organ"}, {"h1", "organ"}}
)

// step is one step of the standard review; make builds its event anew.
type step struct {
	name, who string
	make      func() Event
}

// steps is a review of two workers in one matter, from the opening to the
// appeal.
var steps = []step{
	{"opened", "w1", func() Event { return opened() }},
	{"cited", "w1", func() Event { return cited() }},
	{"accepted", "h1", func() Event { return &Accepted{By: by("2020-10-09"), Reviewers: []string{"r1", "r2"}} }},
	{"verified", "r1", func() Event { return verified() }},
	{"replayed", "r1", func() Event { return replayed(ref) }},
	{"duty", "r1", func() Event { return duty(true) }},
	{"opinion", "b1", func() Event { return opinion(ref) }},
	{"ordered", "r1", func() Event { return ordered() }},
	{"notified", "r1", func() Event { return notified("w1") }},
	{"notified 2", "r1", func() Event { return notified("w2") }},
	{"heard", "r1", func() Event { return heard("w1") }},
	{"heard 2", "r1", func() Event { return heard("w2") }},
	{"consulted", "r1", func() Event { return consulted() }},
	{"determined", "r1", func() Event { return determined() }},
	{"served", "r1", func() Event { return served("w1") }},
	{"served 2", "r1", func() Event { return served("w2") }},
	{"backed", "b1", func() Event { return backed() }},
	{"done", "b1", func() Event { return &CorrectionDone{By: by("2020-12-20"), ID: "k1", Evidence: []string{"e20"}} }},
	{"correction accepted", "r1", func() Event { return &CorrectionAccepted{By: by("2020-12-21"), ID: "k1"} }},
	{"filed", "r1", func() Event { return &Filed{By: by("2020-12-22"), Archive: "A-1"} }},
	{"cleared", "r1", func() Event { return &NameCleared{By: by("2020-12-23"), Person: "w1", Scope: "township"} }},
	{"appealed", "w2", func() Event { return appealed("w2", Objection) }},
	{"appeal decided", "r1", func() Event { return appealDecided(Upheld) }},
	{"reopened", "h1", func() Event { return reopened() }},
}

func opened() *Opened {
	return &Opened{By: by("2020-10-08"), Route: ByWorker, Organ: "organ",
		Matters: []Matter{{ID: "m1", Case: "c1", Act: "e5", Day: day("2020-08-20"), From: feb, To: feb + 1}},
		Parties: []Party{{Person: "w1", Office: "township", Post: "intake", Matters: []string{"m1"}}, {Person: "w2", Office: "bureau", Post: "approval", Matters: []string{"m1"}}}}
}

func cited() *Cited {
	return &Cited{By: by("2020-10-08"), Person: "w1", Matter: "m1", Ground: "G01", Words: words("applicant hid it"), Evidence: []string{"e2"}}
}

func verified() *FactVerified {
	return &FactVerified{By: by("2020-10-12"), Name: "private_gain", Value: domain.Bool(false), Evidence: []string{"p1"}, Investigators: []string{"r1", "r2"}}
}

func replayed(r ReplayRef) *Replayed {
	return &Replayed{By: by("2020-10-13"), Matter: "m1", Replay: r, Proposed: []replay.FactRef{fact}, Class: replay.EAppl,
		Money:    []MonthMoney{{Month: feb, Over: 18000}, {Month: feb + 1, Under: 5000}},
		Verdicts: []Verdict{{"w1", feb, replay.ConductWork}, {"w2", feb, replay.ConductDiligent}}}
}

func duty(confirmed bool) *DutyFound {
	return &DutyFound{By: by("2020-10-14"), Matter: "m1", Findings: []Finding{{fact, confirmed, words("why")}}, Investigators: []string{"r1", "r2"}}
}

func opinion(r ReplayRef) *OpinionFiled {
	return &OpinionFiled{By: by("2020-10-15"), Matter: "m1", Replay: r.Trace, Words: words("the rule says so")}
}

func ordered() *CorrectionOrdered {
	return &CorrectionOrdered{By: by("2020-10-15"), ID: "k1", Matter: "m1", Measure: C3Recover, Owner: "b1", Office: "bureau", Due: day("2020-12-31"), Fraud: true,
		Months: []eligibility.MonthAmount{{Month: feb, Amount: 18000}}}
}

func notified(person string) *Notified {
	o := Exempt
	if person == "w2" {
		o = Diligent
	}
	return &Notified{By: by("2020-10-16"), Person: person, Facts: words("facts"), Basis: []string{"G01"}, Until: day("2020-10-23"),
		Proposals: []Proposal{{Matter: "m1", Outcome: o, Replay: "tr1"}}}
}

func heard(person string) *Heard {
	return &Heard{By: by("2020-10-20"), Person: person, Investigators: []string{"r1", "r2"}, Words: words("I did the checks"),
		Points: []Point{{words("checked"), true, words("the log shows it")}}}
}

func consulted() *Consulted {
	return &Consulted{By: by("2020-10-26"), Members: []Member{{"r1", "organ"}, {"b1", "bureau"}}, Minutes: "M-1", Dissents: []Dissent{{"b1", words("I would not")}}}
}

func suggested() []Suggestion {
	return []Suggestion{
		{Person: "w1", Matter: "m1", Outcome: Exempt, Proved: []string{"G01"}, Replay: "tr1", Money: true, Verdict: replay.ConductWork},
		{Person: "w2", Matter: "m1", Outcome: Diligent, Replay: "tr1", Money: true, Verdict: replay.ConductDiligent},
	}
}

func determined() *Determined {
	return &Determined{By: by("2020-10-28"), Suggestions: suggested(),
		Collective: Collective{Members: slices.Clone(organ), For: 3, Minutes: "M-2"},
		Findings: []Result{
			{Person: "w1", Matter: "m1", Outcome: Exempt, Grounds: []string{"G01"}, Replay: ref, Remedy: Objection},
			{Person: "w2", Matter: "m1", Outcome: Diligent, Replay: ref, Remedy: Objection},
		}}
}

func served(person string) *Served {
	return &Served{By: by("2020-12-18"), Person: person, Receipt: "S-1", Copied: []string{"hr"}}
}

func backed() *CorrectionBacked {
	return &CorrectionBacked{By: by("2020-12-18"), ID: "k1", Decision: "e19", Reasoned: true, Served: day("2020-12-17"), Remedies: true}
}

func appealed(person string, p Path) *Appealed {
	return &Appealed{By: by("2020-12-24"), ID: "a1", Person: person, Path: p, Words: words("wrong")}
}

func appealDecided(r AppealResult) *AppealDecided {
	return &AppealDecided{By: by("2020-12-25"), ID: "a1", Result: r, Collective: Collective{Members: slices.Clone(organ), For: 3, Minutes: "M-3"}, Words: words("reasons")}
}

func reopened() *Reopened {
	return &Reopened{By: by("2020-12-28"), Cause: FalseEvidence, Evidence: []string{"p9"}, Reason: words("the paper was forged")}
}

// upTo walks the standard review to a step, that step included. "" is an
// empty file.
func upTo(t testing.TB, name string) *file {
	t.Helper()
	f := newFile(t)
	if name == "" {
		return f
	}
	for _, s := range steps {
		f.must(s.who, s.make())
		if s.name == name {
			return f
		}
	}
	t.Fatalf("no step %q", name)
	return nil
}

// refusedBy is the guard that refused, "fault:FIELD" for a fault, "" for none.
func refusedBy(err error) string {
	var r *Refusal
	var f *domain.Fault
	switch {
	case err == nil:
		return ""
	case errors.As(err, &r):
		return r.Guard.ID
	case errors.As(err, &f):
		return "fault:" + f.Field
	}
	return err.Error()
}
