package replay

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"leeway/domain"
)

// An Lq compares the liability rules of the day of an act with those of the
// index day on the same findings, for 从旧兼从轻: the old ones count unless the
// new are lighter. It advises, and gives its reasons.
type Lq struct {
	// Now are the grounds that come out otherwise under the rules of the index
	// day, as they come out then. Those of the day of the act stand beside.
	Now     []domain.Ground `json:"now,omitempty"`
	Lighter string          `json:"lighter"`
	Shifts  []Shift         `json:"shifts"`
}

// Which of two liability regimes is lighter.
const (
	LighterThen = "then" // every difference speaks for the rules of the day of the act
	LighterNow  = "now"  // every difference speaks for those of the index day
	LighterOpen = "open" // some speak for the one, some for the other: people weigh them
)

// A Shift is one ground that comes out otherwise under another regime.
type Shift struct {
	Ground string            `json:"ground"`
	Kind   domain.GroundKind `json:"kind"`
	Then   string            `json:"then"` // holds, partial, suspected, fails, unknown, or absent: no such rule
	Now    string            `json:"now"`
	// Favours says which regime is lighter as far as this ground goes.
	Favours string `json:"favours"`
}

// absent is the verdict on a ground of which a regime has no rule.
const absent = "absent"

// GroundsOf evaluates every liability rule on one actor's part in one month,
// under the rules in force on the day of the act. A report keeps only those
// that say something; a checklist of what a ground still needs takes them all.
func GroundsOf(in Input, r *Report, m Month, actor Conduct) ([]domain.Ground, error) {
	af, ok := m.Node("Af")
	if !ok {
		return nil, nil
	}
	p, err := in.Rules.Plan(af.Rules, m.On)
	if err != nil {
		return nil, err
	}
	return p.Grounds(FindingsOf(in, r, m, actor))
}

// GroundsFor are the grounds that a report tells of one part, also where
// it points at an earlier month.
func (r *Report) GroundsFor(a Conduct) ([]domain.Ground, *Lq) {
	if a.GroundsAs == 0 {
		return a.Grounds, a.Lq
	}
	for _, before := range r.Months {
		if before.Month != a.GroundsAs {
			continue
		}
		for _, b := range before.Actors {
			if b.Actor.Person == a.Actor.Person && b.Role == a.Role {
				return b.Grounds, b.Lq
			}
		}
	}
	return nil, nil
}

// weigher adds the grounds to a report. Equal findings are evaluated once.
type weigher struct {
	e    *engine
	r    *Report
	done map[weighed]*weight
	last map[string]placedGrounds // of each person and role, where they were told last
}

type weighed struct {
	version  domain.PackVersion
	day      domain.Day
	findings string
}

type weight struct {
	then []domain.Ground
	lq   *Lq
}

type placedGrounds struct {
	month domain.Month
	text  string
}

// weigh attaches the grounds to every part of every month that needs them.
func (e *engine) weigh(r *Report) error {
	w := weigher{e: e, r: r, done: map[weighed]*weight{}, last: map[string]placedGrounds{}}
	for i := range r.Months {
		m := &r.Months[i]
		for j := range m.Actors {
			a := &m.Actors[j]
			if len(m.Links)+len(m.Overlays) == 0 && a.Verdict == ConductRight {
				continue
			}
			if err := w.part(m, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// part attaches the grounds of one actor's part. A month in which they are as
// in one before, but for the act itself, points there: a trace that says the
// same thing twelve times helps nobody.
func (w *weigher) part(m *Month, a *Conduct) error {
	af, _ := m.Node("Af")
	plan, err := w.e.plan(af.Rules, m.On)
	if err != nil || len(plan.Findings()) == 0 {
		return err
	}
	f := FindingsOf(w.e.in, w.r, *m, *a)
	key := weighed{af.Rules, m.On, written(f)}
	done, ok := w.done[key]
	if !ok {
		if done, err = w.evaluate(plan, f); err != nil {
			return err
		}
		w.done[key] = done
	}
	who := a.Actor.Person + " " + a.Role
	text := summary(done, m.Act)
	if before, ok := w.last[who]; ok && before.text == text {
		a.GroundsAs = before.month
		return nil
	}
	w.last[who] = placedGrounds{m.Month, text}
	a.Grounds, a.Lq = done.then, done.lq
	return nil
}

// evaluate asks the rules of both days.
func (w *weigher) evaluate(then Plan, f domain.Findings) (*weight, error) {
	old, err := then.Grounds(f)
	if err != nil {
		return nil, err
	}
	now, err := w.e.plan(w.e.now, w.e.in.AsOf)
	if err != nil {
		return nil, err
	}
	today, err := now.Grounds(f)
	if err != nil {
		return nil, err
	}
	lq := compare(old, today)
	return &weight{slices.DeleteFunc(old, silentGround), lq}, nil
}

// silentGround reports whether a ground says nothing of a part: it fails, or
// nothing is on record for it. An exemption stays while it can still be
// proved, and one that only a counter-check defeats stays too.
func silentGround(g domain.Ground) bool {
	if g.Verdict == domain.Holds || g.Suspected {
		return false
	}
	if g.Kind != domain.Exemption {
		return true
	}
	some := false
	for _, c := range g.Conditions {
		if c.Verdict == domain.Fails && !g.Any {
			return true
		}
		some = some || c.Verdict == domain.Holds
	}
	return !some
}

// compare finds the grounds that two regimes see otherwise; nil where there
// are none. A rule that one of them lacks is absent there.
func compare(then, now []domain.Ground) *Lq {
	lq := &Lq{}
	old := map[string]domain.Ground{}
	for _, g := range then {
		old[g.ID] = g
	}
	add := func(was, is domain.Ground) {
		if s, ok := shift(was, is); ok {
			lq.Shifts = append(lq.Shifts, s)
			if is.ID != "" {
				lq.Now = append(lq.Now, is)
			}
		}
	}
	for _, g := range now {
		add(old[g.ID], g)
		delete(old, g.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(old)) {
		add(old[id], domain.Ground{})
	}
	if len(lq.Shifts) == 0 {
		return nil
	}
	lq.Lighter = lq.Shifts[0].Favours
	for _, s := range lq.Shifts {
		if s.Favours != lq.Lighter {
			lq.Lighter = LighterOpen
		}
	}
	return lq
}

// shift compares one ground under two regimes. What counts is only whether it
// stands, and how firmly: a ground that fails, is unknown or does not exist
// moves nothing.
func shift(was, is domain.Ground) (Shift, bool) {
	s := Shift{Ground: cmp.Or(is.ID, was.ID), Kind: cmp.Or(is.Kind, was.Kind), Then: said(was), Now: said(is)}
	d := force(is) - force(was)
	if s.Kind == domain.Exclusion || s.Kind == domain.Aggravation {
		d = -d
	}
	switch {
	case d > 0:
		s.Favours = LighterNow
	case d < 0:
		s.Favours = LighterThen
	}
	return s, d != 0
}

// said is the verdict on a ground in one word.
func said(g domain.Ground) string {
	switch {
	case g.ID == "":
		return absent
	case g.Suspected:
		return "suspected"
	case g.Partial:
		return "partial"
	}
	return string(g.Verdict)
}

// force is how firmly a ground stands. What a statute says closes more firmly
// than what only advises.
func force(g domain.Ground) int {
	n := 0
	switch {
	case g.Suspected:
		n = 2
	case g.Verdict != domain.Holds:
		return 0
	case g.Partial:
		n = 2
	default:
		n = 4
	}
	if g.Statutory {
		n++
	}
	return n
}

// written is one line for findings, the same for equal ones.
func written(f domain.Findings) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f)) {
		e := f[name]
		b.WriteString(name + "=" + e.Value.String() + " " + e.Person + " " + strings.Join(e.Events, ",") + ";")
	}
	return b.String()
}

// summary is what grounds say, with the act at which the month is judged left
// out: months that differ only in it say the same.
func summary(w *weight, act string) string {
	var b strings.Builder
	conditions := func(list []domain.Condition) {
		for _, c := range list {
			b.WriteString(" " + c.ID + string(c.Verdict) + strings.Join(c.Missing, ",") + strings.Join(c.Persons, ","))
			for _, id := range c.Events {
				if id != act {
					b.WriteString("," + id)
				}
			}
		}
	}
	list := w.then
	if w.lq != nil {
		list = slices.Concat(list, w.lq.Now)
		b.WriteString(w.lq.Lighter)
	}
	for _, g := range list {
		b.WriteString("|" + g.ID + said(g))
		conditions(g.Conditions)
		conditions(g.Counters)
	}
	return b.String()
}
