package policies

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"leeway/domain"
)

// answer is an outcome in the making.
type answer struct {
	// Amounts, ascending and disjoint; none means undetermined.
	lawful []domain.Range
	// Names that would decide, the special exceptions that did, and the
	// assumptions read on the way to either.
	missing []string
	special []string
	used    mask
}

// verdict evaluates a condition and says on which assumptions the verdict
// rests: those of all parts that decide it. With `all`, the first part that
// fails decides alone; with `any`, the first that holds.
func (in *Input) verdict(n *node) (tri, mask) {
	switch n.op {
	case opAll:
		return in.junction(n, fails)
	case opAny:
		return in.junction(n, holds)
	case opNot:
		v, used := in.verdict(n.kids[0])
		return v.negated(), used
	case opRule:
		return in.ruleVerdict(n.rule)
	case opBase:
		v := in.base
		if v != unknown {
			v = verdictOf(v == n.want)
		}
		// Noted for the bitmaps; never read back, for the base may change.
		in.leaves[n.leaf] = leafState{done: true, v: v, used: in.baseUsed}
		return v, in.baseUsed
	}
	return in.leaf(n)
}

// junction evaluates all and any, which are each other turned round: all is
// decided by a part that fails, any by a part that holds. Without a decisive
// part, one unknown part makes the whole unknown, and only the unknown parts
// are then what it rests on.
func (in *Input) junction(n *node, decisive tri) (tri, mask) {
	var all, open mask
	result := decisive.negated()
	for _, k := range n.kids {
		v, used := in.verdict(k)
		switch v {
		case decisive:
			return v, used
		case unknown:
			result, open = unknown, open.or(used)
		default:
			all = all.or(used)
		}
	}
	if result == unknown {
		return result, open
	}
	return result, all
}

// ruleVerdict evaluates the condition of a rule once for each household. A rule
// that is not in force says neither yes nor no.
func (in *Input) ruleVerdict(r *verdict) (tri, mask) {
	if r == nil {
		return unknown, mask{}
	}
	s := &in.rules[r.index]
	if !s.done {
		v, used := in.verdict(r.when)
		*s = ruleState{true, v, used.or(r.bit)}
	}
	return s.v, s.used
}

// leaf evaluates a leaf once; one that reads the base is evaluated anew for
// each assumed base.
func (in *Input) leaf(n *node) (tri, mask) {
	s := &in.leaves[n.leaf]
	if s.done && !n.base {
		return s.v, s.used
	}
	// What this leaf reads is kept apart from what was read before it, so that
	// only leaves that decide pass their assumptions on.
	saved := in.used
	in.used = mask{}
	v, u := triOf(in.eval(n.prog, n.src.Expr.at))
	*s = leafState{true, v, in.used, u}
	in.used = saved
	return s.v, s.used
}

// outcome evaluates the agenda. Where the general rule is unknown, both sides
// are tried: what both allow alike is lawful whatever the missing fact is.
func (in *Input) outcome() (answer, error) {
	v, used := in.ruleVerdict(in.agenda.rule)
	// A known verdict needs one pass; an unknown one needs both.
	var out answer
	if v != unknown {
		out = in.assuming(v, used)
	} else {
		yes, no := in.assuming(holds, used), in.assuming(fails, used)
		out = either(yes, no, in.missing(in.agenda.rule.when, nil))
		out.used = out.used.or(used)
	}
	return out, in.err
}

// assuming is the outcome when the general rule has a verdict.
func (in *Input) assuming(v tri, used mask) answer {
	b := in.agenda.then
	if v == fails {
		b = in.agenda.els
	}
	// The general amount is evaluated before the exceptions, which may compare
	// with it. It rests on the verdict too.
	in.base = v
	in.used = mask{}
	in.baseAmount = in.amount(b.items[0].lo)
	in.baseUsed = used.or(in.used)
	general := in.allowed(b)
	general.used = general.used.or(used)
	return in.excepting(0, general)
}

// excepting applies the exceptions from the i-th on: the first that holds
// decides. Of one that is unknown both sides are tried. An exception that
// fails leaves the assumptions by which it fails.
func (in *Input) excepting(i int, general answer) answer {
	for ; i < len(in.agenda.exceptions); i++ {
		x := in.agenda.exceptions[i]
		v, used := in.verdict(x.when)
		if v == fails {
			general.used = general.used.or(used)
			continue
		}
		// It holds, or it may: what it would allow is needed either way.
		out := in.allowed(x.then)
		out.used = out.used.or(used).or(x.bit)
		if x.src.Special {
			out.special = append(out.special, x.id)
		}
		if v == holds {
			return out
		}
		why := in.missing(x.when, nil)
		return either(out, in.excepting(i+1, general), why)
	}
	return general
}

// either joins two answers of which one is right: determined only when both
// allow the same. Which one is right matters only where they differ, so two
// answers that lack the same leave out why it is not known.
func either(a, b answer, why []string) answer {
	// Both sides were looked at, so the result rests on the assumptions of both.
	out := answer{used: a.used.or(b.used)}
	if len(a.lawful) > 0 && slices.Equal(a.lawful, b.lawful) {
		out.lawful, out.special = a.lawful, slices.Concat(a.special, b.special)
		return out
	}
	a.missing, b.missing = distinct(a.missing), distinct(b.missing)
	if a.missing != nil && slices.Equal(a.missing, b.missing) {
		out.missing = a.missing
		return out
	}
	out.missing = slices.Concat(why, a.missing, b.missing)
	return out
}

// allowed evaluates what a branch allows.
func (in *Input) allowed(b *branch) answer {
	in.used = mask{}
	var out answer
	for _, it := range b.items {
		lo, hi := in.amount(it.lo), ref.Val(nil)
		if hi = lo; it.hi != it.lo {
			hi = in.amount(it.hi)
		}
		l, lok := lo.(*money)
		h, hok := hi.(*money)
		if !lok || !hok {
			out.missing = append(in.named(lo, out.missing), in.named(hi, nil)...)
			continue
		}
		// A negative amount or an interval the wrong way round is a mistake of the
		// pack that no check can see: it depends on the facts.
		if (l.fen < 0 || h.fen < l.fen) && in.err == nil {
			in.err = fmt.Errorf("rule %s: amount %s to %s is no benefit", in.agenda.rule.src.ID, l.fen.Yuan(), h.fen.Yuan())
		}
		out.lawful = append(out.lawful, domain.Range{Lo: l.fen, Hi: h.fen})
	}
	out.used = in.used
	// One unknown among several lawful amounts leaves the whole set open.
	if out.missing != nil {
		out.lawful = nil
	}
	out.lawful = joined(out.lawful)
	return out
}

// amount evaluates one end of a choice.
func (in *Input) amount(a amount) ref.Val {
	if a.fixed != nil {
		return a.fixed
	}
	return in.eval(a.prog, in.agenda.rule.ver.At)
}

// joined puts ranges in order and merges those that touch.
func joined(rs []domain.Range) []domain.Range {
	if len(rs) < 2 {
		return rs
	}
	slices.SortFunc(rs, func(a, b domain.Range) int { return cmp.Compare(a.Lo, b.Lo) })
	out := rs[:1]
	for _, r := range rs[1:] {
		// Two intervals that meet are one: a reader must not see 0–5 | 5–9.
		if last := &out[len(out)-1]; r.Lo <= last.Hi {
			last.Hi = max(last.Hi, r.Hi)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// named adds the names of what an unknown value lacks.
func (in *Input) named(v ref.Val, names []string) []string {
	if u, ok := v.(*types.Unknown); ok {
		for _, id := range u.IDs() {
			names = append(names, in.nameOf(id))
		}
	}
	return names
}

// missing adds the names of what an unknown condition lacks.
func (in *Input) missing(n *node, names []string) []string {
	if v, _ := in.verdict(n); v != unknown {
		return names
	}
	switch n.op {
	case opRule:
		if n.rule == nil {
			return append(names, "rule."+n.src.Rule)
		}
		return in.missing(n.rule.when, names)
	case opExpr:
		if u := in.leaves[n.leaf].unknown; u != nil {
			return in.named(u, names)
		}
	}
	for _, k := range n.kids {
		names = in.missing(k, names)
	}
	return names
}

// finish turns an answer into the domain's outcome.
func (in *Input) finish(a answer) domain.Outcome {
	o := domain.Outcome{Lawful: a.lawful, Missing: distinct(a.missing), Special: distinct(a.special)}
	if a.used != (mask{}) {
		for i, id := range in.agenda.assume {
			if a.used.has(i) {
				o.Assumed = append(o.Assumed, id)
			}
		}
	}
	return o
}

// distinct sorts names and drops repeats, so that an outcome never depends on
// the order in which things were read.
func distinct(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}
