package domain

import (
	"fmt"
	"time"
)

// Shanghai is the zone of every civil day in Leeway. China has kept one
// offset without summer time since 1991, so no zone file is needed.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

const dayFormat, monthFormat = "2006-01-02", "2006-01"

// daysToEpoch is 1970-01-01 as a Day.
const daysToEpoch = 719163

// Day is a civil day in Asia/Shanghai, counted from 0001-01-01 as 1. The zero
// Day means "no day": open at that end, or not given.
type Day int32

// Date is the Day of a year, month and day of the month.
func Date(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/86400 + daysToEpoch)
}

// DayOf is the civil day in Asia/Shanghai of an instant.
func DayOf(t time.Time) Day {
	t = t.In(Shanghai)
	return Date(t.Year(), t.Month(), t.Day())
}

// ParseDay reads "2020-01-31". The empty string is no day.
func ParseDay(s string) (Day, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(dayFormat, s)
	if err != nil || t.Year() < 1 {
		return 0, NewFault("", "%q is no day", "write a civil day as YYYY-MM-DD, such as 2020-01-31", s)
	}
	return Date(t.Year(), t.Month(), t.Day()), nil
}

func (d Day) utc() time.Time { return time.Unix(int64(d-daysToEpoch)*86400, 0).UTC() }

// Start is the first instant of the day in Asia/Shanghai.
func (d Day) Start() time.Time { return d.utc().Add(-8 * time.Hour).In(Shanghai) }

// Month is the month that holds the day; no day has no month.
func (d Day) Month() Month {
	if d == 0 {
		return 0
	}
	t := d.utc()
	return MonthOf(t.Year(), t.Month())
}

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// String writes "2020-01-31", and "" for no day.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format(dayFormat)
}

// MarshalText writes the day as String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the day as ParseDay does.
func (d *Day) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDay(string(b))
	return err
}

// Month is a benefit month. The zero Month means "no month".
type Month int32

// MonthOf is the Month of a year and month.
func MonthOf(year int, month time.Month) Month { return Month(year*12 + int(month) - 1) }

// ParseMonth reads "2020-01". The empty string is no month.
func ParseMonth(s string) (Month, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(monthFormat, s)
	if err != nil || t.Year() < 1 {
		return 0, NewFault("", "%q is no month", "write a benefit month as YYYY-MM, such as 2020-01", s)
	}
	return MonthOf(t.Year(), t.Month()), nil
}

// First is the first day of the month.
func (m Month) First() Day {
	if m == 0 {
		return 0
	}
	return Date(int(m)/12, time.Month(int(m)%12+1), 1)
}

// Last is the last day of the month.
func (m Month) Last() Day {
	if m == 0 {
		return 0
	}
	return (m + 1).First() - 1
}

// String writes "2020-01", and "" for no month.
func (m Month) String() string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", int(m)/12, int(m)%12+1)
}

// MarshalText writes the month as String does.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the month as ParseMonth does.
func (m *Month) UnmarshalText(b []byte) (err error) {
	*m, err = ParseMonth(string(b))
	return err
}
