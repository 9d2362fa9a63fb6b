package main

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"
)

var head = []string{"cases", "events", "step", "processor_ms", "wall_ms", "memory_kib", "load"}

// readMeasures reads what was measured before; no file is nothing.
func readMeasures(name string) ([]measure, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || !slices.Equal(rows[0], head) {
		return nil, fmt.Errorf("%s holds no measures of growth", name)
	}
	var list []measure
	for i, row := range rows[1:] {
		var n [5]int64
		for k, col := range []int{0, 1, 3, 4, 5} {
			if n[k], err = strconv.ParseInt(row[col], 10, 64); err != nil {
				return nil, fmt.Errorf("%s, row %d: %w", name, i+2, err)
			}
		}
		list = append(list, measure{Cases: int(n[0]), Events: int(n[1]), Step: row[2], CPU: time.Duration(n[2]) * time.Millisecond, Wall: time.Duration(n[3]) * time.Millisecond, Memory: n[4] << 10, Load: row[6]})
	}
	return list, nil
}

// replaced is the list with new measures in the place of old ones of as many
// cases, in the order of cases.
func replaced(list, fresh []measure) []measure {
	list = slices.DeleteFunc(list, func(m measure) bool {
		return slices.ContainsFunc(fresh, func(x measure) bool { return x.Cases == m.Cases })
	})
	list = append(list, fresh...)
	slices.SortStableFunc(list, func(a, b measure) int { return cmp.Compare(a.Cases, b.Cases) })
	return list
}

func writeMeasures(name string, list []measure) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	err = w.Write(head)
	for _, m := range list {
		if err == nil {
			err = w.Write([]string{strconv.Itoa(m.Cases), strconv.Itoa(m.Events), m.Step, strconv.FormatInt(m.CPU.Milliseconds(), 10),
				strconv.FormatInt(m.Wall.Milliseconds(), 10), strconv.FormatInt(m.Memory>>10, 10), m.Load})
		}
	}
	w.Flush()
	return errors.Join(err, w.Error(), f.Close())
}
