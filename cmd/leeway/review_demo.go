package main

import (
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
)

// demoReviewID names the review with which the demo ends.
const demoReviewID = "SAMPLE-1"

// demoPeople act in it; all are invented.
var demoPeople = registry{
	"w2": {"w2", "w2", "zhugentan", "survey", review.Worker}, "w3": {"w3", "w3", "zhugentan", "opinion", review.Worker},
	"b1": {"b1", "b1", "bureau", "approval", review.Worker}, "policy": {"policy", "b9", "bureau", "policy", review.Bureau},
	"r1": {"r1", "r1", "commission", "inspector", review.Reviewer}, "r2": {"r2", "r2", "commission", "inspector", review.Reviewer},
	"r3": {"r3", "r3", "commission", "inspector", review.Reviewer}, "h1": {"h1", "h1", "commission", "head", review.Head},
}

// actor is somebody of the demo at work.
func (s *session) actor(desk *casework.Service, name string) *bureau {
	i := demoPeople[name]
	as := casework.Identity{Actor: domain.Actor{Person: i.Person, Office: i.Office, Post: i.Post}, Role: i.Role}
	return &bureau{s, &casework.Reviews{Desk: desk}, as, demoPeople}
}

// demoReview takes one review from a clue to the archive and returns its
// determination. What is on record already is not recorded again.
func (s *session) demoReview(desk *casework.Service) (string, error) {
	head := s.actor(desk, "h1")
	r, err := head.review(demoReviewID)
	if err == nil && r.Determination != nil {
		return head.v.Document(s.ctx, head.as, demoReviewID, 0)
	}
	for _, part := range []func(*casework.Service) error{s.demoOpening, s.demoHearing, s.demoEnd} {
		if err := part(desk); err != nil {
			return "", err
		}
	}
	return head.v.Document(s.ctx, head.as, demoReviewID, 0)
}

// demoStep records one step on a day of 2021.
func (s *session) demoStep(desk *casework.Service, who string, day domain.Day, e review.Event) error {
	return s.reviewStep(desk, demoReviewID, who, day, e)
}

// reviewStep records one step of a review of the samples.
func (s *session) reviewStep(desk *casework.Service, id, who string, day domain.Day, e review.Event) error {
	b := s.actor(desk, who)
	review.Act(e, b.as.Role, day)
	_, err := b.v.Record(s.ctx, casework.ReviewRequest{As: b.as}, id, e)
	return err
}

// demoOpening is the clue, the opening, the acceptance and the replay.
func (s *session) demoOpening(desk *casework.Service) error {
	r1, feb := s.actor(desk, "r1"), func(n int) domain.Day { return domain.Date(2021, 2, n) }
	clues, err := r1.v.Clues(s.ctx, r1.as, "F2")
	if err == nil && len(clues) == 0 {
		clue := &review.ClueRegistered{By: review.By{Day: feb(1)}, Case: "F2", Source: review.FromAudit}
		review.ActClue(clue, review.Reviewer, feb(1))
		_, _, err = r1.v.RegisterClue(s.ctx, casework.ReviewRequest{As: r1.as}, clue)
	}
	if err != nil {
		return err
	}
	opened, err := r1.v.Opening(s.ctx, casework.Opening{Route: review.WithInquiry, Organ: "commission", Cases: []string{"F2"}, Persons: []string{"b1"}, Informed: feb(1)})
	if err != nil {
		return err
	}
	for _, x := range []struct {
		who string
		day domain.Day
		e   review.Event
	}{
		{"r1", feb(1), opened},
		{"b1", feb(3), &review.Cited{Person: "b1", Matter: "m1", Ground: "G01", Words: said("b1", "申请人未申报零工收入；入户调查和信息核对均已按期完成，未见异常。")}},
		{"h1", feb(4), &review.Accepted{Reviewers: []string{"r1", "r2"}}},
	} {
		if err := s.demoStep(desk, x.who, x.day, x.e); err != nil {
			return err
		}
	}
	_, err = r1.v.ReplayOn(s.ctx, casework.ReviewRequest{As: r1.as}, demoReviewID, casework.ReviewReplay{Matter: "m1", Day: feb(5)})
	return err
}

// demoHearing is the opinion, the correction, the notice, the hearing and the
// consultation.
func (s *session) demoHearing(desk *casework.Service) error {
	r, err := s.actor(desk, "r1").review(demoReviewID)
	if err != nil {
		return err
	}
	x, _ := r.Replay("m1")
	feb := func(n int) domain.Day { return domain.Date(2021, 2, n) }
	order := &review.CorrectionOrdered{ID: "k1", Matter: "m1", Measure: review.C3Recover, Owner: "b9", Office: "bureau", Due: domain.Date(2021, 4, 30), Fraud: true, Months: review.AmountsOf(review.C3Recover, x)}
	if _, ordered := r.Correction("k1"); ordered || len(order.Months) == 0 {
		order = nil
	}
	steps := []struct {
		who string
		day domain.Day
		e   review.Event
	}{
		{"policy", feb(8), &review.OpinionFiled{Matter: "m1", Replay: x.Ref.Trace, Words: said("b1", "按申报和核对结果，原决定符合当时规定；按查实收入重新计算的金额见还原复算。")}},
		{"r1", feb(9), &review.Notified{Person: "b1", Facts: said("b1", "申请人隐瞒零工收入，审批时依法应查的渠道均查不到。"), Basis: []string{"G01"}, Until: feb(26),
			Proposals: []review.Proposal{{Matter: "m1", Outcome: review.Diligent, Replay: x.Ref.Trace}}}},
		{"r1", feb(22), &review.Heard{Person: "b1", Investigators: []string{"r1", "r2"}, Words: said("b1", "同意告知的事实。")}},
		{"r1", feb(24), &review.Consulted{Members: []review.Member{{Person: "r1", Office: "commission"}, {Person: "b9", Office: "bureau"}}, Minutes: "示例会商1号"}},
	}
	for i, step := range steps {
		if i == 1 && order != nil {
			if err := s.demoStep(desk, "r1", feb(8), order); err != nil {
				return err
			}
		}
		if err := s.demoStep(desk, step.who, step.day, step.e); err != nil {
			return err
		}
	}
	return nil
}

// demoEnd is the determination, its service, the correction and the archive.
func (s *session) demoEnd(desk *casework.Service) error {
	r1 := s.actor(desk, "r1")
	r, err := r1.review(demoReviewID)
	if err != nil {
		return err
	}
	found, err := r1.results(r, "b1=diligent", review.Objection)
	if err != nil {
		return err
	}
	if err := r1.reason(demoReviewID, found, "集体研究：已逐项核实，未见其他情形。"); err != nil {
		return err
	}
	members, err := r1.members([]string{"r1", "r3", "h1"})
	if err != nil {
		return err
	}
	march := func(n int) domain.Day { return domain.Date(2021, 3, n) }
	steps := []review.Event{
		&review.Determined{By: review.By{Day: domain.Date(2021, 2, 26)}, Collective: review.Collective{Members: members, For: 3, Minutes: "示例纪要7号"}, Findings: found},
		&review.Served{By: review.By{Day: march(1)}, Person: "b1", Receipt: "示例回证1号"},
		&review.CorrectionBacked{By: review.By{Day: march(3)}, ID: "k1", Decision: "示例决定书9号", Reasoned: true, Served: march(2), Remedies: true},
		&review.CorrectionDone{By: review.By{Day: march(8)}, ID: "k1", Evidence: []string{"示例缴款书1号"}},
		&review.CorrectionAccepted{By: review.By{Day: march(9)}, ID: "k1"},
		&review.Filed{By: review.By{Day: march(10)}, Archive: "示例档案1号"},
		&review.NameCleared{By: review.By{Day: march(11)}, Person: "b1", Scope: "原知悉范围"},
	}
	_, corrected := r.Correction("k1")
	for _, e := range steps {
		who, correction := "r1", false
		switch e.(type) {
		case *review.CorrectionBacked, *review.CorrectionDone:
			who, correction = "policy", true
		case *review.CorrectionAccepted:
			correction = true
		}
		if correction && !corrected {
			continue
		}
		if err := s.demoStep(desk, who, 0, e); err != nil {
			return err
		}
	}
	return nil
}
