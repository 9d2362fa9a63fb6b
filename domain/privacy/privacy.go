// Package privacy decides what becomes of the personal data of one person in
// one case: it is restricted (限制处理, the key lies in escrow), released,
// inspected while restricted, or shredded (the key is destroyed). One person
// asks, another approves, and both are on record. What is decided here is
// carried out by the vault; no event of a case is touched by it, so that proofs
// and replays hold as before.
package privacy

import (
	"bytes"
	"encoding/json"
	"slices"

	"leeway/domain"
)

// Act is what is asked for.
type Act string

// The acts.
const (
	Restrict Act = "restrict" // 封存
	Release  Act = "release"  // 解除封存
	Inspect  Act = "inspect"  // 查阅 of what is restricted
	Shred    Act = "shred"    // 销毁
)

// Acts lists them.
func Acts() []Act { return []Act{Restrict, Release, Inspect, Shred} }

// State is where the data of a person stands.
type State string

// The states. Nothing leads out of Shredded.
const (
	Open       State = "open"
	Restricted State = "restricted"
	Shredded   State = "shredded"
)

// Role says as what somebody acts. The identity says it, never the event.
type Role string

// The roles that have a part in it. Reviewer, Head and Auditor are those of a
// review, who may ask to inspect.
const (
	Records  Role = "records" // 档案管理人员
	Officer  Role = "privacy" // 个人信息保护负责人 (个人信息保护法 Art 52)
	Bureau   Role = "bureau"  // 民政局
	Reviewer Role = "reviewer"
	Head     Role = "head"
	Auditor  Role = "auditor"
)

// Own lists the roles that there are for privacy alone.
func Own() []Role { return []Role{Records, Officer} }

// mayAsk and mayApprove say who may do what. Nobody who keeps the system is
// among them, and shredding is approved by none of those who may ask alone.
var (
	mayAsk = map[Act][]Role{
		Restrict: {Records, Officer, Bureau},
		Release:  {Records, Officer, Bureau},
		Inspect:  {Records, Officer, Reviewer, Head, Auditor},
		Shred:    {Records, Officer},
	}
	mayApprove = map[Act][]Role{
		Restrict: {Officer, Bureau},
		Release:  {Officer, Bureau},
		Inspect:  {Officer, Bureau, Head},
		Shred:    {Officer, Bureau},
	}
)

// The words of a clue are the discipline organ's alone: whoever else asked for
// something would learn that there is a clue. Its people ask, its head approves.
// That is a decision of ours, no law.
var (
	clueAsk     = []Role{Reviewer, Head}
	clueApprove = []Role{Head}
)

// askers and approvers are who may do what.
func (now Situation) askers(a Act) []Role {
	if now.Apart {
		return clueAsk
	}
	return mayAsk[a]
}

func (now Situation) approvers(a Act) []Role {
	if now.Apart {
		return clueApprove
	}
	return mayApprove[a]
}

// A Ground is why it is asked for, as a code: free text could name somebody.
type Ground string

// The grounds. Those of erasure follow 个人信息保护法 Art 47; where a statutory
// retention period runs or erasure is technically hard, the same article asks
// for restriction.
const (
	PurposeEnded     Ground = "purpose_ended"
	RetentionOver    Ground = "retention_over"
	ConsentWithdrawn Ground = "consent_withdrawn"
	Unlawful         Ground = "unlawful"
	OtherLaw         Ground = "other_law"
	HandlingResumed  Ground = "handling_resumed" // release
	ForReview        Ground = "review"           // inspection
	ForAudit         Ground = "audit"
	ForRemedy        Ground = "remedy"
)

// Grounds lists those of an act.
func Grounds(a Act) []Ground {
	switch a {
	case Release:
		return []Ground{HandlingResumed, OtherLaw}
	case Inspect:
		return []Ground{ForReview, ForAudit, ForRemedy, OtherLaw}
	}
	return []Ground{PurposeEnded, RetentionOver, ConsentWithdrawn, Unlawful, OtherLaw}
}

// InspectionDays is for how many civil days after its approval an inspection
// may be made, the day of the approval among them. It is design, no law.
const InspectionDays = 7

// At is the place of an event, with its civil day and the role of its actor.
type At struct {
	domain.Meta
	Day domain.Day
	As  Role
}

// A Request is one that was made, and what became of it.
type Request struct {
	At       At
	Act      Act
	Ground   Ground
	Document string // number of the paper that orders it
	Answered At     // approval or refusal; none: it is open
	Approved bool
}

// Subject is where the data of one person stands.
type Subject struct {
	ID        string
	State     State
	By        Request // that led to the state; zero while nothing was approved
	Requests  []Request
	Destroyed At     // when the vault had carried out a shredding
	Key       string // id of the destroyed key
}

// Pending is the request that waits for an answer.
func (s *Subject) Pending() (Request, bool) {
	i := slices.IndexFunc(s.Requests, func(r Request) bool { return r.Answered.ID == "" })
	if i < 0 {
		return Request{}, false
	}
	return s.Requests[i], true
}

// MayInspect finds the approved inspection under which a person may look on a
// day: his own, for as long as the data stays restricted as it was then.
func (s *Subject) MayInspect(person string, today domain.Day) (Request, bool) {
	for _, r := range s.Requests {
		if r.Act == Inspect && r.Approved && r.At.Actor.Person == person && s.State == Restricted &&
			r.Answered.Revision > s.By.Answered.Revision && today < r.Answered.Day+InspectionDays {
			return r, true
		}
	}
	return Request{}, false
}

// File is the record of one case: what was asked, decided and carried out.
// Events append to it.
type File struct {
	Case     string
	Subjects []*Subject
	Last     domain.Meta
}

// Exists reports whether anything is on record.
func (f *File) Exists() bool { return f.Last.ID != "" }

// Subject is where a person's data stands; open where nothing is on record.
func (f *File) Subject(id string) *Subject {
	i := slices.IndexFunc(f.Subjects, func(s *Subject) bool { return s.ID == id })
	if i < 0 {
		return &Subject{ID: id, State: Open}
	}
	return f.Subjects[i]
}

// State is the state of a person's data.
func (f *File) State(id string) State { return f.Subject(id).State }

// Apply folds one event into the file. It never fails.
func (f *File) Apply(e Event, m domain.Meta) {
	s := f.Subject(e.who())
	if !slices.Contains(f.Subjects, s) {
		f.Subjects = append(f.Subjects, s)
	}
	e.evolve(s, At{m, e.on(), e.role()})
	f.Last = m
}

// An Event is a fact, stored for ever under its type name.
type Event interface {
	EventType() string
	on() domain.Day
	role() Role
	who() string
	evolve(*Subject, At)
}

// By is embedded by every event: on which day, of whose data, and as what its
// actor acts.
type By struct {
	Day     domain.Day `json:"day"`
	Subject string     `json:"subject"` // pseudonym inside the case
	As      Role       `json:"as"`
}

func (b By) on() domain.Day { return b.Day }
func (b By) role() Role     { return b.As }
func (b By) who() string    { return b.Subject }

// Asked asks for an act.
type Asked struct {
	By
	Act      Act    `json:"act"`
	Ground   Ground `json:"ground"`
	Document string `json:"document"` // number of the paper; no names
}

// EventType is the stored name.
func (Asked) EventType() string { return "privacy-asked.v1" }

func (e *Asked) evolve(s *Subject, at At) {
	s.Requests = append(s.Requests, Request{At: at, Act: e.Act, Ground: e.Ground, Document: e.Document})
}

// Answered approves or declines the request that is open.
type Answered struct {
	By
	Request  string `json:"request"` // event id
	Approved bool   `json:"approved"`
}

// EventType is the stored name.
func (Answered) EventType() string { return "privacy-answered.v1" }

func (e *Answered) evolve(s *Subject, at At) {
	i := slices.IndexFunc(s.Requests, func(r Request) bool { return r.At.ID == e.Request })
	if i < 0 {
		return
	}
	r := &s.Requests[i]
	r.Answered, r.Approved = at, e.Approved
	if !e.Approved {
		return
	}
	switch r.Act {
	case Restrict:
		s.State, s.By = Restricted, *r
	case Release:
		s.State, s.By = Open, *r
	case Shred:
		s.State, s.By = Shredded, *r
	}
}

// Destroyed says that the vault has destroyed the key.
type Destroyed struct {
	By
	Key string `json:"key"` // id; it names nobody
}

// EventType is the stored name.
func (Destroyed) EventType() string { return "privacy-key-destroyed.v1" }

func (e *Destroyed) evolve(s *Subject, at At) { s.Destroyed, s.Key = at, e.Key }

// Kinds returns a zero value of every event type.
func Kinds() []Event { return []Event{new(Asked), new(Answered), new(Destroyed)} }

// Decode reads an event from the clear part of its envelope. Unknown types and
// fields are errors that wrap domain.ErrInvalid.
func Decode(eventType string, clear []byte) (Event, error) {
	for _, e := range Kinds() {
		if e.EventType() != eventType {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(clear))
		dec.DisallowUnknownFields()
		if err := dec.Decode(e); err != nil {
			return nil, domain.Deny(domain.ErrInvalid, "event %s cannot be read: %v", "", eventType, err)
		}
		return e, nil
	}
	return nil, domain.Deny(domain.ErrInvalid, "event type “%s” is not one of privacy", "", eventType)
}
