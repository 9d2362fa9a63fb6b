package simulate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
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
	}, &lines, 100)
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(&lines); dec.More(); {
		var x simulate.Truth
		if err := dec.Decode(&x); err != nil {
			t.Fatal(err)
		}
		truth = append(truth, x)
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
			if len(totals.Kinds) < 12 {
				t.Fatalf("only %d kinds were drawn: %v", len(totals.Kinds), totals.Kinds)
			}
			survey, err := settled(t, files).Survey(t.Context(), casework.Which{}, asOf, nil)
			if err != nil || len(survey.Failed) > 0 {
				t.Fatalf("survey: %v, %v", survey.Failed, err)
			}
			kinds := map[string]string{}
			want := map[string]domain.Fen{}
			for _, x := range truth {
				kinds[x.Case] = x.Kind
				want[fmt.Sprint(x.Case, " ", x.Month, " ", x.Class)] = x.Amount
			}
			got := map[string]domain.Fen{}
			for _, h := range survey.Hits {
				amount := domain.Fen(-999_999)
				if h.Amount != nil {
					amount = *h.Amount
				}
				got[fmt.Sprint(h.Case, " ", h.Month, " ", h.Class)] = amount
			}
			report := 0
			for _, key := range slices.Sorted(maps.Keys(union(want, got))) {
				w, planted := want[key]
				g, found := got[key]
				if planted && found && w == g {
					continue
				}
				if report++; report < 30 {
					t.Errorf("%s (%s): planted %v %d, found %v %d", key, kinds[key[:7]], planted, w, found, g)
				}
			}
			if report > 0 {
				t.Errorf("%d differences of %d planted", report, len(want))
			}
		})
	}
}

func union(a, b map[string]domain.Fen) map[string]domain.Fen {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
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
	if totals.Cases != simulate.Households*2/100 || totals.Persons != simulate.Persons*2/100 {
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
		if _, err := (simulate.City{Percent: percent}).Write(nil, io.Discard, 1); err == nil {
			t.Errorf("a scale of %d per cent was taken", percent)
		}
	}
}
