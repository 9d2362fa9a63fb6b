// Package simulate makes up a city: a synthetic caseload of the size that the
// 2020 report gives, with errors planted in it, and a truth file that says where
// they are. Nobody in it exists.
//
// The truth is worked out from how an error was planted: so many yuan a head
// that were left out, the wrong one of two standards. Nothing of the replay is
// asked, so that a replay of the city can be held against it.
//
// The same seed and scale give the same bytes.
package simulate

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
)

// The figures of the 2020 report, for a scale of 1 (seed, section 1 (4)).
const (
	Households = 12_759 // on the roster of the subsistence allowance
	Persons    = 27_651
	NewUrban   = 65  // households that came in during the year
	NewRural   = 905 // the same in the country
	offices    = 22  // 区镇处; the report gives the workers, not the offices: an assumption
	workers    = 25
)

// Standards of the report in fen a head and month.
const (
	rural, urban = 52_600, 69_000
	lagging      = 48_000 // of the test pack, before it is raised to the rural one
)

// A City is what is made up.
type City struct {
	Seed    uint64
	Percent int // scale in per cent of the report: 1 to 1000
}

// Truth is one planted difference: in that month of that case so much was paid
// too much, or, negative, too little, for that cause.
type Truth struct {
	Case   string       `json:"case"`
	Kind   string       `json:"kind"` // how it was planted
	Month  domain.Month `json:"month"`
	Class  replay.Class `json:"class"`
	Amount domain.Fen   `json:"amount"`
	// Open: a replay names the cause and no amount, for what is due cannot be told
	// without a standard.
	Open bool `json:"open,omitempty"`
}

// Entitled is a household that the rural standard of the real pack gives money in
// every month from one to another: so many heads. Were that standard raised by x,
// each of the months would come to x a head more, and no other month to anything:
// incomes are made up well below the standard or well above it.
type Entitled struct {
	Case  string       `json:"case"`
	From  domain.Month `json:"from"`
	To    domain.Month `json:"to"`
	Heads int          `json:"heads"`
}

// Totals are what came out.
type Totals struct {
	Cases      int            `json:"cases"`
	Persons    int            `json:"persons"`
	Events     int            `json:"events"`
	Planted    int            `json:"planted"`    // differences
	Kinds      map[string]int `json:"kinds"`      // cases by kind
	Programmes map[string]int `json:"programmes"` // cases by programme
	Paid       domain.Fen     `json:"paid"`
}

// Write writes the registers and every case as one case file after the other,
// and the truth beside them, a line each: what was planted, and who is entitled
// by the rural standard. Next is asked for the writer of each
// part: the registers first, then so many cases at a time.
func (c City) Write(next func(name string) (io.Writer, error), truth, entitled io.Writer, each int) (Totals, error) {
	if c.Percent < 1 || c.Percent > 1000 {
		return Totals{}, domain.NewFault("scale", "a scale of %d per cent", "give 0.01 to 10", c.Percent)
	}
	g := &generator{
		city: c, rand: rand.New(rand.NewPCG(c.Seed, 0x6c6565776179)), truth: json.NewEncoder(truth), entitled: json.NewEncoder(entitled),
		totals: Totals{Kinds: map[string]int{}, Programmes: map[string]int{}},
	}
	out, err := next("00-register.ndjson")
	if err != nil {
		return g.totals, err
	}
	if err := g.register(out); err != nil {
		return g.totals, err
	}
	files, written := 0, 0
	part := func() error {
		if written%each != 0 {
			written++
			return nil
		}
		written, files = written+1, files+1
		if out, err = next(fmt.Sprintf("cases-%05d.ndjson", files)); err != nil {
			return err
		}
		return g.header(out)
	}
	for i, n := range g.sizes() {
		if err := part(); err != nil {
			return g.totals, err
		}
		if err := g.household(out, i, n); err != nil {
			return g.totals, err
		}
	}
	for _, p := range programmes {
		for i := range g.share(p.cases) {
			if err := part(); err != nil {
				return g.totals, err
			}
			if err := g.other(out, p, i); err != nil {
				return g.totals, err
			}
		}
	}
	return g.totals, nil
}

// generator carries the state of one run.
type generator struct {
	city     City
	rand     *rand.Rand
	truth    *json.Encoder
	entitled *json.Encoder
	totals   Totals
}

// share is a number of the report at the scale of the city, at least one.
func (g *generator) share(n int) int { return max(1, n*g.city.Percent/100) }

// sizes are the persons of each household, which come to the number that the
// report gives.
func (g *generator) sizes() []int {
	sizes := make([]int, g.share(Households))
	sum := 0
	for i := range sizes {
		switch x := g.rand.IntN(100); {
		case x < 35:
			sizes[i] = 1
		case x < 67:
			sizes[i] = 2
		case x < 85:
			sizes[i] = 3
		case x < 95:
			sizes[i] = 4
		default:
			sizes[i] = 5
		}
		sum += sizes[i]
	}
	for want := g.share(Persons); sum != want; {
		i := g.rand.IntN(len(sizes))
		switch {
		case sum < want && sizes[i] < 5:
			sizes[i]++
			sum++
		case sum > want && sizes[i] > 1:
			sizes[i]--
			sum--
		}
	}
	return sizes
}

// header is the first line of a case file.
func (g *generator) header(out io.Writer) error {
	return line(out, casework.FileHeader{
		Leeway: casework.FileFormat, Title: domain.Text{ZH: "模拟个案", EN: "Simulated cases"},
		Note:  domain.Text{ZH: fmt.Sprintf("由程序生成，种子 %d；人员均为虚构。", g.city.Seed), EN: fmt.Sprintf("Generated, seed %d; nobody in it exists.", g.city.Seed)},
		Grade: domain.GradeA, Actor: domain.Actor{Person: "w01", Office: "t01", Post: "intake"},
	})
}

// line writes one JSON value and a line break.
func line(out io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = out.Write(append(b, '\n'))
	return err
}
