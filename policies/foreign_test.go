package policies_test

import (
	"os"
	"testing"

	"leeway/domain"
	"leeway/policies"
)

// The sheet of six criteria was written from its outline in YAML alone: a pack
// with other findings, other grounds and no programme.
const foreign = "testdata/foreign"

// TestForeignPack seals a pack that nobody thought of when the engine was
// written, every leaf tested both ways.
func TestForeignPack(t *testing.T) {
	dir := os.DirFS(foreign + "/six-criteria/1")
	for _, p := range policies.Check(dir) {
		t.Error(p)
	}
	r := policies.Test(dir)
	for _, c := range r.Cases {
		for _, w := range c.Wrong {
			t.Errorf("%s:%d: %s: %s", c.File, c.Line, c.Name, w)
		}
	}
	if !r.OK() || len(r.Uncovered()) > 0 {
		t.Errorf("problems %v, not seen both ways %v", r.Problems, r.Uncovered())
	}
	if s, err := policies.Seal(dir); err != nil || s.Leaves == 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestForeignPackRuns asks it through the library, as a replay asks a bundle.
func TestForeignPackRuns(t *testing.T) {
	lib, err := policies.New(os.DirFS(foreign))
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve("six-criteria", "1")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := lib.PlanOn(v, domain.Date(2021, 3, 1))
	if err != nil {
		t.Fatal(err)
	}
	found := func(v domain.Value) domain.Evidence {
		return domain.Evidence{Value: v, Person: "r1", Events: []string{"minutes"}}
	}
	f := domain.Findings{
		"motive": found(domain.Code("mistaken")), "prohibited": found(domain.Bool(false)), "beyond_control": found(domain.Bool(true)),
		"collective": found(domain.Bool(true)), "steps_left_out": found(domain.Int(0)), "first_time": found(domain.Bool(true)),
		"grave_effect": found(domain.Bool(false)), "loss": found(yuan(100)), "recovered": found(yuan(99)),
	}
	verdicts := func() map[string]domain.Verdict {
		all, err := plan.Grounds(f)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]domain.Verdict{}
		for _, g := range all {
			out[g.ID] = g.Verdict
			if g.LocalArticle != "" || g.Cites[0].Origin != domain.ToVerify {
				t.Errorf("%s: article %q, cites %+v", g.ID, g.LocalArticle, g.Cites)
			}
		}
		return out
	}
	if got := verdicts(); got["S1"] != domain.Holds || got["S6"] != domain.Fails || got["S0"] != domain.Fails || got["S9"] != domain.Fails {
		t.Errorf("a part was not made good: %v", got)
	}
	f["recovered"] = found(yuan(100))
	if got := verdicts(); got["S6"] != domain.Holds || got["S0"] != domain.Holds {
		t.Errorf("all was made good: %v", got)
	}
	delete(f, "first_time")
	if got := verdicts(); got["S4"] != domain.Unknown || got["S0"] != domain.Unknown {
		t.Errorf("nobody knows whether it was the first time: %v", got)
	}
	if o, err := plan.Evaluate(domain.Facts{Programme: "dibao"}); err != nil || o.Determined() {
		t.Errorf("a programme that it does not have: %+v, %v", o, err)
	}
}
