package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// sendDoubt sends one of the two forms beside a decision as a browser does.
func (r reader) sendDoubt(id string, page *httptest.ResponseRecorder, kind, words string) *httptest.ResponseRecorder {
	r.s.t.Helper()
	body := page.Body.String()
	at := strings.Index(body, `/steps/`+kind+`">`)
	if at < 0 {
		r.s.t.Fatalf("the page has no form of %s", kind)
	}
	body = body[at:]
	body = body[:strings.Index(body, "</form>")]
	in := url.Values{}
	for _, m := range regexp.MustCompile(`<input [^>]*name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		in.Set(m[1], m[2])
	}
	for _, m := range regexp.MustCompile(`(?s)<select id="[^"]*" name="([^"]*)".*?</select>`).FindAllStringSubmatch(body, -1) {
		if on := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[0]); on != nil {
			in.Set(m[1], on[1])
		}
	}
	in.Set("text", words)
	return r.post("/cases/"+id+"/steps/"+kind, in)
}

// TestDoubtsBesideADecision: who proposes or decides reads which sources nobody
// could ask, objects or asks in one step from there, comes back to it, and finds
// it as evidence when he applies for tolerance.
func TestDoubtsBesideADecision(t *testing.T) {
	s := newCity(t)
	b1 := s.as("b1")
	page := b1.get("/cases/F2/steps/amount-adjusted.v1")
	shows(t, "decision", page, 200, "未能核对的信息源", "监狱管理", "死亡登记", "G11", "G06", `<option value="bureau" selected>`)
	sent := b1.sendDoubt("F2", page, "query-sent.v1", "利息是否计入收入")
	if sent.Code != http.StatusSeeOther || !strings.HasPrefix(sent.Header().Get("Location"), "/cases/F2/steps/amount-adjusted.v1?noted=") {
		t.Fatalf("a query: %d %s", sent.Code, sent.Header().Get("Location"))
	}
	shows(t, "back", b1.get(strings.TrimSuffix(sent.Header().Get("Location"), "#noted")), 200, "已附于本案")
	shows(t, "without words", b1.sendDoubt("F2", page, "objection-raised.v1", ""), 422, "有内容需要改正")

	w3 := s.as("w3")
	shows(t, "opinion", w3.get("/cases/F2/steps/initial-opinion.v1"), 200, "未接通", "监狱管理")
	decided := regexp.MustCompile(`objection-raised.v1\?decision=([^"]*)"`).FindStringSubmatch(w3.get("/cases/F2").Body.String())
	if decided == nil {
		t.Fatal("the case page does not lead from the decision to an objection")
	}
	form := w3.get("/cases/F2/steps/objection-raised.v1?decision=" + decided[1])
	shows(t, "objection", form, 200, `<option value="`+decided[1]+`" selected>`)
	in := hidden(form)
	for k, v := range map[string]string{"day": "2022-01-03", "addressee": "bureau", "decision": decided[1], "text": "应按农村标准核算"} {
		in.Set(k, v)
	}
	if got := w3.post("/cases/F2/steps/objection-raised.v1", in); got.Code != http.StatusSeeOther {
		t.Fatalf("an objection: %d %.900s", got.Code, got.Body)
	}
	page = w3.get("/cases/F2")
	shows(t, "case", page, 200, "异议与请示", "尚无答复", "规则版本 2021.1", "应按农村标准核算")
	raised := regexp.MustCompile(`doubt-answered.v1\?doubt=([^"]*)"`).FindAllStringSubmatch(page.Body.String(), -1)
	answer := b1.get("/cases/F2/steps/doubt-answered.v1?doubt=" + raised[len(raised)-1][1])
	shows(t, "answer", answer, 200, "不采纳，要求执行")
	in = hidden(answer)
	for k, v := range map[string]string{"day": "2022-01-04", "doubt": raised[len(raised)-1][1], "answer": "proceed"} {
		in.Set(k, v)
	}
	if got := b1.post("/cases/F2/steps/doubt-answered.v1", in); got.Code != http.StatusSeeOther {
		t.Fatalf("an answer: %d %.900s", got.Code, got.Body)
	}
	shows(t, "answered", w3.get("/cases/F2"), 200, "不采纳，要求执行")
}

// TestDoubtsAreEvidence: what was raised before a decision stands in the
// checklist of its ground, ticked in the form of who applies.
func TestDoubtsAreEvidence(t *testing.T) {
	s := newCity(t)
	w3, b1 := s.as("w3"), s.as("b1")
	record := func(who reader, eventType string, fields map[string]string) {
		t.Helper()
		path := "/cases/N1/steps/" + eventType
		in := hidden(who.get(path))
		in.Set("day", "2022-01-04")
		for k, v := range fields {
			in.Set(k, v)
		}
		if got := who.post(path, in); got.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %.900s", eventType, got.Code, got.Body)
		}
	}
	if got := w3.post("/cases", url.Values{"_id": {"N1"}, "programme": {"dibao"}, "pack": {"cn-hb-qianjiang"}, "office": {"zhugentan"}, "applicant": {"m1"}, "day": {"2022-01-04"},
		"members[0].id": {"m1"}, "members[0].relation": {"self"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("a case: %d %.900s", got.Code, got.Body)
	}
	record(w3, "application-submitted.v1", map[string]string{"by": "m1"})
	record(w3, "application-accepted.v1", nil)
	page := w3.get("/cases/N1/steps/initial-opinion.v1")
	for kind, words := range map[string]string{"objection-raised.v1": "不同意按此办理", "query-sent.v1": "请示如何适用"} {
		if got := w3.sendDoubt("N1", page, kind, words); got.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %.900s", kind, got.Code, got.Body)
		}
	}
	record(w3, "initial-opinion.v1", map[string]string{"outcome": "granted", "amount": "378"})
	record(b1, "decision-made.v1", map[string]string{"outcome": "granted", "amount": "378", "from": "2022-01", "reasons": "按要求办理"})
	if got := w3.post("/reviews", url.Values{"_id": {"w3.2"}, "route": {"worker"}, "organ": {"commission"}, "cases": {"N1"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("opening: %d %.600s", got.Code, got.Body)
	}
	g11 := w3.get("/reviews/w3.2/steps/review-cited.v1?ground=G11&matter=m1")
	shows(t, "G11", g11, 200, "提出异议")
	if !regexp.MustCompile(`checked> <label [^>]*>[^<]*提出异议`).MatchString(g11.Body.String()) {
		t.Error("the objection is not ticked as evidence")
	}
	if !regexp.MustCompile(`✓</span><span class="sr">[^<]*</span> 执行前提出改正或撤销的意见`).MatchString(g11.Body.String()) {
		t.Errorf("the checklist does not know the objection: %s", regexp.MustCompile(`.{200}执行前提出改正.{200}`).FindString(g11.Body.String()))
	}
}
