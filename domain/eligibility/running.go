package eligibility

import (
	"slices"

	"leeway/domain"
)

// PaymentListApproved approves the payment list of one month 发放审批. It
// continues a running benefit, and its basis says what was known then.
type PaymentListApproved struct {
	On
	Month  domain.Month `json:"month"`
	Amount domain.Fen   `json:"amount"`
}

// EventType is the stored name.
func (PaymentListApproved) EventType() string { return "payment-list-approved.v1" }

func (e PaymentListApproved) check(*Case) error { return checkMoney(e.Month, e.Amount) }

func (e PaymentListApproved) evolve(c *Case, at At) {
	c.Approvals = append(c.Approvals, Money{at, e.Month, e.Amount})
	c.act(at, Act{})
}

// BenefitPaid is money paid for a benefit month, whenever it was paid 发放.
type BenefitPaid struct {
	On
	Month   domain.Month   `json:"month"`
	Amount  domain.Fen     `json:"amount"`
	Batch   string         `json:"batch,omitempty"`
	Account domain.Private `json:"account,omitzero"`
}

// EventType is the stored name.
func (BenefitPaid) EventType() string { return "benefit-paid.v1" }

func (e BenefitPaid) check(*Case) error { return checkMoney(e.Month, e.Amount) }

func (e BenefitPaid) evolve(c *Case, at At) {
	c.Payments = append(c.Payments, Money{at, e.Month, e.Amount})
}

// Private is the account paid to.
func (e *BenefitPaid) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "account", Data: &e.Account}}
}

// EmergencyPaid is help before formalities 先行救助 (Order 649 Art 48). It is
// its own decision.
type EmergencyPaid struct {
	On
	Month  domain.Month `json:"month"`
	Amount domain.Fen   `json:"amount"`
}

// EventType is the stored name.
func (EmergencyPaid) EventType() string { return "emergency-paid.v1" }

func (e EmergencyPaid) check(*Case) error { return checkMoney(e.Month, e.Amount) }

func (e EmergencyPaid) evolve(c *Case, at At) {
	c.decide(Decision{At: at, Outcome: Granted, Amount: e.Amount, From: e.Month, Until: e.Month}, nil)
	c.Payments = append(c.Payments, Money{at, e.Month, e.Amount})
}

// FormalitiesCompleted makes up for the formalities of emergency help 补办手续.
type FormalitiesCompleted struct{ Taken }

// EventType is the stored name.
func (FormalitiesCompleted) EventType() string { return "formalities-completed.v1" }

// ChangeReported is the recipient's report of a change 申报变化 (Order 649 Art 13).
type ChangeReported struct {
	On
	By         string             `json:"by"`
	Statements []domain.Statement `json:"statements"`
}

// EventType is the stored name.
func (ChangeReported) EventType() string { return "change-reported.v1" }

func (e ChangeReported) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e ChangeReported) evolve(c *Case, at At) {
	c.tell(at, domain.Declaration, e.Statements)
	c.act(at, Act{})
}

// DataMatchHit is a warning from a data match 数据比对预警.
type DataMatchHit struct {
	On
	Source     string             `json:"source"`
	Statements []domain.Statement `json:"statements"`
}

// EventType is the stored name.
func (DataMatchHit) EventType() string { return "data-match-hit.v1" }

func (e DataMatchHit) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e DataMatchHit) evolve(c *Case, at At) {
	c.tell(at, domain.Check, e.Statements)
	c.act(at, Act{Sources: []string{e.Source}})
}

// ReverificationDue sets the class of the household and with it the next
// re-check 定期核查. A day may be set earlier than the rules ask, never later.
type ReverificationDue struct {
	On
	Due   domain.Day `json:"due,omitzero"`    // none: as the rules say for the class
	Class string     `json:"class,omitempty"` // A, B, C; none: as before
	// Advice is the engine's: when the rules ask for the re-check.
	Advice *Advice `json:"advice,omitempty"`
}

// The classes of re-checks 分类定期核查. Which term each has the rules say.
var recheckClasses = []string{"A", "B", "C"}

// EventType is the stored name.
func (ReverificationDue) EventType() string { return "reverification-due.v1" }

func (e ReverificationDue) check(*Case) error {
	if e.Due == 0 && e.Class == "" {
		return fault("due", "it is missing", "give the day by which the re-check is due")
	}
	if e.Class != "" && !slices.Contains(recheckClasses, e.Class) {
		return fault("class", "there is no class %q", "write A, B or C", e.Class)
	}
	return nil
}

func (e ReverificationDue) evolve(c *Case, at At) { c.act(at, Act{Until: e.Due, Class: e.Class}) }

// ReverificationDone is a re-check 定期核查 (Order 649 Art 13).
type ReverificationDone struct {
	On
	Staff      []string           `json:"staff"`
	Statements []domain.Statement `json:"statements,omitempty"`
	Advice     *Advice            `json:"advice,omitempty"` // of the engine: when the next one is due
}

// EventType is the stored name.
func (ReverificationDone) EventType() string { return "reverification-done.v1" }

func (e ReverificationDone) check(c *Case) error { return checkStatements(c, e.Statements) }

func (e ReverificationDone) evolve(c *Case, at At) {
	c.tell(at, domain.Survey, e.Statements)
	c.act(at, Act{Staff: e.Staff})
}

// DeathRecorded says that a member died 死亡. Day is when the office learned
// it; Source who told.
type DeathRecorded struct {
	On
	Member string            `json:"member"`
	Died   domain.Day        `json:"died"`
	Source domain.SourceKind `json:"source"`
	HeldBy string            `json:"held_by,omitempty"`
}

// EventType is the stored name.
func (DeathRecorded) EventType() string { return "death-recorded.v1" }

func (e DeathRecorded) check(c *Case) error {
	if e.Died == 0 || e.Died > e.Day {
		return fault("died", "%q is no day before %s", "give the day of death; day is when it became known", e.Died, e.Day)
	}
	if !slices.Contains(sources, e.Source) {
		return fault("source", "there is no kind of source %q", "write discovery, document, check, survey or declaration", e.Source)
	}
	return checkMember(c, "member", e.Member)
}

func (e DeathRecorded) evolve(c *Case, at At) {
	c.tell(at, e.Source, []domain.Statement{{
		Subject: e.Member, Attribute: Dead, Value: domain.Bool(true), ValidFrom: e.Died, HeldBy: e.HeldBy,
	}})
	c.act(at, Act{})
}
