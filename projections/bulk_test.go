package projections

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/eventstore"
	"leeway/eventstore/sqlite"
)

// perCase is how many events a case of a bulk store has: eighteen until the
// benefit runs, then two a month.
const perCase = 50

// bulkStore is an embedded store with about so many events: all cases are
// opened, then every month everybody is paid, as a city does.
func bulkStore(t testing.TB, events int) eventstore.Store {
	t.Helper()
	store := fillStore(t, filepath.Join(t.TempDir(), "events.db"), events)
	t.Cleanup(func() { store.Close() })
	return store
}

// fillStore makes such a store at a path.
func fillStore(t testing.TB, path string, events int) eventstore.Store {
	t.Helper()
	store, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	const writers = 128
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			s := storyIn(t, store)
			s.count = uint64(w) << 32
			b := bulk{story: s}
			for c := w; c < events/perCase; c += writers {
				b.open(fmt.Sprintf("QJ2020-%06d", c))
			}
			for m := domain.MonthOf(2020, 2); m < domain.MonthOf(2020, 2)+16; m++ {
				for c := w; c < events/perCase; c += writers {
					b.pay(fmt.Sprintf("QJ2020-%06d", c), m)
				}
			}
		})
	}
	all.Wait()
	return store
}

// bulk appends many events of a case at once.
type bulk struct {
	*story
	events []eventstore.Event
	from   int64
}

func (b *bulk) say(stream string, actor domain.Actor, body interface{ EventType() string }) {
	if len(b.events) == 0 {
		if _, ok := b.last[stream]; !ok {
			b.last[stream] = eventstore.NoStream
		}
		b.from = b.last[stream]
	}
	env := b.envelope(stream, actor, body)
	b.events = append(b.events, eventstore.Event{ID: env.ID, Type: env.Type, Data: must(env.Encode())})
	b.last[stream] = env.Revision
}

func (b *bulk) commit(stream string) {
	_, err := b.Append(context.Background(), eventstore.Batch{Stream: stream, Expected: b.from, Command: b.events[0].ID, Events: b.events})
	if err != nil {
		panic(err)
	}
	b.events = nil
}

func (b *bulk) open(id string) {
	day, stream := domain.Date(2020, 1, 2), "case-"+id
	b.say(stream, townWorker, caseOpened(day))
	b.say(stream, townWorker, &eligibility.ApplicationSubmitted{Taken: taken(day), By: "m1"})
	b.say(stream, townWorker, &eligibility.DeclarationSigned{On: on(day), By: "m1", Statements: []domain.Statement{
		{Subject: "m1", Attribute: "income", Item: "wages", Value: domain.Money(40000)}, {Subject: "household", Attribute: "area", Value: domain.Code("rural")}}})
	b.say(stream, townWorker, &eligibility.CheckAuthorised{Taken: taken(day), By: "m1"})
	b.say(stream, townWorker, &eligibility.ApplicationAccepted{Taken: taken(day + 1)})
	b.say(stream, townWorker, &eligibility.HouseholdSurveyed{On: on(day + 3), Staff: []string{"w1", "w2"}, Signed: true})
	b.say(stream, townWorker, &eligibility.InfoCheckRequested{On: on(day + 3), Sources: []string{"bank", "tax"}})
	for _, source := range []string{"bank", "tax"} {
		b.say(stream, townWorker, &eligibility.InfoCheckReturned{On: on(day + 4), Source: source, NoData: true})
	}
	b.say(stream, townWorker, &eligibility.DemocraticEvaluation{On: on(day + 5), For: 9, Against: 1})
	b.say(stream, townWorker, &eligibility.InitialOpinion{On: on(day + 5), Outcome: eligibility.Granted, Amount: 37800})
	b.say(stream, townWorker, &eligibility.PublicNoticePosted{On: on(day + 6), Place: "board", Until: day + 13})
	b.say(stream, townWorker, &eligibility.PublicNoticeClosed{Taken: taken(day + 13)})
	b.say(stream, townWorker, &eligibility.SubmittedToCounty{Taken: taken(day + 13)})
	b.say(stream, approver, &eligibility.DecisionMade{On: on(day + 14), Outcome: eligibility.Granted, Amount: 37800, From: domain.MonthOf(2020, 2)})
	b.say(stream, approver, &eligibility.DecisionPublished{Taken: taken(day + 14)})
	b.say(stream, townWorker, &eligibility.LongTermNoticePosted{Taken: taken(day + 15)})
	b.say(stream, townWorker, &eligibility.ReverificationDue{On: on(day + 15), Due: domain.Date(2021, 1, 2), Class: "A"})
	b.commit(stream)
}

func (b *bulk) pay(id string, m domain.Month) {
	stream := "case-" + id
	b.say(stream, approver, &eligibility.PaymentListApproved{On: on(m.First()), Month: m, Amount: 37800})
	b.say(stream, approver, &eligibility.BenefitPaid{On: on(m.First() + 9), Month: m, Amount: 37800, Batch: m.String()})
	b.commit(stream)
}

// BenchmarkRebuild builds all projections again from an embedded store. The
// processor time is this process's alone: a PostgreSQL server uses its own.
func BenchmarkRebuild(b *testing.B) {
	events := envInt("LEEWAY_BENCH_EVENTS", 100_000)
	store := bulkStore(b, events)
	for _, on := range []struct {
		name string
		open func(testing.TB) *DB
	}{{"sqlite", sqliteIn}, {"postgres", postgresIn}} {
		b.Run(on.name, func(b *testing.B) {
			var took, used time.Duration
			n := 0
			for b.Loop() {
				db := on.open(b)
				started, before := time.Now(), processorTime()
				caughtUp(b, db, store)
				took, used, n = took+time.Since(started), used+processorTime()-before, n+events
			}
			b.ReportMetric(float64(n)/took.Seconds(), "events/s")
			b.ReportMetric(float64(used.Microseconds())/float64(n), "cpu-µs/event")
		})
	}
}
