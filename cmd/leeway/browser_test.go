package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdp "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browserEnv names a Chromium; without it the pages are not walked in a
// browser. make check-full sets it, and fails where there is none.
const browserEnv = "LEEWAY_BROWSER"

// shotsEnv names a folder for a picture of every page; without it none are taken.
const shotsEnv = "LEEWAY_SHOTS"

// walks are the pages that each role opens, from its start page on.
var walks = []struct {
	subject string
	pages   []string
}{
	{"w3", []string{"/", "/cases", "/cases?all=1", "/cases/new", "/cases/F5", "/cases/F5/steps/household-surveyed.v1", "/cases/F5/steps/facts-discovered.v1", "/record",
		"/reviews", "/reviews/new", "/reviews/w3.S8", "/reviews/w3.S2", "/reviews/w3.S2/steps/review-cited.v1", "/reviews/w3.S2/steps/review-cited.v1?ground=G01", "/reviews/w3.S10", "/reviews/w3.S10/steps/review-appealed.v1", "/board"}},
	{"b1", []string{"/", "/cases", "/cases/F2", "/cases/F2/steps/decision-made.v1", "/papers/diligence?case=F2", "/papers/history?case=F2"}},
	{"r1", []string{"/", "/reviews", "/reviews/SAMPLE-1", "/reviews/w3.S7", "/reviews/w3.S7/steps/review-heard.v1", "/reviews/w3.S8", "/reviews/w2.S9", "/reviews/w2.S9/steps/review-determined.v1", "/reviews/w3.S7/steps/review-appraised.v1", "/reviews/w3.S7/steps/review-evidence-asked.v1", "/reviews/w3.S8/steps/review-consulted.v1", "/reviews/b1.S11", "/replays/F19", "/replays/F13", "/replays", "/replays/F5",
		"/cases/F2", "/policy", "/statistics", "/papers/determination?review=SAMPLE-1"}},
	{"u1", []string{"/", "/audit", "/audit/search", "/audit/survey", "/audit/lists", "/audit/lists?question=kin-unfiled&as_of=2021-12-31", "/audit/report?as_of=2021-12-31", "/audit/compare", "/audit/reconcile", "/audit/reviews", "/audit/access", "/statistics", "/policy"}},
	{"p1", []string{"/", "/policy", "/policy/drafts", "/policy/pack?pack=cn-hb-qianjiang&version=2021.1", "/policy/impact?a=cn-hb-qianjiang@2020.2&standard=dibao_rural&by=34"}},
	{"x1", []string{"/"}},
}

// TestPagesInABrowser signs in as each role of the demo, opens its pages at the
// width of a telephone and of a desk, in both languages, and holds that nothing
// is refused, nothing runs over the side, every field has a label, and the
// browser has nothing to complain of: no script fails, nothing breaks the
// content policy. axe-core finds nothing that keeps anybody out.
func TestPagesInABrowser(t *testing.T) {
	ctx := chromium(t)
	base := servedDemo(t)
	t.Run("axe", func(t *testing.T) {
		tab, stop := chromedp.NewContext(ctx)
		defer stop()
		if err := chromedp.Run(tab, chromedp.Navigate(`data:text/html,<title>x</title><img src="data:,">`)); err != nil {
			t.Fatal(err)
		}
		if len(violations(t, tab)) == 0 {
			t.Error("axe has nothing to say of a picture without a text and a page without a language")
		}
	})
	for _, w := range walks {
		for _, lang := range []string{"zh", "en"} {
			t.Run(w.subject+"/"+lang, func(t *testing.T) { walk(t, ctx, base, w.subject, lang, w.pages) })
		}
	}
}

// chromium is a browser until the test ends. Without one the test is skipped:
// it belongs to make browser, which fails where there is none.
func chromium(t *testing.T) context.Context {
	t.Helper()
	browser := os.Getenv(browserEnv)
	if browser == "" {
		t.Skip(browserEnv + " names no Chromium; make browser sets it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.Flag("disable-quic", true))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	return ctx
}

// servedDemo runs the demo until the test ends, and returns where.
func servedDemo(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var out, errs heard
	code := make(chan int, 1)
	dir := socketDir(t)
	go func() {
		code <- run(ctx, call{args: []string{"demo", "--data", dir, "--listen", "127.0.0.1:0"}, out: &out, err: &errs, env: func(string) string { return "" }, now: time.Now})
	}()
	t.Cleanup(func() { cancel(); <-code })
	for !strings.Contains(out.String(), "Ctrl-C") {
		select {
		case n := <-code:
			code <- n
			t.Fatalf("the demo ended with %d:\n%s", n, errs.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`).FindString(out.String())
}

// seen is what a page tells of itself.
type seen struct {
	Title    string `json:"title"`
	Heading  string `json:"heading"`
	Lang     string `json:"lang"`
	Over     int    `json:"over"`     // pixels beyond the side
	Unnamed  int    `json:"unnamed"`  // fields and buttons without a name
	Foreign  int    `json:"foreign"`  // what comes from elsewhere
	Forms    int    `json:"forms"`    // that would change something by GET
	Problems string `json:"problems"` // a page that says what went wrong
}

// look asks the page.
const look = `(() => {
	const named = e => e.labels && e.labels.length || e.getAttribute('aria-label') || e.title || e.textContent.trim() || e.type === 'hidden' || e.type === 'submit' && e.value;
	return {
		title: document.title, heading: (document.querySelector('h1') || {textContent: ''}).textContent.trim(), lang: document.documentElement.lang,
		over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
		unnamed: [...document.querySelectorAll('input, select, textarea, button')].filter(e => !named(e)).length,
		foreign: [...document.querySelectorAll('[src], link[href]')].filter(e => new URL(e.src || e.href).origin !== location.origin).length,
		forms: [...document.querySelectorAll('form')].filter(f => f.method === 'get' && f.querySelector('[name=_id], [name=_command]')).length,
		problems: [...document.querySelectorAll('[data-status]')].map(e => e.dataset.status).join(' '),
	};
})()`

func walk(t *testing.T, parent context.Context, base, subject, lang string, pages []string) {
	ctx, stop := chromedp.NewContext(parent)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var complaints []string
	chromedp.ListenTarget(ctx, func(e any) {
		switch e := e.(type) {
		case *cdp.EventExceptionThrown:
			complaints = append(complaints, e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError {
				complaints = append(complaints, e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	header := network.Headers{"Accept-Language": map[string]string{"zh": "zh-CN", "en": "en"}[lang]}
	err := chromedp.Run(ctx, log.Enable(), network.Enable(), network.SetExtraHTTPHeaders(header), chromedp.Navigate(base+"/"))
	if err == nil { // and wait for the page that follows, which the next one would cut off
		_, err = chromedp.RunResponse(ctx, chromedp.Click(`//form[@action="/session/demo"][.//*[@value="`+subject+`"]]//button[1]`, chromedp.BySearch))
	}
	if err == nil {
		err = chromedp.Run(ctx, chromedp.WaitVisible(`form[action="/session/end"]`, chromedp.ByQuery))
	}
	if err != nil {
		t.Fatalf("sign in as %s: %v", subject, err)
	}
	for _, page := range pages {
		for _, width := range []int64{360, 1440} {
			var s seen
			err := chromedp.Run(ctx, emulation.SetDeviceMetricsOverride(width, 900, 1, width < 500), chromedp.Navigate(base+page), chromedp.Evaluate(look, &s))
			if err != nil {
				t.Fatalf("%s at %d: %v", page, width, err)
			}
			if s.Title == "" || s.Heading == "" || !strings.HasPrefix(s.Lang, lang) || s.Over > 0 || s.Unnamed > 0 || s.Foreign > 0 || s.Forms > 0 || s.Problems != "" {
				t.Errorf("%s at %d px: %+v", page, width, s)
			}
			accessible(t, ctx, fmt.Sprintf("%s at %d px", page, width))
			shoot(t, ctx, strings.Join([]string{subject, lang, strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(page), "-"), map[bool]string{true: "narrow", false: "wide"}[width < 500]}, "_"))
		}
	}
	for _, c := range complaints {
		t.Errorf("the browser complains: %s", c)
	}
}

// axe runs in the page that is open and says of each rule what breaks it. A
// script that a debugger evaluates is not held by the page's content policy,
// which stays as it is.
const axe = `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v =>
	v.id + ' (' + v.impact + '): ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.any.map(c => c.message).join('; ')).join(' | ')))`

// accessible holds that axe-core finds nothing in the page that is open.
func accessible(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	for _, f := range violations(t, ctx) {
		t.Errorf("%s: %s", name, f)
	}
}

// violations are what axe-core finds in the page that is open.
func violations(t *testing.T, ctx context.Context) []string {
	t.Helper()
	source, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	wait := func(p *cdp.EvaluateParams) *cdp.EvaluateParams { return p.WithAwaitPromise(true) }
	if err := chromedp.Run(ctx, chromedp.Evaluate(string(source)+";0", nil), chromedp.Evaluate(axe, &found, wait)); err != nil {
		t.Fatalf("axe: %v", err)
	}
	return found
}

// shoot takes a picture where somebody wants to look at it.
func shoot(t *testing.T, ctx context.Context, name string) {
	dir := os.Getenv(shotsEnv)
	if dir == "" {
		return
	}
	var png []byte
	if err := chromedp.Run(ctx, chromedp.FullScreenshot(&png, 90)); err != nil {
		t.Errorf("picture of %s: %v", name, err)
		return
	}
	if err := os.MkdirAll(dir, 0o755); err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".jpg"), png, 0o644)
		if err != nil {
			t.Error(err)
		}
	}
}
