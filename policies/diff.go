package policies

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"leeway/domain"
)

// A Difference is what two pack versions mean otherwise, whatever their text.
type Difference struct {
	A       domain.PackVersion `json:"a"`
	B       domain.PackVersion `json:"b"`
	Changes []Change           `json:"changes"` // none: they mean the same on every day
}

// How a part of a pack differs over a stretch of days.
const (
	Added   = "added"   // only the second version has it
	Removed = "removed" // only the first version has it
	Changed = "changed" // it says something else
	Through = "through" // it says the same, of something that changed
)

// A Change is one part of a pack that means something else on some days.
type Change struct {
	Kind  string      `json:"kind"` // programme, rule, fact, attribute, standard, procedure, step, ground, finding or pack
	ID    string      `json:"id"`
	Title domain.Text `json:"title,omitzero"`
	From  domain.Day  `json:"from,omitzero"` // first day; none: since ever
	To    domain.Day  `json:"to,omitzero"`   // first day not any more; none: without end
	How   string      `json:"how"`
	// Before and After are the lines that only one side has. Cause names what
	// changed behind it, where it differs through something else.
	Before []string `json:"before,omitempty"`
	After  []string `json:"after,omitempty"`
	Cause  []string `json:"cause,omitempty"`
}

// Diff compares what two pack versions mean, day by day. Layout, comments,
// titles and the text of citations mean nothing here; whether something is an
// assumption does. Bases of overlays are looked for as by Check. The error is
// Problems where one of the two cannot be used.
func Diff(a, b fs.FS, dirs ...fs.FS) (Difference, error) {
	pa, err := sound(a, dirs)
	if err != nil {
		return Difference{}, err
	}
	pb, err := sound(b, dirs)
	if err != nil {
		return Difference{}, err
	}
	d := Difference{A: pa.id, B: pb.id, Changes: []Change{}}
	// Between two days on which either pack changes nothing does, so that each
	// such stretch is compared once, on its first day.
	days := slices.Concat(pa.breaks, pb.breaks)
	slices.Sort(days)
	days = slices.Compact(days)
	open := map[string]int{} // the last change of each part, to be prolonged
	for i, day := range days {
		until := domain.Day(0)
		if i+1 < len(days) {
			until = days[i+1]
		}
		for _, c := range changesOn(pa.partsOn(day), pb.partsOn(day)) {
			c.From, c.To = day, until
			// The same difference on the next stretch is the same change: its
			// days grow, and nobody reads it twice.
			key := c.Kind + " " + c.ID
			if j, ok := open[key]; ok && d.Changes[j].To == day && d.Changes[j].same(c) {
				d.Changes[j].To = until
				continue
			}
			open[key] = len(d.Changes)
			d.Changes = append(d.Changes, c)
		}
	}
	slices.SortStableFunc(d.Changes, compareChanges)
	return d, nil
}

// sound loads a pack version that can be used.
func sound(fsys fs.FS, dirs []fs.FS) (*pack, error) {
	p, probs, err := loadBeside(fsys, dirs)
	if err == nil && len(probs) > 0 {
		err = probs
	}
	return p, err
}

// same reports whether two changes are one that goes on.
func (c Change) same(d Change) bool {
	return c.How == d.How && slices.Equal(c.Before, d.Before) && slices.Equal(c.After, d.After) && slices.Equal(c.Cause, d.Cause)
}

// partKinds in the order in which they are told: first what was changed, then
// what that leads to.
var partKinds = []string{"pack", "standard", "attribute", "fact", "rule", "programme", "procedure", "step", "finding", "ground"}

func compareChanges(a, b Change) int {
	if d := slices.Index(partKinds, a.Kind) - slices.Index(partKinds, b.Kind); d != 0 {
		return d
	}
	if d := strings.Compare(a.ID, b.ID); d != 0 {
		return d
	}
	return int(a.From - b.From)
}

// part is one thing of a pack as it stands in one epoch: what it says itself,
// line by line, and what it reads.
type part struct {
	kind, id string
	title    domain.Text
	lines    []string
	reads    []string // keys of parts
}

// key tells parts apart: a rule and a fact may have one name.
func (x part) key() string { return x.kind + " " + x.id }

// parts are those of one epoch, by key.
type parts map[string]part

// add takes a part in.
func (ps parts) add(x part) { ps[x.key()] = x }

// changesOn compares the parts of two packs on one day.
func changesOn(a, b parts) []Change {
	x := comparison{a: a, b: b, causes: map[string]map[string]bool{}}
	// Where both have a part, the second version's title is the one shown.
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	var out []Change
	for _, key := range sortedKeys(keys) {
		pa, inA := a[key]
		pb, inB := b[key]
		c := Change{Kind: keys[key].kind, ID: keys[key].id, Title: keys[key].title}
		switch {
		case !inA:
			c.How, c.After = Added, pb.lines
		case !inB:
			c.How, c.Before = Removed, pa.lines
		case !slices.Equal(pa.lines, pb.lines):
			c.How, c.Before, c.After = Changed, without(pa.lines, pb.lines), without(pb.lines, pa.lines)
		// The same words, but of something that means something else now.
		default:
			if c.How, c.Cause = Through, sortedKeys(x.cause(key)); len(c.Cause) == 0 {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// without are the lines of a that b does not have.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// comparison finds what changed behind a part that says the same itself.
type comparison struct {
	a, b   parts
	causes map[string]map[string]bool
}

// cause collects the changed parts that a part reads, however far behind. A
// pack has no circles, so that this ends.
func (x comparison) cause(key string) map[string]bool {
	if found, ok := x.causes[key]; ok {
		return found
	}
	// Entered before it is filled: two rules that read one fact ask once.
	found := map[string]bool{}
	x.causes[key] = found
	for _, read := range slices.Concat(x.a[key].reads, x.b[key].reads) {
		pa, inA := x.a[read]
		pb, inB := x.b[read]
		// What changed itself is a cause and ends the search: what lies behind it
		// is told where it stands.
		if inA != inB || !slices.Equal(pa.lines, pb.lines) {
			_, id, _ := strings.Cut(read, " ")
			found[id] = true
			continue
		}
		maps.Copy(found, x.cause(read))
	}
	return found
}
