package api_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"leeway/api"
)

// change writes files of a draft under an ETag.
func (s somebody) change(pack, version, etag string, status int, files map[string]*string) map[string]any {
	s.t.Helper()
	r, err := s.ChangeDraft(context.Background(), pack, version, &ChangeDraftParams{IfMatch: &etag}, DraftEdits{Files: files})
	return s.read(status, r, err)
}

// job waits for a job and answers it.
func (s somebody) job(r *http.Response, err error) map[string]any {
	s.t.Helper()
	x := s.read(http.StatusAccepted, r, err)
	for range 2000 {
		r, err := s.GetJob(context.Background(), x["id"].(string))
		if x = s.read(http.StatusOK, r, err); x["state"] != "running" {
			return x
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.t.Fatal("the job does not end")
	return nil
}

// TestLifeOfADraft takes a version from the one before it to a decision under
// it, with the generated client alone: mistakes, mended; tests that fail,
// mended; what it means otherwise; what it would change; sealed, approved by two
// others, published.
func TestLifeOfADraft(t *testing.T) {
	w := api.NewTestWorld(t)
	ctx := context.Background()
	p1, p2, p3, p4 := as(t, w, "p1"), as(t, w, "p2"), as(t, w, "p3"), as(t, w, "p4")
	const pack, version = "cn-hb-qianjiang", "2022.1"
	r, err := p1.OpenDraft(ctx, DraftRequest{Pack: pack, Version: version, From: &PackRef{Pack: pack, Version: "2021.1"}})
	d := p1.read(http.StatusCreated, r, err)
	r, err = p1.GetDraftFiles(ctx, pack, version)
	files := p1.read(http.StatusOK, r, err)["files"].(map[string]any)
	manifest := files["pack.yaml"].(string)
	if !strings.Contains(manifest, "version: \"2022.1\"\nsupersedes: \"2021.1\"\n") {
		t.Errorf("the next version begins with:\n%.200s", manifest)
	}
	r, err = p1.DiffDraft(ctx, pack, version)
	if same := p1.read(http.StatusOK, r, err); len(same["changes"].([]any)) != 0 {
		t.Errorf("a copy means something else: %v", same["changes"])
	}

	// A mistake is told with its place and what to write, and keeps the draft
	// from being sealed.
	name, was := "", ""
	for file, text := range files {
		if strings.HasPrefix(file, "standards/") && strings.Contains(text.(string), "- standard: dibao_rural") {
			name, was = file, text.(string)
		}
	}
	wrong := strings.Replace(was, "- standard: dibao_rural\n", "- standrad: dibao_rural\n", 1)
	d = p1.change(pack, version, d["ETag"].(string), http.StatusOK, map[string]*string{name: &wrong})
	r, err = p1.ReportDraft(ctx, pack, version, &ReportDraftParams{})
	report := at(t, p1.job(r, err), "result").(map[string]any)
	if first := at(t, report, "problems", 0).(map[string]any); report["ok"] != false || first["file"] != name || first["line"].(float64) < 2 || first["mend"] == "" {
		t.Errorf("the report of a mistake: %v", report)
	}
	match := d["ETag"].(string)
	r, err = p1.SealDraft(ctx, pack, version, &SealDraftParams{IfMatch: &match})
	if refused := p1.read(http.StatusUnprocessableEntity, r, err); at(t, refused, "faults", 0, "file") != name || at(t, refused, "faults", 0, "line") == nil {
		t.Errorf("a draft with a mistake is refused with %v", refused)
	}
	r, err = p1.DraftImpact(ctx, pack, version, &DraftImpactParams{}, ImpactRequest{})
	if failed := p1.job(r, err); failed["state"] != "failed" || at(t, failed, "problem", "faults", 0, "file") != name {
		t.Errorf("the impact of a draft with a mistake: %v", failed)
	}

	// Another value: the tests that stand beside the rules say so.
	dearer := strings.Replace(was, "value: 526\n", "value: 626\n", 1)
	if dearer == was {
		t.Fatal("the rural standard of the sample is not 526")
	}
	d = p1.change(pack, version, match, http.StatusOK, map[string]*string{name: &dearer})
	r, err = p1.ReportDraft(ctx, pack, version, &ReportDraftParams{})
	report = at(t, p1.job(r, err), "result").(map[string]any)
	if len(report["problems"].([]any)) != 0 || len(report["failed"].([]any)) == 0 || len(report["assumed"].([]any)) == 0 {
		t.Errorf("the report of another value: %v", report)
	}
	match = d["ETag"].(string)
	r, err = p1.SealDraft(ctx, pack, version, &SealDraftParams{IfMatch: &match})
	if refused := p1.read(http.StatusUnprocessableEntity, r, err); len(refused["faults"].([]any)) == 0 {
		t.Errorf("a draft whose tests fail is refused with %v", refused)
	}
	r, err = p1.DraftImpact(ctx, pack, version, &DraftImpactParams{}, ImpactRequest{})
	if impact := p1.job(r, err); at(t, impact, "result", "touched") == 0.0 || at(t, impact, "result", "new", "version") != version {
		t.Errorf("what it would change: %v", impact)
	}
	r, err = p1.DiffDraft(ctx, pack, version)
	if diff := p1.read(http.StatusOK, r, err); at(t, diff, "changes", 0, "id") != "std.dibao_rural" {
		t.Errorf("what it means otherwise: %v", at(t, diff, "changes", 0))
	}

	// Two authors: who looked before the other wrote is told what changed, and
	// nothing of his is written; another file is no conflict.
	note := manifest + "# a note\n"
	p4.change(pack, version, match, http.StatusOK, map[string]*string{"pack.yaml": &note})
	moved := p1.change(pack, version, match, http.StatusPreconditionFailed, map[string]*string{"pack.yaml": &manifest})
	if since := moved["since"].([]any); len(since) != 1 || at(t, since, 0, "file") != "pack.yaml" || at(t, since, 0, "person") != "p4" {
		t.Errorf("since: %v", moved)
	}
	d = p1.change(pack, version, match, http.StatusOK, map[string]*string{name: &was})
	match = d["ETag"].(string)

	// Its author seals it; those who wrote in it do not approve it.
	r, err = p4.SealDraft(ctx, pack, version, &SealDraftParams{IfMatch: &match})
	p4.read(http.StatusUnprocessableEntity, r, err)
	r, err = p1.SealDraft(ctx, pack, version, &SealDraftParams{IfMatch: &match})
	sealed := p1.read(http.StatusCreated, r, err)
	digest := sealed["digest"].(string)
	for _, step := range []struct {
		who    somebody
		role   string
		status int
	}{{p1, "policy_administrator", 422}, {p4, "policy_administrator", 422}, {p2, "policy_administrator", 201}, {p3, "reviewer", 201}} {
		r, err = step.who.ApprovePack(ctx, &ApprovePackParams{}, Approval{Pack: pack, Version: version, Digest: digest, Role: step.role})
		step.who.read(step.status, r, err)
	}
	r, err = p2.ActivatePack(ctx, &ActivatePackParams{}, Activation{Pack: pack, Version: version, Digest: digest})
	p2.read(http.StatusCreated, r, err)
	p1.change(pack, version, match, http.StatusUnprocessableEntity, map[string]*string{name: &dearer})
	r, err = p1.GetDraft(ctx, pack, version)
	if d = p1.read(http.StatusOK, r, err); at(t, d, "sealed", "digest") != digest || !slices.Equal(d["authors"].([]any), []any{"p1", "p4"}) {
		t.Errorf("the sealed draft: %v", d)
	}

	// A decision of the same day stands under it.
	b1, w3 := as(t, w, "b1"), as(t, w, "w3")
	w3.record("N-9", "case-opened.v1", map[string]any{"day": "2022-01-04", "programme": "dibao", "pack": pack, "office": "zhugentan", "applicant": "m1", "members": []any{map[string]any{"id": "m1", "relation": "self"}}}, "draft-key-1")
	w.Follow()
	b1.record("N-9", "decision-made.v1", map[string]any{"day": "2022-01-04", "outcome": "refused", "from": "2022-01", "reasons": []string{"不符合"}}, "draft-key-2")
	r, err = b1.GetCase(ctx, "N-9", &GetCaseParams{})
	if k := b1.read(http.StatusOK, r, err); at(t, k, "decisions", 0, "advice", "rules", "digest") != digest {
		t.Errorf("the decision stands under %v, not %s", at(t, k, "decisions", 0, "advice"), digest)
	}
}
