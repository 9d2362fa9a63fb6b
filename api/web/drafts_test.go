package web

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// posted are the hidden fields of a form of a page, by where it goes.
func posted(t *testing.T, page, action string) url.Values {
	t.Helper()
	i := strings.Index(page, `action="`+action+`"`)
	if i < 0 {
		t.Fatalf("the page has no form to %s:\n%s", action, page)
	}
	form, _, _ := strings.Cut(page[i:], "</form>")
	v := url.Values{}
	for _, m := range regexp.MustCompile(`type="hidden" name="(\w+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		v.Set(m[1], m[2])
	}
	return v
}

// settled is a page when its long work is done.
func (r reader) settled(path string) string {
	r.s.t.Helper()
	got := r.get(path)
	for got.Header().Get("Refresh") != "" {
		got = r.get(path)
	}
	if got.Code != http.StatusOK {
		r.s.t.Fatalf("%s: %d %s", path, got.Code, got.Body)
	}
	return got.Body.String()
}

// TestDraftOnItsPages takes an overlay of an office from its opening to a
// version that others approve, with the forms of the pages and nothing else.
func TestDraftOnItsPages(t *testing.T) {
	s := newCity(t)
	p1, p4 := s.as("p1"), s.as("p4")
	got := p1.post("/policy/drafts", url.Values{"begin": {"extends cn-hb-qianjiang@2020.2"}, "pack": {"zhugentan"}, "version": {"1"}})
	const page, file = "/policy/draft?pack=zhugentan&version=1", "/policy/draft/file?name=standards%2Fvalues.yaml&pack=zhugentan&version=1"
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != page {
		t.Fatal(got.Code, got.Header(), got.Body)
	}
	if list := p1.settled("/policy/drafts"); !strings.Contains(list, "cn-hb-qianjiang@2020.2") || !strings.Contains(list, "起草中") {
		t.Errorf("the list of drafts:\n%s", list)
	}
	first := p1.settled(page)
	if !strings.Contains(first, `action="/policy/draft/seal"`) || !strings.Contains(first, "<mark>待核实</mark>") || strings.Contains(p4.settled(page), `action="/policy/draft/seal"`) {
		t.Errorf("a sound draft on its page:\n%s", first)
	}
	if seen := s.as("p2").settled(file); !strings.Contains(seen, `<pre class="code"`) || strings.Contains(seen, "<textarea") {
		t.Errorf("the file before somebody who approves:\n%s", seen)
	}

	// A mistake, as a browser sends it, is told with its line; the draft cannot be
	// sealed, also by who kept the form.
	edit := p1.settled(file)
	kept := posted(t, first, "/policy/draft/seal")
	form := posted(t, edit, "/policy/draft/file")
	text := between(t, edit, `class="code">`, "</textarea>")
	form.Set("text", strings.ReplaceAll(strings.Replace(text, "standards:", "standard:", 1), "\n", "\r\n"))
	if got := p1.post("/policy/draft/file", form); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}
	broken := p1.settled(page)
	if !strings.Contains(broken, ">standards/values.yaml:") || !strings.Contains(broken, "如何改正") || strings.Contains(broken, `action="/policy/draft/seal"`) {
		t.Errorf("a draft with a mistake:\n%s", broken)
	}
	kept.Set("seen", "2")
	if got := p1.post("/policy/draft/seal", kept); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "standards/values.yaml:") {
		t.Errorf("sealed with a mistake: %d %s", got.Code, got.Body)
	}

	// Another author mends it; who typed meanwhile is shown both, and saves over
	// it knowingly.
	stale := posted(t, p1.settled(file), "/policy/draft/file")
	mended := posted(t, p4.settled(file), "/policy/draft/file")
	mended.Set("text", text)
	if got := p4.post("/policy/draft/file", mended); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}
	stale.Set("text", text+"# mine\n")
	conflict := p1.post("/policy/draft/file", stale)
	if body := conflict.Body.String(); conflict.Code != http.StatusPreconditionFailed || !strings.Contains(body, "他人的修改") || !strings.Contains(body, "p4") || strings.Count(body, "# mine") < 2 {
		t.Errorf("a conflict: %d %s", conflict.Code, body)
	}
	again := posted(t, conflict.Body.String(), "/policy/draft/file")
	again.Set("text", text+"# mine\n")
	if got := p1.post("/policy/draft/file", again); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}

	// What it would change, before it is sealed.
	if impact := p1.settled("/policy/impact?a=cn-hb-qianjiang%402020.2&b=draft%3Azhugentan%401"); !strings.Contains(impact, "没有个案因此改变") {
		t.Errorf("the impact of the draft:\n%s", impact)
	}
	if got := s.as("b1").get("/policy/impact?a=cn-hb-qianjiang%402020.2&b=draft%3Azhugentan%401"); got.Code != http.StatusBadRequest {
		t.Errorf("the impact of a draft before somebody who reads none: %d", got.Code)
	}

	sealed := p1.post("/policy/draft/seal", posted(t, p1.settled(page), "/policy/draft/seal"))
	if sealed.Code != http.StatusSeeOther || sealed.Header().Get("Location") != "/policy/pack?pack=zhugentan&version=1" {
		t.Fatal(sealed.Code, sealed.Body)
	}
	for who, offered := range map[string]bool{"p1": false, "p4": false, "p2": true, "p3": true} {
		if version := s.as(who).settled(sealed.Header().Get("Location")); strings.Contains(version, `action="/policy/approve"`) != offered || !strings.Contains(version, "p1、p4") {
			t.Errorf("%s is offered to approve: not %t\n%s", who, offered, version)
		}
	}
	if after := p1.settled(page); strings.Contains(after, `action="/policy/draft/upload"`) || !strings.Contains(after, "已封存") {
		t.Errorf("a sealed draft:\n%s", after)
	}
	if got := p4.post("/policy/draft/discard", url.Values{"pack": {"zhugentan"}, "version": {"1"}, "seen": {"4"}}); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("another author discards it: %d", got.Code)
	}
	if got := p1.post("/policy/draft/discard", posted(t, p1.settled(page), "/policy/draft/discard")); got.Code != http.StatusSeeOther {
		t.Errorf("its author discards it: %d %s", got.Code, got.Body)
	}
}

// TestUploadsAreHostile: what is no folder of a pack is refused with a word, and
// leaves the draft as it was; a good one is the whole of it.
func TestUploadsAreHostile(t *testing.T) {
	s := newCity(t)
	p1 := s.as("p1")
	if got := p1.post("/policy/drafts", url.Values{"pack": {"mine"}, "version": {"1"}}); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}
	const page = "/policy/draft?pack=mine&version=1"
	zipped := func(files ...string) string {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for i := 0; i < len(files); i += 2 {
			f, err := z.Create(files[i])
			if err == nil {
				_, err = f.Write([]byte(files[i+1]))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	many := []string{"pack.yaml", "x"}
	for i := range 201 {
		many = append(many, fmt.Sprintf("rules/r%d.yaml", i), "x")
	}
	upload := func(name, text, seen string) *httptest.ResponseRecorder {
		return p1.sendAs("/policy/draft/upload", "file", name, text, "pack", "mine", "version", "1", "seen", seen, "name", "rules/more.yaml")
	}
	for name, text := range map[string]string{
		"no zip": "x", "no pack.yaml": zipped("a.yaml", "x"), "a way out": zipped("pack.yaml", "x", "../../etc/passwd", "x"), "a drive": zipped("pack.yaml", "x", `c:\x.yaml`, "x"),
		"twice": zipped("pack.yaml", "x", "pack.yaml", "y"), "a bomb": zipped("pack.yaml", strings.Repeat("0", 64<<20)), "many": zipped(many...), "no text": zipped("pack.yaml", "\xff\xfe"),
	} {
		if got := upload("x.zip", text, "1"); got.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	if got := upload("x.yaml", strings.Repeat("#", 300<<10), "1"); got.Code != http.StatusBadRequest {
		t.Errorf("a large file: %d", got.Code)
	}
	if got := upload("x.yaml", "rules: []\n", "0"); got.Code != http.StatusSeeOther {
		t.Errorf("a new file is no conflict: %d", got.Code)
	}
	if got := upload("x.zip", zipped("mine/1/pack.yaml", "pack: mine\n"), "1"); got.Code != http.StatusPreconditionFailed {
		t.Errorf("a folder over what was changed since: %d", got.Code)
	}
	if got := upload("x.zip", zipped("mine/1/pack.yaml", "pack: &a [*a, *a]\n"), "2"); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}
	if body := p1.settled(page); !strings.Contains(body, ">pack.yaml:") || strings.Contains(body, "rules/more.yaml</a>") {
		t.Errorf("the draft after the folder:\n%s", body)
	}
}

func between(t *testing.T, s, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(s, from)
	text, _, also := strings.Cut(rest, to)
	if !ok || !also {
		t.Fatalf("nothing stands between %s and %s:\n%s", from, to, s)
	}
	return strings.TrimPrefix(strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&", "&#43;", "+").Replace(text), "\n")
}
