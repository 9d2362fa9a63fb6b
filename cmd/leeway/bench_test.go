package main_test

import (
	"context"
	"testing"

	"leeway/domain/casework"
	"leeway/domain/replay"
)

// BenchmarkChain12 replays F20 on the real pack: twelve benefit months, a
// source that was not connected and a re-check that was not done, under both
// readings of the month rule, without the grounds of liability. From a case in
// memory to its report.
func BenchmarkChain12(b *testing.B) {
	desk := demoDesk(b)
	d, err := desk.DossierAt(context.Background(), "F20", asOf)
	if err != nil {
		b.Fatal(err)
	}
	in := replay.Input{Case: d.Case, Register: d.Register, Rules: desk.Rules, AsOf: asOf}
	if r, err := replay.Chain(in); err != nil || len(r.Months) != 12 {
		b.Fatalf("not the case that was meant: %v", err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := replay.Chain(in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReplayCase is the same with what stands around it: reading the
// streams whole, checking every envelope, the grounds of liability of everybody
// who took part, and the trace in canonical form.
func BenchmarkReplayCase(b *testing.B) {
	desk := demoDesk(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := desk.ReplayCase(context.Background(), casework.Request{}, "F20", casework.ReplayOptions{AsOf: asOf}); err != nil {
			b.Fatal(err)
		}
	}
}
