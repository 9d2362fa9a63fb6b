package bulk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/replay"
	"leeway/policies"
	"leeway/projections"
)

// A Turn is a benefit month of a case that two versions of the rules judge
// otherwise, on all that is known of it today.
type Turn struct {
	Case      string         `json:"case"`
	Office    string         `json:"office"`
	Programme string         `json:"programme"`
	Month     domain.Month   `json:"month"`
	Decided   *domain.Fen    `json:"decided,omitempty"` // D of the month
	Old       domain.Outcome `json:"old"`
	New       domain.Outcome `json:"new"`
	// More is the difference per month where each allows one amount.
	More *domain.Fen `json:"more,omitempty"`
	// Leaves are the conditions that hold under one version and not under the
	// other, as "rule.leaf"; none: only an amount changed.
	Leaves []string `json:"leaves,omitempty"`
}

// Cause is what a condition, or an amount alone, turns.
type Cause struct {
	Leaf   string     `json:"leaf"` // none: an amount alone
	Cases  int        `json:"cases"`
	Months int        `json:"months"`
	Plus   domain.Fen `json:"plus"`
	Minus  domain.Fen `json:"minus"` // negative; never netted
}

// Impact is what one version of a pack would change against another.
type Impact struct {
	Old domain.PackVersion `json:"old"`
	New domain.PackVersion `json:"new"`

	Cases  int `json:"cases"`  // under the pack
	Months int `json:"months"` // compared
	Folded int `json:"folded"` // cases whose facts were folded anew

	Touched int        `json:"touched"` // cases that change
	In      int        `json:"in"`      // cases that come to be entitled in some month
	Out     int        `json:"out"`     // cases that are so no more in some month
	Open    int        `json:"open"`    // months without one amount on both sides
	Plus    domain.Fen `json:"plus"`
	Minus   domain.Fen `json:"minus"`

	Causes []Cause `json:"causes"`
	Turns  []Turn  `json:"turns"`
}

// Impact compares two versions of a pack over a population, month by month, on
// what is true of each case. Packs holds both; facts are kept in the file, if
// one is named. Neither need be active.
func (r Run) Impact(ctx context.Context, packs *policies.Library, from, to domain.PackVersion, file string) (*Impact, error) {
	if r.Part == (projections.Shard{}) {
		r.Part = projections.Part(0, 1)
	}
	today := domain.DayOf(r.Desk.Now())
	r.AsOf = cmp.Or(r.AsOf, today)
	reg, err := r.Desk.RegisterAt(ctx, r.AsOf)
	if err != nil {
		return nil, err
	}
	whole, err := r.Desk.Register(ctx)
	if err != nil {
		return nil, err
	}
	w := &worker{Run: r, register: reg, whole: whole}
	kept, err := readFacts(file)
	if err != nil {
		return nil, err
	}
	list, folded, err := w.facts(ctx, kept)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(c *caseFacts) bool { return c.Pack != from.Pack || !r.Which.takes(c.Office, c.Programme) })
	slices.SortFunc(list, func(a, b *caseFacts) int { return strings.Compare(a.Case, b.Case) })
	old, new := &asker{packs: packs, version: from}, &asker{packs: packs, version: to}
	turns := make([][]Turn, len(list))
	errs := make([]error, len(list))
	w.each(ctx, len(list), func(i int) { turns[i], errs[i] = r.Which.compare(list[i], old, new) })
	im := &Impact{Old: from, New: to, Folded: folded, Causes: []Cause{}, Turns: []Turn{}}
	for i, c := range list {
		if errs[i] != nil {
			return nil, errs[i]
		}
		im.add(r.Which, c, turns[i])
	}
	slices.SortStableFunc(im.Causes, func(a, b Cause) int { return b.Months - a.Months })
	return im, ctx.Err()
}

// asker asks one version.
type asker struct {
	packs   *policies.Library
	version domain.PackVersion
}

// question is what an answer depends on inside one case.
type question struct {
	plan       replay.Plan
	facts      int // number of the kept facts
	on, amount domain.Value
}

// answer is an outcome with the verdict of every leaf, by name.
type answer struct {
	outcome domain.Outcome
	leaves  map[string]byte
}

// months answers for every month of a case, about equal facts once.
func (a *asker) months(c *caseFacts) ([]*answer, error) {
	known := map[question]*answer{}
	answers := make([]*answer, len(c.Months))
	_, err := replay.Entitled(c.truths(), func(m domain.Month) (replay.Plan, error) { return a.packs.Plan(a.version, m.First()) },
		func(p replay.Plan, i int, f domain.Facts) (domain.Outcome, error) {
			q := question{p, c.Months[i].Facts, f.Household[domain.RosterOn], f.Household[domain.RosterAmount]}
			if known[q] == nil {
				got, err := evaluated(p.(*policies.Plan), f)
				if err != nil {
					return domain.Outcome{}, err
				}
				known[q] = got
			}
			answers[i] = known[q]
			return answers[i].outcome, nil
		})
	return answers, err
}

// evaluated asks a plan with every leaf.
func evaluated(plan *policies.Plan, f domain.Facts) (*answer, error) {
	in := plan.Bind(f)
	if in == nil {
		return &answer{outcome: domain.Outcome{Missing: []string{"rule." + f.Programme}}}, nil
	}
	defer plan.Release(in)
	var bits policies.Bits
	o, err := plan.EvaluateInput(in, &bits)
	if err != nil {
		return nil, err
	}
	got := &answer{outcome: o, leaves: map[string]byte{}}
	for i, name := range plan.Leaves(f.Programme) {
		bit := uint64(1) << (i % 64)
		switch {
		case bits.Known[i/64]&bit == 0:
			got.leaves[name] = '?'
		case bits.True[i/64]&bit != 0:
			got.leaves[name] = '1'
		default:
			got.leaves[name] = '0'
		}
	}
	return got, nil
}

// compare finds the months of a case that change.
func (w Which) compare(c *caseFacts, old, new *asker) ([]Turn, error) {
	before, err := old.months(c)
	if err != nil {
		return nil, err
	}
	after, err := new.months(c)
	if err != nil {
		return nil, err
	}
	var turns []Turn
	for i, m := range c.Months {
		was, is := before[i].outcome, after[i].outcome
		if !w.within(m.Month) || was.SameAmounts(is) {
			continue
		}
		turn := Turn{Case: c.Case, Office: c.Office, Programme: c.Programme, Month: m.Month, Decided: m.Decided, Old: was, New: is, Leaves: flipped(before[i], after[i])}
		a, okA := was.Single()
		b, okB := is.Single()
		if more := b - a; okA && okB {
			turn.More = &more
		}
		turns = append(turns, turn)
	}
	return turns, nil
}

// within reports whether a month is asked about.
func (w Which) within(m domain.Month) bool {
	return (w.From == 0 || m >= w.From) && (w.To == 0 || m <= w.To)
}

// flipped are the leaves that two versions judge otherwise.
func flipped(was, is *answer) (names []string) {
	for name, v := range was.leaves {
		if other, ok := is.leaves[name]; !ok || other != v {
			names = append(names, name)
		}
	}
	for name := range is.leaves {
		if _, ok := was.leaves[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// add counts one case.
func (im *Impact) add(w Which, c *caseFacts, turns []Turn) {
	im.Cases++
	for _, m := range c.Months {
		if w.within(m.Month) {
			im.Months++
		}
	}
	if len(turns) > 0 {
		im.Touched++
	}
	in, out := false, false
	seen := map[string]bool{}
	for _, t := range turns {
		if t.Old.Determined() && t.New.Determined() {
			in, out = in || t.Old.Max() == 0 && t.New.Max() > 0, out || t.Old.Max() > 0 && t.New.Max() == 0
		}
		names := t.Leaves
		if len(names) == 0 {
			names = []string{""}
		}
		for _, name := range names {
			im.cause(name, t.More, !seen[name])
			seen[name] = true
		}
		if t.More == nil {
			im.Open++
			continue
		}
		im.Plus, im.Minus = im.Plus+max(0, *t.More), im.Minus+min(0, *t.More)
	}
	if in {
		im.In++
	}
	if out {
		im.Out++
	}
	im.Turns = append(im.Turns, turns...)
}

// cause counts a month under a leaf.
func (im *Impact) cause(leaf string, more *domain.Fen, first bool) {
	i := slices.IndexFunc(im.Causes, func(c Cause) bool { return c.Leaf == leaf })
	if i < 0 {
		i, im.Causes = len(im.Causes), append(im.Causes, Cause{Leaf: leaf})
	}
	c := &im.Causes[i]
	c.Months++
	if first {
		c.Cases++
	}
	if more != nil {
		c.Plus, c.Minus = c.Plus+max(0, *more), c.Minus+min(0, *more)
	}
}
