package casework

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

// retried answers a command that is on record already: with its receipt if it
// asked for the same, otherwise with eventstore.ErrCommandReused.
func (s *Service) retried(ctx context.Context, w write, old Entry, e fact) (Receipt, error) {
	same, err := s.same(old, e)
	if err != nil {
		return Receipt{}, err
	}
	if !same || old.Actor != w.Actor || !slices.Equal(old.Visible, w.Visible) {
		return Receipt{}, fmt.Errorf("%w: %s is %s at revision %d of %s", eventstore.ErrCommandReused, w.Command, old.Type, old.Revision, old.Stream)
	}
	return s.signedAgain(ctx, old.Meta)
}

// same reports whether an entry says what an event says. Advice is left
// aside: it was the engine's, and rules may have been published since.
// Personal data is compared where it can be opened. Where its key is gone,
// what was said in the clear has to do; a retry after a key was destroyed must
// not become a second event.
func (s *Service) same(old Entry, e fact) (bool, error) {
	clear := []byte(old.Clear)
	if old.Event != nil {
		copied, _, slot := decision(old.Event)
		if slot != nil {
			*slot = nil
		}
		var err error
		if clear, err = domain.Canonical(copied); err != nil {
			return false, err
		}
	}
	want, err := domain.Canonical(e)
	if err != nil || old.Type != e.EventType() || !bytes.Equal(clear, want) {
		return false, err
	}
	if old.Event == nil {
		return true, nil
	}
	if err := s.reveal(&old, nil); err != nil {
		return false, err
	}
	wanted := eligibility.Private(e)
	for i, f := range eligibility.Private(old.Event) {
		if !slices.Contains(old.Sealed, f.Path) && f.Data.Text != wanted[i].Data.Text {
			return false, nil
		}
	}
	return true, nil
}
