package projections

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
	"leeway/eventstore/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// postgresEnv names the environment variable under which tests find a
// PostgreSQL database that they may write to.
const postgresEnv = "LEEWAY_POSTGRES"

// onEngines runs a test on a fresh database of each engine. PostgreSQL needs a
// server, so it is skipped where none is named.
func onEngines(t *testing.T, f func(*testing.T, *DB)) {
	t.Run("sqlite", func(t *testing.T) { f(t, sqliteIn(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, postgresIn(t)) })
}

// check runs a property. A database behind a server takes longer, and gets
// fewer examples: what it adds is the engine, not the history.
func check(t *testing.T, db *DB, property func(*rapid.T)) {
	t.Helper()
	if checks := flag.Lookup("rapid.checks"); db.engine.name == "PostgreSQL" && checks != nil {
		defer checks.Value.Set(checks.Value.String())
		checks.Value.Set("15")
	}
	rapid.Check(t, property)
}

func sqliteIn(t testing.TB) *DB {
	t.Helper()
	return opened(t, filepath.Join(t.TempDir(), "models.db"))
}

// postgresIn opens a schema of its own, which is dropped at the end.
func postgresIn(t testing.TB) *DB {
	t.Helper()
	base := os.Getenv(postgresEnv)
	if base == "" {
		t.Skipf("%s names no database; set it to postgres://… to run the suite on PostgreSQL too", postgresEnv)
	}
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	schema := "t" + strings.ToLower(newHolder())
	if _, err := admin.Exec(`CREATE SCHEMA ` + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(`DROP SCHEMA ` + schema + ` CASCADE`); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return opened(t, u.String())
}

func opened(t testing.TB, url string) *DB {
	t.Helper()
	db, err := Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// story writes events into a store, as casework would.
type story struct {
	eventstore.Store
	t       fataler
	last    map[string]int64
	count   uint64
	spent   uint64 // how often ids were taken from elsewhere
	clock   time.Time
	visible domain.Visibility
	claimed *domain.Claim
}

type fataler interface {
	Helper()
	Fatal(...any)
}

func newStory(t fataler) *story { return storyIn(t, memory.New()) }

func storyIn(t fataler, s eventstore.Store) *story {
	return &story{Store: s, t: t, last: map[string]int64{}, clock: time.Date(2020, 1, 2, 9, 0, 0, 0, domain.Shanghai)}
}

var (
	townWorker = domain.Actor{Person: "w1", Office: "town", Post: "intake"}
	townOther  = domain.Actor{Person: "w2", Office: "town", Post: "intake"}
	approver   = domain.Actor{Person: "a1", Office: "county", Post: "approver"}
	reviewer   = domain.Actor{Person: "r1", Office: "organ", Post: "reviewer"}
)

// uuid is the n-th id of a story.
func (s *story) uuid() string {
	s.count++
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], s.count)
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-7000-8000-" + h[12:] + "00000000"
}

// put appends one event to a stream.
func (s *story) put(stream string, actor domain.Actor, body interface{ EventType() string }) domain.Envelope {
	s.t.Helper()
	env := s.envelope(stream, actor, body)
	s.raw(env.Stream, env.Type, env.ID, must(env.Encode()))
	return env
}

func (s *story) envelope(stream string, actor domain.Actor, body interface{ EventType() string }) domain.Envelope {
	if _, ok := s.last[stream]; !ok {
		s.last[stream] = eventstore.NoStream
	}
	id := s.uuid()
	return domain.Envelope{Suite: domain.Suite, Clear: must(domain.Canonical(body)), Sealed: sealedFields(strings.TrimPrefix(stream, casePrefix), body), Meta: domain.Meta{
		ID: id, Command: id, Type: body.EventType(), Stream: stream, Revision: s.last[stream] + 1,
		RecordedAt: domain.At(s.clock), Actor: actor, Visible: s.visible, Claimed: s.claimed,
		Basis: domain.Basis{{Stream: stream, Revision: s.last[stream]}, {Stream: eligibility.RulesStream, Revision: 0}},
	}}
}

// raw appends bytes, whatever they are.
func (s *story) raw(stream, eventType, id string, data []byte) {
	s.t.Helper()
	if _, ok := s.last[stream]; !ok {
		s.last[stream] = eventstore.NoStream
	}
	last, err := s.Append(context.Background(), eventstore.Batch{Stream: stream, Expected: s.last[stream], Command: id,
		Events: []eventstore.Event{{ID: id, Type: eventType, Data: data}}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.last[stream] = last
	s.clock = s.clock.Add(time.Minute)
}

// hidden runs f with what it records visible to these only.
func (s *story) hidden(v domain.Visibility, f func()) {
	s.visible = v
	f()
	s.visible = nil
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func on(d domain.Day) eligibility.On       { return eligibility.On{Day: d} }
func taken(d domain.Day) eligibility.Taken { return eligibility.Taken{On: on(d)} }

// caseOpened opens a case with a household of three.
func caseOpened(d domain.Day) *eligibility.CaseOpened {
	return &eligibility.CaseOpened{On: on(d), Programme: eligibility.Dibao, Pack: "p", Office: "town", Applicant: "m1",
		Members: []eligibility.Person{{ID: "m1", Relation: "self", Name: domain.Personal("m1", "张三丰"), IDNumber: domain.Personal("m1", "429005198001012345")},
			{ID: "m2", Relation: "spouse"}, {ID: "m3", Relation: "child"}},
		Address: domain.Personal("m1", "园林街道七号")}
}

// handled is a case from the application to its second payment.
func (s *story) handled(id string) {
	jan, feb := domain.Date(2020, 1, 2), domain.MonthOf(2020, 2)
	stream := "case-" + id
	s.put(stream, townWorker, caseOpened(jan))
	s.put(stream, townWorker, &eligibility.ApplicationSubmitted{Taken: taken(jan), By: "m1"})
	s.put(stream, townWorker, &eligibility.ApplicationAccepted{Taken: taken(jan + 1)})
	s.put(stream, townWorker, &eligibility.HouseholdSurveyed{On: on(jan + 3), Staff: []string{"w1", "w2"}, Signed: true})
	s.put(stream, townWorker, &eligibility.InfoCheckReturned{On: on(jan + 4), Source: "bank", NoData: true})
	s.put(stream, townWorker, &eligibility.InitialOpinion{On: on(jan + 5), Outcome: eligibility.Granted, Amount: 37800})
	s.put(stream, townWorker, &eligibility.PublicNoticePosted{On: on(jan + 6), Place: "board", Until: jan + 13})
	s.put(stream, townWorker, &eligibility.PublicNoticeClosed{Taken: taken(jan + 13)})
	s.put(stream, approver, &eligibility.DecisionMade{On: on(jan + 14), Outcome: eligibility.Granted, Amount: 37800, From: feb,
		Advice: &eligibility.Advice{Rules: domain.PackVersion{Pack: "p", Version: "1", Digest: "d"}, Outcome: domain.Exactly(37800)}})
	s.put(stream, townWorker, &eligibility.ReverificationDue{On: on(jan + 14), Due: domain.Date(2020, 7, 1), Class: "B"})
	for m := feb; m < feb+2; m++ {
		s.put(stream, approver, &eligibility.PaymentListApproved{On: on(m.First()), Month: m, Amount: 37800})
		s.put(stream, approver, &eligibility.BenefitPaid{On: on(m.First() + 9), Month: m, Amount: 37800})
	}
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func projectorOf(db *DB, s eventstore.Store) *Projector {
	return &Projector{DB: db, Store: s, Logger: quiet(), poll: 10 * time.Millisecond, Options: Options{Persons: new(testVault).persons()}}
}

// caughtUp brings the read models up to the end of a store.
func caughtUp(t testing.TB, db *DB, s eventstore.Store) {
	t.Helper()
	if err := projectorOf(db, s).CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// running runs a projector until the test ends or stop is called.
func running(t testing.TB, p *Projector) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	stopped := false
	stop = func() {
		if cancel(); !stopped {
			stopped = true
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(stop)
	return stop
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not within 20 s: %s", what)
}

// level waits until every projection stands at the end of a store.
func level(t testing.TB, db *DB, s eventstore.Store) {
	t.Helper()
	eventually(t, "projections at the end of the store", func() bool {
		list, err := db.Status(context.Background(), s)
		for _, st := range list {
			if st.State != stateLive || st.Lag.Events > 0 {
				return false
			}
		}
		return err == nil
	})
}

// dump writes down every live row of every model, sorted, without generations
// and without positions, which are the store's business.
func dump(t testing.TB, db *DB) string {
	t.Helper()
	var b strings.Builder
	for _, s := range specs {
		for _, rows := range s.make(Options{}).sets() {
			dumpTable(t, db, &b, s.name, rows.of())
		}
	}
	return b.String()
}

func dumpTable(t testing.TB, db *DB, b *strings.Builder, projection string, tab table) {
	t.Helper()
	text := fmt.Sprintf(`SELECT %s FROM %s WHERE gen = (SELECT live FROM projection WHERE name = $1) ORDER BY %s`,
		strings.Join(tab.cols, ", "), tab.name, strings.Join(tab.cols[:tab.keys], ", "))
	rows, err := db.read.Query(text, projection)
	if err != nil {
		t.Fatal(err)
	}
	err = each(rows, func(rows *sql.Rows) error {
		values := make([]any, len(tab.cols))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return err
		}
		b.WriteString(tab.name)
		for i, v := range values {
			if text, ok := (*v.(*any)).([]byte); ok && tab.cols[i] != "digest" {
				*v.(*any) = string(text)
			}
			fmt.Fprintf(b, " %s=%v", tab.cols[i], *v.(*any))
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// firstDifference shows where two dumps part.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return fmt.Sprintf("%d lines, %d lines", len(x), len(y))
}

// envInt reads a number from the environment.
func envInt(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}
