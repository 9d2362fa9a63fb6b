package casework

import (
	"context"
	"fmt"

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

// noted is a register event as it stands on record.
type noted struct {
	domain.Envelope
	event eligibility.RegisterEvent
}

// register folds one register stream into r and returns its events. An event
// that belongs to another register is an error.
func (s *Service) register(ctx context.Context, stream string, r *eligibility.Register) ([]noted, error) {
	var all []noted
	for env, err := range s.read(ctx, stream) {
		if err != nil {
			return nil, err
		}
		e, err := eligibility.DecodeRegister(env.Type, env.Clear)
		if err != nil {
			return nil, unreadable(env.Meta, err)
		}
		if e.Stream() != stream {
			return nil, fmt.Errorf("stream %s, revision %d: %w: the event belongs to %s", stream, env.Revision, domain.ErrAltered, e.Stream())
		}
		r.Apply(e, env.Meta)
		all = append(all, noted{env, e})
	}
	return all, nil
}
