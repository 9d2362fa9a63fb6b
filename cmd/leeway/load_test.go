package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"leeway/eventstore"
)

// noted is a batch of one event, told by a number: the same number gives the
// same batch.
func noted(stream string, expected int64, n int64) eventstore.Batch {
	return eventstore.Batch{Stream: stream, Expected: expected, Command: fmt.Sprintf("command-%d", n), Events: []eventstore.Event{numbered(n)}}
}

// notedTwice is a batch of two events.
func notedTwice(stream string, expected int64, n int64) eventstore.Batch {
	b := noted(stream, expected, n)
	b.Events = append(b.Events, numbered(n+1))
	return b
}

// numbered is an event whose id tells its data.
func numbered(n int64) eventstore.Event {
	id := fmt.Sprintf("00000000-0000-8000-8000-%012x", n)
	return eventstore.Event{ID: id, Type: "noted.v1", Data: dataOf(id)}
}

// dataOf makes data of 32 bytes to 4 KiB from an id.
func dataOf(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	var data []byte
	for range int(sum[0])%128 + 1 {
		data = append(data, sum[:]...)
		sum = sha256.Sum256(sum[:])
	}
	return data
}

// A load is some goroutines that append, each to a stream of its own, until
// they meet an error.
type load struct {
	mu    sync.Mutex
	acked map[string][]string // ids by stream, in order
	sent  map[string]bool     // ids, also of batches without an answer
	count chan struct{}
	ends  sync.WaitGroup
	halt  context.CancelFunc
	err   error
}

// startWriters starts n writers. A round keeps their numbers apart from those
// of other rounds on the same store.
func startWriters(store eventstore.Store, n int, round int64) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{acked: map[string][]string{}, sent: map[string]bool{}, count: make(chan struct{}, 1<<20), halt: cancel}
	for w := range int64(n) {
		l.ends.Go(func() { l.write(ctx, store, fmt.Sprintf("案件-%d-%d", round, w), round<<36|w<<24) })
	}
	return l
}

// write appends two events at a time. Numbers must not exceed 48 bits.
func (l *load) write(ctx context.Context, store eventstore.Store, stream string, base int64) {
	for i := int64(0); ctx.Err() == nil; i += 2 {
		b := notedTwice(stream, i-1, base+i)
		l.mu.Lock()
		l.sent[b.Events[0].ID], l.sent[b.Events[1].ID] = true, true
		l.mu.Unlock()
		_, err := store.Append(ctx, b)
		l.mu.Lock()
		if err != nil {
			if ctx.Err() == nil {
				l.err = err
			}
			l.mu.Unlock()
			return
		}
		l.acked[stream] = append(l.acked[stream], b.Events[0].ID, b.Events[1].ID)
		l.mu.Unlock()
		l.count <- struct{}{}
	}
}

// atLeast waits for so many appends.
func (l *load) atLeast(t *testing.T, n int) {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		l.ends.Wait()
		close(ended)
	}()
	for range n {
		select {
		case <-l.count:
		case <-ended:
			t.Fatalf("the writers have ended: %v", l.err)
		}
	}
}

// wait lets the writers end by themselves, and stop ends them.
func (l *load) wait() *load {
	l.ends.Wait()
	l.halt()
	return l
}

func (l *load) stop() *load {
	l.halt()
	return l.wait()
}

// checkAcked reads a data folder: everything that was acknowledged is there
// once, in order, with its bytes; nothing is there that nobody sent, and no
// batch by half.
func checkAcked(t *testing.T, dir string, loads ...*load) {
	t.Helper()
	there := map[string][]string{}
	err := eachEvent(t.Context(), filepath.Join(dir, ledgerFile), func(r eventstore.Recorded) error {
		there[r.Stream] = append(there[r.Stream], r.ID)
		if !bytes.Equal(r.Data, dataOf(r.ID)) {
			t.Errorf("%s at %d is not what was written", r.Stream, r.Revision)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, l := range loads {
		if len(l.acked) == 0 {
			t.Error("nothing was acknowledged")
		}
		for stream, ids := range l.acked {
			got := there[stream]
			if len(got) < len(ids) || !slices.Equal(got[:len(ids)], ids) || len(got)%2 != 0 || len(got) > len(ids)+2 {
				t.Errorf("%s holds %d events, %d were acknowledged in this order", stream, len(got), len(ids))
			}
		}
		for stream, ids := range there {
			for _, id := range ids {
				if l.sent[id] && seen[id] {
					t.Errorf("%s is there twice, in %s", id, stream)
				}
				seen[id] = seen[id] || l.sent[id]
			}
		}
	}
	for stream, ids := range there {
		for _, id := range ids {
			if !seen[id] {
				t.Errorf("%s in %s was sent by nobody", id, stream)
			}
		}
	}
}
