package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"leeway/api"
	"leeway/api/charts"
	"leeway/api/documents"
	"leeway/api/views"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/names"
	"leeway/domain/replay"
	"leeway/projections"
)

// A caller of a page, with the language and the context that everything needs.
type visit struct {
	echo.Context
	ctx    context.Context
	caller api.Caller
	lang   string
}

// visiting hands a page who asks.
func visiting(page func(v visit) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		caller, _ := api.CallerOf(c.Request().Context())
		return page(visit{c, c.Request().Context(), caller, caller.Lang})
	}
}

func (v visit) say(key string, args ...any) string { return say(v.lang, key, args...) }

// caseRoutes are the pages of those who handle cases.
func (w *front) caseRoutes() []api.Route {
	get := func(path string, personal bool, page func(visit) error) api.Route {
		return api.Route{Method: http.MethodGet, Path: path, Roles: handling, Personal: personal, Handler: visiting(page)}
	}
	post := func(path string, page func(visit) error) api.Route {
		return api.Route{Method: http.MethodPost, Path: path, Roles: handling, Handler: visiting(page)}
	}
	whole := get("/cases/:case", true, w.casePage)
	whole.Roles = reading
	return []api.Route{
		get("/cases", true, w.caseList), get("/cases/new", false, w.newCase), post("/cases", w.openCase), whole,
		get("/cases/:case/steps/:type", true, w.stepForm), post("/cases/:case/steps/:type", w.takeStep),
		get("/record", true, w.ownRecord),
	}
}

// A caseListPage is the list of cases of an office, or those of the caller.
type caseListPage struct {
	Mine    []projections.MyCase
	Cases   []projections.CaseLine
	All     bool
	Office  string
	Offices []string
	Stage   string
	Stages  []option
	Find    string
	Missing bool
	Today   domain.Day
	Load    loadFigures
	Chart   any
	Next    string
	First   string
}

// caseList is the list of cases: the caller's own with what is due, or all of
// an office.
func (w *front) caseList(v visit) error {
	if id := v.QueryParam("find"); id != "" {
		if _, err := w.entries(v.ctx, v.caller, id); err == nil {
			if err := w.server.Saw(v, domain.Access{Kind: "search", Case: id}); err != nil {
				return err
			}
			return v.Redirect(http.StatusSeeOther, casePath(id))
		} else if !errors.Is(err, domain.ErrNotFound) {
			return err
		}
	}
	p := caseListPage{All: v.QueryParam("all") != "", Office: v.caller.Office, Stage: v.QueryParam("stage"), Find: v.QueryParam("find"), Today: w.today()}
	p.Missing = p.Find != ""
	p.Offices = append([]string{v.caller.Office}, slices.DeleteFunc(slices.Clone(v.caller.Serves), func(s string) bool { return s == wholeCity })...)
	if o := v.QueryParam("office"); o != "" {
		p.Office = o
	}
	desk, err := w.d.Models.Desk(v.caller.Actor, v.caller.Serves...).For(p.Office)
	if errors.Is(err, domain.ErrRefused) {
		return domain.Deny(domain.ErrNotFound, "there is no office %q", "", p.Office)
	}
	if err != nil {
		return err
	}
	if err := w.fillList(v, desk, &p); err != nil {
		return err
	}
	if err := w.server.Saw(v, domain.Access{Kind: "list"}); err != nil {
		return err
	}
	return w.show(v, screen{Title: v.say("cases title"), Name: "cases", Data: p})
}

// fillList fetches a page of the list, and the caller's load.
func (w *front) fillList(v visit, desk projections.Desk, p *caseListPage) error {
	ask := projections.Ask{Cursor: v.QueryParam("cursor"), Limit: 50}
	var next string
	switch {
	case p.Stage != "":
		page, err := desk.CasesAt(v.ctx, p.Stage, ask)
		if err != nil {
			return err
		}
		p.All, p.Cases, next = true, page.Rows, page.Next
	case p.All:
		page, err := desk.Cases(v.ctx, ask)
		if err != nil {
			return err
		}
		p.Cases, next = page.Rows, page.Next
	default:
		page, err := desk.MyCases(v.ctx, ask)
		if err != nil {
			return err
		}
		p.Mine, next = page.Rows, page.Next
	}
	p.Next, p.First = pager(v, next)
	for _, s := range stages {
		p.Stages = append(p.Stages, option{s, v.say("stage " + s), s == p.Stage})
	}
	load, err := desk.MyLoad(v.ctx)
	p.Load = loadFigures{load, projections.Standard}
	p.Chart = charts.Bars("load", v.say("load chart"), []charts.Bar{{Label: v.say("load mine"), Value: int64(load.Recipients), Say: v.say("people", load.Recipients), Class: "c1"}},
		charts.Bar{Value: projections.Standard, Say: v.say("load standard", projections.Standard)})
	return err
}

// pager are the addresses of the next page and, behind the first, of the first.
func pager(v visit, next string) (after, first string) {
	q := v.QueryParams()
	with := func(cursor string) string {
		c := url.Values{}
		for k, vals := range q {
			if k != "cursor" {
				c[k] = vals
			}
		}
		if cursor != "" {
			c.Set("cursor", cursor)
		}
		return v.Request().URL.Path + "?" + c.Encode()
	}
	if next != "" {
		after = with(next)
	}
	if q.Get("cursor") != "" {
		first = with("")
	}
	return after, first
}

// stages are those of the case register, in the order of the handling.
var stages = []string{"opened", "applied", "accepted", "surveyed", "proposed", "on_notice", "submitted", "granted", "refused", "stopped", "not_accepted", "withdrawn", "closed"}

// A casePageData is one case as its reader may see it.
type casePageData struct {
	Lang     string
	ID       string
	Case     *eligibility.Case
	Running  *eligibility.Decision
	Steps    []replay.StepCheck
	NoRules  string
	Groups   []stepGroup
	Timeline []timelineRow
	Money    []moneyRow
	Done     *timelineRow
	Seen     int
	Command  string
	Acts     bool // the caller may record
	Replay   bool // the caller may look at replays
	Papers   []views.Link
	Gaps     int
}

// A timelineRow is one event of the case.
type timelineRow struct {
	Event, Type, Says string
	Day               domain.Day
	Actor             domain.Actor
	Recorded          domain.Instant
	Late              int // days between what happened and its record
	Grade             domain.Grade
	Own               bool
}

type moneyRow struct {
	Kind   string
	Month  domain.Month
	Amount domain.Fen
	Day    domain.Day
}

// late are the days between what an entry says and when it was known; only from
// the third day on somebody is likely to ask why.
func late(e casework.Entry) int {
	if d := int(e.KnownOn() - eligibility.DayOf(e.Event)); d > 2 {
		return d
	}
	return 0
}

func rowOf(v visit, e casework.Entry, titles map[string]domain.Text) timelineRow {
	return timelineRow{Event: e.ID, Type: e.Type, Says: documents.Details(e.Event, v.lang, titles), Day: eligibility.DayOf(e.Event), Actor: e.Actor, Recorded: e.RecordedAt, Late: late(e),
		Grade: gradeOf(e), Own: e.Actor.Person == v.caller.Actor.Person}
}

func gradeOf(e casework.Entry) domain.Grade {
	if e.Claimed == nil {
		return ""
	}
	return e.Claimed.Grade
}

// casePage is one case: what is missing, what can be recorded, and its record.
func (w *front) casePage(v visit) error {
	id := v.Param("case")
	list, err := w.entries(v.ctx, v.caller, id)
	if err != nil {
		return err
	}
	reg, err := w.d.Cases.Register(v.ctx)
	if err != nil {
		return err
	}
	c := casework.StateOf(id, list)
	p := casePageData{Lang: v.lang, ID: id, Case: c, Seen: len(list), Command: newCommand(), Acts: v.caller.Has(handling...), Replay: v.caller.Has(watching...)}
	if n := len(c.Decisions); n > 0 {
		p.Running = &c.Decisions[n-1]
	}
	p.Steps, err = replay.Standing(replay.Input{Case: c, Register: reg, Rules: w.d.Cases.Rules, AsOf: w.today()})
	if errors.Is(err, replay.ErrNoRules) {
		if said, ok := names.Explain(err, v.lang); ok {
			p.NoRules = said.Wrong
		}
		err = nil
	}
	if err != nil {
		return err
	}
	for _, s := range p.Steps {
		if s.State == replay.StepMissing || s.State == replay.StepShort {
			p.Gaps++
		}
	}
	titles := map[string]domain.Text{}
	for name, a := range w.attributes(c.Pack, reg) {
		titles[name] = a.Title
	}
	for _, e := range slices.Backward(list) {
		p.Timeline = append(p.Timeline, rowOf(v, e, titles))
		if e.ID == v.QueryParam("done") {
			p.Done = &p.Timeline[len(p.Timeline)-1]
		}
	}
	p.Money = moneyOf(c)
	if p.Acts {
		p.Groups = w.groups(v, c)
	}
	p.Papers = []views.Link{{Text: v.say("paper history"), Href: views.PathHistory + "?case=" + url.QueryEscape(id)}, {Text: v.say("paper diligence"), Href: views.PathDiligence + "?case=" + url.QueryEscape(id)}}
	if err := w.server.Saw(v, domain.Access{Kind: "read", Case: id, Fields: openedIn(list)}); err != nil {
		return err
	}
	return w.show(v, screen{Title: v.say("case title", id), Trail: w.caseTrail(v), Name: "case", Data: p})
}

func (w *front) caseTrail(v visit) []crumb {
	if v.caller.Has(handling...) {
		return []crumb{{v.say("nav start"), "/"}, {v.say("nav cases"), "/cases"}}
	}
	return []crumb{{v.say("nav start"), "/"}}
}

// moneyOf is the money of a case, the newest first.
func moneyOf(c *eligibility.Case) []moneyRow {
	var rows []moneyRow
	for kind, list := range map[string][]eligibility.Money{"paid": c.Payments, "recovered": c.Recovered, "back-paid": c.BackPaid} {
		for _, m := range list {
			rows = append(rows, moneyRow{kind, m.Month, m.Amount, m.At.Day})
		}
	}
	slices.SortFunc(rows, func(a, b moneyRow) int {
		if a.Day != b.Day {
			return int(b.Day - a.Day)
		}
		return int(b.Month - a.Month)
	})
	return rows
}
