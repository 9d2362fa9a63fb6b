package projections

import (
	"cmp"
	"fmt"
	"reflect"
)

// tableOf is the table whose rows are structs of a type. Each field has the
// name of its column as its tag, in the order of the columns, the key first,
// so that what is written and what is read cannot part.
func tableOf[R any](name string, keys, sums int) table {
	t := table{name: name, keys: keys, sums: sums}
	row := reflect.TypeFor[R]()
	for i := range row.NumField() {
		t.cols = append(t.cols, row.Field(i).Tag.Get("col"))
	}
	return t
}

// columnsOf are pointers to the columns of a row, to scan into or to write.
func columnsOf[R any](r *R) []any {
	v := reflect.ValueOf(r).Elem()
	list := make([]any, v.NumField())
	for i := range list {
		list[i] = v.Field(i).Addr().Interface()
	}
	return list
}

// value is what a pointer to a column points at. The four types are all that
// columns have.
func value(p any) any {
	switch p := p.(type) {
	case *string:
		return *p
	case *int64:
		return *p
	case *[]byte:
		return *p
	case *digest:
		return p[:]
	}
	panic(fmt.Sprintf("no column is a %T", p))
}

// compare orders two rows by their keys, which are texts and numbers. Text is
// compared byte for byte, as both engines do.
func (t table) compare(a, b []any) int {
	for i := range t.keys {
		c := 0
		switch x := a[i].(type) {
		case *string:
			c = cmp.Compare(*x, *b[i].(*string))
		case *int64:
			c = cmp.Compare(*x, *b[i].(*int64))
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// merge takes a later row with the same key into an earlier one: in its place,
// or added up where the columns do.
func (t table) merge(into, later []any) {
	for i := t.keys; i < len(into); i++ {
		switch p := into[i].(type) {
		case *int64:
			if i >= len(into)-t.sums {
				*p += *later[i].(*int64)
			} else {
				*p = *later[i].(*int64)
			}
		case *string:
			*p = *later[i].(*string)
		case *[]byte:
			*p = *later[i].(*[]byte)
		}
	}
}
