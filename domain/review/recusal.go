package review

import (
	"cmp"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// History is what the guards need of other streams: built by casework from
// the cases as they were read, with the revisions that were read.
type History struct {
	Traces    []Trace
	Basis     domain.Basis // case and register streams; clue streams are never named
	Complete  bool         // every case of the review was read
	Reporters []string     // who reported, from clues; shown to nobody
}

// Cause is why somebody must be recused.
type Cause string

// The causes. The first group is computed from the record; the second is
// declared, requested or found.
const (
	TookPart    Cause = "took_part"   // handled, surveyed, checked, proposed
	Approved    Cause = "approved"    // decided or approved the payment
	KinOfCase   Cause = "kin"         // tied to a member of the household
	InHousehold Cause = "household"   // a member himself
	SameOffice  Cause = "same_office" // served in the deciding office in the years before
	Subject     Cause = "subject"     // his own conduct is reviewed
	Reporter    Cause = "reporter"    // reported the matter

	NearRelative Cause = "near_relative" // of the person or the reporter
	Witness      Cause = "witness"
	Interest     Cause = "interest" // his own or his relatives'
	OtherRisk    Cause = "other"
)

// A Trace is one sign of a person in the history of a case.
type Trace struct {
	Person string
	Cause  Cause
	Case   string
	Event  string
}

// decides are the events whose actor decided or approved.
var decides = []string{
	eligibility.DecisionMade{}.EventType(), eligibility.AmountAdjusted{}.EventType(), eligibility.ExitDecided{}.EventType(),
	eligibility.PaymentListApproved{}.EventType(), eligibility.EmergencyPaid{}.EventType(), eligibility.RemedyDecided{}.EventType(),
}

// A Sighting is an event of a case with its actor and everybody it names as
// staff, as casework reads it.
type Sighting struct {
	Meta  domain.Meta
	Staff []string
}

// It finds too many rather than too few: that the city has another reviewer is
// easily arranged, that somebody judged his own case is not undone.

// Traces finds every person in a case's history: who recorded or took a step,
// who decided, who is kin, who belongs to the household, and who held a post
// in the handling office in the years before the last matter.
func Traces(c *eligibility.Case, reg *eligibility.Register, seen []Sighting, since domain.Day) []Trace {
	var traces []Trace
	add := func(person string, cause Cause, event string) {
		if person != "" {
			traces = append(traces, Trace{person, cause, c.ID, event})
		}
	}
	offices := []string{c.Office}
	for _, s := range seen {
		cause := TookPart
		if slices.Contains(decides, s.Meta.Type) {
			cause = Approved
			if !slices.Contains(offices, s.Meta.Actor.Office) {
				offices = append(offices, s.Meta.Actor.Office)
			}
		}
		add(s.Meta.Actor.Person, cause, s.Meta.ID)
		for _, p := range s.Staff {
			add(p, TookPart, s.Meta.ID)
		}
	}
	for _, k := range c.Kin {
		add(k.Official, KinOfCase, k.At.ID)
	}
	for _, m := range c.Members {
		add(m.ID, InHousehold, m.At.ID)
	}
	for _, h := range reg.Posts {
		if slices.Contains(offices, h.Office) && (h.To == 0 || h.To > since) {
			add(h.Person, SameOffice, h.At.ID)
		}
	}
	slices.SortStableFunc(traces, func(a, b Trace) int { return cmp.Compare(a.Person, b.Person) })
	return slices.Compact(traces)
}

// Since is the day from which service in the deciding office counts.
func (l Limits) Since(matters []Matter) domain.Day {
	first := domain.Day(0)
	for _, m := range matters {
		if d := minusYears(m.Day, l.SameOffice); first == 0 || d < first {
			first = d
		}
	}
	return first
}

// Barred says why a person may not take part, by the record and by what was
// declared or requested; ok is false where nothing bars him.
func (r *Review) Barred(h History, person string) (cause Cause, why domain.Said, barred bool) {
	if _, party := r.Party(person); party || r.Applicant == person {
		return Subject, domain.Say("%s is a person of this review", person), true
	}
	for _, t := range h.Traces {
		if t.Person == person {
			return t.Cause, domain.Say("%s stands in the history of case %s (%s, event %s)", person, t.Case, t.Cause, t.Event), true
		}
	}
	if slices.Contains(h.Reporters, person) {
		return Reporter, domain.Say("%s has a tie to the matter that is not shown here", person), true
	}
	// The newest word counts: one that was denied may be raised again on a new
	// cause, and then bars again until it is decided.
	for _, x := range slices.Backward(r.Recusals) {
		switch {
		case x.Person != person:
		case !x.Decided:
			return x.Cause, domain.Say("a recusal of %s (%s) waits for a decision", person, x.Cause), true
		case x.Granted:
			return x.Cause, domain.Say("%s was recused (%s)", person, x.Cause), true
		}
	}
	return "", domain.Said{}, false
}

// recused keeps everybody who must be recused from every act: whatever
// entrance he takes, he meets this one gate.
func (d *desk) recused() error {
	names := []string{}
	if d.as.Discipline() {
		names = append(names, d.cmd.Actor.Person)
	}
	if j, ok := d.cmd.Event.(judging); ok {
		names = append(names, j.judges()...)
	}
	// An absence proves nothing where the history was cut short.
	if len(names) > 0 && !d.cmd.History.Complete {
		return domain.Deny(domain.ErrRefused, "the history of the cases was not read whole, so nobody's recusal can be told", "read it whole, and record the step again")
	}
	// Before the review exists its persons are those that are about to be named.
	parties := *d.Review
	if o, ok := d.cmd.Event.(*Opened); ok {
		parties.Parties, parties.Applicant = o.Parties, ""
	}
	raising, ok := d.cmd.Event.(*RecusalRaised)
	for _, name := range names {
		if ok && raising.Person == name {
			continue // he may always declare his own recusal
		}
		if _, why, barred := parties.Barred(d.cmd.History, name); barred {
			return &Refusal{GuardRecusal, why, domain.Say("let somebody act who has no part in it")}
		}
	}
	return nil
}

// RecusalRaised declares, requests or reports a cause for recusal 回避. Until it
// is decided the person does nothing in the review.
type RecusalRaised struct {
	By
	Person string         `json:"person"`
	Cause  Cause          `json:"cause"`
	Reason domain.Private `json:"reason,omitzero"`
}

// EventType is the stored name.
func (RecusalRaised) EventType() string { return "review-recusal-raised.v1" }

func (*RecusalRaised) may() []Role { return []Role{Worker, Unit, Bureau, Reviewer, Head, Superior} }

func (e *RecusalRaised) check(d *desk) error {
	switch e.Cause {
	case NearRelative, Witness, Interest, OtherRisk:
	default:
		return fault("cause", "there is no cause %q", "write near_relative, witness, interest or other", e.Cause)
	}
	if e.Person == "" {
		return fault("person", "it is missing", "name who should be recused")
	}
	if d.as == Worker && !d.Concerns(d.cmd.Actor.Person) {
		return refuse(GuardRole, "only who is reviewed may request it", "%s is not a person of this review", d.cmd.Actor.Person)
	}
	return nil
}

func (e *RecusalRaised) evolve(r *Review, at At) {
	r.Recusals = append(r.Recusals, Recusal{At: at, Person: e.Person, Cause: e.Cause})
}

// Private is the reason given.
func (e *RecusalRaised) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "reason", Data: &e.Reason}}
}

// RecusalDecided decides on it. A recusal that was granted is not lifted; one
// that the record itself shows cannot be refused.
type RecusalDecided struct {
	By
	Person  string         `json:"person"`
	Granted bool           `json:"granted,omitempty"`
	OfHead  bool           `json:"of_head,omitempty"` // the person is the organ's head
	Reason  domain.Private `json:"reason,omitzero"`
}

// EventType is the stored name.
func (RecusalDecided) EventType() string { return "review-recusal-decided.v1" }

func (*RecusalDecided) may() []Role { return []Role{Head, Superior} }

func (e *RecusalDecided) check(d *desk) error {
	i := slices.IndexFunc(d.Recusals, func(x Recusal) bool { return x.Person == e.Person && !x.Decided })
	switch {
	case i < 0:
		return refuse(GuardOrder, "raise it first", "no recusal of %s waits for a decision", e.Person)
	// Who is the head is said by who decides, and both are on record.
	case e.OfHead != (d.as == Superior):
		return refuse(GuardRecusalHead, "the superior decides on the head, the head on everybody else", "%s may not decide on %s", d.as, e.Person)
	case e.Person == d.cmd.Actor.Person:
		return refuse(GuardRecusalHead, "leave it to who may decide", "nobody decides on his own recusal")
	case !e.Reason.Present:
		return fault("reason", "it is missing", "say why, in writing")
	case !e.Granted && d.Recusals[i].At.Actor.Person == e.Person && d.Recusals[i].Cause != OtherRisk:
		return refuse(GuardRecusal, "grant it", "%s declared it himself (%s)", e.Person, d.Recusals[i].Cause)
	}
	return d.before(d.Recusals[i].At, "the request")
}

func (e *RecusalDecided) evolve(r *Review, at At) {
	for i := range r.Recusals {
		if x := &r.Recusals[i]; x.Person == e.Person && !x.Decided {
			x.Decided, x.Granted, x.By = true, e.Granted, at.Actor.Person
		}
	}
}

// Private is the reason given.
func (e *RecusalDecided) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "reason", Data: &e.Reason}}
}
