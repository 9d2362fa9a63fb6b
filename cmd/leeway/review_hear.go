package main

import (
	"leeway/domain"
	"leeway/domain/review"
)

// reviewNotifyCmd tells a person the facts and the basis before the decision.
type reviewNotifyCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Person  []string   `placeholder:"PERSON"`
	Words   string     `required:"" placeholder:"TEXT"`
	Basis   []string   `required:"" placeholder:"G01"`
	Propose string     `required:"" placeholder:"OUTCOME"`
	Until   domain.Day `required:"" placeholder:"YYYY-MM-DD"`
}

// Run records it. One proposal holds for every matter of the person.
func (cmd reviewNotifyCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		person := one(cmd.Person, persons(r))
		e := &review.Notified{Person: person, Facts: said(person, cmd.Words), Basis: cmd.Basis, Until: cmd.Until}
		p, _ := r.Party(person)
		for _, m := range p.Matters {
			x, _ := r.Replay(m)
			e.Proposals = append(e.Proposals, review.Proposal{Matter: m, Outcome: review.Outcome(cmd.Propose), Replay: x.Ref.Trace})
		}
		return e, nil
	})
}

// one is the value of a flag that is given at most once, or the only choice.
func one(given, choices []string) string {
	if len(given) > 0 {
		return given[0]
	}
	return only("", choices)
}

// reviewHearCmd records what a person said, or that he gave it up, or that his
// time passed.
type reviewHearCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Person  []string `placeholder:"PERSON"`
	With    []string `required:"" placeholder:"PERSON"`
	Words   string   `placeholder:"TEXT"`
	Adopted []string `placeholder:"POINT=REASON"`
	Refuted []string `placeholder:"POINT=REASON"`
	Waived  bool
	Silent  bool
}

// Run records it.
func (cmd reviewHearCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		person := one(cmd.Person, persons(r))
		e := &review.Heard{Person: person, Investigators: b.with(cmd.With), Words: said(person, cmd.Words), Waived: cmd.Waived, Silent: cmd.Silent}
		for flag, points := range map[string][]string{"--adopted": cmd.Adopted, "--refuted": cmd.Refuted} {
			for _, p := range points {
				text, reason, err := s.cut(flag, p)
				if err != nil {
					return nil, err
				}
				e.Points = append(e.Points, review.Point{Text: said(person, text), Accepted: flag == "--adopted", Reason: said(person, reason)})
			}
		}
		return e, nil
	})
}

// reviewConsultCmd records a joint consultation with its dissents.
type reviewConsultCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Member  []string `required:"" placeholder:"NAME"`
	Minutes string   `required:"" placeholder:"NUMBER"`
	Dissent []string `placeholder:"NAME=TEXT"`
	Words   string   `placeholder:"TEXT"`
}

// Run records it.
func (cmd reviewConsultCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		about := r.Parties[0].Person
		e := &review.Consulted{Minutes: cmd.Minutes, Words: said(about, cmd.Words)}
		if e.Members, err = b.members(cmd.Member); err != nil {
			return nil, err
		}
		for _, d := range cmd.Dissent {
			person, text, err := s.cut("--dissent", d)
			if err != nil {
				return nil, err
			}
			e.Dissents = append(e.Dissents, review.Dissent{Person: person, Words: said(about, text)})
		}
		return e, nil
	})
}
