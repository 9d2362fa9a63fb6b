package casework

import (
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/replay"
	"leeway/domain/review"
)

// TestSurveyAddsUpReplays: the survey of one case says what its replay says,
// and counts its progress.
func TestSurveyAddsUpReplays(t *testing.T) {
	d := replayable(t)
	steps := 0
	s, err := d.Survey(t.Context(), Which{}, domain.Date(2020, 2, 29), func(n, of int) {
		if steps++; n != steps || of != 1 {
			t.Errorf("progress %d of %d", n, of)
		}
	})
	if err != nil || steps != 1 {
		t.Fatalf("%v after %d steps", err, steps)
	}
	if len(s.Hits) != 1 || s.Hits[0].Class != replay.EAppl || *s.Hits[0].Amount != 18000 || s.Hits[0].Office != "town" || s.Clean != 0 {
		t.Errorf("%+v", s.Hits)
	}
	if w := s.Walk(); w.Paid != 37800 || w.Due != 19800 || w.Links[replay.EAppl] != 18000 {
		t.Errorf("walk %+v", w)
	}
	for _, which := range []Which{{Office: "elsewhere"}, {Programme: "tekun"}} {
		if s, err := d.Survey(t.Context(), which, domain.Date(2020, 2, 29), nil); err != nil || s.Cases != 0 || s.Hits == nil {
			t.Errorf("%v: %+v, %v", which, s, err)
		}
	}
	if s, err := d.Survey(t.Context(), Which{}, domain.Date(2019, 12, 31), nil); err != nil || s.Cases+len(s.Failed) != 0 {
		t.Errorf("before anything was on record: %+v, %v", s, err)
	}
}

func TestTotalsCountWhatWasPaid(t *testing.T) {
	d := replayable(t)
	d.record("F2", &eligibility.DeathRecorded{On: on(domain.DayOf(noon)), Member: "m3", Died: domain.Date(2020, 2, 10), Source: domain.Document})
	d.record("F2", &eligibility.MoneyRecovered{On: on(domain.DayOf(noon)), Month: feb, Amount: 18000})
	list, err := d.Totals(t.Context(), Which{}, 0, 0)
	want := MonthTotal{Month: feb, Programme: "dibao", Households: 1, Persons: 3, Payments: 1, Paid: 37800, Recovered: 18000}
	if err != nil || len(list) != 1 || list[0] != want {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := d.Totals(t.Context(), Which{}, feb+1, 0); err != nil || len(list) != 0 || list == nil {
		t.Errorf("after February: %+v, %v", list, err)
	}
	entries, err := d.Events(t.Context(), "F2")
	if err != nil || living(entries, feb) != 3 || living(entries, feb+1) != 2 {
		t.Errorf("in March there live %d of them (%v)", living(entries, feb+1), err)
	}
}

func TestStatisticsShowOnlyWhatSomebodyMaySee(t *testing.T) {
	d := replayable(t)
	v := &Reviews{Desk: d.Service}
	s, err := v.Statistics(t.Context(), Identity{Actor: domain.Actor{Person: "a9", Office: "audit", Post: "audit"}, Role: review.Auditor}, domain.DayOf(noon))
	if err != nil || s.Reviews != 0 || s.Offices == nil {
		t.Errorf("%+v, %v", s, err)
	}
}
