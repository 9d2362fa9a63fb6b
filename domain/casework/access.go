package casework

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"leeway/domain"
	"leeway/eventstore"
)

const (
	accessPrefix = "access-"
	mostAccesses = 256 // accesses in one go: event ids count in a byte
)

// An AccessLog is the record of what one session saw 查阅记录. It is a stream of
// its own, so that readers never wait for each other. It may be used by many
// goroutines; the requests of one session are recorded one after another.
type AccessLog struct {
	desk *Service

	mu   sync.Mutex
	last domain.Meta
}

// OpenAccess begins the access log of a new session. Nothing is on record
// before something was seen.
func (s *Service) OpenAccess() *AccessLog {
	return &AccessLog{desk: s, last: domain.Meta{Stream: accessPrefix + newID(), Revision: eventstore.NoStream}}
}

// Stream is the stream of the log.
func (l *AccessLog) Stream() string { return l.last.Stream }

// Saw puts on record that somebody is about to see personal data, at mostAccesses 256
// accesses in one go. Only when it has returned no error may the data leave. Where the store could not tell
// what became of it, the log goes on behind whatever is there.
func (l *AccessLog) Saw(ctx context.Context, who domain.Actor, list ...domain.Access) (domain.Meta, error) {
	w, err := l.desk.begin(Request{Actor: who})
	if err != nil {
		return domain.Meta{}, err
	}
	if len(list) == 0 || len(list) > mostAccesses {
		return domain.Meta{}, domain.Deny(domain.ErrInvalid, "%d accesses at once", "give 1 to %[2]d of them", len(list), mostAccesses)
	}
	var drafts []draft
	for i, a := range list {
		drafts = append(drafts, draft{id: eventID(w.Command, byte(i)), event: a, actor: who})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r, err := l.desk.append(ctx, w, l.last, drafts)
	if errors.Is(err, eventstore.ErrConflict) {
		if err = l.catchUp(ctx); err == nil {
			r, err = l.desk.append(ctx, w, l.last, drafts)
		}
	}
	if err != nil {
		return domain.Meta{}, fmt.Errorf("access log: %w", err)
	}
	l.last.ID, l.last.Revision, l.last.RecordedAt = r.EventID, r.Revision, r.RecordedAt
	return l.last, nil
}

// catchUp finds the end of the stream.
func (l *AccessLog) catchUp(ctx context.Context) error {
	for env, err := range l.desk.read(ctx, l.last.Stream) {
		if err != nil {
			return err
		}
		l.last = env.Meta
	}
	return nil
}
