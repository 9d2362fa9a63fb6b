package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"leeway/domain"
)

// mostDelay is the longest that Run waits after failures to seal.
const mostDelay = 10 * time.Second

// SealNow takes every event that is on record into the tree and signs a
// checkpoint over it. Where nothing is new, and the signers have signed it, it
// returns the newest checkpoint. After ErrMoved this log seals no more: another
// sealer is at work.
func (l *Log) SealNow(ctx context.Context) (Sealed, error) {
	if err := l.catchUp(ctx); err != nil {
		return Sealed{}, err
	}
	return l.seal(ctx)
}

// Run seals until ctx ends, which is no error. A command is never kept waiting
// for it. What can pass (a full disk, a signer out of reach) is tried again
// and shows in Status; it ends with ErrMoved, or with the error of the store.
func (l *Log) Run(parent context.Context) error {
	ctx, stop := context.WithCancel(parent)
	var following sync.WaitGroup
	defer following.Wait()
	defer stop()
	woken, ended := make(chan struct{}, 1), make(chan error, 1)
	following.Go(func() { ended <- l.follow(ctx, woken) })

	err := l.sealOn(ctx, woken, ended)
	if parent.Err() != nil && errors.Is(err, parent.Err()) {
		return nil
	}
	return err
}

// follow takes events from the subscription until it ends. It never seals, so
// a slow disk or signer does not hold up the reading.
func (l *Log) follow(ctx context.Context, woken chan<- struct{}) error {
	_, after := l.tree.size()
	for r, err := range l.cfg.Store.Subscribe(ctx, after) {
		if err != nil {
			return err
		}
		l.tree.take(r)
		select {
		case woken <- struct{}{}:
		default:
		}
	}
	return ctx.Err()
}

// sealOn seals a while after it is woken, so that one checkpoint covers what
// came in meanwhile: under load there are two checkpoints a second and not one
// for every event, and at rest there are none. After a failure it waits longer
// each time, up to mostDelay.
func (l *Log) sealOn(ctx context.Context, woken <-chan struct{}, ended <-chan error) error {
	wait := l.cfg.Every
	timer := time.NewTimer(0) // what was on record before the start
	defer timer.Stop()
	due := true
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-ended:
			return fmt.Errorf("sealer: %w", err)
		case <-woken:
			if !due {
				due = true
				timer.Reset(wait)
			}
		case <-timer.C:
			_, err := l.seal(ctx)
			l.note(err)
			switch {
			case err == nil:
				due, wait = false, l.cfg.Every
			case errors.Is(err, ErrMoved) || errors.Is(err, ErrReadOnly):
				return err
			default:
				wait = min(2*wait, mostDelay)
				timer.Reset(wait)
			}
		}
	}
}

// note keeps the last failure for Status; nil clears it.
func (l *Log) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failing = err
}

// catchUp takes what the subscription has not brought yet.
func (l *Log) catchUp(ctx context.Context) error {
	_, after := l.tree.size()
	for r, err := range l.cfg.Store.All(ctx, after) {
		if err != nil {
			return err
		}
		if err := l.keep(r); err != nil {
			return err
		}
	}
	return nil
}

// seal signs the tree as it stands. The store of events yields only what is
// durable, so nothing is signed that a crash could take back.
func (l *Log) seal(ctx context.Context) (Sealed, error) {
	l.sealing.Lock()
	defer l.sealing.Unlock()
	size, root, err := l.tree.head()
	if err != nil {
		return Sealed{}, err
	}
	last := l.Latest()
	c := Checkpoint{l.cfg.Origin, size, root}
	if last.Seq > 0 && size == l.sealed.Size && l.signedByAll(last) {
		return last, nil
	}
	if len(l.cfg.Signers) == 0 {
		return Sealed{}, domain.Deny(ErrReadOnly, "there are %d events, of which %d are sealed", "", size, l.sealed.Size)
	}
	// What a clock that went back says must not reorder the checkpoints: the
	// day on which something was known hangs on their times.
	next := Sealed{Seq: last.Seq + 1, Time: l.cfg.Now().UTC().Truncate(time.Millisecond)}
	if next.Time.Before(last.Time) {
		next.Time = last.Time
	}
	signed, v, err := l.sign(c)
	if err != nil {
		return Sealed{}, err
	}
	next.Note = signed
	if err := l.swap(ctx, next); err != nil {
		return Sealed{}, err
	}
	l.adopt(next, v)
	return next, nil
}

// swap puts a checkpoint in place. An error may have come after the fact:
// what the store says then holds.
func (l *Log) swap(ctx context.Context, next Sealed) error {
	err := l.cfg.Checkpoints.Swap(ctx, next)
	if err == nil || errors.Is(err, ErrMoved) {
		return err
	}
	if now, err2 := l.cfg.Checkpoints.Latest(ctx); err2 == nil && now.Seq == next.Seq && string(now.Note) == string(next.Note) {
		return nil
	}
	return err
}

// adopt makes a checkpoint the newest one. It is in the store already.
func (l *Log) adopt(s Sealed, v Verified) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.sealed = s, v.Checkpoint
	if l.cfg.Policy.counted(v) == nil {
		l.complete = s
	}
}

// signedByAll reports whether every signer has signed a checkpoint, which is
// not so after a key was added.
func (l *Log) signedByAll(s Sealed) bool {
	_, lines, err := splitNote(s.Note)
	if err != nil {
		return false
	}
	for _, signer := range l.cfg.Signers {
		found := false
		for _, line := range lines {
			found = found || line.Name == signer.Name() && line.Hash == signer.KeyHash()
		}
		if !found {
			return false
		}
	}
	return true
}
