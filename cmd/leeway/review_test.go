package main

import (
	"encoding/json"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/review"
)

func TestValueOf(t *testing.T) {
	for text, want := range map[string]domain.Value{
		"true": domain.Bool(true), "false": domain.Bool(false), "12": domain.Int(12), "-3": domain.Int(-3), `{"fen":40000}`: domain.Money(40000),
		"minor": domain.Code("minor"), "{": domain.Code("{"),
	} {
		if got := valueOf(text); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	for raw, want := range map[string]string{
		`"a"`: "a", `3`: "3", `["a","b"]`: "a; b", `{"z":"1","a":[2,3]}`: "z 1, a 2; 3",
		`{"guard":"advice","reason":{"sealed":true,"subject":"w1"},"none":null}`: "guard advice",
	} {
		if got := plain(json.RawMessage(raw)); got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
	if got := order([]byte(`{"b":1,"a":{"c":2}}`)); len(got) != 2 || got[0] != "b" {
		t.Errorf("%v", got)
	}
	if order([]byte(`x`)) != nil {
		t.Error("the keys of no object")
	}
}

// TestAmounts takes the months of either direction from a replay.
func TestAmounts(t *testing.T) {
	m := domain.MonthOf(2020, 2)
	x := review.ReplayOf{Money: []review.MonthMoney{{Month: m, Over: 100}, {Month: m + 1, Under: 50}, {Month: m + 2}}}
	for measure, want := range map[review.Measure][]eligibility.MonthAmount{
		review.C3Recover: {{Month: m, Amount: 100}}, review.C4BackPay: {{Month: m + 1, Amount: 50}}, review.C7Retrain: nil,
	} {
		got := review.AmountsOf(measure, x)
		if len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
			t.Errorf("%s: %v, want %v", measure, got, want)
		}
	}
}
