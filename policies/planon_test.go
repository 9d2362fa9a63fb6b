package policies

import (
	"testing"

	"leeway/domain"
)

// Equal plans are one, so that a replay asks about equal facts once.
func TestPlansOfOneEpochAreOne(t *testing.T) {
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	v, err := l.Resolve("cn-hb-qianjiang", "2020.2")
	if err != nil {
		t.Fatal(err)
	}
	on := func(day domain.Day) *Plan {
		p, err := l.PlanOn(v, day)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if on(domain.Date(2020, 8, 1)) != on(domain.Date(2020, 9, 15)) {
		t.Error("two days between which nothing changes have two plans")
	}
	if on(domain.Date(2020, 5, 1)) == on(domain.Date(2020, 8, 1)) {
		t.Error("the epidemic window and the time after it have one plan")
	}
}
