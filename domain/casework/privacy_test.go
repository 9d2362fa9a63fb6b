package casework

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/privacy"
	"leeway/domain/review"
	"leeway/ledger/vault"
)

var (
	keeper  = PrivacyIdentity{domain.Actor{Person: "k1", Office: "bureau", Post: "files"}, privacy.Records}
	officer = PrivacyIdentity{domain.Actor{Person: "o1", Office: "bureau", Post: "privacy"}, privacy.Officer}
	looker  = PrivacyIdentity{domain.Actor{Person: "au", Office: "audit", Post: "auditor"}, privacy.Auditor}
)

// sealedDesk is a desk with a vault, and a case F1 whose members' names are
// sealed in it.
type sealedDesk struct {
	*desk
	v   *vault.Vault
	p   *Privacy
	dir string
}

func newSealedDesk(t *testing.T) *sealedDesk {
	t.Helper()
	dir := t.TempDir() + "/vault"
	v, err := vault.Create(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	d := newDesk(t)
	d.Sealer = v
	p := &Privacy{Desk: d.Service, Keys: v, Years: 1}
	s := &sealedDesk{d, v, p, dir}
	d.note(&eligibility.RulesActivated{On: on(jan2), Rules: domain.PackVersion{Pack: "p", Version: "1"}})
	s.must(d.Record(t.Context(), asW1, "F1", &eligibility.CaseOpened{On: on(jan2), Programme: "dibao", Pack: "p", Office: "town", Applicant: "m1",
		Members: []eligibility.Person{{ID: "m1", Relation: "self", Name: domain.Personal("m1", "张三")}, {ID: "m2", Relation: "spouse", Name: domain.Personal("m2", "李四")}}}))
	return s
}

func (s *sealedDesk) must(_ Receipt, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *sealedDesk) ask(as PrivacyIdentity, a privacy.Act) error {
	_, err := s.p.Ask(s.t.Context(), as, "F1", privacy.Ask{Subject: "m1", Act: a, Ground: privacy.Grounds(a)[0], Document: "No. 1"})
	return err
}

func (s *sealedDesk) both(a privacy.Act) {
	s.t.Helper()
	if err := s.ask(keeper, a); err != nil {
		s.t.Fatal(err)
	}
	s.must(s.p.Answer(s.t.Context(), officer, "F1", "m1", true))
}

// names are the names of the two members as the timeline shows them.
func (s *sealedDesk) names() string {
	s.t.Helper()
	entries, err := s.Events(s.t.Context(), "F1")
	if err != nil {
		s.t.Fatal(err)
	}
	opened := entries[0].Event.(*eligibility.CaseOpened)
	return opened.Members[0].Name.Text + "," + opened.Members[1].Name.Text
}

// close ends the case, and lets the years of its retention pass.
func (s *sealedDesk) close() {
	s.t.Helper()
	s.must(s.Record(s.t.Context(), asW1, "F1", &eligibility.CaseClosed{On: on(jan8), Reason: "moved"}))
	s.Now = func() time.Time { return noon.AddDate(3, 0, 0) }
}

func TestRestrictInspectRelease(t *testing.T) {
	s := newSealedDesk(t)
	s.both(privacy.Restrict)
	if got := s.names(); got != ",李四" {
		t.Errorf("restricted, the names are %q", got)
	}
	entries, err := s.Events(t.Context(), "F1")
	if err != nil {
		t.Fatal(err)
	}
	closed := entries[0].Event.(*eligibility.CaseOpened).Members[0].Name.Closed
	for _, part := range []string{"已封存", "2020-03-01", "k1", "o1", "No. 1"} {
		if !strings.Contains(closed.ZH, part) {
			t.Errorf("its reader is told %q, which lacks %s", closed.ZH, part)
		}
	}
	// New data of the person is refused, another's is taken.
	_, err = s.Record(t.Context(), asW1, "F1", &eligibility.FactsDiscovered{On: on(jan8), How: "audit", Statements: []domain.Statement{income(1)}, Note: domain.Personal("m1", "x")})
	if !errors.Is(err, domain.ErrRestricted) {
		t.Errorf("recording for a restricted subject: %v", err)
	}
	if _, err := s.p.Inspect(t.Context(), looker, "F1", "m1"); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("inspection without approval: %v", err)
	}
	if err := s.ask(looker, privacy.Inspect); err != nil {
		t.Fatal(err)
	}
	if _, err := s.p.Inspect(t.Context(), looker, "F1", "m1"); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("inspection before the approval: %v", err)
	}
	s.must(s.p.Answer(t.Context(), officer, "F1", "m1", true))
	got, err := s.p.Inspect(t.Context(), looker, "F1", "m1")
	if err != nil || len(got) != 1 || got[0].Text != "张三" {
		t.Errorf("inspection = %+v, %v", got, err)
	}
	seen := 0
	for r, err := range s.store.All(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(r.Stream, accessPrefix) {
			seen++
		}
		if strings.Contains(string(r.Data), "张三") {
			t.Errorf("%s holds the name", r.Stream)
		}
	}
	if seen != 1 {
		t.Errorf("%d accesses are on record, want 1", seen)
	}
	if _, err := s.p.Inspect(t.Context(), officer, "F1", "m1"); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("somebody else's inspection: %v", err)
	}
	s.both(privacy.Release)
	if got := s.names(); got != "张三,李四" {
		t.Errorf("released, the names are %q", got)
	}
}

func TestShredNeedsAnEndOfEverything(t *testing.T) {
	s := newSealedDesk(t)
	refusedFor := func(kinds ...string) {
		t.Helper()
		var held *privacy.Held
		if err := s.ask(keeper, privacy.Shred); !errors.As(err, &held) {
			t.Fatalf("shredding = %v, want a Held", err)
		}
		var got []string
		for _, h := range held.Holds {
			got = append(got, h.Kind)
		}
		if strings.Join(got, " ") != strings.Join(kinds, " ") {
			t.Errorf("held by %v, want %v", got, kinds)
		}
	}
	refusedFor(privacy.NotClosed, privacy.Retention)
	s.close()
	s.must(s.Record(t.Context(), asW1, "F1", &eligibility.RemedySought{Taken: eligibility.Taken{On: on(jan8)}, Kind: "reconsideration"}))
	s.must(s.Record(t.Context(), asW1, "F1", &eligibility.OverpaymentEstablished{Taken: eligibility.Taken{On: on(jan8)}, Months: []eligibility.MonthAmount{{Month: feb, Amount: 5}}}))
	// What was recorded now begins the retention anew.
	refusedFor(privacy.Retention, privacy.RemedyOpen, privacy.MoneyOpen)
	s.must(s.Record(t.Context(), asW1, "F1", &eligibility.RemedyDecided{On: on(jan8), Upheld: true}))
	s.must(s.Record(t.Context(), asW1, "F1", &eligibility.MoneyRecovered{On: on(jan8), Month: feb, Amount: 5}))
	s.Now = func() time.Time { return noon.AddDate(5, 0, 0) }
	reviews := &Reviews{Desk: s.Service}
	inspector := Identity{Actor: domain.Actor{Person: "r1", Office: "commission", Post: "inspector"}, Role: review.Reviewer}
	if _, _, err := reviews.RegisterClue(t.Context(), ReviewRequest{As: inspector}, &review.ClueRegistered{Case: "F1", Source: review.FromAudit}); err != nil {
		t.Fatal(err)
	}
	refusedFor(privacy.Proceeding)
	if _, err := reviews.RecordClue(t.Context(), ReviewRequest{As: inspector}, "F1.1", &review.ClueClosed{Result: "unfounded"}); err != nil {
		t.Fatal(err)
	}
	s.both(privacy.Shred)
}

func TestShredding(t *testing.T) {
	s := newSealedDesk(t)
	s.close()
	before, err := s.Case(t.Context(), "F1")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Glob(filepath.Join(s.dir, "keys", "*"))
	if err != nil || len(keys) != 2 {
		t.Fatalf("keys %v, %v", keys, err)
	}
	old := map[string][]byte{}
	for _, name := range keys {
		old[name], _ = os.ReadFile(name)
	}
	s.both(privacy.Shred)
	if got := s.names(); got != ",李四" {
		t.Errorf("shredded, the names are %q", got)
	}
	after, err := s.Case(t.Context(), "F1")
	if err != nil || after.Revision() != before.Revision() {
		t.Errorf("the case is at revision %d, %v", after.Revision(), err)
	}
	f, err := s.PrivacyFile(t.Context(), "F1")
	if err != nil || f.Subject("m1").Destroyed.ID == "" || f.Subject("m1").Key == "" {
		t.Errorf("on record: %+v, %v", f.Subject("m1"), err)
	}
	if lost, err := s.p.LostKeys(t.Context()); err != nil || len(lost) != 0 {
		t.Errorf("lost keys after shredding: %+v, %v", lost, err)
	}

	// An old backup of the keys comes back. What is on record keeps the data
	// closed, and the key is destroyed again.
	for name, text := range old {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.names(); got != ",李四" {
		t.Errorf("with the old keys, the names are %q", got)
	}
	revision := f.Last.Revision
	if n, err := s.p.Settle(t.Context()); err != nil || n != 1 {
		t.Errorf("Settle = %d, %v", n, err)
	}
	if err := s.v.Holds(f.Subject("m1").Key, "F1/m1"); !errors.Is(err, domain.ErrShredded) {
		t.Errorf("after Settle the key is %v", err)
	}
	if f, err = s.PrivacyFile(t.Context(), "F1"); err != nil || f.Last.Revision != revision {
		t.Errorf("the destruction is on record twice: %d, %v", f.Last.Revision, err)
	}
}

// failing is a vault that cannot destroy.
type failing struct {
	*vault.Vault
	err error
}

func (f failing) Destroy(string) (string, error) { return "", f.err }

// TestCutOffBeforeTheVault holds that what was approved counts at once, and is
// carried out later.
func TestCutOffBeforeTheVault(t *testing.T) {
	s := newSealedDesk(t)
	s.close()
	disk := errors.New("disk failed")
	s.p.Keys = failing{s.v, disk}
	if err := s.ask(keeper, privacy.Shred); err != nil {
		t.Fatal(err)
	}
	if _, err := s.p.Answer(t.Context(), officer, "F1", "m1", true); !errors.Is(err, disk) {
		t.Fatalf("Answer = %v", err)
	}
	if got := s.names(); got != ",李四" {
		t.Errorf("approved and not carried out, the names are %q", got)
	}
	s.p.Keys = s.v
	if n, err := s.p.Settle(t.Context()); err != nil || n != 1 {
		t.Fatalf("Settle = %d, %v", n, err)
	}
	if f, err := s.PrivacyFile(t.Context(), "F1"); err != nil || f.Subject("m1").Destroyed.ID == "" {
		t.Errorf("not on record: %v", err)
	}
}

func TestLostKeys(t *testing.T) {
	s := newSealedDesk(t)
	if lost, err := s.p.LostKeys(t.Context()); err != nil || len(lost) != 0 {
		t.Fatalf("LostKeys = %+v, %v", lost, err)
	}
	s.both(privacy.Restrict)
	if lost, err := s.p.LostKeys(t.Context()); err != nil || len(lost) != 0 {
		t.Errorf("with one in escrow: %+v, %v", lost, err)
	}
	if err := os.RemoveAll(filepath.Join(s.dir, "escrow")); err != nil {
		t.Fatal(err)
	}
	lost, err := s.p.LostKeys(t.Context())
	if err != nil || len(lost) != 1 || lost[0].Subject != "F1/m1" || lost[0].Stream != "case-F1" || lost[0].Events != 1 {
		t.Errorf("without the escrow: %+v, %v", lost, err)
	}
	s.p.Keys = nil
	if lost, err := s.p.LostKeys(t.Context()); err != nil || len(lost) != 2 {
		t.Errorf("without a vault: %+v, %v", lost, err)
	}
	if err := s.ask(keeper, privacy.Restrict); !errors.Is(err, domain.ErrSealed) {
		t.Errorf("asked without a vault: %v", err)
	}
}

func TestSuitesAreKeptApart(t *testing.T) {
	s := newSealedDesk(t)
	s.Suite = domain.SuiteSM
	for name, err := range map[string]error{
		"case":  func() error { _, err := s.Case(t.Context(), "F1"); return err }(),
		"cases": func() error { _, err := s.Cases(t.Context()); return err }(),
	} {
		if !errors.Is(err, domain.ErrSuite) || !strings.Contains(err.Error(), domain.SuiteSM) {
			t.Errorf("%s = %v, want ErrSuite that names both", name, err)
		}
	}
}
