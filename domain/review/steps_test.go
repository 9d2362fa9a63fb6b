package review

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// TestStandardReview walks a review from opening to reopening and looks at
// where it stands.
func TestStandardReview(t *testing.T) {
	f := newFile(t)
	want := map[string]Stage{
		"opened": StageOpened, "accepted": StageAccepted, "ordered": StageAccepted, "notified": StageNotified, "consulted": StageConsulted,
		"determined": StageDetermined, "served": StageDetermined, "served 2": StageServed, "filed": StageFiled, "reopened": StageAccepted,
	}
	for _, s := range steps {
		f.must(s.who, s.make())
		if w, ok := want[s.name]; ok && f.Stage() != w {
			t.Errorf("after %q the review stands at %s, want %s", s.name, f.Stage(), w)
		}
	}
	if len(f.Past) != 1 || f.Past[0].Findings[0].Outcome != Exempt || f.Determination != nil {
		t.Errorf("the old determination is not kept as a past one: %+v", f.Past)
	}
	if f.Revision() != int64(len(steps)-1) || len(f.Log()) != len(steps) || f.Departures() != 0 {
		t.Errorf("revision %d, %d entries, %d departures", f.Revision(), len(f.Log()), f.Departures())
	}
}

// TestRepeatedStepsAddNothing holds that the same step again by the same
// person is no new event, wherever it is repeated.
func TestRepeatedStepsAddNothing(t *testing.T) {
	f := newFile(t)
	for _, s := range steps {
		f.must(s.who, s.make())
		n := f.n
		if err := f.try(s.who, s.make()); err != nil || f.n != n {
			t.Errorf("%q again: %v, %d events added", s.name, err, f.n-n)
		}
	}
}

// TestSealedWordsAreNotTakenAsRepeated: what cannot be compared counts as
// another thing, so that nothing said is lost.
func TestSealedWordsAreNotTakenAsRepeated(t *testing.T) {
	f := upTo(t, "cited")
	f.log[1].event.(*Cited).Words.Text = ""
	if f.must("w1", cited()); len(f.Citations) != 2 {
		t.Errorf("%d citations", len(f.Citations))
	}
	other := cited()
	other.Words.Text = "something else"
	if f.must("w1", other); len(f.Citations) != 3 {
		t.Errorf("%d citations", len(f.Citations))
	}
}

// edit is a standard step with something changed.
func edit[E Event](e E, change func(E)) Event { change(e); return e }

// out of order: every step on an empty file, and on a file that has ended.
func TestOutOfOrder(t *testing.T) {
	for _, s := range steps[1:] {
		if got := refusedBy(newFile(t).try(s.who, s.make())); got != "order" {
			t.Errorf("%q without a review: refused by %q", s.name, got)
		}
	}
	for _, tt := range []struct{ after, step string }{
		{"opened", "verified"}, {"opened", "replayed"}, {"opened", "duty"}, {"opened", "opinion"}, {"opened", "ordered"},
		{"opened", "notified"}, {"accepted", "notified"}, {"opened", "heard"}, {"accepted", "consulted"}, {"accepted", "determined"},
		{"heard 2", "determined"}, {"consulted", "served"}, {"determined", "filed"}, {"served", "filed"}, {"served 2", "filed"},
		{"determined", "cleared"}, {"determined", "appealed"}, {"served 2", "appeal decided"}, {"consulted", "reopened"},
		{"served 2", "done"}, {"accepted", "heard"}, {"replayed", "correction accepted"}, {"backed", "correction accepted"},
		{"accepted", "opinion"}, {"accepted", "ordered"}, {"determined", "verified"}, {"determined", "replayed"},
	} {
		i := slices.IndexFunc(steps, func(s step) bool { return s.name == tt.step })
		err := upTo(t, tt.after).try(steps[i].who, steps[i].make())
		if !errors.Is(err, domain.ErrRefused) && !errors.Is(err, domain.ErrInvalid) {
			if tt.after == "determined" && err == nil {
				continue // the same step again
			}
			t.Errorf("%q right after %q: %v", tt.step, tt.after, err)
		}
	}
}

func TestAllowed(t *testing.T) {
	for _, tt := range []struct {
		name, after, who string
		event            Event
	}{
		{"the unit opens", "", "u1", edit(opened(), func(e *Opened) { e.Route = ByUnit })},
		{"ex officio", "", "r1", edit(opened(), func(e *Opened) { e.Route = ExOfficio })},
		{"in step with an inquiry", "", "h1", edit(opened(), func(e *Opened) { e.Route = WithInquiry })},
		{"the unit cites for its worker", "opened", "u1", cited()},
		{"returned once", "cited", "r1", &SupplementAsked{By: by("2020-10-09"), Missing: []string{"log"}, Until: day("2020-10-16")}},
		{"not accepted", "cited", "r1", &NotAccepted{By: by("2020-10-09"), Reason: words("no decision is meant")}},
		{"withdrawn", "heard", "w1", &Withdrawn{by("2020-10-21")}},
		{"other investigators", "verified", "h1", &Accepted{By: by("2020-10-12"), Reviewers: []string{"r1", "r3"}}},
		{"more time", "verified", "h1", &VerificationExtended{By: by("2020-10-12"), Reason: words("complex")}},
		{"evidence excluded", "verified", "r1", &EvidenceExcluded{By: by("2020-10-12"), Evidence: "p1", Reason: words("extorted")}},
		{"an exclusion confirmed", "replayed", "r2", &ExclusionJudged{By: by("2020-10-14"), Person: "w1", Matter: "m1", Exclusion: "X03", Confirmed: true, Evidence: []string{"p2"}, Reason: words("kin")}},
		{"an exclusion rejected", "replayed", "r2", &ExclusionJudged{By: by("2020-10-14"), Person: "w1", Matter: "m1", Exclusion: "X03", Reason: words("no kin")}},
		{"the right waived", "notified 2", "r2", &Heard{By: by("2020-10-19"), Person: "w1", Investigators: []string{"r1", "r2"}, Waived: true}},
		{"silence after the last day", "notified 2", "r2", &Heard{By: by("2020-10-24"), Person: "w1", Investigators: []string{"r1", "r2"}, Silent: true}},
		{"handed over", "determined", "r1", &Transferred{By: by("2020-10-29"), Person: "w1", Matter: "m1", To: "commission"}},
		{"a later due day", "ordered", "r1", &CorrectionExtended{By: by("2020-10-16"), ID: "k1", Due: day("2021-01-31"), Reason: words("instalments")}},
		{"sent back", "done", "r1", &CorrectionReturned{By: by("2020-12-21"), ID: "k1", Reason: words("half is missing")}},
		{"back-pay needs no proposal", "replayed", "b1", edit(ordered(), func(e *CorrectionOrdered) {
			e.Measure, e.Months = C4BackPay, []eligibility.MonthAmount{{Month: feb + 1, Amount: 5000}}
		})},
		{"a worker asks for a recusal", "accepted", "w1", &RecusalRaised{By: by("2020-10-10"), Person: "r1", Cause: NearRelative}},
		{"a falsely accused name is cleared", "served 2", "r1", &NameCleared{By: by("2020-12-19"), Person: "w1", Scope: "village", False: true}},
		{"a sanction by the inquiry", "heard", "r1", &SanctionRecorded{By: by("2020-10-21"), Person: "w1", Matter: "m1", Kind: SupervisionSanction, Number: "N"}},
		{"annulled", "appealed", "r1", appealDecided(Annulled)},
		{"a new fact", "served 2", "s1", edit(reopened(), func(e *Reopened) { e.Cause = NewFact })},
	} {
		f := upTo(t, tt.after)
		n := f.n
		if err := f.try(tt.who, tt.event); err != nil || f.n != n+1 {
			t.Errorf("%s: %v, %d events", tt.name, err, f.n-n)
		}
	}
}

// TestFaults holds what cannot be recorded as it is.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		after, who, want string
		event            Event
	}{
		{"", "w1", "day", edit(opened(), func(e *Opened) { e.Day = 0 })},
		{"", "w1", "day", edit(opened(), func(e *Opened) { e.Day = day("2022-01-01") })},
		{"", "w1", "route", edit(opened(), func(e *Opened) { e.Route = "x" })},
		{"", "w1", "organ", edit(opened(), func(e *Opened) { e.Organ = "" })},
		{"", "w1", "matters, parties", edit(opened(), func(e *Opened) { e.Parties = nil })},
		{"", "w1", "matters[0]", edit(opened(), func(e *Opened) { e.Matters[0].Case = "" })},
		{"", "w1", "matters[0].from", edit(opened(), func(e *Opened) { e.Matters[0].To = 1 })},
		{"", "w1", "matters[1].id", edit(opened(), func(e *Opened) { e.Matters = append(e.Matters, e.Matters[0]) })},
		{"", "w1", "parties[0]", edit(opened(), func(e *Opened) { e.Parties[0].Matters = nil })},
		{"", "w1", "parties[0].matters", edit(opened(), func(e *Opened) { e.Parties[0].Matters = []string{"m9"} })},
		{"", "w1", "parties[1]", edit(opened(), func(e *Opened) { e.Parties[1] = e.Parties[0] })},
		{"opened", "w1", "ground", edit(cited(), func(e *Cited) { e.Ground = "" })},
		{"opened", "w1", "late", edit(cited(), func(e *Cited) { e.Late = true })},
		{"opened", "w1", "matter", edit(cited(), func(e *Cited) { e.Matter = "m2" })},
		{"opened", "u1", "person", edit(cited(), func(e *Cited) { e.Person = "w9" })},
		{"cited", "r1", "missing, until", &SupplementAsked{By: by("2020-10-09"), Missing: []string{"log"}, Until: day("2020-10-09")}},
		{"cited", "r1", "reason", &NotAccepted{By: by("2020-10-09")}},
		{"accepted", "r1", "evidence", edit(verified(), func(e *FactVerified) { e.Evidence = nil })},
		{"accepted", "r1", "name, value", edit(verified(), func(e *FactVerified) { e.Name = "" })},
		{"accepted", "r1", "person", edit(verified(), func(e *FactVerified) { e.Person, e.Matter = "w9", "m1" })},
		{"accepted", "r1", "evidence, reason", &EvidenceExcluded{By: by("2020-10-12"), Evidence: "p1"}},
		{"accepted", "r1", "matter", edit(replayed(ref), func(e *Replayed) { e.Matter = "m2" })},
		{"replayed", "r1", "findings", edit(duty(true), func(e *DutyFound) { e.Findings = nil })},
		{"replayed", "r1", "findings[0].fact", edit(duty(true), func(e *DutyFound) { e.Findings[0].Fact.Event = "e9" })},
		{"replayed", "r1", "findings[0].reason", edit(duty(true), func(e *DutyFound) { e.Findings[0].Reason = domain.Private{} })},
		{"replayed", "r1", "exclusion, reason", &ExclusionJudged{By: by("2020-10-14"), Person: "w1", Matter: "m1", Exclusion: "X03"}},
		{"replayed", "r1", "evidence", &ExclusionJudged{By: by("2020-10-14"), Person: "w1", Matter: "m1", Exclusion: "X03", Confirmed: true, Reason: words("kin")}},
		{"accepted", "h1", "reason", &VerificationExtended{By: by("2020-10-12")}},
		{"duty", "b1", "words", edit(opinion(ref), func(e *OpinionFiled) { e.Words = domain.Private{} })},
		{"duty", "r1", "until", edit(notified("w1"), func(e *Notified) { e.Until = day("2020-10-22") })},
		{"duty", "r1", "person", edit(notified("w1"), func(e *Notified) { e.Person = "w9" })},
		{"heard 2", "r1", "minutes", edit(consulted(), func(e *Consulted) { e.Minutes = "" })},
		{"heard 2", "r1", "dissents", edit(consulted(), func(e *Consulted) { e.Dissents[0].Person = "r9" })},
		{"consulted", "r1", "findings", edit(determined(), func(e *Determined) { e.Findings = e.Findings[:1] })},
		{"consulted", "r1", "findings", edit(determined(), func(e *Determined) { e.Findings[1] = e.Findings[0] })},
		{"consulted", "r1", "findings[0].outcome", edit(determined(), func(e *Determined) { e.Findings[0].Outcome = Open })},
		{"consulted", "r1", "findings[0].remedy", edit(determined(), func(e *Determined) { e.Findings[0].Remedy = "prayer" })},
		{"consulted", "r1", "collective.minutes", edit(determined(), func(e *Determined) { e.Collective.Minutes = "" })},
		{"consulted", "r1", "collective.members", edit(determined(), func(e *Determined) { e.Collective.Members = append(e.Collective.Members, organ[0]) })},
		{"consulted", "r1", "departs", edit(determined(), func(e *Determined) { e.Findings[0].Departs = []Departure{{"advice", words("no")}} })},
		{"determined", "r1", "person, receipt", edit(served("w1"), func(e *Served) { e.Receipt = "" })},
		{"replayed", "r1", "id", edit(ordered(), func(e *CorrectionOrdered) { e.ID = "" })},
		{"ordered", "r1", "id", edit(ordered(), func(e *CorrectionOrdered) { e.Due++ })},
		{"replayed", "r1", "measure", edit(ordered(), func(e *CorrectionOrdered) { e.Measure = "C13" })},
		{"replayed", "r1", "owner, office", edit(ordered(), func(e *CorrectionOrdered) { e.Owner = "" })},
		{"replayed", "r1", "due", edit(ordered(), func(e *CorrectionOrdered) { e.Due = day("2020-01-01") })},
		{"replayed", "r1", "months", edit(ordered(), func(e *CorrectionOrdered) { e.Months = nil })},
		{"replayed", "r1", "months", edit(ordered(), func(e *CorrectionOrdered) { e.Measure = C7Retrain })},
		{"served 2", "b1", "id", edit(backed(), func(e *CorrectionBacked) { e.ID = "k9" })},
		{"served 2", "b1", "served", edit(backed(), func(e *CorrectionBacked) { e.Served = day("2020-12-30") })},
		{"ordered", "r1", "due, reason", &CorrectionExtended{By: by("2020-10-16"), ID: "k1", Due: day("2020-12-01"), Reason: words("x")}},
		{"backed", "b1", "evidence", &CorrectionDone{By: by("2020-12-20"), ID: "k1"}},
		{"done", "r1", "reason", &CorrectionReturned{By: by("2020-12-21"), ID: "k1"}},
		{"determined", "r1", "to", &Transferred{By: by("2020-10-29"), Person: "w1", Matter: "m1"}},
		{"heard", "r1", "kind", &SanctionRecorded{By: by("2020-10-21"), Person: "w1", Matter: "m1", Kind: "x", Number: "N"}},
		{"heard", "r1", "number", &SanctionRecorded{By: by("2020-10-21"), Person: "w1", Matter: "m1", Kind: EmployerSanction}},
		{"correction accepted", "r1", "archive", &Filed{By: by("2020-12-22")}},
		{"served 2", "r1", "scope", &NameCleared{By: by("2020-12-23"), Person: "w1"}},
		{"served 2", "w2", "path", appealed("w2", "prayer")},
		{"served 2", "w2", "id", edit(appealed("w2", Objection), func(e *Appealed) { e.ID = "" })},
		{"served 2", "w2", "words", edit(appealed("w2", Objection), func(e *Appealed) { e.Words = domain.Private{} })},
		{"appealed", "r1", "result", appealDecided("x")},
		{"appealed", "r1", "findings", appealDecided(Varied)},
		{"appealed", "r1", "words", edit(appealDecided(Upheld), func(e *AppealDecided) { e.Words = domain.Private{} })},
		{"served 2", "h1", "cause", edit(reopened(), func(e *Reopened) { e.Cause = "x" })},
		{"served 2", "h1", "reason", edit(reopened(), func(e *Reopened) { e.Reason = domain.Private{} })},
		{"served 2", "h1", "evidence", edit(reopened(), func(e *Reopened) { e.Evidence = nil })},
		{"accepted", "w1", "cause", &RecusalRaised{By: by("2020-10-10"), Person: "r1", Cause: "x"}},
		{"accepted", "w1", "person", &RecusalRaised{By: by("2020-10-10"), Cause: Witness}},
	} {
		if got := refusedBy(upTo(t, tt.after).try(tt.who, tt.event)); got != "fault:"+tt.want {
			t.Errorf("%s after %q: %q, want fault:%s", tt.event.EventType(), tt.after, got, tt.want)
		}
	}
}

func TestEventsAreGivenAsPointers(t *testing.T) {
	var none *Cited
	for _, e := range []Event{nil, none} {
		if _, err := (Record{Event: e}).Decide(&Review{}); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%T: %v", e, err)
		}
	}
}

// TestRefusalsNameTheirGuard holds that a refusal says which guard, where it
// comes from, and what to do.
func TestRefusalsNameTheirGuard(t *testing.T) {
	err := upTo(t, "opened").try("h1", &Accepted{By: by("2020-10-09"), Reviewers: []string{"r1"}})
	for _, part := range []string{"refused", "two-investigators", "公职人员政务处分法(2020) 第42条", "1 investigators", "assign two"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %q", err, part)
		}
	}
	if !errors.Is(err, domain.ErrRefused) {
		t.Errorf("%v is no refusal", err)
	}
}
