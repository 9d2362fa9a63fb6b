package policies_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"leeway/policies"
)

// tiny is the smallest pack that uses every kind of file, so that fuzzing
// spends its time on reading.
var tiny = map[string]string{
	"pack.yaml": `
pack: tiny
version: "1"
title: {zh: 小, en: Tiny}
jurisdiction: "429005"
timezone: Asia/Shanghai
authority: {zh: 无, en: None}
reason: {zh: 无, en: None}
approval: {require: 2, roles: [a, b]}
cost_limit: 100
month_rule: [{id: m, start: first_day, change: first_day, death: last_day, cite: [{source: s}]}]
precedence: [discovery, document, check, survey, declaration]
programmes: [{id: aid, title: {zh: 助, en: Aid}, rule: aid}]
liability: [{id: l, title: {zh: 责, en: L}, from: 2020-01-01, to: 2021-01-01, cite: [{source: s}]}]
calendar: {weekend: [sunday], holidays: [{from: 2020-01-01, to: 2020-01-02, title: {zh: 元旦, en: New Year}}], workdays: [{day: 2020-01-05}], cite: [{source: s}]}
`,
	"env.yaml": `
name: tiny
stdlib:
  disable_macros: true
  include_functions: [{name: "_&&_"}, {name: "!_"}, {name: "_==_"}, {name: "_<_"}, {name: "_<=_"}, {name: "_>_"}, {name: "_>=_"}, {name: "_+_"}, {name: "_-_"}, {name: "_*_"}]
`,
	"sources.yaml": "sources: [{id: s, number: n, title: {zh: 源, en: S}, issued: 2019-01-01, effective: 2019-01-01, repealed: 2030-01-01, status: seed}]",
	"schema.yaml": `
household: [{name: car, kind: bool, declarable: true, title: {zh: 车, en: Car}}]
member:
  - {name: income, kind: money, sum: true, title: {zh: 收入, en: Income}}
  - {name: home, kind: code, codes: [yes, no], presumed: {value: yes, assumed: {zh: 推定, en: Presumed}}, title: {zh: 家, en: Home}}
`,
	"facts/f.yaml": `
facts:
  - {fact: member.here, kind: bool, title: {zh: 在, en: Here}, expr: member.home == 'yes', cite: [{source: s}]}
  - {fact: household.income, kind: money, title: {zh: 收入, en: Income}, sum: member.income, where: member.here, cite: [{source: s}]}
`,
	"standards/s.yaml": "standards: [{standard: line, kind: money, title: {zh: 线, en: Line}, values: [{from: 2020-01-01, value: 500.5, cite: [{source: s}]}, {from: 2021-01-01, value: null, cite: [{origin: to_verify, assumed: {zh: 无, en: None}}]}]}]",
	"rules/r.yaml": `
rules:
  - rule: aid
    title: {zh: 助, en: Aid}
    versions:
      - from: 2020-01-01
        to: 2022-01-01
        cite: [{source: s}]
        when: {all: [{id: a, text: {zh: 一, en: A}, expr: household.income < std.line}, {not: {id: b, text: {zh: 二, en: B}, expr: household.car}}]}
        then: {amount: std.line - household.income}
        else: {amount: 0}
        exceptions: [{id: x, text: {zh: 例, en: X}, special: true, cite: [{source: s}], when: {id: c, text: {zh: 三, en: C}, base: false}, then: {amount: {lo: 0, hi: 9}, alternatives: ["max(yuan('20'), std.line)"]}}]
`,
	"procedure/p.yaml":      "procedures: [{procedure: aid, versions: [{from: 2020-01-01, to: 2022-01-01, cite: [{source: s}], steps: [{id: d, title: {zh: 决, en: D}, event: d.v1, required: true, decides: true, cite: [{source: s}]}]}]}]",
	"liability/schema.yaml": "findings: [{name: hid, kind: bool, title: {zh: 隐, en: Hid}}, {name: days, kind: int, title: {zh: 日, en: Days}}, {name: why, kind: code, codes: [a, b], people: true, title: {zh: 因, en: Why}}, {name: yes_x, kind: bool, people: true, title: {zh: 是, en: Yes}}]",
	"liability/g.yaml": `
grounds:
  - {ground: G1, kind: exemption, title: {zh: 一, en: One}, local_article: "", all: [{id: a, text: {zh: 甲, en: A}, expr: hid}], counters: [{id: b, text: {zh: 乙, en: B}, expr: days > 3, lowers: true, cite: [{source: s}]}], versions: [{from: 2020-01-01, to: 2022-01-01, cite: [{source: s}]}]}
  - {ground: X1, kind: exclusion, title: {zh: 二, en: Two}, confirmed: yes_x, any: [{id: c, text: {zh: 丙, en: C}, expr: why == 'a'}, {id: d, text: {zh: 丁, en: D}, expr: "!hid"}], versions: [{from: 2020-01-01, to: 2022-01-01, cite: [{source: s}]}]}
`,
	"liability/g_test.yaml": "grounds: [{ground: X1, on: 2020-04-01, findings: {hid: true, why: b, days: 4}, cases: [{name: none, want: fails}, {name: sign, findings: {why: a}, want: suspected}, {name: said, findings: {yes_x: true}, want: holds, fails: [c, d]}, {name: late, on: 2023-01-01, want: absent}]}]",
	"rules/r_test.yaml":     "defaults: {programme: aid, month: 2020-04}\ntests: [{name: t, facts: {car: false}, members: [{income: 100}], want: {amount: 400.5, fails: {aid/x: [c]}}}]",
}

// tinyPack is a fresh copy of tiny with one file changed.
func tinyPack(name, data string) fstest.MapFS {
	pack := fstest.MapFS{}
	for k, v := range tiny {
		pack[k] = &fstest.MapFile{Data: []byte(v)}
	}
	pack[name] = &fstest.MapFile{Data: []byte(data)}
	return pack
}

// FuzzLoad puts arbitrary text in the place of one file: whatever it is, Check
// and Test answer with problems and never panic.
func FuzzLoad(f *testing.F) {
	for name, data := range tiny {
		f.Add(name, data)
	}
	f.Add("rules/r.yaml", "rules: [{rule: aid, title: {zh: a, en: a}, versions: [{from: 2020-01-01, cite: [], when: {all: []}}]}]")
	f.Add("schema.yaml", "household: [&a [*a]]")
	f.Add("liability/schema.yaml", "findings: [{name: in, kind: bool, title: {zh: a, en: a}}, {name: true, kind: int, title: {zh: a, en: a}}]")
	f.Add("liability/g.yaml", "grounds: [{ground: G1, kind: exclusion, title: {zh: a, en: a}, confirmed: hid, versions: [{cite: []}]}]")
	f.Add("liability/g_test.yaml", "grounds: [{ground: G1, findings: {}, cases: [{name: a, want: holds}]}]")
	f.Add("pack.yaml", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")
	f.Fuzz(func(t *testing.T, name, data string) {
		if !fs.ValidPath(name) || name == "." {
			return // no path that a file system could hold
		}
		pack := tinyPack(name, data)
		policies.Check(pack)
		policies.Test(pack)
	})
}

// TestTinyPack keeps the starting point of the fuzzing sound.
func TestTinyPack(t *testing.T) {
	pack := tinyPack("sources.yaml", tiny["sources.yaml"])
	if r := policies.Test(pack); !r.OK() {
		t.Errorf("%+v", r)
	}
	for _, p := range policies.Check(pack) {
		t.Error(p)
	}
}
