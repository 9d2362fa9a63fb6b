package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
	"leeway/projections"
)

// allFlags say which cases a bulk replay looks at.
type allFlags struct {
	All       bool
	Office    string       `placeholder:"OFFICE"`
	Programme string       `placeholder:"NAME"`
	Worker    string       `placeholder:"PERSON"`
	Pack      string       `placeholder:"PACK"`
	First     domain.Month `placeholder:"YYYY-MM"`
	Last      domain.Month `placeholder:"YYYY-MM"`
	Shard     string       `placeholder:"I/N"`
	State     string       `placeholder:"FILE" type:"path"`
	Class     string       `placeholder:"CLASS"`
	Hits      bool
	listFlags
}

// Fingerprint implements bulk.Rules.
func (p packs) Fingerprint(v domain.PackVersion, on domain.Day, programme string) (string, error) {
	plan, err := p.PlanOn(v, on)
	if err != nil {
		return "", err
	}
	return plan.Fingerprint(programme), nil
}

// allJSON is a bulk replay with how it came about.
type allJSON struct {
	*replay.Survey
	Counts  bulk.Counts `json:"counts"`
	Seconds float64     `json:"seconds"`
}

// replayAll replays a population from the dossiers of the read models.
func (s *session) replayAll(f allFlags, asOf domain.Day) error {
	part, err := shardOf(f.Shard)
	if err != nil {
		return err
	}
	if asOf == 0 {
		asOf = domain.DayOf(s.now())
	}
	return s.withModels(func(m *models) error {
		if err := s.caughtUp(m); err != nil {
			return err
		}
		rules, err := s.rules()
		if err != nil {
			return err
		}
		state, done, err := s.stateOf(f.State)
		if err != nil {
			return err
		}
		began := time.Now()
		run := bulk.Run{
			Models: m.db.Bench(), Desk: &casework.Service{Store: m.store, Rules: rules, Now: s.now}, Rules: rules, AsOf: asOf, Part: part, State: state,
			Filter: bulk.Filter{Office: f.Office, Programme: f.Programme, Pack: f.Pack, Worker: f.Worker, From: f.First, To: f.Last},
			Done:   s.bulkProgress(began),
		}
		survey, counts, err := run.Do(s.ctx)
		if err := errors.Join(err, state.Err(), done()); err != nil {
			return err
		}
		return s.showAll(f, survey, counts, time.Since(began))
	})
}

// showAll prints what came of it, or writes the files that were asked for.
func (s *session) showAll(f allFlags, survey *replay.Survey, counts bulk.Counts, took time.Duration) error {
	switch {
	case s.json && !f.files():
		return s.writeJSON(allJSON{survey, counts, took.Seconds()})
	case f.Hits || f.Class != "":
		return f.show(s, documents.Hits(survey, replay.Class(f.Class), s.lang))
	}
	if err := f.show(s, documents.Classes(survey, s.lang)); err != nil || f.files() {
		return err
	}
	s.printf("\n%s\n", s.t("bulk counts", counts.Replayed, counts.Reused, counts.FromLog, counts.Skipped, took.Round(time.Millisecond)))
	if counts.FromLog > 0 {
		s.hang("", s.t("dossiers differ", strings.Join(counts.Differ, ", ")))
	}
	return nil
}

// shardOf reads "2/4": the second of four parts. None is the whole.
func shardOf(text string) (projections.Shard, error) {
	if text == "" {
		return projections.Part(0, 1), nil
	}
	a, b, _ := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if err1 != nil || err2 != nil || i < 1 || n < i {
		return projections.Shard{}, &domain.Fault{Field: "shard", Wrong: domain.Say("%q is no part", text), Mend: domain.Say("write I/N, such as 2/4")}
	}
	return projections.Part(i-1, n), nil
}

// stateOf opens a state file to read and to go on writing; none keeps nothing.
func (s *session) stateOf(file string) (*bulk.State, func() error, error) {
	nothing := func() error { return nil }
	if file == "" {
		return nil, nothing, nil
	}
	old, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		old, err = os.Open(os.DevNull)
	}
	if err != nil {
		return nil, nothing, s.unreadable(file, err)
	}
	add, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nothing, errors.Join(s.unreadable(file, err), old.Close())
	}
	state := bulk.ReadState(old, add)
	return state, func() error { return errors.Join(old.Close(), add.Close()) }, nil
}

// caughtUp brings the read models up to the events where no server does it.
func (s *session) caughtUp(m *models) error {
	if err := m.db.Migrate(s.ctx); err != nil {
		return err
	}
	_, err := askServer(s.ctx, s.conf.get("server.socket"))
	if !errors.Is(err, errNoServer) {
		return err
	}
	options, err := s.foldOptions(m.store)
	if err != nil {
		return err
	}
	p := &projections.Projector{DB: m.db, Store: m.store, Options: options, Report: func(now projections.Progress) {
		if !s.json && !now.Done {
			fmt.Fprintf(s.err, "%s\n", s.t("rebuilding", now.Events, int64(now.Rate)))
		}
	}}
	return p.CatchUp(s.ctx)
}

// bulkProgress tells on standard error how far a long run is, at most once in a
// few seconds.
func (s *session) bulkProgress(began time.Time) func(bulk.Progress) {
	if s.json {
		return nil
	}
	last := began
	return func(p bulk.Progress) {
		if now := time.Now(); now.Sub(last) > 3*time.Second {
			last = now
			fmt.Fprintf(s.err, "%s\n", s.t("bulk progress", p.Cases, int64(float64(p.Cases)/now.Sub(began).Seconds())))
		}
	}
}
