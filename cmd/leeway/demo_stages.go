package main

import (
	"errors"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
)

// A standing is a review of the samples that stands at one stage, opened some
// days before the demo is served, so that its limits run.
type standing struct {
	id, of, person string
	stage          review.Stage
	ago            int
}

// standings are one review for each stage but the last, at which the review of
// the terminal stands.
var standings = []standing{
	{"w3.S2", "F3", "w3", review.StageOpened, 3},
	{"w3.S3", "F5", "w3", review.StageSupplement, 8},
	{"w3.S4", "F1", "w3", review.StageNotAccepted, 20},
	{"w2.S5", "F6", "w2", review.StageWithdrawn, 15},
	{"b1.S6", "F12", "b1", review.StageLapsed, 30},
	{"w3.S7", "F8", "w3", review.StageAccepted, 10},
	{"w3.S8", "F15", "w3", review.StageNotified, 14},
	{"w2.S9", "F4", "w2", review.StageConsulted, 26},
	{"w3.S10", "F17", "w3", review.StageDetermined, 29},
	{"b1.S11", "F9", "b1", review.StageServed, 40},
}

// demoStanding takes each standing review to its stage. One that is there
// already, at whatever stage by now, is left to whoever works with it.
func (s *session) demoStanding(desk *casework.Service) error {
	for _, x := range standings {
		_, err := s.actor(desk, "h1").review(x.id)
		if err == nil {
			continue
		}
		if !errors.Is(err, domain.ErrNotFound) {
			return err
		}
		if err := (&standingPlay{s, desk, x, domain.DayOf(s.now()) - domain.Day(x.ago)}).play(); err != nil {
			return err
		}
	}
	return nil
}

// A standingPlay takes one review as far as it is to stand.
type standingPlay struct {
	*session
	desk *casework.Service
	standing
	opened domain.Day
}

// do records a step, some days after the opening.
func (p *standingPlay) do(who string, after int, e review.Event) error {
	return p.reviewStep(p.desk, p.id, who, p.opened+domain.Day(after), e)
}

func (p *standingPlay) play() error {
	organ := p.actor(p.desk, "r1")
	opened, err := organ.v.Opening(p.ctx, casework.Opening{Route: review.ByWorker, Organ: "commission", Cases: []string{p.of}, Persons: []string{p.person}, Informed: p.opened})
	if err != nil {
		return err
	}
	cited := &review.Cited{Person: p.person, Matter: "m1", Ground: "G01", Words: said(p.person, "已按规定入户调查并提请信息核对，当时在案材料未见异常。")}
	if err := errors.Join(p.do(p.person, 0, opened), p.do(p.person, 0, cited)); err != nil {
		return err
	}
	asked := &review.SupplementAsked{Missing: []string{"入户调查记录原件"}, Until: p.opened + 20}
	switch p.stage {
	case review.StageOpened:
		return nil
	case review.StageSupplement:
		return p.do("r1", 3, asked)
	case review.StageLapsed:
		asked.Until = p.opened + 15
		return errors.Join(p.do("r1", 3, asked), p.do("r1", 18, &review.Lapsed{}))
	case review.StageNotAccepted:
		return p.do("h1", 4, &review.NotAccepted{Reason: said(p.person, "原决定经还原复算未见差错，不需要容错核查。")})
	case review.StageWithdrawn:
		return p.do(p.person, 4, &review.Withdrawn{})
	}
	return p.verify()
}

// verify is the acceptance, the replay and, where the review goes on, the
// opinion, the correction and the notice.
func (p *standingPlay) verify() error {
	organ := p.actor(p.desk, "r1")
	if err := p.do("h1", 3, &review.Accepted{Reviewers: []string{"r1", "r2"}}); err != nil {
		return err
	}
	_, err := organ.v.ReplayOn(p.ctx, casework.ReviewRequest{As: organ.as}, p.id, casework.ReviewReplay{Matter: "m1", Day: p.opened + 4})
	if err != nil || p.stage == review.StageAccepted {
		return err
	}
	r, err := organ.review(p.id)
	if err != nil {
		return err
	}
	x, _ := r.Replay("m1")
	err = p.do("policy", 7, &review.OpinionFiled{Matter: "m1", Replay: x.Ref.Trace, Words: said(p.person, "按当时收到的规定和在案材料复算，差额见还原复算。")})
	if months := review.AmountsOf(review.C3Recover, x); err == nil && len(months) > 0 {
		err = p.do("r1", 7, &review.CorrectionOrdered{ID: "k1", Matter: "m1", Measure: review.C3Recover, Owner: "b9", Office: "bureau", Due: p.opened + 75, Fraud: true, Months: months})
	}
	if err != nil {
		return err
	}
	err = p.do("r1", 8, &review.Notified{Person: p.person, Facts: said(p.person, "申报与真实情况不符，法定渠道当时均查不到。"), Basis: []string{"G01"}, Until: p.opened + 25,
		Proposals: []review.Proposal{{Matter: "m1", Outcome: review.Diligent, Replay: x.Ref.Trace}}})
	if err != nil || p.stage == review.StageNotified {
		return err
	}
	return p.determine(r)
}

// determine is the hearing, the consultation, the determination and its
// service.
func (p *standingPlay) determine(r *review.Review) error {
	err := p.do("r1", 21, &review.Heard{Person: p.person, Investigators: []string{"r1", "r2"}, Words: said(p.person, "对告知的事实没有异议。")})
	if err == nil {
		err = p.do("r1", 23, &review.Consulted{Members: []review.Member{{Person: "r1", Office: "commission"}, {Person: "b9", Office: "bureau"}}, Minutes: "示例会商2号"})
	}
	if err != nil || p.stage == review.StageConsulted {
		return err
	}
	organ := p.actor(p.desk, "r1")
	found, err := organ.results(r, p.person+"=diligent", review.Objection)
	if err == nil {
		err = organ.reason(p.id, found, "集体研究：已逐项核实，未见其他情形。")
	}
	if err != nil {
		return err
	}
	members, err := organ.members([]string{"r1", "r3", "h1"})
	if err == nil {
		err = p.do("r1", 25, &review.Determined{Collective: review.Collective{Members: members, For: 3, Minutes: "示例纪要8号"}, Findings: found})
	}
	if err != nil || p.stage == review.StageDetermined {
		return err
	}
	return p.do("r1", 28, &review.Served{Person: p.person, Receipt: "示例回证2号"})
}
