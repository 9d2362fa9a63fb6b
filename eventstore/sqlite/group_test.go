package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leeway/eventstore"
)

// stopped is a store whose writer stops before its first transaction until it
// is let go, so that a group can be put together behind it.
type stopped struct {
	*Store
	release chan struct{}
	begins  atomic.Int32
	commits atomic.Int32
}

func openStopped(t *testing.T) *stopped {
	s := &stopped{release: make(chan struct{})}
	s.Store = openWith(t, fileIn(t.TempDir()), settings{
		busy: time.Second, now: time.Now,
		fault: func(step string, do func() error) error {
			switch step {
			case "begin":
				if s.begins.Add(1) == 1 {
					<-s.release
				}
			case "commit":
				s.commits.Add(1)
			}
			return do()
		},
	})
	return s
}

// queued waits until so many appends wait for the writer.
func (s *stopped) queued(t *testing.T, n int) {
	t.Helper()
	await(t, func() bool { return len(s.writer.queue) >= n })
}

// begun waits until the writer stands before its first transaction.
func (s *stopped) begun(t *testing.T) {
	t.Helper()
	await(t, func() bool { return s.begins.Load() > 0 })
}

// await waits for what must come about, and gives up when it evidently won't.
func await(t *testing.T, come func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !come(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("what the test waits for does not come about")
		}
	}
}

// TestGroup: what waits together is committed together, each batch with an
// answer of its own.
func TestGroup(t *testing.T) {
	s := openStopped(t)
	var wg sync.WaitGroup
	send := func(b eventstore.Batch, last int64, want error) {
		wg.Go(func() {
			if got, err := s.Append(t.Context(), b); !errors.Is(err, want) || err == nil && got != last {
				t.Errorf("Append(%s, %d) = %d, %v, want %d, %v", b.Stream, b.Expected, got, err, last, want)
			}
		})
	}
	first := batch("s", eventstore.NoStream, "0")
	send(first, 0, nil)
	s.begun(t)
	// In the order in which they stand in the queue.
	second := batch("s", 0, "1", "2")
	reused := second
	reused.Stream = "t"
	taken := batch("t", eventstore.NoStream, "x")
	taken.Events[0].ID = second.Events[0].ID
	for i, x := range []struct {
		batch eventstore.Batch
		last  int64
		want  error
	}{
		{second, 2, nil},
		{batch("s", 0, "late"), 0, eventstore.ErrConflict},
		{second, 2, nil}, // a retry within the group
		{first, 0, nil},  // a retry from before
		{reused, 0, eventstore.ErrCommandReused},
		{taken, 0, eventstore.ErrInvalid},
		{batch("s", 2, "3"), 3, nil},
		{batch("t", eventstore.NoStream, "0"), 0, nil},
	} {
		send(x.batch, x.last, x.want)
		s.queued(t, i+1)
	}
	close(s.release)
	wg.Wait()
	if b, c := s.begins.Load(), s.commits.Load(); b != 2 || c != 2 {
		t.Errorf("%d transactions were begun and %d committed, want 2: the first append and the rest", b, c)
	}
	if got := len(mustRead(t, s.Store, "s")); got != 4 {
		t.Errorf("stream s holds %d events, want 4", got)
	}
	if got := len(mustRead(t, s.Store, "t")); got != 1 {
		t.Errorf("stream t holds %d events, want 1", got)
	}
}

// TestRefusalsCostNothing: a group of which nothing is written needs no commit.
func TestRefusalsCostNothing(t *testing.T) {
	s := openStopped(t)
	close(s.release)
	b := batch("s", eventstore.NoStream, "0")
	mustAppend(t, s.Store, b)
	for range 5 {
		mustAppend(t, s.Store, b)
		if _, err := s.Append(t.Context(), batch("s", 7, "x")); !errors.Is(err, eventstore.ErrConflict) {
			t.Errorf("Append = %v, want ErrConflict", err)
		}
	}
	if got := s.commits.Load(); got != 1 {
		t.Errorf("%d commits, want 1", got)
	}
}

// TestCancelledInQueue: who gives up while waiting has not appended; who is
// cancelled when his batch is being written hears how it ended.
func TestCancelledInQueue(t *testing.T) {
	s := openStopped(t)
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(func() {
		if last, err := s.Append(ctx, batch("written", eventstore.NoStream, "0")); err != nil || last != 0 {
			t.Errorf("the append under way = %d, %v, want its outcome", last, err)
		}
	})
	s.begun(t)
	waiting := make(chan error, 1)
	lost := batch("waiting", eventstore.NoStream, "0")
	go func() {
		_, err := s.Append(ctx, lost)
		waiting <- err
	}()
	s.queued(t, 1)
	cancel()
	// The answer comes while the writer stands still.
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("the waiting append = %v, want context.Canceled", err)
	}
	close(s.release)
	wg.Wait()
	mustAppend(t, s.Store, batch("after", eventstore.NoStream, "0"))
	if got := len(mustRead(t, s.Store, "waiting")); got != 0 {
		t.Errorf("the cancelled batch is on record")
	}
	mustAppend(t, s.Store, lost)
}

// TestFullQueue: more appends than the queue has room for wait before it, and
// can be cancelled there as well.
func TestFullQueue(t *testing.T) {
	s := openStopped(t)
	var wg sync.WaitGroup
	const n = groupBatches + 50
	for i := range n {
		wg.Go(func() {
			if _, err := s.Append(t.Context(), batch(fmt.Sprint(i), eventstore.NoStream, "x")); err != nil {
				t.Errorf("Append = %v", err)
			}
		})
		if i == 0 {
			s.begun(t) // with a group of one
		}
	}
	s.queued(t, groupBatches)
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := make(chan error, 1)
	go func() {
		_, err := s.Append(ctx, batch("cancelled", eventstore.NoStream, "x"))
		cancelled <- err
	}()
	cancel()
	if err := <-cancelled; !errors.Is(err, context.Canceled) {
		t.Errorf("the append before the full queue = %v, want context.Canceled", err)
	}
	close(s.release)
	wg.Wait()
	if all, err := collect(s.All(t.Context(), eventstore.Start)); err != nil || len(all) != n {
		t.Errorf("All yields %d events, %v, want %d", len(all), err, n)
	}
}

// TestGroupFails: when the commit of a group fails, everyone in it is told,
// also who would have been refused: the refusal may rest on what failed.
func TestGroupFails(t *testing.T) {
	s := openStopped(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := s.Append(t.Context(), batch("s", eventstore.NoStream, "0")); err != nil {
			t.Errorf("the first append = %v", err)
		}
	})
	s.begun(t)
	inner := s.writer.fault
	s.writer.fault = func(step string, do func() error) error {
		if step == "commit" && s.commits.Load() == 1 {
			return errDisk
		}
		return inner(step, do)
	}
	for i := range 6 {
		wg.Go(func() {
			b := batch("s", 0, fmt.Sprint(i)) // one of them would win
			if _, err := s.Append(t.Context(), b); !errors.Is(err, eventstore.ErrPoisoned) || errors.Is(err, eventstore.ErrConflict) {
				t.Errorf("Append = %v, want ErrPoisoned", err)
			}
		})
		s.queued(t, i+1)
	}
	close(s.release)
	wg.Wait()
	if got := len(mustRead(t, s.Store, "s")); got != 1 {
		t.Errorf("the stream holds %d events, want 1", got)
	}
}
