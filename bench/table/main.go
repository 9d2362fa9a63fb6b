// Command table runs the benchmarks of Leeway and of its peers, all in one run,
// and writes one table: medians, ratios, and the limits that they stand beside.
//
//	go run ./table -count 5 -write ../docs/performance.md
//
// Each measure is a benchmark of "go test -bench" in a package of Leeway or of
// this module. A ratio is of two measures of the same run.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"leeway/bench/report"
)

func main() {
	count := flag.Int("count", 5, "how often each benchmark runs; the table has medians")
	span := flag.String("benchtime", "1s", "how long each runs")
	write := flag.String("write", "", "document whose table is written anew; none: standard output")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *count, *span, *write); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, count int, span, write string) error {
	began := time.Now()
	results := samples{}
	for _, g := range groups {
		fmt.Fprintf(os.Stderr, "%s in %s …\n", g.bench, g.dir)
		if err := results.take(ctx, g, count, span); err != nil {
			return err
		}
	}
	text, err := results.table(count, began)
	if err != nil {
		return err
	}
	if write == "" {
		fmt.Print(text)
		return nil
	}
	return report.Put(write, "bench", text)
}

// A group is benchmarks of one package, run by one command.
type group struct {
	dir   string // from this module
	bench string // as for -bench
}

// samples are the values of each unit of each benchmark.
type samples map[string][]float64

// take runs a group and keeps every value under "name unit".
func (s samples) take(ctx context.Context, g group, count int, span string) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", g.bench, "-count", fmt.Sprint(count), "-benchtime", span, "-cpu", "2", ".")
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go test in %s: %w\n%s%s", g.dir, err, out.Bytes(), errs.Bytes())
	}
	r := benchfmt.NewReader(&out, g.dir)
	for r.Scan() {
		b, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		name := strings.TrimSuffix(string(b.Name), "-2")
		for _, v := range b.Values {
			unit, value := v.Unit, v.Value
			if v.OrigUnit != "" {
				unit, value = v.OrigUnit, v.OrigValue
			}
			key := g.dir + " " + name + " " + unit
			s[key] = append(s[key], value)
		}
	}
	return r.Err()
}

// median is that of a measure. A measure that was not taken is an error: a
// benchmark was renamed, and the table would be silent about it.
func (s samples) median(m measure) (float64, error) {
	list := slices.Clone(s[m.dir+" "+m.bench+" "+m.unit])
	if len(list) == 0 {
		return 0, fmt.Errorf("no value %s of %s in %s", m.unit, m.bench, m.dir)
	}
	slices.Sort(list)
	return list[len(list)/2], nil
}
