package eligibility

import (
	"errors"
	"strings"
	"testing"

	"leeway/domain"
)

var (
	jan2  = domain.Date(2020, 1, 2)
	jan31 = domain.Date(2020, 1, 31)
	feb   = domain.MonthOf(2020, 2)
	today = domain.Date(2020, 12, 31)
)

// on is the day of most events in the tests.
func on(d domain.Day) On { return On{Day: d} }

func taken(d domain.Day) Taken { return Taken{on(d)} }

func opened() *CaseOpened {
	return &CaseOpened{On: on(jan2), Programme: Dibao, Pack: "p", Office: "o", Applicant: "m1",
		Members: []Person{{ID: "m1", Relation: "self"}, {ID: "m2", Relation: "spouse"}}}
}

func income(subject string, fen int64) domain.Statement {
	return domain.Statement{Subject: subject, Attribute: "income", Value: domain.Money(domain.Fen(fen))}
}

func stating(s ...domain.Statement) []domain.Statement { return s }

// given is a case after events, as if they had been recorded one by one.
func given(events ...Event) *Case {
	c := &Case{ID: "F1"}
	for i, e := range events {
		c.Apply(e, domain.Meta{ID: "x", Type: e.EventType(), Stream: "case-F1", Revision: int64(i)})
	}
	return c
}

// allowed holds one event of every type that an open case takes.
var allowed = []Event{
	&ApplicationSubmitted{Taken: taken(jan2), By: "m1"},
	&DeclarationSigned{On: on(jan2), By: "m1", Statements: stating(income("m1", 40000)), Closes: []string{"income"}},
	&CheckAuthorised{Taken: taken(jan2), By: "m1"},
	&ApplicationAccepted{taken(jan2)},
	&SupplementRequested{Taken: taken(jan2), Missing: []string{"id"}},
	&ApplicationNotAccepted{On: on(jan2), Reason: "area"},
	&OralRefusalAlleged{On: on(jan2), By: "m1", Told: jan31},
	&HardshipFound{On: on(jan2), Staff: []string{"w1"}, Statements: stating(income(domain.Household, 1))},
	&ApplicationWithdrawn{On: on(jan2), By: "m1"},
	&KinshipFiled{On: on(jan2), Member: "m1", Official: "w1", Relation: "uncle"},
	&HouseholdSurveyed{On: on(jan2), Staff: []string{"w1", "w2"}, Signed: true},
	&InfoCheckRequested{On: on(jan2), Sources: []string{"bank"}},
	&InfoCheckReturned{On: on(jan2), Source: "bank", Statements: stating(income("m1", 50000))},
	&NeighbourInquired{On: on(jan2)},
	&DocumentReceived{On: on(jan2), Issuer: "court", Verified: true},
	&DemocraticEvaluation{On: on(jan2), For: 9, Against: 1},
	&SelfCareAssessed{On: on(jan2), Member: "m1", Fails: 6},
	&UrgencyRecorded{On: on(jan2), Statements: stating(income("m1", 0))},
	&ObstacleRecorded{On: on(jan2), Step: "survey", Kind: "outage", From: jan2, To: jan2},
	&InitialOpinion{On: on(jan2), Outcome: Granted, Amount: 37800},
	&PublicNoticePosted{On: on(jan2), Until: jan2},
	&PublicNoticeClosed{taken(jan2)},
	&ObjectionReceived{Taken: taken(jan2)},
	&ReinvestigationDone{On: on(jan2), Staff: []string{"w1"}},
	&SubmittedToCounty{taken(jan2)},
	&CountySpotCheck{On: on(jan2), Staff: []string{"c1"}},
	&ObjectionRaised{Raised{On: on(jan2), Addressee: "bureau", Text: domain.Personal("m1", "重复计算")}},
	&QuerySent{Raised{On: on(jan2), Addressee: "bureau", Text: domain.Personal("m1", "如何适用")}},
	&DoubtAnswered{On: on(jan2), Doubt: "x", Answer: Proceed},
	&DecisionMade{On: on(jan2), Outcome: Refused, From: feb},
	&DecisionPublished{taken(jan2)},
	&RefusalServed{Taken: taken(jan2)},
	&LongTermNoticePosted{taken(jan2)},
	&PaymentListApproved{On: on(jan2), Month: feb, Amount: 37800},
	&BenefitPaid{On: on(jan2), Month: feb, Amount: 37800},
	&EmergencyPaid{On: on(jan2), Month: feb, Amount: 100000},
	&FormalitiesCompleted{taken(jan2)},
	&ChangeReported{On: on(jan2), By: "m1", Statements: stating(income("m1", 54000))},
	&DataMatchHit{On: on(jan2), Source: "tax", Statements: stating(income("m1", 54000))},
	&ReverificationDue{On: on(jan2), Due: jan31},
	&ReverificationDone{On: on(jan2), Staff: []string{"w1"}},
	&MemberJoined{On: on(jan2), Member: Person{ID: "m3", Relation: "child"}, From: jan2},
	&MemberLeft{On: on(jan2), Member: "m2", From: jan2},
	&DeathRecorded{On: on(jan31), Member: "m1", Died: jan2, Source: domain.Document},
	&AmountAdjusted{On: on(jan2), Amount: 20000, From: feb},
	&GracePeriodStarted{Taken: taken(jan2), Months: 6},
	&ExitDecided{On: on(jan2), From: feb},
	&FactsDiscovered{On: on(jan2), How: "audit", Statements: stating(income("m1", 46000))},
	&ComplaintReceived{Taken: taken(jan2)},
	&OverpaymentEstablished{Taken: taken(jan2), Months: []MonthAmount{{feb, 18000}}},
	&BackpayEstablished{Taken: taken(jan2), Months: []MonthAmount{{feb, 18000}}},
	&MoneyRecovered{On: on(jan2), Amount: 18000},
	&MoneyBackPaid{On: on(jan2), Month: feb, Amount: 18000},
	&RemedySought{Taken: taken(jan2), Kind: "litigation"},
	&RemedyDecided{On: on(jan2), Amount: 37800, From: feb},
	&CaseClosed{On: on(jan2), Reason: "exit"},
}

// before is what an event needs in front of it: an answer, what it answers.
func before(e Event) []Event {
	if _, answers := e.(*DoubtAnswered); answers {
		return []Event{opened(), &ObjectionRaised{Raised{On: on(jan2)}}}
	}
	return []Event{opened()}
}

func TestRecordAllows(t *testing.T) {
	tested := map[string]bool{opened().EventType(): true}
	if events, err := (Record{opened(), today}).Decide(given()); err != nil || len(events) != 1 {
		t.Errorf("opening a case: %v, %v", events, err)
	}
	for _, e := range allowed {
		tested[e.EventType()] = true
		events, err := Record{e, today}.Decide(given(before(e)...))
		if err != nil || len(events) != 1 || events[0] != e {
			t.Errorf("%s: %v, %v", e.EventType(), events, err)
		}
		again, err := Record{e, today}.Decide(given(append(before(e), e)...))
		if closes := e.EventType() == "case-closed.v1"; closes != errors.Is(err, domain.ErrRefused) || !closes && len(again) != 1 {
			t.Errorf("%s a second time: %v, %v; only the end of a case comes once", e.EventType(), again, err)
		}
	}
	for _, k := range Kinds() {
		if !tested[k.EventType()] {
			t.Errorf("no test records %s", k.EventType())
		}
	}
}

func TestRecordRefuses(t *testing.T) {
	future := today + 1
	broken := func(edit func(*CaseOpened)) *CaseOpened { o := opened(); edit(o); return o }
	said := func(edit func(*domain.Statement)) Event {
		s := income("m1", 1)
		edit(&s)
		return &HouseholdSurveyed{On: on(jan31), Statements: stating(income("m2", 1), s)}
	}
	for _, tt := range []struct {
		name  string
		given []Event
		when  Event
		want  string // what the message must say
	}{
		{"a step without a case", nil, &ApplicationAccepted{taken(jan2)}, "no case yet"},
		{"a case twice", []Event{opened()}, opened(), "open already"},
		{"no day", []Event{opened()}, &ApplicationAccepted{}, "day: it is missing"},
		{"a day to come", []Event{opened()}, &ApplicationAccepted{taken(future)}, "lies in the future"},
		{"a step after the end", []Event{opened(), &CaseClosed{On: on(jan2)}}, &ApplicationAccepted{taken(jan2)}, "is closed"},

		{"no such programme", nil, broken(func(o *CaseOpened) { o.Programme = "dole" }), "programme"},
		{"no pack", nil, broken(func(o *CaseOpened) { o.Pack = "" }), "pack"},
		{"no office", nil, broken(func(o *CaseOpened) { o.Office = "" }), "office"},
		{"a member without pseudonym", nil, broken(func(o *CaseOpened) { o.Members[1].ID = "" }), "members"},
		{"a member twice", nil, broken(func(o *CaseOpened) { o.Members[1].ID = "m1" }), "used twice"},
		{"a member named household", nil, broken(func(o *CaseOpened) { o.Members[1].ID = domain.Household }), "reserved"},
		{"no such relation", nil, broken(func(o *CaseOpened) { o.Members[1].Relation = "wife" }), "relation"},
		{"a stranger applies", nil, broken(func(o *CaseOpened) { o.Applicant = "m9" }), "applicant"},
		{"the household applies", nil, broken(func(o *CaseOpened) { o.Applicant = domain.Household }), "applicant"},

		{"a statement about a stranger", []Event{opened()}, said(func(s *domain.Statement) { s.Subject = "m9" }), "statements[1].subject"},
		{"a statement about nothing", []Event{opened()}, said(func(s *domain.Statement) { s.Attribute = "" }), "statements[1].attribute"},
		{"a statement without value", []Event{opened()}, said(func(s *domain.Statement) { s.Value = domain.Value{} }), "statements[1].value"},
		{"a statement over no time", []Event{opened()}, said(func(s *domain.Statement) { s.ValidFrom, s.ValidTo = jan2, jan2 }), "statements[1].valid_to"},
		{"more money than there is", []Event{opened()}, said(func(s *domain.Statement) { s.Value = domain.Money(-mostFen - 1) }), "statements[1].value"},
		{"more than is counted", []Event{opened()}, said(func(s *domain.Statement) { s.Value = domain.Int(mostCount + 1) }), "statements[1].value"},
		{"a statement from nowhere", []Event{opened()}, said(func(s *domain.Statement) { s.Source = "rumour" }), "statements[1].source"},
		{"a statement of no grade", []Event{opened()}, said(func(s *domain.Statement) { s.Proof = "D" }), "statements[1].proof"},
		{"a statement learned later", []Event{opened()}, said(func(s *domain.Statement) { s.Observed = jan31 + 1 }), "statements[1].observed"},

		{"told before it happened", []Event{opened()}, &OralRefusalAlleged{On: on(jan31), Told: jan2}, "told_on"},
		{"a tie of a stranger", []Event{opened()}, &KinshipFiled{On: on(jan2), Member: "m9"}, "member"},
		{"a check of nothing", []Event{opened()}, &InfoCheckRequested{On: on(jan2)}, "sources"},
		{"an answer of nobody", []Event{opened()}, &InfoCheckReturned{On: on(jan2)}, "source"},
		{"no data, and data", []Event{opened()}, &InfoCheckReturned{On: on(jan2), Source: "bank", NoData: true, Statements: stating(income("m1", 1))}, "no_data"},
		{"a vote of nobody", []Event{opened()}, &DemocraticEvaluation{On: on(jan2)}, "nobody voted"},
		{"less than no votes", []Event{opened()}, &DemocraticEvaluation{On: on(jan2), For: 3, Against: -1}, "for, against"},
		{"seven of six tests", []Event{opened()}, &SelfCareAssessed{On: on(jan2), Member: "m1", Fails: 7}, "fails"},
		{"tests of a stranger", []Event{opened()}, &SelfCareAssessed{On: on(jan2), Member: "m9"}, "member"},
		{"an obstacle to nothing", []Event{opened()}, &ObstacleRecorded{On: on(jan2), From: jan2, To: jan2}, "step"},
		{"an obstacle that ends first", []Event{opened()}, &ObstacleRecorded{On: on(jan2), Step: "survey", From: jan31, To: jan2}, "not a span"},

		{"an opinion of no kind", []Event{opened()}, &InitialOpinion{On: on(jan2), Outcome: "maybe"}, "outcome"},
		{"an opinion that refuses money", []Event{opened()}, &InitialOpinion{On: on(jan2), Outcome: Refused, Amount: 1}, "amount"},
		{"a notice that ends first", []Event{opened()}, &PublicNoticePosted{On: on(jan31), Until: jan2}, "until"},
		{"a decision for no month", []Event{opened()}, &DecisionMade{On: on(jan2), Outcome: Granted}, "from"},
		{"a decision that ends first", []Event{opened()}, &DecisionMade{On: on(jan2), Outcome: Granted, From: feb, Until: feb - 1}, "until"},
		{"a decision that adjusts", []Event{opened()}, &DecisionMade{On: on(jan2), Outcome: Adjusted, From: feb}, "amount-adjusted.v1"},
		{"a refusal that pays", []Event{opened()}, &DecisionMade{On: on(jan2), Outcome: Refused, Amount: 1, From: feb}, "pays nothing"},
		{"a grant below nothing", []Event{opened()}, &DecisionMade{On: on(jan2), Outcome: Granted, Amount: -1, From: feb}, "negative"},
		{"an adjustment for no month", []Event{opened()}, &AmountAdjusted{On: on(jan2)}, "from"},
		{"an adjustment below nothing", []Event{opened()}, &AmountAdjusted{On: on(jan2), From: feb, Amount: -1}, "negative"},
		{"an exit for no month", []Event{opened()}, &ExitDecided{On: on(jan2)}, "from"},
		{"a grace of no months", []Event{opened()}, &GracePeriodStarted{Taken: taken(jan2)}, "months"},

		{"a list for no month", []Event{opened()}, &PaymentListApproved{On: on(jan2), Amount: 1}, "month"},
		{"money for no month", []Event{opened()}, &BenefitPaid{On: on(jan2), Amount: 1}, "month"},
		{"money below nothing", []Event{opened()}, &BenefitPaid{On: on(jan2), Month: feb, Amount: -1}, "negative"},
		{"help for no month", []Event{opened()}, &EmergencyPaid{On: on(jan2), Amount: 1}, "month"},
		{"a re-check due never", []Event{opened()}, &ReverificationDue{On: on(jan2)}, "due"},
		{"nobody joined", []Event{opened()}, &MemberJoined{On: on(jan2), From: jan2}, "member"},
		{"joined as what", []Event{opened()}, &MemberJoined{On: on(jan2), From: jan2, Member: Person{ID: "m3"}}, "member.relation"},
		{"joined never", []Event{opened()}, &MemberJoined{On: on(jan2), Member: Person{ID: "m3", Relation: "child"}}, "first day"},
		{"a stranger left", []Event{opened()}, &MemberLeft{On: on(jan2), Member: "m9", From: jan2}, "member"},
		{"left never", []Event{opened()}, &MemberLeft{On: on(jan2), Member: "m2"}, "from"},
		{"died after it was known", []Event{opened()}, &DeathRecorded{On: on(jan2), Member: "m1", Died: jan31, Source: domain.Document}, "died"},
		{"died never", []Event{opened()}, &DeathRecorded{On: on(jan2), Member: "m1", Source: domain.Document}, "died"},
		{"death told by nobody", []Event{opened()}, &DeathRecorded{On: on(jan2), Member: "m1", Died: jan2}, "source"},
		{"a stranger died", []Event{opened()}, &DeathRecorded{On: on(jan2), Member: "m9", Died: jan2, Source: domain.Document}, "member"},

		{"nothing discovered", []Event{opened()}, &FactsDiscovered{On: on(jan2)}, "statements"},
		{"a correction proposed by an audit", paid(), reported("audit", MonthAmount{feb, 0}), "months"},
		{"a correction for no month", paid(), reported(SelfFound, MonthAmount{0, 1}), "months[0].month"},
		{"a correction before the benefit", paid(), reported(SelfFound, MonthAmount{feb - 1, 1}), "months[0].month"},
		{"a correction where nothing was ever decided or paid", []Event{opened()}, reported(SelfFound, MonthAmount{feb, 1}), "months[0].month"},
		{"a correction of the future", paid(), reported(SelfFound, MonthAmount{feb + 2, 1}), "future"},
		{"a month twice", paid(), reported(SelfFound, MonthAmount{feb, 1}, MonthAmount{feb, 2}), "months[1].month"},
		{"less than nothing due", paid(), reported(SelfFound, MonthAmount{feb, -1}), "months[0].amount"},
		{"fen for yuan", paid(), reported(SelfFound, MonthAmount{feb, mostAMonth + 1}), "months[0].amount"},
		{"nothing to correct", paid(), reported(SelfFound, MonthAmount{feb, 37800}), "months[0].amount"},
		{"an objection to nobody", []Event{opened()}, &ObjectionRaised{Raised{On: on(jan2), Text: domain.Personal("m1", "x")}}, "addressee"},
		{"an objection without a word", []Event{opened()}, &ObjectionRaised{Raised{On: on(jan2), Addressee: "b"}}, "text"},
		{"a query about no decision", []Event{opened()}, &QuerySent{Raised{On: on(jan2), Addressee: "b", Decision: "y", Text: domain.Personal("m1", "x")}}, "decision"},
		{"an answer to nothing", []Event{opened()}, &DoubtAnswered{On: on(jan2), Doubt: "x", Answer: Proceed}, "doubt"},
		{"a reply to an objection", []Event{opened(), &ObjectionRaised{Raised{On: on(jan2)}}}, &DoubtAnswered{On: on(jan2), Doubt: "x", Answer: Agrees}, "answer"},
		{"an order to a query", []Event{opened(), &QuerySent{Raised{On: on(jan2)}}}, &DoubtAnswered{On: on(jan2), Doubt: "x", Answer: Proceed}, "answer"},
		{"overpaid in no month", []Event{opened()}, &OverpaymentEstablished{Taken: taken(jan2)}, "months"},
		{"underpaid in a month without name", []Event{opened()}, &BackpayEstablished{Taken: taken(jan2), Months: []MonthAmount{{0, 1}}}, "month"},
		{"recovered less than nothing", []Event{opened()}, &MoneyRecovered{On: on(jan2), Amount: -1}, "negative"},
		{"back-paid less than nothing", []Event{opened()}, &MoneyBackPaid{On: on(jan2), Amount: -1}, "negative"},
		{"a changed decision for no month", []Event{opened()}, &RemedyDecided{On: on(jan2)}, "from"},

		{"an event by value", []Event{opened()}, FactsDiscovered{On: on(jan2)}, "pointer"},
		{"no event", []Event{opened()}, nil, "pointer"},
		{"a pointer to nothing", []Event{opened()}, (*FactsDiscovered)(nil), "pointer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := given(tt.given...)
			events, err := Record{tt.when, today}.Decide(c)
			if err == nil || len(events) != 0 || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Decide = %v, %v; want an error that says %q", events, err, tt.want)
			}
			if !errors.Is(err, domain.ErrInvalid) && !errors.Is(err, domain.ErrRefused) {
				t.Errorf("%v is neither ErrInvalid nor ErrRefused", err)
			}
			var f *domain.Fault
			if errors.As(err, &f) && (f.Field == "" || f.Wrong.String() == "" || f.Mend.String() == "") {
				t.Errorf("fault %+v does not say where, what and how to mend it", f)
			}
		})
	}
}

// paid is a case that was paid 378 yuan for February.
func paid() []Event {
	return []Event{opened(), &BenefitPaid{On: on(jan31), Month: feb, Amount: 37800}}
}

// reported is an own error reported in March.
func reported(how string, months ...MonthAmount) *FactsDiscovered {
	return &FactsDiscovered{On: on(domain.Date(2020, 3, 10)), How: how, Months: months}
}

// TestSelfReport: months may be reported without any new fact, a wrong refusal
// as well as a wrong payment, and the case keeps what was proposed.
func TestSelfReport(t *testing.T) {
	for name, c := range map[string]*Case{
		"overpaid": given(paid()...),
		"refused":  given(opened(), &DecisionMade{On: on(jan31), Outcome: Refused, From: feb}),
		"closed":   given(append(paid(), &CaseClosed{On: on(jan31)})...),
	} {
		e := reported(SelfFound, MonthAmount{feb, 19800}, MonthAmount{feb + 1, 0})
		events, err := Record{e, today}.Decide(c)
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		c.Apply(e, domain.Meta{})
		if got := c.Discoveries; len(got) != 1 || len(got[0].Months) != 2 || got[0].Months[0].Amount != 19800 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestDoubts: a case keeps each doubt with its answers, and under which rules it
// was raised.
func TestDoubts(t *testing.T) {
	c := &Case{ID: "F1"}
	rules := domain.PackVersion{Pack: "p", Version: "1", Digest: "d"}
	for i, e := range []Event{opened(), &QuerySent{Raised{On: on(jan2), Addressee: "bureau", Rules: rules}}, &ObjectionRaised{Raised{On: on(jan2)}}, &DoubtAnswered{On: on(jan31), Doubt: "e1", Answer: Contrary}} {
		c.Apply(e, domain.Meta{ID: "e" + string(rune('0'+i)), Type: e.EventType(), Revision: int64(i)})
	}
	if d := c.Doubts; len(d) != 2 || !d[0].Query || d[0].Rules != rules || len(c.AnswersTo("e1")) != 1 || c.AnswersTo("e1")[0].Answer != Contrary || d[1].Query || len(c.AnswersTo("e2")) != 0 {
		t.Errorf("%+v", d)
	}
}

// TestWhatOutlivesACase records every type after the end of a case: only what
// comes to light or is put right later is taken.
func TestWhatOutlivesACase(t *testing.T) {
	want := map[string]bool{"facts-discovered.v1": true, "complaint-received.v1": true, "overpayment-established.v1": true,
		"backpay-established.v1": true, "money-recovered.v1": true, "money-back-paid.v1": true, "remedy-sought.v1": true, "remedy-decided.v1": true}
	for _, e := range allowed {
		_, err := Record{e, today}.Decide(given(opened(), &CaseClosed{On: on(jan2)}))
		if (err == nil) != want[e.EventType()] {
			t.Errorf("%s after the end: %v", e.EventType(), err)
		}
	}
}

func TestDecidingChangesNothing(t *testing.T) {
	for _, e := range allowed {
		c := given(before(e)...)
		acts, last := len(c.Acts)+len(c.Statements)+len(c.Decisions), c.Revision()
		if _, err := (Record{e, today}).Decide(c); err != nil {
			t.Fatal(err)
		}
		if after := len(c.Acts) + len(c.Statements) + len(c.Decisions); after != acts || c.Revision() != last {
			t.Errorf("%s: deciding changed the case", e.EventType())
		}
	}
}
