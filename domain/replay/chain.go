package replay

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// chain walks P → D → A → Af → A° → B of one month. Between K° and T it takes
// the facts class by class, so that every fen has one cause.
type chain struct {
	e     *engine
	j     judged
	kn    *knowledge
	rules chainRules
	month Month
	nodes []Node
	sets  [4][]eligibility.Told // DOC, INFO, APPL, LATE
}

type chainRules struct {
	held    domain.PackVersion // Rr
	righted domain.PackVersion // Rr with its encoding put right
	inForce domain.PackVersion // Rf
	now     domain.PackVersion // for B
}

// replayMonth replays one judged month.
func (e *engine) replayMonth(j judged) (Month, error) {
	rules, err := e.rulesOf(j)
	if err != nil {
		return Month{}, err
	}
	checks, err := e.conformance(j, rules.inForce)
	if err != nil {
		return Month{}, err
	}
	kn := e.know(j)
	if err := e.dueDiligence(j, &kn, checks, rules.inForce); err != nil {
		return Month{}, err
	}
	c := &chain{e: e, j: j, kn: &kn, rules: rules}
	c.month = Month{Month: j.month, By: j.kind, On: j.at.Day, Act: j.at.ID, Step: j.step, Basis: j.at.Basis, Shown: kn.shown, Procedure: checks}
	if err := c.walk(); err != nil {
		return Month{}, err
	}
	if e.nodesOnly {
		b := c.nodes[len(c.nodes)-1]
		return Month{Month: j.month, Nodes: c.nodes, Under: !b.Outcome.Determined()}, nil
	}
	for _, walk := range []func() error{c.link, c.beside, c.conduct} {
		if err := walk(); err != nil {
			return Month{}, err
		}
	}
	return c.month, nil
}

// rulesOf finds the versions that a month is judged by (rule 19).
func (e *engine) rulesOf(j judged) (r chainRules, err error) {
	t := j.moment()
	if r.held, err = e.book.held(t, e.c.Office); err != nil {
		return r, err
	}
	if r.inForce, err = e.book.published(t); err != nil {
		return r, err
	}
	r.righted, r.inForce, r.now = e.book.corrected(r.held), e.book.corrected(r.inForce), e.now
	return r, nil
}

// walk evaluates the nodes and takes a member of each (rule 6).
func (c *chain) walk() error {
	p, d := Node{Name: "P", Outcome: domain.Exactly(c.j.paid)}, Node{Name: "D", Outcome: domain.Exactly(c.j.amount), None: !c.j.decided}
	c.nodes = []Node{p, d}
	steps := []struct {
		name       string
		view, sure *view
		rules      domain.PackVersion
	}{
		{"A", c.kn.k, c.kn.proven, c.rules.held}, {"Am", c.kn.k, c.kn.proven, c.rules.righted},
		{"Af", c.kn.k, c.kn.proven, c.rules.inForce}, {"Ao", c.kn.due, c.kn.sure, c.rules.inForce},
	}
	for _, s := range steps {
		if s.name == "Am" && c.rules.righted == c.rules.held {
			continue // nothing to put right
		}
		o, err := c.known(s.view, s.sure, s.rules)
		if err != nil {
			return err
		}
		c.nodes = append(c.nodes, Node{Name: s.name, Outcome: o, Rules: s.rules})
	}
	if err := c.toTruth(); err != nil {
		return err
	}
	c.take()
	return nil
}

// known evaluates a node of knowledge. What changes with a statement whose
// time of knowledge is only claimed is undetermined (rule 3).
func (c *chain) known(v, sure *view, rules domain.PackVersion) (domain.Outcome, error) {
	o, err := c.e.outcome(v, rules, c.j.month)
	if err != nil || sure == nil {
		return o, err
	}
	without, err := c.e.outcome(sure, rules, c.j.month)
	if err != nil || o.SameAmounts(without) {
		return o, err
	}
	missing := []string{}
	for _, t := range c.e.differences(sure, v, c.j.month) {
		missing = append(missing, "knowledge time unproven: "+t.Key().String())
	}
	return domain.Outcome{Missing: missing}, nil
}

// names of the steps from K° to T.
var between = [4]string{"DOC", "INFO", "APPL", "LATE"}

// toTruth adds the nodes between K° and B: the facts by class, then T under
// the rules known then, then under those published for the month by now.
func (c *chain) toTruth() error {
	before := c.e.fold(c.kn.due, c.j.month)
	for _, t := range c.e.differences(c.kn.due, c.kn.t, c.j.month) {
		class := c.e.classify(c.j, t, before)
		c.sets[class] = append(c.sets[class], t)
	}
	var found []eligibility.Told
	for _, s := range c.kn.shown {
		found = append(found, s.told)
	}
	for class, set := range c.sets {
		if len(set) == 0 {
			continue
		}
		found = append(found, set...)
		o, err := c.e.outcome(c.e.with(c.j, slices.Clone(found)), c.rules.inForce, c.j.month)
		if err != nil {
			return err
		}
		c.nodes = append(c.nodes, Node{Name: between[class], Outcome: o, Rules: c.rules.inForce})
	}
	for _, s := range []struct {
		name  string
		rules domain.PackVersion
	}{{"T", c.rules.inForce}, {"B", c.rules.now}} {
		o, err := c.e.outcome(c.kn.t, s.rules, c.j.month)
		if err != nil {
			return err
		}
		c.nodes = append(c.nodes, Node{Name: s.name, Outcome: o, Rules: s.rules})
	}
	return nil
}

// take chooses a member of every set: b* is the one nearest to P, every other
// the one nearest to its left neighbour. T takes b* where both allow the same
// amounts: then no rule changed between them.
func (c *chain) take() {
	left := c.j.paid
	for i := range c.nodes {
		n := &c.nodes[i]
		if !n.Outcome.Determined() {
			continue
		}
		if n.Name == "B" {
			n.Taken = n.Outcome.Nearest(c.j.paid)
			if t := &c.nodes[i-1]; t.Outcome.SameAmounts(n.Outcome) {
				t.Taken = n.Taken
			}
			continue
		}
		n.Taken = n.Outcome.Nearest(left)
		left = n.Taken
	}
}

// classOf is the class of the link that ends at a node.
var classOf = map[string]Class{
	"D": EPay, "A": EWork, "Am": ERule, "Af": ELag, "Ao": EDuty,
	"DOC": EDoc, "INFO": EInfo, "APPL": EAppl, "LATE": ELate, "T": ELate, "B": ERetro,
}

// link lists the unequal links, and the money of the month.
func (c *chain) link() error {
	m := &c.month
	m.Nodes = c.nodes
	b := c.nodes[len(c.nodes)-1]
	m.Under = !b.Outcome.Determined()
	from := c.nodes[0]
	skipped := false
	for _, to := range c.nodes[1:] {
		if !to.Outcome.Determined() {
			m.Missing = merge(m.Missing, to.Outcome.Missing)
			skipped = true
			continue
		}
		if from.Taken != to.Taken || skipped && !from.Outcome.SameAmounts(to.Outcome) {
			if err := c.addLink(from, to, skipped); err != nil {
				return err
			}
		}
		from, skipped = to, false
	}
	for _, n := range c.nodes {
		m.Assumed = merge(m.Assumed, n.Outcome.Assumed)
	}
	if !m.Under {
		m.Overpaid, m.Underpaid = max(0, c.j.paid-b.Outcome.Max()), max(0, b.Outcome.Min()-c.j.paid)
	}
	m.Class = c.class()
	return c.orders()
}

func (c *chain) addLink(from, to Node, skipped bool) error {
	l := Link{Class: classOf[to.Name], From: from.Name, To: to.Name}
	switch {
	case skipped:
		l.Class = Unsplit
	case from.Name != "P" && from.Name != "D" && from.Outcome.SameAmounts(to.Outcome):
		l.Class = Open
	}
	if amount := from.Taken - to.Taken; !c.month.Under {
		l.Amount = &amount
	}
	var err error
	if l.Class != Unsplit && l.Class != Open {
		l.Decisive, err = c.decisive(l)
	}
	if !skipped || from.Taken != to.Taken {
		c.month.Links = append(c.month.Links, l)
	}
	return err
}

// class is the primary class of the month: the first unequal link of the
// chain; without one, a label of OK.
func (c *chain) class() Class {
	for _, l := range c.month.Links {
		if l.Class != Open {
			return l.Class
		}
	}
	if c.month.Under {
		return Unsplit
	}
	if slices.ContainsFunc(c.nodes, func(n Node) bool { return len(n.Outcome.Special) > 0 }) {
		return OKSpec
	}
	return OK
}

// merge adds what is not there yet, and keeps the order.
func merge(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// orders gives each class between K° and T the range of its amount over all
// orders in which the classes could be taken (rule 8).
func (c *chain) orders() error {
	var present []int
	for class, set := range c.sets {
		if len(set) > 0 {
			present = append(present, class)
		}
	}
	if len(present) < 2 || c.month.Under {
		return nil
	}
	o, err := c.e.outcome(c.kn.due, c.rules.inForce, c.j.month)
	if err != nil || !o.Determined() {
		return err
	}
	start, _ := c.month.Node("Ao")
	least, most := map[int]domain.Fen{}, map[int]domain.Fen{}
	for _, order := range permutations(present) {
		left := start.Taken
		var found []eligibility.Told
		for _, s := range c.kn.shown {
			found = append(found, s.told)
		}
		for _, class := range order {
			found = append(found, c.sets[class]...)
			o, err := c.e.outcome(c.e.with(c.j, slices.Clone(found)), c.rules.inForce, c.j.month)
			if err != nil || !o.Determined() {
				return err
			}
			taken := o.Nearest(left)
			d := left - taken
			left = taken
			if _, seen := least[class]; !seen {
				least[class], most[class] = d, d
			}
			least[class], most[class] = min(least[class], d), max(most[class], d)
		}
	}
	c.spread(least, most)
	return nil
}

func (c *chain) spread(least, most map[int]domain.Fen) {
	for i := range c.month.Links {
		l := &c.month.Links[i]
		class := slices.Index(between[:], l.To)
		if lo, hi := least[class], most[class]; class >= 0 && lo != hi {
			l.Least, l.Most = &lo, &hi
		}
	}
}

func permutations(list []int) [][]int {
	if len(list) < 2 {
		return [][]int{slices.Clone(list)}
	}
	var all [][]int
	for i, x := range list {
		rest := slices.Delete(slices.Clone(list), i, i+1)
		for _, p := range permutations(rest) {
			all = append(all, append([]int{x}, p...))
		}
	}
	return all
}
