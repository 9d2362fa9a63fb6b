// Package storetest is the contract of eventstore.Store, as tests. An adapter
// that passes Run may stand wherever a Store is asked for.
//
//	func TestContract(t *testing.T) {
//		storetest.Run(t, storetest.Adapter{Open: open, Damage: damage})
//	}
package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"testing"
	"time"

	"leeway/eventstore"
)

// Adapter is what the suite has to know of the store under test.
type Adapter struct {
	// Open returns the store that lives in a folder, which is empty the first
	// time. A durable store that was closed is opened again from the same
	// folder. Open ends the test when it fails; the suite closes the store.
	Open func(t testing.TB, dir string) eventstore.Store
	// Damage makes one recorded event unreadable, behind the back of the open
	// store, the way a failing disk would. It is a part of the contract: a
	// store whose reads cannot be made to fail cannot show that it reports it.
	Damage func(t testing.TB, dir string, s eventstore.Store, at eventstore.Recorded)
	// Volatile says that nothing outlives Close, which leaves out the cases
	// about opening again.
	Volatile bool
}

// patience ends a case that hangs. No case waits for time to pass. The suite's
// own test has less of it, because there it waits for what does not come.
var patience = 2 * time.Minute

// Run runs every case of the contract, each on a store of its own.
func Run(t *testing.T, a Adapter) {
	cases := []struct {
		name    string
		durable bool // needs a store that can be opened again
		run     func(*fixture)
	}{
		{"order", false, testOrder},
		{"read from a revision", false, testReadFrom},
		{"resume from a position", false, testResume},
		{"position past the end", false, testPastEnd},
		{"conflict", false, testConflict},
		{"all or none", false, testAllOrNone},
		{"invalid batches", false, testInvalid},
		{"event id is unique", false, testEventID},
		{"hostile names", false, testNames},
		{"names that look alike", false, testAlike},
		{"exact bytes", false, testBytes},
		{"bytes are copied", false, testCopies},
		{"read error is the last pair", false, testDamage},
		{"cancelled context", false, testCancelled},
		{"break", false, testBreak},
		{"nested reads", false, testNested},
		{"command twice", false, testCommandTwice},
		{"command reused", false, testCommandReused},
		{"command twice at once", false, testCommandRace},
		{"one winner per revision", false, testWinner},
		{"eight writers on one stream", false, testWriters},
		{"whole batches only", false, testWholeBatches},
		{"subscribe", false, testSubscribe},
		{"subscribe under load", false, testSubscribeLoad},
		{"subscribe to nothing yet", false, testSubscribeEmpty},
		{"subscribe meets damage", false, testSubscribeDamage},
		{"closed", false, testClosed},
		{"close wakes subscribers", false, testCloseWakes},
		{"close lets appends finish", false, testCloseFinishes},
		{"open again", true, testReopen},
		{"command twice across opening", true, testCommandReopen},
		{"acknowledged before close", true, testAcked},
	}
	for _, c := range cases {
		if c.durable && a.Volatile {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			c.run(newFixture(t, a))
		})
	}
}

// fixture is one store under test and the words a case is written in.
type fixture struct {
	*testing.T
	adapter Adapter
	dir     string
	store   eventstore.Store
	ctx     context.Context
}

func newFixture(t *testing.T, a Adapter) *fixture {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	f := &fixture{T: t, adapter: a, dir: t.TempDir(), ctx: ctx}
	f.store = a.Open(t, f.dir)
	t.Cleanup(func() {
		cancel()
		if err := f.store.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return f
}

// reopen closes the store and opens it again.
func (f *fixture) reopen() {
	f.Helper()
	if err := f.store.Close(); err != nil {
		f.Fatalf("Close() = %v", err)
	}
	f.store = f.adapter.Open(f, f.dir)
}

// batch makes a batch with a fresh command and fresh event ids, one event for
// each piece of data.
func batch(stream string, expected int64, data ...string) eventstore.Batch {
	b := eventstore.Batch{Stream: stream, Expected: expected, Command: newID()}
	for _, d := range data {
		b.Events = append(b.Events, eventstore.Event{ID: newID(), Type: "noted.v1", Data: []byte(d)})
	}
	return b
}

func newID() string {
	var u [16]byte
	rand.Read(u[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// append appends a batch that must be taken.
func (f *fixture) append(b eventstore.Batch) int64 {
	f.Helper()
	last, err := f.store.Append(f.ctx, b)
	if err != nil {
		f.Fatalf("Append(%.40q, %d) = %v", b.Stream, b.Expected, err)
	}
	return last
}

// fill appends n events to a stream that does not exist, one by one.
func (f *fixture) fill(stream string, n int) {
	f.Helper()
	for i := range n {
		f.append(batch(stream, int64(i)-1, fmt.Sprintf("%s %d", stream, i)))
	}
}

// read is the whole of a stream, which must be readable.
func (f *fixture) read(stream string) []eventstore.Recorded {
	f.Helper()
	rs, err := collect(f, f.store.Read(f.ctx, stream, 0))
	if err != nil {
		f.Fatalf("Read(%.40q) = %v", stream, err)
	}
	return rs
}

// all is everything after a position, which must be readable.
func (f *fixture) all(after eventstore.Position) []eventstore.Recorded {
	f.Helper()
	rs, err := collect(f, f.store.All(f.ctx, after))
	if err != nil {
		f.Fatalf("All(%d) = %v", after, err)
	}
	return rs
}

// collect reads a sequence to its end, and checks that an error ends it and
// comes without an event.
func collect(t testing.TB, seq iter.Seq2[eventstore.Recorded, error]) (rs []eventstore.Recorded, err error) {
	t.Helper()
	for r, e := range seq {
		switch {
		case err != nil:
			t.Errorf("a pair (%q, %v) after the error %v", r.ID, e, err)
		case e != nil:
			err = e
			if r.ID != "" || r.Data != nil {
				t.Errorf("event %q beside the error %v", r.ID, e)
			}
		default:
			rs = append(rs, r)
		}
	}
	return rs, err
}

// data is what events carry, for messages a reader understands.
func data(rs []eventstore.Recorded) []string {
	out := make([]string, len(rs))
	for i, r := range rs {
		out[i] = string(r.Data)
	}
	return out
}
