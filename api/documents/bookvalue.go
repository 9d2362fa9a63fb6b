package documents

import (
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/names"
)

// cellAt is the cell that is read.
type cellAt struct {
	sheet       string
	row, column int
	name        string
}

// childKinds say how the columns of the other sheets are read.
var childKinds = map[string]reflect.Type{
	"id": reflect.TypeFor[string](), "relation": reflect.TypeFor[string](), "month": monthType, "amount": fenType,
	"subject": reflect.TypeFor[string](), "attribute": reflect.TypeFor[string](), "item": reflect.TypeFor[string](),
	"valid_from": dayType, "valid_to": dayType, "observed": dayType, "source": reflect.TypeFor[string](), "held_by": reflect.TypeFor[string](),
	"source_updated": dayType, "observable_by": listType, "undeclarable": reflect.TypeFor[bool](), "proof": reflect.TypeFor[string](),
}

// value reads a cell as its column is; nil: it cannot be read, which is noted.
func (b *bookReader) value(at cellAt, kind reflect.Type, column, v string) any {
	switch kind {
	case dayType:
		return b.day(at, v)
	case monthType:
		return b.month(at, v)
	case fenType:
		return b.fen(at, v)
	case listType:
		var list []string
		for _, part := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune("、；;，,\n", r) }) {
			list = append(list, strings.TrimSpace(part))
		}
		return list
	}
	switch kind.Kind() {
	case reflect.Bool:
		return b.yes(at, v)
	case reflect.Int, reflect.Int32, reflect.Int64:
		return b.whole(at, v)
	}
	return coded(column, b.text(at, v))
}

// bad notes that a cell does not hold what its column is for.
func (b *bookReader) bad(at cellAt, v, mend string) any {
	b.fault(at.sheet, at.row, at.column, at.name, "%q cannot be read", mend, v)
	return nil
}

// coded turns what a code is called into the code.
func coded(column, v string) string {
	kind, codes := column, []string(nil)
	switch column {
	case "relation":
		codes = eligibility.Relations
	case "programme":
		codes = eligibility.Programmes()
	case "outcome":
		kind, codes = "result", []string{string(eligibility.Granted), string(eligibility.Refused)}
	case "source":
		codes = []string{string(domain.Discovery), string(domain.Document), string(domain.Check), string(domain.Survey), string(domain.Declaration)}
	}
	for _, c := range codes {
		if title := names.Of(kind, c); v == title.ZH || strings.EqualFold(v, title.EN) {
			return c
		}
	}
	return v
}

// text reads a text. A long number that a spreadsheet has shortened is lost:
// ID and account numbers must be kept as text.
func (b *bookReader) text(at cellAt, v string) string {
	if _, err := strconv.ParseFloat(v, 64); err == nil && strings.ContainsAny(v, "eE") && strings.ContainsRune(v, '.') {
		b.bad(at, v, "the spreadsheet took it for a number and lost digits: format the cell as text and write it again")
	}
	return v
}

// serial reads a date of a spreadsheet: days since its epoch.
func (b *bookReader) serial(v string) (time.Time, bool) {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || n < 1 || n > 2_958_465 { // 9999-12-31
		return time.Time{}, false
	}
	t, err := excelize.ExcelDateToTime(n, b.date1904)
	return t, err == nil
}

var dayLayouts = []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日"}

// civil reads a day in any of the ways in which people write one.
func (b *bookReader) civil(v string) (domain.Day, bool) {
	for _, layout := range dayLayouts {
		if t, err := time.Parse(layout, v); err == nil {
			return domain.Date(t.Year(), t.Month(), t.Day()), true
		}
	}
	if t, ok := b.serial(v); ok {
		return domain.Date(t.Year(), t.Month(), t.Day()), true
	}
	return 0, false
}

func (b *bookReader) day(at cellAt, v string) any {
	d, ok := b.civil(v)
	if !ok {
		return b.bad(at, v, "write a day, such as 2020-06-23")
	}
	return d.String()
}

func (b *bookReader) month(at cellAt, v string) any {
	for _, layout := range []string{"2006-1", "2006/1", "2006.1", "2006年1月"} {
		if t, err := time.Parse(layout, v); err == nil {
			return domain.MonthOf(t.Year(), t.Month()).String()
		}
	}
	if d, ok := b.civil(v); ok {
		return d.Month().String()
	}
	return b.bad(at, v, "write a month, such as 2020-07")
}

// instant reads when a row was on record: a day, or a day with the time in
// Shanghai.
func (b *bookReader) instant(at cellAt, v string) any {
	for _, layout := range []string{"2006-1-2 15:04:05", "2006-1-2 15:04", "2006/1/2 15:04:05", "2006/1/2 15:04"} {
		if t, err := time.ParseInLocation(layout, v, domain.Shanghai); err == nil {
			return domain.At(t)
		}
	}
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return domain.At(t)
	}
	if t, ok := b.serial(v); ok {
		t = t.Round(time.Second)
		day := domain.Date(t.Year(), t.Month(), t.Day()).Start()
		if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
			return domain.At(day.Add(12 * time.Hour))
		}
		return domain.At(day.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second))
	}
	if d, ok := b.civil(v); ok {
		return domain.At(d.Start().Add(12 * time.Hour))
	}
	return b.bad(at, v, "write a day with its time, such as 2020-06-23 09:30")
}

// fen reads yuan. A spreadsheet keeps 378.4 as a binary fraction and may write
// it as 378.40000000000003: what lies within a ten-thousandth of a fen is meant.
func (b *bookReader) fen(at cellAt, v string) any {
	r, ok := new(big.Rat).SetString(strings.NewReplacer(",", "", "，", "", "元", "", "¥", "", "￥", "").Replace(v))
	if !ok || len(v) > 40 {
		return b.bad(at, v, "write yuan, such as 378 or 378.50")
	}
	r.Mul(r, big.NewRat(100, 1))
	whole, ok := new(big.Int).SetString(r.FloatString(0), 10)
	gap := new(big.Rat).Sub(r, new(big.Rat).SetInt(whole))
	if !ok || !whole.IsInt64() || gap.Abs(gap).Cmp(big.NewRat(1, 10_000)) > 0 {
		return b.bad(at, v, "write yuan with at most two decimals, such as 378.50")
	}
	return whole.Int64()
}

func (b *bookReader) whole(at cellAt, v string) any {
	n, err := strconv.ParseInt(strings.TrimSuffix(v, ".0"), 10, 64)
	if err != nil {
		return b.bad(at, v, "write a whole number")
	}
	return n
}

func (b *bookReader) yes(at cellAt, v string) any {
	switch strings.ToLower(v) {
	case "是", "有", "√", "✓", "yes", "y", "true", "1":
		return true
	case "否", "无", "×", "✗", "no", "n", "false", "0":
		return false
	}
	return b.bad(at, v, "write 是 or 否")
}

// stated reads the value of a statement.
func (b *bookReader) stated(at cellAt, column, v string) any {
	key, x := "code", any(b.text(at, v))
	switch column {
	case "yuan":
		key, x = "fen", b.fen(at, v)
	case "yes":
		key, x = "bool", b.yes(at, v)
	case "number":
		key, x = "int", b.whole(at, v)
	case "date":
		key, x = "day", b.day(at, v)
	}
	return map[string]any{key: x}
}
