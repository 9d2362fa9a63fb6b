package projections

import (
	"errors"
	"slices"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/review"
	"leeway/eventstore"
)

// recorded is one event as a store gives it.
func recorded(stream string, body interface{ EventType() string }) eventstore.Recorded {
	s := newStory(nil)
	env := s.envelope(stream, townWorker, body)
	return eventstore.Recorded{Event: eventstore.Event{ID: env.ID, Type: env.Type, Data: must(env.Encode())}, Stream: stream, Revision: 0, Position: 5, Created: s.clock}
}

func TestReadSortsStreams(t *testing.T) {
	jan := domain.Date(2020, 1, 2)
	for _, tt := range []struct {
		stream string
		body   interface{ EventType() string }
		id     string
		want   any
	}{
		{"case-F-1", caseOpened(jan), "F-1", &eligibility.CaseOpened{}},
		{"register-sources", &eligibility.SourceConnected{On: on(jan), Source: "bank"}, "sources", &eligibility.SourceConnected{}},
		{"review-R1", &review.Withdrawn{By: by(review.Worker, jan)}, "R1", &review.Withdrawn{}},
		{accessPrefix + "s1", &domain.Access{Kind: "read"}, "s1", &domain.Access{}},
	} {
		e := read(recorded(tt.stream, tt.body))
		if e.bad != nil || e.id != tt.id || e.body == nil || e.pos != 5 || e.Type != tt.body.EventType() {
			t.Errorf("%s: %+v", tt.stream, e)
		}
		if tt.want != nil && e.day() != jan {
			t.Errorf("%s happened on %s", tt.stream, e.day())
		}
	}
}

// TestUnreadStreamsAreNoPoison has streams that no model reads hold anything
// at all: a checkpoint passes over them.
func TestUnreadStreamsAreNoPoison(t *testing.T) {
	for _, stream := range []string{"sealed-clue-C1", "replay-x", "cases", "Case-F1", "ledger"} {
		r := recorded(stream, unheardOf{})
		r.Data = []byte("\xff no envelope")
		e := read(r)
		if e.bad != nil || e.body != nil || e.ID != r.ID || e.Stream != stream || e.RecordedAt != domain.At(r.Created) {
			t.Errorf("%s: %+v", stream, e)
		}
		for _, s := range specs {
			if s.reads(stream) {
				t.Errorf("%s reads %s", s.name, stream)
			}
		}
	}
}

func TestReadRefusesWhatIsNotInItsPlace(t *testing.T) {
	good := recorded("case-F1", caseOpened(domain.Date(2020, 1, 2)))
	for name, edit := range map[string]func(*eventstore.Recorded){
		"another stream":   func(r *eventstore.Recorded) { r.Stream = "case-F2" },
		"another revision": func(r *eventstore.Recorded) { r.Revision = 1 },
		"another id":       func(r *eventstore.Recorded) { r.ID = "00000000-0000-7000-8000-999900000000" },
		"another type":     func(r *eventstore.Recorded) { r.Type = "case-closed.v1" },
		"a byte more":      func(r *eventstore.Recorded) { r.Data = append(slices.Clone(r.Data), ' ') },
		"a byte less":      func(r *eventstore.Recorded) { r.Data = r.Data[:len(r.Data)-1] },
		"nothing":          func(r *eventstore.Recorded) { r.Data = nil },
	} {
		r := good
		edit(&r)
		e := read(r)
		if !errors.Is(e.bad, ErrPoison) || e.body != nil || e.Stream != r.Stream || e.ID != r.ID || e.Revision != r.Revision {
			t.Errorf("%s: bad %v, %+v", name, e.bad, e.Meta)
		}
	}
	if e := read(good); e.bad != nil {
		t.Errorf("as it was: %v", e.bad)
	}
}

func TestReadersOfARow(t *testing.T) {
	for _, tt := range []struct {
		visible domain.Visibility
		body    eligibility.Event
		readers []string
		town    bool // shown to everybody at the office
	}{
		{nil, &eligibility.ApplicationAccepted{}, []string{""}, true},
		{domain.Visibility{"office:town"}, &eligibility.ApplicationAccepted{}, []string{"office:town"}, true},
		{domain.Visibility{"post:a", "office:town", "post:a"}, &eligibility.ApplicationAccepted{}, []string{"office:town", "post:a"}, true},
		{domain.Visibility{"post:intake"}, &eligibility.ApplicationAccepted{}, []string{"post:intake"}, false},
		{domain.Visibility{"office:Town"}, &eligibility.ApplicationAccepted{}, []string{"office:Town"}, false},
		{nil, &eligibility.ComplaintReceived{}, []string{reviewersOnly}, false},
		{domain.Visibility{"office:organ"}, &eligibility.ComplaintReceived{}, []string{"office:organ"}, false},
	} {
		e := &event{body: tt.body}
		e.Visible = tt.visible
		if got := e.readers(); !slices.Equal(got, tt.readers) || e.shownTo("town") != tt.town {
			t.Errorf("%T for %v: readers %q, town %v", tt.body, tt.visible, got, e.shownTo("town"))
		}
	}
}

// TestEveryKindCanBeFolded folds the empty event of every kind into every
// model, before and after a case or review is open: a fold cannot fail, for
// what it is given has happened.
func TestEveryKindCanBeFolded(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	for i, id := range []string{"case-F1", "case-F2"} {
		if i == 1 {
			s.put(id, townWorker, caseOpened(domain.Date(2020, 1, 2)))
		}
		for _, e := range eligibility.Kinds() {
			s.put(id, townWorker, e)
		}
	}
	for _, e := range eligibility.RegisterKinds() {
		s.put(e.Stream(), townWorker, e)
	}
	for _, e := range review.Kinds() {
		if f, ok := e.(*review.FactVerified); ok {
			f.Value = domain.Bool(true) // no value cannot be read back
		}
		s.put("review-R1", reviewer, e)
	}
	caughtUp(t, db, s)
	if alarms, err := db.Alarms(t.Context()); len(alarms) > 0 || err != nil {
		t.Errorf("alarms %+v, %v", alarms, err)
	}
}

// TestAccessBytes holds the stored form of the access log's event.
func TestAccessBytes(t *testing.T) {
	a := domain.Access{Kind: "read", Case: "F1", Fields: []string{"address"}, Purpose: "handling", Request: "q1"}
	const want = `{"kind":"read","case":"F1","fields":["address"],"purpose":"handling","request":"q1"}`
	if got := string(must(domain.Canonical(a))); got != want || a.EventType() != "access-recorded.v1" {
		t.Errorf("%s is stored as %s", a.EventType(), got)
	}
	back, err := decodeAccess("access-recorded.v1", []byte(want))
	if err != nil || back.(*domain.Access).Fields[0] != "address" {
		t.Errorf("read back %+v, %v", back, err)
	}
	for _, wrong := range []string{`{"kind":1}`, `{"who":"x"}`, ``} {
		if _, err := decodeAccess("access-recorded.v1", []byte(wrong)); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%s was read: %v", wrong, err)
		}
	}
	if _, err := decodeAccess("access-recorded.v2", []byte(want)); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("another type was read: %v", err)
	}
}

// TestStageAfterEachEvent is the case register as a table: given what happened
// so far, when one more event comes, then the case stands there.
func TestStageAfterEachEvent(t *testing.T) {
	db, s, jan := sqliteIn(t), newStory(t), domain.Date(2020, 1, 2)
	for i, tt := range []struct {
		event  eligibility.Event
		stage  string
		amount domain.Fen
	}{
		{caseOpened(jan), "opened", 0},
		{&eligibility.ApplicationSubmitted{Taken: taken(jan)}, "applied", 0},
		{&eligibility.ApplicationNotAccepted{On: on(jan)}, "not_accepted", 0},
		{&eligibility.ApplicationAccepted{Taken: taken(jan)}, "accepted", 0},
		{&eligibility.CheckAuthorised{Taken: taken(jan)}, "accepted", 0},
		{&eligibility.HouseholdSurveyed{On: on(jan)}, "surveyed", 0},
		{&eligibility.InitialOpinion{On: on(jan), Outcome: eligibility.Granted, Amount: 9}, "proposed", 0},
		{&eligibility.PublicNoticePosted{On: on(jan)}, "on_notice", 0},
		{&eligibility.SubmittedToCounty{Taken: taken(jan)}, "submitted", 0},
		{&eligibility.DecisionMade{On: on(jan), Outcome: eligibility.Refused, From: feb}, "refused", 0},
		{&eligibility.RemedySought{Taken: taken(jan)}, "refused", 0},
		{&eligibility.RemedyDecided{On: on(jan), Upheld: true}, "refused", 0},
		{&eligibility.RemedyDecided{On: on(jan), Amount: 100, From: feb}, "granted", 100},
		{&eligibility.PaymentListApproved{On: on(jan), Month: feb, Amount: 100}, "granted", 100},
		{&eligibility.BenefitPaid{On: on(jan), Month: feb, Amount: 90}, "granted", 100},
		{&eligibility.AmountAdjusted{On: on(jan), From: feb, Amount: 200}, "granted", 200},
		{&eligibility.FactsDiscovered{On: on(jan), How: "audit"}, "granted", 200},
		{&eligibility.ExitDecided{On: on(jan), From: feb + 1}, "stopped", 0},
		{&eligibility.EmergencyPaid{On: on(jan), Month: feb, Amount: 50}, "granted", 50},
		{&eligibility.ApplicationWithdrawn{On: on(jan)}, "withdrawn", 50},
		{&eligibility.CaseClosed{On: on(jan)}, "closed", 50},
	} {
		s.put("case-F1", townWorker, tt.event)
		caughtUp(t, db, s)
		c, err := db.Desk(townWorker).Case(t.Context(), "F1")
		if err != nil || c.Stage != tt.stage || c.Amount != tt.amount {
			t.Errorf("%d: after %s the case is %s with %d, %v; want %s with %d", i, tt.event.EventType(), c.Stage, c.Amount, err, tt.stage, tt.amount)
		}
	}
}

// TestImportedHistoryIsMarked has a case whose events claim to be old.
func TestImportedHistoryIsMarked(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	s.claimed = &domain.Claim{At: domain.At(time.Date(2019, 5, 1, 9, 0, 0, 0, domain.Shanghai)), Grade: domain.GradeB}
	s.put("case-F1", townWorker, caseOpened(domain.Date(2019, 5, 1)))
	s.claimed = nil
	caughtUp(t, db, s)
	c, err := db.Desk(townWorker).Case(t.Context(), "F1")
	steps, stepsErr := db.Desk(townWorker).Timeline(t.Context(), "F1", Ask{})
	if err != nil || stepsErr != nil || !c.Imported || steps.Rows[0].Grade != domain.GradeB || steps.Rows[0].Known != domain.Date(2019, 5, 1) || steps.Rows[0].Late != 0 {
		t.Errorf("case %+v, steps %+v, %v, %v", c, steps.Rows, err, stepsErr)
	}
}

// FuzzRead gives any bytes to the reader of events, under every kind of stream:
// what it refuses is poison, what it takes has a body, and models can name
// the rows they would read.
func FuzzRead(f *testing.F) {
	for i, stream := range fuzzStreams {
		f.Add(uint8(i), recorded(stream, caseOpened(domain.Date(2020, 1, 2))).Data)
	}
	f.Add(uint8(0), recorded("case-F1", &eligibility.PublicNoticePosted{}).Data)
	f.Add(uint8(2), recorded("review-R1", &review.Withdrawn{}).Data)
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		env, _ := domain.DecodeEnvelope(data) // the store's own columns agree with the bytes
		stream := fuzzStreams[int(kind)%len(fuzzStreams)]
		r := eventstore.Recorded{Event: eventstore.Event{ID: env.ID, Type: env.Type, Data: data}, Stream: stream, Revision: env.Revision, Position: 1}
		e := read(r)
		if (e.bad == nil) != (e.body != nil) && decoder(stream) != nil {
			t.Fatalf("bad %v, body %v", e.bad, e.body)
		}
		if e.bad != nil && !errors.Is(e.bad, ErrPoison) {
			t.Fatal(e.bad)
		}
		for _, s := range specs {
			s.make(Options{}).want(e) // names rows of whatever it is
		}
	})
}

// fuzzStreams is one stream of every kind.
var fuzzStreams = []string{"case-F1", "register-posts", "review-R1", "access-2020-01-02", "clue-C1"}
