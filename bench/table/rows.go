package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"leeway/bench/report"
)

// Packages, from this module's folder.
const (
	peers    = "."
	policies = "../policies"
	command  = "../cmd/leeway"
	sqlite   = "../eventstore/sqlite"
	esdb     = "../eventstore/esdb"
	ledger   = "../ledger"
)

// groups are all that is run, in this order.
var groups = []group{
	{peers, "^(BenchmarkSync|BenchmarkRule|BenchmarkAppend|BenchmarkLoad|BenchmarkScan)$"},
	{policies, "^(BenchmarkDibao|BenchmarkPlainGo)$"},
	{command, "^(BenchmarkChain12|BenchmarkReplayCase)$"},
	{sqlite, "^BenchmarkAppend$"},
	{esdb, "^(BenchmarkAppend|BenchmarkAll)$"},
	{ledger, "^(BenchmarkSeal|BenchmarkVerifyEvents)$"},
}

// A measure is one value of one benchmark.
type measure struct {
	dir, bench, unit string
}

// ns is time per operation.
func ns(dir, bench string) measure { return measure{dir, bench, "ns/op"} }

// A row is a measure by itself, or as a ratio to another one.
type row struct {
	what string
	of   measure
	by   *measure // ratio by/of: how many times faster; none: the measure itself
	goal string
	met  func(float64) bool
}

func least(n float64) func(float64) bool { return func(v float64) bool { return v >= n } }
func most(n float64) func(float64) bool  { return func(v float64) bool { return v <= n } }

// rows are the table.
var rows = []row{
	{what: "write and fsync 4 KiB (limit of one commit)", of: ns(peers, "Sync")},
	{what: "append, 32 writers: Leeway, embedded", of: ns(peers, "Append/by=leeway")},
	{what: "append, 32 writers: audit table with triggers, a commit each", of: ns(peers, "Append/by=audit-table")},
	{what: "append, 32 writers: hallgren/eventsourcing 0.8, a commit each", of: ns(peers, "Append/by=library")},
	{what: "— Leeway against the audit table", of: ns(peers, "Append/by=leeway"), by: ref(ns(peers, "Append/by=audit-table")), goal: "≥ 3", met: least(3)},
	{what: "— Leeway against the library", of: ns(peers, "Append/by=leeway"), by: ref(ns(peers, "Append/by=library")), goal: "≥ 3", met: least(3)},
	{what: "load a case of 50 events: Leeway", of: ns(peers, "Load/by=leeway")},
	{what: "load a case of 50 events: plain SQL table", of: ns(peers, "Load/by=audit-table")},
	{what: "load a case of 50 events: library", of: ns(peers, "Load/by=library")},
	{what: "— Leeway against the plain table", of: ns(peers, "Load/by=leeway"), by: ref(ns(peers, "Load/by=audit-table")), goal: "≥ 0.7", met: least(0.7)},
	{what: "read an event of all: Leeway", of: measure{peers, "Scan/by=leeway", "ns/ev"}},
	{what: "read an event of all: plain SQL scan (limit)", of: measure{peers, "Scan/by=audit-table", "ns/ev"}},
	{what: "one decision: Leeway (cel-go), every leaf", of: ns(peers, "Rule/by=leeway")},
	{what: "one decision: OPA 1.22, prepared, parsed input", of: ns(peers, "Rule/by=opa")},
	{what: "one decision: expr-lang 1.17, no unknowns, no leaves", of: ns(peers, "Rule/by=expr")},
	{what: "one decision: by hand in Go, no unknowns (limit)", of: ns(peers, "Rule/by=hand")},
	{what: "— Leeway against OPA", of: ns(peers, "Rule/by=leeway"), by: ref(ns(peers, "Rule/by=opa")), goal: "≥ 5", met: least(5)},
	{what: "— by hand, no unknowns, against Leeway", of: ns(peers, "Rule/by=hand"), by: ref(ns(peers, "Rule/by=leeway"))},
	{what: "one decision: by hand in Go with unknowns, as the property test has it", of: ns(policies, "PlainGo")},
	{what: "— the same rule by hand against Leeway: most that a compiled path could give", of: ns(policies, "PlainGo"), by: ref(ns(policies, "Dibao")), goal: "≤ 100", met: most(100)},
	{what: "chain of a case with 12 months", of: ns(command, "Chain12"), goal: "≤ 1 ms", met: most(1e6)},
	{what: "the same with reading, grounds of everybody and trace", of: ns(command, "ReplayCase")},
	{what: "append, 32 writers, share of the syncs probed beside it", of: measure{sqlite, "Append/ids=ordered/writers=32", "%ofprobe"}, goal: "≥ 250 %", met: least(250)},
	{what: "append through the EventStoreDB client, loopback, 32 writers", of: measure{esdb, "Append/writers=32", "ev/s"}, goal: "≥ 10,000", met: least(10_000)},
	{what: "read all through the client", of: measure{esdb, "All", "ev/s"}, goal: "≥ 100,000", met: least(100_000)},
	{what: "seal an event, batches of 100, processor time", of: measure{ledger, "Seal", "cpu-ns/event"}, goal: "≤ 5 µs", met: most(5000)},
	{what: "verify events from raw bytes, a second of one core", of: measure{ledger, "VerifyEvents/root", "events/cpu-s"}, goal: "≥ 500,000", met: least(500_000)},
}

func ref(m measure) *measure { return &m }

// table writes the rows.
func (s samples) table(count int, began time.Time) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, load before the end %s. Medians of %d, all in one run of %s.\n\n| what | median | goal | |\n|---|---|---|---|\n", report.Machine(), report.Load(), count, time.Since(began).Round(time.Second))
	for _, r := range rows {
		v, err := s.median(r.of)
		if err != nil {
			return "", err
		}
		text := shown(v, r.of.unit)
		if r.by != nil {
			other, err := s.median(*r.by)
			if err != nil {
				return "", err
			}
			v = other / v
			text = digits(v) + " ×"
		}
		mark := ""
		if r.met != nil {
			mark = map[bool]string{true: "met", false: "**not met**"}[r.met(v)]
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.what, text, r.goal, mark)
	}
	return b.String(), nil
}

// shown writes a value for people.
func shown(v float64, unit string) string {
	switch {
	case strings.Contains(unit, "ns/") && v < 1000:
		return digits(v) + " ns"
	case strings.Contains(unit, "ns/") && v < 1e6:
		return digits(v/1e3) + " µs"
	case strings.Contains(unit, "ns/"):
		return digits(v/1e6) + " ms"
	case unit == "%ofprobe":
		return digits(v) + " %"
	}
	return thousands(int64(v)) + " " + strings.NewReplacer("ev/s", "/s", "events/cpu-s", "/s").Replace(unit)
}

// digits keeps three that count.
func digits(v float64) string {
	places := max(0, 2-int(math.Floor(math.Log10(max(v, 1e-9)))))
	return fmt.Sprintf("%.*f", places, v)
}

func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
