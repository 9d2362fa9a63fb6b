package casework

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
	"leeway/ledger/vault"
)

// TestCanary records personal data in every event type that takes some, with
// a real vault, and looks for it in everything that the store keeps.
func TestCanary(t *testing.T) {
	v, err := vault.Create(t.TempDir()+"/vault", "")
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	d := opened(t)
	d.Sealer = v
	const canary = "金丝雀CANARY-4290"
	types := 0
	for _, e := range eligibility.Kinds() {
		fill(e)
		fields := eligibility.Private(e)
		if len(fields) == 0 {
			continue
		}
		types++
		for _, f := range fields {
			*f.Data = domain.Personal("m1", canary)
		}
		id := "canary-" + e.EventType()
		data, err := d.encode(domain.Meta{ID: eventID(newID(), 0), Stream: CaseStream(id), Type: e.EventType(), Command: newID()}, draft{event: e, caseID: id})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.store.Append(t.Context(), eventstore.Batch{Stream: "raw", Expected: int64(types) - 2, Command: newID(),
			Events: []eventstore.Event{{ID: eventID(newID(), 0), Type: e.EventType(), Data: data}}}); err != nil {
			t.Fatal(err)
		}
	}
	found := &eligibility.FactsDiscovered{On: on(jan8), Statements: []domain.Statement{income(1)}, Note: domain.Personal("m1", canary)}
	d.record("F1", found)
	file := read(t, lines(openedLine, `{"case":"C","type":"complaint-received.v1","data":{"day":"2020-01-08","text":{"subject":"x1","text":"`+canary+`"}}}`))
	if _, err := d.Import(t.Context(), file, nil); err != nil {
		t.Fatal(err)
	}
	for r, err := range d.store.All(t.Context(), eventstore.Start) {
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"金丝雀", "CANARY-4290", "张三丰", "429005198001012345", "园林街道"} {
			if bytes.Contains(r.Data, []byte(part)) || strings.Contains(r.Stream+r.ID+r.Type+r.Command, part) {
				t.Errorf("%s of %s shows %q", r.Type, r.Stream, part)
			}
		}
	}
	if types < 10 {
		t.Errorf("only %d types with personal data were tried", types)
	}
	if e := d.timeline("F1"); e[len(e)-1].Event.(*eligibility.FactsDiscovered).Note.Text != canary {
		t.Error("the canary does not come back")
	}
}

func TestEventsOpenPersonalData(t *testing.T) {
	d := opened(t)
	o := d.timeline("F1")[0].Event.(*eligibility.CaseOpened)
	if o.Members[0].Name.Text != "张三丰" || o.Members[0].IDNumber.Text != "429005198001012345" || o.Address.Text != "园林街道七号" || o.Members[1].Name.Present {
		t.Errorf("opened as %+v", o)
	}
	d.Sealer = sealer{lost: []string{"F1/m1"}}
	for name, s := range map[string]domain.Sealer{"the keys lost": d.Sealer, "no vault": nil} {
		d.Sealer = s
		e := d.timeline("F1")[0]
		want := []string{"members[m1].name", "members[m1].id_number", "address"}
		o := e.Event.(*eligibility.CaseOpened)
		if !slices.Equal(e.Sealed, want) || !o.Address.Present || o.Address.Text != "" {
			t.Errorf("with %s: sealed %v, address %+v", name, e.Sealed, o.Address)
		}
	}
	if c, err := d.Case(t.Context(), "F1"); err != nil || c.Revision() != 0 {
		t.Errorf("without a vault the case itself is lost: %v, %v", c, err)
	}
}

func TestPersonalDataNeedsAVault(t *testing.T) {
	d := opened(t)
	d.Sealer = nil
	before := d.events()
	if _, err := d.Record(t.Context(), asW1, "F2", caseOpened()); !errors.Is(err, domain.ErrSealed) || d.events() != before {
		t.Errorf("Record = %v, want ErrSealed", err)
	}
	d.record("F1", declared(income(1))) // has none
}

func TestPersonalDataFaults(t *testing.T) {
	for name, p := range map[string]struct {
		data  domain.Private
		field string
	}{
		"a mark without text": {domain.Private{Subject: "m1", Present: true}, "text"},
		"nobody's":            {domain.Private{Text: "x", Present: true}, "text.subject"},
	} {
		d := opened(t)
		_, err := d.Record(t.Context(), asW1, "F1", &eligibility.ComplaintReceived{Taken: taken(jan8), Text: p.data})
		if wantFault(t, err, p.field, ""); d.events() != 2 {
			t.Errorf("%s: something was recorded", name)
		}
	}
}

// TestSealedPartsMustMatchTheirMarks takes sealed parts away, and moves and
// changes them.
func TestSealedPartsMustMatchTheirMarks(t *testing.T) {
	for name, edit := range map[string]func(*domain.Envelope){
		"one taken away":  func(e *domain.Envelope) { e.Sealed = e.Sealed[1:] },
		"all taken away":  func(e *domain.Envelope) { e.Sealed = nil },
		"one twice":       func(e *domain.Envelope) { e.Sealed = append(e.Sealed, e.Sealed[0]) },
		"one of no field": func(e *domain.Envelope) { e.Sealed[0].Field = "nickname" },
		"two swapped":     func(e *domain.Envelope) { e.Sealed[0].Field, e.Sealed[1].Field = e.Sealed[1].Field, e.Sealed[0].Field },
		"one changed":     func(e *domain.Envelope) { e.Sealed[0].Ciphertext[0] ^= 1 },
		"a mark taken away": func(e *domain.Envelope) {
			e.Clear = bytes.Replace(e.Clear, []byte(`"address":{"sealed":true,"subject":"m1"}`), []byte(`"address":null`), 1)
		},
	} {
		d := opened(t)
		d.store.reading = func(r eventstore.Recorded) []eventstore.Recorded {
			env, err := domain.DecodeEnvelope(r.Data)
			if err != nil {
				t.Fatal(err)
			}
			if r.Stream == "case-F1" {
				edit(&env)
			}
			if r.Data, err = env.Encode(); err != nil {
				t.Fatal(err)
			}
			return []eventstore.Recorded{r}
		}
		if _, err := d.Events(t.Context(), "F1"); !errors.Is(err, domain.ErrAltered) || !strings.Contains(err.Error(), "case-F1") {
			t.Errorf("%s: Events = %v, want ErrAltered", name, err)
		}
	}
}

func TestSubjectsOfTwoCasesHaveTwoKeys(t *testing.T) {
	d := opened(t)
	d.record("F2", caseOpened())
	d.Sealer = sealer{lost: []string{SubjectKey("F1", "m1")}}
	if one, two := d.timeline("F1")[0], d.timeline("F2")[0]; len(one.Sealed) != 3 || len(two.Sealed) != 0 {
		t.Errorf("giving up m1 of F1 sealed %v of F1 and %v of F2", one.Sealed, two.Sealed)
	}
}
