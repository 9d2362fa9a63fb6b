package esdbserver

import (
	"context"
	"net"
	"strconv"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// features says what this node can do. It is the first thing a client asks, on
// every new connection, and a client that gets no answer is not connected.
type features struct {
	serverfeatures.UnimplementedServerFeaturesServer
	version string
}

// GetSupportedMethods lists what Streams really does: BatchAppend is missing,
// and so is everything about persistent subscriptions.
func (f features) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	out := &serverfeatures.SupportedMethods{EventStoreServerVersion: f.version}
	for _, method := range []string{"read", "append", "delete", "tombstone"} {
		out.Methods = append(out.Methods, &serverfeatures.SupportedMethod{
			ServiceName: "event_store.client.streams.streams", MethodName: method,
		})
	}
	return out, nil
}

// gossiper says which nodes there are. The client asks when it was given several
// addresses, or one that stands for a cluster.
type gossiper struct {
	gossip.UnimplementedGossipServer
	members []Member
}

// Read answers with the members, or with this node alone. All of them are alive:
// nobody looks.
func (g gossiper) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	members := g.members
	if len(members) == 0 {
		self, err := self(ctx)
		if err != nil {
			return nil, err
		}
		members = []Member{self}
	}
	info := new(gossip.ClusterInfo)
	for _, m := range members {
		state := gossip.MemberInfo_Leader
		if m.Follower {
			state = gossip.MemberInfo_Follower
		}
		info.Members = append(info.Members, &gossip.MemberInfo{
			State: state, IsAlive: true,
			HttpEndPoint: &gossip.EndPoint{Address: m.Host, Port: uint32(m.Port)},
		})
	}
	return info, nil
}

// self is the node by the address that it was called on: the one by which the
// client has reached it, and can again.
func self(ctx context.Context) (Member, error) {
	p, ok := peer.FromContext(ctx)
	if !ok || p.LocalAddr == nil {
		return Member{}, status.Error(codes.Internal, "the node does not know its own address")
	}
	host, port, err := net.SplitHostPort(p.LocalAddr.String())
	if err != nil {
		return Member{}, status.Errorf(codes.Unimplemented, "no gossip on %s", p.LocalAddr)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return Member{}, status.Errorf(codes.Internal, "port %q", port)
	}
	return Member{Host: host, Port: uint16(n)}, nil
}
