package views

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leeway/api/documents"
	"leeway/bulk"
	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/domain/review"
	"leeway/eventstore"
	"leeway/eventstore/memory"
	"leeway/policies"
	"leeway/projections"
)

// engine is the rule packs under the name that casework asks for.
type engine struct{ *policies.Library }

func (engine) Engine() string { return "test engine" }

// demo is the sample cases of the demo on record, with their read models.
func demo(t *testing.T) *Sources {
	t.Helper()
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) }
	store := memory.New()
	t.Cleanup(func() { store.Close() })
	desk := &casework.Service{Store: store, Rules: engine{lib}, Now: now, Sealer: plainSealer{}}
	names, err := filepath.Glob(filepath.Join("..", "..", "cmd", "leeway", "demo", "*.ndjson"))
	if err != nil || len(names) < 20 {
		t.Fatalf("%d sample cases (%v)", len(names), err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := casework.ReadCaseFile(bytes.NewReader(b), engine{lib}, domain.DayOf(now()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Import(t.Context(), f, nil); err != nil {
			t.Fatal(err)
		}
	}
	return &Sources{Cases: desk, Reviews: &casework.Reviews{Desk: desk}, Models: models(t, store), Packs: lib, Now: now,
		Beside: func(work func(context.Context)) { go work(t.Context()) }}
}

var auditor = casework.Identity{Actor: domain.Actor{Person: "a9", Office: "audit", Post: "audit"}, Role: review.Auditor}

func ask(path string, pairs ...string) Ask {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return Ask{Path: path, Values: q, Lang: "zh", As: auditor}
}

// pages are all views with filters under which they show something.
var pages = map[string]struct {
	build Builder
	ask   Ask
	shows []string
	not   []string
}{
	"audit":       {Audit, ask(PathAudit), []string{"查询决定", "逾期纠错"}, nil},
	"search":      {Search, ask(PathSearch, "office", "bureau", "from", "2020-06-01", "to", "2020-06-30"), []string{"审批决定", "2020-06-23", "378.00"}, []string{"b1"}},
	"by rule":     {Search, ask(PathSearch, "office", "bureau", "rule", "9999"), []string{"没有符合条件的决定"}, nil},
	"case":        {Case, ask(PathCase, "case", "F2", "as_of", "2020-12-31"), []string{"个案办理记录", "审批决定", "（已封存）", "没有启用检查点"}, []string{"事后查实", "测试"}},
	"survey":      {Survey, ask(PathSurvey, "as_of", "2021-12-31"), []string{"E-WORK", "申请人隐瞒", "疑点(待核实)", "<svg", "<mark>待核实</mark>"}, nil},
	"one cause":   {Survey, ask(PathSurvey, "as_of", "2021-12-31", "class", "E-PAY", "from", "2020-07", "to", "2020-07"), []string{"F12"}, []string{">w1<", ">b1<"}},
	"compare":     {Compare, ask(PathCompare, "a", "2020-12-31", "b", "2021-12-31"), []string{"按成因比较", "其间新出现"}, nil},
	"by source":   {Survey, ask(PathSurvey, "as_of", "2021-12-31", "source", "death-register"), []string{"F9", "death-register", "漏保"}, []string{">F3<"}},
	"lists":       {Lists, ask(PathLists), []string{"选一个清单", "期间内死亡后仍发放"}, nil},
	"deaths":      {Lists, ask(PathLists, "question", "died-in-window", "as_of", "2021-12-31"), []string{"期间首日", "2020-01-24", "C14", "<mark>待核实</mark>", "疑点(待核实)"}, []string{">F8<"}},
	"deaths ever": {Lists, ask(PathLists, "question", "died-in-window", "as_of", "2021-12-31", "from", "2020-01-01", "to", "2021-01-01"), []string{">F8<", "2020-08", "378.00"}, []string{">w1<", ">b1<"}},
	"urban":       {Lists, ask(PathLists, "question", "rural-as-urban", "as_of", "2021-12-31"), []string{">F3<", "经办差错"}, []string{"期间首日", ">F1<"}},
	"kin":         {Lists, ask(PathLists, "question", "kin-unfiled", "as_of", "2021-12-31"), []string{">CT<", "4202.00"}, []string{">w1<"}},
	"report":      {ReproducibleReport, ask(PathReport, "as_of", "2021-12-31", "office", "zhugentan"), []string{"依据编号", "leeway replay --all --as-of 2021-12-31 --office", "test engine"}, []string{">w1<"}},
	"impact":      {Impact, ask(PathImpact), []string{"选择两个版本", "提高的标准"}, nil},
	"raised":      {Impact, ask(PathImpact, "a", "cn-hb-qianjiang@2020.2", "standard", "dibao_rural", "by", "34"), []string{"2020.2+raised", "34.00", "受影响的户"}, []string{"没有个案因此改变"}},
	"next":        {Impact, ask(PathImpact, "a", "cn-hb-qianjiang@2020.1", "b", "cn-hb-qianjiang@2020.2"), []string{"受影响的户"}, nil},
	"reconcile":   {Reconcile, ask(PathReconcile, "from", "2020-07", "to", "2020-07", "paid", "1000", "households", "3"), []string{"差额", "发放汇总"}, nil},
	"reviews":     {ReviewAudit, ask(PathReviews), []string{"还没有核查", "规则启用", "无批准记录"}, nil},
	"access":      {AccessLog, ask(PathAccess, "case", "F2"), []string{"没有查阅记录"}, nil},
	"figures":     {Statistics, ask(PathStatistics, "as_of", "2021-12-31"), []string{"1:1000", "从实发到实际应得", "各月成因"}, []string{">w1<"}},
	"board":       {Board, ask(PathBoard, "office", "zhugentan", "month", "2020-07"), []string{"救助对象 2020-07", "最低生活保障"}, []string{"m1", "测试"}},
	"policy":      {Policy, ask(PathPolicy), []string{"已启用", "虚构数值", "cn-hb-qianjiang", "签收"}, nil},
	"pack":        {Pack, ask(PathPack, "pack", "cn-hb-qianjiang", "version", "2020.1", "on", "2020-06-01"), []string{"办理程序", "入户调查", "<mark>待核实</mark>", "不通过 0 项"}, nil},
	"history":     {History, ask(PathHistory, "case", "F2"), []string{"个案办理记录", "测试", "审批决定"}, nil},
	"diligence":   {Diligence, ask(PathDiligence, "case", "F2", "as_of", "2021-12-31"), []string{"尽职档案", "程序核对", "<mark>待核实</mark>"}, nil},
	"diff":        {Diff, ask(PathDiff, "a", "cn-hb-qianjiang@2020.1", "b", "cn-hb-qianjiang@2020.2"), []string{"不同之处"}, nil},
}

// TestViewsShowWhatTheySay builds every view in both languages over the sample
// cases: it is sound HTML without script or style, its lists and papers can be
// taken away, and no officer stands in a list over a population.
func TestViewsShowWhatTheySay(t *testing.T) {
	s := demo(t)
	for name, p := range pages {
		for _, lang := range []string{"zh", "en"} {
			t.Run(name+" "+lang, func(t *testing.T) {
				a := p.ask
				a.Lang = lang
				v := built(t, s, p.build, a)
				html, err := HTML(v, a)
				if err != nil {
					t.Fatal(err)
				}
				sound(t, string(html))
				if lang == "zh" {
					for _, part := range p.shows {
						if !strings.Contains(string(html), part) {
							t.Errorf("it does not show %q:\n%s", part, html)
						}
					}
				}
				for _, part := range p.not {
					if strings.Contains(string(html), part) {
						t.Errorf("it shows %q", part)
					}
				}
				takes(t, s, p.build, v, a)
			})
		}
	}
}

// built asks until a survey is there.
func built(t *testing.T, s *Sources, build Builder, a Ask) View {
	t.Helper()
	for range 100 {
		v, err := build(t.Context(), s, a)
		if err != nil {
			t.Fatal(err)
		}
		if v.Running == nil {
			return v
		}
	}
	t.Fatal("it never ends")
	return View{}
}

// sound reads the HTML as XML would: every element is closed. Void elements
// are closed by hand first.
func sound(t *testing.T, html string) {
	t.Helper()
	for _, void := range []string{"<input ", "<br"} {
		for i := strings.Index(html, void); i >= 0; {
			j := i + strings.Index(html[i:], ">")
			html = html[:j] + "/" + html[j:]
			next := strings.Index(html[j:], void)
			if next < 0 {
				break
			}
			i = j + next
		}
	}
	html = strings.ReplaceAll(html, " selected>", ">")
	dec := xml.NewDecoder(strings.NewReader(html))
	dec.Entity = xml.HTMLEntity
	ids := map[string]bool{}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, html)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, attr := range start.Attr {
			if attr.Name.Local == "style" || strings.HasPrefix(attr.Name.Local, "on") {
				t.Errorf("<%s> carries %s", start.Name.Local, attr.Name.Local)
			}
			if attr.Name.Local == "id" {
				if ids[attr.Value] {
					t.Errorf("id %s is there twice", attr.Value)
				}
				ids[attr.Value] = true
			}
		}
		if start.Name.Local == "script" || start.Name.Local == "style" {
			t.Errorf("there is a <%s>", start.Name.Local)
		}
	}
}

// takes downloads every list and paper of a view.
func takes(t *testing.T, s *Sources, build Builder, v View, a Ask) {
	t.Helper()
	asked := false
	for i, l := range v.Lists {
		if len(l.Rows) == 0 {
			continue
		}
		for _, format := range []string{"csv", "xlsx"} {
			address, err := url.Parse(shown{v, a}.Download(format, i))
			if err != nil {
				t.Fatal(err)
			}
			b := a
			b.Values = address.Query()
			if !asked { // the address of a file gives the same view again
				asked, v = true, built(t, s, build, b)
			}
			if i >= len(v.Lists) {
				t.Fatalf("%s has %d lists", address, len(v.Lists))
			}
			one, err := Take(v, b)
			two, err2 := Take(v, b)
			if err != nil || err2 != nil || len(one.Data) == 0 || !bytes.Equal(one.Data, two.Data) || !strings.HasSuffix(one.Name, "."+format) {
				t.Errorf("%s of list %d: %s, %v", format, i, one.Name, err)
			}
		}
	}
	b := a
	b.Values = url.Values{"format": {"pdf"}}
	f, err := Take(v, b)
	if v.Paper != nil && (err != nil || !bytes.HasPrefix(f.Data, []byte("%PDF"))) {
		t.Errorf("the paper: %v", err)
	}
	if v.Paper == nil && !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a page without a paper gives one: %v", err)
	}
}

// TestViewsRefuseWhatCannotBe: filters that cannot be read, packs and cases
// that are not there.
func TestViewsRefuseWhatCannotBe(t *testing.T) {
	s := demo(t)
	for name, tt := range map[string]struct {
		build Builder
		ask   Ask
		want  error
	}{
		"a day that is none":    {Search, ask(PathSearch, "from", "2020-02-30"), domain.ErrInvalid},
		"a month that is none":  {Board, ask(PathBoard, "month", "2020-13"), domain.ErrInvalid},
		"a file long gone":      {Reconcile, ask(PathReconcile, "file", "x"), domain.ErrNotFound},
		"raised by words":       {Impact, ask(PathImpact, "a", "cn-hb-qianjiang@2020.2", "standard", "dibao_rural", "by", "x"), domain.ErrInvalid},
		"no such standard":      {Impact, ask(PathImpact, "a", "cn-hb-qianjiang@2020.2", "standard", "x", "by", "1"), domain.ErrInvalid},
		"two packs":             {Impact, ask(PathImpact, "a", "cn-hb-qianjiang@2020.2", "b", "test-only@1"), domain.ErrInvalid},
		"an amount in words":    {Reconcile, ask(PathReconcile, "paid", "x"), domain.ErrInvalid},
		"no history":            {History, ask(PathHistory, "case", "NOBODY"), domain.ErrNotFound},
		"no determination":      {Determination, ask(PathDetermination, "review", "R9"), domain.ErrNotFound},
		"a past that is none":   {Determination, ask(PathDetermination, "review", "R9", "past", "x"), domain.ErrInvalid},
		"no such case":          {Case, ask(PathCase, "case", "NOBODY"), domain.ErrNotFound},
		"not yet on record":     {Case, ask(PathCase, "case", "F2", "as_of", "2019-01-01"), domain.ErrNotFound},
		"no such pack":          {Pack, ask(PathPack, "pack", "x", "version", "1"), domain.ErrNotFound},
		"a path out of it":      {Pack, ask(PathPack, "pack", "..", "version", ".."), domain.ErrNotFound},
		"a deeper path":         {Pack, ask(PathPack, "pack", "cn-hb-qianjiang", "version", "2020.1/rules"), domain.ErrNotFound},
		"no such version":       {Diff, ask(PathDiff, "a", "cn-hb-qianjiang@1", "b", "cn-hb-qianjiang@2020.1"), domain.ErrNotFound},
		"a cursor of elsewhere": {Search, ask(PathSearch, "office", "bureau", "cursor", "x"), projections.ErrCursor},
	} {
		if _, err := tt.build(t.Context(), s, tt.ask); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// TestWorkEndsWithTheServer: what was being reckoned when the server closed
// says that it was ended, and is begun anew by whoever asks again.
func TestWorkEndsWithTheServer(t *testing.T) {
	s := demo(t)
	closed, stop := context.WithCancel(t.Context())
	stop()
	alive := s.Beside
	s.Beside = func(work func(context.Context)) { work(closed) }
	if _, running, err := s.survey(t.Context(), bulk.Which{}, s.today()); !errors.Is(err, context.Canceled) || running != nil {
		t.Errorf("after the server closed: %+v, %v", running, err)
	}
	s.Beside = alive
	if _, _, err := s.survey(t.Context(), bulk.Which{}, s.today()); err != nil {
		t.Errorf("asked again: %v", err)
	}
}

// TestPaymentFile: a file is held against the ledger line by line, what differs
// can be taken away, and it is forgotten after a while.
func TestPaymentFile(t *testing.T) {
	s := demo(t)
	id, err := s.KeepPayments("七月.csv", []byte("case,month,amount\nF1,2020-07,378\nF2,2020-07,1\nX9,2020-07,5\n"))
	if err != nil {
		t.Fatal(err)
	}
	a := ask(PathReconcile, "file", id, "from", "2020-07", "to", "2020-07")
	v := built(t, s, Reconcile, a)
	rows := map[string]string{}
	for _, r := range v.Lists[0].Rows {
		rows[r[0].String()] = r[2].String() + " " + r[3].String() + " " + r[4].String()
	}
	if rows["F2"] != "378.00 1.00 -377.00" || rows["X9"] != "0.00 5.00 5.00" || rows["F1"] != "" {
		t.Errorf("differences %v", rows)
	}
	takes(t, s, Reconcile, v, a)
	html, err := HTML(v, a)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, string(html))
	for _, part := range []string{"七月.csv", `enctype="multipart/form-data"`, `type="hidden" name="file"`, "相符的户·月"} {
		if !strings.Contains(string(html), part) {
			t.Errorf("the page lacks %q:\n%s", part, html)
		}
	}
	now := s.Now()
	s.Now = func() time.Time { return now.Add(time.Hour) }
	if _, err := Reconcile(t.Context(), s, a); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("an hour later: %v", err)
	}
	for i := range 2 * filesMax {
		if _, err := s.KeepPayments("x", fmt.Appendf(nil, "case,month,amount\nF1,2020-07,%d\n", i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.sent.all); n > filesMax {
		t.Errorf("%d files are kept", n)
	}
}

// TestLongListsAreCut: a page shows the first rows and says so; the file has all.
func TestLongListsAreCut(t *testing.T) {
	l := documents.List{Title: "t", Columns: []documents.Column{{Head: "h"}}}
	for i := range mostRows + 50 {
		l.Rows = append(l.Rows, []documents.Cell{documents.Text(fmt.Sprintf("row%04d", i))})
	}
	a := ask("/x", "format", "csv", "list", "0")
	v := View{Title: "t", Lists: []List{{List: l}}}
	html, err := HTML(v, a)
	if err != nil || strings.Count(string(html), "row0") != mostRows || !strings.Contains(string(html), "此处列前 200 行") {
		t.Errorf("%d rows, %v", strings.Count(string(html), "row0"), err)
	}
	f, err := Take(v, a)
	if err != nil || strings.Count(string(f.Data), "row0") != mostRows+50 {
		t.Errorf("the file: %v", err)
	}
}

// TestPapersDoNotTipOff: who handles a case sees in its paper nothing of what
// is limited to others, not even in its day (domain.md §3.6 rule 16).
func TestPapersDoNotTipOff(t *testing.T) {
	s := demo(t)
	a := ask(PathHistory, "case", "C06")
	whole := built(t, s, History, a)
	a.Sees = func(v domain.Visibility) bool { return v.Allows("zhugentan", "intake") }
	own := built(t, s, History, a)
	text := func(v View) string { return strings.Join(v.Paper.Texts(), "\n") }
	if !strings.Contains(text(whole), "举报") || strings.Contains(text(own), "举报") {
		t.Errorf("the complaint shows to who may not see it, or to nobody:\n%s", text(own))
	}
	if err := s.recordHidden(t); err != nil {
		t.Fatal(err)
	}
	if after := built(t, s, History, a); text(after) != text(own) || after.Paper.Day != own.Paper.Day {
		t.Error("a complaint that is limited to the bureau changes the paper of who handles the case")
	}
}

// recordHidden puts one more complaint on record, a year later, for the bureau
// alone.
func (s *Sources) recordHidden(t *testing.T) error {
	clock, now := s.Cases.Now, s.Now().AddDate(1, 0, 0)
	s.Cases.Now = func() time.Time { return now }
	defer func() { s.Cases.Now = clock }()
	_, err := s.Cases.Record(t.Context(), casework.Request{Actor: domain.Actor{Person: "b1", Office: "bureau", Post: "approval"}, Visible: domain.Visibility{"office:bureau"}}, "C06",
		&eligibility.ComplaintReceived{Taken: eligibility.Taken{On: eligibility.On{Day: domain.DayOf(now)}}, Text: domain.Personal("m1", "再次举报")})
	return err
}

// TestHostileWordsStayWords: what people wrote is shown, never run.
func TestHostileWordsStayWords(t *testing.T) {
	a := ask("/x", "q", `"><script>`)
	v := View{Title: "t", Lead: "<script>", Form: a.form("go", Field{Name: "q", Label: "q", Type: "text"}), Facts: []documents.Pair{{Name: "n", Value: "\u202e=1"}},
		Lists: []List{{List: documents.List{Title: "<b>", Columns: []documents.Column{{Head: "h"}}, Rows: [][]documents.Cell{{documents.Text("<img onerror=x>").To("javascript:alert(1)")}}}}}}
	html, err := HTML(v, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script>", "<img", "\u202e", `href="javascript:`} {
		if strings.Contains(string(html), bad) {
			t.Errorf("the page holds %q:\n%s", bad, html)
		}
	}
}

// models builds the read models over a store and waits until they have read it.
func models(t *testing.T, store eventstore.Store) *projections.DB {
	t.Helper()
	db, err := projections.Open(t.Context(), filepath.Join(t.TempDir(), "models.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p := &projections.Projector{DB: db, Store: store, Logger: slog.New(slog.DiscardHandler)}
	if err := p.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// plainSealer seals nothing: it stands for the vault.
type plainSealer struct{}

func (plainSealer) Seal(_, _ string, f domain.PrivateField) (domain.Sealed, error) {
	return domain.Sealed{Field: f.Path, Subject: f.Data.Subject, Key: "k", Nonce: []byte{1}, Ciphertext: []byte(f.Data.Text), Commitment: []byte{1}}, nil
}

func (plainSealer) Open(_, _ string, s domain.Sealed) (string, error) {
	return string(s.Ciphertext), nil
}
