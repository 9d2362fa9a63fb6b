package sqlite

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"leeway/eventstore"
	"leeway/eventstore/storetest"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		os.Exit(runChild(role, os.Getenv(pathVar)))
	}
	goleak.VerifyTestMain(m)
}

func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Adapter{
		Open:   func(t testing.TB, dir string) eventstore.Store { return openAt(t, fileIn(dir)) },
		Damage: damage,
	})
}

func fileIn(dir string) string { return filepath.Join(dir, "events.db") }

func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatalf("Open = %v", err)
	}
	return s
}

// damage changes one byte of an event's data.
func damage(t testing.TB, dir string, _ eventstore.Store, at eventstore.Recorded) {
	tamper(t, fileIn(dir), `UPDATE events SET data = CAST(substr(data, 2) || 'x' AS BLOB)
		WHERE stream = ? AND revision = ?`, at.Stream, at.Revision)
}

// tamper changes the file behind the store's back, without its guards.
func tamper(t testing.TB, path, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`PRAGMA busy_timeout = 10000;
		DROP TRIGGER IF EXISTS events_stay; DROP TRIGGER IF EXISTS events_keep;`); err != nil {
		t.Fatal(err)
	}
	res, err := db.Exec(statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%s changed %d rows, %v", statement, n, err)
	}
}
