package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"

	"leeway/domain"
)

// explainCmd says what a pack says of given facts, rule by rule.
type explainCmd struct {
	Pack  string       `arg:""`
	Facts string       `arg:""`
	Month domain.Month `placeholder:"YYYY-MM"`
}

// Run evaluates the facts under the rules of the month.
func (cmd explainCmd) Run(s *session) error {
	if cmd.Month == 0 {
		cmd.Month = domain.DayOf(s.now()).Month()
	}
	facts, err := s.readFacts(cmd.Facts)
	if err != nil {
		return err
	}
	_, v, plan, err := s.plan(cmd.Pack, cmd.Month.First())
	if err != nil {
		return err
	}
	outcome, err := plan.Evaluate(facts)
	if err != nil {
		return err
	}
	node, err := plan.Explain(facts)
	if err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(map[string]any{"pack": v, "month": cmd.Month, "outcome": outcome, "explanation": node})
	}
	sh := &sheet{session: s}
	s.printf("%s %s  %s\n", v.Pack, v.Version, cmd.Month)
	s.printf("%s  %s\n", s.t("result"), sh.yuan(outcome))
	if len(outcome.Missing) > 0 {
		s.hang("", s.t("would decide", sh.missing(outcome.Missing)))
	}
	s.printf("\n")
	s.tree(node, 0)
	return nil
}

// readFacts reads domain.Facts from a file. Unknown fields are refused: a
// misspelt fact would otherwise be an unknown one.
func (s *session) readFacts(name string) (domain.Facts, error) {
	var facts domain.Facts
	data, err := os.ReadFile(name)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		err = dec.Decode(&facts)
	}
	if err == nil && facts.Programme == "" {
		err = errors.New("programme: it is missing")
	}
	if err != nil {
		return facts, &problem{what: err.Error(), where: name, mend: s.t("mend facts"), err: domain.ErrInvalid}
	}
	return facts, nil
}

// tree prints an explanation, each level further in.
func (s *session) tree(n domain.Node, depth int) {
	mark := map[domain.Verdict]string{domain.Holds: "[+]", domain.Fails: "[-]", domain.Unknown: "[?]"}[n.Verdict]
	if mark == "" {
		mark = "   "
	}
	body := n.Text.In(s.lang)
	if body == "" {
		body = n.ID
	}
	if n.Value != "" {
		body += s.t("is") + n.Value
	}
	for _, name := range slices.Sorted(maps.Keys(n.Inputs)) {
		body += "  " + name + "=" + n.Inputs[name]
	}
	if len(n.Missing) > 0 {
		body += s.t("missing", strings.Join(n.Missing, s.t("list separator")))
	}
	if from := s.origins(n.Cites); from != "" {
		body += s.t("in brackets", from)
	}
	s.hang(strings.Repeat("  ", depth)+mark+" ", body)
	for _, c := range n.Children {
		s.tree(c, depth+1)
	}
}
