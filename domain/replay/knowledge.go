package replay

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// knowledge is what the three fact sets of a month are made of.
type knowledge struct {
	k      *view // inside the basis and visible to the office
	proven *view // K without what rests on a claimed time only (grade C); nil where K has none
	sure   *view // K° likewise
	t      *view // true, as far as the index knows today
	due    *view // K° = K and what the required steps would have shown
	shown  []Shown
	late   []Shown
}

// Shown is a fact that enters K° beyond K, and why. It is proposed by the
// engine; a reviewer confirms each.
type Shown struct {
	Fact   Fact   `json:"fact"`
	Step   string `json:"step,omitempty"` // that would have shown it
	Why    string `json:"why"`            // step_missing, late_entry_harms, late_entry_proven
	Person string `json:"person,omitempty"`
	told   eligibility.Told
}

// Why a fact enters K°.
const (
	WhyStepMissing = "step_missing"
	WhyLateHarms   = "late_entry_harms"
	WhyLateProven  = "late_entry_proven"
)

// Fact is one statement as a report shows it.
type Fact struct {
	Subject   string            `json:"subject"`
	Attribute string            `json:"attribute"`
	Item      string            `json:"item,omitempty"`
	Value     domain.Value      `json:"value"`
	From      domain.Day        `json:"from,omitzero"`
	To        domain.Day        `json:"to,omitzero"`
	Observed  domain.Day        `json:"observed,omitzero"`
	Known     domain.Day        `json:"known,omitzero"` // the event's own label
	Source    domain.SourceKind `json:"source"`
	HeldBy    string            `json:"held_by,omitempty"`
	Event     string            `json:"event"`
	Revision  int64             `json:"revision"`
}

func factOf(t eligibility.Told) Fact {
	return Fact{t.Subject, t.Attribute, t.Item, t.Value, t.ValidFrom, t.ValidTo, t.Observed, t.At.KnownOn(), t.Source, t.HeldBy, t.At.ID, t.At.Revision}
}

// post is somebody who could see.
type post struct{ office, post string }

// handlers are the posts that took part up to an act; what any of them could
// see belongs to the joint K of the office (rule 4).
func (e *engine) handlers(j judged) []post {
	if list, ok := e.posts[j.at.ID]; ok {
		return list
	}
	list := []post{{j.at.Actor.Office, j.at.Actor.Post}, {e.c.Office, ""}}
	for _, a := range e.c.Acts {
		if j.covers(a.At) {
			if p := (post{a.At.Actor.Office, a.At.Actor.Post}); !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	e.posts[j.at.ID] = list
	return list
}

func sees(posts []post) func(eligibility.Told) bool {
	return func(t eligibility.Told) bool {
		return slices.ContainsFunc(posts, func(p post) bool { return t.Visible(p.office, p.post) })
	}
}

// proven leaves out statements whose time of knowledge is only claimed.
func proven(visible func(eligibility.Told) bool) func(eligibility.Told) bool {
	return func(t eligibility.Told) bool { return visible(t) && t.At.Proven() }
}

func everybody(eligibility.Told) bool { return true }

// know builds K and T of a month.
func (e *engine) know(j judged) knowledge {
	visible := sees(e.handlers(j))
	kn := knowledge{k: e.view(selection{holds: j.covers, sees: visible}), t: e.truth()}
	claimed := func(t eligibility.Told) bool { return j.covers(t.At) && visible(t) && !t.At.Proven() }
	if slices.ContainsFunc(e.c.Statements, claimed) {
		kn.proven = e.view(selection{holds: j.covers, sees: proven(visible)})
	}
	return kn
}

// truth is T: everything recorded by the index. Who may see it is not asked.
func (e *engine) truth() *view {
	return e.view(selection{holds: always, sees: everybody})
}

// differences are the statements that win in one view on the month's days and
// not in another with the same value, in key order.
func (e *engine) differences(from, to *view, m domain.Month) []eligibility.Told {
	a, b := e.fold(from, m), e.fold(to, m)
	var diff []eligibility.Told
	for k, t := range b.winners {
		old, ok := a.winners[k]
		if ok && old.Value == t.Value {
			continue
		}
		if !ok && !e.schema.byName[k.Attribute].Sum && value(a.facts, k) == t.Value {
			continue
		}
		diff = append(diff, *t)
	}
	slices.SortFunc(diff, func(x, y eligibility.Told) int { return compareKeys(x.Key(), y.Key()) })
	return diff
}

func value(f domain.Facts, k domain.Key) domain.Value {
	if k.Subject == domain.Household {
		return f.Household[k.Attribute]
	}
	for _, m := range f.Members {
		if m.ID == k.Subject {
			return m.Facts[k.Attribute]
		}
	}
	return domain.Value{}
}

// dueDiligence builds K°: K plus those facts of T that a required, due and
// undone step with a connected source would have returned, or that somebody
// entered late to his own harm or with independent proof (rules 3 and 18).
func (e *engine) dueDiligence(j judged, kn *knowledge, checks []StepCheck, rules domain.PackVersion) error {
	var found []eligibility.Told
	for _, t := range e.differences(kn.k, kn.t, j.month) {
		if step, ok := e.wouldShow(j, t, checks); ok {
			s := Shown{Fact: factOf(t), Step: step.Step, Why: WhyStepMissing, Person: step.Person, told: t}
			kn.shown, found = append(kn.shown, s), append(found, t)
		}
	}
	for _, t := range e.lateEntries(j) {
		if slices.ContainsFunc(found, func(f eligibility.Told) bool { return f.At.ID == t.At.ID && f.Key() == t.Key() }) {
			continue
		}
		if s, counts, err := e.lateEntry(j, kn, t, rules); err != nil {
			return err
		} else if kn.late = append(kn.late, s); counts {
			kn.shown, found = append(kn.shown, s), append(found, t)
		}
	}
	found, kn.shown = e.in.confirmed(found, kn.shown)
	kn.due, kn.sure = kn.k, kn.proven
	if len(found) > 0 {
		kn.due = e.with(j, found)
		if kn.proven != nil {
			kn.sure = e.view(selection{holds: j.covers, sees: proven(sees(e.handlers(j))), found: found})
		}
	}
	return nil
}

// wouldShow finds the missing step that would have shown a fact: one that
// asks the connected source which held it, or one at which it could be seen.
func (e *engine) wouldShow(j judged, t eligibility.Told, checks []StepCheck) (StepCheck, bool) {
	held := max(t.ValidFrom, t.SourceUpdated)
	for _, c := range checks {
		if c.State != StepMissing {
			continue
		}
		by := j.at.Day
		if c.Due != 0 {
			by = min(by, c.Due)
		}
		if slices.Contains(t.ObservableBy, c.Step) && t.ValidFrom <= by {
			return c, true
		}
		if slices.Contains(c.Sources, t.HeldBy) && held <= j.at.Day {
			return c, true
		}
	}
	return StepCheck{}, false
}

// lateEntries are observations that were made by the day of the act and
// entered after it.
func (e *engine) lateEntries(j judged) []eligibility.Told {
	var late []eligibility.Told
	for _, t := range e.c.Statements {
		if !j.covers(t.At) && t.Source != domain.Discovery && t.Observed <= j.at.Day && t.At.KnownOn() > t.Observed {
			late = append(late, t)
		}
	}
	return late
}

// lateEntry decides whether a late observation counts in K°: with
// independent proof always, otherwise only against whoever entered it.
func (e *engine) lateEntry(j judged, kn *knowledge, t eligibility.Told, rules domain.PackVersion) (Shown, bool, error) {
	s := Shown{Fact: factOf(t), Why: WhyLateProven, Person: t.At.Actor.Person, told: t}
	if t.Proof == domain.GradeA || t.Proof == domain.GradeB {
		return s, true, nil
	}
	s.Why = WhyLateHarms
	if !e.tookPart(j, t.At.Actor.Person) {
		return s, false, nil
	}
	before, err := e.outcome(kn.k, rules, j.month)
	if err != nil {
		return s, false, err
	}
	after, err := e.outcome(e.with(j, []eligibility.Told{t}), rules, j.month)
	if err != nil || !before.Determined() || !after.Determined() {
		return s, false, err
	}
	was, is := (before.Nearest(j.amount) - j.amount).Abs(), (after.Nearest(j.amount) - j.amount).Abs()
	return s, is > was, nil
}

// tookPart reports whether a person handled the case up to an act.
func (e *engine) tookPart(j judged, person string) bool {
	return j.at.Actor.Person == person || slices.ContainsFunc(e.c.Acts, func(a eligibility.Act) bool {
		return j.covers(a.At) && (a.At.Actor.Person == person || slices.Contains(a.Staff, person))
	})
}

// The classes of the facts that lie between K° and T.
const (
	classDoc, classInfo, classAppl, classLate = 0, 1, 2, 3
)

// classify says why nobody could know a fact by due diligence: a document was
// false, a source missed or lagged, the applicant did not declare it, or it
// could only come out later (§3.3, rule 8).
func (e *engine) classify(j judged, t eligibility.Told, before fold) int {
	if old, ok := before.winners[t.Key()]; ok && old.Source == domain.Document {
		return classDoc
	}
	if t.HeldBy != "" && e.sourceFailed(j, t) {
		return classInfo
	}
	if e.schema.byName[t.Attribute].Declarable && !t.Undeclarable && t.ValidFrom <= j.at.Day {
		return classAppl
	}
	return classLate
}

// sourceFailed reports whether a source should have shown a fact by the act
// and did not: it was not connected, came to hold it late, was asked and had
// not answered, or answered without it.
func (e *engine) sourceFailed(j judged, t eligibility.Told) bool {
	if !e.reg.Connected(t.HeldBy, j.at.Day) || t.SourceUpdated > j.at.Day {
		return true
	}
	return slices.ContainsFunc(e.c.Acts, func(a eligibility.Act) bool {
		returned := a.Type == (eligibility.InfoCheckReturned{}).EventType()
		asked := a.Type == (eligibility.InfoCheckRequested{}).EventType()
		asOf := a.At.Day
		if returned && a.Until != 0 {
			asOf = a.Until
		}
		return (returned || asked) && j.covers(a.At) && slices.Contains(a.Sources, t.HeldBy) && t.ValidFrom <= asOf
	})
}
