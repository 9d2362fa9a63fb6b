package replay_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// plainRules is the subsistence allowance in plain Go: a second, independent
// writing of the rules, small enough to be read at a glance. A version's
// standard may be retroactive; version "bad" encodes it wrongly.
type plainRules map[string]plainVersion

type plainVersion struct {
	standards map[domain.Month]domain.Fen // from this month on
	hold      [2]domain.Month             // exit suspension, both included
	readings  []domain.Reading
}

func (r plainRules) Plan(v domain.PackVersion, on domain.Day) (replay.Plan, error) {
	version, ok := r[v.Version]
	if !ok {
		return nil, fmt.Errorf("%w: %s", replay.ErrNoRules, v.Version)
	}
	p := &plainPlan{month: on.Month(), readings: version.readings}
	var since domain.Month
	for from, f := range version.standards {
		if from <= p.month && from >= since {
			p.standard, since = f, from
		}
	}
	p.hold = version.hold[0] <= p.month && p.month <= version.hold[1]
	return p, nil
}

type plainPlan struct {
	month    domain.Month
	standard domain.Fen
	hold     bool
	readings []domain.Reading
}

var attributes = map[string]domain.Attribute{
	"area":        {Name: "area", Kind: domain.CodeValue, Codes: []string{"rural", "urban"}, Declarable: true},
	"income":      {Name: "income", Member: true, Kind: domain.MoneyValue, Sum: true, Declarable: true},
	"dead":        {Name: "dead", Member: true, Kind: domain.BoolValue, Presumed: domain.Bool(false), Death: true},
	"lives_here":  {Name: "lives_here", Member: true, Kind: domain.BoolValue, Presumed: domain.Bool(true), Declarable: true},
	"imprisoned":  {Name: "imprisoned", Member: true, Kind: domain.BoolValue, Presumed: domain.Bool(false)},
	"roster_on":   {Name: "roster_on", Kind: domain.BoolValue},
	"roster_rent": {Name: "roster_rent", Kind: domain.MoneyValue},
}

func (plainPlan) Attributes() map[string]domain.Attribute { return attributes }

func (plainPlan) Precedence() []domain.SourceKind {
	return []domain.SourceKind{domain.Discovery, domain.Document, domain.Check, domain.Survey, domain.Declaration}
}

func (p plainPlan) Readings() []domain.Reading {
	if p.readings != nil {
		return p.readings
	}
	return []domain.Reading{{ID: "next_month", Start: domain.FirstDay, Change: domain.FirstDay, Death: domain.FirstDay}}
}

func (plainPlan) Procedure(string) []domain.Step {
	return []domain.Step{
		{ID: "acceptance", Event: "application-accepted.v1"},
		{ID: "survey", Event: "household-surveyed.v1", After: "acceptance", Days: 10, Working: true, Staff: 2, Required: true},
		{ID: "check", Event: "info-check-requested.v1", Sources: []string{"bank"}, Required: true},
		{ID: "decision", Event: "decision-made.v1", After: "acceptance", Days: 30, Required: true, Decides: true},
		{ID: "recheck", Event: "reverification-done.v1", Every: 12, Required: true},
	}
}

func (plainPlan) Workday(d domain.Day) bool {
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

func (plainPlan) Whole(string) (int, bool) { return 0, false }

func (plainPlan) Regime() replay.Regime { return replay.Regime{ID: "one"} }

func (plainPlan) Liable() string { return "" }

func (plainPlan) Findings() map[string]domain.Finding { return nil }

func (plainPlan) Grounds(domain.Findings) ([]domain.Ground, error) { return nil, nil }

func (plainPlan) Explain(domain.Facts) (domain.Node, error) { return domain.Node{}, nil }

// Evaluate is max(0, standard × n − income), unless an exit or reduction is
// suspended.
func (p plainPlan) Evaluate(f domain.Facts) (domain.Outcome, error) {
	n, income := domain.Fen(0), domain.Fen(0)
	for _, m := range f.Members {
		if m.Facts["dead"].True() || m.Facts["imprisoned"].True() || !m.Facts["lives_here"].True() {
			continue
		}
		v, ok := m.Facts["income"]
		if !ok {
			return domain.Outcome{Missing: []string{m.ID + ".income"}}, nil
		}
		n++
		income += v.Fen()
	}
	area, ok := f.Household["area"]
	if !ok {
		return domain.Outcome{Missing: []string{"household.area"}}, nil
	}
	standard := p.standard
	if area.Code == "urban" {
		standard = 69000
	}
	if standard == 0 {
		return domain.Outcome{Missing: []string{"std.rural"}}, nil
	}
	due := max(0, standard*n-income)
	was := f.Household[domain.RosterAmount].Fen()
	switch {
	case !p.hold || n == 0 || !f.Household[domain.RosterOn].True() || due >= was:
		return domain.Exactly(due), nil
	case due == 0:
		return domain.Outcome{Lawful: []domain.Range{{Lo: was, Hi: was}}, Special: []string{"exit/hold"}}, nil
	}
	return domain.Outcome{Lawful: []domain.Range{{Lo: due, Hi: due}, {Lo: was, Hi: was}}, Special: []string{"exit/hold"}}, nil
}

func day(t testing.TB, s string) domain.Day {
	t.Helper()
	d, err := domain.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func month(t testing.TB, s string) domain.Month {
	t.Helper()
	m, err := domain.ParseMonth(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// story builds a case and its register, event by event.
type story struct {
	t     testing.TB
	c     *eligibility.Case
	reg   *eligibility.Register
	rules plainRules
	actor domain.Actor
	now   domain.Day // recorded on; none: the event's own day
	n     int
}

func newStory(t testing.TB) *story {
	s := &story{t: t, c: &eligibility.Case{ID: "1"}, reg: &eligibility.Register{}, actor: domain.Actor{Person: "w1", Office: "o", Post: "intake"}}
	s.rules = plainRules{"1": {standards: map[domain.Month]domain.Fen{month(t, "2020-01"): 52600}}}
	s.note(&eligibility.RulesActivated{On: s.on("2019-12-01"), Rules: version("1")})
	s.note(&eligibility.SourceConnected{On: s.on("2019-01-01"), Source: "bank"})
	s.note(&eligibility.PostHeld{On: s.on("2019-01-01"), Office: "o", Post: "intake", Person: "w1", Steps: []string{"survey", "check", "recheck"}})
	return s
}

func version(v string) domain.PackVersion {
	return domain.PackVersion{Pack: "p", Version: v, Digest: "d" + v}
}

func (s *story) on(d string) eligibility.On { return eligibility.On{Day: day(s.t, d)} }

func (s *story) meta(stream, eventType string, rev int64, on domain.Day) domain.Meta {
	s.n++
	if s.now != 0 {
		on = s.now
	}
	return domain.Meta{ID: "e" + strconv.Itoa(s.n), Type: eventType, Stream: stream, Revision: rev, RecordedAt: domain.At(on.Start()), Actor: s.actor}
}

func (s *story) note(e eligibility.RegisterEvent) {
	s.t.Helper()
	rev := int64(0)
	if m, ok := s.reg.Last[e.Stream()]; ok {
		rev = m.Revision + 1
	}
	events, err := eligibility.Note{Event: e, Today: day(s.t, "2030-01-01"), Claimed: true}.Decide(s.reg)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range events {
		s.reg.Apply(e, s.meta(e.Stream(), e.EventType(), rev, dayOf(e)))
	}
}

// dayOf reads the day back through the canonical form, for it is embedded.
func dayOf(e any) domain.Day {
	b, _ := domain.Canonical(e)
	var d domain.Day
	const key = `{"day":"`
	if len(b) > len(key)+10 && string(b[:len(key)]) == key {
		_ = d.UnmarshalText(b[len(key) : len(key)+10])
	}
	return d
}

// add records an event of the case. Acts that decide store their basis.
func (s *story) add(events ...eligibility.Event) *story {
	s.t.Helper()
	for _, e := range events {
		if _, err := (eligibility.Record{Event: e, Today: day(s.t, "2030-01-01")}).Decide(s.c); err != nil {
			s.t.Fatal(err)
		}
		m := s.meta("case-1", e.EventType(), s.c.Revision()+1, dayOf(e))
		m.Basis = domain.Basis{{Stream: "case-1", Revision: s.c.Revision()}}
		for stream, last := range s.reg.Last {
			m.Basis = append(m.Basis, domain.Read{Stream: stream, Revision: last.Revision})
		}
		s.c.Apply(e, m)
	}
	return s
}

// opened is a rural household of n who each declare an income in yuan, all
// steps done.
func (s *story) opened(n int, yuan int64) *story {
	var members []eligibility.Person
	statements := []domain.Statement{{Subject: domain.Household, Attribute: "area", Value: domain.Code("rural")}}
	for i := range n {
		id := "m" + strconv.Itoa(i+1)
		members = append(members, eligibility.Person{ID: id, Relation: "other"})
		statements = append(statements, domain.Statement{Subject: id, Attribute: "income", Value: domain.Money(domain.Fen(yuan * 100))})
	}
	return s.add(
		&eligibility.CaseOpened{On: s.on("2020-01-02"), Programme: eligibility.Dibao, Pack: "p", Office: "o", Applicant: "m1", Members: members},
		&eligibility.DeclarationSigned{On: s.on("2020-01-02"), By: "m1", Statements: statements, Closes: []string{"income"}},
		&eligibility.ApplicationAccepted{Taken: eligibility.Taken{On: s.on("2020-01-03")}},
		&eligibility.HouseholdSurveyed{On: s.on("2020-01-06"), Staff: []string{"w1", "w2"}, Signed: true},
		&eligibility.InfoCheckRequested{On: s.on("2020-01-06"), Sources: []string{"bank"}},
		&eligibility.InfoCheckReturned{On: s.on("2020-01-08"), Source: "bank"},
	)
}

func (s *story) decided(yuan int64) *story {
	return s.add(&eligibility.DecisionMade{On: s.on("2020-01-20"), Outcome: eligibility.Granted, Amount: domain.Fen(yuan * 100), From: month(s.t, "2020-02")})
}

func (s *story) paid(m string, yuan int64) *story {
	amount := domain.Fen(yuan * 100)
	on := eligibility.On{Day: month(s.t, m).First() + 4}
	return s.add(&eligibility.PaymentListApproved{On: on, Month: month(s.t, m), Amount: amount},
		&eligibility.BenefitPaid{On: on, Month: month(s.t, m), Amount: amount})
}

func (s *story) found(on, subject, item string, yuan int64, from string) *story {
	return s.add(&eligibility.FactsDiscovered{On: s.on(on), How: "audit", Statements: []domain.Statement{
		{Subject: subject, Attribute: "income", Item: item, Value: domain.Money(domain.Fen(yuan * 100)), ValidFrom: day(s.t, from)},
	}})
}

func (s *story) replay() *replay.Report {
	s.t.Helper()
	r, err := replay.Run(replay.Input{Case: s.c, Register: s.reg, Rules: s.rules, AsOf: day(s.t, "2020-12-31")})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}
