package policies_test

import (
	"slices"
	"strings"
	"testing"

	"leeway/domain"
)

// find is the first node with an id, depth first.
func find(n domain.Node, id string) (domain.Node, bool) {
	if n.ID == id {
		return n, true
	}
	for _, k := range n.Children {
		if got, ok := find(k, id); ok {
			return got, true
		}
	}
	return domain.Node{}, false
}

// mustFind is find, or the test ends.
func mustFind(t *testing.T, n domain.Node, id string) domain.Node {
	t.Helper()
	got, ok := find(n, id)
	if !ok {
		t.Fatalf("the explanation has no node %s", id)
	}
	return got
}

func TestExplainHeldAmount(t *testing.T) {
	p := planOn(t, "cn-hb-qianjiang", "2020.2", "2020-04-01")
	n, err := p.Explain(onRoster(dibao(540, 540, 540), 378))
	if err != nil {
		t.Fatal(err)
	}
	if n.ID != "dibao.amount" || n.Kind != "rule" || n.Verdict != domain.Fails || n.Value != "378" {
		t.Errorf("root %s %s %s %q", n.ID, n.Kind, n.Verdict, n.Value)
	}
	income := mustFind(t, n, "income")
	if income.Kind != "leaf" || income.Verdict != domain.Fails || income.Inputs["household.income"] != "1620" || income.Inputs["household.dibao_line"] != "1578" {
		t.Errorf("income %+v", income)
	}
	sum := mustFind(t, income, "household.income")
	if sum.Kind != "fact" || sum.Inputs["m2.income"] != "540" || sum.Inputs["m2.counts"] != "true" || sum.Cites[0].Source != "order-649" {
		t.Errorf("sum %+v", sum)
	}
	std := mustFind(t, n, "std.dibao_rural")
	if std.Kind != "value" || std.Value != "526" || len(std.Cites) != 2 || std.Cites[1].Origin != domain.ToVerify || std.Cites[1].Assumed.ZH == "" {
		t.Errorf("standard %+v", std)
	}
	hold := mustFind(t, n, "dibao.amount/epidemic_exit_hold")
	if hold.Kind != "exception" || hold.Verdict != domain.Holds {
		t.Errorf("exception %+v", hold)
	}
	if cut := mustFind(t, n, "dibao.amount/epidemic_reduction_unclear"); cut.Verdict != domain.Fails {
		t.Errorf("exception %+v", cut)
	}
	dead := mustFind(t, n, "m1.counts")
	if got := dead.Inputs["m1.dead"]; got != "false (presumed)" {
		t.Errorf("m1.dead is shown as %q", got)
	}
}

func TestExplainUnknown(t *testing.T) {
	p := planOn(t, "cn-hb-qianjiang", "2020.1", "2020-04-01")
	f := dibao(100, 100)
	delete(f.Members[1].Facts, "deposits")
	n, err := p.Explain(f)
	if err != nil {
		t.Fatal(err)
	}
	leaf := mustFind(t, n, "deposits")
	if n.Verdict != domain.Unknown || n.Value != "" || !slices.Equal(n.Missing, []string{"m2.deposits"}) || !slices.Equal(leaf.Missing, n.Missing) {
		t.Errorf("root %s %v, leaf %v", n.Verdict, n.Missing, leaf.Missing)
	}
	n, err = p.Explain(domain.Facts{Programme: "nothing"})
	if err != nil || n.Verdict != domain.Unknown || n.Missing[0] != "rule.nothing" {
		t.Errorf("unknown programme: %+v, %v", n, err)
	}
}

// TestExplainShowsSetsAndCites walks every explanation of the bundles' plans:
// each rule, exception, derived fact and standard cites where it is from, and
// every assumption is in words.
func TestExplainShowsSetsAndCites(t *testing.T) {
	n, err := planOn(t, "cn-hb-qianjiang", "2020.2", "2020-04-01").Explain(onRoster(dibao(480, 480, 480), 378))
	if err != nil || n.Value != "138 | 378" {
		t.Errorf("value %q, %v", n.Value, err)
	}
	cited(t, n)
	f := domain.Facts{Programme: "temporary", Household: map[string]domain.Value{
		"urgency": domain.Code("fire"), "hardship": domain.Bool(true), "expense": yuan(0),
	}, Members: dibao(10).Members}
	n, err = planOn(t, "test-only", "1", "2020-04-01").Explain(f)
	if err != nil || n.Value != "0–3000" {
		t.Errorf("value %q, %v", n.Value, err)
	}
	cited(t, n)
}

func cited(t *testing.T, n domain.Node) {
	t.Helper()
	wants := n.Kind == "rule" || n.Kind == "exception" || n.Kind == "fact" || strings.HasPrefix(n.ID, "std.")
	if wants && len(n.Cites) == 0 {
		t.Errorf("%s %s cites nothing", n.Kind, n.ID)
	}
	for _, c := range n.Cites {
		if c.Origin == domain.ToVerify && (c.Assumed.ZH == "" || c.Assumed.EN == "") {
			t.Errorf("%s: an assumption without words", n.ID)
		}
	}
	for _, k := range n.Children {
		cited(t, k)
	}
}
