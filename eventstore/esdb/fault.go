package esdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"leeway/eventstore"
)

// ErrUnsupported says that the server is too old. It comes beside the errors of
// the port.
var ErrUnsupported = errors.New("event store is too old")

// fault is what kind of error the client came back with, as far as it matters
// for what to do next: send again, look first, or tell the caller.
type fault int

const (
	faultOther       fault = iota
	faultNone              // no error
	faultUnavailable       // not reached, cut off or too slow; a request may have been carried out
	faultUnsent            // the request broke off before its end, so it was not carried out
	faultConflict          // wrong expected revision
	faultNotFound          // no such stream
	faultGone              // the stream was deleted for good
	faultDenied
	faultInvalid
	faultCorrupt
	faultRefused // an answer of the server, to which none of these applies
)

// classify looks at an error exactly as the client returned it. The client's
// own FromError does not unwrap, and some of its errors come wrapped.
func classify(err error) fault {
	if err == nil {
		return faultNone
	}
	if errors.Is(err, eventstore.ErrDenied) {
		return faultDenied
	}
	if errors.Is(err, io.EOF) && strings.Contains(err.Error(), "could not send") {
		// The client has not said that this was all, and a server that has
		// not heard that appends nothing.
		return faultUnsent
	}
	switch {
	case errors.Is(err, eventstore.ErrUnavailable):
		return faultUnavailable
	case errors.Is(err, eventstore.ErrCorrupt):
		return faultCorrupt
	case errors.Is(err, eventstore.ErrInvalid):
		return faultInvalid
	}
	var e *esdb.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case esdb.ErrorCodeWrongExpectedVersion:
			return faultConflict
		case esdb.ErrorCodeResourceNotFound:
			return faultNotFound
		case esdb.ErrorCodeStreamDeleted:
			return faultGone
		case esdb.ErrorCodeConnectionClosed, esdb.ErrorCodeNotLeader:
			return faultUnavailable
		}
	}
	s, _ := status.FromError(err)
	switch s.Code() {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Aborted:
		return faultUnavailable
	case codes.Unauthenticated, codes.PermissionDenied:
		return faultDenied
	case codes.InvalidArgument, codes.OutOfRange:
		return faultInvalid
	case codes.DataLoss:
		return faultCorrupt
	case codes.FailedPrecondition, codes.ResourceExhausted, codes.Unimplemented:
		return faultRefused
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return faultUnavailable
	}
	return faultOther
}

// translate makes a sentinel of an error of the client. The error itself stays
// inside, for whoever reads the log.
func translate(err error) error {
	sentinel := map[fault]error{
		faultUnavailable: eventstore.ErrUnavailable,
		faultUnsent:      eventstore.ErrUnavailable,
		faultConflict:    eventstore.ErrConflict,
		faultDenied:      eventstore.ErrDenied,
		faultInvalid:     eventstore.ErrInvalid,
		faultCorrupt:     eventstore.ErrCorrupt,
		faultNotFound:    eventstore.ErrCorrupt, // of a stream that was there
		faultGone:        eventstore.ErrCorrupt, // nothing of a ledger may be deleted
	}[classify(err)]
	if sentinel == nil || errors.Is(err, sentinel) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: %w", sentinel, err)
}

// panicked makes an error of what the client panicked with: it does so when
// the server sends what it does not expect.
func panicked(v any) error { return fmt.Errorf("event store client: %v", v) }
