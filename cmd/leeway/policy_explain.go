package main

import (
	"bytes"
	"cmp"
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
	s.tree(node)
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

// tree prints an explanation, each level further in. A derived fact or a value
// that several conditions use is explained where it comes first.
func (s *session) tree(n domain.Node) { s.branch(n, 0, map[string]bool{}) }

func (s *session) branch(n domain.Node, depth int, seen map[string]bool) {
	lead := strings.Repeat("  ", depth) + cmp.Or(verdictMarks[n.Verdict], "   ") + " "
	id := n.ID + " " + n.Value
	if seen[id] && n.Verdict == "" {
		s.hang(lead, s.nodeText(n)+s.t("see above"))
		return
	}
	seen[id] = true
	body := s.nodeText(n)
	for _, name := range slices.Sorted(maps.Keys(n.Inputs)) {
		body += "  " + name + "=" + n.Inputs[name]
	}
	if len(n.Missing) > 0 {
		body += s.t("missing", strings.Join(n.Missing, s.t("list separator")))
	}
	if from := s.origins(n.Cites); from != "" {
		body += s.t("in brackets", from)
	}
	s.hang(lead, body)
	for _, c := range n.Children {
		s.branch(c, depth+1, seen)
	}
}

// verdictMarks show at a glance what holds, fails and is unknown.
var verdictMarks = map[domain.Verdict]string{domain.Holds: "[+]", domain.Fails: "[-]", domain.Unknown: "[?]"}

// nodeText is what a line is about, with its value: the pack's own words, or
// what joins the conditions below, or else the id.
func (s *session) nodeText(n domain.Node) string {
	text := n.Text.In(s.lang)
	if join, ok := words["join "+n.Kind]; ok && text == "" {
		text = join.In(s.lang)
	}
	text = cmp.Or(text, n.ID)
	if n.Value == "" {
		return text
	}
	if yes, ok := words["value "+n.Value]; ok {
		return text + s.t("is") + yes.In(s.lang)
	}
	return text + s.t("is") + n.Value
}
