package policies

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"leeway/domain"
)

// groundCase are the tests of one ground: findings under which it holds, and
// cases that differ from them.
type groundCase struct {
	At       at
	Ground   string                `key:"ground,required"`
	On       domain.Day            `key:"on"`
	Findings map[string]*yaml.Node `key:"findings,required"`
	Cases    []groundVariant       `key:"cases,required"`
}

// groundVariant is one test: what differs, and what is wanted then.
type groundVariant struct {
	At       at
	Name     string                `key:"name,required"`
	On       domain.Day            `key:"on"`
	Findings map[string]*yaml.Node `key:"findings"`
	Want     string                `key:"want,required"`
	// Compared where written: conditions that fail, counter-checks that hold,
	// and findings or standards that are missing.
	Fails   []string `key:"fails"`
	Counter []string `key:"counter"`
	Missing []string `key:"missing"`
}

// groundWants are the words of `want`.
var groundWants = []string{"holds", "fails", "unknown", "partial", "suspected", "absent"}

// tester of a ground states what people find in the name of this person and
// with this event.
const testPerson, testEvent = "tester", "event"

// runGround runs the tests of one ground.
func (t *tester) runGround(d *defaults, g *groundCase) []CaseResult {
	var out []CaseResult
	if !slices.ContainsFunc(t.pack.src.grounds, func(x *ground) bool { return x.ID == g.Ground }) {
		t.probs.add(g.At, "ground "+g.Ground+" is not known", "write one of the grounds of this pack")
		return nil
	}
	for i := range g.Cases {
		c := &g.Cases[i]
		// The nearest day counts: of the case, of the ground, of the file.
		day := c.On
		for _, other := range []domain.Day{g.On, d.On} {
			if day == 0 {
				day = other
			}
		}
		if day == 0 || !slices.Contains(groundWants, c.Want) {
			t.probs.add(c.At, "the test has no day, or wants nothing", "write on: in it or under defaults, and want: "+strings.Join(groundWants, ", "))
			continue
		}
		out = append(out, CaseResult{c.At.file, c.At.line, g.Ground + ": " + c.Name, t.runVariant(g, c, day)})
	}
	return out
}

// runVariant evaluates one case and lists what differs from what it wants.
func (t *tester) runVariant(g *groundCase, c *groundVariant, day domain.Day) []string {
	plan := &Plan{epoch: t.pack.epochOn(day), month: day.Month(), pool: t.pool}
	// The whole catalogue is evaluated, as a replay does it: a fault in another
	// ground fails here too.
	all, err := plan.Grounds(t.findings(c.At.file, g.Findings, c.Findings))
	if err != nil {
		return []string{err.Error()}
	}
	i := slices.IndexFunc(all, func(x domain.Ground) bool { return x.ID == g.Ground })
	if i < 0 {
		return different("verdict", "absent", c.Want)
	}
	got := all[i]
	var fail, counter, missing []string
	for _, x := range got.Conditions {
		if x.Verdict == domain.Fails {
			fail = append(fail, x.ID)
		}
	}
	for _, x := range got.Counters {
		if x.Verdict == domain.Holds {
			counter = append(counter, x.ID)
		}
	}
	// Coverage counts counter-checks as it counts conditions.
	for _, x := range slices.Concat(got.Conditions, got.Counters) {
		missing = append(missing, x.Missing...)
		t.count(g.Ground, x)
	}
	wrong := different("verdict", verdictWord(got), c.Want)
	if c.Fails != nil {
		wrong = append(wrong, different("failing conditions", fmt.Sprint(fail), fmt.Sprint(c.Fails))...)
	}
	if c.Counter != nil {
		wrong = append(wrong, different("counter-checks that hold", fmt.Sprint(counter), fmt.Sprint(c.Counter))...)
	}
	if c.Missing != nil {
		wrong = append(wrong, different("missing", fmt.Sprint(distinct(missing)), fmt.Sprint(distinct(c.Missing)))...)
	}
	return wrong
}

// verdictWord is the verdict on a ground in the words of `want`.
func verdictWord(g domain.Ground) string {
	switch {
	case g.Suspected:
		return "suspected"
	case g.Partial:
		return "partial"
	}
	return string(g.Verdict)
}

func different(what, got, want string) []string {
	if got == want {
		return nil
	}
	return []string{fmt.Sprintf("%s: got %s, want %s", what, got, want)}
}

// count notes what the tests have seen of a leaf. The engine's own condition
// is none of the pack's.
func (t *tester) count(ground string, c domain.Condition) {
	seen := t.seen[ground+"."+c.ID]
	switch {
	case seen == nil:
	case c.Verdict == domain.Holds:
		seen.Holds++
	case c.Verdict == domain.Fails:
		seen.Fails++
	default:
		seen.Unknown++
	}
}

// findings reads the findings of a test; later maps win, and null states that
// one is unknown.
func (t *tester) findings(file string, layers ...map[string]*yaml.Node) domain.Findings {
	nodes := map[string]*yaml.Node{}
	for _, m := range layers {
		maps.Copy(nodes, m)
	}
	out := domain.Findings{}
	for _, name := range sortedKeys(nodes) {
		n := nodes[name]
		f, ok := t.pack.liable.findings[name]
		switch where := (at{file, n.Line}); {
		case !ok:
			t.probs.add(where, "finding "+name+" is not known", "write a name of liability/schema.yaml")
		case n.Tag != "!!null":
			// Tests state everything in somebody's name: whether a finding needs one
			// is the engine's business, and has tests of its own.
			v, _ := readValue(kindName(f.Kind), f.Codes, n, where, &t.probs)
			out[name] = domain.Evidence{Value: v, Events: []string{testEvent}, Person: testPerson}
		}
	}
	return out
}
