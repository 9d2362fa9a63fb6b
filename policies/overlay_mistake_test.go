package policies_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"leeway/policies"
)

const (
	valuesFile, limitsFile, articlesFile = "standards/values.yaml", "procedure/limits.yaml", "liability/articles.yaml"
	oneValue                             = "{from: 2020-03-01, value: 530, cite: [{source: notice-7}]}"
	oneLimit                             = "  - {procedure: dibao, step: survey, from: 2020-05-01, days: 8, working: true, cite: [{source: notice-7}]}\n"
)

// overlayMistakes change one place of the overlay that overlay_test.go writes,
// as mistakes do with a whole pack.
var overlayMistakes = []mistake{
	{name: "no base", file: packFile, old: `extends: {pack: test-only, version: "1"}`, new: `extends: {pack: test-onl, version: "1"}`, line: "extends:", what: "pack test-onl/1 is not at hand", instead: "write test-only 1"},
	{name: "a base of no version", file: packFile, old: `, version: "1"}`, new: `}`, line: "extends:", what: "version is missing", instead: "write version"},
	{name: "other bytes of the base", file: packFile, old: `version: "1"}`, new: `version: "1", digest: abc}`, line: "extends:", what: "has digest", instead: "leeway policy diff"},
	{name: "an overlay of an overlay", file: packFile, old: `extends: {pack: test-only`, new: `extends: {pack: beside`, line: "extends:", what: "pack beside/1 is an overlay itself", instead: "extend the pack that it extends"},
	{name: "a base that is broken", file: packFile, old: `extends: {pack: test-only`, new: `extends: {pack: broken`, line: "extends:", what: "pack broken/1 has", instead: "mend the base first"},
	{name: "the name of the base", file: packFile, old: "pack: my-office", new: "pack: test-only", line: "pack: test-only", what: "the overlay has the name and version of its base", instead: "a version of its own"},
	{name: "a key of the base", file: packFile, old: "reason:", new: "cost_limit: 9\nreason:", line: "cost_limit: 9", what: `unknown key "cost_limit"`, instead: "one of approval, authority"},
	{name: "fewer approvals", file: packFile, old: "reason:", new: "approval: {require: 1, roles: [a]}\nreason:", line: "approval:", what: "1 approvals, the base asks for 2", instead: "ask for as many"},
	{name: "made up without the mark", file: packFile, old: "reason:", new: "synthetic: true\nreason:", line: "pack:", what: "made-up values without the mark", instead: "仿真数据，不得作为依据"},
	{name: "made up and called a source", file: packFile, old: "某镇补充值（仅供测试）, en", new: "仿真数据，不得作为依据, en", line: oneValue, elsewhere: valuesFile, what: "a made-up value is cited as seed", instead: "status: to_verify"},
	{name: "a rule", file: "rules/mine.yaml", new: "rules: []", line: "rules:", what: "an overlay does not bring this file", instead: "a new version of the base"},
	{name: "a fact", file: "facts/mine.yaml", new: "facts: []", line: "facts:", what: "an overlay does not bring this file", instead: "values under standards"},
	{name: "a schema", file: schemaFile, new: "household: []", line: "household", what: "an overlay does not bring this file", instead: "a new version of the base"},
	{name: "a language", file: "env.yaml", new: "name: x", line: "name", what: "an overlay does not bring this file", instead: "a new version of the base"},
	{name: "a note", file: "notes.txt", new: "hello", line: "hello", what: "an overlay does not bring this file", instead: "values under standards"},
	{name: "an unknown standard", file: valuesFile, old: "standard: dibao_rural", new: "standard: dibao_rual", line: "standard: dibao_rual", what: "standard dibao_rual is not one of the base", instead: "write dibao_rural"},
	{name: "a standard twice", file: valuesFile, old: "standards:\n", new: "standards:\n  - {standard: dibao_rural, values: []}\n", line: "standard: dibao_rural\n", what: "standard dibao_rural stands twice", instead: "merge the two"},
	{name: "a kind", file: valuesFile, old: "standard: dibao_rural\n", new: "standard: dibao_rural\n    kind: int\n", line: "kind: int", what: `unknown key "kind"`, instead: "one of standard, values"},
	{name: "values out of order", file: valuesFile, old: oneValue, new: oneValue + "\n      - " + strings.Replace(oneValue, "2020-03-01", "2020-02-01", 1), line: "{from: 2020-02-01", what: "2020-02-01 does not follow 2020-03-01", instead: "in order of from"},
	{name: "a value that is none", file: valuesFile, old: "value: 530", new: "value: much", line: "much", what: `"much" is no value of kind money`, instead: "write yuan"},
	{name: "a value of the base's source", file: valuesFile, old: "cite: [{source: notice-7}]", new: "cite: [{origin: to_verify, assumed: {zh: 设, en: A}}]", line: "{from: 2020-03-01", what: "no document of the office is cited", instead: "sources.yaml"},
	{name: "a value before its notice", file: sourcesFile, old: "status: seed}", new: "status: seed, effective: 2020-04-01}", line: "cite: [{source: notice-7}]", elsewhere: valuesFile, what: "notice-7 takes effect on 2020-04-01, but is cited from 2020-03-01", instead: "start the version on that day"},
	{name: "a source of the base", file: sourcesFile, old: "sources:\n", new: "sources:\n  - {id: order-649, title: {zh: 无, en: None}, status: seed}\n", line: "id: order-649", what: "source order-649 is declared twice", instead: "rename it; the first is at"},
	{name: "a source cited by nothing", file: sourcesFile, old: "sources:\n", new: "sources:\n  - {id: spare, title: {zh: 无, en: None}, status: seed}\n", line: "id: spare", what: "source spare is cited by nothing", instead: "cite it or remove it"},
	{name: "an unknown procedure", file: limitsFile, old: "procedure: dibao", new: "procedure: dibo", line: "procedure: dibo", what: "procedure dibo is not one of the base", instead: "write dibao"},
	{name: "an unknown step", file: limitsFile, old: "step: survey", new: "step: surve", line: "step: surve", what: "step surve is not one of the base", instead: "write survey"},
	{name: "a limit before the procedure", file: limitsFile, old: "from: 2020-05-01", new: "from: 1999-05-01", line: "from: 1999-05-01", what: "procedure dibao is not in force on 1999-05-01", instead: "write a day from"},
	{name: "no days", file: limitsFile, old: "days: 8", new: "days: 0", line: "days: 0", what: "a limit of 0 days", instead: "write days: N above 0"},
	{name: "a limit twice", file: limitsFile, old: oneLimit, new: oneLimit + strings.Replace(oneLimit, "days: 8", "days: 9", 1), line: "2020-05-01, days: 9", what: "limit of survey stands twice", instead: "keep one"},
	{name: "a limit of no document", file: limitsFile, old: "cite: [{source: notice-7}]", new: "cite: [{source: order-649, article: 第十一条}]", line: "procedure: dibao", what: "no document of the office is cited", instead: "sources.yaml"},
	{name: "a whole procedure", file: limitsFile, old: "limits:", new: "procedures:", line: "procedures:", what: `unknown key "procedures"`, instead: "write limits"},
	{name: "an unknown ground", file: articlesFile, new: "articles: [{ground: G99, local_article: 第一条, source: notice-7}]", line: "ground: G99", what: "ground G99 is not one of the base", instead: "write G"},
	{name: "an article of no document", file: articlesFile, new: "articles: [{ground: G01, local_article: 第一条, source: order-649}]", line: "ground: G01", what: "source order-649 is no document of the office", instead: "declare the measure"},
	{name: "a ground twice", file: articlesFile, new: "articles:\n  - {ground: G01, local_article: 第一条, source: notice-7}\n  - {ground: G01, local_article: 第二条, source: notice-7}", line: "  - {ground: G01, local_article: 第二条", what: "ground G01 stands twice", instead: "merge the two"},
}

// checkedBeside checks an overlay that stands beside another overlay and a
// pack that is broken.
func checkedBeside(t *testing.T, m mistake) (policies.Problems, string) {
	t.Helper()
	pack := overlaid(m.file, m.new)
	if m.old != "" {
		if !strings.Contains(office[m.file], m.old) {
			t.Fatalf("%s does not hold %q", m.file, m.old)
		}
		pack = overlaid(m.file, strings.Replace(office[m.file], m.old, m.new, 1))
	}
	if m.name == "made up and called a source" {
		pack[packFile].Data = append(pack[packFile].Data, "synthetic: true\n"...)
	}
	file := m.file
	if m.elsewhere != "" {
		file = m.elsewhere
	}
	beside := placedAt("beside/1", overlaid(packFile, strings.Replace(office[packFile], "my-office", "beside", 1)))
	broken := placedAt("broken/1", tinyPack(sourcesFile, "sources: []"))
	return policies.Check(pack, beside, broken), string(pack[file].Data)
}

func TestOverlayMistakes(t *testing.T) {
	for _, m := range overlayMistakes {
		t.Run(m.name, func(t *testing.T) {
			probs, data := checkedBeside(t, m)
			before, _, found := strings.Cut(data, m.line)
			if !found {
				t.Fatalf("the file does not hold %q", m.line)
			}
			file, line := m.file, 1+strings.Count(before, "\n")
			if m.elsewhere != "" {
				file = m.elsewhere
			}
			for _, p := range probs {
				if p.File == file && p.Line == line && strings.Contains(p.What.String(), m.what) && strings.Contains(p.Instead.String(), m.instead) {
					return
				}
			}
			t.Errorf("want %s:%d: …%s…; …%s…\ngot %v", file, line, m.what, m.instead, probs.Error())
		})
	}
}

// TestOverlayThatChangesNothing holds that it is told, and that an overlay
// without tests is too.
func TestOverlayThatChangesNothing(t *testing.T) {
	pack := overlaid("", "")
	delete(pack, valuesFile)
	delete(pack, limitsFile)
	if probs := policies.Check(pack); !strings.Contains(probs.Error(), "the overlay changes nothing") {
		t.Error(probs)
	}
	pack = overlaid("", "")
	delete(pack, "rules/values_test.yaml")
	delete(pack, "procedure/limits_test.yaml")
	if probs := policies.Check(pack); !strings.Contains(probs.Error(), "pack.yaml:2: the pack has no tests") {
		t.Error(probs)
	}
	if r := policies.Test(pack); r.OK() {
		t.Error("an overlay without tests passes them")
	}
}

// TestOneVersionInTwoPlaces holds that a base is never picked by chance.
func TestOneVersionInTwoPlaces(t *testing.T) {
	twice := placedAt("test-only/1", copied(t, "test-only/1"))
	if probs := policies.Check(overlaid("", ""), twice); !strings.Contains(probs.Error(), "stands in two places") {
		t.Error(probs)
	}
	if r := policies.Test(overlaid("", ""), twice); r.OK() {
		t.Error("tested on one of two bases")
	}
}

// FuzzOverlay puts arbitrary text in the place of one file of an overlay on
// the smallest pack.
func FuzzOverlay(f *testing.F) {
	small := map[string]string{
		packFile:               strings.Replace(office[packFile], "pack: test-only", "pack: tiny", 1),
		sourcesFile:            office[sourcesFile],
		valuesFile:             strings.Replace(office[valuesFile], "dibao_rural", "line", 1),
		limitsFile:             "limits: [{procedure: aid, step: d, from: 2020-05-01, days: 8, cite: [{source: notice-7}]}]",
		articlesFile:           "articles: []",
		"rules/line_test.yaml": "tests: [{name: t, programme: aid, month: 2020-04, facts: {car: false}, members: [{income: 100}], want: {amount: 430}}]",
	}
	for name, data := range small {
		f.Add(name, data)
	}
	f.Add(packFile, "extends: {pack: tiny, version: \"1\"}")
	f.Add(valuesFile, "standards: [{standard: line, values: [{from: 2020-01-01, value: null, cite: []}, {from: 2020-01-01}]}]")
	f.Add(limitsFile, "limits: [{procedure: aid, step: d, from: 2021-12-31, days: 1, cite: []}, {procedure: aid, step: d, from: 2020-01-01, days: 2, cite: []}]")
	base := placedAt("tiny/1", tinyPack(sourcesFile, tiny[sourcesFile]))
	f.Fuzz(func(t *testing.T, name, data string) {
		if !fs.ValidPath(name) || name == "." {
			return
		}
		pack := fstest.MapFS{}
		for n, d := range small {
			pack[n] = &fstest.MapFile{Data: []byte(d)}
		}
		pack[name] = &fstest.MapFile{Data: []byte(data)}
		policies.Check(pack, base)
		policies.Test(pack, base)
	})
}
