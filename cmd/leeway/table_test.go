package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"
)

func TestGridAlignsChineseByCells(t *testing.T) {
	var out bytes.Buffer
	s := &session{call: call{out: &out}}
	s.grid([]column{{head: "月份"}, {head: "实发", right: true}, {head: "A°", right: true}},
		[][]string{{"2020-01", "1134.04", "不确定"}, {"2020-02 → 2020-07", "378", "0"}})
	want := `
月份                  实发      A°
-----------------  -------  ------
2020-01            1134.04  不确定
2020-02 → 2020-07      378       0
`
	if d := cmp.Diff(want, "\n"+out.String()); d != "" {
		t.Error(d)
	}
}

func TestHangWrapsWithinTheWidth(t *testing.T) {
	var out bytes.Buffer
	s := &session{call: call{out: &out}}
	body := strings.Repeat("银行核对反馈在决定之前已经在案，未予采用。", 12) + " " + strings.Repeat("the bank return lay unread ", 12)
	s.hang("说明  ", strings.TrimSpace(body))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	for i, line := range lines {
		if n := text.StringWidth(line); n > maxWidth {
			t.Errorf("line %d takes %d cells: %s", i, n, line)
		}
		if i > 0 && !strings.HasPrefix(line, "      ") {
			t.Errorf("line %d does not begin under the text: %s", i, line)
		}
		if strings.ContainsAny(strings.TrimSpace(line)[:3], "，。") {
			t.Errorf("line %d begins with punctuation: %s", i, line)
		}
	}
	joined := strings.NewReplacer("\n      ", "", "说明  ", "", " ", "", "\n", "").Replace(out.String())
	if d := cmp.Diff(strings.ReplaceAll(strings.TrimSpace(body), " ", ""), joined); d != "" {
		t.Errorf("wrapping lost or added text: %s", d)
	}
}
