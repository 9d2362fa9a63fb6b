// Package esdbserver serves the EventStoreDB Streams protocol over any
// eventstore.Store. It is a harness and no more: the esdb adapter and the
// official client's own tests run against it where no server can be started.
// No command of the product opens it.
//
// It behaves as the real server does where the two could be told apart by a
// client that keeps a ledger: expected revisions, idempotency by event ids,
// reads that include the position they start from, subscriptions that do not,
// positions with gaps. README.md lists what it leaves out.
//
// Life of an append:
//
//  1. The interceptor asks who calls, where Options.Users says so (auth.go).
//  2. The header and the events come in one by one. Nothing is stored until the
//     client has said that this was all (append.go).
//  3. Each event is wrapped: its id and its metadata go into the data that the
//     store keeps, because a Store has no place for them (envelope.go).
//  4. The store appends, under a command that is new each time. So the store's
//     own memory of commands never helps: what the adapter under test makes of
//     a retry, it makes by itself.
//  5. A conflict is looked into. The same event ids where the batch would stand
//     make it a retry, which is answered as the first time; anything else is a
//     wrong expected revision, as an answer and not as an error.
//
// Life of a read: the store's sequence, from the position that the protocol's
// own rules make of the one that was asked for (read.go, tail.go), without what
// the stream's metadata hide (metadata.go), sent event by event (send.go). A
// subscription is a read, one word that it is over, and what the store's own
// subscription brings (subscribe.go).
//
// A Server is trusted with nothing that the product relies on. It is slower
// than it could be where that keeps it short: it reads a stream from its
// beginning to find its end, and turns round what is to be read backwards.
package esdbserver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"leeway/eventstore"
)

// Options say how a Server behaves. The zero value is one node without TLS
// that asks nobody who he is and deletes nothing: enough for a test on
// loopback, and for nothing else.
type Options struct {
	// TLS is what the server presents. Without it the protocol is plain, and
	// the official client then sends no credentials.
	TLS *tls.Config
	// Users maps names to passwords. With it every call on streams needs one,
	// and without TLS no client has any: it keeps them to itself.
	Users map[string]string
	// Members is what gossip answers. Without it the node names itself, as a
	// leader, by the address it was called on.
	Members []Member
	// Deletable reports whether a stream may be truncated, deleted or
	// tombstoned. Without it none may: every stream is a ledger's. A test of
	// what a reader makes of missing events says yes.
	Deletable func(stream string) bool
	// Forgetful makes the server lose its memory of event ids, as a real one
	// may: a batch sent twice is then a wrong expected revision. A client that
	// never appends twice must not need that memory.
	Forgetful bool
	// Version is what the server says it is, three numbers with dots. Empty is
	// a current one. It changes nothing else.
	Version string
}

// Member is one node of a cluster as gossip tells it.
type Member struct {
	Host     string
	Port     uint16
	Follower bool // a leader otherwise
}

// currentVersion has everything that this server does.
const currentVersion = "24.10.0"

// What a connection carries. The message limit is the official client's own,
// and more than a batch of the port may hold; windows and buffers are larger
// than by default because a read sends as fast as it can.
const (
	maxMessage = 17 << 20
	window     = 4 << 20
	buffer     = 128 << 10
	// workers are goroutines that carry out one call after another. A new one
	// for each call would have to grow its stack each time. Where all of them
	// are busy there are new ones all the same.
	workers = 64
)

// Server is one node. Make one with New, start it with Serve. Several may serve
// one store, as the nodes of a cluster do; what they know of metadata is then
// each one's own, so only one of them should change it.
type Server struct {
	streams.UnimplementedStreamsServer

	store   eventstore.Store
	options Options
	rpc     *grpc.Server
	tail    tail
	meta    metaCache
}

// New returns a node over a store. It has goroutines from the start, which Stop
// ends. The caller closes the store, after Stop: a subscription may be waiting
// in it until then.
func New(store eventstore.Store, o Options) *Server {
	if o.Version == "" {
		o.Version = currentVersion
	}
	s := &Server{store: store, options: o, tail: tail{store: store}, meta: metaCache{store: store}}
	opts := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.InitialWindowSize(window), grpc.InitialConnWindowSize(window),
		grpc.WriteBufferSize(buffer), grpc.ReadBufferSize(buffer),
		grpc.NumStreamWorkers(workers),
		// The client pings every ten seconds even when nothing is going on;
		// by default such a client is thrown out.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
		grpc.UnaryInterceptor(s.admitUnary), grpc.StreamInterceptor(s.admitStream),
		grpc.WaitForHandlers(true),
	}
	if o.TLS != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(o.TLS)))
	}
	// BatchAppend is left to the embedded type, which says Unimplemented: the
	// Go client never calls it.
	s.rpc = grpc.NewServer(opts...)
	streams.RegisterStreamsServer(s.rpc, s)
	serverfeatures.RegisterServerFeaturesServer(s.rpc, features{version: o.Version})
	gossip.RegisterGossipServer(s.rpc, gossiper{members: o.Members})
	return s
}

// Registrar takes further services, before Serve: a test of a client may need
// more than streams.
func (s *Server) Registrar() grpc.ServiceRegistrar { return s.rpc }

// Serve answers on a listener until Stop, and then returns nil. It may be
// called for several listeners, of any kind of network; after Stop it closes
// the listener and returns at once.
func (s *Server) Serve(l net.Listener) error {
	if err := s.rpc.Serve(l); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

// Stop cuts every connection, as a server that dies does, and waits for the
// calls under way: afterwards nothing of the server touches the store.
func (s *Server) Stop() { s.rpc.Stop() }
