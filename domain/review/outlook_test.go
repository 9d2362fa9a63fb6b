package review

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
)

func (f *file) outlook() Outlook {
	return f.Outlook(Record{Today: f.today, History: f.hist, Calendar: weekdays{}, Limits: DefaultLimits()}, suggested())
}

// TestOutlook holds that what is shown before a determination is what the
// determination meets, at every step of the standard review.
func TestOutlook(t *testing.T) {
	unmet := map[string][]string{
		"accepted":   {"order ", "replay w1", "replay w1", "notice w1", "notice w1", "replay w2", "replay w2", "notice w2", "notice w2"},
		"replayed":   {"order ", "duty-findings w1", "notice w1", "notice w1", "duty-findings w2", "notice w2", "notice w2"},
		"notified 2": {"order ", "hearing w1", "hearing w2"},
		"heard":      {"order ", "hearing w2"},
		"heard 2":    {"order "},
		"consulted":  nil,
		"determined": {"order "},
	}
	for _, s := range steps {
		f := upTo(t, s.name)
		list := f.outlook().Standings
		var open []string
		for _, x := range list {
			if !x.Met() {
				open = append(open, x.Guard.ID+" "+x.Person)
			}
		}
		if want, told := unmet[s.name]; told {
			if diff := cmp.Diff(want, open); diff != "" {
				t.Errorf("after %s: %s", s.name, diff)
			}
		}
		if s.name == "determined" || f.Determination != nil {
			continue
		}
		err := f.try("r1", determined())
		if (err == nil) != (len(open) == 0) {
			t.Errorf("after %s %q stand open, and the determination says %v", s.name, open, err)
		}
	}
}

// TestChoices holds each outcome's choice against what determining it meets.
func TestChoices(t *testing.T) {
	f := upTo(t, "consulted")
	list := suggested()
	list[0].Confirmed = []string{"X03"}
	parts := f.Outlook(Record{Today: f.today, History: f.hist, Calendar: weekdays{}, Limits: DefaultLimits()}, list).Parts
	if len(parts) != 2 || len(parts[0].Choices) != len(Outcomes) {
		t.Fatalf("%d parts", len(parts))
	}
	for _, c := range parts[0].Choices {
		e := determined()
		e.Suggestions = list
		e.Findings[0].Outcome = c.Outcome
		for _, g := range c.Departs {
			e.Findings[0].Departs = append(e.Findings[0].Departs, Departure{g.ID, domain.Personal("w1", "we weighed it")})
		}
		err := upTo(t, "consulted").try("r1", e)
		if (c.Refused == nil) != (err == nil) || c.Refused != nil && refusedBy(err) != c.Refused.Guard.ID {
			t.Errorf("%s: shown %v, met %v", c.Outcome, c.Refused, err)
		}
		if c.Outcome == Exempt && !slices.ContainsFunc(c.Departs, func(g Guard) bool { return g.ID == "confirmed-exclusion" }) {
			t.Errorf("an exemption while an exclusion stands departs from %v only", c.Departs)
		}
	}
}
