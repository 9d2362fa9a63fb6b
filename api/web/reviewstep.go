package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/review"
)

// A reviewStepPage is the form of one step of a review, with what whoever takes
// it should have in view.
type reviewStepPage struct {
	Form      form
	ID        string
	Type      string
	Suggested []review.Suggestion
	Standings []review.Standing // of a determination
	Prospects []review.Prospect
	Opinions  []review.Opinion
	Heard     []review.Hearing
	Remedies  []limitShown
	Grounds   *catalogue
	ToSign    []string // lines of the text of a signature
	Statement string   // where it can be taken away
	File      string   // under which name
}

// reviewForm is the form of a step of a review, with what the file knows
// already filled in.
func (w *front) reviewForm(v visit) error {
	r, log, _, err := w.seeing(v)
	if err != nil {
		return err
	}
	e, as, err := reviewAsked(v)
	if err != nil {
		return err
	}
	if err := w.fill(v, r, as, e); err != nil {
		return err
	}
	if err := w.server.Saw(v, domain.Access{Kind: "read", Case: r.ID, Fields: []string{"form"}}); err != nil {
		return err
	}
	return w.showReviewStep(v, r, as, e, form{Seen: strconv.Itoa(len(log)), Command: newCommand()}, nil)
}

// reviewAsked is the step that an address names, and as whom the caller takes it.
func reviewAsked(v visit) (review.Event, casework.Identity, error) {
	e := newReviewStep(v.Param("type"))
	if e == nil {
		return nil, casework.Identity{}, domain.Deny(domain.ErrNotFound, "there is no step %q", "", v.Param("type"))
	}
	as, ok := inRole(v.caller, review.MayAct(e))
	if !ok {
		return nil, as, domain.Deny(domain.ErrRefused, "none of the caller's roles records %s", "leave it to who may", e.EventType())
	}
	return e, as, nil
}

// fill puts into a step what the file of the review knows, and what the address
// names: a matter, an exclusion, the id of a correction.
func (w *front) fill(v visit, r *review.Review, as casework.Identity, e review.Event) error {
	set := func(name string, value any) {
		f := reflect.ValueOf(e).Elem().FieldByName(name)
		if f.IsValid() && f.Type() == reflect.TypeOf(value) && f.IsZero() {
			f.Set(reflect.ValueOf(value))
		}
	}
	today := w.today()
	set("Day", today)
	set("Investigators", slices.Clone(r.Reviewers))
	for field, key := range map[string]string{"Matter": "matter", "Exclusion": "exclusion", "ID": "id"} {
		set(field, v.QueryParam(key))
	}
	if len(r.Matters) == 1 {
		set("Matter", r.Matters[0].ID)
	}
	if len(r.Parties) == 1 {
		set("Person", r.Parties[0].Person)
	}
	switch e := e.(type) {
	case *review.Cited:
		return w.fillCited(v, r, as, e)
	case *review.SupplementAsked:
		e.Until = today + 14
	case *review.EvidenceAsked:
		e.Until, e.Missing, e.ID = today+14, v.QueryParams()["missing"], fresh("q", len(r.Requests))
	case *review.CorrectionOrdered:
		e.Due, e.ID = today+42, fresh("k", len(r.Corrections))
	case *review.Appealed:
		e.Person, e.ID = as.Person, fresh("a", len(r.Appeals))
	case *review.DutyFound:
		for _, f := range r.Unfound(e.Matter) {
			e.Findings = append(e.Findings, review.Finding{Fact: f})
		}
	case *review.Consulted:
		for _, p := range r.Reviewers {
			e.Members = append(e.Members, review.Member{Person: p, Office: r.Organ})
		}
		for _, o := range r.Opinions {
			if m := (review.Member{Person: o.At.Actor.Person, Office: o.At.Actor.Office}); !slices.Contains(e.Members, m) {
				e.Members = append(e.Members, m)
			}
		}
	case *review.Notified:
		e.Until = today + 14
		return w.fillProposals(v, r, as, e)
	case *review.Signed:
		if r.Determination == nil {
			return nil // the guard says so where it is posted
		}
		st, err := w.d.Reviews.ToSign(v.ctx, as, r.ID)
		e.Decision, e.Digest = st.Decision, st.Digest
		return err
	case *review.Determined:
		for _, p := range r.Reviewers {
			e.Collective.Members = append(e.Collective.Members, review.Member{Person: p, Office: r.Organ})
		}
		return w.fillProposals(v, r, as, e)
	}
	return nil
}

// fresh is the next short id inside a review.
func fresh(letter string, n int) string { return letter + strconv.Itoa(n+1) }

// fillCited takes as evidence what bears the ground out, and the caller's own
// steps in the case.
func (w *front) fillCited(v visit, r *review.Review, as casework.Identity, e *review.Cited) error {
	if as.Role == review.Worker {
		e.Person = as.Person
	}
	e.Ground = v.QueryParam("ground")
	m, ok := r.Matter(e.Matter)
	if !ok {
		return nil
	}
	list, err := w.entries(v.ctx, v.caller, m.Case)
	if err != nil {
		return err
	}
	for _, a := range casework.StateOf(m.Case, list).Acts {
		if a.At.Actor.Person == e.Person || slices.Contains(a.Staff, e.Person) {
			e.Evidence = append(e.Evidence, a.At.ID)
		}
	}
	c, err := w.catalogue(v, r, e)
	if err != nil || c == nil || c.Chosen == nil {
		return err
	}
	for _, x := range c.Chosen.Conditions {
		for _, id := range x.Events {
			if !slices.Contains(e.Evidence, id) {
				e.Evidence = append(e.Evidence, id)
			}
		}
	}
	return nil
}

// fillProposals takes over what the engine suggests of each part.
func (w *front) fillProposals(v visit, r *review.Review, as casework.Identity, e review.Event) error {
	list, err := w.d.Reviews.Suggest(v.ctx, as, r.ID)
	if err != nil {
		return err
	}
	for _, s := range list {
		outcome := s.Outcome
		if !slices.Contains(review.Outcomes, outcome) {
			outcome = "" // open: people decide
		}
		switch e := e.(type) {
		case *review.Notified:
			if s.Person == e.Person || e.Person == "" {
				e.Proposals = append(e.Proposals, review.Proposal{Matter: s.Matter, Outcome: outcome})
				e.Basis = append(e.Basis, s.Proved...)
			}
		case *review.Determined:
			e.Findings = append(e.Findings, review.Result{Person: s.Person, Matter: s.Matter, Outcome: outcome, Grounds: s.Proved, Remedy: review.Objection})
		}
	}
	return nil
}

// complete puts in what is never typed: the newest replays by their digests,
// and the collective's reasons where a result departs from advice.
func (w *front) complete(v visit, r *review.Review, as casework.Identity, e review.Event, in url.Values) error {
	if f := reflect.ValueOf(e).Elem().FieldByName("Evidence"); f.IsValid() && f.Kind() == reflect.Slice {
		f.Set(reflect.AppendSlice(f, reflect.ValueOf(lines(in.Get("_papers")))))
	}
	ref := func(matter string) review.ReplayRef {
		x, _ := r.Replay(matter)
		return x.Ref
	}
	switch e := e.(type) {
	case *review.Signed:
		return signedFile(v, r.ID, e, in)
	case *review.OpinionFiled:
		e.Replay = ref(e.Matter).Trace
	case *review.Notified:
		for i := range e.Proposals {
			e.Proposals[i].Replay = ref(e.Proposals[i].Matter).Trace
		}
	case *review.CorrectionOrdered:
		if x, ok := r.Replay(e.Matter); ok && len(e.Months) == 0 {
			e.Months = review.AmountsOf(e.Measure, x)
		}
	case *review.Determined:
		for i := range e.Findings {
			e.Findings[i].Replay = ref(e.Findings[i].Matter)
		}
		departed, err := w.d.Reviews.Departed(v.ctx, as, r.ID, e.Findings)
		if err != nil {
			return err
		}
		for i, guards := range departed {
			for _, g := range guards {
				e.Findings[i].Departs = append(e.Findings[i].Departs, review.Departure{Guard: g.ID, Reason: domain.Personal(e.Findings[i].Person, in.Get("_reasons"))})
			}
		}
	}
	return nil
}

// reviewShape is what the form of a step asks beside the event's type.
func (w *front) reviewShape(v visit, r *review.Review, as casework.Identity, e review.Event) shape {
	s := shape{lang: v.lang, subject: as.Person, options: map[string][]option{}, labels: map[string]string{}, hints: map[string]string{}, more: map[string]bool{}, required: map[string]bool{"day": true, "matter": true},
		fixed:  map[string]bool{"late": true, "suggestions": true, "replay": true, "proposals[].replay": true, "findings[].replay": true, "findings[].departs": true},
		hidden: map[string]bool{"findings[].fact.event": true, "findings[].fact.subject": true, "findings[].fact.attribute": true, "findings[].fact.item": true},
		rows:   map[string]int{"findings": 0, "proposals": 0, "members": 3, "collective.members": 3, "dissents": 2, "points": 3, "months": 3, "right": 3}}
	if len(r.Parties) > 0 {
		s.subject = r.Parties[0].Person
	}
	var persons, matters, outcomes, remedies, measures []option
	for _, p := range r.Parties {
		persons = append(persons, option{Value: p.Person, Label: p.Person + " · " + p.Office})
	}
	for _, m := range r.Matters {
		matters = append(matters, option{Value: m.ID, Label: m.ID + " · " + m.Case})
	}
	for _, o := range review.Outcomes {
		outcomes = append(outcomes, option{Value: string(o), Label: o.Title().In(v.lang)})
	}
	for _, x := range review.Remedies() {
		remedies = append(remedies, option{Value: string(x.Path), Label: x.Title.In(v.lang)})
	}
	for i := 1; i <= 12; i++ {
		m := review.Measure("C" + strconv.Itoa(i))
		measures = append(measures, option{Value: string(m), Label: string(m) + " " + m.Title().In(v.lang)})
	}
	for _, at := range []string{"matter", "findings[].matter", "proposals[].matter"} {
		s.options[at] = matters
	}
	if !strings.Contains(e.EventType(), "recusal") {
		s.options["person"] = persons
	}
	s.options["findings[].person"], s.options["findings[].outcome"], s.options["proposals[].outcome"] = persons, outcomes, outcomes
	s.options["findings[].remedy"], s.options["path"], s.options["measure"] = remedies, remedies, measures
	grounds, findings := w.liability(v, r)
	s.options["ground"], s.options["exclusion"], s.options["findings[].grounds"] = grounds["exemption"], grounds["exclusion"], grounds["exemption"]
	s.options["basis"], s.options["mitigating"], s.options["aggravating"] = slices.Concat(grounds["exemption"], grounds["exclusion"]), grounds["mitigation"], grounds["aggravation"]
	for name, f := range findings {
		if f.People {
			s.options["name"] = append(s.options["name"], option{Value: name, Label: f.Title.In(v.lang)})
		}
	}
	slices.SortFunc(s.options["name"], func(a, b option) int { return cmp.Compare(a.Value, b.Value) })
	s.labels["id"] = names.Of("field", "number").In(v.lang)
	s.labels["name"] = names.Of("field", "fact").In(v.lang)
	s.kind = func(name string) (domain.Kind, bool) { f, ok := findings[name]; return f.Kind, ok }
	s.options["cause"] = causes(v)
	for _, x := range []review.AppealResult{review.Upheld, review.Varied, review.Annulled} {
		s.options["result"] = append(s.options["result"], option{Value: string(x), Label: x.Title().In(v.lang)})
	}
	for _, k := range []string{string(review.SupervisionSanction), string(review.EmployerSanction)} {
		s.options["kind"] = append(s.options["kind"], option{Value: k, Label: v.say("sanction " + k)})
	}
	if _, signs := e.(*review.Signed); signs {
		s.hidden["decision"], s.hidden["digest"] = true, true
		s.hints["key"], s.hints["signature"], s.more["key"], s.more["signature"] = v.say("hint key"), v.say("hint signature"), true, true
	}
	s.ids(v, r, e)
	s.hints["value"], s.hints["investigators"], s.hints["of"] = v.say("mend value"), v.say("lines hint"), v.say("hint of")
	s.hints["local_rule"], s.hints["months"] = v.say("hint local rule"), v.say("hint months")
	return s
}

// ids are the choices of a step that is about something that stands in the
// review: a correction, a request, an appeal.
func (s shape) ids(v visit, r *review.Review, e review.Event) {
	add := func(id, label string) {
		s.options["id"], s.required["id"] = append(s.options["id"], option{Value: id, Label: label}), true
	}
	switch e.(type) {
	case *review.CorrectionBacked, *review.CorrectionDone, *review.CorrectionAccepted, *review.CorrectionReturned, *review.CorrectionExtended:
		for _, c := range r.Corrections {
			add(c.Order.ID, c.Order.ID+" · "+c.Order.Measure.Title().In(v.lang)+" · "+c.Order.Owner)
		}
	case *review.EvidenceGiven:
		for _, q := range r.Requests {
			if q.Given == nil {
				add(q.ID, q.ID+" · "+q.Of+" · "+strings.Join(q.Missing, v.say("list separator")))
			}
		}
	case *review.AppealDecided:
		for _, a := range r.Appeals {
			if a.Decided == nil {
				add(a.ID, a.ID+" · "+a.Path.Title().In(v.lang)+" · "+a.Person)
			}
		}
	}
}

// causes are those of a recusal and of a reopening.
func causes(v visit) []option {
	var list []option
	if v.Param("type") == (review.Reopened{}).EventType() {
		return []option{{Value: string(review.NewFact), Label: v.say("cause new_fact")}, {Value: string(review.FalseEvidence), Label: v.say("cause false_evidence")}}
	}
	for _, c := range []review.Cause{review.NearRelative, review.Witness, review.Interest, review.OtherRisk} {
		list = append(list, option{Value: string(c), Label: c.Title().In(v.lang)})
	}
	return list
}

// liability are the grounds and the facts of the liability rules of the first
// matter's day, by kind.
func (w *front) liability(v visit, r *review.Review) (map[string][]option, map[string]domain.Finding) {
	grounds := map[string][]option{}
	if len(r.Matters) == 0 {
		return grounds, nil
	}
	m := r.Matters[0]
	c, err := w.d.Cases.Case(v.ctx, m.Case)
	if err != nil {
		return grounds, nil
	}
	for _, pack := range slices.Backward(w.d.Packs.Versions()) {
		if pack.Pack != c.Pack {
			continue
		}
		plan, err := w.d.Cases.Rules.Plan(pack, m.Day)
		if err != nil {
			continue
		}
		list, err := plan.Grounds(nil)
		if err != nil {
			continue
		}
		for _, g := range list {
			grounds[string(g.Kind)] = append(grounds[string(g.Kind)], option{Value: g.ID, Label: g.ID + " " + g.Title.In(v.lang)})
		}
		return grounds, plan.Findings()
	}
	return grounds, nil
}

// showReviewStep answers the form of a step; in is what was typed.
func (w *front) showReviewStep(v visit, r *review.Review, as casework.Identity, e review.Event, f form, in url.Values) error {
	s := w.reviewShape(v, r, as, e)
	if err := w.evidence(v, r, &s, e); err != nil {
		return err
	}
	f.Action, f.Submit = reviewPath(r.ID)+"/steps/"+e.EventType(), v.say("record it", names.Event(e.EventType()).In(v.lang))
	f.Fields = s.fields(reflect.ValueOf(e).Elem(), "", "")
	if rests := reflect.ValueOf(e).Elem().FieldByName("Evidence"); rests.IsValid() && rests.Kind() == reflect.Slice && len(s.options["evidence"]) > 0 {
		f.Fields = append(f.Fields, field{Name: "_papers", Label: v.say("papers"), Hint: v.say("hint papers"), Kind: "lines"})
	}
	p := reviewStepPage{ID: r.ID, Type: e.EventType()}
	if err := w.beside(v, r, as, e, &p, &f); err != nil {
		return err
	}
	status := http.StatusOK
	if in != nil {
		keep(f.Fields, in, f.Faults)
		status = http.StatusUnprocessableEntity
	}
	if len(f.Changed) > 0 {
		status = http.StatusConflict
	}
	p.Form = f
	return w.show(v, screen{Status: status, Title: names.Event(p.Type).In(v.lang), Trail: []crumb{{v.say("nav reviews"), "/reviews"}, {r.ID, reviewPath(r.ID)}}, Name: "review-step", Data: p})
}

// evidence offers the events of the cases that the caller may see, and says
// what a fact is about.
func (w *front) evidence(v visit, r *review.Review, s *shape, e review.Event) error {
	var all []option
	var attributes map[string]domain.Attribute
	for _, id := range r.Cases() {
		list, err := w.entries(v.ctx, v.caller, id)
		if errors.Is(err, domain.ErrNotFound) {
			continue // of another office
		}
		if err != nil {
			return err
		}
		for _, x := range list {
			all = append(all, option{Value: x.ID, Label: id + " · " + eligibility.DayOf(x.Event).String() + " " + names.Event(x.Type).In(v.lang) + " · " + x.Actor.Person})
		}
		reg, err := w.d.Cases.Register(v.ctx)
		if err != nil {
			return err
		}
		attributes = w.attributes(casework.StateOf(id, list).Pack, reg)
	}
	s.options["evidence"] = all
	if _, backs := e.(*review.CorrectionBacked); backs {
		s.options["decision"] = all
	}
	if d, duty := e.(*review.DutyFound); duty {
		s.rowTitles(v.lang, d, attributes)
	}
	return nil
}

// beside puts beside the form what whoever fills it in should have in view.
func (w *front) beside(v visit, r *review.Review, as casework.Identity, e review.Event, p *reviewStepPage, f *form) error {
	var err error
	switch e := e.(type) {
	case *review.Cited:
		p.Grounds, err = w.catalogue(v, r, e)
	case *review.Appealed:
		limits, err := w.d.Reviews.Deadlines(v.ctx, as, r.ID)
		if err != nil {
			return err
		}
		for _, l := range limits {
			if title, is := remedyTitle(v.lang, l.Step); is {
				p.Remedies = append(p.Remedies, limitShown{l, title, true})
			}
		}
	case *review.Signed:
		return w.besideSigning(v, r, as, p, f)
	case *review.Consulted:
		p.Opinions, p.Heard = r.Opinions, r.Hearings
		p.Suggested, err = w.d.Reviews.Suggest(v.ctx, as, r.ID)
	case *review.Determined:
		f.Fields = append(f.Fields, field{Name: "_reasons", Label: v.say("collective reasons"), Hint: v.say("hint collective reasons"), Kind: "area"})
		o, err := w.d.Reviews.Outlook(v.ctx, as, r.ID)
		if err != nil {
			return err
		}
		p.Suggested, p.Standings, p.Prospects, p.Opinions, p.Heard = o.Suggestions, o.Standings, o.Parts, r.Opinions, r.Hearings
	}
	return err
}

// takeReviewStep records a step of a review.
func (w *front) takeReviewStep(v visit) error {
	r, log, _, err := w.seeing(v)
	if err != nil {
		return err
	}
	e, as, err := reviewAsked(v)
	if err != nil {
		return err
	}
	in, err := v.FormParams()
	if err != nil {
		return err
	}
	f := form{Seen: strconv.Itoa(len(log)), Command: cmp.Or(in.Get("_command"), newCommand())}
	f.Faults = w.reviewShape(v, r, as, e).read(reflect.ValueOf(e).Elem(), "", "", in)
	f.Changed = reviewChanges(log, in.Get("_seen"), f.Command)
	if len(f.Faults)+len(f.Changed) > 0 {
		return w.showReviewStep(v, r, as, e, f, in)
	}
	if err = w.complete(v, r, as, e, in); err == nil {
		_, err = w.d.Reviews.Record(v.ctx, casework.ReviewRequest{Command: f.Command, As: as}, r.ID, e)
		if err == nil {
			return v.Redirect(http.StatusSeeOther, reviewPath(r.ID)+"?done="+url.QueryEscape(e.EventType()))
		}
	}
	return w.notTaken(v, r, as, e, f, in, err)
}

// notTaken brings the form back with what the domain said.
func (w *front) notTaken(v visit, r *review.Review, as casework.Identity, e review.Event, f form, in url.Values, err error) error {
	var moved *casework.Moved
	switch {
	case errors.As(err, &moved):
		for _, x := range moved.Since {
			f.Changed = append(f.Changed, change{x.At.Day, x.At.Type, x.At.Actor.Person, x.At.RecordedAt})
		}
	case err == nil || !f.refusedBy(v.lang, err):
		return err
	}
	return w.showReviewStep(v, r, as, e, f, in)
}

// reviewChanges are the steps that others recorded since a form was opened.
func reviewChanges(log []review.Entry, seen, command string) []change {
	n, err := strconv.Atoi(seen)
	if err != nil || n < 0 || n >= len(log) {
		return nil
	}
	var changed []change
	for _, e := range log[n:] {
		if e.At.Command == command {
			return nil
		}
		changed = append(changed, change{e.At.Day, e.At.Type, e.At.Actor.Person, e.At.RecordedAt})
	}
	return changed
}

// lines are the items of a text, one a line or separated.
func lines(typed string) []string {
	var list []string
	s := shape{}
	s.setList(reflect.ValueOf(&list).Elem(), "x", "x", url.Values{"x": {typed}})
	return list
}
