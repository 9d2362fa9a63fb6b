package review

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"leeway/domain"
)

// tamper changes one thing of an event that a guard watches.
var tamper = []func(t *rapid.T, e Event){
	func(t *rapid.T, e Event) { e.by().Day += domain.Day(rapid.IntRange(-20, 40).Draw(t, "days")) },
	func(t *rapid.T, e Event) {
		p := rapid.SampledFrom([]string{"handler", "approver", "cousin", "w1", "r1", "r3", "whistle", "r4"}).Draw(t, "person")
		switch e := e.(type) {
		case *Accepted:
			e.Reviewers[0] = p
		case *FactVerified:
			e.Investigators[1] = p
		case *Heard:
			e.Investigators[1] = p
		case *Consulted:
			e.Members[0].Person = p
		case *Determined:
			e.Collective.Members[1].Person = p
		case *AppealDecided:
			e.Collective.Members[0].Person = p
		case *RecusalRaised:
			e.Person = p
		}
	},
	func(t *rapid.T, e Event) {
		o := rapid.SampledFrom(Outcomes).Draw(t, "outcome")
		r := rapid.SampledFrom([]ReplayRef{ref, ref2, {}}).Draw(t, "replay")
		switch e := e.(type) {
		case *Determined:
			e.Findings[0].Outcome, e.Findings[0].Replay = o, r
			if rapid.Bool().Draw(t, "reasons") {
				e.Findings[0].Departs = []Departure{{GuardAdvice.ID, words("because")}}
			}
			if rapid.Bool().Draw(t, "exclusion") {
				e.Suggestions[0].Confirmed = []string{"X03"}
			}
		case *Notified:
			e.Proposals[0].Outcome = o
		case *Replayed:
			e.Replay = r
		case *AppealDecided:
			e.Result, e.Findings = Varied, []Result{{Person: "w2", Matter: "m1", Outcome: o, Replay: ref, Remedy: Objection}}
		}
	},
	func(t *rapid.T, e Event) {
		n := rapid.IntRange(0, 3).Draw(t, "members")
		switch e := e.(type) {
		case *Determined:
			e.Collective.Members, e.Collective.For = e.Collective.Members[:n], n
		case *FactVerified:
			e.Investigators = e.Investigators[:min(n, 2)]
		case *Accepted:
			e.Reviewers = e.Reviewers[:min(n, 2)]
		case *Heard:
			e.Investigators = e.Investigators[:min(n, 2)]
		}
	},
}

// others are steps beside the standard ones.
func others(t *rapid.T) (string, Event) {
	type with struct {
		who   string
		event Event
	}
	w := rapid.SampledFrom([]with{
		{"w1", &RecusalRaised{By: by("2020-10-10"), Person: "r3", Cause: NearRelative}},
		{"h1", &RecusalDecided{By: by("2020-10-11"), Person: "r3", Granted: true, Reason: words("kin")}},
		{"h1", &RecusalDecided{By: by("2020-10-11"), Person: "r3", Reason: words("no kin")}},
		{"r1", &EvidenceExcluded{By: by("2020-10-12"), Evidence: "p1", Reason: words("extorted")}},
		{"r1", &SanctionRecorded{By: by("2020-10-21"), Person: "w1", Matter: "m1", Kind: SupervisionSanction, Number: "N"}},
		{"r1", &SanctionRecorded{By: by("2020-10-21"), Person: "w1", Matter: "m1", Kind: EmployerSanction, Number: "N"}},
		{"r1", edit(duty(false), func(*DutyFound) {})},
		{"r1", &ExclusionJudged{By: by("2020-10-14"), Person: "w1", Matter: "m1", Exclusion: "X03", Confirmed: true, Evidence: []string{"p2"}, Reason: words("kin")}},
		{"w1", &Withdrawn{by("2020-10-21")}},
		{"r1", appealDecided(Annulled)},
		{"machine", &GuardBreached{By: by("2020-10-28"), Act: "v5", Guard: "recusal", Why: "race"}},
	}).Draw(t, "other")
	return w.who, w.event
}

// TestRandomHistories drives reviews at random: mostly the next step, often
// tampered with, by anybody. Whatever is accepted is held to the rules again,
// here, without the deciders.
func TestRandomHistories(t *testing.T) {
	determined, exempted, refused := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		f := newFile(t)
		next := 0
		for range rapid.IntRange(20, 70).Draw(rt, "length") {
			s := steps[min(next, len(steps)-1)]
			who, e := s.who, s.make()
			kind := rapid.IntRange(0, 19).Draw(rt, "kind")
			switch kind {
			case 0:
				s = rapid.SampledFrom(steps).Draw(rt, "step")
				who, e = s.who, s.make()
			case 1:
				who, e = others(rt)
			case 2, 3:
				tamper[rapid.IntRange(0, len(tamper)-1).Draw(rt, "tamper")](rt, e)
			case 4:
				who = rapid.SampledFrom([]string{"w1", "w2", "r1", "r3", "h1", "b1", "handler", "x1", "a1", "s1"}).Draw(rt, "who")
			}
			before := len(f.log)
			err := f.try(who, e)
			if err != nil {
				refused++
			}
			if len(f.log) > before {
				obeys(rt, f, before)
				if d, ok := e.(*Determined); ok {
					determined++
					if d.Findings[0].Outcome == Exempt {
						exempted++
					}
				}
			}
			if kind >= 2 && err == nil {
				next++
			}
		}
	})
	t.Logf("%d determinations, %d exemptions, %d refusals", determined, exempted, refused)
	if determined == 0 || exempted == 0 || refused == 0 {
		t.Errorf("%d determinations, %d exemptions, %d refusals: the histories reach too little", determined, exempted, refused)
	}
}

// obeys checks the event at an index of the log against what was on record
// before it, by reading the log and nothing else.
func obeys(t *rapid.T, f *file, at int) {
	l := f.log[at]
	var names []string
	if j, ok := l.event.(judging); ok {
		names = j.judges()
	}
	if l.at.As.Discipline() {
		names = append(names, l.at.Actor.Person)
	}
	raised, _ := l.event.(*RecusalRaised)
	for _, n := range names {
		if stands := slices.ContainsFunc(f.hist.Traces, func(x Trace) bool { return x.Person == n }) || n == "whistle" || n == "w1" || n == "w2"; stands && (raised == nil || raised.Person != n) {
			t.Fatalf("%s acted in %s and stands in the case", n, l.event.EventType())
		}
		if recusedBefore(f, n, at) && (raised == nil || raised.Person != n) {
			t.Fatalf("%s acted in %s after a recusal", n, l.event.EventType())
		}
	}
	switch e := l.event.(type) {
	case *Determined:
		obeysDetermined(t, f, e, at)
	case *AppealDecided:
		for _, r := range e.Findings {
			if old, ok := lastResult(f, r.Pair(), at); ok && r.Outcome.weight() > old.Outcome.weight() {
				t.Fatalf("an appeal made it heavier: %s after %s", r.Outcome, old.Outcome)
			}
		}
	case *SanctionRecorded:
		for i, o := range f.log[:at] {
			if s, ok := o.event.(*SanctionRecorded); ok && s.Kind != e.Kind && !f.suspended(f.log[i].at.ID) {
				t.Fatal("both kinds of sanction for one act")
			}
		}
	}
}

// recusedBefore: a recusal was raised and is undecided or granted.
func recusedBefore(f *file, person string, at int) bool {
	recused := false
	for _, l := range f.log[:at] {
		if f.suspended(l.at.ID) {
			continue
		}
		switch e := l.event.(type) {
		case *RecusalRaised:
			recused = recused || e.Person == person
		case *RecusalDecided:
			if e.Person == person {
				recused = e.Granted
			}
		}
	}
	return recused
}

func lastResult(f *file, p Pair, at int) (r Result, ok bool) {
	for _, l := range f.log[:at] {
		if e, is := l.event.(*Determined); is && !f.suspended(l.at.ID) {
			i := slices.IndexFunc(e.Findings, func(x Result) bool { return x.Pair() == p })
			r, ok = e.Findings[i], true
		}
	}
	return r, ok
}

// obeysDetermined: two investigators, notice, hearing, the replay, nothing
// heavier than notified, a collective, and reasons for every departure.
func obeysDetermined(t *rapid.T, f *file, e *Determined, at int) {
	if distinct(members(e.Collective.Members)) < 3 || e.Collective.For*2 <= len(e.Collective.Members) {
		t.Fatal("nobody decided together")
	}
	for i, r := range e.Findings {
		var notice *Notified
		var heard, accepted bool
		var replayed ReplayRef
		for _, l := range f.log[:at] {
			if f.suspended(l.at.ID) {
				continue
			}
			switch x := l.event.(type) {
			case *Accepted:
				accepted = distinct(x.Reviewers) >= 2
			case *Notified:
				if x.Person == r.Person {
					notice, heard = x, false
				}
			case *Heard:
				heard = heard || x.Person == r.Person && distinct(x.Investigators) >= 2
			case *Replayed:
				replayed = x.Replay
			case *Reopened:
				notice, heard, replayed = nil, false, ReplayRef{}
			case *AppealDecided:
				if x.Result == Annulled {
					notice, heard, replayed = nil, false, ReplayRef{}
				}
			}
		}
		switch {
		case !accepted || notice == nil || !heard:
			t.Fatalf("%s was determined without acceptance by two, notice or hearing", r.Person)
		case replayed.Trace == "" || r.Replay.Trace != replayed.Trace || r.Replay.Event != replayed.Event:
			t.Fatalf("%s was determined without the replay", r.Person)
		case r.Outcome.weight() > notice.Proposals[0].Outcome.weight():
			t.Fatalf("%s is heavier than the notified %s", r.Outcome, notice.Proposals[0].Outcome)
		case e.Suggestions[i].Outcome != Open && r.Outcome != e.Suggestions[i].Outcome && len(r.Departs) == 0:
			t.Fatal("departed from the advice without reasons")
		case r.Outcome == Exempt && len(e.Suggestions[i].Confirmed) > 0 && len(r.Departs) == 0:
			t.Fatal("exempted against a confirmed exclusion without reasons")
		}
		for _, d := range r.Departs {
			if !d.Reason.Present {
				t.Fatal("a departure without reasons")
			}
		}
	}
}
