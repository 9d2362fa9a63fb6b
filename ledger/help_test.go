package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/tlog"

	"leeway/eventstore"
	"leeway/eventstore/memory"
)

const origin = "ledger.example/qianjiang"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// office is one operator with everything that a ledger needs.
type office struct {
	t     testing.TB
	dir   string
	store eventstore.Store
	key   Key
	cfg   Config
	n     int // events recorded
}

// opened is an office with events on record and a log over them.
func newOffice(t testing.TB, events int) *office {
	t.Helper()
	o := &office{t: t, dir: t.TempDir(), store: memory.New()}
	var err error
	if o.key, err = CreateKey(filepath.Join(o.dir, "log.key"), origin); err != nil {
		t.Fatal(err)
	}
	checkpoints, err := OpenFolder(filepath.Join(o.dir, "checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checkpoints.Close() })
	o.cfg = Config{
		Origin: origin, Store: o.store, Checkpoints: checkpoints, Dir: filepath.Join(o.dir, "tree"),
		Policy: policy(t, "log "+o.key.Public+"\nquorum none\n"), Signers: []Signer{o.key},
	}
	o.record(events)
	return o
}

// policy parses a policy that the test itself wrote.
func policy(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// create starts the log.
func (o *office) create() *Log {
	o.t.Helper()
	l, err := Create(o.t.Context(), o.cfg)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { l.Close() })
	return l
}

// open opens the log again.
func (o *office) open() *Log {
	o.t.Helper()
	l, err := Open(o.t.Context(), o.cfg)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { l.Close() })
	return l
}

// refused opens the log and wants an error.
func (o *office) refused(want error) error {
	o.t.Helper()
	l, err := Open(o.t.Context(), o.cfg)
	if err == nil {
		l.Close()
	}
	if !errors.Is(err, want) {
		o.t.Fatalf("open gave %v, want %v", err, want)
	}
	return err
}

// record appends events, each to a stream of its own turn.
func (o *office) record(n int) {
	o.t.Helper()
	for range n {
		appendTo(o.t, o.cfg.Store, batch(o.n))
		o.n++
	}
}

// batch is the n-th command of a test: one event in one of three streams.
func batch(n int) eventstore.Batch {
	return eventstore.Batch{
		Stream: fmt.Sprintf("case-%d", n%3), Expected: int64(n/3) - 1, Command: fmt.Sprintf("command-%d", n),
		Events: []eventstore.Event{{
			ID: fmt.Sprintf("00000000-0000-7000-8000-%012x", n), Type: "decision-made.v1",
			Data: fmt.Appendf(nil, `{"n":%d,"text":"家庭月收入核定 %d 元"}`, n, 100*n),
		}},
	}
}

func appendTo(t testing.TB, s eventstore.Store, b eventstore.Batch) int64 {
	t.Helper()
	last, err := s.Append(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	return last
}

// seal seals and returns the checkpoint.
func seal(t testing.TB, l *Log) (Sealed, Checkpoint) {
	t.Helper()
	s, err := l.SealNow(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCheckpoint(s.Note)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

// recorded reads everything in a store.
func recorded(t testing.TB, s eventstore.Store) []eventstore.Recorded {
	t.Helper()
	var all []eventstore.Recorded
	for r, err := range s.All(context.Background(), eventstore.Start) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// forged is a store in whose past somebody has changed something.
type forged struct {
	eventstore.Store
	change func([]eventstore.Recorded) []eventstore.Recorded
}

func (f forged) All(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		var all []eventstore.Recorded
		for r, err := range f.Store.All(ctx, eventstore.Start) {
			if err != nil {
				yield(r, err)
				return
			}
			all = append(all, r)
		}
		for _, r := range f.change(all) {
			if r.Position > after && !yield(r, nil) {
				return
			}
		}
	}
}

// flip is a change of one bit of one event.
func flip(event, at int) func([]eventstore.Recorded) []eventstore.Recorded {
	return func(all []eventstore.Recorded) []eventstore.Recorded {
		all[event].Data[at] ^= 1
		return all
	}
}

// values makes a sequence without errors.
func values[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// datas are the raw bytes of events.
func datas(all []eventstore.Recorded) [][]byte {
	var list [][]byte
	for _, r := range all {
		list = append(list, r.Data)
	}
	return list
}

// slowRoot is the Merkle tree hash as RFC 6962 section 2.1 defines it, word
// for word and as slow: the reference for everything else.
func slowRoot(leaves []tlog.Hash) tlog.Hash {
	switch len(leaves) {
	case 0:
		return (&frontier{}).root()
	case 1:
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(slowRoot(leaves[:k]), slowRoot(leaves[k:]))
}

// wantErr checks an error and goes on.
func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

// witnessed is an office with witnesses of its own making, and their folders.
func (o *office) witnesses(quorum string, names ...string) []*Witness {
	o.t.Helper()
	text := "log " + o.key.Public + "\n"
	var list []*Witness
	for _, name := range names {
		dir := filepath.Join(o.dir, name)
		file := filepath.Join(o.dir, name+".key")
		if _, err := CreateKey(file, "witness.example/"+name); err != nil {
			o.t.Fatal(err)
		}
		w := openWitness(o.t, dir, file, o.cfg.Policy)
		list = append(list, w)
		text += "witness " + name + " " + w.key.Public + "\n"
	}
	o.cfg.Policy = policy(o.t, text+quorum)
	return list
}

func openWitness(t testing.TB, dir, file string, p *Policy) *Witness {
	t.Helper()
	key, err := LoadWitnessKey(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := OpenWitness(dir, key, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// cosign has a witness sign the newest checkpoint by file exchange.
func cosign(t testing.TB, l *Log, w *Witness, old int64) Sealed {
	t.Helper()
	r, err := l.Request(old)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := w.Sign(context.Background(), r.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCheckpoint(r.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.AddCosignatures(context.Background(), c.Size, lines)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(text string) time.Time {
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return v
}
