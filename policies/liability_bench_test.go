package policies_test

import (
	"testing"

	"leeway/domain"
	"leeway/policies"
)

// BenchmarkGrounds evaluates the whole catalogue on one person's part, with
// every finding known.
func BenchmarkGrounds(b *testing.B) {
	lib, err := policies.New()
	if err != nil {
		b.Fatal(err)
	}
	v, err := lib.Resolve("cn-hb-qianjiang", "2021.1")
	if err != nil {
		b.Fatal(err)
	}
	p, err := lib.PlanOn(v, domain.Date(2020, 8, 1))
	if err != nil {
		b.Fatal(err)
	}
	f := domain.Findings{}
	for name := range p.Findings() {
		f[name] = domain.Evidence{Value: domain.Bool(false), Events: []string{"e1"}, Person: "r1"}
	}
	for b.Loop() {
		if _, err := p.Grounds(f); err != nil {
			b.Fatal(err)
		}
	}
}
