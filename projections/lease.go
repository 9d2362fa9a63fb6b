package projections

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"leeway/eventstore"
)

// leaseTime is how long a projection stays with a holder that says nothing.
const leaseTime = 10 * time.Second

// A checkpoint is the row of one projection.
type checkpoint struct {
	version, live, building int64
	position, before        eventstore.Position
	event                   string
	recorded                int64
	state, reason           string
}

// The states of a projection. A rebuild is no state of its own: meanwhile the
// rows from before are live, or there are none.
const (
	stateNew     = "new"     // never built
	stateLive    = "live"    // built; it follows the store
	stateStopped = "stopped" // in front of a poison event
)

// A lease is the right to move one projection. Every transaction that moves it
// proves the right by comparing what it thinks with what is stored, so that
// two holders, of which one was thought dead, cannot both write.
type lease struct {
	db     *DB
	spec   spec
	holder string

	moved bool // something was applied under it

	mu sync.Mutex
	at checkpoint
}

// newHolder names a holder.
func newHolder() string { return rand.Text() }

// introduce makes a row for every projection that the program knows, once. Rows
// of projections that it does not know stay: a newer program may have made
// them.
func (d *DB) introduce(ctx context.Context, specs []spec) error {
	return d.update(ctx, func(t tx) error {
		for _, s := range specs {
			_, err := t.exec(ctx, `INSERT INTO projection (name, version, live, building, position, before, event, recorded, state, reason, holder, lease)
				VALUES ($1, 0, 0, 0, 0, 0, '', 0, 'new', '', '', 0) ON CONFLICT (name) DO NOTHING`, s.name)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// checkpointColumns are the columns of a checkpoint.
const checkpointColumns = `version, live, building, position, before, event, recorded, state, reason`

// scan reads one.
func (c *checkpoint) scan(rows *sql.Rows) error {
	var position, before int64
	err := rows.Scan(&c.version, &c.live, &c.building, &position, &before, &c.event, &c.recorded, &c.state, &c.reason)
	c.position, c.before = eventstore.Position(position), eventstore.Position(before)
	return err
}

// acquire takes the lease if it is free, and reads the checkpoint in the same
// statement. A lease that has run out is free; the clocks of two machines need
// agree only to about its length, for the checkpoint is compared all the same.
func (d *DB) acquire(ctx context.Context, s spec, holder string) (*lease, bool, error) {
	l := &lease{db: d, spec: s, holder: holder}
	free := false
	err := d.update(ctx, func(t tx) error {
		at := now()
		return t.query(ctx, func(rows *sql.Rows) error {
			free = true
			return l.at.scan(rows)
		}, `UPDATE projection SET holder = $2, lease = $3 WHERE name = $1 AND (holder = '' OR holder = $2 OR lease < $4)
			RETURNING `+checkpointColumns, s.name, holder, at+leaseTime.Milliseconds(), at)
	})
	// A commit that was cut off may have happened all the same.
	if free && err != nil {
		l.Release()
	}
	return l, free && err == nil, err
}

// waitFor takes the lease, or waits until it is free.
func (d *DB) waitFor(ctx context.Context, s spec, holder string) (*lease, error) {
	for {
		l, free, err := d.acquire(ctx, s, holder)
		if free || err != nil {
			return l, err
		}
		p := pause{first: 200 * time.Millisecond}
		if err := p.sleep(ctx); err != nil {
			return nil, err
		}
	}
}

// checkpoint is where the projection stands, as the lease knows. It is asked by
// the subscription while a handler moves it.
func (l *lease) checkpoint() checkpoint {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}

// Position implements Cursor.
func (l *lease) Position() eventstore.Position { return l.checkpoint().position }

// Acked implements Cursor: an acknowledged event that is not in the rows went
// to the poison queue, and the projection stays in front of it.
func (l *lease) Acked(p eventstore.Position) error {
	if l.Position() < p {
		return ErrPoison
	}
	return nil
}

// Release implements Cursor. Whoever waits need not wait for the lease to run
// out.
func (l *lease) Release() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	l.db.update(ctx, func(t tx) error { // at worst it runs out by itself
		_, err := t.exec(ctx, `UPDATE projection SET holder = '', lease = 0 WHERE name = $1 AND holder = $2`, l.spec.name, l.holder)
		return err
	})
}

// renew holds the lease for longer. ErrLost says that it is not held any more,
// or that the projection is to be built again.
func (l *lease) renew(ctx context.Context) error {
	at := l.checkpoint()
	return l.db.update(ctx, func(t tx) error {
		return l.one(t.exec(ctx, `UPDATE projection SET lease = $4 WHERE name = $1 AND holder = $2 AND version = $3`,
			l.spec.name, l.holder, at.version, now()+leaseTime.Milliseconds()))
	})
}

// one turns "no row was touched" into ErrLost.
func (l *lease) one(n int64, err error) error {
	if err == nil && n != 1 {
		err = fmt.Errorf("%w: %s", ErrLost, l.spec.name)
	}
	return err
}

// apply folds events into the live generation, in one transaction with the
// checkpoint. On an error nothing has happened.
func (l *lease) apply(ctx context.Context, m model, events []*event) error {
	at := l.checkpoint()
	next := at
	next.pass(events)
	next.state = stateLive
	err := l.db.update(ctx, func(t tx) error {
		err := l.one(t.exec(ctx, `UPDATE projection SET position = $5, before = $6, event = $7, recorded = $8, lease = $9, state = 'live', reason = ''
			WHERE name = $1 AND holder = $2 AND position = $3 AND live = $4`,
			l.spec.name, l.holder, int64(at.position), at.live,
			int64(next.position), int64(next.before), next.event, next.recorded, now()+leaseTime.Milliseconds()))
		if err != nil {
			return err
		}
		if !l.moved { // what stopped it before is behind it now
			if _, err := t.exec(ctx, `DELETE FROM poison WHERE projection = $1`, l.spec.name); err != nil {
				return err
			}
		}
		return run(ctx, t, target{at.live, l.spec, m}, events)
	})
	if err != nil {
		forget(m)
		return l.db.judge(err)
	}
	l.mu.Lock()
	l.at = next
	l.mu.Unlock()
	l.moved = true
	return nil
}

// pass moves the checkpoint over events. The position in front of the last one
// is kept, to find that event in the store again.
func (c *checkpoint) pass(events []*event) {
	for _, e := range events {
		c.before, c.position, c.event, c.recorded = c.position, e.pos, e.ID, e.RecordedAt.UnixMilli()
	}
}

// judge marks an error of the data as poison.
func (d *DB) judge(err error) error {
	if d.engine.poison(err) {
		return fmt.Errorf("%w: %w", ErrPoison, err)
	}
	return err
}

// A target is the generation of a projection that a model writes.
type target struct {
	gen   int64
	spec  spec
	model model
}

// run folds events into a generation.
func run(ctx context.Context, t tx, to target, events []*event) error {
	m := to.model
	for _, e := range events {
		if e.bad != nil && to.spec.reads(e.Stream) {
			return e.bad
		}
	}
	for _, e := range events {
		m.want(e)
	}
	for _, rows := range m.sets() {
		if err := rows.load(ctx, t, to.gen); err != nil {
			return err
		}
	}
	for _, e := range events {
		m.fold(e)
	}
	if t, ok := m.(troubled); ok {
		if err := t.trouble(); err != nil {
			return err
		}
	}
	if f, ok := m.(finisher); ok {
		f.finish()
	}
	for _, rows := range m.sets() {
		if err := rows.flush(ctx, t, to.gen); err != nil {
			return err
		}
	}
	return nil
}

// forget drops what a model holds in memory: after a transaction that failed it
// is not what the tables hold.
func forget(m model) {
	for _, rows := range m.sets() {
		rows.forget()
	}
}
