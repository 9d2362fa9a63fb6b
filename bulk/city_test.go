package bulk

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/eventstore/memory"
	"leeway/policies"
	"leeway/projections"
	"leeway/simulate"
)

// newSimulated is a made-up city with its dossiers, and what was planted in it.
func newSimulated(t testing.TB, seed uint64, percent int) (*city, []simulate.Truth) {
	t.Helper()
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	c := &city{file: filepath.Join(t.TempDir(), "models.db")}
	c.desk = &casework.Service{Store: memory.New(), Rules: rules{lib}, Sealer: plain{}, Now: func() time.Time { return asOf.Start().Add(20 * time.Hour) }}
	var files []*bytes.Buffer
	var lines, entitled bytes.Buffer
	if _, err := (simulate.City{Seed: seed, Percent: percent}).Write(func(string) (io.Writer, error) {
		files = append(files, new(bytes.Buffer))
		return files[len(files)-1], nil
	}, &lines, &entitled, 100); err != nil {
		t.Fatal(err)
	}
	for _, text := range files {
		f, err := casework.ReadCaseFile(text, c.desk.Rules, asOf)
		if err == nil {
			_, err = c.desk.Import(context.Background(), f, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	truth, err := simulate.Read[simulate.Truth](&lines)
	if err == nil {
		c.entitled, err = simulate.Read[simulate.Entitled](&entitled)
	}
	if err != nil {
		t.Fatal(err)
	}
	if c.db, err = projections.Open(context.Background(), c.file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.db.Close(); err != nil {
			t.Error(err)
		}
		c.desk.Store.Close()
	})
	c.catchUp(t)
	return c, truth
}

// TestPlantedErrors holds what a population shows against what was planted in it:
// nothing missed, nothing made up, every amount exact. One of the seeds is new
// each time; a failure names it.
func TestPlantedErrors(t *testing.T) {
	for _, seed := range []uint64{3, uint64(time.Now().UnixNano())} {
		c, truth := newSimulated(t, seed, 1)
		out := c.run(t, Run{})
		if x := simulate.Compare(truth, out.Survey.Hits); !x.Right() || len(out.Survey.Failed) > 0 {
			t.Errorf("seed %d: %+v\n%s\n%v", seed, x.All, strings.Join(x.Wrong, "\n"), out.Survey.Failed)
		}
	}
}

// TestOnlyWhatARuleCanChange publishes versions. One that says what the version
// before it says touches nothing; one with another standard for another
// programme touches nothing; one with another standard for these cases touches
// the cases of its pack and no others.
func TestOnlyWhatARuleCanChange(t *testing.T) {
	c, _ := newSimulated(t, 5, 2)
	name := filepath.Join(t.TempDir(), "kept.ndjson")
	all := c.kept(t, name, Run{}).Replayed
	var own int
	for _, d := range c.dossiers(t) {
		if d.Pack == "test-only" {
			own++
		}
	}
	if own == 0 || own == all {
		t.Fatalf("%d of %d cases are under the pack", own, all)
	}
	for _, x := range []struct {
		name, version, from, to string
		touches                 int
	}{
		{"the same in other words", "4", "仅供测试的规则包 3", "仅供测试的规则包 4", 0},
		{"another programme", "5", "expr: household.no_labour}", `expr: "!household.no_labour"}`, 0},
		{"the standard of these cases", "6", "value: 526", "value: 530", own},
	} {
		c.activate(t, c.version(t, "test-only/3", x.version, x.from, x.to))
		out := c.kept(t, name, Run{})
		if out.Replayed != x.touches || out.Reused != all-x.touches {
			t.Errorf("%s: %d of %d cases can change: replayed %d, reused %d", x.name, x.touches, all, out.Replayed, out.Reused)
		}
		if x.touches == 0 {
			continue
		}
		if d := cmp.Diff(c.run(t, Run{}).Survey, out.Survey); d != "" {
			t.Errorf("%s: %s", x.name, d)
		}
	}
}

// version makes another version of a bundled pack, with one text put in place of
// another, and takes it into the library.
func (c *city) version(t testing.TB, bundle, version, from, to string) domain.PackVersion {
	t.Helper()
	old, err := fs.Sub(policies.Bundles(), bundle)
	if err != nil {
		t.Fatal(err)
	}
	files, changed := fstest.MapFS{}, false
	err = fs.WalkDir(old, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(old, name)
		text := strings.ReplaceAll(string(b), from, to)
		changed = changed || text != string(b)
		if name == "pack.yaml" {
			text = strings.Replace(text, `version: "3"`, fmt.Sprintf("version: %q", version), 1)
		}
		files[name] = &fstest.MapFile{Data: []byte(text)}
		return err
	})
	if err != nil || !changed {
		t.Fatal(bundle, changed, err)
	}
	v, err := c.desk.Rules.(rules).Open(files)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (c *city) dossiers(t testing.TB) []*projections.Dossier {
	t.Helper()
	var list []*projections.Dossier
	for ask := (projections.Ask{Limit: 100}); ; {
		page, err := c.db.Bench().Dossiers(context.Background(), projections.Part(0, 1), ask)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, page.Rows...)
		if ask.Cursor = page.Next; ask.Cursor == "" {
			return list
		}
	}
}

// activate publishes a version on the word of two.
func (c *city) activate(t testing.TB, v domain.PackVersion) {
	t.Helper()
	if _, err := c.desk.Note(context.Background(), casework.Request{Actor: domain.Actor{Person: "a1", Office: "bureau", Post: "registry"}}, &eligibility.RulesActivated{
		On: eligibility.On{Day: domain.Date(2021, 8, 30)}, Rules: v,
		Approvals: []domain.Approval{{Person: "p1", Role: "policy_administrator", Digest: v.Digest}, {Person: "r1", Role: "reviewer", Digest: v.Digest}}}); err != nil {
		t.Fatal(err)
	}
	c.catchUp(t)
}

// BenchmarkPopulation replays a small city from dossiers: cases a second.
func BenchmarkPopulation(b *testing.B) {
	c, _ := newSimulated(b, 3, 5)
	cases := 0
	for b.Loop() {
		cases += c.run(b, Run{}).Replayed
	}
	b.ReportMetric(float64(cases)/b.Elapsed().Seconds(), "cases/s")
}
