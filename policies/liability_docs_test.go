package policies_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
	"leeway/policies"
)

// TestGuideListsTheFindings holds the table of the authoring guide to the
// schema of the newest bundle, name by name, so that it cannot rot.
func TestGuideListsTheFindings(t *testing.T) {
	data, err := os.ReadFile("../docs/policy-authoring.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(data), "### Findings by name")
	if !found {
		t.Fatal("the guide has no list of findings")
	}
	table, _, _ = strings.Cut(table, "\n#")
	var listed []string
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) == 6 && strings.Contains(cells[1], "`") {
			listed = append(listed, strings.Trim(cells[1], " `")+" "+strings.TrimSpace(cells[2])+" "+strings.TrimSpace(cells[3])+": "+strings.TrimSpace(cells[4]))
		}
	}
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve("cn-hb-qianjiang", "2021.1")
	if err != nil {
		t.Fatal(err)
	}
	p, err := lib.PlanOn(v, domain.Date(2021, 8, 1))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[domain.Kind]string{domain.MoneyValue: "money", domain.IntValue: "int", domain.BoolValue: "bool", domain.DayValue: "day", domain.CodeValue: "code"}
	var want []string
	for name, f := range p.Findings() {
		by := "ledger"
		if f.People {
			by = "people"
		}
		want = append(want, fmt.Sprintf("%s %s %s: %s", name, kinds[f.Kind], by, f.Title.EN))
	}
	slices.Sort(want)
	slices.Sort(listed)
	if d := cmp.Diff(want, listed); d != "" {
		t.Errorf("the schema and the guide differ (- schema, + guide):\n%s", d)
	}
}
