package eligibility

import "leeway/domain"

// InitialOpinion is the township's proposal 初审意见.
type InitialOpinion struct {
	On
	Outcome Result     `json:"outcome"`
	Amount  domain.Fen `json:"amount"`
}

// EventType is the stored name.
func (InitialOpinion) EventType() string { return "initial-opinion.v1" }

func (e InitialOpinion) check(*Case) error { return checkResult(e.Outcome, e.Amount) }

func (e InitialOpinion) evolve(c *Case, at At) {
	c.act(at, Act{Outcome: e.Outcome, Amount: e.Amount})
}

// PublicNoticePosted is the notice before approval 公示. Until is its last day.
type PublicNoticePosted struct {
	On
	Place string     `json:"place"`
	Until domain.Day `json:"until"`
}

// EventType is the stored name.
func (PublicNoticePosted) EventType() string { return "public-notice-posted.v1" }

func (e PublicNoticePosted) check(*Case) error {
	if e.Until < e.Day {
		return fault("until", "the notice ends on %s before it begins on %s", "give its last day", e.Until, e.Day)
	}
	return nil
}

func (e PublicNoticePosted) evolve(c *Case, at At) { c.act(at, Act{Until: e.Until}) }

// PublicNoticeClosed ends the notice.
type PublicNoticeClosed struct{ Taken }

// EventType is the stored name.
func (PublicNoticeClosed) EventType() string { return "public-notice-closed.v1" }

// ObjectionReceived is an objection to the notice 公示异议.
type ObjectionReceived struct {
	Taken
	Text domain.Private `json:"text,omitzero"`
}

// EventType is the stored name.
func (ObjectionReceived) EventType() string { return "objection-received.v1" }

// Private is what the objector wrote.
func (e *ObjectionReceived) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "text", Data: &e.Text}}
}

// ReinvestigationDone looks again after an objection.
type ReinvestigationDone struct {
	On
	Staff      []string           `json:"staff"`
	Statements []domain.Statement `json:"statements,omitempty"`
}

// EventType is the stored name.
func (ReinvestigationDone) EventType() string { return "reinvestigation-done.v1" }

func (e ReinvestigationDone) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e ReinvestigationDone) evolve(c *Case, at At) {
	c.tell(at, domain.Survey, e.Statements)
	c.act(at, Act{Staff: e.Staff})
}

// SubmittedToCounty hands the file up for approval 上报.
type SubmittedToCounty struct{ Taken }

// EventType is the stored name.
func (SubmittedToCounty) EventType() string { return "submitted-to-county.v1" }

// CountySpotCheck is a visit by the approving office 入户抽查.
type CountySpotCheck struct {
	On
	Staff      []string           `json:"staff"`
	Statements []domain.Statement `json:"statements,omitempty"`
}

// EventType is the stored name.
func (CountySpotCheck) EventType() string { return "county-spot-check.v1" }

func (e CountySpotCheck) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e CountySpotCheck) evolve(c *Case, at At) {
	c.tell(at, domain.Survey, e.Statements)
	c.act(at, Act{Staff: e.Staff})
}

// Advice is what the engine said when a decision was recorded, or a re-check. A person
// decides; this is kept beside it and never used by a replay, which asks
// again.
type Advice struct {
	Rules   domain.PackVersion `json:"rules"`
	Engine  string             `json:"engine"`
	Known   domain.Day         `json:"known"` // rules as published by this day
	Outcome domain.Outcome     `json:"outcome,omitzero"`
	Recheck domain.Day         `json:"recheck,omitzero"` // when the next re-check is due by the rules
}

// DecisionMade grants or refuses 审批、确认 (Order 649 Art 11).
type DecisionMade struct {
	On
	Outcome Result       `json:"outcome"`
	Amount  domain.Fen   `json:"amount"`
	From    domain.Month `json:"from"`
	Until   domain.Month `json:"until,omitzero"` // of a benefit for a fixed time, such as one month
	Reasons []string     `json:"reasons,omitempty"`
	Advice  *Advice      `json:"advice,omitempty"`
}

// EventType is the stored name.
func (DecisionMade) EventType() string { return "decision-made.v1" }

func (e DecisionMade) check(*Case) error {
	if e.From == 0 {
		return fault("from", "no first benefit month", "give the month from which the decision counts, such as 2020-02")
	}
	if e.Until != 0 && e.Until < e.From {
		return fault("until", "%s lies before %s", "give the last month, or leave it out", e.Until, e.From)
	}
	if e.Outcome != Granted && e.Outcome != Refused {
		return fault("outcome", "there is no outcome %q here", "write granted or refused; use amount-adjusted.v1 or exit-decided.v1 for a running benefit", e.Outcome)
	}
	return checkResult(e.Outcome, e.Amount)
}

func (e DecisionMade) evolve(c *Case, at At) {
	c.decide(Decision{At: at, Outcome: e.Outcome, Amount: e.Amount, From: e.From, Until: e.Until, Reasons: e.Reasons}, e.Advice)
}

func (c *Case) decide(d Decision, a *Advice) {
	if a != nil {
		d.Rules, d.Advice = a.Rules, a
	}
	c.Decisions = append(c.Decisions, d)
	c.act(d.At, Act{})
}

// DecisionPublished makes a grant public 公布.
type DecisionPublished struct{ Taken }

// EventType is the stored name.
func (DecisionPublished) EventType() string { return "decision-published.v1" }

// RefusalServed gives the written reasons of a refusal 书面告知.
type RefusalServed struct {
	Taken
	Text domain.Private `json:"text,omitzero"`
}

// EventType is the stored name.
func (RefusalServed) EventType() string { return "refusal-served.v1" }

// Private is the text of the refusal.
func (e *RefusalServed) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "text", Data: &e.Text}}
}

// LongTermNoticePosted lists who receives what 长期公示.
type LongTermNoticePosted struct{ Taken }

// EventType is the stored name.
func (LongTermNoticePosted) EventType() string { return "long-term-notice-posted.v1" }

// AmountAdjusted changes a running benefit 增发、减发 (Order 649 Art 13).
type AmountAdjusted struct {
	On
	Amount  domain.Fen   `json:"amount"`
	From    domain.Month `json:"from"`
	Reasons []string     `json:"reasons,omitempty"`
	Advice  *Advice      `json:"advice,omitempty"`
}

// EventType is the stored name.
func (AmountAdjusted) EventType() string { return "amount-adjusted.v1" }

func (e AmountAdjusted) check(*Case) error {
	if e.From == 0 {
		return fault("from", "no first benefit month", "give the month from which the new amount counts")
	}
	return checkResult(Adjusted, e.Amount)
}

func (e AmountAdjusted) evolve(c *Case, at At) {
	c.decide(Decision{At: at, Outcome: Adjusted, Amount: e.Amount, From: e.From, Reasons: e.Reasons}, e.Advice)
}

// GracePeriodStarted keeps a benefit for some months after the household
// could do without 渐退.
type GracePeriodStarted struct {
	Taken
	Months int `json:"months"`
}

// EventType is the stored name.
func (GracePeriodStarted) EventType() string { return "grace-period-started.v1" }

func (e GracePeriodStarted) check(*Case) error {
	if e.Months < 1 {
		return fault("months", "%d months", "give the number of months that the benefit goes on", e.Months)
	}
	return nil
}

// ExitDecided stops a benefit 退出、停发 (Order 649 Art 13).
type ExitDecided struct {
	On
	From    domain.Month `json:"from"` // first month without benefit
	Reasons []string     `json:"reasons,omitempty"`
	Advice  *Advice      `json:"advice,omitempty"`
}

// EventType is the stored name.
func (ExitDecided) EventType() string { return "exit-decided.v1" }

func (e ExitDecided) check(*Case) error {
	if e.From == 0 {
		return fault("from", "no first month without benefit", "give it, such as 2020-04")
	}
	return nil
}

func (e ExitDecided) evolve(c *Case, at At) {
	c.decide(Decision{At: at, Outcome: Stopped, From: e.From, Reasons: e.Reasons}, e.Advice)
}
