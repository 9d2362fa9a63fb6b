package bulk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"leeway/domain"
)

// The file of kept facts has a JSON line for its form, one for each of the
// facts that differ, one for each history, and one for each case, in this
// order: what a line refers to by its number stands before it.
const factsForm = "facts.v2"

// factsLine is any line of the file but a case.
type factsLine struct {
	Form    string        `json:"form,omitempty"`
	Facts   *domain.Facts `json:"facts,omitempty"`
	History []monthsRun   `json:"history,omitempty"`
}

// monthsRun is a number of months one after the other of which the same is true.
type monthsRun struct {
	From    domain.Month `json:"m"`
	Months  int          `json:"n"`
	Facts   int          `json:"f"`
	Decided *domain.Fen  `json:"d,omitempty"`
}

func runsOf(months []factsMonth) []monthsRun {
	var runs []monthsRun
	for _, m := range months {
		if i := len(runs) - 1; i >= 0 && runs[i].Facts == m.Facts && runs[i].From+domain.Month(runs[i].Months) == m.Month && sameFen(runs[i].Decided, m.Decided) {
			runs[i].Months++
			continue
		}
		runs = append(runs, monthsRun{m.Month, 1, m.Facts, m.Decided})
	}
	return runs
}

func sameFen(a, b *domain.Fen) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func historyOf(runs []monthsRun) *history {
	h := &history{}
	for _, r := range runs {
		for i := range r.Months {
			h.Months = append(h.Months, factsMonth{r.From + domain.Month(i), r.Facts, r.Decided})
		}
	}
	return h
}

// keptFacts is a file of facts as it was read.
type keptFacts struct {
	base *factBase
	kept map[string]*caseFacts
}

// readFacts reads kept facts; no name keeps none. A file that cannot be
// understood holds nothing: all of it is found again from the dossiers.
func readFacts(name string) (*keptFacts, error) {
	none := &keptFacts{newFactBase(), map[string]*caseFacts{}}
	if name == "" {
		return none, nil
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return none, nil
	}
	if err != nil {
		return nil, err
	}
	if f := understood(bytes.Split(text, []byte("\n"))); f != nil {
		return f, nil
	}
	return none, nil
}

// understood puts lines together; nil: they are no whole file of this form.
func understood(lines [][]byte) *keptFacts {
	var head factsLine
	if len(lines) < 2 || json.Unmarshal(lines[0], &head) != nil || head.Form != factsForm || len(lines[len(lines)-1]) > 0 {
		return nil
	}
	lines = lines[1 : len(lines)-1]
	of := func(mark string) int {
		n := slices.IndexFunc(lines, func(b []byte) bool { return !bytes.HasPrefix(b, []byte(mark)) })
		if n < 0 {
			n = len(lines)
		}
		return n
	}
	base, f := newFactBase(), of(`{"facts":`)
	facts := lines[:f]
	lines = lines[f:]
	h := of(`{"history":`)
	histories, cases := lines[:h], lines[h:]
	base.facts, base.histories = make([]domain.Facts, len(facts)), make([]*history, len(histories))
	list := make([]caseFacts, len(cases))
	ok := parallel(len(facts), func(i int) bool {
		return json.Unmarshal(facts[i], &factsLine{Facts: &base.facts[i]}) == nil
	}) && parallel(len(histories), func(i int) bool {
		var l factsLine
		if json.Unmarshal(histories[i], &l) != nil || slices.ContainsFunc(l.History, func(r monthsRun) bool { return r.Facts < 0 || r.Facts >= len(facts) || r.Months < 1 || r.Months > 1200 }) {
			return false
		}
		base.histories[i] = historyOf(l.History)
		return true
	}) && parallel(len(cases), func(i int) bool {
		c := &list[i]
		if json.Unmarshal(cases[i], c) != nil || c.Case == "" || c.Number < 0 || c.Number >= len(base.histories) {
			return false
		}
		c.history = base.histories[c.Number]
		return true
	})
	if !ok {
		return nil
	}
	kept := make(map[string]*caseFacts, len(list))
	for i := range list {
		kept[list[i].Case] = &list[i]
	}
	return &keptFacts{base, kept}
}

// parallel does n things on all processors; it is true where all are.
func parallel(n int, do func(i int) bool) bool {
	var failed atomic.Bool
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for k := range workers {
		all.Go(func() {
			for i := n * k / workers; i < n*(k+1)/workers; i++ {
				if !do(i) {
					failed.Store(true)
				}
			}
		})
	}
	all.Wait()
	return !failed.Load()
}

// only is a base with nothing but what some cases refer to, which they then do.
func (b *factBase) only(list []*caseFacts) (*factBase, error) {
	lean := newFactBase()
	for _, c := range list {
		if err := lean.keep(c, b.truths(c.history)); err != nil {
			return nil, err
		}
	}
	return lean, nil
}

// write keeps the facts, the whole file or none.
func (b *factBase) write(name string, list []*caseFacts) error {
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	enc := json.NewEncoder(out)
	err = enc.Encode(factsLine{Form: factsForm})
	for i := 0; i < len(b.facts) && err == nil; i++ {
		err = enc.Encode(factsLine{Facts: &b.facts[i]})
	}
	for i := 0; i < len(b.histories) && err == nil; i++ {
		err = enc.Encode(map[string]any{"history": runsOf(b.histories[i].Months)})
	}
	for i := 0; i < len(list) && err == nil; i++ {
		err = enc.Encode(list[i])
	}
	if err := errors.Join(err, out.Flush(), file.Close()); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
