package policies

import (
	"sync"

	"github.com/google/cel-go/common/types"

	"leeway/domain"
	"leeway/domain/replay"
)

// A Plan is one pack version on one day. It satisfies replay.Plan, is shared
// read-only and may be used from many goroutines.
type Plan struct {
	epoch *epoch
	month domain.Month
	pool  *sync.Pool // of *Input
}

// Bits are the verdicts of every leaf of one evaluation, as two bitmaps. A
// leaf that is not known is not true either.
type Bits struct {
	True, Known []uint64
}

// Attributes is the pack's schema of facts, by name. The caller must not
// change it.
func (p *Plan) Attributes() map[string]domain.Attribute { return p.epoch.pack.attributes }

// Precedence orders the kinds of source, the strongest first.
func (p *Plan) Precedence() []domain.SourceKind { return p.epoch.pack.precedence }

// Readings are the ways to date changes; the first is the primary one.
func (p *Plan) Readings() []domain.Reading { return p.epoch.pack.readings }

// Procedure is the handling procedure of a programme on the plan's day.
func (p *Plan) Procedure(programme string) []domain.Step { return p.epoch.steps[programme] }

// Workday reports whether a day is a working day by the pack's calendar.
func (p *Plan) Workday(d domain.Day) bool { return p.epoch.pack.calendar.is(d) }

// Whole is a standard of kind int on the plan's day, by its name without
// "std.". Not known: the pack has none, or leaves it empty.
func (p *Plan) Whole(standard string) (n int, known bool) {
	s, ok := p.epoch.pack.slots["std."+standard]
	if !ok || s.scope != inStandard {
		return 0, false
	}
	v, ok := p.epoch.std[s.i].(types.Int)
	return int(v), ok
}

// A Standard is a dated value of a pack as it stands on a day.
type Standard struct {
	ID    string // without "std."
	Title domain.Text
	Kind  string // money, int, bool, day
	Value string // as the pack writes it; "none": none on that day
	Cites []domain.Cite
}

// Standards are the pack's standards on the plan's day, in its order.
func (p *Plan) Standards() []Standard {
	var list []Standard
	for _, s := range p.epoch.pack.standards {
		v := s.on(p.epoch.days.from)
		list = append(list, Standard{s.src.ID, s.src.Title.Text, s.src.Kind, v.text, v.cites})
	}
	return list
}

// Regime is the liability regime in force on the plan's day; empty where the
// pack knows none.
func (p *Plan) Regime() replay.Regime {
	r := p.epoch.regime
	if r == nil {
		return replay.Regime{}
	}
	return replay.Regime{ID: r.ID, Title: r.Title.Text, Cites: p.epoch.pack.cites(r.Cite)}
}

// Leaves names the leaves of a programme in the order of the bitmaps, as
// "rule.leaf" or "rule/exception.leaf".
func (p *Plan) Leaves(programme string) []string {
	if a := p.epoch.programmes[programme]; a != nil {
		return a.leaves
	}
	return nil
}

// Bind puts a household into columns for EvaluateInput. It is nil when no
// rule of the programme is in force. Release gives the columns back.
func (p *Plan) Bind(f domain.Facts) *Input {
	a := p.epoch.programmes[f.Programme]
	if a == nil {
		return nil
	}
	in := p.pool.Get().(*Input)
	in.reset(a, p.month, len(f.Members))
	in.fill(f)
	return in
}

// Release gives an input back for reuse; it must not be used any more.
func (p *Plan) Release(in *Input) { p.pool.Put(in) }

// EvaluateInput evaluates a bound household. With bits, every leaf is
// evaluated and noted there, decisive or not; the outcome is the same.
func (p *Plan) EvaluateInput(in *Input, bits *Bits) (domain.Outcome, error) {
	a, err := in.outcome()
	if bits != nil {
		in.note(bits)
	}
	if err == nil {
		err = in.err
	}
	return in.finish(a), err
}

// Evaluate says which amounts are lawful for one household and month. A
// programme without a rule in force gives an undetermined outcome that names
// the rule. An error is a fault of the pack.
func (p *Plan) Evaluate(f domain.Facts) (domain.Outcome, error) {
	in := p.Bind(f)
	if in == nil {
		return domain.Outcome{Missing: []string{"rule." + f.Programme}}, nil
	}
	defer p.Release(in)
	return p.EvaluateInput(in, nil)
}

// note evaluates the leaves that the outcome did not need, and writes all.
func (in *Input) note(bits *Bits) {
	words := (len(in.leaves) + 63) / 64
	bits.True, bits.Known = sized(bits.True, words), sized(bits.Known, words)
	// Exceptions are noted against the verdict as it is, not as it was tried
	// last. Against an unknown one, what needs it is unknown.
	in.base = in.rules[in.agenda.rule.index].v
	if in.base == unknown {
		in.baseAmount = nothingKnown
	}
	for _, n := range in.agenda.leafNodes {
		if !in.leaves[n.leaf].done || n.base {
			in.verdict(n)
		}
		s, bit := in.leaves[n.leaf], uint64(1)<<(n.leaf%64)
		if s.v == holds {
			bits.True[n.leaf/64] |= bit
		}
		if s.v != unknown {
			bits.Known[n.leaf/64] |= bit
		}
	}
}
