package review

import (
	"fmt"
	"slices"

	"leeway/domain"
)

// Notice tells a person what is about to be found, and until when he may
// answer.
type Notice struct {
	At       At
	Person   string
	Until    domain.Day
	Proposed map[string]Outcome // by matter
}

// Proposal is what is about to be determined on one matter.
type Proposal struct {
	Matter  string  `json:"matter"`
	Outcome Outcome `json:"outcome"`
	Replay  string  `json:"replay"` // digest of the trace shown
}

// The proposal binds the organ upwards only: it may determine what is lighter.

// Notified tells a person the facts and the basis before the decision 事先告知.
type Notified struct {
	By
	Person    string         `json:"person"`
	Proposals []Proposal     `json:"proposals"`
	Facts     domain.Private `json:"facts"`
	Basis     []string       `json:"basis"` // grounds, exclusions and rules relied on, by id
	Until     domain.Day     `json:"until"` // last day to answer
}

// EventType is the stored name.
func (Notified) EventType() string { return "review-notified.v1" }

func (*Notified) may() []Role { return []Role{Reviewer} }

func (e *Notified) check(d *desk) error {
	if err := d.accepted(); err != nil {
		return err
	}
	p, ok := d.Party(e.Person)
	switch {
	case !ok:
		return fault("person", "%q is not reviewed here", "name a person of this review by pseudonym", e.Person)
	case !e.Facts.Present || len(e.Basis) == 0:
		return refuse(GuardNotice, "state both", "the notice lacks the facts or the basis")
	case e.Until < AfterWorkdays(d.cmd.Calendar, d.day, d.cmd.Limits.Answer):
		return fault("until", "%s leaves fewer than %d working days (local limit, to_verify)", "give a later day", e.Until, d.cmd.Limits.Answer)
	}
	for _, m := range p.Matters {
		i := slices.IndexFunc(e.Proposals, func(x Proposal) bool { return x.Matter == m })
		if i < 0 || !e.Proposals[i].Outcome.known() {
			return refuse(GuardNotice, "propose an outcome for each matter", "nothing is proposed for %s", m)
		}
		x, ok := d.Replay(m)
		if !ok || x.Ref.Trace != e.Proposals[i].Replay {
			return refuse(GuardReplay, "replay the matter and name the newest replay", "the notice does not rest on the newest replay of %s", m)
		}
	}
	return nil
}

func (e *Notified) evolve(r *Review, at At) {
	n := Notice{at, e.Person, e.Until, map[string]Outcome{}}
	for _, p := range e.Proposals {
		n.Proposed[p.Matter] = p.Outcome
	}
	r.Notices = append(r.Notices, n)
}

// Private are the facts in words.
func (e *Notified) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "facts", Data: &e.Facts}}
}

// Notice is the newest notice to a person in this round.
func (r *Review) Notice(person string) (Notice, bool) {
	for _, n := range slices.Backward(r.Notices) {
		if n.Person == person {
			return n, true
		}
	}
	return Notice{}, false
}

// Hearing is how a person was heard on a notice.
type Hearing struct {
	At     At
	Person string
	Waived bool
	Silent bool
	Points []Point
	Words  domain.Private
}

// Point is one point of a defence and how it was verified.
type Point struct {
	Text     domain.Private `json:"text"`
	Accepted bool           `json:"accepted,omitempty"`
	Reason   domain.Private `json:"reason"`
}

// Heard records the person's defence 陈述申辩 and what was made of each point.
// Waived says that he gave it up; silence counts only after the last day.
type Heard struct {
	By
	Person        string         `json:"person"`
	Investigators []string       `json:"investigators"`
	Words         domain.Private `json:"words,omitzero"`
	Points        []Point        `json:"points,omitempty"`
	Waived        bool           `json:"waived,omitempty"`
	Silent        bool           `json:"silent,omitempty"`
}

// EventType is the stored name.
func (Heard) EventType() string { return "review-heard.v1" }

func (*Heard) may() []Role { return []Role{Reviewer} }

func (e *Heard) judges() []string { return e.Investigators }

func (e *Heard) check(d *desk) error {
	if err := d.investigated(e.Investigators); err != nil {
		return err
	}
	n, ok := d.Notice(e.Person)
	switch {
	case !ok:
		return refuse(GuardNotice, "notify him first", "%s was not told the facts and the basis", e.Person)
	case e.Silent && d.day <= n.Until:
		return refuse(GuardHearing, "wait for that day to pass", "%s may answer until %s", e.Person, n.Until)
	case !e.Silent && !e.Waived && !e.Words.Present:
		return refuse(GuardHearing, "record what he said, or that he gave it up", "the statement is missing")
	}
	for i, p := range e.Points {
		if !p.Text.Present || !p.Reason.Present {
			return refuse(GuardHearing, "verify each point and say why it is accepted or not", "point %d has no text or no reason", i+1)
		}
	}
	return d.before(n.At, "the notice")
}

func (e *Heard) evolve(r *Review, at At) {
	r.Hearings = append(r.Hearings, Hearing{at, e.Person, e.Waived, e.Silent, e.Points, e.Words})
}

// Private is what the person said and what was made of it.
func (e *Heard) Private() []domain.PrivateField {
	fields := []domain.PrivateField{{Path: "words", Data: &e.Words}}
	for i := range e.Points {
		at := fmt.Sprintf("points[%d]", i)
		fields = append(fields,
			domain.PrivateField{Path: at + ".text", Data: &e.Points[i].Text},
			domain.PrivateField{Path: at + ".reason", Data: &e.Points[i].Reason})
	}
	return fields
}

// A hearing on an older notice answers other facts than those now proposed.
//
// heard reports whether a person was heard on his newest notice.
func (r *Review) heard(person string) bool {
	n, ok := r.Notice(person)
	return ok && slices.ContainsFunc(r.Hearings, func(h Hearing) bool { return h.Person == person && h.At.Revision > n.At.Revision })
}

// Member is who sat in a consultation or a decision, and for whom.
type Member struct {
	Person string `json:"person"`
	Office string `json:"office"`
}

// Dissent is a dissenting view of a member, in his words.
type Dissent struct {
	Person string         `json:"person"`
	Words  domain.Private `json:"words"`
}

// Consultation is a joint consultation that was held.
type Consultation struct {
	At       At
	Members  []Member
	Minutes  string
	Dissents []Dissent
}

// Dissent is kept in the words of who dissents, sealed like all free text. Who
// reads the file later sees that there was one even where the key is gone.

// Consulted is the joint consultation 会商 of the accountability organ and the
// bureau, with every dissent.
type Consulted struct {
	By
	Members  []Member       `json:"members"`
	Minutes  string         `json:"minutes"` // number of the minutes
	Words    domain.Private `json:"words,omitzero"`
	Dissents []Dissent      `json:"dissents,omitempty"`
}

// EventType is the stored name.
func (Consulted) EventType() string { return "review-consulted.v1" }

func (*Consulted) may() []Role { return []Role{Reviewer, Head} }

func (e *Consulted) judges() []string {
	var names []string
	for _, m := range e.Members {
		names = append(names, m.Person)
	}
	return names
}

func (e *Consulted) check(d *desk) error {
	if err := d.accepted(); err != nil {
		return err
	}
	own := slices.ContainsFunc(e.Members, func(m Member) bool { return m.Office == d.Organ })
	other := slices.ContainsFunc(e.Members, func(m Member) bool { return m.Office != d.Organ })
	switch {
	case e.Minutes == "":
		return fault("minutes", "they are missing", "give the number of the minutes")
	case !own || !other:
		return refuse(GuardOrder, "let the organ and the bureau take part", "a joint consultation takes members of the organ and of the bureau")
	}
	for _, x := range e.Dissents {
		if !slices.ContainsFunc(e.Members, func(m Member) bool { return m.Person == x.Person }) || !x.Words.Present {
			return fault("dissents", "%s is no member, or his words are missing", "give each dissent with its member and words", x.Person)
		}
	}
	for _, m := range d.Matters {
		x, _ := d.Replay(m.ID)
		if !slices.ContainsFunc(d.Opinions, func(o Opinion) bool { return o.Matter == m.ID && o.Replay == x.Ref.Trace }) {
			return refuse(GuardReplay, "let the bureau file it (review opinion)", "the technical opinion on %s, on its newest replay, is missing", m.ID)
		}
	}
	return nil
}

func (e *Consulted) evolve(r *Review, at At) {
	r.Consultations = append(r.Consultations, Consultation{at, e.Members, e.Minutes, e.Dissents})
}

// Private is the summary and the words of each dissent.
func (e *Consulted) Private() []domain.PrivateField {
	fields := []domain.PrivateField{{Path: "words", Data: &e.Words}}
	for i := range e.Dissents {
		fields = append(fields, domain.PrivateField{Path: fmt.Sprintf("dissents[%d].words", i), Data: &e.Dissents[i].Words})
	}
	return fields
}
