package esdb

import (
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"leeway/eventstore"
	"leeway/eventstore/esdbserver"
	"leeway/eventstore/memory"
	"leeway/eventstore/sqlite"
)

// node is one server that may be stopped and started again at its address.
type node struct {
	t       testing.TB
	store   eventstore.Store
	options esdbserver.Options
	address string

	mu     sync.Mutex
	server *esdbserver.Server
	served chan error
}

// startNode serves a store on loopback until the test is over. The caller
// closes the store.
func startNode(t testing.TB, store eventstore.Store, o esdbserver.Options) *node {
	t.Helper()
	n := &node{t: t, store: store, options: o, address: "127.0.0.1:0"}
	n.start()
	t.Cleanup(n.stop)
	return n
}

func (n *node) start() {
	n.t.Helper()
	l, err := net.Listen("tcp", n.address)
	if err != nil {
		n.t.Fatal(err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.server == nil && n.served == nil {
		n.address = l.Addr().String() // the same ever after
	}
	server := esdbserver.New(n.store, n.options)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	n.server, n.served = server, served
}

// stop cuts every connection. It may be called again.
func (n *node) stop() {
	n.t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.server == nil {
		return
	}
	n.server.Stop()
	if err := <-n.served; err != nil {
		n.t.Errorf("Serve = %v", err)
	}
	n.server = nil
}

// openAt opens a store on a server at an address, with patience for a test.
func openAt(t testing.TB, address string, edit ...func(*Config)) *Store {
	t.Helper()
	c := Config{
		Connection: "esdb://" + address + "?tls=false", Insecure: true,
		Attempt: 2 * time.Second, Patience: 20 * time.Second,
	}
	for _, e := range edit {
		e(&c)
	}
	s, err := Open(c)
	if err != nil {
		t.Fatalf("Open = %v", err)
	}
	return s
}

// openOver opens a store on a server over a memory store of its own.
func openOver(t testing.TB, o esdbserver.Options, edit ...func(*Config)) (*Store, *node) {
	t.Helper()
	n := startNode(t, memory.New(), o)
	s := openAt(t, n.address, edit...)
	t.Cleanup(func() { s.Close() })
	return s, n
}

func openSQLite(t testing.TB, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(filepath.Join(dir, "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newID() string {
	var u [16]byte
	rand.Read(u[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// batch makes a batch with fresh ids, one event for each piece of data.
func batch(stream string, expected int64, data ...string) eventstore.Batch {
	b := eventstore.Batch{Stream: stream, Expected: expected, Command: newID()}
	for _, d := range data {
		b.Events = append(b.Events, eventstore.Event{ID: newID(), Type: "noted.v1", Data: []byte(d)})
	}
	return b
}

func mustAppend(t testing.TB, s eventstore.Store, b eventstore.Batch) int64 {
	t.Helper()
	last, err := s.Append(t.Context(), b)
	if err != nil {
		t.Fatalf("Append(%s, %d) = %v", b.Stream, b.Expected, err)
	}
	return last
}

func collect(seq iter.Seq2[eventstore.Recorded, error]) (rs []eventstore.Recorded, err error) {
	for r, err := range seq {
		if err != nil {
			return rs, err
		}
		rs = append(rs, r)
	}
	return rs, nil
}

func mustCollect(t testing.TB, seq iter.Seq2[eventstore.Recorded, error]) []eventstore.Recorded {
	t.Helper()
	rs, err := collect(seq)
	if err != nil {
		t.Fatalf("after %d events: %v", len(rs), err)
	}
	return rs
}

// within is a context that ends after d, for a call that must not outlast it.
func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
