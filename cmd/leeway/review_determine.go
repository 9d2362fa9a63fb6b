package main

import (
	"strings"

	"leeway/domain"
	"leeway/domain/review"
)

// meetingFlags say who decided together.
type meetingFlags struct {
	Member  []string `placeholder:"NAME"`
	For     int      `placeholder:"N"`
	Against int      `placeholder:"N"`
	Minutes string   `placeholder:"NUMBER"`
}

func (f meetingFlags) collective(b *bureau) (review.Collective, error) {
	members, err := b.members(f.Member)
	return review.Collective{Members: members, For: f.For, Against: f.Against, Minutes: f.Minutes}, err
}

// reviewDetermineCmd records the collective determination. Reasons are those
// of the collective for whatever the determination departs from.
type reviewDetermineCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	meetingFlags
	Outcome []string `required:"" placeholder:"PERSON=OUTCOME"`
	Remedy  string   `default:"objection" placeholder:"PATH"`
	Reasons string   `placeholder:"TEXT"`
	Words   string   `placeholder:"TEXT"`
}

// Run records it.
func (cmd reviewDetermineCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		e := &review.Determined{Words: said(r.Parties[0].Person, cmd.Words)}
		if e.Collective, err = cmd.collective(b); err != nil {
			return nil, err
		}
		for _, o := range cmd.Outcome {
			found, err := b.results(r, o, review.Path(cmd.Remedy))
			if err != nil {
				return nil, err
			}
			e.Findings = append(e.Findings, found...)
		}
		return e, b.reason(cmd.ReviewID, e.Findings, cmd.Reasons)
	})
}

// results reads "PERSON=OUTCOME" or "PERSON/MATTER=OUTCOME:G01,G09", for every
// matter of the person where none is named.
func (b *bureau) results(r *review.Review, flag string, remedy review.Path) ([]review.Result, error) {
	who, what, err := b.cut("--outcome", flag)
	if err != nil {
		return nil, err
	}
	person, matter, _ := strings.Cut(who, "/")
	outcome, grounds, _ := strings.Cut(what, ":")
	var list []review.Result
	p, _ := r.Party(person)
	for _, m := range p.Matters {
		if matter != "" && matter != m {
			continue
		}
		x, _ := r.Replay(m)
		f := review.Result{Person: person, Matter: m, Outcome: review.Outcome(outcome), Replay: x.Ref, Remedy: remedy}
		if grounds != "" {
			f.Grounds = strings.Split(grounds, ",")
		}
		list = append(list, f)
	}
	if len(list) == 0 {
		return nil, &problem{what: b.t("not reviewed", who), where: "--outcome", mend: b.t("write a pair"), err: domain.ErrInvalid}
	}
	return list, nil
}

// reason gives the collective's reasons to each departure from advice.
func (b *bureau) reason(id string, findings []review.Result, reasons string) error {
	if reasons == "" {
		return nil
	}
	departed, err := b.v.Departed(b.ctx, b.as, id, findings)
	if err != nil {
		return err
	}
	for i := range findings {
		for _, g := range departed[i] {
			findings[i].Departs = append(findings[i].Departs, review.Departure{Guard: g.ID, Reason: said(findings[i].Person, reasons)})
		}
	}
	return nil
}

// reviewServeCmd serves the determination on a person.
type reviewServeCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Person  []string `placeholder:"PERSON"`
	Receipt string   `required:"" placeholder:"NUMBER"`
	Copy    []string `placeholder:"OFFICE"`
}

// Run records it.
func (cmd reviewServeCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		return &review.Served{Person: one(cmd.Person, persons(r)), Receipt: cmd.Receipt, Copied: cmd.Copy}, nil
	})
}

// reviewTransferCmd hands a matter over for inquiry, or notes the sanction that
// the inquiry gave.
type reviewTransferCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Person   []string `placeholder:"PERSON"`
	Matter   string   `placeholder:"m1"`
	ToOrgan  string   `placeholder:"OFFICE"`
	Sanction string   `placeholder:"supervision|employer"`
	Number   string   `placeholder:"NUMBER"`
}

// Run records it.
func (cmd reviewTransferCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		person, matter := one(cmd.Person, persons(r)), only(cmd.Matter, matters(r))
		if cmd.Sanction != "" {
			return &review.SanctionRecorded{Person: person, Matter: matter, Kind: review.SanctionKind(cmd.Sanction), Number: cmd.Number}, nil
		}
		return &review.Transferred{Person: person, Matter: matter, To: cmd.ToOrgan}, nil
	})
}

// reviewFileCmd files and archives a review.
type reviewFileCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Archive string   `required:"" placeholder:"NUMBER"`
	Open    []string `placeholder:"k1"`
}

// Run records it.
func (cmd reviewFileCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(*bureau) (review.Event, error) {
		return &review.Filed{Archive: cmd.Archive, Open: cmd.Open}, nil
	})
}

// reviewClearCmd clears a person's name.
type reviewClearCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Person []string `placeholder:"PERSON"`
	Scope  string   `required:"" placeholder:"TEXT"`
	False  bool
}

// Run records it.
func (cmd reviewClearCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		return &review.NameCleared{Person: one(cmd.Person, persons(r)), Scope: cmd.Scope, False: cmd.False}, nil
	})
}

// reviewAppealCmd seeks a remedy, or answers one.
type reviewAppealCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	meetingFlags
	ID      string   `required:"" placeholder:"a1"`
	Path    string   `placeholder:"PATH"`
	Decide  string   `placeholder:"upheld|varied|annulled"`
	Outcome []string `placeholder:"PERSON=OUTCOME"`
	Reasons string   `placeholder:"TEXT"`
	Words   string   `required:"" placeholder:"TEXT"`
}

// Run records it.
func (cmd reviewAppealCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		if cmd.Decide == "" {
			return &review.Appealed{ID: cmd.ID, Person: b.as.Person, Path: review.Path(cmd.Path), Words: said(b.as.Person, cmd.Words)}, nil
		}
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		e := &review.AppealDecided{ID: cmd.ID, Result: review.AppealResult(cmd.Decide), Words: said(r.Parties[0].Person, cmd.Words)}
		if e.Collective, err = cmd.collective(b); err != nil {
			return nil, err
		}
		for _, o := range cmd.Outcome {
			found, err := b.results(r, o, review.Objection)
			if err != nil {
				return nil, err
			}
			e.Findings = append(e.Findings, found...)
		}
		return e, b.reason(cmd.ReviewID, e.Findings, cmd.Reasons)
	})
}

// reviewReopenCmd takes a determined review up again.
type reviewReopenCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Cause    string   `required:"" placeholder:"new_fact|false_evidence"`
	Evidence []string `required:"" placeholder:"EVENT"`
	Words    string   `required:"" placeholder:"TEXT"`
}

// Run records it.
func (cmd reviewReopenCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		return &review.Reopened{Cause: review.ReopenCause(cmd.Cause), Evidence: cmd.Evidence, Reason: said(r.Parties[0].Person, cmd.Words)}, nil
	})
}
