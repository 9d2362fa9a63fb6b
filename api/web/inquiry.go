package web

import (
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/api"
	"leeway/api/views"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/policies"
)

// A Layout puts the body of a page into the frame of all pages.
type Layout func(c echo.Context, status int, title string, body template.HTML) error

// watching are the roles that look at many cases or at the reviews themselves.
var (
	auditing  = []api.Role{api.Auditor}
	watching  = []api.Role{api.Reviewer, api.Head, api.Superior, api.Auditor}
	reading   = []api.Role{api.Worker, api.Township, api.County, api.Reviewer, api.Head, api.Superior, api.Auditor}
	ruling    = []api.Role{api.Author, api.Approver}
	planning  = []api.Role{api.Author, api.Approver, api.Auditor, api.County}
	judging   = []api.Role{api.County, api.Reviewer, api.Head, api.Superior, api.Auditor}
	wholeCity = "*"
)

// An inquiry is one page of lists, figures or a paper.
type inquiry struct {
	path  string
	roles []api.Role // none: open to everybody
	build views.Builder
	// saw is what kind of access it is to personal data, pseudonymous too; none:
	// it shows none.
	saw string
	// ofCase says that the page is of one case, which must be in the caller's
	// scope.
	ofCase bool
}

// inquiries are the pages of auditors, policy administrators and the public,
// and the papers.
var inquiries = []inquiry{
	{views.PathAudit, auditing, views.Audit, "", false},
	{views.PathSearch, auditing, views.Search, "search", false},
	{views.PathCase, auditing, views.Case, "read", false},
	{views.PathSurvey, watching, views.Survey, "list", false},
	{views.PathLists, watching, views.Lists, "list", false},
	{views.PathReport, watching, views.ReproducibleReport, "list", false},
	{views.PathCompare, auditing, views.Compare, "list", false},
	{views.PathReconcile, auditing, views.Reconcile, "list", false},
	{views.PathReviews, watching, views.ReviewAudit, "", false},
	{views.PathAccess, auditing, views.AccessLog, "", false},
	{views.PathStatistics, watching, views.Statistics, "", false},
	{views.PathPolicy, api.Roles(), views.Policy, "", false},
	{views.PathPack, api.Roles(), views.Pack, "", false},
	{views.PathDrafts, ruling, views.Drafts, "", false},
	{views.PathDraft, ruling, views.Draft, "", false},
	{views.PathDraftFile, ruling, views.DraftFile, "", false},
	{views.PathDiff, api.Roles(), views.Diff, "", false},
	{views.PathImpact, planning, views.Impact, "list", false},
	{views.PathHistory, reading, views.History, "read", true},
	{views.PathDiligence, judging, views.Diligence, "read", true},
	{views.PathDetermination, judging, views.Determination, "read", false},
	{views.PathBoard, nil, views.Board, "", false},
}

// Inquiries adds the pages of auditors, policy administrators and the public,
// and the papers, to a server. Dirs are the folders of packs beside those that
// come with Leeway.
func Inquiries(layout Layout, dirs ...fs.FS) func(*api.Server) (api.Part, error) {
	return func(s *api.Server) (api.Part, error) {
		d := s.Deps()
		src := &views.Sources{Cases: d.Cases, Reviews: d.Reviews, Models: d.Models, Packs: d.Packs, Dirs: dirs, Now: d.Now, Beside: s.Beside, Drafts: d.Drafts}
		if d.Folders != nil {
			src.Bases = d.Folders.Bases
		}
		if known, ok := d.Proofs.(views.Knowing); ok {
			src.Known = known
		}
		part := api.Part{}
		find := finding{s, layout}
		part.Routes = append(part.Routes, api.Route{Method: http.MethodGet, Path: views.PathPersons, Roles: auditing, Handler: find.ask},
			api.Route{Method: http.MethodPost, Path: views.PathPersons, Roles: auditing, Personal: true, Handler: find.answer})
		for _, q := range inquiries {
			part.Routes = append(part.Routes, api.Route{Method: http.MethodGet, Path: q.path, Roles: q.roles, Open: q.roles == nil, Personal: q.saw != "", Slow: true, Handler: page{s, src, layout, q}.serve})
		}
		part.Routes = append(part.Routes, writing{s, src, layout}.routes()...)
		in := sent{src, d}
		part.Routes = append(part.Routes, api.Route{Method: http.MethodPost, Path: views.PathReconcile, Roles: auditing, Large: true, Slow: true, Handler: in.payments},
			api.Route{Method: http.MethodPost, Path: views.PathApprove, Roles: ruling, Handler: in.approve}, api.Route{Method: http.MethodPost, Path: views.PathActivate, Roles: ruling, Handler: in.activate})
		return part, nil
	}
}

// page serves one inquiry.
type page struct {
	server *api.Server
	src    *views.Sources
	layout Layout
	inquiry
}

// serve builds the view, puts on record what of it is personal, and answers
// with the page or with the file that was asked for.
func (p page) serve(c echo.Context) error {
	ask := views.Ask{Path: p.path, Values: c.QueryParams(), Lang: p.server.Language(c)}
	if caller, ok := api.CallerOf(c.Request().Context()); ok {
		// Who has no part in reviews sees none; statistics of them are then empty.
		ask.As, _ = caller.As("")
		ask.Approves, ask.Writes, ask.Person = caller.Has(ruling...), caller.Has(authoring...), caller.Actor.Person
		if err := p.within(c, caller); err != nil {
			return err
		}
		if !caller.Has(watching...) {
			ask.Sees = func(v domain.Visibility) bool { return v.Allows(caller.Office, caller.Post) }
		}
	}
	v, err := p.build(c.Request().Context(), p.src, ask)
	if err != nil {
		return err
	}
	format := c.QueryParam("format")
	if err := p.record(c, v, format != ""); err != nil {
		return err
	}
	if format != "" {
		return p.take(c, v, ask)
	}
	body, err := views.HTML(v, ask)
	if err != nil {
		return err
	}
	if v.Running != nil {
		// Without a script the browser asks again by itself.
		c.Response().Header().Set("Refresh", "2")
	}
	return p.layout(c, http.StatusOK, v.Title, body)
}

// within refuses a case of another office as one that is not there, and what a
// recusal keeps from the caller.
func (p page) within(c echo.Context, caller api.Caller) error {
	if id := c.QueryParam("case"); p.ofCase && (id != "" || !caller.Has(watching...)) {
		_, err := p.server.Entries(c.Request().Context(), caller, id)
		return err
	}
	if id := c.QueryParam("review"); p.path == views.PathDetermination && id != "" {
		_, err := p.server.InReview(c, id)
		return err
	}
	return nil
}

// record says who is about to see what, before it leaves.
func (p page) record(c echo.Context, v views.View, export bool) error {
	if p.saw == "" {
		return nil
	}
	kind := p.saw
	if export {
		kind = "export"
	}
	return p.server.Saw(c, domain.Access{Kind: kind, Case: c.QueryParam("case"), Fields: v.OpenedIn()})
}

// take answers with a file.
func (p page) take(c echo.Context, v views.View, ask views.Ask) error {
	f, err := views.Take(v, ask)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+strings.Map(plainName, f.Name)+`"`)
	return c.Blob(http.StatusOK, f.Type, f.Data)
}

// plainName keeps a file name to what every system takes.
func plainName(r rune) rune {
	if r < 0x80 && (r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
		return r
	}
	return '_'
}

// sent takes in what is posted to these pages.
type sent struct {
	src *views.Sources
	d   api.Deps
}

// version is the version at hand that a form names by its digest, with the
// command of the caller for it: the same act of the same person is done once.
func (s sent) version(c echo.Context, act string) (policies.Info, casework.Request, error) {
	caller, _ := api.CallerOf(c.Request().Context())
	id, err := s.d.Packs.Resolve(c.FormValue("pack"), c.FormValue("version"))
	if err != nil {
		return policies.Info{}, casework.Request{}, err
	}
	if digest := c.FormValue("digest"); digest != id.Digest {
		return policies.Info{}, casework.Request{}, domain.NewFault("digest", "the version at hand has the digest %s", "look at the version that is at hand", id.Digest)
	}
	info, err := s.d.Packs.Info(id)
	return info, casework.Request{Command: casework.CommandOf("page", act, caller.Actor.Person, id.Digest, c.FormValue("role"), c.FormValue("day")), Actor: caller.Actor}, err
}

// approve gives the caller's word for the exact bytes of a version.
func (s sent) approve(c echo.Context) error {
	info, req, err := s.version(c, "approve")
	if err != nil {
		return err
	}
	if _, err := s.d.Cases.Approve(c.Request().Context(), req, casework.RulesApproved{Rules: info.ID, Role: c.FormValue("role")}); err != nil {
		return err
	}
	return packPage(c, info)
}

// activate publishes a version with the approvals on record.
func (s sent) activate(c echo.Context) error {
	info, req, err := s.version(c, "activate")
	if err != nil {
		return err
	}
	day, err := domain.ParseDay(c.FormValue("day"))
	if err != nil {
		return domain.NewFault("day", "%q is no day", "write 2020-01-31", c.FormValue("day"))
	}
	if _, err := s.d.Cases.Activate(c.Request().Context(), req, info.ID, info.Corrects, day); err != nil {
		return err
	}
	return packPage(c, info)
}

// packPage leads back to a version.
func packPage(c echo.Context, info policies.Info) error {
	return c.Redirect(http.StatusSeeOther, views.PathPack+"?"+url.Values{"pack": {info.ID.Pack}, "version": {info.ID.Version}}.Encode())
}

// payments keeps a payment file for a while and leads to its comparison, with
// the filters that were sent beside it.
func (s sent) payments(c echo.Context) error {
	name, text, err := uploaded(c, "payments", domain.NewFault("payments", "there is no file", "choose the payment file first"))
	if err != nil {
		return err
	}
	id, err := s.src.KeepPayments(name, text)
	if err != nil {
		return err
	}
	q := url.Values{"file": {id}}
	for _, name := range []string{"from", "to", "office", "programme", "paid", "records", "households", "persons"} {
		if value := c.FormValue(name); value != "" {
			q.Set(name, value)
		}
	}
	return c.Redirect(http.StatusSeeOther, views.PathReconcile+"?"+q.Encode())
}
