package eventstore_test

import (
	"errors"
	"strings"
	"testing"

	"leeway/eventstore"
)

const (
	idA = "0198c0de-0000-7000-8000-00000000000a"
	idB = "0198c0de-0000-7000-8000-00000000000b"
)

func valid() eventstore.Batch {
	return eventstore.Batch{
		Stream: "case-2019-0042", Expected: eventstore.NoStream, Command: "c1",
		Events: []eventstore.Event{{ID: idA, Type: "case-opened.v1"}},
	}
}

func TestValidateTakes(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*eventstore.Batch)
	}{
		{"the smallest batch", func(*eventstore.Batch) {}},
		{"Chinese names", func(b *eventstore.Batch) { b.Stream, b.Command = "案件-黔江/二〇一九", "命令-1" }},
		{"separators and quotes", func(b *eventstore.Batch) { b.Stream = `a-b/c%d'e"f;--` }},
		{"the longest name", func(b *eventstore.Batch) { b.Stream = strings.Repeat("s", eventstore.MaxName) }},
		{"a dollar inside", func(b *eventstore.Batch) { b.Stream = "a$b" }},
		{"a revision", func(b *eventstore.Batch) { b.Expected = 7 }},
		{"as much data as fits", func(b *eventstore.Batch) { b.Events[0].Data = make([]byte, eventstore.MaxBatch) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := valid()
			tt.edit(&b)
			if err := b.Validate(); err != nil {
				t.Errorf("Validate() = %v, want nil", err)
			}
		})
	}
}

func TestValidateRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*eventstore.Batch)
		want string // what the message must say, so that the caller finds it
	}{
		{"no stream", func(b *eventstore.Batch) { b.Stream = "" }, "stream name"},
		{"no command", func(b *eventstore.Batch) { b.Command = "" }, "command name"},
		{"no type", func(b *eventstore.Batch) { b.Events[0].Type = "" }, "event type"},
		{"NUL in the stream", func(b *eventstore.Batch) { b.Stream = "a\x00b" }, "control"},
		{"line break in the stream", func(b *eventstore.Batch) { b.Stream = "a\nb" }, "control"},
		{"NEL in the stream", func(b *eventstore.Batch) { b.Stream = "a\u0085b" }, "control"},
		{"broken UTF-8", func(b *eventstore.Batch) { b.Stream = "a\xff" }, "UTF-8"},
		{"reserved stream", func(b *eventstore.Batch) { b.Stream = "$all" }, "reserved"},
		{"reserved type", func(b *eventstore.Batch) { b.Events[0].Type = "$metadata" }, "reserved"},
		{"too long a name", func(b *eventstore.Batch) { b.Stream = strings.Repeat("s", eventstore.MaxName+1) }, "longer"},
		{"no events", func(b *eventstore.Batch) { b.Events = nil }, "no events"},
		{"revision below NoStream", func(b *eventstore.Batch) { b.Expected = -2 }, "-2"},
		{"no event id", func(b *eventstore.Batch) { b.Events[0].ID = "" }, "UUID"},
		{"upper-case event id", func(b *eventstore.Batch) { b.Events[0].ID = strings.ToUpper(idA) }, "UUID"},
		{"braced event id", func(b *eventstore.Batch) { b.Events[0].ID = "{" + idA + "}" }, "UUID"},
		{"hyphen out of place", func(b *eventstore.Batch) { b.Events[0].ID = "0198c0de00007000-8000-0000-00000000000a"[:36] }, "UUID"},
		{"one id twice", func(b *eventstore.Batch) { b.Events = append(b.Events, b.Events[0]) }, "twice"},
		{"too much data", func(b *eventstore.Batch) {
			half := make([]byte, eventstore.MaxBatch/2+1)
			b.Events = []eventstore.Event{{ID: idA, Type: "t", Data: half}, {ID: idB, Type: "t", Data: half}}
		}, "bytes of data"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := valid()
			tt.edit(&b)
			err := b.Validate()
			if !errors.Is(err, eventstore.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Validate() = %v, want ErrInvalid that says %q", err, tt.want)
			}
		})
	}
}

func TestSame(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*eventstore.Batch)
		want bool
	}{
		{"itself", func(*eventstore.Batch) {}, true},
		{"another expectation", func(b *eventstore.Batch) { b.Expected = 3 }, true},
		{"nil data for empty data", func(b *eventstore.Batch) { b.Events[0].Data = []byte{} }, true},
		{"another command", func(b *eventstore.Batch) { b.Command = "c2" }, false},
		{"another stream", func(b *eventstore.Batch) { b.Stream = "s2" }, false},
		{"another event id", func(b *eventstore.Batch) { b.Events[0].ID = idB }, false},
		{"another type", func(b *eventstore.Batch) { b.Events[0].Type = "case-opened.v2" }, false},
		{"other data", func(b *eventstore.Batch) { b.Events[0].Data = []byte("x") }, false},
		{"one event more", func(b *eventstore.Batch) {
			b.Events = append(b.Events, eventstore.Event{ID: idB, Type: "t"})
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := valid()
			tt.edit(&b)
			if got := valid().Same(b); got != tt.want {
				t.Errorf("Same = %v, want %v", got, tt.want)
			}
		})
	}
}
