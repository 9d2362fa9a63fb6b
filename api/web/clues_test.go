package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestClues: the organ registers a clue, opens a review from it and ends it; the
// bureau may register and learns nothing more; who handles cases finds no trace.
func TestClues(t *testing.T) {
	s := newCity(t)
	r1, b1 := s.as("r1"), s.as("b1")
	clue := func() url.Values {
		return url.Values{"case": {"F2"}, "day": {"2022-01-03"}, "source": {"data_match"}, "months": {"2020-07"}, "persons": {"b1"}, "reporter": {"p77"}, "words": {"收入与比对结果不符"}, "_command": {newCommand()}}
	}
	shows(t, "no case yet", r1.get("/clues"), 200, "先输入个案编号")
	shows(t, "no clue yet", r1.get("/clues?case=F2"), 200, "没有线索")
	if got := b1.post("/clues", clue()); got.Code != http.StatusSeeOther {
		t.Fatalf("the bureau registers: %d %s", got.Code, got.Body)
	}
	if page := b1.get("/clues?case=F2"); page.Code != 200 || strings.Contains(page.Body.String(), "F2.1") {
		t.Errorf("the bureau reads clues: %d", page.Code)
	}
	if got := r1.post("/clues", clue()); got.Code != http.StatusSeeOther {
		t.Fatalf("the organ registers: %d %s", got.Code, got.Body)
	}
	page := r1.get("/clues?case=F2")
	shows(t, "clues", page, 200, "F2.1", "F2.2", "数据比对", "未处理")
	if strings.Contains(page.Body.String(), "p77") {
		t.Error("the page shows who reported")
	}
	wrong := clue()
	wrong.Set("source", "")
	shows(t, "no source", r1.post("/clues", wrong), 422, "有内容需要改正", `value="p77"`)
	for _, path := range []string{"/clues", "/clues?case=F2", "/clues/F2.1/steps/clue-closed.v1"} {
		if got := s.as("w3").get(path); got.Code != http.StatusForbidden || strings.Contains(got.Body.String(), "数据比对") {
			t.Errorf("a worker at %s: %d", path, got.Code)
		}
	}

	shows(t, "opening from it", r1.get("/reviews/new?case=F2&clue=F2.1"), 200, `name="_clue" value="F2.1"`)
	if got := r1.post("/reviews", url.Values{"_id": {"C1"}, "_clue": {"F2.1"}, "route": {"ex_officio"}, "organ": {"commission"}, "cases": {"F2"}, "persons": {"b1"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("opening: %d %s", got.Code, got.Body)
	}
	shows(t, "linked", r1.get("/clues?case=F2"), 200, "并入核查 C1")
	shows(t, "comparison", r1.get("/clues/F2.1/steps/clue-compared.v1"), 200, `name="report.event"`)
	closing := url.Values{"day": {"2022-01-04"}, "result": {"unfounded"}, "reason": {"查否"}, "_command": {newCommand()}}
	if got := r1.post("/clues/F2.2/steps/clue-closed.v1", closing); got.Code != http.StatusSeeOther {
		t.Fatalf("closing: %d %s", got.Code, got.Body)
	}
	closing.Set("_command", newCommand())
	shows(t, "closing twice", r1.post("/clues/F2.2/steps/clue-closed.v1", closing), 422, "未予记录")
	shows(t, "closed", r1.get("/clues?case=F2"), 200, "已了结")

	// What it says is opened to few, for a purpose, and under no case.
	shows(t, "what for", r1.get("/clues/F2.2/words"), 200, "线索研判")
	words := r1.get("/clues/F2.2/words?purpose=assessment")
	shows(t, "words", words, 200, "收入与比对结果不符")
	shows(t, "for no purpose", r1.get("/clues/F2.2/words?purpose=x"), 400)
	for _, who := range []string{"w3", "b1", "u1"} {
		if got := s.as(who).get("/clues/F2.2/words?purpose=review"); got.Code != http.StatusForbidden || strings.Contains(got.Body.String(), "收入与比对") {
			t.Errorf("%s reads the words: %d", who, got.Code)
		}
	}
	shows(t, "an investigator who is not assigned", r1.get("/clues/F2.1/words?purpose=review"), 422, "不是该机关负责人")
	for _, r := range s.accesses() {
		if r.Clue != "" && r.Case != "" {
			t.Errorf("a reading of clue %s stands under case %s", r.Clue, r.Case)
		}
	}
	if got := r1.get("/clues/F2.9/steps/clue-closed.v1"); got.Code != http.StatusNotFound {
		t.Errorf("a clue that is not there: %d", got.Code)
	}
}

// TestOpenClues: those who may see them find all open clues in one list, the
// oldest first, with age, source, state and the office of the case.
func TestOpenClues(t *testing.T) {
	s := newCity(t)
	r1 := s.as("r1")
	for _, x := range []struct{ id, day, named string }{{"F2", "2022-01-03", "b1"}, {"F8", "2021-12-05", "h1"}} {
		if got := r1.post("/clues", url.Values{"case": {x.id}, "day": {x.day}, "source": {"audit"}, "persons": {x.named}, "_command": {newCommand()}}); got.Code != http.StatusSeeOther {
			t.Fatalf("registering: %d %.600s", got.Code, got.Body)
		}
	}
	s.caughtUp()
	page := r1.get("/clues")
	shows(t, "open clues", page, 200, "未了结的线索", "30 天", "审计", "zhugentan", "F2.1", "F8.1")
	if body := page.Body.String(); strings.Index(body, "F8.1") > strings.Index(body, "F2.1") {
		t.Error("the oldest is not first")
	}
	if body := s.as("h1").get("/clues").Body.String(); strings.Contains(body, "F8.1") || !strings.Contains(body, "F2.1") {
		t.Error("who is named in a clue finds it, or no other")
	}
	for _, who := range []string{"b1", "u1"} {
		if body := s.as(who).get("/clues").Body.String(); strings.Contains(body, "F2.1") {
			t.Errorf("%s, who may only register, finds clues", who)
		}
	}
}

// TestApplying: a worker reads what each ground takes, in plain words, and finds
// his own steps ticked as evidence.
func TestApplying(t *testing.T) {
	s := newCity(t)
	w3 := s.as("w3")
	if got := w3.post("/reviews", url.Values{"_id": {"w3.1"}, "route": {"worker"}, "organ": {"commission"}, "cases": {"F2"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("opening: %d %s", got.Code, got.Body)
	}
	list := w3.get("/reviews/w3.1/steps/review-cited.v1")
	shows(t, "catalogue", list, 200, "非《实施办法》条文", "G01 申请人隐瞒虚报而经办已尽责", "G20", "以 G14 申请", "两人以上入户调查并签字")
	if strings.Contains(list.Body.String(), "以 X") {
		t.Error("exclusions are offered as grounds")
	}
	form := w3.get("/reviews/w3.1/steps/review-cited.v1?matter=m1&ground=G01&lang=en")
	shows(t, "G01", form, 200, "Survey by two or more and signed", `<option value="G01" selected>`, "checked")
	in := hidden(form)
	for k, v := range map[string]string{"day": "2022-01-04", "person": "w3", "matter": "m1", "ground": "G01", "words": "已尽责", "_papers": "P-1"} {
		in.Set(k, v)
	}
	if got := w3.post("/reviews/w3.1/steps/review-cited.v1", in); got.Code != http.StatusSeeOther {
		t.Fatalf("citing: %d %s", got.Code, got.Body)
	}
	shows(t, "review", w3.get("/reviews/w3.1"), 200, "G01 申请人隐瞒虚报而经办已尽责", "P-1")
	s.caughtUp()
	shows(t, "own record", w3.get("/record"), 200, "核查所用的本人记录", "w3.1", "初审意见", "及时")
	if got := w3.get("/reviews/w3.1").Body.String(); strings.Contains(got, "系统建议") || strings.Contains(got, "线索") {
		t.Error("who applies sees the engine's suggestion, or that there are clues")
	}
}
