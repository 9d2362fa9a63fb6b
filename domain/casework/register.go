package casework

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/review"
	"leeway/eventstore"
)

// lastOf is the last revision of a register stream; -1: it is empty.
func lastOf(r *eligibility.Register, stream string) int64 {
	if m, ok := r.Last[stream]; ok {
		return m.Revision
	}
	return eventstore.NoStream
}

// Register reads the city's registers of sources, rules and posts. Registers
// that nobody has written to are empty.
func (s *Service) Register(ctx context.Context) (*eligibility.Register, error) {
	r := &eligibility.Register{}
	for _, stream := range eligibility.RegisterStreams() {
		if _, err := s.register(ctx, stream, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Terms are the working days and local limits of the pack version that was
// activated last by a civil day: what the city's reviews run under. None where
// nothing is activated yet.
func (s *Service) Terms(ctx context.Context, on domain.Day) (review.Terms, error) {
	r, err := s.Register(ctx)
	if err != nil {
		return nil, err
	}
	var last *eligibility.Activation
	for i, a := range r.Rules {
		if a.At.Day <= on && (last == nil || a.At.Day >= last.At.Day) {
			last = &r.Rules[i]
		}
	}
	if last == nil {
		return nil, nil
	}
	return s.Rules.Plan(last.Rules, on)
}

// noted is a register event as it stands on record, with its stored form.
type noted struct {
	domain.Envelope
	event eligibility.RegisterEvent
	as    eventstore.Recorded
}

// is reports whether this is what was stored, to the byte.
func (n noted) is(r eventstore.Recorded) bool {
	return n.as.Stream == r.Stream && n.as.Revision == r.Revision && n.as.ID == r.ID && n.as.Type == r.Type && n.as.Command == r.Command && bytes.Equal(n.as.Data, r.Data)
}

// decoded are the register events that were decoded before. A city has some
// hundreds of them, and every page and every command reads them all: what is
// stored is read and compared each time, and what is the same is not decoded
// again. Events are shared and never changed.
type decoded struct {
	mu sync.Mutex
	by map[string][]noted
}

func (d *decoded) get(stream string) []noted {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.by[stream]
}

func (d *decoded) put(stream string, all []noted) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.by == nil {
		d.by = map[string][]noted{}
	}
	d.by[stream] = all
}

// register folds one register stream into r and returns its events. An event
// that belongs to another register is an error.
func (s *Service) register(ctx context.Context, stream string, r *eligibility.Register) ([]noted, error) {
	known := s.registers.get(stream)
	all := make([]noted, 0, len(known)+1)
	same := true
	for got, err := range s.Store.Read(ctx, stream, 0) {
		at := int64(len(all))
		if err != nil {
			return nil, fmt.Errorf("stream %s, revision %d: %w", stream, at, err)
		}
		if len(all) < len(known) && known[at].is(got) {
			all = append(all, known[at])
			continue
		}
		same = false
		n, err := s.noted(got, stream, at)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if !same {
		s.registers.put(stream, slices.Clip(all))
	}
	for _, n := range all {
		r.Apply(n.event, n.Meta)
	}
	return all, nil
}

// noted decodes one register event, which must be the given revision of a
// stream.
func (s *Service) noted(got eventstore.Recorded, stream string, revision int64) (noted, error) {
	env, err := open(got, stream, revision, s.Suite)
	if err != nil {
		return noted{}, fmt.Errorf("stream %s, revision %d: %w", stream, revision, err)
	}
	e, err := eligibility.DecodeRegister(env.Type, env.Clear)
	if err != nil {
		return noted{}, unreadable(env.Meta, err)
	}
	if e.Stream() != stream {
		return noted{}, fmt.Errorf("stream %s, revision %d: %w: the event belongs to %s", stream, revision, domain.ErrAltered, e.Stream())
	}
	return noted{env, e, got}, nil
}
