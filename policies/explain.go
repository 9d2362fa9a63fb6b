package policies

import (
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"leeway/domain"
)

// Explain is Evaluate with every rule, condition, exception, fact, standard
// and citation. It shows parts that the outcome did not need too.
func (p *Plan) Explain(f domain.Facts) (domain.Node, error) {
	in := p.Bind(f)
	if in == nil {
		return domain.Node{ID: f.Programme, Kind: "rule", Verdict: domain.Unknown, Missing: []string{"rule." + f.Programme}}, nil
	}
	defer p.Release(in)
	// Bitmaps are not wanted here, but noting them evaluates every leaf: the
	// person who asks wants to see those that did not decide too.
	out, err := p.EvaluateInput(in, new(Bits))
	x := explainer{in: in, pack: p.epoch.pack, facts: f}
	n := x.rule(in.agenda.rule)
	n.Value, n.Missing = amounts(out.Lawful), out.Missing
	for _, e := range in.agenda.exceptions {
		n.Children = append(n.Children, x.exception(e))
	}
	// The branch of the general rule stands last, whatever the exceptions did:
	// the amount that would have been due is part of the answer.
	general := in.agenda.then
	if in.rules[in.agenda.rule.index].v == fails {
		general = in.agenda.els
	}
	n.Children = append(n.Children, x.branch(in.agenda.rule.src.ID, in.agenda.rule.src.Title.Text, general))
	return n, err
}

// amounts writes lawful amounts in yuan: "378", "138 | 378", "0–1000".
func amounts(rs []domain.Range) string {
	parts := make([]string, len(rs))
	for i, r := range rs {
		if parts[i] = r.Lo.Yuan(); r.Hi != r.Lo {
			parts[i] += "–" + r.Hi.Yuan()
		}
	}
	return strings.Join(parts, " | ")
}

// explainer writes nodes from an evaluated input.
type explainer struct {
	// The evaluated household, its pack, and its facts as they were stated.
	in    *Input
	pack  *pack
	facts domain.Facts
}

// rule explains a rule: its citations, its verdict and the tree of its condition.
func (x explainer) rule(r *verdict) domain.Node {
	v, _ := x.in.ruleVerdict(r)
	n := domain.Node{ID: r.src.ID, Kind: "rule", Text: r.src.Title.Text, Verdict: v.verdict(), Cites: x.pack.cites(r.ver.Cite)}
	n.Children = []domain.Node{x.cond(r.when)}
	if v == unknown {
		n.Missing = distinct(x.in.missing(r.when, nil))
	}
	return n
}

// cond explains a condition with everything it read. A rule that is named in a
// condition stands there as a node of its own, with its own citations.
func (x explainer) cond(c *node) domain.Node {
	// A rule in a condition is explained as a rule.
	if c.op == opRule {
		if c.rule == nil {
			return domain.Node{ID: c.src.Rule, Kind: "rule", Verdict: domain.Unknown, Missing: []string{"rule." + c.src.Rule}}
		}
		return x.rule(c.rule)
	}
	v, _ := x.in.verdict(c)
	n := domain.Node{ID: c.src.ID, Kind: opNames[c.op], Text: c.src.Text.Text, Verdict: v.verdict()}
	if v == unknown {
		n.Missing = distinct(x.in.missing(c, nil))
	}
	if c.prog != nil {
		x.reads(&n, c.prog.refs, -1)
	}
	for _, k := range c.kids {
		n.Children = append(n.Children, x.cond(k))
	}
	return n
}

// exception explains an exception. It is shown whether it holds or not: why a
// special rule did not apply is what is most often asked.
func (x explainer) exception(e *exempt) domain.Node {
	c := x.cond(e.when)
	n := domain.Node{
		ID: e.id, Kind: "exception", Text: e.src.Text.Text, Verdict: c.Verdict, Missing: c.Missing,
		Cites: x.pack.cites(e.src.Cite), Children: []domain.Node{c},
	}
	// What an exception allows is of interest only where it applies.
	if n.Verdict == domain.Holds {
		n.Children = append(n.Children, x.branch(e.id, e.src.Text.Text, e.then))
	}
	return n
}

// branch shows the amounts of a branch as a value node.
func (x explainer) branch(id string, title domain.Text, b *branch) domain.Node {
	a := x.in.allowed(b)
	n := domain.Node{ID: id + ".amount", Kind: "value", Text: title, Value: amounts(a.lawful), Missing: distinct(a.missing)}
	for _, it := range b.items {
		for _, am := range []amount{it.lo, it.hi} {
			if am.prog != nil {
				x.reads(&n, am.prog.refs, -1)
			}
		}
	}
	return n
}

// reads adds what an expression read: stated facts as inputs, derived facts
// and standards as children with their own sources. m is the member at hand.
func (x explainer) reads(n *domain.Node, refs []string, m int) {
	if n.Inputs == nil && len(refs) > 0 {
		n.Inputs = map[string]string{}
	}
	for _, name := range refs {
		s := x.pack.slots[name]
		label := name
		var v ref.Val
		switch s.scope {
		case inMember:
			label = x.in.ids[m] + strings.TrimPrefix(name, "member")
			v = x.in.memberFact(m, s.i)
		case inHousehold:
			v = x.in.houseFact(s.i)
		case inStandard:
			v = x.in.agenda.epoch.std[s.i]
		case inMonth:
			v = x.in.month
		case inBase:
			v = x.in.baseAmount
		}
		// The two ends of an amount, or two members, may read one fact.
		if _, dup := n.Inputs[label]; dup {
			continue
		}
		n.Inputs[label] = shown(v)
		switch s.scope {
		case inStandard:
			n.Children = append(n.Children, x.standard(s.i))
		case inHousehold, inMember:
			x.column(n, s, label, m)
		}
	}
}

// column adds to a node what is behind a fact: nothing more for a stated one
// than that it is presumed, a child for a derived one.
func (x explainer) column(n *domain.Node, s slot, label string, m int) {
	c := x.pack.columnOf(s)
	if c.fact == nil {
		facts := x.facts.Household
		if s.scope == inMember {
			facts = x.facts.Members[m].Facts
		}
		if _, ok := facts[c.attr.Name]; !ok && c.presumed != nil {
			n.Inputs[label] += " (presumed)"
		}
		return
	}
	f := domain.Node{ID: label, Kind: "fact", Text: c.title, Value: n.Inputs[label], Cites: c.cites}
	// A derived fact tells what it lacks, down to the member.
	if u, ok := x.value(s, m).(*types.Unknown); ok {
		f.Verdict, f.Missing = domain.Unknown, distinct(x.in.named(u, nil))
	}
	if c.agg == nil {
		x.reads(&f, c.fact.Expr.refs, m)
	} else {
		// An aggregate shows every member, those that were not selected too.
		for i := range x.in.ids {
			x.reads(&f, c.agg.refs, i)
		}
	}
	n.Children = append(n.Children, f)
}

// value is the value of a fact, of the member at hand if it is one of a member.
func (x explainer) value(s slot, m int) ref.Val {
	if s.scope == inMember {
		return x.in.memberFact(m, s.i)
	}
	return x.in.houseFact(s.i)
}

// standard shows a dated value with its citations, or that it has none.
func (x explainer) standard(i int) domain.Node {
	d := x.pack.standards[i]
	v := d.on(x.in.agenda.epoch.days.from)
	n := domain.Node{ID: d.id, Kind: "value", Text: d.src.Title.Text, Value: v.text, Cites: v.cites}
	if v.val == nil {
		n.Value, n.Verdict, n.Missing = "none", domain.Unknown, []string{d.id}
	}
	return n
}
