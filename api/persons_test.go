package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/eventstore"
)

// searches are the accesses of kind search on record.
func (w *world) searches() (list []domain.Access) {
	w.t.Helper()
	for r, err := range w.store.All(w.t.Context(), eventstore.Start) {
		if err != nil {
			w.t.Fatal(err)
		}
		if strings.Contains(string(r.Data), "TEST-429005") && strings.HasPrefix(r.Stream, "access-") {
			w.t.Errorf("the record says what was looked for: %s", r.Data)
		}
		env, err := domain.DecodeEnvelope(r.Data)
		var a domain.Access
		if err == nil && strings.HasPrefix(r.Stream, "access-") && json.Unmarshal(env.Clear, &a) == nil && a.Kind == "search" {
			list = append(list, a)
		}
	}
	return list
}

// TestFindPersons: who looks for a person finds him in the cases that he
// reaches, and each search is on record with its purpose and without its value.
func TestFindPersons(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*")
	path := Base + "/persons/search"
	ask := map[string]any{"value": " TEST-429005-0005", "purpose": "audit"}
	for _, c := range []struct {
		who   string
		finds bool
	}{{"u1", true}, {"r1", true}, {"h1", true}, {"w3", true}, {"t1", true}, {"b1", true}, {"w8", false}} {
		before := len(wo.searches())
		got := wo.as(c.who).do("POST", path, ask)
		if got.Code != http.StatusOK || strings.Contains(got.Body.String(), `"case":"F2","person":"m2"`) != c.finds {
			t.Errorf("%s: %d %s", c.who, got.Code, got.Body)
		}
		list := wo.searches()
		if len(list) != before+1 || list[before].Purpose != "audit" || (list[before].Case == "F2") != c.finds || list[before].Request == "" {
			t.Errorf("%s: on record is %+v", c.who, list[before:])
		}
	}
	wants(t, wo.as("x1").do("POST", path, ask), http.StatusForbidden, "denied")
	for field, value := range map[string]string{"purpose": "curiosity", "kind": "face", "value": " "} {
		bad := map[string]any{"value": "x", "purpose": "audit", field: value}
		wants(t, wo.as("u1").do("POST", path, bad), http.StatusBadRequest, "invalid")
	}
	before := len(wo.searches())
	wo.store.fail(eventstore.ErrUnavailable)
	wants(t, wo.as("u1").do("POST", path, ask), http.StatusServiceUnavailable, "unrecorded")
	wo.store.fail(nil)
	if n := len(wo.searches()); n != before {
		t.Errorf("%d searches are on record, want %d", n, before)
	}
	for line := range strings.SplitSeq(wo.log.String(), "\n") {
		if strings.Contains(line, "TEST-429005") {
			t.Errorf("the log says %s", line)
		}
	}
}

// served is the auditor at another server over the same store. A search is
// refused there without a vault, and before the index is built, and never
// answered with nobody: TestEveryProblemIsMet asks both.
func (w *world) served(change func(*Deps)) *client {
	w.t.Helper()
	d := w.deps
	change(&d)
	other, err := New(d)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(other.Close)
	at := &world{t: w.t, deps: d, server: other, store: w.store, people: w.people, log: w.log, now: w.clock()}
	return at.as("u1")
}
