package eligibility

import (
	"fmt"

	"leeway/domain"
)

// SelfFound is how an officer's own report of an error is recorded.
const SelfFound = "self_found"

// FactsDiscovered is what came out later 事后查实. Nothing recorded before is
// changed by it; only what is held true today. An officer who reports an error
// of his own 主动报告 names the benefit months that it concerns, each with what
// should have been paid, which is his proposal of a correction and no more.
type FactsDiscovered struct {
	On
	How        string             `json:"how"` // audit, data_match, report, self_found, investigation
	Statements []domain.Statement `json:"statements,omitempty"`
	Note       domain.Private     `json:"note,omitzero"`
	Months     []MonthAmount      `json:"months,omitempty"` // of a self-report: what should have been paid
}

// EventType is the stored name.
func (FactsDiscovered) EventType() string { return "facts-discovered.v1" }

func (e FactsDiscovered) check(c *Case) error {
	if len(e.Statements) == 0 && len(e.Months) == 0 {
		return fault("statements", "there are none", "state what was found, with the days between which it was true; who reports an error of his own may name the months instead")
	}
	if err := e.checkReport(c); err != nil {
		return err
	}
	return checkStatements(c, e.Statements)
}

// mostAMonth is more than any benefit pays in a month: what lies above it was
// typed in the wrong unit.
const mostAMonth = 100_000_00

// checkReport refuses a proposal for months of which the case says nothing yet,
// and one that changes nothing.
func (e FactsDiscovered) checkReport(c *Case) error {
	if len(e.Months) > 0 && e.How != SelfFound {
		return fault("months", "they are named by %q", "only who reports an error of his own proposes a correction; the bureau establishes it with overpayment-established.v1 or backpay-established.v1", e.How)
	}
	first, seen := c.FirstMonth(), map[domain.Month]bool{}
	for i, m := range e.Months {
		field := func(name string) string { return fmt.Sprintf("months[%d].%s", i, name) }
		switch paid, any := c.PaidFor(m.Month); {
		case m.Month == 0 || first == 0 || m.Month < first:
			return fault(field("month"), "%q is no month of the benefit", "name one from the first month that was decided or paid", m.Month)
		case m.Month > e.Day.Month():
			return fault(field("month"), "%s lies in the future", "report it when the month has come, or have the decision adjusted", m.Month)
		case seen[m.Month]:
			return fault(field("month"), "%s is named twice", "name each month once", m.Month)
		case m.Amount < 0 || m.Amount > mostAMonth:
			return fault(field("amount"), "%s yuan is no amount for one month", "give what should have been paid, 0 to %[2]s yuan", m.Amount.Yuan(), domain.Fen(mostAMonth).Yuan())
		case any && paid == m.Amount:
			return fault(field("amount"), "%s yuan is what was paid for %s", "leave out the months that were right", paid.Yuan(), m.Month)
		}
		seen[m.Month] = true
	}
	return nil
}

func (e FactsDiscovered) evolve(c *Case, at At) {
	c.tell(at, domain.Discovery, e.Statements)
	c.Discoveries = append(c.Discoveries, Discovery{at, e.How, e.Months})
	c.act(at, Act{})
}

// Private is the finder's note.
func (e *FactsDiscovered) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "note", Data: &e.Note}}
}

// ComplaintReceived is a complaint or report 举报 (Order 649 Art 59). Who sees
// it is limited by the event's visibility: a worker is not tipped off.
type ComplaintReceived struct {
	Taken
	Text domain.Private `json:"text,omitzero"`
}

// EventType is the stored name.
func (ComplaintReceived) EventType() string { return "complaint-received.v1" }

// Private is the text of the complaint.
func (e *ComplaintReceived) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "text", Data: &e.Text}}
}

// MonthAmount is an amount for one benefit month.
type MonthAmount struct {
	Month  domain.Month `json:"month"`
	Amount domain.Fen   `json:"amount"`
}

// OverpaymentEstablished says by how much each month was overpaid, as the
// bureau found; the replay stands beside it.
type OverpaymentEstablished struct {
	Taken
	Months []MonthAmount `json:"months"`
}

// EventType is the stored name.
func (OverpaymentEstablished) EventType() string { return "overpayment-established.v1" }

func (e OverpaymentEstablished) check(*Case) error { return checkMonths(e.Months) }

// BackpayEstablished says by how much each month was underpaid.
type BackpayEstablished struct {
	Taken
	Months []MonthAmount `json:"months"`
}

// EventType is the stored name.
func (BackpayEstablished) EventType() string { return "backpay-established.v1" }

func (e BackpayEstablished) check(*Case) error { return checkMonths(e.Months) }

// MoneyRecovered is money that came back 追回、退回. Month is the benefit month
// that it is for, where known.
type MoneyRecovered struct {
	On
	Month  domain.Month `json:"month,omitzero"`
	Amount domain.Fen   `json:"amount"`
}

// EventType is the stored name.
func (MoneyRecovered) EventType() string { return "money-recovered.v1" }

func (e MoneyRecovered) check(*Case) error { return checkAmount(e.Amount) }

func (e MoneyRecovered) evolve(c *Case, at At) {
	c.Recovered = append(c.Recovered, Money{at, e.Month, e.Amount})
}

// MoneyBackPaid is money paid later for a month under a correction 补发.
type MoneyBackPaid struct {
	On
	Month  domain.Month `json:"month,omitzero"`
	Amount domain.Fen   `json:"amount"`
}

// EventType is the stored name.
func (MoneyBackPaid) EventType() string { return "money-back-paid.v1" }

func (e MoneyBackPaid) check(*Case) error { return checkAmount(e.Amount) }

func (e MoneyBackPaid) evolve(c *Case, at At) {
	c.BackPaid = append(c.BackPaid, Money{at, e.Month, e.Amount})
}

// RemedySought is the recipient's own remedy: reconsideration 行政复议 or suit
// 行政诉讼 (Order 649 Art 65).
type RemedySought struct {
	Taken
	Kind string `json:"kind"` // reconsideration, litigation
}

// EventType is the stored name.
func (RemedySought) EventType() string { return "remedy-sought.v1" }

// RemedyDecided is its result. Where it changes the decision it is a decision
// of its own, and the original stays.
type RemedyDecided struct {
	On
	Upheld bool         `json:"upheld,omitempty"`
	Amount domain.Fen   `json:"amount"`
	From   domain.Month `json:"from,omitzero"`
}

// EventType is the stored name.
func (RemedyDecided) EventType() string { return "remedy-decided.v1" }

func (e RemedyDecided) check(*Case) error {
	if !e.Upheld && e.From == 0 {
		return fault("from", "the decision was changed, but from no month", "give the month from which the new decision counts")
	}
	return checkAmount(e.Amount)
}

func (e RemedyDecided) evolve(c *Case, at At) {
	if e.Upheld {
		c.act(at, Act{})
		return
	}
	c.decide(Decision{At: at, Outcome: Adjusted, Amount: e.Amount, From: e.From}, nil)
}

// CaseClosed ends the recording of new steps of handling. Later discoveries,
// recoveries and remedies stay possible.
type CaseClosed struct {
	On
	Reason string `json:"reason"`
}

// EventType is the stored name.
func (CaseClosed) EventType() string { return "case-closed.v1" }

func (CaseClosed) check(*Case) error { return nil }

func (e CaseClosed) evolve(c *Case, at At) { c.Closed = true }
