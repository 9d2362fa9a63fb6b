package domain

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	firstDay = Date(1, 1, 1)
	lastDay  = Date(9999, 12, 31)
	days     = rapid.Custom(func(t *rapid.T) Day { return Day(rapid.Int32Range(int32(firstDay), int32(lastDay)).Draw(t, "day")) })
	months   = rapid.Custom(func(t *rapid.T) Month {
		return Month(rapid.Int32Range(int32(MonthOf(1, 1)), int32(MonthOf(9999, 12))).Draw(t, "month"))
	})
)

func TestDayCounts(t *testing.T) {
	if firstDay != 1 {
		t.Errorf("0001-01-01 is day %d, want 1: the zero day must mean no day", firstDay)
	}
	for _, tt := range []struct {
		day     Day
		text    string
		month   string
		weekday time.Weekday
	}{
		{Date(2020, 2, 29), "2020-02-29", "2020-02", time.Saturday},
		{Date(2020, 2, 30), "2020-03-01", "2020-03", time.Sunday},
		{Date(1969, 12, 31), "1969-12-31", "1969-12", time.Wednesday},
		{lastDay, "9999-12-31", "9999-12", time.Friday},
	} {
		if tt.day.String() != tt.text || tt.day.Month().String() != tt.month || tt.day.Weekday() != tt.weekday {
			t.Errorf("%s of %s, a %s; want %s of %s, a %s", tt.day, tt.day.Month(), tt.day.Weekday(), tt.text, tt.month, tt.weekday)
		}
	}
	if d := Day(0); d.String() != "" || d.Month() != 0 || Month(0).First() != 0 || Month(0).Last() != 0 || Month(0).String() != "" {
		t.Error("no day or no month is written as one")
	}
}

// TestDayOf holds that a day ends at midnight in Shanghai, wherever the clock
// stands.
func TestDayOf(t *testing.T) {
	for _, tt := range []struct{ instant, day string }{
		{"2020-01-31T15:59:59.999Z", "2020-01-31"}, {"2020-01-31T16:00:00Z", "2020-02-01"},
		{"2020-01-31T23:59:59+08:00", "2020-01-31"}, {"2020-01-31T11:00:00-05:00", "2020-02-01"},
	} {
		at, err := time.Parse(time.RFC3339Nano, tt.instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayOf(at).String(); got != tt.day {
			t.Errorf("%s falls on %s, want %s", tt.instant, got, tt.day)
		}
	}
}

func TestDayRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := days.Draw(t, "day")
		var back Day
		text, err := json.Marshal(d)
		if err != nil || json.Unmarshal(text, &back) != nil || back != d {
			t.Fatalf("%d is written %s and read as %d, %v", d, text, back, err)
		}
		if DayOf(d.Start()) != d || DayOf(d.Start().Add(-time.Nanosecond)) != d-1 {
			t.Fatalf("%s does not start at %s", d, d.Start())
		}
		if m := d.Month(); m.First() > d || d > m.Last() {
			t.Fatalf("%s lies outside of its month %s", d, m)
		}
	})
}

func TestMonthRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := months.Draw(t, "month")
		var back Month
		text, err := json.Marshal(m)
		if err != nil || json.Unmarshal(text, &back) != nil || back != m {
			t.Fatalf("%d is written %s and read as %d, %v", m, text, back, err)
		}
		if n := m.Last() - m.First() + 1; n < 28 || n > 31 || m.First().Month() != m || m.Last().Month() != m {
			t.Fatalf("%s runs from %s to %s", m, m.First(), m.Last())
		}
	})
}

func TestDaysAndMonthsAreReadStrictly(t *testing.T) {
	for _, text := range []string{"2020-02-30", "2020-1-2", "2020/01/02", "20200102", "2020-01-02T00:00:00Z", " 2020-01-02", "0000-01-01", "二〇二〇年"} {
		if d, err := ParseDay(text); err == nil {
			t.Errorf("ParseDay(%q) = %s", text, d)
		}
	}
	for _, text := range []string{"2020-13", "2020-1", "2020", "2020-01-02", "0000-01", "2020年1月"} {
		if m, err := ParseMonth(text); err == nil {
			t.Errorf("ParseMonth(%q) = %s", text, m)
		}
	}
	if d, err := ParseDay(""); d != 0 || err != nil {
		t.Errorf("the empty day: %d, %v", d, err)
	}
	if m, err := ParseMonth(""); m != 0 || err != nil {
		t.Errorf("the empty month: %d, %v", m, err)
	}
	var d Day
	if err := json.Unmarshal([]byte("737456"), &d); err == nil {
		t.Error("a number was read as a day")
	}
}
