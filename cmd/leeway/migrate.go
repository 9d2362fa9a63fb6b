package main

import (
	"errors"
	"io/fs"
	"time"

	"leeway/api/documents"
	"leeway/domain"
	"leeway/projections"
)

// migrateCmd brings the tables of the read models up to date. The ledger has
// had one form so far; a file of another one is refused when it is opened.
type migrateCmd struct{}

// Run opens the database, which is what migrates it.
func (migrateCmd) Run(s *session) error {
	db, err := s.openProjections()
	if err != nil {
		return err
	}
	engine := db.Engine()
	if err := db.Close(); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(map[string]any{"engine": engine, "pending": false})
	}
	s.printf("%s\n", s.t("did migrate", engine))
	return nil
}

// listModelsCmd lists the read models, how far each is, and the events that
// one of them stands in front of.
type listModelsCmd struct{ listFlags }

// Run prints one line a model.
func (cmd listModelsCmd) Run(s *session) error {
	return s.withModels(func(m *models) error {
		list, err := m.states(s.ctx)
		if err != nil {
			return err
		}
		poisoned, err := m.db.Poisoned(s.ctx)
		if err != nil {
			return err
		}
		if cmd.files() {
			l := documents.List{Title: s.t("list models"), Columns: []documents.Column{{Head: s.t("model")}, {Head: s.t("state")}, {Head: s.t("waiting"), Right: true}, {Head: s.t("waited"), Right: true}}}
			for _, p := range list {
				l.Rows = append(l.Rows, []documents.Cell{documents.Text(p.Name), documents.Text(s.t("model " + p.State)), documents.Text(s.waiting(p)), documents.Text(s.age(p))})
			}
			return cmd.show(s, l)
		}
		if s.json {
			return s.writeJSON(map[string]any{"engine": m.db.Engine(), "projections": list, "poisoned": append([]projections.Poison{}, poisoned...)})
		}
		rows := make([][]string, len(list))
		for i, p := range list {
			rows[i] = []string{p.Name, s.t("model " + p.State), s.waiting(p), s.age(p)}
		}
		s.grid([]column{{head: s.t("model")}, {head: s.t("state")}, {head: s.t("waiting"), right: true}, {head: s.t("waited"), right: true}}, rows)
		for _, p := range poisoned {
			s.printf("\n%s\n", s.t("poison at", p.Projection, p.Event, p.Type, p.Stream, p.Revision))
			s.hang(s.t("fault wrong"), p.Reason)
			s.hang(s.t("label mend"), s.t("mend model"))
		}
		return nil
	})
}

// waiting is how many events a model has before it.
func (s *session) waiting(p modelJSON) string {
	if p.More {
		return s.t("more than", p.Waiting)
	}
	return s.t("number", p.Waiting)
}

// age is how long the oldest of them has waited.
func (s *session) age(p modelJSON) string {
	if p.Waiting == 0 {
		return ""
	}
	return time.Duration(p.Seconds * float64(time.Second)).Round(time.Second).String()
}

// rebuildModelCmd builds read models again from the events.
type rebuildModelCmd struct {
	Name []string `arg:"" optional:""`
}

// Run marks the models. A server that runs builds them within seconds; without
// one they are built here.
func (cmd rebuildModelCmd) Run(s *session) error {
	if len(cmd.Name) == 0 {
		cmd.Name = projections.Names()
	}
	return s.withModels(func(m *models) error {
		// A projection that was never built is built by whoever comes first;
		// only what has a row can be marked.
		for _, name := range cmd.Name {
			if err := m.db.Rebuild(s.ctx, name); err != nil && !(errors.Is(err, domain.ErrNotFound) && known(name)) {
				return &problem{what: err.Error(), where: s.t("where projection"), mend: s.t("see projections"), err: err}
			}
		}
		state, err := askServer(s.ctx, s.conf.get("server.socket"))
		if err == nil {
			if s.json {
				return s.writeJSON(map[string]any{"server": state.PID})
			}
			s.printf("%s\n", s.t("server rebuilds", state.PID))
			return nil
		}
		if !errors.Is(err, errNoServer) {
			return err
		}
		return s.rebuildHere(m)
	})
}

// known reports whether the program has a projection of that name.
func known(name string) bool {
	for _, n := range projections.Names() {
		if n == name {
			return true
		}
	}
	return false
}

// rebuildHere brings every model up to the end of the store.
func (s *session) rebuildHere(m *models) error {
	keys, err := s.openKeys(s.conf.get("keys"))
	switch {
	case errors.Is(err, fs.ErrNotExist): // the blind index is left as it is
	case err != nil:
		return s.inFolder(s.conf.get("keys"), err)
	default:
		defer keys.Close()
	}
	options, err := s.foldOptions(m.store, keys)
	if err != nil {
		return err
	}
	var last projections.Progress
	p := &projections.Projector{DB: m.db, Store: m.store, Options: options, Report: func(now projections.Progress) {
		if !s.json && !now.Done && now.Events > last.Events {
			s.printf("%s\n", s.t("rebuilding", now.Events, int64(now.Rate)))
		}
		last = now
	}}
	if err := p.CatchUp(s.ctx); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(map[string]any{"rebuilt": last.Names, "events": last.Events})
	}
	s.printf("%s\n", s.t("did rebuild", len(last.Names), last.Events))
	return nil
}

// withModels opens the events for reading and the read models.
func (s *session) withModels(use func(*models) error) error {
	dir, err := s.existing("data")
	if err != nil {
		return err
	}
	store, err := s.openReading(dir)
	if err != nil {
		return s.inFolder(dir, err)
	}
	db, err := s.openProjections()
	if err != nil {
		return errors.Join(err, store.Close())
	}
	return errors.Join(use(&models{db: db, store: store}), db.Close(), store.Close())
}
