package bulk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"leeway/domain"
	"leeway/domain/replay"
	"leeway/policies"
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
	// Asked is how many histories the versions were asked about: equal ones once,
	// and none in whose months both mean the same.
	Asked int `json:"asked"`

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
	if r.Part == (Part{}) {
		r.Part = whole
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
	base, list, folded, err := w.facts(ctx, file)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(c *caseFacts) bool { return c.Pack != from.Pack || !r.Which.takes(c.Office, c.Programme) })
	slices.SortFunc(list, func(a, b *caseFacts) int { return strings.Compare(a.Case, b.Case) })
	d := &differ{base: base, from: &asker{packs: packs, version: from}, to: &asker{packs: packs, version: to}}
	turns := make(map[*history][]Turn, len(base.histories))
	for _, c := range list {
		turns[c.history] = nil
	}
	asked := slices.Collect(maps.Keys(turns))
	found, errs := make([][]Turn, len(asked)), make([]error, len(asked))
	w.each(ctx, len(asked), func(i int) { found[i], errs[i] = r.Which.compare(d, asked[i]) })
	if err := cmp.Or(ctx.Err(), errors.Join(errs...)); err != nil {
		return nil, err
	}
	for i, h := range asked {
		turns[h] = found[i]
	}
	im := &Impact{Old: from, New: to, Folded: folded, Asked: int(d.asked.Load()), Causes: []Cause{}, Turns: []Turn{}}
	for _, c := range list {
		im.add(r.Which, c, turns[c.history])
	}
	slices.SortStableFunc(im.Causes, func(a, b Cause) int { return b.Months - a.Months })
	return im, nil
}

// differ holds two versions of a pack against each other.
type differ struct {
	base     *factBase
	from, to *asker

	same  sync.Map // of sameRules: whether both versions mean the same
	asked atomic.Int64
}

// sameRules is what two versions are compared for.
type sameRules struct {
	programme string
	month     domain.Month
}

// equal reports whether both versions say the same to every household of a
// programme in a month: their fingerprints do.
func (d *differ) equal(programme string, m domain.Month) (bool, error) {
	key := sameRules{programme, m}
	if known, ok := d.same.Load(key); ok {
		return known.(bool), nil
	}
	old, err := d.from.packs.PlanOn(d.from.version, m.First())
	if err != nil {
		return false, err
	}
	draft, err := d.to.packs.PlanOn(d.to.version, m.First())
	if err != nil {
		return false, err
	}
	same := old.Fingerprint(programme) == draft.Fingerprint(programme)
	d.same.Store(key, same)
	return same, nil
}

// touches reports whether the versions differ in any month of a history.
func (d *differ) touches(h *history) (bool, error) {
	for _, m := range h.Months {
		if same, err := d.equal(d.base.facts[m.Facts].Programme, m.Month); err != nil || !same {
			return true, err
		}
	}
	return false, nil
}

// asker asks one version.
type asker struct {
	packs   *policies.Library
	version domain.PackVersion
}

// question is what an answer depends on inside one history.
type question struct {
	plan       replay.Plan
	facts      int // number of the kept facts
	on, amount domain.Value
}

// answer is an outcome with the verdict of every leaf, in the order of names.
type answer struct {
	outcome domain.Outcome
	names   []string
	bits    policies.Bits
}

// months answers for every month of a history, about equal facts once.
func (a *asker) months(base *factBase, h *history) ([]*answer, error) {
	known := map[question]*answer{}
	answers := make([]*answer, len(h.Months))
	_, err := replay.Entitled(base.truths(h), func(m domain.Month) (replay.Plan, error) { return a.packs.Plan(a.version, m.First()) },
		func(p replay.Plan, i int, f domain.Facts) (domain.Outcome, error) {
			q := question{p, h.Months[i].Facts, f.Household[domain.RosterOn], f.Household[domain.RosterAmount]}
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
	got := &answer{names: plan.Leaves(f.Programme)}
	var err error
	got.outcome, err = plan.EvaluateInput(in, &got.bits)
	return got, err
}

// verdict is what the i-th leaf says: yes, no or not known.
func (a *answer) verdict(i int) byte {
	bit := uint64(1) << (i % 64)
	switch {
	case a.bits.Known[i/64]&bit == 0:
		return '?'
	case a.bits.True[i/64]&bit != 0:
		return '1'
	}
	return '0'
}

// compare finds the months of a history that change, without the case.
func (w Which) compare(d *differ, h *history) ([]Turn, error) {
	if touched, err := d.touches(h); err != nil || !touched {
		return nil, err
	}
	d.asked.Add(1)
	before, err := d.from.months(d.base, h)
	if err != nil {
		return nil, err
	}
	after, err := d.to.months(d.base, h)
	if err != nil {
		return nil, err
	}
	var turns []Turn
	for i, m := range h.Months {
		was, is := before[i].outcome, after[i].outcome
		if !w.within(m.Month) || was.SameAmounts(is) {
			continue
		}
		turn := Turn{Month: m.Month, Decided: m.Decided, Old: was, New: is, Leaves: flipped(before[i], after[i])}
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

// flipped are the leaves that two versions judge otherwise. Versions mostly have
// the same leaves in the same places.
func flipped(was, is *answer) (names []string) {
	if slices.Equal(was.names, is.names) {
		for i, name := range was.names {
			if was.verdict(i) != is.verdict(i) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}
	verdicts := map[string]byte{}
	for i, name := range is.names {
		verdicts[name] = is.verdict(i)
	}
	for i, name := range was.names {
		if v, ok := verdicts[name]; !ok || v != was.verdict(i) {
			names = append(names, name)
		}
		delete(verdicts, name)
	}
	names = slices.AppendSeq(names, maps.Keys(verdicts))
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
		t.Case, t.Office, t.Programme = c.Case, c.Office, c.Programme
		im.Turns = append(im.Turns, t)
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
