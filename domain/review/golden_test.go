package review

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"leeway/domain"
)

// everyType is one event of each type with every field filled, so that no
// field can change its stored name unseen.
func everyType() []any {
	var all []any
	for _, e := range Kinds() {
		all = append(all, e)
	}
	for _, e := range ClueKinds() {
		all = append(all, e)
	}
	for _, e := range all {
		fill(reflect.ValueOf(e).Elem(), "it")
	}
	return all
}

// fill gives every field a value that depends on its name.
func fill(v reflect.Value, name string) {
	switch x := v.Addr().Interface().(type) {
	case *domain.Private:
		*x = domain.Personal("w1", name)
		return
	case *domain.Value:
		*x = domain.Money(37800)
		return
	case *domain.Day:
		*x = day("2020-10-08")
		return
	case *domain.Month:
		*x = feb
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fill(v.Field(i), strings.ToLower(f.Name))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name)
	case reflect.String:
		v.SetString(name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(2)
	}
}

func name(e any) string { return e.(interface{ EventType() string }).EventType() }

// TestStoredBytes holds the stored form of every event type of reviews and
// clues: a field may be added at the end, never renamed or removed.
func TestStoredBytes(t *testing.T) {
	var b strings.Builder
	for _, e := range everyType() {
		clear, err := domain.Canonical(e)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s\n", name(e), clear)
	}
	sameAsFile(t, "events.golden", b.String())
}

func TestEveryTypeRoundTrips(t *testing.T) {
	for _, e := range everyType() {
		clear, err := domain.Canonical(e)
		if err != nil {
			t.Fatal(err)
		}
		var back any
		if strings.HasPrefix(name(e), "clue-") {
			back, err = DecodeClue(name(e), clear)
		} else {
			back, err = Decode(name(e), clear)
		}
		if err != nil {
			t.Errorf("%s: %v", name(e), err)
			continue
		}
		again, err := domain.Canonical(back)
		if err != nil || string(again) != string(clear) {
			t.Errorf("%s: %s is read and written as %s", name(e), clear, again)
		}
	}
}

// TestPersonalTextIsSealed: every piece of free text of an event is listed, and
// none of it reaches the clear part.
func TestPersonalTextIsSealed(t *testing.T) {
	for _, e := range everyType() {
		p, ok := e.(private)
		listed := 0
		if ok {
			listed = len(p.Private())
			seen := map[string]bool{}
			for _, f := range p.Private() {
				if seen[f.Path] || f.Data.Text == "" {
					t.Errorf("%s lists %s twice or without text", name(e), f.Path)
				}
				seen[f.Path] = true
			}
		}
		if n := countPrivate(reflect.ValueOf(e).Elem()); n != listed {
			t.Errorf("%s lists %d of %d pieces of personal data", name(e), listed, n)
		}
	}
}

func countPrivate(v reflect.Value) (n int) {
	if v.Type() == reflect.TypeFor[domain.Private]() {
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
	}
	return n
}
