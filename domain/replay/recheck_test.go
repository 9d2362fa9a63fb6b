package replay_test

import (
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// classed are steps of which the re-check comes again by class.
func classed(terms ...domain.Term) []domain.Step {
	return []domain.Step{
		{ID: "acceptance", Event: "application-accepted.v1", Required: true},
		{ID: "decision", Event: "decision-made.v1", After: "acceptance", Required: true, Decides: true},
		{ID: "recheck", Event: "reverification-done.v1", Every: 12, Classes: terms, Required: true},
	}
}

// changingRules have other steps from a day on.
type changingRules struct {
	stepRules
	from  domain.Day
	later []domain.Step
}

func (r changingRules) Plan(v domain.PackVersion, on domain.Day) (replay.Plan, error) {
	if on >= r.from {
		r.steps = r.later
	}
	return r.stepRules.Plan(v, on)
}

// TestRecheckFollowsTheClass: the term is that of the class, by the rules of the
// day on which it began; a day that somebody sets counts where it is earlier.
func TestRecheckFollowsTheClass(t *testing.T) {
	old := classed(domain.Term{Class: "A", Every: 12}, domain.Term{Class: "B", Every: 6}, domain.Term{Class: "C", Every: 3})
	class := func(s *story, on, class, due string) {
		e := &eligibility.ReverificationDue{On: s.on(on), Class: class}
		if due != "" {
			e.Due = day(s.t, due)
		}
		s.add(e)
	}
	for _, tt := range []struct {
		name string
		acts func(*story)
		at   string // the month that is judged
		want string
	}{
		{"no class: the general term", func(*story) {}, "2020-09", "recheck pending due 01-20 "},
		{"half-yearly: not due yet", func(s *story) { class(s, "2020-01-25", "B", "") }, "2020-06", "recheck pending due 07-20 "},
		{"half-yearly: missed", func(s *story) { class(s, "2020-01-25", "B", "") }, "2020-09", "recheck missing due 07-20 overdue 1 w1"},
		{"quarterly: missed twice", func(s *story) { class(s, "2020-01-25", "C", "") }, "2020-09", "recheck missing due 07-20 overdue 2 w1"},
		{"a later day of one's own gives no more time", func(s *story) { class(s, "2020-01-25", "B", "2020-12-31") }, "2020-09", "recheck missing due 07-20 overdue 1 w1"},
		{"an earlier day of one's own counts", func(s *story) { class(s, "2020-01-25", "B", "2020-06-01") }, "2020-07", "recheck missing due 06-01 overdue 1 w1"},
		{"a change of class moves the next one on", func(s *story) { class(s, "2020-01-25", "C", ""); class(s, "2020-02-25", "A", "") }, "2020-09", "recheck pending due 01-20 "},
		{"a change of class moves the next one up", func(s *story) { class(s, "2020-01-25", "A", ""); class(s, "2020-04-01", "B", "") }, "2020-09", "recheck missing due 07-20 overdue 1 w1"},
		{"a term that has run out already makes nobody late", func(s *story) { class(s, "2020-01-25", "A", ""); class(s, "2020-08-25", "C", "") }, "2020-09", "recheck pending due 11-25 "},
		{"after a re-check the class goes on", func(s *story) {
			class(s, "2020-01-25", "B", "")
			s.add(&eligibility.ReverificationDone{On: s.on("2020-03-10"), Staff: []string{"w1"}})
		}, "2020-08", "recheck done due 09-10 w1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := recheckOf(t, stepRules{newStory(t).rules, old}, tt.acts, tt.at); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	// From June on class B is looked at every three months.
	changed := changingRules{stepRules{newStory(t).rules, old}, day(t, "2020-06-01"), classed(domain.Term{Class: "B", Every: 3})}
	b := func(s *story) { class(s, "2020-01-25", "B", "") }
	if got := recheckOf(t, changed, b, "2020-07"); got != "recheck pending due 07-20 " {
		t.Errorf("a term that began before the new rule: %s", got)
	}
	done := func(s *story) {
		b(s)
		s.add(&eligibility.ReverificationDone{On: s.on("2020-07-10"), Staff: []string{"w1"}})
	}
	if got := recheckOf(t, changed, done, "2020-09"); got != "recheck done due 10-10 w1" {
		t.Errorf("the first term under the new rule: %s", got)
	}
}

// recheckOf is the re-check as a month is judged, of a single person who is
// granted on 20 January 2020 and paid until September.
func recheckOf(t *testing.T, rules replay.Rules, acts func(*story), m string) string {
	t.Helper()
	s := newStory(t)
	s.opened(1, 148).decided(378)
	acts(s)
	for _, m := range []string{"2020-02", "2020-03", "2020-04", "2020-05", "2020-06", "2020-07", "2020-08", "2020-09"} {
		s.paid(m, 378)
	}
	got := conformance(t, s, rules, m)
	return got[strings.LastIndex(got, "recheck"):]
}

// TestNextRecheck: a grant, a re-check and a class say when the next one is due.
func TestNextRecheck(t *testing.T) {
	s := newStory(t)
	rules := stepRules{s.rules, classed(domain.Term{Class: "B", Every: 6})}
	s.opened(1, 148)
	next := func(e eligibility.Event, want string) {
		t.Helper()
		_, due, err := replay.NextRecheck(replay.Input{Case: s.c, Register: s.reg, Rules: rules, AsOf: day(t, "2020-12-31")}, e)
		if got := due.String(); err != nil || due == 0 && want != "" || due != 0 && got != want {
			t.Errorf("%s: %s, %v; want %s", e.EventType(), due, err, want)
		}
	}
	next(&eligibility.ReverificationDue{On: s.on("2020-01-10"), Class: "B"}, "") // nothing runs yet
	next(&eligibility.DecisionMade{On: s.on("2020-01-20"), Outcome: eligibility.Granted}, "2021-01-20")
	next(&eligibility.DecisionMade{On: s.on("2020-01-20"), Outcome: eligibility.Refused}, "")
	s.decided(378)
	next(&eligibility.ReverificationDue{On: s.on("2020-01-25"), Class: "B"}, "2020-07-20")
	s.add(&eligibility.ReverificationDue{On: s.on("2020-01-25"), Class: "B"})
	next(&eligibility.ReverificationDone{On: s.on("2020-05-31")}, "2020-11-30")
	next(&eligibility.BenefitPaid{On: s.on("2020-05-31")}, "")
}
