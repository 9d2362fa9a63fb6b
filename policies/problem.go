package policies

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
)

// A Problem is one mistake in a pack: where it stands, what is wrong, and
// what to write instead.
type Problem struct {
	File    string
	Line    int
	What    domain.Said
	Instead domain.Said
}

// String writes the problem as "file:line: what is wrong; what to write".
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d: %s; %s", p.File, p.Line, p.What, p.Instead)
}

// Problems are the mistakes of one pack version, in file order. As an error
// they say that the pack cannot be used.
type Problems []Problem

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// at is where something stands in its pack.
type at struct {
	file string
	line int
}

// String writes the place as "file:line".
func (a at) String() string { return fmt.Sprintf("%s:%d", a.file, a.line) }

// add notes a mistake at a place; both formats speak of args.
func (ps *Problems) add(a at, what, instead string, args ...any) {
	ps.note(a, domain.Say(what, args...), domain.Say(instead, args...))
}

// note notes a mistake whose words were found elsewhere.
func (ps *Problems) note(a at, what, instead domain.Said) {
	*ps = append(*ps, Problem{File: a.file, Line: max(a.line, 1), What: what, Instead: instead})
}

// sorted puts the problems in file order and drops repeats: one mistake in an
// expression that several places use is one mistake.
func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.What.String(), b.What.String()))
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool { return a.String() == b.String() })
}

// meant begins the advice on an unknown name with the known one that is most
// like it: "write income, or ". Without one it says nothing.
func meant(name string, known []string) domain.Said {
	if near := nearest(name, known); near != "" {
		return domain.Say("write %s, or ", near)
	}
	return domain.Said{}
}

// nearest is the known name most like the one written, for "did you mean".
func nearest(name string, known []string) string {
	best, dist := "", len(name)/2+2
	for _, k := range known {
		if d := distance(name, k); d < dist {
			best, dist = k, d
		}
	}
	return best
}

// distance is the number of single-letter edits between two names.
func distance(a, b string) int {
	// Levenshtein, one row at a time. Names are short.
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
