package esdb

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"leeway/eventstore"
)

// outcome is what a call came back with.
type outcome[T any] struct {
	value T
	err   error
}

// call runs one function of the client on a session. It returns when ctx ends,
// whatever the client does, or when no answer came within one attempt. The
// session is the caller's to release when there is no error.
//
// The function runs in another goroutine, because the client does not look
// at the context while it waits for its own connection. That goroutine outlives
// the call only until the function returns, which it does when its context has
// ended; it then closes what nobody wants any more.
func call[T any](ctx context.Context, l *link, f func(context.Context, *esdb.Client) (T, error)) (T, *session, error) {
	var none T
	s, e, err := l.get(ctx)
	if err != nil {
		return none, nil, fmt.Errorf("%w: %w", errNotSent, err)
	}
	done := make(chan outcome[T], 1)
	l.hands.do(func() {
		defer e.leave()
		defer func() {
			if v := recover(); v != nil {
				done <- outcome[T]{err: panicked(v)}
			}
		}()
		v, err := f(e, s.client)
		done <- outcome[T]{v, err}
	})
	t := time.NewTimer(l.attempt)
	defer t.Stop()
	var slow bool
	select {
	case o := <-done:
		if o.err != nil && ctx.Err() != nil {
			s.release() // the caller ended it, not the connection
			return none, nil, gaveUp(ctx, o.err)
		}
		return o.value, s, s.judge(o.err)
	case <-ctx.Done():
	case <-t.C:
		slow = true
	}
	go func() { // the call ends with its context; nobody waits for it
		if o := <-done; o.err == nil {
			discard(o.value)
		}
		s.release()
	}()
	if slow {
		go s.retire()
		return none, nil, fmt.Errorf("%w: no answer within %v", eventstore.ErrUnavailable, l.attempt)
	}
	return none, nil, gaveUp(ctx, errors.New("no answer yet"))
}

// discard closes a stream that came too late.
func discard(v any) {
	switch v := v.(type) {
	case *esdb.ReadStream:
		v.Close()
	case *esdb.Subscription:
		v.Close()
	}
}

// judge releases a session whose call failed, and gives it up where the
// failure is one of the connection, or may be. It returns the error as it is.
// A refusal is no failure: the connection has just shown that it works.
func (s *session) judge(err error) error {
	switch classify(err) {
	case faultNone:
		return nil
	case faultUnavailable, faultUnsent, faultOther:
		s.retire()
	}
	s.release()
	return err
}

// stream is a read or a subscription that is open on a session. The session
// stays in use until it is closed, so that the client outlives it.
type stream struct {
	session *session
	cancel  context.CancelFunc
	attempt time.Duration
	alarm   *time.Timer // runs while the reader waits, and only then
	late    atomic.Bool // the alarm has gone off
}

// open starts a read or a subscription. The stream ends with ctx, or when it
// is closed.
func open[T any](ctx context.Context, l *link, f func(context.Context, *esdb.Client) (T, error)) (T, *stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	v, s, err := call(ctx, l, f)
	if err != nil {
		cancel()
		return v, nil, err
	}
	st := &stream{session: s, cancel: cancel, attempt: l.attempt}
	// Made to be reset for each event; until then it must not go off.
	st.alarm = time.AfterFunc(time.Hour, func() {
		st.late.Store(true)
		cancel()
	})
	st.alarm.Stop()
	return v, st, nil
}

// next waits for the next event of a read, no longer than one attempt: a
// server that has begun to answer and says no more is lost. The time that the
// reader takes between two events does not count, so a deadline on the whole
// read would not do.
func (st *stream) next(r *esdb.ReadStream) (e *esdb.ResolvedEvent, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
	}()
	st.alarm.Reset(st.attempt)
	defer st.alarm.Stop()
	e, err = r.Recv()
	if err != nil && st.late.Load() {
		err = fmt.Errorf("%w: no answer within %v", eventstore.ErrUnavailable, st.attempt)
	}
	return e, err
}

// wait waits for the next event of a subscription, for as long as it takes. A
// connection that is silently gone is noticed by the client's keepalive.
func (st *stream) wait(sub *esdb.Subscription) (e *esdb.SubscriptionEvent) {
	defer func() {
		if v := recover(); v != nil {
			e = &esdb.SubscriptionEvent{SubscriptionDropped: &esdb.SubscriptionDropped{Error: panicked(v)}}
		}
	}()
	return sub.Recv()
}

// close ends a stream. When it broke off by itself, err says how, and the
// session may have to go: the client does not notice it for a subscription.
func (st *stream) close(err error) {
	st.alarm.Stop()
	st.cancel()
	switch classify(err) {
	case faultUnavailable, faultOther:
		st.session.retire()
	}
	st.session.release()
}
