package esdb

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leeway/eventstore"
	"leeway/eventstore/esdbserver"
)

// payload is as large as a recorded decision typically is.
var payload = bytes.Repeat([]byte("p"), 460)

// streamLength is how long a case's stream typically is.
const streamLength = 50

// ordered makes the n-th id of the benchmark as version 7 would be: each
// sorts after the one before.
func ordered(n int64) string {
	return fmt.Sprintf("%08x-%04x-7000-8000-%012x", n>>16, uint16(n), n)
}

// probe measures what the disk gives: 4 KiB appended and synced, again and
// again, in the folder of the store below.
func probe(b *testing.B, dir string) float64 {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "probe"))
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	block := bytes.Repeat([]byte("b"), 4096)
	begin, n := time.Now(), 0
	for ; time.Since(begin) < 500*time.Millisecond; n++ {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return float64(n) / time.Since(begin).Seconds()
}

// openBench opens a store over loopback on a server over SQLite in a folder. The
// collector runs as rarely as in "leeway serve", whose place this process takes.
func openBench(b *testing.B, dir string) *Store {
	before := debug.SetGCPercent(400)
	b.Cleanup(func() { debug.SetGCPercent(before) })
	below := openSQLite(b, dir)
	b.Cleanup(func() { below.Close() })
	n := startNode(b, below, esdbserver.Options{})
	s := openAt(b, n.address)
	b.Cleanup(func() { s.Close() })
	if err := s.Prepare(context.Background()); err != nil {
		b.Fatal(err)
	}
	return s
}

// write appends n events, one a command, by so many writers.
func write(b *testing.B, s *Store, writers int, n int64) {
	var issued atomic.Int64
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := int64(0); ; i++ {
				k := issued.Add(1)
				if k > n {
					return
				}
				_, err := s.Append(context.Background(), eventstore.Batch{
					Stream: fmt.Sprintf("case-%d-%d", w, i/streamLength), Expected: i%streamLength - 1, Command: ordered(k),
					Events: []eventstore.Event{{ID: ordered(k), Type: "decision-made.v1", Data: payload}},
				})
				if err != nil {
					b.Errorf("Append = %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkAppend measures durable appends through the client and the server,
// as events per second and as a share of the syncs the disk gave right before
// and after.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 32} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			dir := b.TempDir()
			s := openBench(b, dir)
			before := probe(b, dir)
			spent := processorTime()
			b.ResetTimer()
			write(b, s, writers, int64(b.N))
			b.StopTimer()
			spent = processorTime() - spent
			syncs := (before + probe(b, dir)) / 2
			rate := float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "ev/s")
			b.ReportMetric(float64(spent.Nanoseconds())/1e3/float64(b.N), "cpu-µs/ev")
			b.ReportMetric(syncs, "fsync/s")
			b.ReportMetric(100*rate/syncs, "%ofprobe")
		})
	}
}

// benchmarkEvents is how many events the reading benchmarks find.
const benchmarkEvents = 50_000

// fill puts them on record, in batches of a stream's length.
func fill(b *testing.B, s *Store) {
	var wg sync.WaitGroup
	for w := range int64(4) {
		wg.Go(func() {
			for i := w; i < benchmarkEvents/streamLength; i += 4 {
				batch := eventstore.Batch{Stream: fmt.Sprintf("case-%d", i), Expected: eventstore.NoStream, Command: ordered(i)}
				for k := range int64(streamLength) {
					batch.Events = append(batch.Events, eventstore.Event{ID: ordered(i*streamLength + k), Type: "decision-made.v1", Data: payload})
				}
				if _, err := s.Append(context.Background(), batch); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkAll reads the whole store in commit order.
func BenchmarkAll(b *testing.B) {
	s := openBench(b, b.TempDir())
	fill(b, s)
	n, spent := 0, processorTime()
	for b.Loop() {
		for _, err := range s.All(b.Context(), eventstore.Start) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	spent = processorTime() - spent
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "ev/s")
	b.ReportMetric(float64(spent.Nanoseconds())/1e3/float64(n), "cpu-µs/ev")
}

// BenchmarkRead loads streams of a typical length.
func BenchmarkRead(b *testing.B) {
	s := openBench(b, b.TempDir())
	fill(b, s)
	for _, readers := range []int{1, 8} {
		b.Run(fmt.Sprintf("readers=%d", readers), func(b *testing.B) {
			var next atomic.Int64
			var wg sync.WaitGroup
			for range readers {
				wg.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						stream := fmt.Sprintf("case-%d", i*7919%(benchmarkEvents/streamLength))
						if rs, err := collect(s.Read(b.Context(), stream, 0)); err != nil || len(rs) != streamLength {
							b.Errorf("Read = %d events, %v", len(rs), err)
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N*streamLength)/b.Elapsed().Seconds(), "ev/s")
		})
	}
}

// BenchmarkPrepare fills the index from what is on record, and measures the
// memory it takes.
func BenchmarkPrepare(b *testing.B) {
	below := openSQLite(b, b.TempDir())
	b.Cleanup(func() { below.Close() })
	n := startNode(b, below, esdbserver.Options{})
	first := openAt(b, n.address)
	write(b, first, 32, benchmarkEvents)
	first.Close()
	grown := 0.0
	for b.Loop() {
		before := heap()
		s := openAt(b, n.address)
		if err := s.Prepare(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		grown += heap() - before
		runtime.KeepAlive(s)
		s.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N*benchmarkEvents)/b.Elapsed().Seconds(), "ev/s")
	b.ReportMetric(grown/float64(b.N*benchmarkEvents), "B/ev")
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
