package review

import (
	"strings"
	"testing"

	"leeway/domain"
)

// TestSees holds who may know of a review, before and after acceptance.
func TestSees(t *testing.T) {
	exOfficio := newFile(t).must("r1", edit(opened(), func(e *Opened) { e.Route = ExOfficio }))
	whole := upTo(t, "notified 2")
	byUnit := newFile(t).must("u1", edit(opened(), func(e *Opened) { e.Route = ByUnit }))
	for _, tt := range []struct {
		who                    string
		exOfficio, told, asked bool
	}{
		{"w1", false, true, false}, {"w2", false, true, false}, {"u1", false, true, true}, {"r1", true, true, true}, {"h1", true, true, true},
		{"x1", false, false, false}, {"s1", true, true, true}, {"a1", true, true, true}, {"b1", false, true, false}, {"machine", false, false, false},
	} {
		w := Who{tt.who, cast[tt.who].office, cast[tt.who].role}
		if got := exOfficio.Sees(w); got != tt.exOfficio {
			t.Errorf("%s sees an ex officio review: %v", tt.who, got)
		}
		if got := whole.Sees(w); got != tt.told {
			t.Errorf("%s sees a review after the notices: %v", tt.who, got)
		}
		if got := byUnit.Sees(w); got != tt.asked {
			t.Errorf("%s sees a review that the unit opened: %v", tt.who, got)
		}
	}
}

// TestWorkersReadTheirOwn: nothing of others, of the verification, of the
// consultation or of what the guards read reaches a worker.
func TestWorkersReadTheirOwn(t *testing.T) {
	f := upTo(t, "appeal decided")
	f.log[3].at.Basis = domain.Basis{{Stream: "case-c1", Revision: 1}}
	types := func(who string) (list []string) {
		for _, e := range f.Shown(Who{who, cast[who].office, cast[who].role}) {
			list = append(list, strings.TrimSuffix(strings.TrimPrefix(e.Event.EventType(), "review-"), ".v1"))
			clear, _ := domain.Canonical(e.Event)
			if cast[who].role == Worker && (e.At.Basis != nil || who == "w1" && strings.Contains(string(clear), `"w2"`) || strings.Contains(string(clear), `"r3"`)) {
				t.Errorf("%s reads %s", who, clear)
			}
		}
		return list
	}
	if got, want := strings.Join(types("w1"), " "), "opened cited accepted notified heard determined served filed name-cleared appeal-decided"; got != want {
		t.Errorf("w1 reads %s\nwant %s", got, want)
	}
	if got, want := strings.Join(types("w2"), " "), "opened accepted notified heard determined served filed appealed appeal-decided"; got != want {
		t.Errorf("w2 reads %s\nwant %s", got, want)
	}
	if got := types("w9"); got != nil {
		t.Errorf("a stranger reads %v", got)
	}
	for _, who := range []string{"r1", "b1", "a1", "s1"} {
		if len(types(who)) != len(f.log) {
			t.Errorf("%s reads %d of %d", who, len(types(who)), len(f.log))
		}
	}
	if n := len(types("u1")); n < 10 {
		t.Errorf("the unit reads %d events", n)
	}
}
