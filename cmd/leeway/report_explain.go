package main

import (
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
)

// explainedNodes are the two ends of the question: what the office should have
// come to on its own file, and what was due.
var explainedNodes = []string{"A", "B"}

// explanationJSON is what every rule said of one node of a month.
type explanationJSON struct {
	Month       domain.Month `json:"month"`
	Node        string       `json:"node"`
	Explanation domain.Node  `json:"explanation"`
}

// explainNodes asks how the nodes came about, once for every stretch of months
// that show the same: their first month stands for them.
func (sh *sheet) explainNodes(desk *casework.Service) error {
	in := sh.r.Inputs
	d, err := desk.DossierAt(sh.ctx, in.Case, in.AsOf)
	if err != nil {
		return err
	}
	input := replay.Input{Case: d.Case, Register: d.Register, Rules: desk.Rules, AsOf: in.AsOf}
	for _, run := range sh.collapse(func(m replay.Month) string { return strings.Join(sh.cells(m), "|") }) {
		for _, name := range explainedNodes {
			n, err := replay.Explain(input, run.first(), name)
			if err != nil {
				return err
			}
			sh.explanations = append(sh.explanations, explanationJSON{run.first(), name, n})
		}
	}
	return nil
}

// printExplanations prints each as a tree of rules, conditions and values.
func (sh *sheet) printExplanations() {
	for _, e := range sh.explanations {
		sh.printf("\n%s\n", sh.t("explained", e.Month, sh.t("node "+e.Node)))
		sh.tree(e.Explanation)
	}
}
