package policies

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Fingerprint names what a programme's rules mean on the plan's day, apart
// from the words: two plans with the same fingerprint give every household
// the same outcome in the same month. An edit of layout, a title or a
// citation does not change it; a new standard changes it for exactly the
// programmes that depend on it. Replays over a population use it to leave out
// the cases that a new version cannot change. A programme without a rule in
// force has none.
//
// The ids of rules, exceptions, facts and standards count as meaning, because
// outcomes name them. The leaves' ids do not: no outcome names a leaf.
func (p *Plan) Fingerprint(programme string) string {
	a := p.epoch.programmes[programme]
	if a == nil {
		return ""
	}
	var lines []string
	for id, v := range a.rules {
		lines = append(lines, "rule "+id+": "+v.when.src.text())
	}
	main := a.rule.ver
	lines = append(lines, "answers "+a.rule.src.ID, "then "+main.Then.text(), "else "+main.Else.text())
	for i, x := range a.exceptions {
		lines = append(lines, fmt.Sprintf("exception %d %s special %t: %s then %s", i, x.id, x.src.Special, x.src.When.text(), x.src.Then.text()))
	}
	for _, name := range a.reads {
		lines = append(lines, a.meaning(name))
	}
	lines = append(lines, "assumes "+strings.Join(a.assume, " "))
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:])
}

// meaning is what stands behind a name that the agenda reads.
func (a *agenda) meaning(name string) string {
	p := a.epoch.pack
	s := p.slots[name]
	switch s.scope {
	case inStandard:
		return name + " = " + p.standards[s.i].on(a.epoch.days.from).text
	case inHousehold, inMember:
		c := p.columnOf(s)
		switch {
		case c.attr != nil:
			return fmt.Sprintf("%s: kind %d, codes %v, presumed %s", name, c.attr.Kind, c.attr.Codes, c.attr.Presumed)
		case c.agg != nil:
			return fmt.Sprintf("%s = aggregate %d of %v", name, c.agg.op, c.agg.refs)
		}
		return name + " = " + normal(c.fact.Expr.program)
	}
	return name
}

// text is a result written one way, to compare results.
func (r *result) text() string {
	parts := make([]string, 0, 2)
	for _, c := range r.choices() {
		parts = append(parts, c.lo.text()+" to "+c.hi.text())
	}
	return strings.Join(parts, ", ")
}

// text is an expression as CEL prints it; a plain number stays as written.
func (e *expr) text() string {
	if e.program == nil {
		return e.src
	}
	return normal(e.program)
}
