package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"leeway/domain/review"
	"leeway/eventstore"
)

// Options are what folds need beside events. When they change, the reviews
// are built again with DB.Rebuild: their deadlines were reckoned with the old
// ones.
type Options struct {
	// Terms are the working days and local limits of the pack in force. None:
	// Monday to Friday, and review.DefaultLimits.
	Terms review.Terms
	// Persons is the vault behind the blind index. None: the index is not kept.
	Persons *Persons
}

// A Projector keeps the read models of a database in step with a store. Set
// its fields before use; it does one Run or CatchUp at a time. Several
// projectors, also in several processes, may work on one database: each
// projection is with one of them.
type Projector struct {
	DB      *DB
	Store   eventstore.Store
	Options Options
	Logger  *slog.Logger   // none: slog.Default
	Report  func(Progress) // of rebuilds, two of which may run beside each other; none: silent
	Only    []string       // names of the projections to keep; none: all

	specs  []spec        // of a test; none: all
	poll   time.Duration // of a test: how often a stopped projection looks
	stats  sync.Map      // name → *Stats
	holder string
}

// Stats is what one projection has done since the projector was started.
type Stats struct {
	Applied atomic.Int64           // events
	Delay   atomic.Int64           // nanoseconds from the append of the newest event to its rows
	Trouble atomic.Pointer[string] // newest error of the store; nil once events come again
}

// Stats returns the counters of a projection.
func (p *Projector) Stats(name string) *Stats {
	s, _ := p.stats.LoadOrStore(name, new(Stats))
	return s.(*Stats)
}

// known is what this projector keeps.
func (p *Projector) known() []spec {
	all := p.specs
	if all == nil {
		all = specs
	}
	return slices.DeleteFunc(slices.Clone(all), func(s spec) bool {
		return p.Only != nil && !slices.Contains(p.Only, s.name) || s.name == personsModel && p.Options.Persons == nil
	})
}

// log is where it says what it does.
func (p *Projector) log() *slog.Logger {
	if p.Logger == nil {
		return slog.Default()
	}
	return p.Logger
}

// Run keeps every projection in step until ctx ends. A projection that is
// stopped, held elsewhere or being rebuilt keeps no other from going on.
func (p *Projector) Run(ctx context.Context) error {
	p.holder = newHolder()
	if err := p.DB.introduce(ctx, p.known()); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("projections: %w", err)
	}
	var all sync.WaitGroup
	defer all.Wait()
	var stale []*lease
	for _, s := range p.known() {
		l, free, err := p.DB.acquire(ctx, s, p.holder)
		switch {
		case err == nil && free && p.stale(ctx, l) != nil:
			stale = append(stale, l)
		case err == nil && free:
			all.Go(func() { p.follow(ctx, s, l) })
		default:
			all.Go(func() { p.follow(ctx, s, nil) })
		}
	}
	if len(stale) > 0 {
		all.Go(func() {
			p.tell(p.rebuild(ctx, stale), "rebuild")
			for _, l := range stale {
				all.Go(func() { p.follow(ctx, l.spec, l) })
			}
		})
	}
	all.Go(func() { p.sweep(ctx) })
	<-ctx.Done()
	return nil
}

// CatchUp brings every projection up to the end of the store, without the
// Router, and returns: what a command does that asks once. A projection that
// meets a poison event stops in front of it; the others go on, and the error
// says which. It waits for projections that somebody else holds, until ctx
// ends: beside a running server there is nothing to catch up with.
func (p *Projector) CatchUp(ctx context.Context) error {
	p.holder = newHolder()
	if err := p.DB.introduce(ctx, p.known()); err != nil {
		return fmt.Errorf("projections: %w", err)
	}
	var leases, stale []*lease
	defer func() {
		for _, l := range leases {
			l.Release()
		}
	}()
	for _, s := range p.known() {
		l, err := p.DB.waitFor(ctx, s, p.holder)
		if err != nil {
			return fmt.Errorf("projection %s: %w", s.name, err)
		}
		leases = append(leases, l)
		if p.stale(ctx, l) != nil {
			stale = append(stale, l)
		}
	}
	errs := []error{p.rebuild(ctx, stale)}
	for _, l := range leases {
		if !slices.Contains(stale, l) {
			errs = append(errs, p.advance(ctx, l))
		}
	}
	return errors.Join(errs...)
}

// advance applies all that the store holds after the checkpoint, in batches of
// the size that a message may carry: a command that asks once need not hurry.
func (p *Projector) advance(ctx context.Context, l *lease) error {
	m := l.spec.make(p.Options)
	var batch []*event
	put := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := p.applyAll(ctx, l, m, batch)
		batch = batch[:0]
		return err
	}
	for r, err := range p.Store.All(ctx, l.Position()) {
		if err != nil {
			return fmt.Errorf("projection %s: %w", l.spec.name, err)
		}
		if batch = append(batch, read(r)); len(batch) == maxAhead {
			if err := put(); err != nil {
				return err
			}
		}
	}
	return put()
}

// applyAll applies events as one; where one of them is poison, those in front
// of it are applied and it is put on the list.
func (p *Projector) applyAll(ctx context.Context, l *lease, m model, events []*event) error {
	err := l.apply(ctx, m, events)
	for i := 0; i < len(events) && errors.Is(err, ErrPoison); i++ {
		if one := l.apply(ctx, m, events[i:i+1]); one != nil {
			return errors.Join(one, p.DB.stop(ctx, l, events[i], one))
		}
		if i == len(events)-1 {
			err = nil
		}
	}
	return err
}

// stale says why a projection must be built again, or nil. It looks for the
// event of the checkpoint where the checkpoint says, for a position alone
// would fit into any store that is long enough.
func (p *Projector) stale(ctx context.Context, l *lease) error {
	at := l.checkpoint()
	switch {
	case at.live == 0:
		return ErrNotBuilt
	case at.version != l.spec.version:
		return fmt.Errorf("it has version %d, the program knows %d", at.version, l.spec.version)
	}
	if l.spec.name == personsModel {
		if why := p.rekeyed(ctx, at.live); why != nil {
			return why
		}
	}
	if at.position == eventstore.Start {
		return nil
	}
	for r, err := range p.Store.All(ctx, at.before) {
		switch {
		case errors.Is(err, eventstore.ErrInvalid) || err == nil && (r.Position != at.position || r.ID != at.event):
			return ErrForeign
		case err != nil:
			return nil // the store cannot tell now; following it will say why
		}
		return nil
	}
	return ErrForeign
}

// tell logs an error that ends nothing else.
func (p *Projector) tell(err error, what string, args ...any) {
	if err != nil && !errors.Is(err, context.Canceled) {
		p.log().Error("projections: "+what, append(args, "error", err)...)
	}
}
