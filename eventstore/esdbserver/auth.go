package esdbserver

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// admit lets a call in. The client asks for features and gossip before it
// knows whom it talks to, and sends no credentials with them. A real server has
// rights per stream besides; here a user may do everything that is done at all.
func (s *Server) admit(ctx context.Context, method string) error {
	if s.options.Users == nil ||
		strings.HasPrefix(method, "/event_store.client.server_features.") ||
		strings.HasPrefix(method, "/event_store.client.gossip.") {
		return nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	for _, header := range md.Get("authorization") {
		if s.knows(header) {
			return nil
		}
	}
	return status.Error(codes.Unauthenticated, "a user and password of this server are needed")
}

// knows reports whether a header holds the name and password of a user. A
// password may hold colons, a name may not.
func (s *Server) knows(header string) bool {
	encoded, ok := strings.CutPrefix(header, "Basic ")
	if !ok {
		return false
	}
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return false
	}
	user, password, ok := strings.Cut(string(plain), ":")
	want, known := s.options.Users[user]
	return ok && known && subtle.ConstantTimeCompare([]byte(password), []byte(want)) == 1
}

// admitUnary guards the calls with one answer: delete, tombstone, and what a
// test has registered beside streams.
func (s *Server) admitUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if err := s.admit(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	return next(ctx, req)
}

// admitStream guards append and read. A client that is still sending when it is
// refused hears of it as the end of the call, without the reason.
func (s *Server) admitStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if err := s.admit(stream.Context(), info.FullMethod); err != nil {
		return err
	}
	return next(srv, stream)
}
