package casework

import (
	"context"

	"leeway/domain"
	"leeway/domain/replay"
)

// Diligence is the due-diligence record of a case, on the replay that it rests
// on: the one that ReplayCase gives with the same options. Errors are those of
// ReplayCase.
func (s *Service) Diligence(ctx context.Context, id string, opt ReplayOptions) (replay.Diligence, Replayed, error) {
	done, err := s.ReplayCase(ctx, Request{}, id, ReplayOptions{AsOf: opt.AsOf, From: opt.From, To: opt.To})
	if err != nil {
		return replay.Diligence{}, Replayed{}, err
	}
	in := done.Report.Inputs
	d, err := s.DossierAt(ctx, id, in.AsOf)
	if err != nil {
		return replay.Diligence{}, Replayed{}, err
	}
	record, err := replay.DiligenceOf(replay.Input{Case: d.Case, Register: d.Register, Rules: s.Rules, AsOf: in.AsOf, From: in.From, To: in.To}, done.Report, done.Digest)
	return record, done, err
}

// LastDay is the civil day on which the newest event of a case was put on
// record. A paper that says nothing else stands as of it, so that the same
// record gives the same paper on any later day.
func (s *Service) LastDay(ctx context.Context, id string) (domain.Day, error) {
	c, err := s.Case(ctx, id)
	if err != nil {
		return 0, err
	}
	return domain.DayOf(c.Last.RecordedAt.Time), nil
}
