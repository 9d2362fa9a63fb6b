package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"leeway/domain"
)

// sealedTo proves the events up to a revision, by naming them.
type sealedTo int64

func (s sealedTo) Prove(_ context.Context, stream string, revision int64) ([]byte, error) {
	if revision > int64(s) {
		return nil, domain.Deny(domain.ErrNotFound, "the event is not sealed yet", "ask again in a second")
	}
	return fmt.Appendf(nil, "proof of %s %d\n", stream, revision), nil
}

func (s sealedTo) Checkpoint(context.Context) ([]byte, error) {
	if s < 0 {
		return nil, domain.Deny(domain.ErrNotFound, "nothing is sealed yet", "ask again in a second")
	}
	return []byte("leeway.local/test\n3\n"), nil
}

// TestProofs: who may read a step gets its proof; one of another office, one
// that is hidden from him and one that is not there are not there alike, and no
// refusal tells of a place in the stream.
func TestProofs(t *testing.T) {
	wo := newWorld(t, func(d *Deps) { d.Proofs = sealedTo(2) })
	wo.load("F02*")
	entries, err := wo.deps.Cases.Events(t.Context(), "F2")
	if err != nil {
		t.Fatal(err)
	}
	path := func(id string) string { return Base + "/cases/F2/steps/" + id + "/proof" }
	for _, who := range []string{"w3", "b1", "r1", "u1"} {
		got := wo.as(who).get(path(entries[1].ID))
		if got.Code != http.StatusOK || got.Body.String() != "proof of case-F2 1\n" || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %s", who, got.Code, got.Body)
		}
	}
	if p := wants(t, wo.as("w3").get(path(entries[3].ID)), http.StatusNotFound, "not-found"); strings.Contains(p.Detail, "3") || p.Detail == "" {
		t.Errorf("not sealed yet: %+v", p)
	}
	wants(t, wo.as("w8").get(path(entries[1].ID)), http.StatusNotFound, "not-found")
	wants(t, wo.as("w3").get(path("none")), http.StatusNotFound, "not-found")
	hidden := wo.as("b1").do("POST", Base+"/cases/F2/steps", map[string]any{"type": "complaint-received.v1", "data": map[string]any{"day": "2021-07-01", "text": map[string]any{"subject": "m1", "text": "…"}}})
	if hidden.Code != http.StatusCreated {
		t.Fatal(hidden.Body)
	}
	entries, err = wo.deps.Cases.Events(t.Context(), "F2")
	if err != nil {
		t.Fatal(err)
	}
	last := entries[len(entries)-1].ID
	wants(t, wo.as("w3").get(path(last)), http.StatusNotFound, "not-found")
	if got := wo.as("u1").get(Base + "/checkpoint"); got.Code != http.StatusOK || got.Body.String() != "leeway.local/test\n3\n" {
		t.Errorf("checkpoint: %d %s", got.Code, got.Body)
	}
	if r := hidden.Body.String(); !strings.Contains(r, `"proof":"`+path(last)) {
		t.Errorf("the receipt leads to no proof: %s", r)
	}
	for _, none := range []Proofs{nil, sealedTo(-1)} {
		wo := newWorld(t, func(d *Deps) { d.Proofs = none })
		wo.load("F02*")
		wants(t, wo.as("u1").get(path(entries[1].ID)), http.StatusNotFound, "not-found")
		wants(t, wo.as("u1").get(Base+"/checkpoint"), http.StatusNotFound, "not-found")
	}
}

// TestSelfReports: a case worker reports what he found himself, as on the
// pages, and nothing else of what came out later.
func TestSelfReports(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*")
	found := func(how string) map[string]any {
		return map[string]any{"type": "facts-discovered.v1", "data": map[string]any{"day": "2021-07-01", "how": how,
			"statements": []any{map[string]any{"subject": "m1", "attribute": "income", "item": "wage", "value": map[string]any{"fen": 100}}}}}
	}
	if got := wo.as("w3").do("POST", Base+"/cases/F2/steps", found("self_found")); got.Code != http.StatusCreated {
		t.Errorf("his own report: %d %s", got.Code, got.Body)
	}
	if p := wants(t, wo.as("w3").do("POST", Base+"/cases/F2/steps", found("audit")), http.StatusBadRequest, "invalid"); len(p.Faults) != 1 || p.Faults[0].Field != "data.how" {
		t.Errorf("an audit's finding: %+v", p)
	}
	if got := wo.as("b1").do("POST", Base+"/cases/F2/steps", found("audit")); got.Code != http.StatusCreated {
		t.Errorf("by who approves: %d %s", got.Code, got.Body)
	}
}
