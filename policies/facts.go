package policies

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
)

// aggOp is how an aggregate treats the members.
type aggOp uint8

const (
	aggSum   aggOp = iota // adds a money or int fact
	aggCount              // counts the members for whom it holds
	aggAny                // holds for one member at least
	aggAll                // holds for every member
)

// aggregate is a derived fact over the members, declared as data so that it
// is evaluated natively and its unknowns keep the member's name.
type aggregate struct {
	// What is done with which fact of which members.
	op    aggOp
	of    int // column of the members
	where int // column of the members that selects them; -1: all
	money bool
	refs  []string
}

// compileFacts compiles every derived fact and refuses circles.
func (p *pack) compileFacts(probs *Problems) {
	for _, f := range p.src.facts {
		s, ok := p.slots[f.Name]
		if !ok {
			continue
		}
		c := p.columnOf(s)
		// Two ways to find one fact could disagree; none leaves it without value.
		ways := 0
		for _, w := range []string{f.Expr.src, f.Sum, f.Count, f.Any, f.All} {
			if w != "" {
				ways++
			}
		}
		switch {
		case ways != 1:
			probs.add(f.At, "%s needs one way to be found", "write exactly one of expr, sum, count, any, all", f.Name)
		case f.Expr.src != "" && f.Where != "":
			probs.add(f.At, "where belongs to an aggregate", "put the condition into expr, or write sum, count, any or all")
		// An expression of the household sees no member: which one would it be?
		case f.Expr.src != "":
			p.lang.compile(&f.Expr, kinds[f.Kind].typ)
			p.checkScope(&f.Expr, s.scope == inMember, false, probs)
		case s.scope == inMember:
			probs.add(f.At, "%s is of a member, but an aggregate is of the household", "name it household.…", f.Name)
		// An aggregate is compiled to column numbers and runs without CEL.
		default:
			c.agg = p.compileAggregate(f, probs)
		}
	}
	p.checkCircles(probs)
}

// columnOf is the column of a household or member fact.
func (p *pack) columnOf(s slot) *column {
	if s.scope == inMember {
		return p.member[s.i]
	}
	return p.house[s.i]
}

// compileAggregate finds the member facts that an aggregate names.
func (p *pack) compileAggregate(f *fact, probs *Problems) *aggregate {
	a := &aggregate{where: -1}
	name, want := "", []*types.Type{types.BoolType}
	// count gives a number, sum what it adds, any and all yes or no.
	out := types.BoolType
	switch {
	case f.Sum != "":
		a.op, name, want = aggSum, f.Sum, []*types.Type{moneyType, types.IntType}
	case f.Count != "":
		a.op, name, out = aggCount, f.Count, types.IntType
	case f.Any != "":
		a.op, name = aggAny, f.Any
	default:
		a.op, name = aggAll, f.All
	}
	of, typ := p.memberFact(f, name, want, probs)
	if typ == nil {
		return nil
	}
	a.of = of
	a.refs = []string{name}
	// A sum is of the kind it adds; the others have a kind of their own.
	if a.op == aggSum {
		out, a.money = typ, typ == moneyType
	}
	if out != kinds[f.Kind].typ {
		probs.add(f.At, "%s gives %s, not %s", "correct kind", f.Name, out, f.Kind)
	}
	if f.Where != "" {
		if a.where, typ = p.memberFact(f, f.Where, []*types.Type{types.BoolType}, probs); typ == nil {
			return nil
		}
		a.refs = append(a.refs, f.Where)
	}
	return a
}

// memberFact finds a fact of the members by its name and checks its type;
// without a type there was a problem.
func (p *pack) memberFact(f *fact, name string, want []*types.Type, probs *Problems) (int, *types.Type) {
	s, ok := p.slots[name]
	if !ok || s.scope != inMember {
		probs.add(f.At, "%q is no fact of a member", "%[2]sdeclare it as member.NAME in schema.yaml or facts", name, meant(name, p.names(inMember)))
		return 0, nil
	}
	typ := p.lang.types[name]
	if !slices.Contains(want, typ) {
		probs.add(f.At, "%s is of type %s", "sum adds money or int; count, any, all and where take yes or no", name, typ)
		return 0, nil
	}
	return s.i, typ
}

// names lists what is declared in a scope.
func (p *pack) names(sc scope) []string {
	var out []string
	for _, n := range sortedKeys(p.slots) {
		if p.slots[n].scope == sc {
			out = append(out, n)
		}
	}
	return out
}

// checkScope refuses a member fact where no member is at hand, and the base
// amount outside an exception.
func (p *pack) checkScope(e *expr, member, base bool, probs *Problems) {
	if e.program == nil {
		return
	}
	// The type checker knows every name of the pack; what may be read where is
	// checked here.
	for _, name := range e.refs {
		switch p.slots[name].scope {
		case inMember:
			if !member {
				probs.add(e.at, "%s is of a member, but no member is at hand", "declare a household fact with sum, count, any or all over it", name)
			}
		case inBase:
			if !base {
				probs.add(e.at, "%s exists inside exceptions only", "use a derived fact for the amount", baseName)
			}
		}
	}
}

// reads lists what a derived fact is computed from.
func (c *column) reads() []string {
	switch {
	case c.fact == nil:
		return nil
	case c.agg != nil:
		return c.agg.refs
	case c.fact.Expr.program != nil:
		return c.fact.Expr.refs
	}
	return nil
}

// checkCircles refuses a fact that is computed from itself.
func (p *pack) checkCircles(probs *Problems) {
	state := map[string]int{}
	var visit func(name string, path []string)
	visit = func(name string, path []string) {
		s := p.slots[name]
		if s.scope != inHousehold && s.scope != inMember || state[name] == 2 {
			return
		}
		c := p.columnOf(s)
		if state[name] == 1 {
			probs.add(c.fact.At, "circle of facts: %s", "break it: a fact cannot be computed from itself", strings.Join(append(path, name), " → "))
			return
		}
		// 1 is on the way down, 2 is done: meeting a 1 again closes a circle.
		state[name] = 1
		for _, r := range c.reads() {
			visit(r, append(path, name))
		}
		state[name] = 2
	}
	for _, f := range p.src.facts {
		if _, ok := p.slots[f.Name]; ok {
			visit(f.Name, nil)
		}
	}
}
