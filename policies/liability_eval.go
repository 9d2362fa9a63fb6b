package policies

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"

	"leeway/domain"
)

// confirmedID is the id of the condition that stands for a person's word on
// an exclusion. The engine adds it to every exclusion.
const confirmedID = "confirmed"

var confirmedText = domain.Text{ZH: "由具名审查人员凭证据认定", EN: "Confirmed by a named reviewer with evidence"}

// Findings is the pack's liability schema, by name. The caller must not
// change it.
func (p *Plan) Findings() map[string]domain.Finding { return p.epoch.pack.liable.findings }

// Grounds evaluates every liability rule in force on the plan's day on what
// was found of one person's part in one act: exemptions, exclusions,
// mitigations and aggravations, each in the order of ids. What is absent is
// unknown, and so is a finding of the wrong kind, or one for people without a
// name and evidence. An error is a fault of the pack.
func (p *Plan) Grounds(f domain.Findings) ([]domain.Ground, error) {
	e := p.epoch
	in := &findings{epoch: e, stated: f, values: make([]ref.Val, len(e.pack.liable.order))}
	out := make([]domain.Ground, len(e.grounds))
	for i, g := range e.grounds {
		out[i] = in.ground(g)
	}
	return out, in.err
}

// evaluable is a ground as it stands in one epoch.
type evaluable struct {
	src       *ground
	ver       *groundVersion
	cites     []domain.Cite
	leafCites [][]domain.Cite // in the order of the leaves
	statutory bool
}

// groundsOn are the grounds in force on a day.
func (p *pack) groundsOn(d domain.Day) []*evaluable {
	var out []*evaluable
	for _, g := range p.src.grounds {
		for _, v := range g.Versions {
			if !(span{v.From, v.To}).holds(d) {
				continue
			}
			e := &evaluable{src: g, ver: v, cites: p.cites(v.Cite)}
			for _, x := range v.leaves() {
				cites := e.cites
				if len(x.Cite) > 0 {
					cites = p.cites(x.Cite)
				}
				e.leafCites = append(e.leafCites, cites)
			}
			closes := g.Kind == string(domain.Exclusion) || g.Kind == string(domain.Aggravation)
			e.statutory = closes && slices.ContainsFunc(e.cites, func(c domain.Cite) bool { return c.Origin == domain.FromStatute })
			out = append(out, e)
		}
	}
	return out
}

// findings are the facts of one evaluation. As CEL's activation they answer
// for a finding or a dated value by its name.
type findings struct {
	epoch  *epoch
	stated domain.Findings
	values []ref.Val // by number, boxed when first read
	err    error
}

// ResolveName is how CEL asks for a name.
func (in *findings) ResolveName(name string) (any, bool) {
	l := &in.epoch.pack.liable
	s, ok := l.names[name]
	if !ok {
		return nil, false
	}
	if s.scope == inStandard {
		if v := in.epoch.std[s.i]; v != nil {
			return v, true
		}
		return in.epoch.pack.standards[s.i].unknown, true
	}
	if in.values[s.i] == nil {
		v, ok := in.known(name)
		if !ok {
			v = l.unknown[s.i]
		}
		in.values[s.i] = v
	}
	return in.values[s.i], true
}

// Parent is part of CEL's activation: there is none.
func (in *findings) Parent() interpreter.Activation { return nil }

// known is the value of a finding, if it counts.
func (in *findings) known(name string) (ref.Val, bool) {
	l := &in.epoch.pack.liable
	e, ok := in.stated[name]
	f := l.findings[name]
	switch {
	case !ok || e.Value.Kind != f.Kind:
		return nil, false
	// Somebody must stand for it, and something must show it.
	case f.People && (e.Person == "" || len(e.Events) == 0):
		return nil, false
	case f.Kind == domain.CodeValue:
		v, ok := l.codes[name][e.Value.Code]
		return v, ok
	}
	return boxed(e.Value), true
}

// ground evaluates one ground.
func (in *findings) ground(e *evaluable) domain.Ground {
	g := domain.Ground{
		ID: e.src.ID, Kind: domain.GroundKind(e.src.Kind), Title: e.src.Title.Text, Any: len(e.ver.Any) > 0,
		Statutory: e.statutory, LocalArticle: e.src.LocalArticle, Cites: e.cites,
	}
	n := len(e.ver.conditions())
	for i, x := range e.ver.leaves() {
		c := in.leaf(x, e.leafCites[i])
		if i < n {
			g.Conditions = append(g.Conditions, c)
		} else {
			c.Lowers = x.Lowers
			g.Counters = append(g.Counters, c)
		}
	}
	v := joint(g.Conditions, g.Any)
	if e.src.Confirmed != "" {
		in.excludes(e.src.Confirmed, v, &g)
	} else {
		g.Verdict = v
	}
	for _, c := range g.Counters {
		switch {
		case c.Verdict != domain.Holds:
			// An unknown counter-check does not defeat: it is shown as unknown.
		case c.Lowers:
			g.Partial = g.Verdict == domain.Holds
		default:
			g.Verdict, g.Suspected, g.Partial = domain.Fails, false, false
			return g
		}
	}
	return g
}

// excludes gives the verdict on an exclusion whose signs have verdict v. Signs
// alone leave it 疑似; only a person's word with evidence makes it hold, and it
// may also say that there is nothing in the signs.
func (in *findings) excludes(confirmed string, v domain.Verdict, g *domain.Ground) {
	word := domain.Condition{ID: confirmedID, Text: confirmedText, Verdict: domain.Unknown, Cites: g.Cites}
	if val, ok := in.known(confirmed); ok {
		e := in.stated[confirmed]
		word.Verdict, word.Events, word.Persons = verdictOf(val == types.True).verdict(), e.Events, []string{e.Person}
	} else {
		word.Missing = []string{confirmed}
	}
	switch {
	case word.Verdict != domain.Unknown:
		g.Verdict = word.Verdict
	case v == domain.Holds:
		g.Verdict, g.Suspected = domain.Unknown, true
	case len(g.Conditions) == 0:
		g.Verdict = domain.Unknown
	default:
		g.Verdict = v
	}
	g.Conditions = append(g.Conditions, word)
}

// joint is the verdict of conditions that must all hold, or of which one
// suffices.
func joint(list []domain.Condition, oneSuffices bool) domain.Verdict {
	decisive, result := domain.Fails, domain.Holds
	if oneSuffices {
		decisive, result = domain.Holds, domain.Fails
	}
	for _, c := range list {
		switch c.Verdict {
		case decisive:
			return decisive
		case domain.Unknown:
			result = domain.Unknown
		}
	}
	return result
}

// leaf evaluates one condition, with the events that show what it read and
// the findings that it lacks.
func (in *findings) leaf(x *leaf, cites []domain.Cite) domain.Condition {
	c := domain.Condition{ID: x.ID, Text: x.Text.Text, Cites: cites}
	v, _, err := x.Expr.prg.Eval(in)
	if err != nil {
		in.err = cmp.Or(in.err, fmt.Errorf("%s: %s: %w", x.Expr.at, x.Expr.src, err))
		v = types.NewUnknown(0, nil)
	}
	verdict, u := triOf(v)
	c.Verdict = verdict.verdict()
	if u != nil && err == nil {
		for _, id := range u.IDs() {
			c.Missing = append(c.Missing, in.nameOf(id))
		}
		c.Missing = distinct(c.Missing)
	}
	for _, name := range x.Expr.refs {
		if _, ok := in.known(name); !ok {
			continue
		}
		e := in.stated[name]
		for _, id := range e.Events {
			if !slices.Contains(c.Events, id) {
				c.Events = append(c.Events, id)
			}
		}
		if e.Person != "" && !slices.Contains(c.Persons, e.Person) {
			c.Persons = append(c.Persons, e.Person)
		}
	}
	return c
}

// nameOf names an unknown by its number.
func (in *findings) nameOf(id int64) string {
	if id >= stdUnknowns {
		return in.epoch.pack.standards[id-stdUnknowns].id
	}
	return in.epoch.pack.liable.order[id]
}
