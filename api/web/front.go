package web

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"leeway/api"
	"leeway/api/documents"
	"leeway/api/views"
	"leeway/domain"
	"leeway/domain/names"
)

//go:embed templates
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// A front is the pages of one server.
type front struct {
	server *api.Server
	d      api.Deps
	sets   map[string]*template.Template // by language
	assets map[string]asset
}

// Pages adds the pages to a server. Dirs are the folders of packs beside those
// that come with Leeway.
func Pages(dirs ...fs.FS) func(*api.Server) (api.Part, error) {
	return func(s *api.Server) (api.Part, error) {
		w, err := newFront(s)
		if err != nil {
			return api.Part{}, err
		}
		part, err := Inquiries(w.layout, dirs...)(s)
		part.Problem = w.problem
		part.Routes = append(part.Routes,
			api.Route{Method: http.MethodGet, Path: "/static/:name", Open: true, Handler: w.static},
			api.Route{Method: http.MethodPost, Path: "/language", Open: true, Handler: w.language},
			api.Route{Method: http.MethodGet, Path: "/", Open: true, Handler: w.start},
		)
		part.Routes = append(part.Routes, w.caseRoutes()...)
		part.Routes = append(part.Routes, w.reviewRoutes()...)
		part.Routes = append(part.Routes, w.clueRoutes()...)
		return part, err
	}
}

func newFront(s *api.Server) (*front, error) {
	w := &front{server: s, d: s.Deps(), sets: map[string]*template.Template{}}
	var err error
	if w.assets, err = readAssets(); err != nil {
		return nil, err
	}
	for _, lang := range []string{"zh", "en"} {
		set, err := template.New("").Funcs(w.funcs(lang)).ParseFS(templateFiles, "templates/*.html")
		if err != nil {
			return nil, err
		}
		w.sets[lang] = set
	}
	return w, nil
}

// funcs are what templates may call. What a reader is told goes through Clean:
// no mark in it turns or hides what stands after it.
func (w *front) funcs(lang string) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string, args ...any) string { return say(lang, key, args...) },
		"of":    func(kind string, code any) string { return names.Of(kind, fmt.Sprint(code)).In(lang) },
		"event": func(eventType string) string { return names.Event(eventType).In(lang) },
		"in":    func(t domain.Text) string { return t.In(lang) },
		"yuan":  func(f domain.Fen) string { return say(lang, "yuan", f.Yuan()) },
		"clean": documents.Clean,
		"said":  func(s domain.Said) string { return onPage(names.Say(s, lang)) },
		"asset": func(name string) string { return "/static/" + name + "?v=" + w.assets[name].version },
		"at":    func(i domain.Instant) string { return shanghai(i.Time) },
		"short": func(s string) string { return s[:min(len(s), 12)] },
		"path":  url.PathEscape,
		"query": url.QueryEscape,
		"join":  func(list []string) string { return strings.Join(list, say(lang, "list separator")) },
		"dict":  dict,
		"add":   func(a, b int) int { return a + b },
		"lang":  func() string { return lang },
	}
}

// commandHint is the command that a message of the domain names for who works
// at a terminal. Pages have a button for it.
var commandHint = regexp.MustCompile(` ?[(（]review [a-z][a-z -]*[)）]`)

// onPage is a message of the domain as pages show it.
func onPage(said string) string { return commandHint.ReplaceAllString(said, "") }

// dict gives a template several values under names.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict takes names with values")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m, nil
}

// shanghai writes a moment as people at the office read it.
func shanghai(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(domain.Shanghai).Format("2006-01-02 15:04")
}

// An asset is a file that pages load, with its bytes zipped beforehand.
type asset struct {
	kind, version string
	plain, zipped []byte
}

var assetKinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}

func readAssets() (map[string]asset, error) {
	list, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, err
	}
	all := map[string]asset{}
	for _, e := range list {
		b, err := fs.ReadFile(staticFiles, "static/"+e.Name())
		if err != nil {
			return nil, err
		}
		if e.Name() == "leeway.css" {
			b = append(b, views.CSS()...)
		}
		sum := sha256.Sum256(b)
		all[e.Name()] = asset{assetKinds[path.Ext(e.Name())], hex.EncodeToString(sum[:6]), b, zipped(b)}
	}
	return all, nil
}

func zipped(b []byte) []byte {
	var buf bytes.Buffer
	z, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression) // the level is known
	z.Write(b)                                              // to memory
	z.Close()
	return buf.Bytes()
}

// static answers a file that pages load. Its address holds its digest, so that
// browsers may keep it.
func (w *front) static(c echo.Context) error {
	a, ok := w.assets[c.Param("name")]
	if !ok {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if api.TakesZip(c.Request()) {
		h.Set("Content-Encoding", "gzip")
		return c.Blob(http.StatusOK, a.kind, a.zipped)
	}
	return c.Blob(http.StatusOK, a.kind, a.plain)
}

// language keeps the language that a reader chose, and leads back.
func (w *front) language(c echo.Context) error {
	lang := "zh"
	if c.FormValue("lang") == "en" {
		lang = "en"
	}
	c.SetCookie(&http.Cookie{Name: "lang", Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: !w.d.Plain, SameSite: http.SameSiteLaxMode})
	return c.Redirect(http.StatusSeeOther, within(c.FormValue("next")))
}

// within is a place on this server, and the start page for anything else.
func within(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return next
}

// A crumb is a step on the way from the start page to here.
type crumb struct{ Text, Href string }

// A frame is what stands around every page.
type frame struct {
	Lang    string
	Title   string
	Caller  *api.Caller
	Roles   string
	Nav     []navItem
	Demo    bool
	Here    string // this page, to come back to
	Trail   []crumb
	Body    template.HTML
	Request string
}

type navItem struct {
	Text, Href string
	Current    bool
}

// layout puts a body into the frame of all pages.
func (w *front) layout(c echo.Context, status int, title string, body template.HTML) error {
	return w.framed(c, status, frame{Title: title, Body: body})
}

// framed answers a page.
func (w *front) framed(c echo.Context, status int, f frame) error {
	f.Lang, f.Demo, f.Here = w.server.Language(c), w.server.Demo(), c.Request().URL.RequestURI()
	if c.Request().Method != http.MethodGet {
		f.Here = c.Request().URL.Path
	}
	f.Request = api.RequestID(c.Request().Context())
	if caller, ok := api.CallerOf(c.Request().Context()); ok {
		f.Caller = &caller
		var roles []string
		for _, r := range caller.Roles {
			roles = append(roles, r.Title().In(f.Lang))
		}
		f.Roles = strings.Join(roles, say(f.Lang, "list separator"))
	}
	f.Nav = navigation(f.Caller, f.Lang, c.Request().URL.Path)
	var page bytes.Buffer
	if err := w.sets[f.Lang].ExecuteTemplate(&page, "layout", f); err != nil {
		return err
	}
	return api.Page(c, status, page.Bytes())
}

// A screen is one page: its template with what it shows.
type screen struct {
	Status int // none: 200
	Title  string
	Trail  []crumb
	Name   string // of the template
	Data   any
}

// show answers a page.
func (w *front) show(c echo.Context, s screen) error {
	body, err := w.render(w.server.Language(c), s.Name, s.Data)
	if err != nil {
		return err
	}
	if s.Status == 0 {
		s.Status = http.StatusOK
	}
	return w.framed(c, s.Status, frame{Title: s.Title, Trail: s.Trail, Body: body})
}

func (w *front) render(lang, name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	if err := w.sets[lang].ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil
}

// problem answers an error as a page.
func (w *front) problem(c echo.Context, p api.Problem) error {
	lang := w.server.Language(c)
	said := struct {
		api.Problem
		Again string // the page without what could not be read; none: there is none
	}{Problem: p}
	if r := c.Request(); r.Method == http.MethodGet && p.Status == http.StatusBadRequest && r.URL.RawQuery != "" {
		said.Again = r.URL.Path
	}
	if len(said.Faults) == 1 && said.Faults[0].File == "" && said.Detail != "" {
		said.Faults = nil // it says the same
	}
	body, err := w.render(lang, "problem", said)
	if err != nil {
		return err
	}
	if p.Status == http.StatusUnauthorized && c.Request().Method == http.MethodGet {
		return c.Redirect(http.StatusSeeOther, "/?next="+url.QueryEscape(c.Request().URL.RequestURI()))
	}
	return w.framed(c, p.Status, frame{Title: p.Title, Body: body})
}

// newCommand is a fresh id under which a step is recorded once.
func newCommand() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// navigation are the places that a reader's roles reach.
func navigation(c *api.Caller, lang, here string) []navItem {
	if c == nil {
		return []navItem{{say(lang, "nav sign in"), "/", here == "/"}, {say(lang, "nav board"), views.PathBoard, strings.HasPrefix(here, views.PathBoard)}}
	}
	list := []navItem{{say(lang, "nav start"), "/", here == "/"}}
	add := func(on bool, key, href string) {
		if on {
			list = append(list, navItem{say(lang, key), href, here == href || strings.HasPrefix(here, href+"/")})
		}
	}
	add(c.Has(handling...), "nav cases", "/cases")
	add(c.Has(handling...), "nav record", "/record")
	add(c.Has(handling...) || c.Has(organs...), "nav reviews", "/reviews")
	add(c.Has(organs...), "nav case reading", "/replays")
	add(c.Has(api.Auditor), "nav audit", views.PathAudit)
	add(c.Has(organs...) || c.Has(api.Auditor), "nav statistics", views.PathStatistics)
	add(true, "nav policy", views.PathPolicy)
	add(true, "nav board", views.PathBoard)
	return list
}

// Sets of roles that many pages share.
var (
	handling = []api.Role{api.Worker, api.Township, api.County}
	organs   = []api.Role{api.Reviewer, api.Head, api.Superior}
	anybody  = api.Roles()
)
