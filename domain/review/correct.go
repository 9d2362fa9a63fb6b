package review

import (
	"slices"

	"leeway/domain"
	"leeway/domain/eligibility"
)

// Measure is a kind of correction 纠错措施 (domain.md §2.5).
type Measure string

// The measures.
const (
	C1Stop       Measure = "C1"  // 停发
	C2Change     Measure = "C2"  // 增发、减发
	C3Recover    Measure = "C3"  // 追回、退回
	C4BackPay    Measure = "C4"  // 补发
	C5Resurvey   Measure = "C5"  // 重新调查、核查、公示
	C6Ledger     Measure = "C6"  // 更正记录, a new event
	C7Retrain    Measure = "C7"  // 培训、谈话
	C8Rule       Measure = "C8"  // 完善规则、书面批复
	C9Source     Measure = "C9"  // 修复数据来源
	C10Sweep     Measure = "C10" // 举一反三
	C11Clear     Measure = "C11" // 澄清正名
	C12Dishonest Measure = "C12" // 记录失信
)

// Touches reports whether a measure touches the recipient, so that it is a
// proposal until the bureau's own served decision is referenced.
func (m Measure) Touches() bool {
	return m == C1Stop || m == C2Change || m == C3Recover || m == C12Dishonest
}

func (m Measure) known() bool {
	_, ok := measureWords[m]
	return ok
}

// Correction is one correction as it stands. A correction is a new event that
// names what it corrects; what was wrong stays on record as it was.
type Correction struct {
	Order     CorrectionOrdered
	At        At
	Due       domain.Day
	Backed    *CorrectionBacked
	DoneAt    *At
	Evidence  []string
	Accepted  *At
	Returned  int
	Extension int
}

// State is where a correction stands on a day.
func (c Correction) State(today domain.Day) string {
	switch {
	case c.Accepted != nil:
		return "accepted"
	case c.Order.Measure.Touches() && c.Backed == nil:
		// No due day runs against a proposal: the recipient is heard first, and
		// the bureau may decide otherwise.
		return "proposed"
	case c.DoneAt != nil:
		return "done"
	case today > c.Due:
		return "overdue"
	}
	return "ordered"
}

// OpenFor says for want of what a correction stays open: a local rule where
// Order 649 gives no clause, or the bureau's own decision.
func (c Correction) OpenFor() string {
	switch {
	case c.Accepted != nil:
		return ""
	case needsRule(c.Order) && c.Order.LocalRule == "":
		return "local_rule"
	case c.Order.Measure.Touches() && c.Backed == nil:
		return "bureau_decision"
	}
	return ""
}

// needsRule: recovery that is not for fraud, and a record of dishonesty, have
// no explicit clause in Order 649.
func needsRule(e CorrectionOrdered) bool {
	return e.Measure == C3Recover && !e.Fraud || e.Measure == C12Dishonest
}

// correcting reports whether a correction of a matter is under way or done.
func (r *Review) correcting(matter string) bool {
	return slices.ContainsFunc(r.Corrections, func(c Correction) bool { return c.Order.Matter == matter })
}

// Correction finds a correction by its id.
func (r *Review) Correction(id string) (*Correction, bool) {
	i := slices.IndexFunc(r.Corrections, func(c Correction) bool { return c.Order.ID == id })
	if i < 0 {
		return nil, false
	}
	return &r.Corrections[i], true
}

// CorrectionOrdered orders a correction, or proposes it where it touches the
// recipient 责令纠错、建议.
type CorrectionOrdered struct {
	By
	ID        string                    `json:"id"` // short, inside the review
	Matter    string                    `json:"matter"`
	Measure   Measure                   `json:"measure"`
	Owner     string                    `json:"owner"` // person
	Office    string                    `json:"office"`
	Due       domain.Day                `json:"due"`
	Months    []eligibility.MonthAmount `json:"months,omitempty"` // to recover or back-pay
	Fraud     bool                      `json:"fraud,omitempty"`  // recovery for fraud (Order 649 Art 68)
	LocalRule string                    `json:"local_rule,omitempty"`
	Words     domain.Private            `json:"words,omitzero"`
}

// EventType is the stored name.
func (CorrectionOrdered) EventType() string { return "review-correction-ordered.v1" }

func (*CorrectionOrdered) may() []Role { return []Role{Reviewer, Head, Bureau} }

func (e *CorrectionOrdered) check(d *desk) error {
	x, replayed := d.Replay(e.Matter)
	_, taken := d.Correction(e.ID)
	switch {
	case d.AcceptedAt == nil:
		return refuse(GuardOrder, "accept the review first", "review %s has not been accepted", d.ID)
	case e.ID == "" || taken:
		return fault("id", "%q is missing or taken", "give the correction its own short id, such as k1", e.ID)
	case !e.Measure.known():
		return fault("measure", "there is no measure %q", "write C1 to C12", e.Measure)
	case e.Owner == "" || e.Office == "":
		return fault("owner, office", "one is missing", "say who does it, at which office")
	case e.Due < d.day:
		return fault("due", "%s lies before %s", "give the day by which it is due", e.Due, d.day)
	case !replayed:
		return refuse(GuardReplay, "replay it first", "matter %q has no replay to correct by", e.Matter)
	}
	return e.amounts(x)
}

// amounts holds each amount to what the replay gives for its month. The two
// directions are never netted: a month that was overpaid is recovered, one that
// was underpaid is back-paid, each in a correction of its own. Less than the
// replay gives may be ordered, where a part came back already.
func (e *CorrectionOrdered) amounts(x ReplayOf) error {
	pays := e.Measure == C3Recover || e.Measure == C4BackPay
	if pays != (len(e.Months) > 0) {
		return fault("months", "%d months with %s", "give the amount of each month for C3 and C4, and for no other measure", len(e.Months), e.Measure)
	}
	seen := map[domain.Month]bool{}
	for _, m := range e.Months {
		i := slices.IndexFunc(x.Money, func(y MonthMoney) bool { return y.Month == m.Month })
		var most domain.Fen
		if i >= 0 && e.Measure == C3Recover {
			most = x.Money[i].Over
		} else if i >= 0 {
			most = x.Money[i].Under
		}
		if m.Amount <= 0 || m.Amount > most || seen[m.Month] {
			return refuse(GuardAmounts, "take it from the replay, month by month", "%s yuan for %s: the replay gives %s", m.Amount.Yuan(), m.Month, most.Yuan())
		}
		seen[m.Month] = true
	}
	return nil
}

func (e *CorrectionOrdered) evolve(r *Review, at At) {
	r.Corrections = append(r.Corrections, Correction{Order: *e, At: at, Due: e.Due})
}

// Private are the words of the order.
func (e *CorrectionOrdered) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "words", Data: &e.Words}}
}

// The recipient is heard in a procedure of his own, with remedies of his own;
// a review of an official cannot take anything from him. So the review only
// proposes, and this event shows that the bureau decided.

// CorrectionBacked references the bureau's own decision on a proposal: its
// event in the case, how it was served, and that it named the remedies.
type CorrectionBacked struct {
	By
	ID       string     `json:"id"`
	Decision string     `json:"decision"` // event of the case
	Reasoned bool       `json:"reasoned"`
	Served   domain.Day `json:"served"`
	Remedies bool       `json:"remedies"` // it says where and until when to seek remedy
}

// EventType is the stored name.
func (CorrectionBacked) EventType() string { return "review-correction-backed.v1" }

func (*CorrectionBacked) may() []Role { return []Role{Bureau} }

func (e *CorrectionBacked) check(d *desk) error {
	c, err := d.correction(e.ID)
	switch {
	case err != nil:
		return err
	case !c.Order.Measure.Touches():
		return refuse(GuardOrder, "report it done", "%s needs no decision about the recipient", c.Order.Measure)
	case e.Decision == "" || !e.Reasoned || e.Served == 0 || !e.Remedies:
		return refuse(GuardServed, "decide, give reasons, name the remedies, serve, then reference it", "the decision is not named, reasoned, served or lacks its remedy notice")
	case needsRule(c.Order) && c.Order.LocalRule == "":
		return refuse(GuardServed, "enter the local rule it rests on by a new order", "%s has no clause in Order 649 and names no local rule", c.Order.Measure)
	case e.Served > d.day:
		return fault("served", "%s lies in the future", "reference the decision when it has been served", e.Served)
	}
	return nil
}

func (d *desk) correction(id string) (*Correction, error) {
	c, ok := d.Correction(id)
	switch {
	case !ok:
		return nil, fault("id", "there is no correction %q", "name one of this review", id)
	case c.Accepted != nil:
		return nil, refuse(GuardOrder, "order another one", "correction %s has been accepted", id)
	}
	return c, nil
}

func (e *CorrectionBacked) evolve(r *Review, at At) {
	if c, ok := r.Correction(e.ID); ok {
		c.Backed = e
	}
}

// CorrectionExtended moves the due day, with a reason.
type CorrectionExtended struct {
	By
	ID     string         `json:"id"`
	Due    domain.Day     `json:"due"`
	Reason domain.Private `json:"reason"`
}

// EventType is the stored name.
func (CorrectionExtended) EventType() string { return "review-correction-extended.v1" }

func (*CorrectionExtended) may() []Role { return []Role{Reviewer, Head} }

func (e *CorrectionExtended) check(d *desk) error {
	c, err := d.correction(e.ID)
	if err != nil {
		return err
	}
	if e.Due <= c.Due || !e.Reason.Present {
		return fault("due, reason", "the day is not later, or the reason is missing", "give a later day and say why")
	}
	return nil
}

func (e *CorrectionExtended) evolve(r *Review, at At) {
	if c, ok := r.Correction(e.ID); ok {
		c.Due = e.Due
		c.Extension++
	}
}

// Private is the reason.
func (e *CorrectionExtended) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "reason", Data: &e.Reason}}
}

// CorrectionDone reports a correction as done, with the events of the ledger
// that show it: nothing is overwritten.
type CorrectionDone struct {
	By
	ID       string   `json:"id"`
	Evidence []string `json:"evidence"`
}

// EventType is the stored name.
func (CorrectionDone) EventType() string { return "review-correction-done.v1" }

func (*CorrectionDone) may() []Role { return []Role{Worker, Unit, Bureau} }

func (e *CorrectionDone) check(d *desk) error {
	c, err := d.correction(e.ID)
	switch {
	case err != nil:
		return err
	case c.Order.Measure.Touches() && c.Backed == nil:
		return refuse(GuardServed, "let the bureau decide, serve and reference it first", "%s is a proposal", e.ID)
	case d.as == Worker && c.Order.Owner != d.cmd.Actor.Person:
		return refuse(GuardRole, "leave it to its owner", "%s does not own correction %s", d.cmd.Actor.Person, e.ID)
	case len(e.Evidence) == 0:
		return fault("evidence", "there is none", "name the events or papers that show it")
	case c.DoneAt != nil:
		return refuse(GuardOrder, "wait for the acceptance", "correction %s was reported done", e.ID)
	}
	return d.before(c.At, "the order")
}

func (e *CorrectionDone) evolve(r *Review, at At) {
	if c, ok := r.Correction(e.ID); ok {
		c.DoneAt, c.Evidence = &at, e.Evidence
	}
}

// A correction that was returned runs under its old due day again.

// CorrectionReturned sends a correction back as not done.
type CorrectionReturned struct {
	By
	ID     string         `json:"id"`
	Reason domain.Private `json:"reason"`
}

// EventType is the stored name.
func (CorrectionReturned) EventType() string { return "review-correction-returned.v1" }

func (*CorrectionReturned) may() []Role { return []Role{Reviewer, Head} }

func (e *CorrectionReturned) check(d *desk) error {
	c, err := d.correction(e.ID)
	switch {
	case err != nil:
		return err
	case c.DoneAt == nil:
		return refuse(GuardOrder, "wait for the report", "correction %s was not reported done", e.ID)
	case !e.Reason.Present:
		return fault("reason", "it is missing", "say what is missing")
	}
	return nil
}

func (e *CorrectionReturned) evolve(r *Review, at At) {
	if c, ok := r.Correction(e.ID); ok {
		c.DoneAt, c.Evidence = nil, nil
		c.Returned++
	}
}

// Private is the reason.
func (e *CorrectionReturned) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "reason", Data: &e.Reason}}
}

// CorrectionAccepted accepts a correction 验收.
type CorrectionAccepted struct {
	By
	ID string `json:"id"`
}

// EventType is the stored name.
func (CorrectionAccepted) EventType() string { return "review-correction-accepted.v1" }

func (*CorrectionAccepted) may() []Role { return []Role{Reviewer, Head} }

func (e *CorrectionAccepted) check(d *desk) error {
	c, err := d.correction(e.ID)
	switch {
	case err != nil:
		return err
	case c.DoneAt == nil:
		return refuse(GuardOrder, "wait for the report", "correction %s was not reported done", e.ID)
	}
	return d.before(*c.DoneAt, "the report")
}

func (e *CorrectionAccepted) evolve(r *Review, at At) {
	if c, ok := r.Correction(e.ID); ok {
		c.Accepted = &at
	}
}

// AmountsOf takes what is to be recovered or back-paid from a replay, month by
// month; other measures move no money.
func AmountsOf(m Measure, x ReplayOf) []eligibility.MonthAmount {
	var list []eligibility.MonthAmount
	for _, y := range x.Money {
		amount := y.Over
		if m == C4BackPay {
			amount = y.Under
		}
		if amount > 0 && (m == C3Recover || m == C4BackPay) {
			list = append(list, eligibility.MonthAmount{Month: y.Month, Amount: amount})
		}
	}
	return list
}
