package web

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"leeway/domain/eligibility"
)

// post sends a form as a browser does.
func (r reader) post(path string, form url.Values) *httptest.ResponseRecorder {
	req := r.s.request(http.MethodPost, path, form)
	for _, c := range r.cookie {
		req.AddCookie(c)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	out := httptest.NewRecorder()
	r.s.server.ServeHTTP(out, req)
	return out
}

var inputField = regexp.MustCompile(`<input [^>]*name="(_seen|_command)" value="([^"]*)"`)

// hidden are the fields that a page put down in its first form.
func hidden(page *httptest.ResponseRecorder) url.Values {
	form := url.Values{}
	for _, m := range inputField.FindAllStringSubmatch(page.Body.String(), 2) {
		form.Set(m[1], m[2])
	}
	return form
}

// sound fails unless a page is well-formed, has no script or style of its own,
// a title, one heading of the first order, and every field has a label.
func sound(t *testing.T, path string, page *httptest.ResponseRecorder) {
	t.Helper()
	body := page.Body.String()
	if strings.Count(body, "<h1>") != 1 || !strings.Contains(body, "<main id=\"main\"") || !strings.Contains(body, "<title>") {
		t.Errorf("%s has no title, main or heading", path)
	}
	for _, bad := range []string{" style=", "<style", " onclick=", " onload=", "javascript:", "ZgotmplZ", "<no value>"} {
		if strings.Contains(body, bad) {
			t.Errorf("%s holds %q", path, bad)
		}
	}
	if inline := regexp.MustCompile(`<script(>| [^>]*>)[^<]`).FindString(body); inline != "" {
		t.Errorf("%s holds a script: %s", path, inline)
	}
	for _, m := range regexp.MustCompile(`<(?:input|select|textarea) [^>]*`).FindAllString(body, -1) {
		id := regexp.MustCompile(` id="([^"]*)"`).FindStringSubmatch(m)
		if strings.Contains(m, `type="hidden"`) {
			continue
		}
		if id == nil || !strings.Contains(body, `for="`+id[1]+`"`) {
			t.Errorf("%s: no label for %s", path, m)
		}
	}
	dec := xml.NewDecoder(strings.NewReader(body))
	dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	depth := 0
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Errorf("%s is not well-formed: %v", path, err)
			break
		}
		switch tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 {
		t.Errorf("%s leaves %d elements open", path, depth)
	}
}

func shows(t *testing.T, path string, page *httptest.ResponseRecorder, status int, parts ...string) {
	t.Helper()
	if page.Code != status {
		t.Errorf("%s: %d, want %d\n%.600s", path, page.Code, status, page.Body)
		return
	}
	sound(t, path, page)
	for _, part := range parts {
		if !strings.Contains(page.Body.String(), part) {
			t.Errorf("%s does not show %q", path, part)
		}
	}
}

func TestCasePages(t *testing.T) {
	s := newCity(t)
	for _, tt := range []struct {
		who, path string
		status    int
		parts     []string
	}{
		{"", "/", 200, []string{"登录", `action="/session/demo"`}},
		{"w3", "/", 200, []string{"工作台", "在办个案"}},
		{"w3", "/?lang=en", 200, []string{"What waits"}},
		{"x1", "/", 200, []string{"目前没有"}},
		{"b1", "/cases", 200, []string{"<svg", "1∶1000"}},
		{"w3", "/cases?all=1", 200, []string{">F2<", "最低生活保障"}},
		{"w3", "/cases?all=1&lang=en", 200, []string{"Whole office"}},
		{"w3", "/cases?find=NOBODY", 200, []string{"没有您可查看的个案"}},
		{"w3", "/cases?stage=granted", 200, nil},
		{"w3", "/cases?office=gaochang", 404, nil},
		{"w3", "/cases/F2", 200, []string{"规定步骤", "办理经过", "入户调查"}},
		{"w3", "/cases/F2?lang=en", 200, []string{"Required steps"}},
		{"w3", "/cases/F19", 200, []string{"补录"}},
		{"r1", "/cases/F2", 200, []string{"还原复算"}},
		{"w8", "/cases/F2", 404, []string{"没有个案"}},
		{"x1", "/cases/F2", 403, []string{"没有权限"}},
		{"w3", "/cases/new", 200, []string{"最低生活保障"}},
		{"w3", "/cases/F2/steps/decision-made.v1", 422, nil},
		{"b1", "/cases/F2/steps/decision-made.v1", 200, []string{"系统建议", "cn-hb-qianjiang"}},
		{"w3", "/cases/F2/steps/nonsense", 404, nil},
		{"b1", "/record", 200, []string{"任职", "本人的决定"}},
	} {
		who := reader{s: s}
		if tt.who != "" {
			who = s.as(tt.who)
		}
		shows(t, tt.who+" "+tt.path, who.get(tt.path), tt.status, tt.parts...)
	}
}

// TestEveryStepHasAForm opens the form of every event of a case, in both
// languages, and finds each of its types where the page of the case lists them.
func TestEveryStepHasAForm(t *testing.T) {
	s := newCity(t)
	b1 := s.as("b1")
	page := b1.get("/cases/F2").Body.String()
	for _, e := range eligibility.Kinds() {
		if _, opening := e.(*eligibility.CaseOpened); opening {
			continue
		}
		path := "/cases/F2/steps/" + e.EventType()
		if !strings.Contains(page, path) {
			t.Errorf("the page of a case does not lead to %s", e.EventType())
		}
		for _, lang := range []string{"zh", "en"} {
			shows(t, path, b1.get(path+"?lang="+lang), 200, `method="post"`)
		}
	}
}

// TestRecordingAStep: one click, a form, its mistakes, its double, a change.
func TestRecordingAStep(t *testing.T) {
	s := newCity(t)
	w3 := s.as("w3")
	form := url.Values{"_id": {"ZGT-1"}, "day": {"2021-12-01"}, "programme": {"dibao"}, "pack": {"cn-hb-qianjiang"}, "office": {"zhugentan"}, "applicant": {"m1"},
		"members[0].id": {"m1"}, "members[0].relation": {"self"}, "members[0].name": {"测试甲"}}
	bad := w3.post("/cases", url.Values{"_id": {""}, "day": {"31.1."}, "office": {"gaochang"}, "programme": {"dibao"}})
	shows(t, "a bad opening", bad, 422, "有内容需要改正", "无法识别", `href="#f-day"`, `value="31.1."`, "不是您的单位")
	opened := w3.post("/cases", form)
	if opened.Code != http.StatusSeeOther {
		t.Fatalf("opening: %d %s", opened.Code, opened.Body)
	}
	shows(t, "the opened case", w3.get(strings.TrimSuffix(opened.Header().Get("Location"), "#done")), 200, "已记录：立案建档")
	shows(t, "an id that is taken", w3.post("/cases", form), 422, "已被使用")

	at := w3.get("/cases/ZGT-1")
	once := hidden(at)
	once.Set("_quick", "1")
	if got := w3.post("/cases/ZGT-1/steps/application-submitted.v1", once); got.Code != http.StatusSeeOther {
		t.Fatalf("one click: %d %s", got.Code, got.Body)
	}
	if got := w3.post("/cases/ZGT-1/steps/application-submitted.v1", once); got.Code != http.StatusSeeOther {
		t.Errorf("the same click again: %d %s", got.Code, got.Body)
	}
	if n := strings.Count(w3.get("/cases/ZGT-1").Body.String(), `<tr id="e-`); n != 2 {
		t.Errorf("%d events on record, want 2", n)
	}
	// Somebody opened the form before that: he is told what changed, and what
	// he typed stays.
	stale := url.Values{"_seen": {"1"}, "_command": {newCommand()}, "day": {"2021-12-02"}, "staff": {"w3\nw2"}, "signed": {"on"}, "statements[0].subject": {"household"}, "statements[0].attribute": {"area"}, "statements[0].value": {"rural"}, "statements[0].source": {"survey"}, "statements[0].observed": {"2021-12-02"}}
	again := w3.post("/cases/ZGT-1/steps/household-surveyed.v1", stale)
	shows(t, "a stale form", again, http.StatusConflict, "打开之后已有变化", "申请", `value="rural"`)
	fresh := hidden(again)
	for k, v := range stale {
		if fresh.Get(k) == "" {
			fresh[k] = v
		}
	}
	if got := w3.post("/cases/ZGT-1/steps/household-surveyed.v1", fresh); got.Code != http.StatusSeeOther {
		t.Fatalf("sent again: %d %s", got.Code, got.Body)
	}
	shows(t, "an amount that is none", s.as("b1").post("/cases/ZGT-1/steps/decision-made.v1", url.Values{"day": {"2021-12-03"}, "amount": {"viel"}, "outcome": {"granted"}, "from": {"2022-01"}}), 422, "无法识别“viel”", `value="viel"`)
	if got := w3.post("/cases/ZGT-1/steps/decision-made.v1", url.Values{}); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a worker decides: %d", got.Code)
	}
}

// TestWords holds that templates and handlers ask for words that there are, in
// both languages.
func TestWords(t *testing.T) {
	for key, text := range words {
		if text.ZH == "" || text.EN == "" || strings.Count(text.ZH, "%") == 0 != (strings.Count(text.EN, "%") == 0) {
			t.Errorf("%q: %+v", key, text)
		}
	}
	for _, key := range asked(t) {
		if _, ok := words[key]; !ok {
			t.Errorf("no words for %q", key)
		}
	}
}
