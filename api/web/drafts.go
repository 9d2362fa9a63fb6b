package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/api"
	"leeway/api/views"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/policies/drafts"
)

// writing takes in what is posted to the pages of drafts.
type writing struct {
	server *api.Server
	src    *views.Sources
	layout Layout
}

// routes are the rows of the forms; the pages themselves are inquiries.
func (f writing) routes() []api.Route {
	post := func(path string, h echo.HandlerFunc) api.Route {
		return api.Route{Method: http.MethodPost, Path: path, Roles: authoring, Slow: true, Handler: h}
	}
	return []api.Route{post(views.PathDrafts, f.open), post(views.PathDraftFile, f.save), post(views.PathDraftUpload, f.upload), post(views.PathDraftSeal, f.seal), post(views.PathDraftDiscard, f.discard),
		{Method: http.MethodGet, Path: views.PathDraftZip, Roles: ruling, Handler: f.archive}}
}

var authoring = []api.Role{api.Author}

// open opens a draft of the caller's.
func (f writing) open(c echo.Context) error {
	caller, _ := api.CallerOf(c.Request().Context())
	want := api.DraftRequest{Pack: strings.TrimSpace(c.FormValue("pack")), Version: strings.TrimSpace(c.FormValue("version"))}
	how, name, _ := strings.Cut(c.FormValue("begin"), " ")
	pack, version, _ := strings.Cut(name, "@")
	switch how {
	case "from":
		want.From = &api.VersionName{Pack: pack, Version: version}
	case "extends":
		want.Extends = &api.VersionName{Pack: pack, Version: version}
	}
	d, err := f.server.BeginDraft(caller, want)
	if err != nil {
		return err
	}
	return draftPage(c, d.Pack, d.Version)
}

// draftPage leads to a draft.
func draftPage(c echo.Context, pack, version string) error {
	return c.Redirect(http.StatusSeeOther, views.PathDraft+"?"+url.Values{"pack": {pack}, "version": {version}}.Encode())
}

// a sentDraft is what every form of a draft sends: which one, as it was when
// the reader looked, and who he is.
type sentDraft struct {
	shelf  *drafts.Shelf
	caller api.Caller
	id     string
	seen   int
	now    domain.Instant
}

func (f writing) sent(c echo.Context) (sentDraft, error) {
	shelf, err := f.server.Drafts()
	if err != nil {
		return sentDraft{}, err
	}
	seen, err := strconv.Atoi(c.FormValue("seen"))
	if err != nil {
		return sentDraft{}, domain.NewFault("seen", "%q is no revision of a draft", "open the draft again", c.FormValue("seen"))
	}
	caller, _ := api.CallerOf(c.Request().Context())
	return sentDraft{shelf, caller, c.FormValue("pack") + "@" + c.FormValue("version"), seen, domain.At(f.server.Deps().Now())}, nil
}

// save writes one file, or takes it out. Browsers end lines with two
// characters; a pack has one.
func (f writing) save(c echo.Context) error {
	s, err := f.sent(c)
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(c.FormValue("text"), "\r\n", "\n")
	edits := map[string]*string{c.FormValue("name"): &text}
	if c.FormValue("remove") != "" {
		edits[c.FormValue("name")] = nil
	}
	_, err = s.shelf.Change(s.id, s.seen, edits, s.caller.Actor.Person, s.now)
	var moved *drafts.Moved
	if errors.As(err, &moved) {
		return f.conflict(c, s, moved, text)
	}
	if err != nil {
		return err
	}
	return draftPage(c, c.FormValue("pack"), c.FormValue("version"))
}

// conflict answers with what changed meanwhile and what was typed.
func (f writing) conflict(c echo.Context, s sentDraft, moved *drafts.Moved, text string) error {
	ask := views.Ask{Path: views.PathDraftFile, Lang: f.server.Language(c), Approves: true, Writes: true, Person: s.caller.Actor.Person,
		Values: url.Values{"pack": {c.FormValue("pack")}, "version": {c.FormValue("version")}, "name": {c.FormValue("name")}}}
	v, err := views.DraftConflict(c.Request().Context(), f.src, ask, moved, text)
	if err != nil {
		return err
	}
	body, err := views.HTML(v, ask)
	if err != nil {
		return err
	}
	return f.layout(c, http.StatusPreconditionFailed, v.Title, body)
}

// upload takes one file in, or a zip as the whole draft.
func (f writing) upload(c echo.Context) error {
	s, err := f.sent(c)
	if err != nil {
		return err
	}
	name, data, err := uploaded(c, "file", domain.NewFault("file", "there is no file", "choose a file first"))
	if err != nil {
		return err
	}
	if strings.HasSuffix(strings.ToLower(name), ".zip") {
		var texts map[string]string
		if texts, err = drafts.Unzip(data); err == nil {
			_, err = s.shelf.Replace(s.id, s.seen, texts, s.caller.Actor.Person, s.now)
		}
	} else {
		text := string(data)
		_, err = s.shelf.Change(s.id, s.seen, map[string]*string{c.FormValue("name"): &text}, s.caller.Actor.Person, s.now)
	}
	if err != nil {
		return err
	}
	return draftPage(c, c.FormValue("pack"), c.FormValue("version"))
}

// seal makes a version of the caller's own draft, and leads to it.
func (f writing) seal(c echo.Context) error {
	s, err := f.sent(c)
	if err != nil {
		return err
	}
	sealed, err := f.server.Seal(c.Request().Context(), s.caller, s.id, s.seen, casework.CommandOf("page", "seal", s.caller.Actor.Person, s.id, strconv.Itoa(s.seen), s.now.String()))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.PathPack+"?"+url.Values{"pack": {sealed.Pack}, "version": {sealed.Version}}.Encode())
}

// discard throws the caller's own draft away.
func (f writing) discard(c echo.Context) error {
	s, err := f.sent(c)
	if err != nil {
		return err
	}
	if err := s.shelf.Discard(s.id, s.seen, s.caller.Actor.Person); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.PathDrafts)
}

// archive answers the folder of a draft as one file.
func (f writing) archive(c echo.Context) error {
	shelf, err := f.server.Drafts()
	if err != nil {
		return err
	}
	d, err := shelf.Get(c.QueryParam("pack") + "@" + c.QueryParam("version"))
	if err != nil {
		return err
	}
	packed, err := d.Zip()
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+strings.Map(plainName, d.Pack+"-"+d.Version+".zip")+`"`)
	return c.Blob(http.StatusOK, "application/zip", packed)
}
