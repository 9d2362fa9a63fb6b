package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// TestWorld is a world for the tests that know the server only by its contract.
type TestWorld struct{ w *world }

// NewTestWorld has the registers of the samples, and a few more people.
func NewTestWorld(t *testing.T) *TestWorld {
	wo := newWorld(t, nil)
	list := append([]Person{}, people...)
	for i := range list {
		if list[i].Subject == "b1" {
			list[i].Roles = []Role{County, Worker}
		}
	}
	b9 := person("b9", "bureau", "policy", County)
	b9.Serves = []string{"*"}
	var err error
	if wo.people.list, err = NewStaff(append(list, b9, person("r3", "commission", "inspector", Reviewer))); err != nil {
		t.Fatal(err)
	}
	wo.load()
	return &TestWorld{wo}
}

// Follow brings the read models up to date.
func (t *TestWorld) Follow() { t.w.follow() }

// Sleep lets days go by.
func (t *TestWorld) Sleep(days int) { t.w.sleep(time.Duration(days) * 24 * time.Hour) }

// As sends requests as somebody, each held against the contract on its way in
// and out.
func (t *TestWorld) As(subject string) http.RoundTripper { return checked{t.w.as(subject)} }

type checked struct{ c *client }

// RoundTrip implements http.RoundTripper.
func (h checked) RoundTrip(r *http.Request) (*http.Response, error) {
	h.c.w.t.Helper()
	for k, v := range h.c.header {
		r.Header[k] = v
	}
	router, err := contractRouter()
	if err != nil {
		return nil, err
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		return nil, err
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		return nil, err
	}
	out := httptest.NewRecorder()
	r.RemoteAddr = "192.0.2.1:1234"
	h.c.w.server.ServeHTTP(out, r)
	h.c.w.conforms(r, out)
	return out.Result(), nil
}
