package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// Entry is one event of a case as it stands on record. Its personal data is
// opened in Event where that is possible; Sealed lists the paths where it is
// not.
type Entry struct {
	domain.Envelope
	Event  eligibility.Event
	Sealed []string
}

// Dossier is a case with the registers of the city: what a replay is given.
type Dossier struct {
	Case     *eligibility.Case
	Register *eligibility.Register
}

// Summary is one line of the list of cases.
type Summary struct {
	ID        string         `json:"id"`
	Programme string         `json:"programme"`
	Pack      string         `json:"pack"`
	Office    string         `json:"office"`
	Opened    domain.Day     `json:"opened"`
	Events    int64          `json:"events"`
	Imported  bool           `json:"imported,omitempty"` // from a case file, at least in part
	Closed    bool           `json:"closed,omitempty"`
	Last      domain.Instant `json:"last"` // recorded_at of the newest event
}

// Case is a case as it stands. The error wraps domain.ErrNotFound where there
// is none, and says what is wrong where its record cannot be relied on.
func (s *Service) Case(ctx context.Context, id string) (*eligibility.Case, error) {
	entries, err := s.entries(ctx, id)
	if err != nil {
		return nil, err
	}
	return fold(id, entries), nil
}

// CaseAt is a case as it was known by the end of a civil day: the events
// recorded by then and, of imported history, those claimed by then with a
// proof of grade A or B. It labels what was known on a day; what a decision
// knew is its basis.
func (s *Service) CaseAt(ctx context.Context, id string, day domain.Day) (*eligibility.Case, error) {
	entries, err := s.entries(ctx, id)
	if err != nil {
		return nil, err
	}
	first := entries[0].Meta
	if !KnownBy(first, day) {
		return nil, domain.Deny(domain.ErrNotFound, "case %s was not on record by the end of %s", "", id, day)
	}
	known := slices.DeleteFunc(entries, func(e Entry) bool { return !KnownBy(e.Meta, day) })
	return fold(id, known), nil
}

// KnownBy reports whether an event counts as known by the end of a day. A
// mere claim (grade C) counts from when the server recorded it.
func KnownBy(m domain.Meta, day domain.Day) bool {
	if !m.Proven() {
		return domain.DayOf(m.RecordedAt.Time) <= day
	}
	return m.KnownOn() <= day
}

// Events is the timeline of a case: every event in order, opened where its
// keys are at hand. Personal data that was altered or moved is an error that
// wraps domain.ErrAltered.
func (s *Service) Events(ctx context.Context, id string) ([]Entry, error) {
	entries, err := s.entries(ctx, id)
	if err != nil {
		return nil, err
	}
	f, err := s.PrivacyFile(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		if err := s.reveal(&entries[i], f); err != nil {
			return nil, fmt.Errorf("stream %s, revision %d: %w", entries[i].Stream, entries[i].Revision, err)
		}
	}
	return entries, nil
}

// Dossier is a case with its registers. A stream that is shorter than an
// event of the case says it was is an error that wraps eventstore.ErrCorrupt.
func (s *Service) Dossier(ctx context.Context, id string) (Dossier, error) {
	entries, err := s.entries(ctx, id)
	if err != nil {
		return Dossier{}, err
	}
	c := fold(id, entries)
	r, err := s.Register(ctx)
	if err != nil {
		return Dossier{}, err
	}
	for _, e := range entries {
		if err := Covered(e.Meta, r); err != nil {
			return Dossier{}, err
		}
	}
	return Dossier{c, r}, nil
}

// Covered checks that the registers reach as far as an event's basis says. It
// is how a register that was cut at its end shows, where no gap does. The error
// wraps eventstore.ErrCorrupt.
func Covered(m domain.Meta, r *eligibility.Register) error {
	for _, b := range m.Basis {
		last := lastOf(r, b.Stream)
		if b.Stream == m.Stream {
			last = m.Revision - 1
		}
		if last < b.Revision {
			return fmt.Errorf("%w: stream %s ends at revision %d, but revision %d of %s read it up to %d",
				eventstore.ErrCorrupt, b.Stream, last, m.Revision, m.Stream, b.Revision)
		}
	}
	return nil
}

// Cases lists every case of the store by id. It reads the whole store and
// checks it as far as cases go.
func (s *Service) Cases(ctx context.Context) ([]Summary, error) {
	found := map[string]*Summary{}
	for r, err := range s.Store.All(ctx, eventstore.Start) {
		if err != nil {
			return nil, fmt.Errorf("list of cases: %w", err)
		}
		id, ok := strings.CutPrefix(r.Stream, casePrefix)
		if !ok {
			continue
		}
		if found[id] == nil {
			found[id] = &Summary{ID: id}
		}
		if err := found[id].add(r, s.Suite); err != nil {
			return nil, fmt.Errorf("stream %s, revision %d: %w", r.Stream, r.Revision, err)
		}
	}
	list := make([]Summary, 0, len(found))
	for _, sum := range found {
		list = append(list, *sum)
	}
	slices.SortFunc(list, func(a, b Summary) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// add counts one more event of the case.
func (sum *Summary) add(r eventstore.Recorded, suite string) error {
	env, err := open(r, CaseStream(sum.ID), sum.Events, suite)
	if err != nil {
		return err
	}
	sum.Events++
	sum.Last = env.RecordedAt
	sum.Imported = sum.Imported || env.Claimed != nil
	e, err := eligibility.Decode(env.Type, env.Clear)
	switch e := e.(type) {
	case *eligibility.CaseOpened:
		sum.Programme, sum.Pack, sum.Office, sum.Opened = e.Programme, e.Pack, e.Office, e.Day
	case *eligibility.CaseClosed:
		sum.Closed = true
	}
	if err != nil {
		return fmt.Errorf("%w: %v", eventstore.ErrCorrupt, err)
	}
	return nil
}

// entries reads all events of a case, personal data unopened: a replay and a
// list need none, and what is not opened cannot leak.
func (s *Service) entries(ctx context.Context, id string) ([]Entry, error) {
	entries, err := s.load(ctx, id)
	if err == nil && len(entries) == 0 {
		err = NoCase(id)
	}
	return entries, err
}

// NoCase is the answer for a case that is not there, and for one of which
// somebody may not know that it is.
func NoCase(id string) error { return domain.Deny(domain.ErrNotFound, "there is no case %q", "", id) }

// load is entries for a case that need not exist yet.
func (s *Service) load(ctx context.Context, id string) ([]Entry, error) {
	var entries []Entry
	for env, err := range s.read(ctx, CaseStream(id)) {
		if err != nil {
			return nil, err
		}
		e, err := eligibility.Decode(env.Type, env.Clear)
		if err != nil {
			return nil, unreadable(env.Meta, err)
		}
		entries = append(entries, Entry{Envelope: env, Event: e})
	}
	return entries, nil
}

// fold is the state of a case after its entries.
func fold(id string, entries []Entry) *eligibility.Case {
	c := &eligibility.Case{ID: id}
	for _, e := range entries {
		c.Apply(e.Event, e.Meta)
	}
	return c
}
