package replay

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// before are the acts of a type that came before the act of the month.
func (f *findings) before(eventType string) []eligibility.Act {
	return slices.DeleteFunc(f.c.Did(eventType), func(a eligibility.Act) bool { return a.At.Revision >= f.actRevision() })
}

// did tells whether there are acts, and which.
func (f *findings) did(name string, acts []eligibility.Act) { f.is(name, len(acts) > 0, ids(acts)...) }

// fromCheck tells of declaration, survey and information check. A check is as
// old as it was when the benefit was granted: nobody asks the sources again
// for every month.
func (f *findings) fromCheck() {
	f.did("declaration_signed", f.before(eligibility.DeclarationSigned{}.EventType()))
	f.did("check_requested", f.before(eligibility.InfoCheckRequested{}.EventType()))
	f.did("neighbour_asked", f.before(eligibility.NeighbourInquired{}.EventType()))
	f.did("hardship_recorded", f.before(eligibility.HardshipFound{}.EventType()))
	returns := f.before(eligibility.InfoCheckReturned{}.EventType())
	f.did("check_returned", returns)
	// The newest answer is the one that was used; it may name the day as of
	// which it speaks.
	if len(returns) > 0 {
		newest := returns[len(returns)-1]
		f.set("check_age_days", domain.Int(int64(f.granted()-dayOr(newest.Until, newest.At.Day))), newest.At.ID)
	}
	surveys := f.before(eligibility.HouseholdSurveyed{}.EventType())
	f.did("survey_signed", slices.DeleteFunc(slices.Clone(surveys), func(a eligibility.Act) bool { return !a.Signed }))
	f.did("survey_by_two", slices.DeleteFunc(surveys, func(a eligibility.Act) bool { return len(a.Staff) < 2 }))
}

// fromObstacles tells whether an outage or a restriction stood in the way of a
// step that was not taken as it should have been.
func (f *findings) fromObstacles() {
	for _, kind := range []string{"outage", "restriction"} {
		var ids []string
		proven, replaced, madeUp := false, false, false
		for _, o := range f.c.Obstacles {
			// An outage in a week in which nothing was due excuses nothing.
			if o.Kind == kind && o.From <= f.m.On && f.hindered(o.Step) {
				ids = append(ids, o.At.ID)
				proven, replaced, madeUp = proven || o.Proven, replaced || o.Replaced, madeUp || o.MadeUpFor
			}
		}
		f.is(kind+"_covers_step", len(ids) > 0, ids...)
		f.is(kind+"_proven", proven, ids...)
		f.is(kind+"_replaced", replaced, ids...)
		f.is(kind+"_made_up", madeUp, ids...)
	}
}

// hindered reports whether a step was wanting, or is excused.
func (f *findings) hindered(step string) bool {
	return slices.ContainsFunc(f.m.Procedure, func(s StepCheck) bool {
		return s.Step == step && (s.wanting() || s.State == StepExcused)
	})
}

// fromEmergency tells of help before formalities.
func (f *findings) fromEmergency() {
	paid := f.c.Did(eligibility.EmergencyPaid{}.EventType())
	done := f.c.Did(eligibility.FormalitiesCompleted{}.EventType())
	f.did("emergency_paid", paid)
	f.did("urgency_recorded", f.c.Did(eligibility.UrgencyRecorded{}.EventType()))
	f.did("formalities_completed", done)
	if len(paid) == 0 {
		return
	}
	// Emergency help is its own decision, under the same event.
	if d, ok := last(f.c.Decisions, func(d eligibility.Decision) bool { return d.At.ID == paid[0].At.ID }); ok {
		f.set("emergency_amount", domain.Money(d.Amount), d.At.ID)
	}
	if len(done) > 0 {
		f.set("formalities_workdays", domain.Int(f.workdays(paid[0].At.Day, done[0].At.Day)), done[0].At.ID)
	}
}

// workdays counts the working days after a day up to another, by the pack's
// calendar; civil days where the pack is not at hand.
func (f *findings) workdays(from, to domain.Day) int64 {
	p, err := f.in.Rules.Plan(f.r.Inputs.RulesNow, f.in.AsOf)
	if err != nil {
		return int64(max(0, to-from))
	}
	n := int64(0)
	for d := from + 1; d <= to; d++ {
		if p.Workday(d) {
			n++
		}
	}
	return n
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
	// Found is the first day on which anybody knew: correcting runs from it,
	// whoever it was.
	found := self
	if found == 0 || other != 0 && other < found {
		found = other
	}
	var corrected eligibility.Decision
	// The first decision after it is the correction, though later ones may
	// correct again.
	i := slices.IndexFunc(f.c.Decisions, func(d eligibility.Decision) bool { return found != 0 && d.At.Day >= found })
	ok := i >= 0
	if ok {
		corrected = f.c.Decisions[i]
	}
	f.is("corrected", ok, corrected.At.ID)
	f.is("corrected_next_payroll", ok && corrected.From <= found.Month()+1, corrected.At.ID)
	if ok {
		f.set("stop_workdays", domain.Int(f.workdays(found, corrected.At.Day)), corrected.At.ID)
	}
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
	// A signal that names nobody is everybody's to answer.
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
	if !f.unsplit() {
		f.is("notice_received", !hasLink(f.m, ELag), f.m.Act)
	}
}

func hasLink(m Month, class Class) bool {
	return slices.ContainsFunc(m.Links, func(l Link) bool { return l.Class == class })
}

// longInPost is from when on nobody asks for how many months more.
const longInPost = 12

// fromPost tells how long the actor had held the post, a year at most, and how
// he got it. Without the limit every month would be a case of its own.
func (f *findings) fromPost() {
	// The newest holding counts: a post may be held twice.
	for _, h := range slices.Backward(f.reg.Posts) {
		if h.Person == f.actor.Actor.Person && h.From <= f.m.On && (h.To == 0 || f.m.On < h.To) {
			f.set("months_in_post", domain.Int(int64(min(longInPost, f.m.On.Month()-h.From.Month()))), h.At.ID)
			handed := h.At.Type == (eligibility.PostHandedOver{}).EventType()
			f.is("handed_over_without_list", handed && !h.Listed, h.At.ID)
			return
		}
	}
}

// fromDoubts tells of queries that were sent before the act, and of the actor's
// own objections before it was carried out. What is not on record may have been
// said on paper, so its absence is unknown and not no; and what somebody wrote
// down in his own favour, such as that he was told to go on, shows nothing: an
// answer counts for him only where another person recorded it.
func (f *findings) fromDoubts() {
	who := f.actor.Actor.Person
	for _, d := range f.c.Doubts {
		switch {
		case d.Query && d.At.Revision < f.actRevision():
			f.onRecord("query_sent", true, d.At)
		case !d.Query && d.At.Actor.Person == who && d.At.Revision < f.carriedOut():
			f.onRecord("objection_raised", true, d.At)
		default:
			continue
		}
		for _, a := range f.c.AnswersTo(d.At.ID) {
			other := a.At.Actor.Person != d.At.Actor.Person
			switch {
			case d.Query && a.At.Revision >= f.actRevision():
			case a.Answer == eligibility.Contrary, a.Answer == eligibility.Agrees && other:
				f.onRecord("reply_contradicts", a.Answer == eligibility.Contrary, a.At)
			case a.Answer == eligibility.Followed, a.Answer == eligibility.Proceed && other:
				f.onRecord("ordered_to_proceed", a.Answer == eligibility.Proceed, a.At)
			}
		}
	}
}

// onRecord is a fact that people find and the ledger holds all the same, in the
// name of who recorded it. Yes outweighs no, whichever came first.
func (f *findings) onRecord(name string, yes bool, at eligibility.At) {
	old, there := f.out[name]
	switch {
	case !there || yes && !old.Value.True():
		f.out[name] = domain.Evidence{Value: domain.Bool(yes), Events: []string{at.ID}, Person: at.Actor.Person}
	case old.Value.True() == yes:
		old.Events = merge(old.Events, []string{at.ID})
		f.out[name] = old
	}
}

// carriedOut is the place in the case's stream at which the month was first
// paid, or that of the act where nothing was paid.
func (f *findings) carriedOut() int64 {
	for _, p := range f.c.Payments {
		if p.Month == f.m.Month {
			return max(f.actRevision(), p.At.Revision)
		}
	}
	return f.actRevision()
}
