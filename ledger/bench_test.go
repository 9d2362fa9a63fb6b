package ledger

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"leeway/eventstore"
)

// quick is a checkpoint store that costs nothing, to measure the rest.
type quick struct{ last Sealed }

func (q *quick) Latest(context.Context) (Sealed, error) {
	if q.last.Seq == 0 {
		return q.last, ErrNoCheckpoint
	}
	return q.last, nil
}
func (q *quick) Swap(_ context.Context, next Sealed) error { q.last = next; return nil }
func (q *quick) Cosign(_ context.Context, s Sealed) error  { q.last = s; return nil }
func (q *quick) Back(context.Context, time.Time) iter.Seq2[Sealed, error] {
	return func(func(Sealed, error) bool) {}
}

// payload is as many events of 512 bytes.
func payload(n int) [][]byte {
	r := rand.NewChaCha8([32]byte{1})
	list := make([][]byte, n)
	for i := range list {
		list[i] = make([]byte, 512)
		_, _ = r.Read(list[i])
	}
	return list
}

// BenchmarkSeal is the cost of sealing per event, in batches of 100: leaf,
// tree, its files, root, signature and its check. It leaves out the disk's
// fsync, which BenchmarkSealDurable has. cpu-ns/event is processor time, which
// a busy machine does not stretch; 0 where it cannot be had.
func BenchmarkSeal(b *testing.B) { benchmarkSeal(b, &quick{}) }

// BenchmarkSealDurable adds the checkpoint folder with its fsyncs.
func BenchmarkSealDurable(b *testing.B) {
	f, err := OpenFolder(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	benchmarkSeal(b, f)
}

func benchmarkSeal(b *testing.B, checkpoints CheckpointStore) {
	const batch = 100
	o := newOffice(b, 0)
	o.cfg.Checkpoints = checkpoints
	l := o.create()
	events := payload(1 << 12)
	b.SetBytes(512)
	at, before := eventstore.Position(0), cpuTime()
	for b.Loop() {
		at++
		l.tree.take(eventstore.Recorded{Event: eventstore.Event{Data: events[int(at)%len(events)]}, Position: at})
		if at%batch == 0 {
			if _, err := l.seal(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/float64(at), "cpu-ns/event")
}

// BenchmarkVerifyEvents is an auditor's core: raw events of 512 bytes to the
// signed root, without and with leaf hashes to name a change.
func BenchmarkVerifyEvents(b *testing.B) {
	events := payload(1 << 16)
	o := newOffice(b, 0)
	l := o.create()
	for i, e := range events {
		l.tree.take(eventstore.Recorded{Event: eventstore.Event{Data: e}, Position: eventstore.Position(i + 1)})
	}
	if _, err := l.seal(b.Context()); err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	if err := l.ExportTiles(dir); err != nil {
		b.Fatal(err)
	}
	for name, leaves := range map[string]LeafHashes{"root": nil, "root and tiles": TileLeaves(os.DirFS(dir), l.sealed.Size)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(events) * 512))
			before := cpuTime()
			for b.Loop() {
				if err := VerifyEvents(l.sealed, values(events), leaves); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(events)*b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(len(events)*b.N)/max((cpuTime()-before).Seconds(), 1e-9), "events/cpu-s")
		})
	}
}

// BenchmarkOpen is the start of a log over events in memory.
func BenchmarkOpen(b *testing.B) {
	for _, quick := range []bool{true, false} {
		b.Run(fmt.Sprintf("quick=%t", quick), func(b *testing.B) {
			const n = 100_000
			o := newOffice(b, n)
			o.create().Close()
			o.cfg.Quick = quick
			for b.Loop() {
				l, err := Open(b.Context(), o.cfg)
				if err != nil {
					b.Fatal(err)
				}
				l.Close()
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkProve(b *testing.B) {
	o := newOffice(b, 10_000)
	l := o.create()
	all := recorded(b, o.store)
	i := 0
	for b.Loop() {
		i = (i + 7919) % len(all)
		if _, err := l.Prove(all[i]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyInclusion(b *testing.B) {
	o := newOffice(b, 10_000)
	l := o.create()
	p, err := l.Prove(recorded(b, o.store)[5000])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := o.cfg.Policy.VerifyInclusion(p.Proof, p.Data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReceipt(b *testing.B) {
	o := newOffice(b, 0)
	r := Receipts{origin, []Signer{o.key}}
	for b.Loop() {
		if _, err := r.Issue(batch(3), 1, time.Unix(0, 0)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWitness(b *testing.B) {
	o := newOffice(b, 1)
	w := o.witnesses("quorum A", "A")[0]
	l := o.create()
	cosign(b, l, w, 0)
	for b.Loop() {
		b.StopTimer()
		o.record(1)
		seal(b, l)
		r := request(b, l, int64(o.n-1))
		b.StartTimer()
		if _, err := w.Sign(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}
