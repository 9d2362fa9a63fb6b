package casework

import (
	"encoding/json"
	"errors"
	"testing"

	"leeway/domain"
	"leeway/eventstore"
)

const trace = `{"months":[{"b":"<198>","p":378}]}`

func TestReplayIsStoredOnce(t *testing.T) {
	d := newDesk(t)
	first, err := d.StoreReplay(t.Context(), asW1, "abc", json.RawMessage(trace), "engine 1")
	if err != nil || first.Stream != "replay-abc" || first.Revision != 0 {
		t.Fatalf("StoreReplay = %+v, %v", first, err)
	}
	got, err := d.StoredReplay(t.Context(), "abc")
	if err != nil || string(got.Trace) != trace || got.Engine != "engine 1" || got.Digest != "abc" {
		t.Errorf("StoredReplay = %+v, %v", got, err)
	}
	again, err := d.StoreReplay(t.Context(), asA1, "abc", json.RawMessage(trace), "engine 2")
	if err != nil || again != first {
		t.Errorf("the same trace of another engine: %+v, %v; want %+v", again, err, first)
	}
	if _, err := d.StoreReplay(t.Context(), asW1, "abc", json.RawMessage(`{"months":[]}`), "engine 1"); !errors.Is(err, ErrReplayDiffers) {
		t.Errorf("another trace: %v, want ErrReplayDiffers", err)
	}
	if _, err := d.StoreReplay(t.Context(), asW1, "abd", json.RawMessage(`{"months":[]}`), "engine 1"); err != nil {
		t.Errorf("of other inputs: %v", err)
	}
	if n := d.events(); n != 2 {
		t.Errorf("%d events on record, want 2", n)
	}
}

func TestReplayFaults(t *testing.T) {
	for _, tt := range []struct{ name, digest, trace, engine, field string }{
		{"no digest", "", trace, "e", "digest, engine"},
		{"no engine", "abc", trace, "", "digest, engine"},
		{"no trace", "abc", "", "e", "trace"},
		{"no JSON", "abc", "{", "e", "trace"},
		{"spaces", "abc", `{"a": 1}`, "e", "trace"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newDesk(t).StoreReplay(t.Context(), asW1, tt.digest, json.RawMessage(tt.trace), tt.engine)
			wantFault(t, err, tt.field, "")
		})
	}
	if _, err := newDesk(t).StoreReplay(t.Context(), Request{}, "abc", json.RawMessage(trace), "e"); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("by nobody: %v", err)
	}
}

// TestReplayRace lets another program store first.
func TestReplayRace(t *testing.T) {
	for theirs, want := range map[string]error{trace: nil, `{"months":[]}`: ErrReplayDiffers} {
		d := newDesk(t)
		other := &Service{Store: d.store.Store, Now: d.Now}
		d.store.appending = func(eventstore.Batch) error {
			d.store.appending = nil
			_, err := other.StoreReplay(t.Context(), asA1, "abc", json.RawMessage(theirs), "engine 1")
			return err
		}
		if r, err := d.StoreReplay(t.Context(), asW1, "abc", json.RawMessage(trace), "engine 1"); !errors.Is(err, want) {
			t.Errorf("StoreReplay = %+v, %v; want %v", r, err, want)
		}
	}
}
