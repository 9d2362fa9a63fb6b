package policies

import (
	"github.com/google/cel-go/common/types"

	"leeway/domain"
)

// compileRules checks the shape of every rule, its versions in time, and each
// expression in it.
func (p *pack) compileRules(probs *Problems) {
	for _, r := range p.src.rules {
		if first, dup := p.rules[r.ID]; dup {
			probs.add(r.At, "rule %s is declared twice", "rename it; the first is at %[2]s", r.ID, first.At)
			continue
		}
		if !isName(r.ID) {
			probs.add(r.At, "%q is not a name", "write lower-case letters, digits, _ and dots", r.ID)
		}
		p.rules[r.ID] = r
	}
	for _, r := range p.src.rules {
		// Order in the file is order in time; an author who inserts a version in
		// the wrong place is told, not silently sorted.
		var spans []placed
		for _, v := range r.Versions {
			spans = append(spans, placed{span{v.From, v.To}, v.At})
			p.compileVersion(v, probs)
		}
		checkSpans(domain.Say("rule %s", r.ID), spans, probs)
	}
	p.checkRuleCircles(probs)
}

// placed is a stretch of days with its line.
type placed struct {
	span
	At at
}

// checkSpans refuses gaps and overlaps between versions. What has no version
// before its first or after its last is not regulated then, which is no gap.
func checkSpans(what domain.Said, list []placed, probs *Problems) {
	for i, v := range list {
		if v.to != 0 && v.to <= v.from {
			probs.add(v.At, "%s: a version ends on %s, before it starts", "to is the first day on which it no longer holds", what, v.to)
		}
		if i == 0 {
			continue
		}
		switch prev := list[i-1]; {
		// Two versions on one day would leave it to chance which one holds.
		case prev.to == 0 || prev.to > v.from:
			probs.add(v.At, "%s: versions overlap from %s", "end the version before with to: %[2]s", what, v.from)
		case prev.to < v.from:
			probs.add(v.At, "%s: gap from %s to %s", "start the version with from: %[2]s", what, prev.to, v.from)
		}
	}
}

// compileVersion checks one version of a rule. The citations must be in force for
// as long as the version is; those of an exception for as long as its rule.
func (p *pack) compileVersion(v *ruleVersion, probs *Problems) {
	p.srcs.resolve(v.At, v.Cite, span{v.From, v.To}, probs)
	// Ids are unique among the conditions of a version: tests and bitmaps name
	// leaves by them. An exception has a space of its own.
	ids := map[string]at{}
	p.compileCond(v.When, ids, false, probs)
	if (v.Then == nil) != (v.Else == nil) {
		probs.add(v.At, "then and else belong together", "write both for an amount rule, neither for a condition")
	}
	// An exception departs from an amount. A condition has no such thing: an
	// exempted case belongs into the condition, where everybody reads it.
	if v.Then == nil && len(v.Exceptions) > 0 {
		probs.add(v.At, "a condition rule has exceptions", "write them into when, or give the rule then and else")
	}
	p.compileResult(v.Then, false, probs)
	p.compileResult(v.Else, false, probs)
	seen := map[string]at{}
	for _, x := range v.Exceptions {
		if first, dup := seen[x.ID]; dup || !isName(x.ID) {
			probs.add(x.At, "exception id %q is used twice or is no name", "rename it; see %[2]s", x.ID, first)
		}
		seen[x.ID] = x.At
		p.srcs.resolve(x.At, x.Cite, span{v.From, v.To}, probs)
		p.compileCond(x.When, map[string]at{}, true, probs)
		p.compileResult(x.Then, true, probs)
	}
}

// compileCond checks a condition tree. Every leaf has an id and a text,
// unless it stands for another rule, whose own they are.
func (p *pack) compileCond(c *cond, ids map[string]at, exc bool, probs *Problems) {
	// A node with two forms would be read one way by us and another by the
	// author.
	ways := 0
	for _, w := range []bool{c.All != nil, c.Any != nil, c.Not != nil, c.Expr.src != "", c.Rule != "", c.Base != nil} {
		if w {
			ways++
		}
	}
	if ways != 1 {
		probs.add(c.At, "a condition needs one form", "write exactly one of all, any, not, expr, rule, base")
		return
	}
	// A reference takes the name of the rule it refers to.
	if c.Rule != "" && c.ID == "" {
		c.ID = c.Rule
	}
	// People read the text of a leaf in every explanation; an id without one
	// would be a riddle.
	leaf := c.Expr.src != "" || c.Base != nil
	if leaf && (c.ID == "" || c.Text.ZH == "") {
		probs.add(c.At, "a leaf needs id and text", "write {id: …, text: {zh: …, en: …}, expr: …}")
	}
	if c.ID != "" {
		if first, dup := ids[c.ID]; dup {
			probs.add(c.At, "condition %s stands twice in one rule", "rename it; the first is at %[2]s", c.ID, first)
		}
		ids[c.ID] = c.At
	}
	switch {
	// Outside an exception the general rule would ask for its own verdict.
	case c.Base != nil && !exc:
		probs.add(c.At, "base exists inside exceptions only", "write the condition out")
	case c.Rule != "":
		if p.rules[c.Rule] == nil {
			probs.add(c.At, "rule %s is not known", "write one of the rules of this pack", c.Rule)
		}
	case c.Expr.src != "":
		p.lang.compile(&c.Expr, types.BoolType)
		p.checkScope(&c.Expr, false, exc, probs)
	}
	for _, kid := range c.kids() {
		p.compileCond(kid, ids, exc, probs)
	}
}

// kids are the conditions directly below.
func (c *cond) kids() []*cond {
	switch {
	case c.All != nil:
		return c.All
	case c.Any != nil:
		return c.Any
	case c.Not != nil:
		return []*cond{c.Not}
	}
	return nil
}

// compileResult checks what a branch allows. A plain number is yuan.
func (p *pack) compileResult(r *result, exc bool, probs *Problems) {
	if r == nil {
		return
	}
	list := r.choices()
	if len(list) == 0 {
		probs.add(r.At, "the branch allows nothing", "write amount: … or alternatives: […]")
	}
	for _, c := range list {
		for _, e := range []*expr{&c.lo, &c.hi} {
			// A plain number of yuan needs no compiling.
			if _, err := domain.ParseYuan(e.src); e.src == "" || err == nil {
				continue
			}
			p.lang.compile(e, moneyType)
			p.checkScope(e, false, exc, probs)
		}
	}
}

// choices lists what a branch allows, the main amount first.
func (r *result) choices() []*choice {
	if r.Amount == nil {
		return r.Alternatives
	}
	return append([]*choice{r.Amount}, r.Alternatives...)
}

// checkRuleCircles refuses a rule that depends on itself.
func (p *pack) checkRuleCircles(probs *Problems) {
	state := map[string]int{}
	// Rules refer to each other by conditions only, so following those over all
	// versions finds every circle, in whatever epoch it would close.
	var visit func(id string, from at)
	var walk func(c *cond)
	walk = func(c *cond) {
		if c.Rule != "" {
			visit(c.Rule, c.At)
		}
		for _, k := range c.kids() {
			walk(k)
		}
	}
	visit = func(id string, from at) {
		r := p.rules[id]
		if r == nil || state[id] == 2 {
			return
		}
		if state[id] == 1 {
			probs.add(from, "rule %s depends on itself", "break the circle", id)
			return
		}
		state[id] = 1
		for _, v := range r.Versions {
			walk(v.When)
			for _, x := range v.Exceptions {
				walk(x.When)
			}
		}
		state[id] = 2
	}
	for _, r := range p.src.rules {
		visit(r.ID, r.At)
	}
}
