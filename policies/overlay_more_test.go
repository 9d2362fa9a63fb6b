package policies_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"leeway/domain"
	"leeway/policies"
)

// opened loads an overlay by the library, without regard to its folder.
func opened(t testing.TB, pack fstest.MapFS, dirs ...fstest.MapFS) (*policies.Library, domain.PackVersion) {
	t.Helper()
	lib, err := policies.New()
	for _, d := range dirs {
		lib, err = policies.New(d)
	}
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Open(pack)
	if err != nil {
		t.Fatal(err)
	}
	return lib, v
}

// TestOverlaidValuesMeetTheBase puts values before, on, between and after
// those of the base: each ends where the next begins.
func TestOverlaidValuesMeetTheBase(t *testing.T) {
	base := copied(t, "test-only/1")
	values := `
standards:
  - standard: dibao_rural
    values:
      - {from: 2019-06-01, value: 450, cite: [{source: notice-7}]}
      - {from: 2020-01-01, value: 490, cite: [{source: notice-7}]}
      - {from: 2020-02-01, value: null, cite: [{source: notice-7}]}
      - {from: 2020-03-01, value: 530, cite: [{source: notice-7}]}
`
	// Before the base's first value there is one now; comparison tells its days,
	// though nobody can be paid for lack of the other standards.
	for _, c := range diffed(t, base, overlaid(valuesFile, values)).Changes[:1] {
		if c.ID != "std.dibao_rural" || c.From != domain.Date(2019, 6, 1) || c.To != domain.Date(2020, 1, 1) || c.After[0] != "450" {
			t.Errorf("%+v", c)
		}
	}
	lib, v := opened(t, overlaid(valuesFile, values))
	for _, tt := range []struct {
		day  string
		want int64 // fen for one person at 400; -1: undetermined
	}{
		{"2020-01-01", 9000}, {"2020-01-31", 9000},
		{"2020-02-01", -1}, {"2020-02-29", -1}, {"2020-03-01", 13000}, {"2029-01-01", 13000},
	} {
		day, err := domain.ParseDay(tt.day)
		if err != nil {
			t.Fatal(err)
		}
		p, err := lib.PlanOn(v, day)
		if err != nil {
			t.Fatal(err)
		}
		f := dibao(400)
		o, err := p.Evaluate(f)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := o.Single()
		if tt.want < 0 && ok || tt.want >= 0 && (!ok || int64(got) != tt.want) {
			t.Errorf("on %s: %+v, want %d", tt.day, o, tt.want)
		}
	}
}

// TestOverlaidLimits holds that a limit lasts to the end of the version in
// force, that a later one takes over, and that other steps are left alone.
func TestOverlaidLimits(t *testing.T) {
	limits := `
limits:
  - {procedure: dibao, step: survey, from: 2021-01-01, days: 6, working: true, cite: [{source: notice-7}]}
  - {procedure: dibao, step: survey, from: 2020-05-01, days: 8, cite: [{source: notice-7}]}
  - {procedure: dibao, step: decision, from: 2020-05-01, days: 4, working: true, cite: [{source: notice-7}]}
`
	pack := overlaid(limitsFile, limits)
	pack[packFile].Data = []byte(strings.Replace(office[packFile], `pack: test-only, version: "1"`, `pack: cn-hb-qianjiang, version: "2021.1"`, 1))
	pack[valuesFile].Data = []byte("standards: []")
	lib, v := opened(t, pack)
	for day, want := range map[domain.Day][2]int{
		domain.Date(2020, 4, 30): {10, 5}, domain.Date(2020, 5, 1): {8, 4}, domain.Date(2020, 12, 31): {8, 4},
		domain.Date(2021, 1, 1): {6, 4}, domain.Date(2021, 6, 30): {6, 4},
		domain.Date(2021, 7, 1): {3, 30}, // the measures of 2021 are another procedure
	} {
		p, err := lib.PlanOn(v, day)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range p.Procedure("dibao") {
			switch {
			case s.ID == "survey" && s.Days != want[0], s.ID == "decision" && s.Days != want[1]:
				t.Errorf("on %s %s has %d days, want %v", day, s.ID, s.Days, want)
			case s.ID == "survey" && want[0] == 8 && (s.Working || s.Cites[0].Source != "notice-7" || s.Staff != 2):
				t.Errorf("on %s: %+v", day, s)
			}
		}
	}
}

// TestOverlayUnderTheNameOfItsBase is how an office brings values to the cases
// that it has: the next version of their pack.
func TestOverlayUnderTheNameOfItsBase(t *testing.T) {
	pack := overlaid(packFile, strings.Replace(office[packFile], "pack: my-office\nversion: \"1\"", "pack: test-only\nversion: \"1-office\"\nsupersedes: \"1\"", 1))
	for _, p := range policies.Check(pack) {
		t.Error(p)
	}
	lib, v := opened(t, pack)
	info, err := lib.Info(v)
	if err != nil || v.Pack != "test-only" || info.Supersedes != "1" || info.Extends.Version != "1" {
		t.Errorf("%+v, %+v, %v", v, info, err)
	}
}

// TestOverlaidArticles holds that an article is shown with its measure, and
// nowhere else.
func TestOverlaidArticles(t *testing.T) {
	lib, v := opened(t, overlaid(articlesFile, "articles: [{ground: X03, local_article: 第二十条, source: notice-7}]"))
	p, err := lib.PlanOn(v, domain.Date(2020, 8, 1))
	if err != nil {
		t.Fatal(err)
	}
	grounds, err := p.Grounds(domain.Findings{})
	if err != nil || len(grounds) < 30 {
		t.Fatalf("%d grounds, %v", len(grounds), err)
	}
	for _, g := range grounds {
		if want := map[string]string{"X03": "某镇通知 第二十条"}[g.ID]; !strings.HasSuffix(g.LocalArticle, want) || want == "" && g.LocalArticle != "" {
			t.Errorf("%s: %q, want %q", g.ID, g.LocalArticle, want)
		}
	}
}

// TestOpen takes in folders of any name, and refuses a version that is at hand
// with other bytes.
func TestOpen(t *testing.T) {
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	same, err := lib.Open(copied(t, base2020))
	if want, _ := lib.Resolve("cn-hb-qianjiang", "2020.1"); err != nil || same != want {
		t.Errorf("the bundle's own bytes: %+v, %v", same, err)
	}
	if _, err := lib.Open(edited(t, base2020, dibaoStd, "value: 526", "value: 530")); !errors.Is(err, domain.ErrInvalid) || !strings.Contains(err.Error(), "give the folder a version of its own") {
		t.Errorf("other bytes: %v", err)
	}
	if _, err := lib.Open(fstest.MapFS{}); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("nothing: %v", err)
	}
	v, err := lib.Open(tinyPack(sourcesFile, tiny[sourcesFile]))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := lib.Resolve("tiny", "1"); err != nil || again != v {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := lib.PlanOn(v, domain.Date(2020, 4, 1)); err != nil {
		t.Error(err)
	}
}

// TestPackOnDisk does with a folder of the disk what the others do in memory:
// separators, links and what an editor leaves behind are the disk's own.
func TestPackOnDisk(t *testing.T) {
	files, err := policies.Skeleton("on-disk", "1")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	disk, err := policies.Seal(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if mem, err := policies.Seal(written(t, files, nil)); err != nil || mem.ID != disk.ID {
		t.Errorf("in memory %+v, on disk %+v, %v", mem.ID, disk.ID, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rules", ".temporary.yaml.swp"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := policies.Seal(os.DirFS(dir)); err == nil || !strings.Contains(err.Error(), "the file is no part of a pack") {
		t.Errorf("what an editor left behind: %v", err)
	}
}
