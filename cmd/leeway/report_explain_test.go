package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"leeway/domain/casework"
)

// TestExplanationSaysWhatTheReportSays compares, for every sample case, the
// amount at the root of an explanation with the node of the report.
func TestExplanationSaysWhatTheReportSays(t *testing.T) {
	dir := t.TempDir()
	if r := leeway(t, "demo", "--no-serve", "--data", dir); r.code != 0 {
		t.Fatal(r.errors)
	}
	s := &session{ctx: context.Background(), call: call{out: io.Discard, env: func(string) string { return "" }, now: time.Now}, lang: "en", dir: dir}
	compared := 0
	err := s.reading(func(desk *casework.Service) error {
		cases, err := desk.Cases(s.ctx)
		if err != nil {
			return err
		}
		for _, c := range cases {
			sh, err := s.replay(desk, c.ID, casework.ReplayOptions{AsOf: demoDay})
			if err != nil {
				return err
			}
			if err := sh.explainNodes(desk); err != nil {
				return err
			}
			compared += compareExplanations(t, sh)
		}
		return nil
	})
	if err != nil || compared == 0 {
		t.Errorf("%d nodes compared, error %v", compared, err)
	}
}

func compareExplanations(t *testing.T, sh *sheet) (compared int) {
	t.Helper()
	for _, e := range sh.explanations {
		for _, m := range sh.r.Months {
			n, _ := m.Node(e.Node)
			if m.Month != e.Month || !n.Outcome.Determined() {
				continue
			}
			compared++
			said := strings.NewReplacer(" | ", "/", "–", "~").Replace(e.Explanation.Value)
			if want := sh.amounts(n.Outcome); said != want {
				t.Errorf("%s, %s, node %s: explained as %s, reported as %s", sh.r.Inputs.Case, e.Month, e.Node, said, want)
			}
		}
	}
	return compared
}
