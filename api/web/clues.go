package web

import (
	"cmp"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"

	"leeway/api"
	"leeway/api/documents"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/review"
	"leeway/projections"
)

// registering are the roles that may register a clue; of them only the organs
// may read one. Who handles cases at a township finds no page here at all.
var registering = slices.Concat([]api.Role{api.County, api.Auditor}, organs)

// readers are who may be shown open clues and the words of one; of them the
// domain opens the words to few.
var readers = []api.Role{api.Reviewer, api.Head}

func (w *front) clueRoutes() []api.Route {
	return []api.Route{
		{Method: http.MethodGet, Path: "/clues", Roles: registering, Personal: true, Handler: visiting(w.cluePage)},
		{Method: http.MethodPost, Path: "/clues", Roles: registering, Handler: visiting(w.registerClue)},
		{Method: http.MethodGet, Path: "/clues/:clue/words", Roles: readers, Personal: true, Handler: visiting(w.clueWords)},
		{Method: http.MethodGet, Path: "/clues/:clue/steps/:type", Roles: organs, Personal: true, Handler: visiting(w.clueForm)},
		{Method: http.MethodPost, Path: "/clues/:clue/steps/:type", Roles: organs, Handler: visiting(w.takeClueStep)},
	}
}

// A cluePageData is the clues about a case, with the form that registers one.
type cluePageData struct {
	Case  string
	Clues []clueShown
	Form  *form // none: no case is named
	Organ bool
	Done  string
	Open  []openClue // where no case is named
	Next  string
	First string
}

// openClue is a clue that waits, with its age in days and where it came from.
type openClue struct {
	projections.OpenClue
	Age  int
	From string
}

// openClues lists the clues that wait, for those who may see them.
func (w *front) openClues(v visit, p *cluePageData) error {
	if !v.caller.Has(readers...) {
		return nil
	}
	page, err := w.d.Models.Bench().OpenClues(v.ctx, v.caller.Actor.Person, projections.Ask{Cursor: v.QueryParam("cursor"), Limit: 50})
	for _, c := range page.Rows {
		p.Open = append(p.Open, openClue{c, int(w.today() - c.Day), v.say("clue " + c.Source)})
	}
	p.Next, p.First = pager(v, page.Next)
	return err
}

// A clueWordsPage is what a clue says, or the question what for.
type clueWordsPage struct {
	ID, Case string
	Purposes []option
	Asked    bool
	Words    []casework.ClueWord
}

// clueWords opens what a clue says in words, once a purpose is given. It is on
// record before it is shown, and never under the case.
func (w *front) clueWords(v visit) error {
	as, err := v.caller.As("")
	if err != nil {
		return err
	}
	c, err := w.d.Reviews.Clue(v.ctx, as, v.Param("clue"))
	if err != nil {
		return err
	}
	purpose := v.QueryParam("purpose")
	p := clueWordsPage{ID: c.ID, Case: c.Case, Asked: purpose != ""}
	for _, x := range review.CluePurposes() {
		p.Purposes = append(p.Purposes, option{x, names.Of("purpose", x).In(v.lang), x == purpose})
	}
	if p.Asked {
		p.Words, err = w.server.Words(v, c.ID, purpose)
	} else {
		err = w.server.Saw(v, domain.Access{Kind: "read", Clue: c.ID, Fields: []string{"form"}})
	}
	if err != nil {
		return err
	}
	return w.show(v, screen{Title: v.say("clue words", c.ID), Trail: []crumb{{v.say("nav start"), "/"}, {v.say("clues of", c.Case), "/clues?case=" + url.QueryEscape(c.Case)}}, Name: "clue-words", Data: p})
}

// clueShown is a clue. Who reported is shown to nobody.
type clueShown struct {
	*review.Clue
	Source string
}

// cluePage lists the clues about a case to the organ, and takes new ones from
// whoever may register them.
func (w *front) cluePage(v visit) error {
	return w.showClues(v, v.QueryParam("case"), form{Command: newCommand()}, nil)
}

func (w *front) showClues(v visit, id string, f form, in url.Values) error {
	p := cluePageData{Case: id, Organ: v.caller.Has(organs...), Done: v.QueryParam("done")}
	if id != "" {
		if _, err := w.entries(v.ctx, v.caller, id); err != nil {
			return err
		}
		if err := w.cluesOf(v, id, &p); err != nil {
			return err
		}
		e := &review.ClueRegistered{By: review.By{Day: w.today()}, Case: id}
		f.Action, f.Submit = "/clues", v.say("record it", names.Event(e.EventType()).In(v.lang))
		f.Fields = w.clueShape(v).fields(reflect.ValueOf(e).Elem(), "", "")
		if in != nil {
			keep(f.Fields, in, f.Faults)
		}
		p.Form = &f
	}
	kind := domain.Access{Kind: "list", Fields: []string{"clues"}}
	if id != "" {
		kind = domain.Access{Kind: "read", Clue: id, Fields: []string{"clues"}}
	} else if err := w.openClues(v, &p); err != nil {
		return err
	}
	if err := w.server.Saw(v, kind); err != nil {
		return err
	}
	status := http.StatusOK
	if in != nil {
		status = http.StatusUnprocessableEntity
	}
	return w.show(v, screen{Status: status, Title: v.say("clues"), Trail: []crumb{{v.say("nav start"), "/"}, {v.say("nav reviews"), "/reviews"}}, Name: "clues", Data: p})
}

// cluesOf reads the clues about a case, for the organ alone.
func (w *front) cluesOf(v visit, id string, p *cluePageData) error {
	if !p.Organ {
		return nil
	}
	as, err := v.caller.As("")
	if err != nil {
		return err
	}
	list, err := w.d.Reviews.Clues(v.ctx, as, id)
	for _, c := range list {
		p.Clues = append(p.Clues, clueShown{c, v.say("clue " + string(c.Source))})
	}
	return err
}

// clueShape is what the forms of a clue ask.
func (w *front) clueShape(v visit) shape {
	s := shape{lang: v.lang, subject: v.caller.Actor.Person, options: map[string][]option{}, labels: map[string]string{}, hints: map[string]string{"persons": v.say("lines hint"), "reporter": v.say("hint reporter"), "months": v.say("hint clue months")},
		required: map[string]bool{"day": true, "case": true, "source": true, "review": true, "result": true}}
	for _, x := range []review.ClueSource{review.FromReport, review.FromAudit, review.FromDataMatch, review.FromInquiry} {
		s.options["source"] = append(s.options["source"], option{Value: string(x), Label: v.say("clue " + string(x))})
	}
	for _, x := range []string{"reviewed", "transferred", "unfounded"} {
		s.options["result"] = append(s.options["result"], option{Value: x, Label: v.say("clue " + x)})
	}
	return s
}

// registerClue registers a clue. Who may not read clues is told no more than
// that his own is on record.
func (w *front) registerClue(v visit) error {
	in, err := v.FormParams()
	if err != nil {
		return err
	}
	e := &review.ClueRegistered{}
	f := form{Command: cmp.Or(in.Get("_command"), newCommand())}
	f.Faults = w.clueShape(v).read(reflect.ValueOf(e).Elem(), "", "", in)
	if _, err := w.entries(v.ctx, v.caller, e.Case); err != nil {
		return err
	}
	as, ok := inRole(v.caller, []review.Role{review.Reviewer, review.Head, review.Bureau, review.Auditor})
	if !ok {
		return domain.Deny(domain.ErrRefused, "none of the caller's roles records %s", "leave it to who may", e.EventType())
	}
	if len(f.Faults) == 0 {
		_, _, err = w.d.Reviews.RegisterClue(v.ctx, casework.ReviewRequest{Command: f.Command, As: as}, e)
		if err == nil {
			return v.Redirect(http.StatusSeeOther, "/clues?"+url.Values{"case": {e.Case}, "done": {e.EventType()}}.Encode())
		}
		if !f.refusedBy(v.lang, err) {
			return err
		}
	}
	return w.showClues(v, e.Case, f, in)
}

// A clueStepPage is the form of a later step of a clue.
type clueStepPage struct {
	Form form
	Case string
}

// clueAsked is the clue and the step that an address names.
func (w *front) clueAsked(v visit) (*review.Clue, review.ClueEvent, casework.Identity, error) {
	as, err := v.caller.As("")
	if err != nil {
		return nil, nil, as, err
	}
	id := v.Param("clue")
	c, err := w.d.Reviews.Clue(v.ctx, as, id)
	if err != nil {
		return nil, nil, as, err
	}
	if _, err := w.entries(v.ctx, v.caller, c.Case); err != nil {
		return nil, nil, as, err
	}
	for _, e := range review.ClueKinds() {
		if _, first := e.(*review.ClueRegistered); !first && e.EventType() == v.Param("type") {
			return c, e, as, nil
		}
	}
	return nil, nil, as, domain.Deny(domain.ErrNotFound, "there is no step %q", "", v.Param("type"))
}

func (w *front) clueForm(v visit) error {
	c, e, _, err := w.clueAsked(v)
	if err != nil {
		return err
	}
	if err := w.server.Saw(v, domain.Access{Kind: "read", Clue: c.ID, Fields: []string{"clues"}}); err != nil {
		return err
	}
	return w.showClueStep(v, c, e, form{Command: newCommand()}, nil)
}

func (w *front) showClueStep(v visit, c *review.Clue, e review.ClueEvent, f form, in url.Values) error {
	s := w.clueShape(v)
	switch e := e.(type) {
	case *review.ClueLinked:
		e.Review = v.QueryParam("review")
	case *review.ClueCompared:
		reports, err := w.selfReports(v, c.Case)
		if err != nil {
			return err
		}
		s.options["report.event"], s.required["report.event"] = reports, true
		s.fixed = map[string]bool{"report.review": true, "report.day": true, "report.first": true}
	}
	review.ActClue(e, "", w.today())
	f.Action, f.Submit = "/clues/"+url.PathEscape(c.ID)+"/steps/"+e.EventType(), v.say("record it", names.Event(e.EventType()).In(v.lang))
	f.Fields = s.fields(reflect.ValueOf(e).Elem(), "", "")
	status := http.StatusOK
	if in != nil {
		keep(f.Fields, in, f.Faults)
		status = http.StatusUnprocessableEntity
	}
	return w.show(v, screen{Status: status, Title: names.Event(e.EventType()).In(v.lang) + " · " + c.ID, Trail: []crumb{{v.say("nav start"), "/"}, {v.say("clues of", c.Case), "/clues?case=" + url.QueryEscape(c.Case)}}, Name: "clue-step", Data: clueStepPage{f, c.Case}})
}

// selfReports are what workers reported of their own errors in a case.
func (w *front) selfReports(v visit, id string) ([]option, error) {
	list, err := w.entries(v.ctx, v.caller, id)
	var all []option
	for _, x := range list {
		if e, ok := x.Event.(*eligibility.FactsDiscovered); ok && e.How == "self_found" {
			all = append(all, option{Value: x.ID, Label: e.Day.String() + " · " + x.Actor.Person + " · " + documents.Details(e, v.lang, nil)})
		}
	}
	return all, err
}

// takeClueStep links a clue to a review, compares it, or ends it.
func (w *front) takeClueStep(v visit) error {
	c, e, as, err := w.clueAsked(v)
	if err != nil {
		return err
	}
	in, err := v.FormParams()
	if err != nil {
		return err
	}
	f := form{Command: cmp.Or(in.Get("_command"), newCommand()), Seen: strconv.FormatInt(c.Last.Revision, 10)}
	f.Faults = w.clueShape(v).read(reflect.ValueOf(e).Elem(), "", "", in)
	if len(f.Faults) == 0 {
		req := casework.ReviewRequest{Command: f.Command, As: as}
		if x, compares := e.(*review.ClueCompared); compares {
			_, err = w.d.Reviews.Compare(v.ctx, req, c.ID, x.Report.Event)
		} else {
			_, err = w.d.Reviews.RecordClue(v.ctx, req, c.ID, e)
		}
		if err == nil {
			return v.Redirect(http.StatusSeeOther, "/clues?"+url.Values{"case": {c.Case}, "done": {e.EventType()}}.Encode())
		}
		if !f.refusedBy(v.lang, err) {
			return err
		}
	}
	return w.showClueStep(v, c, e, f, in)
}
