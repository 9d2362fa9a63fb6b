package replay_test

import (
	"fmt"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// stepRules are the plain rules with another procedure.
type stepRules struct {
	plainRules
	steps []domain.Step
}

func (r stepRules) Plan(v domain.PackVersion, on domain.Day) (replay.Plan, error) {
	p, err := r.plainRules.Plan(v, on)
	if err != nil {
		return nil, err
	}
	return &stepPlan{p.(*plainPlan), r.steps}, nil
}

type stepPlan struct {
	*plainPlan
	steps []domain.Step
}

func (p *stepPlan) Procedure(string) []domain.Step { return p.steps }

var noticed = []domain.Step{
	{ID: "acceptance", Event: "application-accepted.v1", Required: true, Right: true},
	{ID: "survey", Event: "household-surveyed.v1", After: "acceptance", Days: 10, Working: true, Staff: 2, Required: true, Minor: []string{replay.StepLate}},
	{ID: "notice", Event: "public-notice-posted.v1", After: "survey", Runs: 7, Required: true, Right: true},
	{ID: "submission", Event: "submitted-to-county.v1", After: "notice", Days: 5, Working: true, Required: true, Minor: []string{replay.StepLate}},
	{ID: "decision", Event: "decision-made.v1", After: "submission", Days: 5, Working: true, Required: true, Decides: true},
	{ID: "recheck", Event: "reverification-done.v1", Every: 1, Required: true},
}

// conformance writes each step of a month: state, days, who, and what else
// there is to say.
func conformance(t *testing.T, s *story, rules replay.Rules, m string) string {
	t.Helper()
	r, err := replay.Run(replay.Input{Case: s.c, Register: s.reg, Rules: rules, AsOf: day(t, "2020-12-31")})
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, x := range r.Months {
		if x.Month.String() != m {
			continue
		}
		for _, c := range x.Procedure {
			p := c.Step + " " + c.State
			if c.Due != 0 {
				p += " due " + c.Due.String()[5:]
			}
			if c.Lasted != 0 {
				p += fmt.Sprint(" lasted ", c.Lasted)
			}
			if c.Overdue != 0 {
				p += fmt.Sprint(" overdue ", c.Overdue)
			}
			if c.Minor {
				p += " minor"
			}
			if (c.Event == "") != (c.Done == 0) || c.Type == "" {
				t.Errorf("%s: done %s, event %q, type %q", c.Step, c.Done, c.Event, c.Type)
			}
			parts = append(parts, p+" "+c.Person)
		}
	}
	return strings.Join(parts, "; ")
}

// TestConformance goes through the states that a step can be in.
func TestConformance(t *testing.T) {
	notice := func(s *story, on, until string) {
		s.add(&eligibility.PublicNoticePosted{On: s.on(on), Place: "village", Until: day(s.t, until)})
	}
	tests := []struct {
		name string
		acts func(*story)
		want string
	}{
		{"all done, the notice seven days", func(s *story) {
			notice(s, "2020-01-07", "2020-01-13")
			s.add(&eligibility.SubmittedToCounty{Taken: taken(s, "2020-01-20")})
		}, "acceptance done w1; survey done due 01-17 w1; notice done w1; submission done due 01-20 w1; recheck pending due 02-20 "},
		{"a notice of six days harms a right", func(s *story) {
			notice(s, "2020-01-07", "2020-01-12")
			s.add(&eligibility.SubmittedToCounty{Taken: taken(s, "2020-01-20")})
		}, "acceptance done w1; survey done due 01-17 w1; notice short lasted 6 w1; submission late due 01-17 minor w1; recheck pending due 02-20 "},
		{"no notice: what runs from it has no term", func(s *story) {
			s.add(&eligibility.SubmittedToCounty{Taken: taken(s, "2020-01-20")})
		}, "acceptance done w1; survey done due 01-17 w1; notice missing ; submission done w1; recheck pending due 02-20 "},
		{"an obstacle excuses", func(s *story) {
			s.add(&eligibility.ObstacleRecorded{On: s.on("2020-01-16"), Step: "notice", Kind: "restriction", From: day(s.t, "2020-01-07"), To: day(s.t, "2020-01-15"), Proven: true, MadeUp: true},
				&eligibility.SubmittedToCounty{Taken: taken(s, "2020-01-20")})
		}, "acceptance done w1; survey done due 01-17 w1; notice excused ; submission done w1; recheck pending due 02-20 "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStory(t)
			s.opened(1, 148)
			test.acts(s)
			s.decided(378).paid("2020-02", 378)
			if got := conformance(t, s, stepRules{s.rules, noticed}, "2020-02"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A repeated step says by how many cycles it is overdue.
func TestOverdueCycles(t *testing.T) {
	s := newStory(t)
	s.opened(1, 148).decided(378)
	for _, m := range []string{"2020-02", "2020-03", "2020-04", "2020-05"} {
		s.paid(m, 378)
	}
	for m, want := range map[string]string{
		"2020-03": "recheck missing due 02-20 overdue 1 w1",
		"2020-04": "recheck missing due 03-20 overdue 2 w1",
		"2020-05": "recheck missing due 04-20 overdue 3 w1",
	} {
		if got := conformance(t, s, stepRules{s.rules, noticed}, m); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s; want %s", m, got, want)
		}
	}
}

// The findings about defects: late is minor where the pack says so, a short
// notice harms a right, and what was made up for later is put right.
func TestDefects(t *testing.T) {
	s := newStory(t)
	s.opened(1, 148)
	s.add(&eligibility.PublicNoticePosted{On: s.on("2020-01-07"), Place: "village", Until: day(t, "2020-01-13")},
		&eligibility.SubmittedToCounty{Taken: taken(s, "2020-01-22")})
	s.add(&eligibility.DecisionMade{On: s.on("2020-01-23"), Outcome: eligibility.Granted, Amount: 37800, From: month(t, "2020-02")}).paid("2020-02", 378)
	in := replay.Input{Case: s.c, Register: s.reg, Rules: stepRules{s.rules, noticed}, AsOf: day(t, "2020-12-31")}
	check := func(w want) {
		t.Helper()
		r, err := replay.Run(in)
		if err != nil {
			t.Fatal(err)
		}
		w.check(t, replay.FindingsOf(in, r, r.Months[0], r.Months[0].Actors[0]))
	}
	check(want{"procedure_defect": "true", "minor_defect": "true", "defect_corrected": "true", "right_harmed": "false"})
	s.c.Acts = slicesWithout(s.c.Acts, eligibility.PublicNoticePosted{}.EventType())
	check(want{"procedure_defect": "true", "minor_defect": "false", "defect_corrected": "false", "right_harmed": "true"})
	s.add(&eligibility.PublicNoticePosted{On: s.on("2020-03-02"), Place: "village", Until: day(t, "2020-03-08")})
	check(want{"minor_defect": "false", "defect_corrected": "true", "right_harmed": "true"})
}
