package projections

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"leeway/eventstore"
)

// A Cursor is where a group stands in a topic. Its holder alone moves it.
type Cursor interface {
	// Position is the place after which the group goes on. A handler may move
	// it past more than the message it was given.
	Position() eventstore.Position
	// Acked says that the message at a position was acknowledged. An error
	// ends the subscription in front of that message.
	Acked(eventstore.Position) error
	// Release lets somebody else have the group.
	Release()
}

// Groups hands out cursors, each to one holder at a time.
type Groups interface {
	// Acquire waits until the group is free or ctx ends.
	Acquire(ctx context.Context, topic string) (Cursor, error)
}

// Metadata of the messages of a Subscriber: the place of the event.
const (
	MetaStream   = "stream"
	MetaRevision = "revision"
	MetaPosition = "position"
	MetaType     = "type"
)

// maxAhead is how many events may go along with a message, maxAheadBytes how
// much data.
const (
	maxAhead      = 512
	maxAheadBytes = 1 << 20
)

// Subscriber is a watermill subscriber over an event store. Each subscription
// holds its group's cursor and has one unacknowledged message at a time, which
// is what keeps events in order under a router that handles every message in
// a goroutine of its own. After Nack the same message comes again, after a
// growing pause; an event comes again after a restart unless it was
// acknowledged.
type Subscriber struct {
	Store  eventstore.Store
	Groups Groups
	// Select says which events belong to a topic; none: all.
	Select func(topic string, r eventstore.Recorded) bool
	// Pause is the first wait after Nack; none: 10 ms.
	Pause time.Duration
	// Trouble is told each error of the store, after which the subscription
	// begins anew where its group stands; none: nobody is told.
	Trouble func(topic string, err error)

	message func(eventstore.Recorded) *message.Message // of a test, for its own content

	mu     sync.Mutex
	closed chan struct{}
	open   sync.WaitGroup
}

var _ message.Subscriber = (*Subscriber)(nil)

// Subscribe implements message.Subscriber. The channel is closed when ctx
// ends, when the subscriber is closed, or when the cursor or the store ends.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed == nil {
		s.closed = make(chan struct{})
	}
	select {
	case <-s.closed:
		return nil, errors.New("subscriber is closed")
	default:
	}
	ctx, cancel := context.WithCancel(ctx)
	out := make(chan *message.Message)
	s.open.Go(func() {
		defer close(out)
		defer cancel()
		s.follow(ctx, topic, out)
	})
	s.open.Go(func() { // close while blocked
		select {
		case <-s.closed:
			cancel()
		case <-ctx.Done():
		}
	})
	return out, nil
}

// Close implements message.Subscriber: it ends every subscription and waits
// for it. What was not acknowledged comes again later.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	if s.closed == nil {
		s.closed = make(chan struct{})
	}
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	s.mu.Unlock()
	s.open.Wait()
	return nil
}

// follow holds the cursor and hands out messages until something ends.
func (s *Subscriber) follow(ctx context.Context, topic string, out chan<- *message.Message) {
	cursor, err := s.Groups.Acquire(ctx, topic)
	if err != nil {
		return
	}
	defer cursor.Release()
	wait := pause{first: s.Pause}
	for ctx.Err() == nil {
		before := cursor.Position()
		err := s.read(ctx, topic, cursor, out)
		if s.Trouble != nil && ctx.Err() == nil && !errors.Is(err, errEnded) {
			s.Trouble(topic, err)
		}
		if cursor.Position() != before {
			wait = pause{first: s.Pause} // it had been well meanwhile
		}
		if errors.Is(err, errEnded) || errors.Is(err, eventstore.ErrClosed) || errors.Is(err, eventstore.ErrInvalid) {
			return
		}
		wait.sleep(ctx) // the store will be back; the cursor knows where to go on
	}
}

// errEnded says that a cursor refused to go on.
var errEnded = errors.New("subscription ended")

// read is one subscription of the store.
func (s *Subscriber) read(ctx context.Context, topic string, cursor Cursor, out chan<- *message.Message) error {
	ctx, cancel := context.WithCancel(ctx)
	events := make(chan eventstore.Recorded, maxAhead)
	failed := make(chan error, 1)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer cancel()
	// Look where the cursor stands each time: the subscription before may have
	// broken behind an event that was acknowledged.
	after := cursor.Position()
	reading.Go(func() {
		defer close(events)
		for r, err := range s.Store.Subscribe(ctx, after) {
			if err != nil {
				failed <- err
				return
			}
			if s.Select != nil && !s.Select(topic, r) {
				continue
			}
			select {
			case events <- r:
			case <-ctx.Done():
				return
			}
		}
	})
	return s.deliver(ctx, cursor, &queue{events: events, failed: failed}, out)
}

// deliver hands out what the queue holds, one message at a time.
func (s *Subscriber) deliver(ctx context.Context, cursor Cursor, q *queue, out chan<- *message.Message) error {
	for {
		batch, err := q.next(ctx)
		if err != nil {
			return err
		}
		first := batch[0]
		if err := s.send(ctx, batch, out); err != nil {
			return err
		}
		// The handler may have taken more than the message's own event.
		if err := cursor.Acked(first.Position); err != nil {
			return errors.Join(errEnded, err)
		}
		q.skip(max(first.Position, cursor.Position()))
	}
}

// send hands a message out again and again until it is acknowledged.
func (s *Subscriber) send(ctx context.Context, batch []eventstore.Recorded, out chan<- *message.Message) error {
	wait := pause{first: s.Pause}
	for {
		// Each delivery is a message of its own with a context that ends with
		// its answer, as watermill asks.
		msgCtx, cancel := context.WithCancel(context.WithValue(ctx, batchKey{}, batch))
		msg := s.make(batch[0])
		msg.SetContext(msgCtx)
		acked, err := exchange(ctx, msg, out)
		cancel()
		if acked || err != nil {
			return err
		}
		if err := wait.sleep(ctx); err != nil {
			return err
		}
	}
}

// exchange hands one message out and waits for its answer.
func exchange(ctx context.Context, msg *message.Message, out chan<- *message.Message) (acked bool, err error) {
	select {
	case out <- msg:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	select {
	case <-msg.Acked():
		return true, nil
	case <-msg.Nacked():
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// make is the message of an event: its bytes, and its place as metadata.
func (s *Subscriber) make(r eventstore.Recorded) *message.Message {
	if s.message != nil {
		return s.message(r)
	}
	msg := message.NewMessage(r.ID, r.Data)
	msg.Metadata.Set(MetaStream, r.Stream)
	msg.Metadata.Set(MetaRevision, strconv.FormatInt(r.Revision, 10))
	msg.Metadata.Set(MetaPosition, strconv.FormatUint(uint64(r.Position), 10))
	msg.Metadata.Set(MetaType, r.Type)
	return msg
}

// batchKey is the key of the look-ahead in a message's context.
type batchKey struct{}

// Ahead is the event of a message and, behind it, the events that already wait
// for their turn. A handler may take as many of them as it likes, in order,
// by moving the cursor past them.
func Ahead(msg *message.Message) []eventstore.Recorded {
	batch, _ := msg.Context().Value(batchKey{}).([]eventstore.Recorded)
	return batch
}
