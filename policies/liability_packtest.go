package policies

import (
	"fmt"
	"maps"
	"slices"

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
		t.probs.add(g.At, "ground %s is not known", "write one of the grounds of this pack", g.Ground)
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
			t.probs.add(c.At, "the test has no day, or wants nothing", "write on: in it or under defaults, and want: %[1]s", domain.List(groundWants))
			continue
		}
		out = append(out, CaseResult{c.At.file, c.At.line, g.Ground + ": " + c.Name, t.runVariant(g, c, day)})
	}
	return out
}

// runVariant evaluates one case and lists what differs from what it wants.
func (t *tester) runVariant(g *groundCase, c *groundVariant, day domain.Day) []domain.Said {
	plan := &Plan{epoch: t.pack.epochOn(day), month: day.Month(), pool: t.pool}
	// The whole catalogue is evaluated, as a replay does it: a fault in another
	// ground fails here too.
	all, err := plan.Grounds(t.findings(c.At.file, g.Findings, c.Findings))
	if err != nil {
		return []domain.Said{domain.Say("cannot be evaluated: %v", err)}
	}
	i := slices.IndexFunc(all, func(x domain.Ground) bool { return x.ID == g.Ground })
	if i < 0 {
		return different("absent", c.Want, "verdict")
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
	wrong := different(verdictWord(got), c.Want, "verdict")
	if c.Fails != nil {
		wrong = append(wrong, different(fail, c.Fails, "failing conditions")...)
	}
	if c.Counter != nil {
		wrong = append(wrong, different(counter, c.Counter, "counter-checks that hold")...)
	}
	if c.Missing != nil {
		wrong = append(wrong, different(distinct(missing), distinct(c.Missing), "missing")...)
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

// different says that two things are not written alike; nothing where they are.
func different(got, want any, what string, args ...any) []domain.Said {
	g, w := fmt.Sprint(got), fmt.Sprint(want)
	if g == w {
		return nil
	}
	return []domain.Said{domain.Say("%s: got %s, want %s", domain.Say(what, args...), g, w)}
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
			t.probs.add(where, "finding %s is not known", "write a name of liability/schema.yaml", name)
		case n.Tag != "!!null":
			// Tests state everything in somebody's name: whether a finding needs one
			// is the engine's business, and has tests of its own.
			v, _ := readValue(kindName(f.Kind), f.Codes, n, where, &t.probs)
			out[name] = domain.Evidence{Value: v, Events: []string{testEvent}, Person: testPerson}
		}
	}
	return out
}
