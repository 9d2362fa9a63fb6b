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

// written is what a skeleton writes, as a file system.
func written(t testing.TB, files map[string][]byte, err error) fstest.MapFS {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	m := fstest.MapFS{}
	for name, data := range files {
		m[name] = &fstest.MapFile{Data: data}
	}
	return m
}

// TestSkeletons holds that what `policy new` writes can be sealed as it is,
// every leaf tested both ways, and that it names no amount.
func TestSkeletons(t *testing.T) {
	files, err := policies.Skeleton("my-pack", "2026.1")
	pack := written(t, files, err)
	s, err := policies.Seal(pack)
	if err != nil || len(s.Uncovered) > 0 || s.Leaves != 2 || s.Tests < 5 || s.Files != len(pack) || s.ID.Pack != "my-pack" || s.ID.Version != "2026.1" || s.Require != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	lib, err := policies.New(placedAt("my-pack/2026.1", pack))
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range lib.Versions() {
		if base.Pack == "synthetic" || base.Pack == "test-only" {
			continue
		}
		files, err := lib.OverlaySkeleton("my-office", "1", base)
		s, err := policies.Seal(written(t, files, err), placedAt("my-pack/2026.1", pack))
		if err != nil || s.Base != base || s.Synthetic {
			t.Errorf("on %s/%s: %+v, %v", base.Pack, base.Version, s, err)
		}
	}
}

func TestSkeletonFaults(t *testing.T) {
	for _, name := range [][2]string{{"My Pack", "1"}, {"my-pack", ""}, {"..", "1"}, {"a/b", "1"}} {
		if _, err := policies.Skeleton(name[0], name[1]); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	lib, err := policies.New(placedAt("my-office/1", overlaid("", "")), placedAt("tiny/1", tinyPack(sourcesFile, tiny[sourcesFile])))
	if err != nil {
		t.Fatal(err)
	}
	over, err := lib.Resolve("my-office", "1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lib.OverlaySkeleton("x", "1", over); err == nil || !strings.Contains(err.Error(), "is an overlay itself") {
		t.Errorf("on an overlay: %v", err)
	}
	if _, err := lib.OverlaySkeleton("X!", "1", over); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("without a name: %v", err)
	}
	over.Digest = "other"
	if _, err := lib.OverlaySkeleton("x", "1", over); err == nil {
		t.Error("on other bytes")
	}
}

// TestSeal holds that the digest is that of the bytes, the same every time and
// for every place, and that nothing unsound gets one.
func TestSeal(t *testing.T) {
	sub, err := fs.Sub(policies.Bundles(), base2020)
	if err != nil {
		t.Fatal(err)
	}
	first, err := policies.Seal(sub)
	if err != nil || first.Base.Pack != "" {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := policies.Seal(copied(t, base2020)); err != nil || again.ID != first.ID {
		t.Errorf("%+v, %v", again.ID, err)
	}
	if other, err := policies.Seal(edited(t, base2020, dibaoRule, "rules:\n", "rules: \n")); err != nil || other.ID.Digest == first.ID.Digest {
		t.Errorf("one byte more: %+v, %v", other.ID, err)
	}
	var probs policies.Problems
	if _, err := policies.Seal(edited(t, base2020, dibaoRule, noCar, "expr: 1 < 2")); !errors.As(err, &probs) {
		t.Errorf("a pack with a mistake: %v", err)
	}
	if _, err := policies.Seal(edited(t, base2020, "rules/dibao_test.yaml", "name:", "nam:")); !errors.As(err, &probs) {
		t.Errorf("a pack with a mistake in a test: %v", err)
	}
	var failed *policies.TestsFailed
	if _, err := policies.Seal(edited(t, base2020, dibaoStd, "value: 526", "value: 527")); !errors.As(err, &failed) || failed.Report.Failed() == 0 || failed.Error() == "" {
		t.Errorf("a pack whose tests fail: %v", err)
	}
	if s, err := policies.Seal(overlaid("", "")); err != nil || s.Base.Pack != "test-only" || s.Files != len(office) {
		t.Errorf("%+v, %v", s, err)
	}
}
