package api

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// posts are the operations that take a JSON body, with somebody who may send
// it.
var posts = [][3]string{
	{"w3", "POST", "/cases/F2/steps"},
	{"b1", "POST", "/cases/NEW/steps"},
	{"r1", "POST", "/cases/F2/replays"},
	{"r1", "POST", "/cases/F2/what-ifs"},
	{"r1", "POST", "/reviews/S1/steps"},
	{"b1", "POST", "/reviews/S1/steps"},
	{"r1", "POST", "/reviews/NEW/steps"},
	{"r1", "POST", "/reviews/S1/replays"},
	{"r1", "POST", "/reviews/S1/departures"},
	{"r1", "POST", "/clues"},
	{"r1", "POST", "/clues/F2.1/steps"},
	{"p1", "POST", "/drafts"},
	{"p1", "PUT", "/drafts/mine/1/files"},
	{"p1", "POST", "/drafts/mine/1/impacts"},
	{"p1", "POST", "/approvals"},
	{"p1", "POST", "/activations"},
	{"b1", "POST", "/register/steps"},
	{"u1", "POST", "/surveys"},
	{"u1", "POST", "/persons/search"},
}

// TestEveryBodyIsFuzzed: an operation that takes JSON stands in the list.
func TestEveryBodyIsFuzzed(t *testing.T) {
	doc, err := contractDoc()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil || op.RequestBody.Value.Content["application/json"] == nil {
				continue
			}
			shape := strings.NewReplacer("F2.1", "{clue}", "F2", "{case}", "S1", "{review}", "mine/1", "{pack}/{version}")
			if !slices.ContainsFunc(posts, func(p [3]string) bool { return p[1] == method && shape.Replace(p[2]) == path }) {
				t.Errorf("%s %s takes JSON and is not fuzzed", method, path)
			}
		}
	}
}

// FuzzBodies sends bodies to every operation that takes JSON. Whatever is sent,
// the answer keeps to the contract and is never a 5xx: that would be a fault of
// the server's own.
func FuzzBodies(f *testing.F) {
	seeds := []string{
		``, `null`, `[]`, `{}`, `{"type":""}`, `{"type":"x","data":null}`, `{"type":"household-surveyed.v1","data":{"day":"9999-12-31"}}`,
		`{"type":"household-surveyed.v1","data":{"day":"2021-01-01","staff":["w1",""],"signed":true,"statements":[{"subject":"m1","attribute":"income","value":{"fen":-9223372036854775808}}]}}`,
		`{"type":"decision-made.v1","data":{"day":"2021-01-02","outcome":"granted","amount":9223372036854775807,"from":"9999-12"}}`,
		`{"type":"case-opened.v1","data":{"day":"2021-01-02","programme":"dibao","pack":"cn-hb-qianjiang","office":"zhugentan","applicant":"m1","members":[{"id":"m1","relation":"self","name":{"subject":"m1","text":"名"}}]},"visible":["office:"]}`,
		`{"type":"facts-discovered.v1","data":{"day":"2021-01-02","how":"audit","statements":[{"subject":"m1","attribute":"income","item":"x","value":{"day":"2020-01-01"}}]}}`,
		`{"type":"review-opened.v1","data":{"route":"inquiry","organ":"commission","matters":[{"id":"m1","case":"F2","day":"2020-06-23","from":"0001-01","to":"9999-12"}],"parties":[{"person":"b1","matters":["m1","m1"]}]}}`,
		`{"type":"review-determined.v1","as":"head","data":{"collective":{"members":null,"for":-1},"findings":[{"person":"b1","matter":"m1","outcome":"exempt","replay":{}}]}}`,
		`{"type":"review-replayed.v1","data":{"matter":"m1"}}`, `{"type":"guard-breached.v1","data":{}}`, `{"type":"clue-linked.v1","data":{"review":"S1"}}`,
		`{"type":"clue-compared.v1","data":{"report":{"event":"x"}}}`,
		`{"type":"post-held.v1","data":{"day":"2021-01-01","office":"o","post":"p","person":"x","serves":["*"]}}`,
		`{"type":"rules-received.v1","data":{"day":"2021-01-01","office":"o","rules":{"pack":"a","version":"b","digest":"c"}}}`,
		`{"name":"n","assume":{"stated":{"day":"2020-06-03","statement":{"subject":"m1","attribute":"income","value":{"fen":1},"source":"survey"}}},"as_of":"0001-01-01"}`,
		`{"name":"n","assume":{"stated":null,"leave_out":{"event":"x"}}}`, `{"name":"n","assume":{"rules":{"pack":"cn-hb-qianjiang","version":"2020.1","from":"0001-01-01"}}}`,
		`{"case":"F2","source":"audit","day":"2021-01-01","months":["2020-07"],"words":{"subject":"x","text":"y"}}`, `{"case":"\u0000","source":"audit"}`,
		`{"matter":"m1","day":"2020-13-01"}`, `{"value":"\u0000","purpose":"audit"}`, `{"kind":"name","value":"测试丁","purpose":"audit"}`, `{"findings":[{"person":"b1","matter":"m1","outcome":"no"}]}`, `{"findings":[{}]}`,
		`{"files":{"pack.yaml":"id: x"}}`, `{"files":{"a":"","a/b":""}}`, `{"files":{"..":""}}`, `{"files":{"pack.yaml":"&a [*a,*a]"}}`, `{"files":{"pack.yaml":null}}`, `{"files":{"rules/a.yaml":"\ud800"}}`,
		`{"pack":"mine","version":"2","files":{"pack.yaml":"id: x"}}`, `{"pack":"mine","version":"3","from":{"pack":"cn-hb-qianjiang","version":"2020.1"}}`, `{"pack":"..","version":"a/b","extends":{"pack":"synthetic","version":"1"}}`,
		`{"against":{"pack":"cn-hb-qianjiang","version":"2020.1"},"from":"2020-01","to":"9999-12","as_of":"x"}`,
		`{"pack":"cn-hb-qianjiang","version":"2020.1","digest":"","role":"x","day":"x"}`, `{"office":"zhugentan","as_of":"2020-01-01"}`,
		`{"type":"household-surveyed.v1","data":{"day":"2021-01-01"}} {}`, `{"type":"household-surveyed.v1","type":1}`, "\xff\xfe", `{"as_of":"2021-12-31","from":"2020-07","to":"2020-07"}`,
	}
	for i := range posts {
		for _, s := range seeds {
			f.Add(uint(i), s)
		}
	}
	wo := newWorld(f, nil)
	wo.load("F02*")
	if got := wo.as("p1").do("POST", Base+"/drafts", `{"pack":"mine","version":"1"}`); got.Code != 201 {
		f.Fatal(got.Code, got.Body)
	}
	hush(f, wo, "F2")
	f.Fuzz(func(t *testing.T, n uint, body string) {
		wo.t = t
		wo.log.Reset()
		p := posts[n%uint(len(posts))]
		r := httptest.NewRequest(p[1], Base+p[2], strings.NewReader(body))
		r.Header = wo.as(p[0]).header
		r.Header.Set("Content-Type", "application/json")
		if p[1] == "PUT" {
			d, err := wo.deps.Drafts.Get("mine@1")
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("If-Match", tag(d.Revision))
		}
		out := httptest.NewRecorder()
		wo.server.ServeHTTP(out, r)
		if out.Code >= 500 || out.Code < 200 {
			said := wo.log.String() // which names the cause
			t.Errorf("%v: %d %s\n%q\n%s", p, out.Code, out.Body, body, said[max(0, len(said)-3000):])
		}
		if out.Code >= 400 && !json.Valid(out.Body.Bytes()) {
			t.Errorf("%v: %d %s", p, out.Code, out.Body)
		}
	})
}
