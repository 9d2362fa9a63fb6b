package projections

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenMakesAndKeepsTheTables(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		if pending, err := db.Pending(t.Context()); pending || err != nil {
			t.Errorf("after Open tables are missing: %v, %v", pending, err)
		}
		s := newStory(t)
		s.handled("F1")
		caughtUp(t, db, s)
		before := dump(t, db)
		if err := errors.Join(db.Migrate(t.Context()), db.Ping(t.Context())); err != nil {
			t.Fatal(err)
		}
		if after := dump(t, db); after != before || db.Engine() == "" {
			t.Error(firstDifference(before, after))
		}
	})
}

// TestMigrationsGoBack takes every table away again.
func TestMigrationsGoBack(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		p, err := db.goose()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.DownTo(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if pending, err := db.Pending(t.Context()); !pending || err != nil {
			t.Errorf("pending %v, %v", pending, err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		caughtUp(t, db, newStory(t))
	})
}

// TestTablesAreAsTheModelsSay compares what models write with the migrations,
// and the migrations with what models write.
func TestTablesAreAsTheModelsSay(t *testing.T) {
	db := sqliteIn(t)
	known := map[string]bool{"projection": true, "poison": true, "goose_db_version": true, "sqlite_sequence": true}
	for _, s := range specs {
		for _, rows := range s.make(Options{}).sets() {
			tab := rows.of()
			known[tab.name] = true
			want := "gen," + strings.Join(tab.cols, ",")
			var got string
			err := db.read.QueryRow(`SELECT group_concat(name) FROM pragma_table_info($1)`, tab.name).Scan(&got)
			if err != nil || got != want {
				t.Errorf("%s has columns\n%s, the model writes\n%s, %v", tab.name, got, want, err)
			}
		}
	}
	rows, err := db.read.Query(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil || !known[name] {
			t.Errorf("no model writes table %s, %v", name, err)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk.db")
	if err := os.WriteFile(junk, []byte(strings.Repeat("no database ", 400)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{junk, "postgres://nobody@127.0.0.1:1/none?connect_timeout=1", filepath.Join(junk, "below", "a", "file")} {
		if db, err := Open(context.Background(), url); err == nil {
			db.Close()
			t.Errorf("%s was opened", url)
		}
	}
	private := filepath.Join(dir, "new", "models.db")
	opened(t, private)
	if info, err := os.Stat(private); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
}

// TestReadersCannotWrite tries to write through the connections of readers.
func TestReadersCannotWrite(t *testing.T) {
	db := sqliteIn(t)
	if _, err := db.read.Exec(`DELETE FROM projection`); err == nil {
		t.Error("a reader wrote")
	}
}

// TestWriterComesBack breaks the writer's connection: the next transaction has
// another one.
func TestWriterComesBack(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		s.handled("F1")
		caughtUp(t, db, s)
		db.writer.conn.Raw(func(any) error { return errors.New("gone") })
		db.writer.mu.Lock()
		db.writer.drop()
		db.writer.mu.Unlock()
		s.handled("F2")
		caughtUp(t, db, s)
		if page, err := db.Bench().Cases(t.Context(), Ask{}); err != nil || len(page.Rows) != 2 {
			t.Errorf("%+v, %v", page.Rows, err)
		}
	})
}

func TestCutContextRollsBack(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		caughtUp(t, db, newStory(t))
		ctx, cancel := context.WithCancel(t.Context())
		err := db.update(ctx, func(w tx) error {
			if _, err := w.exec(ctx, `UPDATE projection SET reason = 'half'`); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("update = %v", err)
		}
		var n int
		if err := db.read.QueryRow(`SELECT count(*) FROM projection WHERE reason = 'half'`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows of a cut transaction, %v", n, err)
		}
	})
}
