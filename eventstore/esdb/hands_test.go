package esdb

import (
	"sync"
	"testing"
)

// TestHands: every job is done, no more goroutines stay than may, and none once
// the store is closed (TestMain looks for those).
func TestHands(t *testing.T) {
	closing := make(chan struct{})
	h := newHands(closing)
	const jobs = 4 * mostIdle
	for range 3 {
		var begun, done sync.WaitGroup
		begun.Add(jobs)
		for range jobs { // all at once: each waits for the others
			done.Add(1)
			h.do(func() {
				defer done.Done()
				begun.Done()
				begun.Wait()
			})
		}
		done.Wait()
		if n := h.idle.Load(); n > mostIdle {
			t.Errorf("%d goroutines wait for work, at most %d may", n, mostIdle)
		}
	}
	close(closing)
	over := make(chan struct{})
	h.do(func() { close(over) }) // a call that got in before the store was closed
	<-over
}

// TestHandsAgain: a goroutine that waits is taken before a new one is begun.
func TestHandsAgain(t *testing.T) {
	closing := make(chan struct{})
	defer close(closing)
	h := newHands(closing)
	waiting := make(chan func())
	h.next = waiting
	h.do(func() {})
	taken := make(chan struct{})
	waiting <- func() { close(taken) } // is taken only by one that is there
	<-taken
}
