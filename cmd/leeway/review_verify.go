package main

import (
	"encoding/json"
	"strconv"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
)

// reviewVerifyCmd is the work of verification: a replay, findings on the facts
// that should have been known, facts that only people find, exclusions.
type reviewVerifyCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Replay    bool
	Duty      string `placeholder:"confirm|reject" enum:",confirm,reject" default:""`
	Fact      string `placeholder:"NAME=VALUE"`
	Exclusion string `placeholder:"X03"`
	Confirm   bool
	Exclude   string `placeholder:"EVIDENCE"`
	Extend    bool
	Matter    string   `placeholder:"m1"`
	Person    []string `placeholder:"PERSON"`
	With      []string `placeholder:"PERSON"`
	Evidence  []string `placeholder:"EVENT"`
	Words     string   `placeholder:"TEXT"`
}

// Run records the one thing that the flags name.
func (cmd reviewVerifyCmd) Run(s *session) error {
	if cmd.Replay {
		return cmd.replay(s)
	}
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		person, matter := "", only(cmd.Matter, matters(r))
		if len(cmd.Person) > 0 {
			person = cmd.Person[0]
		}
		about := only(person, persons(r))
		if about == "" {
			about = r.Parties[0].Person
		}
		words := said(about, cmd.Words)
		switch {
		case cmd.Duty != "":
			e := &review.DutyFound{Matter: matter, Investigators: b.with(cmd.With)}
			for _, f := range r.Unfound(matter) {
				e.Findings = append(e.Findings, review.Finding{Fact: f, Confirmed: cmd.Duty == "confirm", Reason: words})
			}
			return e, nil
		case cmd.Fact != "":
			name, text, err := s.cut("--fact", cmd.Fact)
			if err != nil {
				return nil, err
			}
			return &review.FactVerified{Person: person, Matter: cmd.Matter, Name: name, Value: valueOf(text), Evidence: cmd.Evidence, Investigators: b.with(cmd.With), Words: words}, nil
		case cmd.Exclusion != "":
			return &review.ExclusionJudged{Person: about, Matter: matter, Exclusion: cmd.Exclusion, Confirmed: cmd.Confirm, Evidence: cmd.Evidence, Reason: words}, nil
		case cmd.Exclude != "":
			return &review.EvidenceExcluded{Evidence: cmd.Exclude, Reason: words}, nil
		case cmd.Extend:
			return &review.VerificationExtended{Reason: words}, nil
		}
		return nil, usage(&problem{what: s.t("verify what"), where: "review verify", mend: s.t("verify mend")})
	})
}

// replay replays the matter on the confirmed set and records it.
func (cmd reviewVerifyCmd) replay(s *session) error {
	return s.reviewing(cmd.asFlags, true, func(b *bureau) error {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return err
		}
		req := casework.ReviewRequest{Command: cmd.Command, As: b.as, Seen: cmd.Seen}
		receipt, err := b.v.ReplayOn(s.ctx, req, cmd.ReviewID, casework.ReviewReplay{Matter: only(cmd.Matter, matters(r)), Day: cmd.Day})
		if err != nil {
			return err
		}
		return b.did(cmd.ReviewID, review.Replayed{}.EventType(), receipt)
	})
}

// valueOf reads a value as people write it: true, false, a number, an object
// such as {"fen":40000}, or a code.
func valueOf(text string) domain.Value {
	var v domain.Value
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return domain.Int(n)
	}
	switch {
	case text == "true" || text == "false":
		return domain.Bool(text == "true")
	case strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &v) == nil:
		return v
	}
	return domain.Code(text)
}

// reviewOpinionCmd files the bureau's technical opinion on the newest replay.
type reviewOpinionCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	Matter string `placeholder:"m1"`
	Words  string `required:"" placeholder:"TEXT"`
}

// Run records it.
func (cmd reviewOpinionCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		matter := only(cmd.Matter, matters(r))
		x, _ := r.Replay(matter)
		return &review.OpinionFiled{Matter: matter, Replay: x.Ref.Trace, Words: said(r.Parties[0].Person, cmd.Words)}, nil
	})
}

// reviewCorrectCmd orders, backs, extends, reports, returns or accepts a
// correction.
type reviewCorrectCmd struct {
	ReviewID string `arg:"" name:"review-id"`
	stepFlags
	ID        string     `required:"" placeholder:"k1"`
	Order     string     `placeholder:"C3"`
	Matter    string     `placeholder:"m1"`
	Owner     string     `placeholder:"NAME"`
	Due       domain.Day `placeholder:"YYYY-MM-DD"`
	Fraud     bool
	LocalRule string     `placeholder:"TEXT"`
	Back      string     `placeholder:"EVENT"`
	Served    domain.Day `placeholder:"YYYY-MM-DD"`
	Remedies  bool
	Reasoned  bool
	Extend    bool
	Done      bool
	Return    bool
	Accept    bool
	Evidence  []string `placeholder:"EVENT"`
	Words     string   `placeholder:"TEXT"`
}

// Run records the one thing that the flags name.
func (cmd reviewCorrectCmd) Run(s *session) error {
	return s.step(cmd.stepFlags, cmd.ReviewID, func(b *bureau) (review.Event, error) {
		r, err := b.review(cmd.ReviewID)
		if err != nil {
			return nil, err
		}
		words := said(r.Parties[0].Person, cmd.Words)
		switch {
		case cmd.Order != "":
			owner, ok := b.people[cmd.Owner]
			if !ok {
				return nil, &problem{what: s.t("no identity", cmd.Owner), where: "--owner", mend: s.t("identities mend"), err: domain.ErrInvalid}
			}
			e := &review.CorrectionOrdered{ID: cmd.ID, Matter: only(cmd.Matter, matters(r)), Measure: review.Measure(cmd.Order),
				Owner: owner.Person, Office: owner.Office, Due: cmd.Due, Fraud: cmd.Fraud, LocalRule: cmd.LocalRule, Words: words}
			x, _ := r.Replay(e.Matter)
			e.Months = review.AmountsOf(e.Measure, x)
			return e, nil
		case cmd.Back != "":
			return &review.CorrectionBacked{ID: cmd.ID, Decision: cmd.Back, Reasoned: cmd.Reasoned, Served: cmd.Served, Remedies: cmd.Remedies}, nil
		case cmd.Extend:
			return &review.CorrectionExtended{ID: cmd.ID, Due: cmd.Due, Reason: words}, nil
		case cmd.Done:
			return &review.CorrectionDone{ID: cmd.ID, Evidence: cmd.Evidence}, nil
		case cmd.Return:
			return &review.CorrectionReturned{ID: cmd.ID, Reason: words}, nil
		case cmd.Accept:
			return &review.CorrectionAccepted{ID: cmd.ID}, nil
		}
		return nil, usage(&problem{what: s.t("correct what"), where: "review correct", mend: s.t("correct mend")})
	})
}
