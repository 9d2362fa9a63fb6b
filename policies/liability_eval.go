package policies

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
	// Boxing is lazy and shared: some forty findings are read by more than one
	// ground, and most are read by none.
	in := &findings{epoch: e, stated: f, values: make([]ref.Val, len(e.pack.liable.order))}
	out := make([]domain.Ground, len(e.grounds))
	for i, g := range e.grounds {
		out[i] = in.ground(g)
	}
	return out, in.err
}

// Liable names the liability rules of the plan's day by all that they say:
// ids, words, citations, expressions and the values that these read.
func (p *Plan) Liable() string { return p.epoch.liable() }

// nameGrounds is the SHA-256 of the grounds of an epoch. It is made once, and
// only where a replay asks for grounds.
func (e *epoch) nameGrounds() string {
	h := sha256.New()
	// Everything that can reach an outcome goes in, words too: a report that
	// points at an earlier month must not hide that a title has changed.
	enc := json.NewEncoder(h)
	for _, g := range e.grounds {
		enc.Encode(g.shape) // plain data, and a hash takes everything
		enc.Encode(g.parts)
		fmt.Fprintln(h, g.src.Confirmed, g.n)
		for _, x := range g.leaves {
			fmt.Fprintln(h, normal(x.Expr.program))
			for _, name := range x.Expr.refs {
				if s := e.pack.liable.names[name]; s.scope == inStandard {
					fmt.Fprintln(h, name, e.pack.standards[s.i].on(e.days.from).text)
				}
			}
		}
	}
	for _, name := range sortedKeys(e.pack.liable.findings) {
		fmt.Fprintln(h, e.pack.liable.findings[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// evaluable is a ground as it stands in one epoch: everything but what an
// evaluation finds is put together once.
type evaluable struct {
	src    *ground
	leaves []*leaf
	reads  [][]int // numbers of the findings that each leaf reads
	shape  domain.Ground
	parts  []domain.Condition // the conditions, then the counter-checks
	n      int                // of them are conditions
}

// groundsOn are the grounds in force on a day.
func (p *pack) groundsOn(d domain.Day) []*evaluable {
	var out []*evaluable
	for _, g := range p.src.grounds {
		for _, v := range g.Versions {
			if (span{v.From, v.To}).holds(d) {
				out = append(out, p.evaluable(g, v, d))
			}
		}
	}
	return out
}

// evaluable puts a ground together for one epoch.
func (p *pack) evaluable(g *ground, v *groundVersion, d domain.Day) *evaluable {
	cites := p.cites(v.Cite)
	// Of exemptions and mitigations a statute is only the anchor: they never
	// refuse anything.
	closes := g.Kind == string(domain.Exclusion) || g.Kind == string(domain.Aggravation)
	e := &evaluable{src: g, leaves: v.leaves(), n: len(v.conditions())}
	e.shape = domain.Ground{
		ID: g.ID, Kind: domain.GroundKind(g.Kind), Title: g.Title.Text, Any: len(v.Any) > 0, LocalArticle: g.LocalArticle, Cites: cites,
		Statutory: closes && slices.ContainsFunc(cites, func(c domain.Cite) bool { return c.Origin == domain.FromStatute }),
	}
	for _, x := range e.leaves {
		var reads []int
		for _, name := range x.Expr.refs {
			if s := p.liable.names[name]; s.scope != inStandard {
				reads = append(reads, s.i)
			}
		}
		e.reads = append(e.reads, reads)
		e.parts = append(e.parts, domain.Condition{ID: x.ID, Text: x.Text.Text, Cites: p.leafCites(cites, x, d), Lowers: x.Lowers})
	}
	return e
}

// leafCites is where a condition comes from: its own citations or those of
// its ground, and those of every dated value that it reads.
func (p *pack) leafCites(cites []domain.Cite, x *leaf, d domain.Day) []domain.Cite {
	if len(x.Cite) > 0 {
		cites = p.cites(x.Cite)
	}
	for _, name := range x.Expr.refs {
		if s := p.liable.names[name]; s.scope == inStandard {
			cites = slices.Concat(cites, p.standards[s.i].on(d).cites)
		}
	}
	return cites
}

// findings are the facts of one evaluation. As CEL's activation they answer
// for a finding or a dated value by its name.
type findings struct {
	epoch  *epoch
	stated domain.Findings
	values []ref.Val // by number, boxed when first read; unknown ones too
	err    error
}

// ResolveName is how CEL asks for a name.
func (in *findings) ResolveName(name string) (any, bool) {
	s, ok := in.epoch.pack.liable.names[name]
	switch {
	case !ok:
		return nil, false
	case s.scope != inStandard:
		return in.value(s.i), true
		// A standard without a value is unknown, as in rules, and is named.
	case in.epoch.std[s.i] != nil:
		return in.epoch.std[s.i], true
	}
	return in.epoch.pack.standards[s.i].unknown, true
}

// Parent is part of CEL's activation: there is none.
func (in *findings) Parent() interpreter.Activation { return nil }

// value is a finding as expressions see it.
func (in *findings) value(i int) ref.Val {
	if in.values[i] == nil {
		in.values[i] = in.read(i)
	}
	return in.values[i]
}

// known reports whether a finding counts.
func (in *findings) known(i int) bool {
	_, no := in.value(i).(*types.Unknown)
	return !no
}

// read boxes a finding, if it counts.
func (in *findings) read(i int) ref.Val {
	l := &in.epoch.pack.liable
	name := l.order[i]
	e, ok := in.stated[name]
	f := l.findings[name]
	var v ref.Val
	switch {
	case !ok || e.Value.Kind != f.Kind:
	// Somebody must stand for it, and something must show it.
	case f.People && (e.Person == "" || len(e.Events) == 0):
	case f.Kind == domain.CodeValue:
		if code, listed := l.codes[name][e.Value.Code]; listed {
			v = code
		}
	default:
		v = boxed(e.Value)
	}
	if v == nil {
		return l.unknown[i]
	}
	return v
}

// ground evaluates one ground.
func (in *findings) ground(e *evaluable) domain.Ground {
	g := e.shape
	// One slice for both lists; the word of a person is added to the first,
	// which has no room and so moves away.
	parts := make([]domain.Condition, len(e.parts), len(e.parts)+1)
	for i := range e.parts {
		parts[i] = e.parts[i]
		in.leaf(e.leaves[i], e.reads[i], &parts[i])
	}
	g.Conditions, g.Counters = parts[:e.n:e.n], parts[e.n:]
	v := joint(g.Conditions, g.Any)
	if e.src.Confirmed != "" {
		in.excludes(e.src.Confirmed, v, &g)
	} else {
		g.Verdict = v
	}
	for i := range g.Counters {
		switch c := &g.Counters[i]; {
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
	// The word stands last among the conditions, whatever it says, so that a
	// reader always sees who has to speak.
	word := domain.Condition{ID: confirmedID, Text: confirmedText, Verdict: domain.Unknown, Cites: g.Cites}
	if i := in.epoch.pack.liable.names[confirmed].i; in.known(i) {
		e := in.stated[confirmed]
		word.Verdict, word.Events, word.Persons = verdictOf(in.value(i) == types.True).verdict(), e.Events, []string{e.Person}
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
	// As in the rules: all is decided by one that fails, any by one that holds,
	// and one unknown leaves open what nothing decides.
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
func (in *findings) leaf(x *leaf, reads []int, c *domain.Condition) {
	v, _, err := x.Expr.prg.Eval(in)
	if err != nil {
		in.err = cmp.Or(in.err, fmt.Errorf("%s: %s: %w", x.Expr.at, x.Expr.src, err))
		c.Verdict = domain.Unknown
		return
	}
	// Unknown comes back as a value, with the numbers of what is missing.
	verdict, u := triOf(v)
	c.Verdict = verdict.verdict()
	if u != nil {
		for _, id := range u.IDs() {
			c.Missing = append(c.Missing, in.nameOf(id))
		}
		c.Missing = distinct(c.Missing)
	}
	for _, i := range reads {
		if !in.known(i) {
			continue
		}
		// What was read is shown, decisive or not: a reviewer looks at both sides
		// of an "or".
		e := in.stated[in.epoch.pack.liable.order[i]]
		if c.Events == nil {
			c.Events = slices.Clip(e.Events) // shared as long as it is alone
		} else {
			c.Events = joinedIDs(c.Events, e.Events)
		}
		if e.Person != "" {
			c.Persons = joinedIDs(c.Persons, []string{e.Person})
		}
	}
}

// joinedIDs adds what is not there yet.
func joinedIDs(list, more []string) []string {
	for _, id := range more {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// nameOf names an unknown by its number.
func (in *findings) nameOf(id int64) string {
	if id >= stdUnknowns {
		return in.epoch.pack.standards[id-stdUnknowns].id
	}
	return in.epoch.pack.liable.order[id]
}
