package casework

import (
	"context"
	"encoding/json"
	"fmt"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/eventstore"
)

// ReplayAgain replays what a stored trace says it rests on, and nothing that
// came later: the streams up to the revisions that it names, its days, its
// findings. It gives the trace anew, to be compared byte by byte. A stream that
// ends before its revision is eventstore.ErrCorrupt; rules that are missing
// are replay.ErrNoRules.
func (s *Service) ReplayAgain(ctx context.Context, in replay.Inputs) (json.RawMessage, error) {
	within := func(m domain.Meta) bool { return in.Streams.Covers(m.Stream, m.Revision) && KnownBy(m, in.AsOf) }
	last := map[string]int64{}
	entries, err := s.entries(ctx, in.Case)
	if err != nil {
		return nil, err
	}
	var known []Entry
	for _, e := range entries {
		last[e.Stream] = e.Revision
		if within(e.Meta) {
			known = append(known, e)
		}
	}
	register := &eligibility.Register{}
	for _, stream := range eligibility.RegisterStreams() {
		notes, err := s.register(ctx, stream, &eligibility.Register{})
		if err != nil {
			return nil, err
		}
		for _, n := range notes {
			last[stream] = n.Revision
			if within(n.Meta) {
				register.Apply(n.event, n.Meta)
			}
		}
	}
	for _, b := range in.Streams {
		if got, ok := last[b.Stream]; !ok || got < b.Revision {
			return nil, fmt.Errorf("%w: stream %s does not reach revision %d, which the replay read", eventstore.ErrCorrupt, b.Stream, b.Revision)
		}
	}
	report, err := replay.Run(replay.Input{Case: fold(in.Case, known), Register: register, Rules: s.Rules,
		AsOf: in.AsOf, From: in.From, To: in.To, Rejected: in.Rejected, Found: in.Found})
	if err != nil {
		return nil, err
	}
	return domain.Canonical(report)
}
