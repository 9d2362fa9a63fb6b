package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestSelfReport: a worker reports months that were wrong with what they should
// have been, is told what was found before and of no clue, and the reviewers see
// his proposal beside the replay and beside the clue.
func TestSelfReport(t *testing.T) {
	s := newCity(t)
	w3, r1 := s.as("w3"), s.as("r1")
	clue := url.Values{"case": {"F3"}, "day": {"2022-01-04"}, "source": {"audit"}, "_command": {newCommand()}}
	if got := r1.post("/clues", clue); got.Code != http.StatusSeeOther {
		t.Fatalf("a clue: %d %.600s", got.Code, got.Body)
	}
	path := "/cases/F3/steps/facts-discovered.v1"
	page := w3.get(path)
	shows(t, "form", page, 200, "报告时间", "您可以查看的记录中没有", "2020-07 · 实发 870 元", "应当发放")
	if strings.Contains(page.Body.String(), "线索") {
		t.Error("the form tells of clues")
	}
	shows(t, "found before", w3.get("/cases/F2/steps/facts-discovered.v1"), 200, "在先")
	in := hidden(page)
	for k, v := range map[string]string{"day": "2022-01-04", "months[0].month": "2020-07", "months[0].amount": "", "months[1].month": "2020-08", "months[1].amount": "378"} {
		in.Set(k, v)
	}
	shows(t, "a month without an amount", w3.post(path, in), 422, "有内容需要改正", `href="#f-months-0-amount"`)
	in.Set("months[0].amount", "870")
	shows(t, "what was paid", w3.post(path, in), 422, "2020-07 实际发放的就是 870 元")
	in.Set("months[0].amount", "378")
	in.Set("months[1].month", "2022-02")
	shows(t, "the future", w3.post(path, in), 422, "2022-02 尚未到来")
	in.Set("months[1].month", "")
	in.Set("months[1].amount", "")
	if got := w3.post(path, in); got.Code != http.StatusSeeOther {
		t.Fatalf("the report: %d %.900s", got.Code, got.Body)
	}
	shows(t, "reported", w3.get("/cases/F3"), 200, "2020-07，金额 378 元")
	shows(t, "the clock after it", w3.get(path), 200, "您此前的报告")

	if got := r1.post("/reviews", url.Values{"_id": {"S1"}, "_clue": {"F3.1"}, "route": {"ex_officio"}, "organ": {"commission"}, "cases": {"F3"}, "persons": {"w3"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("opening: %d %.600s", got.Code, got.Body)
	}
	shows(t, "before the replay", r1.get("/reviews/S1"), 200, "本人报告的差错", "-492", "不确定", "尚未与线索比较")
	accept := hidden(r1.get("/reviews/S1/steps/review-accepted.v1"))
	accept.Set("day", "2022-01-04")
	accept.Set("reviewers", "r1、r2")
	if got := r1.post("/reviews/S1/steps/review-accepted.v1", accept); got.Code != http.StatusSeeOther {
		t.Fatalf("accepting: %d %.900s", got.Code, got.Body)
	}
	if got := r1.post("/reviews/S1/replays", url.Values{"matter": {"m1"}, "_command": {newCommand()}}); got.Code != http.StatusSeeOther {
		t.Fatalf("replaying: %d %.600s", got.Code, got.Body)
	}
	page = r1.get("/reviews/S1")
	shows(t, "beside the replay", page, 200, "本人建议更正", "-492")
	if n := strings.Count(page.Body.String(), "-492"); n < 2 {
		t.Errorf("proposal and replay are not side by side: %d", n)
	}
}

// TestAnyDay: the reviewer looks at the case on any day by a plain form, and is
// told which days there are when he leaves them.
func TestAnyDay(t *testing.T) {
	s := newCity(t)
	r1 := s.as("r1")
	shows(t, "slider", r1.get("/replays/F2?month=2020-07"), 200, `name="t0" type="date" value="2020-06-23"`, `name="month" value="2020-07"`)
	// What the application hid came out later: not known in July, known today.
	before, after := r1.get("/replays/F2?month=2020-07&t0=2020-07-15"), r1.get("/replays/F2?month=2020-07&t0=2022-01-03")
	shows(t, "before it came out", before, 200, "2020-07-15 日终时所见", "回到该月的评判时点 2020-06-23", `<tr class="hit">`)
	shows(t, "after it came out", after, 200, "2022-01-03 日终时所见")
	if strings.Contains(after.Body.String(), `<tr class="hit"><th scope="row" data-label="事实">m1`) {
		t.Error("what came out is not among what is known then")
	}
	if before.Body.String() == after.Body.String() {
		t.Error("two days show the same")
	}
	shows(t, "the month of the day", r1.get("/replays/F21?t0=2020-09-10"), 200, `name="month" value="2020-09"`)
	for day, says := range map[string]string{"2019-01-01": "早于本案", "2030-01-01": "晚于复算截止日", "31.6.2020": "不是日期"} {
		got := r1.get("/replays/F2?month=2020-07&t0=" + day)
		shows(t, day, got, 400, says)
	}
}
