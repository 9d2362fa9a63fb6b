// Command growth measures what a case costs in time and memory as a city grows,
// and draws it.
//
//	go run ./growth -scales 0.06,0.6,6 -data ../docs/growth.csv -plot ../docs/growth.svg
//
// Each scale is a city of leeway simulate: imported by one process, replayed by
// one and in shards by several, and asked what a raised standard would change.
// Measures of other scales in the data stay, so that a long run can be made apart.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"leeway/bench/report"
)

func main() {
	scales := flag.String("scales", "0.06,0.6,6", "scales of leeway simulate; 1 has about 17,400 cases")
	seed := flag.String("seed", "77", "seed of the cities")
	shards := flag.Int("shards", 4, "processes of the replay in shards")
	data := flag.String("data", "../docs/growth.csv", "where measures are kept")
	plot := flag.String("plot", "../docs/growth.svg", "the picture that is drawn of them")
	lean := flag.Bool("lean", false, "only import, first replay and replay in shards: half of the time")
	work := flag.String("work", "", "folder for the cities; none: a temporary one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, strings.FieldsFunc(*scales, func(r rune) bool { return r == ',' }), *seed, *shards, *lean, *data, *plot, *work); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, scales []string, seed string, shards int, lean bool, data, plot, work string) error {
	all, err := readMeasures(data)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(work, "growth")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c := city{program: filepath.Join(dir, "leeway"), seed: seed, shards: shards, lean: lean}
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", c.program, "./cmd/leeway")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	for _, scale := range scales {
		c.dir, c.scale = filepath.Join(dir, scale), scale
		measured, err := c.measure(ctx)
		if err != nil {
			return fmt.Errorf("scale %s: %w", scale, err)
		}
		all = replaced(all, measured)
		if err := writeMeasures(data, all); err != nil {
			return err
		}
		if err := os.RemoveAll(c.dir); err != nil {
			return err
		}
	}
	return picture(plot, all)
}

// A measure is one step with one city.
type measure struct {
	Cases, Events int
	Step          string
	CPU, Wall     time.Duration // CPU is that of all processes together
	Memory        int64         // bytes, of the largest process
	Load          string        // of the machine before the step
}

// city makes and measures one city after the other.
type city struct {
	program, dir, scale, seed string
	shards                    int
	lean                      bool
	made                      struct{ Cases, Events int }
}

// The steps, as the picture names them.
const (
	stepImport = "import"
	stepFirst  = "first replay, dossiers built"
	stepReplay = "replay of all"
	stepShards = "replay in shards"
	stepImpact = "impact, facts kept"
)

// measure makes a city and takes every step with it.
func (c *city) measure(ctx context.Context) ([]measure, error) {
	files, data, out := filepath.Join(c.dir, "city"), filepath.Join(c.dir, "data"), filepath.Join(c.dir, "out")
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return nil, err
	}
	text, err := exec.CommandContext(ctx, c.program, "simulate", files, "--seed", c.seed, "--scale", c.scale, "--json").Output()
	if err == nil {
		err = json.Unmarshal(text, &c.made)
	}
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	parts, err := filepath.Glob(filepath.Join(files, "cases-*.ndjson"))
	if err != nil {
		return nil, err
	}
	replay := []string{"replay", "--all", "--data", data, "--as-of", "2021-03-31"}
	impact := []string{"policy", "impact", "cn-hb-qianjiang/2020.2", "--standard", "dibao_rural", "--raise", "34", "--data", data, "--as-of", "2021-03-31", "--results", out}
	var list []measure
	take := func(step string, commands ...[]string) error {
		m, err := c.step(ctx, step, commands)
		fmt.Fprintf(os.Stderr, "%d cases, %s: %s processor time, %s wall, %d MB, load %s\n", m.Cases, step, m.CPU.Round(10*time.Millisecond), m.Wall.Round(10*time.Millisecond), m.Memory>>20, m.Load)
		if step != "" {
			list = append(list, m)
		}
		return err
	}
	var pieces [][]string
	for i := range c.shards {
		pieces = append(pieces, append(replay[:len(replay):len(replay)], "--shard", fmt.Sprintf("%d/%d", i+1, c.shards)))
	}
	err = take(stepImport, append([]string{"import", "--data", data, filepath.Join(files, "00-register.ndjson")}, parts...))
	for _, next := range []struct {
		step     string
		commands [][]string
	}{
		{stepFirst, [][]string{append(replay[:len(replay):len(replay)], "--truth", filepath.Join(files, "truth.jsonl"))}},
		{stepReplay, [][]string{replay}},
		{stepShards, pieces},
		{"", [][]string{impact}}, // the facts are folded and kept
		{stepImpact, [][]string{append(impact[:len(impact):len(impact)], "--truth", filepath.Join(files, "entitled.jsonl"))}},
	} {
		if err != nil {
			return nil, err
		}
		if c.lean && next.step != stepFirst && next.step != stepShards {
			continue
		}
		err = take(next.step, next.commands...)
	}
	return list, err
}

// step runs commands at once and adds up what they took.
func (c *city) step(ctx context.Context, step string, commands [][]string) (measure, error) {
	m := measure{Cases: c.made.Cases, Events: c.made.Events, Step: step, Load: report.Load()}
	began := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for _, args := range commands {
		all.Go(func() {
			cmd := exec.CommandContext(ctx, c.program, args...)
			out, err := cmd.CombinedOutput()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, fmt.Errorf("leeway %s: %w\n%s", args[0], err, out))
			}
			if s := cmd.ProcessState; s != nil {
				m.CPU += s.UserTime() + s.SystemTime()
				if u, ok := s.SysUsage().(*syscall.Rusage); ok {
					m.Memory = max(m.Memory, u.Maxrss<<10)
				}
			}
		})
	}
	all.Wait()
	m.Wall = time.Since(began)
	return m, errors.Join(errs...)
}
