package policies

import (
	"slices"
	"testing"

	"leeway/domain"
)

// TestStandardsStandOnADay: each with its value of the day, and before the
// first none.
func TestStandardsStandOnADay(t *testing.T) {
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	id, err := l.Resolve("cn-hb-qianjiang", "2020.2")
	if err != nil {
		t.Fatal(err)
	}
	value := func(standard string, on domain.Day) Standard {
		plan, err := l.PlanOn(id, on)
		if err != nil {
			t.Fatal(err)
		}
		list := plan.Standards()
		i := slices.IndexFunc(list, func(s Standard) bool { return s.ID == standard })
		if i < 0 {
			t.Fatalf("%s is not among %+v", standard, list)
		}
		return list[i]
	}
	if s := value("epidemic_hold_from", domain.Date(2020, 6, 1)); s.Kind != "day" || s.Value != "2020-01-24" || s.Title.ZH == "" || len(s.Cites) != 2 {
		t.Errorf("%+v", s)
	}
	if s := value("dibao_rural", domain.Date(2020, 6, 1)); s.Kind != "money" || s.Value == "none" || s.Value == "" {
		t.Errorf("%+v", s)
	}
}
