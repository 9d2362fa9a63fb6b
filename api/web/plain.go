package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/api"
	"leeway/api/views"
	"leeway/domain"
)

//go:embed plain.html
var plainText string

var plainTemplate = template.Must(template.New("plain").Parse(plainText))

// A plainPage is what the plain frame shows around a page.
type plainPage struct {
	Lang, Title, Skip, Switch, SwitchTo, Banner string
	Menu                                        []views.Link
	Here                                        string
	Body                                        template.HTML
}

// titles of the pages in the menu.
var titles = map[string]domain.Text{
	views.PathAudit: {ZH: "审计", EN: "Audit"}, views.PathSearch: {ZH: "查询", EN: "Search"}, views.PathSurvey: {ZH: "疑点", EN: "To be verified"},
	views.PathReconcile: {ZH: "总数核对", EN: "Reconciliation"}, views.PathReviews: {ZH: "核查的审计", EN: "Reviews"}, views.PathAccess: {ZH: "查阅记录", EN: "Access log"},
	views.PathStatistics: {ZH: "统计", EN: "Statistics"}, views.PathPolicy: {ZH: "规则", EN: "Rules"}, views.PathBoard: {ZH: "公示", EN: "Notice board"},
}

// Plain is a frame without any of the other pages: a heading, a menu of what
// the caller may see, and the way to the other language.
func Plain(s *api.Server) Layout {
	return func(c echo.Context, title string, body template.HTML) error {
		lang := s.Language(c)
		p := plainPage{Lang: lang, Title: title, Skip: domain.Text{ZH: "跳到正文", EN: "Skip to content"}.In(lang), Switch: "English", SwitchTo: other(c, "en"), Here: c.Path(), Body: body}
		if lang == "en" {
			p.Switch, p.SwitchTo = "中文", other(c, "zh")
		}
		if s.Demo() {
			p.Banner = domain.Text{ZH: "演示：人员均为虚构，仅限本机。", EN: "Demo: all people are invented, on this machine alone."}.In(lang)
		}
		caller, _ := api.CallerOf(c.Request().Context())
		for _, q := range inquiries {
			row := api.Route{Roles: q.roles, Open: q.roles == nil}
			if t, ok := titles[q.path]; ok && row.May(caller.Roles) {
				p.Menu = append(p.Menu, views.Link{Text: t.In(lang), Href: q.path})
			}
		}
		var out bytes.Buffer
		if err := plainTemplate.Execute(&out, p); err != nil {
			return err
		}
		return c.HTMLBlob(http.StatusOK, out.Bytes())
	}
}

// other is the address of the same page in another language.
func other(c echo.Context, lang string) string {
	q := url.Values{}
	for k, v := range c.QueryParams() {
		if k != "lang" {
			q[k] = v
		}
	}
	q.Set("lang", lang)
	return strings.TrimSuffix(c.Request().URL.EscapedPath(), "/") + "?" + q.Encode()
}
