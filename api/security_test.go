package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/review"
	"leeway/eventstore"
)

// A town is a world with samples, and ids for whatever a path asks for.
type town struct {
	*world
	ids map[string]string
}

// newTown has cases of one office, a review on one of them, and a replay.
func newTown(t *testing.T) *town {
	t.Helper()
	wo := newWorld(t, nil, trial)
	wo.load("C04*", "F02*", "F05*")
	to := &town{wo, map[string]string{"case": "F2", "member": "m1", "review": "R1", "clue": "F2-1", "pack": "cn-hb-qianjiang", "version": "2020.1", "office": "zhugentan",
		"job": "none", "kind": "none", "name": "none"}}
	ctx := context.Background()
	events, err := wo.deps.Cases.Events(ctx, "F2")
	if err != nil {
		t.Fatal(err)
	}
	to.ids["event"] = events[0].ID
	kept, err := wo.deps.Cases.ReplayCase(ctx, casework.Request{Actor: people[5].Actor}, "F2", casework.ReplayOptions{Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	to.ids["digest"] = kept.Digest
	opened, err := wo.deps.Reviews.Opening(ctx, casework.Opening{Route: review.ExOfficio, Organ: "commission", Cases: []string{"F2"}, Persons: []string{"b1"}})
	if err != nil {
		t.Fatal(err)
	}
	as := casework.Identity{Actor: people[5].Actor, Role: review.Reviewer}
	review.Act(opened, review.Reviewer, domain.DayOf(wo.clock()))
	if _, err := wo.deps.Reviews.Record(ctx, casework.ReviewRequest{As: as}, "R1", opened); err != nil {
		t.Fatal(err)
	}
	wo.follow()
	return to
}

// queries are what some routes want to be asked with.
var queries = map[string]string{"/roster": "month=2020-07", "/totals": "month=2020-07", "/identity": "purpose=handling", "/explanation": "month=2020-07&node=D", "/words": "purpose=assessment", "/sight": "month=2020-07&t0=2020-06-30",
	"/statistics/errors": "person=b1", "/difference": "base=2020.2", "/accesses": "case=F2", "/document": "past=0"}

var parameter = regexp.MustCompile(`:[a-z]+`)

// path is the path of a route with an id for each parameter. One that the town
// has no id for fails: give it one, or nothing of the route is tried.
func (to *town) path(r Route) string {
	path := parameter.ReplaceAllStringFunc(r.Path, func(p string) string {
		id, ok := to.ids[p[1:]]
		if !ok {
			to.t.Fatalf("%s: no id for %s", r.name(), p)
		}
		return id
	})
	for end, query := range queries {
		if strings.HasSuffix(r.Path, end) {
			return path + "?" + query
		}
	}
	return path
}

// walk asks for every route by reading, as everybody who may.
func (to *town) walk(visit func(r Route, p Person, c *client, path string)) {
	for _, r := range to.server.Routes() {
		if r.Method != http.MethodGet || r.Path == "/trial/panic" || strings.HasSuffix(r.Path, "/events") {
			continue // a stream ends with its reader: it has a test of its own
		}
		for _, p := range people {
			if r.May(p.Roles) {
				visit(r, p, to.as(p.Subject), to.path(r))
			}
		}
	}
}

// count is how many events are on record, and how many of these are accesses.
func (to *town) count() (other, accesses int) {
	to.t.Helper()
	for r, err := range to.store.All(context.Background(), eventstore.Start) {
		if err != nil {
			to.t.Fatal(err)
		}
		if strings.HasPrefix(r.Stream, "access-") {
			accesses++
		} else {
			other++
		}
	}
	return other, accesses
}

// private are the texts of personal data on record: names, numbers, addresses.
func (to *town) private() (all, numbers []string) {
	to.t.Helper()
	for _, id := range []string{"C04", "F2", "F5"} {
		events, err := to.deps.Cases.Events(context.Background(), id)
		if err != nil {
			to.t.Fatal(err)
		}
		for _, e := range events {
			if opened, ok := e.Event.(*eligibility.CaseOpened); ok {
				all = append(all, opened.Address.Text)
				for _, m := range opened.Members {
					all, numbers = append(all, m.Name.Text), append(numbers, m.IDNumber.Text)
				}
			}
		}
	}
	none := func(s string) bool { return s == "" }
	numbers = slices.DeleteFunc(numbers, none)
	all = slices.DeleteFunc(append(all, numbers...), none)
	if len(all) == 0 {
		to.t.Fatal("the samples hold no personal data")
	}
	return all, numbers
}

// TestReadingChangesNothing: no question leaves anything on record but that it
// was asked (S-13); every answer with personal data does leave that (S-08).
func TestReadingChangesNothing(t *testing.T) {
	to := newTown(t)
	tried := 0
	to.walk(func(r Route, p Person, c *client, path string) {
		other, accesses := to.count()
		got := c.get(path)
		c.do(http.MethodHead, path, nil)
		nowOther, nowAccesses := to.count()
		if nowOther != other {
			t.Errorf("%s as %v left %d events", r.name(), p.Roles, nowOther-other)
		}
		if answered := got.Code == http.StatusOK; r.Personal && answered && nowAccesses == accesses {
			t.Errorf("%s as %v answered without a record", r.name(), p.Roles)
		} else if answered {
			tried++
		}
		if got.Code >= 500 && r.Path != "/trial/forgets" {
			t.Errorf("%s as %v: %d %s", r.name(), p.Roles, got.Code, got.Body)
		}
	})
	if tried == 0 {
		t.Error("nothing was answered")
	}
}

// TestNothingIsShownWithoutARecord: where accesses cannot be put on record, no
// route of personal data answers (S-08).
func TestNothingIsShownWithoutARecord(t *testing.T) {
	to := newTown(t)
	to.walk(func(r Route, p Person, c *client, path string) {
		if !r.Personal || r.Path == "/trial/forgets" || c.get(path).Code != http.StatusOK {
			return
		}
		to.store.fail(errors.New("disk gone"))
		defer to.store.fail(nil)
		wants(t, c.get(path), http.StatusServiceUnavailable, "unrecorded")
	})
}

// TestAnotherOfficeSeesNothing: to somebody of another office an id of this one
// answers, on every route, to the letter as one that there is none of (S-02).
func TestAnotherOfficeSeesNothing(t *testing.T) {
	to := newTown(t)
	other := to.as("w8")
	hidden := []string{"case", "review"}
	step := `{"type":"household-surveyed.v1","data":{"day":"2021-12-30"}}`
	ask := func(r Route, ids map[string]string) (int, string) {
		var body any
		if r.Method != http.MethodGet {
			body = step
		}
		path := parameter.ReplaceAllStringFunc(r.Path, func(p string) string { return ids[p[1:]] })
		got := other.do(r.Method, path, body)
		text := got.Body.String()
		for _, name := range hidden {
			text = strings.ReplaceAll(text, ids[name], "ID")
		}
		return got.Code, regexp.MustCompile(`"request":"[^"]*"`).ReplaceAllString(text, "")
	}
	none := map[string]string{}
	for k, v := range to.ids {
		none[k] = v
	}
	none["case"], none["review"] = "ZZ", "QQ"
	for _, r := range to.server.Routes() {
		if !slices.ContainsFunc(hidden, func(name string) bool { return strings.Contains(r.Path, ":"+name) }) || !r.May([]Role{Worker}) {
			continue
		}
		code, text := ask(r, to.ids)
		wantCode, want := ask(r, none)
		if code != wantCode || text != want || code < 400 || code == http.StatusForbidden {
			t.Errorf("%s tells an id of another office from none:\n%d %s\n%d %s", r.name(), code, text, wantCode, want)
		}
	}
	if before, _ := to.count(); before == 0 {
		t.Error("there is nothing to hide")
	}
}

// TestWhoRunsTheSystemSeesNoCase: the administrator and the authors of rules
// reach no case, nobody erases, and nobody who handles cases reads the
// discipline organ's clues (S-07).
func TestWhoRunsTheSystemSeesNoCase(t *testing.T) {
	to := newTown(t)
	for _, r := range to.server.Routes() {
		if r.Method == http.MethodDelete {
			t.Errorf("%s erases", r.name())
		}
		for _, role := range []Role{Admin, Author, Approver} {
			if r.May([]Role{role}) && (strings.Contains(r.Path, ":case") || strings.Contains(r.Path, ":review") || strings.Contains(r.Path, ":clue")) && !r.Open {
				t.Errorf("%s is open to %s", r.name(), role)
			}
		}
		if r.Method == http.MethodGet && strings.Contains(r.Path, "clue") && r.May([]Role{Worker, Township, County}) {
			t.Errorf("%s shows clues to those who handle cases", r.name())
		}
	}
}

// TestNothingPersonalLeaks: no name, number or address stands in the log, in an
// answer of a route that is not one of personal data, or in an answer to
// somebody who works with pseudonyms; and no number of identity in full except
// where it was asked for (S-03, S-09).
func TestNothingPersonalLeaks(t *testing.T) {
	to := newTown(t)
	all, numbers := to.private()
	holds := func(text string, of []string) string {
		for _, s := range of {
			if strings.Contains(text, s) {
				return s
			}
		}
		return ""
	}
	for _, id := range []string{"C04", "F2", "ZZ"} {
		to.ids["case"] = id
		to.walk(func(r Route, p Person, c *client, path string) {
			if id != "C04" && !strings.Contains(r.Path, ":case") {
				return // asked already
			}
			got := c.with("Accept", "text/html").get(path)
			text := got.Body.String() + fmt.Sprint(got.Header())
			if what := holds(text, all); what != "" && (!r.Personal || p.Has(Auditor, Author, Approver, Admin)) {
				t.Errorf("%s as %v shows %s", r.name(), p.Roles, what)
			}
			if what := holds(text, numbers); what != "" && !strings.HasSuffix(r.Path, "/identity") {
				t.Errorf("%s as %v shows the number %s in full", r.name(), p.Roles, what)
			}
		})
	}
	for _, what := range all {
		to.as("w3").get(Base + "/cases?name=" + what)
		to.as("w3").get("/" + what)
		to.as("w3").do("POST", "/trial/body", `{"name":"`+what)
	}
	if what := holds(to.log.String(), all); what != "" && !strings.Contains(to.log.String(), `"path":"/`+what) {
		t.Errorf("the log holds %s", what)
	}
}

// Has is for the tests of a person what it is for a caller.
func (p Person) Has(set ...Role) bool { return Caller{Person: p}.Has(set...) }

// TestLogIsNotForged: whatever a request is made of, it is one line of JSON in
// the log, without characters that a terminal obeys (S-10).
func TestLogIsNotForged(t *testing.T) {
	wo := newWorld(t, nil, trial)
	evil := "/a\r\n{\"level\":\"ERROR\"}\x1b[31m\u202e"
	r := httptest.NewRequest("GET", "/", nil)
	r.URL.Path = evil
	r.Header["X-Request-Id"] = []string{evil}
	r.Header["User-Agent"] = []string{evil}
	r.Header["Cookie"] = []string{cookieName + "=" + evil}
	r.Header["Authorization"] = []string{evil}
	wo.server.ServeHTTP(httptest.NewRecorder(), r)
	wo.deps.Log.Error("failed", "error", errors.New(evil))
	lines := bytes.Split(bytes.TrimSpace(wo.log.Bytes()), []byte("\n"))
	if len(lines) != 2 {
		t.Errorf("%d lines for two records", len(lines))
	}
	for _, line := range lines {
		var v map[string]any
		if err := json.Unmarshal(line, &v); err != nil || len(v) < 4 {
			t.Errorf("%s: %v", line, err)
		}
		if bytes.ContainsAny(line, "\r\x1b") || bytes.Contains(line, []byte("\u202e")) {
			t.Errorf("a terminal would obey %q", line)
		}
	}
}
