package eligibility

import (
	"slices"

	"leeway/domain"
)

// A Doubt is what somebody raised in writing about a decision, and what became
// of it: an objection to what he is to carry out (ground G11), or a query
// because the rules are not clear (ground G06).
type Doubt struct {
	At        At
	Query     bool
	Addressee string
	Decision  string             // event id; none: one that was about to be made
	Rules     domain.PackVersion // that the office held then
}

// Answer is what came back to a doubt.
type Answer struct {
	At     At
	Doubt  string // event id
	Answer string
}

// AnswersTo are the answers to a doubt, oldest first.
func (c *Case) AnswersTo(doubt string) []Answer {
	return slices.DeleteFunc(slices.Clone(c.Answers), func(a Answer) bool { return a.Doubt != doubt })
}

// The answers to a doubt.
const (
	Proceed  = "proceed"  // objection: not followed, to be carried out all the same
	Followed = "followed" // objection: followed
	Agrees   = "agrees"   // query: the reply bears the decision out
	Contrary = "contrary" // query: the reply says otherwise
)

// Raised is what both kinds of doubt say. The program fills in the rules of
// the day where a page records it.
type Raised struct {
	On
	Addressee string             `json:"addressee"` // office that may decide it
	Decision  string             `json:"decision,omitempty"`
	Rules     domain.PackVersion `json:"rules,omitzero"`
	Text      domain.Private     `json:"text,omitzero"`
}

func (e Raised) check(c *Case) error {
	switch {
	case e.Addressee == "":
		return fault("addressee", "it is missing", "name the office that may decide it")
	case !e.Text.Present:
		return fault("text", "it is missing", "say in writing what it is about")
	case e.Decision != "" && !slices.ContainsFunc(c.Decisions, func(d Decision) bool { return d.At.ID == e.Decision }):
		return fault("decision", "the case has no decision %q", "name the event of a decision, or leave it out where one is about to be made", e.Decision)
	}
	return nil
}

func (e Raised) raise(c *Case, at At, query bool) {
	c.Doubts = append(c.Doubts, Doubt{At: at, Query: query, Addressee: e.Addressee, Decision: e.Decision, Rules: e.Rules})
	c.act(at, Act{})
}

// Private is what was written.
func (e *Raised) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "text", Data: &e.Text}}
}

// ObjectionRaised is an officer's objection to what he is to carry out
// 提出改正或者撤销的意见 (Civil Servants Law 2018 Art 60).
type ObjectionRaised struct{ Raised }

// EventType is the stored name.
func (ObjectionRaised) EventType() string { return "objection-raised.v1" }

func (e ObjectionRaised) evolve(c *Case, at At) { e.raise(c, at, false) }

// QuerySent asks the superior or policy authority how an unclear rule is to be
// applied 请示.
type QuerySent struct{ Raised }

// EventType is the stored name.
func (QuerySent) EventType() string { return "query-sent.v1" }

func (e QuerySent) evolve(c *Case, at At) { e.raise(c, at, true) }

// DoubtAnswered is what came back to an objection or a query 答复、批复.
type DoubtAnswered struct {
	On
	Doubt  string         `json:"doubt"`  // event id of the objection or the query
	Answer string         `json:"answer"` // proceed, followed; agrees, contrary
	Text   domain.Private `json:"text,omitzero"`
}

// EventType is the stored name.
func (DoubtAnswered) EventType() string { return "doubt-answered.v1" }

func (e DoubtAnswered) check(c *Case) error {
	i := slices.IndexFunc(c.Doubts, func(d Doubt) bool { return d.At.ID == e.Doubt })
	switch {
	case e.Doubt == "" || i < 0:
		return fault("doubt", "the case has no objection and no query %q", "name the event that is answered", e.Doubt)
	case c.Doubts[i].Query && e.Answer != Agrees && e.Answer != Contrary:
		return fault("answer", "%q is no answer to a query", "write agrees or contrary", e.Answer)
	case !c.Doubts[i].Query && e.Answer != Proceed && e.Answer != Followed:
		return fault("answer", "%q is no answer to an objection", "write proceed or followed", e.Answer)
	}
	return nil
}

func (e DoubtAnswered) evolve(c *Case, at At) {
	c.Answers = append(c.Answers, Answer{at, e.Doubt, e.Answer})
	c.act(at, Act{})
}

// Private is the text of the answer.
func (e *DoubtAnswered) Private() []domain.PrivateField {
	return []domain.PrivateField{{Path: "text", Data: &e.Text}}
}
