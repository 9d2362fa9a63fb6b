package replay

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// decisive finds the minimal set of facts behind a link 决定性事实.
func (c *chain) decisive(l Link) (*Decisive, error) {
	switch l.Class {
	case EWork:
		return c.unread()
	case EDuty:
		var found []eligibility.Told
		for _, s := range c.kn.shown {
			found = append(found, s.told)
		}
		return c.flip(nil, found)
	case EDoc, EInfo, EAppl, ELate:
		class := slices.Index(between[:], l.To)
		if class < 0 {
			return nil, nil
		}
		var before []eligibility.Told
		for _, s := range c.kn.shown {
			before = append(before, s.told)
		}
		for _, set := range c.sets[:class] {
			before = append(before, set...)
		}
		return c.flip(before, c.sets[class])
	}
	return nil, nil
}

// flip drops, one by one, the facts without which the result stays the same.
// What is left is minimal: had just these been known, the result would have
// been as it is with all of them.
func (c *chain) flip(before, facts []eligibility.Told) (*Decisive, error) {
	with := func(facts []eligibility.Told) (domain.Outcome, error) {
		return c.e.outcome(c.e.with(c.j, slices.Concat(before, facts)), c.rules.inForce, c.j.month)
	}
	want, err := with(facts)
	if err != nil {
		return nil, err
	}
	need := slices.Clone(facts)
	for i := 0; i < len(need); {
		fewer := slices.Delete(slices.Clone(need), i, i+1)
		o, err := with(fewer)
		if err != nil {
			return nil, err
		}
		if o.SameAmounts(want) {
			need = fewer
		} else {
			i++
		}
	}
	return &Decisive{Kind: HadBeenKnown, Facts: factsOf(need), Result: want}, nil
}

// unread explains a decision that its own file contradicts: the least that
// must be left out of the file, or the one fact that must be otherwise, for
// the decision to be right.
func (c *chain) unread() (*Decisive, error) {
	a, _ := find(c.nodes, "A")
	onFile := c.onFile()
	without := func(left []eligibility.Told) (domain.Outcome, error) {
		drop := func(t eligibility.Told) bool {
			return slices.ContainsFunc(left, func(x eligibility.Told) bool { return x.At.ID == t.At.ID && x.Key() == t.Key() })
		}
		visible := sees(c.e.handlers(c.j))
		v := c.e.view(selection{holds: c.j.covers, sees: func(t eligibility.Told) bool { return visible(t) && !drop(t) }})
		return c.e.outcome(v, c.rules.held, c.j.month)
	}
	// What no result can do without, such as where the household lives when
	// only the survey says so, was read: it stays on file.
	for i := 0; i < len(onFile); {
		if o, err := without(onFile[i : i+1]); err != nil {
			return nil, err
		} else if o.Determined() {
			i++
		} else {
			onFile = slices.Delete(onFile, i, i+1)
		}
	}
	o, err := without(onFile)
	if err != nil {
		return nil, err
	}
	if o.Determined() && o.Allows(c.j.amount) && len(onFile) > 0 {
		need := slices.Clone(onFile)
		for i := 0; i < len(need); {
			fewer := slices.Delete(slices.Clone(need), i, i+1)
			if o, err := without(fewer); err != nil {
				return nil, err
			} else if o.Determined() && o.Allows(c.j.amount) {
				need = fewer
			} else {
				i++
			}
		}
		return &Decisive{Kind: LayUnread, Facts: factsOf(need), Result: a.Outcome}, nil
	}
	return c.asIf()
}

// onFile is what the office found itself and had on file, as far as it wins.
func (c *chain) onFile() []eligibility.Told {
	var list []eligibility.Told
	for _, t := range c.e.fold(c.kn.k, c.j.month).winners {
		if t.Source != domain.Declaration {
			list = append(list, *t)
		}
	}
	slices.SortFunc(list, func(x, y eligibility.Told) int { return compareKeys(x.Key(), y.Key()) })
	return list
}

// asIf looks for the one coded fact of the household that, taken otherwise,
// gives what was decided: the urban standard for a rural household.
func (c *chain) asIf() (*Decisive, error) {
	p, err := c.e.plan(c.rules.held, c.j.month.First())
	if err != nil || !c.j.decided {
		return nil, err
	}
	for _, a := range c.e.schema.list {
		if a.Member || a.Kind != domain.CodeValue {
			continue
		}
		for _, code := range a.Codes {
			facts := c.e.factsOf(c.kn.k, c.rules.held, c.j.month)
			facts.Household[a.Name] = domain.Code(code)
			o, err := p.Evaluate(facts)
			if err != nil {
				return nil, err
			}
			if amount, ok := o.Single(); ok && amount == c.j.amount {
				fact := Fact{Subject: domain.Household, Attribute: a.Name, Value: domain.Code(code)}
				return &Decisive{Kind: AsIf, Facts: []Fact{fact}, Result: o}, nil
			}
		}
	}
	return nil, nil
}

func factsOf(told []eligibility.Told) []Fact {
	facts := make([]Fact, len(told))
	for i, t := range told {
		facts[i] = factOf(t)
	}
	return facts
}

func find(nodes []Node, name string) (Node, bool) {
	i := slices.IndexFunc(nodes, func(n Node) bool { return n.Name == name })
	if i < 0 {
		return Node{}, false
	}
	return nodes[i], true
}
