package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"leeway/eventstore"
)

// rebuildBatch is how many events a rebuild folds in one transaction. Twice as
// many were no faster, and took twice the memory.
const rebuildBatch = 2048

// Progress is how far a rebuild has come.
type Progress struct {
	Names  []string  // what is being rebuilt
	Events int64     // read so far
	Rate   float64   // events in a second, since the beginning
	At     time.Time // when the newest of them was recorded
	Done   bool
}

// A builder is one projection in a rebuild: its lease, its model, and the
// generation that it writes. next is the checkpoint it will have.
type builder struct {
	*lease
	model model
	gen   int64
	next  checkpoint
}

// rebuild builds projections again from the whole store, read once for all of
// them, into generations of their own, and makes these live in one transaction
// at the end. Rows that readers see stay as they are until then. A projection
// that meets a poison event is stopped and left out; the error says so.
func (p *Projector) rebuild(ctx context.Context, leases []*lease) error {
	if len(leases) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	builders, err := p.begin(ctx, leases)
	if err != nil {
		return err
	}
	for _, l := range leases { // also while the store is slow to answer
		defer p.keep(ctx, l, func(error) { cancel() })()
	}
	// One goroutine reads and decodes while this one writes. One batch between
	// them bounds the memory, whatever the size of the store.
	batches := make(chan []*event, 1)
	failed := make(chan error, 1)
	go func() {
		defer close(batches)
		failed <- p.produce(ctx, batches)
	}()
	progress := Progress{Names: names(builders)}
	started := time.Now()
	var poisoned error
	for batch := range batches {
		if builders, err = p.build(ctx, builders, batch); errors.Is(err, ErrPoison) {
			poisoned, err = errors.Join(poisoned, err), nil
		}
		if err != nil || len(builders) == 0 {
			cancel()
			for range batches { // let the producer end
			}
			return errors.Join(poisoned, err)
		}
		progress.add(batch, started)
		p.report(progress)
	}
	if err := <-failed; err != nil {
		return errors.Join(poisoned, fmt.Errorf("rebuild: %w", err)) // never from half a store
	}
	if err := p.swap(ctx, builders); err != nil {
		return errors.Join(poisoned, err)
	}
	progress.Done = true
	p.report(progress)
	return poisoned
}

// report tells the caller how far it is, if he wants to know.
func (p *Projector) report(progress Progress) {
	if p.Report != nil {
		p.Report(progress)
	}
}

// add counts a batch.
func (pr *Progress) add(batch []*event, started time.Time) {
	pr.Events += int64(len(batch))
	pr.At = batch[len(batch)-1].RecordedAt.Time
	pr.Rate = float64(pr.Events) / max(time.Since(started).Seconds(), 1e-9)
}

// names lists what is being built.
func names(builders []*builder) (list []string) {
	for _, b := range builders {
		list = append(list, b.spec.name)
	}
	return list
}

// begin gives every builder a generation that nothing else has written. What a
// rebuild that died has left under its own number is swept later.
func (p *Projector) begin(ctx context.Context, leases []*lease) ([]*builder, error) {
	var builders []*builder
	for _, l := range leases {
		at := l.checkpoint()
		b := &builder{lease: l, model: l.spec.make(p.Options), gen: max(at.live, at.building) + 1}
		err := p.DB.update(ctx, func(t tx) error {
			return l.one(t.exec(ctx, `UPDATE projection SET building = $3, lease = $4 WHERE name = $1 AND holder = $2`,
				l.spec.name, l.holder, b.gen, now()+leaseTime.Milliseconds()))
		})
		if err != nil {
			return nil, err
		}
		builders = append(builders, b)
	}
	return builders, nil
}

// produce reads the store to its end and a little further, for what is
// appended meanwhile, and decodes it beside the writer. It ends with a pass
// that found less than a batch; the rest is for the live projection.
func (p *Projector) produce(ctx context.Context, out chan<- []*event) error {
	at := eventstore.Start
	for more := true; more; {
		n := 0
		var batch []*event
		for r, err := range p.Store.All(ctx, at) {
			if err != nil {
				return err
			}
			if batch == nil {
				batch = make([]*event, 0, rebuildBatch)
			}
			batch = append(batch, read(r))
			at = r.Position
			if n++; len(batch) == rebuildBatch {
				if err := give(ctx, out, batch); err != nil {
					return err
				}
				batch = nil
			}
		}
		if len(batch) > 0 {
			if err := give(ctx, out, batch); err != nil {
				return err
			}
		}
		more = n >= rebuildBatch
	}
	return nil
}

// give hands a batch over, unless nobody wants it any more.
func give(ctx context.Context, out chan<- []*event, batch []*event) error {
	select {
	case out <- batch:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// build folds one batch into every generation, in one transaction. Where one
// of them cannot take it, that one is stopped and left out, and the rest does
// the batch again.
func (p *Projector) build(ctx context.Context, builders []*builder, batch []*event) ([]*builder, error) {
	var poisoned error
	for len(builders) > 0 {
		guilty, err := p.buildOnce(ctx, builders, batch)
		if err == nil {
			return builders, poisoned
		}
		for _, b := range builders {
			forget(b.model)
		}
		if guilty == nil || !errors.Is(err, ErrPoison) {
			return builders, errors.Join(poisoned, err)
		}
		poisoned = errors.Join(poisoned, err, p.DB.stop(ctx, guilty.lease, p.culprit(ctx, guilty, batch), err))
		builders = slices.DeleteFunc(slices.Clone(builders), func(b *builder) bool { return b == guilty })
	}
	return nil, poisoned
}

// buildOnce is one transaction over all builders, and says whose fault an error
// was.
func (p *Projector) buildOnce(ctx context.Context, builders []*builder, batch []*event) (guilty *builder, err error) {
	err = p.DB.update(ctx, func(t tx) error {
		for _, b := range builders {
			guilty = b
			if err := b.put(ctx, t, batch); err != nil {
				return err
			}
		}
		guilty = nil
		return nil
	})
	return guilty, p.DB.judge(err)
}

// put folds a batch into the builder's generation, and renews its lease.
func (b *builder) put(ctx context.Context, t tx, batch []*event) error {
	err := b.one(t.exec(ctx, `UPDATE projection SET lease = $4 WHERE name = $1 AND holder = $2 AND building = $3`,
		b.spec.name, b.holder, b.gen, now()+leaseTime.Milliseconds()))
	if err != nil {
		return err
	}
	if err := run(ctx, t, target{b.gen, b.spec, b.model}, batch); err != nil {
		return err
	}
	b.next.pass(batch)
	return nil
}

// culprit is the event of a batch that a builder cannot take: it folds them
// one by one in transactions that are all given up.
func (p *Projector) culprit(ctx context.Context, b *builder, batch []*event) *event {
	errDone := errors.New("only tried")
	for _, e := range batch {
		m := b.spec.make(p.Options)
		err := p.DB.update(ctx, func(t tx) error {
			if err := run(ctx, t, target{b.gen, b.spec, m}, []*event{e}); err != nil {
				return err
			}
			return errDone
		})
		if !errors.Is(err, errDone) {
			return e
		}
	}
	return batch[0] // only together: name the first
}

// swap makes the generations live: all at once, for readers too. A query reads
// the number of its generation and the rows in one statement, so it sees
// either.
func (p *Projector) swap(ctx context.Context, builders []*builder) error {
	err := p.DB.update(ctx, func(t tx) error {
		for _, b := range builders {
			err := b.one(t.exec(ctx, `UPDATE projection SET version = $4, live = $3, building = 0, position = $5, before = $6, event = $7,
				recorded = $8, state = 'live', reason = '' WHERE name = $1 AND holder = $2 AND building = $3`,
				b.spec.name, b.holder, b.gen, b.spec.version, int64(b.next.position), int64(b.next.before), b.next.event, b.next.recorded))
			if err != nil {
				return err
			}
			if _, err := t.exec(ctx, `DELETE FROM poison WHERE projection = $1`, b.spec.name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rebuild of %s: %w", strings.Join(names(builders), ", "), err)
	}
	for _, b := range builders {
		b.next.version, b.next.live, b.next.state = b.spec.version, b.gen, stateLive
		b.mu.Lock()
		b.at = b.next
		b.mu.Unlock()
	}
	return nil
}

// sweepRows is how many rows of an old generation are deleted at once, so that
// what is live need not wait for long.
const sweepRows = 2000

// sweep deletes the rows of generations that nobody reads any more.
func (p *Projector) sweep(ctx context.Context) {
	for {
		for _, s := range p.known() {
			p.tell(p.DB.sweep(ctx, s, p.Options), "old rows stay for now", "projection", s.name)
		}
		w := pause{first: 5 * time.Second}
		if w.sleep(ctx) != nil {
			return
		}
	}
}

// sweep deletes what one projection has left behind, a piece at a time and each
// in a transaction of its own.
func (d *DB) sweep(ctx context.Context, s spec, o Options) error {
	c, err := d.checkpointOf(ctx, s.name)
	if err != nil {
		return err
	}
	for _, rows := range s.make(o).sets() {
		for n := int64(sweepRows); n == sweepRows; {
			err := d.update(ctx, func(t tx) (err error) {
				n, err = rows.of().clear(ctx, t, c.live, sweepRows)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
