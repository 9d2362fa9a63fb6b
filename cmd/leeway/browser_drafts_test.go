package main

import (
	"strings"

	"github.com/chromedp/chromedp"
)

// draftStory: an office's own values are opened, broken, mended, looked at,
// sealed by who wrote them, and approved and published by two others.
func draftStory(th *theatre) {
	p1 := th.as("p1")
	const draft, file = "/policy/draft?pack=zhugentan&version=1", "/policy/draft/file?pack=zhugentan&version=1&name=sources.yaml"
	p1.open("/policy/drafts").fill(map[string]string{"begin": "extends cn-hb-qianjiang@2020.2", "pack": "zhugentan", "version": "1"}).posts("/policy/drafts").reckoned().shows("待核实的依据", "封存为版本")
	p1.open(file)
	var text string
	if err := chromedp.Run(th.ctx, chromedp.Value(`textarea[name=text]`, &text, chromedp.ByQuery)); err != nil {
		th.t.Fatal(err)
	}
	p1.fill(map[string]string{"text": strings.Replace(text, "sources:", "source:", 1)}).posts("/policy/draft/file").reckoned().shows("sources.yaml:", "如何改正")
	p1.open(file).shows("如何改正").fill(map[string]string{"text": text}).posts("/policy/draft/file").reckoned().shows("封存为版本")
	p1.open("/policy/impact?a=cn-hb-qianjiang@2020.2&b=draft:zhugentan@1").reckoned().shows("没有个案因此改变")
	p1.open(draft).reckoned().posts("/policy/draft/seal").shows("起草人", "p1", "0 / 2")
	const version = "/policy/pack?pack=zhugentan&version=1"
	for who, role := range map[string]string{"p2": "policy_administrator", "p3": "reviewer"} {
		th.as(who).open(version).fill(map[string]string{"role": role}).posts("/policy/approve")
	}
	th.as("p2").open(version).shows("2 / 2").posts("/policy/activate").shows("已启用")
}

// posts presses the button of the form that goes to an address.
func (s *seat) posts(action string) *seat {
	s.t.Helper()
	s.press(`form[method=post][action="` + action + `"] button[type=submit]`).seen("-posted")
	return s
}
