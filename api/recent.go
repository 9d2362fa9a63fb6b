package api

import (
	"sync"
	"time"
)

// fresh is how long a case that was opened counts as the caller's own before
// the read models must know of it.
const fresh = 2 * time.Minute

// recent remembers who opened which case a moment ago.
type recent struct {
	now func() time.Time

	mu sync.Mutex
	at map[[2]string]time.Time
}

func newRecent(now func() time.Time) *recent {
	return &recent{now: now, at: map[[2]string]time.Time{}}
}

func (r *recent) add(subject, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for k, at := range r.at {
		if now.Sub(at) > fresh {
			delete(r.at, k)
		}
	}
	r.at[[2]string{subject, id}] = now
}

func (r *recent) by(subject, id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.at[[2]string{subject, id}]
	return ok && r.now().Sub(at) <= fresh
}

// Opened notes that the caller opened a case: it is his before the read models
// know of it.
func (s *Server) Opened(c Caller, id string) { s.opened.add(c.Subject, id) }
