package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"leeway/api/views"
)

// TestFindPersonPage: the form is posted, the answer names cases and pseudonyms
// and does not repeat what was typed, and who is no auditor has no such page.
func TestFindPersonPage(t *testing.T) {
	s := newCity(t)
	u := s.as("u1")
	page := u.get(views.PathPersons)
	if text := page.Body.String(); page.Code != http.StatusOK || !strings.Contains(text, `method="post" action="/audit/persons"`) {
		t.Errorf("%d %s", page.Code, text)
	}
	ask := url.Values{"kind": {"id_number"}, "value": {"TEST-429005-0005"}, "purpose": {"audit"}}
	before := len(s.accesses())
	got := u.post(views.PathPersons, ask)
	text := got.Body.String()
	if got.Code != http.StatusOK || !strings.Contains(text, `href="/audit/case?case=F2"`) || !strings.Contains(text, "m2") || strings.Contains(text, "TEST-429005") {
		t.Errorf("%d %s", got.Code, text)
	}
	if list := s.accesses(); len(list) != before+1 || list[before].Kind != "search" || list[before].Case != "F2" || list[before].Purpose != "audit" {
		t.Errorf("on record: %+v", list[before:])
	}
	if got := u.post(views.PathPersons, url.Values{"kind": {"name"}, "value": {"nobody"}, "purpose": {"audit"}}); !strings.Contains(got.Body.String(), "没有查到") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := u.post(views.PathPersons, url.Values{"kind": {"name"}, "value": {"x"}}); got.Code != http.StatusBadRequest {
		t.Errorf("without a purpose: %d", got.Code)
	}
	for _, id := range []string{"w3", "x1", "r1"} {
		if got := s.as(id).post(views.PathPersons, ask); got.Code != http.StatusForbidden {
			t.Errorf("%s: %d", id, got.Code)
		}
	}
}
