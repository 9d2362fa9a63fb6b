package policies

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
)

// partsOn lists everything that a pack says on a day, each by itself, with
// what it reads. The words are for people who compare two versions; expressions
// are written as CEL prints them.
func (p *pack) partsOn(day domain.Day) parts {
	// Nothing is taken from the day itself: an epoch is the same on all its days.
	e := p.epochOn(day)
	ps := parts{}
	p.manifestParts(ps, e)
	for _, s := range p.standards {
		v := s.on(e.days.from)
		ps.add(part{kind: "standard", id: s.id, title: s.src.Title.Text, lines: verifiable(v.cites, v.text)})
	}
	for _, list := range [][]*column{p.house, p.member} {
		for _, c := range list {
			ps.add(p.columnPart(c))
		}
	}
	for _, r := range p.src.rules {
		if v := r.version(e.days.from); v != nil {
			ps.add(p.rulePart(r, v))
		}
	}
	for _, pr := range p.man.Programmes {
		if e.programmes[pr.ID] != nil {
			ps.add(part{kind: "programme", id: pr.ID, title: pr.Title.Text, lines: []string{"answered by " + pr.Rule}, reads: []string{"rule " + pr.Rule}})
		}
	}
	for _, pr := range p.src.procedures {
		p.procedureParts(ps, pr.Programme, e.steps[pr.Programme])
	}
	p.liabilityParts(ps, e)
	return ps
}

// verifiable adds to what something says whether it rests on an assumption,
// which every outcome shows.
func verifiable(cites []domain.Cite, lines ...string) []string {
	// The text of a citation is for readers. That something is assumed is part of
	// every answer, so it counts.
	if assumed(cites) {
		lines = append(lines, "to be verified")
	}
	return lines
}

// manifestParts are what pack.yaml says of all programmes together.
func (p *pack) manifestParts(ps parts, e *epoch) {
	// The title, the authority and the reason are words about the pack; what
	// follows decides outcomes, limits or activations.
	put := func(id string, lines ...string) { ps.add(part{kind: "pack", id: id, lines: lines}) }
	var readings []string
	for _, r := range p.readings {
		readings = append(readings, fmt.Sprintf("%s: start %s, change %s, death %s", r.ID, r.Start, r.Change, r.Death))
	}
	put("month_rule", readings...)
	put("precedence", strings.Join(p.man.Precedence, " > "))
	c := &p.man.Calendar
	days := []string{"weekend " + strings.Join(c.Weekend, " ")}
	for _, h := range c.Holidays {
		days = append(days, fmt.Sprintf("holiday %s to %s", h.From, h.To))
	}
	for _, w := range c.Workdays {
		days = append(days, "workday "+w.Day.String())
	}
	put("calendar", days...)
	put("approval", append([]string{fmt.Sprintf("%d persons", p.man.Approval.Require)}, p.man.Approval.Roles...)...)
	if e.regime != nil {
		put("liability", e.regime.ID)
	}
}

// columnPart is a fact that is stated or derived.
func (p *pack) columnPart(c *column) part {
	// A stated fact means how it is read, folded and presumed; a derived one how
	// it is found.
	if a := c.attr; a != nil {
		lines := []string{fmt.Sprintf("kind %s %s", kindName(a.Kind), strings.Join(a.Codes, " "))}
		for word, on := range map[string]bool{"adds up": a.Sum, "declarable": a.Declarable, "death": a.Death, "presumed " + a.Presumed.String(): c.presumed != nil} {
			if on {
				lines = append(lines, word)
			}
		}
		return part{kind: "attribute", id: c.name, title: c.title, lines: sortedLines(lines)}
	}
	f := c.fact
	text := ""
	switch {
	case f.Sum != "":
		text = "sum of " + f.Sum
	case f.Count != "":
		text = "count of " + f.Count
	case f.Any != "":
		text = "any " + f.Any
	case f.All != "":
		text = "all " + f.All
	default:
		text = f.Expr.text()
	}
	if f.Where != "" {
		text += " where " + f.Where
	}
	return part{kind: "fact", id: c.name, title: c.title, lines: verifiable(c.cites, text), reads: p.keys(c.reads())}
}

// keys are the parts behind names of expressions.
func (p *pack) keys(names []string) []string {
	// The month and the general amount are no parts: they are supplied by the
	// engine, and never differ.
	var out []string
	for _, name := range names {
		switch s := p.slots[name]; s.scope {
		case inStandard:
			out = append(out, "standard "+name)
		case inHousehold, inMember:
			kind := "fact "
			if p.columnOf(s).attr != nil {
				kind = "attribute "
			}
			out = append(out, kind+name)
		}
	}
	return out
}

// rulePart is a rule as one version writes it.
func (p *pack) rulePart(r *rule, v *ruleVersion) part {
	x := part{kind: "rule", id: r.ID, title: r.Title.Text, lines: verifiable(p.cites(v.Cite), "when "+v.When.text())}
	exprs, conds := v.When.exprs(), []*cond{v.When}
	if v.Then != nil {
		x.lines = append(x.lines, "then "+v.Then.text(), "else "+v.Else.text())
		exprs = append(append(exprs, v.Then.exprs()...), v.Else.exprs()...)
	}
	// Exceptions are tried in order, so that their number belongs to what they
	// mean.
	for i, e := range v.Exceptions {
		word := "exception"
		if e.Special {
			word = "special exception"
		}
		x.lines = append(x.lines, verifiable(p.cites(e.Cite), fmt.Sprintf("%s %d %s: when %s then %s", word, i+1, e.ID, e.When.text(), e.Then.text()))...)
		exprs, conds = append(append(exprs, e.When.exprs()...), e.Then.exprs()...), append(conds, e.When)
	}
	for _, e := range exprs {
		if e.program != nil {
			x.reads = append(x.reads, p.keys(e.refs)...)
		}
	}
	for _, c := range conds {
		x.reads = append(x.reads, c.rules()...)
	}
	return x
}

// rules are the keys of the rules that a condition names.
func (c *cond) rules() []string {
	var out []string
	if c.Rule != "" {
		out = append(out, "rule "+c.Rule)
	}
	for _, k := range c.kids() {
		out = append(out, k.rules()...)
	}
	return out
}

// procedureParts are a procedure's order of steps, and each step.
func (p *pack) procedureParts(ps parts, programme string, steps []domain.Step) {
	if steps == nil {
		return
	}
	// The order is one part and each step another, so that a limit flags its step
	// and, through it, the procedure.
	x := part{kind: "procedure", id: programme}
	for _, s := range steps {
		id := programme + "." + s.ID
		x.lines, x.reads = append(x.lines, s.ID), append(x.reads, "step "+id)
		title, cites := s.Title, s.Cites
		s.ID, s.Title, s.Cites = "", domain.Text{}, nil
		ps.add(part{kind: "step", id: id, title: title, lines: verifiable(cites, stepLines(s)...)})
	}
	ps.add(x)
}

// stepLines write what a step says, one property a line, by the names of its
// stored form. What is not said gives no line.
func stepLines(s domain.Step) []string {
	raw, err := domain.Canonical(s)
	if err != nil {
		panic("policies: a step cannot be written: " + err.Error())
	}
	return flatLines("", raw)
}

// liabilityParts are the findings, and the grounds in force.
func (p *pack) liabilityParts(ps parts, e *epoch) {
	for _, f := range p.src.findings {
		lines := []string{fmt.Sprintf("kind %s %s", f.Kind, strings.Join(f.Codes, " "))}
		if f.People {
			lines = append(lines, "found by people")
		}
		ps.add(part{kind: "finding", id: f.Name, title: f.Title.Text, lines: lines})
	}
	for _, g := range p.src.grounds {
		for _, v := range g.Versions {
			if (span{v.From, v.To}).holds(e.days.from) {
				ps.add(p.groundPart(g, v))
			}
		}
	}
}

// groundPart is a liability rule as one version writes it.
func (p *pack) groundPart(g *ground, v *groundVersion) part {
	x := part{kind: "ground", id: g.ID, title: g.Title.Text, lines: verifiable(p.cites(v.Cite), "kind "+g.Kind)}
	if g.Confirmed != "" {
		x.lines, x.reads = append(x.lines, "confirmed by "+g.Confirmed), append(x.reads, "finding "+g.Confirmed)
	}
	if g.LocalArticle != "" {
		x.lines = append(x.lines, "local article "+g.LocalArticle)
	}
	// The words tell how a leaf counts: conditions come before counter-checks.
	for i, l := range v.leaves() {
		word := "all"
		switch {
		case i >= len(v.conditions()) && l.Lowers:
			word = "lowered by"
		case i >= len(v.conditions()):
			word = "unless"
		case len(v.Any) > 0:
			word = "any"
		}
		x.lines = append(x.lines, word+" "+l.ID+": "+l.Expr.text())
		x.reads = append(x.reads, findingKeys(&l.Expr)...)
	}
	return x
}

// findingKeys are the parts that an expression of a ground reads.
func findingKeys(e *expr) []string {
	var out []string
	if e.program == nil {
		return nil
	}
	for _, name := range e.refs {
		if strings.HasPrefix(name, "std.") {
			out = append(out, "standard "+name)
		} else {
			out = append(out, "finding "+name)
		}
	}
	return out
}

// flatLines writes a JSON object as lines "name value", sorted, inner names
// joined by dots.
func flatLines(prefix string, raw []byte) []string {
	// Lists and plain values stay as JSON; only objects are taken apart.
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return []string{strings.TrimSpace(strings.TrimSuffix(prefix, ".") + " " + string(raw))}
	}
	var lines []string
	for _, name := range sortedKeys(object) {
		lines = append(lines, flatLines(prefix+name+".", object[name])...)
	}
	return lines
}

// sortedLines puts lines in order.
func sortedLines(lines []string) []string { return slices.Sorted(slices.Values(lines)) }
