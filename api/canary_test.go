package api

import (
	"net/http"
	"strings"
	"testing"
)

// TestProblemsDoNotQuotePeople sends personal data in every place where a fault
// is found, by everybody, with a trace of the caller's own. No problem quotes
// it, no log line, and nothing that a trace would carry on.
func TestProblemsDoNotQuotePeople(t *testing.T) {
	wo := newWorld(t, nil)
	wo.load("F02*")
	const name, number = "金丝雀甲", "11010519491231002X"
	private := `{"subject":"m1","text":"` + name + number + `"}`
	for _, who := range []string{"w3", "t1", "b1", "r1", "h1", "u1", "p1", "x1"} {
		c := wo.as(who).with("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "Tracestate", "k=v", "X-Request-Id", "canary-1")
		for _, p := range posts {
			for _, body := range []string{
				`{"type":"case-opened.v1","data":{"day":"2021-13-02","programme":"dibao","members":[{"id":"m1","name":` + private + `}]}}`,
				`{"type":"case-opened.v1","data":{"day":"2021-01-02","programme":"none","pack":"p","office":"zhugentan","applicant":"m1","members":[{"id":"m1","relation":"self","name":` + private + `}],"address":` + private + `}}`,
				`{"type":"complaint-received.v1","data":{"day":"2021-01-02","text":` + private + `,"nonsense":1}}`,
				`{"type":"benefit-paid.v1","data":{"day":"2021-01-02","month":"2021-01","amount":-1,"account":` + private + `}}`,
				`{"type":"review-cited.v1","data":{"person":"w9","matter":"m9","ground":"G99","words":` + private + `}}`,
				`{"case":"none","source":"audit","words":` + private + `}`,
				`{"kind":"face","value":"` + number + `","purpose":"audit"}`, `{"value":"` + name + `","purpose":"none"}`,
				`{"value":"` + name + `","purpose":"audit"`,
			} {
				got := c.do(p[1], Base+p[2], body)
				if text := got.Body.String(); strings.Contains(text, name) || strings.Contains(text, number) {
					t.Errorf("%s %s as %s: %d %s", p[1], p[2], who, got.Code, text)
				}
				for key, values := range got.Header() {
					if text := strings.Join(values, " "); strings.Contains(text, name) || strings.Contains(text, number) {
						t.Errorf("%s %s: header %s says %s", p[1], p[2], key, text)
					}
				}
			}
		}
	}
	wo.store.fail(errPlain)
	got := wo.as("u1").do("POST", Base+"/persons/search", `{"value":"`+name+`","purpose":"audit"}`)
	wo.store.fail(nil)
	if got.Code != http.StatusServiceUnavailable || strings.Contains(got.Body.String(), name) {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	for line := range strings.SplitSeq(wo.log.String(), "\n") {
		if strings.Contains(line, name) || strings.Contains(line, number) {
			t.Errorf("the log says %s", line)
		}
	}
}
