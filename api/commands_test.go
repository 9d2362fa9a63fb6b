package api

import (
	"bufio"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/review"
	"leeway/eventstore"
	"leeway/projections"
)

// documented are the roles and problems that openapi.yaml documents.
func documented(t *testing.T) map[string]map[string][]string {
	t.Helper()
	doc, err := contractDoc()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string][]string{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all[method+" "+path] = map[string][]string{"roles": texts(op.Extensions["x-roles"]), "problems": texts(op.Extensions["x-problems"])}
		}
	}
	return all
}

// TestContractNamesTheRoles: what openapi.yaml says of who may ask is what the
// table of routes holds.
func TestContractNamesTheRoles(t *testing.T) {
	rows := 0
	for name, said := range documented(t) {
		row, ok := operations[strings.NewReplacer("{", ":", "}", "").Replace(name)]
		var roles []string
		for _, r := range row.Roles {
			roles = append(roles, string(r))
		}
		slices.Sort(roles)
		want := slices.Sorted(slices.Values(said["roles"]))
		if !ok || !slices.Equal(roles, want) {
			t.Errorf("%s: the contract says %v, the table %v", name, want, roles)
		}
		if has := slices.Contains(said["problems"], "unrecorded"); has != row.Personal {
			t.Errorf("%s: personal data in the table %t, in the contract %t", name, row.Personal, has)
		}
		rows++
	}
	if rows != len(operations) {
		t.Errorf("the contract has %d operations, the table %d", rows, len(operations))
	}
}

// survey is a step that anybody of the office may record.
func survey(day string) map[string]any {
	return map[string]any{"type": "household-surveyed.v1", "data": map[string]any{"day": day, "staff": []string{"w1", "w2"}, "signed": true}}
}

// TestRetryIsTheFirstAnswer: the same key gets the same receipt, also from a
// server that was started anew, and nothing is recorded twice.
func TestRetryIsTheFirstAnswer(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*")
	path := Base + "/cases/F2/steps"
	first := wo.as("w3").with("Idempotency-Key", "key-00000001").do("POST", path, survey("2021-06-01"))
	if first.Code != http.StatusCreated {
		t.Fatal(first.Code, first.Body)
	}
	wo.sleep(3600e9)
	again := wo.as("w3").with("Idempotency-Key", "key-00000001").do("POST", path, survey("2021-06-01"))
	anew, err := New(wo.deps)
	if err != nil {
		t.Fatal(err)
	}
	defer anew.Close()
	wo.server = anew
	restarted := wo.as("w3").with("Idempotency-Key", "key-00000001").do("POST", path, survey("2021-06-01"))
	for _, got := range []*httptest.ResponseRecorder{again, restarted} {
		if got.Code != first.Code || got.Body.String() != first.Body.String() || got.Header().Get("ETag") != first.Header().Get("ETag") {
			t.Errorf("%d %s\nthe first was %s", got.Code, got.Body, first.Body)
		}
	}
	wants(t, wo.as("w3").with("Idempotency-Key", "key-00000001").do("POST", path, survey("2021-06-02")), http.StatusUnprocessableEntity, "key-reused")
	own := wo.as("w2").with("Idempotency-Key", "key-00000001").do("POST", path, survey("2021-06-03"))
	if own.Code != http.StatusCreated || own.Body.String() == first.Body.String() {
		t.Errorf("somebody else's key of the same name: %d %s", own.Code, own.Body)
	}
}

// TestChangedSinceOpened: who saw an older state is told what happened since,
// and nothing of his step is recorded.
func TestChangedSinceOpened(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*")
	seen := wo.as("w3").get(Base + "/cases/F2").Header().Get("ETag")
	path := Base + "/cases/F2/steps"
	other := wo.as("w2").with("If-Match", seen).do("POST", path, survey("2021-06-01"))
	if other.Code != http.StatusCreated {
		t.Fatal(other.Code, other.Body)
	}
	p := wants(t, wo.as("w3").with("If-Match", seen).do("POST", path, survey("2021-06-02")), http.StatusPreconditionFailed, "changed")
	if len(p.Since) != 1 || p.Since[0].Person != "w2" || p.Since[0].Type != "household-surveyed.v1" {
		t.Errorf("since: %+v", p.Since)
	}
	if got := wo.as("w3").with("If-Match", other.Header().Get("ETag")).do("POST", path, survey("2021-06-02")); got.Code != http.StatusCreated {
		t.Errorf("with the newer tag: %d %s", got.Code, got.Body)
	}
	wants(t, wo.as("w3").with("If-Match", `"x"`).do("POST", path, survey("2021-06-03")), http.StatusBadRequest, "invalid")
}

// TestCursors turn pages for who got them, of the list that gave them.
func TestCursors(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*", "F05*", "F01*")
	type page struct {
		Rows []struct{ ID string }
		Next string
	}
	read := func(got *httptest.ResponseRecorder) (p page) {
		if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil || got.Code != 200 {
			t.Fatal(got.Code, got.Body, err)
		}
		return p
	}
	var ids []string
	cursor := ""
	for range 5 {
		p := read(wo.as("u1").get(Base + "/cases?limit=1&cursor=" + cursor))
		for _, r := range p.Rows {
			ids = append(ids, r.ID)
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	if !slices.Equal(ids, []string{"F1", "F2", "F5"}) {
		t.Errorf("page by page: %v", ids)
	}
	next := read(wo.as("u1").get(Base + "/cases?limit=1")).Next
	for name, got := range map[string]*httptest.ResponseRecorder{
		"somebody else's": wo.as("r1").get(Base + "/cases?cursor=" + next),
		"another list's":  wo.as("u1").get(Base + "/cases?office=bureau&cursor=" + next),
		"a forged one":    wo.as("u1").get(Base + "/cases?cursor=" + next + "x"),
		"no cursor":       wo.as("u1").get(Base + "/cases?cursor=1"),
	} {
		if p := wants(t, got, http.StatusBadRequest, "cursor"); p.Mend != "从第一页重新开始" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	wants(t, wo.as("u1").get(Base+"/cases?limit=101"), http.StatusBadRequest, "invalid")
}

// hush puts a complaint, a clue and a review that he was not told of on
// record about a case.
func hush(t testing.TB, wo *world, id string) {
	t.Helper()
	complaint := map[string]any{"type": "complaint-received.v1", "data": map[string]any{"day": "2021-07-01", "text": map[string]any{"subject": "m1", "text": "…"}}}
	if got := wo.as("b1").do("POST", Base+"/cases/"+id+"/steps", complaint); got.Code != http.StatusCreated {
		t.Fatal(got.Code, got.Body)
	}
	clue := map[string]any{"case": id, "source": "audit", "day": "2021-07-02", "persons": []string{"b1"}}
	if got := wo.as("r1").do("POST", Base+"/clues", clue); got.Code != http.StatusCreated {
		t.Fatal(got.Code, got.Body)
	}
	ctx := context.Background()
	opened, err := wo.deps.Reviews.Opening(ctx, casework.Opening{Route: review.ExOfficio, Organ: "commission", Cases: []string{id}, Persons: []string{"b1"}})
	if err != nil {
		t.Fatal(err)
	}
	review.Act(opened, review.Reviewer, domain.DayOf(wo.clock()))
	as := casework.Identity{Actor: person("r1", "commission", "inspector", Reviewer).Actor, Role: review.Reviewer}
	if _, err := wo.deps.Reviews.Record(ctx, casework.ReviewRequest{As: as}, "S1", opened); err != nil {
		t.Fatal(err)
	}
	wo.follow()
}

// TestNobodyIsTippedOff: whatever somebody who handles cases asks, complaints,
// clues and reviews that he was not told of change not one byte of any answer,
// nor the ETag of any.
func TestNobodyIsTippedOff(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*", "F05*")
	paths := []string{"/cases", "/cases/F2", "/cases/F2/steps", "/cases/F2/diligence", "/desk/cases", "/desk/load", "/desk/decisions", "/desk/record", "/desk/rechecks",
		"/reviews", "/reviews/S1", "/reviews/S1/steps", "/corrections", "/statistics/money", "/statistics/loads", "/cases/F2/clues", "/cases/F2/reviews"}
	ask := func() map[string]string {
		answers := map[string]string{}
		for _, who := range []string{"w3", "w2", "w8", "t1"} {
			for _, path := range paths {
				got := wo.as(who).with("X-Request-Id", "req-00000001").get(Base + path)
				answers[who+" "+path] = got.Header().Get("ETag") + got.Body.String()
			}
		}
		return answers
	}
	before := ask()
	hush(t, wo, "F2")
	for name, after := range ask() {
		if after != before[name] {
			t.Errorf("%s was\n%s\nand is\n%s", name, before[name], after)
		}
	}
	recorded := wo.as("w3").do("POST", Base+"/cases/F2/steps", survey("2021-08-01"))
	if recorded.Code != http.StatusCreated || strings.Contains(recorded.Body.String(), "revision") || recorded.Header().Get("ETag") == wo.as("u1").get(Base+"/cases/F2").Header().Get("ETag") {
		t.Errorf("the receipt tells of what lies between: %s, %s", recorded.Body, recorded.Header().Get("ETag"))
	}
	if got := wo.as("r1").get(Base + "/cases/F2/clues"); got.Code != 200 || !strings.Contains(got.Body.String(), `"F2.1"`) {
		t.Errorf("the reviewer reads %s", got.Body)
	}
}

// TestEventsFollow: what is put on record reaches who may see it, once, also
// after a break; what he may not see does not, and no id tells of it.
func TestEventsFollow(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*")
	web := httptest.NewServer(wo.server)
	defer web.Close()
	open := func(subject, last string) (*bufio.Scanner, func()) {
		ctx, cancel := context.WithCancel(context.Background())
		r, err := http.NewRequestWithContext(ctx, "GET", web.URL+Base+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = wo.as(subject).header.Clone()
		if last != "" {
			r.Header.Set("Last-Event-ID", last)
		}
		got, err := http.DefaultClient.Do(r)
		if err != nil || got.StatusCode != 200 {
			t.Fatal(got, err)
		}
		return bufio.NewScanner(got.Body), func() { cancel(); got.Body.Close() }
	}
	next := func(in *bufio.Scanner) (id, event string) {
		for in.Scan() {
			if text, ok := strings.CutPrefix(in.Text(), "id: "); ok {
				id = text
			}
			if text, ok := strings.CutPrefix(in.Text(), "data: "); ok {
				var one happenedJSON
				if err := json.Unmarshal([]byte(text), &one); err != nil {
					t.Fatal(err)
				}
				return id, one.Event
			}
		}
		t.Fatal("the stream has ended")
		return "", ""
	}
	record := func(subject string, step map[string]any) string {
		var r receiptJSON
		got := wo.as(subject).do("POST", Base+"/cases/F2/steps", step)
		if err := json.Unmarshal(got.Body.Bytes(), &r); err != nil || got.Code != http.StatusCreated {
			t.Fatal(got.Code, got.Body)
		}
		return r.EventID
	}
	in, end := open("w3", "")
	one := record("w2", survey("2021-06-01"))
	last, event := next(in)
	if event != one {
		t.Errorf("came %s, recorded was %s", event, one)
	}
	end()
	hidden := record("b1", map[string]any{"type": "complaint-received.v1", "data": map[string]any{"day": "2021-07-01", "text": map[string]any{"subject": "m1", "text": "…"}}})
	two := record("w2", survey("2021-06-02"))
	in, end = open("w3", last)
	if id, event := next(in); event != two || id == last || len(id) != len(last) {
		t.Errorf("after the break came %s, want %s and not %s or %s", event, two, one, hidden)
	}
	end()
	in, end = open("r1", last)
	if _, event := next(in); event != hidden {
		t.Errorf("the reviewer got %s, want %s", event, hidden)
	}
	end()
	// After a restart with the same key the same ids go on.
	wo.deps.Key = []byte("kept by the installation")
	ids := map[string]bool{}
	for range 2 {
		again, err := New(wo.deps)
		if err != nil {
			t.Fatal(err)
		}
		ids[again.veil(42)] = true
		again.Close()
	}
	if len(ids) != 1 {
		t.Errorf("a place has the ids %v", ids)
	}
	wants(t, wo.as("w3").with("Last-Event-ID", "1").get(Base+"/events"), http.StatusBadRequest, "invalid")
	http.DefaultClient.CloseIdleConnections()
}

// TestWhatIf saves replays with one assumption changed, beside the case.
func TestWhatIf(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*")
	before := wo.as("r1").get(Base + "/cases/F2/replay?as_of=2021-12-31").Body.String()
	known := map[string]any{"name": "早知零工收入", "as_of": "2021-12-31", "assume": map[string]any{"stated": map[string]any{"day": "2020-06-03",
		"statement": map[string]any{"subject": "m1", "attribute": "income", "item": "labour", "value": map[string]any{"fen": 6000}, "valid_from": "2020-01-01", "source": "survey"}}}}
	path := Base + "/cases/F2/what-ifs"
	first := wo.as("r1").do("POST", path, known)
	if first.Code != http.StatusCreated {
		t.Fatal(first.Code, first.Body)
	}
	// Had 60 yuan a month been known, his own file would have given 60 less: the
	// difference is then the handling's, and no longer the applicant's.
	if text := first.Body.String(); !strings.Contains(text, `"E-WORK"`) || strings.Contains(before, `"E-WORK"`) {
		t.Errorf("the assumption changed nothing:\n%.600s", text)
	}
	if again := wo.as("r1").do("POST", path, known); again.Body.String() != first.Body.String() {
		t.Errorf("the same again: %d %.300s", again.Code, again.Body)
	}
	known["assume"] = map[string]any{"rules": map[string]any{"pack": "cn-hb-qianjiang", "version": "2020.1", "from": "2020-01-01"}}
	wants(t, wo.as("r1").do("POST", path, known), http.StatusUnprocessableEntity, "refused")
	for name, assume := range map[string]any{
		"none":              map[string]any{},
		"no such fact":      map[string]any{"leave_out": map[string]any{"event": "x", "subject": "m1", "attribute": "income"}},
		"no such rules":     map[string]any{"rules": map[string]any{"pack": "cn-hb-qianjiang", "version": "1066", "from": "2020-01-01"}},
		"no such attribute": map[string]any{"stated": map[string]any{"day": "2020-06-03", "statement": map[string]any{"subject": "m1", "attribute": "luck", "value": map[string]any{"fen": 1}, "source": "survey"}}},
	} {
		t.Run(name, func(t *testing.T) {
			wants(t, wo.as("r1").do("POST", path, map[string]any{"name": "n " + name, "assume": assume}), http.StatusBadRequest, "invalid")
		})
	}
	if after := wo.as("r1").get(Base + "/cases/F2/replay?as_of=2021-12-31").Body.String(); after != before {
		t.Error("a what-if changed the replay of the case")
	}
	var all struct{ Rows []whatIfJSON }
	if err := json.Unmarshal(wo.as("u1").get(path).Body.Bytes(), &all); err != nil || len(all.Rows) != 1 || all.Rows[0].Name != "早知零工收入" || all.Rows[0].By.Person != "r1" {
		t.Errorf("%+v, %v", all, err)
	}
}

// shelf takes sealed drafts in.
type shelf map[string]map[string]string

func (shelf) Bases() []fs.FS { return nil }

func (s shelf) Install(pack, version string, files map[string]string) error {
	s[pack+"/"+version] = files
	return nil
}

// TestPackByTwoPersons takes a pack from a draft to its publication: the word
// of two persons for the exact bytes, and of nobody twice.
func TestPackByTwoPersons(t *testing.T) {
	kept := shelf{}
	wo := newWorld(t, func(d *Deps) { d.Folders = kept })
	wo.load("F02*")
	if got := wo.as("p1").do("POST", Base+"/drafts", map[string]any{"pack": "test-office", "version": "2022.1"}); got.Code != http.StatusCreated {
		t.Fatal(got.Code, got.Body)
	}
	var checked packJSON
	got := wo.as("p1").with("If-Match", `"1"`).do("POST", Base+"/drafts/test-office/2022.1/seal", nil)
	if err := json.Unmarshal(got.Body.Bytes(), &checked); err != nil || got.Code != http.StatusCreated || len(kept) != 1 {
		t.Fatal(got.Code, got.Body, err)
	}
	v := map[string]any{"pack": "test-office", "version": "2022.1", "digest": checked.Digest}
	with := func(key, value string) map[string]any {
		c := map[string]any{key: value}
		for k, x := range v {
			if k != key {
				c[k] = x
			}
		}
		return c
	}
	var needs struct{ Roles, Authors []string }
	if err := json.Unmarshal(wo.as("p1").get(Base+"/packs/test-office/2022.1/approvals").Body.Bytes(), &needs); err != nil || len(needs.Roles) < 2 || !slices.Equal(needs.Authors, []string{"p1"}) {
		t.Fatal(needs, err)
	}
	wants(t, wo.as("p1").do("POST", Base+"/activations", v), http.StatusUnprocessableEntity, "refused")
	for _, step := range []struct {
		who, role string
		status    int
	}{
		{"p1", needs.Roles[0], http.StatusUnprocessableEntity}, // he wrote it
		{"p3", needs.Roles[0], http.StatusCreated},
		{"p3", needs.Roles[0], http.StatusCreated}, // his own word again is the same word
		{"p3", needs.Roles[1], http.StatusUnprocessableEntity},
		{"p2", "king", http.StatusBadRequest},
	} {
		if got := wo.as(step.who).do("POST", Base+"/approvals", with("role", step.role)); got.Code != step.status {
			t.Errorf("%s as %s: %d %s", step.who, step.role, got.Code, got.Body)
		}
	}
	forged := with("digest", strings.Repeat("0", len(checked.Digest)))
	forged["role"] = needs.Roles[1]
	wants(t, wo.as("p2").do("POST", Base+"/approvals", forged), http.StatusBadRequest, "invalid")
	wants(t, wo.as("p2").do("POST", Base+"/activations", v), http.StatusUnprocessableEntity, "refused")
	if got := wo.as("p2").do("POST", Base+"/approvals", with("role", needs.Roles[1])); got.Code != http.StatusCreated {
		t.Fatal(got.Code, got.Body)
	}
	if got := wo.as("p2").do("POST", Base+"/activations", v); got.Code != http.StatusCreated && !strings.Contains(got.Body.String(), "made-up") {
		t.Errorf("published: %d %s", got.Code, got.Body)
	}
	wants(t, wo.as("p1").do("POST", Base+"/drafts", map[string]any{"pack": "test-office", "version": "2022.1"}), http.StatusUnprocessableEntity, "refused")
}

// TestJobs: an import is checked at once and carried out behind; nobody else
// learns of it.
func TestJobs(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*")
	file := `{"leeway":"case-file.v1","grade":"A","actor":{"person":"w8","office":"gaochang","post":"opinion"}}
{"case":"J1","type":"case-opened.v1","data":{"day":"2021-01-02","programme":"dibao","pack":"cn-hb-qianjiang","office":"gaochang","applicant":"m1","members":[{"id":"m1","relation":"self"}]}}
`
	post := func(text, kind string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", Base+"/imports", strings.NewReader(text))
		r.Header = wo.as("b1").header
		r.Header.Set("Content-Type", kind)
		out := httptest.NewRecorder()
		wo.server.ServeHTTP(out, r)
		wo.conforms(r, out)
		return out
	}
	if p := wants(t, post(strings.Replace(file, "dibao", "lottery", 1), mimeNDJSON), http.StatusBadRequest, "invalid"); len(p.Faults) == 0 || p.Faults[0].Line != 2 {
		t.Errorf("a faulty file: %+v", p)
	}
	wants(t, post(file, "text/plain"), http.StatusUnsupportedMediaType, "media-type")
	wants(t, post("no workbook", mimeXLSX), http.StatusBadRequest, "invalid")
	var x jobJSON
	begun := post(file, mimeNDJSON)
	if err := json.Unmarshal(begun.Body.Bytes(), &x); err != nil || begun.Code != http.StatusAccepted || begun.Header().Get("Location") != Base+"/jobs/"+x.ID {
		t.Fatal(begun.Code, begun.Body, err)
	}
	for x.State == "running" {
		_, changed, err := wo.server.jobs.find(x.ID, "b1")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(wo.as("b1").get(Base+"/jobs/"+x.ID).Body.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		if x.State == "running" {
			<-changed
		}
	}
	if x.State != "done" || x.Done != 1 || x.Total != 1 {
		t.Errorf("the import: %+v", x)
	}
	if got := wo.as("b1").get(Base + "/jobs/" + x.ID + "/events"); !strings.Contains(got.Body.String(), "event: done\nid: 1\n") {
		t.Errorf("as events: %s", got.Body)
	}
	wants(t, wo.as("u1").get(Base+"/jobs/"+x.ID), http.StatusNotFound, "not-found")
	// After a restart its id is not unknown: it says what became of the job.
	again, err := New(wo.deps)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	wo.server = again
	for _, path := range []string{"/jobs/" + x.ID, "/jobs/" + x.ID + "/events"} {
		if p := wants(t, wo.as("b1").get(Base+path), http.StatusGone, "job-lost"); !strings.Contains(p.Mend, "已导入的内容保留") {
			t.Errorf("%s: %+v", path, p)
		}
	}
	if c, err := wo.deps.Cases.Case(context.Background(), "J1"); err != nil || c.Office != "gaochang" {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestRecusedReadNothing: a reviewer whom the record bars, or who declared why
// he should not take part, reads neither the review nor, where he handled it,
// the case.
func TestRecusedReadNothing(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*")
	hush(t, wo, "F2")
	for _, path := range []string{"/reviews/S1", "/reviews/S1/steps", "/reviews/S1/deadlines", "/reviews/S1/suggestions"} {
		if got := wo.as("r2").get(Base + path); got.Code != 200 {
			t.Fatalf("%s: %d %s", path, got.Code, got.Body)
		}
	}
	raised := map[string]any{"type": "review-recusal-raised.v1", "data": map[string]any{"person": "r2", "cause": "near_relative"}}
	if got := wo.as("r2").do("POST", Base+"/reviews/S1/steps", raised); got.Code != http.StatusCreated {
		t.Fatal(got.Code, got.Body)
	}
	for _, path := range []string{"/reviews/S1", "/reviews/S1/steps", "/reviews/S1/deadlines", "/reviews/S1/suggestions"} {
		wants(t, wo.as("r2").get(Base+path), http.StatusForbidden, "recused")
	}
	wo.people.list[6].Actor.Person = "w3" // a reviewer who once handled the case
	wants(t, wo.as("r2").get(Base+"/cases/F2"), http.StatusForbidden, "recused")
	if !strings.Contains(wo.log.String(), `"msg":"recused"`) {
		t.Error("the log does not tell")
	}
}

// TestEveryProblemIsMet meets every code of a problem that the contract
// documents, and none of them as another one.
func TestEveryProblemIsMet(t *testing.T) {
	wo := newWorld(t, nil, trial)
	wo.load("F02*")
	steps := Base + "/cases/F2/steps"
	seen := wo.as("w3").get(Base + "/cases/F2").Header().Get("ETag")
	if got := wo.as("w3").with("Idempotency-Key", "key-00000002").do("POST", steps, survey("2021-06-01")); got.Code != http.StatusCreated {
		t.Fatal(got.Code, got.Body)
	}
	stuck := eventstore.ErrConflict
	meet := map[string]func() *httptest.ResponseRecorder{
		"anonymous": func() *httptest.ResponseRecorder { return wo.nobody().get(Base + "/cases/F2") },
		"token": func() *httptest.ResponseRecorder {
			return wo.nobody().with("Authorization", "Bearer x").get(Base + "/me")
		},
		"two-identities": func() *httptest.ResponseRecorder {
			return wo.as("w3").with("Authorization", "Bearer x").get(Base + "/me")
		},
		"denied":    func() *httptest.ResponseRecorder { return wo.as("x1").get(Base + "/cases/F2") },
		"not-found": func() *httptest.ResponseRecorder { return wo.as("w8").get(Base + "/cases/F2") },
		"job-lost":  func() *httptest.ResponseRecorder { return wo.as("b1").get(Base + "/jobs/" + newJobs().process) },
		"cursor":    func() *httptest.ResponseRecorder { return wo.as("w3").get(Base + "/cases?cursor=x.y") },
		"invalid":   func() *httptest.ResponseRecorder { return wo.as("w3").do("POST", steps, `{"type":"x","data":{}}`) },
		"too-large": func() *httptest.ResponseRecorder {
			return wo.as("w3").do("POST", steps, strings.Repeat(" ", MaxBody+1))
		},
		"too-deep": func() *httptest.ResponseRecorder {
			return wo.as("w3").do("POST", steps, strings.Repeat("[", MaxDepth+1))
		},
		"media-type": func() *httptest.ResponseRecorder { return wo.as("w3").do("POST", steps, url.Values{"type": {"x"}}) },
		"refused": func() *httptest.ResponseRecorder {
			return wo.as("r1").do("POST", Base+"/reviews/none/steps", `{"type":"review-opened.v1","data":{"route":"inquiry","organ":"other","matters":[{"id":"m1","case":"F2","day":"2020-06-23","from":"2020-07","to":"2020-07"}]}}`)
		},
		"changed": func() *httptest.ResponseRecorder {
			return wo.as("w3").with("If-Match", seen).do("POST", steps, survey("2021-06-02"))
		},
		"key-reused": func() *httptest.ResponseRecorder {
			return wo.as("w3").with("Idempotency-Key", "key-00000002").do("POST", steps, survey("2021-06-02"))
		},
		"cross-origin": func() *httptest.ResponseRecorder {
			return wo.as("w3").with("Sec-Fetch-Site", "cross-site").do("POST", steps, survey("2021-06-02"))
		},
		"conflict": func() *httptest.ResponseRecorder {
			wo.store.fail(stuck)
			defer wo.store.fail(nil)
			return wo.as("w3").do("POST", steps, survey("2021-06-02"))
		},
		"unrecorded": func() *httptest.ResponseRecorder {
			wo.store.fail(eventstore.ErrPoisoned)
			defer wo.store.fail(nil)
			return wo.as("w3").get(Base + "/cases/F2")
		},
		"sealed": func() *httptest.ResponseRecorder {
			return wo.served(func(d *Deps) { d.Persons = nil }).do("POST", Base+"/persons/search", `{"value":"x","purpose":"audit"}`)
		},
		"building": func() *httptest.ResponseRecorder {
			other, err := projections.Open(t.Context(), filepath.Join(t.TempDir(), "models.db"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { other.Close() })
			return wo.served(func(d *Deps) { d.Models = other }).do("POST", Base+"/persons/search", `{"value":"x","purpose":"audit"}`)
		},
		"unexpected": func() *httptest.ResponseRecorder {
			c := wo.as("w3")
			wo.people.err = errPlain
			defer func() { wo.people.err = nil }()
			return c.get(Base + "/me")
		},
		"too-often": func() *httptest.ResponseRecorder {
			few, err := New(func() Deps { d := wo.deps; d.Rate = 0.1; return d }())
			if err != nil {
				t.Fatal(err)
			}
			defer few.Close()
			was := wo.server
			wo.server = few
			defer func() { wo.server = was }()
			c := wo.as("w3")
			for range 3 {
				c.get(Base + "/me")
			}
			return c.get(Base + "/me")
		},
	}
	codes := map[string]bool{}
	for _, said := range documented(t) {
		for _, code := range said["problems"] {
			codes[code] = true
		}
	}
	for code := range codes {
		how, ok := meet[code]
		if !ok {
			t.Errorf("the contract documents %q, and no test meets it", code)
			continue
		}
		p := problem(t, how())
		if p.Code != code {
			t.Errorf("%s: met %+v", code, p)
		}
		if english.MatchString(p.Title + p.Detail + p.Mend) {
			t.Errorf("%s is told in English: %+v", code, p)
		}
	}
}

// english is a piece of an English sentence, which a Chinese answer has none of.
var english = regexp.MustCompile(`[a-z]{2,} [a-z]{2,} [a-z]{2,}`)

// errPlain is an error that no room knows.
var errPlain = domainless("disk gone")

type domainless string

func (d domainless) Error() string { return string(d) }
