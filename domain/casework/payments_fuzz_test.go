package casework

import "testing"

// FuzzReadPayments reads any payment file: it is taken whole, each line with a
// case and a month, or refused.
func FuzzReadPayments(f *testing.F) {
	for _, s := range []string{"case,month,amount\nF1,2020-07,378.00\n", "个案,月份,金额\nF1,2020-07,378\n", "\xef\xbb\xbfcase,month,amount\n", "case,month\n", "\"", "case,month,amount\nF1,2020-13,1\n", "case,month,amount\n,,0"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := ReadPayments(text)
		if err != nil && len(list) > 0 {
			t.Errorf("%d lines are taken with an error: %v", len(list), err)
		}
		for _, l := range list {
			if l.Case == "" || l.Month == 0 {
				t.Errorf("a line without case or month: %+v", l)
			}
		}
	})
}
