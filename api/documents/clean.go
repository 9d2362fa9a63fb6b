package documents

import (
	"fmt"
	"strings"
	"unicode"
)

// Clean makes a text safe to show: control characters, and marks that turn or
// hide what stands after them, are written out as 〔U+202E〕 instead of taking
// effect; a reader sees that somebody put them there. Line breaks and tabs
// become spaces. Letters, also of right-to-left scripts, stay as they are.
func Clean(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '\u00ad' || hidden(r) || unicode.IsSpace(r) && r != ' ' }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case hidden(r) || unicode.IsSpace(r) && r != ' ' && r != '\u3000' && r != '\u00a0':
			fmt.Fprintf(&b, "〔U+%04X〕", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden reports whether a rune shows nothing of itself: control characters,
// format characters such as direction marks and zero-width joiners, private
// use, and bytes that are no UTF-8.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs) || r == unicode.ReplacementChar || r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF
}
