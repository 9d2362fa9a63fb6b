package policies_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"leeway/domain"
	"leeway/policies"
)

// edited is a bundle with one text in one file replaced.
func edited(t testing.TB, pack, file, old, new string) fstest.MapFS {
	t.Helper()
	m := copied(t, pack)
	data := string(m[file].Data)
	if !strings.Contains(data, old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	m[file] = &fstest.MapFile{Data: []byte(strings.Replace(data, old, new, 1))}
	return m
}

func diffed(t testing.TB, a, b fs.FS, dirs ...fs.FS) policies.Difference {
	t.Helper()
	d, err := policies.Diff(a, b, dirs...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// told lists changes as "kind id how from".
func told(d policies.Difference) []string {
	var out []string
	for _, c := range d.Changes {
		from := ""
		if c.From != 0 {
			from = " " + c.From.String()
		}
		out = append(out, c.Kind+" "+c.ID+" "+c.How+from)
	}
	return out
}

const base2020 = "cn-hb-qianjiang/2020.1"

// TestDiffIgnoresWords changes bytes and no meaning.
func TestDiffIgnoresWords(t *testing.T) {
	for _, change := range [][3]string{
		{dibaoRule, "title: {zh: 低保金额, en: Amount of subsistence allowance}", "title: {zh: 金额, en: Amount}"},
		{dibaoRule, noCar, `expr: "!  household.car"`},
		{dibaoRule, "text: {zh: 无机动车辆, en: No motor vehicle}", "text: {zh: 无车, en: No car}"},
		{dibaoRule, "rules:\n", "# a comment\nrules:\n\n"},
		{dibaoRule, "article: 第九条", "article: 第十条"},
		{dibaoSteps, "title: {zh: 入户调查, en: Household survey}", "title: {zh: 调查, en: Survey}"},
		{sourcesFile, "number: 国务院令第649号", "number: 国务院令第六四九号"},
		{packFile, "zh: 潜江市社会救助规则", "zh: 社会救助规则"},
		{"rules/dibao_test.yaml", "tests:", "# more\ntests:"},
	} {
		b := edited(t, base2020, change[0], change[1], change[2])
		if d := diffed(t, copied(t, base2020), b); len(d.Changes) != 0 || d.A.Digest == d.B.Digest {
			t.Errorf("%s: %v", change[2], told(d))
		}
	}
}

// TestDiffOfAValue holds that 526 → 530 flags just what depends on it, for the
// days of the value.
func TestDiffOfAValue(t *testing.T) {
	d := diffed(t, copied(t, base2020), edited(t, base2020, dibaoStd, "value: 526", "value: 530"))
	want := []string{
		"standard std.dibao_rural changed 2020-01-01",
		"fact household.deposit_limit through 2020-01-01", "fact household.dibao_gap through 2020-01-01",
		"fact household.dibao_line through 2020-01-01", "fact household.dibao_standard through 2020-01-01",
		"rule dibao.amount through 2020-01-01", "rule dibao.eligible through 2020-01-01",
		"programme dibao through 2020-01-01",
	}
	if got := told(d); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	c := d.Changes[0]
	if !slices.Equal(c.Before, []string{"526"}) || !slices.Equal(c.After, []string{"530"}) || c.To != domain.Date(2021, 1, 1) {
		t.Errorf("%+v", c)
	}
	for _, c := range d.Changes[1:] {
		if !slices.Equal(c.Cause, []string{"std.dibao_rural"}) || c.Before != nil || c.To != domain.Date(2021, 1, 1) {
			t.Errorf("%+v", c)
		}
	}
}

// TestDiffOfEachKind makes one change of each kind.
func TestDiffOfEachKind(t *testing.T) {
	for _, tt := range []struct{ name, file, old, new, want string }{
		{"a rule", dibaoRule, noCar, "expr: household.car", "rule dibao.eligible changed 2019-03-02"},
		{"a rule of a later day", dibaoRule, "from: 2019-03-02\n        cite: [{source: order-649, article: 第九条}]", "from: 2019-03-02\n        to: 2020-06-01\n        cite: [{source: order-649, article: 第九条}]", "rule dibao.eligible removed 2020-06-01"},
		{"a fact", dibaoFact, "household.dibao_standard * household.size", "household.dibao_standard", "fact household.dibao_line changed"},
		{"an aggregate", householdFact, "    where: member.counts\n", "", "fact household.income changed"},
		{"a standard to be verified no more", dibaoStd, "          - origin: to_verify\n            assumed: {zh: 报告未写执行日期；按 2020 年 1 月 1 日起录入, en: The report gives no date; entered from 1 January 2020}\n", "", "standard std.dibao_urban changed 2020-01-01"},
		{"a presumption", schemaFile, "value: household", "value: single", "attribute household.scheme changed"},
		{"a limit", dibaoSteps, "days: 10", "days: 9", "step dibao.survey changed 2019-03-02"},
		{"the first of the readings", packFile, "change: first_day", "change: last_day", "pack month_rule changed"},
		{"a holiday", packFile, "to: 2020-02-02", "to: 2020-02-09", "pack calendar changed"},
		{"the approvals", packFile, "require: 2", "require: 3", "pack approval changed"},
		{"the precedence", packFile, "[discovery, document,", "[document, discovery,", "pack precedence changed"},
		{"a ground", "liability/exemptions.yaml", "expr: concealed,", `expr: "!concealed",`, "ground G01 changed 2019-03-02"},
		{"an article", "liability/exemptions.yaml", `local_article: ""`, "local_article: 第一条", "ground G01 changed 2019-03-02"},
		{"a finding", "liability/schema.yaml", "{name: concealed, kind: bool,", "{name: concealed, kind: bool, people: true,", "finding concealed changed"},
	} {
		d := diffed(t, copied(t, base2020), edited(t, base2020, tt.file, tt.old, tt.new))
		if !slices.Contains(told(d), tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, told(d), tt.want)
		}
	}
}

// TestDiffFindsWhatOutcomesShow holds the comparison against fingerprints: on
// every day on which a programme may answer otherwise, it is named.
func TestDiffFindsWhatOutcomesShow(t *testing.T) {
	all := bundled(t)
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{{"cn-hb-qianjiang/2020.1", "cn-hb-qianjiang/2020.2"}, {"cn-hb-qianjiang/2020.2", "cn-hb-qianjiang/2021.1"}, {"test-only/1", "test-only/2"}, {"test-only/2", "test-only/3"}} {
		d := diffed(t, all[pair[0]], all[pair[1]])
		info, err := lib.Info(d.B)
		if err != nil {
			t.Fatal(err)
		}
		for day := domain.Date(2019, 1, 1); day < domain.Date(2022, 1, 1); day += 5 {
			a, err := lib.PlanOn(d.A, day)
			if err != nil {
				t.Fatal(err)
			}
			b, err := lib.PlanOn(d.B, day)
			if err != nil {
				t.Fatal(err)
			}
			for _, pr := range info.Programmes {
				named := slices.ContainsFunc(d.Changes, func(c policies.Change) bool {
					return c.Kind == "programme" && c.ID == pr.ID && c.From <= day && (c.To == 0 || day < c.To)
				})
				if differs := a.Fingerprint(pr.ID) != b.Fingerprint(pr.ID); differs != named {
					t.Errorf("%v, %s on %s: differs %v, named %v", pair, pr.ID, day, differs, named)
				}
			}
		}
	}
}

// TestDiffOfAnOverlay holds that an overlay differs from its base in what it
// brings alone.
func TestDiffOfAnOverlay(t *testing.T) {
	base, err := fs.Sub(policies.Bundles(), "test-only/1")
	if err != nil {
		t.Fatal(err)
	}
	d := diffed(t, base, overlaid(articlesFile, "articles: [{ground: G01, local_article: 第七条, source: notice-7}]"))
	own := slices.DeleteFunc(told(d), func(s string) bool { return strings.Contains(s, " through ") })
	if want := []string{"standard std.dibao_rural changed 2020-03-01", "step dibao.survey changed 2020-05-01", "ground G01 changed 2019-03-02"}; !slices.Equal(own, want) {
		t.Errorf("%q, want %q", own, want)
	}
	for _, c := range d.Changes {
		if c.Kind == "ground" && !slices.Equal(c.After, []string{"local article 某镇通知 第七条"}) {
			t.Errorf("%+v", c)
		}
	}
	if _, err := policies.Diff(base, overlaid(packFile, "pack: x")); err == nil || !strings.Contains(err.Error(), "pack.yaml:1:") {
		t.Errorf("a pack that cannot be used: %v", err)
	}
}
