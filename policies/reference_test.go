package policies_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"leeway/domain"
	"leeway/policies"
)

// What follows is the dibao rule of cn-hb-qianjiang/2020.2 written by hand in
// Go, with nothing of the engine: the reference of the property test and the
// yardstick of the benchmark.

// tri is yes, no or unknown.
type tri int8

const (
	no, yes, open tri = 0, 1, 2
)

func not(t tri) tri { return [...]tri{yes, no, open}[t] }

func and(ts ...tri) tri {
	out := yes
	for _, t := range ts {
		if t == no {
			return no
		}
		if t == open {
			out = open
		}
	}
	return out
}

func is(known, b bool) tri {
	switch {
	case !known:
		return open
	case b:
		return yes
	}
	return no
}

// opt is an amount or number that may be unknown.
type opt struct {
	v  int64
	ok bool
}

func some(v int64) opt { return opt{v, true} }

type person struct {
	income, deposits                 opt
	dead, lives, imprisoned, covered tri
}

type family struct {
	urban, single, car, house, roster tri
	amount                            opt
	people                            []person
	inWindow                          bool
}

func (h family) counts(p person) tri {
	scheme := open
	switch {
	case h.single == no || p.covered == yes:
		scheme = yes
	case h.single == yes && p.covered == no:
		scheme = no
	}
	return and(p.lives, not(p.dead), not(p.imprisoned), scheme)
}

// sums are size, income and deposits of the members that count.
func (h family) sums() (size, income, deposits opt, death tri) {
	size, income, deposits = some(0), some(0), some(0)
	for _, p := range h.people {
		c := h.counts(p)
		switch {
		case p.dead == yes:
			death = yes
		case p.dead == open && death == no:
			death = open
		}
		if c == yes {
			size.v++
		}
		if c == open {
			size.ok = false
		}
		add(&income, p.income, c)
		add(&deposits, p.deposits, c)
	}
	return size, income, deposits, death
}

func add(sum *opt, v opt, counts tri) {
	switch {
	case counts == no:
	case !v.ok:
		sum.ok = false
	case counts == open:
		sum.ok = sum.ok && v.v == 0
	default:
		sum.v += v.v
	}
}

// result is an outcome of the reference: its amounts, low to high.
type result struct {
	amounts []int64
	special bool
}

func either(a, b result) result {
	if a.amounts != nil && slices.Equal(a.amounts, b.amounts) {
		return result{a.amounts, a.special || b.special}
	}
	return result{}
}

func one(o opt) result {
	if !o.ok {
		return result{}
	}
	return result{amounts: []int64{o.v}}
}

func (h family) evaluate() result {
	size, income, deposits, death := h.sums()
	line := opt{ok: size.ok && h.urban != open}
	if line.ok {
		line.v = size.v * [...]int64{52600, 69000}[h.urban]
	}
	eligible := and(
		is(size.ok, size.v > 0), is(income.ok && line.ok, income.v < line.v), not(h.car), not(h.house),
		is(deposits.ok && line.ok, deposits.v <= 24*line.v),
	)
	gap := opt{max(0, line.v-income.v), line.ok && income.ok}
	held := h.amount
	switch {
	case death == yes:
		held = opt{min(h.amount.v, line.v), h.amount.ok && line.ok}
	case death == open:
		held.ok = false
	}
	exit := func() result {
		return h.except(and(h.roster, is(size.ok, size.v > 0), is(true, h.inWindow)), special(one(held)), one(some(0)))
	}
	stay := func() result {
		both := result{special: true}
		if gap.ok && held.ok {
			both.amounts = slices.Compact(slices.Sorted(slices.Values([]int64{gap.v, held.v})))
		}
		return h.except(and(h.roster, not(death), is(gap.ok && held.ok, gap.v < held.v), is(true, h.inWindow)), both, one(gap))
	}
	switch eligible {
	case yes:
		return stay()
	case no:
		return exit()
	}
	return either(stay(), exit())
}

func special(r result) result {
	r.special = true
	return r
}

func (h family) except(when tri, then, otherwise result) result {
	switch when {
	case yes:
		return then
	case no:
		return otherwise
	}
	return either(then, otherwise)
}

// facts writes the family as the engine gets it.
func (h family) facts() domain.Facts {
	f := domain.Facts{Programme: "dibao", Household: map[string]domain.Value{}}
	if h.urban != open {
		f.Household["area"] = domain.Code([...]string{"rural", "urban"}[h.urban])
	}
	f.Household["scheme"] = domain.Value{}
	if h.single != open {
		f.Household["scheme"] = domain.Code([...]string{"household", "single"}[h.single])
	}
	put(f.Household, "car", h.car)
	put(f.Household, "extra_house", h.house)
	put(f.Household, "roster_on", h.roster)
	if h.amount.ok {
		f.Household["roster_amount"] = domain.Money(domain.Fen(h.amount.v))
	}
	for i, p := range h.people {
		m := domain.MemberFacts{ID: fmt.Sprint("m", i), Facts: map[string]domain.Value{}}
		if p.income.ok {
			m.Facts["income"] = domain.Money(domain.Fen(p.income.v))
		}
		if p.deposits.ok {
			m.Facts["deposits"] = domain.Money(domain.Fen(p.deposits.v))
		}
		put(m.Facts, "dead", p.dead)
		put(m.Facts, "lives_here", p.lives)
		put(m.Facts, "imprisoned", p.imprisoned)
		put(m.Facts, "covered", p.covered)
		f.Members = append(f.Members, m)
	}
	return f
}

// put writes yes, no, or that the fact is stated to be unknown.
func put(facts map[string]domain.Value, name string, t tri) {
	facts[name] = domain.Value{}
	if t != open {
		facts[name] = domain.Bool(t == yes)
	}
}

// random draws a family; about one fact in doubt in ten is unknown.
func random(r *rand.Rand, inWindow bool) family {
	pick := func(pYes float64) tri {
		switch x := r.Float64(); {
		case x < 0.06:
			return open
		case x < 0.06+pYes:
			return yes
		}
		return no
	}
	sum := func(most int64) opt {
		if r.Float64() < 0.06 {
			return opt{}
		}
		if r.Float64() < 0.3 {
			return some([]int64{0, 52600, 69000, 52599, 1262400}[r.IntN(5)])
		}
		return some(r.Int64N(most))
	}
	h := family{
		urban: pick(0.4), single: pick(0.1), car: pick(0.1), house: pick(0.1), roster: pick(0.6),
		amount: sum(200000), inWindow: inWindow,
	}
	for range r.IntN(6) {
		h.people = append(h.people, person{
			income: sum(80000), deposits: sum(1500000),
			dead: pick(0.08), lives: not(pick(0.08)), imprisoned: pick(0.05), covered: pick(0.6),
		})
	}
	return h
}

// TestEngineAgreesWithPlainGo draws random households with unknowns, in and
// out of the epidemic window, with and without bitmaps.
func TestEngineAgreesWithPlainGo(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 1))
	cases, undetermined := 12000, 0
	for _, w := range []struct {
		day string
		in  bool
	}{{"2020-04-01", true}, {"2020-10-01", false}} {
		p := planOn(t, "cn-hb-qianjiang", "2020.2", w.day)
		for range cases / 2 {
			h := random(r, w.in)
			f := h.facts()
			got, err := p.Evaluate(f)
			if err != nil {
				t.Fatal(err)
			}
			want := h.evaluate()
			if !got.Determined() {
				undetermined++
				if len(got.Missing) == 0 {
					t.Fatalf("undetermined, but nothing is missing: %+v", f)
				}
			}
			if !slices.Equal(fens(got), want.amounts) || got.Determined() && (len(got.Special) > 0) != want.special {
				t.Fatalf("%s: engine %v special %v missing %v, plain Go %v\n%+v", w.day, fens(got), got.Special, got.Missing, want, f)
			}
			sameWithBits(t, p, f, got)
		}
	}
	if undetermined < cases/10 || undetermined > cases*9/10 {
		t.Errorf("%d of %d are undetermined: the draw proves little", undetermined, cases)
	}
}

func fens(o domain.Outcome) []int64 {
	var out []int64
	for _, r := range o.Lawful {
		out = append(out, int64(r.Lo))
	}
	return out
}

// sameWithBits checks that noting every leaf changes nothing, and that no
// leaf is true without being known.
func sameWithBits(t *testing.T, p *policies.Plan, f domain.Facts, want domain.Outcome) {
	t.Helper()
	in := p.Bind(f)
	defer p.Release(in)
	var b policies.Bits
	got, err := p.EvaluateInput(in, &b)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("with bitmaps %+v, %v; without %+v", got, err, want)
	}
	for i := range b.True {
		if b.True[i]&^b.Known[i] != 0 {
			t.Fatalf("a leaf is true but not known: %+v", f)
		}
	}
}

// TestMissingFactsDecide fills in what an undetermined outcome calls missing,
// in every way there is, until nothing is missing: it must then be determined.
func TestMissingFactsDecide(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 2))
	p := planOn(t, "cn-hb-qianjiang", "2020.2", "2020-04-01")
	for range 1500 {
		h := random(r, true)
		f := h.facts()
		for range 60 {
			o, err := p.Evaluate(f)
			if err != nil {
				t.Fatal(err)
			}
			if o.Determined() {
				break
			}
			answer(r, p, f, o.Missing[r.IntN(len(o.Missing))])
		}
		if o, _ := p.Evaluate(f); !o.Determined() {
			t.Fatalf("still undetermined: %v\n%+v", o.Missing, f)
		}
	}
}

// answer states a missing fact with a random value.
func answer(r *rand.Rand, p *policies.Plan, f domain.Facts, name string) {
	var owner, attr string
	for i := range name {
		if name[i] == '.' {
			owner, attr = name[:i], name[i+1:]
			break
		}
	}
	facts := f.Household
	for _, m := range f.Members {
		if m.ID == owner {
			facts = m.Facts
		}
	}
	switch a := p.Attributes()[attr]; a.Kind {
	case domain.MoneyValue:
		facts[attr] = domain.Money(domain.Fen(r.Int64N(80000)))
	case domain.CodeValue:
		facts[attr] = domain.Code(a.Codes[r.IntN(len(a.Codes))])
	default:
		facts[attr] = domain.Bool(r.IntN(2) == 1)
	}
}
