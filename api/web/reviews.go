package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"

	"leeway/api"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/names"
	"leeway/domain/review"
	"leeway/projections"
)

// inReviews are the roles that have a part in reviews.
var inReviews = slices.Concat(handling, organs)

// reviewRoutes are the pages of reviews.
func (w *front) reviewRoutes() []api.Route {
	get := func(path string, roles []api.Role, page func(visit) error) api.Route {
		return api.Route{Method: http.MethodGet, Path: path, Roles: roles, Personal: true, Handler: visiting(page)}
	}
	post := func(path string, roles []api.Role, page func(visit) error) api.Route {
		return api.Route{Method: http.MethodPost, Path: path, Roles: roles, Handler: visiting(page)}
	}
	return []api.Route{
		get("/reviews", inReviews, w.reviewList), get("/reviews/new", inReviews, w.newReview), post("/reviews", inReviews, w.openReview),
		get("/reviews/:review", reading, w.reviewPage), get("/reviews/:review/steps/:type", inReviews, w.reviewForm),
		post("/reviews/:review/steps/:type", inReviews, w.takeReviewStep), post("/reviews/:review/replays", organs, w.replayMatter),
		get("/reviews/:review/statement", organs, w.statement), get("/reviews/:review/package", watching, w.archive),
		get("/replays", watching, w.findReplay), get("/replays/:case", watching, w.replayPage), post("/replays/:case/what-ifs", organs, w.saveWhatIf),
	}
}

// A reviewListPage is the queue of an organ, or the reviews that concern somebody.
type reviewListPage struct {
	Queue []queued
	Mine  []casework.ReviewSummary
	Organ bool
	Today domain.Day
	Next  string
	First string
}

// queued is a review of the queue, with why its reader may not act in it.
type queued struct {
	projections.QueuedReview
	Title  string // of the stage
	Barred string
}

// reviewList is the queue with its clocks, or the caller's own reviews.
func (w *front) reviewList(v visit) error {
	p := reviewListPage{Organ: v.caller.Has(organs...), Today: w.today()}
	as, err := v.caller.As("")
	if err != nil {
		return err
	}
	if p.Organ {
		page, err := w.d.Models.Bench().Queue(v.ctx, cmp.Or(v.QueryParam("organ"), v.caller.Office), projections.Ask{Cursor: v.QueryParam("cursor"), Limit: 50})
		if err != nil {
			return err
		}
		for _, r := range page.Rows {
			q := queued{QueuedReview: r, Title: review.Stage(r.Stage).Title().In(v.lang)}
			cause, _, barred, err := w.d.Reviews.Barred(v.ctx, as, r.ID)
			if err != nil && !errors.Is(err, domain.ErrNotFound) {
				return err
			}
			if barred {
				q.Barred = review.Cause(cause).Title().In(v.lang)
			}
			p.Queue = append(p.Queue, q)
		}
		p.Next, p.First = pager(v, page.Next)
	} else if p.Mine, err = w.myReviews(v.ctx, as); err != nil {
		return err
	}
	if err := w.server.Saw(v, domain.Access{Kind: "list"}); err != nil {
		return err
	}
	return w.show(v, screen{Title: v.say("nav reviews"), Trail: []crumb{{v.say("nav start"), "/"}}, Name: "reviews", Data: p})
}

// seeing is the review that an address names, in the first of the caller's roles
// that may see it. Who is recused is told so, and shown nothing.
func (w *front) seeing(v visit) (*review.Review, []review.Entry, casework.Identity, error) {
	id := v.Param("review")
	var last error
	for _, role := range []review.Role{"", review.Worker, review.Unit, review.Bureau} {
		as, err := v.caller.As(role)
		if err != nil {
			continue
		}
		r, log, err := w.d.Reviews.ReviewLog(v.ctx, as, id)
		if last = err; err != nil {
			continue
		}
		if as.Role.Discipline() {
			if _, why, barred, err := w.d.Reviews.Barred(v.ctx, as, id); err != nil || barred {
				if err == nil {
					err = domain.Deny(domain.ErrRefused, "the record bars the caller: %s", "leave it to somebody who is not barred", why)
				}
				return nil, nil, as, err
			}
		}
		return r, log, as, nil
	}
	return nil, nil, casework.Identity{}, last
}

// stagesOf is the life of a review with where it stands.
func stagesOf(lang string, here review.Stage) []stageShown {
	line := []review.Stage{review.StageOpened, review.StageAccepted, review.StageNotified, review.StageConsulted, review.StageDetermined, review.StageServed, review.StageFiled}
	at := slices.Index(line, here)
	if at < 0 {
		return []stageShown{{here.Title().In(lang), false, true}}
	}
	var list []stageShown
	for i, s := range line {
		list = append(list, stageShown{s.Title().In(lang), i < at, i == at})
	}
	return list
}

// newReview is the form that opens a review, or applies for one.
func (w *front) newReview(v visit) error {
	in := url.Values{"cases": {v.QueryParam("case")}}
	if err := w.server.Saw(v, domain.Access{Kind: "read", Case: v.QueryParam("case"), Fields: []string{"form"}}); err != nil {
		return err
	}
	return w.showReviewOpening(v, form{Command: newCommand()}, in, http.StatusOK)
}

func (w *front) showReviewOpening(v visit, f form, in url.Values, status int) error {
	f.Action, f.Submit = "/reviews", v.say("open review")
	routes, organ := []string{"worker"}, ""
	if v.caller.Has(organs...) {
		routes, organ = []string{"ex_officio", "inquiry"}, v.caller.Office
	} else if v.caller.Has(api.Township) {
		routes = []string{"unit", "worker"}
	}
	choose := []option{}
	for _, r := range routes {
		choose = append(choose, option{Value: r, Label: review.Route(r).Title().In(v.lang)})
	}
	id := v.caller.Actor.Person + "." + strconv.Itoa(int(w.today()))
	if organ != "" {
		id = "R" + strconv.Itoa(int(w.today()))
	}
	f.Fields = []field{
		{Name: "_id", Label: v.say("review id"), Hint: v.say("hint review id"), Kind: "text", Value: id, Required: true},
		{Name: "route", Label: names.Of("field", "route").In(v.lang), Kind: "select", Options: choose, Required: true},
		{Name: "organ", Label: names.Of("field", "organ").In(v.lang), Kind: "text", Value: cmp.Or(organ, "commission"), Required: true},
		{Name: "cases", Label: v.say("cases title"), Hint: v.say("lines hint"), Kind: "lines", Value: in.Get("cases"), Required: true},
		{Name: "informed", Label: v.say("informed"), Kind: "date"},
		{Name: "_clue", Kind: "hidden", Value: v.QueryParam("clue")},
		{Name: "report", Label: names.Of("field", "report").In(v.lang), Hint: v.say("hint report"), Kind: "text", More: true},
	}
	if organ != "" {
		f.Fields = append(f.Fields, field{Name: "persons", Label: names.Of("field", "parties").In(v.lang), Hint: v.say("lines hint"), Kind: "lines"})
	}
	if status != http.StatusOK {
		keep(f.Fields, in, f.Faults)
	}
	return w.show(v, screen{Status: status, Title: v.say("open review"), Trail: []crumb{{v.say("nav start"), "/"}, {v.say("nav reviews"), "/reviews"}}, Name: "review-opening", Data: f})
}

// openReview opens a review on the decisions of the cases that are named.
func (w *front) openReview(v visit) error {
	in, err := v.FormParams()
	if err != nil {
		return err
	}
	f := form{Command: cmp.Or(in.Get("_command"), newCommand())}
	day, dayErr := domain.ParseDay(in.Get("informed"))
	if dayErr != nil {
		f.Faults = append(f.Faults, mistake{"informed", v.say("informed"), v.say("cannot read", in.Get("informed")), v.say("mend day")})
		return w.showReviewOpening(v, f, in, http.StatusUnprocessableEntity)
	}
	o := casework.Opening{Route: review.Route(in.Get("route")), Organ: in.Get("organ"), Cases: lines(in.Get("cases")), Persons: lines(in.Get("persons")), Informed: day, Report: in.Get("report")}
	for _, id := range o.Cases {
		if err := w.server.InScope(v.ctx, v.caller, id); err != nil {
			f.Faults = append(f.Faults, mistake{"cases", v.say("cases title"), v.say("find nothing", id), ""})
			return w.showReviewOpening(v, f, in, http.StatusUnprocessableEntity)
		}
	}
	as, ok := inRole(v.caller, openers(o.Route))
	if !ok {
		return domain.Deny(domain.ErrRefused, "none of the caller's roles opens a review as %q", "", o.Route)
	}
	if as.Role == review.Worker {
		o.Persons = []string{as.Person}
	}
	e, err := w.d.Reviews.Opening(v.ctx, o)
	if err == nil {
		_, err = w.d.Reviews.Record(v.ctx, casework.ReviewRequest{Command: f.Command, As: as}, in.Get("_id"), e)
	}
	if err != nil {
		if !f.refusedBy(v.lang, err) {
			return err
		}
		return w.showReviewOpening(v, f, in, http.StatusUnprocessableEntity)
	}
	if clue := in.Get("_clue"); clue != "" {
		// The review is open whatever becomes of this; a clue that is linked
		// already, or closed, says so.
		if _, err := w.d.Reviews.RecordClue(v.ctx, casework.ReviewRequest{As: as}, clue, &review.ClueLinked{Review: in.Get("_id")}); err != nil {
			return err
		}
	}
	return v.Redirect(http.StatusSeeOther, reviewPath(in.Get("_id"))+"?done=review-opened.v1")
}

// openers are who opens a review by a route.
func openers(r review.Route) []review.Role {
	switch r {
	case review.ByWorker:
		return []review.Role{review.Worker}
	case review.ByUnit:
		return []review.Role{review.Unit}
	}
	return []review.Role{review.Reviewer, review.Head, review.Superior}
}

// replayMatter replays a matter of a review on all that is known today.
func (w *front) replayMatter(v visit) error {
	_, _, as, err := w.seeing(v)
	if err != nil {
		return err
	}
	if _, err = w.d.Reviews.Replay(v.ctx, casework.ReviewRequest{Command: v.FormValue("_command"), As: as}, v.Param("review"), v.FormValue("matter")); err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, reviewPath(v.Param("review"))+"?done=review-replayed.v1")
}

// newReviewStep is an empty event of a review, nil for one that is not recorded
// by a form.
func newReviewStep(eventType string) review.Event {
	for _, e := range review.Kinds() {
		if e.EventType() == eventType && !slices.Contains([]string{"review-opened.v1", "review-replayed.v1", "guard-breached.v1"}, eventType) {
			return reflect.New(reflect.TypeOf(e).Elem()).Interface().(review.Event)
		}
	}
	return nil
}
