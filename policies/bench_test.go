package policies_test

import (
	"math/rand/v2"
	"testing"

	"leeway/domain"
	"leeway/policies"
)

// population is a fixed draw of households of four with everything known.
func population() (families []family, facts []domain.Facts) {
	r := rand.New(rand.NewPCG(20, 3))
	for range 512 {
		h := family{urban: tri(r.IntN(2)), car: is(true, r.IntN(20) == 0), roster: yes, amount: some(37800), inWindow: true}
		for range 4 {
			h.people = append(h.people, person{income: some(r.Int64N(70000)), deposits: some(r.Int64N(900000)), lives: yes, covered: yes})
		}
		families, facts = append(families, h), append(facts, h.facts())
	}
	return families, facts
}

// BenchmarkDibao is a whole dibao decision of a household of four: binding,
// both rules, both exceptions, and the bitmaps of every leaf.
func BenchmarkDibao(b *testing.B) {
	p := planOn(b, "cn-hb-qianjiang", "2020.2", "2020-04-01")
	_, facts := population()
	var bits policies.Bits
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		in := p.Bind(facts[i%len(facts)])
		if _, err := p.EvaluateInput(in, &bits); err != nil {
			b.Fatal(err)
		}
		p.Release(in)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cases/s")
}

// BenchmarkDibaoOutcome is the same without bitmaps.
func BenchmarkDibaoOutcome(b *testing.B) {
	p := planOn(b, "cn-hb-qianjiang", "2020.2", "2020-04-01")
	_, facts := population()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := p.Evaluate(facts[i%len(facts)]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPlainGo is the same decision by the hand-written reference.
func BenchmarkPlainGo(b *testing.B) {
	families, _ := population()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		families[i%len(families)].evaluate()
	}
}

// BenchmarkLoad is loading, compiling and planning one pack version.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		planOn(b, "cn-hb-qianjiang", "2020.2", "2020-04-01")
	}
}
