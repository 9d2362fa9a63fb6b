package review

import (
	"errors"
	"testing"

	"leeway/domain"
)

func registered() *ClueRegistered {
	return &ClueRegistered{By: By{Day: day("2020-09-01")}, Case: "c1", Persons: []string{"w1"}, Source: FromReport, Reporter: "whistle", Words: words("he hides it")}
}

// TestClue walks a clue and lets it refuse what is out of order or not for the
// role.
func TestClue(t *testing.T) {
	c := &Clue{ID: "k1"}
	n := 0
	try := func(as Role, e ClueEvent) string {
		ActClue(e, as, day("2020-10-10"))
		events, err := RecordClue{Event: e, Today: day("2020-12-31")}.Decide(c)
		for _, e := range events {
			n++
			c.Apply(e, domain.Meta{ID: "q", Revision: int64(n)})
		}
		if errors.Is(err, domain.ErrNotFound) {
			return "not found"
		}
		return refusedBy(err)
	}
	compared := func(d string, first bool) ClueEvent {
		return &ClueCompared{Report: SelfReport{Review: "R1", Event: "e9", Day: day(d), First: first}}
	}
	for _, tt := range []struct {
		as    Role
		event ClueEvent
		want  string
	}{
		{Reviewer, &ClueLinked{Review: "R1"}, "not found"},
		{Worker, registered(), "who-may-act"}, {Unit, registered(), "who-may-act"},
		{Reviewer, &ClueRegistered{Case: "c1", Source: "gossip"}, "fault:source"},
		{Reviewer, &ClueRegistered{Source: FromAudit}, "fault:case"},
		{Reviewer, &ClueRegistered{By: By{Day: day("2021-01-01")}, Case: "c1", Source: FromAudit}, "fault:day"},
		{Bureau, registered(), ""}, {Reviewer, registered(), "order"},
		{Reviewer, compared("2020-08-01", true), "order"},
		{Bureau, &ClueLinked{Review: "R1"}, "who-may-act"}, {Auditor, &ClueLinked{Review: "R1"}, "who-may-act"},
		{Reviewer, &ClueLinked{}, "fault:review"}, {Reviewer, &ClueLinked{Review: "R1"}, ""},
		{Worker, compared("2020-08-01", true), "who-may-act"},
		{Reviewer, compared("2020-08-01", false), "fault:report.first"}, {Reviewer, compared("2020-09-01", true), "fault:report.first"},
		{Reviewer, &ClueCompared{Report: SelfReport{Review: "R1"}}, "fault:report"},
		{Head, compared("2020-08-01", true), ""},
		{Reviewer, &ClueClosed{Result: "forgotten"}, "fault:result"},
		{Reviewer, &ClueClosed{Result: "reviewed"}, ""}, {Reviewer, &ClueLinked{Review: "R2"}, "order"},
	} {
		if got := try(tt.as, tt.event); got != tt.want {
			t.Errorf("%s as %s: %q, want %q", tt.event.EventType(), tt.as, got, tt.want)
		}
	}
	if !c.Closed || c.Review != "R1" || c.Reporter != "whistle" || len(c.Compared) != 1 || !c.Compared[0].First {
		t.Errorf("%+v", c)
	}
	if ClueStream("k1") != "clue-k1" {
		t.Error("the stream of a clue")
	}
}
