package esdb

import (
	"errors"
	"testing"

	"leeway/eventstore"
)

func isOver(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestClaims: who asks for what another append has claimed waits for it, and
// finds out what became of it.
func TestClaims(t *testing.T) {
	for name, tt := range map[string]struct {
		outcome error
		unknown bool
		// what the same batch is told when it asks again
		place, flight bool
		// what another command with the same event id is told
		otherErr error
	}{
		"taken":     {nil, false, true, false, nil}, // the id is found in prepare
		"refused":   {eventstore.ErrConflict, false, false, true, nil},
		"not known": {eventstore.ErrUnknown, true, false, true, eventstore.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			x := newIndex()
			b := batch("s", eventstore.NoStream, "0", "1")
			other := batch("t", eventstore.NoStream, "x")
			other.Events[0].ID = b.Events[1].ID
			first := x.claim(b)
			if first.flight == nil {
				t.Fatalf("claim = %+v", first)
			}
			again, elsewhere := x.claim(b), x.claim(other)
			if again.wait == nil || elsewhere.wait == nil || isOver(again.wait) {
				t.Fatalf("claims in between = %+v, %+v, want to wait", again, elsewhere)
			}
			x.land(first.flight, tt.outcome, tt.unknown)
			if !isOver(again.wait) || !isOver(elsewhere.wait) {
				t.Error("the flight is not over")
			}
			if c := x.claim(other); !errors.Is(c.err, tt.otherErr) {
				t.Errorf("the other is told %+v", c)
			} else if c.flight != nil {
				x.land(c.flight, eventstore.ErrConflict, false)
			}
			if c := x.claim(b); (c.place != nil) != tt.place || (c.flight != nil) != tt.flight {
				t.Errorf("again is told %+v", c)
			}
		})
	}
}

// TestLookup: what is on record is found by its command and by its ids, once
// its batch is.
func TestLookup(t *testing.T) {
	x := newIndex()
	b := batch("s", eventstore.NoStream, "0", "1")
	if at, id := x.lookup(b); at != nil || id != "" || x.last("s") != eventstore.NoStream {
		t.Errorf("nothing yet: %v, %q", at, id)
	}
	x.land(x.claim(b).flight, nil, false)
	if at, _ := x.lookup(b); at == nil || *at != (place{"s", 0}) || x.last("s") != 1 {
		t.Errorf("the command is at %v, the stream at %d", at, x.last("s"))
	}
	other := batch("t", eventstore.NoStream, "x")
	other.Events[0].ID = b.Events[1].ID
	if at, id := x.lookup(other); at != nil || id != b.Events[1].ID {
		t.Errorf("the id is at %v, %q", at, id)
	}
}

// TestSeeTwice: the subscription brings what was noted before, and changes
// nothing.
func TestSeeTwice(t *testing.T) {
	x := newIndex()
	b := batch("s", eventstore.NoStream, "0", "1")
	x.land(x.claim(b).flight, nil, false)
	for i, e := range b.Events {
		x.see(eventstore.Recorded{Event: e, Stream: "s", Revision: int64(i), Command: b.Command})
	}
	if at, _ := x.lookup(b); *at != (place{"s", 0}) || x.last("s") != 1 || len(x.ids) != 2 || len(x.flights)+len(x.claimed) != 0 {
		t.Errorf("the index is %+v", x)
	}
}

// TestUnknownSettles: the stream shows what became of a flight that nobody
// knew the outcome of, whichever way it went.
func TestUnknownSettles(t *testing.T) {
	for name, tt := range map[string]struct {
		stream string
		rev    int64
		itself bool
		kept   bool // the claim
	}{
		"itself":           {"s", 0, true, false},
		"another":          {"s", 0, false, false},
		"a later one":      {"s", 3, false, false},
		"another stream's": {"t", 0, false, true},
	} {
		x := newIndex()
		b := batch("s", eventstore.NoStream, "0")
		x.land(x.claim(b).flight, eventstore.ErrUnknown, true)
		r := eventstore.Recorded{Event: batch("", 0, "x").Events[0], Stream: tt.stream, Revision: tt.rev, Command: newID()}
		if tt.itself {
			r.Event, r.Command = b.Events[0], b.Command
		}
		x.see(r)
		if _, kept := x.flights[b.Command]; kept != tt.kept || len(x.unknown) > 0 != tt.kept || len(x.claimed) > 0 != tt.kept {
			t.Errorf("%s: the claim is kept: %v", name, kept)
		}
		if _, on := x.commands[b.Command]; on != tt.itself {
			t.Errorf("%s: the command is on record: %v", name, on)
		}
	}
}

// TestUnknownTooLate: a flight whose place was taken while it flew claims
// nothing when it lands.
func TestUnknownTooLate(t *testing.T) {
	x := newIndex()
	b := batch("s", eventstore.NoStream, "0")
	f := x.claim(b).flight
	x.see(eventstore.Recorded{Event: batch("", 0, "x").Events[0], Stream: "s", Command: newID()})
	x.land(f, eventstore.ErrUnknown, true)
	if len(x.flights)+len(x.claimed)+len(x.unknown) != 0 {
		t.Errorf("the index is %+v", x)
	}
}

// TestUnknownOfOtherContent: under the id of a command that may be on record
// nothing else is begun.
func TestUnknownOfOtherContent(t *testing.T) {
	x := newIndex()
	b := batch("s", eventstore.NoStream, "0")
	x.land(x.claim(b).flight, eventstore.ErrUnknown, true)
	other := b
	other.Stream = "t"
	if c := x.claim(other); !errors.Is(c.err, eventstore.ErrCommandReused) {
		t.Errorf("claim = %+v, want ErrCommandReused", c)
	}
	b.Expected = 4
	if c := x.claim(b); c.flight == nil {
		t.Errorf("the retry is told %+v", c)
	}
}

// TestBroken: an index that knows too little refuses, until it knows enough.
func TestBroken(t *testing.T) {
	x := newIndex()
	x.open(eventstore.ErrCorrupt)
	b := batch("s", eventstore.NoStream, "0")
	if c := x.claim(b); !errors.Is(c.err, eventstore.ErrCorrupt) || !isOver(x.ready) {
		t.Errorf("claim = %+v, want ErrCorrupt", c)
	}
	x.open(nil)
	if c := x.claim(b); c.flight == nil {
		t.Errorf("then claim = %+v", c)
	}
}
