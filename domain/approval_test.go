package domain

import (
	"errors"
	"strings"
	"testing"
)

func TestQuorum(t *testing.T) {
	v := PackVersion{Pack: "p", Version: "1", Digest: "d1"}
	admin, reviewer := Approval{Person: "a1", Role: "administrator", Digest: "d1"}, Approval{Person: "b2", Role: "reviewer", Digest: "d1"}
	named := Quorum{Require: 2, Roles: []string{"administrator", "reviewer", "auditor"}}
	for _, tt := range []struct {
		name string
		q    Quorum
		list []Approval
		want string // what the refusal must say; none: allowed
	}{
		{"two persons in two roles", named, []Approval{admin, reviewer}, ""},
		{"roles of any name, where the pack names none", Quorum{}, []Approval{{Person: "a", Role: "x", Digest: "d1"}, {Person: "b", Role: "y", Digest: "d1"}}, ""},
		{"more than are asked", named, []Approval{admin, reviewer, {Person: "c3", Role: "auditor", Digest: "d1"}}, ""},
		{"nobody", named, nil, "0 of 2"},
		{"one alone", named, []Approval{admin}, "1 of 2"},
		{"one alone, where the pack asks for one", Quorum{Require: 1}, []Approval{admin}, "1 of 2"},
		{"two, where the pack asks for three", Quorum{Require: 3}, []Approval{admin, reviewer}, "2 of 3"},
		{"one person twice", named, []Approval{admin, {Person: "a1", Role: "reviewer", Digest: "d1"}}, "a1 approves twice"},
		{"one role twice", named, []Approval{admin, {Person: "b2", Role: "administrator", Digest: "d1"}}, `role "administrator" approves twice`},
		{"other bytes", named, []Approval{admin, {Person: "b2", Role: "reviewer", Digest: "d2"}}, `b2 approved "d2"`},
		{"no bytes", named, []Approval{{Person: "a1", Role: "administrator", Digest: ""}, reviewer}, "has the digest d1"},
		{"a role of the street", named, []Approval{admin, {Person: "b2", Role: "driver", Digest: "d1"}}, `role "driver" approves no pack`},
		{"nobody in a role", named, []Approval{{Person: "", Role: "administrator", Digest: "d1"}, reviewer}, "one is empty"},
		{"somebody in no role", named, []Approval{{Person: "a1", Role: "", Digest: "d1"}, reviewer}, "one is empty"},
		{"a third who is wrong beside two who are right", named, []Approval{admin, reviewer, {Person: "c3", Role: "auditor", Digest: "d9"}}, "c3 approved"},
	} {
		err := tt.q.Check(v, tt.list)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !errors.Is(err, ErrInvalid)):
			t.Errorf("%s: %v, want a fault that says %q", tt.name, err, tt.want)
		}
	}
}
