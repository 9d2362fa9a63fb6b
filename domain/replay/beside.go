package replay

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// beside adds what is seen beside the chain: L and the liability regimes, the
// overlays, and the label OK-POL.
func (c *chain) beside() error {
	m := &c.month
	l, err := c.today()
	if err != nil {
		return err
	}
	m.Nodes = append(m.Nodes, l)
	if m.Class == OK && l.Outcome.Determined() && !l.Outcome.Allows(c.j.amount) {
		m.Class = OKPol
	}
	if err := c.regimes(); err != nil {
		return err
	}
	for _, n := range m.Nodes {
		_, single := n.Outcome.Single()
		if n.Name == "A" && n.Outcome.Determined() && !single && n.Outcome.Allows(c.j.amount) {
			m.Overlays = append(m.Overlays, Overlay{Kind: OverlayAmbiguous})
		}
	}
	if slices.ContainsFunc(m.Procedure, func(s StepCheck) bool { return s.wanting() }) {
		m.Overlays = append(m.Overlays, Overlay{Kind: OverlayProc})
	}
	if facts := c.concealed(); len(facts) > 0 {
		m.Overlays = append(m.Overlays, Overlay{Kind: OverlayConceal, Facts: facts})
	}
	for _, s := range c.kn.late {
		m.Overlays = append(m.Overlays, Overlay{Kind: OverlayLate, Facts: []Fact{s.Fact}, Person: s.Person, Events: []string{s.Fact.Event}})
	}
	if c.j.kind == ByRefusal && c.alleged() {
		m.Overlays = append(m.Overlays, Overlay{Kind: OverlayAlleged, Events: []string{c.j.at.ID}})
	}
	m.Overlays = append(m.Overlays, c.signals()...)
	return nil
}

// today is L: K under the rules in force now.
func (c *chain) today() (Node, error) {
	n := Node{Name: "L", Rules: c.rules.now}
	p, err := c.e.plan(c.rules.now, c.e.in.AsOf)
	if err != nil {
		return n, err
	}
	n.Outcome, err = c.e.ask(p, c.kn.k, c.rules.now, c.j.month)
	if n.Outcome.Determined() {
		n.Taken = n.Outcome.Nearest(c.j.amount)
	}
	return n, err
}

// regimes is Lq: the liability rules on the day of the act and on the index
// day, where they differ, for 从旧兼从轻. Which is lighter is for the review.
func (c *chain) regimes() error {
	then, err := c.e.plan(c.rules.inForce, c.j.at.Day)
	if err != nil {
		return err
	}
	now, err := c.e.plan(c.rules.now, c.e.in.AsOf)
	if err != nil {
		return err
	}
	if a, b := then.Regime(), now.Regime(); a.ID != b.ID {
		c.month.Regimes = []Regime{a, b}
	}
	return nil
}

// concealed are the facts true in the month that the applicant had a duty to
// declare and that his own declarations do not show, whatever the links say
// (rule 8).
func (c *chain) concealed() []Fact {
	own := c.e.view(selection{holds: c.j.covers, sees: func(t eligibility.Told) bool { return t.Source == domain.Declaration }})
	var facts []Fact
	for _, t := range c.e.differences(own, c.kn.t, c.j.month) {
		if c.e.schema.byName[t.Attribute].Declarable && !t.Undeclarable && t.ValidFrom <= c.j.at.Day && c.declaredOtherwise(own, t) {
			facts = append(facts, factOf(t))
		}
	}
	return facts
}

// declaredOtherwise reports whether the declaration speaks of the attribute:
// what it was never asked for, it cannot conceal.
func (c *chain) declaredOtherwise(own *view, t eligibility.Told) bool {
	if own.closed[domain.Key{Subject: t.Subject, Attribute: t.Attribute, Item: "*"}] {
		return true
	}
	return slices.ContainsFunc(own.keys, func(k keyed) bool { return k.Subject == t.Subject && k.Attribute == t.Attribute })
}

func (c *chain) alleged() bool {
	return slices.ContainsFunc(c.e.c.Acts, func(a eligibility.Act) bool {
		return a.At.ID == c.j.at.ID && a.Type == (eligibility.OralRefusalAlleged{}).EventType()
	})
}

// Signals of the overlay INTENT. Each is 疑似 until a reviewer confirms it.
const (
	SignalKin       = "kin_unfiled"
	SignalBackDated = "back_dated"
	SignalOverride  = "overrode_silently" // decided against the advice shown, without reasons
)

// backDatedAfter is how many days may lie between an act and its record
// before a live entry without proof is a signal; an assumption, to be verified.
const backDatedAfter = 30

func (c *chain) signals() []Overlay {
	var list []Overlay
	for _, k := range c.e.c.Kin {
		if k.Found && c.e.tookPart(c.j, k.Official) {
			list = append(list, Overlay{Kind: OverlayIntent, Signal: SignalKin, Person: k.Official, Events: []string{k.At.ID}})
		}
	}
	for _, a := range c.e.c.Acts {
		// An import alone is never back-dating: its claimed times are graded.
		if a.At.Claimed == nil && c.j.covers(a.At) && domain.DayOf(a.At.RecordedAt.Time) > a.At.Day+backDatedAfter {
			list = append(list, Overlay{Kind: OverlayIntent, Signal: SignalBackDated, Person: a.At.Actor.Person, Events: []string{a.At.ID}})
		}
	}
	d, ok := c.e.decision(c.j.month)
	if ok && d.Advice != nil && d.Advice.Outcome.Determined() && !d.Advice.Outcome.Allows(d.Amount) && len(d.Reasons) == 0 {
		list = append(list, Overlay{Kind: OverlayIntent, Signal: SignalOverride, Person: d.At.Actor.Person, Events: []string{d.At.ID}})
	}
	return list
}
