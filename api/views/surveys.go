package views

import (
	"context"
	"sync"
	"time"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/replay"
)

// Replaying every case takes a while in a city. A survey runs once, beside the
// request that asked for it, and is kept for a few minutes: who asks again
// meanwhile gets the same one, with how far it is.
const (
	surveyKept = 5 * time.Minute
	surveyWait = 800 * time.Millisecond // for a small one, so that nobody asks twice
	surveyMost = 8                      // kept at once
)

type surveyKey struct {
	which casework.Which
	asOf  domain.Day
}

// surveyJob is one survey, running or done.
type surveyJob struct {
	ready chan struct{}

	mu       sync.Mutex
	done, of int
	result   *replay.Survey
	err      error
	ended    time.Time
}

func (j *surveyJob) progress() Running {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Running{j.done, j.of}
}

// surveys are the surveys of this process. The zero value is ready.
type surveys struct {
	mu   sync.Mutex
	jobs map[surveyKey]*surveyJob
	one  sync.Mutex // one runs at a time: the cores are the server's too
}

// survey is the survey, or how far it is. It goes on when the request ends.
func (s *Sources) survey(ctx context.Context, which casework.Which, asOf domain.Day) (*replay.Survey, *Running, error) {
	j := s.surveys.job(surveyKey{which, asOf}, s.Now(), func(j *surveyJob) {
		s.surveys.one.Lock()
		defer s.surveys.one.Unlock()
		result, err := s.Cases.Survey(context.WithoutCancel(ctx), which, asOf, func(done, of int) {
			j.mu.Lock()
			j.done, j.of = done, of
			j.mu.Unlock()
		})
		j.mu.Lock()
		j.result, j.err, j.ended = result, err, s.Now()
		j.mu.Unlock()
		close(j.ready)
	})
	wait := time.NewTimer(surveyWait)
	defer wait.Stop()
	select {
	case <-j.ready:
		return j.result, nil, j.err
	case <-wait.C:
		p := j.progress()
		return nil, &p, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// job finds a survey, or begins it. One that failed, or is old, begins anew.
func (t *surveys) job(key surveyKey, now time.Time, run func(*surveyJob)) *surveyJob {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.jobs == nil {
		t.jobs = map[surveyKey]*surveyJob{}
	}
	for k, j := range t.jobs {
		if j.stale(now) {
			delete(t.jobs, k)
		}
	}
	if j := t.jobs[key]; j != nil {
		return j
	}
	if len(t.jobs) >= surveyMost {
		t.drop()
	}
	j := &surveyJob{ready: make(chan struct{})}
	t.jobs[key] = j
	go run(j)
	return j
}

// drop forgets one that has ended, the oldest.
func (t *surveys) drop() {
	var oldest *surveyKey
	var when time.Time
	for k, j := range t.jobs {
		j.mu.Lock()
		ended := j.ended
		j.mu.Unlock()
		if !ended.IsZero() && (oldest == nil || ended.Before(when)) {
			oldest, when = &k, ended
		}
	}
	if oldest != nil {
		delete(t.jobs, *oldest)
	}
}

func (j *surveyJob) stale(now time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return !j.ended.IsZero() && (j.err != nil || now.Sub(j.ended) > surveyKept)
}
