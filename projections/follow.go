package projections

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"leeway/eventstore"
)

// poisonTopic names the poison queue to the Router.
const poisonTopic = "poison"

// follow keeps one projection in step until ctx ends. A lease that is given
// is used first.
func (p *Projector) follow(ctx context.Context, s spec, l *lease) {
	defer func() {
		if l != nil { // ctx ended before it was used
			l.Release()
		}
	}()
	for ctx.Err() == nil {
		var err error
		if l == nil {
			l, err = p.DB.waitFor(ctx, s, p.holder)
		}
		if err == nil {
			err = p.attend(ctx, l)
			l.Release()
		}
		l = nil
		p.tell(err, "a projection came to a stop", "projection", s.name)
		p.wait(ctx, s, err)
	}
}

// attend rebuilds a projection where that is needed, and then feeds it through
// the Router. It returns when the projection stops, for whatever reason.
func (p *Projector) attend(ctx context.Context, l *lease) error {
	if why := p.stale(ctx, l); why != nil {
		p.log().Info("projections: rebuild", "projection", l.spec.name, "why", why.Error())
		if err := p.rebuild(ctx, []*lease{l}); err != nil {
			return err
		}
	}
	return p.route(ctx, l)
}

// wait is the pause after a projection came to a stop: a short one, or after
// poison as long as nobody asks for another try.
func (p *Projector) wait(ctx context.Context, s spec, why error) {
	every := p.poll
	if every == 0 {
		every = time.Second
	}
	for {
		w := pause{first: every}
		if w.sleep(ctx) != nil {
			return
		}
		if !errors.Is(why, ErrPoison) {
			return
		}
		if c, err := p.DB.checkpointOf(ctx, s.name); err == nil && c.state != stateStopped {
			return
		}
	}
}

// route feeds a projection from its subscription through the Router until it
// stops: ErrPoison in front of a poison event, ErrLost where the lease went.
func (p *Projector) route(ctx context.Context, l *lease) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	logger := watermill.NewSlogLogger(p.log())
	r, err := message.NewRouter(message.RouterConfig{CloseTimeout: 10 * time.Second}, logger)
	if err != nil {
		return err
	}
	queue := &poisonQueue{p: p, l: l, stopped: cancel}
	poisoned, err := middleware.PoisonQueueWithFilter(queue, poisonTopic, func(err error) bool { return errors.Is(err, ErrPoison) })
	if err != nil {
		return err
	}
	retry := middleware.Retry{MaxRetries: 2, InitialInterval: 10 * time.Millisecond, MaxInterval: time.Second, Multiplier: 4}
	// The order matters: Retry inside gives up after three tries, and only then
	// does PoisonQueue see the error. The other way round every first failure
	// would go to the queue.
	r.AddMiddleware(poisoned, retry.Middleware) // the first is the outer one
	sub := &Subscriber{Store: p.Store, Groups: held{l}, Trouble: p.trouble}
	r.AddConsumerHandler(l.spec.name, l.spec.name, sub, p.handler(l, cancel))
	// Run returns when ctx ends, and when the subscription closes its channel:
	// it then has no handler left.
	stop := p.keep(ctx, l, cancel)
	defer stop()
	if err := r.Run(ctx); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return errors.Join(ctx.Err(), sub.Close())
}

// trouble says that the store cannot be read, again each time it is tried.
func (p *Projector) trouble(name string, err error) {
	p.tell(err, "the store cannot be read", "projection", name)
	text := err.Error()
	p.Stats(name).Trouble.Store(&text)
}

// handler applies a message's event with what waits behind it.
func (p *Projector) handler(l *lease, lost context.CancelCauseFunc) message.NoPublishHandlerFunc {
	m := l.spec.make(p.Options)
	stats := p.Stats(l.spec.name)
	return func(msg *message.Message) error {
		batch := Ahead(msg)
		for len(batch) > 0 && batch[0].Position <= l.Position() {
			batch = batch[1:] // a retry after a part was applied
		}
		if len(batch) == 0 {
			return nil
		}
		n, err := p.take(msg.Context(), l, m, batch)
		stats.Applied.Add(int64(n))
		stats.Trouble.Store(nil)
		if n > 0 {
			stats.Delay.Store(int64(time.Since(batch[n-1].Created)))
		}
		if errors.Is(err, ErrLost) {
			lost(err) // to try again would fail for ever
		}
		return err
	}
}

// take applies a batch, or as much of it as lies in front of a poison event.
// The error is that of the first event, so that what is behind is given out
// again with a message of its own.
func (p *Projector) take(ctx context.Context, l *lease, m model, batch []eventstore.Recorded) (int, error) {
	events := make([]*event, len(batch))
	for i, r := range batch {
		events[i] = read(r)
	}
	err := l.apply(ctx, m, events)
	if err == nil {
		return len(events), nil
	}
	if !errors.Is(err, ErrPoison) || len(events) == 1 {
		return 0, err
	}
	for i := range events {
		if err := l.apply(ctx, m, events[i:i+1]); err != nil {
			if i > 0 {
				err = nil
			}
			return i, err
		}
	}
	return len(events), nil
}

// keep renews a lease while nothing happens, several times before it would run
// out. An error of the database is left to the next tick.
func (p *Projector) keep(ctx context.Context, l *lease, lost context.CancelCauseFunc) (stop func()) {
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(done)
		tick := time.NewTicker(leaseTime / 4)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if err := l.renew(ctx); errors.Is(err, ErrLost) {
				lost(err)
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// held is a group whose cursor the caller holds already.
type held struct{ l *lease }

// Acquire implements Groups: there is one cursor, and it is free.
func (h held) Acquire(context.Context, string) (Cursor, error) { return lent{h.l}, nil }

// lent is a lease that its owner releases.
type lent struct{ *lease }

// Release implements Cursor.
func (lent) Release() {}

// poisonQueue puts poison events on the list and stops the projection. It is
// the publisher behind the Router's PoisonQueue: the message is acknowledged
// then, and the cursor, which has not moved, ends the subscription.
type poisonQueue struct {
	p       *Projector
	l       *lease
	stopped context.CancelCauseFunc
}

// Publish implements message.Publisher.
func (q *poisonQueue) Publish(_ string, messages ...*message.Message) error {
	for _, msg := range messages {
		e := &event{id: msg.UUID}
		e.ID, e.Stream, e.Type = msg.UUID, msg.Metadata.Get(MetaStream), msg.Metadata.Get(MetaType)
		e.Revision, _ = strconv.ParseInt(msg.Metadata.Get(MetaRevision), 10, 64) // written by Subscriber
		position, _ := strconv.ParseUint(msg.Metadata.Get(MetaPosition), 10, 64)
		e.pos = eventstore.Position(position)
		reason := errors.New(msg.Metadata.Get(middleware.ReasonForPoisonedKey))
		if err := q.p.DB.stop(msg.Context(), q.l, e, reason); err != nil {
			return err
		}
		q.stopped(errors.Join(ErrPoison, reason))
	}
	return nil
}

// Close implements message.Publisher.
func (*poisonQueue) Close() error { return nil }
