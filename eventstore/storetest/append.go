package storetest

import (
	"errors"
	"slices"
	"strings"

	"leeway/eventstore"
)

// testConflict: an expectation that does not hold is ErrConflict, whichever
// way it is wrong, and leaves no trace.
func testConflict(f *fixture) {
	f.fill("s", 3)
	for _, tt := range []struct {
		stream   string
		expected int64
	}{
		{"s", eventstore.NoStream}, {"s", 0}, {"s", 1}, {"s", 3}, {"s", 1 << 40}, {"none", 0}, {"none", 5},
	} {
		b := batch(tt.stream, tt.expected, "lost")
		if _, err := f.store.Append(f.ctx, b); !errors.Is(err, eventstore.ErrConflict) {
			f.Errorf("Append(%s, %d) = %v, want ErrConflict", tt.stream, tt.expected, err)
		}
		// The command was not carried out, so it is free to be.
		if tt.stream == "none" {
			continue
		}
		b.Expected = int64(len(f.read("s"))) - 1
		if got := f.append(b); got != b.Expected+1 {
			f.Errorf("after the conflict the same command = %d, want %d", got, b.Expected+1)
		}
	}
	if got := len(f.read("s")); got != 8 {
		f.Errorf("the stream holds %d events, want 8", got)
	}
	if got := len(f.read("none")); got != 0 {
		f.Errorf("the stream that was not begun holds %d events", got)
	}
}

// testAllOrNone: when one event of a batch is refused, none of it is there.
func testAllOrNone(f *fixture) {
	f.append(batch("s", eventstore.NoStream, "0"))
	taken := f.read("s")[0].ID

	b := batch("s", 0, "1", "2", "3")
	b.Events[2].ID = taken
	if _, err := f.store.Append(f.ctx, b); !errors.Is(err, eventstore.ErrInvalid) {
		f.Errorf("a batch whose last event id is taken = %v, want ErrInvalid", err)
	}
	if _, err := f.store.Append(f.ctx, batch("s", eventstore.NoStream, "1", "2")); !errors.Is(err, eventstore.ErrConflict) {
		f.Errorf("a stale batch = %v, want ErrConflict", err)
	}
	if got := data(f.all(eventstore.Start)); !slices.Equal(got, []string{"0"}) {
		f.Fatalf("the store holds %q, want only the first event", got)
	}
	// Nothing of the refused batch stands in the way of the right one.
	b.Events[2].ID = newID()
	if got := f.append(b); got != 3 {
		f.Errorf("the corrected batch = %d, want 3", got)
	}
}

// testInvalid: an adapter refuses what Validate refuses, whatever its
// database would take.
func testInvalid(f *fixture) {
	for _, tt := range []struct {
		name string
		edit func(*eventstore.Batch)
	}{
		{"no stream", func(b *eventstore.Batch) { b.Stream = "" }},
		{"NUL", func(b *eventstore.Batch) { b.Stream = "s\x00t" }},
		{"broken UTF-8", func(b *eventstore.Batch) { b.Stream = "s\xc3\x28" }},
		{"reserved", func(b *eventstore.Batch) { b.Stream = "$all" }},
		{"too long", func(b *eventstore.Batch) { b.Stream = strings.Repeat("长", eventstore.MaxName) }},
		{"no command", func(b *eventstore.Batch) { b.Command = "" }},
		{"no events", func(b *eventstore.Batch) { b.Events = nil }},
		{"no type", func(b *eventstore.Batch) { b.Events[0].Type = "" }},
		{"no id", func(b *eventstore.Batch) { b.Events[0].ID = "" }},
		{"any revision", func(b *eventstore.Batch) { b.Expected = -2 }},
	} {
		b := batch("s", eventstore.NoStream, "x")
		tt.edit(&b)
		if _, err := f.store.Append(f.ctx, b); !errors.Is(err, eventstore.ErrInvalid) {
			f.Errorf("%s: Append = %v, want ErrInvalid", tt.name, err)
		}
	}
	if got := data(f.all(eventstore.Start)); len(got) != 0 {
		f.Errorf("the store holds %q, want nothing", got)
	}
}

// testEventID: an event id names one event of the whole store.
func testEventID(f *fixture) {
	first := batch("a", eventstore.NoStream, "0")
	f.append(first)
	for _, stream := range []string{"a", "b"} {
		b := batch(stream, int64(len(f.read(stream)))-1, "copy")
		b.Events[0].ID = first.Events[0].ID
		if _, err := f.store.Append(f.ctx, b); !errors.Is(err, eventstore.ErrInvalid) {
			f.Errorf("the id of an event on record, appended to %s = %v, want ErrInvalid", stream, err)
		}
	}
	if got := data(f.all(eventstore.Start)); !slices.Equal(got, []string{"0"}) {
		f.Errorf("the store holds %q", got)
	}
}
