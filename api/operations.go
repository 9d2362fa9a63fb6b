package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"leeway/api/contract"
)

// operations are the rows of the contract: who may ask, and whether personal
// data is answered. The generated router brings method, path and handler; a
// path without a row keeps the server from starting, and a test holds the
// roles against those that openapi.yaml documents.
var operations = map[string]Route{
	"GET /me": {Roles: everyone},

	"GET /cases":                                {Roles: looking, Personal: true},
	"GET /cases/:case":                          {Roles: looking, Personal: true},
	"GET /cases/:case/steps":                    {Roles: looking, Personal: true},
	"POST /cases/:case/steps":                   {Roles: handling},
	"GET /cases/:case/steps/:event":             {Roles: looking, Personal: true},
	"GET /cases/:case/steps/:event/proof":       {Roles: looking},
	"GET /cases/:case/members/:member/identity": {Roles: knowing, Personal: true},
	"GET /cases/:case/diligence":                {Roles: looking, Personal: true},
	"GET /cases/:case/replay":                   {Roles: watching, Personal: true},
	"POST /cases/:case/replays":                 {Roles: organ, Personal: true},
	"GET /cases/:case/replay/explanation":       {Roles: watching, Personal: true},
	"GET /cases/:case/sight":                    {Roles: watching, Personal: true},
	"GET /replays/:digest":                      {Roles: watching, Personal: true},
	"GET /cases/:case/what-ifs":                 {Roles: watching, Personal: true},
	"POST /cases/:case/what-ifs":                {Roles: organ, Personal: true},
	"GET /cases/:case/reviews":                  {Roles: watching, Personal: true},
	"GET /cases/:case/clues":                    {Roles: organ, Personal: true},
	"GET /desk/cases":                           {Roles: handling, Personal: true},
	"GET /desk/load":                            {Roles: handling},
	"GET /desk/decisions":                       {Roles: handling, Personal: true},
	"GET /desk/record":                          {Roles: handling},
	"GET /desk/rechecks":                        {Roles: handling, Personal: true},
	"GET /reviews":                              {Roles: looking, Personal: true},
	"GET /reviews/:review":                      {Roles: looking, Personal: true},
	"GET /reviews/:review/steps":                {Roles: looking, Personal: true},
	"POST /reviews/:review/steps":               {Roles: acting},
	"POST /reviews/:review/replays":             {Roles: organ},
	"GET /reviews/:review/deadlines":            {Roles: looking},
	"GET /reviews/:review/suggestions":          {Roles: watching, Personal: true},
	"POST /reviews/:review/departures":          {Roles: organ, Personal: true},
	"GET /reviews/:review/document":             {Roles: looking, Personal: true},
	"GET /reviews/:review/statement":            {Roles: organ, Personal: true},
	"GET /reviews/:review/signatures":           {Roles: watching, Personal: true},
	"GET /clues":                                {Roles: []Role{Reviewer, Head}, Personal: true},
	"GET /clues/:clue/words":                    {Roles: []Role{Reviewer, Head}, Personal: true},
	"POST /clues":                               {Roles: []Role{County, Reviewer, Head, Auditor}},
	"POST /clues/:clue/steps":                   {Roles: []Role{Reviewer, Head}},
	"GET /packs":                                {Roles: everyone},
	"GET /packs/:pack/:version":                 {Roles: everyone},
	"GET /packs/:pack/:version/difference":      {Roles: append(append([]Role{}, looking...), policy...)},
	"GET /packs/:pack/:version/report":          {Roles: policy},
	"GET /packs/:pack/:version/approvals":       {Roles: policy},
	"GET /drafts":                               {Roles: policy},
	"POST /drafts":                              {Roles: []Role{Author}},
	"GET /drafts/:pack/:version":                {Roles: policy},
	"GET /drafts/:pack/:version/files":          {Roles: policy},
	"PUT /drafts/:pack/:version/files":          {Roles: []Role{Author}},
	"GET /drafts/:pack/:version/archive":        {Roles: policy},
	"PUT /drafts/:pack/:version/archive":        {Roles: []Role{Author}},
	"GET /drafts/:pack/:version/difference":     {Roles: policy},
	"POST /drafts/:pack/:version/reports":       {Roles: policy},
	"POST /drafts/:pack/:version/impacts":       {Roles: policy},
	"POST /drafts/:pack/:version/seal":          {Roles: []Role{Author}},
	"POST /drafts/:pack/:version/discard":       {Roles: []Role{Author}},
	"POST /approvals":                           {Roles: policy},
	"POST /activations":                         {Roles: policy},
	"GET /register":                             {Roles: everyone},
	"POST /register/steps":                      {Roles: []Role{Township, County, Approver, Admin}},
	"GET /statistics/grounds":                   {Roles: append([]Role{County}, watching...)},
	"GET /statistics/loads":                     {Roles: leading},
	"GET /statistics/money":                     {Roles: leading, Personal: true},
	"GET /statistics/decisions":                 {Roles: watching, Personal: true},
	"GET /statistics/errors":                    {Roles: watching, Personal: true},
	"GET /statistics/reviews":                   {Roles: watching},
	"GET /corrections":                          {Roles: leading, Personal: true},
	"GET /board/:office/notices":                {Open: true},
	"GET /board/:office/roster":                 {Open: true},
	"GET /board/:office/totals":                 {Open: true},
	"POST /imports":                             {Roles: []Role{County}, Large: true},
	"GET /imports/template":                     {Roles: []Role{County}},
	"POST /persons/search":                      {Roles: looking, Personal: true},
	"POST /surveys":                             {Roles: []Role{Auditor}},
	"GET /jobs/:job":                            {Roles: everyone, Personal: true},
	"GET /jobs/:job/events":                     {Roles: everyone, Personal: true},
	"GET /exports/cases":                        {Roles: leading, Personal: true},
	"GET /exports/reviews/:review":              {Roles: watching, Personal: true, Slow: true},
	"GET /checkpoint":                           {Roles: everyone},
	"GET /accesses":                             {Roles: looking, Personal: true},
	"GET /events":                               {Roles: looking, Personal: true},
}

// Further sets of roles.
var (
	looking = []Role{Worker, Township, County, Reviewer, Head, Superior, Auditor} // at cases, each in his scope
	knowing = []Role{Worker, Township, County, Reviewer, Head, Superior}          // a number of identity in full
	acting  = []Role{Worker, Township, County, Reviewer, Head, Superior}          // in a review
	leading = []Role{Township, County, Reviewer, Head, Superior, Auditor}         // at lists over an office
)

// handlers answer the contract.
type handlers struct{ *Server }

// collected gathers the routes of the generated router, each with its row.
type collected struct {
	contract.EchoRouter
	routes []Route
	errs   []error
}

func (c *collected) add(method, path string, h echo.HandlerFunc) *echo.Route {
	row, ok := operations[method+" "+strings.TrimPrefix(path, Base)]
	if !ok {
		c.errs = append(c.errs, fmt.Errorf("operation %s %s has no row in the table", method, path))
	}
	row.Method, row.Path, row.Handler = method, path, h
	c.routes = append(c.routes, row)
	return &echo.Route{}
}

// GET implements contract.EchoRouter, as do POST and PUT; the contract has no
// other method.
func (c *collected) GET(path string, h echo.HandlerFunc, _ ...echo.MiddlewareFunc) *echo.Route {
	return c.add(http.MethodGet, path, h)
}

// POST is as GET.
func (c *collected) POST(path string, h echo.HandlerFunc, _ ...echo.MiddlewareFunc) *echo.Route {
	return c.add(http.MethodPost, path, h)
}

// PUT is as GET.
func (c *collected) PUT(path string, h echo.HandlerFunc, _ ...echo.MiddlewareFunc) *echo.Route {
	return c.add(http.MethodPut, path, h)
}

// contracted are the routes of openapi.yaml.
func (s *Server) contracted() ([]Route, []error) {
	c := &collected{}
	contract.RegisterHandlersWithBaseURL(c, handlers{s}, Base)
	return c.routes, c.errs
}
