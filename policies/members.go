package policies

import (
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// aggregate evaluates an aggregate over the members, three-valued: an unknown
// member fact makes a sum or a count unknown and stays named, but any needs
// only one member for whom it holds, and all only one for whom it fails.
func (in *Input) aggregate(a *aggregate) ref.Val {
	switch a.op {
	case aggSum:
		return in.sum(a)
	case aggCount:
		return in.count(a)
	}
	return in.quantify(a)
}

// selected is whether a member is counted by the aggregate's where.
func (in *Input) selected(a *aggregate, m int) (tri, *types.Unknown) {
	if a.where < 0 {
		return holds, nil
	}
	return triOf(in.memberFact(m, a.where))
}

// triOf is a yes-or-no value as a verdict, with what is missing if it is unknown.
func triOf(v ref.Val) (tri, *types.Unknown) {
	if u, ok := v.(*types.Unknown); ok {
		return unknown, u
	}
	return verdictOf(v == types.True), nil
}

// sum adds a fact of the selected members. A value of zero needs no answer to
// whether its member is selected.
func (in *Input) sum(a *aggregate) ref.Val {
	var missing *types.Unknown
	// Over no members a sum is zero: nobody has no income.
	var total ref.Val = types.IntZero
	if a.money {
		total = &money{}
	}
	for m := range in.ids {
		sel, u := in.selected(a, m)
		// Who is not selected is not asked, so what is unknown of him is not
		// missing.
		if sel == fails {
			continue
		}
		v := in.memberFact(m, a.of)
		// An unknown value is missing even where it is unknown whether the
		// member counts: both would decide.
		if vu, ok := v.(*types.Unknown); ok {
			missing = types.MergeUnknowns(types.MergeUnknowns(missing, vu), u)
			continue
		}
		if sel == unknown {
			if !isZero(v) {
				missing = types.MergeUnknowns(missing, u)
			}
			continue
		}
		total = plus(total, v)
	}
	if missing != nil {
		return missing
	}
	return total
}

// isZero reports whether a value adds nothing.
func isZero(v ref.Val) bool {
	m, ok := v.(*money)
	return ok && m.fen == 0 || v == types.IntZero
}

// plus adds one member. A sum that ran out of range stays an error: it must not
// come back into range by what is added later.
func plus(total, v ref.Val) ref.Val {
	switch t := total.(type) {
	case *money:
		return t.Add(v)
	case types.Int:
		return t.Add(v)
	}
	return total // an earlier sum ran out of range
}

// count counts the selected members for whom the fact holds.
func (in *Input) count(a *aggregate) ref.Val {
	var missing *types.Unknown
	n := 0
	for m := range in.ids {
		v, u := in.both(a, m)
		switch v {
		case holds:
			n++
		case unknown:
			missing = types.MergeUnknowns(missing, u)
		}
	}
	if missing != nil {
		return missing
	}
	return types.Int(n)
}

// both is whether a member is selected and the fact holds for him.
func (in *Input) both(a *aggregate, m int) (tri, *types.Unknown) {
	sel, u := in.selected(a, m)
	if sel == fails {
		return fails, nil
	}
	v, vu := triOf(in.memberFact(m, a.of))
	switch {
	case v == fails:
		return fails, nil
	case v == holds && sel == holds:
		return holds, nil
	}
	return unknown, types.MergeUnknowns(u, vu)
}

// quantify evaluates any and all. One selected member decides, whatever is
// unknown of the others; a member who would decide, but of whom it is unknown
// whether he is selected, leaves it open.
func (in *Input) quantify(a *aggregate) ref.Val {
	var missing *types.Unknown
	for m := range in.ids {
		sel, u := in.selected(a, m)
		if sel == fails {
			continue
		}
		v, vu := triOf(in.memberFact(m, a.of))
		// For any a member decides by holding, for all by failing.
		decides := v == holds
		if a.op == aggAll {
			decides = v == fails
		}
		switch {
		case decides && sel == holds:
			return types.Bool(a.op == aggAny)
		case decides || v == unknown:
			missing = types.MergeUnknowns(missing, types.MergeUnknowns(u, vu))
		}
	}
	if missing != nil {
		return missing
	}
	return types.Bool(a.op == aggAll)
}
