// Package esdb keeps events in EventStoreDB or KurrentDB, through the official
// client, version 4.
//
// Life of an append:
//
//  1. Append checks the batch and claims its command and event ids in the
//     index, so that the same command twice at once is carried out once
//     (append.go, index.go).
//  2. The index must know the stream up to the expected revision. Where it
//     does not, the rest is read. A retry of a command on record is answered
//     from what is on record.
//  3. The batch is sent with its concrete expected revision (deliver.go).
//     "Any" is never sent: it is the one expectation under which a server that
//     has forgotten may append twice.
//  4. When no answer comes, or the server says that the stream has moved on,
//     the stream is read at the very revision at which the batch would stand.
//     Its event id is there: on record. Another's is there: it never will be.
//     Nothing is there: it is sent again, and both attempts expect the same
//     revision, so at most one of them is taken.
//  5. When the caller's time is over before that is known, he gets eventstore.ErrUnknown.
//     The same command again finds out.
//
// The server does not know commands, and knows event ids only where a batch
// would stand. Both are unique over the store by the index: all command and
// event ids in memory, some 200 bytes an event, read from the server before
// the first append and kept up to date by a subscription. So a command that
// two processes send to different streams in the same few milliseconds is not
// noticed. On one stream there is no such gap.
//
// The server is trusted with order and durability. It is not trusted with
// keeping: whoever administers it may delete and truncate, and a read that
// finds revisions missing ends with ErrCorrupt. What it cannot notice, such as
// a rewritten event, is the ledger's work.
package esdb

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"leeway/eventstore"
)

// Store is an event store on a server. Get one from Open. It holds one
// connection, over which all its calls run at once, and one subscription from
// the first append on.
type Store struct {
	prefix   string
	patience time.Duration
	link     *link
	gate     gate
	index    *index
	indexing sync.Once
	follower sync.WaitGroup
	life     context.Context // of everything that Close ends
	end      context.CancelFunc
	// tamper stands between the server and the reader in tests.
	tamper func(*esdb.RecordedEvent)
}

var _ eventstore.Store = (*Store)(nil)

// Open returns a store on the server that c names. It does not connect: that
// is the first call's work, and again when the connection is lost. So Open fails
// for what is wrong with c, and never for want of a server.
func Open(c Config) (*Store, error) {
	if c.Attempt == 0 {
		c.Attempt = 5 * time.Second
	}
	if c.Patience == 0 {
		c.Patience = 30 * time.Second
	}
	conf, err := parse(c)
	if err != nil {
		return nil, fmt.Errorf("open event store: %w", err)
	}
	s := &Store{prefix: c.Prefix, patience: c.Patience, gate: newGate(), index: newIndex()}
	s.life, s.end = context.WithCancel(context.Background())
	s.link = &link{config: *conf, attempt: c.Attempt, patience: c.Patience, closing: s.gate.closed, hands: newHands(s.gate.closed)}
	return s, nil
}

// Prepare reads from the server what the first append needs to know, which
// takes about ten seconds for a million events. Without it the first append
// does that.
func (s *Store) Prepare(ctx context.Context) error {
	if !s.gate.enter() {
		return eventstore.ErrClosed
	}
	defer s.gate.leave()
	return s.indexed(ctx)
}

// Close implements eventstore.Store. An append that has been sent finishes
// first, one that waits for a connection ends with ErrClosed. Reads end.
func (s *Store) Close() error {
	if !s.gate.shut() {
		return nil
	}
	s.end()
	s.link.close()
	s.follower.Wait()
	return nil
}

// gate lets calls in until it is shut. Shutting waits for those inside, and
// whoever waits inside for something else watches closed to be off.
type gate struct {
	mu     sync.Mutex
	inside sync.WaitGroup
	closed chan struct{}
}

func newGate() gate { return gate{closed: make(chan struct{})} }

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.closed:
		return false
	default:
		g.inside.Add(1)
		return true
	}
}

func (g *gate) leave() { g.inside.Done() }

// shut reports whether it was this call that shut the gate.
func (g *gate) shut() bool {
	g.mu.Lock()
	select {
	case <-g.closed:
		g.mu.Unlock()
		return false
	default:
		close(g.closed)
		g.mu.Unlock()
	}
	g.inside.Wait()
	return true
}
