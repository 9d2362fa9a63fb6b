package documents

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lines of Chinese break anywhere but for two rules (kinsoku, 避头尾): closing
// marks never begin a line, opening ones never end it. Words and numbers stay
// whole.
const (
	neverFirst = "，。、；：？！）》」』】〕〉”’…—～·％‰℃,.;:?!)]}%"
	neverLast  = "（《「『【〔〈“‘([{￥¥$"
)

// longWord is the number of characters from which a run without a break, such
// as a digest, may be cut: no word of a sentence is as long.
const longWord = 20

// A unit is what a line is made of: a Chinese character, a word, a space.
type unit struct {
	text  string
	width float64
}

func (u unit) space() bool { return u.text == " " || u.text == "\u3000" }
func (u unit) first() rune { r := []rune(u.text); return r[0] }
func (u unit) last() rune  { r := []rune(u.text); return r[len(r)-1] }

// wordRune reports whether a rune joins its neighbours into a word.
func wordRune(r rune) bool {
	return r < 0x2E80 && r != ' ' && !unicode.IsSpace(r) && !strings.ContainsRune("“”‘’…—→·√×✓", r)
}

// units cuts a text.
func units(text string, width func(string) float64) []unit {
	var list []unit
	var word []rune
	flush := func() {
		for _, piece := range pieces(string(word)) {
			list = append(list, unit{piece, width(piece)})
		}
		word = word[:0]
	}
	for _, r := range text {
		if wordRune(r) {
			word = append(word, r)
			continue
		}
		flush()
		list = append(list, unit{string(r), width(string(r))})
	}
	flush()
	return list
}

// pieces takes a long run apart: behind the marks that join ids and paths, and
// what is still as long by characters. A word stays as it is.
func pieces(word string) []string {
	switch {
	case word == "":
		return nil
	case utf8.RuneCountInString(word) < longWord:
		return []string{word}
	}
	var list []string
	for _, part := range strings.FieldsFunc(joints.ReplaceAllString(word, "$0\x00"), func(r rune) bool { return r == 0 }) {
		if utf8.RuneCountInString(part) < longWord {
			list = append(list, part)
			continue
		}
		for _, r := range part {
			list = append(list, string(r))
		}
	}
	return list
}

var joints = regexp.MustCompile(`[-/@_.]+`)

// breakLines cuts a text into lines no wider than room says for each line. It
// drops nothing but spaces at a break; what is wider than a whole line is cut
// by characters. The same text gives the same lines.
func breakLines(text string, width func(string) float64, room func(line int) float64) []string {
	list := units(text, width)
	var lines []string
	for len(list) > 0 {
		for len(lines) > 0 && len(list) > 0 && list[0].space() {
			list = list[1:]
		}
		if len(list) == 0 {
			break
		}
		n := fitting(list, room(len(lines)))
		if n == 0 {
			list = append(cut(list[0], width), list[1:]...)
			n = max(1, fitting(list, room(len(lines))))
		}
		n = allowed(list, n)
		var b strings.Builder
		for _, u := range list[:n] {
			b.WriteString(u.text)
		}
		lines = append(lines, strings.TrimRight(b.String(), " \u3000"))
		list = list[n:]
	}
	if len(lines) == 0 {
		return []string{""}
	}
	return lines
}

// fitting is how many units fit into a width. Spaces at its end hang over.
func fitting(list []unit, room float64) int {
	used := 0.0
	for i, u := range list {
		used += u.width
		if used > room+0.01 && !u.space() {
			return i
		}
	}
	return len(list)
}

// cut takes a word that is wider than a line apart.
func cut(u unit, width func(string) float64) []unit {
	var list []unit
	for _, r := range u.text {
		list = append(list, unit{string(r), width(string(r))})
	}
	return list
}

// allowed moves a break to the left until no rule forbids it. Where every
// place is forbidden, such as in a row of dashes, the break stays.
func allowed(list []unit, n int) int {
	if n >= len(list) {
		return n
	}
	for k := n; k > 0; k-- {
		if !forbidden(list, k) {
			return k
		}
	}
	return n
}

// forbidden reports whether no line may end before unit k. Spaces at a break
// are dropped, so what stands beside them counts.
func forbidden(list []unit, k int) bool {
	before, after := k-1, k
	for after < len(list)-1 && list[after].space() {
		after++
	}
	for before > 0 && list[before].space() {
		before--
	}
	return strings.ContainsRune(neverFirst, list[after].first()) || strings.ContainsRune(neverLast, list[before].last())
}
