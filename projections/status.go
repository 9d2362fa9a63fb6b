package projections

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"leeway/domain"
	"leeway/eventstore"
)

// Status is where one projection stands.
type Status struct {
	Name     string              `json:"name"`
	Version  int64               `json:"version"` // of the rows that readers see
	Program  int64               `json:"program"` // that this program writes
	State    string              `json:"state"`   // new, live, stopped
	Reason   string              `json:"reason,omitempty"`
	Building bool                `json:"building"` // a rebuild is under way or was cut off
	Position eventstore.Position `json:"position"`
	Recorded time.Time           `json:"recorded,omitzero"` // when the event at Position was recorded
	Lag      Lag                 `json:"lag"`
}

// Lag is how far a projection is behind the store.
type Lag struct {
	Events int           `json:"events"`         // that wait
	More   bool          `json:"more,omitempty"` // and more than those counted
	Age    time.Duration `json:"age"`            // how long the oldest of them has waited
}

// lagMost is how many waiting events are counted.
const lagMost = 1000

// Status lists every projection that the program knows, with its lag behind a
// store; nil asks for no lag. It reads up to a thousand events for each, so it
// is for a person or a probe, not for every request.
func (d *DB) Status(ctx context.Context, store eventstore.Store) ([]Status, error) {
	var list []Status
	for _, s := range specs {
		c, err := d.checkpointOf(ctx, s.name)
		if err != nil {
			return nil, err
		}
		st := Status{Name: s.name, Version: c.version, Program: s.version, State: c.state, Reason: c.reason,
			Building: c.building != 0, Position: c.position}
		if c.recorded != 0 {
			st.Recorded = time.UnixMilli(c.recorded).UTC()
		}
		if store != nil {
			if st.Lag, err = lag(ctx, store, c.position); err != nil {
				return nil, fmt.Errorf("lag of projection %s: %w", s.name, err)
			}
		}
		list = append(list, st)
	}
	return list, nil
}

// lag counts what waits behind a checkpoint. Positions are opaque, so there is
// no subtracting; the count stops at a bound, for it is made for a screen.
func lag(ctx context.Context, store eventstore.Store, after eventstore.Position) (l Lag, err error) {
	for r, err := range store.All(ctx, after) {
		if err != nil {
			return l, err
		}
		if l.Events == lagMost {
			l.More = true
			break
		}
		if l.Events++; l.Events == 1 {
			l.Age = max(0, time.Since(r.Created))
		}
	}
	return l, nil
}

// checkpointOf reads the row of a projection; one that was never introduced is
// new.
func (d *DB) checkpointOf(ctx context.Context, name string) (checkpoint, error) {
	c := checkpoint{state: stateNew}
	rows, err := d.read.QueryContext(ctx, `SELECT `+checkpointColumns+` FROM projection WHERE name = $1`, name)
	if err != nil {
		return c, err
	}
	return c, each(rows, c.scan)
}

// An Alarm says that a projection needs somebody.
type Alarm struct {
	Projection string `json:"projection"`
	Reason     string `json:"reason"`
	Mend       string `json:"mend"`
}

// Alarms lists the projections that are stopped. None is well. Being behind is
// no alarm: Status says by how much, and the caller how much is too much.
func (d *DB) Alarms(ctx context.Context) ([]Alarm, error) {
	var list []Alarm
	rows, err := d.read.QueryContext(ctx, `SELECT name, reason FROM projection WHERE state = 'stopped' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	return list, each(rows, func(rows *sql.Rows) error {
		a := Alarm{Mend: "start a program that can read the event, then resume the projection; nothing is passed over"}
		err := rows.Scan(&a.Projection, &a.Reason)
		list = append(list, a)
		return err
	})
}

// Poison is an event that a projection stands in front of.
type Poison struct {
	Projection string              `json:"projection"`
	Position   eventstore.Position `json:"position"`
	Event      string              `json:"event"`
	Stream     string              `json:"stream"`
	Revision   int64               `json:"revision"`
	Type       string              `json:"type"`
	Reason     string              `json:"reason"`
	Since      time.Time           `json:"since"`
}

// Poisoned lists the events that projections stand in front of. The reasons name
// types and fields, and quote nothing sealed.
func (d *DB) Poisoned(ctx context.Context) ([]Poison, error) {
	var list []Poison
	rows, err := d.read.QueryContext(ctx, `SELECT projection, position, event, stream, revision, type, reason, since FROM poison ORDER BY projection, position`)
	if err != nil {
		return nil, err
	}
	err = each(rows, func(rows *sql.Rows) error {
		var p Poison
		var position, since int64
		err := rows.Scan(&p.Projection, &position, &p.Event, &p.Stream, &p.Revision, &p.Type, &p.Reason, &since)
		p.Position, p.Since = eventstore.Position(position), time.UnixMilli(since).UTC()
		list = append(list, p)
		return err
	})
	return list, err
}

// stop puts an event on the list and its projection to a stop in front of it.
func (d *DB) stop(ctx context.Context, l *lease, e *event, why error) error {
	return d.update(ctx, func(t tx) error {
		err := l.one(t.exec(ctx, `UPDATE projection SET state = 'stopped', reason = $3 WHERE name = $1 AND holder = $2`,
			l.spec.name, l.holder, why.Error()))
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO poison (projection, position, event, stream, revision, type, reason, since)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (projection, position) DO UPDATE SET reason = excluded.reason`,
			l.spec.name, int64(e.pos), e.ID, e.Stream, e.Revision, e.Type, why.Error(), now())
		return err
	})
}

// Resume lets a stopped projection try again. The event stays on the list
// until it was applied.
func (d *DB) Resume(ctx context.Context, name string) error {
	return d.mark(ctx, name, `UPDATE projection SET state = 'live', reason = '' WHERE name = $1`)
}

// Rebuild asks that a projection be built again. A projector that runs does so
// within seconds, one that is started does so first.
func (d *DB) Rebuild(ctx context.Context, name string) error {
	return d.mark(ctx, name, `UPDATE projection SET version = 0, state = 'live', reason = '' WHERE name = $1`)
}

// mark changes the row of a projection that must be there.
func (d *DB) mark(ctx context.Context, name, text string) error {
	return d.update(ctx, func(t tx) error {
		n, err := t.exec(ctx, text, name)
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: there is no projection %q", domain.ErrNotFound, name)
		}
		return err
	})
}
