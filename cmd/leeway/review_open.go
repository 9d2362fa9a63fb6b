package main

import (
	"slices"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
)

// reviewOpenCmd opens a review on decisions of one or more cases, or on the
// months of a case where nothing was decided.
type reviewOpenCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Route    string       `default:"worker" placeholder:"ROUTE"`
	Organ    string       `required:"" placeholder:"OFFICE"`
	Case     []string     `required:"" placeholder:"CASE"`
	Decision []string     `placeholder:"EVENT"`
	From     domain.Month `placeholder:"YYYY-MM"`
	To       domain.Month `placeholder:"YYYY-MM"`
	Person   []string     `placeholder:"PERSON"`
	Informed domain.Day   `placeholder:"YYYY-MM-DD"`
	Report   string       `placeholder:"EVENT"`
}

// Run opens it.
func (cmd reviewOpenCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		names := cmd.Person
		if len(names) == 0 && b.as.Role == review.Worker {
			names = []string{b.as.Person}
		}
		return b.v.Opening(s.ctx, casework.Opening{
			Route: review.Route(cmd.Route), Organ: cmd.Organ, Cases: cmd.Case, Decisions: cmd.Decision,
			From: cmd.From, To: cmd.To, Persons: names, Informed: cmd.Informed, Report: cmd.Report,
		})
	})
}

// reviewCiteCmd invokes a ground. Without --evidence it takes what the ledger
// has of the person's own steps in the case: his due-diligence record.
type reviewCiteCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Ground   string   `required:"" placeholder:"G01"`
	Matter   string   `placeholder:"m1"`
	Person   []string `placeholder:"PERSON"`
	Words    string   `placeholder:"TEXT"`
	Evidence []string `placeholder:"EVENT"`
}

// Run records it.
func (cmd reviewCiteCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		e := &review.Cited{Person: b.as.Person, Matter: only(cmd.Matter, matters(r)), Ground: cmd.Ground, Evidence: cmd.Evidence}
		if len(cmd.Person) > 0 {
			e.Person = cmd.Person[0]
		}
		e.Words = said(e.Person, cmd.Words)
		if m, ok := r.Matter(e.Matter); ok && len(e.Evidence) == 0 {
			e.Evidence, err = b.steps(m.Case, e.Person)
		}
		return e, err
	})
}

// steps are the events of a case that a person recorded or took part in.
func (b *bureau) steps(id, person string) ([]string, error) {
	c, err := b.v.Desk.Case(b.ctx, id)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, a := range c.Acts {
		if a.At.Actor.Person == person || slices.Contains(a.Staff, person) {
			ids = append(ids, a.At.ID)
		}
	}
	return ids, nil
}

// reviewSupplementCmd asks for what is missing, or brings it.
type reviewSupplementCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Missing  []string   `placeholder:"TEXT"`
	Until    domain.Day `placeholder:"YYYY-MM-DD"`
	Words    string     `placeholder:"TEXT"`
	Evidence []string   `placeholder:"EVENT"`
}

// Run records it.
func (cmd reviewSupplementCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		if len(cmd.Missing) > 0 {
			return &review.SupplementAsked{Missing: cmd.Missing, Until: cmd.Until}, nil
		}
		return &review.SupplementGiven{Evidence: cmd.Evidence, Words: said(b.as.Person, cmd.Words)}, nil
	})
}

// reviewAcceptCmd takes a review up and assigns its investigators.
type reviewAcceptCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Reviewer []string `required:"" placeholder:"PERSON"`
}

// Run records it.
func (cmd reviewAcceptCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(*bureau) (review.Event, error) {
		return &review.Accepted{Reviewers: cmd.Reviewer}, nil
	})
}

// reviewRefuseCmd does not take a review up.
type reviewRefuseCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Words string `required:"" placeholder:"TEXT"`
}

// Run records it.
func (cmd reviewRefuseCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		return &review.NotAccepted{Reason: said(r.Applicant, cmd.Words)}, nil
	})
}

// reviewWithdrawCmd takes an application back.
type reviewWithdrawCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
}

// Run records it.
func (cmd reviewWithdrawCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(*bureau) (review.Event, error) { return &review.Withdrawn{}, nil })
}

// reviewLapseCmd ends an application whose supplement did not come.
type reviewLapseCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
}

// Run records it.
func (cmd reviewLapseCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(*bureau) (review.Event, error) { return &review.Lapsed{}, nil })
}

// reviewRecuseCmd raises a recusal, or decides on one.
type reviewRecuseCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Person []string `required:"" placeholder:"PERSON"`
	Cause  string   `placeholder:"CAUSE"`
	Grant  bool
	Deny   bool
	OfHead bool
	Words  string `placeholder:"TEXT"`
}

// Run records it.
func (cmd reviewRecuseCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(*bureau) (review.Event, error) {
		person := cmd.Person[0]
		if cmd.Grant || cmd.Deny {
			return &review.RecusalDecided{Person: person, Granted: cmd.Grant && !cmd.Deny, OfHead: cmd.OfHead, Reason: said(person, cmd.Words)}, nil
		}
		return &review.RecusalRaised{Person: person, Cause: review.Cause(cmd.Cause), Reason: said(person, cmd.Words)}, nil
	})
}
