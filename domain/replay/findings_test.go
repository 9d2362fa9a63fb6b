package replay_test

import (
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// found are the findings of one part of the first month that is asked for.
func found(s *story, m, person string) domain.Findings {
	s.t.Helper()
	in := replay.Input{Case: s.c, Register: s.reg, Rules: s.rules, AsOf: day(s.t, "2020-12-31")}
	r, err := replay.Run(in)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, x := range r.Months {
		for _, a := range x.Actors {
			if x.Month.String() == m && a.Actor.Person == person {
				return replay.FindingsOf(in, r, x, a)
			}
		}
	}
	s.t.Fatalf("%s has no part in %s", person, m)
	return nil
}

// A finding as a test wants it: "?" for one that is absent.
type want map[string]string

func (w want) check(t *testing.T, f domain.Findings) {
	t.Helper()
	for name, value := range w {
		got := "?"
		if e, ok := f[name]; ok {
			got = e.Value.String()
		}
		if got != value {
			t.Errorf("%s is %s, want %s", name, got, value)
		}
	}
}

func taken(s *story, on string) eligibility.Taken { return eligibility.Taken{On: s.on(on)} }

func TestFindings(t *testing.T) {
	prison := func(s *story, from string) *story {
		return s.add(&eligibility.FactsDiscovered{On: s.on("2020-09-02"), How: "audit", Statements: []domain.Statement{
			{Subject: "m1", Attribute: "imprisoned", Value: domain.Bool(true), ValidFrom: day(s.t, from), HeldBy: "prison"}}})
	}
	tests := []struct {
		name, month, person string
		story               func(*story)
		want                want
	}{
		{"clean", "2020-02", "w1", func(s *story) { s.opened(1, 148).decided(378).paid("2020-02", 378) },
			want{"right_on_file": "true", "right_in_truth": "true", "concealed": "false", "class_work": "false", "survey_by_two": "true", "survey_signed": "true",
				"step_survey": "true", "step_survey_in_time": "true", "step_check": "true", "step_recheck": "true", "step_missing": "false", "procedure_defect": "false",
				"check_age_days": "12", "months_in_post": "12", "clue_before": "false", "corrected": "false", "overpaid_in_all": "0", "overdue_cycles": "0", "stop_workdays": "?"}},
		{"concealed", "2020-02", "w1", func(s *story) {
			s.opened(1, 148).decided(378).paid("2020-02", 378).found("2020-09-01", "m1", "interest", 60, "2020-01-01")
		}, want{"concealed": "true", "hidden_from_checks": "true", "class_appl": "true", "seen_at_survey": "false", "overpaid": "60", "change_after_approval": "false"}},
		{"seen at the survey", "2020-02", "w1", func(s *story) {
			s.opened(1, 148).decided(378).paid("2020-02", 378)
			s.add(&eligibility.FactsDiscovered{On: s.on("2020-09-01"), How: "audit", Statements: []domain.Statement{
				{Subject: "m1", Attribute: "income", Item: "shop", Value: domain.Money(6000), ValidFrom: day(s.t, "2020-01-01"), ObservableBy: []string{"survey"}}}})
		}, want{"concealed": "true", "seen_at_survey": "true"}},
		{"a source that is not connected, a change after approval", "2020-03", "w1", func(s *story) {
			s.opened(1, 148).decided(378).paid("2020-02", 378).paid("2020-03", 378)
			prison(s, "2020-02-10")
		}, want{"source_unconnected": "true", "source_late_or_wrong": "false", "source_not_asked": "false", "class_info": "true", "change_after_approval": "true", "neighbour_asked": "false"}},
		{"a connected source that lagged", "2020-02", "w1", func(s *story) {
			s.note(&eligibility.SourceConnected{On: s.on("2019-01-01"), Source: "prison"})
			s.opened(1, 148)
			s.add(&eligibility.InfoCheckReturned{On: s.on("2020-01-09"), Source: "prison"})
			prison(s.decided(378).paid("2020-02", 378), "2020-01-01")
		}, want{"source_unconnected": "false", "source_late_or_wrong": "true", "class_info": "true"}},
		{"a source that had no data", "2020-02", "w1", func(s *story) {
			s.note(&eligibility.SourceConnected{On: s.on("2019-01-01"), Source: "prison"})
			s.opened(1, 148)
			s.add(&eligibility.InfoCheckReturned{On: s.on("2020-01-09"), Source: "prison", NoData: true})
			prison(s.decided(378).paid("2020-02", 378), "2020-01-01")
		}, want{"source_unconnected": "true"}},
		{"undetermined", "2020-02", "w1", func(s *story) {
			s.add(&eligibility.CaseOpened{On: s.on("2020-01-02"), Programme: eligibility.Dibao, Pack: "p", Office: "o", Applicant: "m1", Members: []eligibility.Person{{ID: "m1", Relation: "self"}}})
			s.decided(378).paid("2020-02", 378)
		}, want{"right_on_file": "?", "class_work": "?", "overpaid": "?", "overpaid_in_all": "?", "hidden_from_checks": "?", "own_error": "?", "notice_received": "?", "step_missing": "?",
			"minor_defect": "?", "concealed": "false"}},
		{"found by oneself and put right", "2020-02", "w1", func(s *story) {
			s.opened(1, 148).decided(378).paid("2020-02", 378)
			s.add(&eligibility.FactsDiscovered{On: s.on("2020-03-02"), How: "self_found", Statements: []domain.Statement{
				{Subject: "m1", Attribute: "income", Item: "interest", Value: domain.Money(6000), ValidFrom: day(s.t, "2020-01-01")}}},
				&eligibility.AmountAdjusted{On: s.on("2020-03-09"), Amount: 31800, From: month(s.t, "2020-04")},
				&eligibility.MoneyRecovered{On: s.on("2020-03-10"), Amount: 6000})
		}, want{"self_found_first": "true", "corrected": "true", "corrected_next_payroll": "true", "stop_workdays": "5", "recovered": "60"}},
		{"found by others first", "2020-02", "w1", func(s *story) {
			s.opened(1, 148).decided(378).paid("2020-02", 378).found("2020-03-01", "m1", "interest", 60, "2020-01-01")
			s.add(&eligibility.FactsDiscovered{On: s.on("2020-03-02"), How: "self_found", Statements: []domain.Statement{
				{Subject: "m1", Attribute: "imprisoned", Value: domain.Bool(false), ValidFrom: day(s.t, "2020-01-01")}}})
		}, want{"self_found_first": "false", "corrected": "false"}},
		{"help before formalities", "2020-02", "w1", func(s *story) {
			s.opened(1, 148)
			s.add(&eligibility.UrgencyRecorded{On: s.on("2020-02-03"), Statements: []domain.Statement{{Subject: "m1", Attribute: "imprisoned", Value: domain.Bool(false)}}},
				&eligibility.EmergencyPaid{On: s.on("2020-02-03"), Month: month(s.t, "2020-02"), Amount: 30000},
				&eligibility.FormalitiesCompleted{Taken: taken(s, "2020-02-12")})
		}, want{"emergency_paid": "true", "urgency_recorded": "true", "emergency_amount": "300", "formalities_completed": "true", "formalities_workdays": "7"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStory(t)
			test.story(s)
			test.want.check(t, found(s, test.month, test.person))
		})
	}
}

// A clue counts against an actor only where he could see it: nobody is held to
// what was kept from him, and nobody is tipped off by his own record.
func TestClueMustHaveBeenVisible(t *testing.T) {
	for _, visible := range []bool{true, false} {
		s := newStory(t)
		s.opened(1, 148)
		e := &eligibility.ComplaintReceived{Taken: taken(s, "2020-01-09")}
		m := s.meta("case-1", e.EventType(), s.c.Revision()+1, day(t, "2020-01-09"))
		m.Visible = domain.Visibility{"office:discipline"}
		if visible {
			m.Visible = domain.Visibility{"office:o"}
		}
		s.c.Apply(e, m)
		s.decided(378).paid("2020-02", 378)
		if got := found(s, "2020-02", "w1")["clue_before"].Value.True(); got != visible {
			t.Errorf("a clue that the actor could see: %v; clue_before: %v", visible, got)
		}
	}
}

// An obstacle speaks for a step that was wanting, and for no other.
func TestObstacleOfAWantingStep(t *testing.T) {
	tests := []struct {
		name, step string
		surveyed   bool
		want       want
	}{
		{"of the step that was not taken", "survey", false, want{"outage_covers_step": "true", "outage_proven": "true", "outage_replaced": "true", "outage_made_up": "false",
			"restriction_covers_step": "false", "own_step_missing": "false", "step_survey_excused": "true"}},
		{"of another step", "check", false, want{"outage_covers_step": "false", "outage_proven": "false", "own_step_missing": "true"}},
		{"of a step that was taken all the same", "survey", true, want{"outage_covers_step": "false", "own_step_missing": "false"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStory(t)
			s.opened(1, 148)
			if !test.surveyed {
				s.c.Acts = slicesWithout(s.c.Acts, eligibility.HouseholdSurveyed{}.EventType())
			}
			s.add(&eligibility.ObstacleRecorded{On: s.on("2020-01-10"), Step: test.step, Kind: "outage", From: day(t, "2020-01-06"), To: day(t, "2020-01-17"), Proven: true, Replaced: true})
			s.decided(378).paid("2020-02", 378)
			test.want.check(t, found(s, "2020-02", "w1"))
		})
	}
}

func slicesWithout(acts []eligibility.Act, eventType string) []eligibility.Act {
	var left []eligibility.Act
	for _, a := range acts {
		if a.Type != eventType {
			left = append(left, a)
		}
	}
	return left
}

// A step that was missing counts as another post's only where somebody is on
// record for it.
func TestMissingStepOfAnotherPost(t *testing.T) {
	for _, held := range []bool{true, false} {
		s := newStory(t)
		if !held {
			s.reg.Posts = nil
		}
		s.opened(1, 148)
		s.c.Acts = slicesWithout(s.c.Acts, eligibility.HouseholdSurveyed{}.EventType())
		s.actor = domain.Actor{Person: "b1", Office: "o", Post: "approval"}
		s.decided(378).paid("2020-02", 378)
		w := want{"missing_step_of_other": "true", "own_step_missing": "false", "months_in_post": "?"}
		if !held {
			w["missing_step_of_other"] = "?"
		}
		w.check(t, found(s, "2020-02", "b1"))
	}
}

// TestDoubtsOnRecord: a query and an objection are found where they came before
// the act, in the name of who recorded them; an order to go on counts only
// where another person recorded it, and what is not on record stays unknown.
func TestDoubtsOnRecord(t *testing.T) {
	raised := func(s *story) eligibility.Raised {
		return eligibility.Raised{On: s.on("2020-01-13"), Addressee: "bureau", Text: domain.Personal("m1", "x")}
	}
	answered := func(s *story, who string, e *eligibility.DoubtAnswered) {
		e.On = s.on("2020-01-14")
		e.Doubt = s.c.Doubts[len(s.c.Doubts)-1].At.ID
		m := s.meta("case-1", e.EventType(), s.c.Revision()+1, e.Day)
		m.Actor.Person = who
		s.c.Apply(e, m)
	}
	for _, test := range []struct {
		name  string
		story func(*story)
		want  want
	}{
		{"nothing on record", func(s *story) { s.opened(1, 148).decided(378) }, want{"query_sent": "?", "objection_raised": "?", "ordered_to_proceed": "?", "reply_contradicts": "?"}},
		{"a query", func(s *story) { s.opened(1, 148).add(&eligibility.QuerySent{Raised: raised(s)}).decided(378) }, want{"query_sent": "true", "objection_raised": "?"}},
		{"a query after the decision", func(s *story) { s.opened(1, 148).decided(378).add(&eligibility.QuerySent{Raised: raised(s)}) }, want{"query_sent": "?"}},
		{"an objection before the payment", func(s *story) { s.opened(1, 148).decided(378).add(&eligibility.ObjectionRaised{Raised: raised(s)}) }, want{"objection_raised": "true", "query_sent": "?"}},
		{"an order that he wrote down himself", func(s *story) {
			s.opened(1, 148).add(&eligibility.ObjectionRaised{Raised: raised(s)})
			answered(s, "w1", &eligibility.DoubtAnswered{Answer: eligibility.Proceed})
			s.decided(378)
		}, want{"objection_raised": "true", "ordered_to_proceed": "?"}},
		{"an order on record", func(s *story) {
			s.opened(1, 148).add(&eligibility.ObjectionRaised{Raised: raised(s)})
			answered(s, "b1", &eligibility.DoubtAnswered{Answer: eligibility.Proceed})
			s.decided(378)
		}, want{"objection_raised": "true", "ordered_to_proceed": "true"}},
		{"a reply against him", func(s *story) {
			s.opened(1, 148).add(&eligibility.QuerySent{Raised: raised(s)})
			answered(s, "w1", &eligibility.DoubtAnswered{Answer: eligibility.Contrary})
			s.decided(378)
		}, want{"query_sent": "true", "reply_contradicts": "true"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStory(t)
			test.story(s)
			s.paid("2020-02", 378)
			f := found(s, "2020-02", "w1")
			test.want.check(t, f)
			if e, ok := f["objection_raised"]; ok && (e.Person != "w1" || len(e.Events) != 1) {
				t.Errorf("nobody stands for it: %+v", e)
			}
		})
	}
}
