package replay

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// The kinds of act at which a month is judged.
const (
	ByDecision = "decision" // its own decision
	ByApproval = "approval" // the approval of its payment list
	ByPayment  = "payment"  // paid without either
	ByRefusal  = "refusal"  // an application not accepted, or an alleged refusal
	ByOmission = "omission" // a required act past its deadline (rule 1)
)

// byStanding is no act: a case is looked at as it stands on a day.
const byStanding = "standing"

// judged is one benefit month with the act at which it is judged, t0(m).
type judged struct {
	month   domain.Month
	kind    string
	at      eligibility.At // of the act; for an omission only its day counts
	decided bool           // there is a decision; otherwise D is ∅, counted as 0
	amount  domain.Fen     // D
	outcome eligibility.Result
	paid    domain.Fen // P
	step    string     // omitted step
}

// covers reports whether an event lay inside the basis of the act. An act
// without a stored basis knew its own stream up to itself; an omission knew
// what was on record by its day.
func (j judged) covers(at eligibility.At) bool {
	if j.kind == ByOmission || j.kind == byStanding {
		return at.KnownOn() <= j.at.Day
	}
	for _, r := range j.at.Basis {
		if r.Stream == at.Stream {
			return at.Revision <= r.Revision
		}
	}
	return at.Stream != j.at.Stream || at.Revision < j.at.Revision
}

func (j judged) moment() moment { return moment{j.at.Day, j.covers} }

// span is the first and last benefit month that a case has anything to say
// about. A benefit that runs is looked at as far as it was approved or paid;
// one that was refused or stopped, as far as the case is on record, for every
// month of it may be owed.
func (e *engine) span() (first, last domain.Month) {
	take := func(m domain.Month) {
		if first == 0 || m < first {
			first = m
		}
		last = max(last, m)
	}
	for _, d := range e.c.Decisions {
		take(d.From)
		if d.Until != 0 {
			take(d.Until)
		}
	}
	for _, p := range e.c.Payments {
		take(p.Month)
	}
	for _, a := range e.c.Approvals {
		take(a.Month)
	}
	for _, at := range e.c.Refusals {
		take(e.startMonth(at.Day))
	}
	if o, ok := e.undecided(); ok {
		take(e.startMonth(o.at.Day))
	}
	if j, ok := e.judge(last); first != 0 && ok && (j.outcome == eligibility.Refused || j.outcome == eligibility.Stopped) {
		take(max(last, min(e.c.Last.KnownOn(), e.in.AsOf).Month()))
	}
	return first, last
}

// startMonth is the first month of a benefit that is granted on a day.
func (e *engine) startMonth(day domain.Day) domain.Month {
	if e.reading.Start == domain.LastDay {
		return day.Month()
	}
	return day.Month() + 1
}

// judge finds P, D and t0 of a month (rules 1 and 2). A month of which the
// case says nothing is not judged.
func (e *engine) judge(m domain.Month) (judged, bool) {
	j := judged{month: m}
	paid := false
	var payment eligibility.At
	for _, p := range e.c.Payments {
		if p.Month == m {
			j.paid += p.Amount
			paid, payment = true, p.At
		}
	}
	d, decided := e.decision(m)
	approval, approved := last(e.c.Approvals, func(a eligibility.Money) bool { return a.Month == m })
	if decided {
		j.decided, j.amount, j.outcome = true, d.Amount, d.Outcome
	}
	refusal, refused := e.refusal(m)
	switch {
	case decided && d.From == m:
		j.kind, j.at = ByDecision, d.At
	case approved:
		j.kind, j.at = ByApproval, approval.At
	case decided:
		j.kind, j.at = ByDecision, d.At
	case paid:
		j.kind, j.at = ByPayment, payment
	case refused:
		j.kind, j.at, j.decided, j.outcome = ByRefusal, refusal, true, eligibility.Refused
	default:
		o, ok := e.undecided()
		if !ok || m < e.startMonth(o.at.Day) {
			return j, false
		}
		j.kind, j.at, j.step, j.decided, j.outcome = ByOmission, o.at, o.step, true, eligibility.Refused
	}
	return j, true
}

func last[T any](list []T, ok func(T) bool) (found T, has bool) {
	for _, x := range slices.Backward(list) {
		if ok(x) {
			return x, true
		}
	}
	return found, false
}

// decision is the decision that governed a month: the last one that covers it
// and was made by its end; failing that, the first one that covers it. A
// later decision that reaches back corrects the month, and does not become
// what was decided then.
func (e *engine) decision(m domain.Month) (eligibility.Decision, bool) {
	covers := func(d eligibility.Decision) bool { return d.From <= m && (d.Until == 0 || m <= d.Until) }
	if d, ok := last(e.c.Decisions, func(d eligibility.Decision) bool { return covers(d) && d.At.Day <= m.Last() }); ok {
		return d, true
	}
	if i := slices.IndexFunc(e.c.Decisions, covers); i >= 0 && !e.retroactive(e.c.Decisions[i], m) {
		return e.c.Decisions[i], true
	}
	return eligibility.Decision{}, false
}

// retroactive reports whether a decision only puts right a month that had
// been refused before.
func (e *engine) retroactive(d eligibility.Decision, m domain.Month) bool {
	at, refused := e.refusal(m)
	return refused && at.Revision < d.At.Revision
}

// refusal is the refusal to accept that governed a month.
func (e *engine) refusal(m domain.Month) (eligibility.At, bool) {
	return last(e.c.Refusals, func(at eligibility.At) bool { return e.startMonth(at.Day) <= m })
}

// undecided is the omission of a case in which an application, or a hardship
// that the office found, got neither a decision by its deadline nor money.
func (e *engine) undecided() (judged, bool) {
	if e.omission.looked {
		return e.omission.judged, e.omission.found
	}
	e.omission.looked = true
	if len(e.c.Decisions)+len(e.c.Refusals)+len(e.c.Withdrawn)+len(e.c.Payments) > 0 {
		return judged{}, false
	}
	anchor, ok := e.anchor()
	if !ok {
		return judged{}, false
	}
	due, step, err := e.deadline(anchor)
	if err != nil || due == 0 || due >= e.in.AsOf {
		e.err = err
		return judged{}, false
	}
	at := eligibility.At{Day: due + 1}
	at.Stream = e.c.Last.Stream
	e.omission.judged, e.omission.found = judged{kind: ByOmission, at: at, step: step}, true
	return e.omission.judged, true
}

// anchor is the act from which handling time runs: acceptance, or else the
// application, or else the hardship that the office found.
func (e *engine) anchor() (eligibility.Act, bool) {
	for _, t := range []string{
		eligibility.ApplicationAccepted{}.EventType(), eligibility.ApplicationSubmitted{}.EventType(),
		eligibility.HardshipFound{}.EventType(),
	} {
		if acts := e.c.Did(t); len(acts) > 0 {
			return acts[0], true
		}
	}
	return eligibility.Act{}, false
}
