package main

import (
	"context"
	"errors"

	"leeway/domain"
	"leeway/domain/names"
	"leeway/eventstore"
	"leeway/ledger"
)

// wireBatch is a batch as it goes over the socket. Data are base64: they are
// any bytes.
type wireBatch struct {
	Stream   string      `json:"stream"`
	Expected int64       `json:"expected"`
	Command  string      `json:"command"`
	Events   []wireEvent `json:"events"`
}

type wireEvent struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Data []byte `json:"data"`
}

func newWireBatch(b eventstore.Batch) wireBatch {
	w := wireBatch{b.Stream, b.Expected, b.Command, make([]wireEvent, len(b.Events))}
	for i, e := range b.Events {
		w.Events[i] = wireEvent(e)
	}
	return w
}

func (w wireBatch) batch() eventstore.Batch {
	b := eventstore.Batch{Stream: w.Stream, Expected: w.Expected, Command: w.Command}
	for _, e := range w.Events {
		b.Events = append(b.Events, eventstore.Event(e))
	}
	return b
}

// wireAnswer is what became of an append.
type wireAnswer struct {
	Last  int64  `json:"last"`
	Kind  string `json:"kind,omitempty"` // of error, by the names of wireErrors
	Error string `json:"error,omitempty"`
	// In both languages, as far as there are words for it: who asked knows which
	// is his.
	Wrong domain.Text `json:"wrong,omitzero"`
	Mend  domain.Text `json:"mend,omitzero"`
}

// wireCosigned is what became of the answer of a witness.
type wireCosigned struct {
	wireAnswer
	Sealed ledger.Sealed `json:"sealed"`
}

// wireErrors are the errors that keep their meaning over the socket. The first
// that matches counts.
var wireErrors = []struct {
	name string
	is   error
}{
	{"conflict", eventstore.ErrConflict},
	{"command-reused", eventstore.ErrCommandReused},
	{"invalid", eventstore.ErrInvalid},
	{"poisoned", eventstore.ErrPoisoned},
	{"locked", eventstore.ErrLocked},
	{"read-only", eventstore.ErrReadOnly},
	{"corrupt", eventstore.ErrCorrupt},
	{"closed", eventstore.ErrClosed},
	{"unknown", eventstore.ErrUnknown},
	{"unavailable", eventstore.ErrUnavailable},
	{"denied", eventstore.ErrDenied},
	{"cancelled", context.Canceled},
	{"malformed", ledger.ErrMalformed},
	{"untrusted", ledger.ErrUntrusted},
	{"no-checkpoint", ledger.ErrNoCheckpoint},
	{"rewritten", ledger.ErrRewritten},
}

// newWireAnswer puts an outcome into words for the other side.
func newWireAnswer(last int64, err error) wireAnswer {
	if err == nil {
		return wireAnswer{Last: last}
	}
	a := wireAnswer{Kind: "other", Error: err.Error()}
	for _, known := range wireErrors {
		if errors.Is(err, known.is) {
			a.Kind = known.name
			break
		}
	}
	zh, ok := names.Explain(err, "zh")
	if en, _ := names.Explain(err, "en"); ok {
		a.Wrong, a.Mend = domain.Text{ZH: zh.Wrong, EN: en.Wrong}, domain.Text{ZH: zh.Mend, EN: en.Mend}
	}
	return a
}

// wireError is an error of the server with its own words, and the sentinel
// that it wraps over there.
type wireError struct {
	text string
	is   error
	said domain.Parts
}

// Error is what the server said.
func (e *wireError) Error() string { return e.text }

// Unwrap leads to the sentinel.
func (e *wireError) Unwrap() error { return e.is }

// saidError is a wireError that the server has put into words.
type saidError struct{ wireError }

// Parts are the server's words.
func (e *saidError) Parts() domain.Parts { return e.said }

func (a wireAnswer) err() error {
	if a.Error == "" {
		return nil
	}
	e := &saidError{wireError{text: a.Error}}
	for _, known := range wireErrors {
		if known.name == a.Kind {
			e.is = known.is
		}
	}
	if a.Wrong == (domain.Text{}) {
		return &e.wireError
	}
	e.said = domain.Parts{Wrong: domain.Say("%s", a.Wrong), Mend: domain.Say("%s", a.Mend)}
	return e
}
