package policies

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// testFile is one _test.yaml beside rules or procedures.
type testFile struct {
	At at
	// A file has tests of rules, of procedures, or both; its defaults are for
	// all of them.
	Defaults   defaults        `key:"defaults"`
	Tests      []testCase      `key:"tests"`
	Procedures []procedureCase `key:"procedures"`
	Grounds    []groundCase    `key:"grounds"`
}

// defaults are what every case of a file starts from.
type defaults struct {
	At        at
	Programme string       `key:"programme"`
	Month     domain.Month `key:"month"`
	On        domain.Day   `key:"on"` // of tests of grounds
	// Facts stay YAML until the schema tells their kinds.
	Facts  map[string]*yaml.Node `key:"facts"`
	Member map[string]*yaml.Node `key:"member"`
}

// testCase is one household in one month.
type testCase struct {
	At        at
	Name      string                  `key:"name,required"`
	Programme string                  `key:"programme"`
	Month     domain.Month            `key:"month"`
	Facts     map[string]*yaml.Node   `key:"facts"`
	Members   []map[string]*yaml.Node `key:"members"`
	Want      want                    `key:"want,required"`
}

// want is what a case expects. Exactly one of amount, amounts, range and
// missing is written; the rest is compared when it is written.
type want struct {
	At at
	// What is lawful, or what is missing for anything to be.
	Amount  *yaml.Node   `key:"amount"`
	Amounts []*yaml.Node `key:"amounts"`
	Range   []*yaml.Node `key:"range"`
	Missing []string     `key:"missing"`
	// Special exceptions that decide; assumptions; failing leaves by rule or
	// by rule/exception.
	Special []string            `key:"special"`
	Assumed []string            `key:"assumed"`
	Fails   map[string][]string `key:"fails"`
}

// procedureCase looks at a day: which steps there are, which of them are
// required, their limits, and whether it is a working day.
type procedureCase struct {
	At        at
	Name      string          `key:"name,required"`
	Programme string          `key:"programme"`
	On        domain.Day      `key:"on,required"`
	Steps     []string        `key:"steps"`
	Required  []string        `key:"required"`
	Days      map[string]int  `key:"days"`
	Runs      map[string]int  `key:"runs"`
	Working   map[string]bool `key:"working"`
	Terms     map[string]int  `key:"terms"` // by class: months between repeats of the step that comes again
	Workday   *bool           `key:"workday"`
}

// A CaseResult is one test of a pack and what it found wrong, if anything.
type CaseResult struct {
	File  string
	Line  int
	Name  string
	Wrong []domain.Said
}

// Coverage says how often the tests saw a leaf hold, fail and be unknown.
type Coverage struct {
	Leaf                  string
	Holds, Fails, Unknown int
}

// A Report is what the tests of a pack version found. A pack with problems,
// in its test files too, is not tested.
type Report struct {
	ID       domain.PackVersion
	Problems Problems
	Cases    []CaseResult
	Leaves   []Coverage
}

// Failed counts the cases that found something wrong.
func (r Report) Failed() int {
	n := 0
	for _, c := range r.Cases {
		if len(c.Wrong) > 0 {
			n++
		}
	}
	return n
}

// OK reports whether the pack has tests and all of them pass.
func (r Report) OK() bool { return len(r.Problems) == 0 && len(r.Cases) > 0 && r.Failed() == 0 }

// Uncovered lists the leaves that the tests did not see both hold and fail.
func (r Report) Uncovered() []string {
	var out []string
	for _, c := range r.Leaves {
		if c.Holds == 0 || c.Fails == 0 {
			out = append(out, c.Leaf)
		}
	}
	return out
}

// tester runs the tests of one pack.
type tester struct {
	pack *pack
	pool *sync.Pool
	// By leaf. Leaves of one name in several epochs count together.
	seen  map[string]*Coverage
	probs Problems
}

// Test runs the tests that stand beside the rules of one pack version. Those
// of an overlay are its own, run on the whole, and before them those of its
// base, run on the base as it is; the base is looked for as by Check.
func Test(fsys fs.FS, dirs ...fs.FS) Report {
	p, probs, err := loadBeside(fsys, dirs)
	if err != nil {
		probs = unreadable(err)
	}
	if len(probs) > 0 {
		return Report{Problems: probs}
	}
	if p.man.over != nil {
		return p.man.over.test(p)
	}
	return p.test()
}

// test runs the tests of one compiled pack.
func (p *pack) test() Report {
	// Every leaf of every epoch is listed before a test runs, so that one that
	// no test reaches is seen to be missing.
	t := &tester{pack: p, pool: &sync.Pool{New: func() any { return new(Input) }}, seen: map[string]*Coverage{}}
	r := Report{ID: p.id}
	for _, d := range p.breaks {
		for _, a := range p.epochOn(d).programmes {
			for _, leaf := range a.leaves {
				t.seen[leaf] = &Coverage{Leaf: leaf}
			}
		}
		for _, g := range p.epochOn(d).grounds {
			for _, x := range g.leaves {
				t.seen[g.src.ID+"."+x.ID] = &Coverage{Leaf: g.src.ID + "." + x.ID}
			}
		}
	}
	// A file without tests is most often one whose key is misspelt.
	for _, f := range p.src.tests {
		if len(f.Tests)+len(f.Procedures)+len(f.Grounds) == 0 {
			t.probs.add(f.At, "the file holds no test", "write tests:, procedures: or grounds:")
		}
		for i := range f.Tests {
			c := &f.Tests[i]
			r.Cases = append(r.Cases, CaseResult{c.At.file, c.At.line, c.Name, t.run(&f.Defaults, c)})
		}
		for i := range f.Procedures {
			c := &f.Procedures[i]
			r.Cases = append(r.Cases, CaseResult{c.At.file, c.At.line, c.Name, t.runProcedure(&f.Defaults, c)})
		}
		for i := range f.Grounds {
			r.Cases = append(r.Cases, t.runGround(&f.Defaults, &f.Grounds[i])...)
		}
	}
	for _, leaf := range sortedKeys(t.seen) {
		r.Leaves = append(r.Leaves, *t.seen[leaf])
	}
	r.Problems = t.probs.sorted()
	return r
}

// run evaluates one case and lists what differs from what it wants.
func (t *tester) run(d *defaults, c *testCase) []domain.Said {
	f := domain.Facts{Programme: c.Programme, Household: t.values(c.At.file, false, d.Facts, c.Facts)}
	if f.Programme == "" {
		f.Programme = d.Programme
	}
	month := c.Month
	if month == 0 {
		month = d.Month
	}
	if month == 0 || f.Programme == "" {
		t.probs.add(c.At, "the test has no month or no programme", "write month: and programme: in it or under defaults")
		return nil
	}
	for i, m := range c.Members {
		// Members are numbered as people count them.
		id := fmt.Sprint("m", i+1)
		if n := m["id"]; n != nil {
			id = n.Value
		}
		f.Members = append(f.Members, domain.MemberFacts{ID: id, Facts: t.values(c.At.file, true, d.Member, m)})
	}
	// A test asks about a month as a replay with the primary reading does: by
	// the first day of it.
	plan := &Plan{epoch: t.pack.epochOn(month.First()), month: month, pool: t.pool}
	in := plan.Bind(f)
	if in == nil {
		return t.compare(c, domain.Outcome{Missing: []string{"rule." + f.Programme}}, nil)
	}
	defer plan.Release(in)
	// With bitmaps every leaf is evaluated, so that coverage does not depend on
	// which leaf happens to decide.
	var bits Bits
	o, err := plan.EvaluateInput(in, &bits)
	if err != nil {
		return []domain.Said{domain.Say("cannot be evaluated: %v", err)}
	}
	return t.compare(c, o, t.note(in))
}

// values reads stated facts; later maps win and null states that a fact is
// unknown.
func (t *tester) values(file string, member bool, layers ...map[string]*yaml.Node) map[string]domain.Value {
	nodes := map[string]*yaml.Node{}
	for _, m := range layers {
		maps.Copy(nodes, m)
	}
	out := map[string]domain.Value{}
	for _, name := range sortedKeys(nodes) {
		n := nodes[name]
		a, ok := t.pack.attributes[name]
		where := at{file, n.Line}
		switch {
		// The id of a member stands among his facts and is none.
		case name == "id" && member:
		case !ok || a.Member != member:
			t.probs.add(where, "%s is no stated fact of the schema here", "write a name of schema.yaml", name)
		// Stated to be unknown: a presumption does not hold then.
		case n.Tag == "!!null":
			out[name] = domain.Value{}
		default:
			out[name], _ = readValue(kindName(a.Kind), a.Codes, n, where, &t.probs)
		}
	}
	return out
}

// kindName is the word of the schema for a kind.
func kindName(k domain.Kind) string {
	for name, x := range kinds {
		if x.kind == k {
			return name
		}
	}
	return ""
}

// note counts the verdicts of the case and returns its failing leaves by rule.
func (t *tester) note(in *Input) map[string][]string {
	failing := map[string][]string{}
	for i, leaf := range in.agenda.leaves {
		c := t.seen[leaf]
		switch in.leaves[i].v {
		case holds:
			c.Holds++
		case fails:
			c.Fails++
			// The last dot separates the leaf: rules have dots in their names.
			cut := strings.LastIndex(leaf, ".")
			failing[leaf[:cut]] = append(failing[leaf[:cut]], leaf[cut+1:])
		default:
			c.Unknown++
		}
	}
	return failing
}

// compare lists what differs.
func (t *tester) compare(c *testCase, o domain.Outcome, failing map[string][]string) []domain.Said {
	w := &c.Want
	lawful, ok := t.lawful(w)
	if !ok {
		return nil
	}
	var wrong []domain.Said
	differ := func(got, want any, what string, args ...any) {
		wrong = append(wrong, different(got, want, what, args...)...)
	}
	// Amounts first: when they differ, what is missing is shown beside them,
	// for it is mostly the reason.
	if !slices.Equal(o.Lawful, lawful) {
		differ("["+amounts(o.Lawful)+"]"+strings.Join(o.Missing, " "), "["+amounts(lawful)+"]"+strings.Join(w.Missing, " "), "amount")
	} else if w.Missing != nil {
		differ(o.Missing, slices.Sorted(slices.Values(w.Missing)), "missing")
	}
	// An unexpected special exception is always wrong; assumptions and failing
	// leaves are compared where the test cares.
	differ(o.Special, slices.Sorted(slices.Values(w.Special)), "special")
	if w.Assumed != nil {
		differ(o.Assumed, slices.Sorted(slices.Values(w.Assumed)), "assumed")
	}
	for _, rule := range sortedKeys(w.Fails) {
		differ(slices.Sorted(slices.Values(failing[rule])), slices.Sorted(slices.Values(w.Fails[rule])), "failing leaves of %s", rule)
	}
	return wrong
}

// lawful reads the wanted amounts.
func (t *tester) lawful(w *want) ([]domain.Range, bool) {
	fen := func(n *yaml.Node) domain.Fen {
		v, _ := readValue("money", nil, n, w.At, &t.probs)
		return v.Fen()
	}
	var out []domain.Range
	// Two expectations of one case could contradict each other; none would
	// pass with anything.
	ways := 0
	if w.Amount != nil {
		ways++
		out = []domain.Range{{Lo: fen(w.Amount), Hi: fen(w.Amount)}}
	}
	if w.Amounts != nil {
		ways++
		for _, n := range w.Amounts {
			out = append(out, domain.Range{Lo: fen(n), Hi: fen(n)})
		}
	}
	if len(w.Range) == 2 {
		ways++
		out = []domain.Range{{Lo: fen(w.Range[0]), Hi: fen(w.Range[1])}}
	}
	if w.Missing != nil {
		ways++
	}
	if ways != 1 {
		t.probs.add(w.At, "the test wants nothing, or several things", "write exactly one of amount, amounts: [a, b], range: [lo, hi], missing: [names]")
	}
	return out, ways == 1
}

// runProcedure compares the steps as they stand on a day.
func (t *tester) runProcedure(d *defaults, c *procedureCase) []domain.Said {
	programme := c.Programme
	if programme == "" {
		programme = d.Programme
	}
	var wrong []domain.Said
	differ := func(got, want any, what string, args ...any) {
		wrong = append(wrong, different(got, want, what, args...)...)
	}
	var ids, required []string
	byID := map[string]domain.Step{}
	for _, s := range t.pack.epochOn(c.On).steps[programme] {
		ids, byID[s.ID] = append(ids, s.ID), s
		if s.Required {
			required = append(required, s.ID)
		}
	}
	if c.Steps != nil {
		differ(ids, c.Steps, "steps")
	}
	if c.Required != nil {
		differ(required, c.Required, "required")
	}
	for _, id := range sortedKeys(c.Days) {
		differ(byID[id].Days, c.Days[id], "days of %s", id)
	}
	for _, id := range sortedKeys(c.Runs) {
		differ(byID[id].Runs, c.Runs[id], "days that %s runs", id)
	}
	for _, id := range sortedKeys(c.Working) {
		differ(byID[id].Working, c.Working[id], "working days of %s", id)
	}
	for _, class := range sortedKeys(c.Terms) {
		i := slices.IndexFunc(ids, func(id string) bool { return byID[id].Every > 0 })
		if i < 0 {
			wrong = append(wrong, domain.Say("no step comes again"))
			break
		}
		differ(byID[ids[i]].Term(class), c.Terms[class], "months until %s for class %s", ids[i], class)
	}
	if c.Workday != nil {
		differ(t.pack.calendar.is(c.On), *c.Workday, "workday %s", c.On)
	}
	return wrong
}
