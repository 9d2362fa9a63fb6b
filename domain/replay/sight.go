package replay

import (
	"maps"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// A Sight is what three readers see of a case at one t0: what was known then
// (K), what should have been known (K°), and what is true as far as is known
// today (T). Rows are facts, each as each of the three has it.
type Sight struct {
	Month domain.Month       `json:"month"`
	By    string             `json:"judged_by"`
	On    domain.Day         `json:"judged_on"`
	Act   string             `json:"act,omitempty"`
	Rules domain.PackVersion `json:"rules"`    // received by the office
	Force domain.PackVersion `json:"in_force"` // published
	Rows  []SightRow         `json:"rows"`
	Late  []Shown            `json:"late,omitempty"` // entered after t0 though observed before
	// Lawful is what the file bore out (A) and what due diligence would have (A°)
	// on a day on which nothing may have been decided. Of an act, the report has it.
	Lawful []Node `json:"lawful,omitempty"`
}

// A SightRow is one fact. What nobody stated is nil: unknown, never no.
type SightRow struct {
	Known  *Fact  `json:"known,omitempty"`
	Should *Fact  `json:"should,omitempty"`
	True   *Fact  `json:"true,omitempty"`
	Why    *Shown `json:"why,omitempty"` // it should have been known
}

// Key is what the row speaks of.
func (r SightRow) Key() domain.Key {
	for _, f := range []*Fact{r.Known, r.Should, r.True} {
		if f != nil {
			return domain.Key{Subject: f.Subject, Attribute: f.Attribute, Item: f.Item}
		}
	}
	return domain.Key{}
}

// Differs reports whether the three do not see the same value.
func (r SightRow) Differs() bool {
	return !sameFact(r.Known, r.Should) || !sameFact(r.Should, r.True)
}

func sameFact(a, b *Fact) bool { return (a == nil) == (b == nil) && (a == nil || a.Value == b.Value) }

// See is the sight of a benefit month at the act that it is judged at, made of
// the same fact sets as the report. The error wraps domain.ErrNotFound where the
// case has no such month.
func See(in Input, m domain.Month) (Sight, error) {
	e, err := looking(in)
	if err != nil {
		return Sight{}, err
	}
	j, ok := e.judge(m)
	if !ok {
		return Sight{}, domain.Deny(domain.ErrNotFound, "case %s has nothing to replay in %s", "", in.Case.ID, m)
	}
	s, _, err := e.sight(j)
	return s, err
}

// SeeOn is the sight of a benefit month on a day of the reader's choice, whether
// or not anything was decided on it: what was on record by its end, and what
// was lawful on that. The error wraps domain.ErrInvalid for a day before the
// case or behind the index day.
func SeeOn(in Input, m domain.Month, t0 domain.Day) (Sight, error) {
	if !in.Case.Exists() {
		return Sight{}, domain.Deny(domain.ErrNotFound, "case %s has no events", "", in.Case.ID)
	}
	switch opened := in.Case.Opened.KnownOn(); {
	case t0 < opened:
		return Sight{}, domain.NewFault("t0", "%s lies before the case, which is on record from %s", "choose a day from %[2]s to %[3]s", t0, opened, in.AsOf)
	case t0 > in.AsOf:
		return Sight{}, domain.NewFault("t0", "%s lies after %s, up to which it is replayed", "choose a day from %[3]s to %[2]s", t0, in.AsOf, opened)
	}
	e, err := looking(in)
	if err != nil {
		return Sight{}, err
	}
	if e.first == 0 {
		e.first = m
	}
	s, kn, err := e.sight(judged{month: m, kind: byStanding, at: eligibility.At{Day: t0}})
	if err != nil {
		return Sight{}, err
	}
	for _, n := range []struct {
		name  string
		view  *view
		rules domain.PackVersion
	}{{"A", kn.k, s.Rules}, {"Ao", kn.due, s.Force}} {
		o, err := e.outcome(n.view, n.rules, m)
		if err != nil {
			return Sight{}, err
		}
		s.Lawful = append(s.Lawful, Node{Name: n.name, Outcome: o, Rules: n.rules})
	}
	return s, nil
}

// looking is an engine that shows what it knows.
func looking(in Input) (*engine, error) {
	now, p, err := current(in)
	if err != nil {
		return nil, err
	}
	e := newEngine(in, now, p.Readings()[0])
	e.schema, e.order = newSchema(p.Attributes()), p.Precedence()
	e.first, _ = e.span()
	return e, nil
}

// sight is what the three readers see at an act, or on a day.
func (e *engine) sight(j judged) (Sight, knowledge, error) {
	rules, err := e.rulesOf(j)
	if err != nil {
		return Sight{}, knowledge{}, err
	}
	checks, err := e.conformance(j, rules.inForce)
	if err != nil {
		return Sight{}, knowledge{}, err
	}
	kn := e.know(j)
	if err := e.dueDiligence(j, &kn, checks, rules.inForce); err != nil {
		return Sight{}, knowledge{}, err
	}
	s := Sight{Month: j.month, By: j.kind, On: j.at.Day, Act: j.at.ID, Rules: rules.held, Force: rules.inForce, Late: kn.late}
	s.Rows = e.sightRows(kn, j.month)
	return s, kn, nil
}

// sightRows lists every fact that any of the three sees in a month.
func (e *engine) sightRows(kn knowledge, m domain.Month) []SightRow {
	views := [3]map[domain.Key]*eligibility.Told{e.fold(kn.k, m).winners, e.fold(kn.due, m).winners, e.fold(kn.t, m).winners}
	keys := map[domain.Key]bool{}
	for _, v := range views {
		for k := range v {
			keys[k] = true
		}
	}
	var rows []SightRow
	for _, k := range slices.SortedFunc(maps.Keys(keys), compareKeys) {
		r := SightRow{factAt(views[0], k), factAt(views[1], k), factAt(views[2], k), nil}
		if i := slices.IndexFunc(kn.shown, func(s Shown) bool { return s.told.Key() == k }); i >= 0 {
			r.Why = &kn.shown[i]
		}
		rows = append(rows, r)
	}
	return rows
}

func factAt(view map[domain.Key]*eligibility.Told, k domain.Key) *Fact {
	t, ok := view[k]
	if !ok {
		return nil
	}
	f := factOf(*t)
	return &f
}
