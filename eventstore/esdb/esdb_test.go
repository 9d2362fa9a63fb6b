package esdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"go.uber.org/goleak"

	"leeway/eventstore"
	"leeway/eventstore/esdbserver"
	"leeway/eventstore/memory"
	"leeway/eventstore/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// over is esdb on a server of its own: closing it stops the server and closes
// the store below, so that opening again is a restart of everything.
type over struct {
	*Store
	node *node
	once sync.Once
}

func (o *over) Close() error {
	err := o.Store.Close()
	o.once.Do(func() {
		o.node.stop()
		err = o.node.store.Close()
	})
	return err
}

func openBoth(t testing.TB, store eventstore.Store, o esdbserver.Options) eventstore.Store {
	n := startNode(t, store, o)
	return &over{Store: openAt(t, n.address), node: n}
}

func TestContractOverMemory(t *testing.T) {
	storetest.Run(t, storetest.Adapter{
		Open: func(t testing.TB, _ string) eventstore.Store {
			return openBoth(t, memory.New(), esdbserver.Options{})
		},
		Damage: func(_ testing.TB, _ string, s eventstore.Store, at eventstore.Recorded) {
			s.(*over).node.store.(*memory.Store).Damage(at.Stream, at.Revision)
		},
		Volatile: true,
	})
}

func TestContractOverSQLite(t *testing.T) {
	storetest.Run(t, storetest.Adapter{
		Open: func(t testing.TB, dir string) eventstore.Store {
			return openBoth(t, openSQLite(t, dir), esdbserver.Options{Forgetful: true})
		},
		Damage: func(t testing.TB, dir string, _ eventstore.Store, at eventstore.Recorded) {
			damageFile(t, filepath.Join(dir, "events.db"), at)
		},
	})
}

// damageFile changes one byte of an event behind SQLite's back.
func damageFile(t testing.TB, path string, at eventstore.Recorded) {
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
	if _, err := db.Exec(`UPDATE events SET data = CAST(substr(data, 2) || 'x' AS BLOB)
		WHERE stream = ? AND revision = ?`, at.Stream, at.Revision); err != nil {
		t.Fatal(err)
	}
}

// TestContractWithPrefix runs a ledger beside another on one server, each
// blind to the other. It is how the contract runs on a real server too.
func TestContractWithPrefix(t *testing.T) {
	nodes := make(map[string]*node) // by the folder of a case
	runWithPrefix(t, func(dir string) string {
		if nodes[dir] == nil {
			n := startNode(t, &longNames{Store: memory.New()}, esdbserver.Options{})
			neighbour := openAt(t, n.address, func(c *Config) { c.Prefix = "neighbour-" })
			mustAppend(t, neighbour, batch("s", eventstore.NoStream, "of", "another", "ledger"))
			neighbour.Close()
			nodes[dir] = n
		}
		return "esdb://" + nodes[dir].address + "?tls=false"
	})
}

// longNames keeps streams whose names are longer than the port allows, as a
// real server does: the longest name of the port, behind a prefix.
type longNames struct {
	*memory.Store
	names sync.Map // of both kinds, each to the other
}

func (l *longNames) Append(ctx context.Context, b eventstore.Batch) (int64, error) {
	if len(b.Stream) > eventstore.MaxName {
		short := fmt.Sprintf("%x", sha256.Sum256([]byte(b.Stream)))
		l.names.Store(short, b.Stream)
		l.names.Store(b.Stream, short)
	}
	b.Stream = l.other(b.Stream)
	return l.Store.Append(ctx, b)
}

func (l *longNames) other(name string) string {
	if other, ok := l.names.Load(name); ok {
		return other.(string)
	}
	return name
}

func (l *longNames) Read(ctx context.Context, stream string, from int64) iter.Seq2[eventstore.Recorded, error] {
	return l.long(l.Store.Read(ctx, l.other(stream), from))
}

func (l *longNames) All(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return l.long(l.Store.All(ctx, after))
}

func (l *longNames) Subscribe(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return l.long(l.Store.Subscribe(ctx, after))
}

func (l *longNames) long(all iter.Seq2[eventstore.Recorded, error]) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for r, err := range all {
			r.Stream = l.other(r.Stream)
			if !yield(r, err) {
				return
			}
		}
	}
}

// serverVar names a real server: a connection string, with credentials.
const serverVar = "LEEWAY_ESDB"

// TestContractOnServer runs the contract on a real EventStoreDB or KurrentDB.
// It leaves streams behind, under names that nobody else uses.
func TestContractOnServer(t *testing.T) {
	connection := os.Getenv(serverVar)
	if connection == "" {
		t.Skip(serverVar + " names no server; set it to a connection string, such as esdb://admin:changeit@localhost:2113?tlsCAFile=ca.pem")
	}
	runWithPrefix(t, func(string) string { return connection })
}

func runWithPrefix(t *testing.T, connection func(dir string) string) {
	prefixes := make(map[string]string) // by the folder of a case
	damaged := make(map[*Store]func(eventstore.Recorded))
	storetest.Run(t, storetest.Adapter{
		Open: func(t testing.TB, dir string) eventstore.Store {
			if prefixes[dir] == "" {
				prefixes[dir] = "leeway-test-" + newID() + "-"
			}
			s, err := Open(Config{Connection: connection(dir), Prefix: prefixes[dir], Insecure: true})
			if err != nil {
				t.Fatalf("Open = %v", err)
			}
			damaged[s] = tamperWith(s)
			return s
		},
		// Nobody can damage an event on a server from here, so it is damaged
		// on its way to the reader.
		Damage: func(_ testing.TB, _ string, s eventstore.Store, at eventstore.Recorded) { damaged[s.(*Store)](at) },
	})
}

// tamperWith puts a failing wire between the server and the store, and returns
// what makes one event fail on it.
func tamperWith(s *Store) func(eventstore.Recorded) {
	var mu sync.Mutex
	bad := make(map[string]bool)
	s.tamper = func(e *esdb.RecordedEvent) {
		mu.Lock()
		defer mu.Unlock()
		if bad[e.EventID.String()] && len(e.Data) > 0 {
			e.Data[0] ^= 1
		}
	}
	return func(r eventstore.Recorded) {
		mu.Lock()
		defer mu.Unlock()
		bad[r.ID] = true
	}
}
