package casework

import (
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// checkAgainstPack checks what an event states against the schema of facts of
// the pack in force on a day, and that a case is opened under a pack that was
// published. The faults are all there are; the error is of reading the pack.
func (s *Service) checkAgainstPack(c *eligibility.Case, r *eligibility.Register, e eligibility.Event, day domain.Day) ([]*domain.Fault, error) {
	return packCheck{s.Rules, r, c, day}.faults(e)
}

// packCheck is the pack of a case as a command meets it.
type packCheck struct {
	rules Rules
	r     *eligibility.Register
	c     *eligibility.Case
	day   domain.Day
}

func (p packCheck) faults(e eligibility.Event) ([]*domain.Fault, error) {
	if o, ok := e.(*eligibility.CaseOpened); ok {
		if _, ok := inForce(p.r, o.Pack, p.day); !ok {
			return []*domain.Fault{domain.NewFault("pack", "no version of %q is published", "record rules-activated.v1 first%[2]s", o.Pack, near(o.Pack, published(p.r)))}, nil
		}
		return nil, nil
	}
	// What an event states is what it would add to an empty case.
	var said eligibility.Case
	said.Apply(e, domain.Meta{})
	if len(said.Statements) == 0 && len(said.Closings) == 0 {
		return nil, nil
	}
	v, ok := inForce(p.r, p.c.Pack, p.day)
	if !ok {
		return []*domain.Fault{domain.NewFault("statements", "no version of %q is published", "record rules-activated.v1 first", p.c.Pack)}, nil
	}
	plan, err := p.rules.Plan(v, p.day)
	if err != nil {
		return nil, fmt.Errorf("schema of pack %s %s: %w", v.Pack, v.Version, err)
	}
	return schemaFaults(said, plan.Attributes()), nil
}

// inForce is the version of a pack that was published last by a day, and of
// several on one day the last noted. Before the first there is only that one
// to go by: a history may begin before the office had any pack. It decides
// which schema an entry is held against, never which rules a replay asks.
func inForce(r *eligibility.Register, pack string, day domain.Day) (domain.PackVersion, bool) {
	var best *eligibility.Activation
	for i := range r.Rules {
		a := &r.Rules[i]
		switch {
		case a.Rules.Pack != pack:
		case best == nil,
			a.At.Day <= day && (best.At.Day > day || best.At.Day <= a.At.Day),
			a.At.Day > day && a.At.Day < best.At.Day && best.At.Day > day:
			best = a
		}
	}
	if best == nil {
		return domain.PackVersion{}, false
	}
	return best.Rules, true
}

// published are the packs with an activated version.
func published(r *eligibility.Register) []string {
	var packs []string
	for _, a := range r.Rules {
		packs = append(packs, a.Rules.Pack)
	}
	slices.Sort(packs)
	return slices.Compact(packs)
}

// implied are attributes that some events state by themselves. A pack that
// has no use for them does not list them.
var implied = []string{eligibility.LivesHere, eligibility.Dead, eligibility.SelfCareFails}

// schemaFaults lists what a schema does not know of the statements and
// closings of an event.
func schemaFaults(said eligibility.Case, attrs map[string]domain.Attribute) []*domain.Fault {
	names := make([]string, 0, len(attrs))
	for name := range attrs {
		names = append(names, name)
	}
	slices.Sort(names)
	var faults []*domain.Fault
	for i, t := range said.Statements {
		a, ok := attrs[t.Attribute]
		if !ok && slices.Contains(implied, t.Attribute) {
			continue
		}
		field := fmt.Sprintf("statements[%d].", i)
		if !ok {
			faults = append(faults, unknownAttribute(field+"attribute", t.Attribute, names))
			continue
		}
		faults = append(faults, statementFaults(field, t.Statement, a)...)
	}
	for i, cl := range said.Closings {
		if _, ok := attrs[cl.Attribute]; !ok {
			faults = append(faults, unknownAttribute(fmt.Sprintf("closes[%d]", i), cl.Attribute, names))
		}
	}
	return faults
}

func unknownAttribute(field, name string, known []string) *domain.Fault {
	return domain.NewFault(field, "the pack knows no attribute %q", "use one of the pack's schema%[2]s", name, near(name, known))
}

// statementFaults checks a statement against its attribute.
func statementFaults(field string, st domain.Statement, a domain.Attribute) []*domain.Fault {
	var faults []*domain.Fault
	add := func(name, wrong, mend string, args ...any) {
		faults = append(faults, domain.NewFault(field+name, wrong, mend, args...))
	}
	switch household := st.Subject == domain.Household; {
	case a.Member && household:
		add("subject", "%s is a fact about one member, not the household", "name the member by pseudonym", titled(a))
	case !a.Member && !household:
		add("subject", "%s is a fact about the household, not about %q", `write "household"`, titled(a), st.Subject)
	}
	if st.Value.Kind == domain.NoValue {
		return faults // the decider says so
	}
	if st.Value.Kind != a.Kind {
		add("value", "%s is not of the kind of %s", "write it as %[3]s", st.Value, titled(a), kindExample(a))
	} else if a.Kind == domain.CodeValue && !slices.Contains(a.Codes, st.Value.Code) {
		add("value.code", "%s has no code %q", "write one of %[3]s%[4]s", titled(a), st.Value.Code, domain.List(a.Codes), near(st.Value.Code, a.Codes))
	}
	return faults
}

// kindExample shows how a value of the attribute is written.
func kindExample(a domain.Attribute) any {
	switch a.Kind {
	case domain.MoneyValue:
		return `{"fen":40000}`
	case domain.IntValue:
		return `{"int":3}`
	case domain.BoolValue:
		return `{"bool":true}`
	case domain.DayValue:
		return `{"day":"2020-01-31"}`
	}
	return domain.Say(`{"code":"…"} with one of %s`, domain.List(a.Codes))
}

// titled is an attribute by its name, and in Chinese by its title too.
func titled(a domain.Attribute) domain.Text {
	if a.Title.ZH == "" {
		return domain.Text{ZH: a.Name, EN: a.Name}
	}
	return domain.Text{ZH: a.Title.ZH + "（" + a.Name + "）", EN: a.Name}
}

// near suggests the known names that are most like a wrong one: "; did you
// mean income?". More than three are no help, and none is nothing to suggest.
func near(wrong string, known []string) domain.Said {
	var close []string
	for _, k := range known {
		if d := distance(strings.ToLower(wrong), strings.ToLower(k)); d <= max(1, len([]rune(k))/3) {
			close = append(close, k)
		}
	}
	if len(close) == 0 || len(close) > 3 {
		return domain.Said{}
	}
	return domain.Say("; did you mean %s?", domain.Choice(close))
}

// distance counts the letters to add, drop or change between two words.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
