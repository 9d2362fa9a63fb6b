package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// ReplayOptions say which replay of a case is wanted.
type ReplayOptions struct {
	AsOf     domain.Day   // index day: what was on record, and which rules were published, by its end; none: today
	From, To domain.Month // limits; none: every month
	Keep     bool         // keep the trace on record, once per digest of inputs
}

// Replayed is a replay with the digest of its inputs. Trace is the report in
// canonical form: the bytes that are kept and compared.
type Replayed struct {
	Report *replay.Report
	Digest string
	Trace  json.RawMessage
	Kept   *Receipt // where it is on record
}

// ReplayCase replays a case. Every stream is read whole first: an input that
// is missing, altered or unreadable is an error with its place, and there is
// no answer. Kept before with another trace, it is ErrReplayDiffers.
func (s *Service) ReplayCase(ctx context.Context, req Request, id string, opt ReplayOptions) (Replayed, error) {
	if opt.AsOf == 0 {
		opt.AsOf = domain.DayOf(s.Now())
	}
	d, err := s.DossierAt(ctx, id, opt.AsOf)
	if err != nil {
		return Replayed{}, err
	}
	report, err := replay.Run(replay.Input{Case: d.Case, Register: d.Register, Rules: s.Rules, AsOf: opt.AsOf, From: opt.From, To: opt.To})
	if err != nil {
		return Replayed{}, err
	}
	trace, err := domain.Canonical(report)
	if err != nil {
		return Replayed{}, err
	}
	inputs, err := domain.Canonical(report.Inputs)
	if err != nil {
		return Replayed{}, err
	}
	sum := sha256.Sum256(inputs)
	done := Replayed{Report: report, Digest: hex.EncodeToString(sum[:]), Trace: trace}
	if !opt.Keep {
		return done, nil
	}
	receipt, err := s.StoreReplay(ctx, req, done.Digest, trace, s.Rules.Engine())
	done.Kept = &receipt
	return done, err
}

// DossierAt is the dossier of a case as it was known by the end of a civil
// day (KnownBy). The streams are read whole and checked whole all the same.
func (s *Service) DossierAt(ctx context.Context, id string, day domain.Day) (Dossier, error) {
	if _, err := s.Dossier(ctx, id); err != nil {
		return Dossier{}, err
	}
	c, err := s.CaseAt(ctx, id, day)
	if err != nil {
		return Dossier{}, err
	}
	r, err := s.RegisterAt(ctx, day)
	return Dossier{c, r}, err
}

// RegisterAt is what the registers had said by the end of a civil day
// (KnownBy). The streams are read whole and checked whole all the same.
func (s *Service) RegisterAt(ctx context.Context, day domain.Day) (*eligibility.Register, error) {
	r := &eligibility.Register{}
	for _, stream := range eligibility.RegisterStreams() {
		all, err := s.register(ctx, stream, &eligibility.Register{})
		if err != nil {
			return nil, err
		}
		for _, n := range all {
			if KnownBy(n.Meta, day) {
				r.Apply(n.event, n.Meta)
			}
		}
	}
	return r, nil
}

// AdviseWith makes the engine's advice from the rules: what is lawful for the
// month on the facts of the basis, under the rules that the office holds, and
// when the next re-check is due.
func AdviseWith(rules Rules) func(context.Context, Question) (*eligibility.Advice, error) {
	return func(_ context.Context, q Question) (*eligibility.Advice, error) {
		in := replay.Input{Case: q.Case, Register: q.Register, Rules: rules, AsOf: q.Day}
		v, due, err := replay.NextRecheck(in, q.Event)
		if err != nil {
			return nil, fmt.Errorf("case %s, next re-check: %w", q.Case.ID, err)
		}
		advice := &eligibility.Advice{Rules: v, Engine: rules.Engine(), Known: q.Day, Recheck: due}
		if q.Month == 0 {
			return advice, nil
		}
		if advice.Rules, advice.Outcome, err = replay.Advise(in, q.Month); err != nil {
			return nil, fmt.Errorf("case %s, month %s: %w", q.Case.ID, q.Month, err)
		}
		return advice, nil
	}
}
