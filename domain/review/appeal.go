package review

import (
	"slices"

	"leeway/domain"
)

// Appeal is a remedy that a person sought.
type Appeal struct {
	At       At
	ID       string
	Person   string
	Path     Path
	Decision string // event of the determination
	Result   AppealResult
	Decided  *At
}

// AppealResult is what came of it.
type AppealResult string

// The results.
const (
	Upheld   AppealResult = "upheld"   // 维持
	Varied   AppealResult = "varied"   // 变更
	Annulled AppealResult = "annulled" // 撤销，重新认定
)

// Appealed seeks a remedy 异议、复审、复核、申诉. It does not stop execution.
type Appealed struct {
	By
	ID     string         `json:"id"` // short, inside the review
	Person string         `json:"person"`
	Path   Path           `json:"path"`
	Words  domain.Private `json:"words"`
}

// EventType is the stored name.
func (Appealed) EventType() string { return "review-appealed.v1" }

func (*Appealed) may() []Role { return []Role{Worker} }

func (e *Appealed) check(d *desk) error {
	rem, ok := remedy(e.Path)
	served, was := d.ServedOn(e.Person)
	switch {
	case !ok:
		return fault("path", "there is no path %q", "write reexamination, higher_review, re_review, complaint or objection", e.Path)
	case e.Person != d.cmd.Actor.Person:
		return refuse(GuardRole, "who is concerned appeals himself", "%s may not appeal for %s", d.cmd.Actor.Person, e.Person)
	case !was:
		return refuse(GuardOrder, "wait for the service", "no determination was served on %s", e.Person)
	case e.ID == "" || slices.ContainsFunc(d.Appeals, func(a Appeal) bool { return a.ID == e.ID }):
		return fault("id", "%q is missing or taken", "give the appeal its own short id, such as a1", e.ID)
	case !e.Words.Present:
		return fault("words", "they are missing", "say what is wrong with the determination")
	case slices.ContainsFunc(d.Appeals, func(a Appeal) bool { return a.Person == e.Person && a.Decided == nil }):
		return refuse(GuardOrder, "wait for the answer", "an appeal of %s is under way", e.Person)
	}
	return d.inTime(rem, served)
}

// inTime holds the clock of a remedy, and that a second remedy follows its
// first.
func (d *desk) inTime(rem Remedy, served Service) error {
	received, direct := served.At.Day, true
	// A second remedy runs from the answer to the first, never from an earlier
	// day than the service.
	if rem.After != "" {
		for _, a := range d.Appeals {
			if a.Person == served.Person && a.Path == rem.After && a.Decided != nil {
				received, direct = max(received, a.Decided.Day), false
			}
		}
		if direct && rem.Direct == 0 {
			return refuse(GuardRemedyTime, "seek the %[2]s first", "%s follows %s", rem.Path, rem.After)
		}
	}
	if last := rem.Until(d.cmd.Calendar, d.cmd.Limits, received, direct); d.day > last {
		g := GuardRemedyTime
		if rem.Local {
			g = Guard{g.ID, g.Says, Structural, rem.Cites}
		}
		return refuse(g, "the organ may still reopen the review on new facts", "%s was open until %s", rem.Path, last)
	}
	return d.before(served.At, "the service")
}

func (e *Appealed) evolve(r *Review, at At) {
	a := Appeal{At: at, ID: e.ID, Person: e.Person, Path: e.Path}
	if r.Determination != nil {
		a.Decision = r.Determination.At.ID
	}
	r.Appeals = append(r.Appeals, a)
}

// Private is what the person says.
func (e *Appealed) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "words", Data: &e.Words}}
}

// AppealDecided answers a remedy. Varied brings the new results; annulled sends
// the review back to be verified and determined again.
type AppealDecided struct {
	By
	ID         string         `json:"id"`
	Result     AppealResult   `json:"result"`
	Findings   []Result       `json:"findings,omitempty"` // of a variation: those that change
	Collective Collective     `json:"collective"`
	Words      domain.Private `json:"words"`
}

// EventType is the stored name.
func (AppealDecided) EventType() string { return "review-appeal-decided.v1" }

func (*AppealDecided) may() []Role { return []Role{Reviewer, Head, Superior} }

func (e *AppealDecided) judges() []string { return members(e.Collective.Members) }

func (e *AppealDecided) check(d *desk) error {
	i := slices.IndexFunc(d.Appeals, func(a Appeal) bool { return a.ID == e.ID && a.Decided == nil })
	if i < 0 {
		return refuse(GuardOrder, "name one that waits", "no appeal %q waits for an answer", e.ID)
	}
	a := d.Appeals[i]
	above := a.Path == HigherReview || a.Path == Complaint
	switch {
	case above != (d.as == Superior):
		return refuse(GuardOrgan, "the organ above decides on a higher review or complaint, the organ itself on the others", "%s may not decide on a %s", d.as, a.Path)
	case d.Determination == nil:
		return refuse(GuardOrder, "determine the review anew first", "there is no determination that counts")
	case e.Result != Upheld && e.Result != Varied && e.Result != Annulled:
		return fault("result", "there is no result %q", "write upheld, varied or annulled", e.Result)
	case !e.Words.Present:
		return fault("words", "they are missing", "give the reasons")
	case (e.Result == Varied) != (len(e.Findings) > 0):
		return fault("findings", "%d findings with %s", "give the changed results with a variation, and only then", len(e.Findings), e.Result)
	}
	if err := d.collective(e.Collective); err != nil {
		return err
	}
	for _, f := range e.Findings {
		if err := d.varies(f, a); err != nil {
			return err
		}
	}
	return d.before(a.At, "the appeal")
}

// varies holds that a variation stays on the appellant's parts, rests on a
// replay and makes nothing heavier.
func (d *desk) varies(f Result, a Appeal) error {
	old, ok := d.Determination.Result(f.Pair())
	switch {
	case !ok || f.Person != a.Person:
		return fault("findings", "%s in %s is not under appeal", "vary the appellant's own parts", f.Person, f.Matter)
	case !f.Outcome.known():
		return fault("findings.outcome", "there is no outcome %q", "write one of %[2]s", f.Outcome, domain.Names(Outcomes))
	case f.Outcome.Heavier(old.Outcome):
		return refuse(GuardNoAggravation, "uphold it, or vary it to the person's favour", "%s is heavier than %s", f.Outcome, old.Outcome)
	case f.Replay.Trace != old.Replay.Trace:
		return refuse(GuardReplay, "annul it and determine it on the new replay", "the variation names another replay than the determination")
	}
	i := slices.IndexFunc(d.Determination.Suggestions, func(s Suggestion) bool { return s.Person == f.Person && s.Matter == f.Matter })
	if i < 0 {
		return nil
	}
	return d.departs(f, d.Determination.Suggestions[i])
}

func (e *AppealDecided) evolve(r *Review, at At) {
	for i := range r.Appeals {
		if a := &r.Appeals[i]; a.ID == e.ID && a.Decided == nil {
			a.Decided, a.Result = &at, e.Result
		}
	}
	switch e.Result {
	case Varied:
		old := r.Determination
		if old == nil {
			return
		}
		varied := &Decision{At: at, Findings: slices.Clone(old.Findings), Suggestions: old.Suggestions, Collective: e.Collective, Varied: e.ID}
		for _, f := range e.Findings {
			for i := range varied.Findings {
				if varied.Findings[i].Pair() == f.Pair() {
					varied.Findings[i] = f
				}
			}
		}
		// It is served anew, and the clocks of the next remedy run from there.
		r.Past, r.Determination = append(r.Past, old), varied
		r.FiledAt = nil
	case Annulled:
		r.anew()
	}
}

// anew begins another round: the determination stays readable among the past
// ones, what was verified stays, and notice, hearing, consultation and
// determination are done again.
func (r *Review) anew() {
	if r.Determination != nil {
		r.Past = append(r.Past, r.Determination)
	}
	r.Determination, r.FiledAt, r.ended = nil, nil, ""
	// What was verified stays verified; what rested on the old replay goes.
	r.Notices, r.Hearings, r.Consultations, r.Opinions, r.Replays = nil, nil, nil, nil, nil
	r.round = len(r.log) // the event that begins it is part of it
}

// Private are the reasons.
func (e *AppealDecided) Private() []domain.PrivateField {
	return append([]domain.PrivateField{{Path: "words", Data: &e.Words}}, reasons(e.Findings)...)
}

// ReopenCause says why a review is reopened.
type ReopenCause string

// The causes.
const (
	NewFact       ReopenCause = "new_fact"
	FalseEvidence ReopenCause = "false_evidence"
)

// Reopened takes a determined review up again 重新认定. The old determination is
// kept and stays readable.
type Reopened struct {
	By
	Cause    ReopenCause    `json:"cause"`
	Evidence []string       `json:"evidence"`
	Reason   domain.Private `json:"reason"`
}

// EventType is the stored name.
func (Reopened) EventType() string { return "review-reopened.v1" }

func (*Reopened) may() []Role { return []Role{Head, Superior} }

func (e *Reopened) check(d *desk) error {
	switch {
	case d.Determination == nil:
		return refuse(GuardOrder, "go on with it", "review %s has no determination that counts", d.ID)
	case e.Cause != NewFact && e.Cause != FalseEvidence:
		return fault("cause", "there is no cause %q", "write new_fact or false_evidence", e.Cause)
	case !e.Reason.Present:
		return fault("reason", "it is missing", "say what is new or was false")
	}
	if err := d.usable(e.Evidence); err != nil {
		return err
	}
	return d.before(d.Determination.At, "the determination")
}

func (e *Reopened) evolve(r *Review, at At) {
	r.Reopenings = append(r.Reopenings, at)
	r.anew()
}

// Private is the reason.
func (e *Reopened) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "reason", Data: &e.Reason}}
}

// GuardBreached says that an act slipped past a guard in a race across streams
// and suspends it: it stays on record without effect.
type GuardBreached struct {
	By
	Act   string       `json:"act"` // event id
	Guard string       `json:"guard"`
	Why   string       `json:"why"`
	Found domain.Basis `json:"found"` // what had moved on
}

// EventType is the stored name.
func (GuardBreached) EventType() string { return "guard-breached.v1" }

func (*GuardBreached) may() []Role { return []Role{Machine} }

func (e *GuardBreached) check(d *desk) error {
	if e.Act == "" || e.Guard == "" {
		return fault("act, guard", "one is missing", "name the act and the guard")
	}
	i := slices.IndexFunc(d.log, func(l logged) bool { return l.at.ID == e.Act })
	if i < 0 || d.suspended(e.Act) {
		return fault("act", "%q is no act of this review that has effect", "name its event", e.Act)
	}
	if !Suspendable(d.log[i].event) {
		return refuse(GuardRecusal, "let the right head decide", "a recusal is not lifted by suspending it")
	}
	return nil
}

// Suspendable reports whether a breach may take an event's effect away. A
// recusal, raised or granted, is never lifted that way.
func Suspendable(e Event) bool {
	switch e := e.(type) {
	case *RecusalRaised, *GuardBreached:
		return false
	case *RecusalDecided:
		return !e.Granted
	}
	return true
}

func (e *GuardBreached) evolve(r *Review, at At) {
	r.Suspended = append(r.Suspended, Suspension{at, e.Act, e.Guard, e.Why})
}
