package casework

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"leeway/domain"
	"leeway/eventstore"
	"leeway/eventstore/memory"
)

// accessesOf are the accesses of a log on record, each checked for its place.
func accessesOf(t *testing.T, s *Service, stream string) (list []domain.Access) {
	t.Helper()
	for env, err := range s.read(context.Background(), stream) {
		if err != nil {
			t.Fatal(err)
		}
		var a domain.Access
		if err := json.Unmarshal(env.Clear, &a); err != nil || env.Type != a.EventType() || env.Actor != w1 {
			t.Fatalf("%+v: %v", env, err)
		}
		list = append(list, a)
	}
	return list
}

func TestAccessLog(t *testing.T) {
	s := &Service{Store: memory.New(), Now: func() time.Time { return noon }}
	log := s.OpenAccess()
	if other := s.OpenAccess(); other.Stream() == log.Stream() {
		t.Error("two sessions share a log")
	}
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() {
			if _, err := log.Saw(context.Background(), w1, domain.Access{Kind: "read", Case: "F1"}, domain.Access{Kind: "read", Case: "F2"}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if list := accessesOf(t, s, log.Stream()); len(list) != 10 {
		t.Errorf("%d of 10 are on record", len(list))
	}
	for _, bad := range []struct {
		who  domain.Actor
		list []domain.Access
	}{{domain.Actor{}, []domain.Access{{}}}, {w1, nil}, {w1, make([]domain.Access, mostAccesses+1)}} {
		if _, err := log.Saw(context.Background(), bad.who, bad.list...); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%+v with %d: %v", bad.who, len(bad.list), err)
		}
	}
}

// answerless is a store that appends and then cannot say so, once.
type answerless struct {
	eventstore.Store
	err error
}

func (a *answerless) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	rev, err := a.Store.Append(ctx, b)
	if a.err != nil {
		err, a.err = a.err, nil
		return 0, err
	}
	return rev, err
}

// TestAccessLogGoesOn holds that an append of which nobody knows what became
// of it lets nothing be shown, and that the log goes on behind it.
func TestAccessLogGoesOn(t *testing.T) {
	lost := errors.New("connection lost")
	s := &Service{Store: &answerless{Store: memory.New(), err: lost}, Now: func() time.Time { return noon }}
	log := s.OpenAccess()
	if _, err := log.Saw(context.Background(), w1, domain.Access{Kind: "read"}); !errors.Is(err, lost) {
		t.Errorf("an append without an answer: %v", err)
	}
	m, err := log.Saw(context.Background(), w1, domain.Access{Kind: "list"})
	if err != nil || m.Revision != 1 {
		t.Errorf("the next one: %+v, %v", m, err)
	}
	if list := accessesOf(t, s, log.Stream()); len(list) != 2 || list[1].Kind != "list" {
		t.Errorf("on record: %+v", list)
	}
}
