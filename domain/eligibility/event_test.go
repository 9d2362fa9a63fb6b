package eligibility

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"leeway/domain"
)

// TestStoredNames holds that stored names are written by hand with a version
// and are unique over cases and registers.
func TestStoredNames(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$`)
	seen := map[string]bool{}
	check := func(name string) {
		if !form.MatchString(name) || seen[name] {
			t.Errorf("stored name %q is malformed or used twice", name)
		}
		seen[name] = true
	}
	for _, k := range Kinds() {
		check(k.EventType())
	}
	for _, k := range RegisterKinds() {
		check(k.EventType())
	}
	if len(seen) != len(kinds)+len(registerKinds) {
		t.Errorf("%d names for %d types", len(seen), len(kinds)+len(registerKinds))
	}
}

func TestDecode(t *testing.T) {
	e, err := Decode("benefit-paid.v1", []byte(`{"day":"2020-02-10","month":"2020-02","amount":37800,"account":{"sealed":true,"subject":"m1"}}`))
	if err != nil {
		t.Fatal(err)
	}
	paid, ok := e.(*BenefitPaid)
	if !ok || paid.Day != domain.Date(2020, 2, 10) || paid.Month != feb || paid.Amount != 37800 || !paid.Account.Present || paid.Account.Text != "" {
		t.Errorf("Decode = %+v", e)
	}
	if other, _ := Decode("benefit-paid.v1", []byte(`{}`)); other == e || DayOf(other) != 0 {
		t.Error("two events share their memory")
	}
	if DayOf(e) != paid.Day {
		t.Errorf("DayOf = %s", DayOf(e))
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct{ name, eventType, clear string }{
		{"an unknown type", "benefit-paid.v2", `{}`},
		{"no type", "", `{}`},
		{"an unknown field", "benefit-paid.v1", `{"sum":1}`},
		{"an unknown field inside", "facts-discovered.v1", `{"statements":[{"subjekt":"m1"}]}`},
		{"an unknown field of personal data", "facts-discovered.v1", `{"note":{"subject":"m1","words":"x"}}`},
		{"no JSON", "benefit-paid.v1", `{`},
		{"a bad day", "benefit-paid.v1", `{"day":"2020-02-30"}`},
	} {
		if e, err := Decode(tt.eventType, []byte(tt.clear)); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("%s: Decode = %v, %v", tt.name, e, err)
		}
	}
	for _, tt := range []struct{ eventType, clear string }{
		{"benefit-paid.v1", `{}`}, {"post-held.v1", `{"salary":1}`}, {"post-held.v1", `[`},
	} {
		if e, err := DecodeRegister(tt.eventType, []byte(tt.clear)); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("DecodeRegister(%s, %s) = %v, %v", tt.eventType, tt.clear, e, err)
		}
	}
	if e, err := DecodeRegister("post-held.v1", []byte(`{"day":"2020-01-02","office":"o"}`)); err != nil || RegisterDayOf(e) != jan2 {
		t.Errorf("DecodeRegister = %v, %v", e, err)
	}
}

// TestPathsOfPersonalData holds the paths under which personal data is sealed:
// a changed path would keep old events from being opened.
func TestPathsOfPersonalData(t *testing.T) {
	want := map[string]string{
		"case-opened.v1":              "members[m1].name members[m1].id_number members[m2].name members[m2].id_number address",
		"application-not-accepted.v1": "text", "oral-refusal-alleged.v1": "detail", "objection-received.v1": "text",
		"document-received.v1": "number", "refusal-served.v1": "text", "benefit-paid.v1": "account",
		"objection-raised.v1": "text", "query-sent.v1": "text", "doubt-answered.v1": "text",
		"facts-discovered.v1": "note", "complaint-received.v1": "text",
		"member-joined.v1": "member[m3].name member[m3].id_number",
	}
	for _, e := range append([]Event{opened()}, allowed...) {
		var paths []string
		for _, f := range Private(e) {
			paths = append(paths, f.Path)
		}
		if got := strings.Join(paths, " "); got != want[e.EventType()] {
			t.Errorf("%s: %q, want %q", e.EventType(), got, want[e.EventType()])
		}
	}
	o := opened()
	Private(o)[0].Data.Text = "张三"
	if o.Members[0].Name.Text != "张三" {
		t.Error("a path does not lead into the event")
	}
}
