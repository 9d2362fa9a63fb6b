package review

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocsTellEveryGuardAndRole holds docs/review.md to the tables of the code.
func TestDocsTellEveryGuardAndRole(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "review.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := func(line string) {
		if !strings.Contains(string(page), line+"\n") {
			t.Errorf("docs/review.md lacks the row\n%s", line)
		}
	}
	for _, g := range Guards() {
		row(fmt.Sprintf("| `%s` | %s — %s | %s | %s |", g.ID, g.Says.ZH, g.Says.EN, g.Weight, g.Origin()))
	}
	for _, e := range Kinds() {
		row(fmt.Sprintf("| `%s` | %s |", e.EventType(), roleNames(MayAct(e)).EN))
	}
}
