package bulk

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"leeway/domain"
	"leeway/domain/replay"
	"leeway/projections"
)

// caseFacts is what is true of a case in its months, as it is kept: equal facts
// of several months stand once.
type caseFacts struct {
	Case      string         `json:"case"`
	Digest    string         `json:"digest"` // of the dossier that they were folded from
	AsOf      domain.Day     `json:"as_of"`
	Office    string         `json:"office"`
	Programme string         `json:"programme"`
	Pack      string         `json:"pack"`
	Facts     []domain.Facts `json:"facts"`
	Months    []factsMonth   `json:"months"`
}

type factsMonth struct {
	Month   domain.Month `json:"m"`
	Facts   int          `json:"f"`
	Decided *domain.Fen  `json:"d,omitempty"`
}

// truths are the facts as rules are asked about them.
func (c *caseFacts) truths() []replay.Truth {
	list := make([]replay.Truth, len(c.Months))
	for i, m := range c.Months {
		list[i] = replay.Truth{Month: m.Month, Facts: c.Facts[m.Facts], Decided: m.Decided}
	}
	return list
}

// keep puts truths into the form that is kept.
func (c *caseFacts) keep(list []replay.Truth) error {
	seen := map[string]int{}
	for _, t := range list {
		b, err := json.Marshal(t.Facts)
		if err != nil {
			return err
		}
		n, known := seen[string(b)]
		if !known {
			n = len(c.Facts)
			seen[string(b)], c.Facts = n, append(c.Facts, t.Facts)
		}
		c.Months = append(c.Months, factsMonth{t.Month, n, t.Decided})
	}
	return nil
}

// factsFile are the kept facts of a population; none keeps nothing.
type factsFile struct {
	name string
	kept map[string]*caseFacts
}

// readFacts reads kept facts. What cannot be read is found again from the
// dossiers: the file is no record.
func readFacts(name string) (*factsFile, error) {
	f := &factsFile{name: name, kept: map[string]*caseFacts{}}
	if name == "" {
		return f, nil
	}
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := make(chan []byte, 256)
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for text := range lines {
				c := new(caseFacts)
				if json.Unmarshal(text, c) == nil {
					mu.Lock()
					f.kept[c.Case] = c
					mu.Unlock()
				}
			}
		})
	}
	in := bufio.NewReaderSize(file, 1<<20)
	for err == nil {
		var text []byte
		if text, err = in.ReadBytes('\n'); err == nil {
			lines <- text
		}
	}
	close(lines)
	all.Wait()
	if err != io.EOF {
		return nil, err
	}
	return f, nil
}

// write keeps the facts, the whole file or none.
func (f *factsFile) write(list []*caseFacts) error {
	if f.name == "" {
		return nil
	}
	file, err := os.OpenFile(f.name+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	enc := json.NewEncoder(out)
	for _, c := range list {
		if err = enc.Encode(c); err != nil {
			break
		}
	}
	if err := errors.Join(err, out.Flush(), file.Close()); err != nil {
		return err
	}
	return os.Rename(f.name+".new", f.name)
}

// facts are the facts of every case of the part, kept ones where the head of the
// dossier is still the one that they were folded from. How many were folded
// anew is the second result. A dossier that differs from its stream is read
// from the events.
func (w *worker) facts(ctx context.Context, f *factsFile) ([]*caseFacts, int, error) {
	heads, err := w.Bench.DossierHeads(ctx, w.Part)
	if err != nil {
		return nil, 0, err
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
		return list, 0, nil
	}
	if w.heads, err = projections.ReadHeads(ctx, w.Desk.Store, w.Part); err != nil {
		return nil, 0, err
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
				got[i], errs[i] = w.factsOf(ctx, page[i])
			}
		})
		if err := errors.Join(errs...); err != nil {
			cancel()
			for range pages {
			}
			return nil, 0, err
		}
		for _, c := range got {
			if c != nil {
				folded = append(folded, c)
			}
		}
	}
	if err := <-failed; err != nil {
		return nil, 0, err
	}
	list = append(list, folded...)
	return list, len(folded), f.write(list)
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
func (w *worker) factsOf(ctx context.Context, j *job) (*caseFacts, error) {
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
	return out, out.keep(list)
}
