package policies_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"leeway/domain"
	"leeway/policies"
)

const (
	exemptions, exclusions  = "liability/exemptions.yaml", "liability/exclusions.yaml"
	liabilitySchema         = "liability/schema.yaml"
	exemptionTest           = "liability/exemptions_test.yaml"
	firstCondition          = "      - {id: concealed, text: {zh: 申报与真实情况不符, en: The declaration differs from the truth}, expr: concealed, cite: [{source: order-649, article: 第五十八条}]}\n"
	secondG01, visibleCheck = "survey_by_two && survey_signed", "expr: seen_at_survey"
)

// Mistakes in liability rules, each with its line and what to write instead.
var liabilityMistakes = []mistake{
	{name: "unknown kind of ground", file: exemptions, old: "kind: exemption", new: "kind: excuse", line: "ground: G01", what: `kind "excuse" of ground G01`, instead: "write exemption, exclusion, mitigation, aggravation"},
	{name: "id of a ground", file: exemptions, old: "ground: G01", new: "ground: g01", line: "ground: g01", what: `"g01" is no id of a ground`, instead: "write capital letters"},
	{name: "ground twice", file: exemptions, old: "ground: G02", new: "ground: G01", line: "  - ground: G01\n    kind: exemption\n    title: {zh: 核对", what: "ground G01 is declared twice", instead: "rename it; the first is at liability/exemptions.yaml"},
	{name: "unknown finding", file: exemptions, old: visibleCheck, new: "expr: seen_at_surveys", line: "seen_at_surveys", what: "seen_at_surveys is not known", instead: "write seen_at_survey"},
	{name: "a condition that is no condition", file: exemptions, old: "expr: check_age_days > std.liability_check_valid_days", new: "expr: check_age_days", line: "expr: check_age_days}", what: "check_age_days gives int, bool is wanted", instead: "write an expression that gives bool"},
	{name: "condition twice", file: exemptions, old: "id: survey,", new: "id: concealed,", line: "id: concealed, text: {zh: 两人", what: `condition id "concealed" of ground G01 is used twice`, instead: "rename it; see liability/exemptions.yaml"},
	{name: "condition repeated", file: exemptions, old: secondG01, new: "concealed", line: "id: survey,", what: "condition survey of ground G01 repeats concealed", instead: "remove one of them"},
	{name: "constant condition", file: exemptions, old: secondG01, new: "1 < 2", line: "1 < 2", what: "condition survey is constant", instead: "compare a fact"},
	{name: "all and any", file: exemptions, old: "    all:\n" + firstCondition, new: "    any:\n      - {id: seen, text: {zh: 一, en: one}, expr: concealed}\n    all:\n" + firstCondition, line: "- {from: 2019-03-02, cite: [{source: order-649, article: 第六十八条}", what: "ground G01 needs one list of conditions", instead: "write exactly one of all and any"},
	{name: "lowers in a condition", file: exemptions, old: "expr: hidden_from_checks}", new: "expr: hidden_from_checks, lowers: true}", line: "expr: hidden_from_checks, lowers", what: "lowers belongs to a counter-check of an exemption", instead: "leave it out"},
	{name: "exclusion without a word", file: exclusions, old: "    confirmed: x01_confirmed\n", new: "", line: "ground: X01", what: "every exclusion has it", instead: "write confirmed: NAME"},
	{name: "a word in an exemption", file: exemptions, old: "kind: exemption\n    title: {zh: 系统故障", new: "kind: exemption\n    confirmed: x01_confirmed\n    title: {zh: 系统故障", line: "ground: G04", what: "confirmed belongs to an exclusion", instead: "or leave it out"},
	{name: "a word that the ledger has", file: exclusions, old: "confirmed: x01_confirmed", new: "confirmed: back_dated", line: "ground: X01", what: `"back_dated" is no yes-or-no that people find`, instead: "people: true"},
	{name: "cited before it takes effect", file: exclusions, old: "- {from: 2020-07-01, cite: [{source: sanctions-2020, article: 第三十九条第二项}]}", new: "- {from: 2020-06-30, cite: [{source: sanctions-2020, article: 第三十九条第二项}]}", line: "- {from: 2020-06-30", what: "sanctions-2020 takes effect on 2020-07-01, but is cited from 2020-06-30", instead: "start the version on that day"},
	{name: "overlap of versions", file: exclusions, old: "- {from: 2020-07-01, cite: [{source: sanctions-2020, article: 第三十九条第二项}]}", new: "- {from: 2020-06-30, cite: [{source: reference-catalogue}]}", line: "- {from: 2020-06-30", what: "ground X07: versions overlap from 2020-06-30", instead: "end the version before"},
	{name: "a ground without origin", file: exemptions, old: "cite: [{source: order-649, article: 第六十八条}, {source: reference-catalogue}]", new: "cite: []", line: "cite: []", what: "no origin is cited", instead: "write cite:"},
	{name: "no name of a finding", file: liabilitySchema, old: "name: class_pay", new: "name: class.pay", line: "class.pay", what: `"class.pay" is not a name`, instead: "lower-case letters"},
	{name: "kind of a finding", file: liabilitySchema, old: "name: class_pay, kind: bool", new: "name: class_pay, kind: boolean", line: "kind: boolean", what: `kind "boolean" is not known`, instead: "write money, int, bool, day or code"},
	{name: "codes of a finding", file: liabilitySchema, old: "name: class_pay, kind: bool", new: "name: class_pay, kind: bool, codes: [a]", line: "codes: [a]", what: "codes and kind do not match", instead: "list codes for kind: code"},
	{name: "finding twice", file: liabilitySchema, old: "name: class_work", new: "name: class_pay", line: "name: class_pay, kind: bool, title: {zh: 经办差错", what: "finding class_pay is declared twice", instead: "rename one"},
	{name: "people asked for nothing", file: liabilitySchema, old: "findings:\n", new: "findings:\n  - {name: spare, kind: bool, people: true, title: {zh: 无, en: None}}\n", line: "name: spare", what: "finding spare is asked of people, and no ground reads it", instead: "use it in a ground or remove it"},
	{name: "minor that harms a right", file: dibaoSteps, old: "right: true\n            post: notice", new: "right: true\n            minor: {states: [missing], cite: [{source: mca-2012-220}]}\n            post: notice", line: "minor: {states: [missing]", what: "step notice missing harms a right, which is never minor", instead: "leave it out of the list"},
	{name: "minor in no state", file: dibaoSteps, old: "states: [late]", new: "states: [slow]", line: "states: [slow]", what: `state "slow" of a step`, instead: "write late, missing, short"},
	{name: "test of no ground", file: exemptionTest, old: "ground: G01", new: "ground: G99", line: "ground: G99", what: "ground G99 is not known", instead: "write one of the grounds"},
	{name: "test of no finding", file: exemptionTest, old: "concealed: true", new: "conceal: true", line: "conceal: true", what: "finding conceal is not known", instead: "write a name of liability/schema.yaml"},
	{name: "test that wants nothing", file: exemptionTest, old: "want: holds", new: "want: yes", line: "want: yes", what: "the test has no day, or wants nothing", instead: "want: holds, fails, unknown, partial, suspected, absent"},
}

func TestLiabilityMistakes(t *testing.T) {
	for _, m := range liabilityMistakes {
		t.Run(m.name, func(t *testing.T) {
			if m.file != exemptionTest {
				m.check(t)
				return
			}
			// A mistake in a test shows when the tests run.
			pack := copied(t, "cn-hb-qianjiang/2020.1")
			data := strings.Replace(string(pack[m.file].Data), m.old, m.new, 1)
			pack[m.file].Data = []byte(data)
			before, _, _ := strings.Cut(data, m.line)
			r := policies.Test(pack)
			want := strings.Count(before, "\n") + 1
			if r.OK() || !slices.ContainsFunc(r.Problems, func(p policies.Problem) bool {
				return p.File == m.file && p.Line == want && strings.Contains(p.What.String(), m.what) && strings.Contains(p.Instead.String(), m.instead)
			}) {
				t.Errorf("want line %d, got %v", want, r.Problems)
			}
		})
	}
}

// grounds evaluates the catalogue of a bundle on a day.
func grounds(t *testing.T, day domain.Day, f domain.Findings) map[string]domain.Ground {
	t.Helper()
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve("cn-hb-qianjiang", "2021.1")
	if err != nil {
		t.Fatal(err)
	}
	p, err := lib.PlanOn(v, day)
	if err != nil {
		t.Fatal(err)
	}
	all, err := p.Grounds(f)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]domain.Ground{}
	var ids []string
	for _, g := range all {
		out[g.ID], ids = g, append(ids, string(g.Kind[:4])+g.ID)
	}
	if len(out) != len(all) {
		t.Errorf("a ground stands twice: %v", ids)
	}
	return out
}

var after, before = domain.Date(2020, 8, 1), domain.Date(2020, 6, 1)

// The catalogue is whole: G01 to G21, X01 to X13, the circumstances of the
// sanctions law, and those of this ledger.
func TestCatalogue(t *testing.T) {
	count := func(day domain.Day) map[domain.GroundKind]int {
		n := map[domain.GroundKind]int{}
		for _, g := range grounds(t, day, nil) {
			n[g.Kind]++
			if g.LocalArticle != "" {
				t.Errorf("%s has an article of the office: %s", g.ID, g.LocalArticle)
			}
			if g.Verdict == domain.Holds || g.Suspected || g.Partial {
				t.Errorf("%s says something of nobody: %+v", g.ID, g)
			}
		}
		return n
	}
	if d := cmp.Diff(map[domain.GroundKind]int{domain.Exemption: 21, domain.Exclusion: 13, domain.Mitigation: 16, domain.Aggravation: 6}, count(after)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[domain.GroundKind]int{domain.Exemption: 21, domain.Exclusion: 13, domain.Mitigation: 14}, count(before)); d != "" {
		t.Error("before the sanctions law:", d)
	}
}

// What closes is statutory where a statute of its day says so, and nothing
// else is.
func TestStatutory(t *testing.T) {
	then, now := grounds(t, before, nil), grounds(t, after, nil)
	var old, law []string
	for id, g := range now {
		if g.Statutory {
			law = append(law, id)
		}
		if then[id].Statutory {
			old = append(old, id)
		}
		if g.Statutory && g.Kind != domain.Exclusion && g.Kind != domain.Aggravation {
			t.Errorf("%s is statutory", id)
		}
	}
	slices.Sort(old)
	slices.Sort(law)
	if d := cmp.Diff(strings.Fields("X01 X04 X05 X06 X13"), old); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(strings.Fields("A01 A02 A03 A04 A05 A06 X01 X02 X03 X04 X05 X06 X07 X08 X09 X11 X13"), law); d != "" {
		t.Error(d)
	}
}

// What people find counts with a name and with evidence only, and every value
// only in its own kind.
func TestFindingsThatDoNotCount(t *testing.T) {
	yes := domain.Bool(true)
	tests := []struct {
		name string
		e    domain.Evidence
		want domain.Verdict
	}{
		{"with both", domain.Evidence{Value: yes, Person: "r1", Events: []string{"e1"}}, domain.Holds},
		{"without a name", domain.Evidence{Value: yes, Events: []string{"e1"}}, domain.Unknown},
		{"without evidence", domain.Evidence{Value: yes, Person: "r1"}, domain.Unknown},
		{"of another kind", domain.Evidence{Value: domain.Int(1), Person: "r1", Events: []string{"e1"}}, domain.Unknown},
		{"said to be unknown", domain.Evidence{Person: "r1", Events: []string{"e1"}}, domain.Unknown},
	}
	for _, test := range tests {
		g := grounds(t, after, domain.Findings{"x03_confirmed": test.e, "kin_unfiled_handled": {Value: yes, Events: []string{"k1"}}})["X03"]
		if g.Verdict != test.want || g.Suspected != (test.want == domain.Unknown) {
			t.Errorf("%s: %s, suspected %v", test.name, g.Verdict, g.Suspected)
		}
	}
}

// A condition says what shows it, who found it, what it lacks and where it and
// its thresholds come from.
func TestConditions(t *testing.T) {
	g := grounds(t, after, domain.Findings{
		"source_late_or_wrong":   {Value: domain.Bool(true), Events: []string{"e1", "e2"}},
		"source_error_confirmed": {Value: domain.Bool(true), Person: "r1", Events: []string{"e2", "e3"}},
		"check_returned":         {Value: domain.Bool(true), Events: []string{"e4"}},
	})["G03"]
	if d := cmp.Diff([]string{"e1", "e2", "e3"}, g.Conditions[0].Events); d != "" && !slices.Equal(g.Conditions[0].Events, []string{"e2", "e3", "e1"}) {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"r1"}, g.Conditions[0].Persons); d != "" {
		t.Error(d)
	}
	stale := g.Counters[0]
	if g.Verdict != domain.Holds || stale.Verdict != domain.Unknown || !slices.Equal(stale.Missing, []string{"check_age_days"}) {
		t.Errorf("%s, counter-check %+v", g.Verdict, stale)
	}
	if n := len(stale.Cites); n != 2 || stale.Cites[1].Origin != domain.ToVerify || stale.Cites[1].Assumed.ZH == "" {
		t.Errorf("the threshold has no origin: %+v", stale.Cites)
	}
	for id, g := range grounds(t, after, nil) {
		for _, c := range slices.Concat(g.Conditions, g.Counters) {
			if len(c.Cites) == 0 || c.Text.ZH == "" || c.Text.EN == "" {
				t.Errorf("%s.%s has no origin or no text", id, c.ID)
			}
			for _, x := range c.Cites {
				if x.Origin == domain.ToVerify && x.Assumed.ZH == "" {
					t.Errorf("%s.%s assumes something without words", id, c.ID)
				}
			}
		}
	}
}

// TestEveryGroundHasItsTests holds the demand to the letter: of every
// ground a test that proves it, one in which each counter-check defeats it, and
// one with a fact unknown.
func TestEveryGroundHasItsTests(t *testing.T) {
	for name, dir := range bundled(t) {
		if _, err := fs.Stat(dir, exemptions); err != nil {
			continue // an overlay has the grounds of its base, with their tests
		}
		seen := map[string]map[string]bool{}
		files, err := fs.Glob(dir, "liability/*_test.yaml")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no tests of grounds: %v", name, err)
		}
		for _, file := range files {
			data, err := fs.ReadFile(dir, file)
			if err != nil {
				t.Fatal(err)
			}
			var f struct {
				Grounds []struct {
					Ground string
					Cases  []struct {
						Want    string
						Counter []string
						Missing []string
					}
				}
			}
			if err := yaml.Unmarshal(data, &f); err != nil {
				t.Fatal(err)
			}
			for _, g := range f.Grounds {
				if seen[g.Ground] == nil {
					seen[g.Ground] = map[string]bool{}
				}
				for _, c := range g.Cases {
					seen[g.Ground][c.Want] = true
					for _, counter := range c.Counter {
						seen[g.Ground][counter] = true
					}
				}
			}
		}
		for id, g := range grounds(t, after, nil) {
			need := []string{"unknown"}
			if !(id == "G05" && strings.HasPrefix(name, "cn-hb")) { // rests on an amount that no source gives
				need = append(need, "holds")
			}
			if g.Kind == domain.Exclusion {
				need = append(need, "suspected")
			}
			for _, c := range g.Counters {
				need = append(need, c.ID)
			}
			for _, n := range need {
				if !seen[id][n] {
					t.Errorf("%s: no test of %s shows %s", name, id, n)
				}
			}
		}
	}
}

// A pack without a liability folder has no grounds, and needs none.
func TestPackWithoutLiability(t *testing.T) {
	pack := copied(t, "test-only/1")
	for name := range pack {
		if strings.HasPrefix(name, "liability/") || name == "standards/liability.yaml" {
			delete(pack, name)
		}
	}
	src := string(pack["sources.yaml"].Data)
	pack["sources.yaml"].Data = []byte(src[:strings.Index(src, "  - id: civil-servants-2018")])
	for _, p := range policies.Check(pack) {
		t.Error(p)
	}
	if r := policies.Test(pack); !r.OK() {
		t.Errorf("%d failed, %v", r.Failed(), r.Problems)
	}
}

// The liability rules are named by what they say: versions that only differ in
// benefits share a name, the days before and after the sanctions law do not.
func TestLiable(t *testing.T) {
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	name := func(version string, day domain.Day) string {
		v, err := lib.Resolve("cn-hb-qianjiang", version)
		if err != nil {
			t.Fatal(err)
		}
		p, err := lib.PlanOn(v, day)
		if err != nil {
			t.Fatal(err)
		}
		return p.Liable()
	}
	if name("2020.1", after) != name("2021.1", domain.Date(2021, 8, 1)) {
		t.Error("two versions with the same liability rules have different names")
	}
	if name("2021.1", before) == name("2021.1", after) {
		t.Error("the rules before the sanctions law have the name of those after")
	}
}
