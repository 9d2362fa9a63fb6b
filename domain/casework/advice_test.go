package casework

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/eventstore"
)

// advice always says that one amount is lawful.
func advice(f domain.Fen) func(context.Context, Question) (*eligibility.Advice, error) {
	return func(_ context.Context, q Question) (*eligibility.Advice, error) {
		return &eligibility.Advice{Rules: rules, Engine: "engine 1", Known: q.Day, Outcome: domain.Exactly(f)}, nil
	}
}

func TestDecisionsGetAdvice(t *testing.T) {
	for _, tt := range []struct {
		event eligibility.Event
		get   func(eligibility.Event) *eligibility.Advice
	}{
		{granted(), func(e eligibility.Event) *eligibility.Advice { return e.(*eligibility.DecisionMade).Advice }},
		{&eligibility.AmountAdjusted{On: on(jan8), Amount: 1, From: feb}, func(e eligibility.Event) *eligibility.Advice { return e.(*eligibility.AmountAdjusted).Advice }},
		{&eligibility.ExitDecided{On: on(jan8), From: feb}, func(e eligibility.Event) *eligibility.Advice { return e.(*eligibility.ExitDecided).Advice }},
	} {
		d := opened(t)
		var asked Question
		d.Advise = func(ctx context.Context, q Question) (*eligibility.Advice, error) {
			asked = q
			return advice(37800)(ctx, q)
		}
		if _, err := d.Record(t.Context(), asA1, "F1", tt.event); err != nil {
			t.Fatal(err)
		}
		entry := d.timeline("F1")[1]
		want := &eligibility.Advice{Rules: rules, Engine: "engine 1", Known: domain.Date(2020, 3, 1), Outcome: domain.Exactly(37800)}
		if got := tt.get(entry.Event); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: advice %+v, want %+v", entry.Type, got, want)
		}
		if asked.Month != feb || asked.Day != domain.Date(2020, 3, 1) || asked.Actor != a1 || asked.Case.Revision() != 0 ||
			len(asked.Register.Rules) != 1 || !reflect.DeepEqual(asked.Basis, entry.Basis) {
			t.Errorf("%s: asked %+v", entry.Type, asked)
		}
		if tt.get(tt.event) != nil {
			t.Errorf("%s: the caller's event was changed", entry.Type)
		}
	}
}

// TestRechecksGetTheirNextDay: what the engine is asked has no month, and its
// day is kept beside what was recorded; nobody brings one along.
func TestRechecksGetTheirNextDay(t *testing.T) {
	next := domain.Date(2020, 7, 8)
	for _, e := range []eligibility.Event{
		&eligibility.ReverificationDue{On: on(jan8), Class: "B"},
		&eligibility.ReverificationDone{On: on(jan8), Staff: []string{"w1"}},
	} {
		d := opened(t)
		d.Advise = func(_ context.Context, q Question) (*eligibility.Advice, error) {
			if q.Month != 0 || q.Event != e {
				t.Errorf("asked about %v in %s", q.Event, q.Month)
			}
			return &eligibility.Advice{Rules: rules, Engine: "engine 1", Known: q.Day, Recheck: next}, nil
		}
		if _, err := d.Record(t.Context(), asA1, "F1", e); err != nil {
			t.Fatal(err)
		}
		kept, _, slot := decision(d.timeline("F1")[1].Event)
		if slot == nil || *slot == nil || (*slot).Recheck != next {
			t.Errorf("%s was kept as %+v", e.EventType(), kept)
		}
		if _, err := d.Record(t.Context(), asA1, "F1", kept); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%s with a day of the caller's own: %v", e.EventType(), err)
		}
	}
}

func TestAdviceIsNotNeeded(t *testing.T) {
	d := opened(t)
	d.Advise = func(context.Context, Question) (*eligibility.Advice, error) {
		return nil, fmt.Errorf("%w: p 1", replay.ErrNoRules)
	}
	if _, err := d.Record(t.Context(), asA1, "F1", granted()); err != nil {
		t.Errorf("without rules: %v", err)
	}
	d.Advise = func(context.Context, Question) (*eligibility.Advice, error) { return nil, nil }
	if _, err := d.Record(t.Context(), asA1, "F1", granted()); err != nil {
		t.Errorf("without an answer: %v", err)
	}
	asked := false
	d.Advise = func(context.Context, Question) (*eligibility.Advice, error) { asked = true; return nil, nil }
	d.record("F1", &eligibility.PaymentListApproved{On: on(jan8), Month: feb, Amount: 1})
	if asked {
		t.Error("advice was asked on a payment list")
	}
}

func TestBrokenAdviceStopsTheDecision(t *testing.T) {
	d := opened(t)
	broken := errors.New("pack divides by zero")
	d.Advise = func(context.Context, Question) (*eligibility.Advice, error) { return nil, broken }
	before := d.events()
	if _, err := d.Record(t.Context(), asA1, "F1", granted()); !errors.Is(err, broken) || d.events() != before {
		t.Errorf("Record = %v", err)
	}
}

func TestAdviceCannotBeGiven(t *testing.T) {
	d := opened(t)
	forged := granted()
	forged.Advice = &eligibility.Advice{Rules: rules, Engine: "engine 1", Outcome: domain.Exactly(37800)}
	_, err := d.Record(t.Context(), asA1, "F1", forged)
	wantFault(t, err, "advice", "leave it out")
}

// TestConflictAsksAgain holds that advice belongs to the facts of the basis.
func TestConflictAsksAgain(t *testing.T) {
	d := opened(t)
	other := &Service{Store: d.store.Store, Rules: library{}, Sealer: sealer{}, Now: d.Now}
	d.store.appending = func(eventstore.Batch) error {
		d.store.appending = nil
		_, err := other.Record(t.Context(), asW1, "F1", declared(income(46000)))
		return err
	}
	d.Advise = func(ctx context.Context, q Question) (*eligibility.Advice, error) {
		return advice(domain.Fen(len(q.Case.Statements)))(ctx, q)
	}
	if _, err := d.Record(t.Context(), asA1, "F1", granted()); err != nil {
		t.Fatal(err)
	}
	if a := d.timeline("F1")[2].Event.(*eligibility.DecisionMade).Advice; a.Outcome.Min() != 1 {
		t.Errorf("advice on %d statements, want on the one that came in between", a.Outcome.Min())
	}
}
