package memory_test

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"leeway/eventstore"
	"leeway/eventstore/memory"
	"leeway/eventstore/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Adapter{
		Open:     func(testing.TB, string) eventstore.Store { return memory.New() },
		Damage:   damage,
		Volatile: true,
	})
}

func damage(_ testing.TB, _ string, s eventstore.Store, at eventstore.Recorded) {
	s.(*memory.Store).Damage(at.Stream, at.Revision)
}

func TestDamageOfNothing(t *testing.T) {
	s := memory.New()
	b := eventstore.Batch{
		Stream: "s", Expected: eventstore.NoStream, Command: "c",
		Events: []eventstore.Event{{ID: "0198c0de-0000-7000-8000-000000000001", Type: "t"}},
	}
	if _, err := s.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	s.Damage("s", 1)
	s.Damage("s", -1)
	s.Damage("none", 0)
	n := 0
	for _, err := range s.Read(t.Context(), "s", -5) {
		if err != nil {
			t.Fatalf("Read = %v", err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("Read yields %d events, want 1", n)
	}
}

func TestPoison(t *testing.T) {
	s := memory.New()
	reason := errors.New("the disk is gone")
	s.Poison(reason)
	b := eventstore.Batch{
		Stream: "s", Expected: eventstore.NoStream, Command: "c",
		Events: []eventstore.Event{{ID: "0198c0de-0000-7000-8000-000000000001", Type: "t"}},
	}
	if _, err := s.Append(t.Context(), b); !errors.Is(err, eventstore.ErrPoisoned) || !errors.Is(err, reason) {
		t.Errorf("Append = %v, want ErrPoisoned and the reason", err)
	}
	for _, err := range s.All(t.Context(), eventstore.Start) {
		if err != nil {
			t.Errorf("All = %v, want reads to go on", err)
		}
	}
}
