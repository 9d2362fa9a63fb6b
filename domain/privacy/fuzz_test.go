package privacy

import (
	"testing"

	"leeway/domain"
)

// FuzzDecode reads any event about personal data and folds it: nothing leads
// out of shredded, whatever follows.
func FuzzDecode(f *testing.F) {
	f.Add(0, []byte(`{"day":"2020-01-02","subject":"m1","as":"records","act":"shred","ground":"retention_over","document":"1"}`))
	f.Add(1, []byte(`{"day":"2020-01-02","subject":"m1","as":"privacy","request":"ask","approved":true}`))
	f.Add(2, []byte(`{"day":"2020-01-02","subject":"m1","as":"","key":"k"}`))
	f.Fuzz(func(t *testing.T, n int, clear []byte) {
		if n < 0 {
			return
		}
		e, err := Decode(Kinds()[n%len(Kinds())].EventType(), clear)
		if err != nil {
			return
		}
		if text, err := domain.Canonical(e); err == nil {
			if _, err := Decode(e.EventType(), text); err != nil {
				t.Errorf("%s is not read again: %v", text, err)
			}
		}
		file := &File{Case: "F1"}
		by := By{Day: 1, Subject: e.who(), As: Records}
		file.Apply(&Asked{By: by, Act: Shred}, domain.Meta{ID: "ask"})
		file.Apply(&Answered{By: by, Request: "ask", Approved: true}, domain.Meta{ID: "answer"})
		file.Apply(e, domain.Meta{ID: "e", Type: e.EventType()})
		if file.State(e.who()) != Shredded {
			t.Errorf("%s leads out of shredded", clear)
		}
	})
}
