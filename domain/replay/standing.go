package replay

import (
	"errors"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// Standing is the procedure of a case as it stands on the index day: what was
// done, what is missing, and what is due by when, the decision among it. It is
// how a worker sees his gaps while he can still close them; the report judges
// them at each act. A case whose handling has not begun has no steps. The error
// wraps ErrNoRules where no version was published.
func Standing(in Input) ([]StepCheck, error) {
	now, p, err := current(in)
	if err != nil {
		return nil, err
	}
	e := newEngine(in, now, p.Readings()[0])
	checks, err := e.conformance(judged{kind: byStanding, at: eligibility.At{Day: in.AsOf}}, now)
	if err != nil {
		return nil, err
	}
	decision, ok, err := e.toDecide()
	if ok {
		checks = append(checks, decision)
	}
	return checks, err
}

// toDecide is the step that decides, while it waits.
func (e *engine) toDecide() (StepCheck, bool, error) {
	anchor, begun := e.anchor()
	if !begun || len(e.c.Decisions)+len(e.c.Refusals)+len(e.c.Withdrawn) > 0 {
		return StepCheck{}, false, nil
	}
	due, id, err := e.deadline(anchor)
	if err != nil || id == "" {
		return StepCheck{}, false, err
	}
	p, err := e.plan(e.now, anchor.At.Day)
	if err != nil {
		return StepCheck{}, false, err
	}
	steps := p.Procedure(e.c.Programme)
	i := slices.IndexFunc(steps, func(s domain.Step) bool { return s.ID == id })
	if i < 0 {
		return StepCheck{}, false, errors.New("the procedure has no step that decides")
	}
	s := steps[i]
	c := StepCheck{Step: s.ID, Title: s.Title, Right: s.Right, Type: s.Event, Due: due, State: StepPending, Assumed: assumed(s.Cites)}
	if due < e.in.AsOf {
		c.State = StepMissing
	}
	if h, ok := e.reg.Holder(e.c.Office, postOf(s), e.in.AsOf); ok {
		c.Person = h.Person
	}
	return c, true, nil
}
