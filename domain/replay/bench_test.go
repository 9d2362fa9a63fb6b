package replay_test

import (
	"testing"

	"leeway/domain"
	"leeway/domain/replay"
)

// BenchmarkChain replays a case with 12 benefit months, three members, a
// concealment, an unread return and a step undone. Its rules are plain Go, so
// that it measures the replay; the acceptance benchmark in cmd/leeway runs
// the same on the real pack.
func BenchmarkChain(b *testing.B) {
	s := newStory(b)
	s.opened(3, 400).decided(378)
	for m := month(b, "2020-02"); m <= month(b, "2021-01"); m++ {
		s.paid(m.String(), 378)
	}
	for _, id := range []string{"m1", "m2", "m3"} {
		s.found("2021-02-01", id, "interest", 20, "2020-01-01")
		s.found("2021-02-01", id, "wages", 40, "2020-06-10")
	}
	in := replay.Input{Case: s.c, Register: s.reg, Rules: s.rules, AsOf: day(b, "2021-03-01")}
	if r, err := replay.Run(in); err != nil || len(r.Months) != 12 || r.Money.Overpaid == domain.Fen(0) {
		b.Fatalf("not the case that was meant: %v", err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := replay.Run(in); err != nil {
			b.Fatal(err)
		}
	}
}
