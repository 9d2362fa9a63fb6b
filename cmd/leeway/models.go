package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/eventstore"
	"leeway/ledger/vault"
	"leeway/projections"
)

// models are the read models of a server. None, as in tests that need none,
// have no state and do nothing.
type models struct {
	db    *projections.DB
	store eventstore.Store
	run   *projections.Projector
}

// modelJSON is where one read model stands. Lag is measured at the store: how
// many events wait, and how long the oldest of them has.
type modelJSON struct {
	Name     string  `json:"name"`
	State    string  `json:"state"` // new, live, building, stopped
	Reason   string  `json:"reason,omitempty"`
	Behind   bool    `json:"behind"`
	Waiting  int     `json:"waiting"`        // events
	More     bool    `json:"more,omitempty"` // and more than those counted
	Seconds  float64 `json:"lag_seconds"`
	Position uint64  `json:"position"`
}

// openModels opens the read models of a server and brings their tables up to
// date.
func (s *session) openModels(sv *server, keys *vault.Vault) (*models, error) {
	db, err := s.openProjections()
	if err != nil {
		return nil, err
	}
	options, err := s.foldOptions(sv.store, keys)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &models{db: db, store: sv.store, run: &projections.Projector{DB: db, Store: sv.store, Options: options, Logger: slog.New(quiet{sv.log.Handler()})}}, nil
}

// foldOptions are what the read models need beside events: the working days and
// limits of the pack in force, and the vault behind the blind index. No vault:
// the index is not kept.
func (s *session) foldOptions(store eventstore.Store, keys *vault.Vault) (o projections.Options, err error) {
	rules, err := s.rules()
	if err != nil {
		return o, err
	}
	desk := &casework.Service{Store: store, Rules: rules, Suite: s.suite(), Now: s.now}
	o.Terms, err = desk.Terms(s.ctx, domain.DayOf(s.now()))
	o.Persons = personsOf(keys)
	return o, err
}

// personsOf is a vault as the blind index needs it.
func personsOf(keys *vault.Vault) *projections.Persons {
	if keys == nil {
		return nil
	}
	return &projections.Persons{Open: keys.Open, Index: func() (projections.Index, error) { return keys.Index() }}
}

// quiet lets only what is wrong into the log of the server: the router of the
// read models tells of everything that starts and stops.
type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (quiet) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

// WithAttrs implements slog.Handler.
func (q quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(a)} }

// WithGroup implements slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }

// openProjections opens the database of the read models.
func (s *session) openProjections() (*projections.DB, error) {
	database, err := s.secret("projections.database")
	if err != nil {
		return nil, err
	}
	return projections.Open(s.ctx, database)
}

// start follows the store until the returned function is called, which waits
// for what is under way. An error that keeps the models from starting at all
// goes to failed.
func (m *models) start(failed chan<- error) (stop func()) {
	if m == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := m.run.Run(ctx); err != nil && ctx.Err() == nil {
			failed <- err
		}
	})
	return func() {
		cancel()
		wait.Wait()
	}
}

// states says where every read model stands.
func (m *models) states(ctx context.Context) ([]modelJSON, error) {
	if m == nil {
		return nil, nil
	}
	list, err := m.db.Status(ctx, m.store)
	if err != nil {
		return nil, err
	}
	out := make([]modelJSON, len(list))
	for i, p := range list {
		out[i] = modelJSON{p.Name, p.State, p.Reason, p.Lag.Events > 0, p.Lag.Events, p.Lag.More, p.Lag.Age.Seconds(), uint64(p.Position)}
		if p.Building {
			out[i].State = "building"
		}
	}
	return out, nil
}

func (m *models) close() error {
	if m == nil {
		return nil
	}
	return m.db.Close()
}
