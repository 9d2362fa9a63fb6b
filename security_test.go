package leeway_test

import (
	"fmt"
	"go/ast"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEveryRequirementOfSecurityHasItsTests reads docs/security.md: every row is
// there, with tests that exist, or with the words "not a test" and what it is
// instead.
func TestEveryRequirementOfSecurityHasItsTests(t *testing.T) {
	text, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	for _, s := range sources(t) {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test && f.Recv == nil {
				written[f.Name.Name] = true
			}
		}
	}
	rows := map[string]string{}
	for line := range strings.SplitSeq(string(text), "\n") {
		if id, rest, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok && strings.HasPrefix(id, "S-") {
			rows[id] = rest
		}
	}
	name := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`")
	for i := 1; i <= 30; i++ {
		row, ok := rows[fmt.Sprintf("S-%02d", i)]
		tests := name.FindAllStringSubmatch(row, -1)
		if !ok || len(tests) == 0 && !strings.Contains(row, "not a test") {
			t.Errorf("S-%02d has no row, or no test", i)
		}
		for _, n := range tests {
			if !written[n[1]] {
				t.Errorf("S-%02d names %s, which there is not", i, n[1])
			}
		}
	}
}
