package projections

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is how many queries run beside each other; each connection of
// SQLite holds a page cache.
const readers = 4

// openSQLite opens a file. The write-ahead log is synced at checkpoints only:
// after a loss of power the newest transactions may be missing, rows and
// checkpoint alike, and are applied again.
func openSQLite(path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	// 32 MiB of pages for the writer: a rebuild inserts at random places of
	// several indexes. Temporary B-trees stay in memory.
	write, err := sqliteDB(path, "rw", "journal_mode(WAL)", "synchronous(NORMAL)", "cache_size(-32768)",
		"wal_autocheckpoint(4000)", "journal_size_limit(67108864)", "trusted_schema(0)", "temp_store(2)")
	if err != nil {
		return nil, err
	}
	read, err := sqliteDB(path, "ro", "query_only(1)", "trusted_schema(0)")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &DB{engine: engine{name: "SQLite", dialect: goose.DialectSQLite3, begin: "BEGIN IMMEDIATE", poison: sqlitePoison},
		pool: write, read: read, writer: writer{unnamed: true}}, nil
}

// sqliteDB opens a pool. The busy timeout comes first, so that the settings
// after it wait for a lock.
func sqliteDB(path, mode string, pragmas ...string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	slashed := filepath.ToSlash(abs)
	if slashed[0] != '/' { // a Windows drive
		slashed = "/" + slashed
	}
	values := url.Values{"mode": {mode}, "_defensive": {"1"},
		"_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	uri := url.URL{Scheme: "file", Path: slashed, RawQuery: values.Encode()}
	return sql.Open("sqlite", uri.String())
}

// sqlitePoison reports whether SQLite refused the data. Anything else, a full
// disk or a lock, is the database's trouble and is tried again.
func sqlitePoison(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		return true
	}
	return false
}

// domains are the two types that make PostgreSQL compare text byte for byte
// and read the same migrations as SQLite.
var domains = []string{
	`DO $$ BEGIN CREATE DOMAIN ctext AS text COLLATE "C"; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
	`DO $$ BEGIN CREATE DOMAIN cblob AS bytea; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
}

// openPostgres opens pools without a connection yet; the migrations are the
// first to need one, and say so when there is no server.
func openPostgres(url string) (*DB, error) {
	write, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	read, err := sql.Open("pgx", url)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &DB{engine: engine{name: "PostgreSQL", dialect: goose.DialectPostgres, begin: "BEGIN", poison: postgresPoison, prepare: domains},
		pool: write, read: read}, nil
}

// postgresPoison reports whether PostgreSQL refused the data: classes 22,
// data exception, and 23, integrity constraint violation.
func postgresPoison(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && len(e.Code) == 5 && (e.Code[:2] == "22" || e.Code[:2] == "23")
}
