package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/projections"
)

// Which says which cases and months are looked at. The zero value is all.
type Which struct {
	Office    string       `json:"office,omitempty"`
	Programme string       `json:"programme,omitempty"`
	Worker    string       `json:"worker,omitempty"` // pseudonym of a person who took part in the case
	From      domain.Month `json:"from,omitempty"`   // limits; none: every month
	To        domain.Month `json:"to,omitempty"`
	// Source leaves only months with a difference that turns on a fact which
	// this source holds.
	Source string `json:"source,omitempty"`
	// Rule leaves only months that rest on it: a version as PACK/VERSION, or
	// the id of a standard, rule or exception.
	Rule string `json:"rule,omitempty"`
}

// A Run replays a population once. Set its fields before use.
type Run struct {
	Desk    *casework.Service
	Bench   projections.Bench
	Which   Which
	AsOf    domain.Day     // index day; none: today
	Part    Part           // none: the whole
	Workers int            // replays at a time; none: one a processor
	Kept    *Kept          // results of earlier runs; none: nothing is kept
	Done    func(Progress) // told after every page; none: silent
}

// Progress is how far a run has come.
type Progress struct {
	Done  int // cases
	Total int // cases of the part, whether they are asked about or not
}

// Outcome is what a run found. Everything it lists is 疑点(待核实).
type Outcome struct {
	Part   Part           `json:"part"`
	Common Common         `json:"common"`
	Survey *replay.Survey `json:"survey"`

	Overpaid  domain.Fen `json:"overpaid"`  // 错保: beyond every lawful amount
	Underpaid domain.Fen `json:"underpaid"` // 漏保: below every lawful amount; never netted
	Over      int        `json:"over"`      // cases with months overpaid
	Short     int        `json:"short"`     // cases with months underpaid

	Events   int        `json:"events"`   // of the whole store, held against the dossiers
	Replayed int        `json:"replayed"` // cases
	Reused   int        `json:"reused"`   // cases whose kept result stands
	Fallback []Fallback `json:"fallback"` // cases replayed from their events
	// Basis names all that the replay of a case with differences rests on: its
	// events, the rules of its months, the registers and the engine. The same
	// basis gives the same result. A case replayed from its events has none.
	Basis map[string]string `json:"basis"`
}

// Fallback is a case whose dossier was not believed, and why.
type Fallback struct {
	Case string `json:"case"`
	Why  string `json:"why"`
}

// pageOf is how many dossiers are taken at once.
const pageOf = 200

// job is one case of a page.
type job struct {
	dossier *projections.Dossier // none: by id
	id      string
	why     string // it is replayed from its events
	result  *Result
	rows    []Row
	reused  bool
	out     bool // not asked about, or not on record by then
	err     error
}

// Do replays. An error ends it; what was kept up to then stays.
func (r Run) Do(ctx context.Context) (*Outcome, error) {
	w, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.pages(ctx); err != nil {
		return nil, err
	}
	w.out.sort()
	return w.out, nil
}

// begin reads what every case is held against.
func (r Run) begin(ctx context.Context) (*worker, error) {
	if r.Part == (Part{}) {
		r.Part = whole
	}
	today := domain.DayOf(r.Desk.Now())
	if r.AsOf == 0 {
		r.AsOf = today
	}
	reg, err := r.Desk.RegisterAt(ctx, r.AsOf)
	if err != nil {
		return nil, err
	}
	whole, err := r.Desk.Register(ctx)
	if err != nil {
		return nil, err
	}
	heads, err := projections.ReadHeads(ctx, r.Desk.Store, r.Part.shard())
	if err != nil {
		return nil, err
	}
	w := &worker{Run: r, register: reg, whole: whole, heads: heads, keys: newKeys(r, reg, today)}
	w.out = newOutcome(r.AsOf)
	w.out.Part, w.out.Common, w.out.Events = r.Part, w.common(), heads.Events
	return w, nil
}

// sort puts lists in the order of cases: dossiers come by shard.
func (o *Outcome) sort() {
	slices.SortStableFunc(o.Survey.Hits, func(a, b replay.Hit) int { return cmp.Compare(a.Case, b.Case) })
	slices.SortFunc(o.Survey.Failed, func(a, b replay.Unreplayed) int { return cmp.Compare(a.Case, b.Case) })
	slices.SortFunc(o.Fallback, func(a, b Fallback) int { return cmp.Compare(a.Case, b.Case) })
}

// worker is one run at work.
type worker struct {
	Run
	register *eligibility.Register // as of the index day
	whole    *eligibility.Register // as it stands, to hold bases against
	heads    *projections.Heads
	keys     *keys
	out      *Outcome
	progress Progress

	question func(*eligibility.Case, *replay.Report) []Row // of Ask; none: nothing is listed
	rows     []Row
}

// pages replays page after page. The next page is read while one is replayed.
func (w *worker) pages(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.progress.Total = w.heads.Cases()
	pages := make(chan []*job, 1)
	failed := make(chan error, 1)
	go func() {
		defer close(pages)
		failed <- w.read(ctx, pages)
	}()
	for page := range pages {
		w.replayAll(ctx, page)
		if err := w.collect(ctx, page); err != nil {
			cancel()
			for range pages { // let the reader end
			}
			return err
		}
	}
	return <-failed
}

// read hands over the cases of the part: those with dossiers, checked, and then
// those that have none.
func (w *worker) read(ctx context.Context, pages chan<- []*job) error {
	give := func(page []*job) error {
		select {
		case pages <- page:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	ask := projections.Ask{Limit: pageOf}
	for more := true; more; {
		got, err := w.Bench.Dossiers(ctx, w.Part.shard(), ask)
		if err != nil {
			return err
		}
		var page []*job
		for _, d := range got.Rows {
			if d.Case() != "" {
				page = append(page, &job{dossier: d, id: d.Case()})
			}
			if err := w.heads.Check(d); err != nil && d.Case() != "" {
				page[len(page)-1].why = err.Error()
			}
		}
		if err := give(page); err != nil {
			return err
		}
		ask.Cursor, more = got.Next, got.Next != ""
	}
	var page []*job
	for _, id := range w.heads.Left() {
		page = append(page, &job{id: id, why: "there is no dossier of it"})
	}
	return give(page)
}

// replayAll replays a page, several cases at a time.
func (w *worker) replayAll(ctx context.Context, page []*job) {
	w.each(ctx, len(page), func(i int) { w.one(ctx, page[i]) })
}

// each does n things, several at a time, unless the context ends.
func (r Run) each(ctx context.Context, n int, do func(i int)) {
	workers := r.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(workers, n) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.Wait()
}

// one replays one case, or takes what was kept.
func (w *worker) one(ctx context.Context, j *job) {
	var c *eligibility.Case
	var key string
	if j.why == "" {
		if !w.Which.takes(j.dossier.Office, j.dossier.Programme) {
			j.out = true
			return
		}
		if w.Kept != nil {
			key = w.keys.of(j.dossier)
		}
		if kept, ok := w.Kept.get(j.id, key, w.AsOf); ok {
			j.result, j.reused = kept, true
			return
		}
	}
	c, _, j.err = w.load(ctx, j)
	switch {
	case errors.Is(j.err, domain.ErrNotFound) || j.err == nil && (!c.Exists() || !w.Which.takes(c.Office, c.Programme)):
		j.out, j.err = true, nil
	case j.err == nil:
		j.result, j.rows, j.err = w.chain(c, key)
	}
}

// load is the case of a job as of the index day, with the digest of the dossier
// that it was folded from; none: it was read from its events.
func (w *worker) load(ctx context.Context, j *job) (*eligibility.Case, string, error) {
	if j.why == "" {
		c, err := w.fold(j.dossier)
		return c, j.dossier.Digest(), err
	}
	d, err := w.Desk.DossierAt(ctx, j.id, w.AsOf)
	return d.Case, "", err
}

// takes reports whether a case is asked about by what its head says.
func (w Which) takes(office, programme string) bool {
	return (w.Office == "" || w.Office == office) && (w.Programme == "" || w.Programme == programme)
}

// fold is the case as it was known by the end of the index day. Every event of
// the dossier must rest on registers that reach as far as it says.
func (w *worker) fold(d *projections.Dossier) (*eligibility.Case, error) {
	var short error
	c, err := d.Fold(func(m domain.Meta) bool {
		if short == nil {
			short = casework.Covered(m, w.whole)
		}
		return casework.KnownBy(m, w.AsOf)
	})
	return c, cmp.Or(err, short)
}

// chain replays a case and keeps what the population is asked about.
func (w *worker) chain(c *eligibility.Case, key string) (*Result, []Row, error) {
	res := &Result{Case: c.ID, Key: key, AsOf: w.AsOf, Office: c.Office, Programme: c.Programme, Waiting: waits(c)}
	if w.Which.Worker != "" && !tookPart(c, w.Which.Worker) {
		res.Out = true
		return res, nil, nil
	}
	report, err := replay.Chain(replay.Input{Case: c, Register: w.register, Rules: w.Desk.Rules, AsOf: w.AsOf, From: w.Which.From, To: w.Which.To})
	if err != nil {
		return nil, nil, err
	}
	for _, m := range report.Months {
		if (w.Which.Rule == "" || restsOn(m, w.Which.Rule)) && (w.Which.Source == "" || heldBy(m, w.Which.Source)) {
			res.Months = append(res.Months, monthOf(m))
		}
	}
	if w.question != nil {
		return res, w.question(c, report), nil
	}
	return res, nil, nil
}

// heldBy reports whether a difference of a month turns on a fact that a source
// holds.
func heldBy(m replay.Month, source string) bool {
	return slices.ContainsFunc(m.Links, func(l replay.Link) bool {
		return l.Decisive != nil && slices.ContainsFunc(l.Decisive.Facts, func(f replay.Fact) bool { return f.HeldBy == source })
	})
}

// waits reports whether more days alone can change what is judged: a deadline
// may pass, and where nothing was granted another month may be owed.
func waits(c *eligibility.Case) bool {
	return len(c.Decisions)+len(c.Refusals)+len(c.Withdrawn)+len(c.Payments) == 0
}

// tookPart reports whether a person acted in a case.
func tookPart(c *eligibility.Case, person string) bool {
	if slices.ContainsFunc(c.Acts, func(a eligibility.Act) bool {
		return a.At.Actor.Person == person || slices.Contains(a.Staff, person)
	}) {
		return true
	}
	if slices.ContainsFunc(c.Decisions, func(d eligibility.Decision) bool { return d.At.Actor.Person == person }) {
		return true
	}
	for _, list := range [][]eligibility.Money{c.Approvals, c.Payments} {
		if slices.ContainsFunc(list, func(m eligibility.Money) bool { return m.At.Actor.Person == person }) {
			return true
		}
	}
	return false
}

// restsOn reports whether any node of a month was reckoned by a version, or
// names a rule, exception or standard as what decided or was assumed.
func restsOn(m replay.Month, rule string) bool {
	return slices.ContainsFunc(m.Nodes, func(n replay.Node) bool {
		names := append(slices.Clone(n.Outcome.Special), n.Outcome.Assumed...)
		return n.Rules.Pack+"/"+n.Rules.Version == rule || slices.ContainsFunc(names, func(s string) bool {
			return s == rule || strings.HasPrefix(s, rule+"/") || strings.HasSuffix(s, "."+rule)
		})
	})
}

// collect keeps a page and adds it up, in its order.
func (w *worker) collect(ctx context.Context, page []*job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, j := range page {
		w.progress.Done++
		if j.out {
			continue
		}
		if j.why != "" {
			w.out.Fallback = append(w.out.Fallback, Fallback{j.id, j.why})
		}
		if j.err != nil {
			w.out.Survey.Failed = append(w.out.Survey.Failed, replay.Unreplayed{Case: j.id, Why: j.err.Error()})
			continue
		}
		if j.reused {
			w.out.Reused++
		} else if w.out.Replayed++; j.result.Key != "" {
			if err := w.Kept.put(j.result); err != nil {
				return err
			}
		}
		w.out.add(j.result)
		w.rows = append(w.rows, j.rows...)
	}
	if err := w.Kept.flush(); err != nil {
		return fmt.Errorf("keeping results: %w", err)
	}
	if w.Done != nil {
		w.Done(w.progress)
	}
	return nil
}

// add counts one more result.
func (o *Outcome) add(r *Result) {
	if r.Out {
		return
	}
	if r.Key != "" && slices.ContainsFunc(r.Months, func(m Month) bool { return len(m.Links) > 0 }) {
		o.Basis[r.Case] = r.Key
	}
	over, short := false, false
	for _, m := range r.Months {
		o.Overpaid, o.Underpaid = o.Overpaid+m.Over, o.Underpaid+m.Short
		over, short = over || m.Over > 0, short || m.Short > 0
	}
	if over {
		o.Over++
	}
	if short {
		o.Short++
	}
	o.Survey.Add(r.report())
}
