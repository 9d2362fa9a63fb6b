package policies

import (
	"testing"
	"time"

	"leeway/domain"
)

// Equal plans are one, so that a replay asks about equal facts once. Version
// 2020.2 reads the month, for the epidemic window; 2020.1 does not.
func TestPlansOfOneEpochAreOne(t *testing.T) {
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	on := func(version string, month time.Month, day int) *Plan {
		v, err := l.Resolve("cn-hb-qianjiang", version)
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.PlanOn(v, domain.Date(2020, month, day))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if on("2020.1", 8, 1) != on("2020.1", 9, 15) {
		t.Error("two days between which nothing changes have two plans")
	}
	if on("2020.2", 8, 1) != on("2020.2", 8, 31) {
		t.Error("two days of one month have two plans")
	}
	if on("2020.2", 5, 1) == on("2020.2", 8, 1) {
		t.Error("a pack that reads the month has one plan for two months")
	}
}
