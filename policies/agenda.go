package policies

import (
	"slices"

	"leeway/domain"
)

// tri is a three-valued verdict.
type tri uint8

const (
	unknown tri = iota
	fails
	holds
)

// verdict is the verdict in the words of the domain.
func (t tri) verdict() domain.Verdict {
	return [...]domain.Verdict{domain.Unknown, domain.Fails, domain.Holds}[t]
}

// negated turns holds and fails round and leaves unknown as it is: what is not
// known is not known to be otherwise either.
func (t tri) negated() tri { return [...]tri{unknown, holds, fails}[t] }

// verdictOf is the verdict of a plain yes or no.
func verdictOf(b bool) tri {
	if b {
		return holds
	}
	return fails
}

// mask is a set of the assumptions of an agenda, by number.
type mask [2]uint64

const maxAssumptions = len(mask{}) * 64

// or is the union: what rests on two things rests on the assumptions of both.
func (m mask) or(n mask) mask { return mask{m[0] | n[0], m[1] | n[1]} }

// has reports whether an assumption, by its number, is in the set.
func (m mask) has(i int) bool { return m[i/64]>>(i%64)&1 == 1 }

// op is the kind of a condition node.
type op uint8

const (
	opAll op = iota
	opAny
	opNot
	opExpr
	opRule
	opBase
)

var opNames = [...]string{"all", "any", "not", "leaf", "rule", "leaf"}

// node is a condition as one agenda evaluates it.
type node struct {
	// What it is, as written, and what it is made of.
	op   op
	src  *cond
	kids []*node
	prog *program
	// Leaves are numbered through the agenda; the number is the bit of the
	// bitmaps and the place of the cached verdict.
	leaf int      // number among the leaves; -1: none
	rule *verdict // of opRule; nil: not in force
	want tri      // of opBase
	base bool     // depends on the base verdict or amount
}

// verdict is a rule's condition inside an agenda.
type verdict struct {
	src   *rule
	ver   *ruleVersion
	when  *node
	bit   mask // the rule itself, where it rests on an assumption
	index int
}

// branch is what one side of the amount rule allows.
type branch struct{ items []item }

// item is one allowed amount, as an interval whose ends may be the same.
type item struct{ lo, hi amount }

// amount is an expression or a fixed sum.
type amount struct {
	prog  *program
	fixed *money
}

// exempt is an exception of the amount rule inside an agenda.
type exempt struct {
	src  *exception
	id   string // rule/exception
	when *node
	then *branch
	bit  mask
}

// agenda is one programme in one epoch: the amount rule with the rules it
// rests on, its leaves, the columns it needs and the assumptions it may use.
type agenda struct {
	// The amount rule and what it rests on.
	epoch      *epoch
	id         string
	rule       *verdict
	then, els  *branch
	exceptions []*exempt
	// Every leaf, of rules and of exceptions, in the order of the text.
	leaves    []string // "rule.leaf" or "rule/exception.leaf"
	leafNodes []*node
	rules     map[string]*verdict
	// What must be bound before an evaluation.
	house  []int // stated columns to bind
	member []int
	// Assumptions: their ids, and for each column the bit that reading it
	// sets. The bits stay zero for what rests on no assumption.
	assume     []string // ids by bit, sorted
	reads      []string // every name it may read, sorted
	stdBits    []mask
	houseBits  []mask
	memberBits []mask

	// For Check: references to rules not in force, and all assumptions.
	missingRules []*cond
	allAssumed   []string
}

// newAgenda links a programme's rules as they stand in the epoch; nil when
// its rule is not in force.
func newAgenda(e *epoch, pr programme) *agenda {
	r := e.pack.rules[pr.Rule]
	ver := r.version(e.days.from)
	if ver == nil {
		return nil
	}
	a := &agenda{epoch: e, id: pr.ID, rules: map[string]*verdict{}}
	a.rule = a.link(r, ver)
	a.then, a.els = newBranch(ver.Then), newBranch(ver.Else)
	for _, x := range ver.Exceptions {
		id := r.ID + "/" + x.ID
		a.exceptions = append(a.exceptions, &exempt{src: x, id: id, when: a.node(x.When, id), then: newBranch(x.Then)})
	}
	a.collect()
	return a
}

// link puts a rule into the agenda. It is entered before its condition is
// linked, so that a rule which two others name is linked once. Circles were
// refused when the pack was compiled.
func (a *agenda) link(r *rule, ver *ruleVersion) *verdict {
	v := &verdict{src: r, ver: ver, index: len(a.rules)}
	a.rules[r.ID] = v
	v.when = a.node(ver.When, r.ID)
	return v
}

// node links a condition; leaves are numbered in the order of the text.
func (a *agenda) node(c *cond, owner string) *node {
	n := &node{src: c, leaf: -1}
	switch {
	case c.All != nil:
		n.op = opAll
	case c.Any != nil:
		n.op = opAny
	case c.Not != nil:
		n.op = opNot
	case c.Rule != "":
		n.op = opRule
		// A rule that several conditions name is linked, and evaluated, once.
		n.rule = a.rules[c.Rule]
		r := a.epoch.pack.rules[c.Rule]
		if ver := r.version(a.epoch.days.from); n.rule == nil && ver != nil {
			n.rule = a.link(r, ver)
		}
		if n.rule == nil {
			a.missingRules = append(a.missingRules, c)
		}
	case c.Base != nil:
		n.op, n.want, n.base = opBase, verdictOf(*c.Base), true
	default:
		n.op, n.prog = opExpr, c.Expr.program
		n.base = slices.Contains(n.prog.refs, baseName)
	}
	// The verdict of another rule is no leaf: its own leaves are.
	if n.op == opExpr || n.op == opBase {
		n.leaf = len(a.leaves)
		a.leaves, a.leafNodes = append(a.leaves, owner+"."+c.ID), append(a.leafNodes, n)
	}
	for _, kid := range c.kids() {
		k := a.node(kid, owner)
		n.kids = append(n.kids, k)
		// What reads the base anywhere below must be evaluated anew for each
		// base that is tried.
		n.base = n.base || k.base
	}
	return n
}

// newBranch takes over what a branch allows. An amount is an interval whose
// ends are the same.
func newBranch(r *result) *branch {
	b := new(branch)
	for _, c := range r.choices() {
		it := item{lo: newAmount(&c.lo)}
		it.hi = it.lo
		if c.hi.src != "" {
			it.hi = newAmount(&c.hi)
		}
		b.items = append(b.items, it)
	}
	return b
}

// newAmount tells a fixed sum, written as a plain number of yuan, from an
// expression. A fixed sum needs no program and no time.
func newAmount(e *expr) amount {
	if f, err := domain.ParseYuan(e.src); err == nil {
		return amount{fixed: &money{f}}
	}
	return amount{prog: e.program}
}

// programs visits every expression of the agenda.
func (a *agenda) programs(visit func(*program)) {
	var walk func(n *node)
	walk = func(n *node) {
		if n.prog != nil {
			visit(n.prog)
		}
		for _, k := range n.kids {
			walk(k)
		}
	}
	branches := []*branch{a.then, a.els}
	for _, v := range a.rules {
		walk(v.when)
	}
	for _, x := range a.exceptions {
		walk(x.when)
		branches = append(branches, x.then)
	}
	for _, b := range branches {
		for _, it := range b.items {
			for _, am := range []amount{it.lo, it.hi} {
				if am.prog != nil {
					visit(am.prog)
				}
			}
		}
	}
}

// collect finds the columns that the agenda reads, and numbers what rests on
// an assumption in the order of ids.
func (a *agenda) collect() {
	p := a.epoch.pack
	ids := map[string]bool{}
	seen := map[string]bool{}
	// A name is followed to what it is computed from, for an assumption behind
	// a derived fact is an assumption of whoever reads it.
	var read func(name string)
	read = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		s := p.slots[name]
		switch s.scope {
		case inStandard:
			if d := p.standards[s.i]; assumed(d.on(a.epoch.days.from).cites) {
				ids[d.id] = true
			}
		case inHousehold, inMember:
			c := p.columnOf(s)
			if assumed(c.cites) {
				ids[name] = true
			}
			if c.attr != nil {
				a.bind(s)
			}
			for _, r := range c.reads() {
				read(r)
			}
		}
	}
	a.programs(func(pr *program) {
		for _, name := range pr.refs {
			read(name)
		}
	})
	// Rules and exceptions that are themselves to be verified count where they
	// decide, whatever they read.
	for id, v := range a.rules {
		if assumed(p.cites(v.ver.Cite)) {
			ids[id] = true
		}
	}
	for _, x := range a.exceptions {
		if assumed(p.cites(x.src.Cite)) {
			ids[x.id] = true
		}
	}
	a.reads = sortedKeys(seen)
	a.number(sortedKeys(ids))
}

// bind notes a stated fact that must be put into the columns. Facts that the
// programme never reads are not bound, however many the schema has.
func (a *agenda) bind(s slot) {
	if s.scope == inMember {
		a.member = append(a.member, s.i)
	} else {
		a.house = append(a.house, s.i)
	}
}

// number gives each assumption its bit.
func (a *agenda) number(ids []string) {
	p := a.epoch.pack
	a.allAssumed = ids
	if len(ids) > maxAssumptions {
		ids = ids[:maxAssumptions] // Check refuses such a pack
	}
	a.assume = ids
	a.stdBits, a.houseBits, a.memberBits = make([]mask, len(p.standards)), make([]mask, len(p.house)), make([]mask, len(p.member))
	for i, id := range ids {
		// The order of bits is that of ids, so that an outcome lists them sorted
		// without sorting.
		var bit mask
		bit[i/64] = 1 << (i % 64)
		if v := a.rules[id]; v != nil {
			v.bit = bit
		}
		for _, x := range a.exceptions {
			if x.id == id {
				x.bit = bit
			}
		}
		s, ok := p.slots[id]
		switch {
		case ok && s.scope == inStandard:
			a.stdBits[s.i] = bit
		case ok && s.scope == inHousehold:
			a.houseBits[s.i] = bit
		case ok && s.scope == inMember:
			a.memberBits[s.i] = bit
		}
	}
	slices.Sort(a.house)
	slices.Sort(a.member)
}
