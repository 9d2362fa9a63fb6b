package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
	"leeway/domain/review"
	"leeway/eventstore"
	"leeway/policies"
)

const replayPrefix = "replay-"

// A Replay of a package, as it was kept and as it comes out now.
type Replay struct {
	Digest  string       `json:"digest"` // of its inputs
	Case    string       `json:"case"`
	AsOf    domain.Day   `json:"as_of"`
	Engine  string       `json:"engine"` // that made the trace on record
	Class   replay.Class `json:"class"`
	Over    domain.Fen   `json:"over"`
	Under   domain.Fen   `json:"under"`
	Equal   bool         `json:"equal"`             // made again, it is the same to the byte
	Unknown string       `json:"unknown,omitempty"` // why it could not be made again
	why     domain.Said  // the same
}

// unknown notes why it could not be made again.
func (r *Replay) unknown(why domain.Said) { r.why, r.Unknown = why, why.String() }

// kept is a replay on record with its inputs.
type kept struct {
	Replay
	trace  json.RawMessage
	inputs replay.Inputs
	event  Event
}

// readReplay reads the event of a replay. What another program wrote into the
// trace is read as far as its format says.
func readReplay(e piece) (k kept, err error) {
	var r casework.ReplayRecorded
	if err := json.Unmarshal(e.env.Clear, &r); err != nil {
		return k, domain.Deny(ErrAltered, "the event of %s cannot be read", "", e.env.Stream)
	}
	var head struct {
		Inputs  replay.Inputs `json:"inputs"`
		Primary replay.Class  `json:"primary"`
		Money   replay.Money  `json:"money"`
	}
	k = kept{Replay{Digest: r.Digest, Engine: r.Engine}, r.Trace, replay.Inputs{}, Event{Index: e.index, ID: e.env.ID, Stream: e.env.Stream}}
	if err := json.Unmarshal(r.Trace, &head); err != nil {
		var format struct{ Inputs struct{ Format string } }
		if json.Unmarshal(r.Trace, &format) == nil && format.Inputs.Format != replay.Format {
			k.inputs.Format = format.Inputs.Format
			return k, nil
		}
		return k, domain.Deny(ErrAltered, "the trace of %s cannot be read", "", e.env.Stream)
	}
	k.inputs, k.Case, k.AsOf, k.Class = head.Inputs, head.Inputs.Case, head.Inputs.AsOf, head.Primary
	k.Over, k.Under = head.Money.Overpaid, head.Money.Underpaid
	return k, nil
}

// replays reads every replay of a package, in the order of the ledger.
func (c *content) replays() (list []kept, err error) {
	for _, e := range c.events {
		if !strings.HasPrefix(e.env.Stream, replayPrefix) {
			continue
		}
		k, err := readReplay(e)
		if err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, nil
}

// rules are the packs of a package alone, with this program's engine.
type rules struct {
	*policies.Library
	engine string
}

// Engine implements casework.Rules.
func (r rules) Engine() string { return r.engine }

// desk is casework over the events of a package: without keys, without writing,
// and without a clock, since nothing in it may depend on the day of reading.
func (c *content) desk(lib casework.Rules) *casework.Service {
	// A ledger has one suite; an event of another is refused where it is read.
	suite := ""
	if len(c.events) > 0 {
		suite = c.events[0].env.Suite
	}
	return &casework.Service{Store: shelve(c.events), Rules: lib, Suite: suite, Now: func() time.Time { return time.Time{} }}
}

// runAgain makes every replay anew. One whose trace differs is
// casework.ErrReplayDiffers, unless another engine made it: that is told, not
// guessed.
func (c *content) runAgain(ctx context.Context, lib rules) ([]Replay, error) {
	list, err := c.replays()
	if err != nil {
		return nil, err
	}
	desk := c.desk(lib)
	out := make([]Replay, len(list))
	for i, k := range list {
		if k.inputs.Format != replay.Format {
			k.unknown(domain.Say("trace format %q, this program writes %s", k.inputs.Format, replay.Format))
			out[i] = k.Replay
			continue
		}
		again, err := desk.ReplayAgain(ctx, k.inputs)
		if err != nil {
			return nil, domain.Within(err, "event %d, %s", k.event.Index, k.event.Stream)
		}
		k.Equal = bytes.Equal(again, k.trace)
		switch {
		case k.Equal:
		case k.Engine != lib.engine:
			k.unknown(domain.Say("engine %s made it, this program has %s", k.Engine, lib.engine))
		default:
			return nil, domain.Deny(casework.ErrReplayDiffers, "event %d of %s, inputs %s", "", k.event.Index, k.event.Stream, k.Digest)
		}
		out[i] = k.Replay
	}
	return out, nil
}

// reader is who reads a review out of a package.
var reader = casework.Identity{Actor: domain.Actor{Person: "verifier", Office: "verifier", Post: "verifier"}, Role: review.Auditor}

// determination writes the document of a review from the events of the package,
// as who has no keys reads it; empty where nothing is determined yet.
func (c *content) determination(ctx context.Context, lib casework.Rules) (string, error) {
	if c.kind != OfReview {
		return "", nil
	}
	v := &casework.Reviews{Desk: c.desk(lib)}
	r, err := v.Review(ctx, reader, c.id)
	if err != nil || r.Determination == nil {
		return "", err
	}
	paper, err := v.Paper(ctx, reader, c.id, 0, 0)
	if err != nil {
		return "", err
	}
	return review.Document(paper)
}

// named are the cases and the replays that a review's events name, from a store.
func named(ctx context.Context, store eventstore.Store, id string) (cases, replays []string, err error) {
	r := &review.Review{ID: id}
	for rec, err := range store.Read(ctx, casework.ReviewStream(id), 0) {
		if err != nil {
			return nil, nil, err
		}
		env, err := domain.DecodeEnvelope(rec.Data)
		if err != nil {
			return nil, nil, err
		}
		e, err := review.Decode(env.Type, env.Clear)
		if err != nil {
			return nil, nil, fmt.Errorf("%s, revision %d: %w: %v", rec.Stream, rec.Revision, eventstore.ErrCorrupt, err)
		}
		r.Apply(e, env.Meta)
		if x, ok := e.(*review.Replayed); ok && !slices.Contains(replays, x.Replay.Inputs) {
			replays = append(replays, x.Replay.Inputs)
		}
	}
	if r.Revision() < 0 {
		return nil, nil, domain.Deny(domain.ErrNotFound, "there is no review %q", "", id)
	}
	return r.Cases(), replays, nil
}
