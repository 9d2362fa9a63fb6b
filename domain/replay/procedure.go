package replay

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// The states of a step of the procedure at the time of an act.
const (
	StepDone    = "done"
	StepLate    = "late"
	StepMissing = "missing"
	StepShort   = "short"   // begun, but it did not last as long as it must, such as a notice
	StepExcused = "excused" // an obstacle is proven, and the step was replaced or made up for
	StepPending = "pending" // not due yet
)

// A StepCheck is one required step, and whether it was taken by the time of
// an act (overlay PROC). It moves no money by itself.
type StepCheck struct {
	Step    string      `json:"step"`
	Title   domain.Text `json:"title"`
	State   string      `json:"state"`
	Due     domain.Day  `json:"due,omitzero"`
	Done    domain.Day  `json:"done,omitzero"`
	Event   string      `json:"event,omitempty"`   // id of the event that proves it
	Lasted  int         `json:"lasted,omitempty"`  // days that it lasted, where it lasted too short
	Person  string      `json:"person,omitempty"`  // who took it, or held it when it was due
	Sources []string    `json:"sources,omitempty"` // connected sources that were not asked
	Right   bool        `json:"right,omitempty"`   // its omission harms a right of the applicant
	Type    string      `json:"type"`              // stored event type that records it
	Minor   bool        `json:"minor,omitempty"`   // the defect is on the pack's list of minor ones
	Class   string      `json:"class,omitempty"`   // of the household, where it says how often the step is due
	Overdue int         `json:"overdue,omitempty"` // how many times a repeated step is overdue
	// Assumed says that the step or its days are to be verified.
	Assumed bool `json:"assumed,omitempty"`
}

// wanting reports whether a step was not taken as it should have been.
func (s StepCheck) wanting() bool {
	return s.State == StepMissing || s.State == StepLate || s.State == StepShort
}

// conformance compares what was done by the time of an act with the
// procedure in force when handling began. The version is the one in force at
// the act, on the day of the anchor: 2020 cases are judged by the procedure
// of 2012, the same acts in August 2021 by that of 2021.
func (e *engine) conformance(j judged, rules domain.PackVersion) ([]StepCheck, error) {
	anchor, ok := e.anchor()
	if !ok {
		return nil, nil
	}
	p, err := e.plan(rules, anchor.At.Day)
	if err != nil {
		return nil, err
	}
	w := walk{e: e, j: j, plan: p, rules: rules, anchor: anchor, done: map[string]domain.Day{}}
	for _, s := range p.Procedure(e.c.Programme) {
		if s.Decides {
			w.decided = true
		}
		if s.Event == anchor.Type {
			w.done[s.ID] = anchor.At.Day
		}
		if check, ok := w.check(s); ok {
			w.checks = append(w.checks, check)
		}
	}
	return w.checks, w.err
}

// walk goes through a procedure in order.
type walk struct {
	e       *engine
	j       judged
	plan    Plan
	rules   domain.PackVersion
	err     error // of reading the rules of another day
	anchor  eligibility.Act
	done    map[string]domain.Day
	decided bool // past the step that decides
	checks  []StepCheck
}

func (w *walk) check(s domain.Step) (StepCheck, bool) {
	c := StepCheck{Step: s.ID, Title: s.Title, Right: s.Right, Type: s.Event, Assumed: assumed(s.Cites)}
	act, taken := w.taken(s)
	if taken {
		w.done[s.ID] = act.At.Day
		c.Done, c.Event, c.Person = act.At.Day, act.At.ID, act.At.Actor.Person
		if lasted := int(act.Until - act.At.Day + 1); s.Runs > 0 {
			w.done[s.ID] = act.Until // what comes after it runs from its end
			if lasted < s.Runs {
				c.Lasted = lasted
			}
		}
	}
	c.Due = w.due(s)
	switch {
	case s.Every > 0:
		return w.repeated(s, c)
	case s.Decides && w.j.kind == ByOmission:
		c.State, c.Due = StepMissing, w.j.at.Day-1
		if h, ok := w.e.reg.Holder(w.e.c.Office, postOf(s), w.j.at.Day); ok {
			c.Person = h.Person
		}
		return c, true
	case !s.Required || s.Decides || w.decided:
		return c, false
	case len(s.Sources) > 0:
		c.Sources = w.unasked(s)
	}
	missing := !taken || len(c.Sources) > 0 || s.Staff > len(act.Staff)
	switch {
	case !missing && c.Lasted > 0:
		c.State = StepShort
	case !missing && (c.Due == 0 || c.Done <= c.Due):
		c.State = StepDone
	case !missing:
		c.State = StepLate
	case w.notDue(s, c.Due):
		c.State = StepPending
	default:
		c.State = StepMissing
		if h, ok := w.e.reg.Holder(w.e.c.Office, postOf(s), min(w.j.at.Day, dayOr(c.Due, w.j.at.Day))); ok && c.Person == "" {
			c.Person = h.Person
		}
	}
	if c.State != StepDone && w.excused(s.ID) {
		c.State = StepExcused
	}
	c.Minor = c.wanting() && slices.Contains(s.Minor, c.State)
	return c, true
}

// postOf is the step key under which posts hold a step.
func postOf(s domain.Step) string {
	if s.Post != "" {
		return s.Post
	}
	return s.ID
}

// notDue reports whether a step that was not taken was not due either. A
// decision passes over every step before it. An omission and a refusal to
// accept do not: what would have come after them had not begun to run. The
// step with which handling begins is due at a refusal, which denies it.
func (w *walk) notDue(s domain.Step, due domain.Day) bool {
	switch w.j.kind {
	case ByOmission, byStanding:
		return due == 0 || due >= w.j.at.Day
	case ByRefusal:
		return s.After != "" && (due == 0 || due >= w.j.at.Day)
	}
	return false
}

func dayOr(d, other domain.Day) domain.Day {
	if d == 0 {
		return other
	}
	return d
}

// taken is the first act that took a step inside the basis.
func (w *walk) taken(s domain.Step) (eligibility.Act, bool) {
	for _, a := range w.e.c.Acts {
		if a.Type == s.Event && w.j.covers(a.At) {
			return a, true
		}
	}
	return eligibility.Act{}, false
}

// due is the last day for a step: so many days after another one was taken.
// While that one has not been taken, the days do not run.
func (w *walk) due(s domain.Step) domain.Day {
	from := w.anchor.At.Day
	if s.After != "" {
		from = w.done[s.After]
	}
	if s.Days == 0 || from == 0 {
		return 0
	}
	return addDays(w.plan, from, s.Days, s.Working)
}

// addDays counts days from the day after a day on.
func addDays(p Plan, from domain.Day, n int, working bool) domain.Day {
	if !working {
		return from + domain.Day(n)
	}
	for n > 0 {
		from++
		if p.Workday(from) {
			n--
		}
	}
	return from
}

// unasked are the sources of a check that could have been asked at the time
// and were not.
func (w *walk) unasked(s domain.Step) []string {
	asked := map[string]bool{}
	for _, a := range w.e.c.Acts {
		if w.j.covers(a.At) && (a.Type == s.Event || a.Type == (eligibility.InfoCheckReturned{}).EventType()) {
			for _, src := range a.Sources {
				asked[src] = true
			}
		}
	}
	var open []string
	for _, src := range s.Sources {
		if !asked[src] && w.e.reg.Connected(src, w.j.at.Day) {
			open = append(open, src)
		}
	}
	return open
}

// repeated checks a step that comes again while the benefit runs.
func (w *walk) repeated(s domain.Step, c StepCheck) (StepCheck, bool) {
	since, ok := w.e.benefitSince(w.j)
	if !ok {
		return c, false
	}
	term := func(on domain.Day, class string) int { return w.stepOn(s, on).Term(class) }
	next := cycle{term: term}
	next.begin(since)
	for _, a := range w.e.c.Acts {
		if !w.j.covers(a.At) {
			continue
		}
		if a.Type == s.Event {
			c.Done, c.Event, c.Person = a.At.Day, a.At.ID, a.At.Actor.Person
		}
		next.take(s.Event, a)
	}
	due := next.due
	c.Due, c.Class = due, next.class
	if due >= w.j.at.Day {
		c.State = StepPending
		if c.Event != "" {
			c.State = StepDone
		}
		return c, true
	}
	c.State = StepMissing
	if h, ok := w.e.reg.Holder(w.e.c.Office, postOf(s), due); ok {
		c.Person = h.Person
	}
	if w.excused(s.ID) {
		c.State = StepExcused
	}
	for later := next.after(due); later < w.j.at.Day; later = next.after(due) {
		due = later // several were missed: the last one would have shown the most
		c.Overdue++
	}
	c.Due, c.Overdue = due, c.Overdue+1
	c.Minor = c.wanting() && slices.Contains(s.Minor, c.State)
	return c, true
}

// stepOn is a repeated step as the rules of a day have it. Where they do not
// have it, it is as it was.
func (w *walk) stepOn(s domain.Step, on domain.Day) domain.Step {
	p, err := w.e.plan(w.rules, on)
	if err != nil {
		w.err = err
		return s
	}
	for _, other := range p.Procedure(w.e.c.Programme) {
		if other.ID == s.ID && other.Every > 0 {
			return other
		}
	}
	return s
}

// addMonths is the same day so many months later, or the last of that month.
func addMonths(d domain.Day, n int) domain.Day {
	m := d.Month()
	later := m + domain.Month(n)
	return min(later.First()+(d-m.First()), later.Last())
}

// excused reports whether a proven obstacle stood in the way of a step that
// was replaced or made up for. Obstacles are facts of the world: the whole
// record counts, not what the act knew.
func (w *walk) excused(step string) bool {
	return slices.ContainsFunc(w.e.c.Obstacles, func(o eligibility.Obstacle) bool {
		return o.Step == step && o.Proven && (o.Replaced || o.MadeUpFor) && o.From <= w.j.at.Day
	})
}

// benefitSince is the day of the grant on which a benefit ran at an act.
func (e *engine) benefitSince(j judged) (domain.Day, bool) {
	d, ok := last(e.c.Decisions, func(d eligibility.Decision) bool {
		return d.Outcome == eligibility.Granted && (j.covers(d.At) || d.At.Revision == j.at.Revision)
	})
	return d.At.Day, ok
}

// deadline is the last day for a decision, counted from the anchor: the sum
// of the limits of the steps on the way, each running from the latest day
// allowed for the one before.
func (e *engine) deadline(anchor eligibility.Act) (domain.Day, string, error) {
	rules, err := e.book.published(moment{anchor.At.Day, always})
	if err != nil {
		return 0, "", err
	}
	p, err := e.plan(rules, anchor.At.Day)
	if err != nil {
		return 0, "", err
	}
	latest := map[string]domain.Day{}
	for _, s := range p.Procedure(e.c.Programme) {
		from := anchor.At.Day
		if s.After != "" && latest[s.After] != 0 {
			from = latest[s.After]
		}
		latest[s.ID] = addDays(p, from, s.Days, s.Working) + domain.Day(s.Runs) // the day of posting is not counted
		if s.Decides {
			return latest[s.ID], s.ID, nil
		}
	}
	return 0, "", nil
}

func assumed(cites []domain.Cite) bool {
	return slices.ContainsFunc(cites, func(c domain.Cite) bool { return c.Origin == domain.ToVerify })
}
