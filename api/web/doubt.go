package web

import (
	"reflect"
	"slices"
	"strings"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/replay"
)

// decisive are the steps at which somebody decides, proposes or carries out: he
// is told there which sources nobody could ask, and can object or ask first.
var decisive = []string{"initial-opinion.v1", "decision-made.v1", "amount-adjusted.v1", "exit-decided.v1", "payment-list-approved.v1"}

// A doubtForm records an objection or a query from beside a decision.
type doubtForm struct {
	Ground string // that it serves
	form
}

// doubts are the two forms that stand beside a decision. Case, rules of the day
// and the decision they are about are filled in by the server.
func (w *front) doubts(v visit, c *eligibility.Case, beside string) ([]doubtForm, error) {
	var list []doubtForm
	for ground, e := range map[string]eligibility.Event{"G11": &eligibility.ObjectionRaised{}, "G06": &eligibility.QuerySent{}} {
		w.prefill(v, e, c)
		s, err := w.stepShape(v, c, e)
		if err != nil {
			return nil, err
		}
		s.id = e.EventType()
		f := form{Action: casePath(c.ID) + "/steps/" + e.EventType(), Submit: v.say("record it", names.Event(e.EventType()).In(v.lang)), Command: newCommand()}
		f.Fields = append(s.fields(reflect.ValueOf(e).Elem(), "", ""), field{Name: "_beside", Kind: "hidden", Value: beside})
		list = append(list, doubtForm{ground, f})
	}
	slices.SortFunc(list, func(a, b doubtForm) int { return strings.Compare(b.Ground, a.Ground) })
	return list, nil
}

// raise fills in under which rules a doubt is raised, and with whom: the office
// that decides the case.
func (w *front) raise(v visit, c *eligibility.Case, e *eligibility.Raised) {
	reg, err := w.d.Cases.Register(v.ctx)
	if err != nil {
		return // the form says what is missing
	}
	in := replay.Input{Case: c, Register: reg, Rules: w.d.Cases.Rules, AsOf: w.today()}
	if rules, _, err := replay.Advise(in, w.today().Month()); err == nil {
		e.Rules = rules
	}
	plan := w.newest(c.Pack, reg)
	if plan == nil || e.Addressee != "" {
		return
	}
	for _, s := range plan.Procedure(c.Programme) {
		if h, ok := reg.Holder(c.Office, cmpOr(s.Post, s.ID), w.today()); ok && s.Decides {
			e.Addressee = h.Office
		}
	}
}

// unconnected are the sources that the procedure of a case names and nobody can
// ask today, and those that answered that they hold nothing.
func (w *front) unconnected(v visit, c *eligibility.Case, reg *eligibility.Register) (apart, silent []string) {
	note := func(list *[]string, source string) {
		if said := names.Of("held by", source).In(v.lang); !slices.Contains(*list, said) {
			*list = append(*list, said)
		}
	}
	if plan := w.newest(c.Pack, reg); plan != nil {
		for _, s := range plan.Procedure(c.Programme) {
			for _, source := range s.Sources {
				if !reg.Connected(source, w.today()) {
					note(&apart, source)
				}
			}
		}
	}
	for _, a := range c.Acts {
		for _, source := range a.Sources {
			if a.NoData {
				note(&silent, source)
			}
		}
	}
	return apart, silent
}

// reports are the choices of the steps about a doubt, and of a report of one's
// own error.
func (w *front) reports(v visit, c *eligibility.Case, e eligibility.Event, s shape) error {
	switch e.(type) {
	case *eligibility.FactsDiscovered:
		s.options["months[].month"] = months(v, c, w.today().Month())
		s.labels["months"], s.hints["months"] = v.say("months wrong"), v.say("hint months wrong")
		s.labels["months[].amount"] = v.say("should be paid")
		s.required["months[].amount"] = true
	case *eligibility.ObjectionRaised, *eligibility.QuerySent:
		reg, err := w.d.Cases.Register(v.ctx)
		if err != nil {
			return err
		}
		s.options["addressee"] = officesOf(reg)
		s.fixed["rules"], s.required["addressee"], s.required["text"] = true, true, true
		for _, d := range slices.Backward(c.Decisions) {
			s.options["decision"] = append(s.options["decision"], option{Value: d.At.ID, Label: d.At.Day.String() + " " + names.Event(d.At.Type).In(v.lang) + " · " + v.say("yuan", d.Amount.Yuan())})
		}
		if len(c.Decisions) == 0 {
			s.fixed["decision"] = true
		}
		s.hints["decision"] = v.say("hint about decision")
	case *eligibility.DoubtAnswered:
		for _, d := range slices.Backward(c.Doubts) {
			s.options["doubt"] = append(s.options["doubt"], option{Value: d.At.ID, Label: d.At.Day.String() + " " + names.Event(d.At.Type).In(v.lang) + " · " + d.At.Actor.Person})
		}
		s.options["answer"] = choices(v.lang, "answer", eligibility.Followed, eligibility.Proceed, eligibility.Agrees, eligibility.Contrary)
		s.required["doubt"], s.required["answer"] = true, true
	}
	return nil
}

// officesOf are the offices that have posts.
func officesOf(reg *eligibility.Register) []option {
	var list []option
	for _, h := range reg.Posts {
		if !slices.ContainsFunc(list, func(o option) bool { return o.Value == h.Office }) {
			list = append(list, option{Value: h.Office, Label: h.Office})
		}
	}
	return list
}

// months are the benefit months of a case up to one, the newest first, each
// with what was paid for it.
func months(v visit, c *eligibility.Case, last domain.Month) []option {
	var list []option
	first := c.FirstMonth()
	for m := last; first != 0 && m >= first; m-- {
		paid, any := c.PaidFor(m)
		label := m.String() + " · " + v.say("not paid")
		if any {
			label = m.String() + " · " + v.say("was paid", paid.Yuan())
		}
		list = append(list, option{Value: m.String(), Label: label})
	}
	return list
}

// A reportClock is what decides whether an own report came first, as far as its
// author may see: he is never told of clues.
type reportClock struct {
	Now     domain.Instant
	Earlier []clockRow // what others found and he can see
	Own     []clockRow // what he reported before
}

type clockRow struct {
	Event, Type string
	Day         domain.Day
	Recorded    domain.Instant
}

// clock is the clock of an own report in a case as the caller sees it.
func (w *front) clock(v visit, c *eligibility.Case) reportClock {
	k := reportClock{Now: domain.At(w.d.Now())}
	row := func(at eligibility.At) clockRow { return clockRow{at.ID, at.Type, at.Day, at.RecordedAt} }
	for _, d := range c.Discoveries {
		switch {
		case d.How != eligibility.SelfFound:
			k.Earlier = append(k.Earlier, row(d.At))
		case d.At.Actor.Person == v.caller.Actor.Person:
			k.Own = append(k.Own, row(d.At))
		}
	}
	for _, kind := range []string{"complaint-received.v1", "data-match-hit.v1"} {
		for _, a := range c.Did(kind) {
			k.Earlier = append(k.Earlier, row(a.At))
		}
	}
	slices.SortFunc(k.Earlier, func(a, b clockRow) int { return a.Recorded.Compare(b.Recorded.Time) })
	return k
}
