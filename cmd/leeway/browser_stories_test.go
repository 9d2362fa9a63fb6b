package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestStoriesInABrowser tells each user's story of domain.md §7 on the data of the
// demo, by filling the forms of the pages as a person does: every page on the
// way is looked at by axe-core, and the papers at its end are printed.
func TestStoriesInABrowser(t *testing.T) {
	ctx := chromium(t)
	base := servedDemo(t)
	ctx, stop := chromedp.NewContext(ctx)
	defer stop()
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	office := &theatre{t, ctx, base, map[string]*seat{}, 0}
	for _, s := range []struct {
		name string
		tell func(*theatre)
	}{{"worker", workerStory}, {"review", reviewStory}, {"auditor", auditorStory}, {"policy", policyStory}, {"draft", draftStory}, {"states", statesStory}} {
		t.Run(s.name, func(t *testing.T) {
			told := *office
			told.t = t
			s.tell(&told)
		})
	}
}

// A theatre is one tab in which everybody who acts takes his turn.
type theatre struct {
	t     *testing.T
	ctx   context.Context
	base  string
	seats map[string]*seat
	shot  int
}

// A seat is somebody signed in, with cookies of his own.
type seat struct {
	*theatre
	who    string
	cookie []*network.CookieParam
}

// as is the seat of somebody, signed in on the first time.
func (th *theatre) as(who string) *seat {
	th.t.Helper()
	if s, ok := th.seats[who]; ok {
		s.theatre = th
		return s
	}
	s := &seat{theatre: th, who: who}
	s.sit()
	err := chromedp.Run(th.ctx, network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": "zh-CN"}),
		emulation.SetDeviceMetricsOverride(1440, 900, 1, false), chromedp.Navigate(th.base+"/"))
	if err == nil {
		_, err = chromedp.RunResponse(th.ctx, chromedp.Click(`//form[@action="/session/demo"][.//*[@value="`+who+`"]]//button[1]`, chromedp.BySearch))
	}
	if err == nil {
		err = chromedp.Run(th.ctx, chromedp.WaitVisible(`form[action="/session/end"]`, chromedp.ByQuery), chromedp.ActionFunc(func(ctx context.Context) error {
			list, err := network.GetCookies().Do(ctx)
			for _, c := range list {
				s.cookie = append(s.cookie, &network.CookieParam{Name: c.Name, Value: c.Value, URL: th.base, Path: c.Path, HTTPOnly: c.HTTPOnly, SameSite: c.SameSite})
			}
			return err
		}))
	}
	if err != nil {
		th.t.Fatalf("sign in as %s: %v", who, err)
	}
	th.seats[who] = s
	return s
}

// sit puts somebody's cookies into the browser, and nobody else's.
func (s *seat) sit() {
	s.t.Helper()
	actions := []chromedp.Action{network.Enable(), network.ClearBrowserCookies()}
	if len(s.cookie) > 0 {
		actions = append(actions, network.SetCookies(s.cookie))
	}
	if err := chromedp.Run(s.ctx, actions...); err != nil {
		s.t.Fatal(err)
	}
}

// open opens a page, and fails where it is not one.
func (s *seat) open(path string) *seat {
	s.t.Helper()
	s.sit()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	got, err := chromedp.RunResponse(ctx, chromedp.Navigate(s.base+path))
	if err != nil || got.Status != http.StatusOK {
		s.t.Fatalf("%s opens %s: %v, %+v\n%.600s", s.who, path, err, got, s.text())
	}
	s.seen(path)
	return s
}

// seen looks at the page with axe, and keeps a picture.
func (s *seat) seen(name string) {
	s.t.Helper()
	accessible(s.t, s.ctx, s.who+" "+name)
	s.shot++
	shoot(s.t, s.ctx, fmt.Sprintf("story_%s_%02d_%s%s", filepath.Base(s.t.Name()), s.shot, s.who, strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-").Replace(name)))
}

// text is what the page says.
func (s *seat) text() string {
	var text string
	_ = chromedp.Run(s.ctx, chromedp.Evaluate(`(document.querySelector('main') || document.body).innerText`, &text)) // what is missing from it, its caller says
	return text
}

// shows fails unless the page says each of some words.
func (s *seat) shows(words ...string) *seat {
	s.t.Helper()
	text := s.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.t.Errorf("%s does not read %q in:\n%.3000s", s.who, w, text)
		}
	}
	return s
}

// fillIn puts values into the fields of the page by name: what a select does not
// offer and what is not there is said.
const fillIn = `(fields => {
	for (const [name, value] of Object.entries(fields)) {
		const all = [...document.getElementsByName(name)];
		if (!all.length) return 'there is no field ' + name;
		if (all[0].type === 'checkbox') {
			const wanted = value.split('\n');
			if (wanted.some(w => !all.some(e => e.value === w))) return name + ' does not offer ' + value;
			for (const e of all) if (e.checked !== wanted.includes(e.value)) e.click();
			continue;
		}
		all[0].value = value;
		if (all[0].value !== value) return name + ' does not take ' + value;
	}
	return '';
})(%s)`

// fill types into the form.
func (s *seat) fill(fields map[string]string) *seat {
	s.t.Helper()
	b, err := json.Marshal(fields)
	if err != nil {
		s.t.Fatal(err)
	}
	var wrong string
	if err := chromedp.Run(s.ctx, chromedp.Evaluate(fmt.Sprintf(fillIn, b), &wrong)); err != nil || wrong != "" {
		s.t.Fatalf("%s fills the form: %v %s\n%.1500s", s.who, err, wrong, s.text())
	}
	return s
}

// press presses a button and waits for the page that follows.
func (s *seat) press(button string) *seat {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(button, chromedp.ByQuery)); err != nil {
		s.t.Fatalf("%s presses %s: %v", s.who, button, err)
	}
	return s
}

// send posts the form, which must be taken.
func (s *seat) send() *seat {
	s.t.Helper()
	s.press(`form.event button[type=submit]`).seen("-sent")
	var wrong string
	err := chromedp.Run(s.ctx, chromedp.Evaluate(`[...document.querySelectorAll('[role=alert]')].map(e => e.innerText).join('\n')`, &wrong))
	if err != nil || wrong != "" {
		s.t.Fatalf("%s is not heard: %v\n%s", s.who, err, wrong)
	}
	return s
}

// refused posts the form, which must come back and say why.
func (s *seat) refused(words ...string) *seat {
	s.t.Helper()
	s.press(`form.event button[type=submit]`).seen("-refused")
	return s.shows(append([]string{"未予记录"}, words...)...)
}

// take takes a step of a case or of a review.
func (s *seat) take(of, step string, fields map[string]string) *seat {
	s.t.Helper()
	return s.open(of + "/steps/" + step).fill(fields).send()
}

// paper prints the page, as it would come out of a printer.
func (s *seat) paper(name string) {
	s.t.Helper()
	var pdf []byte
	err := chromedp.Run(s.ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		pdf, _, err = page.PrintToPDF().WithPreferCSSPageSize(true).WithPaperWidth(8.27).WithPaperHeight(11.69).Do(ctx)
		return err
	}))
	if err != nil || !strings.HasPrefix(string(pdf), "%PDF-") {
		s.t.Errorf("print %s: %v", name, err)
	}
	if dir := os.Getenv(shotsEnv); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "print_"+name+".pdf"), pdf, 0o644); err != nil {
			s.t.Error(err)
		}
	}
}

// workerStory: open a case, record each step while working, decide against the
// engine's advice with reasons, report an own error, apply for tolerance, follow
// the review, read the determination and appeal.
func workerStory(th *theatre) {
	w3, b1 := th.as("w3"), th.as("b1")
	w3.open("/").shows("在办个案").open("/cases").shows("1∶1000")
	w3.open("/cases/new").fill(map[string]string{"_id": "STORY-1", "programme": "dibao", "pack": "cn-hb-qianjiang"}).send().shows("已记录")
	const c = "/cases/STORY-1"
	w3.open(c).press(`form[action$="application-submitted.v1"] button`).shows("已记录：申请")
	w3.take(c, "declaration-signed.v1", map[string]string{"statements[0].subject": "m1", "statements[0].attribute": "income", "statements[0].value": "400", "statements[0].source": "declaration", "closes": "income"}).shows("月收入 为 400 元")
	w3.open(c).press(`form[action$="check-authorised.v1"] button`).shows("已记录")
	w3.open(c).press(`form[action$="application-accepted.v1"] button`).shows("已记录：受理")
	w3.take(c, "household-surveyed.v1", map[string]string{"staff": "w3\nw2", "signed": "on", "photos": "2", "statements[0].subject": "household", "statements[0].attribute": "area", "statements[0].value": "rural", "statements[0].source": "survey"})
	w3.take(c, "info-check-requested.v1", map[string]string{"sources": "bank\ntax"})
	w3.take(c, "initial-opinion.v1", map[string]string{"outcome": "granted", "amount": "126"})
	// An amount that is none comes back with its mistake, and what was typed.
	b1.open(c+"/steps/decision-made.v1").shows("系统建议", "规定步骤", "本单位已收到的规则").fill(map[string]string{"amount": "12x", "reasons": "按在案材料"})
	b1.press(`form.event button[type=submit]`).shows("有内容需要改正", "12x")
	b1.fill(map[string]string{"amount": "126", "reasons": "标准尚未录入，按在案材料计算"}).send().shows("审批决定", "每月 126 元")

	w3.open(c + "/steps/facts-discovered.v1").shows("报告时间由系统记录")
	w3.fill(map[string]string{"statements[0].subject": "m1", "statements[0].attribute": "income", "statements[0].value": "460", "statements[0].source": "discovery"}).send().shows("事后查实")
	w3.open(c).paper("case")

	w3.open("/reviews/new?case=STORY-1").fill(map[string]string{"_id": "w3.story"}).send().shows("已启动")
	const r = "/reviews/w3.story"
	w3.open(r+"/steps/review-cited.v1").shows("非《实施办法》条文", "G09")
	w3.open(r+"/steps/review-cited.v1?matter=m1&ground=G09").fill(map[string]string{"words": "本人发现后当天报告"}).send().shows("申请容错", "G09")
	w3.open("/reviews").shows("w3.story")
	w3.take(r, "review-recusal-raised.v1", map[string]string{"person": "r3", "cause": "near_relative"})

	// The review w3.S10 of the demo is determined: once it is served, its clock
	// runs, and he appeals within it.
	th.as("r1").take("/reviews/w3.S10", "review-served.v1", map[string]string{"receipt": "回证 7 号"})
	w3.open("/reviews/w3.S10").shows("认定结果", "异议")
	w3.open("/reviews/w3.S10/steps/review-appealed.v1").shows("救济期限", "至 ").fill(map[string]string{"path": "objection", "words": "请求复查"}).send().shows("申请救济")
	w3.open("/record").shows("任职")
}

// reviewStory: a clue, a review opened from it, acceptance, verification, the
// bureau's opinion, the sheet, notice, hearing, consultation with a dissent, a
// determination that is refused and then taken by majority, service, correction,
// filing and papers.
func reviewStory(th *theatre) {
	r1, r2, h1, b9, w2 := th.as("r1"), th.as("r2"), th.as("h1"), th.as("b9"), th.as("w2")
	r1.open("/clues?case=F19").fill(map[string]string{"source": "audit", "persons": "w2"}).send().shows("F19.1", "未处理")
	r1.open("/reviews/new?case=F19&clue=F19.1").fill(map[string]string{"_id": "STORY2", "route": "ex_officio", "persons": "w2"}).send().shows("已启动")
	const r = "/reviews/STORY2"
	h1.take(r, "review-accepted.v1", map[string]string{"reviewers": "r1\nr2"})
	r1.open(r).press(`form[action$="/replays"] button`).shows("E-DUTY", "未尽核查", "认定之前还缺", "应查应知")
	r1.open(r+"/steps/review-determined.v1").shows("尚未", "提交之前").fill(map[string]string{"collective.for": "3", "collective.minutes": "1"}).refused("没有会商")
	r1.open("/replays/F19").shows("事后补录", "补录").fill(map[string]string{"name": "what if known", "stated": "2020-06-10", "subject": "m1", "attribute": "income", "item": "odd_jobs", "value": "60"})
	r1.press(`form[action$="/what-ifs"] button`).shows("what if known", "假设 2020-06-10 已在案", "有差异")

	r1.take(r, "review-evidence-asked.v1", map[string]string{"of": "bureau", "missing": "培训记录"}).shows("调取证据")
	b9.take(r, "review-evidence-given.v1", map[string]string{"no_data": "on"}).shows("提供证据")
	duty := map[string]string{}
	r1.open(r + "/steps/review-duty-found.v1?matter=m1").shows("月收入（零工）")
	for i := range 3 {
		duty[fmt.Sprintf("findings[%d].confirmed", i)], duty[fmt.Sprintf("findings[%d].reason", i)] = "on", "入户时已经看到"
	}
	r1.fill(duty).send()
	r1.open(r).press(`form[action$="/replays"] button`)
	r1.take(r, "review-appraised.v1", map[string]string{"motive": "无谋私", "conditions": "协理员更替", "procedure": "补录", "nature": "轻微", "consequences": "多发 180 元", "recovery": "可追回"})
	b9.take(r, "review-opinion-filed.v1", map[string]string{"words": "按生效政策复算，差额 180 元"})
	r1.take(r, "review-correction-ordered.v1", map[string]string{"measure": "C7", "owner": "w2", "office": "zhugentan", "words": "记录培训"})
	r1.take(r, "review-notified.v1", map[string]string{"proposals[0].outcome": "lighter", "facts": "入户所见未及时录入", "basis": "G15"})
	w2.open(r).shows("已告知")
	r1.open(r+"/steps/review-heard.v1").fill(map[string]string{"words": "当日系统故障", "points[0].text": "系统故障", "points[0].reason": "没有故障记录"}).send().shows("陈述申辩", "系统故障")
	r1.open(r+"/steps/review-consulted.v1").shows("技术意见", "差额 180 元").fill(map[string]string{"minutes": "会商 5 号", "dissents[0].person": "b9", "dissents[0].words": "建议免责"}).send().shows("会商 5 号", "建议免责")

	// Heavier than what was notified is refused; the page had said so before.
	decided := map[string]string{"collective.members[0].person": "r1", "collective.members[0].office": "commission", "collective.members[1].person": "r3", "collective.members[1].office": "commission",
		"collective.members[2].person": "h1", "collective.members[2].office": "commission", "collective.for": "2", "collective.against": "1", "collective.minutes": "纪要 9 号",
		"findings[0].outcome": "not_exempt", "_reasons": "集体研究：情节轻微，已录入"}
	r1.open(r+"/steps/review-determined.v1").shows("重于告知", "与建议一致").fill(decided).refused("重于告知")
	decided["findings[0].outcome"] = "lighter"
	r1.fill(decided).send().shows("认定结果", "从轻", "同意 2，反对 1", "纪要 9 号")
	r2.take(r, "review-served.v1", map[string]string{"receipt": "回证 9 号", "copied": "组织部门"}).shows("异议")
	w2.open(r).shows("认定结果", "从轻", "纠错")
	w2.take(r, "review-correction-done.v1", map[string]string{"id": "k1", "_papers": "培训记录 3"})
	r1.take(r, "review-correction-accepted.v1", map[string]string{"id": "k1"})
	r1.take(r, "review-filed.v1", map[string]string{"archive": "档 2026-1"}).shows("已归档")
	r1.paper("review")
	r1.open("/clues/F19.1/steps/clue-closed.v1").fill(map[string]string{"result": "reviewed", "reason": "已核查"}).send().shows("已了结")
	r1.open("/papers/determination?review=STORY2").shows("从轻").paper("determination")
	r1.open("/replays/F19").paper("replay")
}
