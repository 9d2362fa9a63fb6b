package projections

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"

	"leeway/eventstore"
	"leeway/eventstore/memory"
)

// TestSubscriberConforms runs watermill's own suite for publishers and
// subscribers. Two of its sixteen tests do not apply and skip themselves:
// TestReconnect restarts a broker by a command, and there is none to restart
// (that a store goes away and comes back is tested below); and
// TestNewSubscriberReceivesOldMessages is for brokers without groups, while
// here a subscriber goes on where its group stands. A topic is a stream.
func TestSubscriberConforms(t *testing.T) {
	if testing.Short() {
		t.Skip("watermill's suite takes seconds")
	}
	store := memory.New()
	t.Cleanup(func() { store.Close() })
	groups := newGroups()
	inGroup := func(_ *testing.T, group string) (message.Publisher, message.Subscriber) {
		return &publisher{store: store, last: groups.last}, &Subscriber{
			Store: store, Groups: groups.named(group), message: wrapped,
			Select: func(topic string, r eventstore.Recorded) bool { return r.Stream == topic },
		}
	}
	tests.TestPubSub(t, tests.Features{
		ConsumerGroups: true, GuaranteedOrder: true, GuaranteedOrderWithSingleSubscriber: true, Persistent: true, ForceShort: true,
	}, func(t *testing.T) (message.Publisher, message.Subscriber) { return inGroup(t, "default") }, inGroup)
}

// publisher puts messages into an event store for the suite. Production has
// none: events are appended by casework alone.
type publisher struct {
	store eventstore.Store
	last  *revisions
}

type revisions struct {
	mu sync.Mutex
	at map[string]int64
}

// carried is a message inside an event.
type carried struct {
	UUID     string           `json:"uuid"`
	Payload  []byte           `json:"payload"`
	Metadata message.Metadata `json:"metadata"`
}

func (p *publisher) Publish(topic string, messages ...*message.Message) error {
	p.last.mu.Lock()
	defer p.last.mu.Unlock()
	for _, m := range messages {
		last, ok := p.last.at[topic]
		if !ok {
			last = eventstore.NoStream
		}
		id := watermill.NewUUID() // the suite sends one UUID to several topics
		data := must(json.Marshal(carried{m.UUID, m.Payload, m.Metadata}))
		last, err := p.store.Append(m.Context(), eventstore.Batch{Stream: topic, Expected: last, Command: id,
			Events: []eventstore.Event{{ID: id, Type: "said.v1", Data: data}}})
		if err != nil {
			return err
		}
		p.last.at[topic] = last
	}
	return nil
}

func (*publisher) Close() error { return nil }

func wrapped(r eventstore.Recorded) *message.Message {
	var c carried
	if err := json.Unmarshal(r.Data, &c); err != nil {
		panic(err)
	}
	m := message.NewMessage(c.UUID, c.Payload)
	m.Metadata = c.Metadata
	return m
}

// memoryGroups are groups that live in the process.
type memoryGroups struct {
	last *revisions
	mu   sync.Mutex
	seat map[string]chan *memoryCursor // one cursor lies in it while it is free
}

func newGroups() *memoryGroups {
	return &memoryGroups{last: &revisions{at: map[string]int64{}}, seat: map[string]chan *memoryCursor{}}
}

func (g *memoryGroups) named(group string) Groups { return groupOf{g, group} }

type groupOf struct {
	*memoryGroups
	name string
}

func (g groupOf) Acquire(ctx context.Context, topic string) (Cursor, error) {
	g.mu.Lock()
	seat, ok := g.seat[g.name+"\x00"+topic]
	if !ok {
		seat = make(chan *memoryCursor, 1)
		seat <- &memoryCursor{seat: seat}
		g.seat[g.name+"\x00"+topic] = seat
	}
	g.mu.Unlock()
	select {
	case c := <-seat:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type memoryCursor struct {
	seat chan *memoryCursor
	at   eventstore.Position
}

func (c *memoryCursor) Position() eventstore.Position     { return c.at }
func (c *memoryCursor) Acked(p eventstore.Position) error { c.at = p; return nil }
func (c *memoryCursor) Release()                          { c.seat <- c }

// subscribed is a subscription of everything in a store.
func subscribed(t *testing.T, s eventstore.Store) (*Subscriber, <-chan *message.Message, *memoryGroups) {
	t.Helper()
	g := newGroups()
	sub := &Subscriber{Store: s, Groups: g.named("g")}
	messages, err := sub.Subscribe(t.Context(), "all")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sub.Close() })
	return sub, messages, g
}

func TestNackBringsTheSameMessageAgain(t *testing.T) {
	s := newStory(t)
	s.handled("F1")
	_, messages, _ := subscribed(t, s)
	var seen []string
	for range 3 {
		m := <-messages
		seen = append(seen, m.UUID)
		m.Nack()
		<-m.Context().Done()
	}
	m := <-messages
	if seen[0] != m.UUID || seen[1] != m.UUID || seen[2] != m.UUID {
		t.Errorf("after Nack came %v, then %s", seen, m.UUID)
	}
	// How many events it carries depends on how far the subscription had read.
	if len(Ahead(m)) == 0 || Ahead(m)[0].ID != m.UUID || m.Metadata.Get(MetaStream) != "case-F1" || m.Metadata.Get(MetaRevision) != "0" {
		t.Errorf("the message carries %d events, metadata %v", len(Ahead(m)), m.Metadata)
	}
	m.Ack()
	if next := <-messages; next.Metadata.Get(MetaRevision) != "1" {
		t.Errorf("then came revision %s", next.Metadata.Get(MetaRevision))
	}
}

// TestSubscriberOutlivesTheStoresConnection cuts the subscription of the store
// again and again: nothing is lost, nothing comes twice after its Ack.
func TestSubscriberOutlivesTheStoresConnection(t *testing.T) {
	s := newStory(t)
	s.handled("F1")
	_, messages, _ := subscribed(t, &cutting{Store: s.Store, after: 3})
	for i := range 14 {
		m := <-messages
		if got := Ahead(m)[0].Revision; got != int64(i) {
			t.Fatalf("event %d came where %d was due", got, i)
		}
		m.Ack()
	}
}

// cutting is a store whose subscriptions break after some events.
type cutting struct {
	eventstore.Store
	after int
}

var errCut = errors.New("connection was cut")

func (c *cutting) Subscribe(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		n := 0
		for r, err := range c.Store.Subscribe(ctx, after) {
			if n++; n > c.after {
				yield(eventstore.Recorded{}, errCut)
				return
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func TestClosedSubscriberGivesUpItsGroup(t *testing.T) {
	s := newStory(t)
	s.handled("F1")
	sub, messages, g := subscribed(t, s)
	m := <-messages // held: neither Ack nor Nack
	waiting := &Subscriber{Store: s, Groups: g.named("g")}
	others, err := waiting.Subscribe(t.Context(), "all")
	if err != nil {
		t.Fatal(err)
	}
	defer waiting.Close()
	select {
	case x := <-others:
		t.Fatalf("two hold one group: %s came", x.UUID)
	case <-time.After(50 * time.Millisecond):
	}
	if err := errors.Join(sub.Close(), sub.Close()); err != nil {
		t.Fatal(err)
	}
	<-m.Context().Done()
	if _, open := <-messages; open {
		t.Error("the channel is open after Close")
	}
	if x := <-others; x.UUID != m.UUID {
		t.Errorf("the next holder got %s, what was not acknowledged is %s", x.UUID, m.UUID)
	}
	if _, err := sub.Subscribe(t.Context(), "all"); err == nil {
		t.Error("a closed subscriber takes a subscription")
	}
}

func TestSubscriptionEndsWithItsStore(t *testing.T) {
	s := newStory(t)
	_, messages, _ := subscribed(t, s)
	s.Close()
	if _, open := <-messages; open {
		t.Error("a message of a closed store")
	}
	other := newGroups()
	far := other.named("g")
	c := must(far.Acquire(t.Context(), "all"))
	c.Acked(99)
	c.Release()
	late := &Subscriber{Store: memory.New(), Groups: far}
	defer late.Close()
	if _, open := <-must(late.Subscribe(t.Context(), "all")); open {
		t.Error("a message past the end of the store")
	}
}
