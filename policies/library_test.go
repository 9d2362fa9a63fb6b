package policies_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"leeway/domain"
	"leeway/domain/replay"
	"leeway/policies"
)

// The library and its plans answer the ports of the replay.
var (
	_ replay.Rules = (*policies.Library)(nil)
	_ replay.Plan  = (*policies.Plan)(nil)
)

func TestSchemaOfTheBundles(t *testing.T) {
	attrs := planOn(t, "cn-hb-qianjiang", "2020.2", "2020-04-01").Attributes()
	for _, want := range []domain.Attribute{
		{Name: "area", Kind: domain.CodeValue, Codes: []string{"urban", "rural"}},
		{Name: "scheme", Kind: domain.CodeValue, Codes: []string{"household", "single"}, Presumed: domain.Code("household")},
		{Name: "car", Kind: domain.BoolValue, Declarable: true},
		{Name: "extra_house", Kind: domain.BoolValue, Declarable: true},
		{Name: "roster_on", Kind: domain.BoolValue, Presumed: domain.Bool(false)},
		{Name: "roster_amount", Kind: domain.MoneyValue},
		{Name: "income", Member: true, Kind: domain.MoneyValue, Sum: true, Declarable: true},
		{Name: "deposits", Member: true, Kind: domain.MoneyValue, Sum: true, Declarable: true},
		{Name: "dead", Member: true, Kind: domain.BoolValue, Presumed: domain.Bool(false), Death: true},
		{Name: "lives_here", Member: true, Kind: domain.BoolValue, Presumed: domain.Bool(true)},
		{Name: "imprisoned", Member: true, Kind: domain.BoolValue, Presumed: domain.Bool(false)},
	} {
		got, ok := attrs[want.Name]
		want.Title = got.Title
		if !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// TestStatedUnknownIsNotPresumed tells silence from a contradiction: what is
// presumed holds while nobody speaks, not when two statements disagree.
func TestStatedUnknownIsNotPresumed(t *testing.T) {
	p := planOn(t, "cn-hb-qianjiang", "2020.1", "2020-04-01")
	o, err := p.Evaluate(member(dibao(100), 0, "dead", domain.Value{}))
	if err != nil || o.Determined() || !slices.Equal(o.Missing, []string{"m1.dead"}) {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestWrongKindsAreUnknown holds that a value the schema does not allow can
// never lead to an amount.
func TestWrongKindsAreUnknown(t *testing.T) {
	p := planOn(t, "cn-hb-qianjiang", "2020.1", "2020-04-01")
	for name, f := range map[string]domain.Facts{
		"household.area": with(dibao(100), map[string]domain.Value{"area": domain.Code("suburb")}),
		"household.car":  with(dibao(100), map[string]domain.Value{"car": domain.Int(0)}),
		"m1.income":      member(dibao(100), 0, "income", domain.Int(100)),
	} {
		o, err := p.Evaluate(f)
		if err != nil || !slices.Equal(o.Missing, []string{name}) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
}

// TestAbsurdAmountsAreUnknown holds that an amount beyond all measure neither
// wraps around nor stops an evaluation.
func TestAbsurdAmountsAreUnknown(t *testing.T) {
	p := planOn(t, "cn-hb-qianjiang", "2020.1", "2020-04-01")
	f := dibao(0, 0)
	for i := range f.Members {
		member(f, i, "income", domain.Money(1<<62))
	}
	o, err := p.Evaluate(f)
	if err != nil || !slices.Equal(o.Missing, []string{"m1.income", "m2.income"}) {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestFaultOfThePack holds that an expression that cannot be computed is an
// error with its place, and no amount.
func TestFaultOfThePack(t *testing.T) {
	tree := fstest.MapFS{}
	for name, data := range tiny {
		tree["tiny/1/"+name] = &fstest.MapFile{Data: []byte(strings.Replace(data, "std.line - household.income}", "std.line * 90000000000000000}", 1))}
	}
	lib, err := policies.New(tree)
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve("tiny", "1")
	if err != nil {
		t.Fatal(err)
	}
	p, err := lib.Plan(v, domain.Date(2020, 4, 1))
	if err != nil {
		t.Fatal(err)
	}
	o, err := p.Evaluate(domain.Facts{Programme: "aid", Household: map[string]domain.Value{"car": domain.Bool(false)},
		Members: []domain.MemberFacts{{ID: "m1", Facts: map[string]domain.Value{"income": yuan(1)}}}})
	if err == nil || o.Determined() || !strings.Contains(err.Error(), "rules/r.yaml:") {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestEpochs(t *testing.T) {
	for _, tt := range []struct {
		pack, version, day string
		want               int64 // yuan; -1: undetermined
	}{
		{"test-only", "1", "2020-06-30", 240}, {"test-only", "1", "2020-07-01", 240},
		{"test-only", "2", "2020-06-30", 240}, {"test-only", "2", "2020-07-01", 378},
		{"test-only", "3", "2020-03-31", 240}, {"test-only", "3", "2020-04-01", 378},
		{"cn-hb-qianjiang", "2020.1", "2019-12-31", -1}, {"cn-hb-qianjiang", "2020.1", "2020-01-01", 378},
		{"cn-hb-qianjiang", "2020.1", "2020-12-31", 378}, {"cn-hb-qianjiang", "2020.1", "2021-01-01", -1},
		{"cn-hb-qianjiang", "2020.1", "0500-01-01", -1},
	} {
		o, err := planOn(t, tt.pack, tt.version, tt.day).Evaluate(dibao(400, 400, 400))
		f, ok := o.Single()
		if err != nil || ok != (tt.want >= 0) || ok && f != domain.Fen(tt.want*100) {
			t.Errorf("%s/%s on %s: %+v, %v; want %d", tt.pack, tt.version, tt.day, o, err, tt.want)
		}
	}
}

func TestRegimesAndCalendar(t *testing.T) {
	before, after := planOn(t, "cn-hb-qianjiang", "2020.2", "2020-06-30"), planOn(t, "cn-hb-qianjiang", "2020.2", "2020-07-01")
	if b, a := before.Regime(), after.Regime(); b.ID == a.ID || a.ID != "public_sanctions_law" || a.Cites[0].Origin != domain.FromStatute || b.Cites[0].Origin != domain.ToVerify {
		t.Errorf("regimes %+v, %+v", b, a)
	}
	for _, d := range []struct {
		month time.Month
		day   int
		want  bool
	}{{1, 24, false}, {1, 19, true}, {2, 3, true}, {3, 7, false}, {10, 8, false}, {10, 9, true}} {
		if got := before.Workday(domain.Date(2020, d.month, d.day)); got != d.want {
			t.Errorf("2020-%d-%d workday: %v", d.month, d.day, got)
		}
	}
	if r := before.Readings(); r[0].Start != domain.FirstDay || len(r) < 2 || r[0].Cites[0].Origin != domain.ToVerify {
		t.Errorf("readings %+v", r)
	}
	if p := before.Precedence(); p[0] != domain.Discovery || p[4] != domain.Declaration {
		t.Errorf("precedence %v", p)
	}
	if before.Procedure("nothing") != nil {
		t.Error("an unknown programme has a procedure")
	}
}

func TestProcedures(t *testing.T) {
	old, now := planOn(t, "cn-hb-qianjiang", "2021.1", "2021-06-30"), planOn(t, "cn-hb-qianjiang", "2021.1", "2021-07-01")
	step := func(steps []domain.Step, id string) domain.Step {
		i := slices.IndexFunc(steps, func(s domain.Step) bool { return s.ID == id })
		if i < 0 {
			t.Fatalf("no step %s", id)
		}
		return steps[i]
	}
	if s := step(old.Procedure("dibao"), "evaluation"); !s.Required || s.Days != 5 || s.After != "survey" {
		t.Errorf("evaluation of 2012: %+v", s)
	}
	if s := step(now.Procedure("dibao"), "evaluation"); s.Required {
		t.Errorf("evaluation of 2021: %+v", s)
	}
	if s := step(now.Procedure("dibao"), "survey"); s.Days != 3 || !s.Working || s.Staff != 2 {
		t.Errorf("survey of 2021: %+v", s)
	}
	if s := step(old.Procedure("dibao"), "notice"); s.Days != 0 || s.Runs != 7 || s.Working || !s.Right || s.Event != "public-notice-posted.v1" {
		t.Errorf("notice: %+v", s)
	}
	check := step(old.Procedure("dibao"), "check")
	for _, src := range []string{"bank", "social-security", "tax", "real-estate", "vehicle", "business", "death-register", "prison"} {
		if !slices.Contains(check.Sources, src) {
			t.Errorf("the check does not ask %s", src)
		}
	}
}

// TestPlansAreShared evaluates one plan from many goroutines; run with -race.
func TestPlansAreShared(t *testing.T) {
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve("cn-hb-qianjiang", "2020.2")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			p, err := lib.Plan(v, domain.Date(2020, 4, 1+g))
			if err != nil {
				t.Error(err)
				return
			}
			for i := range int64(200) {
				o, err := p.Evaluate(dibao(400+i%100, 400))
				if f, ok := o.Single(); err != nil || !ok || f != domain.Fen(2*52600-(800+i%100)*100) {
					t.Errorf("%+v, %v", o, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestFurtherFolders(t *testing.T) {
	tree := fstest.MapFS{}
	for name, data := range tiny {
		tree["tiny/1/"+name] = &fstest.MapFile{Data: []byte(data)}
		tree["tiny/2/"+name] = &fstest.MapFile{Data: []byte(data)}
	}
	lib, err := policies.New(tree)
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve("tiny", "1")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := lib.Info(v); err != nil || info.Programmes[0].ID != "aid" || info.Jurisdiction != "429005" {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := lib.Resolve("tiny", "2"); !errors.Is(err, replay.ErrNoRules) {
		t.Errorf("a folder that holds another version: %v", err)
	}
	if slices.ContainsFunc(lib.Versions(), func(v domain.PackVersion) bool { return v.Version == "2" && v.Pack == "tiny" }) {
		t.Error("a version that cannot be loaded is listed")
	}
	if _, err := policies.New(tree, tree); err == nil {
		t.Error("one version in two places is accepted")
	}
}

// TestDigestIsOfEveryByte changes one byte of each file, tests included.
func TestDigestIsOfEveryByte(t *testing.T) {
	digest := func(change string) string {
		tree := fstest.MapFS{}
		for name, data := range tiny {
			if name == change {
				data += "\n# more"
			}
			tree["tiny/1/"+name] = &fstest.MapFile{Data: []byte(data)}
		}
		lib, err := policies.New(tree)
		if err != nil {
			t.Fatal(err)
		}
		v, err := lib.Resolve("tiny", "1")
		if err != nil {
			t.Fatal(err)
		}
		return v.Digest
	}
	seen := map[string]string{digest(""): "the original"}
	for name := range tiny {
		d := digest(name)
		if other, dup := seen[d]; dup {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[d] = name
	}
	if first, second := digest(""), digest(""); first != second {
		t.Error("the digest is not stable")
	}
}

// TestBitmaps reads the verdict of one leaf out of the bitmaps.
func TestBitmaps(t *testing.T) {
	p := planOn(t, "cn-hb-qianjiang", "2020.2", "2020-04-01")
	i := slices.Index(p.Leaves("dibao"), "dibao.eligible.no_car")
	if i < 0 || len(p.Leaves("nothing")) != 0 {
		t.Fatalf("leaves %v", p.Leaves("dibao"))
	}
	for _, tt := range []struct {
		car         domain.Value
		holds, seen bool
	}{{domain.Bool(false), true, true}, {domain.Bool(true), false, true}, {domain.Value{}, false, false}} {
		in := p.Bind(with(dibao(400), map[string]domain.Value{"car": tt.car}))
		var b policies.Bits
		if _, err := p.EvaluateInput(in, &b); err != nil {
			t.Fatal(err)
		}
		p.Release(in)
		if got := b.True[0]>>i&1 == 1; got != tt.holds {
			t.Errorf("car %v: true %v", tt.car, got)
		}
		if got := b.Known[0]>>i&1 == 1; got != tt.seen {
			t.Errorf("car %v: known %v", tt.car, got)
		}
	}
}
