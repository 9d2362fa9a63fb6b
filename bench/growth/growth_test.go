package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestMeasuresAreKeptAndDrawn writes measures of two cities, takes one of them
// anew, and draws both.
func TestMeasuresAreKeptAndDrawn(t *testing.T) {
	dir := t.TempDir()
	name, svg := filepath.Join(dir, "growth.csv"), filepath.Join(dir, "growth.svg")
	list, err := readMeasures(name)
	if err != nil || list != nil {
		t.Fatal(list, err)
	}
	of := func(cases int, ms time.Duration) []measure {
		var all []measure
		for _, step := range []string{stepImport, stepFirst, stepReplay, stepShards, stepImpact} {
			all = append(all, measure{cases, cases * 40, step, ms * time.Millisecond, 2 * ms * time.Millisecond, 64 << 20, "0.10 0.20 0.30"})
		}
		return all
	}
	list = replaced(replaced(replaced(nil, of(10_000, 70_000)), of(1_000, 9_000)), of(10_000, 60_000))
	if len(list) != 10 || list[0].Cases != 1_000 || list[9].CPU != time.Minute {
		t.Errorf("%+v", list)
	}
	if err := writeMeasures(name, list); err != nil {
		t.Fatal(err)
	}
	again, err := readMeasures(name)
	if err != nil || !reflect.DeepEqual(again, list) {
		t.Errorf("%+v, %v", again, err)
	}
	if err := picture(svg, again); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(svg)
	if err != nil || !strings.HasPrefix(string(text), "<?xml") || !strings.Contains(string(text), stepShards) {
		t.Errorf("%.100s, %v", text, err)
	}
	if err := os.WriteFile(name, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readMeasures(name); err == nil {
		t.Error("another table was taken for measures")
	}
}
