package policies_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"leeway/policies"
)

// copied is a bundle as a file system that a test may change.
func copied(t testing.TB, pack string) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	sub, err := fs.Sub(policies.Bundles(), pack)
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(sub, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sub, p)
		m[p] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A mistake changes one place of a sound pack. The problem must stand on the
// line of `line`, a text that the changed file holds once from there on, and
// say what is wrong and what to write.
type mistake struct {
	name      string
	file      string
	old, new  string
	line      string
	what      string
	instead   string
	elsewhere string // file of the problem, where it is another one
}

const (
	packFile, schemaFile, sourcesFile = "pack.yaml", "schema.yaml", "sources.yaml"
	dibaoRule, dibaoFact, dibaoStd    = "rules/dibao.yaml", "facts/dibao.yaml", "standards/dibao.yaml"
	householdFact, dibaoSteps         = "facts/household.yaml", "procedure/dibao.yaml"
	noCar                             = `expr: "!household.car"`
)

var mistakes = []mistake{
	{name: "unknown key", file: dibaoRule, old: "title: {zh: 符合低保条件", new: "titel: {zh: 符合低保条件", line: "titel:", what: `unknown key "titel"`, instead: "write title"},
	{name: "key twice", file: packFile, old: "timezone: Asia/Shanghai", new: "timezone: Asia/Shanghai\ntimezone: UTC", line: "timezone: UTC", what: `key "timezone" stands twice`, instead: "keep one; the first is on line"},
	{name: "missing key", file: dibaoRule, old: "    title: {zh: 低保金额, en: Amount of subsistence allowance}\n", new: "", line: "rule: dibao.amount", what: "title is missing", instead: "write title:"},
	{name: "not YAML", file: dibaoRule, old: "rules:\n", new: "rules:\n\t- x\n", line: "\t- x", what: "not readable as YAML", instead: "write one YAML document"},
	{name: "two documents", file: dibaoStd, old: "standards:\n", new: "standards: []\n---\nstandards:\n", line: "", what: "more than one document", instead: "write one YAML document"},
	{name: "anchor", file: dibaoStd, old: "value: 690", new: "value: &v 690", line: "&v", what: "anchors and aliases are not read", instead: "write the value out"},
	{name: "text in one language", file: dibaoRule, old: "{zh: 低保金额, en: Amount of subsistence allowance}", new: "{zh: 低保金额}", line: "{zh: 低保金额}", what: "a text needs Chinese and English", instead: "write {zh: …, en: …}"},
	{name: "bad day", file: dibaoRule, old: "from: 2019-03-02", new: "from: 2019-02-30", line: "from: 2019-02-30", what: `"2019-02-30" cannot be read here`, instead: "write a civil day as YYYY-MM-DD"},
	{name: "file of no kind", file: "notes.txt", new: "hello", line: "hello", what: "the file is no part of a pack", instead: "keep .yaml files only"},

	{name: "does not type-check", file: dibaoRule, old: noCar, new: "expr: household.car + household.extra_house", line: "household.car + household", what: "does not type-check: + cannot be used on", instead: "money adds to money"},
	{name: "money by money", file: dibaoFact, old: "household.dibao_standard * household.size", new: "household.dibao_standard * household.dibao_standard", line: "expr: household.dibao_standard *", what: "* cannot be used on (money, money)", instead: "int times"},
	{name: "money divided", file: dibaoFact, old: "household.dibao_standard * household.size", new: "household.dibao_standard / household.size", line: "expr: household.dibao_standard /", what: "operator / is not in the language of this pack", instead: "money is never divided"},
	{name: "a double", file: dibaoFact, old: "household.dibao_standard * household.size", new: "household.dibao_standard * 0.5", line: "expr: household.dibao_standard *", what: "(money, double)", instead: "int times"},
	{name: "a clock", file: dibaoRule, old: noCar, new: "expr: now() > month", line: "now()", what: "now is not known", instead: "declare it"},
	{name: "not a condition", file: dibaoRule, old: "household.size > 0", new: "household.size", line: "expr: household.size}", what: "household.size gives int, bool is wanted", instead: "write an expression that gives bool"},
	{name: "unknown fact", file: dibaoRule, old: noCar, new: `expr: "!household.carr"`, line: "household.carr", what: "household.carr is not known", instead: "write household.car"},
	{name: "unknown code", file: dibaoFact, old: "household.area == 'urban'", new: "household.area == 'urbn'", line: "urbn", what: `household.area has no code "urbn"`, instead: "write one of urban, rural"},
	{name: "bad date literal", file: dibaoRule, old: noCar, new: "expr: month >= date('2020-13-01')", line: "2020-13-01", what: "date('2020-13-01') is not one", instead: "write date('2020-01-31')"},
	{name: "computed date", file: dibaoRule, old: noCar, new: "expr: month >= date(household.area)", line: "date(household", what: "date takes a literal only", instead: "write date('2020-01-31')"},
	{name: "bad amount literal", file: dibaoFact, old: "yuan('0')", new: "yuan('0.005')", line: "yuan('0.005')", what: "yuan('0.005') is not one", instead: "write yuan('526')"},
	{name: "cost bomb", file: dibaoRule, old: noCar, new: `expr: "household.size in [` + strings.Repeat("1,", 700) + `1]"`, line: "household.size in", what: "may cost", instead: "move parts into derived facts"},
	{name: "endless expression", file: dibaoRule, old: noCar, new: "expr: " + strings.Repeat("household.car || ", 200) + "household.car", line: "household.car || ", what: "characters", instead: "write at most 2000"},
	{name: "member fact without aggregate", file: dibaoRule, old: noCar, new: "expr: member.income < yuan('1')", line: "member.income", what: "member.income is of a member, but no member is at hand", instead: "declare a household fact with sum, count, any or all over it"},
	{name: "base outside an exception", file: dibaoRule, old: "{amount: household.dibao_gap}", new: "{amount: base.amount}", line: "base.amount", what: "base.amount exists inside exceptions only", instead: "use a derived fact"},

	{name: "constant leaf", file: dibaoRule, old: noCar, new: "expr: 1 < 2", line: "1 < 2", what: "leaf no_car is constant", instead: "compare a fact, or remove it"},
	{name: "repeated leaf", file: dibaoRule, old: `expr: "!household.extra_house"`, new: `expr: "! household.car"`, line: `"! household.car"`, what: "condition no_extra_house is unreachable", instead: "remove it"},
	{name: "contradicting leaf", file: dibaoRule, old: `expr: "!household.extra_house"`, new: "expr: household.car", line: "expr: household.car}", what: "condition no_extra_house contradicts", instead: "remove one"},
	{name: "leaf without text", file: dibaoRule, old: "{id: no_car, text: {zh: 无机动车辆, en: No motor vehicle}, expr", new: "{id: no_car, expr", line: "{id: no_car", what: "a leaf needs id and text", instead: "write {id: …, text:"},
	{name: "two forms in one condition", file: dibaoRule, old: noCar, new: noCar + ", rule: dibao.eligible", line: "id: no_car", what: "a condition needs one form", instead: "exactly one of all, any, not, expr, rule, base"},
	{name: "leaf id twice", file: dibaoRule, old: "id: no_extra_house", new: "id: no_car", line: "id: no_car, text: {zh: 无其他住房", what: "condition no_car stands twice", instead: "rename it"},
	{name: "unknown rule", file: dibaoRule, old: "when: {rule: dibao.eligible}", new: "when: {rule: dibao.eligibel}", line: "dibao.eligibel", what: "rule dibao.eligibel is not known", instead: "write one of the rules"},
	{name: "rule in a circle", file: dibaoRule, old: "when: {rule: dibao.eligible}", new: "when: {rule: dibao.amount}", line: "when: {rule: dibao.amount}", what: "rule dibao.amount depends on itself", instead: "break the circle"},
	{name: "rule twice", file: "rules/children.yaml", old: "rule: orphan.eligible\n    title", new: "rule: dibao.eligible\n    title", line: "rule: dibao.eligible", what: "rule dibao.eligible is declared twice", instead: "rename it", elsewhere: dibaoRule},
	{name: "then without else", file: dibaoRule, old: "        else: {amount: 0}\n", new: "", line: "from: 2019-03-02\n        cite: [{source: order-649, article: 第十二条}]", what: "then and else belong together", instead: "write both"},
	{name: "gap of versions", file: dibaoRule, old: "    title: {zh: 低保金额, en: Amount of subsistence allowance}\n    versions:\n", new: "    title: {zh: 低保金额, en: Amount of subsistence allowance}\n    versions:\n" + early("2019-03-01"), line: "      - from: 2019-03-02\n        cite: [{source: order-649, article: 第十二条}]\n        when: {rule", what: "gap from 2019-03-01 to 2019-03-02", instead: "start the version with from: 2019-03-01"},
	{name: "overlap of versions", file: dibaoRule, old: "    title: {zh: 低保金额, en: Amount of subsistence allowance}\n    versions:\n", new: "    title: {zh: 低保金额, en: Amount of subsistence allowance}\n    versions:\n" + early("2019-03-05"), line: "      - from: 2019-03-02\n        cite: [{source: order-649, article: 第十二条}]\n        when: {rule", what: "versions overlap from 2019-03-02", instead: "to: 2019-03-02"},
	{name: "gap between rules", file: dibaoRule, old: "versions:\n      - from: 2019-03-02\n        cite: [{source: order-649, article: 第九条}]", new: "versions:\n      - from: 2020-03-02\n        cite: [{source: order-649, article: 第九条}]", line: "when: {rule: dibao.eligible}", what: "gap: rule dibao.eligible is not in force on 2019-03-02", instead: "give it a version from that day"},

	{name: "unknown source", file: dibaoRule, old: "{source: order-649, article: 第九条}", new: "{source: order-694, article: 第九条}", line: "order-694", what: "source order-694 is not known", instead: "write order-649"},
	{name: "missing origin", file: dibaoRule, old: "cite: [{source: order-649, article: 第九条}]", new: "cite: []", line: "from: 2019-03-02", what: "no origin is cited", instead: "write cite: [{source: …}]"},
	{name: "statute without article", file: dibaoRule, old: "{source: order-649, article: 第九条}", new: "{source: order-649}", line: "cite: [{source: order-649}]", what: "a statute is cited without its article", instead: "write article"},
	{name: "cited before it takes effect", file: dibaoRule, old: "from: 2019-03-02\n        cite: [{source: order-649, article: 第九条}]", new: "from: 2019-03-01\n        cite: [{source: order-649, article: 第九条}]", line: "cite: [{source: order-649, article: 第九条}]", what: "order-649 takes effect on 2019-03-02, but is cited from 2019-03-01", instead: "start the version on that day or later"},
	{name: "cited after its repeal", file: sourcesFile, old: "effective: 2019-03-02", new: "effective: 2019-03-02\n    repealed: 2030-01-01", line: "cite: [{source: order-649, article: 第九条}]", what: "order-649 is repealed on 2030-01-01, but cited beyond it", instead: "end the version on that day", elsewhere: dibaoRule},
	{name: "to_verify without words", file: dibaoStd, old: "- origin: to_verify\n            assumed: {zh: 报告未写执行日期；按 2020 年 1 月 1 日起录入, en: The report gives no date; entered from 1 January 2020}", new: "- origin: to_verify", line: "- origin: to_verify", what: "to_verify without the assumption in words", instead: "write assumed"},
	{name: "origin claimed", file: dibaoStd, old: "{source: report-2020, article: 一（四）}", new: "{source: report-2020, article: 一（四）, origin: statute}", line: "origin: statute", what: "origin statute, but source report-2020 is seed", instead: "leave origin out"},
	{name: "status of a source", file: sourcesFile, old: "status: seed", new: "status: law", line: "id: report-2020", what: `source report-2020 has status "law"`, instead: "write status: seed, statute, to_verify"},
	{name: "source cited by nothing", file: sourcesFile, old: "sources:\n", new: "sources:\n  - {id: spare, title: {zh: 无, en: None}, status: seed}\n", line: "id: spare", what: "source spare is cited by nothing", instead: "cite it or remove it"},

	{name: "kind of a fact", file: schemaFile, old: "kind: bool", new: "kind: boolean", line: "name: car", what: `kind "boolean" is not known`, instead: "write money, int, bool, day or code"},
	{name: "fact twice", file: schemaFile, old: "  - name: extra_house", new: "  - name: car", line: "  - name: car\n    kind: bool\n    declarable: true\n    title: {zh: 有非必需", what: "car is declared twice", instead: "a name belongs to"},
	{name: "presumed without the assumption", file: schemaFile, old: "      assumed: {zh: 未注明单人保的按整户保, en: Judged by household unless a single person scheme is stated}\n", new: "", line: "value: household", what: "assumed is missing", instead: "write assumed:"},
	{name: "presumed code", file: schemaFile, old: "value: household", new: "value: family", line: "value: family", what: `"family" is no value of kind code`, instead: "write one of the codes"},
	{name: "sum of a yes or no", file: schemaFile, old: "kind: bool\n    declarable: true", new: "kind: bool\n    sum: true\n    declarable: true", line: "name: car", what: "car adds up, but is of kind bool", instead: "leave sum out"},
	{name: "aggregate of the wrong kind", file: householdFact, old: "sum: member.income", new: "sum: member.dead", line: "fact: household.income", what: "member.dead is of type bool", instead: "sum adds money or int"},
	{name: "aggregate of no member fact", file: householdFact, old: "sum: member.income", new: "sum: member.incom", line: "fact: household.income", what: `"member.incom" is no fact of a member`, instead: "write member.income"},
	{name: "fact without a way", file: householdFact, old: "    sum: member.income\n", new: "", line: "fact: household.income", what: "household.income needs one way to be found", instead: "exactly one of expr, sum, count, any, all"},
	{name: "facts in a circle", file: dibaoFact, old: "expr: household.dibao_standard * household.size", new: "expr: household.deposit_limit", line: "fact: household.dibao_line", what: "circle of facts", instead: "break it"},
	{name: "fact used by nothing", file: dibaoRule, old: "household.deposits <= household.deposit_limit", new: "household.deposits <= yuan('9')", line: "fact: household.deposit_limit", what: "fact household.deposit_limit is used by nothing", instead: "use it in a rule or remove it", elsewhere: dibaoFact},
	{name: "a collective of one", file: "standards/review.yaml", old: "value: 3, cite: [{origin: to_verify, assumed: {zh: 集体研究", new: "value: 1, cite: [{origin: to_verify, assumed: {zh: 集体研究", line: "value: 1,", what: "review_quorum is 1", instead: "from 2 on"},
	{name: "a limit of the review that nobody reads", file: "standards/review.yaml", old: "review_serve_workdays", new: "review_serve_days", line: "review_serve_days", what: "standard review_serve_days is used by nothing", instead: "remove it"},
	{name: "standards out of order", file: dibaoStd, old: "- from: 2021-01-01", new: "- from: 2020-01-01", line: "- from: 2020-01-01\n        value: null", what: "2020-01-01 does not follow 2020-01-01", instead: "in order of from"},
	{name: "value of a standard", file: dibaoStd, old: "value: 690", new: "value: 690.005", line: "690.005", what: `"690.005" is no value of kind money`, instead: "write yuan with at most two decimals"},

	{name: "one approval", file: packFile, old: "require: 2", new: "require: 1", line: "require: 1", what: "fewer than two approvals", instead: "write require: 2"},
	{name: "jurisdiction", file: packFile, old: `"429005"`, new: `"4290"`, line: "pack:", what: `jurisdiction "4290" is no code of GB/T 2260`, instead: "write six digits"},
	{name: "precedence", file: packFile, old: "precedence: [discovery, document, check, survey, declaration]", new: "precedence: [discovery, document, check, survey]", line: "pack:", what: "precedence does not list every kind of source once", instead: "write discovery, document, check, survey and declaration"},
	{name: "programme without amount", file: packFile, old: "rule: dibao.amount}", new: "rule: dibao.eligible}", line: "rule: dibao.eligible}", what: "rule dibao.eligible gives no amount", instead: "name a rule with then and else"},
	{name: "step out of order", file: dibaoSteps, old: "after: acceptance", new: "after: decision", line: "id: survey", what: "step survey runs from decision, which is no earlier step", instead: "name a step above"},
	{name: "nobody decides", file: dibaoSteps, old: "            decides: true\n", new: "", line: "from: 2019-03-02", what: "0 steps decide", instead: "mark exactly one with decides: true"},
	{name: "language with doubles", file: "env.yaml", old: "add_int64", new: "add_double", line: "add_double", what: "overload add_double is not for rules", instead: "leave it out"},
}

// early is a version of the amount rule before the real one.
func early(to string) string {
	return "      - from: 2019-03-02\n        to: " + to + "\n        cite: [{source: order-649, article: 第十二条}]\n        when: {rule: dibao.eligible}\n        then: {amount: 0}\n        else: {amount: 0}\n"
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, m.check)
	}
}

// check makes the mistake in a copy of a bundle and looks for its problem.
func (m mistake) check(t *testing.T) {
	pack := copied(t, "cn-hb-qianjiang/2020.1")
	if m.old == "" {
		pack[m.file] = &fstest.MapFile{Data: []byte(m.new)}
	} else {
		data := string(pack[m.file].Data)
		if !strings.Contains(data, m.old) {
			t.Fatalf("%s does not hold %q", m.file, m.old)
		}
		pack[m.file] = &fstest.MapFile{Data: []byte(strings.Replace(data, m.old, m.new, 1))}
	}
	file := m.file
	if m.elsewhere != "" {
		file = m.elsewhere
	}
	probs := policies.Check(pack)
	line := 1
	if m.line != "" {
		before, _, found := strings.Cut(string(pack[file].Data), m.line)
		if !found {
			t.Fatalf("%s does not hold %q", file, m.line)
		}
		line += strings.Count(before, "\n")
	}
	for _, p := range probs {
		if p.File == file && (p.Line == line || m.line == "") && strings.Contains(p.What.String(), m.what) && strings.Contains(p.Instead.String(), m.instead) {
			return
		}
	}
	t.Errorf("want %s:%d: …%s…; …%s…\ngot %v", file, line, m.what, m.instead, probs.Error())
}

// TestBrokenPackIsNotTested holds that an unreadable test file fails.
func TestBrokenPackIsNotTested(t *testing.T) {
	pack := copied(t, "test-only/1")
	pack["rules/all_test.yaml"] = &fstest.MapFile{Data: []byte("tests:\n  - {nam: x}\n")}
	if r := policies.Test(pack); r.OK() || len(r.Problems) == 0 {
		t.Errorf("report %+v", r)
	}
	pack["rules/all_test.yaml"] = &fstest.MapFile{Data: []byte("tests: [{name: x, programme: dibao, month: 2020-04, facts: {colour: red}, want: {amount: 0, amounts: [1]}}]\n")}
	r := policies.Test(pack)
	if r.OK() || len(r.Problems) != 2 {
		t.Errorf("problems %v", r.Problems)
	}
	delete(pack, "rules/all_test.yaml")
	if r := policies.Test(pack); len(r.Uncovered()) == 0 {
		t.Error("no rule is tested, but every leaf counts as seen both ways")
	}
}

// TestWrongExpectationsFail breaks one expectation at a time.
func TestWrongExpectationsFail(t *testing.T) {
	for _, change := range [][2]string{
		{"want: {amount: 240}", "want: {amount: 241}"},
		{"want: {range: [0, 3000]}", "want: {range: [0, 2999]}"},
		{"fails: {tekun.eligible: [category, ", "fails: {tekun.eligible: ["},
		{"special: [temporary.amount/relief_first]", "special: []"},
	} {
		pack := copied(t, "test-only/1")
		data := strings.Replace(string(pack["rules/all_test.yaml"].Data), change[0], change[1], 1)
		pack["rules/all_test.yaml"] = &fstest.MapFile{Data: []byte(data)}
		if r := policies.Test(pack); r.Failed() != 1 {
			t.Errorf("%s: %d failed, problems %v", change[1], r.Failed(), r.Problems)
		}
	}
}
