package names

import (
	"reflect"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/review"
)

// TestEveryEventHasAName walks the event types that can be stored.
func TestEveryEventHasAName(t *testing.T) {
	var types []string
	for _, e := range eligibility.Kinds() {
		types = append(types, e.EventType())
	}
	for _, e := range eligibility.RegisterKinds() {
		types = append(types, e.EventType())
	}
	for _, e := range review.Kinds() {
		types = append(types, e.EventType())
	}
	for _, e := range review.ClueKinds() {
		types = append(types, e.EventType())
	}
	for _, name := range types {
		if text, ok := events[name]; !ok || text.ZH == "" || text.EN == "" {
			t.Errorf("event type %s has no name in both languages", name)
		}
	}
}

func TestEveryNameIsInBothLanguages(t *testing.T) {
	for key, text := range All() {
		if text.ZH == "" || text.EN == "" {
			t.Errorf("%q lacks a language", key)
		}
	}
}

func TestUnknownCodeIsItself(t *testing.T) {
	if got := Of("programme", "new"); got.ZH != "new" || got.EN != "new" {
		t.Errorf("an unknown code is called %v", got)
	}
	if got := Event("new.v1"); got.ZH != "new.v1" {
		t.Errorf("an unknown event is called %v", got)
	}
	if got := Of("programme", "dibao").In("zh"); got != "最低生活保障" {
		t.Errorf("dibao is called %q", got)
	}
}

// TestEveryFieldHasAName walks what the events of cases, reviews and clues can
// say. What the engine puts beside a determination nobody is asked.
func TestEveryFieldHasAName(t *testing.T) {
	var walk func(reflect.Type)
	walk = func(x reflect.Type) {
		for x.Kind() == reflect.Pointer || x.Kind() == reflect.Slice {
			x = x.Elem()
		}
		if x.Kind() != reflect.Struct || x == reflect.TypeFor[domain.Value]() || x == reflect.TypeFor[domain.Private]() {
			return
		}
		for i := range x.NumField() {
			f := x.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Type == reflect.TypeFor[[]review.Suggestion]() {
				continue
			}
			if _, ok := all["field "+name]; name != "" && !ok {
				t.Errorf("field %s of %s has no name", name, x)
			}
			walk(f.Type)
		}
	}
	for _, e := range eligibility.Kinds() {
		walk(reflect.TypeOf(e))
	}
	for _, e := range review.Kinds() {
		walk(reflect.TypeOf(e))
	}
	for _, e := range review.ClueKinds() {
		walk(reflect.TypeOf(e))
	}
}
