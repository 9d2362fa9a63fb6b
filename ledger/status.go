package ledger

import (
	"context"
	"errors"
	"time"

	"leeway/domain"
	"leeway/eventstore"
)

// Status is how far sealing is behind. It is measured, not remembered: the
// oldest event without a checkpoint is read from the store.
type Status struct {
	Size       int64 // events in the tree
	Sealed     int64 // events under the newest checkpoint
	Checkpoint Sealed
	// Age is how long the oldest unsealed event has been on record, by the
	// store's label and the log's clock. Zero: everything is sealed.
	Age time.Duration
	// Cosigned is the size under the newest checkpoint that satisfies the
	// policy, -1 where there is none.
	Cosigned int64
	Failing  error // why Run could not seal at its last try
	Lacking  error // what Witnessed failed at when it last asked
}

// Degraded says why the log should not count as ready, or nil. Decisions may
// go on: they are durable and unsealed, and their receipts are out.
func (s Status) Degraded() error {
	if s.Age <= MaxDelay {
		return nil
	}
	return errors.Join(domain.Deny(ErrPending, "the oldest unsealed event is %s old", "see whether the sealer runs, its disk has room and its key is in reach",
		s.Age.Round(time.Second)), s.Failing)
}

// Status measures. An error is that of the event store.
func (l *Log) Status(ctx context.Context) (Status, error) {
	l.mu.Lock()
	s := Status{Sealed: l.sealed.Size, Checkpoint: l.last, Cosigned: -1, Failing: l.failing, Lacking: l.unwitnessed}
	complete := l.complete
	l.mu.Unlock()
	if complete.Seq > 0 {
		c, err := ParseCheckpoint(complete.Note)
		if err != nil {
			return s, err
		}
		s.Cosigned = c.Size
	}
	s.Size, _ = l.tree.size()
	after, err := l.tree.placeOf(s.Sealed - 1)
	if err != nil {
		return s, err
	}
	for r, err := range l.cfg.Store.All(ctx, after) {
		if err != nil {
			return s, err
		}
		s.Age = max(l.cfg.Now().Sub(r.Created), 1) // on record and unsealed, however young
		break
	}
	return s, nil
}

// KnownOn returns the checkpoint that says what was known on a civil day in
// Asia/Shanghai, written as 2020-01-31: the last one at or before its end.
// Where the policy asks for witnesses, it is the last one that they had
// cosigned by then, by their clocks; where it does not, the day rests on the
// operator's clock, and Verified.Proves says so. Events from Size on were not
// known. No checkpoint by then: ErrNoCheckpoint.
func (l *Log) KnownOn(ctx context.Context, day string) (Sealed, Verified, error) {
	start, err := time.ParseInLocation(time.DateOnly, day, shanghai)
	if err != nil {
		return Sealed{}, Verified{}, domain.NewFault("", "%q is no day", "write a civil day as YYYY-MM-DD, such as 2020-01-31", day)
	}
	end := start.AddDate(0, 0, 1).Add(-time.Nanosecond)
	for s, err := range l.cfg.Checkpoints.Back(ctx, end) {
		if err != nil {
			return Sealed{}, Verified{}, err
		}
		if _, err := l.cfg.Policy.open(s.Note); err != nil {
			return Sealed{}, Verified{}, domain.Within(err, "checkpoint %d, which is damaged, or the policy lacks a retired key", s.Seq)
		}
		if v, err := l.cfg.Policy.VerifyBy(s.Note, end); err == nil {
			return s, v, nil // otherwise the witnesses had not signed by then
		}
	}
	return Sealed{}, Verified{}, domain.Deny(ErrNoCheckpoint, "none satisfies the policy by the end of %s", "", day)
}

// Covers reports whether a checkpoint covers an event, so that "known on that
// day" can be asked of each. ErrPending: it is not in the tree yet.
func (l *Log) Covers(c Checkpoint, r eventstore.Recorded) (bool, error) {
	i, err := l.tree.index(r.Position)
	return err == nil && i < c.Size, err
}
