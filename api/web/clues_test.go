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
	if got := r1.get("/clues/F2.9/steps/clue-closed.v1"); got.Code != http.StatusNotFound {
		t.Errorf("a clue that is not there: %d", got.Code)
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
	if got := w3.get("/reviews/w3.1").Body.String(); strings.Contains(got, "系统建议") || strings.Contains(got, "线索") {
		t.Error("who applies sees the engine's suggestion, or that there are clues")
	}
}
