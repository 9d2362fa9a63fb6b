package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/domain/review"
	"leeway/projections"
)

// A stepPage is the form of one step, with what its recorder should know.
type stepPage struct {
	Form   form
	Type   string
	ID     string
	Advice *adviceShown
	Steps  []replay.StepCheck
	Clock  *reportClock // of an own report
	Apart  []string     // sources that nobody can ask, beside a decision
	Silent []string     // sources that hold nothing
	Doubts []doubtForm  // beside a decision
	Noted  string       // type of what was recorded from beside it
}

// adviceShown is what the engine makes of a decision that is about to be made.
type adviceShown struct {
	Rules   domain.PackVersion
	Outcome domain.Outcome
	Month   domain.Month
	Missing []string
}

// stepForm is the form of a step.
func (w *front) stepForm(v visit) error {
	list, e, err := w.stepAsked(v)
	if err != nil {
		return err
	}
	c := casework.StateOf(v.Param("case"), list)
	w.prefill(v, e, c)
	if err := w.server.Saw(v, domain.Access{Kind: "read", Case: c.ID, Fields: []string{"form"}}); err != nil {
		return err
	}
	return w.showStep(v, c, e, form{Seen: strconv.Itoa(len(list)), Command: newCommand()}, nil)
}

// stepAsked is the case and the step that an address names, for who may take it.
func (w *front) stepAsked(v visit) ([]casework.Entry, eligibility.Event, error) {
	list, err := w.entries(v.ctx, v.caller, v.Param("case"))
	if err != nil {
		return nil, nil, err
	}
	e := newStep(v.Param("type"))
	switch {
	case e == nil:
		return nil, nil, domain.Deny(domain.ErrNotFound, "there is no step %q", "", v.Param("type"))
	case !v.caller.Records(e.EventType()):
		return nil, nil, domain.Deny(domain.ErrRefused, "none of the caller's roles records %s", "leave it to who approves", e.EventType())
	}
	return list, e, nil
}

// showStep answers the form; in is what was typed, where something was.
func (w *front) showStep(v visit, c *eligibility.Case, e eligibility.Event, f form, in url.Values) error {
	s, err := w.stepShape(v, c, e)
	if err != nil {
		return err
	}
	f.Action, f.Submit = casePath(c.ID)+"/steps/"+e.EventType(), v.say("record it", names.Event(e.EventType()).In(v.lang))
	f.Fields = s.fields(reflect.ValueOf(e).Elem(), "", "")
	if in != nil {
		keep(f.Fields, in, f.Faults)
	}
	p := stepPage{Form: f, Type: e.EventType(), ID: c.ID}
	if p.Type == selfReport {
		clock := w.clock(v, c)
		p.Clock = &clock
	}
	if err := w.deciding(v, c, e, &p); err != nil {
		return err
	}
	status := http.StatusOK
	if in != nil {
		status = http.StatusUnprocessableEntity
	}
	if len(f.Changed) > 0 {
		status = http.StatusConflict
	}
	return w.show(v, screen{Status: status, Title: names.Event(p.Type).In(v.lang), Trail: append(w.caseTrail(v), crumb{v.say("case title", c.ID), casePath(c.ID)}), Name: "step", Data: p})
}

// deciding is what stands beside a decision: the engine's advice, the steps it
// rests on, the sources that could not be asked, and what can be raised.
func (w *front) deciding(v visit, c *eligibility.Case, e eligibility.Event, p *stepPage) error {
	if !slices.Contains(decisive, p.Type) {
		return nil
	}
	reg, err := w.d.Cases.Register(v.ctx)
	if err != nil {
		return err
	}
	p.Advice, p.Steps = w.advised(c, reg, e)
	p.Apart, p.Silent = w.unconnected(v, c, reg)
	for _, d := range c.Doubts {
		if d.At.ID == v.QueryParam("noted") {
			p.Noted = d.At.Type
		}
	}
	p.Doubts, err = w.doubts(v, c, p.Type)
	return err
}

// advised is the engine's word on a decision that is about to be made, and the
// steps that it rests on. Without rules there is none, and the page says so.
func (w *front) advised(c *eligibility.Case, reg *eligibility.Register, e eligibility.Event) (*adviceShown, []replay.StepCheck) {
	in := replay.Input{Case: c, Register: reg, Rules: w.d.Cases.Rules, AsOf: w.today()}
	steps, _ := replay.Standing(in) // no rules: there are no steps to show either
	month := w.today().Month() + 1
	for _, name := range []string{"From", "Month"} {
		if f := reflect.ValueOf(e).Elem().FieldByName(name); f.IsValid() && !f.IsZero() {
			month = f.Interface().(domain.Month)
		}
	}
	rules, o, err := replay.Advise(in, month)
	if err != nil {
		return nil, steps
	}
	return &adviceShown{rules, o, month, o.Missing}, steps
}

// takeStep records a step.
func (w *front) takeStep(v visit) error {
	list, e, err := w.stepAsked(v)
	if err != nil {
		return err
	}
	in, err := v.FormParams()
	if err != nil {
		return err
	}
	c := casework.StateOf(v.Param("case"), list)
	w.prefill(v, e, c)
	f := form{Seen: strconv.Itoa(len(list)), Command: cmp.Or(in.Get("_command"), newCommand())}
	if in.Get("_quick") == "" {
		s, err := w.stepShape(v, c, e)
		if err != nil {
			return err
		}
		f.Faults = s.read(reflect.ValueOf(e).Elem(), "", "", in)
	}
	f.Changed = caseChanges(list, in.Get("_seen"), in.Get("_command"))
	if len(f.Faults)+len(f.Changed) > 0 {
		return w.showStep(v, c, e, f, in)
	}
	req := casework.Request{Command: f.Command, Actor: v.caller.Actor}
	if n, err := strconv.Atoi(f.Seen); err == nil {
		req.Check = v.caller.Unchanged(c.ID, n)
	}
	var r casework.Receipt
	if err = v.caller.MayRecord(e); err == nil {
		r, err = w.d.Cases.Record(v.ctx, req, c.ID, e)
	}
	if err != nil {
		if changed := new(casework.Changed); errors.As(err, &changed) {
			for _, e := range changed.Since {
				f.Changed = append(f.Changed, changeOf(e))
			}
			return w.showStep(v, c, e, f, in)
		}
		if !f.refusedBy(v.lang, err) {
			return err
		}
		return w.showStep(v, c, e, f, in)
	}
	if beside := in.Get("_beside"); slices.Contains(decisive, beside) { // back to the decision that it was raised from
		return v.Redirect(http.StatusSeeOther, casePath(c.ID)+"/steps/"+beside+"?noted="+url.QueryEscape(r.EventID)+"#noted")
	}
	return v.Redirect(http.StatusSeeOther, casePath(c.ID)+"?done="+url.QueryEscape(r.EventID)+"#done")
}

// caseChanges are the steps that others recorded since a form was opened on so
// many of them. The form's own step, posted twice, is no change.
func caseChanges(list []casework.Entry, seen, command string) []change {
	n, err := strconv.Atoi(seen)
	if err != nil || n < 0 || n >= len(list) {
		return nil
	}
	var changed []change
	for _, e := range list[n:] {
		if e.Command == command {
			return nil
		}
		changed = append(changed, changeOf(e))
	}
	return changed
}

func changeOf(e casework.Entry) change {
	return change{eligibility.DayOf(e.Event), e.Type, e.Actor.Person, e.RecordedAt}
}

// refusedBy puts what the domain said into the form: a mistake at its field, or
// a refusal. Anything else is no matter of the form.
func (f *form) refusedBy(lang string, err error) bool {
	if !errors.Is(err, domain.ErrInvalid) && !errors.Is(err, domain.ErrRefused) && !errors.Is(err, replay.ErrNoRules) {
		return false
	}
	said, ok := names.Explain(err, lang)
	if !ok {
		return false
	}
	said.Wrong, said.Mend = onPage(said.Wrong), onPage(said.Mend)
	var r *review.Refusal
	switch {
	case errors.As(err, &r):
		f.Refused = &refusal{said.Wrong, said.Mend, r.Guard.Says.In(lang) + " · " + r.Guard.Origin()}
	case said.Field != "":
		name := said.Field
		f.Faults = append(f.Faults, mistake{name, cmp.Or(said.Where, names.Field(name, lang)), said.Wrong, said.Mend})
	default:
		f.Refused = &refusal{said.Wrong, said.Mend, ""}
	}
	return true
}

// newCase is the form that opens a case.
func (w *front) newCase(v visit) error {
	e := &eligibility.CaseOpened{Office: v.caller.Office, Applicant: "m1", Members: []eligibility.Person{{ID: "m1", Relation: "self"}}}
	e.Day = w.today()
	return w.showOpening(v, e, form{Command: newCommand()}, url.Values{}, http.StatusOK)
}

// openingShape is what the form of an opening asks.
func (w *front) openingShape(v visit) shape {
	s := shape{lang: v.lang, options: map[string][]option{}, hints: map[string]string{"members": v.say("hint members")}, labels: map[string]string{}, required: map[string]bool{"programme": true, "pack": true, "office": true, "applicant": true, "day": true}, rows: map[string]int{"members": 3}}
	s.options["programme"] = choices(v.lang, "programme", "dibao", "tekun", "temporary", "orphan", "unattended", "orphan_study", "disability_living", "disability_care", "old_age", "vagrant", "funeral")
	packs := map[string]bool{}
	for _, p := range w.d.Packs.Versions() {
		if !packs[p.Pack] {
			packs[p.Pack] = true
			s.options["pack"] = append(s.options["pack"], option{Value: p.Pack, Label: p.Pack})
		}
	}
	s.options["members[].relation"] = choices(v.lang, "relation", "self", "spouse", "child", "parent", "sibling", "grandchild", "other")
	return s
}

func (w *front) showOpening(v visit, e *eligibility.CaseOpened, f form, in url.Values, status int) error {
	s := w.openingShape(v)
	f.Action, f.Submit = "/cases", v.say("open case")
	id := field{Name: "_id", Label: v.say("case id"), Hint: v.say("hint case id"), Kind: "text", Required: true}
	f.Fields = append([]field{id}, s.fields(reflect.ValueOf(e).Elem(), "", "")...)
	if status != http.StatusOK {
		keep(f.Fields, in, f.Faults)
	}
	return w.show(v, screen{Status: status, Title: v.say("to new case"), Trail: w.caseTrail(v), Name: "opening", Data: f})
}

// openCase opens a case.
func (w *front) openCase(v visit) error {
	in, err := v.FormParams()
	if err != nil {
		return err
	}
	id := in.Get("_id")
	e := &eligibility.CaseOpened{}
	s := w.openingShape(v)
	s.subject = cmp.Or(in.Get("applicant"), "m1")
	f := form{Command: cmp.Or(in.Get("_command"), newCommand())}
	f.Faults = s.read(reflect.ValueOf(e).Elem(), "", "", in)
	for i := range e.Members { // each member's own key seals his identity
		m := &e.Members[i]
		m.Name, m.IDNumber = domain.Personal(m.ID, m.Name.Text), domain.Personal(m.ID, m.IDNumber.Text)
	}
	if id == "" {
		f.Faults = append(f.Faults, mistake{"_id", v.say("case id"), v.say("missing"), v.say("hint case id")})
	}
	if !reaches(v.caller, e.Office) {
		f.Faults = append(f.Faults, mistake{"office", names.Of("field", "office").In(v.lang), v.say("other office"), v.say("own office")})
	}
	if len(f.Faults) > 0 {
		return w.showOpening(v, e, f, in, http.StatusUnprocessableEntity)
	}
	// An id that is another office's is taken, and no more is said of it.
	if _, err := w.d.Cases.Case(v.ctx, id); err == nil {
		f.Faults = append(f.Faults, mistake{"_id", v.say("case id"), v.say("id taken", id), v.say("hint case id")})
		return w.showOpening(v, e, f, in, http.StatusUnprocessableEntity)
	}
	r, err := w.d.Cases.Record(v.ctx, casework.Request{Command: f.Command, Actor: v.caller.Actor}, id, e)
	if err != nil {
		if !f.refusedBy(v.lang, err) {
			return err
		}
		return w.showOpening(v, e, f, in, http.StatusUnprocessableEntity)
	}
	w.server.Opened(v.caller, id)
	return v.Redirect(http.StatusSeeOther, casePath(id)+"?done="+url.QueryEscape(r.EventID)+"#done")
}

// A recordPage is what somebody decided, as others see it too.
type recordPage struct {
	Tenures   []projections.Tenure
	Decisions []projections.DecisionLine
	Late      map[string]int
	Reviews   []casework.ReviewSummary
	Used      []usedEntry
	Next      string
	First     string
}

// usedEntry is an entry of the caller's own in a case under review.
type usedEntry struct {
	Review, Case string
	timelineRow
	Cited bool // as evidence, in an application that he may read
}

// ownRecord is the caller's own record: posts, decisions, late entries, reviews.
func (w *front) ownRecord(v visit) error {
	desk := w.d.Models.Desk(v.caller.Actor, v.caller.Serves...)
	p := recordPage{Late: map[string]int{}}
	var err error
	if p.Tenures, err = desk.OwnRecord(v.ctx); err != nil {
		return err
	}
	page, err := desk.OwnDecisions(v.ctx, projections.Ask{Cursor: v.QueryParam("cursor"), Limit: 50})
	if err != nil {
		return err
	}
	p.Decisions = page.Rows
	p.Next, p.First = pager(v, page.Next)
	for _, d := range p.Decisions {
		if err := w.markLate(v, d.Case, p.Late); err != nil {
			return err
		}
	}
	as, err := v.caller.As("")
	if err == nil {
		if p.Reviews, err = w.myReviews(v.ctx, as); err != nil {
			return err
		}
		for _, r := range p.Reviews {
			if err := w.used(v, as, r.ID, &p); err != nil {
				return err
			}
		}
	}
	if err := w.server.Saw(v, domain.Access{Kind: "list"}); err != nil {
		return err
	}
	return w.show(v, screen{Title: v.say("record title"), Trail: []crumb{{v.say("nav start"), "/"}}, Name: "record", Data: p})
}

// used lists the caller's own entries in the cases of a review that he may know
// of, each with whether it counts as entered late and whether it is cited.
func (w *front) used(v visit, as casework.Identity, id string, p *recordPage) error {
	r, log, err := w.d.Reviews.ReviewLog(v.ctx, as, id)
	if err != nil {
		return err
	}
	var cited []string
	for _, e := range log {
		if c, ok := e.Event.(*review.Cited); ok {
			cited = append(cited, c.Evidence...)
		}
	}
	for _, c := range r.Cases() {
		list, err := w.entries(v.ctx, v.caller, c)
		if errors.Is(err, domain.ErrNotFound) {
			continue // of an office that he is no longer at
		}
		if err != nil {
			return err
		}
		for _, e := range list {
			if e.Actor.Person == v.caller.Actor.Person {
				p.Used = append(p.Used, usedEntry{id, c, rowOf(v, e, nil), slices.Contains(cited, e.ID)})
			}
		}
	}
	return nil
}

// markLate notes the late entries of a case by event, once a case.
func (w *front) markLate(v visit, id string, into map[string]int) error {
	if _, done := into["case "+id]; done {
		return nil
	}
	into["case "+id] = 0
	list, err := w.entries(v.ctx, v.caller, id)
	if errors.Is(err, domain.ErrNotFound) {
		return nil // handled at an office that he is no longer at
	}
	for _, e := range list {
		if n := late(e); n > 0 {
			into[e.ID] = n
		}
	}
	return err
}
