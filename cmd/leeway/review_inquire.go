package main

import (
	"leeway/domain"
	"leeway/domain/review"
)

// reviewAskCmd asks an office for what would decide an open condition.
type reviewAskCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	ID      string     `required:"" placeholder:"q1"`
	Matter  string     `placeholder:"m1"`
	Of      string     `required:"" placeholder:"OFFICE"`
	Missing []string   `required:"" placeholder:"WHAT"`
	Until   domain.Day `required:"" placeholder:"YYYY-MM-DD"`
	Words   string     `placeholder:"TEXT"`
}

// Run records it.
func (cmd reviewAskCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		return &review.EvidenceAsked{ID: cmd.ID, Matter: only(cmd.Matter, matters(r)), Of: cmd.Of, Missing: cmd.Missing, Until: cmd.Until, Words: said(r.Parties[0].Person, cmd.Words)}, nil
	})
}

// reviewSupplyCmd answers such a request: with evidence, or that nothing is held.
type reviewSupplyCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	ID       string   `required:"" placeholder:"q1"`
	Evidence []string `placeholder:"EVENT"`
	NoData   bool
	Words    string `placeholder:"TEXT"`
}

// Run records it.
func (cmd reviewSupplyCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		return &review.EvidenceGiven{ID: cmd.ID, Evidence: cmd.Evidence, NoData: cmd.NoData, Words: said(r.Parties[0].Person, cmd.Words)}, nil
	})
}

// reviewAppraiseCmd records the six-dimension sheet of one part.
type reviewAppraiseCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Person       []string `placeholder:"PERSON"`
	Matter       string   `placeholder:"m1"`
	With         []string `required:"" placeholder:"PERSON"`
	Motive       string   `required:"" placeholder:"TEXT"`
	Conditions   string   `required:"" placeholder:"TEXT"`
	Procedure    string   `required:"" placeholder:"TEXT"`
	Nature       string   `required:"" placeholder:"TEXT"`
	Consequences string   `required:"" placeholder:"TEXT"`
	Recovery     string   `required:"" placeholder:"TEXT"`
	Mitigating   []string `placeholder:"M02"`
	Aggravating  []string `placeholder:"A01"`
}

// Run records it.
func (cmd reviewAppraiseCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		person := one(cmd.Person, persons(r))
		return &review.Appraised{Person: person, Matter: only(cmd.Matter, matters(r)), Investigators: b.with(cmd.With), Mitigating: cmd.Mitigating, Aggravating: cmd.Aggravating,
			Motive: said(person, cmd.Motive), Conditions: said(person, cmd.Conditions), Procedure: said(person, cmd.Procedure),
			Nature: said(person, cmd.Nature), Consequences: said(person, cmd.Consequences), Recovery: said(person, cmd.Recovery)}, nil
	})
}
