package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// Contract is openapi.yaml, the contract of the API.
//
//go:embed openapi.yaml
var Contract []byte

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsStyle []byte

// contractDoc is the contract as it was read, once.
var contractDoc = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(Contract)
})

// docsRoutes are the pages that describe the API. They need nothing from
// elsewhere, and are open to all: they say what anybody may read in the source.
func (s *Server) docsRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: "/docs", Open: true, Handler: s.docs},
		{Method: http.MethodGet, Path: "/docs/style.css", Open: true, Handler: func(c echo.Context) error {
			return c.Blob(http.StatusOK, "text/css; charset=utf-8", docsStyle)
		}},
		{Method: http.MethodGet, Path: Base + "/openapi.json", Open: true, Handler: func(c echo.Context) error {
			doc, err := contractDoc()
			if err != nil {
				return err
			}
			return c.JSON(http.StatusOK, doc)
		}},
	}
}

// A described operation is one row of the page.
type described struct {
	ID, Method, Path, Summary string
	Roles                     []string
	Open                      bool
	Parameters                []*openapi3.Parameter
	Body                      string
	Answers                   []string
	Problems                  []string
}

// describedProblem is one code of the map of errors.
type describedProblem struct {
	Code        string
	Status      int
	Title, Mend string
}

var docsTemplate = template.Must(template.New("docs").Parse(docsPage))

// docs answers the page, in the caller's language.
func (s *Server) docs(c echo.Context) error {
	doc, err := contractDoc()
	if err != nil {
		return err
	}
	lang := s.language(c)
	var out bytes.Buffer
	err = docsTemplate.Execute(&out, map[string]any{
		"Lang": lang, "EN": lang == "en", "Title": doc.Info.Title, "Base": Base, "Description": doc.Info.Description,
		"Operations": operationsOf(doc), "Problems": problemsIn(lang), "Schemas": schemasOf(doc)})
	if err != nil {
		return err
	}
	return Page(c, http.StatusOK, out.Bytes())
}

// operationsOf lists what can be asked, by path.
func operationsOf(doc *openapi3.T) (all []described) {
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		operations := doc.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			op := operations[method]
			d := described{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Roles: texts(op.Extensions["x-roles"]), Problems: texts(op.Extensions["x-problems"])}
			d.Open = len(d.Roles) == 0
			for _, p := range op.Parameters {
				d.Parameters = append(d.Parameters, p.Value)
			}
			if op.RequestBody != nil {
				d.Body = strings.Join(contents(op.RequestBody.Value.Content), ", ")
			}
			for _, code := range slices.Sorted(maps.Keys(op.Responses.Map())) {
				if r := op.Responses.Value(code); code != "default" {
					d.Answers = append(d.Answers, code+" "+strings.Join(contents(r.Value.Content), ", "))
				}
			}
			all = append(all, d)
		}
	}
	return all
}

// contents names what a body may be: its media types with their schemas.
func contents(c openapi3.Content) (list []string) {
	for _, kind := range slices.Sorted(maps.Keys(c)) {
		name := kind
		if ref := c[kind].Schema; ref != nil && ref.Ref != "" {
			name += " " + ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]
		}
		list = append(list, name)
	}
	return list
}

// texts is a list of texts of an extension.
func texts(v any) (list []string) {
	all, _ := v.([]any)
	for _, x := range all {
		text, _ := x.(string)
		list = append(list, text)
	}
	return list
}

// describedSchema is one schema, as it stands in the contract.
type describedSchema struct{ Name, Text string }

func schemasOf(doc *openapi3.T) (all []describedSchema) {
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		text, err := json.MarshalIndent(doc.Components.Schemas[name].Value, "", "  ")
		if err != nil {
			continue // it was read from text, and is written back
		}
		all = append(all, describedSchema{name, string(text)})
	}
	return all
}

// problemsIn lists the codes of errors.
func problemsIn(lang string) (all []describedProblem) {
	seen := map[string]bool{}
	rows := slices.Concat(kinds, []kind{changed, unexpected}, slices.Collect(maps.Values(byStatus)))
	for _, k := range rows {
		if !seen[k.code] {
			all = append(all, describedProblem{k.code, k.status, k.title.In(lang), k.mend.In(lang)})
		}
		seen[k.code] = true
	}
	slices.SortFunc(all, func(a, b describedProblem) int { return strings.Compare(a.Code, b.Code) })
	return all
}
