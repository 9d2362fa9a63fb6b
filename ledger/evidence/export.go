package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/eventstore"
	"leeway/ledger"
	"leeway/policies"
)

// A Source is what packages are made from.
type Source struct {
	Store  eventstore.Store
	Log    *ledger.Log // over the store; it needs no signer
	Packs  *policies.Library
	Engine string // of this program, with its version
}

// Export makes the package of a case or a review: OfCase or OfReview and its
// id. It holds what the newest checkpoint covers, the registers and the rules
// that it rests on, and personal data as it lies in the store, sealed. The
// package has been verified before it is handed out. Errors wrap
// domain.ErrNotFound, ledger.ErrPending (nothing of it is sealed yet),
// replay.ErrNoRules (a pack is not at hand), or say what is damaged.
func (s Source) Export(ctx context.Context, kind, id string) ([]byte, *Result, error) {
	c := &content{kind: kind, id: id}
	sealed, err := ledger.ParseCheckpoint(s.Log.Latest().Note)
	if err != nil {
		return nil, nil, err
	}
	// One moment for all streams: what is recorded meanwhile is not in it.
	store, err := s.Log.Prefix(sealed.Size)
	if err != nil {
		return nil, nil, err
	}
	streams, err := streamsOf(ctx, store, kind, id)
	if err != nil {
		return nil, nil, err
	}
	if err := s.gather(ctx, c, store, streams); err != nil {
		return nil, nil, err
	}
	if err := s.addPacks(ctx, c); err != nil {
		return nil, nil, err
	}
	if c.document, err = c.determination(ctx, rules{s.Packs, s.Engine}); err != nil {
		return nil, nil, err
	}
	b, err := c.assemble()
	if err != nil {
		return nil, nil, err
	}
	r, err := Verify(ctx, b, Options{Policy: s.Log.Policy(), Engine: s.Engine, Early: true})
	if err != nil {
		return nil, nil, domain.Within(err, "the package does not verify and is not handed out")
	}
	return b, r, nil
}

// streamsOf names every stream that belongs to a case or a review.
func streamsOf(ctx context.Context, store eventstore.Store, kind, id string) ([]string, error) {
	streams := eligibility.RegisterStreams()
	cases, replays := []string{id}, []string(nil)
	var err error
	switch kind {
	case OfCase:
		if replays, err = replaysOf(ctx, store, id); err != nil {
			return nil, err
		}
	case OfReview:
		if cases, replays, err = named(ctx, store, id); err != nil {
			return nil, err
		}
		streams = append(streams, casework.ReviewStream(id), casework.ReviewPrivacyStream(id))
	default:
		return nil, domain.NewFault("", "a package is not of %q", "write case or review", kind)
	}
	for _, one := range cases {
		streams = append(streams, casework.CaseStream(one), casework.PrivacyStream(one))
	}
	for _, digest := range replays {
		streams = append(streams, casework.ReplayStream(digest))
	}
	return streams, nil
}

// replaysOf finds the replays of a case that were kept. They lie under the
// digest of their inputs, so that the whole store is walked.
func replaysOf(ctx context.Context, store eventstore.Store, id string) (digests []string, err error) {
	known := false
	for r, err := range store.All(ctx, eventstore.Start) {
		if err != nil {
			return nil, err
		}
		known = known || r.Stream == casework.CaseStream(id)
		digest, ok := strings.CutPrefix(r.Stream, replayPrefix)
		if !ok {
			continue
		}
		var e struct {
			Clear struct {
				Trace struct {
					Inputs struct {
						Case string `json:"case"`
					} `json:"inputs"`
				} `json:"trace"`
			} `json:"clear"`
		}
		if err := json.Unmarshal(r.Data, &e); err != nil {
			return nil, fmt.Errorf("%s: %w: %v", r.Stream, eventstore.ErrCorrupt, err)
		}
		if e.Clear.Trace.Inputs.Case == id {
			digests = append(digests, digest)
		}
	}
	if !known {
		return nil, domain.Deny(domain.ErrNotFound, "there is no case %q under a checkpoint", "", id)
	}
	return digests, nil
}

// gather reads the streams and proves every event of them.
func (s Source) gather(ctx context.Context, c *content, store eventstore.Store, streams []string) error {
	var all []eventstore.Recorded
	for _, stream := range streams {
		for r, err := range store.Read(ctx, stream, 0) {
			if err != nil {
				return domain.Within(err, "stream %s", stream)
			}
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b eventstore.Recorded) int {
		if a.Position < b.Position {
			return -1
		}
		return 1
	})
	checkpoint, proofs, err := s.Log.ProveTogether(all)
	if err != nil {
		return err
	}
	if c.checkpoint, c.keys, err = s.Log.Policy().Signed(checkpoint.Note); err != nil {
		return err
	}
	for i, p := range proofs {
		e := piece{index: p.Index, data: p.Data, proof: p.Proof}
		if err := e.open(); err != nil {
			return domain.Within(err, "event %d, revision %d of %s", p.Index, all[i].Revision, all[i].Stream)
		}
		c.events = append(c.events, e)
	}
	return nil
}

// addPacks adds the bytes of every version that the registers published for the
// packs of the cases, and of what these extend.
func (s Source) addPacks(ctx context.Context, c *content) error {
	desk := c.desk(rules{s.Packs, s.Engine})
	register, err := desk.Register(ctx)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, e := range c.events {
		if e.env.Type != (eligibility.CaseOpened{}).EventType() {
			continue
		}
		var opened struct {
			Pack string `json:"pack"`
		}
		if err := json.Unmarshal(e.env.Clear, &opened); err != nil {
			return fmt.Errorf("event %d: %w: %v", e.index, eventstore.ErrCorrupt, err)
		}
		names[opened.Pack] = true
	}
	for _, a := range register.Rules {
		if names[a.Rules.Pack] {
			if err := s.addPack(c, a.Rules); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(c.packs, func(a, b pack) int {
		return strings.Compare(a.id.Pack+"/"+a.id.Version, b.id.Pack+"/"+b.id.Version)
	})
	return nil
}

// addPack adds one version, once, with its base.
func (s Source) addPack(c *content, v domain.PackVersion) error {
	if slices.ContainsFunc(c.packs, func(p pack) bool { return p.id == v }) {
		return nil
	}
	info, err := s.Packs.Info(v)
	if err != nil {
		return domain.Within(err, "rules that decisions rest on cannot be exported")
	}
	folder, err := s.Packs.Files(v)
	if err != nil {
		return err
	}
	p := pack{id: v, files: map[string][]byte{}}
	err = fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			p.files[name], err = fs.ReadFile(folder, name)
		}
		return err
	})
	if err != nil {
		return errors.Join(replay.ErrNoRules, err)
	}
	c.packs = append(c.packs, p)
	if info.Extends.Pack != "" {
		return s.addPack(c, info.Extends)
	}
	return nil
}
