package review

import (
	"slices"

	"leeway/domain"
)

// Service is a determination as it reached a person.
type Service struct {
	At       At
	Person   string
	Receipt  string
	Copied   []string
	Decision string // event of the determination served
}

// Each person has a service of his own: his clocks run from his own receipt.

// Served serves the determination on a person, with a receipt 送达.
type Served struct {
	By
	Person  string   `json:"person"`
	Receipt string   `json:"receipt"` // number of the receipt
	Copied  []string `json:"copied,omitempty"`
}

// EventType is the stored name.
func (Served) EventType() string { return "review-served.v1" }

func (*Served) may() []Role { return []Role{Reviewer, Head, Superior} }

func (e *Served) check(d *desk) error {
	if d.Determination == nil {
		return refuse(GuardOrder, "determine it first", "review %s has no determination that counts", d.ID)
	}
	if _, ok := d.Party(e.Person); !ok || e.Receipt == "" {
		return fault("person, receipt", "%q is not reviewed here, or the receipt is missing", "name a person of this review and the receipt", e.Person)
	}
	return d.before(d.Determination.At, "the determination")
}

func (e *Served) evolve(r *Review, at At) {
	s := Service{At: at, Person: e.Person, Receipt: e.Receipt, Copied: e.Copied}
	if r.Determination != nil {
		s.Decision = r.Determination.At.ID
	}
	r.Served = append(r.Served, s)
}

// ServedOn is when the determination that counts reached a person.
func (r *Review) ServedOn(person string) (Service, bool) {
	for _, s := range slices.Backward(r.Served) {
		if s.Person == person && r.Determination != nil && s.Decision == r.Determination.At.ID {
			return s, true
		}
	}
	return Service{}, false
}

func (r *Review) servedAll() bool {
	return !slices.ContainsFunc(r.Parties, func(p Party) bool {
		_, ok := r.ServedOn(p.Person)
		return !ok
	})
}

// Transfer is a clue handed over for inquiry.
type Transfer struct {
	At   At
	Pair Pair
	To   string
}

// Transferred hands a matter over to the organ that inquires into it 移送.
type Transferred struct {
	By
	Person string `json:"person"`
	Matter string `json:"matter"`
	To     string `json:"to"` // organ
}

// EventType is the stored name.
func (Transferred) EventType() string { return "review-transferred.v1" }

func (*Transferred) may() []Role { return []Role{Reviewer, Head} }

func (e *Transferred) check(d *desk) error {
	if e.To == "" {
		return fault("to", "it is missing", "name the organ")
	}
	if d.AcceptedAt == nil {
		return refuse(GuardOrder, "accept the review first", "review %s has not been accepted", d.ID)
	}
	return d.knowsPair(e.Person, e.Matter)
}

func (e *Transferred) evolve(r *Review, at At) {
	r.Transfers = append(r.Transfers, Transfer{at, Pair{e.Person, e.Matter}, e.To})
}

// SanctionKind tells the two kinds of sanction that exclude each other.
type SanctionKind string

// The kinds of sanction.
const (
	SupervisionSanction SanctionKind = "supervision" // 政务处分
	EmployerSanction    SanctionKind = "employer"    // 处分
)

// Sanction is a sanction that another procedure gave.
type Sanction struct {
	At   At
	Pair Pair
	Kind SanctionKind
}

// SanctionRecorded notes a sanction that the liability procedure gave for the
// same act.
type SanctionRecorded struct {
	By
	Person string       `json:"person"`
	Matter string       `json:"matter"`
	Kind   SanctionKind `json:"kind"`
	Number string       `json:"number"` // of the decision
}

// EventType is the stored name.
func (SanctionRecorded) EventType() string { return "review-sanction-recorded.v1" }

func (*SanctionRecorded) may() []Role { return []Role{Reviewer, Head} }

func (e *SanctionRecorded) check(d *desk) error {
	switch {
	case e.Kind != SupervisionSanction && e.Kind != EmployerSanction:
		return fault("kind", "there is no kind %q", "write supervision (政务处分) or employer (处分)", e.Kind)
	case e.Number == "":
		return fault("number", "it is missing", "give the number of the decision")
	case slices.ContainsFunc(d.Sanctions, func(s Sanction) bool {
		return s.Pair == Pair{e.Person, e.Matter} && s.Kind != e.Kind
	}):
		return refuse(GuardDouble, "tell the organ that gave the second one", "%s has a sanction of the other kind for %s", e.Person, e.Matter)
	}
	// A sanction against an exemption or waiver would make it a painting on the
	// wall: the review is reopened first.
	if f, ok := d.result(Pair{e.Person, e.Matter}); ok && f.Outcome.weight() <= Waived.weight() {
		return refuse(GuardOrder, "seek a reopening", "the determination on %s in %s is %s", e.Person, e.Matter, f.Outcome)
	}
	return d.knowsPair(e.Person, e.Matter)
}

func (r *Review) result(p Pair) (Result, bool) {
	if r.Determination == nil {
		return Result{}, false
	}
	return r.Determination.Result(p)
}

func (e *SanctionRecorded) evolve(r *Review, at At) {
	r.Sanctions = append(r.Sanctions, Sanction{at, Pair{e.Person, e.Matter}, e.Kind})
}

// Filed files and archives the review 备案归档. Open names the proposals that
// wait for a local rule or the bureau's decision.
type Filed struct {
	By
	Archive string   `json:"archive"`
	Open    []string `json:"open,omitempty"`
}

// EventType is the stored name.
func (Filed) EventType() string { return "review-filed.v1" }

func (*Filed) may() []Role { return []Role{Reviewer, Head} }

func (e *Filed) check(d *desk) error {
	switch {
	case e.Archive == "":
		return fault("archive", "it is missing", "give the archive number")
	case d.Stage() != StageServed:
		return refuse(GuardRecord, "serve it on every person first", "review %s stands at %s", d.ID, d.Stage())
	}
	// An internal order must be finished. A proposal may outlast the review: it
	// waits for others, and the filing says by name that it does.
	var open []string
	for _, c := range d.Corrections {
		switch {
		case c.Accepted != nil:
		case c.OpenFor() == "":
			return refuse(GuardRecord, "finish and accept it first", "correction %s is %s", c.Order.ID, StateTitle(c.State(d.day)))
		default:
			open = append(open, c.Order.ID)
		}
	}
	if !slices.Equal(open, e.Open) {
		return refuse(GuardRecord, "name the open proposals: %[2]s", "the filing names other proposals: %[1]s", domain.List(e.Open), domain.List(open))
	}
	for _, f := range d.Determination.Findings {
		if f.Outcome == Exempt && d.moved(f.Matter) && !d.correcting(f.Matter) {
			return refuse(GuardRecord, "order the correction first", "%s was exempted and nothing corrects %s", f.Person, f.Matter)
		}
	}
	return nil
}

// moved reports whether the newest replay of a matter moved money.
func (r *Review) moved(matter string) bool {
	x, _ := r.Replay(matter)
	return slices.ContainsFunc(x.Money, func(m MonthMoney) bool { return m.Over != 0 || m.Under != 0 })
}

func (e *Filed) evolve(r *Review, at At) { r.FiledAt = &at }

// NameCleared clears a person's name where the doubt had been spread 澄清正名.
type NameCleared struct {
	By
	Person string `json:"person"`
	Scope  string `json:"scope"` // where: the circle in which it had been known
	False  bool   `json:"false_accusation,omitempty"`
}

// EventType is the stored name.
func (NameCleared) EventType() string { return "review-name-cleared.v1" }

func (*NameCleared) may() []Role { return []Role{Reviewer, Head} }

func (e *NameCleared) check(d *desk) error {
	if _, ok := d.ServedOn(e.Person); !ok {
		return refuse(GuardOrder, "serve the determination first", "nothing was served on %s", e.Person)
	}
	if e.Scope == "" {
		return fault("scope", "it is missing", "say in which circle the name is cleared")
	}
	for _, f := range d.Determination.Findings {
		if f.Person == e.Person && !e.False && f.Outcome.Heavier(Exempt) {
			return refuse(GuardFalse, "only what was unfounded is cleared", "%s in %s is %s", e.Person, f.Matter, f.Outcome)
		}
	}
	return nil
}

func (e *NameCleared) evolve(r *Review, at At) { r.Cleared = append(r.Cleared, e.Person) }
