package replay

import (
	"maps"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// FindingsOf are the liability facts of one actor's part in one month, by
// name: what the ledger itself can tell, each with the events that show it,
// and what people found, which outranks it. What neither says is absent, and
// so unknown. The pack's liability rules read these names;
// docs/policy-authoring.md lists them.
func FindingsOf(in Input, r *Report, m Month, actor Conduct) domain.Findings {
	return findingsOfActor(in, r, m, actor, findingsOfMonth(in, r, m))
}

// findingsOfMonth are those that are the same for everybody who took part.
func findingsOfMonth(in Input, r *Report, m Month) domain.Findings {
	f := findings{in: in, r: r, c: in.Case, reg: in.Register, m: m, out: make(domain.Findings, 100)}
	for _, add := range []func(){
		f.fromChain, f.fromMoney, f.fromFacts, f.fromChange, f.fromProcedure, f.fromDefects, f.fromCheck, f.fromObstacles,
		f.fromEmergency, f.fromAftermath,
	} {
		add()
	}
	return f.out
}

// findingsOfActor adds what is the actor's own, and what people found.
func findingsOfActor(in Input, r *Report, m Month, actor Conduct, month domain.Findings) domain.Findings {
	f := findings{in: in, r: r, c: in.Case, reg: in.Register, m: m, actor: actor, out: maps.Clone(month)}
	// People come last: they outrank what the ledger tells.
	for _, add := range []func(){f.fromOwnPart, f.fromSignals, f.fromPost, f.fromDoubts} {
		add()
	}
	for _, person := range []string{"", actor.Actor.Person} {
		maps.Copy(f.out, in.Found[person])
	}
	return f.out
}

type findings struct {
	in    Input
	r     *Report
	c     *eligibility.Case
	reg   *eligibility.Register
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
	switch {
	case len(ids) == 0 || len(ids) == 1 && ids[0] == "":
		return nil
	case len(ids) == 1:
		return ids
	}
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

// unsplit reports whether some of the difference has no cause that could be
// named: nobody can then say which causes are not there.
func (f *findings) unsplit() bool { return f.m.Under || hasLink(f.m, Unsplit) }

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
	// Each node answers one question about the decision, and none where it is
	// undetermined.
	d, _ := f.m.Node("D")
	for name, node := range map[string]string{"right_on_file": "A", "right_in_force": "Af", "right_in_truth": "B", "right_today": "L"} {
		if n, ok := f.m.Node(node); ok && n.Outcome.Determined() {
			f.is(name, n.Outcome.Allows(d.Taken), f.m.Act)
		}
	}
	b, _ := f.m.Node("B")
	if !f.m.Under {
		f.is("special_rule", len(b.Outcome.Special) > 0, f.m.Act)
		for class, name := range classFacts {
			l, yes := f.link(class)
			if !yes && f.unsplit() {
				continue // it may lie in what could not be split
			}
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
	f.is("decision_reasoned", f.reasoned(), f.m.Act)
}

// fromMoney tells what the month and the whole case moved. While a month is
// undetermined, so are the sums.
func (f *findings) fromMoney() {
	// An amount that cannot be determined is not zero.
	if !f.m.Under {
		f.set("overpaid", domain.Money(f.m.Overpaid))
		f.set("underpaid", domain.Money(f.m.Underpaid))
	}
	if !f.r.Money.Incomplete {
		f.set("overpaid_in_all", domain.Money(f.r.Money.Overpaid))
		f.set("underpaid_in_all", domain.Money(f.r.Money.Underpaid))
	}
	recovered, ids := sumOf(f.c.Recovered)
	f.set("recovered", domain.Money(recovered), ids...)
	paid, ids := sumOf(f.c.BackPaid)
	f.set("back_paid", domain.Money(paid), ids...)
}

// reasoned reports whether the decision gave reasons, or needed none because
// it followed the advice shown.
func (f *findings) reasoned() bool {
	return !slices.ContainsFunc(f.m.Overlays, func(o Overlay) bool { return o.Signal == SignalOverride })
}

// fromFacts tells of the facts that mattered and were not known: what was not
// declared, who held it, whether it was there to be seen. Where the month is
// undetermined nobody can say which facts mattered.
func (f *findings) fromFacts() {
	var declared []Fact
	for _, o := range f.m.Overlays {
		if o.Kind == OverlayConceal {
			declared = append(declared, o.Facts...)
		}
	}
	f.is("concealed", len(declared) > 0, events(declared)...)
	dead := slices.ContainsFunc(f.c.Statements, func(t eligibility.Told) bool {
		return t.Attribute == eligibility.Dead && t.Value.True() && t.At.Revision < f.actRevision()
	})
	f.is("death_known", dead, f.m.Act)
	if f.unsplit() {
		return
	}
	// What the declaration hides and what no due check could find are two
	// things: an unread return hides nothing from a check (F5).
	hidden := f.decisive(EAppl)
	f.is("hidden_from_checks", len(hidden) > 0, events(hidden)...)
	f.is("seen_at_survey", slices.ContainsFunc(declared, f.visibleAtSurvey), events(declared)...)
	doc := f.decisive(EDoc)
	f.is("document_relied_on", len(doc) > 0, events(doc)...)
	if len(doc) > 0 {
		f.is("document_verified", true, f.m.Act) // an unverified paper ranks as a declaration
	}
	info := f.decisive(EInfo)
	// A source that was never connected stays an excuse where a missed step
	// would have shown the fact by another way: both are told (F20).
	held := append(f.decisive(EDuty), info...)
	open := slices.ContainsFunc(held, func(x Fact) bool { return x.HeldBy != "" && !f.reg.Connected(x.HeldBy, f.m.On) })
	f.is("source_unconnected", open || f.noData(held), events(held)...)
	f.is("source_late_or_wrong", len(info) > 0 && !open && !f.noData(info), events(info)...)
	f.is("source_not_asked", slices.ContainsFunc(held, f.unasked), events(held)...)
}

// unasked reports whether a fact was held by a source that could have been
// asked and was not.
func (f *findings) unasked(x Fact) bool {
	return slices.ContainsFunc(f.m.Procedure, func(s StepCheck) bool { return slices.Contains(s.Sources, x.HeldBy) })
}

// fromChange tells whether everything that mattered came after the approval.
func (f *findings) fromChange() {
	if f.unsplit() {
		return
	}
	facts := slices.Concat(f.decisive(EDuty), f.decisive(EInfo), f.decisive(EAppl), f.decisive(ELate))
	before := slices.ContainsFunc(facts, func(x Fact) bool { return x.From <= f.granted() })
	f.is("change_after_approval", len(facts) > 0 && !before, events(facts)...)
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
}

// fromOwnPart tells of the actor's own verdict and steps, and of the clues that
// he could see: one that was kept from him he cannot have passed over.
func (f *findings) fromOwnPart() {
	if f.actor.Verdict != ConductUndetermined {
		f.is("own_error", f.actor.Verdict == ConductWork, f.m.Act)
		f.is("own_duty_missed", f.actor.Verdict == ConductDuty, f.m.Act)
	}
	clues := append(f.before(eligibility.ComplaintReceived{}.EventType()), f.before(eligibility.DataMatchHit{}.EventType())...)
	who := f.actor.Actor
	f.did("clue_before", slices.DeleteFunc(clues, func(a eligibility.Act) bool { return !a.At.Visible.Allows(who.Office, who.Post) }))
	if f.m.Procedure == nil {
		return
	}
	f.is("own_step_missing", len(f.actor.Steps) > 0)
	missing, unheld := false, false
	for _, s := range f.m.Procedure {
		missing = missing || s.State == StepMissing
		unheld = unheld || s.State == StepMissing && s.Person == ""
	}
	if !unheld {
		f.is("missing_step_of_other", missing && len(f.actor.Steps) == 0)
	}
}

// fromDefects tells what kind of defects the procedure shows, and whether
// each was put right later. Which are minor is data of the pack.
func (f *findings) fromDefects() {
	var ids []string
	minor, corrected, overdue := true, true, 0
	for _, s := range f.m.Procedure {
		overdue = max(overdue, s.Overdue)
		if !s.wanting() {
			continue
		}
		// Put right is what was done after the act, or done late before it.
		later := f.c.Did(s.Type)
		later = slices.DeleteFunc(later, func(a eligibility.Act) bool { return a.At.Revision <= f.actRevision() })
		ids = append(ids, s.Event)
		minor = minor && s.Minor
		corrected = corrected && (s.State == StepLate || len(later) > 0)
	}
	if f.m.Procedure == nil {
		return
	}
	defects := len(ids) > 0
	f.is("procedure_defect", defects, ids...)
	f.is("minor_defect", defects && minor, ids...)
	f.is("defect_corrected", defects && corrected, ids...)
	f.set("overdue_cycles", domain.Int(int64(overdue)))
}
