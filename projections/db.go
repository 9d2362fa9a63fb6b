package projections

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // SQLite
)

// Sentinels of the room.
var (
	// ErrPoison says that an event cannot be read or folded. The projection
	// stays in front of it until a program that can is started.
	ErrPoison = errors.New("event cannot be projected")
	// ErrNotBuilt says that a read model has no rows to show yet: it is being
	// built for the first time. Ask again.
	ErrNotBuilt = errors.New("read model is not built yet")
	// ErrLost says that somebody else holds the projection by now.
	ErrLost = errors.New("lease of the projection was lost")
	// ErrForeign says that a checkpoint belongs to another store.
	ErrForeign = errors.New("checkpoint belongs to another store")
	// ErrCursor says that a page cursor was not given out by this query.
	ErrCursor = errors.New("page cursor is not one of this list")
)

//go:embed migrations
var migrations embed.FS

// DB is the database of the read models: SQLite or PostgreSQL, spoken to with
// one SQL text. Get one from Open. Its methods may be called from many
// goroutines.
type DB struct {
	engine engine
	pool   *sql.DB // that the writer's connection comes from
	read   *sql.DB
	writer writer
}

// engine is what differs between the two.
type engine struct {
	name    string
	dialect goose.Dialect
	poison  func(error) bool // an error of the data, not of the database
	begin   string           // opens a transaction that writes
	prepare []string         // before the migrations
}

// Open opens the database that a URL names, "postgres://…" or the path of an
// SQLite file, which is created where there is none, and brings its tables up
// to date.
func Open(ctx context.Context, url string) (*DB, error) {
	open := openSQLite
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		open = openPostgres
	}
	d, err := open(url)
	if err != nil {
		return nil, fmt.Errorf("read models: %w", err)
	}
	if err := d.Migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("read models in %s: %w", d.engine.name, err), d.Close())
	}
	return d, nil
}

// Engine names the database: "SQLite" or "PostgreSQL".
func (d *DB) Engine() string { return d.engine.name }

// Migrate brings the tables up to date. Open has done so already.
func (d *DB) Migrate(ctx context.Context) error {
	for _, text := range d.engine.prepare {
		if _, err := d.pool.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	p, err := d.goose()
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// Pending reports whether the program knows tables that the database does not
// have yet.
func (d *DB) Pending(ctx context.Context) (bool, error) {
	p, err := d.goose()
	if err != nil {
		return false, err
	}
	return p.HasPending(ctx)
}

// goose is the migrations of this program over the database. It has no
// registry that others could add to.
func (d *DB) goose() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(d.engine.dialect, d.pool, files, goose.WithDisableGlobalRegistry(true))
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.read.PingContext(ctx) }

// Close closes all connections.
func (d *DB) Close() error {
	d.writer.mu.Lock()
	defer d.writer.mu.Unlock()
	return errors.Join(d.writer.drop(), d.read.Close(), d.pool.Close())
}

// Now is the server's clock in milliseconds; a test may turn it.
func now() int64 { return time.Now().UnixMilli() }
