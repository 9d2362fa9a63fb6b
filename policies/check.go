package policies

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"

	"leeway/domain"
)

// Check finds the mistakes of one pack version: all that keeps it from being
// loaded, and what would load but cannot be meant. A pack is sealed only when
// Check finds nothing and its tests pass. Replaying a sealed pack never runs
// Check: its findings, such as the estimated cost of an expression, may change
// with the engine, and a sealed pack must not. The base of an overlay is
// looked for among the bundles and in the folders given, laid out as
// PACK/VERSION; it is not checked again.
func Check(fsys fs.FS, dirs ...fs.FS) Problems {
	p, probs, err := loadBeside(fsys, dirs)
	if err != nil {
		return unreadable(err)
	}
	if len(probs) > 0 {
		return probs
	}
	c := linter{pack: p, probs: &probs, used: map[string]bool{}}
	// The order matters for one thing only: what is used must be known before
	// what is unused can be named.
	c.manifest()
	c.schema()
	c.rules()
	c.liability()
	c.epochs()
	c.facts()
	c.unused()
	if len(p.src.tests) == 0 {
		probs.add(p.man.At, "the pack has no tests", "write rules/NAME_test.yaml")
	}
	return p.overlaid(probs).sorted()
}

// unreadable is the one problem of a folder that is no pack.
func unreadable(err error) (ps Problems) {
	ps.add(at{".", 1}, "cannot be read: %v", "give the folder of one pack version", err)
	return ps
}

// linter holds what Check gathers about one pack.
type linter struct {
	pack  *pack
	probs *Problems
	used  map[string]bool // names, rules and sources that something uses
}

var packID = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)

// manifest checks names and notes what pack.yaml itself uses.
func (c *linter) manifest() {
	m := &c.pack.man
	// Pack and version name a folder and stand in every decision: nothing that
	// means something in a path may stand in them.
	if !packID.MatchString(m.Pack) || !packID.MatchString(m.Version) {
		c.probs.add(m.At, "pack %q version %q cannot name a folder", "write lower-case letters, digits, dots and -", m.Pack, m.Version)
	}
	if m.Supersedes == m.Version {
		c.probs.add(m.At, "the version supersedes itself", "name the version before, or leave it out")
	}
	// A programme is where the use of everything begins.
	for _, pr := range m.Programmes {
		c.used[pr.Rule] = true
	}
	for _, r := range m.MonthRule {
		c.cites(r.Cite)
	}
	for _, r := range m.Liability {
		c.cites(r.Cite)
	}
	c.cites(m.Calendar.Cite)
}

// cites notes the sources that something cites.
func (c *linter) cites(list []cite) {
	for _, x := range list {
		c.used["source "+x.Source] = true
	}
}

// schema checks properties of facts that make no sense together. The replay
// relies on them: a sum is folded by items, a death follows its own month rule.
func (c *linter) schema() {
	s := &c.pack.src.schema
	for _, a := range slices.Concat(s.Household, s.Member) {
		// Items add up only where the kind has a sum.
		if a.Sum && a.Kind != "money" && a.Kind != "int" {
			c.probs.add(a.At, "%s adds up, but is of kind %s", "leave sum out, or write kind: money", a.Name, a.Kind)
		}
		// The month rule for deaths asks whether a member has died.
		if a.Death && (a.Kind != "bool" || !a.member) {
			c.probs.add(a.At, "%s cannot mean a death", "death: true belongs to a yes-or-no fact of a member", a.Name)
		}
		// Codes stand in expressions and files of statements.
		seen := map[string]bool{}
		for _, code := range a.Codes {
			if seen[code] || !isName(code) {
				c.probs.add(a.At, "code %q stands twice or is no name", "write lower-case letters, digits and _, each code once", code)
			}
			seen[code] = true
		}
	}
}

// rules looks at every condition and result of every version.
func (c *linter) rules() {
	for _, r := range c.pack.src.rules {
		for _, v := range r.Versions {
			c.cites(v.Cite)
			c.cond(v.When)
			c.result(v.Then)
			c.result(v.Else)
			// The general amount is one amount only where no branch has a choice.
			general := v.Then != nil && len(v.Then.choices()) == 1 && len(v.Else.choices()) == 1
			var before []*exception
			for _, x := range v.Exceptions {
				c.cites(x.Cite)
				c.cond(x.When)
				c.result(x.Then)
				c.exception(x, before, general)
				before = append(before, x)
			}
		}
	}
	for _, pr := range c.pack.src.procedures {
		for _, v := range pr.Versions {
			c.cites(v.Cite)
			for _, s := range v.Steps {
				c.cites(s.Cite)
				if s.Minor != nil {
					c.cites(s.Minor.Cite)
				}
			}
		}
	}
}

// exception refuses one that can never decide, and one that asks for the
// general amount where there are several.
func (c *linter) exception(x *exception, before []*exception, general bool) {
	// Of two exceptions with one condition the first always decides.
	for _, b := range before {
		if b.When.text() == x.When.text() {
			c.probs.add(x.At, "exception %s is unreachable: %s has the same condition and comes first", "remove one, or tell them apart", x.ID, b.ID)
		}
	}
	if general {
		return
	}
	// A set has no single amount that an exception could compare with.
	for _, e := range append(x.When.exprs(), x.Then.exprs()...) {
		if e.program != nil && slices.Contains(e.refs, baseName) {
			c.probs.add(e.at, "%s is used, but the general rule allows several amounts", "give then and else one amount each", baseName)
		}
	}
}

// text is the condition written one way, to compare conditions.
func (c *cond) text() string {
	parts := make([]string, 0, 4)
	for _, k := range c.kids() {
		parts = append(parts, k.text())
	}
	switch {
	case c.Expr.program != nil:
		return normal(c.Expr.program)
	case c.Base != nil:
		return fmt.Sprint("base is ", *c.Base)
	case c.Rule != "":
		return "rule " + c.Rule
	case c.Not != nil:
		return "not(" + parts[0] + ")"
	case c.Any != nil:
		return "any(" + strings.Join(parts, "; ") + ")"
	}
	return "all(" + strings.Join(parts, "; ") + ")"
}

// normal is an expression as CEL prints it, without accidents of spacing.
func normal(p *program) string {
	s, err := cel.AstToString(p.tree)
	if err != nil {
		return p.src
	}
	return s
}

// exprs lists the expressions of a condition tree.
func (c *cond) exprs() []*expr {
	var out []*expr
	if c.Expr.src != "" {
		out = append(out, &c.Expr)
	}
	for _, k := range c.kids() {
		out = append(out, k.exprs()...)
	}
	return out
}

// exprs lists the expressions of a result, both ends of each choice.
func (r *result) exprs() []*expr {
	var out []*expr
	for _, ch := range r.choices() {
		out = append(out, &ch.lo, &ch.hi)
	}
	return out
}

// cond looks for leaves that say nothing: constants, and a leaf repeated or
// contradicted beside itself.
func (c *linter) cond(n *cond) {
	c.use(&n.Expr, domain.Say("leaf %s", n.ID))
	if n.Rule != "" {
		c.used[n.Rule] = true
	}
	seen := map[string]string{}
	for _, k := range n.kids() {
		t := k.text()
		// A leaf and its negation are compared by what they say without it.
		plain := strings.TrimSuffix(strings.TrimPrefix(t, "not("), ")")
		plain = strings.TrimPrefix(plain, "!")
		switch other, dup := seen[plain]; {
		case dup && other == t:
			c.probs.add(k.At, "condition %s is unreachable: it repeats the one beside it", "remove it", k.ID)
		case dup:
			c.probs.add(k.At, "condition %s contradicts the one beside it: together they are constant", "remove one of them", k.ID)
		default:
			seen[plain] = t
		}
		c.cond(k)
	}
}

// use notes what an expression reads.
func (c *linter) use(e *expr, what domain.Said) {
	if e.program == nil {
		return
	}
	for _, r := range e.refs {
		c.used[r] = true
	}
	c.bounds(e, what)
}

// bounds refuses an expression that is constant or may cost too much.
func (c *linter) bounds(e *expr, what domain.Said) {
	if e.program == nil {
		return
	}
	// What reads nothing is the same for every household: most often a fact
	// was forgotten, or the author meant a standard.
	if len(e.refs) == 0 {
		c.probs.add(e.at, "%s is constant: it reads no fact", "compare a fact, or remove it", what)
	}
	// The subset has no loops, so that cost grows with the text alone; a bound
	// still keeps a list of thousands out of every evaluation.
	if cost := c.pack.lang.cost(e.program); cost > uint64(c.pack.man.CostLimit) {
		c.probs.add(e.at, "%s may cost %d, the limit is %d", "move parts into derived facts, or write a standard for them", what, cost, c.pack.man.CostLimit)
	}
}

// result checks the amounts of a branch. A plain number is no expression and
// may be constant: that is what it is for.
func (c *linter) result(r *result) {
	if r == nil {
		return
	}
	for _, e := range r.exprs() {
		if _, err := domain.ParseYuan(e.src); err != nil {
			c.use(e, domain.Say("amount"))
		}
	}
}

// facts follows what used facts are computed from, so that only the others
// are reported as unused.
func (c *linter) facts() {
	for _, s := range c.pack.src.facts {
		c.cites(s.Cite)
		c.bounds(&s.Expr, domain.Say("fact %s", s.Name))
	}
	// Rules were walked before; from what they read, follow the facts down.
	open := sortedKeys(c.used)
	for len(open) > 0 {
		name := open[0]
		open = open[1:]
		s, ok := c.pack.slots[name]
		if !ok || s.scope != inHousehold && s.scope != inMember {
			continue
		}
		for _, r := range c.pack.columnOf(s).reads() {
			if !c.used[r] {
				c.used[r] = true
				open = append(open, r)
			}
		}
	}
}

// epochs checks how rules meet in time.
func (c *linter) epochs() {
	seen := map[string]bool{}
	for _, d := range c.pack.breaks {
		e := c.pack.epochOn(d)
		for _, pr := range c.pack.man.Programmes {
			a := e.programmes[pr.ID]
			if a == nil {
				continue
			}
			// The set of assumptions has a fixed size; see mask.
			if len(a.allAssumed) > maxAssumptions && !seen[pr.ID] {
				seen[pr.ID] = true
				c.probs.add(pr.At, "%s rests on %d assumptions", "keep to %[3]d", pr.ID, len(a.allAssumed), maxAssumptions)
			}
			// A rule that another one uses, but that is not in force on the day,
			// would leave everything undetermined without saying so anywhere.
			for _, n := range a.missingRules {
				if key := a.id + n.Rule; !seen[key] {
					seen[key] = true
					c.probs.add(n.At, "gap: rule %s is not in force on %s, but is used then", "give it a version from that day, or start this rule later", n.Rule, e.days.from)
				}
			}
		}
	}
}

// reviewStandard checks a number that the review takes from the pack.
func (c *linter) reviewStandard(s *dated) {
	least := 1
	if s.src.ID == "review_quorum" {
		least = 2 // a collective of one is none
	}
	for i, v := range s.values {
		if n, ok := v.val.(types.Int); v.val != nil && (!ok || int(n) < least) {
			c.probs.add(s.src.Values[i].At, "the standard %s is %s", "write kind int and a whole number from %[3]d on, or leave it empty", s.src.ID, v.text, least)
		}
	}
}

// unused reports what nothing uses: most often a name written wrongly
// somewhere else.
func (c *linter) unused() {
	for _, f := range c.pack.src.facts {
		if !c.used[f.Name] {
			c.probs.add(f.At, "fact %s is used by nothing", "use it in a rule or remove it", f.Name)
		}
	}
	for _, s := range c.pack.standards {
		for _, v := range s.src.Values {
			c.cites(v.Cite)
		}
		if slices.Contains(domain.ReviewStandards, s.src.ID) {
			c.reviewStandard(s)
		} else if !c.used[s.id] {
			c.probs.add(s.src.At, "standard %s is used by nothing", "use %[2]s in a rule or fact, or remove it", s.src.ID, s.id)
		}
	}
	for _, r := range c.pack.src.rules {
		if !c.used[r.ID] {
			c.probs.add(r.At, "rule %s is unreachable: no programme and no rule uses it", "name it in pack.yaml or in another rule, or remove it", r.ID)
		}
	}
	for _, s := range c.pack.src.sources {
		if !c.used["source "+s.ID] {
			c.probs.add(s.At, "source %s is cited by nothing", "cite it or remove it", s.ID)
		}
	}
}
