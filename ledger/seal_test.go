package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"leeway/eventstore"
	"leeway/eventstore/memory"
)

// flaky is a checkpoint store, and a signer, that fail while they are told to.
type flaky struct {
	CheckpointStore
	Signer
	before, after atomic.Bool // fail before or after the fact
}

func (f *flaky) Swap(ctx context.Context, next Sealed) error {
	if f.before.Load() {
		return errors.New("no space left on device")
	}
	err := f.CheckpointStore.Swap(ctx, next)
	if err == nil && f.after.Load() {
		return errors.New("input/output error")
	}
	return err
}

func (f *flaky) Sign(msg []byte) ([]byte, error) {
	if f.before.Load() {
		return nil, errors.New("module does not answer")
	}
	return f.Signer.Sign(msg)
}

// run seals in the background until stop, which gives what Run returned.
func run(t *testing.T, l *Log) (stop func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	return func() error { cancel(); return <-done }
}

func status(t *testing.T, l *Log) Status {
	t.Helper()
	s, err := l.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestUnsealedAge watches the age over virtual hours: at rest no event stays
// unsealed for a second, and the age is measured whether or not Run lives.
func TestUnsealedAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 3)
		l := o.create()
		stop := run(t, l)
		for range 200 {
			o.record(1)
			time.Sleep(50 * time.Millisecond)
			if s := status(t, l); s.Age > time.Second || s.Degraded() != nil {
				t.Fatalf("while events come in, the oldest unsealed one is %v old: %v", s.Age, s.Degraded())
			}
		}
		time.Sleep(time.Second)
		synctest.Wait()
		s := status(t, l)
		if s.Age != 0 || s.Sealed != 203 || s.Size != 203 || s.Cosigned != 203 || s.Failing != nil {
			t.Errorf("at rest: %+v", s)
		}
		if most := int64(200*50/500 + 3); s.Checkpoint.Seq > most {
			t.Errorf("%d checkpoints in ten seconds, want at most %d", s.Checkpoint.Seq, most)
		}
		time.Sleep(time.Hour)
		if now := status(t, l); now.Checkpoint.Seq != s.Checkpoint.Seq || now.Age != 0 {
			t.Errorf("an hour without events made checkpoint %d, age %v", now.Checkpoint.Seq, now.Age)
		}
		if err := stop(); err != nil {
			t.Errorf("Run ended with %v", err)
		}

		o.record(1)
		time.Sleep(time.Minute)
		if s := status(t, l); s.Age != time.Minute || s.Degraded() != nil {
			t.Errorf("a minute after the sealer stopped: age %v, %v", s.Age, s.Degraded())
		}
		o.record(1)
		time.Sleep(time.Second)
		s = status(t, l)
		wantErr(t, s.Degraded(), ErrPending)
		if s.Age != 61*time.Second || !strings.Contains(s.Degraded().Error(), "1m1s") {
			t.Errorf("after 61 s: age %v, %v", s.Age, s.Degraded())
		}
		stop = run(t, l)
		time.Sleep(time.Second)
		if s := status(t, l); s.Age != 0 || s.Sealed != 205 {
			t.Errorf("the sealer is back: %+v", s)
		}
		if err := stop(); err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
}

// TestSealerOutlivesItsTroubles stops the checkpoint disk and the signer for
// an hour each. Appends go on, the age tells, and all is sealed afterwards.
func TestSealerOutlivesItsTroubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 1)
		disk, module := &flaky{CheckpointStore: o.cfg.Checkpoints}, &flaky{Signer: o.key}
		o.cfg.Checkpoints, o.cfg.Signers = disk, []Signer{module}
		l := o.create()
		stop := run(t, l)
		for says, f := range map[string]*flaky{"no space left": disk, "does not answer": module} {
			f.before.Store(true)
			for range 60 {
				o.record(1)
				time.Sleep(time.Minute)
			}
			s := status(t, l)
			if s.Age < 59*time.Minute || s.Failing == nil || !strings.Contains(fmt.Sprint(s.Degraded()), says) {
				t.Errorf("%s: age %v, %v", says, s.Age, s.Degraded())
			}
			f.before.Store(false)
			time.Sleep(11 * time.Second)
			if s := status(t, l); s.Age != 0 || s.Failing != nil || s.Sealed != int64(o.n) {
				t.Errorf("%s is over: %+v", says, s)
			}
		}
		if err := stop(); err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
}

// TestSwapFailsAfterTheFact: the checkpoint is in place, only the answer was
// lost. The sealer must neither stop nor sign another one of that number.
func TestSwapFailsAfterTheFact(t *testing.T) {
	o := newOffice(t, 2)
	disk := &flaky{CheckpointStore: o.cfg.Checkpoints}
	o.cfg.Checkpoints = disk
	l := o.create()
	disk.after.Store(true)
	for n := int64(2); n < 6; n++ {
		o.record(1)
		if s, c := seal(t, l); s.Seq != n || c.Size != n+1 {
			t.Errorf("checkpoint %d over %d events", s.Seq, c.Size)
		}
	}
}

func TestSwapFailsBeforeTheFact(t *testing.T) {
	o := newOffice(t, 2)
	disk := &flaky{CheckpointStore: o.cfg.Checkpoints}
	o.cfg.Checkpoints = disk
	l := o.create()
	disk.before.Store(true)
	o.record(1)
	for range 3 {
		if _, err := l.SealNow(t.Context()); err == nil || errors.Is(err, ErrMoved) {
			t.Errorf("seal on a full disk: %v", err)
		}
	}
	disk.before.Store(false)
	if s, c := seal(t, l); s.Seq != 2 || c.Size != 3 {
		t.Errorf("afterwards checkpoint %d over %d events", s.Seq, c.Size)
	}
}

// TestTwoSealers run two logs on one checkpoint store: one loses and stops,
// and no size is ever signed twice.
func TestTwoSealers(t *testing.T) {
	o := newOffice(t, 3)
	a := o.create()
	o.cfg.Dir = ""
	b := o.open()
	o.cfg.Every, a.cfg.Every, b.cfg.Every = time.Millisecond, time.Millisecond, time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	var both sync.WaitGroup
	for _, l := range []*Log{a, b} {
		both.Go(func() { ended <- l.Run(ctx) })
	}
	var loser error
	for loser == nil {
		select {
		case loser = <-ended:
		default:
			o.record(1)
		}
	}
	wantErr(t, loser, ErrMoved)
	cancel()
	both.Wait()
	if err := <-ended; err != nil {
		t.Errorf("the winner ended with %v", err)
	}
	sizes := make(map[int64]Sealed)
	for s, err := range o.cfg.Checkpoints.Back(t.Context(), always) {
		if err != nil {
			t.Fatal(err)
		}
		v, err := o.cfg.Policy.Verify(s.Note)
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := sizes[v.Size]; twice {
			t.Errorf("size %d was signed as number %d and %d", v.Size, s.Seq, other.Seq)
		}
		sizes[v.Size] = s
	}
	errs := 0
	for _, l := range []*Log{a, b} {
		o.record(1)
		if _, err := l.SealNow(t.Context()); errors.Is(err, ErrMoved) {
			errs++
		}
	}
	if errs != 1 {
		t.Errorf("after that %d of 2 are refused, want the loser alone", errs)
	}
}

// TestSealNowBesideRun has several goroutines bring the same events: each goes
// into the tree once, in order.
func TestSealNowBesideRun(t *testing.T) {
	o := newOffice(t, 1)
	o.cfg.Every = time.Millisecond
	l := o.create()
	stop := run(t, l)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				if _, err := l.SealNow(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	o.record(400)
	all.Wait()
	if err := stop(); err != nil {
		t.Error(err)
	}
	_, c := seal(t, l)
	if err := VerifyEvents(c, values(datas(recorded(t, o.store))), l.leaf); err != nil || c.Size != 401 {
		t.Errorf("%d events are sealed: %v", c.Size, err)
	}
	l.tree.take(recorded(t, o.store)[7])
	if n, _ := l.tree.size(); n != 401 {
		t.Errorf("an old event went in again: %d", n)
	}
}

func TestRunEndsWithTheStore(t *testing.T) {
	for name, end := range map[string]func(*memory.Store){
		"damaged": func(s *memory.Store) { s.Damage("case-0", 1) },
		"closed":  func(s *memory.Store) { s.Close() },
	} {
		o := newOffice(t, 2)
		l := o.create()
		o.record(4)
		end(o.store.(*memory.Store))
		err := l.Run(t.Context())
		if !errors.Is(err, eventstore.ErrCorrupt) && !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("%s: Run ended with %v", name, err)
		}
		if _, err := l.Status(t.Context()); err == nil && name == "closed" {
			t.Errorf("%s: a status is given without the store", name)
		}
		if _, err := l.SealNow(t.Context()); err == nil {
			t.Errorf("%s: sealed without the store", name)
		}
	}
}

func TestReaderBesideASealer(t *testing.T) {
	o := newOffice(t, 5)
	l := o.create()
	cfg := o.cfg
	cfg.Signers, cfg.Dir = nil, ""
	reader, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.Prove(recorded(t, o.store)[4]); err != nil {
		t.Errorf("a reader cannot prove: %v", err)
	}
	if s, c := seal(t, reader); s.Seq != 1 || c.Size != 5 {
		t.Errorf("nothing new: checkpoint %d over %d", s.Seq, c.Size)
	}
	o.record(1)
	_, err = reader.SealNow(t.Context())
	wantErr(t, err, ErrReadOnly)
	wantErr(t, reader.Run(t.Context()), ErrReadOnly)
	if s, _ := seal(t, l); s.Seq != 2 {
		t.Errorf("the sealer was disturbed: checkpoint %d", s.Seq)
	}
}

// TestClockMayJump: checkpoints never go back in time.
func TestClockMayJump(t *testing.T) {
	o := newOffice(t, 1)
	now := at("2026-11-24T12:00:00Z")
	o.cfg.Now = func() time.Time { return now }
	l := o.create()
	last := l.Latest().Time
	for _, jump := range []time.Duration{-time.Hour, 24 * time.Hour, -48 * time.Hour, 0} {
		now = now.Add(jump)
		o.record(1)
		s, _ := seal(t, l)
		if s.Time.Before(last) {
			t.Errorf("after a jump by %v the checkpoint is of %v, before %v", jump, s.Time, last)
		}
		last = s.Time
	}
	if seqs, err := back(t, o.cfg.Checkpoints.(*Folder), always); err != nil || len(seqs) != 5 {
		t.Errorf("the history holds %v, %v", seqs, err)
	}
}

func TestPolicyMustNameTheSigner(t *testing.T) {
	o := newOffice(t, 1)
	other := newOffice(t, 0)
	o.cfg.Signers = []Signer{other.key} // same name, another key
	_, err := Create(t.Context(), o.cfg)
	wantErr(t, err, ErrUntrusted)
	_, err = o.cfg.Checkpoints.Latest(t.Context())
	wantErr(t, err, ErrNoCheckpoint) // and nothing was put in place
}
