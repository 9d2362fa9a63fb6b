package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"leeway/api"
)

// somebody is a client of the contract, signed in.
type somebody struct {
	*Client
	t *testing.T
}

func as(t *testing.T, w *api.TestWorld, subject string) somebody {
	t.Helper()
	c, err := NewClient("http://leeway.example/api/v1", WithHTTPClient(&http.Client{Transport: w.As(subject)}))
	if err != nil {
		t.Fatal(err)
	}
	return somebody{c, t}
}

// read takes an answer of a status apart.
func (s somebody) read(status int, r *http.Response, err error) map[string]any {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != status {
		s.t.Fatalf("%d, want %d: %s %v", r.StatusCode, status, text, err)
	}
	var v map[string]any
	if strings.Contains(r.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &v); err != nil {
			s.t.Fatal(err)
		}
	}
	if v == nil {
		v = map[string]any{"text": string(text)}
	}
	v["ETag"] = r.Header.Get("ETag")
	return v
}

// record records a step of a case.
func (s somebody) record(id, eventType string, data map[string]any, key string) map[string]any {
	s.t.Helper()
	r, err := s.RecordStep(context.Background(), id, &RecordStepParams{IdempotencyKey: &key}, Step{Type: eventType, Data: data})
	return s.read(http.StatusCreated, r, err)
}

// step records a step of a review; the newest ETag goes along.
func (s somebody) step(id, role, eventType string, data map[string]any) {
	s.t.Helper()
	step := Step{Type: eventType, Data: data}
	if role != "" {
		in := StepAs(role)
		step.As = &in
	}
	r, err := s.RecordReviewStep(context.Background(), id, &RecordReviewStepParams{}, step)
	s.read(http.StatusCreated, r, err)
}

// at goes down into an answer by keys and places.
func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				t.Fatalf("%v: there are only %d", path, len(l))
			}
			v = l[p]
		}
	}
	return v
}

// said is personal data.
func said(subject, text string) map[string]any {
	return map[string]any{"subject": subject, "text": text}
}

// TestWholeCaseAndReview records a case from its opening to its payment, and
// takes a review of its decision from a clue to the archive, with nothing but
// the client that was generated from the contract. Each request and answer is
// held against the contract.
func TestWholeCaseAndReview(t *testing.T) {
	w := api.NewTestWorld(t)
	ctx := context.Background()
	text, err := os.ReadFile("../cmd/leeway/demo/F02-concealed.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	who := map[string]string{"": "w3", "w2": "w2", "w3": "w3"}
	decision := ""
	for n, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var l struct {
			Type  string
			Actor struct{ Person string }
			Data  map[string]any
		}
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		if l.Type == "" {
			continue
		}
		subject, ok := who[l.Actor.Person]
		if !ok {
			subject = "b1"
		}
		got := as(t, w, subject).record("N-1", l.Type, l.Data, fmt.Sprintf("line-%08d", n))
		if l.Type == "case-opened.v1" {
			w.Follow() // his colleagues reach the case when the read models know of it
		}
		if l.Type == "decision-made.v1" {
			decision, _ = got["event_id"].(string)
		}
	}
	w.Follow()

	w3, r1, h1, b1, u1 := as(t, w, "w3"), as(t, w, "r1"), as(t, w, "h1"), as(t, w, "b1"), as(t, w, "u1")
	r, err := w3.GetCase(ctx, "N-1", &GetCaseParams{})
	k := w3.read(http.StatusOK, r, err)
	if at(t, k, "decisions", 0, "amount") != 37800.0 || at(t, k, "members", 0, "name") != "测试丁" || at(t, k, "members", 0, "id_number") != "TEST********0004" {
		t.Errorf("the case: %v", k)
	}
	r, err = w3.ListMyCases(ctx, &ListMyCasesParams{})
	if mine := w3.read(http.StatusOK, r, err); len(mine["rows"].([]any)) == 0 {
		t.Error("his list is empty")
	}
	r, err = w3.GetDiligence(ctx, "N-1", &GetDiligenceParams{})
	w3.read(http.StatusOK, r, err)
	r, err = u1.ReplayCase(ctx, "N-1", &ReplayCaseParams{})
	replayed := u1.read(http.StatusOK, r, err)
	r, err = r1.KeepReplay(ctx, "N-1", &KeepReplayParams{}, ReplayRequest{})
	if kept := r1.read(http.StatusCreated, r, err); kept["digest"] != replayed["digest"] || at(t, kept, "kept", "event_id") == nil {
		t.Errorf("kept %v, replayed %v", kept["digest"], replayed["digest"])
	}

	day := "2022-01-04"
	r, err = r1.RegisterClue(ctx, &RegisterClueParams{}, ClueRequest{Case: "N-1", Source: "audit", Day: &day})
	r1.read(http.StatusCreated, r, err)
	r1.step("N-R", "", "review-opened.v1", map[string]any{"route": "inquiry", "organ": "commission",
		"matters": []any{map[string]any{"id": "m1", "case": "N-1", "act": decision, "day": "2020-06-23", "from": "2020-07", "to": "2020-07"}},
		"parties": []any{map[string]any{"person": "b1", "office": "bureau", "post": "approval", "matters": []string{"m1"}, "informed": day}}})
	b1.step("N-R", "worker", "review-cited.v1", map[string]any{"person": "b1", "matter": "m1", "ground": "G01", "words": said("b1", "应查的都查了。")})
	h1.step("N-R", "", "review-accepted.v1", map[string]any{"reviewers": []string{"r1", "r2"}})
	r, err = r1.ReplayMatter(ctx, "N-R", &ReplayMatterParams{}, ReviewReplayRequest{Matter: "m1"})
	r1.read(http.StatusCreated, r, err)
	r, err = r1.GetReview(ctx, "N-R")
	ref := at(t, r1.read(http.StatusOK, r, err), "replays", 0, "replay").(map[string]any)
	r, err = r1.ListSuggestions(ctx, "N-R")
	outcome := at(t, r1.read(http.StatusOK, r, err), "rows", 0, "outcome").(string)
	r, err = r1.ListDeadlines(ctx, "N-R")
	r1.read(http.StatusOK, r, err)

	as(t, w, "b9").step("N-R", "bureau", "review-opinion-filed.v1", map[string]any{"matter": "m1", "replay": ref["trace"], "words": said("b1", "原决定符合当时规定。")})
	r1.step("N-R", "", "review-notified.v1", map[string]any{"person": "b1", "proposals": []any{map[string]any{"matter": "m1", "outcome": outcome, "replay": ref["trace"]}},
		"facts": said("b1", "应查的渠道均查不到。"), "basis": []string{"G01"}, "until": "2022-01-14"})
	r1.step("N-R", "", "review-heard.v1", map[string]any{"person": "b1", "investigators": []string{"r1", "r2"}, "words": said("b1", "同意。")})
	r1.step("N-R", "", "review-consulted.v1", map[string]any{"members": []any{map[string]any{"person": "r1", "office": "commission"}, map[string]any{"person": "b9", "office": "bureau"}}, "minutes": "1"})

	w.Sleep(11)
	r1, b1 = as(t, w, "r1"), as(t, w, "b1") // a session ends by itself
	finding := map[string]any{"person": "b1", "matter": "m1", "outcome": outcome, "replay": ref, "remedy": "objection"}
	r, err = r1.ListDepartures(ctx, "N-R", &ListDeparturesParams{}, DeparturesRequest{Findings: []map[string]any{finding}})
	var departs []any
	for _, g := range at(t, r1.read(http.StatusOK, r, err), "rows", 0).([]any) {
		departs = append(departs, map[string]any{"guard": at(t, g, "id"), "reason": said("b1", "集体研究。")})
	}
	if departs != nil {
		finding["departs"] = departs
	}
	r1.step("N-R", "", "review-determined.v1", map[string]any{"collective": map[string]any{"members": []any{map[string]any{"person": "r1", "office": "commission"},
		map[string]any{"person": "r3", "office": "commission"}, map[string]any{"person": "h1", "office": "commission"}}, "for": 3, "minutes": "7"}, "findings": []any{finding}})
	r, err = r1.GetStatement(ctx, "N-R")
	if paper := r1.read(http.StatusOK, r, err); !strings.HasPrefix(paper["text"].(string), "leeway determination v1\nreview N-R\nevent ") {
		t.Errorf("what is to be signed: %v", paper)
	}
	r, err = r1.ListSignatures(ctx, "N-R")
	if rows := r1.read(http.StatusOK, r, err)["rows"].([]any); len(rows) != 0 {
		t.Errorf("signatures of nobody: %v", rows)
	}
	r1.step("N-R", "", "review-served.v1", map[string]any{"person": "b1", "receipt": "1"})
	r1.step("N-R", "", "review-filed.v1", map[string]any{"archive": "1"})

	r, err = b1.GetDocument(ctx, "N-R", &GetDocumentParams{})
	if paper := b1.read(http.StatusOK, r, err); !strings.Contains(paper["text"].(string), "b1") {
		t.Errorf("the determination: %v", paper)
	}
	r, err = b1.ListReviewSteps(ctx, "N-R")
	if log := b1.read(http.StatusOK, r, err); len(log["rows"].([]any)) == 0 {
		t.Error("who was reviewed reads nothing")
	}
	r, err = as(t, w, "w8").GetReview(ctx, "N-R")
	as(t, w, "w8").read(http.StatusNotFound, r, err)
}
