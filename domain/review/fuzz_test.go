package review

import (
	"bytes"
	"testing"

	"leeway/domain"
)

// FuzzDecode reads the clear part of any event of a review or a clue and folds
// what is taken; what can be read again is written as the same.
func FuzzDecode(f *testing.F) {
	for i := range Kinds() {
		f.Add(i, []byte(`{"day":"2020-01-02","as":"reviewer"}`))
	}
	f.Add(0, []byte(`{"day":"2020-01-02","as":"reviewer","route":"ex_officio","organ":"o","matters":[{"id":"m1","case":"F2","day":"2020-06-23","from":"2020-07","to":"9999-12"}],"parties":[{"person":"w1","matters":["m1","m1"]}]}`))
	f.Fuzz(func(t *testing.T, n int, clear []byte) {
		if n < 0 {
			return
		}
		if e, err := Decode(Kinds()[n%len(Kinds())].EventType(), clear); err == nil {
			text, err := domain.Canonical(e)
			if err != nil {
				return
			}
			again, err := Decode(e.EventType(), text)
			if err != nil {
				return // a value that is missing, which no command lets through
			}
			if more, err := domain.Canonical(again); err != nil || !bytes.Equal(more, text) {
				t.Errorf("%s is written as %s, %v", text, more, err)
			}
			r := &Review{ID: "R"}
			r.Apply(e, domain.Meta{ID: "e", Type: e.EventType()})
			_ = r.Stage()
		}
		if e, err := DecodeClue(ClueKinds()[n%len(ClueKinds())].EventType(), clear); err == nil {
			if text, err := domain.Canonical(e); err == nil {
				if _, err := DecodeClue(e.EventType(), text); err != nil {
					t.Errorf("%s is not read again: %v", text, err)
				}
			}
		}
	})
}

// FuzzStatement reads texts that somebody is asked to sign. What is taken for one
// is, to the byte, what is written for it: nobody signs a line that he was not
// shown.
func FuzzStatement(f *testing.F) {
	s := Statement{Review: "R1", Decision: "e1", Digest: "d", Person: "r1", Role: Head, Decided: []Decided{{"w1", "m1", Outcome("exempt")}}}
	text, err := s.Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(text + "role head\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseStatement(text)
		if err != nil {
			return
		}
		if again, err := s.Text(); err != nil || again != text {
			t.Errorf("%q is taken for %q, %v", text, again, err)
		}
	})
}
