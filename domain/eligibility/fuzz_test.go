package eligibility

import (
	"bytes"
	"testing"

	"leeway/domain"
)

// FuzzDecode reads the clear part of any event of a case or of the registers.
// What is taken is written in one way, and read again as the same.
func FuzzDecode(f *testing.F) {
	for i := range Kinds() {
		f.Add(i, []byte(`{"day":"2020-01-02"}`))
		f.Add(i, []byte(`{"day":"2020-01-02","statements":[{}]}`)) // without a value; most kinds know no statements
	}
	f.Add(0, []byte(`{"day":"2020-01-02","programme":"dibao","pack":"p","office":"o","applicant":"m1","members":[{"id":"m1","relation":"self","name":{"sealed":true,"subject":"m1"}}]}`))
	f.Add(3, []byte(`{"day":"2020-01-02","statements":[{"subject":"m1","attribute":"income","value":{"fen":-9223372036854775808}}]}`))
	f.Fuzz(func(t *testing.T, n int, clear []byte) {
		if n < 0 {
			return
		}
		if e, err := Decode(Kinds()[n%len(Kinds())].EventType(), clear); err == nil {
			text, err := domain.Canonical(e)
			if err != nil {
				return // it holds what is never written, such as a number that is none
			}
			again, err := Decode(e.EventType(), text)
			if err != nil {
				t.Fatalf("%s is not read again: %v", text, err)
			}
			if more, err := domain.Canonical(again); err != nil || !bytes.Equal(more, text) {
				t.Errorf("%s is written as %s, %v", text, more, err)
			}
			_ = DayOf(e)
			_ = Private(e)
		}
		if e, err := DecodeRegister(RegisterKinds()[n%len(RegisterKinds())].EventType(), clear); err == nil {
			if text, err := domain.Canonical(e); err == nil {
				if _, err := DecodeRegister(e.EventType(), text); err != nil {
					t.Errorf("%s is not read again: %v", text, err)
				}
			}
		}
	})
}
