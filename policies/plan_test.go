package policies_test

import (
	"errors"
	"slices"
	"testing"

	"leeway/domain"
	"leeway/domain/replay"
	"leeway/policies"
)

// fen is an amount in yuan as tests write it.
func yuan(n int64) domain.Value { return domain.Money(domain.Fen(n * 100)) }

// planOn is a plan of a bundle, or the test ends.
func planOn(t testing.TB, pack, version, day string) *policies.Plan {
	t.Helper()
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve(pack, version)
	if err != nil {
		t.Fatal(err)
	}
	d, err := domain.ParseDay(day)
	if err != nil {
		t.Fatal(err)
	}
	p, err := lib.PlanOn(v, d)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// dibao is a rural household whose members have these incomes in yuan, with
// everything declared that decides.
func dibao(incomes ...int64) domain.Facts {
	f := domain.Facts{Programme: "dibao", Household: map[string]domain.Value{
		"area": domain.Code("rural"), "car": domain.Bool(false), "extra_house": domain.Bool(false),
	}}
	for i, n := range incomes {
		f.Members = append(f.Members, domain.MemberFacts{ID: "m" + string(rune('1'+i)), Facts: map[string]domain.Value{
			"income": yuan(n), "deposits": yuan(0),
		}})
	}
	return f
}

// with sets household facts.
func with(f domain.Facts, facts map[string]domain.Value) domain.Facts {
	for k, v := range facts {
		f.Household[k] = v
	}
	return f
}

// member sets one fact of a member, counted from 0.
func member(f domain.Facts, i int, name string, v domain.Value) domain.Facts {
	f.Members[i].Facts[name] = v
	return f
}

// onRoster says what the replay supplies: on the roster with this amount.
func onRoster(f domain.Facts, amount int64) domain.Facts {
	return with(f, map[string]domain.Value{"roster_on": domain.Bool(true), "roster_amount": yuan(amount)})
}

// amounts are the lawful amounts in yuan, from and to in turn.
func amounts(o domain.Outcome) []int64 {
	var out []int64
	for _, r := range o.Lawful {
		out = append(out, int64(r.Lo)/100)
		if r.Hi != r.Lo {
			out = append(out, int64(r.Hi)/100)
		}
	}
	return out
}

func TestWorkedArithmetic(t *testing.T) {
	urban := map[string]domain.Value{"area": domain.Code("urban")}
	const hold, cut = "dibao.amount/epidemic_exit_hold", "dibao.amount/epidemic_reduction_unclear"
	for _, tt := range []struct {
		name    string
		day     string
		facts   domain.Facts
		want    []int64
		special string
	}{
		{"three members at 400", "2020-04-01", dibao(400, 400, 400), []int64{378}, ""},
		{"60 more each", "2020-04-01", dibao(460, 460, 460), []int64{198}, ""},
		{"urban standard", "2020-04-01", with(dibao(400, 400, 400), urban), []int64{870}, ""},
		{"single at 148", "2020-04-01", dibao(148), []int64{378}, ""},
		{"a prisoner alone", "2020-04-01", member(dibao(60), 0, "imprisoned", domain.Bool(true)), []int64{0}, ""},
		{"540 each, held", "2020-04-01", onRoster(dibao(540, 540, 540), 378), []int64{378}, hold},
		{"540 each after the window", "2020-07-01", onRoster(dibao(540, 540, 540), 378), []int64{0}, ""},
		{"480 each, reduction unclear", "2020-04-01", onRoster(dibao(480, 480, 480), 378), []int64{138, 378}, cut},
		{"the sole earner dies", "2020-04-01", member(dibao(1200, 0, 0), 0, "dead", domain.Bool(true)), []int64{1052}, ""},
		{"the sole earner dies, on the roster", "2020-04-01", onRoster(member(dibao(1200, 0, 0), 0, "dead", domain.Bool(true)), 378), []int64{1052}, ""},
		{"one of three dies", "2020-04-01", onRoster(member(dibao(400, 400, 400), 0, "dead", domain.Bool(true)), 378), []int64{252}, ""},
		{"nobody survives", "2020-04-01", onRoster(member(dibao(148), 0, "dead", domain.Bool(true)), 378), []int64{0}, ""},
		{"exactly at the standard", "2020-04-01", dibao(526, 526, 526), []int64{0}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, err := planOn(t, "cn-hb-qianjiang", "2020.2", tt.day).Evaluate(tt.facts)
			if err != nil || !slices.Equal(amounts(o), tt.want) {
				t.Fatalf("got %v (%+v), %v; want %v", amounts(o), o, err, tt.want)
			}
			if got := slices.Concat(o.Special, []string{""})[0]; got != tt.special {
				t.Errorf("special %v, want %q", o.Special, tt.special)
			}
		})
	}
}

func TestOneFenDecides(t *testing.T) {
	p := planOn(t, "cn-hb-qianjiang", "2020.1", "2020-04-01")
	o, err := p.Evaluate(member(dibao(526), 0, "income", domain.Money(52599)))
	if f, ok := o.Single(); err != nil || !ok || f != 1 {
		t.Fatalf("one fen below the standard: %+v, %v", o, err)
	}
}

func TestLibraryRefusesOtherBytes(t *testing.T) {
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	v, err := lib.Resolve("cn-hb-qianjiang", "2020.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []domain.PackVersion{
		{Pack: v.Pack, Version: v.Version},
		{Pack: v.Pack, Version: v.Version, Digest: "00"},
		{Pack: v.Pack, Version: "1999.1", Digest: v.Digest},
	} {
		if _, err := lib.Plan(w, domain.Date(2020, 4, 1)); !errors.Is(err, replay.ErrNoRules) {
			t.Errorf("%+v: error %v, want ErrNoRules", w, err)
		}
	}
}

func TestEveryBundleLoads(t *testing.T) {
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	got := lib.Versions()
	if len(got) < 5 {
		t.Fatalf("versions %v", got)
	}
	for _, v := range got {
		if _, err := lib.Plan(v, domain.Date(2020, 4, 1)); err != nil {
			t.Error(err)
		}
	}
}
