package domain

import (
	"fmt"
	"regexp"
	"strings"
)

// Said is a message to users. Its English format is its identity: domain/names
// keeps the Chinese under it, the deciders keep their sentences where they are
// read. Args are what it speaks of, unrendered, so that a code among them has
// its name in each language.
type Said struct {
	Format string
	Args   []any
}

// Say is a message. Format may use fewer args than there are, each by its
// index: two messages about the same things share one list.
func Say(format string, args ...any) Said { return Said{format, args} }

// String is the message in English, for logs.
func (s Said) String() string {
	args := make([]any, len(s.Args))
	for i, a := range s.Args {
		if text, ok := a.(Text); ok {
			a = text.EN
		}
		args[i] = a
	}
	return Fill(s.Format, args)
}

// MarshalText writes the message in English.
func (s Said) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Fill puts args into a format and passes over those that it does not use.
func Fill(format string, args []any) string {
	// A format with indexed verbs may leave args out as it is; the other kind
	// takes them from the first on.
	if !indexed.MatchString(format) {
		args = args[:min(len(args), len(verbs.FindAllString(format, -1)))]
	}
	return fmt.Sprintf(format, args...)
}

var (
	verbs   = regexp.MustCompile(`%[-+# 0]*[0-9.]*[a-zA-Z]`)
	indexed = regexp.MustCompile(`%[-+# 0]*[0-9.]*\[`)
)

// A List is several codes or names in a message: "a, b, c".
type List []string

// String joins the list in English.
func (l List) String() string { return strings.Join(l, ", ") }

// Names is a list of codes of one kind, each of which may have a title.
func Names[T ~string](codes []T) List {
	l := make(List, len(codes))
	for i, c := range codes {
		l[i] = string(c)
	}
	return l
}

// A Choice is a few names of which one may be meant: "a or b".
type Choice []string

// String joins the choice in English.
func (c Choice) String() string { return strings.Join(c, " or ") }

// Several are messages in one: "this, that".
type Several []Said

// String joins the messages in English.
func (s Several) String() string {
	l := make(List, len(s))
	for i, one := range s {
		l[i] = one.String()
	}
	return l.String()
}
