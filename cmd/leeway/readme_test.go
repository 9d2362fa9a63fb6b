package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeShowsRealOutput runs the demo that the README begins with: what
// is printed there as its output is its output, line by line.
func TestReadmeShowsRealOutput(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	out := ""
	shown := 0
	for _, b := range blocks {
		if !strings.Contains(b[1], "逐月还原") {
			continue
		}
		if out == "" {
			r := leeway(t, "demo", "--no-serve", "--data", t.TempDir())
			if r.code != 0 {
				t.Fatal(r.errors)
			}
			out = r.out
		}
		shown++
		if !strings.Contains(out, b[1]) {
			t.Errorf("the README shows what the demo does not print:\n%s", b[1])
		}
	}
	if shown == 0 {
		t.Error("the README shows no output of the demo")
	}
}
