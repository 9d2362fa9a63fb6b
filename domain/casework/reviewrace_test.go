package casework

import (
	"errors"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/review"
	"leeway/eventstore"
)

func kin(official string) *eligibility.KinshipFiled {
	return &eligibility.KinshipFiled{On: on(jan8), Member: "m1", Official: official, Relation: "brother"}
}

// TestRaceBeforeTheAppendIsDecidedAgain: what comes in between the history and
// the append is read before the append.
func TestRaceBeforeTheAppendIsDecidedAgain(t *testing.T) {
	b := newBench(t)
	b.step(r1, b.opened(review.WithInquiry))
	done := false
	b.store.reading = func(r eventstore.Recorded) []eventstore.Recorded {
		if r.Stream == "case-F2" && !done {
			done = true
			b.record("F2", kin("r2"))
		}
		return []eventstore.Recorded{r}
	}
	b.refuses(head, &review.Accepted{Reviewers: []string{"r1", "r2"}}, "recusal")
	if b.review().AcceptedAt != nil {
		t.Error("it is on record")
	}
}

// slipIn records kinship at the last moment: after everything was read again,
// before the append.
func (b *bench) slipIn(e eligibility.Event) {
	done := false
	b.store.appending = func(batch eventstore.Batch) error {
		if batch.Stream != "review-R1" || done {
			return nil
		}
		done = true
		_, err := b.Record(b.t.Context(), asW1, "F2", e)
		return err
	}
}

// TestRaceBehindTheAppendSuspends: what slips in at the last moment is seen by
// the watcher; the act stays on record without effect, and is watched once.
func TestRaceBehindTheAppendSuspends(t *testing.T) {
	b := newBench(t)
	b.step(r1, b.opened(review.WithInquiry))
	b.slipIn(kin("r2"))
	b.step(head, &review.Accepted{Reviewers: []string{"r1", "r2"}})
	r := b.review()
	if r.AcceptedAt != nil || len(r.Suspended) != 1 || r.Suspended[0].Guard != "recusal" {
		t.Fatalf("accepted %v, suspended %+v", r.AcceptedAt, r.Suspended)
	}
	log := r.Log()
	breach := log[len(log)-1]
	if breach.At.Type != "guard-breached.v1" || breach.At.Actor.Post != "watcher" || !breach.Event.(*review.GuardBreached).Found.Covers("case-F2", 0) {
		t.Errorf("%+v", breach)
	}
	for range 2 {
		if err := b.v.Watch(t.Context(), "R1"); err != nil {
			t.Fatal(err)
		}
	}
	if b.review().Revision() != r.Revision() {
		t.Error("watching again adds events")
	}
	b.step(head, &review.Accepted{Reviewers: []string{"r1", "r3"}})
}

// TestHarmlessRaceStands: an event that changes no guard suspends nothing.
func TestHarmlessRaceStands(t *testing.T) {
	b := newBench(t)
	b.step(r1, b.opened(review.WithInquiry))
	b.slipIn(kin("stranger"))
	b.step(head, &review.Accepted{Reviewers: []string{"r1", "r2"}})
	if r := b.review(); r.AcceptedAt == nil || len(r.Suspended) != 0 {
		t.Errorf("suspended %+v", r.Suspended)
	}
}

// TestWatchAfterACrash: the append went through, the watch did not run; the
// next watch finds it. What came after the act is no race.
func TestWatchAfterACrash(t *testing.T) {
	b := newBench(t)
	b.step(r1, b.opened(review.WithInquiry))
	b.slipIn(kin("r2"))
	crash := errors.New("power cut")
	b.store.appended = func(batch eventstore.Batch) error {
		if batch.Stream == "review-R1" && batch.Events[0].Type == "review-accepted.v1" {
			b.store.failing = crash
		}
		return nil
	}
	if _, err := b.v.Record(t.Context(), ReviewRequest{As: head}, "R1", &review.Accepted{Reviewers: []string{"r1", "r2"}}); !errors.Is(err, crash) {
		t.Fatalf("the watch: %v", err)
	}
	b.store.appended, b.store.failing = nil, nil
	if b.review().AcceptedAt == nil {
		t.Fatal("the act is not on record")
	}
	if err := b.v.Watch(t.Context(), "R1"); err != nil || b.review().AcceptedAt != nil {
		t.Errorf("watched later: %v", err)
	}
	b.step(head, &review.Accepted{Reviewers: []string{"r1", "r3"}})
	b.record("F2", kin("r3"))
	if err := b.v.Watch(t.Context(), "R1"); err != nil || b.review().AcceptedAt == nil {
		t.Errorf("kinship filed after the act suspended it: %v", err)
	}
	b.refuses(r3, &review.FactVerified{Name: "x", Value: domain.Bool(true), Evidence: []string{"p"}, Investigators: []string{"r1", "r3"}}, "recusal")
}
