package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// mostOfAPage is what a page may weigh when it is opened for the first time,
// with all that it loads, zipped.
const mostOfAPage = 40 << 10

var loads = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// TestFirstLoadIsLight opens pages of every role as a browser does that has
// kept nothing: the page and every file that it names.
func TestFirstLoadIsLight(t *testing.T) {
	s := newCity(t)
	pages := map[string][]string{
		"":   {"/", "/board?office=zhugentan&month=2020-07", "/docs"},
		"w3": {"/", "/cases", "/cases?all=1", "/cases/F20", "/cases/new", "/cases/F2/steps/household-surveyed.v1", "/record", "/reviews/new"},
		"b1": {"/cases/F20", "/cases/F2/steps/decision-made.v1"},
		"r1": {"/", "/reviews", "/replays/F20", "/reviews/new", "/statistics?as_of=2021-12-31"},
		"u1": {"/", "/audit/search?office=bureau", "/audit/case?case=F20", "/audit/survey?as_of=2021-12-31", "/audit/reviews", "/audit/access"},
		"p1": {"/policy", "/policy/pack?pack=cn-hb-qianjiang&version=2020.1", "/policy/diff?a=cn-hb-qianjiang@2020.1&b=cn-hb-qianjiang@2021.1"},
	}
	for who, paths := range pages {
		r := reader{s: s}
		if who != "" {
			r = s.as(who)
		}
		for _, path := range paths {
			page := r.get(path)
			for page.Header().Get("Refresh") != "" {
				page = r.get(path)
			}
			if page.Code != http.StatusOK {
				t.Errorf("%s as %q: %d", path, who, page.Code)
				continue
			}
			weight, seen := len(zipped(page.Body.Bytes())), map[string]bool{}
			for _, m := range loads.FindAllStringSubmatch(page.Body.String(), -1) {
				if file := strings.SplitN(m[1], "?", 2)[0]; !seen[file] {
					seen[file] = true
					weight += len(zipped(r.get(m[1]).Body.Bytes()))
				}
			}
			if len(seen) < 2 && path != "/docs" {
				t.Errorf("%s names %d files; the test reads the page wrongly", path, len(seen))
			}
			if weight > mostOfAPage {
				t.Errorf("%s as %q weighs %d bytes zipped, at most %d are allowed", path, who, weight, mostOfAPage)
			}
			t.Logf("%s as %q: %d", path, who, weight)
		}
	}
}
