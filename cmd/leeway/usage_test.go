package main

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// Every sentence of the parser that a user can meet is said in Chinese, and
// names the help of the command that was meant.
func TestEveryWrongCommandLineInChinese(t *testing.T) {
	latin := regexp.MustCompile(`\b(missing|expected|unknown|unexpected|must|did you mean|got)\b`)
	said := map[int]bool{}
	for _, tc := range []struct{ line, what, help string }{
		{"review text R", "缺少选项：--as=NAME", "leeway review text --help"},
		{"policy", "命令不完整，后面须为以下之一：", "leeway policy --help"},
		{"case show", "命令不完整，后面须有：CASE", "leeway case show --help"},
		{"replay F5 --asof", "没有选项 --asof，是否要用", "leeway replay --help"},
		{"replay F5 --zzzzzz", "没有选项 --zzzzzz", "leeway replay --help"},
		{"rev", "没有 rev，是否要用 review", "leeway --help"},
		{"zzzzzzz", "多出参数 zzzzzzz", "leeway --help"},
		{"case show F5 more", "多出参数 more", "leeway case show --help"},
		{"case show F5 --data", "选项 --data 后面没有值", "leeway case show --help"},
		{"review open --case", "选项 --case 后面没有值", "leeway review open --help"},
		{"case show --data --lang F5", "选项 --data 后面须有值，却是 --lang；如果这就是值，写成 --data=--lang", "leeway case show --help"},
		{"simulate d --seed x", "--seed 须为整数，却是 x", "leeway simulate --help"},
		{"review verify R --duty maybe --as r1", "--duty 须为 ,confirm,reject 之一，却是 maybe", "leeway review verify --help"},
		{"case list --json=3", "--json 须为 true 或 false，却是 3", "leeway case list --help"},
	} {
		r := leeway(t, append([]string{"--lang=zh"}, strings.Fields(tc.line)...)...)
		if r.code != exitUsage || !strings.Contains(r.errors, tc.what) || !strings.Contains(r.errors, tc.help+" ") || latin.MatchString(r.errors) {
			t.Errorf("%s: code %d, want %d, %q and %q:\n%s", tc.line, r.code, exitUsage, tc.what, tc.help, r.errors)
		}
		r = leeway(t, append([]string{"--lang=en"}, strings.Fields(tc.line)...)...)
		if strings.ContainsFunc(r.errors, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: Chinese in English words:\n%s", tc.line, r.errors)
		}
		english, _, _ := strings.Cut(r.errors, "\n")
		for i, shape := range parserSays {
			if shape.MatchString(english[strings.Index(english, ": ")+2:]) {
				said[i] = true
				break
			}
		}
	}
	for i, w := range parserWords {
		if !said[i] {
			t.Errorf("nothing here makes the parser say %s", w.says)
		}
	}
}
