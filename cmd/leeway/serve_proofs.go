package main

import (
	"context"
	"errors"
	"slices"

	"leeway/api"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/eventstore"
	"leeway/ledger"
	"leeway/ledger/evidence"
)

// proofs are what the API and the pages ask of the ledger of a server.
type proofs struct {
	log   *ledger.Log
	store eventstore.Store
}

// Prove implements api.Proofs.
func (p proofs) Prove(ctx context.Context, stream string, revision int64) ([]byte, error) {
	for r, err := range p.store.Read(ctx, stream, revision) {
		if err != nil {
			return nil, err
		}
		proven, err := p.log.Prove(r)
		if errors.Is(err, ledger.ErrPending) {
			return nil, domain.Deny(domain.ErrNotFound, "the event is not sealed yet", "ask again in a second")
		}
		return proven.Proof, err
	}
	return nil, domain.Deny(domain.ErrNotFound, "there is no such event", "ask for one that is there")
}

// Checkpoint implements api.Proofs.
func (p proofs) Checkpoint(context.Context) ([]byte, error) {
	sealed := p.log.Latest()
	if len(sealed.Note) == 0 {
		return nil, domain.Deny(domain.ErrNotFound, "nothing is sealed yet", "ask again in a second")
	}
	return sealed.Note, nil
}

// archive makes packages of reviews for the API.
func archive(src evidence.Source) api.Archive {
	return func(ctx context.Context, id string) ([]byte, int64, error) {
		if len(src.Log.Latest().Note) == 0 {
			return nil, 0, domain.Deny(domain.ErrNotFound, "nothing is sealed yet", "ask again in a second")
		}
		b, r, err := src.Export(ctx, evidence.OfReview, id)
		if err != nil {
			return nil, 0, err
		}
		i := slices.IndexFunc(r.Streams, func(s evidence.Stream) bool { return s.Name == casework.ReviewStream(id) })
		return b, r.Streams[i].Events - 1, nil // a package of a review has its stream
	}
}

// KnownOn implements views.Knowing.
func (p proofs) KnownOn(ctx context.Context, day string) (ledger.Sealed, ledger.Verified, error) {
	return p.log.KnownOn(ctx, day)
}

// Covered implements views.Knowing: how many events of a case the checkpoint
// holds.
func (p proofs) Covered(ctx context.Context, c ledger.Checkpoint, id string) (covered, all int, err error) {
	for r, err := range p.store.Read(ctx, casework.CaseStream(id), 0) {
		if err != nil {
			return 0, 0, err
		}
		all++
		in, err := p.log.Covers(c, r)
		if err != nil && !errors.Is(err, ledger.ErrPending) {
			return 0, 0, err
		}
		if in {
			covered++
		}
	}
	return covered, all, nil
}
