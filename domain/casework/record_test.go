package casework

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
)

func TestRecordGivesAReceipt(t *testing.T) {
	d := opened(t)
	d.clock = noon.Add(time.Hour)
	command := uuid.NewString()
	req := Request{Command: command, Actor: w1, Visible: domain.Visibility{"office:town"}}
	got, err := d.Record(t.Context(), req, "F1", declared(income(40000)))
	want := Receipt{EventID: uuid.NewSHA1(uuid.MustParse(command), []byte{0}).String(), Command: command, Stream: "case-F1", Revision: 1, RecordedAt: domain.At(d.clock)}
	if err != nil || got != want {
		t.Errorf("Record = %+v, %v; want %+v", got, err, want)
	}
	e := d.timeline("F1")[1]
	if e.ID != want.EventID || e.Command != command || e.Type != "declaration-signed.v1" || e.Actor != w1 || e.RecordedAt != want.RecordedAt ||
		!slices.Equal(e.Visible, req.Visible) || e.Claimed != nil || e.Basis != nil || e.Suite != domain.Suite {
		t.Errorf("on record as %+v", e.Meta)
	}
	c, err := d.Case(t.Context(), "F1")
	if err != nil || c.ID != "F1" || c.Revision() != 1 || c.Statements[0].Value != domain.Money(40000) {
		t.Errorf("Case = %+v, %v", c, err)
	}
}

func TestEveryCommandReadsTheClockOnce(t *testing.T) {
	d := opened(t)
	d.reads = 0
	d.record("F1", declared(income(1)))
	if d.reads != 1 {
		t.Errorf("the clock was read %d times", d.reads)
	}
}

func TestRecordedAtNeverGoesBack(t *testing.T) {
	d := opened(t)
	d.clock = noon.Add(-time.Minute)
	if r := d.record("F1", declared()); r.RecordedAt != domain.At(noon) {
		t.Errorf("recorded at %s, before the case's last event at %s", r.RecordedAt, noon)
	}
	if r := d.record("F2", caseOpened()); r.RecordedAt != domain.At(d.clock) {
		t.Errorf("another stream was recorded at %s, want the clock's %s", r.RecordedAt, d.clock)
	}
}

func TestCommandAgainIsARetry(t *testing.T) {
	d := opened(t)
	req := Request{Command: uuid.NewString(), Actor: w1}
	found := func(note string) eligibility.Event {
		return &eligibility.FactsDiscovered{On: on(jan8), How: "audit", Statements: []domain.Statement{income(46000)}, Note: domain.Personal("m1", note)}
	}
	first, err := d.Record(t.Context(), req, "F1", found("x"))
	if err != nil {
		t.Fatal(err)
	}
	d.clock = noon.Add(time.Hour)
	d.record("F1", declared())
	before := d.events()
	if again, err := d.Record(t.Context(), req, "F1", found("x")); err != nil || again != first {
		t.Errorf("the same again: %+v, %v; want %+v", again, err, first)
	}
	other := req
	other.Actor = a1
	seen := req
	seen.Visible = domain.Visibility{"post:auditor"}
	for name, try := range map[string]func() (Receipt, error){
		"another text":       func() (Receipt, error) { return d.Record(t.Context(), req, "F1", found("y")) },
		"no text":            func() (Receipt, error) { return d.Record(t.Context(), req, "F1", found("")) },
		"another event":      func() (Receipt, error) { return d.Record(t.Context(), req, "F1", declared()) },
		"another actor":      func() (Receipt, error) { return d.Record(t.Context(), other, "F1", found("x")) },
		"another visibility": func() (Receipt, error) { return d.Record(t.Context(), seen, "F1", found("x")) },
		"another case":       func() (Receipt, error) { return d.Record(t.Context(), req, "F2", caseOpened()) },
		"a register": func() (Receipt, error) {
			return d.Note(t.Context(), req, &eligibility.SourceConnected{On: on(jan2), Source: "bank"})
		},
	} {
		if r, err := try(); !errors.Is(err, eventstore.ErrCommandReused) {
			t.Errorf("%s: %+v, %v; want ErrCommandReused", name, r, err)
		}
	}
	if after := d.events(); after != before {
		t.Errorf("retries added %d events", after-before)
	}
	d.Sealer = sealer{lost: []string{"F1/m1"}}
	if again, err := d.Record(t.Context(), req, "F1", found("x")); err != nil || again != first {
		t.Errorf("with the key lost: %+v, %v; want %+v", again, err, first)
	}
}

func TestNoteAgainIsARetry(t *testing.T) {
	d := newDesk(t)
	req := Request{Command: uuid.NewString(), Actor: w1}
	connected := func(source string) eligibility.RegisterEvent {
		return &eligibility.SourceConnected{On: on(jan2), Source: source}
	}
	first, err := d.Note(t.Context(), req, connected("bank"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := d.Note(t.Context(), req, connected("bank")); err != nil || again != first {
		t.Errorf("the same again: %+v, %v; want %+v", again, err, first)
	}
	if _, err := d.Note(t.Context(), req, connected("tax")); !errors.Is(err, eventstore.ErrCommandReused) {
		t.Errorf("another source: %v, want ErrCommandReused", err)
	}
}

func TestRetryOfADecisionForgivesOtherAdvice(t *testing.T) {
	d := opened(t)
	req := Request{Command: uuid.NewString(), Actor: a1}
	d.Advise = advice(37800)
	first, err := d.Record(t.Context(), req, "F1", granted())
	if err != nil {
		t.Fatal(err)
	}
	d.Advise = advice(19800)
	if again, err := d.Record(t.Context(), req, "F1", granted()); err != nil || again != first {
		t.Errorf("the same again: %+v, %v; want %+v", again, err, first)
	}
	if a := d.timeline("F1")[1].Event.(*eligibility.DecisionMade).Advice; a.Outcome.Min() != 37800 {
		t.Errorf("the advice on record became %v", a.Outcome)
	}
}

// TestConflictDecidesAgain lets somebody else record first, n times.
func TestConflictDecidesAgain(t *testing.T) {
	for n := range tries + 1 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			d := opened(t)
			other := &Service{Store: d.store.Store, Rules: library{}, Sealer: sealer{}, Now: d.Now}
			left := n
			d.store.appending = func(eventstore.Batch) error {
				if left--; left < 0 {
					return nil
				}
				_, err := other.Record(t.Context(), asW1, "F1", declared(income(int64(left))))
				return err
			}
			r, err := d.Record(t.Context(), asA1, "F1", granted())
			if n == tries {
				if !errors.Is(err, eventstore.ErrConflict) {
					t.Errorf("Record = %+v, %v; want ErrConflict after %d tries", r, err, tries)
				}
				return
			}
			if err != nil || r.Revision != int64(n)+1 {
				t.Fatalf("Record = %+v, %v; want revision %d", r, err, n+1)
			}
			if got := d.timeline("F1")[n+1].Basis[0]; got != (domain.Read{Stream: "case-F1", Revision: int64(n)}) {
				t.Errorf("rests on %+v, want what was read last", got)
			}
		})
	}
}

func TestConflictCanTurnIntoARefusal(t *testing.T) {
	d := opened(t)
	other := &Service{Store: d.store.Store, Rules: library{}, Sealer: sealer{}, Now: d.Now}
	d.store.appending = func(eventstore.Batch) error {
		_, err := other.Record(t.Context(), asW1, "F1", &eligibility.CaseClosed{On: on(jan8), Reason: "moved"})
		d.store.appending = nil
		return err
	}
	if r, err := d.Record(t.Context(), asW1, "F1", declared()); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("Record = %+v, %v; the case was closed meanwhile", r, err)
	}
}

// TestBasis records every kind of event: acts that are judged by what was
// known store it, others do not.
func TestBasis(t *testing.T) {
	acts := map[string]eligibility.Event{
		"decision-made.v1":            granted(),
		"amount-adjusted.v1":          &eligibility.AmountAdjusted{On: on(jan8), Amount: 1, From: feb},
		"exit-decided.v1":             &eligibility.ExitDecided{On: on(jan8), From: feb},
		"payment-list-approved.v1":    &eligibility.PaymentListApproved{On: on(jan8), Month: feb, Amount: 1},
		"emergency-paid.v1":           &eligibility.EmergencyPaid{On: on(jan8), Month: feb, Amount: 1},
		"remedy-decided.v1":           &eligibility.RemedyDecided{On: on(jan8), From: feb, Amount: 1},
		"application-not-accepted.v1": &eligibility.ApplicationNotAccepted{On: on(jan8), Reason: "area"},
		"oral-refusal-alleged.v1":     &eligibility.OralRefusalAlleged{On: on(jan8), By: "m1"},
		"application-withdrawn.v1":    &eligibility.ApplicationWithdrawn{On: on(jan8), By: "m1"},
		"benefit-paid.v1":             &eligibility.BenefitPaid{On: on(jan8), Month: feb, Amount: 1},
		"initial-opinion.v1":          &eligibility.InitialOpinion{On: on(jan8), Outcome: eligibility.Granted, Amount: 1},
	}
	for name, e := range acts {
		d := opened(t)
		d.note(&eligibility.PostHeld{On: on(jan2), Office: "town", Post: "intake", Person: "w1"})
		d.note(&eligibility.PostHeld{On: on(jan2), Office: "town", Post: "clerk", Person: "w2"})
		if _, err := d.Record(t.Context(), asA1, "F1", e); err != nil {
			t.Fatal(err)
		}
		want := domain.Basis{{Stream: "case-F1", Revision: 0}, {Stream: "register-sources", Revision: -1}, {Stream: "register-rules", Revision: 0},
			{Stream: "register-posts", Revision: 1}}
		if got := d.timeline("F1")[1].Basis; !slices.Equal(got, want) {
			t.Errorf("%s rests on %v, want %v", name, got, want)
		}
	}
	for _, k := range eligibility.Kinds() {
		if _, act := acts[k.EventType()]; restsOn(k) != act {
			t.Errorf("%s stores its basis: %v", k.EventType(), restsOn(k))
		}
	}
}

func TestRequestFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		req   Request
		id    string
		field string
	}{
		{"a command that is no UUID", Request{Command: "c1", Actor: w1}, "F1", "command"},
		{"a command in capitals", Request{Command: "0198C0DE-0000-7000-8000-00000000000A", Actor: w1}, "F1", "command"},
		{"nobody", Request{}, "F1", "actor"},
		{"no post", Request{Actor: domain.Actor{Person: "w1", Office: "town"}}, "F1", "actor"},
		{"visible to a person", Request{Actor: w1, Visible: domain.Visibility{"office:town", "person:w1"}}, "F1", "visible[1]"},
		{"visible to no office", Request{Actor: w1, Visible: domain.Visibility{"office:"}}, "F1", "visible[0]"},
		{"no case", asW1, "", "case"},
		{"a line break in the case", asW1, "F1\n", "case"},
		{"too long a case", asW1, string(make([]byte, 300)), "case"},
		{"a case that is no text", asW1, "\xff", "case"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := opened(t)
			before := d.events()
			_, err := d.Record(t.Context(), tt.req, tt.id, declared())
			wantFault(t, err, tt.field, "")
			if d.events() != before {
				t.Error("something was recorded")
			}
		})
	}
	for _, id := range []string{"二〇一九/张", "a-b%2F", "register-rules", "$1"} {
		d := opened(t)
		d.record(id, caseOpened())
		if c, err := d.Case(t.Context(), id); err != nil || c.ID != id {
			t.Errorf("Case(%q) = %v", id, err)
		}
	}
}

func TestRefusalRecordsNothing(t *testing.T) {
	d := opened(t)
	before := d.events()
	if _, err := d.Record(t.Context(), asW1, "F1", caseOpened()); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("a case twice: %v", err)
	}
	if _, err := d.Record(t.Context(), asW1, "none", declared()); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("no case: %v", err)
	}
	_, err := d.Record(t.Context(), asW1, "F1", &eligibility.HouseholdSurveyed{On: on(domain.Date(2020, 3, 2))})
	wantFault(t, err, "day", "today is 2020-03-01")
	if d.events() != before {
		t.Error("something was recorded")
	}
}

func TestStoreErrorsReachTheCaller(t *testing.T) {
	for _, want := range []error{eventstore.ErrPoisoned, eventstore.ErrReadOnly, eventstore.ErrClosed, errors.New("disk full")} {
		d := opened(t)
		d.store.appending = func(eventstore.Batch) error { return want }
		if r, err := d.Record(t.Context(), asW1, "F1", declared()); !errors.Is(err, want) || r != (Receipt{}) {
			t.Errorf("Record = %+v, %v; want no receipt and %v", r, err, want)
		}
	}
}

// TestFailedButStored lets the store lose its answer: the same request again
// finds the event and adds nothing.
func TestFailedButStored(t *testing.T) {
	d := opened(t)
	lost := errors.New("connection lost")
	d.store.appended = func(eventstore.Batch) error { return lost }
	req := Request{Command: uuid.NewString(), Actor: w1}
	if _, err := d.Record(t.Context(), req, "F1", declared(income(1))); !errors.Is(err, lost) {
		t.Fatalf("Record = %v", err)
	}
	d.store.appended = nil
	before := d.events()
	r, err := d.Record(t.Context(), req, "F1", declared(income(1)))
	if err != nil || r.Revision != 1 || d.events() != before {
		t.Errorf("again: %+v, %v, %d events added", r, err, d.events()-before)
	}
}

func TestNote(t *testing.T) {
	d := newDesk(t)
	r := d.note(&eligibility.RulesActivated{On: on(jan2), Rules: domain.PackVersion{Pack: "p", Version: "1"}})
	if r.Stream != "register-rules" || r.Revision != 0 || r.EventID == "" {
		t.Errorf("receipt %+v", r)
	}
	again := d.note(&eligibility.RulesActivated{On: on(jan2), Rules: rules})
	if again.EventID != "" || again.Revision != 0 || again.Stream != r.Stream {
		t.Errorf("active already: %+v; want a receipt without an event", again)
	}
	d.note(&eligibility.RulesDispatched{On: on(jan2), Office: "town", Rules: domain.PackVersion{Pack: "p", Version: "1"}})
	d.note(&eligibility.RulesReceived{On: on(jan8), Office: "town", Rules: rules})
	d.note(&eligibility.SourceConnected{On: on(jan2), Source: "bank"})
	d.note(&eligibility.PostHeld{On: on(jan2), Office: "town", Post: "intake", Person: "w1", Steps: []string{"survey"}})
	d.note(&eligibility.PostHeld{On: on(jan2), Office: "county", Post: "approver", Person: "a1", Steps: []string{"decision"}})
	reg, err := d.Register(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(reg.Rules) != 1 || reg.Rules[0].Rules != rules || len(reg.Notices) != 2 || reg.Notices[0].Rules != rules || !reg.Connected("bank", jan2) || len(reg.Posts) != 2 {
		t.Errorf("Register = %+v", reg)
	}
}

func TestNoteFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		event eligibility.RegisterEvent
		field string
		says  string
	}{
		{"a version that is not at hand", &eligibility.RulesActivated{On: on(jan2), Rules: domain.PackVersion{Pack: "p", Version: "9"}}, "rules", "not at hand"},
		{"a pack that is not at hand", &eligibility.RulesReceived{On: on(jan2), Office: "o", Rules: domain.PackVersion{Pack: "q", Version: "1"}}, "rules", "not at hand"},
		{"other bytes", &eligibility.RulesDispatched{On: on(jan2), Office: "o", Rules: domain.PackVersion{Pack: "p", Version: "1", Digest: "x"}}, "rules.digest", "digest-of-p-1"},
		{"no version", &eligibility.RulesActivated{On: on(jan2), Rules: domain.PackVersion{Pack: "p"}}, "rules", "missing"},
		{"a day to come", &eligibility.SourceConnected{On: on(domain.Date(2020, 3, 2)), Source: "bank"}, "day", "future"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t)
			_, err := d.Note(t.Context(), asW1, tt.event)
			wantFault(t, err, tt.field, tt.says)
			if d.events() != 0 {
				t.Error("something was recorded")
			}
		})
	}
	if _, err := newDesk(t).Note(t.Context(), Request{}, &eligibility.SourceConnected{On: on(jan2), Source: "bank"}); err == nil {
		t.Error("nobody noted something")
	}
}
