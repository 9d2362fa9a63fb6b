package eligibility

import (
	"slices"
	"testing"
)

// TestProgrammes opens a case under every programme, each named once.
func TestProgrammes(t *testing.T) {
	all := Programmes()
	if len(all) != 14 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Errorf("programmes %v", all)
	}
	for _, p := range all {
		e := &CaseOpened{On: on(jan2), Programme: p, Pack: "p", Office: "o", Applicant: "m1", Members: []Person{{ID: "m1", Relation: "self"}}}
		if _, err := (Record{Event: e, Today: today}).Decide(&Case{ID: "c"}); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	all[0] = "changed"
	if Programmes()[0] != Dibao {
		t.Error("a caller can change the list")
	}
}
