package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"leeway/domain"
	"leeway/domain/replay"
	"leeway/projections"
)

// A history is what is true of a case in its months. Cases of which the same is
// true share one: a city has some thousands of households and far fewer
// histories.
type history struct {
	Months []factsMonth
}

// factsMonth is a month with the number of its facts and what was decided.
type factsMonth struct {
	Month   domain.Month
	Facts   int
	Decided *domain.Fen
}

// caseFacts is a case with what is true of it.
type caseFacts struct {
	Case      string     `json:"case"`
	Digest    string     `json:"digest"` // of the dossier that it was folded from
	AsOf      domain.Day `json:"as_of"`
	Office    string     `json:"office"`
	Programme string     `json:"programme"`
	Pack      string     `json:"pack"`
	Number    int        `json:"history"`

	*history `json:"-"`
}

// factBase holds the facts of a population, equal ones once.
type factBase struct {
	facts     []domain.Facts
	histories []*history

	mu      sync.Mutex
	ofFacts map[string]int // by their JSON
	ofRuns  map[string]int
}

func newFactBase() *factBase {
	return &factBase{ofFacts: map[string]int{}, ofRuns: map[string]int{}}
}

// keep gives a case the history that truths are.
func (b *factBase) keep(c *caseFacts, list []replay.Truth) error {
	h := &history{Months: make([]factsMonth, len(list))}
	for i, t := range list {
		h.Months[i] = factsMonth{Month: t.Month, Decided: t.Decided}
		if i > 0 && sameFacts(list[i-1].Facts, t.Facts) {
			h.Months[i].Facts = h.Months[i-1].Facts
			continue
		}
		text, err := json.Marshal(t.Facts)
		if err != nil {
			return err
		}
		h.Months[i].Facts = b.number(string(text), t.Facts)
	}
	return b.share(c, h)
}

// sameFacts reports whether two months have the same facts.
func sameFacts(a, b domain.Facts) bool {
	return a.Programme == b.Programme && maps.Equal(a.Household, b.Household) &&
		slices.EqualFunc(a.Members, b.Members, func(x, y domain.MemberFacts) bool { return x.ID == y.ID && maps.Equal(x.Facts, y.Facts) })
}

// number is where facts stand in the base.
func (b *factBase) number(text string, f domain.Facts) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, known := b.ofFacts[text]
	if !known {
		n = len(b.facts)
		b.ofFacts[text], b.facts = n, append(b.facts, f)
	}
	return n
}

// share gives a case the one history of all that are equal.
func (b *factBase) share(c *caseFacts, h *history) error {
	text, err := json.Marshal(runsOf(h.Months))
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n, known := b.ofRuns[string(text)]
	if !known {
		n = len(b.histories)
		b.ofRuns[string(text)], b.histories = n, append(b.histories, h)
	}
	c.Number, c.history = n, b.histories[n]
	return nil
}

// truths are the facts as rules are asked about them.
func (b *factBase) truths(h *history) []replay.Truth {
	list := make([]replay.Truth, len(h.Months))
	for i, m := range h.Months {
		list[i] = replay.Truth{Month: m.Month, Facts: b.facts[m.Facts], Decided: m.Decided}
	}
	return list
}

// facts are the facts of every case of the part, kept ones where the head of the
// dossier is still the one that they were folded from. How many were folded
// anew is the second result. A dossier that differs from its stream is read
// from the events.
func (w *worker) facts(ctx context.Context, name string) (*factBase, []*caseFacts, int, error) {
	f, err := readFacts(name)
	if err != nil {
		return nil, nil, 0, err
	}
	heads, err := w.Bench.DossierHeads(ctx, w.Part.shard())
	if err != nil {
		return nil, nil, 0, err
	}
	var list []*caseFacts
	fresh := map[string]bool{}
	for _, h := range heads {
		c := f.kept[h.Case()]
		if c != nil && c.Digest == h.Digest() && c.AsOf == w.AsOf {
			list = append(list, c)
			fresh[h.Case()] = true
		}
	}
	if len(fresh) == w.cases(heads) {
		return f.base, list, 0, nil
	}
	if f.base, err = f.base.only(list); err != nil {
		return nil, nil, 0, err
	}
	if w.heads, err = projections.ReadHeads(ctx, w.Desk.Store, w.Part.shard()); err != nil {
		return nil, nil, 0, err
	}
	pages := make(chan []*job, 1)
	failed := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(pages)
		failed <- w.read(ctx, pages)
	}()
	var folded []*caseFacts
	for page := range pages {
		got := make([]*caseFacts, len(page))
		errs := make([]error, len(page))
		w.each(ctx, len(page), func(i int) {
			if !fresh[page[i].id] {
				got[i], errs[i] = w.factsOf(ctx, page[i], f.base)
			}
		})
		if err := errors.Join(errs...); err != nil {
			cancel()
			for range pages {
			}
			return nil, nil, 0, err
		}
		for _, c := range got {
			if c != nil {
				folded = append(folded, c)
			}
		}
	}
	if err := <-failed; err != nil {
		return nil, nil, 0, err
	}
	list = append(list, folded...)
	return f.base, list, len(folded), f.base.write(name, list)
}

// cases counts the heads of cases.
func (w *worker) cases(heads []*projections.Dossier) (n int) {
	for _, h := range heads {
		if h.Case() != "" {
			n++
		}
	}
	return n
}

// factsOf folds the facts of one case.
func (w *worker) factsOf(ctx context.Context, j *job, base *factBase) (*caseFacts, error) {
	c, digest, err := w.load(ctx, j)
	if errors.Is(err, domain.ErrNotFound) || err == nil && !c.Exists() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := replay.Truths(replay.Input{Case: c, Register: w.register, Rules: w.Desk.Rules, AsOf: w.AsOf})
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", j.id, err)
	}
	out := &caseFacts{Case: c.ID, Digest: digest, AsOf: w.AsOf, Office: c.Office, Programme: c.Programme, Pack: c.Pack}
	return out, base.keep(out, list)
}
