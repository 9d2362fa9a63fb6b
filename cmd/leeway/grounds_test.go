package main_test

import (
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
	"leeway/eventstore/memory"
	"leeway/policies"
)

// The grounds that the fixtures carry (issue 3, domain.md §2 and §3.3), worked
// out by hand. Mitigations are told apart in a test of their own.
func TestFixtureGrounds(t *testing.T) {
	tests := []struct{ id, month, person, want string }{
		{"F1", "2020-07", "b1", ""},
		{"F2", "2020-07", "w3", "G01 holds"},
		{"F2", "2020-07", "b1", "G01 holds"},
		{"F3", "2020-07", "b1", ""},
		{"F4", "2020-07", "b1", "G01 holds"}, // of the concealment; the slip has no ground
		{"F5", "2020-07", "b1", ""},          // the return lay unread
		{"F6", "2020-07", "w1", "X07 suspected"},
		{"F6", "2020-07", "b1", "G20 holds"}, // the step was w1's
		{"F7", "2020-03", "b2", "G08 holds"},
		{"F8", "2020-08", "b2", ""},
		{"F9", "2020-08", "b2", "G02 holds"},
		{"F11", "2020-08", "f1", "G19 unknown"}, // the agent's log is not on record
		{"F13", "2020-07", "b1", "G07 holds"},
		{"F14", "2020-04", "b1", "G07 holds"},
		{"F17", "2020-07", "b1", "G01 holds, G02 holds"},
		{"F18", "2020-03", "b2", "G06 unknown, G08 holds"}, // whether a query was sent is not on record
		{"F20", "2020-04", "b2", "G02 holds"},
		{"F20", "2020-05", "w2", "G02 partial, X07 suspected"},
		{"F20", "2020-12", "w2", "G02 partial, X07 suspected"},
		{"CT", "2020-02", "w1", "X03 suspected"},
		{"C06", "2020-07", "w1", "X07 suspected"},
		{"C09", "2020-07", "w3", "X07 suspected"},
		{"C11", "2020-07", "b1", "G12 holds"},
		{"C13", "2020-07", "b1", "G01 unknown"}, // nobody can say why
	}
	desk := demoDesk(t)
	for _, test := range tests {
		t.Run(test.id+" "+test.month+" "+test.person, func(t *testing.T) {
			r := replayed(t, desk, test.id)
			got := grounds(r, test.month, test.person, domain.Exemption, domain.Exclusion)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// grounds are those that a report tells of a person's part in a month.
func grounds(r *replay.Report, month, person string, kinds ...domain.GroundKind) string {
	var parts []string
	for _, m := range r.Months {
		for _, a := range m.Actors {
			if m.Month.String() != month || a.Actor.Person != person {
				continue
			}
			list, _ := r.GroundsFor(a)
			for _, g := range list {
				word := string(g.Verdict)
				if g.Partial {
					word = "partial"
				}
				if g.Suspected {
					word = "suspected"
				}
				if s := g.ID + " " + word; slices.Contains(kinds, g.Kind) && !slices.Contains(parts, s) {
					parts = append(parts, s)
				}
			}
		}
	}
	return strings.Join(parts, ", ")
}

// What mitigates comes from the record where the record can tell it, and never
// exempts.
func TestFixtureMitigations(t *testing.T) {
	tests := []struct{ id, month, person, want string }{
		{"F20", "2020-05", "w2", "M14 holds, M15 holds"}, // overdue by one cycle, all recovered
		{"F21", "2020-07", "b1", ""},                     // 500 of 1080 recovered
	}
	desk := demoDesk(t)
	for _, test := range tests {
		if got := grounds(replayed(t, desk, test.id), test.month, test.person, domain.Mitigation); got != test.want {
			t.Errorf("%s %s %s: got %q, want %q", test.id, test.month, test.person, got, test.want)
		}
	}
}

// An act of June 2020 is compared under both regimes (Lq): X07 comes from a
// statute only since July, so that the rules of the time are lighter.
func TestFixtureLighterRegime(t *testing.T) {
	desk := demoDesk(t)
	for _, m := range replayed(t, desk, "F6").Months {
		for _, a := range m.Actors {
			if a.Actor.Person != "w1" {
				continue
			}
			want := &replay.Lq{Lighter: replay.LighterThen, Shifts: []replay.Shift{{Ground: "X07", Kind: domain.Exclusion, Then: "suspected", Now: "suspected", NowLaw: true, Favours: replay.LighterThen}}}
			got := *a.Lq
			got.Now = nil
			if d := cmp.Diff(want, &got); d != "" {
				t.Error(d)
			}
			if len(a.Lq.Now) != 1 || !a.Lq.Now[0].Statutory || a.Grounds[len(a.Grounds)-1].Statutory {
				t.Errorf("both results are not kept: now %v", a.Lq.Now)
			}
			return
		}
	}
	t.Error("w1 has no part in F6")
}

// 郫都 2017 (§2.6) as a test of grounds alone: an oversight in an urgent task,
// minor, put right by the person himself.
func TestGroundsOfPidu(t *testing.T) {
	lib := demoLibrary(t)
	v, err := lib.Resolve("cn-hb-qianjiang", "2021.1")
	if err != nil {
		t.Fatal(err)
	}
	p, err := lib.Plan(v, domain.Date(2020, 8, 1))
	if err != nil {
		t.Fatal(err)
	}
	yes := func(name string, person string) domain.Evidence {
		return domain.Evidence{Value: domain.Bool(true), Events: []string{name}, Person: person}
	}
	all, err := p.Grounds(domain.Findings{
		"urgency_recorded": yes("urgent", ""), "self_found_first": yes("report", ""), "corrected": yes("fix", ""), "corrected_next_payroll": yes("fix", ""),
		"overpaid_in_all": {Value: domain.Money(0)}, "recovered": {Value: domain.Money(0)},
		"right_in_truth": yes("act", ""), "minor_defect": yes("step", ""), "defect_corrected": yes("fix", ""), "right_harmed": {Value: domain.Bool(false)},
		"slight_case": yes("minutes", "r1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range all {
		if g.Verdict == domain.Holds || g.Suspected {
			got = append(got, g.ID)
		}
	}
	if d := cmp.Diff([]string{"G09", "G17", "M01", "M04", "M08"}, got); d != "" {
		t.Error(d)
	}
}

// officePack is the bundle under another name, as a folder that an office
// could have written, with one article filled in.
func officePack(t *testing.T, article string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	src := policies.Bundles()
	err := fs.WalkDir(src, "cn-hb-qianjiang", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(src, name)
		text := strings.ReplaceAll(string(data), "pack: cn-hb-qianjiang", "pack: office")
		if strings.HasSuffix(name, "exemptions.yaml") {
			text = strings.Replace(text, `local_article: ""`, `local_article: `+article, 1)
		}
		out[strings.Replace(name, "cn-hb-qianjiang", "office", 1)] = &fstest.MapFile{Data: []byte(text)}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLocalArticle replays F2 on a pack from a folder whose article is filled
// in: the replay shows it, and none where it is empty.
func TestLocalArticle(t *testing.T) {
	lib, err := policies.New(officePack(t, "第八条第一项（测试）"))
	if err != nil {
		t.Fatal(err)
	}
	desk := &casework.Service{Store: memory.New(), Rules: demoRules{lib}, Sealer: plainSealer{},
		Now: func() time.Time { return asOf.Start().Add(20 * time.Hour) }}
	t.Cleanup(func() { desk.Store.Close() })
	for _, name := range []string{"demo/00-register.ndjson", "demo/F02-concealed.ndjson"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := casework.ReadCaseFile(strings.NewReader(strings.ReplaceAll(string(data), "cn-hb-qianjiang", "office")), desk.Rules, asOf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Import(t.Context(), f, nil); err != nil {
			t.Fatal(err)
		}
	}
	r := replayed(t, desk, "F2")
	for _, g := range r.Months[0].Actors[0].Grounds {
		if want := map[string]string{"G01": "第八条第一项（测试）"}[g.ID]; g.LocalArticle != want {
			t.Errorf("%s has the article %q, want %q", g.ID, g.LocalArticle, want)
		}
	}
	for _, g := range replayed(t, demoDesk(t), "F2").Months[0].Actors[0].Grounds {
		if g.LocalArticle != "" {
			t.Errorf("the bundle gives %s the article %s", g.ID, g.LocalArticle)
		}
	}
}

// told only where a case has help before formalities; held in domain/replay.
var emergencyOnly = []string{"emergency_amount", "formalities_workdays", "stop_workdays"}

// TestFindingsMatchTheSchema holds the two ends together: what the replay tells
// and what the packs declare, by name and kind.
func TestFindingsMatchTheSchema(t *testing.T) {
	desk := demoDesk(t)
	lib := demoLibrary(t)
	v, err := lib.Resolve("cn-hb-qianjiang", "2021.1")
	if err != nil {
		t.Fatal(err)
	}
	p, err := lib.Plan(v, asOf)
	if err != nil {
		t.Fatal(err)
	}
	schema := p.Findings()
	told := map[string]bool{}
	for _, f := range all() {
		r := replayed(t, desk, f.id)
		d, err := desk.DossierAt(t.Context(), f.id, asOf)
		if err != nil {
			t.Fatal(err)
		}
		in := replay.Input{Case: d.Case, Register: d.Register, Rules: desk.Rules, AsOf: asOf}
		for _, m := range r.Months {
			for _, a := range m.Actors {
				for name, e := range replay.FindingsOf(in, r, m, a) {
					told[name] = true
					s, declared := schema[name]
					switch {
					case !declared && !strings.HasPrefix(name, "step_"):
						t.Errorf("%s %s: %s is no finding of the pack", f.id, m.Month, name)
					case declared && (s.Kind != e.Value.Kind || s.People):
						t.Errorf("%s is declared as kind %d, people %v; the replay tells kind %d", name, s.Kind, s.People, e.Value.Kind)
					}
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(schema)) {
		if s := schema[name]; !s.People && !told[name] && !slices.Contains(emergencyOnly, name) {
			t.Errorf("no case of the demo tells %s", name)
		}
	}
}
