package casework

import (
	"context"
	"fmt"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// lastOf is the last revision of a register stream; -1: it is empty.
func lastOf(r *eligibility.Register, stream string) int64 {
	if m, ok := r.Last[stream]; ok {
		return m.Revision
	}
	return eventstore.NoStream
}

// registerStreams are the streams that an act of an office rests on, beside
// the case.
func registerStreams(offices ...string) []string {
	streams := []string{eligibility.SourcesStream, eligibility.RulesStream}
	for _, o := range offices {
		if posts := eligibility.PostsStream(o); o != "" && !slices.Contains(streams, posts) {
			streams = append(streams, posts)
		}
	}
	return streams
}

// Register reads the city's registers of sources and rules, and of the posts
// of the offices named. Registers that nobody has written to are empty.
func (s *Service) Register(ctx context.Context, offices ...string) (*eligibility.Register, error) {
	return s.registers(ctx, registerStreams(offices...))
}

// registers folds register streams, each once.
func (s *Service) registers(ctx context.Context, streams []string) (*eligibility.Register, error) {
	r := &eligibility.Register{}
	read := map[string]bool{}
	for _, stream := range streams {
		if read[stream] {
			continue
		}
		read[stream] = true
		if _, err := s.register(ctx, stream, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// noted is a register event as it stands on record.
type noted struct {
	domain.Envelope
	event eligibility.RegisterEvent
}

// register folds one register stream into r and returns its events. An event
// that belongs to another register is an error: posts of one office among
// those of another would name the wrong person.
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
