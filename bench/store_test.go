package bench

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hallgren/eventsourcing/core"
	hallgren "github.com/hallgren/eventsourcing/eventstore/sql"
	_ "modernc.org/sqlite"

	"leeway/eventstore"
	"leeway/eventstore/sqlite"
)

// payload is as large as a recorded decision typically is, and streamLength as
// long as a case's stream.
var payload = bytes.Repeat([]byte("p"), 460)

const (
	streamLength = 50
	streams      = 500
)

// A ledger keeps events durably: when append returns, the event is on disk.
type ledger interface {
	append(ctx context.Context, stream string, revision int64, id string) error
	load(ctx context.Context, stream string) (events int, err error)
	scan(ctx context.Context) (events int, err error)
}

// open opens SQLite as every peer gets it: the same driver and the same promise
// as ours, one fsync per commit.
func open(tb testing.TB) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(tb.TempDir(), "peer.db")+
		"?_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	return db
}

// ours is the embedded store.
type ours struct{ store *sqlite.Store }

func newOurs(tb testing.TB) ledger {
	tb.Helper()
	s, err := sqlite.Open(filepath.Join(tb.TempDir(), "ledger.db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return ours{s}
}

func (o ours) append(ctx context.Context, stream string, revision int64, id string) error {
	_, err := o.store.Append(ctx, eventstore.Batch{
		Stream: stream, Expected: revision - 1, Command: id, Events: []eventstore.Event{{ID: id, Type: "decision-made.v1", Data: payload}},
	})
	return err
}

func (o ours) load(ctx context.Context, stream string) (n int, err error) {
	for _, err := range o.store.Read(ctx, stream, 0) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (o ours) scan(ctx context.Context) (n int, err error) {
	for _, err := range o.store.All(ctx, eventstore.Start) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// audited is what offices have: a table of cases, and a trigger that writes each
// change into an audit table.
type audited struct{ db *sql.DB }

func newAudited(tb testing.TB) ledger {
	tb.Helper()
	db := open(tb)
	db.SetMaxOpenConns(1)
	_, err := db.Exec(`
		CREATE TABLE cases (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, command TEXT NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
		CREATE TABLE audit (n INTEGER PRIMARY KEY, id TEXT NOT NULL, revision INTEGER NOT NULL, command TEXT NOT NULL, at TEXT NOT NULL, data BLOB NOT NULL, UNIQUE (id, revision));
		CREATE TRIGGER inserted AFTER INSERT ON cases BEGIN INSERT INTO audit (id, revision, command, at, data) VALUES (new.id, new.revision, new.command, datetime(), new.data); END;
		CREATE TRIGGER updated AFTER UPDATE ON cases BEGIN INSERT INTO audit (id, revision, command, at, data) VALUES (new.id, new.revision, new.command, datetime(), new.data); END;`)
	if err != nil {
		tb.Fatal(err)
	}
	return audited{db}
}

func (a audited) append(ctx context.Context, stream string, revision int64, id string) error {
	if revision == 0 {
		_, err := a.db.ExecContext(ctx, `INSERT INTO cases VALUES ($1, 0, $2, $3)`, stream, id, payload)
		return err
	}
	r, err := a.db.ExecContext(ctx, `UPDATE cases SET revision = $2, command = $3, data = $4 WHERE id = $1 AND revision = $2 - 1`, stream, revision, id, payload)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); n != 1 || err != nil {
		return fmt.Errorf("%d rows, %w", n, err)
	}
	return nil
}

func (a audited) load(ctx context.Context, stream string) (int, error) {
	return rows(a.db.QueryContext(ctx, `SELECT n, id, revision, command, at, data FROM audit WHERE id = $1 ORDER BY revision`, stream))
}

func (a audited) scan(ctx context.Context) (int, error) {
	return rows(a.db.QueryContext(ctx, `SELECT n, id, revision, command, at, data FROM audit ORDER BY n`))
}

func rows(r *sql.Rows, err error) (n int, _ error) {
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for ; r.Next(); n++ {
		var at, revision int64
		var id, command, when string
		var data []byte
		if err := r.Scan(&at, &id, &revision, &command, &when, &data); err != nil {
			return n, err
		}
	}
	return n, r.Err()
}

// library is a plain event-sourcing library over the same database.
type library struct {
	store *hallgren.SQLite
}

func newLibrary(tb testing.TB) ledger {
	tb.Helper()
	s, err := hallgren.NewSQLiteSingelWriter(open(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return library{store: s}
}

func (l library) append(_ context.Context, stream string, revision int64, id string) error {
	return l.store.Save([]core.Event{{
		AggregateID: stream, AggregateType: "case", Version: core.Version(revision + 1), Timestamp: time.Now(), Reason: "decision-made.v1", Data: payload, Metadata: []byte(id),
	}})
}

func (l library) load(ctx context.Context, stream string) (int, error) {
	it, err := l.store.Get(ctx, stream, "case", 0)
	return drained(it, err)
}

func (l library) scan(context.Context) (int, error) {
	it, err := l.store.All(0)()
	return drained(it, err)
}

func drained(it core.Iterator, err error) (n int, _ error) {
	if err != nil {
		return 0, err
	}
	defer it.Close()
	for ; it.Next(); n++ {
		if _, err := it.Value(); err != nil {
			return n, err
		}
	}
	return n, nil
}

var ledgers = []struct {
	name string
	open func(testing.TB) ledger
}{{"leeway", newOurs}, {"audit-table", newAudited}, {"library", newLibrary}}

// id makes the n-th id as version 7 would be: each sorts after the one before.
func id(n int64) string { return fmt.Sprintf("%08x-%04x-7000-8000-%012x", n>>16, uint16(n), n) }

// TestSameLedger holds that each ledger gives back what it took, refuses a
// revision that is taken, and forgets nothing when it is opened by many.
func TestSameLedger(t *testing.T) {
	for _, l := range ledgers {
		x := l.open(t)
		for i := range int64(3) {
			if err := x.append(t.Context(), "s", i, id(i)); err != nil {
				t.Errorf("%s: append %d: %v", l.name, i, err)
			}
		}
		if err := x.append(t.Context(), "s", 1, id(9)); err == nil {
			t.Errorf("%s took a revision twice", l.name)
		}
		n, err := x.load(t.Context(), "s")
		all, errAll := x.scan(t.Context())
		if n != 3 || all != 3 || err != nil || errAll != nil {
			t.Errorf("%s: %d of one stream, %d of all, %v, %v", l.name, n, all, err, errAll)
		}
	}
}

// BenchmarkAppend is durable appends of one event by 32 writers, each with a
// stream of its own, beside the syncs that the disk gives in the same moment.
func BenchmarkAppend(b *testing.B) {
	for _, l := range ledgers {
		b.Run("by="+l.name, func(b *testing.B) {
			x := l.open(b)
			var issued atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for w := range 32 {
				wg.Go(func() {
					for i := int64(0); ; i++ {
						n := issued.Add(1)
						if n > int64(b.N) {
							return
						}
						if err := x.append(b.Context(), fmt.Sprintf("case-%d-%d", w, i/streamLength), i%streamLength, id(n)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func filled(b *testing.B, l ledger) {
	for s := range int64(streams) {
		if err := fill(b, l, s); err != nil {
			b.Fatal(err)
		}
	}
}

func fill(b *testing.B, l ledger, s int64) error {
	for i := range int64(streamLength) {
		if err := l.append(b.Context(), fmt.Sprint("case-", s), i, id(s*streamLength+i)); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkLoad is loading one case of 50 events.
func BenchmarkLoad(b *testing.B) {
	for _, l := range ledgers {
		b.Run("by="+l.name, func(b *testing.B) {
			x := l.open(b)
			filled(b, x)
			for i := 0; b.Loop(); i++ {
				if n, err := x.load(b.Context(), fmt.Sprint("case-", i*7919%streams)); n != streamLength || err != nil {
					b.Fatalf("%d events, %v", n, err)
				}
			}
		})
	}
}

// BenchmarkScan is reading everything, per event.
func BenchmarkScan(b *testing.B) {
	for _, l := range ledgers {
		b.Run("by="+l.name, func(b *testing.B) {
			x := l.open(b)
			filled(b, x)
			n := 0
			for b.Loop() {
				more, err := x.scan(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				n += more
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/ev")
		})
	}
}

// BenchmarkSync is the physical limit of a commit: 4 KiB written and synced.
func BenchmarkSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "probe"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for b.Loop() {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}
