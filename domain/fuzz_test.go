package domain

import (
	"encoding/json"
	"testing"
)

// FuzzWritten reads amounts, days, months, moments and personal data as people
// and files write them. What is read is written again and read as the same.
func FuzzWritten(f *testing.F) {
	for _, s := range []string{"526", "-0.50", "12.3", "-", ".", "99999999999999999999", "2020-02-29", "2021-02-29", "2020-13", "0000-01", "2020-01-31T09:30:00+08:00",
		`{"subject":"m1","text":"张三"}`, `{"sealed":true,"subject":"m1"}`, `null`, "１２", "526\n"} {
		f.Add(s)
	}
	f.Add("0000-01-01T00:00:00+01:00")
	f.Add("9999-12-31T23:00:00-01:00")
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseYuan(s); err == nil {
			if again, err := ParseYuan(n.Yuan()); err != nil || again != n {
				t.Errorf("%q is %d fen, written %q, read as %d, %v", s, n, n.Yuan(), again, err)
			}
		}
		if d, err := ParseDay(s); err == nil {
			if again, err := ParseDay(d.String()); err != nil || again != d || d.String() != s {
				t.Errorf("%q is day %s, %v", s, d, err)
			}
		}
		if m, err := ParseMonth(s); err == nil {
			if again, err := ParseMonth(m.String()); err != nil || again != m || m.String() != s {
				t.Errorf("%q is month %s, %v", s, m, err)
			}
		}
		var i, again Instant
		if json.Unmarshal(quoted(s), &i) == nil {
			text, err := json.Marshal(i)
			if err == nil {
				err = json.Unmarshal(text, &again)
			}
			if err != nil || !again.Equal(i.Time) {
				t.Errorf("%q is %v, then %v, %v", s, i, again, err)
			}
		}
		var p, kept Private
		if json.Unmarshal([]byte(s), &p) == nil {
			text, err := json.Marshal(p)
			if err == nil {
				err = json.Unmarshal(text, &kept)
			}
			if err != nil || kept.Present != p.Present || kept.Text != "" {
				t.Errorf("%q: %+v, kept as %s, %v", s, p, text, err)
			}
		}
	})
}

func quoted(s string) []byte {
	b, _ := json.Marshal(s) // a string always encodes
	return b
}
