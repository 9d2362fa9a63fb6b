package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/privacy"
	"leeway/domain/review"
	"leeway/eventstore"
)

// reviewEntry is one event of a review as it stands on record, opened where
// its keys are at hand.
type reviewEntry struct {
	domain.Envelope
	event    review.Event
	sealed   []string
	position eventstore.Position
}

// load reads a review that need not exist yet.
func (v *Reviews) load(ctx context.Context, id string) (*review.Review, []reviewEntry, error) {
	var entries []reviewEntry
	r := &review.Review{ID: id}
	stream := ReviewStream(id)
	// What became of the data is looked up where something is sealed.
	file := sync.OnceValues(func() (*privacy.File, error) {
		f, _, err := v.Desk.privacyFile(ctx, ReviewPrivacyStream(id), id)
		return f, err
	})
	for rec, err := range v.Desk.Store.Read(ctx, stream, 0) {
		next := int64(len(entries))
		var env domain.Envelope
		if err == nil {
			env, err = open(rec, stream, next, v.Desk.Suite)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("stream %s, revision %d: %w", stream, next, err)
		}
		e, err := review.Decode(env.Type, env.Clear)
		if err != nil {
			return nil, nil, unreadable(env.Meta, err)
		}
		entry := reviewEntry{Envelope: env, event: e, position: rec.Position}
		if entry.sealed, err = v.reveal(env, eligibility.Private(e), file); err != nil {
			return nil, nil, fmt.Errorf("stream %s, revision %d: %w", stream, next, err)
		}
		entries = append(entries, entry)
		r.Apply(e, env.Meta)
	}
	return r, entries, nil
}

// reveal opens the personal data of an event into its fields and lists the
// paths that stay closed. What is sealed must be what the event says is sealed.
func (v *Reviews) reveal(env domain.Envelope, fields []domain.PrivateField, file func() (*privacy.File, error)) (closed []string, err error) {
	marked := map[string]*domain.Private{}
	for _, f := range fields {
		if f.Data.Present {
			marked[f.Path] = f.Data
		}
	}
	e := Entry{Envelope: env}
	for _, sealed := range env.Sealed {
		into, ok := marked[sealed.Field]
		if !ok {
			return nil, fmt.Errorf("%w: %s is sealed twice or without a mark", domain.ErrAltered, sealed.Field)
		}
		delete(marked, sealed.Field)
		f, err := file()
		if err != nil {
			return nil, err
		}
		if err := v.Desk.unseal(&e, sealed, into, f); err != nil {
			return nil, err
		}
	}
	for path := range marked {
		return nil, fmt.Errorf("%w: what was said at %s is not there", domain.ErrAltered, path)
	}
	return e.Sealed, nil
}

// past is the cases under review with their registers, as they were read.
type past struct {
	cases    []*eligibility.Case
	register *eligibility.Register
	history  review.History
}

// seen says who looks at the cases, on which civil day, and how far back they
// are cut; no cut: as far as they go.
type seen struct {
	by  review.Role
	on  domain.Day
	cut domain.Basis
}

// history reads the cases and registers whole, up to where cut says, and finds
// everybody who stands in them. Only discipline roles let clues be read, and
// no clue stream is ever named in a basis.
func (v *Reviews) history(ctx context.Context, cases []string, s seen) (past, error) {
	p := past{register: &eligibility.Register{}, history: review.History{Complete: true}}
	within := func(m domain.Meta) bool { return s.cut == nil || s.cut.Covers(m.Stream, m.Revision) }
	for _, stream := range eligibility.RegisterStreams() {
		notes, err := v.Desk.register(ctx, stream, &eligibility.Register{})
		if err != nil {
			return past{}, err
		}
		last := eventstore.NoStream
		for _, n := range notes {
			if within(n.Meta) {
				p.register.Apply(n.event, n.Meta)
				last = n.Revision
			}
		}
		p.history.Basis = append(p.history.Basis, domain.Read{Stream: stream, Revision: last})
	}
	for _, id := range cases {
		entries, err := v.Desk.entries(ctx, id)
		if err != nil {
			return past{}, err
		}
		entries = slices.DeleteFunc(entries, func(e Entry) bool { return !within(e.Meta) })
		c := fold(id, entries)
		p.cases = append(p.cases, c)
		p.history.Basis = append(p.history.Basis, domain.Read{Stream: CaseStream(id), Revision: c.Revision()})
		traces, err := v.traces(c, p.register, entries, s.on)
		if err != nil {
			return past{}, err
		}
		p.history.Traces = append(p.history.Traces, traces...)
		p.history.Reporters = append(p.history.Reporters, complainants(entries)...)
		// A worker's step never lets a clue be read: not even its time could tell.
		if s.by.Discipline() {
			if err := v.addReporters(ctx, id, &p.history); err != nil {
				return past{}, err
			}
		}
	}
	slices.SortFunc(p.history.Basis, func(a, b domain.Read) int { return strings.Compare(a.Stream, b.Stream) })
	return p, nil
}

// traces finds everybody in one case, by the limits of a day.
func (v *Reviews) traces(c *eligibility.Case, reg *eligibility.Register, entries []Entry, on domain.Day) ([]review.Trace, error) {
	terms, err := v.termsOf(reg, c.Pack, on)
	if err != nil {
		return nil, err
	}
	staff := map[string][]string{}
	for _, a := range c.Acts {
		staff[a.At.ID] = append(staff[a.At.ID], a.Staff...)
	}
	var seen []review.Sighting
	for _, e := range entries {
		seen = append(seen, review.Sighting{Meta: e.Meta, Staff: staff[e.ID]})
	}
	since := review.LimitsOf(terms).Since([]review.Matter{{Day: c.Opened.Day}})
	return review.Traces(c, reg, seen, since), nil
}

// complainants are who complained, as the case itself has them.
func complainants(entries []Entry) []string {
	var list []string
	for _, e := range entries {
		if c, ok := e.Event.(*eligibility.ComplaintReceived); ok && c.Text.Subject != "" {
			list = append(list, c.Text.Subject)
		}
	}
	return list
}

// stale reports whether any stream of a basis has moved on.
func (v *Reviews) stale(ctx context.Context, basis domain.Basis) (bool, error) {
	for _, b := range basis {
		for _, err := range v.Desk.Store.Read(ctx, b.Stream, b.Revision+1) {
			if err != nil {
				return false, fmt.Errorf("stream %s: %w", b.Stream, err)
			}
			return true, nil
		}
	}
	return false, nil
}
