package domain

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// outcomes are determined, with ascending and disjoint ranges.
var outcomes = rapid.Custom(func(t *rapid.T) Outcome {
	ends := rapid.SliceOfNDistinct(rapid.Int64Range(0, 1000), 2, 8, rapid.ID).Draw(t, "ends")
	slices.Sort(ends)
	var o Outcome
	for i := 0; i+1 < len(ends); i += 2 {
		o.Lawful = append(o.Lawful, Range{Fen(ends[i]), Fen(ends[i+1])})
	}
	return o
})

// TestNearest compares with looking at every amount.
func TestNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := outcomes.Draw(t, "outcome")
		f := Fen(rapid.Int64Range(-10, 1010).Draw(t, "fen"))
		want := o.Min()
		for a := o.Min(); a <= o.Max(); a++ {
			if o.Allows(a) && ((a-f).Abs() < (want-f).Abs() || (a-f).Abs() == (want-f).Abs() && a > want) {
				want = a
			}
		}
		if got := o.Nearest(f); got != want {
			t.Fatalf("nearest to %d in %v is %d, want %d", int64(f), o.Lawful, int64(got), int64(want))
		}
	})
}

func TestOutcome(t *testing.T) {
	one, set := Exactly(37800), Outcome{Lawful: []Range{{13800, 13800}, {37800, 40000}}}
	if f, ok := one.Single(); !ok || f != 37800 || !one.Determined() {
		t.Errorf("one amount: %d, %v", f, ok)
	}
	if _, ok := set.Single(); ok || set.Min() != 13800 || set.Max() != 40000 {
		t.Errorf("a set: from %d to %d, single %v", set.Min(), set.Max(), ok)
	}
	for f, want := range map[Fen]bool{13799: false, 13800: true, 20000: false, 37800: true, 39000: true, 40000: true, 40001: false} {
		if set.Allows(f) != want {
			t.Errorf("allows %d: %v", f, !want)
		}
	}
	if (Outcome{}).Determined() || one.SameAmounts(set) || !one.SameAmounts(Exactly(37800)) {
		t.Error("an undetermined outcome is taken for a determined one, or one for another")
	}
	if _, ok := (Outcome{Lawful: []Range{{1, 2}}}).Single(); ok {
		t.Error("an interval is one amount")
	}
}

func TestMonthRules(t *testing.T) {
	feb := MonthOf(2020, 2)
	if FirstDay.Day(feb) != Date(2020, 2, 1) || LastDay.Day(feb) != Date(2020, 2, 29) {
		t.Errorf("looked at %s and %s", FirstDay.Day(feb), LastDay.Day(feb))
	}
}

func TestTextIn(t *testing.T) {
	both, zh := Text{"低保", "dibao"}, Text{ZH: "低保"}
	if both.In("en") != "dibao" || both.In("zh") != "低保" || both.In("") != "低保" || zh.In("en") != "低保" {
		t.Error("the wrong language was picked")
	}
}
