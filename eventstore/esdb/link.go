package esdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"leeway/eventstore"
)

// link keeps a client that works, and makes a new one when it does not.
//
// The official client cannot be left alone with an outage. It finds a server
// again while it answers the next caller, everyone else waits for that without
// looking at his context, and when it fails it stops for good and the others
// wait for ever. So here a client is used for one connection only: it is
// connected by one goroutine before anyone gets it, and it is given up before
// it begins to look for a server again.
type link struct {
	config            esdb.Configuration
	attempt, patience time.Duration

	closing <-chan struct{} // closed when nobody is to wait any more
	hands   *hands

	mu      sync.Mutex
	current *session
	dialing *dial
	reason  error // why the last attempt to connect failed
	shut    bool
	dials   sync.WaitGroup
}

// dial is one attempt to connect, for everyone who waits for it. There is none
// in the background: when nobody waits any more, nobody connects.
type dial struct {
	done chan struct{}
	err  error
}

// connectedAlready is a dial that has succeeded.
var connectedAlready = func() *dial {
	d := &dial{done: make(chan struct{})}
	close(d.done)
	return d
}()

// session is one connected client.
type session struct {
	client *esdb.Client
	link   *link
	// gate is held for reading while a call is asking the client for its
	// connection, and taken for writing to let nobody do so any more.
	gate    sync.RWMutex
	retired bool
	// uses counts calls and streams that are not over. Closing a client under a
	// call that asks for its connection makes the client panic, so the last one
	// out closes it. Guarded by link.mu.
	uses int
}

// lost is what the client logs about a failed call, before it tells itself to
// look for a server again. It is the one moment between the two at which
// anyone else can act, and it is taken to let nobody wait for that search. A
// client that words it otherwise fails TestServerStops.
const lost = "unexpected exception: %v"

// pauses between attempts grow from the first to the second.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
)

// get returns a session that the caller has entered: entry.leave must be
// called, and later session.release. It waits until there is one, and says why
// there is none when ctx or the link's patience ends first.
func (l *link) get(ctx context.Context) (*session, *entry, error) {
	if ctx.Err() != nil {
		return nil, nil, gaveUp(ctx, nil)
	}
	if s, e := l.connected(ctx); s != nil {
		return s, e, nil
	}
	wait, cancel := patient(ctx, l.patience)
	defer cancel()
	var reason error
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if wait.Err() != nil {
			return nil, nil, gaveUp(wait, reason)
		}
		if s, e := l.connected(ctx); s != nil {
			return s, e, nil
		}
		d, err := l.dial()
		if err != nil {
			return nil, nil, err
		}
		select {
		case <-d.done:
		case <-wait.Done():
			return nil, nil, gaveUp(wait, reason)
		case <-l.closing:
			return nil, nil, eventstore.ErrClosed
		}
		if reason = d.err; reason == nil {
			continue
		}
		if errors.Is(reason, ErrUnsupported) {
			return nil, nil, reason // waiting does not make it younger
		}
		if err := l.rest(wait, pause); err != nil {
			return nil, nil, err
		}
	}
}

// connected returns the session that there is, entered, or nil.
func (l *link) connected(ctx context.Context) (*session, *entry) {
	for {
		l.mu.Lock()
		s := l.current
		if s == nil {
			l.mu.Unlock()
			return nil, nil
		}
		s.uses++
		l.mu.Unlock()
		if e := s.enter(ctx); e != nil {
			return s, e
		}
		s.release() // it is being given up
	}
}

// rest waits between two attempts.
func (l *link) rest(ctx context.Context, pause time.Duration) error {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return nil // whoever goes on finds it ended
	case <-l.closing:
		return eventstore.ErrClosed
	}
}

// trouble is why there is no connection, or nil.
func (l *link) trouble() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reason
}

// dial connects in the background, once for everyone. Where someone else has
// connected in the meantime, it is done already.
func (l *link) dial() (*dial, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.shut:
		return nil, eventstore.ErrClosed
	case l.dialing != nil:
		return l.dialing, nil
	case l.current != nil:
		return connectedAlready, nil
	}
	d := &dial{done: make(chan struct{})}
	l.dialing = d
	l.dials.Go(func() {
		s, err := l.connect()
		l.mu.Lock()
		d.err, l.reason = err, err
		l.dialing, l.current = nil, s
		shut := l.shut
		l.mu.Unlock()
		if shut && s != nil {
			s.retire()
		}
		close(d.done)
	})
	return d, nil
}

// connect makes a client and waits until it is connected. The client makes one
// attempt and no more, which the gossip timeout bounds; the pauses between
// attempts, and their number, are ours. Only this goroutine is inside the client
// meanwhile, so nobody is left hanging when it fails and stops for good.
func (l *link) connect() (*session, error) {
	s := &session{link: l}
	conf := l.config
	conf.MaxDiscoverAttempts, conf.DiscoveryInterval = 1, 1
	conf.GossipTimeout = max(1, int(min(time.Duration(conf.GossipTimeout)*time.Second, l.attempt)/time.Second))
	conf.Logger = func(_ esdb.LogLevel, format string, args ...any) {
		if format != lost || len(args) != 1 {
			return
		}
		if err, ok := args[0].(error); ok && status.Code(err) == codes.Unavailable {
			s.retire()
		}
	}
	var err error
	if s.client, err = esdb.NewClient(&conf); err != nil {
		return nil, err
	}
	version, err := s.client.GetServerVersion()
	if err == nil && (version.Major < 22 || version.Major == 22 && version.Minor < 6) {
		err = fmt.Errorf("%w: version %d.%d, at least 22.6 is needed for positions", ErrUnsupported, version.Major, version.Minor)
	}
	if err != nil {
		return nil, errors.Join(err, s.client.Close())
	}
	return s, nil
}

// close lets nobody connect any more, and waits for the attempt under way. A
// session goes with its last user.
func (l *link) close() {
	l.mu.Lock()
	l.shut = true
	s := l.current
	l.mu.Unlock()
	if s != nil {
		s.retire()
	}
	l.dials.Wait()
}

// entry is the context of one call while the call asks the client for its
// connection. The first thing the client does afterwards is to ask the context
// for its deadline, and that is how the end of this phase is noticed. Where a
// client does otherwise, the phase ends with the call, and retire waits longer.
type entry struct {
	context.Context
	session *session
	left    atomic.Bool
}

// Deadline implements context.Context.
func (e *entry) Deadline() (time.Time, bool) {
	e.leave()
	return e.Context.Deadline()
}

func (e *entry) leave() {
	if e.left.CompareAndSwap(false, true) {
		e.session.gate.RUnlock()
	}
}

// enter lets a call ask for the connection, or returns nil when the session is
// being given up.
func (s *session) enter(ctx context.Context) *entry {
	if !s.gate.TryRLock() {
		return nil
	}
	if s.retired {
		s.gate.RUnlock()
		return nil
	}
	return &entry{Context: ctx, session: s}
}

// retire gives a session up. When it returns nobody is asking the client for
// its connection, nor ever will; calls that have one go on.
func (s *session) retire() {
	s.link.mu.Lock()
	if s.link.current == s {
		s.link.current = nil
	}
	s.uses++
	s.link.mu.Unlock()
	s.gate.Lock()
	s.retired = true
	s.gate.Unlock()
	s.release()
}

// release ends one use. The last one of a retired session closes the client,
// which may not happen while anyone could still call it.
func (s *session) release() {
	s.link.mu.Lock()
	s.uses--
	over := s.uses == 0 && s.link.current != s
	s.link.mu.Unlock()
	if over {
		s.client.Close() // closes a channel, once, and cannot fail
	}
}
