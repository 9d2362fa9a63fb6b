package replay_test

import (
	"errors"
	"testing"

	"leeway/domain"
	"leeway/domain/replay"
)

// TestSee: what the application hid is in the column of what is true and in
// neither of the others, and the sight rests on the act of its month.
func TestSee(t *testing.T) {
	s := newStory(t)
	s.opened(1, 148).decided(378).paid("2020-02", 378)
	in := replay.Input{Case: s.c, Register: s.reg, Rules: s.rules, AsOf: day(t, "2020-12-31")}
	before, err := replay.See(in, month(t, "2020-02"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range before.Rows {
		if r.Differs() {
			t.Errorf("%s differs in a clean case: %+v", r.Key(), r)
		}
	}
	s.found("2020-09-02", "m1", "casual", 400, "2020-01-15")
	in.Case = s.c
	after, err := replay.See(in, month(t, "2020-02"))
	if err != nil {
		t.Fatal(err)
	}
	differ := 0
	for _, r := range after.Rows {
		if r.Differs() {
			differ++
			if r.Known != nil && r.True != nil && r.Known.Value == r.True.Value {
				t.Errorf("%s: known %v is true %v", r.Key(), r.Known, r.True)
			}
		}
	}
	if differ == 0 || after.On != before.On || after.Act != before.Act {
		t.Errorf("%d rows differ; judged on %s by %q, before on %s by %q", differ, after.On, after.Act, before.On, before.Act)
	}
	if _, err := replay.See(in, month(t, "1999-01")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a month that is not there: %v", err)
	}
}

// TestSeeOn: on any day the columns hold what was on record by its end, and the
// amounts follow; a day out of range is told with the days that are in it.
func TestSeeOn(t *testing.T) {
	s := newStory(t)
	s.opened(1, 148).decided(378).paid("2020-02", 378).found("2020-09-02", "m1", "casual", 400, "2020-01-15")
	in := replay.Input{Case: s.c, Register: s.reg, Rules: s.rules, AsOf: day(t, "2020-12-31")}
	known := func(on string) (differ int, lawful string) {
		got, err := replay.SeeOn(in, month(t, "2020-02"), day(t, on))
		if err != nil {
			t.Fatal(err)
		}
		if got.On != day(t, on) || got.Act != "" || len(got.Lawful) != 2 || got.Lawful[0].Name != "A" {
			t.Fatalf("on %s: %+v", on, got)
		}
		for _, r := range got.Rows {
			if r.Differs() {
				differ++
			}
		}
		f, _ := got.Lawful[0].Outcome.Single()
		return differ, f.Yuan()
	}
	if n, yuan := known("2020-09-01"); n == 0 || yuan != "378" {
		t.Errorf("the day before it came out: %d rows differ, %s yuan", n, yuan)
	}
	if n, yuan := known("2020-09-02"); n != 0 || yuan != "0" {
		t.Errorf("on the day on which it came out: %d rows differ, %s yuan", n, yuan)
	}
	for _, bad := range []string{"2019-12-31", "2021-01-01"} {
		var f *domain.Fault
		if _, err := replay.SeeOn(in, month(t, "2020-02"), day(t, bad)); !errors.Is(err, domain.ErrInvalid) || !errors.As(err, &f) || f.Field != "t0" {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
