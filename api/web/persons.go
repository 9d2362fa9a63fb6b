package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"leeway/api"
	"leeway/api/views"
)

// finding is the page on which a person is looked for.
type finding struct {
	server *api.Server
	layout Layout
}

// ask shows the form.
func (f finding) ask(c echo.Context) error { return f.show(c, nil, nil) }

// answer searches and shows the form again with what was found.
func (f finding) answer(c echo.Context) error {
	in, err := c.FormParams()
	if err != nil {
		return err
	}
	hits, more, err := f.server.Persons(c, in.Get("kind"), in.Get("value"), in.Get("purpose"))
	if err != nil {
		return err
	}
	return f.show(c, url.Values{"kind": in["kind"], "purpose": in["purpose"]}, &views.Found{Hits: hits, More: more})
}

// show puts the view into the frame. Values are those that may be shown again.
func (f finding) show(c echo.Context, values url.Values, found *views.Found) error {
	ask := views.Ask{Path: views.PathPersons, Values: values, Lang: f.server.Language(c)}
	v := views.Persons(ask, found)
	body, err := views.HTML(v, ask)
	if err != nil {
		return err
	}
	return f.layout(c, http.StatusOK, v.Title, body)
}
