// Package eligibility is the life of one assistance case (救助个案): from the
// application or the hardship that an office found itself, through survey,
// checks, notice and decision, to payment, re-check, exit and what was
// discovered later. It also keeps the register of the city: who held which
// post, which sources were connected, which rules were published and held.
//
// The room records what happened, also what should not have: a payment
// without a decision is a fact, and the replay needs it. Its deciders refuse
// only what cannot be true or cannot be read later.
package eligibility

import (
	"slices"

	"leeway/domain"
)

// The programmes of assistance (domain.md §4.1).
const (
	Dibao      = "dibao"      // 最低生活保障
	Tekun      = "tekun"      // 特困人员救助供养
	Temporary  = "temporary"  // 临时救助
	Orphan     = "orphan"     // 孤儿基本生活保障
	Unattended = "unattended" // 事实无人抚养儿童

	OrphanStudy      = "orphan_study"      // 孤儿助学
	DisabilityLiving = "disability_living" // 困难残疾人生活补贴
	DisabilityCare   = "disability_care"   // 重度残疾人护理补贴
	OldAge           = "old_age"           // 高龄津贴
	Vagrant          = "vagrant"           // 流浪乞讨人员救助
	Funeral          = "funeral"           // 惠民殡葬减免
	OneOff           = "one_off"           // 一次性生活补贴
	Price            = "price"             // 物价补贴
	Priority         = "priority"          // 重点救助金
)

// Programmes lists them all: a case is opened under one of these. Whether a
// pack has rules for it is the pack's to say.
func Programmes() []string {
	return []string{
		Dibao, Tekun, Temporary, Orphan, Unattended,
		OrphanStudy, DisabilityLiving, DisabilityCare, OldAge, Vagrant, Funeral, OneOff, Price, Priority,
	}
}

// At is the place of an event: what a replay needs to know of it.
type At struct {
	domain.Meta
	Day domain.Day // on which it happened, as the actor says
}

// Told is a statement with the event that made it.
type Told struct {
	domain.Statement
	At At
}

// Visible reports whether somebody at an office and a post could see it.
func (t Told) Visible(office, post string) bool {
	return t.At.Visible.Allows(office, post) && t.Statement.Visible.Allows(office, post)
}

// Closing says that somebody listed all items of an attribute: what is not
// listed is none, not unknown (domain.md §3.6 rule 18).
type Closing struct {
	Attribute string
	At        At
}

// Act is one step of the procedure that was taken.
type Act struct {
	Type    string // stored event type
	At      At
	Staff   []string // persons who took it, where there are several
	Signed  bool     // a survey record was signed
	Sources []string // asked of, or answered by
	NoData  bool     // a source answered that it holds nothing
	Until   domain.Day
	Class   string // of the household, where a re-check was set
	Outcome Result // proposed by an initial opinion
	Amount  domain.Fen
}

// Decision says what a household gets from a month on.
type Decision struct {
	At      At
	Outcome Result
	Amount  domain.Fen // per month; the whole of a one-off benefit
	From    domain.Month
	Until   domain.Month // last month; none: until the next decision
	Rules   domain.PackVersion
	Advice  *Advice // what the engine said when it was recorded
	Reasons []string
}

// Result is what a decision leads to.
type Result string

// The results of decisions.
const (
	Granted  Result = "granted"
	Refused  Result = "refused"
	Adjusted Result = "adjusted"
	Stopped  Result = "stopped"
)

// Money is an amount for one benefit month, with the event that moved it.
type Money struct {
	At     At
	Month  domain.Month
	Amount domain.Fen
}

// Obstacle kept a step from being taken: an outage, a restriction.
type Obstacle struct {
	At        At
	Step      string // step of the procedure
	Kind      string
	From, To  domain.Day
	Proven    bool // ticket or official order is on file
	Replaced  bool // a substitute was used: telephone, neighbour, manual ledger
	MadeUpFor bool // and the step was made up for later
}

// Discovery is how something came out later. Months are those in which a
// worker reports an error of his own, each with what should have been paid.
type Discovery struct {
	At     At
	How    string // audit, data_match, report, self_found, investigation
	Months []MonthAmount
}

// Kinship is a tie between a member and an official.
type Kinship struct {
	At       At
	Member   string
	Official string
	Relation string
	Found    bool // found later by somebody else: it had not been filed
}

// Member is a pseudonym in the household, with the event that brought it in.
type Member struct {
	ID string
	At At
}

// Case is the state of one case: what its events have said, each with its
// place, so that any reader can cut it at any basis. Events append to it and
// change nothing that stands.
type Case struct {
	ID        string
	Programme string
	Pack      string
	Office    string // that handles it
	Applicant string
	Members   []Member
	Opened    At

	Statements  []Told
	Closings    []Closing
	Acts        []Act
	Decisions   []Decision
	Approvals   []Money // payment lists: month and amount
	Payments    []Money // paid for a benefit month
	Recovered   []Money
	BackPaid    []Money
	Obstacles   []Obstacle
	Kin         []Kinship
	Withdrawn   []At
	Discoveries []Discovery
	Doubts      []Doubt
	Answers     []Answer // to doubts
	Refusals    []At     // applications not accepted, and refusals alleged
	Closed      bool

	Last domain.Meta // of the newest event
}

// Exists reports whether the case has been opened.
func (c *Case) Exists() bool { return c.Last.ID != "" }

// Revision is the last revision of the case's stream; -1 before it exists.
func (c *Case) Revision() int64 {
	if !c.Exists() {
		return -1
	}
	return c.Last.Revision
}

// IsMember reports whether a pseudonym belongs to the household, now or once.
func (c *Case) IsMember(id string) bool {
	return slices.ContainsFunc(c.Members, func(m Member) bool { return m.ID == id })
}

// Did returns the acts of a stored event type, oldest first.
func (c *Case) Did(eventType string) []Act {
	var acts []Act
	for _, a := range c.Acts {
		if a.Type == eventType {
			acts = append(acts, a)
		}
	}
	return acts
}

// FirstMonth is the first benefit month that was decided or paid; none: 0.
func (c *Case) FirstMonth() (first domain.Month) {
	take := func(m domain.Month) {
		if m != 0 && (first == 0 || m < first) {
			first = m
		}
	}
	for _, d := range c.Decisions {
		take(d.From)
	}
	for _, m := range c.Payments {
		take(m.Month)
	}
	return first
}

// PaidFor is what was paid for a benefit month, whenever it was paid; false
// where nothing was.
func (c *Case) PaidFor(m domain.Month) (sum domain.Fen, any bool) {
	for _, p := range c.Payments {
		if p.Month == m {
			sum, any = sum+p.Amount, true
		}
	}
	return sum, any
}

// tell adds statements; what the event's kind implies is filled in.
func (c *Case) tell(at At, kind domain.SourceKind, statements []domain.Statement) {
	for _, s := range statements {
		if s.Source == "" {
			s.Source = kind
		}
		if s.Observed == 0 {
			s.Observed = at.Day
		}
		c.Statements = append(c.Statements, Told{s, at})
	}
}

// act adds a step of the procedure.
func (c *Case) act(at At, a Act) {
	a.Type, a.At = at.Type, at
	c.Acts = append(c.Acts, a)
}

// Apply folds one event into the state. It never fails: an event has
// happened.
func (c *Case) Apply(e Event, m domain.Meta) {
	e.evolve(c, At{m, e.on()})
	c.Last = m
}
