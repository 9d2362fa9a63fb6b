package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrSchema says that the file was made by another version of this program,
// or by another program. The wrapping error says what to do.
var ErrSchema = errors.New("store has another schema")

const (
	// applicationID marks a file as ours, in the header field that SQLite has
	// for it: "LEEW".
	applicationID = 0x4c454557
	// schemaVersion goes up with every change of the tables.
	schemaVersion = 1
)

// The tables. A position is one more than the one before, with no gap, which
// lets a reader notice a missing row; head and streams.last say where the
// store and a stream end, which lets him notice a missing tail. Text compares
// byte for byte (collation BINARY, the default). The triggers keep a slip of
// the hand at the sqlite3 prompt from changing what happened; they are no
// defence against anyone who means to.
const schema = `
CREATE TABLE head (
	one      INTEGER PRIMARY KEY CHECK (one = 1),
	position INTEGER NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0);
CREATE TABLE streams (
	name TEXT PRIMARY KEY,
	last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE commands (
	id     TEXT PRIMARY KEY,
	stream TEXT NOT NULL,
	first  INTEGER NOT NULL,
	last   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
	position INTEGER PRIMARY KEY,
	stream   TEXT NOT NULL,
	revision INTEGER NOT NULL,
	id       TEXT NOT NULL UNIQUE,
	type     TEXT NOT NULL,
	command  TEXT NOT NULL,
	created  INTEGER NOT NULL, -- nanoseconds since 1970, UTC
	data     BLOB NOT NULL,
	sum      INTEGER NOT NULL, -- CRC-32C over all of the above
	UNIQUE (stream, revision)
) STRICT;
CREATE TRIGGER events_stay BEFORE DELETE ON events
	BEGIN SELECT RAISE(ABORT, 'an event cannot be deleted'); END;
CREATE TRIGGER events_keep BEFORE UPDATE ON events
	BEGIN SELECT RAISE(ABORT, 'an event cannot be changed'); END;
`

// prepareSchema creates the tables in an empty file, and otherwise checks that
// they are the ones this program knows.
func prepareSchema(ctx context.Context, conn *sql.Conn) error {
	// Whoever looks and creates does both under the write lock.
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return explain(err)
	}
	err := createSchema(ctx, conn)
	end := "COMMIT"
	if err != nil {
		end = "ROLLBACK"
	}
	if _, endErr := conn.ExecContext(ctx, end); endErr != nil {
		return errors.Join(err, explain(endErr))
	}
	return err
}

// createSchema creates the tables where there is nothing at all. A file with
// any table or mark in it is somebody's, and is judged instead.
func createSchema(ctx context.Context, conn *sql.Conn) error {
	var tables int
	if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return explain(err)
	}
	id, version, err := readVersion(ctx, conn)
	if err != nil {
		return err
	}
	if tables > 0 || id != 0 || version != 0 {
		return judgeVersion(id, version)
	}
	mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, schemaVersion)
	_, err = conn.ExecContext(ctx, schema+mark)
	return explain(err)
}

// checkSchema checks that the tables are the ones this program knows. It is
// what a reader does, who may not create anything.
func checkSchema(ctx context.Context, conn *sql.Conn) error {
	id, version, err := readVersion(ctx, conn)
	if err != nil {
		return err
	}
	return judgeVersion(id, version)
}

// readVersion reads the two marks from the file's header.
func readVersion(ctx context.Context, conn *sql.Conn) (id, version int64, err error) {
	if err := conn.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return 0, 0, explain(err)
	}
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, 0, explain(err)
	}
	return id, version, nil
}

// judgeVersion says why a file cannot be used and what to do. There is no
// older version to bring forward yet; the first change of schemaVersion adds
// the step that does it, under the same lock.
func judgeVersion(id, version int64) error {
	switch {
	case id == 0 && version == 0:
		return fmt.Errorf("%w: the file holds no event store; open it for writing once, or name another file", ErrSchema)
	case id != applicationID:
		return fmt.Errorf("%w: the file belongs to another program (application id %#x); name another file", ErrSchema, id)
	case version > schemaVersion:
		return fmt.Errorf("%w: the file has version %d, this program knows up to %d; use the newer program that wrote it",
			ErrSchema, version, schemaVersion)
	case version < schemaVersion:
		return fmt.Errorf("%w: the file has version %d, which no release has written; put it back from a backup",
			ErrSchema, version)
	}
	return nil
}
