package replay

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// conduct looks at each actor's own part: the opinion, and the act at which
// the month is judged. Shares of money are never assigned to persons (rule 4).
func (c *chain) conduct() error {
	if c.j.kind == ByOmission {
		return c.omitted()
	}
	parts := c.parts()
	for _, part := range parts {
		if err := c.judgeActor(part); err != nil {
			return err
		}
	}
	for _, s := range c.month.Procedure {
		if s.State != StepMissing || s.Person == "" {
			continue
		}
		if !slices.ContainsFunc(c.month.Actors, func(a Conduct) bool { return a.Actor.Person == s.Person }) {
			c.month.Actors = append(c.month.Actors, c.stepHolder(s.Person))
		}
	}
	c.lateWriters()
	c.signalled()
	return nil
}

// signalled adds who is named by a signal 疑点 and did nothing that the replay
// could judge. Of his part nothing is known: only people can look into it.
func (c *chain) signalled() {
	for _, o := range c.month.Overlays {
		if o.Kind == OverlayIntent && o.Person != "" && !slices.ContainsFunc(c.month.Actors, func(a Conduct) bool { return a.Actor.Person == o.Person }) {
			c.month.Actors = append(c.month.Actors, Conduct{
				Actor: domain.Actor{Person: o.Person, Office: c.e.c.Office}, Role: RoleSignal, Verdict: ConductUndetermined,
			})
		}
	}
}

// omitted is the conduct of the post that held the omitted step on the day of
// the omission (rule 1).
func (c *chain) omitted() error {
	p, err := c.e.plan(c.rules.inForce, c.j.at.Day)
	if err != nil {
		return err
	}
	key := c.j.step
	for _, s := range p.Procedure(c.e.c.Programme) {
		if s.ID == c.j.step {
			key = postOf(s)
		}
	}
	h, ok := c.e.reg.Holder(c.e.c.Office, key, c.j.at.Day)
	if !ok {
		return nil
	}
	right, _ := c.month.Node("A")
	a := Conduct{Actor: domain.Actor{Person: h.Person, Office: h.Office, Post: h.Post}, Role: ByOmission, Right: right.Outcome, Steps: []string{c.j.step}}
	a.Verdict = c.verdict(a, right.Outcome)
	c.month.Actors = append(c.month.Actors, a)
	return nil
}

// lateWriters adds who saw what mattered, kept it to himself and entered it
// later, where he neither proposed nor decided.
func (c *chain) lateWriters() {
	for _, s := range c.kn.shown {
		known := slices.ContainsFunc(c.month.Actors, func(a Conduct) bool { return a.Actor.Person == s.Person })
		if s.Why == WhyLateHarms && !known && c.mattered(s.Person) {
			c.month.Actors = append(c.month.Actors, c.stepHolder(s.Person))
		}
	}
}

// part is what one actor proposed or decided, at a place in the stream.
type part struct {
	role   string
	at     eligibility.At
	amount domain.Fen
}

// The roles of actors.
const (
	RoleOpinion = "opinion"
	RoleStep    = "step"
	RoleSignal  = "signal" // named by a signal only
)

func (c *chain) parts() []part {
	var parts []part
	decision := c.j.at
	if d, ok := c.e.decision(c.j.month); ok && c.j.kind != ByDecision {
		decision = d.At
		parts = append(parts, part{ByDecision, d.At, d.Amount})
	}
	opinion, ok := last(c.e.c.Acts, func(a eligibility.Act) bool {
		return a.Type == (eligibility.InitialOpinion{}).EventType() && a.At.Revision < decision.Revision
	})
	// An opinion belongs to the decision that followed it, and to no later one.
	used := slices.ContainsFunc(c.e.c.Decisions, func(d eligibility.Decision) bool {
		return opinion.At.Revision < d.At.Revision && d.At.Revision < decision.Revision
	})
	if ok && !used {
		parts = append([]part{{RoleOpinion, opinion.At, opinion.Amount}}, parts...)
	}
	if c.j.kind == ByRefusal && c.alleged() {
		return parts // who wrote an allegation down refused nothing
	}
	return append(parts, part{c.j.kind, c.j.at, c.j.amount})
}

// judgeActor replays one actor's part on what he could see. His part in an
// earlier act is judged at that act, not at the month's.
func (c *chain) judgeActor(p part) error {
	own := judged{month: c.j.month, kind: p.role, at: p.at}
	visible := sees([]post{{p.at.Actor.Office, p.at.Actor.Post}})
	v := c.e.view(selection{holds: own.covers, sees: visible})
	held, err := c.e.book.held(own.moment(), c.e.c.Office)
	if err != nil {
		held = c.rules.held // the act came before the first activation on record
	}
	right, err := c.known(v, c.e.view(selection{holds: own.covers, sees: proven(visible)}), held)
	if err != nil {
		return err
	}
	a := Conduct{Actor: p.at.Actor, Role: p.role, Proposed: p.amount, Right: right, Steps: c.missed(p.at.Actor.Person)}
	a.Verdict = c.verdict(a, right)
	c.month.Actors = append(c.month.Actors, a)
	return nil
}

func (c *chain) verdict(a Conduct, right domain.Outcome) string {
	switch {
	case !right.Determined():
		return ConductUndetermined
	case !right.Allows(a.Proposed):
		return ConductWork
	case c.mattered(a.Actor.Person):
		return ConductDuty
	case c.slipped(a.Actor.Person):
		return ConductProcedure
	}
	b, _ := c.month.Node("B")
	if b.Outcome.Determined() && !b.Outcome.Allows(a.Proposed) {
		return ConductDiligent
	}
	return ConductRight
}

// missed are the missing steps that a person held.
func (c *chain) missed(person string) []string {
	var steps []string
	for _, s := range c.month.Procedure {
		if s.State == StepMissing && s.Person == person {
			steps = append(steps, s.Step)
		}
	}
	return steps
}

// mattered reports whether a missing step of a person, or his own late entry,
// made the difference between Af and A°.
func (c *chain) mattered(person string) bool {
	duty := slices.ContainsFunc(c.month.Links, func(l Link) bool { return l.Class == EDuty })
	return duty && slices.ContainsFunc(c.kn.shown, func(s Shown) bool { return s.Person == person })
}

func (c *chain) slipped(person string) bool {
	return slices.ContainsFunc(c.month.Procedure, func(s StepCheck) bool {
		return s.Person == person && s.wanting()
	})
}

// stepHolder is the conduct of somebody who held a missing step and decided
// nothing.
func (c *chain) stepHolder(person string) Conduct {
	a := Conduct{Actor: domain.Actor{Person: person, Office: c.e.c.Office}, Role: RoleStep, Steps: c.missed(person), Verdict: ConductProcedure}
	if c.mattered(person) {
		a.Verdict = ConductDuty
	}
	return a
}
