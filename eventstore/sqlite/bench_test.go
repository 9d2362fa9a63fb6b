package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leeway/eventstore"
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

// scattered makes the n-th id as version 4 would be: anywhere in the index.
func scattered(n int64) string {
	h := uint64(n) * 0x9e3779b97f4a7c15
	return fmt.Sprintf("%08x-%04x-4000-8000-%012x", uint32(h>>32), uint16(h>>16), n)
}

// probe measures what the disk gives: 4 KiB appended and synced, again and
// again, in the folder of the store.
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
		if err := syncData(f); err != nil {
			b.Fatal(err)
		}
	}
	return float64(n) / time.Since(begin).Seconds()
}

// BenchmarkAppend measures durable appends, one event each, as events per
// second and as a share of the syncs the disk gave right before and after.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 32} {
		b.Run(fmt.Sprintf("ids=ordered/writers=%d", writers), func(b *testing.B) { benchmarkAppend(b, writers, ordered) })
		b.Run(fmt.Sprintf("ids=scattered/writers=%d", writers), func(b *testing.B) { benchmarkAppend(b, writers, scattered) })
	}
}

func benchmarkAppend(b *testing.B, writers int, id func(int64) string) {
	dir := b.TempDir()
	s := openAt(b, fileIn(dir))
	defer s.Close()
	before := probe(b, dir)
	var issued atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for w := range writers {
		wg.Go(func() {
			for i := int64(0); ; i++ {
				n := issued.Add(1)
				if n > int64(b.N) {
					return
				}
				_, err := s.Append(context.Background(), eventstore.Batch{
					Stream:   fmt.Sprintf("case-%d-%d", w, i/streamLength),
					Expected: i%streamLength - 1,
					Command:  id(n),
					Events:   []eventstore.Event{{ID: id(n), Type: "decision-made.v1", Data: payload}},
				})
				if err != nil {
					b.Errorf("Append = %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	syncs := (before + probe(b, dir)) / 2
	rate := float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "ev/s")
	b.ReportMetric(syncs, "fsync/s")
	b.ReportMetric(100*rate/syncs, "%ofprobe")
}

// benchmarkStreams is how many streams the reading benchmarks find.
const benchmarkStreams = 1000

func filled(b *testing.B) *Store {
	s := openAt(b, fileIn(b.TempDir()))
	b.Cleanup(func() { s.Close() })
	for i := range int64(benchmarkStreams) {
		batch := eventstore.Batch{
			Stream: fmt.Sprintf("case-%d", i), Expected: eventstore.NoStream, Command: fmt.Sprintf("command-%d", i),
		}
		for j := range int64(streamLength) {
			batch.Events = append(batch.Events, eventstore.Event{
				ID: ordered(i*streamLength + j), Type: "decision-made.v1", Data: payload,
			})
		}
		if _, err := s.Append(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// BenchmarkRead loads whole streams of 50 events, one after the other and
// from eight goroutines.
func BenchmarkRead(b *testing.B) {
	s := filled(b)
	load := func(b *testing.B, i int64) {
		n := 0
		for _, err := range s.Read(b.Context(), fmt.Sprintf("case-%d", i*7919%benchmarkStreams), 0) {
			if err != nil {
				b.Error(err)
			}
			n++
		}
		if n != streamLength {
			b.Errorf("read %d events", n)
		}
	}
	b.Run("readers=1", func(b *testing.B) {
		for i := range int64(b.N) {
			load(b, i)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "streams/s")
	})
	b.Run("readers=8", func(b *testing.B) {
		var next atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
					load(b, i)
				}
			})
		}
		wg.Wait()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "streams/s")
	})
}

// BenchmarkAll reads the whole store, 50,000 events, in commit order.
func BenchmarkAll(b *testing.B) {
	s := filled(b)
	n := 0
	for b.Loop() {
		for _, err := range s.All(b.Context(), eventstore.Start) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "ev/s")
}
