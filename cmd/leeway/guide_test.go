package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

const guide = "../../docs/policy-authoring.md"

// fence is a fenced part of the guide with the words behind its fence.
var fence = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")

// TestAuthoringGuideRuns does what the guide says, from an empty folder to an
// activated pack: it writes the files under their names and runs every command
// of the parts marked sh, in the order of the page.
func TestAuthoringGuideRuns(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "guide.txtar")
	if err := os.WriteFile(script, []byte(guideScript(t, string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               []string{script},
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "zh_CN.UTF-8")
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("LEEWAY_DATA", filepath.Join(env.WorkDir, "data"))
			return errors.Join(os.Mkdir(env.Getenv("HOME"), 0o700))
		},
		Cmds: scriptCmds,
	})
}

// guideScript turns the guide into a script: commands, and files that are put
// in place where they stand on the page.
func guideScript(t *testing.T, text string) string {
	var b, files strings.Builder
	for i, m := range fence.FindAllStringSubmatch(text, -1) {
		kind, name, _ := strings.Cut(m[1], " ")
		switch {
		case kind == "sh":
			for line := range strings.Lines(m[2]) {
				b.WriteString(guideCommand(t, strings.TrimSpace(line)))
			}
		case name != "":
			fmt.Fprintf(&b, "mkdir %s\ncp file%d %s\n", filepath.Dir(name), i, name)
			fmt.Fprintf(&files, "-- file%d --\n%s", i, m[2])
		}
	}
	return b.String() + files.String()
}

// guideCommand turns one line of the guide into lines of a script. DIGEST
// stands for what the last seal printed.
func guideCommand(t *testing.T, line string) string {
	line, comment, _ := strings.Cut(line, "   # exit code ")
	code := "0"
	if comment != "" {
		code = comment
	}
	if text, file, ok := strings.Cut(strings.TrimPrefix(line, "echo "), " >> "); ok {
		return fmt.Sprintf("append %s %s\n", file, text)
	}
	if !strings.HasPrefix(line, "leeway ") {
		t.Errorf("the guide runs %q, which is no command of Leeway", line)
	}
	out := fmt.Sprintf("code %s %s\n", code, strings.ReplaceAll(line, "DIGEST", "$DIGEST"))
	if strings.HasPrefix(line, "leeway policy seal ") {
		out += "let DIGEST '([0-9a-f]{64})'\n"
	}
	return out
}

// TestAuthoringGuideNamesEveryTool holds that the guide runs every command of
// a policy author, and that no command stands in it that nothing runs.
func TestAuthoringGuideNamesEveryTool(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	run := map[string]bool{}
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(m[2]) {
			if words := strings.Fields(line); m[1] == "sh" && len(words) > 2 && words[0] == "leeway" {
				run[words[2]] = true
			}
		}
	}
	for _, tool := range []string{"new", "check", "test", "coverage", "show", "explain", "diff", "seal", "activate", "dispatch", "receive", "status"} {
		if !run[tool] {
			t.Errorf("the guide does not run leeway policy %s", tool)
		}
		delete(run, tool)
	}
	for tool := range run {
		t.Errorf("the guide runs leeway policy %s, which this test does not know", tool)
	}
}
