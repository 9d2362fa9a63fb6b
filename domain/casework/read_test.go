package casework

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
	"leeway/eventstore/memory"
)

// filled is a desk with a case of four events, one of them a decision that
// rests on the registers.
func filled(t *testing.T) *desk {
	d := opened(t)
	d.note(&eligibility.SourceConnected{On: on(jan2), Source: "bank"})
	d.note(&eligibility.SourceConnected{On: on(jan2), Source: "tax"})
	d.note(&eligibility.PostHeld{On: on(jan2), Office: "town", Post: "intake", Person: "w1"})
	d.record("F1", declared(income(40000)))
	d.record("F1", granted())
	d.record("F1", &eligibility.FactsDiscovered{On: on(jan8), How: "audit", Statements: []domain.Statement{income(46000)}, Note: domain.Personal("m1", "打零工")})
	if _, err := d.StoreReplay(t.Context(), asW1, "abc", []byte(`{"b":1}`), "engine 1"); err != nil {
		t.Fatal(err)
	}
	return d
}

// reads are all ways to get at the case, the registers and the replay.
var reads = map[string]func(context.Context, *desk) error{
	"Case": func(ctx context.Context, d *desk) error { _, err := d.Case(ctx, "F1"); return err },
	"CaseAt": func(ctx context.Context, d *desk) error {
		_, err := d.CaseAt(ctx, "F1", domain.DayOf(noon))
		return err
	},
	"Events":   func(ctx context.Context, d *desk) error { _, err := d.Events(ctx, "F1"); return err },
	"Dossier":  func(ctx context.Context, d *desk) error { _, err := d.Dossier(ctx, "F1"); return err },
	"Cases":    func(ctx context.Context, d *desk) error { _, err := d.Cases(ctx); return err },
	"Totals":   func(ctx context.Context, d *desk) error { _, err := d.Totals(ctx, Which{}, 0, 0); return err },
	"Record":   func(ctx context.Context, d *desk) error { _, err := d.Record(ctx, asW1, "F1", declared()); return err },
	"Register": func(ctx context.Context, d *desk) error { _, err := d.Register(ctx); return err },
	"Note": func(ctx context.Context, d *desk) error {
		_, err := d.Note(ctx, asW1, &eligibility.SourceConnected{On: on(jan2), Source: "police"})
		return err
	},
	"StoredReplay": func(ctx context.Context, d *desk) error { _, err := d.StoredReplay(ctx, "abc"); return err },
	"StoreReplay": func(ctx context.Context, d *desk) error {
		_, err := d.StoreReplay(ctx, asW1, "abc", []byte(`{"b":1}`), "engine 1")
		return err
	},
}

// touches says which streams a way of reading comes to.
var touches = map[string][]string{
	"case-F1":          {"Case", "CaseAt", "Events", "Dossier", "Cases", "Totals", "Record"},
	"register-sources": {"Dossier", "Record", "Register", "Note"},
	"replay-abc":       {"StoredReplay", "StoreReplay"},
}

// TestSpoiledReadsGiveNoAnswer spoils one event of a stream in every way that
// somebody with write access to the store could, and reads it in every way
// there is.
func TestSpoiledReadsGiveNoAnswer(t *testing.T) {
	edit := func(f func(*eventstore.Recorded)) func(eventstore.Recorded) []eventstore.Recorded {
		return func(r eventstore.Recorded) []eventstore.Recorded { f(&r); return []eventstore.Recorded{r} }
	}
	replace := func(old, new string) func(eventstore.Recorded) []eventstore.Recorded {
		return edit(func(r *eventstore.Recorded) { r.Data = bytes.Replace(r.Data, []byte(old), []byte(new), 1) })
	}
	for _, tt := range []struct {
		name  string
		spoil func(eventstore.Recorded) []eventstore.Recorded
		want  error
	}{
		{"twice", func(r eventstore.Recorded) []eventstore.Recorded { return []eventstore.Recorded{r, r} }, eventstore.ErrCorrupt},
		{"of another stream", edit(func(r *eventstore.Recorded) { r.Stream = strings.Replace(r.Stream, "F1", "F2", 1) + "x" }), eventstore.ErrCorrupt},
		{"of another place", edit(func(r *eventstore.Recorded) { r.Revision++ }), eventstore.ErrCorrupt},
		{"with another id", edit(func(r *eventstore.Recorded) { r.ID = eventID(newID(), 0) }), domain.ErrAltered},
		{"with another type", edit(func(r *eventstore.Recorded) { r.Type = "case-closed.v1" }), domain.ErrAltered},
		{"with another command", edit(func(r *eventstore.Recorded) { r.Command = newID() }), domain.ErrAltered},
		{"without bytes", edit(func(r *eventstore.Recorded) { r.Data = nil }), domain.ErrAltered},
		{"cut", edit(func(r *eventstore.Recorded) { r.Data = r.Data[:len(r.Data)-1] }), domain.ErrAltered},
		{"longer", edit(func(r *eventstore.Recorded) { r.Data = append(r.Data, ' ') }), domain.ErrAltered},
		{"written as another's", replace(`"stream":"`, `"stream":"x`), domain.ErrAltered},
		{"written for another place", replace(`"revision":`, `"revision":1`), domain.ErrAltered},
		{"of another suite", replace(domain.Suite, "intl-9"), domain.ErrAltered},
		{"with one more field", replace(`{"suite"`, `{"x":1,"suite"`), domain.ErrAltered},
	} {
		for stream, ways := range touches {
			for _, way := range ways {
				if stream == "replay-abc" && tt.name == "of another stream" {
					continue // a list by stream cannot hold it
				}
				d := filled(t)
				d.store.reading = func(r eventstore.Recorded) []eventstore.Recorded {
					if r.Stream == stream && (r.Revision == 1 || stream == "replay-abc") {
						return tt.spoil(r)
					}
					return []eventstore.Recorded{r}
				}
				if (way == "Cases" || way == "Totals") && tt.name == "of another stream" {
					continue // it is another stream's to complain of, see below
				}
				before := d.events()
				err := reads[way](t.Context(), d)
				if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), stream) || !strings.Contains(err.Error(), "revision") {
					t.Errorf("%s of %s %s: %v; want %v with stream and revision", way, stream, tt.name, err, tt.want)
				}
				if d.events() != before {
					t.Errorf("%s of %s %s: something was recorded", way, stream, tt.name)
				}
			}
		}
	}
}

// TestGapsGiveNoAnswer leaves events out of what the store gives.
func TestGapsGiveNoAnswer(t *testing.T) {
	for stream, ways := range touches {
		if stream == "replay-abc" {
			continue // one event has no gap
		}
		for _, way := range ways {
			d := filled(t)
			d.store.reading = func(r eventstore.Recorded) []eventstore.Recorded {
				if r.Stream == stream && r.Revision == 0 {
					return nil
				}
				return []eventstore.Recorded{r}
			}
			if err := reads[way](t.Context(), d); !errors.Is(err, eventstore.ErrCorrupt) {
				t.Errorf("%s of %s with a gap: %v", way, stream, err)
			}
		}
	}
}

// TestReadErrorsReachTheCaller lets the store fail in the middle: what was
// read so far is no answer.
func TestReadErrorsReachTheCaller(t *testing.T) {
	for _, way := range []string{"Case", "CaseAt", "Events", "Dossier", "Cases", "Record"} {
		d := filled(t)
		d.store.failing = eventstore.ErrCorrupt
		if err := reads[way](t.Context(), d); !errors.Is(err, eventstore.ErrCorrupt) {
			t.Errorf("%s: %v", way, err)
		}
	}
	for _, way := range touches["register-sources"] {
		d := filled(t)
		d.store.Store.(*memory.Store).Damage("register-sources", 1)
		if err := reads[way](t.Context(), d); !errors.Is(err, eventstore.ErrCorrupt) {
			t.Errorf("%s with a damaged register: %v", way, err)
		}
	}
}

// TestUnknownEventsAreNotSkipped puts events into the streams that this
// version cannot read.
func TestUnknownEventsAreNotSkipped(t *testing.T) {
	for stream, ways := range touches {
		for _, way := range ways {
			d := filled(t)
			d.store.reading = func(r eventstore.Recorded) []eventstore.Recorded {
				if r.Stream == stream && (r.Revision == 1 || stream == "replay-abc") {
					r.Data = bytes.Replace(r.Data, []byte(r.Type), []byte("guess-made.v9"), 1)
					r.Type = "guess-made.v9"
				}
				return []eventstore.Recorded{r}
			}
			err := reads[way](t.Context(), d)
			if !errors.Is(err, eventstore.ErrCorrupt) && stream != "replay-abc" || err == nil || errors.Is(err, domain.ErrInvalid) || !strings.Contains(err.Error(), stream) {
				t.Errorf("%s of %s: %v; want ErrCorrupt, and no fault of the caller", way, stream, err)
			}
		}
	}
}

// TestEventOfAnotherRegisterIsNoticed moves the first source among the posts,
// with its place written anew: only its type tells.
func TestEventOfAnotherRegisterIsNoticed(t *testing.T) {
	d := filled(t)
	var moved *eventstore.Recorded
	d.store.reading = func(r eventstore.Recorded) []eventstore.Recorded {
		switch {
		case r.Stream == "register-sources" && moved == nil:
			copied := r
			moved = &copied
		case r.Stream == "register-posts" && r.Revision == 0:
			r.Event = moved.Event
			r.Data = bytes.Replace(r.Data, []byte(`"stream":"register-sources"`), []byte(`"stream":"register-posts"`), 1)
			r.Command = moved.Command
		}
		return []eventstore.Recorded{r}
	}
	if _, err := d.Register(t.Context()); !errors.Is(err, domain.ErrAltered) || !strings.Contains(err.Error(), "belongs to register-sources") {
		t.Errorf("Register = %v, want ErrAltered", err)
	}
}

// TestShorterRegisterGivesNoDossier cuts registers at their end, where no gap
// shows: the basis of the decision tells.
func TestShorterRegisterGivesNoDossier(t *testing.T) {
	for _, cut := range []string{"register-sources", "register-rules", "register-posts"} {
		d := filled(t)
		d.store.reading = func(r eventstore.Recorded) []eventstore.Recorded {
			if r.Stream == cut && (r.Revision == 1 || cut != "register-sources") {
				return nil
			}
			return []eventstore.Recorded{r}
		}
		if _, err := d.Dossier(t.Context(), "F1"); !errors.Is(err, eventstore.ErrCorrupt) || !strings.Contains(err.Error(), cut) {
			t.Errorf("Dossier with %s cut = %v", cut, err)
		}
	}
	d := filled(t)
	d.note(&eligibility.SourceConnected{On: on(jan2), Source: "police"})
	if got, err := d.Dossier(t.Context(), "F1"); err != nil || len(got.Register.Sources) != 3 || got.Case.Revision() != 3 {
		t.Errorf("Dossier = %+v, %v", got, err)
	}
}

func TestNotFound(t *testing.T) {
	d := filled(t)
	for name, err := range map[string]error{
		"Case":    func() error { _, err := d.Case(t.Context(), "F9"); return err }(),
		"CaseAt":  func() error { _, err := d.CaseAt(t.Context(), "F9", jan8); return err }(),
		"Events":  func() error { _, err := d.Events(t.Context(), "F9"); return err }(),
		"Dossier": func() error { _, err := d.Dossier(t.Context(), "F9"); return err }(),
		"early":   func() error { _, err := d.CaseAt(t.Context(), "F1", domain.DayOf(noon)-1); return err }(),
		"replay":  func() error { _, err := d.StoredReplay(t.Context(), "f00"); return err }(),
	} {
		if !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
}

func TestCaseAtCountsRecordedDays(t *testing.T) {
	d := opened(t)
	d.clock = noon.AddDate(0, 0, 1)
	d.record("F1", declared(income(40000)))
	d.clock = noon.AddDate(0, 0, 3)
	d.record("F1", declared(income(46000)))
	for day, want := range map[domain.Day]int{domain.DayOf(noon): 0, domain.DayOf(noon) + 1: 1, domain.DayOf(noon) + 2: 1, domain.DayOf(noon) + 3: 2} {
		c, err := d.CaseAt(t.Context(), "F1", day)
		if err != nil || len(c.Statements) != want || c.ID != "F1" {
			t.Errorf("on %s: %v, %v; want %d statements", day, c, err, want)
		}
	}
}

func TestCases(t *testing.T) {
	d := filled(t)
	d.record("B", caseOpened())
	d.record("A-中", caseOpened())
	d.record("B", &eligibility.CaseClosed{On: on(jan8), Reason: "moved"})
	got, err := d.Cases(t.Context())
	at := domain.At(noon)
	want := []Summary{
		{"A-中", "dibao", "p", "town", jan2, 1, false, false, at},
		{"B", "dibao", "p", "town", jan2, 2, false, true, at},
		{"F1", "dibao", "p", "town", jan2, 4, false, false, at},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Cases =\n%+v, %v; want\n%+v", got, err, want)
	}
	if got, err := newDesk(t).Cases(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("of an empty store: %v, %v", got, err)
	}
}
