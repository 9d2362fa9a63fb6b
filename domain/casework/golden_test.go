package casework

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
)

var update = flag.Bool("update", false, "write the golden files anew")

// everyType is one event of every type that is stored, every field filled.
func everyType() []fact {
	var all []fact
	for _, e := range eligibility.Kinds() {
		all = append(all, e)
	}
	for _, e := range eligibility.RegisterKinds() {
		all = append(all, e)
	}
	all = append(all, &ReplayRecorded{}, &domain.Access{}, &RulesApproved{}, &WhatIfSaved{}, &RulesSealed{})
	for _, e := range all {
		fill(e)
	}
	return all
}

// fill gives every field of an event a value that shows which field it is.
func fill(e any) { fillValue(reflect.ValueOf(e).Elem(), "it") }

func fillValue(v reflect.Value, name string) {
	switch v.Interface().(type) {
	case domain.Private:
		v.Set(reflect.ValueOf(domain.Personal("m1", "private "+name)))
		return
	case domain.Value:
		v.Set(reflect.ValueOf(domain.Money(12345)))
		return
	case json.RawMessage:
		v.Set(reflect.ValueOf(json.RawMessage(`{"` + name + `":[1,"<&>"]}`)))
		return
	case domain.Day:
		v.Set(reflect.ValueOf(domain.Date(2020, 1, 31)))
		return
	case domain.Month:
		v.Set(reflect.ValueOf(domain.MonthOf(2020, 2)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			inner, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			fillValue(v.Field(i), inner)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillValue(v.Index(0), name)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(v.Elem(), name)
	case reflect.String:
		v.SetString(name + " 值")
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(37800)
	}
}

// golden is one line for every type: the bytes that a store keeps of it.
func golden(t *testing.T) []byte {
	var out bytes.Buffer
	s := &Service{Sealer: sealer{}}
	for i, e := range everyType() {
		m := domain.Meta{
			ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Command: "00000000-0000-4000-9000-000000000000", Type: e.EventType(),
			Stream: "case-golden", Revision: int64(i), RecordedAt: domain.At(noon),
			Claimed: &domain.Claim{At: domain.At(noon.Add(-time.Hour)), Grade: domain.GradeA}, Actor: w1,
			Basis: domain.Basis{{Stream: "register-rules", Revision: -1}}, Visible: domain.Visibility{"office:town"},
		}
		data, err := s.encode(m, draft{event: e, caseID: "golden"})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(data, '\n'))
	}
	return out.Bytes()
}

// TestStoredBytes holds the stored bytes of every event type. A change here is
// a change to what is on record everywhere: add a field at the end with
// omitempty or omitzero, or a new version of the type. -update writes the file.
func TestStoredBytes(t *testing.T) {
	const name = "testdata/golden.ndjson"
	got := golden(t)
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	old, now := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range max(len(old), len(now)) {
		a, b := "", ""
		if i < len(old) {
			a = old[i]
		}
		if i < len(now) {
			b = now[i]
		}
		if a != b {
			t.Errorf("line %d is\n%s\nand was\n%s", i+1, b, a)
		}
	}
}

// TestEveryTypeRoundTrips reads every filled event from its stored bytes and
// writes it again.
func TestEveryTypeRoundTrips(t *testing.T) {
	s := &Service{Sealer: sealer{}}
	for _, line := range bytes.Split(bytes.TrimSpace(golden(t)), []byte("\n")) {
		env, err := domain.DecodeEnvelope(line)
		if err != nil {
			t.Fatal(err)
		}
		var back fact
		if e, err := eligibility.Decode(env.Type, env.Clear); err == nil {
			entry := Entry{Envelope: env, Event: e}
			if err := s.reveal(&entry, nil); err != nil || len(entry.Sealed) > 0 {
				t.Errorf("%s: reveal = %v, sealed %v", env.Type, err, entry.Sealed)
			}
			back = e
		} else if r, err := eligibility.DecodeRegister(env.Type, env.Clear); err == nil {
			back = r
		} else {
			continue // a replay, see replays_test.go
		}
		want := reflect.New(reflect.TypeOf(back).Elem()).Interface()
		fill(want)
		if !reflect.DeepEqual(back, want) {
			t.Errorf("%s is read back as\n%+v, want\n%+v", env.Type, back, want)
		}
	}
}

// TestPrivateListsAllPersonalData counts the fields of personal data in every
// type: one that Private forgets would be lost without a word.
func TestPrivateListsAllPersonalData(t *testing.T) {
	for _, e := range everyType() {
		if want, got := countPrivate(reflect.ValueOf(e).Elem()), len(eligibility.Private(e)); got != want {
			t.Errorf("%s has %d fields of personal data, Private lists %d", e.EventType(), want, got)
		}
	}
}

func countPrivate(v reflect.Value) (n int) {
	if _, ok := v.Interface().(domain.Private); ok {
		return 1
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			n += countPrivate(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += countPrivate(v.Index(i))
		}
	case reflect.Pointer:
		n = countPrivate(v.Elem())
	}
	return n
}
