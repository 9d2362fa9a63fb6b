package replay

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// A cycle is when a step that comes again is due next: a term after the grant or
// after the last time, and how long a term is the class of the household says.
// A term is that of the rules on the day on which it begins, so that a new rule
// makes nobody late for what an old one gave him time for.
type cycle struct {
	term  func(on domain.Day, class string) int
	class string
	from  domain.Day // when the term began
	due   domain.Day
}

// begin starts a term on the day of the grant, or of the step itself.
func (c *cycle) begin(on domain.Day) {
	c.from = on
	c.due = c.after(on)
}

// after is a term of the class after a day.
func (c *cycle) after(on domain.Day) domain.Day { return addMonths(on, c.term(on, c.class)) }

// set takes in another class, or a day that somebody set. A day counts where it
// is earlier than the rules ask: nobody gets more time by setting himself one.
// Where the term of a new class has run out already, the step is due when it
// was before, at the latest a term after the class was set.
func (c *cycle) set(on domain.Day, class string, day domain.Day) {
	if class != "" && class != c.class {
		c.class = class
		due := addMonths(c.from, c.term(on, class))
		if due < on {
			due = min(c.due, c.after(on))
		}
		c.due = due
	}
	if day != 0 {
		c.due = min(c.due, day)
	}
}

// take folds an act.
func (c *cycle) take(step string, a eligibility.Act) {
	switch a.Type {
	case step:
		c.begin(a.At.Day)
	case eligibility.ReverificationDue{}.EventType():
		c.set(a.At.Day, a.Class, a.Until)
	}
}

// NextRecheck is when the re-check of a case is due by the newest rules that its
// office holds on the day of the input, once an event has been recorded: a
// grant, a re-check, or a class that was set. 0: no re-check follows from it.
// The error is that of reading a pack, or ErrNoRules.
func NextRecheck(in Input, e eligibility.Event) (held domain.PackVersion, due domain.Day, err error) {
	held, err = rulebook{in.Case.Pack, in.Register}.held(moment{in.AsOf, always}, in.Case.Office)
	if err != nil {
		return held, 0, err
	}
	step := eligibility.ReverificationDone{}.EventType()
	now, err := repeatedOn(in, held, eligibility.DayOf(e), step)
	if err != nil || now.Every == 0 {
		return held, 0, err
	}
	c := cycle{term: func(on domain.Day, class string) int {
		s, failed := repeatedOn(in, held, on, step)
		if failed != nil {
			err = failed
		}
		return s.Term(class)
	}}
	granted, ok := last(in.Case.Decisions, func(d eligibility.Decision) bool { return d.Outcome == eligibility.Granted })
	if ok {
		c.begin(granted.At.Day)
	}
	for _, a := range in.Case.Acts {
		c.take(step, a)
	}
	switch e := e.(type) {
	case *eligibility.DecisionMade:
		if e.Outcome != eligibility.Granted {
			return held, 0, nil
		}
		c.begin(e.Day)
	case *eligibility.ReverificationDone:
		c.begin(e.Day)
	case *eligibility.ReverificationDue:
		if c.from == 0 {
			return held, 0, nil // nothing runs that could be looked at again
		}
		c.set(e.Day, e.Class, e.Due)
	default:
		return held, 0, nil
	}
	return held, c.due, err
}

// repeatedOn is the step of a case's procedure that an event records and that
// comes again, as it stands on a day; none: the zero step.
func repeatedOn(in Input, v domain.PackVersion, on domain.Day, event string) (domain.Step, error) {
	p, err := in.Rules.Plan(v, on)
	if err != nil {
		return domain.Step{}, err
	}
	steps := p.Procedure(in.Case.Programme)
	if i := slices.IndexFunc(steps, func(s domain.Step) bool { return s.Event == event && s.Every > 0 }); i >= 0 {
		return steps[i], nil
	}
	return domain.Step{}, nil
}
