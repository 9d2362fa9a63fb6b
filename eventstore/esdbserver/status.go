package esdbserver

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"leeway/eventstore"
)

// toStatus is what a client is told of an error of the store. The codes are
// those that a client can act on: DataLoss is never worth a second try,
// Unavailable always is. A real server knows neither a damaged event nor a
// poisoned store, so no code for them can be the right one.
func toStatus(err error) error {
	if _, ok := status.FromError(err); ok {
		return err // nil, or made here
	}
	code := codes.Internal
	switch {
	case errors.Is(err, context.Canceled):
		code = codes.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		code = codes.DeadlineExceeded
	case errors.Is(err, eventstore.ErrInvalid):
		code = codes.InvalidArgument
	case errors.Is(err, eventstore.ErrCorrupt):
		code = codes.DataLoss
	case errors.Is(err, eventstore.ErrPoisoned), errors.Is(err, eventstore.ErrReadOnly):
		code = codes.FailedPrecondition
	case errors.Is(err, eventstore.ErrClosed), errors.Is(err, eventstore.ErrLocked):
		code = codes.Unavailable
	}
	return status.Error(code, err.Error())
}

// errTombstoned says that a stream is gone for good. A client learns it from
// the trailers, which go with the call and not with the error.
var errTombstoned = errors.New("stream is deleted")

// tombstonedTrailer is what the client looks for. It takes the first value of
// each without asking whether there is one.
func tombstonedTrailer(stream string) metadata.MD {
	return metadata.Pairs("exception", "stream-deleted", "stream-name", stream)
}

// finish turns what a streaming call ended with into its status, and adds the
// trailers without which the client does not know a deleted stream.
func finish(call grpc.ServerStream, stream string, err error) error {
	if errors.Is(err, errTombstoned) {
		call.SetTrailer(tombstonedTrailer(stream))
		return status.Errorf(codes.FailedPrecondition, "stream %q is deleted", stream)
	}
	return toStatus(err)
}
