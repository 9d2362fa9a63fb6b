package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"leeway/eventstore"
)

// create makes an empty file, readable by its owner alone, where there is
// none, and returns its one true path: two names of one file must lead to one
// lock. SQLite gives its companion files the mode of this one.
func create(path string) (string, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return path, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return existing(path)
	case err != nil:
		return path, err
	}
	if err := f.Close(); err != nil {
		return path, err
	}
	// A file is durable only when its folder says that it is there, and the
	// folder only when the one above does.
	if err := errors.Join(syncDir(dir), syncDir(filepath.Dir(dir))); err != nil {
		return path, err
	}
	return existing(path)
}

// existing returns the one true path of a file: absolute, so that the store
// stays found when the program changes its folder, and without links.
func existing(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path, err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return path, err
	}
	return real, nil
}

// connect opens a pool on the file. The busy timeout comes first, so that the
// settings after it wait for a lock instead of failing.
func connect(path, mode string, busy time.Duration, pragmas ...string) (*sql.DB, error) {
	// fdatasync is as durable as fsync, and leaves out the write of a time
	// stamp nobody reads. Where there is none, fsync it is.
	if _, err := driver.Fdatasync(true); err != nil && !errors.Is(err, driver.ErrFdatasyncUnavailable) {
		return nil, err
	}
	// As a URI, so that a "?" or "%" in the path is escaped and cannot be
	// taken for the start of the parameters.
	slashed := filepath.ToSlash(path)
	if slashed[0] != '/' { // a Windows drive
		slashed = "/" + slashed
	}
	values := url.Values{
		"mode":       {mode},
		"_defensive": {"1"},
		"_pragma":    append([]string{fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds())}, pragmas...),
	}
	uri := url.URL{Scheme: "file", Path: slashed, RawQuery: values.Encode()}
	return sql.Open("sqlite", uri.String())
}

// openWrites opens the one connection that writes and starts the writer. The
// connection is taken out of its pool for good: were database/sql to replace
// it after an error, a transaction could end on another one.
func (s *Store) openWrites(set settings) error {
	db, err := connect(s.path, "rw", set.busy,
		"journal_mode(WAL)", "synchronous(FULL)",
		"fullfsync(1)", "checkpoint_fullfsync(1)", // macOS: to the platter, not to the drive's cache
		"cell_size_check(1)", "trusted_schema(0)", // look twice at what is read from the file
		// The log goes back into the database every 32 MB; the longer it may
		// get, the more often a page of an index is changed in it before it is
		// written once. If going back fails the log stays, so nothing that was
		// acknowledged rests on it. After a burst it is cut back to 64 MB.
		"wal_autocheckpoint(8000)", "journal_size_limit(67108864)")
	if err != nil {
		return err
	}
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return errors.Join(explain(err), db.Close())
	}
	if err := errors.Join(checkDurable(ctx, conn), prepareSchema(ctx, conn)); err != nil {
		return errors.Join(err, conn.Close(), db.Close())
	}
	s.writer, err = startWriter(db, conn, set, &s.bell)
	if err != nil {
		return errors.Join(explain(err), conn.Close(), db.Close())
	}
	return nil
}

// openReads opens the connections that read. They are opened read-only, which
// SQLite enforces, so that no mistake here can change what happened.
func (s *Store) openReads() error {
	db, err := connect(s.path, "ro", 10*time.Second, "query_only(1)", "cell_size_check(1)", "trusted_schema(0)")
	if err != nil {
		return err
	}
	const most = 8 // each holds a page cache; a page is read in milliseconds
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	s.reads = db
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return explain(err)
	}
	if err := errors.Join(checkSchema(ctx, conn), conn.Close()); err != nil {
		return err
	}
	s.queries, err = prepareQueries(db)
	return explain(err)
}

// checkDurable makes sure that the settings which durability rests on are in
// force: SQLite ignores a setting that the file system cannot serve.
func checkDurable(ctx context.Context, conn *sql.Conn) error {
	var journal string
	var synchronous int
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&journal); err != nil {
		return explain(err)
	}
	if err := conn.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous); err != nil {
		return explain(err)
	}
	if journal != "wal" || synchronous != 2 {
		return fmt.Errorf("journal mode is %s and synchronous %d, wanted wal and 2: use a local disk", journal, synchronous)
	}
	return nil
}

// explain gives an error of SQLite the sentinel it stands for. An error that
// says nothing about the data, such as a failed system call, stays what it is.
func explain(err error) error {
	if err == nil {
		return nil
	}
	switch primaryCode(err) {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", eventstore.ErrCorrupt, err)
	}
	return err
}

// primaryCode is SQLite's result code without its extension, or 0 for an
// error that is not SQLite's.
func primaryCode(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
