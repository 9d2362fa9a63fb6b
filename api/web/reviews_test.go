package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"leeway/domain/review"
)

// TestReviewPages opens a review as the organ, walks it as far as two tellers
// take it, and opens the form of every step in both languages.
func TestReviewPages(t *testing.T) {
	s := newCity(t)
	r1, h1 := s.as("r1"), s.as("h1")
	shows(t, "queue", r1.get("/reviews"), 200, "队列中没有未结的核查")
	shows(t, "opening", r1.get("/reviews/new?case=F2"), 200, `value="R`)
	shows(t, "a case that is not there", r1.post("/reviews", url.Values{"_id": {"T1"}, "route": {"inquiry"}, "organ": {"commission"}, "cases": {""}}), 422)
	if got := r1.post("/reviews", url.Values{"_id": {"T1"}, "route": {"inquiry"}, "organ": {"commission"}, "cases": {"F2"}, "persons": {"b1\nw3"}, "informed": {"2022-01-03"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("opening: %d %s", got.Code, got.Body)
	}
	page := h1.get("/reviews/T1")
	shows(t, "review", page, 200, "容错核查 T1", "启动", "期限")
	early := hidden(h1.get("/reviews/T1/steps/review-consulted.v1"))
	early.Set("day", "2022-01-04")
	early.Set("minutes", "1")
	early.Set("members[0].person", "h1")
	early.Set("members[0].office", "commission")
	shows(t, "a consultation too early", h1.post("/reviews/T1/steps/review-consulted.v1", early), 422, "未予记录", "怎么办", `value="h1"`)
	accept := hidden(h1.get("/reviews/T1/steps/review-accepted.v1"))
	accept.Set("day", "2022-01-04")
	accept.Set("reviewers", "r1\nr2")
	if got := h1.post("/reviews/T1/steps/review-accepted.v1", accept); got.Code != http.StatusSeeOther {
		t.Fatalf("acceptance: %d %s", got.Code, got.Body)
	}
	stale := url.Values{"_seen": {"1"}, "_command": {newCommand()}, "day": {"2022-01-04"}, "person": {"b1"}, "cause": {"other"}}
	shows(t, "a stale form", r1.post("/reviews/T1/steps/review-recusal-raised.v1", stale), http.StatusConflict, "打开之后已有变化", "受理")
	if got := r1.post("/reviews/T1/replays", url.Values{"_command": {newCommand()}, "matter": {"m1"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("replay: %d %s", got.Code, got.Body)
	}
	shows(t, "review", r1.get("/reviews/T1"), 200, "E-APPL", "b1 的履职", "系统建议", "错保", "认定之前还缺")
	b1 := s.as("b1")
	for _, e := range review.Kinds() {
		if newReviewStep(e.EventType()) == nil {
			continue
		}
		path, opened := "/reviews/T1/steps/"+e.EventType(), 0
		for _, who := range []reader{r1, h1, b1, s.as("w3")} {
			for _, lang := range []string{"", "?lang=en"} {
				if got := who.get(path + lang); got.Code == http.StatusOK {
					opened++
					sound(t, path+lang, got)
				} else if got.Code >= 500 {
					t.Errorf("%s: %d %s", path, got.Code, got.Body)
				}
			}
		}
		if opened == 0 {
			t.Errorf("nobody can open %s", path)
		}
	}
	if got := s.as("w8").get("/reviews/T1"); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), "F2") {
		t.Errorf("somebody whom it does not concern: %d", got.Code)
	}
}

// TestReplayPage: the three columns, the waterfall, the sentence why, and a
// what-if that is saved beside it.
func TestReplayPage(t *testing.T) {
	s := newCity(t)
	r1 := s.as("r1")
	for _, id := range []string{"F1", "F2", "F4", "F9", "F11", "F19", "C13"} {
		shows(t, id, r1.get("/replays/"+id), 200, "应查应知", "真实情况", "逐环还原")
	}
	shows(t, "F2", r1.get("/replays/F2?lang=en"), 200, "E-APPL", "applicant concealed", "<svg", "Had this been known", `aria-current="true"`)
	without := regexpOption.FindStringSubmatch(r1.get("/replays/F2").Body.String())
	if without == nil {
		t.Fatal("the page offers no fact to leave out")
	}
	if got := r1.post("/replays/F2/what-ifs", url.Values{"name": {"trial one"}, "leave_out": {without[1]}, "_command": {newCommand()}}); got.Code != http.StatusSeeOther {
		t.Errorf("what-if: %d %s", got.Code, got.Body)
	}
	shows(t, "F2", r1.get("/replays/F2"), 200, "trial one")
	if got := s.as("w3").get("/replays/F2"); got.Code != http.StatusForbidden {
		t.Errorf("a worker looks at a replay: %d", got.Code)
	}
}

var regexpOption = regexp.MustCompile(`<option value="([^"]+\|[^"]+\|[^"]*\|[^"]*)">`)
