package replay

import (
	"cmp"
	"slices"

	"leeway/domain/eligibility"
)

// FactRef names a fact that a replay proposes for K°, so that reviewers can
// confirm or reject it: the event that stated it, and what it speaks of.
type FactRef struct {
	Event     string `json:"event"`
	Subject   string `json:"subject"`
	Attribute string `json:"attribute"`
	Item      string `json:"item,omitempty"`
}

// String writes the key of the fact with its event.
func (f FactRef) String() string {
	s := f.Subject + "." + f.Attribute
	if f.Item != "" {
		s += "[" + f.Item + "]"
	}
	return s + "@" + f.Event
}

// Ref names the fact.
func (f Fact) Ref() FactRef { return FactRef{f.Event, f.Subject, f.Attribute, f.Item} }

// rejected are the facts left out of K°, in one order and each once, so that
// equal sets give equal inputs.
func (in Input) rejected() []FactRef {
	refs := slices.Clone(in.Rejected)
	slices.SortFunc(refs, func(a, b FactRef) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(refs)
}

// confirmed leaves out of K° what reviewers rejected. Found and shown are the
// same facts in the same order.
func (in Input) confirmed(found []eligibility.Told, shown []Shown) ([]eligibility.Told, []Shown) {
	if len(in.Rejected) == 0 {
		return found, shown
	}
	keep := func(s Shown) bool { return !slices.Contains(in.Rejected, s.Fact.Ref()) }
	var left []eligibility.Told
	var facts []Shown
	for i, s := range shown {
		if keep(s) {
			left, facts = append(left, found[i]), append(facts, s)
		}
	}
	return left, facts
}
