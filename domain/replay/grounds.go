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
	// ThenLaw and NowLaw say that the rule is a statute's: what closes by
	// statute closes more firmly than what only advises.
	ThenLaw bool `json:"then_statutory,omitempty"`
	NowLaw  bool `json:"now_statutory,omitempty"`
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

// weigher adds the grounds to a report.
type weigher struct {
	e   *engine
	r   *Report
	now Plan
	// What is the same for everybody in the month at hand.
	month domain.Findings
	last  map[string]told // of each person and role, what was told last
}

// told is what a month told of a part: what it rests on, and what came out.
type told struct {
	month   domain.Month
	asked   asked
	summary string
}

// asked is one question to the liability rules. The act at which a month is
// judged is left out of it, so that months that differ only in it are alike.
type asked struct{ rules, findings string }

// weigh attaches the grounds to every part of every month that needs them.
func (e *engine) weigh(r *Report) error {
	w := weigher{e: e, r: r, last: map[string]told{}}
	for i := range r.Months {
		m := &r.Months[i]
		w.month = nil
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
// in the one before, but for the act itself, points there: a trace that says
// the same thing twelve times helps nobody.
func (w *weigher) part(m *Month, a *Conduct) error {
	af, _ := m.Node("Af")
	plan, err := w.e.plan(af.Rules, m.On)
	if err != nil || len(plan.Findings()) == 0 {
		return err
	}
	if w.month == nil {
		w.month = findingsOfMonth(w.e.in, w.r, *m)
	}
	// Everybody who took part shares what the month tells; it is told once.
	f := findingsOfActor(w.e.in, w.r, *m, *a, w.month)
	who, question := a.Actor.Person+" "+a.Role, asked{plan.Liable(), written(f, m.Act)}
	// Only the last one is looked at: a report is read from the top, and "as in
	// March" is found where "as three lines above" is not.
	before, ok := w.last[who]
	if ok && before.asked == question {
		a.GroundsAs = before.month
		return nil
	}
	all, lq, err := w.evaluate(plan, f)
	if err != nil {
		return err
	}
	kept := slices.DeleteFunc(all, silentGround)
	text := summary(kept, lq, m.Act)
	if ok && before.summary == text {
		a.GroundsAs = before.month
		w.last[who] = told{before.month, question, text}
		return nil
	}
	w.last[who] = told{m.Month, question, text}
	a.Grounds, a.Lq = kept, lq
	return nil
}

// evaluate asks the rules of the day of the act, and where they are others
// those of the index day.
func (w *weigher) evaluate(then Plan, f domain.Findings) ([]domain.Ground, *Lq, error) {
	old, err := then.Grounds(f)
	if err != nil {
		return nil, nil, err
	}
	if w.now == nil {
		if w.now, err = w.e.plan(w.e.now, w.e.in.AsOf); err != nil {
			return nil, nil, err
		}
	}
	// Mostly nothing has changed between the act and today.
	if w.now.Liable() == then.Liable() {
		return old, nil, nil
	}
	today, err := w.now.Grounds(f)
	if err != nil {
		return nil, nil, err
	}
	return old, compare(old, today), nil
}

// silentGround reports whether a ground says nothing of a part: it fails, or
// nothing speaks for it. An exemption stays while it can still be proved, and
// one that only a counter-check defeats stays too; the first condition of a
// ground is what it is about, and must be met.
func silentGround(g domain.Ground) bool {
	if g.Verdict == domain.Holds || g.Suspected {
		return false
	}
	if g.Kind != domain.Exemption || len(g.Conditions) == 0 || g.Conditions[0].Verdict != domain.Holds {
		return true
	}
	// Of several conditions of which one suffices, one that fails decides
	// nothing.
	return !g.Any && slices.ContainsFunc(g.Conditions, func(c domain.Condition) bool { return c.Verdict == domain.Fails })
}

// compare finds the grounds that two regimes see otherwise; nil where there
// are none. A rule that one of them lacks is absent there.
func compare(then, now []domain.Ground) *Lq {
	lq := &Lq{}
	old := map[string]domain.Ground{}
	for _, g := range then {
		old[g.ID] = g
	}
	// A rule that is gone, or new, is compared with none at all.
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
	// One direction throughout is a finding; two are a question for people.
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
	s := Shift{Ground: cmp.Or(is.ID, was.ID), Kind: cmp.Or(is.Kind, was.Kind), Then: said(was), Now: said(is), ThenLaw: was.Statutory, NowLaw: is.Statutory}
	// More force helps the person in what excuses, and hurts in what closes.
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

// written is one line for findings, the same for findings that differ in one
// event at most.
func written(f domain.Findings, except string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f)) {
		e := f[name]
		b.WriteString(name + "=" + e.Value.String() + " " + e.Person)
		writeIDs(&b, e.Events, except)
		b.WriteByte(';')
	}
	return b.String()
}

func writeIDs(b *strings.Builder, ids []string, except string) {
	for _, id := range ids {
		if id != except {
			b.WriteString("," + id)
		}
	}
}

// summary is what grounds say, with one event left out.
func summary(list []domain.Ground, lq *Lq, except string) string {
	var b strings.Builder
	conditions := func(list []domain.Condition) {
		for _, c := range list {
			b.WriteString(" " + c.ID + string(c.Verdict) + strings.Join(c.Missing, ",") + strings.Join(c.Persons, ","))
			writeIDs(&b, c.Events, except)
		}
	}
	if lq != nil {
		list = slices.Concat(list, lq.Now)
		b.WriteString(lq.Lighter)
	}
	for _, g := range list {
		b.WriteString("|" + g.ID + said(g))
		conditions(g.Conditions)
		conditions(g.Counters)
	}
	return b.String()
}
