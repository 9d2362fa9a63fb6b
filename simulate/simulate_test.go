package simulate_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
	"leeway/eventstore/memory"
	"leeway/policies"
	"leeway/simulate"
)

var asOf = domain.Date(2021, 3, 31)

type library struct{ *policies.Library }

func (library) Engine() string { return "test" }

// made is a city in memory: its files in order, and what was planted.
func made(t testing.TB, seed uint64, percent int) (files []*bytes.Buffer, truth []simulate.Truth, totals simulate.Totals) {
	t.Helper()
	var lines bytes.Buffer
	totals, err := simulate.City{Seed: seed, Percent: percent}.Write(func(string) (io.Writer, error) {
		files = append(files, new(bytes.Buffer))
		return files[len(files)-1], nil
	}, &lines, io.Discard, 100)
	if err == nil {
		truth, err = simulate.Read[simulate.Truth](&lines)
	}
	if err != nil {
		t.Fatal(err)
	}
	return files, truth, totals
}

// settled imports the files into a store of their own.
func settled(t testing.TB, files []*bytes.Buffer) *casework.Service {
	t.Helper()
	lib, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	rules := library{lib}
	desk := &casework.Service{Store: memory.New(), Rules: rules, Now: func() time.Time { return asOf.Start().Add(20 * time.Hour) }}
	t.Cleanup(func() { desk.Store.Close() })
	for i, f := range files {
		file, err := casework.ReadCaseFile(bytes.NewReader(f.Bytes()), rules, asOf)
		if err == nil {
			_, err = desk.Import(context.Background(), file, nil)
		}
		if err != nil {
			t.Fatalf("file %d: %v", i, err)
		}
	}
	return desk
}

// TestEveryPlantedErrorIsFound replays a small city and holds what comes out
// against what was planted: nothing is missed, nothing is made up, and every
// amount is exact. The seeds are those of this test and mean nothing.
func TestEveryPlantedErrorIsFound(t *testing.T) {
	for _, seed := range []uint64{1, uint64(time.Now().UnixNano())} {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			files, truth, totals := made(t, seed, 4)
			if len(totals.Kinds) < 20 {
				t.Fatalf("only %d kinds were drawn: %v", len(totals.Kinds), totals.Kinds)
			}
			survey, err := settled(t, files).Survey(t.Context(), casework.Which{}, asOf, nil)
			if err != nil || len(survey.Failed) > 0 {
				t.Fatalf("survey: %v, %v", survey.Failed, err)
			}
			if c := simulate.Compare(truth, survey.Hits); !c.Right() {
				t.Errorf("%+v\n%s", c.All, strings.Join(c.Wrong, "\n"))
			}
			if survey.Under == 0 {
				t.Error("no month without a standard was met")
			}
		})
	}
}

// TestCompare takes a difference away, changes an amount, and adds one.
func TestCompare(t *testing.T) {
	fen := func(n domain.Fen) *domain.Fen { return &n }
	jan := domain.MonthOf(2020, 1)
	truth := []simulate.Truth{
		{Case: "A", Kind: "k", Month: jan, Class: replay.EPay, Amount: 5}, {Case: "A", Kind: "k", Month: jan, Class: replay.EWork, Amount: -7},
		{Case: "B", Kind: "l", Month: jan, Class: replay.EPay, Amount: 9, Open: true}, {Case: "C", Kind: "l", Month: jan, Class: replay.EPay, Amount: 1},
	}
	hits := []replay.Hit{{Case: "A", Month: jan, Class: replay.EPay, Amount: fen(5)}, {Case: "A", Month: jan, Class: replay.EWork, Amount: fen(-7)},
		{Case: "B", Month: jan, Class: replay.EPay}, {Case: "C", Month: jan, Class: replay.EPay, Amount: fen(1)}}
	if c := simulate.Compare(truth, hits); !c.Right() || len(c.Wrong) > 0 || c.All.Amount != 22 || len(c.Classes) != 2 || len(c.Kinds) != 2 {
		t.Errorf("%+v", c)
	}
	for name, x := range map[string]struct {
		hits                  []replay.Hit
		missed, wrong, madeUp int
	}{
		"one missed":     {hits[1:], 1, 0, 0},
		"other month":    {append(hits[1:], replay.Hit{Case: "A", Month: jan + 1, Class: replay.EPay, Amount: fen(5)}), 1, 0, 1},
		"other class":    {append(hits[1:], replay.Hit{Case: "A", Month: jan, Class: replay.EDuty, Amount: fen(5)}), 1, 0, 1},
		"other amount":   {append(hits[1:], replay.Hit{Case: "A", Month: jan, Class: replay.EPay, Amount: fen(6)}), 0, 1, 0},
		"no amount":      {append(hits[1:], replay.Hit{Case: "A", Month: jan, Class: replay.EPay}), 0, 1, 0},
		"twice":          {append(hits, hits[0]), 0, 1, 0},
		"amount of open": {append(hits[:2:2], hits[3], replay.Hit{Case: "B", Month: jan, Class: replay.EPay, Amount: fen(9)}), 0, 1, 0},
	} {
		c := simulate.Compare(truth, x.hits)
		if c.Right() || c.All.Missed != x.missed || c.All.Wrong != x.wrong || c.All.MadeUp != x.madeUp || len(c.Wrong) != x.missed+x.wrong+x.madeUp {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c := simulate.Compare(nil, nil); c.Right() {
		t.Error("nothing planted is nothing shown")
	}
}

// TestSameSeedSameBytes makes a city twice.
func TestSameSeedSameBytes(t *testing.T) {
	a, truthA, totals := made(t, 7, 2)
	b, truthB, _ := made(t, 7, 2)
	c, _, _ := made(t, 8, 2)
	if len(a) != len(b) || !slices.Equal(truthA, truthB) {
		t.Fatal("two cities of one seed differ in size or truth")
	}
	for i := range a {
		if !bytes.Equal(a[i].Bytes(), b[i].Bytes()) {
			t.Errorf("file %d differs", i)
		}
	}
	if bytes.Equal(a[1].Bytes(), c[1].Bytes()) {
		t.Error("another seed gives the same city")
	}
	for programme, want := range map[string]int{
		"dibao": simulate.Households * 2 / 100, "tekun": simulate.ExtremeDifficulty * 2 / 100, "temporary": simulate.TemporaryHelp * 2 / 100, "orphan": simulate.Orphans * 2 / 100,
	} {
		if totals.Programmes[programme] != want {
			t.Errorf("%s: %d cases, want %d", programme, totals.Programmes[programme], want)
		}
	}
	if alone := totals.Cases - totals.Programmes["dibao"]; totals.Persons != simulate.Persons*2/100+alone {
		t.Errorf("%+v", totals)
	}
	classes := map[replay.Class]bool{}
	for _, x := range truthA {
		classes[x.Class] = true
	}
	if len(classes) < 5 {
		t.Errorf("only the classes %v", classes)
	}
}

// TestScaleIsBounded refuses a scale that nobody means.
func TestScaleIsBounded(t *testing.T) {
	for _, percent := range []int{0, 1001} {
		if _, err := (simulate.City{Percent: percent}).Write(nil, io.Discard, io.Discard, 1); err == nil {
			t.Errorf("a scale of %d per cent was taken", percent)
		}
	}
}
