package web

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/api"
	"leeway/api/views"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
	"leeway/projections"
)

// start is the first page: signing in, or what waits for who is signed in.
func (w *front) start(c echo.Context) error {
	caller, ok := api.CallerOf(c.Request().Context())
	if !ok {
		return w.signIn(c)
	}
	s := startPage{Lang: caller.Lang}
	for _, part := range []func(context.Context, api.Caller, *startPage) error{w.waitsHandling, w.waitsReviews, w.waitsElsewhere} {
		if err := part(c.Request().Context(), caller, &s); err != nil {
			return err
		}
	}
	// What is listed names cases: that is a reading, and goes on record.
	if len(s.Tasks) > 0 || s.Load != nil {
		if err := w.server.Saw(c, domain.Access{Kind: "list"}); err != nil {
			return err
		}
	}
	return w.show(c, screen{Title: say(caller.Lang, "start title"), Name: "start", Data: s})
}

// A startPage is what waits for somebody.
type startPage struct {
	Lang  string
	Load  *loadFigures
	Tasks []task
	Links []views.Link
}

// A task is one thing that waits, the most urgent first.
type task struct {
	Text, Href string
	Due        domain.Day
	Overdue    bool
	Tag        string
}

// loadFigures are a worker's caseload against the standard.
type loadFigures struct {
	projections.Load
	Standard int
}

// Share is the load in per cent of the standard, in whole numbers.
func (l loadFigures) Share() int { return l.Recipients * 100 / l.Standard }

// waitsHandling is what waits for those who handle cases: re-checks that are
// due, and how much they carry.
func (w *front) waitsHandling(ctx context.Context, caller api.Caller, s *startPage) error {
	if !caller.Has(handling...) {
		return nil
	}
	desk, today := w.d.Models.Desk(caller.Actor, caller.Serves...), w.today()
	load, err := desk.MyLoad(ctx)
	if err != nil {
		return err
	}
	s.Load = &loadFigures{load, projections.Standard}
	due, err := desk.Rechecks(ctx, today+30, projections.Ask{Limit: 10})
	if err != nil {
		return err
	}
	for _, r := range due.Rows {
		s.Tasks = append(s.Tasks, task{say(s.Lang, "task recheck", r.Case), casePath(r.Case), r.Due, r.Due < today, ""})
	}
	s.Links = append(s.Links, views.Link{Text: say(s.Lang, "to my cases"), Href: "/cases"}, views.Link{Text: say(s.Lang, "to new case"), Href: "/cases/new"},
		views.Link{Text: say(s.Lang, "to my record"), Href: "/record"}, views.Link{Text: say(s.Lang, "to apply"), Href: "/reviews/new"})
	return nil
}

// waitsReviews is what waits in reviews, by what is due next.
func (w *front) waitsReviews(ctx context.Context, caller api.Caller, s *startPage) error {
	if caller.Has(organs...) {
		s.Links = append(s.Links, views.Link{Text: say(s.Lang, "to queue"), Href: "/reviews"}, views.Link{Text: say(s.Lang, "to open review"), Href: "/reviews/new"}, views.Link{Text: say(s.Lang, "clues"), Href: "/clues"},
			views.Link{Text: say(s.Lang, "to replays"), Href: "/replays"})
		return w.queueTasks(ctx, caller, s)
	}
	as, err := caller.As("")
	if err != nil || caller.Has(api.Auditor) {
		return nil // no part in reviews
	}
	list, err := w.myReviews(ctx, as)
	if err != nil {
		return err
	}
	var tasks []task
	for _, r := range list {
		if slices.Contains(ended, r.Stage) {
			continue
		}
		limits, err := w.d.Reviews.Deadlines(ctx, as, r.ID)
		if err != nil {
			return err
		}
		tasks = append(tasks, reviewTask(s.Lang, r, limits))
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return int(orLast(a.Due)) - int(orLast(b.Due)) })
	s.Tasks = append(s.Tasks, tasks[:min(len(tasks), 20)]...)
	return nil
}

// ended are the stages at which nothing waits for anybody.
var ended = []review.Stage{review.StageNotAccepted, review.StageWithdrawn, review.StageLapsed}

// queueTasks are the reviews of the caller's organ that are due next.
func (w *front) queueTasks(ctx context.Context, caller api.Caller, s *startPage) error {
	page, err := w.d.Models.Bench().Queue(ctx, caller.Office, projections.Ask{Limit: 20})
	for _, r := range page.Rows {
		t := task{Text: say(s.Lang, "task review", r.ID, review.Stage(r.Stage).Title().In(s.Lang)), Href: reviewPath(r.ID), Due: r.Due, Overdue: r.Due != 0 && r.Due < w.today()}
		if r.Due != 0 {
			t.Tag = limitName(s.Lang, r.Step)
		}
		if r.Recusals > 0 {
			t.Tag = say(s.Lang, "recusal waits")
		}
		s.Tasks = append(s.Tasks, t)
	}
	return err
}

// myReviews are the reviews that somebody who handles cases may know of.
func (w *front) myReviews(ctx context.Context, as casework.Identity) ([]casework.ReviewSummary, error) {
	return w.d.Reviews.List(ctx, as)
}

// reviewTask is a review with what is due next in it.
func reviewTask(lang string, r casework.ReviewSummary, limits []review.Deadline) task {
	t := task{Text: say(lang, "task review", r.ID, r.Stage.Title().In(lang)), Href: reviewPath(r.ID)}
	for _, l := range limits {
		if !l.Done && (t.Due == 0 || l.Due < t.Due) {
			t.Due, t.Overdue, t.Tag = l.Due, l.Overdue, limitName(lang, l.Step)
		}
	}
	return t
}

// limitName is a limit of a review in words: a step of ours, or a remedy.
func limitName(lang, step string) string {
	kind, id, _ := strings.Cut(step, " ")
	if _, ours := words["limit "+kind]; ours {
		return strings.TrimSpace(say(lang, "limit "+kind) + " " + id)
	}
	return review.Path(kind).Title().In(lang)
}

// orLast puts what has no day behind what has one.
func orLast(d domain.Day) domain.Day {
	if d == 0 {
		return 1 << 29
	}
	return d
}

// waitsElsewhere are the ways of those who handle no case and decide in no
// review, and alarms for who runs the system.
func (w *front) waitsElsewhere(ctx context.Context, caller api.Caller, s *startPage) error {
	link := func(on bool, key, href string) {
		if on {
			s.Links = append(s.Links, views.Link{Text: say(s.Lang, key), Href: href})
		}
	}
	link(caller.Has(api.County, api.Auditor), "register clue", "/clues")
	link(caller.Has(api.Auditor), "to audit", views.PathAudit)
	link(caller.Has(api.Auditor), "to survey", views.PathSurvey)
	link(caller.Has(api.Auditor), "to access", views.PathAccess)
	link(caller.Has(api.Auditor) || caller.Has(organs...), "to statistics", views.PathStatistics)
	link(caller.Has(api.Author, api.Approver), "to policy", views.PathPolicy)
	link(true, "to board", views.PathBoard)
	if !caller.Has(api.Admin) {
		return nil
	}
	alarms, err := w.d.Models.Alarms(ctx)
	for _, a := range alarms {
		s.Tasks = append(s.Tasks, task{Text: a.Projection + ": " + a.Reason, Href: "/", Overdue: true, Tag: a.Mend})
	}
	return err
}

// today is the civil day of the server's clock.
func (w *front) today() domain.Day { return domain.DayOf(w.d.Now()) }

func casePath(id string) string   { return "/cases/" + url.PathEscape(id) }
func reviewPath(id string) string { return "/reviews/" + url.PathEscape(id) }

// A signInPage is how to sign in.
type signInPage struct {
	Next     string
	Provider string // where signing in begins; none: there is no provider
	People   []api.Person
	Ended    bool
}

// signIn is the start page of who is not signed in.
func (w *front) signIn(c echo.Context) error {
	p := signInPage{Next: within(c.QueryParam("next")), Ended: c.QueryParam("next") != ""}
	if w.d.Provider != nil && w.d.Provider.Client != "" {
		p.Provider = api.BeginPath + "?next=" + url.QueryEscape(p.Next)
	}
	if w.server.Demo() {
		list, err := w.d.People.People(c.Request().Context())
		if err != nil {
			return err
		}
		slices.SortStableFunc(list, func(a, b api.Person) int { return place(a.Roles[0]) - place(b.Roles[0]) })
		p.People = list
	}
	return w.show(c, screen{Title: say(w.server.Language(c), "sign in title"), Name: "sign-in", Data: p})
}

// place is where a role stands in the list of roles.
func place(r api.Role) int { return slices.Index(anybody, r) }
