// Package eventstore is the port through which everything that has happened is
// written and read. An adapter keeps bytes in order and durable; it knows
// nothing of what they mean. The contract is the suite in storetest, and every
// adapter passes it.
package eventstore

import (
	"context"
	"errors"
	"iter"
	"time"
)

// NoStream is the expected revision of a stream that must not exist yet.
// Revisions count from 0, so a stream of n events stands at revision n-1.
const NoStream int64 = -1

// Sentinels. An adapter wraps them with %w and adds what, where and why; a
// caller tests with errors.Is.
var (
	// ErrConflict says that the stream does not stand at the expected
	// revision. Load it again, decide again, append again.
	ErrConflict = errors.New("stream has moved on")
	// ErrCommandReused says that a command id is already on record with
	// another content or for another stream. It is a fault of the caller.
	ErrCommandReused = errors.New("command id is already on record with other content")
	// ErrPoisoned says that an earlier write or fsync failed, so that what is
	// on disk is uncertain. Reads go on; writes need a restart.
	ErrPoisoned = errors.New("store refuses writes after a write error")
	// ErrLocked says that another process holds the store for writing. The
	// wrapping error names the holder.
	ErrLocked = errors.New("store is held by another writer")
	// ErrReadOnly says that the store was opened for reading.
	ErrReadOnly = errors.New("store was opened read-only")
	// ErrCorrupt says that stored data cannot be read back as written. The
	// wrapping error gives the stream and revision or the position.
	ErrCorrupt = errors.New("stored data is damaged")
	// ErrInvalid says that a request could never succeed: a batch that
	// Validate refuses, an event id that another batch has put on record, a
	// position past the end of the store.
	ErrInvalid = errors.New("invalid request")
	// ErrClosed says that the store has been closed.
	ErrClosed = errors.New("store is closed")

	// The next three are those of a store that is somewhere else.

	// ErrUnavailable says that the store could not be reached, or did not
	// answer, for as long as the call was willing to wait. Try again later.
	ErrUnavailable = errors.New("event store cannot be reached")
	// ErrUnknown says that an append was sent and no answer came: it may be on
	// record, now or in a moment. The same command again finds out.
	ErrUnknown = errors.New("whether the append is on record is not known")
	// ErrDenied says that the store refuses the credentials, or what they ask
	// for.
	ErrDenied = errors.New("event store denies access")
)

// Event is one event to append. Data are the exact bytes to keep.
type Event struct {
	ID   string // UUID, lower case with hyphens; unique over the store; version 7 is the cheapest to index
	Type string // stored name with version, such as "decision-made.v1"
	Data []byte
}

// Batch is what one command appends: all of it or nothing.
type Batch struct {
	Stream   string
	Expected int64  // concrete revision, or NoStream; there is no "any"
	Command  string // unique id of the command; makes the append once-only
	Events   []Event
}

// Position is a place in the commit order of the whole store. It is opaque:
// it grows, it is never assumed to be contiguous, and it does not survive a
// move to another store. Start lies before the first event.
type Position uint64

// Start lies before the first event of a store.
const Start Position = 0

// Recorded is an event as the store holds it.
type Recorded struct {
	Event
	Stream   string
	Revision int64
	Position Position
	Command  string
	Created  time.Time // the store's own label; no rule reads it
}

// Store keeps events.
//
// Durability: Append returns after the batch is on stable storage, or it has
// not happened. Consistency: one commit order over all streams; a reader sees
// a prefix of it, whole batches only. Concurrency: every method may be called
// from many goroutines.
type Store interface {
	// Append writes a batch if its stream stands at Expected, and returns the
	// stream's new last revision. The same Command with the same stream and
	// events again returns the first answer and writes nothing, whatever
	// Expected says. Errors: ErrConflict, ErrCommandReused, ErrInvalid,
	// ErrPoisoned, ErrReadOnly, ErrClosed, or the context's.
	Append(ctx context.Context, b Batch) (last int64, err error)
	// Read yields a stream's events from a revision on, in order, up to its
	// end at the time of the call. A stream that does not exist yields
	// nothing. An error ends the sequence and is its last pair: a read that
	// ended without one was complete.
	Read(ctx context.Context, stream string, from int64) iter.Seq2[Recorded, error]
	// All yields every event after a position, in commit order, up to the end
	// at the time of the call, with the same promise about errors. A position
	// past that end is ErrInvalid: it was given out by another store, or this
	// one was put back from an older copy, and going on would miss events.
	All(ctx context.Context, after Position) iter.Seq2[Recorded, error]
	// Subscribe yields every event after a position and then waits for more,
	// until ctx ends; its last pair is then the context's error.
	Subscribe(ctx context.Context, after Position) iter.Seq2[Recorded, error]
	// Close releases the store. Appends under way finish first.
	Close() error
}
