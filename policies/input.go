package policies

import (
	"fmt"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"

	"leeway/domain"
)

// Numbers of unknowns: one for each household fact, standard and member fact,
// so that whatever CEL merges can be named again.
const stdUnknowns, noName, memberUnknowns = 1 << 16, 1 << 19, 1 << 20

// maxStated is the greatest amount that a statement can mean: ten million
// million yuan. A thousand members of it add up without overflow.
const maxStated domain.Fen = 1e15

// An Input is one household bound to one plan: its facts in columns, and what
// an evaluation finds. It is reused from case to case and belongs to one
// goroutine at a time. As CEL's activation it computes a derived fact when it
// is first read.
type Input struct {
	// What the household is evaluated by, and its members in order.
	agenda *agenda
	month  ref.Val
	ids    []string // of the members

	// The columns. A member's fact k stands at member·stride + k.
	house, member         []ref.Val // nil: derived and not yet computed
	houseUsed, memberUsed []mask    // assumptions behind a computed fact
	memberUnknown         []*types.Unknown
	cells                 []money // backs the stated amounts

	// The state of an evaluation.
	cur        int  // the member at hand
	used       mask // assumptions read since it was last cleared
	base       tri  // verdict of the general rule
	baseAmount ref.Val
	baseUsed   mask
	leaves     []leafState
	rules      []ruleState
	err        error
}

type leafState struct {
	done    bool
	v       tri
	used    mask
	unknown *types.Unknown
}

type ruleState struct {
	done bool
	v    tri
	used mask
}

// nothingKnown is an amount of which nothing is known, not even what is missing.
var nothingKnown = types.NewUnknown(noName, nil)

// reset empties the input for a household of n members.
func (in *Input) reset(a *agenda, month domain.Month, n int) {
	p := a.epoch.pack
	in.agenda, in.month = a, &civil{month.First()}
	in.ids = in.ids[:0]
	in.house, in.member = sized(in.house, len(p.house)), sized(in.member, n*len(p.member))
	in.houseUsed, in.memberUsed = sized(in.houseUsed, len(p.house)), sized(in.memberUsed, n*len(p.member))
	in.leaves, in.rules = sized(in.leaves, len(a.leaves)), sized(in.rules, len(a.rules))
	// Unknowns and cells outlive the household: they are the same for the next.
	for len(in.memberUnknown) < n*len(p.member) {
		in.memberUnknown = append(in.memberUnknown, nil)
	}
	if need := len(a.house) + n*len(a.member); cap(in.cells) < need {
		in.cells = make([]money, 0, need)
	}
	in.cells = in.cells[:0]
	in.cur, in.base, in.baseAmount, in.baseUsed, in.err = 0, unknown, nil, mask{}, nil
}

// sized is a cleared slice of n elements, reusing s where it is long enough.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// fill binds the stated facts.
func (in *Input) fill(f domain.Facts) {
	p := in.agenda.epoch.pack
	for _, i := range in.agenda.house {
		c := p.house[i]
		if in.house[i] = in.stated(c, f.Household); in.house[i] == nil {
			in.house[i] = c.unknown
		}
	}
	stride := len(p.member)
	for m := range f.Members {
		in.ids = append(in.ids, f.Members[m].ID)
		for _, k := range in.agenda.member {
			v := in.stated(p.member[k], f.Members[m].Facts)
			if v == nil {
				v = in.unknownOf(m, k)
			}
			in.member[m*stride+k] = v
		}
	}
}

// stated is the value of a column: what is stated, else what is presumed,
// else nil. A value without a kind says that the fact is known to be unknown,
// such as two statements that contradict each other: nothing is presumed
// then. A value of the wrong kind, a code that the schema does not list, or
// an amount beyond all measure is unknown too: none of them can lead to a
// wrong amount or stop an evaluation.
func (in *Input) stated(c *column, facts map[string]domain.Value) ref.Val {
	v, ok := facts[c.attr.Name]
	if !ok {
		return c.presumed
	}
	if v.Kind != c.attr.Kind {
		return nil
	}
	switch v.Kind {
	case domain.MoneyValue:
		if v.Fen().Abs() > maxStated {
			return nil
		}
		// Boxed in a slice made beforehand, an amount costs no allocation. The
		// slice never grows here, so the pointer stays good.
		in.cells = append(in.cells, money{v.Fen()})
		return &in.cells[len(in.cells)-1]
	case domain.CodeValue:
		if code, ok := c.codes[v.Code]; ok {
			return code
		}
		return nil
	}
	return boxed(v)
}

// unknownOf is the unknown of a member's fact; it is made once and kept.
func (in *Input) unknownOf(m, k int) *types.Unknown {
	i := m*len(in.agenda.epoch.pack.member) + k
	if in.memberUnknown[i] == nil {
		in.memberUnknown[i] = types.NewUnknown(int64(memberUnknowns+i), nil)
	}
	return in.memberUnknown[i]
}

// nameOf names an unknown by its number: household.car, m2.deposits,
// std.dibao_rural.
func (in *Input) nameOf(id int64) string {
	p := in.agenda.epoch.pack
	switch {
	case id >= memberUnknowns:
		i := int(id - memberUnknowns)
		return in.ids[i/len(p.member)] + "." + p.member[i%len(p.member)].attr.Name
	// What an expression could not compute; the error says more.
	case id == noName:
		return "rule." + in.agenda.rule.src.ID
	case id >= stdUnknowns:
		return p.standards[id-stdUnknowns].id
	}
	return p.house[id].name
}

// ResolveName is CEL's way to ask for a name. Programs read their columns
// directly (see columnRead); this is the way for whatever does not.
func (in *Input) ResolveName(name string) (any, bool) {
	s, ok := in.agenda.epoch.pack.slots[name]
	if !ok {
		return nil, false
	}
	return in.value(s), true
}

// value is what stands in a slot, and notes the assumptions behind it.
func (in *Input) value(s slot) ref.Val {
	switch s.scope {
	case inHousehold:
		return in.houseFact(s.i)
	case inMember:
		return in.memberFact(in.cur, s.i)
	case inStandard:
		// A branch of a conditional that is not taken is never asked for, so
		// a rural household does not rest on the urban standard.
		in.used = in.used.or(in.agenda.stdBits[s.i])
		if v := in.agenda.epoch.std[s.i]; v != nil {
			return v
		}
		return in.agenda.epoch.pack.standards[s.i].unknown
	case inMonth:
		return in.month
	}
	in.used = in.used.or(in.baseUsed)
	return in.baseAmount
}

// Parent is part of CEL's activation: there is none.
func (in *Input) Parent() interpreter.Activation { return nil }

// houseFact is a fact of the household, computed if it is derived and not yet
// known. The assumptions read while computing it are kept with it, so that
// whoever reads it later rests on them too.
func (in *Input) houseFact(i int) ref.Val {
	if v := in.house[i]; v != nil {
		in.used = in.used.or(in.houseUsed[i])
		return v
	}
	c := in.agenda.epoch.pack.house[i]
	saved := in.used
	in.used = in.agenda.houseBits[i]
	if c.agg != nil {
		in.house[i] = in.aggregate(c.agg)
	} else {
		in.house[i] = in.eval(c.fact.Expr.program, c.fact.Expr.at)
	}
	in.houseUsed[i] = in.used
	in.used = in.used.or(saved)
	return in.house[i]
}

// memberFact is the same for a fact of one member. The member at hand is put
// back afterwards, for an aggregate may be read in the middle of a member fact.
func (in *Input) memberFact(m, k int) ref.Val {
	i := m*len(in.agenda.epoch.pack.member) + k
	if v := in.member[i]; v != nil {
		in.used = in.used.or(in.memberUsed[i])
		return v
	}
	c := in.agenda.epoch.pack.member[k]
	saved, cur := in.used, in.cur
	in.used, in.cur = in.agenda.memberBits[k], m
	in.member[i] = in.eval(c.fact.Expr.program, c.fact.Expr.at)
	in.memberUsed[i] = in.used
	in.used, in.cur = in.used.or(saved), cur
	return in.member[i]
}

// eval runs one program. An error of an expression is a fault of the pack;
// the first one is kept and the value is unknown.
func (in *Input) eval(p *program, where at) ref.Val {
	v, _, err := p.prg.Eval(in)
	if err != nil {
		if in.err == nil {
			in.err = fmt.Errorf("%s: %s: %w", where, p.src, err)
		}
		return nothingKnown
	}
	return v
}
