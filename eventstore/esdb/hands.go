package esdb

import "sync/atomic"

// mostIdle is how many goroutines wait for work at most.
const mostIdle = 64

// hands carry out calls of the client, each in a goroutine. One that is done
// waits for the next call: a new goroutine has a small stack, the client needs
// a large one, and growing it anew for each append was 7 % of its cost.
type hands struct {
	next    chan func()
	idle    atomic.Int32
	closing <-chan struct{} // closed when nobody is to wait any more
}

func newHands(closing <-chan struct{}) *hands {
	return &hands{next: make(chan func()), closing: closing}
}

// do begins a job and does not wait for it. A job must not panic.
func (h *hands) do(job func()) {
	select {
	case h.next <- job:
	default:
		go h.work(job)
	}
}

func (h *hands) work(job func()) {
	for {
		job()
		if h.idle.Add(1) > mostIdle {
			h.idle.Add(-1)
			return
		}
		select {
		case job = <-h.next:
			h.idle.Add(-1)
		case <-h.closing:
			return
		}
	}
}
