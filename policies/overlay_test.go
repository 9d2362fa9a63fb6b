package policies_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"leeway/domain"
	"leeway/policies"
)

// office is an overlay as a small office would write it: two values, a limit,
// an article, its document and its tests.
var office = map[string]string{
	"pack.yaml": `
pack: my-office
version: "1"
extends: {pack: test-only, version: "1"}
title: {zh: 某镇补充值（仅供测试）, en: Values of an office (for tests only)}
authority: {zh: 某镇, en: An office}
reason: {zh: 测试, en: Test}
`,
	"sources.yaml": `
sources:
  - {id: notice-7, number: 测试〔0000〕7号, title: {zh: 某镇通知, en: A notice}, status: seed}
`,
	"standards/values.yaml": `
standards:
  - standard: dibao_rural
    values:
      - {from: 2020-03-01, value: 530, cite: [{source: notice-7}]}
`,
	"procedure/limits.yaml": `
limits:
  - {procedure: dibao, step: survey, from: 2020-05-01, days: 8, working: true, cite: [{source: notice-7}]}
`,
	"rules/values_test.yaml": `
defaults: {programme: dibao, month: 2020-04, facts: {area: rural, car: false, extra_house: false}, member: {deposits: 0}}
tests:
  - {name: the value of the office, members: [{income: 400}], want: {amount: 130, assumed: [household.deposit_limit, member.counts, std.deposit_limit_months]}}
`,
	"procedure/limits_test.yaml": `
procedures:
  - {name: before, programme: dibao, on: 2020-04-30, days: {survey: 10}}
  - {name: from the day on, programme: dibao, on: 2020-05-01, days: {survey: 8}, working: {survey: true}}
`,
}

// overlaid is an overlay with one file replaced; an empty text leaves it out.
func overlaid(name, data string) fstest.MapFS {
	m := fstest.MapFS{}
	for n, d := range office {
		m[n] = &fstest.MapFile{Data: []byte(d)}
	}
	if name != "" {
		m[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return m
}

// placedAt puts a pack version into a folder laid out as PACK/VERSION.
func placedAt(key string, pack fstest.MapFS) fstest.MapFS {
	m := fstest.MapFS{}
	for n, f := range pack {
		m[key+"/"+n] = f
	}
	return m
}

func TestOverlay(t *testing.T) {
	dir := overlaid("", "")
	for _, p := range policies.Check(dir) {
		t.Error(p)
	}
	r := policies.Test(dir)
	if !r.OK() {
		t.Errorf("problems %v, %d fail", r.Problems, r.Failed())
	}
	base, err := fs.Sub(policies.Bundles(), "test-only/1")
	if err != nil {
		t.Fatal(err)
	}
	plain := policies.Test(base)
	if own := len(r.Cases) - len(plain.Cases); own != 3 || r.Cases[0].File != "test-only/1/"+plain.Cases[0].File || !strings.HasPrefix(r.Cases[len(r.Cases)-1].File, "rules/") {
		t.Errorf("%d cases of %d, first in %s, last in %s", own, len(r.Cases), r.Cases[0].File, r.Cases[len(r.Cases)-1].File)
	}
	lib, err := policies.New(placedAt("my-office/1", dir))
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve("my-office", "1")
	if err != nil || v.Digest != r.ID.Digest {
		t.Fatalf("%+v, %v; tested %+v", v, err, r.ID)
	}
	info, err := lib.Info(v)
	if err != nil || info.Extends != plain.ID || info.Synthetic || info.Approvals != 2 {
		t.Errorf("%+v, %v", info, err)
	}
}

// TestOverlaidValues holds that a value counts for its days alone, that what
// it rests on is the office's, and that the base stays what it is.
func TestOverlaidValues(t *testing.T) {
	lib, err := policies.New(placedAt("my-office/1", overlaid("", "")))
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve("my-office", "1")
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[domain.Day]domain.Fen{domain.Date(2020, 2, 29): 8000, domain.Date(2020, 3, 1): 13000} {
		p, err := lib.PlanOn(v, day)
		if err != nil {
			t.Fatal(err)
		}
		o, err := p.Evaluate(dibao(400))
		if f, ok := o.Single(); err != nil || !ok || f != want {
			t.Errorf("on %s: %+v, %v", day, o, err)
		}
		node, err := p.Explain(dibao(400))
		if err != nil {
			t.Fatal(err)
		}
		if cited := strings.Contains(citedTitles(node), "测试〔0000〕7号 某镇通知"); cited != (want == 13000) {
			t.Errorf("on %s the notice is cited: %v", day, cited)
		}
	}
	if o, err := planOn(t, "test-only", "1", "2020-03-01").Evaluate(dibao(400)); err != nil || o.Lawful[0].Lo != 8000 {
		t.Errorf("the base: %+v, %v", o, err)
	}
}

// citedTitles joins the titles of everything an explanation cites.
func citedTitles(n domain.Node) string {
	var b strings.Builder
	for _, c := range n.Cites {
		b.WriteString(c.Title + "\n")
	}
	for _, k := range n.Children {
		b.WriteString(citedTitles(k))
	}
	return b.String()
}

// TestOverlayDigest holds that a byte of the base changes the overlay.
func TestOverlayDigest(t *testing.T) {
	digest := func(base fstest.MapFS, over fstest.MapFS) string {
		r := policies.Test(over, placedAt("copy/1", base))
		if !r.OK() {
			t.Fatalf("%v, %d fail", r.Problems, r.Failed())
		}
		return r.ID.Digest
	}
	base := copied(t, "test-only/1")
	base["pack.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(base["pack.yaml"].Data), "pack: test-only", "pack: copy", 1))}
	over := overlaid("pack.yaml", strings.Replace(office["pack.yaml"], "pack: test-only", "pack: copy", 1))
	first := digest(base, over)
	if digest(base, over) != first {
		t.Error("the digest is not stable")
	}
	base["pack.yaml"] = &fstest.MapFile{Data: append(base["pack.yaml"].Data, "\n# more"...)}
	if digest(base, over) == first {
		t.Error("a byte of the base does not change the digest")
	}
}

// TestSynthetic holds that made-up values are never activated, and always
// rest on an assumption.
func TestSynthetic(t *testing.T) {
	made := overlaid("pack.yaml", strings.Replace(office["pack.yaml"], "某镇补充值（仅供测试）, en: ", "仿真数据，不得作为依据, en: ", 1)+"synthetic: true\n")
	made["sources.yaml"] = &fstest.MapFile{Data: []byte("sources:\n  - {id: notice-7, title: {zh: 虚构, en: Invented}, status: to_verify, assumed: {zh: 虚构的值, en: An invented value}}\n")}
	made["rules/values_test.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(office["rules/values_test.yaml"], "std.deposit_limit_months]", "std.deposit_limit_months, std.dibao_rural]", 1))}
	if r := policies.Test(made); !r.OK() {
		t.Errorf("%v, %d fail", r.Problems, r.Failed())
	}
	lib, err := policies.New(placedAt("my-office/1", made))
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve("my-office", "1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lib.Quorum(v); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("made-up values: %v", err)
	}
	plain, err := lib.Resolve("test-only", "1")
	if err != nil {
		t.Fatal(err)
	}
	if q, err := lib.Quorum(plain); err != nil || q.Require != 2 || len(q.Roles) < 2 {
		t.Errorf("%+v, %v", q, err)
	}
	plain.Digest = "other"
	if _, err := lib.Quorum(plain); err == nil {
		t.Error("a quorum for other bytes")
	}
}
