package policies_test

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestAuthoringGuideParses reads every YAML example of the guide.
func TestAuthoringGuideParses(t *testing.T) {
	data, err := os.ReadFile("../docs/policy-authoring.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(data), "```yaml\n")[1:]
	if len(blocks) < 5 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, b := range blocks {
		example, _, _ := strings.Cut(b, "```")
		var v map[string]any
		if err := yaml.Unmarshal([]byte(example), &v); err != nil {
			t.Errorf("%v in\n%s", err, example)
		}
		// A text with three keys is one whose comma was not quoted.
		if strings.Count(example, "{zh:") != strings.Count(example, ", en:") {
			t.Errorf("Chinese and English do not match in\n%s", example)
		}
	}
}
