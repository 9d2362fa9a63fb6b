package casework

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"leeway/domain"
	"leeway/eventstore"
)

// ErrReplayDiffers says that the same inputs gave another trace than the one
// on record. Either the program or the record is wrong; do not go on.
var ErrReplayDiffers = errors.New("replay gave another trace than the one on record")

// ReplayRecorded is the result of a replay. Digest names its inputs; Trace is
// compared byte by byte; Engine stands outside of what is compared.
type ReplayRecorded struct {
	Digest string          `json:"digest"`
	Engine string          `json:"engine"`
	Trace  json.RawMessage `json:"trace"`
}

// EventType is the stored name.
func (ReplayRecorded) EventType() string { return "replay-recorded.v1" }

// ReplayStream is the stream of the replay with these inputs.
func ReplayStream(digest string) string { return "replay-" + digest }

// Why a replay is stored under its inputs: whoever replays again with the same
// inputs, in ten years, with another engine, must get the same bytes. If he
// does not, that is found here and not in front of a commission.

// StoreReplay keeps the trace of a replay under the digest of its inputs, once.
// Trace is JSON as domain.Canonical writes it. The same trace again gets the
// first receipt, whatever the engine; another trace is ErrReplayDiffers.
func (s *Service) StoreReplay(ctx context.Context, req Request, digest string, trace json.RawMessage, engine string) (Receipt, error) {
	result := ReplayRecorded{digest, engine, trace}
	w, err := s.begin(req)
	if err != nil {
		return Receipt{}, err
	}
	if result.Digest == "" || result.Engine == "" {
		return Receipt{}, domain.NewFault("digest, engine", "one is empty", "name the inputs by their digest, and the engine with its version")
	}
	if c, err := domain.Canonical(result.Trace); err != nil || !bytes.Equal(c, result.Trace) {
		return Receipt{}, domain.NewFault("trace", "it is not in canonical form", "write it with domain.Canonical")
	}
	return again(func() (Receipt, error) {
		old, env, err := s.storedReplay(ctx, result.Digest)
		switch {
		case err == nil && bytes.Equal(old.Trace, result.Trace):
			return Receipt{EventID: env.ID, Command: env.Command, Stream: env.Stream, Revision: env.Revision, RecordedAt: env.RecordedAt}, nil
		case err == nil:
			return Receipt{}, fmt.Errorf("%w: inputs %s, engine then %s, now %s", ErrReplayDiffers, result.Digest, old.Engine, result.Engine)
		case !errors.Is(err, domain.ErrNotFound):
			return Receipt{}, err
		}
		at := domain.Meta{Stream: ReplayStream(result.Digest), Revision: eventstore.NoStream}
		return s.append(ctx, w, at, []draft{w.draft(result)})
	})
}

// StoredReplay is the replay on record under a digest of inputs, or an error
// that wraps domain.ErrNotFound.
func (s *Service) StoredReplay(ctx context.Context, digest string) (ReplayRecorded, error) {
	r, _, err := s.storedReplay(ctx, digest)
	return r, err
}

func (s *Service) storedReplay(ctx context.Context, digest string) (r ReplayRecorded, env domain.Envelope, err error) {
	for env, err = range s.read(ctx, ReplayStream(digest)) {
		if err != nil {
			return ReplayRecorded{}, env, err
		}
		if env.Revision > 0 {
			break
		}
		dec := json.NewDecoder(bytes.NewReader(env.Clear))
		dec.DisallowUnknownFields()
		err = dec.Decode(&r)
		if err != nil || env.Type != r.EventType() || r.Digest != digest {
			return ReplayRecorded{}, env, fmt.Errorf("stream %s: %w: it is not the replay of these inputs", env.Stream, domain.ErrAltered)
		}
	}
	switch {
	case r.Digest == "":
		return r, env, domain.Deny(domain.ErrNotFound, "no replay with inputs %s is on record", "", digest)
	case env.Revision > 0:
		return ReplayRecorded{}, env, fmt.Errorf("stream %s: %w: a replay is written once", env.Stream, domain.ErrAltered)
	}
	return r, env, nil
}
