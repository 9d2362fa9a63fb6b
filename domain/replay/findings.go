package replay

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// FindingsOf are the liability facts that the ledger itself can tell of one
// actor's part in one month, by name, each with the events that show it. What
// only people can find is absent, and so unknown. The pack's liability rules
// read these names; docs/policy-authoring.md lists them.
func FindingsOf(in Input, m Month, actor Conduct) domain.Findings {
	f := findings{c: in.Case, reg: in.Register, asOf: in.AsOf, m: m, actor: actor, out: domain.Findings{}}
	for _, add := range []func(){
		f.fromChain, f.fromFacts, f.fromProcedure, f.fromCheck, f.fromObstacles, f.fromEmergency,
		f.fromAftermath, f.fromSignals, f.fromPost,
	} {
		add()
	}
	return f.out
}

type findings struct {
	c     *eligibility.Case
	reg   *eligibility.Register
	asOf  domain.Day
	m     Month
	actor Conduct
	out   domain.Findings
}

func (f *findings) set(name string, v domain.Value, events ...string) {
	f.out[name] = domain.Evidence{Value: v, Events: compact(events)}
}

func (f *findings) is(name string, yes bool, events ...string) {
	f.set(name, domain.Bool(yes), events...)
}

// compact drops empty and repeated ids and keeps the order.
func compact(ids []string) []string {
	return merge(nil, slices.DeleteFunc(slices.Clone(ids), func(s string) bool { return s == "" }))
}

// link is the month's link of a class.
func (f *findings) link(class Class) (Link, bool) {
	i := slices.IndexFunc(f.m.Links, func(l Link) bool { return l.Class == class })
	if i < 0 {
		return Link{}, false
	}
	return f.m.Links[i], true
}

// decisive are the facts behind a link.
func (f *findings) decisive(class Class) []Fact {
	if l, ok := f.link(class); ok && l.Decisive != nil {
		return l.Decisive.Facts
	}
	return nil
}

func events(facts []Fact) []string {
	var ids []string
	for _, fact := range facts {
		ids = append(ids, fact.Event)
	}
	return ids
}

// names of the classes as liability facts.
var classFacts = map[Class]string{
	EPay: "class_pay", EWork: "class_work", ERule: "class_rule", ELag: "class_lag", EDuty: "class_duty",
	EDoc: "class_doc", EInfo: "class_info", EAppl: "class_appl", ELate: "class_late", ERetro: "class_retro",
}

// fromChain tells what the chain says: classes, the actor's own verdict, and
// whether the decision stands under each set of facts and rules. A month that
// is undetermined leaves them unknown.
func (f *findings) fromChain() {
	d, _ := f.m.Node("D")
	for name, node := range map[string]string{"right_on_file": "A", "right_in_force": "Af", "right_in_truth": "B", "right_today": "L"} {
		if n, ok := f.m.Node(node); ok && n.Outcome.Determined() {
			f.is(name, n.Outcome.Allows(d.Taken), f.m.Act)
		}
	}
	b, _ := f.m.Node("B")
	if !f.m.Under {
		f.set("overpaid", domain.Money(f.m.Overpaid))
		f.set("underpaid", domain.Money(f.m.Underpaid))
		f.is("special_rule", len(b.Outcome.Special) > 0, f.m.Act)
		for class, name := range classFacts {
			l, yes := f.link(class)
			ids := []string{f.m.Act}
			if yes && l.Decisive != nil {
				ids = events(l.Decisive.Facts)
			}
			f.is(name, yes, ids...)
		}
	}
	if a, ok := f.m.Node("A"); ok && a.Outcome.Determined() {
		_, single := a.Outcome.Single()
		f.is("rule_unclear", !single, f.m.Act)
		f.is("decision_in_set", a.Outcome.Allows(d.Taken), f.m.Act)
	}
	if f.actor.Verdict != ConductUndetermined {
		f.is("own_error", f.actor.Verdict == ConductWork, f.m.Act)
		f.is("own_duty_missed", f.actor.Verdict == ConductDuty, f.m.Act)
	}
	f.is("decision_reasoned", f.reasoned(), f.m.Act)
}

// reasoned reports whether the decision gave reasons, or needed none because
// it followed the advice shown.
func (f *findings) reasoned() bool {
	return !slices.ContainsFunc(f.m.Overlays, func(o Overlay) bool { return o.Signal == SignalOverride })
}

// fromFacts tells of the facts that nobody knew: what was not declared, who
// held it, whether it was there to be seen.
func (f *findings) fromFacts() {
	hidden := f.decisive(EAppl)
	f.is("concealed", len(hidden) > 0, events(hidden)...)
	info := f.decisive(EInfo)
	unconnected := slices.ContainsFunc(info, func(x Fact) bool { return !f.reg.Connected(x.HeldBy, f.m.On) })
	f.is("source_unconnected", unconnected || f.noData(info), events(info)...)
	f.is("source_late_or_wrong", len(info) > 0 && !unconnected, events(info)...)
	f.is("seen_at_survey", slices.ContainsFunc(hidden, f.visibleAtSurvey), events(hidden)...)
	after := append(slices.Clone(hidden), f.decisive(ELate)...)
	f.is("change_after_approval", len(after) > 0 && !slices.ContainsFunc(after, func(x Fact) bool { return x.From <= f.granted() }), events(after)...)
	doc := f.decisive(EDoc)
	f.is("document_relied_on", len(doc) > 0, events(doc)...)
	if len(doc) > 0 {
		f.is("document_verified", true, f.m.Act) // an unverified paper ranks as a declaration
	}
	dead := slices.ContainsFunc(f.c.Statements, func(t eligibility.Told) bool {
		return t.Attribute == eligibility.Dead && t.Value.True() && t.At.Revision < f.actRevision()
	})
	f.is("death_known", dead, f.m.Act)
}

// noData reports whether a source that held a fact had answered that it
// holds nothing.
func (f *findings) noData(facts []Fact) bool {
	return slices.ContainsFunc(facts, func(x Fact) bool {
		return slices.ContainsFunc(f.c.Acts, func(a eligibility.Act) bool {
			return a.NoData && slices.Contains(a.Sources, x.HeldBy) && a.At.Day <= f.m.On
		})
	})
}

// visibleAtSurvey reports whether a fact could be seen at a survey that was
// made while it was true.
func (f *findings) visibleAtSurvey(x Fact) bool {
	for _, t := range f.c.Statements {
		if t.At.ID != x.Event || t.Attribute != x.Attribute || t.Item != x.Item || !slices.Contains(t.ObservableBy, "survey") {
			continue
		}
		for _, a := range f.c.Did(eligibility.HouseholdSurveyed{}.EventType()) {
			if a.At.Day <= f.m.On && t.ValidOn(a.At.Day) {
				return true
			}
		}
	}
	return false
}

// granted is the day of the decision under which the benefit ran.
func (f *findings) granted() domain.Day {
	d, ok := last(f.c.Decisions, func(d eligibility.Decision) bool {
		return d.Outcome == eligibility.Granted && d.At.Day <= f.m.On
	})
	if !ok {
		return f.m.On
	}
	return d.At.Day
}

// actRevision is the place of the act in the case's stream.
func (f *findings) actRevision() int64 {
	for _, r := range f.m.Basis {
		if r.Stream == f.c.Last.Stream {
			return r.Revision + 1
		}
	}
	return f.c.Last.Revision + 1
}

// fromProcedure tells which steps were done, as step_<id>, and the sum.
func (f *findings) fromProcedure() {
	var missing, late, harmed []string
	for _, s := range f.m.Procedure {
		done := s.State == StepDone || s.State == StepLate || s.State == StepPending || s.State == StepShort
		f.is("step_"+s.Step, done, s.Event)
		f.is("step_"+s.Step+"_in_time", s.State == StepDone || s.State == StepPending, s.Event)
		f.is("step_"+s.Step+"_excused", s.State == StepExcused)
		switch {
		case s.State == StepMissing:
			missing = append(missing, s.Step)
			if s.Right {
				harmed = append(harmed, s.Step)
			}
		case s.State == StepShort && s.Right:
			harmed = append(harmed, s.Step)
		case s.State == StepLate:
			late = append(late, s.Event)
		}
	}
	if f.m.Procedure == nil {
		return // no handling began: unknown, not clean
	}
	f.is("step_missing", len(missing) > 0)
	f.is("step_late", len(late) > 0, late...)
	f.is("right_harmed", len(harmed) > 0)
	f.is("own_step_missing", len(f.actor.Steps) > 0)
	f.is("missing_step_of_other", len(missing) > 0 && len(f.actor.Steps) == 0)
}

// fromCheck tells of declaration, survey and information check.
func (f *findings) fromCheck() {
	before := func(eventType string) []eligibility.Act {
		return slices.DeleteFunc(f.c.Did(eventType), func(a eligibility.Act) bool { return a.At.Revision >= f.actRevision() })
	}
	one := func(name string, acts []eligibility.Act) {
		var ids []string
		for _, a := range acts {
			ids = append(ids, a.At.ID)
		}
		f.is(name, len(acts) > 0, ids...)
	}
	one("declaration_signed", before(eligibility.DeclarationSigned{}.EventType()))
	one("check_requested", before(eligibility.InfoCheckRequested{}.EventType()))
	returns := before(eligibility.InfoCheckReturned{}.EventType())
	one("check_returned", returns)
	if len(returns) > 0 {
		newest := returns[len(returns)-1]
		f.set("check_age_days", domain.Int(int64(f.m.On-dayOr(newest.Until, newest.At.Day))), newest.At.ID)
	}
	two := slices.DeleteFunc(before(eligibility.HouseholdSurveyed{}.EventType()), func(a eligibility.Act) bool { return len(a.Staff) < 2 })
	one("survey_by_two", two)
	one("clue_before", slices.Concat(before(eligibility.ComplaintReceived{}.EventType()), before(eligibility.DataMatchHit{}.EventType())))
	one("hardship_recorded", before(eligibility.HardshipFound{}.EventType()))
}

// fromObstacles tells whether an outage or a restriction covers a step.
func (f *findings) fromObstacles() {
	for kind, name := range map[string]string{"outage": "outage", "restriction": "restriction"} {
		var ids []string
		proven, replaced, madeUp := false, false, false
		for _, o := range f.c.Obstacles {
			if o.Kind == kind && o.From <= f.m.On {
				ids = append(ids, o.At.ID)
				proven, replaced, madeUp = proven || o.Proven, replaced || o.Replaced, madeUp || o.MadeUpFor
			}
		}
		f.is(name+"_covers_step", len(ids) > 0, ids...)
		f.is(name+"_proven", proven, ids...)
		f.is(name+"_replaced", replaced, ids...)
		f.is(name+"_made_up", madeUp, ids...)
	}
}

// fromEmergency tells of help before formalities.
func (f *findings) fromEmergency() {
	paid := f.c.Did(eligibility.EmergencyPaid{}.EventType())
	urgent := f.c.Did(eligibility.UrgencyRecorded{}.EventType())
	done := f.c.Did(eligibility.FormalitiesCompleted{}.EventType())
	f.is("emergency_paid", len(paid) > 0, ids(paid)...)
	f.is("urgency_recorded", len(urgent) > 0, ids(urgent)...)
	f.is("formalities_completed", len(done) > 0, ids(done)...)
	if len(paid) > 0 && len(done) > 0 {
		f.set("formalities_days", domain.Int(int64(done[0].At.Day-paid[0].At.Day)), done[0].At.ID)
	}
}

func ids(acts []eligibility.Act) []string {
	var list []string
	for _, a := range acts {
		list = append(list, a.At.ID)
	}
	return list
}

// fromAftermath tells how the error came out and what was done about it.
func (f *findings) fromAftermath() {
	self, other := domain.Day(0), domain.Day(0)
	var selfID string
	for _, d := range f.c.Discoveries {
		switch {
		case d.How == "self_found" && self == 0:
			self, selfID = d.At.Day, d.At.ID
		case d.How != "self_found" && (other == 0 || d.At.Day < other):
			other = d.At.Day
		}
	}
	f.is("self_found_first", self != 0 && (other == 0 || self < other), selfID)
	found := self
	if found == 0 || other != 0 && other < found {
		found = other
	}
	corrected, ok := last(f.c.Decisions, func(d eligibility.Decision) bool { return found != 0 && d.At.Day >= found })
	f.is("corrected", ok, corrected.At.ID)
	f.is("corrected_next_payroll", ok && corrected.From <= found.Month()+1, corrected.At.ID)
	recovered, ids := sumOf(f.c.Recovered)
	f.set("recovered", domain.Money(recovered), ids...)
	paid, ids := sumOf(f.c.BackPaid)
	f.set("back_paid", domain.Money(paid), ids...)
}

func sumOf(list []eligibility.Money) (total domain.Fen, ids []string) {
	for _, m := range list {
		total += m.Amount
		ids = append(ids, m.At.ID)
	}
	return total, ids
}

// fromSignals tells of the signals of INTENT. They are 疑似.
func (f *findings) fromSignals() {
	for signal, name := range map[string]string{SignalKin: "kin_unfiled_handled", SignalBackDated: "back_dated", SignalOverride: "overrode_silently"} {
		var ids []string
		for _, o := range f.m.Overlays {
			if o.Kind == OverlayIntent && o.Signal == signal && (o.Person == "" || o.Person == f.actor.Actor.Person) {
				ids = append(ids, o.Events...)
			}
		}
		f.is(name, len(ids) > 0, ids...)
	}
	var late []string
	for _, o := range f.m.Overlays {
		if o.Kind == OverlayLate && o.Person == f.actor.Actor.Person {
			late = append(late, o.Events...)
		}
	}
	f.is("own_late_entry", len(late) > 0, late...)
	f.is("notice_received", !hasLink(f.m, ELag), f.m.Act)
}

func hasLink(m Month, class Class) bool {
	return slices.ContainsFunc(m.Links, func(l Link) bool { return l.Class == class })
}

// fromPost tells how long the actor had held the post, and how he got it.
func (f *findings) fromPost() {
	for _, h := range slices.Backward(f.reg.Posts) {
		if h.Person == f.actor.Actor.Person && h.From <= f.m.On && (h.To == 0 || f.m.On < h.To) {
			f.set("months_in_post", domain.Int(int64(f.m.On.Month()-h.From.Month())), h.At.ID)
			handed := h.At.Type == (eligibility.PostHandedOver{}).EventType()
			f.is("handed_over_without_list", handed && !h.Listed, h.At.ID)
			return
		}
	}
}
