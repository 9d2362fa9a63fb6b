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
