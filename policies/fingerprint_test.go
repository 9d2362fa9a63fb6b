package policies_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"leeway/domain"
	"leeway/policies"
)

func TestFingerprints(t *testing.T) {
	print := func(pack, version, day, programme string) string {
		return planOn(t, pack, version, day).Fingerprint(programme)
	}
	april := "2020-04-01"
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"the epidemic changes dibao", print("cn-hb-qianjiang", "2020.1", april, "dibao"), print("cn-hb-qianjiang", "2020.2", april, "dibao"), false},
		{"and not temporary assistance", print("cn-hb-qianjiang", "2020.1", april, "temporary"), print("cn-hb-qianjiang", "2020.2", april, "temporary"), true},
		{"a new standard before its day", print("test-only", "1", april, "dibao"), print("test-only", "2", april, "dibao"), true},
		{"and from its day", print("test-only", "1", "2020-07-01", "dibao"), print("test-only", "2", "2020-07-01", "dibao"), false},
		{"only for those who depend on it", print("test-only", "1", "2020-07-01", "tekun"), print("test-only", "2", "2020-07-01", "tekun"), true},
		{"two days of one epoch", print("test-only", "1", april, "dibao"), print("test-only", "1", "2020-05-09", "dibao"), true},
	} {
		if (tt.a == tt.b) != tt.same {
			t.Errorf("%s: same is %v", tt.name, tt.a == tt.b)
		}
	}
	if print("test-only", "1", april, "nothing") != "" {
		t.Error("an unknown programme has a fingerprint")
	}
}

// TestFingerprintIgnoresWords edits layout and titles, then a meaning.
func TestFingerprintIgnoresWords(t *testing.T) {
	print := func(old, new string) string {
		tree := fstest.MapFS{}
		for name, data := range tiny {
			tree["tiny/1/"+name] = &fstest.MapFile{Data: []byte(strings.Replace(data, old, new, 1))}
		}
		lib, err := policies.New(tree)
		if err != nil {
			t.Fatal(err)
		}
		v, err := lib.Resolve("tiny", "1")
		if err != nil {
			t.Fatal(err)
		}
		p, err := lib.PlanOn(v, domain.Date(2020, 4, 1))
		if err != nil {
			t.Fatal(err)
		}
		return p.Fingerprint("aid")
	}
	base := print("", "")
	for _, words := range [][2]string{{"zh: 助, en: Aid", "zh: 救助, en: Help"}, {"household.income < std.line", "household.income  <  std.line"}} {
		if print(words[0], words[1]) != base {
			t.Errorf("%s changes the fingerprint", words[1])
		}
	}
	for _, sense := range [][2]string{{"household.income < std.line", "household.income <= std.line"}, {"500.5", "500.6"}, {"presumed: {value: yes", "presumed: {value: no"}} {
		if print(sense[0], sense[1]) == base {
			t.Errorf("%s does not change the fingerprint", sense[1])
		}
	}
}
