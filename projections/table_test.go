package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The statements that are built, in both spellings. They must not change
// unseen: what PostgreSQL plans and SQLite prepares depends on them.
func TestInsertText(t *testing.T) {
	tab := table{"t", []string{"k1", "k2", "a", "n"}, 2, 1}
	for _, tt := range []struct {
		unnamed bool
		want    string
	}{
		{false, "INSERT INTO t (gen, k1, k2, a, n) VALUES ($1, $2, $3, $4, $5), ($6, $7, $8, $9, $10)"},
		{true, "INSERT INTO t (gen, k1, k2, a, n) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)"},
	} {
		want := tt.want + " ON CONFLICT (gen, k1, k2) DO UPDATE SET a = excluded.a, n = t.n + excluded.n"
		if got := tab.insert(2, tt.unnamed); got != want {
			t.Errorf("insert is\n%s, want\n%s", got, want)
		}
	}
	bare := table{"t", []string{"k"}, 1, 0}
	if got := bare.insert(1, false); got != "INSERT INTO t (gen, k) VALUES ($1, $2) ON CONFLICT (gen, k) DO NOTHING" {
		t.Errorf("a table of keys alone: %s", got)
	}
	if got := tab.selectKeys(3); got != "SELECT k1, k2, a, n FROM t WHERE gen = $1 AND k1 IN ($2, $3, $4)" {
		t.Errorf("select is %s", got)
	}
}

// inOne runs f in a transaction that must be taken.
func inOne(t *testing.T, db *DB, f func(tx) error) {
	t.Helper()
	if err := db.update(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// moneyRows are n rows of a table with a key of one column.
func moneyRows(n int) (rows []moneyRow) {
	for i := range n {
		rows = append(rows, moneyRow{ID: fmt.Sprintf("c%04d", i), Office: "o", Overpaid: int64(i), Found: "{}"})
	}
	return rows
}

// columns are rows as a table writes them.
func columns(rows []moneyRow) (list [][]any) {
	for i := range rows {
		list = append(list, columnsOf(&rows[i]))
	}
	return list
}

// TestWriteInChunks writes as many rows as fall on every edge of the chunks,
// over each other, and reads them back.
func TestWriteInChunks(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		tab := newMoney(Options{}).(*moneyModel).cases
		for _, n := range []int{0, 1, 7, 8, 9, 63, 64, 65, 128, 200} {
			rows := moneyRows(n)
			var keys []string
			for _, r := range rows {
				keys = append(keys, r.ID)
			}
			var back []moneyRow
			inOne(t, db, func(w tx) error {
				err := tab.write(context.Background(), w, 7, columns(rows))
				if err != nil {
					return err
				}
				return tab.read(context.Background(), w, 7, append(keys, "nobody"), func(rows *sql.Rows) error {
					var r moneyRow
					err := rows.Scan(columnsOf(&r)...)
					back = append(back, r)
					return err
				})
			})
			slices.SortFunc(back, func(a, b moneyRow) int { return strings.Compare(a.ID, b.ID) })
			if !slices.Equal(back, rows) {
				t.Errorf("of %d rows came back %d: %+v", n, len(back), back)
			}
		}
	})
}

// TestSumsAddUp writes a counting row several times, inside one batch and over
// batches.
func TestSumsAddUp(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		days := newOfficers(Options{}).(*officersModel).days
		for _, batch := range [][]int64{{1, 2}, {3}, {}, {4, 5, 6}} {
			for _, n := range batch {
				days.add(officerDayRow{Person: "p", Office: "o", Post: "q", Day: 1, Decisions: n, Departed: 1})
				days.add(officerDayRow{Person: "p", Office: "o", Post: "q", Day: 2, Approvals: n})
			}
			inOne(t, db, func(w tx) error { return days.flush(context.Background(), w, 1) })
		}
		var text string
		rows, err := db.read.Query(`SELECT day, decisions, approvals, departed FROM officer_days WHERE gen = 1 ORDER BY day`)
		if err != nil {
			t.Fatal(err)
		}
		err = each(rows, func(rows *sql.Rows) error {
			var r officerDayRow
			err := rows.Scan(&r.Day, &r.Decisions, &r.Approvals, &r.Departed)
			text += fmt.Sprintln(r.Day, r.Decisions, r.Approvals, r.Departed)
			return err
		})
		if err != nil || text != "1 21 0 6\n2 0 21 0\n" {
			t.Errorf("sums are\n%s%v", text, err)
		}
	})
}

func TestClearDeletesOldGenerationsOnly(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		tab := newMoney(Options{}).(*moneyModel).cases
		rows := moneyRows(30)
		inOne(t, db, func(w tx) error {
			for gen := int64(1); gen <= 3; gen++ {
				if err := tab.write(context.Background(), w, gen, columns(rows)); err != nil {
					return err
				}
			}
			return nil
		})
		for _, want := range []int64{25, 25, 10, 0} {
			inOne(t, db, func(w tx) error {
				n, err := tab.clear(context.Background(), w, 3, 25)
				if n != want {
					t.Errorf("cleared %d rows, want %d", n, want)
				}
				return err
			})
		}
		var left int
		if err := db.read.QueryRow(`SELECT count(*) FROM money WHERE gen = 3`).Scan(&left); err != nil || left != 30 {
			t.Errorf("%d rows of the live generation are left, %v", left, err)
		}
	})
}

// TestKeptRows follows one table through batches: a row is read once, written
// when it has changed and only then, and dropped from memory at the limit.
func TestKeptRows(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		defer func(n int) { cacheRows = n }(cacheRows)
		cacheRows = 5
		rows := newMoney(Options{}).(*moneyModel).cases
		written := 0
		db.writer.mu.Lock()
		db.writer.fault = func(text string) error {
			if strings.HasPrefix(text, "INSERT INTO money") {
				written += strings.Count(text, "), (") + 1
			}
			return nil
		}
		db.writer.mu.Unlock()
		batch := func(change func(), keys ...string) {
			t.Helper()
			for _, k := range keys {
				rows.want(k)
			}
			inOne(t, db, func(w tx) error {
				if err := rows.load(context.Background(), w, 1); err != nil {
					return err
				}
				change()
				return rows.flush(context.Background(), w, 1)
			})
		}
		batch(func() { *rows.get("a") = moneyRow{ID: "a", Overpaid: 1} }, "a", "b", "a")
		batch(func() { rows.get("a").Overpaid++; rows.get("b") }, "a", "b")
		batch(func() { rows.get("a") }, "a")
		if written != 2 {
			t.Errorf("%d rows were written, want 2: new and changed", written)
		}
		batch(func() {}, "c", "d", "e", "f", "g")
		if len(rows.rows) != 0 {
			t.Errorf("%d rows stay in memory past the limit", len(rows.rows))
		}
		batch(func() {
			if got := rows.get("a").Overpaid; got != 2 {
				t.Errorf("read back %d, want 2", got)
			}
		}, "a")
		rows.want("a")
		rows.forget()
		if len(rows.rows)+len(rows.wanted)+len(rows.used) != 0 {
			t.Error("something is left after forget")
		}
		if err := guard(func() error { rows.get("z"); return nil }); !errors.Is(err, ErrPoison) {
			t.Errorf("a row that was not wanted: %v", err)
		}
	})
}

// TestReplacedRows gives an owner other rows: those that he has no more go,
// those of others stay.
func TestReplacedRows(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		rows := replacedIn[reviewCaseRow]("review_cases", 2)
		put := func(owner string, cases ...string) {
			var list []reviewCaseRow
			for _, c := range cases {
				list = append(list, reviewCaseRow{owner, c})
			}
			rows.replace(owner, list)
		}
		flush := func() { inOne(t, db, func(w tx) error { return rows.flush(context.Background(), w, 1) }) }
		put("R1", "a", "b")
		put("R2", "a")
		flush()
		put("R1", "c")
		flush()
		put("R2")
		rows.forget()
		flush()
		var got string
		text := `SELECT id || ':' || case_id FROM review_cases WHERE gen = 1 ORDER BY 1`
		all, err := db.read.Query(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := each(all, func(rows *sql.Rows) error {
			var s string
			err := rows.Scan(&s)
			got += s + " "
			return err
		}); err != nil || got != "R1:c R2:a " {
			t.Errorf("rows %s, %v", got, err)
		}
	})
}
