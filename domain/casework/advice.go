package casework

import (
	"context"
	"errors"
	"fmt"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
)

// advised attaches the engine's advice to a decision, and to what moves the next
// re-check the day on which the rules ask for it. The event given stays
// as it is: another try may be advised otherwise. The engine advises and a
// named person decides, so that advice never changes what is decided, and no
// caller can bring his own.
func (s *Service) advised(ctx context.Context, e eligibility.Event, q Question) (eligibility.Event, error) {
	copied, month, slot := decision(e)
	if slot == nil {
		return e, nil
	}
	if *slot != nil {
		return nil, domain.NewFault("advice", "it was given", "leave it out: the engine gives it when the decision is recorded")
	}
	if s.Advise == nil {
		return e, nil
	}
	q.Month, q.Event = month, e
	advice, err := s.Advise(ctx, q)
	if err != nil && !errors.Is(err, replay.ErrNoRules) {
		return nil, fmt.Errorf("advice on %s: %w", e.EventType(), err)
	}
	if err == nil {
		*slot = advice
	}
	return copied, nil
}

// decision is a copy of an event that takes advice, the month it is about, and
// where the advice goes; nil where none goes.
func decision(e eligibility.Event) (eligibility.Event, domain.Month, **eligibility.Advice) {
	switch e := e.(type) {
	case *eligibility.DecisionMade:
		d := *e
		return &d, d.From, &d.Advice
	case *eligibility.AmountAdjusted:
		d := *e
		return &d, d.From, &d.Advice
	case *eligibility.ExitDecided:
		d := *e
		return &d, d.From, &d.Advice
	case *eligibility.ReverificationDue:
		d := *e
		return &d, 0, &d.Advice
	case *eligibility.ReverificationDone:
		d := *e
		return &d, 0, &d.Advice
	}
	return e, 0, nil
}
