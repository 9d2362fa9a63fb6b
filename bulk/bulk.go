// Package bulk replays whole populations: every case, or those of an office, a
// programme, a worker or a part of all, from the dossiers of the read models.
//
// A dossier is trusted with nothing. Before it is replayed its bytes are held
// against its head, and its end against the stream in the event store; where
// they differ the events themselves are read, and the result says so. What was
// replayed before, of the same events under rules that mean the same, is taken
// from the state of the run before: so a run that was cut off goes on, and a
// changed rule touches only the cases that it can change.
package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/eventstore"
	"leeway/projections"
)

// Filter picks cases and months. The zero Filter picks all.
type Filter struct {
	Office    string
	Programme string
	Pack      string
	Worker    string       // pseudonym of who took part
	From, To  domain.Month // benefit months
}

// Rules are the packs, and what a version means for a programme in a month: two
// versions with equal fingerprints decide alike.
type Rules interface {
	casework.Rules
	Fingerprint(v domain.PackVersion, on domain.Day, programme string) (string, error)
}

// A Run replays a population once.
type Run struct {
	Models projections.Bench
	Desk   *casework.Service // the events, to check against and to fall back on
	Rules  Rules
	AsOf   domain.Day // index day
	Filter Filter
	Part   projections.Shard // of all cases
	State  *State            // of the run before; none: everything is replayed
	Done   func(Progress)    // after each page; none: silent
}

// Progress is how far a run is.
type Progress struct {
	Cases  int // looked at
	Reused int // of those, taken from the state
}

// Counts say how the results came about.
type Counts struct {
	Replayed int      `json:"replayed"`
	Reused   int      `json:"reused"`            // from the state of the run before
	FromLog  int      `json:"from_events"`       // read from the events, since the dossier differed
	Differ   []string `json:"differ,omitempty"`  // those cases, the first hundred
	Skipped  int      `json:"skipped,omitempty"` // not on record by the day, or filtered out
}

// mostDiffer bounds the list of dossiers that differ.
const mostDiffer = 100

// page is how many dossiers are read at a time.
const page = 200

// Do replays and adds up. The hits are in the order of cases and months,
// whatever order the work was done in.
func (r Run) Do(ctx context.Context) (*replay.Survey, Counts, error) {
	survey := &replay.Survey{AsOf: r.AsOf, Classes: []replay.ClassTotal{}, Hits: []replay.Hit{}, Failed: []replay.Unreplayed{}, Walks: map[domain.Month]*replay.Walk{}}
	var counts Counts
	register, err := r.Desk.RegisterAt(ctx, r.AsOf)
	if err != nil {
		return nil, counts, err
	}
	w := &worker{run: r, register: register, prints: map[string]string{}}
	var all []*result
	for cursor := ""; ; {
		p, err := r.Models.Dossiers(ctx, r.Part, projections.Ask{Cursor: cursor, Limit: page})
		if err != nil {
			return nil, counts, err
		}
		list, err := w.work(ctx, p.Rows)
		if err != nil {
			return nil, counts, err
		}
		all = append(all, list...)
		for _, x := range list {
			counts.add(x)
		}
		if r.Done != nil {
			r.Done(Progress{counts.Replayed + counts.Reused + counts.Skipped, counts.Reused})
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	slices.SortFunc(all, func(a, b *result) int { return strings.Compare(a.id, b.id) })
	for _, x := range all {
		x.into(survey)
	}
	return survey, counts, nil
}

func (c *Counts) add(x *result) {
	switch {
	case x.skipped:
		c.Skipped++
	case x.reused:
		c.Reused++
	default:
		c.Replayed++
	}
	if x.fromLog {
		c.FromLog++
		if len(c.Differ) < mostDiffer {
			c.Differ = append(c.Differ, x.id)
		}
	}
}

// result is what came of one case.
type result struct {
	id                       string
	survey                   *replay.Survey // of this case alone
	failed                   error
	skipped, reused, fromLog bool
}

// into adds a case to all.
func (x *result) into(s *replay.Survey) {
	switch {
	case x.failed != nil:
		s.Failed = append(s.Failed, replay.Unreplayed{Case: x.id, Why: x.failed.Error()})
	case x.survey != nil:
		s.Join(x.survey)
	}
}

// worker replays cases, several at once. The register is only read.
type worker struct {
	run      Run
	register *eligibility.Register

	mu     sync.Mutex
	prints map[string]string // fingerprints by version, month and programme
}

// work replays the cases of one page.
func (w *worker) work(ctx context.Context, rows []*projections.Dossier) ([]*result, error) {
	out := make([]*result, len(rows))
	var wait sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				out[i] = w.one(ctx, rows[i])
			}
		})
	}
	for i := range rows {
		next <- i
	}
	close(next)
	wait.Wait()
	return slices.DeleteFunc(out, func(x *result) bool { return x == nil }), ctx.Err()
}

// one replays one case. Registers have dossiers too, which are passed over.
func (w *worker) one(ctx context.Context, d *projections.Dossier) *result {
	id := d.Case()
	if id == "" {
		return nil
	}
	x := &result{id: id}
	f := w.run.Filter
	if f.Office != "" && d.Office != f.Office || f.Programme != "" && d.Programme != f.Programme || f.Pack != "" && d.Pack != f.Pack {
		x.skipped = true
		return x
	}
	c, err := w.fold(ctx, d, x)
	switch {
	case errors.Is(err, domain.ErrNotFound), err == nil && f.Worker != "" && !tookPart(c, f.Worker):
		x.skipped = true
		return x
	case err != nil:
		x.failed = err
		return x
	}
	key, err := w.key(d, c)
	if err != nil {
		x.failed = err
		return x
	}
	if kept, ok := w.run.State.get(id, key); ok {
		x.survey, x.reused = kept, true
		return x
	}
	report, err := replay.Chain(replay.Input{Case: c, Register: w.register, Rules: w.run.Rules, AsOf: w.run.AsOf, From: f.From, To: f.To})
	if err != nil {
		x.failed = err
		return x
	}
	x.survey = &replay.Survey{AsOf: w.run.AsOf}
	x.survey.Add(report)
	w.run.State.put(id, key, x.survey)
	return x
}

// fold is the case as of the day: from its dossier where that is what the store
// holds, and from the events where it is not.
func (w *worker) fold(ctx context.Context, d *projections.Dossier, x *result) (*eligibility.Case, error) {
	err := w.same(ctx, d)
	if err == nil {
		c, err := d.Fold(func(m domain.Meta) bool { return casework.KnownBy(m, w.run.AsOf) })
		if err == nil && c.Revision() < 0 {
			err = fmt.Errorf("%w: case %s was not on record by %s", domain.ErrNotFound, x.id, w.run.AsOf)
		}
		return c, err
	}
	if !errors.Is(err, errDiffers) {
		return nil, err
	}
	x.fromLog = true
	return w.run.Desk.CaseAt(ctx, x.id, w.run.AsOf)
}

// errDiffers says that a dossier is not what the store holds.
var errDiffers = errors.New("dossier differs from its events")

// same holds a dossier against its head, and its end against the stream.
func (w *worker) same(ctx context.Context, d *projections.Dossier) error {
	if err := d.Check(); err != nil {
		return fmt.Errorf("%w: %w", errDiffers, err)
	}
	n := 0
	for r, err := range w.run.Desk.Store.Read(ctx, d.Stream, d.Revision) {
		if err != nil {
			return err
		}
		if n++; n > 1 || !sameEvent(r, d) {
			return fmt.Errorf("%w: %s goes on or ends otherwise", errDiffers, d.Stream)
		}
	}
	if n == 0 {
		return fmt.Errorf("%w: %s ends before", errDiffers, d.Stream)
	}
	return nil
}

func sameEvent(r eventstore.Recorded, d *projections.Dossier) bool {
	return len(d.Envelopes) > 0 && bytes.Equal(r.Data, d.Envelopes[len(d.Envelopes)-1])
}

// tookPart reports whether a person acted in a case.
func tookPart(c *eligibility.Case, person string) bool {
	for _, a := range c.Acts {
		if a.At.Actor.Person == person || slices.Contains(a.Staff, person) {
			return true
		}
	}
	return slices.ContainsFunc(c.Decisions, func(d eligibility.Decision) bool { return d.At.Actor.Person == person })
}
