package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"leeway/domain"
)

// ask sends the filters of a list, and waits for what is reckoned meanwhile.
func (s *seat) ask(fields map[string]string) *seat {
	s.t.Helper()
	s.fill(fields).press(`form.filters:not([enctype]) button`)
	s.reckoned().seen("-asked")
	return s
}

// reckoned waits until a page no longer says that its answer is on its way. It
// comes again by itself.
func (s *seat) reckoned() *seat {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var there bool // a page that is just being exchanged cannot be asked
		if err := chromedp.Run(s.ctx, chromedp.Evaluate(`!!document.querySelector('footer') && !document.querySelector('.running')`, &there)); err == nil && there {
			return s
		}
	}
	s.t.Fatalf("%s waits for an answer:\n%.600s", s.who, s.text())
	return s
}

// hides fails where the page says one of some words.
func (s *seat) hides(words ...string) *seat {
	s.t.Helper()
	text := s.text()
	for _, w := range words {
		if strings.Contains(text, w) {
			s.t.Errorf("%s reads %q, which is not for him, in:\n%.3000s", s.who, w, text)
		}
	}
	return s
}

// follow goes where a link of the page leads, by its words.
func (s *seat) follow(link string) *seat {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(`//main//a[normalize-space()="`+link+`"]`, chromedp.BySearch)); err != nil {
		s.t.Fatalf("%s follows %q: %v\n%.1500s", s.who, link, err, s.text())
	}
	s.reckoned().seen("-followed")
	return s
}

// file takes a file away, as the browser saves it, by the link to it.
func (s *seat) file(link string) []byte {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	dir, saved := s.t.TempDir(), make(chan string, 1)
	chromedp.ListenTarget(ctx, func(e any) {
		if e, ok := e.(*browser.EventDownloadProgress); ok && e.State == browser.DownloadProgressStateCompleted {
			saved <- e.GUID
		}
	})
	err := chromedp.Run(ctx, browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllowAndName).WithDownloadPath(dir).WithEventsEnabled(true), chromedp.Click(link, chromedp.ByQuery))
	if err != nil {
		s.t.Fatalf("%s takes %s away: %v", s.who, link, err)
	}
	select {
	case name := <-saved:
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			s.t.Fatal(err)
		}
		return b
	case <-ctx.Done():
		s.t.Fatalf("%s gets no file by %s", s.who, link)
		return nil
	}
}

// list takes a list of the page away as CSV and as XLSX, and gives its rows,
// which must be the same in both.
func (s *seat) list(n int) [][]string {
	s.t.Helper()
	text := s.file(fmt.Sprintf(`.take a[href*="format=csv"][href*="list=%d"]`, n))
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) < 2 {
		s.t.Fatalf("%s reads %d rows of CSV: %v\n%.400s", s.who, len(rows), err, text)
	}
	sheet, strs := s.workbook(fmt.Sprintf(`.take a[href*="format=xlsx"][href*="list=%d"]`, n))
	if got := strings.Count(sheet, "<row "); got != len(rows) {
		s.t.Errorf("%d rows of XLSX, %d of CSV", got, len(rows))
	}
	for _, row := range rows {
		if !strings.Contains(strs, ">"+row[0]+"<") {
			s.t.Errorf("the workbook has no cell %q", row[0])
		}
	}
	return rows
}

// workbook takes a workbook away, and gives its first sheet and its texts as
// they lie in it.
func (s *seat) workbook(link string) (sheet, texts string) {
	s.t.Helper()
	b := s.file(link)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		s.t.Fatalf("%.40q is no workbook: %v", b, err)
	}
	for _, f := range []struct {
		name string
		text *string
	}{{"xl/worksheets/sheet1.xml", &sheet}, {"xl/sharedStrings.xml", &texts}} {
		text, err := fs.ReadFile(z, f.name)
		if err != nil {
			s.t.Fatal(err)
		}
		*f.text = string(text)
	}
	return sheet, sheet + texts
}

// has fails unless a row of a list holds all of some cells.
func (s *seat) has(rows [][]string, cells ...string) {
	s.t.Helper()
	if !slices.ContainsFunc(rows, func(row []string) bool {
		return !slices.ContainsFunc(cells, func(c string) bool { return !slices.Contains(row, c) })
	}) {
		s.t.Errorf("no row holds %q in:\n%q", cells, rows)
	}
}

// send a file by the form of the page for it.
func (s *seat) upload(name, text string) *seat {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := chromedp.Run(s.ctx, chromedp.SetUploadFiles(`input[type=file]`, []string{path}, chromedp.ByQuery)); err != nil {
		s.t.Fatalf("%s chooses a file: %v", s.who, err)
	}
	s.press(`form[enctype] button`).reckoned().seen("-uploaded")
	return s
}

// auditorStory: somebody is looked for, the state of his case on two days with
// its proof; populations replayed, filtered, taken away and printed; rules and
// days side by side; payments against a file; the reviews themselves, and who
// read what.
func auditorStory(th *theatre) {
	u1 := th.as("u1")
	u1.open("/").shows("审计")
	u1.open("/audit/persons").ask(map[string]string{"kind": "id_number", "value": "TEST-429005-0005", "purpose": "audit"}).shows("F2", "m2").hides("TEST-429005-0005")
	u1.follow("F2").ask(map[string]string{"as_of": "2020-06-30"}).shows("2020-06-23", "审批决定", "（已封存）", "该日没有检查点").hides("2020-07-15")
	u1.ask(map[string]string{"as_of": time.Now().In(domain.Shanghai).Format("2006-01-02")}).shows("2020-07-15", "检查点含", "根 ").paper("state")
	if pdf := u1.file(`.take a[href*="format=pdf"]`); !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		u1.t.Errorf("the paper of a case begins with %.20q", pdf)
	}
	u1.open("/audit/search").ask(map[string]string{"office": "bureau", "from": "2020-06-01", "to": "2020-06-30"}).shows("F2", "无建议").hides("2020-07-2")
	u1.has(u1.list(0), "F2", "2020-06-23", "审批决定", "378.00")

	// Populations, by link and cause, and the ready-made lists.
	u1.open("/audit/survey").ask(map[string]string{"as_of": "2021-12-31"}).shows("疑点", "错保（元）", "漏保（元）", "F9")
	u1.has(u1.list(1), "F9", "2020-08", "E-INFO", "378.00")
	u1.ask(map[string]string{"class": "E-DUTY"}).shows("F19").hides("F9\t")
	u1.ask(map[string]string{"class": "", "source": "", "from": "2020-08", "to": "2020-08"}).shows("F9").hides("F19")
	u1.follow("可复现的报告（PDF）").shows("leeway replay --all --as-of 2021-12-31", "F9").paper("report")
	for _, list := range []struct{ id, holds string }{{"died-in-window", "C14"}, {"rural-as-urban", "F3"}, {"kin-unfiled", "CT"}} {
		u1.open("/audit/lists").ask(map[string]string{"question": list.id, "as_of": "2021-12-31"}).shows("疑点", list.holds)
		u1.has(u1.list(0), list.holds)
	}

	// Two days under the same rules, two rules over the same facts.
	u1.open("/audit/compare").ask(map[string]string{"a": "2020-07-31", "b": "2021-12-31"}).shows("其间新出现的疑点")
	u1.has(u1.list(1), "F9", "2020-08", "378.00")
	u1.open("/policy/diff").ask(map[string]string{"a": "cn-hb-qianjiang@2020.2", "b": "cn-hb-qianjiang@2021.1"}).shows("不同之处")
	u1.open("/policy/impact").ask(map[string]string{"a": "cn-hb-qianjiang@2020.2", "standard": "dibao_rural", "by": "34"}).shows("受影响的户", "增加（元）")
	u1.has(u1.list(1), "F9", "2020-07", "34.00")

	// What was paid, held against a file in which one month is otherwise.
	u1.open("/audit/reconcile").ask(map[string]string{"from": "2020-07", "to": "2020-08", "office": "zhugentan", "paid": "1"}).shows("发放汇总", "差额")
	u1.upload("代发.csv", "个案,月份,金额\nF9,2020-07,378.00\nF9,2020-08,0\n").shows("代发.csv", "不符的户·月", "-378.00")
	u1.has(u1.list(0), "F9", "2020-08", "378.00", "0.00", "-378.00")

	u1.open("/audit/reviews").shows("各单位认定结果", "规则启用", "免责比例")
	u1.open("/statistics").reckoned().shows("经办力量")
	u1.open("/audit/access").ask(map[string]string{"person": "u1"}).shows("u1")
	u1.has(u1.list(0), "u1", "F2")
	u1.open("/replays/F20").shows("信息缺失或滞后", "未尽核查")
}

// policyStory: the packs; a version with its tests and what they reach, beside
// the one before it; what it would change, and what a higher standard would,
// with the differences to take away.
func policyStory(th *theatre) {
	p1 := th.as("p1")
	p1.open("/policy").shows("cn-hb-qianjiang", "已启用")
	p1.follow("2021.1").shows("测试", "不通过 0 项", "覆盖", "批准进度", "办理程序").ask(map[string]string{"on": "2020-06-01"}).shows("规则日期", "2020-06-01").paper("pack")
	p1.follow("与 2020.2 比较").shows("不同之处")
	p1.open("/policy/diff").ask(map[string]string{"a": "cn-hb-qianjiang@2020.1", "b": "cn-hb-qianjiang@2020.2"}).shows("不同之处")
	if rows := p1.list(0); len(rows[0]) != 8 {
		p1.t.Errorf("a difference has the columns %q", rows[0])
	}
	p1.open("/policy/impact").ask(map[string]string{"a": "cn-hb-qianjiang@2020.1", "b": "cn-hb-qianjiang@2020.2"}).shows("受影响的户")
	p1.ask(map[string]string{"a": "cn-hb-qianjiang@2020.2", "b": "", "standard": "dibao_rural", "by": "34", "from": "2020-07", "to": "2020-08"}).shows("受影响的户", "改变的户·月")
	p1.has(p1.list(1), "F9", "2020-07", "34.00")
	p1.ask(map[string]string{"by": "-34"})
	p1.has(p1.list(1), "F9", "2020-07", "-34.00")
}

// met opens an address that has no page for the reader, and looks at what is
// there instead.
func (s *seat) met(path string, status int64) *seat {
	s.t.Helper()
	s.sit()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	got, err := chromedp.RunResponse(ctx, chromedp.Navigate(s.base+path))
	if err != nil || got.Status != status {
		s.t.Fatalf("%s opens %s: %v, %+v", s.who, path, err, got)
	}
	s.seen("-met" + path)
	return s
}

// statesStory: what is not for the reader, what is not there, what cannot be
// read, what has nothing in it, and what somebody changed meanwhile. Each says
// so in words, and shows a way on.
func statesStory(th *theatre) {
	w3, u1, r1 := th.as("w3"), th.as("u1"), th.as("r1")
	w3.met("/audit/search", 403).shows("角色", "回到工作台")
	w3.met("/cases/NOBODY", 404).shows("没有", "回到工作台")
	u1.met("/audit/case?case=F2&as_of=gestern", 400).shows("gestern", "2020-01-31").follow("重新填写").shows("写一个个案编号")
	r1.met("/policy/diff?a=none@1&b=none@2", 404).shows("回到工作台")
	u1.open("/audit/search").ask(map[string]string{"office": "bureau", "from": "2031-01-01"}).shows("没有符合条件的决定", "放宽期间")
	u1.open("/audit/survey").ask(map[string]string{"from": "2031-01"}).shows("没有符合筛选的差额", "错保（元），全部月份")
	u1.open("/board?month=2019-01").shows("换一个月份或单位")
	r1.open("/clues?case=F7").shows("没有线索", "登记")

	// The form was opened before somebody recorded something.
	const step = "/cases/F5/steps/household-surveyed.v1"
	w3.open(step).fill(map[string]string{"_seen": "20", "staff": "w3\nw2", "signed": "on"}).press(`form.event button[type=submit]`).seen("-changed")
	w3.shows("打开之后").press(`form.event button[type=submit]`).shows("已记录").seen("-sent")
}
