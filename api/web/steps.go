package web

import (
	"reflect"
	"slices"
	"strings"

	"leeway/api"
	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/replay"
)

// stepTypes are the events of a case by the phase in which they are recorded.
var stepTypes = []struct {
	phase string
	types []string
}{
	{"intake", []string{"application-submitted.v1", "declaration-signed.v1", "check-authorised.v1", "application-accepted.v1", "supplement-requested.v1", "application-not-accepted.v1", "oral-refusal-alleged.v1", "hardship-found.v1", "application-withdrawn.v1", "kinship-filed.v1"}},
	{"checks", []string{"household-surveyed.v1", "info-check-requested.v1", "info-check-returned.v1", "neighbour-inquired.v1", "document-received.v1", "democratic-evaluation.v1", "self-care-assessed.v1", "urgency-recorded.v1", "obstacle-recorded.v1"}},
	{"deciding", []string{"initial-opinion.v1", "public-notice-posted.v1", "public-notice-closed.v1", "objection-received.v1", "reinvestigation-done.v1", "submitted-to-county.v1", "county-spot-check.v1", "objection-raised.v1", "query-sent.v1", "doubt-answered.v1", "decision-made.v1", "decision-published.v1", "refusal-served.v1", "long-term-notice-posted.v1"}},
	{"running", []string{"payment-list-approved.v1", "benefit-paid.v1", "emergency-paid.v1", "formalities-completed.v1", "change-reported.v1", "data-match-hit.v1", "reverification-due.v1", "reverification-done.v1", "member-joined.v1", "member-left.v1", "death-recorded.v1", "amount-adjusted.v1", "grace-period-started.v1", "exit-decided.v1"}},
	{"after", []string{"facts-discovered.v1", "complaint-received.v1", "overpayment-established.v1", "backpay-established.v1", "money-recovered.v1", "money-back-paid.v1", "remedy-sought.v1", "remedy-decided.v1", "case-closed.v1"}},
}

const selfReport = "facts-discovered.v1"

// A stepGroup is a phase with what can be recorded in it.
type stepGroup struct {
	Phase string
	Steps []stepLink
	Open  bool
}

type stepLink struct {
	Type  string
	Quick bool // nothing to fill in: one click records it as of today
}

// groups are the steps that the caller may record in a case.
func (w *front) groups(v visit, c *eligibility.Case) []stepGroup {
	phase := "intake"
	switch {
	case len(c.Decisions) > 0:
		phase = "running"
	case len(c.Did("initial-opinion.v1")) > 0 || len(c.Did("household-surveyed.v1")) > 0:
		phase = "deciding"
	case len(c.Did("application-accepted.v1")) > 0:
		phase = "checks"
	}
	var list []stepGroup
	for _, g := range stepTypes {
		group := stepGroup{Phase: g.phase, Open: g.phase == phase}
		for _, t := range g.types {
			if v.caller.Records(t) {
				group.Steps = append(group.Steps, stepLink{t, quick(t)})
			}
		}
		list = append(list, group)
	}
	return list
}

// quick reports whether a step says nothing but that it was taken, or by the
// applicant.
func quick(eventType string) bool {
	e := newStep(eventType)
	v := reflect.ValueOf(e).Elem()
	for i := range v.NumField() {
		if f := v.Type().Field(i); !f.Anonymous && f.Name != "By" && f.Name != "Channel" {
			return false
		}
	}
	return true
}

// newStep is an empty event of a case, nil for a type that there is none of.
func newStep(eventType string) eligibility.Event {
	for _, e := range eligibility.Kinds() {
		if e.EventType() == eventType && eventType != (eligibility.CaseOpened{}).EventType() {
			return e
		}
	}
	return nil
}

// prefill puts into a step what the record knows already.
func (w *front) prefill(v visit, e eligibility.Event, c *eligibility.Case) {
	set := func(name string, value any) {
		f := reflect.ValueOf(e).Elem().FieldByName(name)
		if f.IsValid() && f.Type() == reflect.TypeOf(value) && f.IsZero() {
			f.Set(reflect.ValueOf(value))
		}
	}
	today := w.today()
	set("Day", today)
	set("By", c.Applicant)
	set("Staff", []string{v.caller.Actor.Person})
	set("Month", today.Month())
	set("AsOf", today)
	set("Decision", v.QueryParam("decision"))
	set("Doubt", v.QueryParam("doubt"))
	switch e := e.(type) {
	case *eligibility.ObjectionRaised:
		w.raise(v, c, &e.Raised)
	case *eligibility.QuerySent:
		w.raise(v, c, &e.Raised)
	case *eligibility.FactsDiscovered:
		e.How = eligibility.SelfFound
	case *eligibility.DecisionMade:
		e.Outcome, e.From = eligibility.Granted, today.Month()+1
		if acts := c.Did("initial-opinion.v1"); len(acts) > 0 {
			e.Outcome, e.Amount = acts[len(acts)-1].Outcome, acts[len(acts)-1].Amount
		}
	case *eligibility.InitialOpinion:
		e.Outcome = eligibility.Granted
	case *eligibility.PaymentListApproved:
		e.Amount = running(c)
	case *eligibility.BenefitPaid:
		e.Amount = running(c)
	case *eligibility.PublicNoticePosted:
		e.Until = today + 7
	}
}

// running is the amount that was decided last.
func running(c *eligibility.Case) domain.Fen {
	if n := len(c.Decisions); n > 0 {
		return c.Decisions[n-1].Amount
	}
	return 0
}

// choices gives options their names.
func choices(lang, kind string, codes ...string) []option {
	list := make([]option, len(codes))
	for i, c := range codes {
		list[i] = option{Value: c, Label: names.Of(kind, c).In(lang)}
		if _, ours := words[kind+" "+c]; ours {
			list[i].Label = say(lang, kind+" "+c)
		}
	}
	return list
}

// stepShape is what the form of a step asks beside the event's type: choices
// from the pack, the household and the registers.
func (w *front) stepShape(v visit, c *eligibility.Case, e eligibility.Event) (shape, error) {
	s := shape{lang: v.lang, subject: cmpOr(c.Applicant, c.ID), options: map[string][]option{}, labels: map[string]string{}, hints: map[string]string{}, fixed: map[string]bool{}, more: map[string]bool{}, required: map[string]bool{"day": true}, rows: map[string]int{"months": 6, "statements": 2}}
	attributes, sources, err := w.vocabulary(v, c)
	if err != nil {
		return s, err
	}
	members := []option{}
	for _, m := range c.Members {
		members = append(members, option{Value: m.ID, Label: m.ID})
	}
	for _, at := range []string{"by", "member"} {
		s.options[at] = members
	}
	if _, joins := e.(*eligibility.MemberJoined); joins {
		delete(s.options, "member")
	}
	s.options["sources"], s.options["source"] = sources, sources
	if _, death := e.(*eligibility.DeathRecorded); death {
		s.options["source"] = choices(v.lang, "source", "discovery", "document", "check", "survey", "declaration")
	}
	s.options["outcome"] = choices(v.lang, "result", "granted", "refused")
	s.options["held_by"] = sources
	s.options["channel"] = choices(v.lang, "channel", "window", "online", "committee")
	s.options["how"] = choices(v.lang, "how", "birth", "marriage", "moved_in", "moved_out")
	if e.EventType() == selfReport {
		s.options["how"] = choices(v.lang, "how", "self_found", "audit", "data_match", "report", "investigation")
		if !v.caller.Has(api.Township, api.County) {
			s.fixed["how"] = true
		}
	}
	if _, ob := e.(*eligibility.ObstacleRecorded); ob {
		s.options["kind"] = choices(v.lang, "kind", "outage", "restriction")
	}
	if _, r := e.(*eligibility.RemedySought); r {
		s.options["kind"] = choices(v.lang, "kind", "reconsideration", "litigation")
	}
	if err := w.reports(v, c, e, s); err != nil {
		return s, err
	}
	s.options["class"] = []option{{Value: "A", Label: "A"}, {Value: "B", Label: "B"}, {Value: "C", Label: "C"}}
	s.options["member.relation"] = choices(v.lang, "relation", "self", "spouse", "child", "parent", "sibling", "grandchild", "other")
	s.options["closes"] = attributes
	s.statements(v, c, attributes, sources)
	s.kind = w.kindOf(c)
	s.hints["reasons"] = v.say("hint reasons")
	s.hints["amount"] = v.say("hint amount")
	s.hints["staff"] = v.say("lines hint")
	return s, nil
}

// statements are the facts that a step brings.
func (s shape) statements(v visit, c *eligibility.Case, attributes, sources []option) {
	subjects := []option{{Value: domain.Household, Label: v.say("household")}}
	for _, m := range c.Members {
		subjects = append(subjects, option{Value: m.ID, Label: m.ID})
	}
	s.options["statements[].subject"], s.required["statements[].subject"] = subjects, true
	s.options["statements[].attribute"] = attributes
	s.options["statements[].source"] = choices(v.lang, "source", "declaration", "survey", "check", "document", "discovery")
	s.options["statements[].held_by"] = sources
	s.options["statements[].proof"] = []option{{Value: "A", Label: "A"}, {Value: "B", Label: "B"}, {Value: "C", Label: "C"}}
	s.hints["statements[].value"] = v.say("mend value")
	for _, name := range []string{"item", "held_by", "source_updated", "observable_by", "undeclarable", "proof", "visible", "valid_to"} {
		s.more["statements[]."+name] = true
	}
	s.fixed["statements[].visible"] = true
}

// vocabulary are the facts of the case's pack and the city's sources.
func (w *front) vocabulary(v visit, c *eligibility.Case) (attributes, sources []option, err error) {
	reg, err := w.d.Cases.Register(v.ctx)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, s := range reg.Sources {
		if !seen[s.Source] {
			seen[s.Source] = true
			label := names.Of("held by", s.Source).In(v.lang)
			if !reg.Connected(s.Source, w.today()) {
				label += v.say("not connected")
			}
			sources = append(sources, option{Value: s.Source, Label: label})
		}
	}
	for _, a := range w.attributes(c.Pack, reg) {
		attributes = append(attributes, option{Value: a.Name, Label: a.Title.In(v.lang)})
	}
	slices.SortFunc(attributes, func(a, b option) int { return strings.Compare(a.Value, b.Value) })
	return attributes, sources, nil
}

// attributes are the facts that the newest published version of a pack knows.
func (w *front) attributes(pack string, reg *eligibility.Register) map[string]domain.Attribute {
	if plan := w.newest(pack, reg); plan != nil {
		return plan.Attributes()
	}
	return nil // the page says so where it lists the steps
}

// newest is the newest published version of a pack as it is today; nil where
// there is none.
func (w *front) newest(pack string, reg *eligibility.Register) replay.Plan {
	var newest *eligibility.Activation
	for i, a := range reg.Rules {
		if a.Rules.Pack == pack && a.At.Day <= w.today() && (newest == nil || a.At.Day >= newest.At.Day) {
			newest = &reg.Rules[i]
		}
	}
	if newest == nil {
		return nil
	}
	plan, err := w.d.Cases.Rules.Plan(newest.Rules, w.today())
	if err != nil {
		return nil
	}
	return plan
}

// kindOf tells of what kind the value of a fact is.
func (w *front) kindOf(c *eligibility.Case) func(string) (domain.Kind, bool) {
	return func(name string) (domain.Kind, bool) {
		for _, pack := range w.d.Packs.Versions() {
			if pack.Pack != c.Pack {
				continue
			}
			plan, err := w.d.Cases.Rules.Plan(pack, w.today())
			if err != nil {
				continue
			}
			if a, ok := plan.Attributes()[name]; ok {
				return a.Kind, true
			}
		}
		return domain.NoValue, false
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
