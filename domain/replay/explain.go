package replay

import (
	"leeway/domain"
)

// Explain says, rule by rule, how one node of a month came about: A, Af, Ao, T
// or B. It goes the way that Run goes and asks the same plan about the same
// facts, so that what it says of a node is what the report says of it. The
// error wraps domain.ErrNotFound where the case has no such month or the chain
// no such node.
func Explain(in Input, m domain.Month, node string) (domain.Node, error) {
	now, p, err := current(in)
	if err != nil {
		return domain.Node{}, err
	}
	e := newEngine(in, now, p.Readings()[0])
	e.schema, e.order = newSchema(p.Attributes()), p.Precedence()
	e.first, _ = e.span()
	j, ok := e.judge(m)
	if !ok {
		return domain.Node{}, domain.Deny(domain.ErrNotFound, "case %s has nothing to replay in %s", "", in.Case.ID, m)
	}
	v, rules, err := e.behind(j, node)
	if err != nil {
		return domain.Node{}, err
	}
	plan, err := e.plan(rules, m.First())
	if err != nil {
		return domain.Node{}, err
	}
	return plan.Explain(e.factsOf(v, rules, m))
}

// behind is what stands behind a node: which facts, and which rules.
func (e *engine) behind(j judged, node string) (*view, domain.PackVersion, error) {
	rules, err := e.rulesOf(j)
	if err != nil {
		return nil, rules.held, err
	}
	checks, err := e.conformance(j, rules.inForce)
	if err != nil {
		return nil, rules.held, err
	}
	kn := e.know(j)
	if err := e.dueDiligence(j, &kn, checks, rules.inForce); err != nil {
		return nil, rules.held, err
	}
	switch node {
	case "A":
		return kn.k, rules.held, nil
	case "Af":
		return kn.k, rules.inForce, nil
	case "Ao":
		return kn.due, rules.inForce, nil
	case "T":
		return kn.t, rules.inForce, nil
	case "B":
		return kn.t, rules.now, nil
	}
	return nil, rules.held, domain.Deny(domain.ErrNotFound, "the chain has no node %q to explain", "name A, Af, Ao, T or B", node)
}
