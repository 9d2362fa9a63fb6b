package projections

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leeway/domain"
	"leeway/domain/casework"
	"leeway/domain/eligibility"
	"leeway/eventstore/memory"
	"leeway/policies"
)

// desk is casework over a store in memory, with the bundled packs and a sealer
// that gives bytes nobody can read.
func desk(t *testing.T) *casework.Service {
	t.Helper()
	rules, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	t.Cleanup(func() { store.Close() })
	return &casework.Service{Store: store, Rules: library{rules}, Sealer: shut{}, Now: func() time.Time {
		return time.Date(2021, 6, 1, 12, 0, 0, 0, domain.Shanghai)
	}}
}

// library is the library with the name of what evaluates it.
type library struct{ *policies.Library }

func (library) Engine() string { return "test" }

// shut seals, and never opens.
type shut struct{}

func (shut) Seal(_, _ string, f domain.PrivateField) (domain.Sealed, error) {
	return domain.Sealed{Field: f.Path, Subject: f.Data.Subject, Key: "k", Nonce: []byte{1}, Ciphertext: []byte{2}, Commitment: []byte{3}}, nil
}

func (shut) Open(string, string, domain.Sealed) (string, error) { return "", domain.ErrSealed }

// imported is the sample case file of the command, on record.
func imported(t *testing.T, s *casework.Service) {
	t.Helper()
	in, err := os.Open(filepath.Join("..", "cmd", "leeway", "testdata", "cases", "sample.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	f, err := casework.ReadCaseFile(in, s.Rules, domain.DayOf(s.Now()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), f, nil); err != nil {
		t.Fatal(err)
	}
}

// TestModelsAgreeWithCasework has what casework writes read by both: the case
// register is its list of cases, a dossier is its case, as it is and as it was
// known on a day, and a dossier's register is its register.
func TestModelsAgreeWithCasework(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := desk(t)
		imported(t, s)
		caughtUp(t, db, s.Store)
		list, err := s.Cases(t.Context())
		if err != nil || len(list) == 0 {
			t.Fatalf("%d cases, %v", len(list), err)
		}
		page, err := db.Bench().Cases(t.Context(), Ask{Limit: 500})
		if err != nil || len(page.Rows) != len(list) {
			t.Fatalf("%d cases in the register of %d, %v", len(page.Rows), len(list), err)
		}
		for i, want := range list {
			if got := page.Rows[i]; got.ID != want.ID || got.Programme != want.Programme || got.Pack != want.Pack || got.Office != want.Office || got.Opened != want.Opened || got.Imported != want.Imported {
				t.Errorf("the register has %+v, casework %+v", got, want)
			}
			sameCase(t, db, s, want)
		}
		sameRegisters(t, db, s)
	})
}

// sameCase compares a dossier with the case that casework reads.
func sameCase(t *testing.T, db *DB, s *casework.Service, want casework.Summary) {
	t.Helper()
	d, err := db.Bench().Dossier(t.Context(), casework.CaseStream(want.ID))
	if err != nil || d.Revision+1 != want.Events {
		t.Fatalf("dossier of %s has revision %d, casework %d events, %v", want.ID, d.Revision, want.Events, err)
	}
	is, err := s.Case(t.Context(), want.ID)
	got, foldErr := d.Fold(nil)
	if err != nil || foldErr != nil || !cmp.Equal(got, is) {
		t.Errorf("case %s folded from its dossier differs, %v, %v:\n%s", want.ID, err, foldErr, cmp.Diff(is, got))
	}
	for day := want.Opened; day < want.Opened+120; day += 17 {
		was, err := s.CaseAt(t.Context(), want.ID, day)
		if err != nil {
			continue // not on record by then
		}
		got, err := d.Fold(func(m domain.Meta) bool { return casework.KnownBy(m, day) })
		if err != nil || !cmp.Equal(got, was) {
			t.Errorf("case %s as of %s differs, %v:\n%s", want.ID, day, err, cmp.Diff(was, got))
		}
	}
	if is.Exists() && len(is.Decisions) > 0 {
		of, err := db.Bench().CaseDecisions(t.Context(), want.ID)
		if err != nil || len(of) < len(is.Decisions) || of[0].Event != is.Decisions[0].At.ID || of[0].Amount != is.Decisions[0].Amount {
			t.Errorf("decisions of %s: %+v, %v", want.ID, of, err)
		}
	}
}

// sameRegisters compares the registers in the dossiers with casework's.
func sameRegisters(t *testing.T, db *DB, s *casework.Service) {
	t.Helper()
	want, err := s.Register(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got eligibility.Register
	for _, stream := range eligibility.RegisterStreams() {
		if _, written := want.Last[stream]; !written {
			continue
		}
		d, err := db.Bench().Dossier(t.Context(), stream)
		if err == nil {
			err = d.FoldRegister(&got)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !cmp.Equal(&got, want) {
		t.Errorf("registers differ:\n%s", cmp.Diff(want, &got))
	}
}

// TestTimelineIsTheRecord compares the timeline of each case with casework's
// list of its events.
func TestTimelineIsTheRecord(t *testing.T) {
	db, s := sqliteIn(t), desk(t)
	imported(t, s)
	caughtUp(t, db, s.Store)
	list, err := s.Cases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		want, err := s.Events(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		page, err := db.Bench().Timeline(t.Context(), c.ID, Ask{Limit: 500})
		if err != nil || len(page.Rows) != len(want) {
			t.Fatalf("%s: %d steps of %d, %v", c.ID, len(page.Rows), len(want), err)
		}
		for i, step := range page.Rows {
			w := want[i]
			if step.Event != w.ID || step.Type != w.Type || step.Day != eligibility.DayOf(w.Event) || step.Known != w.KnownOn() || step.Actor != w.Actor || !step.Recorded.Equal(w.RecordedAt.Time) {
				t.Errorf("%s, revision %d: %+v, casework has %+v", c.ID, i, step, w.Meta)
			}
		}
	}
}

// TestRecordingShowsAtOnce records steps through casework while a projector
// runs, as the server does, and asks for them.
func TestRecordingShowsAtOnce(t *testing.T) {
	db, s := sqliteIn(t), desk(t)
	imported(t, s)
	running(t, projectorOf(db, s.Store))
	list, err := s.Cases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(c casework.Summary) bool { return !c.Closed })
	worker := domain.Actor{Person: "w9", Office: list[i].Office, Post: "worker"}
	_, err = s.Record(t.Context(), casework.Request{Actor: worker}, list[i].ID, &eligibility.ReverificationDue{On: on(domain.Date(2021, 5, 1)), Due: domain.Date(2021, 11, 1), Class: "B"})
	if err != nil {
		t.Fatal(err)
	}
	level(t, db, s.Store)
	mine, err := db.Desk(worker).MyCases(t.Context(), Ask{})
	if err != nil || len(mine.Rows) != 1 || mine.Rows[0].ID != list[i].ID || mine.Rows[0].Due != domain.Date(2021, 11, 1) {
		t.Errorf("my cases %+v, %v", mine.Rows, err)
	}
	if alarms, err := db.Alarms(t.Context()); len(alarms) > 0 || err != nil {
		t.Errorf("alarms %+v, %v", alarms, err)
	}
	for _, word := range []string{"身份证", "张", "李"} {
		if strings.Contains(dump(t, db), word) {
			t.Errorf("%s lies in a table", word)
		}
	}
}
