package main

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// killsVar says how often TestKilledServer kills; make crash sets it.
const killsVar = "LEEWAY_KILLS"

// TestKilledServer: the real program, eight writers, killed in the middle, over
// and over on one data folder. Whatever was acknowledged is there once, with
// its bytes, after every kill; and every restart serves.
func TestKilledServer(t *testing.T) {
	kills := 3
	if v := os.Getenv(killsVar); v != "" {
		var err error
		if kills, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	dir := socketDir(t)
	var loads []*load
	slowest := time.Duration(0)
	for round := range kills {
		begin := time.Now()
		r := startServer(t, dir)
		slowest = max(slowest, time.Since(begin))
		l := startWriters(r.store(t), 8, int64(round))
		l.atLeast(t, 8)
		time.Sleep(time.Duration(15+rand.IntN(105)) * time.Millisecond) // the kill comes at no known point
		r.kill()
		loads = append(loads, l.wait())
		checkAcked(t, dir, loads...)
	}
	acked := 0
	for _, l := range loads {
		for _, ids := range l.acked {
			acked += len(ids)
		}
	}
	t.Logf("%d kills, %d events acknowledged, none lost; slowest start %v", kills, acked, slowest.Round(time.Millisecond))
}
