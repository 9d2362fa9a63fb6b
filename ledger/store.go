package ledger

import (
	"context"
	"iter"
	"time"
)

// CheckpointStore keeps every checkpoint that was ever signed. It is what
// shows that events are missing, so it must not lie where the events lie: a
// disk, an account or a backup that both share takes both back at once.
//
// Durability: Swap and Cosign return after the checkpoint is on stable
// storage. Consistency: of two Swaps from the same predecessor one wins, also
// between processes. Concurrency: every method may be called from many
// goroutines.
type CheckpointStore interface {
	// Latest returns the newest checkpoint. Where there is none the error
	// wraps ErrNoCheckpoint, where it cannot be read ErrDamaged.
	Latest(ctx context.Context) (Sealed, error)
	// Swap puts next in place if the newest checkpoint has number next.Seq-1,
	// 0 standing for none. Otherwise the error wraps ErrMoved and nothing has
	// changed. After any other error the caller asks Latest what holds.
	Swap(ctx context.Context, next Sealed) error
	// Cosign replaces the note of a checkpoint that is kept already by one
	// with the same text and more signatures.
	Cosign(ctx context.Context, s Sealed) error
	// Back yields the checkpoints sealed at or before a time, the newest
	// first. An error ends the sequence and is its last pair.
	Back(ctx context.Context, from time.Time) iter.Seq2[Sealed, error]
}
