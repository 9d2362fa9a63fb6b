// Command load asks a server with many cases on record for their pages, at a
// rate that does not wait for answers, and says how long they took.
//
//	go run ./load -write ../docs/performance.md
//
// It ends by itself, in under eight minutes on two free cores: it builds the
// program, puts 100,000 copies of the sample cases on record, serves them as
// "leeway demo" does, with ledger, read models and access log, and asks.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"leeway/bench/report"
)

// Goals, in milliseconds of the 99th percentile.
const (
	goalPage = 50 * time.Millisecond
	goalAPI  = 20 * time.Millisecond
)

type options struct {
	cases   int
	rate    int
	span    time.Duration
	dir     string
	write   string
	all     bool
	profile string
}

func main() {
	var o options
	flag.IntVar(&o.cases, "cases", 100_000, "cases on record")
	flag.IntVar(&o.rate, "rate", 200, "requests a second")
	flag.DurationVar(&o.span, "span", 30*time.Second, "how long each kind is asked for")
	flag.StringVar(&o.dir, "dir", "", "folder of the records, kept, and used again where it has them; none: one that is removed")
	flag.BoolVar(&o.all, "all", true, "also ask for what reads or replays every case, which takes a minute or two")
	flag.StringVar(&o.write, "write", "", "document whose table is written anew; none: standard output")
	flag.StringVar(&o.profile, "profile", "", "folder for a processor profile of the server during each kind")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// say reports progress.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

func run(ctx context.Context, o options) (err error) {
	began := time.Now()
	work, err := os.MkdirTemp("", "leeway-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	dir := o.dir
	if dir == "" {
		dir = filepath.Join(work, "data")
	}
	program := filepath.Join(work, "leeway")
	say("building")
	if err := command(ctx, "go", "build", "-C", "..", "-o", program, "./cmd/leeway"); err != nil {
		return err
	}
	events, err := records(ctx, program, dir, o.cases)
	if err != nil {
		return err
	}
	s, err := serve(ctx, program, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := s.caughtUp(ctx); err != nil {
		return err
	}
	loaded := time.Since(began)
	readers, err := signIn(ctx, s.base)
	if err != nil {
		return err
	}
	say("warming up")
	openLoop(ctx, "", o.rate, 5*time.Second, somewhere(s.base, "/cases/", readers, o.cases))
	var all []*tally
	for _, kind := range []struct{ name, path string }{{"case page", "/cases/"}, {"case by the API", "/api/v1/cases/"}} {
		say("asking for each %s, %d a second", kind.name, o.rate)
		profiled := s.profile(ctx, o.profile, kind.name, o.span)
		t := openLoop(ctx, kind.name, o.rate, o.span, somewhere(s.base, kind.path, readers, o.cases))
		profiled()
		say("%s: p50 %s, p95 %s, p99 %s, slowest %s, %d of %d failed %v", kind.name, ms(t.at(500)), ms(t.at(950)), ms(t.at(990)), ms(t.at(1000)), t.failures(), t.sent, t.failed)
		all = append(all, t)
	}
	lists := probe(ctx, s.base, readers)
	if o.all {
		lists = append(lists, jobs(ctx, s.base, readers)...)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	text := table(o, all, lists, events, loaded)
	if o.write == "" {
		fmt.Print(text)
		return nil
	}
	return report.Put(o.write, "load", text)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// A once is one page that was asked for a few times, alone.
type once struct {
	who, path string
	took      time.Duration // median
	status    int
}

// alone are pages over many cases, which no rate is promised for.
var alone = []struct{ who, path string }{
	{"w3", "/"}, {"w3", "/cases"}, {"w3", "/cases?all=1"}, {"w3", "/cases?stage=accepted"}, {"w3", "/record"}, {"b1", "/cases?all=1&office=town-01"},
	{"r2", "/"}, {"r2", "/reviews"}, {"u1", "/audit"}, {"u1", "/audit/search"}, {"u1", "/audit/search?office=bureau"},
	{"u1", "/audit/case?case=L000000"}, {"u1", "/audit/reviews"}, {"u1", "/audit/access?case=L000000"}, {"u1", "/api/v1/cases"}, {"u1", "/api/v1/reviews?organ=commission"}, {"w3", "/api/v1/desk/cases"},
	{"u1", "/audit/persons"}, {"u1", "/policy"}, {"u1", "/board?office=" + sampleOf + "&month=2020-07"},
}

// probe asks for each of them five times.
func probe(ctx context.Context, base string, readers []*reader) (list []once) {
	for _, p := range alone {
		for _, r := range readers {
			if r.subject != p.who {
				continue
			}
			o := once{who: p.who, path: p.path}
			var took []time.Duration
			for range 5 {
				began := time.Now()
				o.status, _ = get(ctx, r.client, base+p.path)
				took = append(took, time.Since(began))
			}
			o.took = median(took)
			say("%s %s: %d in %s", o.who, o.path, o.status, ms(o.took))
			list = append(list, o)
		}
	}
	return list
}

// overAll are pages that replay or read every case: they answer at once how far
// they are, and in the end with what came out.
var overAll = []string{"/audit/reconcile?from=2020-07&to=2020-08", "/audit/survey?as_of=2021-12-31"}

// jobs asks for each of them until it is there.
func jobs(ctx context.Context, base string, readers []*reader) (list []once) {
	u1 := readers[len(readers)-1]
	for _, path := range overAll {
		began := time.Now()
		o := once{who: u1.subject, path: path}
		for again := true; again && ctx.Err() == nil; {
			var err error
			if o.status, again, err = refreshed(ctx, u1.client, base+path); err != nil {
				o.status = 0
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
		o.took = time.Since(began)
		say("%s over every case: %d in %s", path, o.status, o.took.Round(time.Second))
		list = append(list, o)
	}
	return list
}

// table is what stands in the document.
func table(o options, all []*tally, lists []once, events int64, loaded time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, load before the end %s. %d cases and %d events on record, ready after %s; %d requests a second for %s each, whatever became of those before.\n\n",
		report.Machine(), report.Load(), o.cases, events, loaded.Round(time.Second), o.rate, o.span)
	b.WriteString("| what | p50 | p95 | p99 | slowest | failed | goal of p99 | |\n|---|---|---|---|---|---|---|---|\n")
	for i, t := range all {
		goal := []time.Duration{goalPage, goalAPI}[i]
		verdict := "met"
		if t.at(990) > goal || t.failures() > 0 {
			verdict = "**not met**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %d of %d | ≤ %s | %s |\n", t.name, ms(t.at(500)), ms(t.at(950)), ms(t.at(990)), ms(t.at(1000)), t.failures(), t.sent, goal, verdict)
	}
	b.WriteString("\n| over many cases, alone, median of 5; over every case, once | |\n|---|---|\n")
	for _, l := range lists {
		fmt.Fprintf(&b, "| `%s` as %s | %s |\n", l.path, l.who, ms(l.took))
	}
	return b.String()
}
