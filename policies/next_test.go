package policies_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"leeway/domain"
	"leeway/policies"
)

// TestNextVersion begins a version with the one before: everything to the byte
// but what names the two, sound and sealed like one that was written by hand.
func TestNextVersion(t *testing.T) {
	before, err := fs.Sub(policies.Bundles(), "cn-hb-qianjiang/2021.1")
	if err != nil {
		t.Fatal(err)
	}
	next, err := policies.Next(before, "cn-hb-qianjiang", "2022.1")
	if err != nil {
		t.Fatal(err)
	}
	dir := fstest.MapFS{}
	for name, text := range next {
		dir[name] = &fstest.MapFile{Data: text}
		was, err := fs.ReadFile(before, name)
		if err != nil || name != "pack.yaml" && string(was) != string(text) {
			t.Errorf("%s is not as it was (%v)", name, err)
		}
		if want := strings.NewReplacer(`version: "2021.1"`, `version: "2022.1"`, `supersedes: "2020.2"`, `supersedes: "2021.1"`).Replace(string(was)); name == "pack.yaml" && string(text) != want {
			t.Errorf("pack.yaml is\n%.300s", text)
		}
	}
	if sealed, err := policies.Seal(dir); err != nil || sealed.ID.Version != "2022.1" {
		t.Errorf("%+v %v", sealed.ID, err)
	}
	other, err := policies.Next(before, "another", "1")
	if text := string(other["pack.yaml"]); err != nil || !strings.HasPrefix(text, "pack: another\nversion: \"1\"\ntitle:") {
		t.Errorf("under another name: %.100s %v", text, err)
	}
	for _, name := range [][2]string{{"cn-hb-qianjiang", "2021.1"}, {"..", "1"}, {"a", "b/c"}} {
		if _, err := policies.Next(before, name[0], name[1]); err == nil {
			t.Errorf("%v: a draft of the version itself, or of no name", name)
		}
	}
	origins, err := policies.Origins(before)
	marked, valued := 0, 0
	for _, o := range origins {
		if o.Cite.Origin == domain.ToVerify {
			marked++
			if o.Cite.Assumed.ZH == "" || o.Cite.Assumed.EN == "" {
				t.Errorf("%+v: an assumption without words", o)
			}
		}
		if o.Kind == "standard" && o.ID == "dibao_rural" && o.From == domain.Date(2020, 1, 1) {
			valued++
		}
	}
	if err != nil || marked == 0 || marked == len(origins) || valued == 0 {
		t.Errorf("%d of %d marked, %d of the rural standard (%v)", marked, len(origins), valued, err)
	}
}
