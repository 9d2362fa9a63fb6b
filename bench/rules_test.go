// Package bench measures Leeway beside what its users would otherwise take, in
// the same run and on the same data. The tests hold that all of them give the
// same answers; a peer that answered another question would be no yardstick.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"leeway/domain"
	"leeway/policies"
)

// The subsistence allowance of cn-hb-qianjiang/2020.2 for April 2020, with
// everything known: no engine but ours tells unknown from false.

type member struct {
	Income     int64 `json:"income" expr:"income"` // fen a month
	Deposits   int64 `json:"deposits" expr:"deposits"`
	Dead       bool  `json:"dead" expr:"dead"`
	LivesHere  bool  `json:"lives_here" expr:"lives_here"`
	Imprisoned bool  `json:"imprisoned" expr:"imprisoned"`
	Covered    bool  `json:"covered" expr:"covered"`
}

type household struct {
	Urban      bool     `json:"urban" expr:"urban"`
	Single     bool     `json:"single" expr:"single"`
	Car        bool     `json:"car" expr:"car"`
	ExtraHouse bool     `json:"extra_house" expr:"extra_house"`
	RosterOn   bool     `json:"roster_on" expr:"roster_on"`
	Held       int64    `json:"held" expr:"held"` // fen of the month before
	Members    []member `json:"members" expr:"members"`
}

// standards are those of the pack in fen. Urban is 690 yuan, rural 526.
var standards = map[string]any{"urban": 69000, "rural": 52600, "deposit_months": 24, "hold": true}

// population is a fixed draw of households of four.
func population() []household {
	r := rand.New(rand.NewPCG(20, 3))
	var list []household
	for range 512 {
		h := household{Urban: r.IntN(2) == 1, Car: r.IntN(20) == 0, RosterOn: r.IntN(10) > 0, Held: 37800, Single: r.IntN(12) == 0}
		for range 4 {
			h.Members = append(h.Members, member{
				Income: r.Int64N(70000), Deposits: r.Int64N(900000), LivesHere: r.IntN(30) > 0, Covered: r.IntN(3) > 0, Dead: r.IntN(40) == 0, Imprisoned: r.IntN(60) == 0,
			})
		}
		list = append(list, h)
	}
	return list
}

// facts writes a household as our engine gets it.
func (h household) facts() domain.Facts {
	area, scheme := "rural", "household"
	if h.Urban {
		area = "urban"
	}
	if h.Single {
		scheme = "single"
	}
	f := domain.Facts{Programme: "dibao", Household: map[string]domain.Value{
		"area": domain.Code(area), "scheme": domain.Code(scheme), "car": domain.Bool(h.Car), "extra_house": domain.Bool(h.ExtraHouse),
		"roster_on": domain.Bool(h.RosterOn), "roster_amount": domain.Money(domain.Fen(h.Held)),
	}}
	for i, m := range h.Members {
		f.Members = append(f.Members, domain.MemberFacts{ID: fmt.Sprint("m", i), Facts: map[string]domain.Value{
			"income": domain.Money(domain.Fen(m.Income)), "deposits": domain.Money(domain.Fen(m.Deposits)), "dead": domain.Bool(m.Dead),
			"lives_here": domain.Bool(m.LivesHere), "imprisoned": domain.Bool(m.Imprisoned), "covered": domain.Bool(m.Covered),
		}})
	}
	return f
}

// amounts are what the rule allows, low to high, each once.
func amounts(list ...int64) []int64 { return slices.Compact(slices.Sorted(slices.Values(list))) }

// plain is the rule by hand, in two-valued Go: what any engine is paid for.
func (h household) plain() []int64 {
	size, income, deposits, death := int64(0), int64(0), int64(0), false
	for _, m := range h.Members {
		death = death || m.Dead
		if m.LivesHere && !m.Dead && !m.Imprisoned && (!h.Single || m.Covered) {
			size, income, deposits = size+1, income+m.Income, deposits+m.Deposits
		}
	}
	line := size * 52600
	if h.Urban {
		line = size * 69000
	}
	held := h.Held
	if death {
		held = min(held, line)
	}
	gap := max(0, line-income)
	switch {
	case size == 0:
		return []int64{0}
	case income < line && !h.Car && !h.ExtraHouse && deposits <= 24*line:
		if h.RosterOn && !death && gap < held {
			return amounts(gap, held)
		}
		return []int64{gap}
	case h.RosterOn:
		return []int64{held}
	}
	return []int64{0}
}

const regoRule = `package dibao

counted := [m | some m in input.members; m.lives_here; not m.dead; not m.imprisoned; covered(m)]

covered(_) if not input.single

covered(m) if {
	input.single
	m.covered
}

size := count(counted)
income := sum([m.income | some m in counted])
deposits := sum([m.deposits | some m in counted])

standard := data.std.urban if input.urban
standard := data.std.rural if not input.urban

line := standard * size
gap := max([0, line - income])

death if {
	some m in input.members
	m.dead
}

held := min([input.held, line]) if death
held := input.held if not death

eligible if {
	size > 0
	income < line
	not input.car
	not input.extra_house
	deposits <= line * data.std.deposit_months
}

reducing if {
	input.roster_on
	eligible
	not death
	gap < held
	data.std.hold
}

exiting if {
	input.roster_on
	not eligible
	size > 0
	data.std.hold
}

amounts := {gap, held} if reducing
amounts := {gap} if {
	eligible
	not reducing
}
amounts := {held} if exiting
amounts := {0} if {
	not eligible
	not exiting
}
`

func prepared(tb testing.TB) rego.PreparedEvalQuery {
	tb.Helper()
	q, err := rego.New(
		rego.Query("data.dibao.amounts"), rego.Module("dibao.rego", regoRule), rego.Store(inmem.NewFromObject(map[string]any{"std": standards})),
	).PrepareForEval(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

// parsed is a household as OPA takes it fastest.
func parsed(tb testing.TB, h household) ast.Value {
	tb.Helper()
	b, err := json.Marshal(h)
	if err != nil {
		tb.Fatal(err)
	}
	var x any
	if err := json.Unmarshal(b, &x); err != nil {
		tb.Fatal(err)
	}
	v, err := ast.InterfaceToValue(x)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func ofRego(tb testing.TB, rs rego.ResultSet, err error) []int64 {
	tb.Helper()
	if err != nil || len(rs) != 1 {
		tb.Fatalf("rego: %d results, %v", len(rs), err)
	}
	var list []int64
	for _, x := range rs[0].Expressions[0].Value.([]any) {
		n, err := x.(json.Number).Int64()
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, n)
	}
	return amounts(list...)
}

const exprRule = `
let counted = filter(members, .lives_here && !.dead && !.imprisoned && (!single || .covered));
let size = len(counted);
let income = sum(counted, .income);
let line = size * (urban ? std.urban : std.rural);
let gap = max(0, line - income);
let death = any(members, .dead);
let amount = death ? min(held, line) : held;
let eligible = size > 0 && income < line && !car && !extra_house && sum(counted, .deposits) <= line * std.deposit_months;
eligible
	? (roster_on && !death && gap < amount && std.hold ? [gap, amount] : [gap])
	: (roster_on && size > 0 && std.hold ? [amount] : [0])
`

// env is a household with the standards, as expr takes it fastest.
type env struct {
	household
	Std struct {
		Urban  int  `expr:"urban"`
		Rural  int  `expr:"rural"`
		Months int  `expr:"deposit_months"`
		Hold   bool `expr:"hold"`
	} `expr:"std"`
}

func envOf(h household) env {
	e := env{household: h}
	e.Std.Urban, e.Std.Rural, e.Std.Months, e.Std.Hold = 69000, 52600, 24, true
	return e
}

func compiled(tb testing.TB) *vm.Program {
	tb.Helper()
	p, err := expr.Compile(exprRule, expr.Env(env{}))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func ofExpr(tb testing.TB, v any, err error) []int64 {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
	var list []int64
	for _, x := range v.([]any) {
		switch n := x.(type) {
		case int:
			list = append(list, int64(n))
		case int64:
			list = append(list, n)
		default:
			tb.Fatalf("expr gave %T", x)
		}
	}
	return amounts(list...)
}

func plan(tb testing.TB) *policies.Plan {
	tb.Helper()
	lib, err := policies.New()
	if err != nil {
		tb.Fatal(err)
	}
	v, err := lib.Resolve("cn-hb-qianjiang", "2020.2")
	if err != nil {
		tb.Fatal(err)
	}
	p, err := lib.PlanOn(v, domain.Date(2020, 4, 1))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// ofOurs are the amounts of an outcome.
func ofOurs(tb testing.TB, o domain.Outcome, err error) []int64 {
	tb.Helper()
	if err != nil || !o.Determined() {
		tb.Fatalf("leeway: %+v, %v", o, err)
	}
	var list []int64
	for _, r := range o.Lawful {
		if r.Lo != r.Hi {
			tb.Fatalf("leeway: a range %+v", r)
		}
		list = append(list, int64(r.Lo))
	}
	return amounts(list...)
}

// TestSameAnswers holds that every engine decides every household alike.
func TestSameAnswers(t *testing.T) {
	p, q, x := plan(t), prepared(t), compiled(t)
	for i, h := range population() {
		want := h.plain()
		o, err := p.Evaluate(h.facts())
		rs, regoErr := q.Eval(t.Context(), rego.EvalParsedInput(parsed(t, h)))
		v, exprErr := expr.Run(x, envOf(h))
		for name, got := range map[string][]int64{"leeway": ofOurs(t, o, err), "opa": ofRego(t, rs, regoErr), "expr": ofExpr(t, v, exprErr)} {
			if !slices.Equal(got, want) {
				t.Errorf("household %d: %s says %v, by hand %v", i, name, got, want)
			}
		}
	}
}

// BenchmarkRule is one decision on one core.
func BenchmarkRule(b *testing.B) {
	list := population()
	b.Run("by=hand", func(b *testing.B) {
		n := 0
		for i := 0; b.Loop(); i++ {
			n += len(list[i%len(list)].plain())
		}
	})
	b.Run("by=leeway", func(b *testing.B) {
		p := plan(b)
		facts := make([]domain.Facts, len(list))
		for i, h := range list {
			facts[i] = h.facts()
		}
		var bits policies.Bits
		for i := 0; b.Loop(); i++ {
			in := p.Bind(facts[i%len(facts)])
			if _, err := p.EvaluateInput(in, &bits); err != nil {
				b.Fatal(err)
			}
			p.Release(in)
		}
	})
	b.Run("by=opa", func(b *testing.B) {
		q := prepared(b)
		inputs := make([]ast.Value, len(list))
		for i, h := range list {
			inputs[i] = parsed(b, h)
		}
		for i := 0; b.Loop(); i++ {
			if _, err := q.Eval(b.Context(), rego.EvalParsedInput(inputs[i%len(inputs)])); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by=expr", func(b *testing.B) {
		x := compiled(b)
		envs := make([]env, len(list))
		for i, h := range list {
			envs[i] = envOf(h)
		}
		machine := vm.VM{}
		for i := 0; b.Loop(); i++ {
			if _, err := machine.Run(x, envs[i%len(envs)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
