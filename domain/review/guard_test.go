package review

import (
	"slices"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// refusals holds each guard against acts that it must refuse. TestEveryGuard
// fails for a guard that has no row.
var refusals = []struct {
	guard, name, after, who string
	event                   func() Event
}{
	{"who-may-act", "a worker accepts", "cited", "w1", func() Event { return &Accepted{By: by("2020-10-09"), Reviewers: []string{"r1", "r2"}} }},
	{"who-may-act", "an auditor cites", "opened", "a1", func() Event { return cited() }},
	{"who-may-act", "the bureau determines", "consulted", "b1", func() Event { return determined() }},
	{"who-may-act", "a worker opens ex officio", "", "w1", func() Event { return edit(opened(), func(e *Opened) { e.Route = ExOfficio }) }},
	{"who-may-act", "a worker opens for others", "", "w1", func() Event { return edit(opened(), func(e *Opened) { e.Parties = e.Parties[1:] }) }},
	{"who-may-act", "citing for another", "opened", "w2", func() Event { return cited() }},
	{"who-may-act", "withdrawing for another", "cited", "w2", func() Event { return &Withdrawn{by("2020-10-09")} }},
	{"who-may-act", "a report by who was not there", "replayed", "r3", func() Event { return edit(duty(true), func(e *DutyFound) {}) }},
	{"who-may-act", "judging without being assigned", "replayed", "r3", func() Event {
		return &ExclusionJudged{By: by("2020-10-14"), Person: "w1", Matter: "m1", Exclusion: "X03", Reason: words("kin")}
	}},
	{"who-may-act", "a correction of another", "backed", "w1", func() Event { return &CorrectionDone{By: by("2020-12-20"), ID: "k1", Evidence: []string{"e20"}} }},
	{"who-may-act", "appealing for another", "served 2", "w1", func() Event { return appealed("w2", Objection) }},
	{"who-may-act", "a stranger asks for a recusal", "accepted", "w2", func() Event { return &RecusalRaised{By: by("2020-10-10"), Person: "r1", Cause: Witness} }},
	{"competent-organ", "a reviewer of another organ", "accepted", "x1", func() Event { return verified() }},
	{"competent-organ", "another organ opens", "", "x1", func() Event { return edit(opened(), func(e *Opened) { e.Route = ExOfficio }) }},
	{"competent-organ", "a member of the bureau votes", "consulted", "r1", func() Event {
		return edit(determined(), func(e *Determined) { e.Collective.Members[2] = Member{"b1", "bureau"} })
	}},
	{"competent-organ", "the superior decides an objection", "appealed", "s1", func() Event { return appealDecided(Upheld) }},
	{"two-investigators", "one is assigned", "opened", "h1", func() Event { return &Accepted{By: by("2020-10-09"), Reviewers: []string{"r1", "r1"}} }},
	{"two-investigators", "one verifies", "accepted", "r1", func() Event { return edit(verified(), func(e *FactVerified) { e.Investigators = []string{"r1"} }) }},
	{"two-investigators", "one finds", "replayed", "r1", func() Event { return edit(duty(true), func(e *DutyFound) { e.Investigators = []string{"r1"} }) }},
	{"two-investigators", "one hears", "notified 2", "r1", func() Event { return edit(heard("w1"), func(e *Heard) { e.Investigators = []string{"r1", ""} }) }},
	{"two-investigators", "one is not assigned", "accepted", "r1", func() Event {
		return edit(verified(), func(e *FactVerified) { e.Investigators = []string{"r1", "r3"} })
	}},
	{"notice", "a hearing before the notice", "opinion", "r1", func() Event { return heard("w1") }},
	{"notice", "a notice without basis", "opinion", "r1", func() Event { return edit(notified("w1"), func(e *Notified) { e.Basis = nil }) }},
	{"notice", "a notice without facts", "opinion", "r1", func() Event { return edit(notified("w1"), func(e *Notified) { e.Facts = domain.Private{} }) }},
	{"notice", "a notice without a proposal", "opinion", "r1", func() Event { return edit(notified("w1"), func(e *Notified) { e.Proposals = nil }) }},
	{"hearing", "silence before the last day", "notified 2", "r1", func() Event { return edit(heard("w1"), func(e *Heard) { e.Silent = true }) }},
	{"hearing", "no words", "notified 2", "r1", func() Event { return edit(heard("w1"), func(e *Heard) { e.Words = domain.Private{} }) }},
	{"hearing", "a point that nobody verified", "notified 2", "r1", func() Event { return edit(heard("w1"), func(e *Heard) { e.Points[0].Reason = domain.Private{} }) }},
	{"no-heavier-for-defence", "heavier than notified", "consulted", "r1", func() Event {
		return edit(determined(), func(e *Determined) { e.Findings[0].Outcome = NotExempt })
	}},
	{"replay", "a replay without its digest", "accepted", "r1", func() Event { return edit(replayed(ref), func(e *Replayed) { e.Replay.Trace = "" }) }},
	{"replay", "an opinion without a replay", "accepted", "b1", func() Event { return opinion(ref) }},
	{"replay", "an opinion on another replay", "replayed", "b1", func() Event { return opinion(ref2) }},
	{"replay", "a notice on another replay", "opinion", "r1", func() Event { return edit(notified("w1"), func(e *Notified) { e.Proposals[0].Replay = "tr2" }) }},
	{"replay", "a correction without a replay", "accepted", "r1", func() Event { return ordered() }},
	{"replay", "a consultation without the opinion", "duty", "r1", func() Event { return consulted() }},
	{"replay", "a determination on another replay", "consulted", "r1", func() Event { return edit(determined(), func(e *Determined) { e.Findings[0].Replay = ref2 }) }},
	{"replay", "a determination without the event of its replay", "consulted", "r1", func() Event { return edit(determined(), func(e *Determined) { e.Findings[0].Replay.Event = "" }) }},
	{"replay", "a suggestion on another replay", "consulted", "r1", func() Event { return edit(determined(), func(e *Determined) { e.Suggestions[0].Replay = "tr2" }) }},
	{"collective", "alone", "consulted", "r1", func() Event {
		return edit(determined(), func(e *Determined) { e.Collective = Collective{Members: organ[:1], For: 1, Minutes: "M"} })
	}},
	{"collective", "below the quorum", "consulted", "r1", func() Event {
		return edit(determined(), func(e *Determined) { e.Collective = Collective{Members: organ[:2], For: 2, Minutes: "M"} })
	}},
	{"collective", "no majority", "consulted", "r1", func() Event {
		return edit(determined(), func(e *Determined) { e.Collective.For, e.Collective.Against = 1, 2 })
	}},
	{"collective", "more votes than members", "consulted", "r1", func() Event { return edit(determined(), func(e *Determined) { e.Collective.Against = 1 }) }},
	{"signature", "by who took no part in it", "determined", "r2", func() Event {
		return &Signed{By: by("2020-12-01"), Decision: "v14", Digest: "d", Key: "r2+a1+A", Signature: "— r2 A"}
	}},
	{"bureau-decision", "done without a decision", "served 2", "b1", func() Event { return &CorrectionDone{By: by("2020-12-20"), ID: "k1", Evidence: []string{"e20"}} }},
	{"bureau-decision", "a decision without remedies", "served 2", "b1", func() Event { return edit(backed(), func(e *CorrectionBacked) { e.Remedies = false }) }},
	{"bureau-decision", "a decision that was not served", "served 2", "b1", func() Event { return edit(backed(), func(e *CorrectionBacked) { e.Served = 0 }) }},
	{"bureau-decision", "a decision without reasons", "served 2", "b1", func() Event { return edit(backed(), func(e *CorrectionBacked) { e.Reasoned = false }) }},
	{"amounts-from-replay", "more than the replay gives", "replayed", "r1", func() Event { return edit(ordered(), func(e *CorrectionOrdered) { e.Months[0].Amount++ }) }},
	{"amounts-from-replay", "a month that the replay does not have", "replayed", "r1", func() Event { return edit(ordered(), func(e *CorrectionOrdered) { e.Months[0].Month++ }) }},
	{"amounts-from-replay", "a month twice", "replayed", "r1", func() Event {
		return edit(ordered(), func(e *CorrectionOrdered) { e.Months = append(e.Months, e.Months[0]) })
	}},
	{"full-record", "filing with an open order", "served 2", "r1", func() Event { return &Filed{By: by("2020-12-22"), Archive: "A-1"} }},
	{"full-record", "filing before service", "served", "r1", func() Event { return &Filed{By: by("2020-12-22"), Archive: "A-1"} }},
	{"remedy-in-time", "too late", "served 2", "w2", func() Event { return edit(appealed("w2", Objection), func(e *Appealed) { e.Day = day("2021-01-15") }) }},
	{"remedy-in-time", "a month and a day", "served 2", "w2", func() Event {
		return edit(appealed("w2", Reexamination), func(e *Appealed) { e.Day = day("2021-01-19") })
	}},
	{"remedy-in-time", "a higher review first", "served 2", "w2", func() Event { return appealed("w2", HigherReview) }},
	{"recusal-decided-by", "the head decides on the head", "accepted", "h1", nil},
	{"recusal", "a handler is assigned", "opened", "h1", func() Event { return &Accepted{By: by("2020-10-09"), Reviewers: []string{"r1", "handler"}} }},
	{"lawful-evidence", "excluded evidence", "accepted", "r1", nil},
	{"duty-findings", "a fact without a finding", "replayed", "r1", nil},
	{"no-double-sanction", "both kinds", "heard", "r1", nil},
	{"no-aggravation-on-appeal", "heavier on appeal", "appealed", "r1", func() Event {
		return edit(appealDecided(Varied), func(e *AppealDecided) {
			e.Findings = []Result{{Person: "w2", Matter: "m1", Outcome: NotExempt, Replay: ref, Remedy: Objection}}
		})
	}},
	{"clear-the-name", "who was not exempted", "served 2", "r1", nil},
	{"order", "a day before the step it follows", "consulted", "r1", func() Event { return edit(determined(), func(e *Determined) { e.Day = day("2020-10-25") }) }},
	{"order", "no bureau in the consultation", "heard 2", "r1", func() Event { return edit(consulted(), func(e *Consulted) { e.Members = organ; e.Dissents = nil }) }},
}

func TestGuardsRefuse(t *testing.T) {
	for _, tt := range refusals {
		if tt.event == nil {
			continue // has a test of its own below
		}
		f := upTo(t, tt.after)
		n := f.n
		if got := refusedBy(f.try(tt.who, tt.event())); got != tt.guard || f.n != n {
			t.Errorf("%s: refused by %q, want %s", tt.name, got, tt.guard)
		}
	}
}

// TestEveryGuard holds that the table is whole: texts, sources, a refusal.
func TestEveryGuard(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range Guards() {
		if seen[g.ID] || g.Says.ZH == "" || g.Says.EN == "" || len(g.Cites) == 0 || g.Origin() == "" {
			t.Errorf("guard %q is doubled or lacks words or a source", g.ID)
		}
		seen[g.ID] = true
		law := slices.ContainsFunc(g.Cites, func(c domain.Cite) bool { return c.Origin == domain.FromStatute && c.Article != "" })
		if law != (g.Weight == Statutory) {
			t.Errorf("guard %s has weight %s and cites %s", g.ID, g.Weight, g.Origin())
		}
		if g.Refuses() == (g.Weight == Advisory) {
			t.Errorf("guard %s: weight %s, refuses %v", g.ID, g.Weight, g.Refuses())
		}
		tested := slices.ContainsFunc(departures, func(d departure) bool { return d.guard == g.ID })
		for _, r := range refusals {
			tested = tested || r.guard == g.ID
		}
		if !tested {
			t.Errorf("no test lets guard %s refuse", g.ID)
		}
	}
}

// A departure is a determination that departs from an advisory guard.
type departure struct {
	guard string
	file  func(t *testing.T) *file
	event func() *Determined
}

func consultedFile(t *testing.T) *file { return upTo(t, "consulted") }

var departures = []departure{
	{"advice", consultedFile, func() *Determined {
		return edit(determined(), func(e *Determined) { e.Findings[0].Outcome, e.Suggestions[0].Outcome = Exempt, Lighter }).(*Determined)
	}},
	{"unknown", func(t *testing.T) *file {
		f := upTo(t, "ordered")
		return f.must("r1", edit(notified("w1"), func(e *Notified) { e.Proposals[0].Outcome = NotExempt })).must("r1", notified("w2")).
			must("r1", heard("w1")).must("r1", heard("w2")).must("r1", consulted())
	}, func() *Determined {
		return edit(determined(), func(e *Determined) {
			e.Findings[0].Outcome, e.Suggestions[0].Outcome = NotExempt, Open
		}).(*Determined)
	}},
	{"confirmed-exclusion", consultedFile, func() *Determined {
		return edit(determined(), func(e *Determined) { e.Suggestions[0].Confirmed = []string{"X03"} }).(*Determined)
	}},
	{"unjudged-exclusion", consultedFile, func() *Determined {
		return edit(determined(), func(e *Determined) { e.Suggestions[0].Suspected = []string{"X03"} }).(*Determined)
	}},
	{"unproved-condition", consultedFile, func() *Determined {
		return edit(determined(), func(e *Determined) { e.Findings[0].Grounds = []string{"G02"} }).(*Determined)
	}},
	{"correction-ordered", func(t *testing.T) *file {
		f := upTo(t, "opinion")
		for _, p := range []string{"w1", "w2"} {
			f.must("r1", notified(p)).must("r1", heard(p))
		}
		return f.must("r1", consulted())
	}, determined},
	{"replay-current", func(t *testing.T) *file {
		f := upTo(t, "consulted")
		f.hist.Basis[0].Revision = 10
		return f
	}, determined},
}

// TestDepartures holds that an advisory guard takes collective reasons, counts
// the departure, and lets the decision pass with them.
func TestDepartures(t *testing.T) {
	for _, tt := range departures {
		f := tt.file(t)
		if got := refusedBy(f.try("r1", tt.event())); got != tt.guard {
			t.Errorf("%s: without reasons refused by %q", tt.guard, got)
			continue
		}
		e := tt.event()
		for i := range e.Findings {
			for _, g := range f.Departed(e.Findings[i], e.Suggestions[i], f.hist) {
				e.Findings[i].Departs = append(e.Findings[i].Departs, Departure{g.ID, words("the collective's reasons")})
			}
		}
		if err := f.try("r1", e); err != nil || f.Departures() == 0 {
			t.Errorf("%s: with reasons %v, %d departures", tt.guard, err, f.Departures())
		}
		blank := tt.event()
		for i := range e.Findings {
			for _, d := range e.Findings[i].Departs {
				blank.Findings[i].Departs = append(blank.Findings[i].Departs, Departure{Guard: d.Guard})
			}
		}
		if got := refusedBy(tt.file(t).try("r1", blank)); got != tt.guard {
			t.Errorf("%s: with empty reasons refused by %q", tt.guard, got)
		}
	}
}

// TestSuggestionMissing: nobody determines before the engine was asked.
func TestSuggestionMissing(t *testing.T) {
	e := determined()
	e.Suggestions = e.Suggestions[:1]
	if got := refusedBy(upTo(t, "consulted").try("r1", e)); got != "advice" {
		t.Errorf("refused by %q", got)
	}
}

func TestExcludedEvidenceIsNoEvidence(t *testing.T) {
	f := upTo(t, "verified")
	if _, ok := f.Findings(Pair{"w1", "m1"})["private_gain"]; !ok {
		t.Fatal("the finding is not there")
	}
	f.must("r1", &EvidenceExcluded{By: by("2020-10-12"), Evidence: "p1", Reason: words("extorted")})
	if got := refusedBy(f.try("r1", edit(verified(), func(e *FactVerified) { e.Name = "other" }))); got != "lawful-evidence" {
		t.Errorf("refused by %q", got)
	}
	if len(f.Findings(Pair{"w1", "m1"})) != 0 {
		t.Error("a finding that rests on excluded evidence still counts")
	}
}

// TestEachProposedFactIsFound: K° is a finding, and the determination rests on
// the replay of the confirmed set.
func TestEachProposedFactIsFound(t *testing.T) {
	to := func(finding Event, second bool) error {
		f := upTo(t, "replayed")
		if finding != nil {
			f.must("r1", finding)
		}
		now := ref
		if second {
			now = ref2
			f.must("r1", edit(replayed(ref2), func(e *Replayed) { e.Day = day("2020-10-15"); e.Rejected = append(e.Rejected, fact); e.Proposed = nil }))
		}
		f.must("b1", opinion(now)).must("r1", ordered())
		for _, p := range []string{"w1", "w2"} {
			f.must("r1", edit(notified(p), func(e *Notified) { e.Proposals[0].Replay = now.Trace })).must("r1", heard(p))
		}
		return f.must("r1", consulted()).try("r1", edit(determined(), func(e *Determined) {
			for i := range e.Findings {
				e.Findings[i].Replay, e.Suggestions[i].Replay = now, now.Trace
			}
		}))
	}
	for _, tt := range []struct {
		name    string
		finding Event
		second  bool
		want    string
	}{
		{"no finding", nil, false, "duty-findings"},
		{"confirmed", duty(true), false, ""},
		{"rejected, not replayed again", duty(false), false, "duty-findings"},
		{"rejected and replayed without it", duty(false), true, ""},
		{"confirmed, but replayed without it", duty(true), true, "duty-findings"},
	} {
		if got := refusedBy(to(tt.finding, tt.second)); got != tt.want {
			t.Errorf("%s: refused by %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestOneKindOfSanctionOnly(t *testing.T) {
	sanction := func(k SanctionKind) Event {
		return &SanctionRecorded{By: by("2020-10-21"), Person: "w1", Matter: "m1", Kind: k, Number: "N"}
	}
	for _, first := range []SanctionKind{SupervisionSanction, EmployerSanction} {
		f := upTo(t, "heard").must("r1", sanction(first))
		for _, second := range []SanctionKind{SupervisionSanction, EmployerSanction} {
			want := "no-double-sanction"
			if second == first {
				want = ""
			}
			if got := refusedBy(f.try("r1", sanction(second))); got != want {
				t.Errorf("%s after %s: refused by %q", second, first, got)
			}
		}
	}
	late := sanction(EmployerSanction)
	late.by().Day = day("2020-12-19")
	if got := refusedBy(upTo(t, "served 2").try("r1", late)); got != "order" {
		t.Errorf("a sanction against an exemption: refused by %q", got)
	}
}

func TestNameIsClearedOnlyWhereNothingRemains(t *testing.T) {
	f := upTo(t, "ordered")
	f.must("r1", edit(notified("w1"), func(e *Notified) { e.Proposals[0].Outcome = Lighter })).must("r1", notified("w2"))
	f.must("r1", heard("w1")).must("r1", heard("w2")).must("r1", consulted())
	f.must("r1", edit(determined(), func(e *Determined) { e.Findings[0].Outcome, e.Suggestions[0].Outcome = Lighter, Lighter }))
	f.must("r1", served("w1")).must("r1", served("w2"))
	if got := refusedBy(f.try("r1", &NameCleared{By: by("2020-12-23"), Person: "w1", Scope: "township"})); got != "clear-the-name" {
		t.Errorf("refused by %q", got)
	}
}

// TestProposalsStayOpen: a recovery without fraud has no clause in Order 649;
// without a local rule it cannot be decided, and the filing names it as open.
func TestProposalsStayOpen(t *testing.T) {
	f := upTo(t, "opinion").must("r1", edit(ordered(), func(e *CorrectionOrdered) { e.Fraud = false }))
	for _, p := range []string{"w1", "w2"} {
		f.must("r1", notified(p)).must("r1", heard(p))
	}
	f.must("r1", consulted()).must("r1", determined()).must("r1", served("w1")).must("r1", served("w2"))
	if got := refusedBy(f.try("b1", backed())); got != "bureau-decision" {
		t.Errorf("backed without a local rule: refused by %q", got)
	}
	k, _ := f.Correction("k1")
	if k.OpenFor() != "local_rule" || k.State(day("2022-01-01")) != "proposed" {
		t.Errorf("the proposal is open for %q, %s", k.OpenFor(), k.State(day("2022-01-01")))
	}
	if got := refusedBy(f.try("r1", &Filed{By: by("2020-12-22"), Archive: "A-1"})); got != "full-record" {
		t.Errorf("filed without naming it: refused by %q", got)
	}
	f.must("r1", &Filed{By: by("2020-12-22"), Archive: "A-1", Open: []string{"k1"}})
}

func TestCorrectionStates(t *testing.T) {
	f := upTo(t, "replayed").must("r1", edit(ordered(), func(e *CorrectionOrdered) {
		e.Measure, e.Months, e.Owner = C7Retrain, nil, "w1"
	}))
	at := func(d string) string { k, _ := f.Correction("k1"); return k.State(day(d)) }
	if at("2020-12-31") != "ordered" || at("2021-01-01") != "overdue" {
		t.Errorf("%s, then %s", at("2020-12-31"), at("2021-01-01"))
	}
	f.must("h1", &CorrectionExtended{By: by("2020-12-30"), ID: "k1", Due: day("2021-01-31"), Reason: words("ill")})
	if at("2021-01-01") != "ordered" {
		t.Errorf("extended: %s", at("2021-01-01"))
	}
	f.must("w1", &CorrectionDone{By: by("2021-01-04"), ID: "k1", Evidence: []string{"p"}})
	if at("2021-06-01") != "done" {
		t.Errorf("done: %s", at("2021-06-01"))
	}
	f.must("r1", &CorrectionReturned{By: by("2021-01-05"), ID: "k1", Reason: words("half")})
	if k, _ := f.Correction("k1"); at("2021-06-01") != "overdue" || k.Returned != 1 {
		t.Errorf("returned: %s", at("2021-06-01"))
	}
	f.must("w1", &CorrectionDone{By: by("2021-01-06"), ID: "k1", Evidence: []string{"p2"}}).must("r1", &CorrectionAccepted{By: by("2021-01-07"), ID: "k1"})
	if got := refusedBy(f.try("w1", &CorrectionDone{By: by("2021-01-08"), ID: "k1", Evidence: []string{"p3"}})); at("2022-01-01") != "accepted" || got != "order" {
		t.Errorf("accepted: %s, done again refused by %q", at("2022-01-01"), got)
	}
	if got := refusedBy(f.try("b1", backed())); got != "order" {
		t.Errorf("a decision on what touches nobody: refused by %q", got)
	}
	if got := refusedBy(f.must("r1", edit(ordered(), func(e *CorrectionOrdered) {
		e.ID, e.Measure, e.LocalRule, e.Months = "k2", C12Dishonest, "L-7", []eligibility.MonthAmount(nil)
	})).try("b1", edit(backed(), func(e *CorrectionBacked) { e.ID = "k2" }))); got != "" {
		t.Errorf("a record of dishonesty under a local rule: refused by %q", got)
	}
}

// TestDiligentOnAGround: who was diligent and proved a ground may be exempted on
// it without departing from anything; on an unproved one he may not.
func TestDiligentOnAGround(t *testing.T) {
	for proved, want := range map[string]int{"G01": 0, "G02": 2} {
		f := Result{Person: "w1", Matter: "m1", Outcome: Exempt, Grounds: []string{"G01"}}
		s := Suggestion{Outcome: Diligent, Proved: []string{proved}}
		if got := upTo(t, "consulted").Departed(f, s, history()); len(got) != want {
			t.Errorf("%s proved: departs from %v", proved, got)
		}
	}
}

// TestNobodyIsDeterminedUnheard: each person is notified and heard before, and
// what was said after the consultation is consulted on again.
func TestNobodyIsDeterminedUnheard(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		steps      []Event
	}{
		{"one was not notified", "notice", []Event{notified("w1"), heard("w1"), consulted()}},
		{"one was not heard", "hearing", []Event{notified("w1"), notified("w2"), heard("w1"), consulted()}},
		{"one was notified anew and not heard on it", "hearing", []Event{notified("w1"), notified("w2"), heard("w1"), heard("w2"),
			edit(notified("w2"), func(e *Notified) { e.Day, e.Until = day("2020-10-21"), day("2020-10-30") }), consulted()}},
		{"one was heard after the consultation", "hearing", []Event{notified("w1"), notified("w2"), heard("w1"), consulted(), heard("w2")}},
		{"both were heard before", "", []Event{notified("w1"), notified("w2"), heard("w1"), heard("w2"), consulted()}},
	} {
		f := upTo(t, "ordered")
		for _, e := range tt.steps {
			f.must("r1", e)
		}
		if got := refusedBy(f.try("r1", determined())); got != tt.want {
			t.Errorf("%s: refused by %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestStepsOfAReviewThatIsFurther: what comes too late is refused, each with
// the way that is still open.
func TestStepsOfAReviewThatIsFurther(t *testing.T) {
	for _, tt := range []struct {
		after, who string
		event      Event
	}{
		{"determined", "w1", edit(cited(), func(e *Cited) { e.Ground = "G02" })},
		{"determined", "h1", &Accepted{By: by("2020-10-29"), Reviewers: []string{"r1", "r3"}}},
		{"determined", "w1", &Withdrawn{by("2020-10-29")}},
		{"accepted", "r1", &NotAccepted{By: by("2020-10-10"), Reason: words("no")}},
		{"accepted", "r1", &SupplementAsked{By: by("2020-10-10"), Missing: []string{"log"}, Until: day("2020-10-16")}},
		{"accepted", "r1", &Lapsed{by("2020-10-30")}},
		{"opened", "r1", &Transferred{By: by("2020-10-29"), Person: "w1", Matter: "m1", To: "commission"}},
		{"opened", "r1", ordered()},
		{"filed", "r1", edit(ordered(), func(e *CorrectionOrdered) { e.ID, e.Day = "k2", day("2020-12-23") })},
	} {
		if got := refusedBy(upTo(t, tt.after).try(tt.who, tt.event)); got != "order" {
			t.Errorf("%s after %q: refused by %q", tt.event.EventType(), tt.after, got)
		}
	}
	extended := upTo(t, "verified").must("h1", &VerificationExtended{By: by("2020-10-12"), Reason: words("complex")})
	if got := refusedBy(extended.try("h1", &VerificationExtended{By: by("2020-10-13"), Reason: words("still")})); got != "order" {
		t.Errorf("extended twice: refused by %q", got)
	}
	if got := refusedBy(upTo(t, "backed").try("r1", &CorrectionReturned{By: by("2020-12-21"), ID: "k1", Reason: words("x")})); got != "order" {
		t.Errorf("returned before it was reported: refused by %q", got)
	}
	if got := refusedBy(upTo(t, "done").try("b1", &CorrectionDone{By: by("2020-12-21"), ID: "k1", Evidence: []string{"e21"}})); got != "order" {
		t.Errorf("reported twice: refused by %q", got)
	}
}
