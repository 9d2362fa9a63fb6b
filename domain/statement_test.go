package domain

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

var values = rapid.OneOf(
	rapid.Map(rapid.Int64(), func(n int64) Value { return Money(Fen(n)) }),
	rapid.Map(rapid.Int64(), Int),
	rapid.Map(rapid.Bool(), Bool),
	rapid.Map(days, OnDay),
	rapid.Map(rapid.String(), Code),
)

func TestValueRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := values.Draw(t, "value")
		text, err := json.Marshal(v)
		var back Value
		if err != nil || json.Unmarshal(text, &back) != nil || back != v {
			t.Fatalf("%+v is written %s and read as %+v, %v", v, text, back, err)
		}
	})
}

// TestPlainValuesAreThose holds the reading and writing by hand against the
// standard library's.
func TestPlainValuesAreThose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := values.Draw(t, "value")
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var j valueJSON
		if err := json.Unmarshal(text, &j); err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(j); err != nil || string(again) != string(text) {
			t.Fatalf("%+v is written %s, the library writes %s", v, text, again)
		}
		if got, ok := plainValue(text); ok && got != v {
			t.Fatalf("%s is read as %+v", text, got)
		}
	})
}

func TestValuesForPeople(t *testing.T) {
	for want, v := range map[string]Value{
		"400": Money(40000), "-3": Int(-3), "true": Bool(true), "false": Bool(false),
		"2020-01-31": OnDay(Date(2020, 1, 31)), "rural": Code("rural"), "unknown": {},
	} {
		if v.String() != want {
			t.Errorf("%+v is written %q, want %q", v, v.String(), want)
		}
	}
	if !Bool(true).True() || Bool(false).True() || Int(1).True() || Money(5).Fen() != 5 {
		t.Error("a value is taken for another")
	}
}

func TestValueIsReadStrictly(t *testing.T) {
	for _, text := range []string{
		`{}`, `null`, `5`, `"rural"`, `[]`, `{"fen":1,"int":1}`, `{"fen":"1"}`, `{"fen":1.5}`, `{"yuan":5}`, `{"day":"2020-02-30"}`,
		`{"fen":01}`, `{"fen":+1}`, `{"fen":}`, `{"fen":1}}`, `{"bool":TRUE}`, `{"bool":1}`, `{"code":5}`, `{"code":"a"b"}`, `{"fen":99999999999999999999}`, `{"fen":null}`,
	} {
		var v Value
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s was read as %+v", text, v)
		}
	}
}

func TestStatementRoundTrips(t *testing.T) {
	s := Statement{Subject: "m1", Attribute: "income", Item: "wages", Value: Money(1), ValidFrom: 1, ValidTo: 2, Observed: 3,
		Source: Check, HeldBy: "bank", SourceUpdated: 4, ObservableBy: []string{"survey"}, Undeclarable: true, Proof: GradeA, Visible: Visibility{"office:o"}}
	text, err := Canonical(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Statement
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := Canonical(back); string(again) != string(text) {
		t.Errorf("%s is read and written as %s", text, again)
	}
}

func TestValidOn(t *testing.T) {
	for _, tt := range []struct {
		from, to, day Day
		want          bool
	}{
		{0, 0, 1, true}, {5, 0, 4, false}, {5, 0, 5, true}, {5, 8, 7, true}, {5, 8, 8, false}, {0, 8, 1, true}, {0, 8, 8, false},
	} {
		if got := (Statement{ValidFrom: tt.from, ValidTo: tt.to}).ValidOn(tt.day); got != tt.want {
			t.Errorf("from %d to %d, on %d: %v", tt.from, tt.to, tt.day, got)
		}
	}
}

func TestKeyTellsItemsApart(t *testing.T) {
	wages, rent := Statement{Subject: "m1", Attribute: "income", Item: "wages"}, Statement{Subject: "m1", Attribute: "income", Item: "rent"}
	if wages.Key() == rent.Key() || wages.Key().String() != "m1.income[wages]" || (Key{"household", "area", ""}).String() != "household.area" {
		t.Errorf("keys %s and %s", wages.Key(), rent.Key())
	}
}

func TestVisibility(t *testing.T) {
	v := Visibility{"office:county", "post:auditor"}
	for _, tt := range []struct {
		office, post string
		want         bool
	}{
		{"county", "clerk", true}, {"town", "auditor", true}, {"town", "clerk", false}, {"auditor", "county", false}, {"", "", false},
	} {
		if got := v.Allows(tt.office, tt.post); got != tt.want {
			t.Errorf("%s of %s may see: %v", tt.post, tt.office, got)
		}
	}
	if !(Visibility)(nil).Allows("any", "any") {
		t.Error("no limit limits")
	}
}

func TestBasisCovers(t *testing.T) {
	b := Basis{{"case-F1", 4}, {"register-rules", -1}}
	for _, tt := range []struct {
		stream   string
		revision int64
		want     bool
	}{
		{"case-F1", 0, true}, {"case-F1", 4, true}, {"case-F1", 5, false}, {"register-rules", 0, false}, {"case-F2", 0, false},
	} {
		if got := b.Covers(tt.stream, tt.revision); got != tt.want {
			t.Errorf("covers %s@%d: %v", tt.stream, tt.revision, got)
		}
	}
}
