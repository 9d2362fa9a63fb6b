package views

import (
	"context"
	"sync"
	"time"

	"leeway/bulk"
	"leeway/domain"
)

// What is reckoned over every case takes a while in a city. It runs once, beside
// the request that asked for it, and is kept for a few minutes: who asks again
// meanwhile gets the same, with how far it is.
const (
	workKept = 5 * time.Minute
	workWait = 800 * time.Millisecond // for a small one, so that nobody asks twice
	workMost = 8                      // kept at once
)

// workKey is what two requests for the same work agree in.
type workKey struct {
	kind  string
	which bulk.Which
	asOf  domain.Day
	more  string // whatever else it depends on
}

// work is one reckoning, under way or done.
type work struct {
	ready chan struct{}

	mu       sync.Mutex
	done, of int
	result   any
	err      error
	ended    time.Time
}

func (j *work) progress() Running {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Running{j.done, j.of}
}

// works are those of this process. The zero value is ready.
type works struct {
	mu  sync.Mutex
	all map[workKey]*work
}

// reckon is what do gives, or how far it is. It goes on when the request ends,
// and ends with the server.
func reckon[T any](ctx context.Context, s *Sources, key workKey, do func(context.Context, bulk.Run) (T, error)) (T, *Running, error) {
	j := s.job(key, func(ctx context.Context, j *work) {
		run := bulk.Run{Desk: s.Cases, Bench: s.Models.Bench(), Which: key.which, AsOf: key.asOf, Done: func(p bulk.Progress) {
			j.mu.Lock()
			j.done, j.of = p.Done, p.Total
			j.mu.Unlock()
		}}
		result, err := do(ctx, run)
		j.mu.Lock()
		j.result, j.err, j.ended = result, err, s.Now()
		j.mu.Unlock()
		close(j.ready)
	})
	var none T
	wait := time.NewTimer(workWait)
	defer wait.Stop()
	select {
	case <-j.ready:
		if j.err != nil {
			return none, nil, j.err
		}
		return j.result.(T), nil, nil
	case <-wait.C:
		p := j.progress()
		return none, &p, nil
	case <-ctx.Done():
		return none, nil, ctx.Err()
	}
}

// survey is the replay of a population.
func (s *Sources) survey(ctx context.Context, which bulk.Which, asOf domain.Day) (*bulk.Outcome, *Running, error) {
	return reckon(ctx, s, workKey{"survey", which, asOf, ""}, func(ctx context.Context, r bulk.Run) (*bulk.Outcome, error) { return r.Do(ctx) })
}

// job finds a work, or begins it. One that failed, or is old, begins anew.
func (s *Sources) job(key workKey, run func(context.Context, *work)) *work {
	t, now := &s.works, s.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[workKey]*work{}
	}
	for k, j := range t.all {
		if j.stale(now) {
			delete(t.all, k)
		}
	}
	if j := t.all[key]; j != nil {
		return j
	}
	if len(t.all) >= workMost {
		t.drop()
	}
	j := &work{ready: make(chan struct{})}
	t.all[key] = j
	s.Beside(func(ctx context.Context) { run(ctx, j) })
	return j
}

// drop forgets one that has ended, the oldest.
func (t *works) drop() {
	var oldest *workKey
	var when time.Time
	for k, j := range t.all {
		j.mu.Lock()
		ended := j.ended
		j.mu.Unlock()
		if !ended.IsZero() && (oldest == nil || ended.Before(when)) {
			oldest, when = &k, ended
		}
	}
	if oldest != nil {
		delete(t.all, *oldest)
	}
}

func (j *work) stale(now time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return !j.ended.IsZero() && (j.err != nil || now.Sub(j.ended) > workKept)
}
