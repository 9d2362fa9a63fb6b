package projections

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
	"leeway/domain/privacy"
)

// testVault stands in for the vault: it hides texts behind a mask, opens what
// no subject's state closes, and has an index under a key of its own.
type testVault struct {
	key    string
	closed map[string]error // by subject
}

func masked(text []byte) []byte {
	b := slices.Clone(text)
	for i := range b {
		b[i] ^= 0x5a
	}
	return b
}

// sealedFields are the personal data of a body, as casework would seal them.
func sealedFields(id string, body any) (list []domain.Sealed) {
	for _, f := range eligibility.Private(body) {
		if f.Data.Present {
			list = append(list, domain.Sealed{Field: f.Path, Subject: id + "/" + f.Data.Subject, Key: "k", Ciphertext: masked([]byte(f.Data.Text))})
		}
	}
	return list
}

func (v *testVault) persons() *Persons {
	return &Persons{Open: v.open, Index: func() (Index, error) { return testIndex(v.key), nil }}
}

func (v *testVault) open(_, _ string, s domain.Sealed) (string, error) {
	return string(masked(s.Ciphertext)), v.closed[s.Subject]
}

type testIndex string

func (x testIndex) ID() string { return "id of " + string(x) }

func (x testIndex) Digest(kind, value string) []byte {
	m := hmac.New(sha256.New, []byte(x))
	fmt.Fprintf(m, "%s:%s", kind, value)
	return m.Sum(nil)
}

// cast is two households with one person in both, whom a hidden event names in
// a third.
func cast(t *testing.T) *story {
	s, jan := newStory(t), domain.Date(2020, 1, 2)
	s.handled("F1")
	s.put("case-F2", townWorker, caseOpened(jan))
	s.put("case-F2", townWorker, &eligibility.MemberJoined{On: on(jan), Member: eligibility.Person{ID: "m4", Relation: "child", Name: domain.Personal("m4", "李四"), IDNumber: domain.Personal("m4", "n4")}, From: jan})
	s.put("case-F2", approver, &eligibility.BenefitPaid{On: on(jan), Month: feb, Account: domain.Personal("m4", "6222")})
	opened := caseOpened(jan)
	opened.Office, opened.Members = "elsewhere", opened.Members[1:]
	s.put("case-F3", townWorker, opened)
	s.hidden(domain.Visibility{"office:organ"}, func() {
		s.put("case-F3", reviewer, &eligibility.MemberJoined{On: on(jan), Member: eligibility.Person{ID: "m1", Relation: "child", Name: domain.Personal("m1", "张三丰")}, From: jan})
	})
	return s
}

// found writes hits down: case/person, with a star where they are hidden.
func found(t *testing.T, hits []PersonHit, more bool, err error) string {
	t.Helper()
	if err != nil || more {
		t.Fatal(err, more)
	}
	var list []string
	for _, h := range hits {
		star := map[bool]string{true: "*"}[h.Hidden]
		list = append(list, h.Case+"/"+h.Person+star)
	}
	return strings.Join(list, " ")
}

func TestPersonsAreFoundByTheirDigests(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		ctx, s, x := context.Background(), cast(t), testIndex("")
		caughtUp(t, db, s)
		town, _ := db.Desk(townWorker).For("town")
		for _, c := range []struct{ kind, value, bench, desk string }{
			{domain.IndexName, "张三丰", "F1/m1 F2/m1 F3/m1*", "F1/m1 F2/m1"},
			{domain.IndexIDNumber, "429005198001012345", "F1/m1 F2/m1", "F1/m1 F2/m1"},
			{domain.IndexName, "429005198001012345", "", ""}, // another kind
			{domain.IndexAccount, "6222", "F2/m4", "F2/m4"},
			{domain.IndexName, "园林街道七号", "", ""}, // an address
		} {
			hits, more, err := db.Bench().Persons(ctx, x, c.kind, c.value)
			if got := found(t, hits, more, err); got != c.bench {
				t.Errorf("%s %s: bench finds %q, want %q", c.kind, c.value, got, c.bench)
			}
			hits, more, err = town.Persons(ctx, x, c.kind, c.value)
			if got := found(t, hits, more, err); got != c.desk {
				t.Errorf("%s %s: desk finds %q, want %q", c.kind, c.value, got, c.desk)
			}
		}
	})
}

// asked puts a request about m1 of F1 on record, and its approval.
func (s *story) asked(act privacy.Act) {
	by := privacy.By{Day: domain.Date(2020, 3, 1), Subject: "m1", As: privacy.Records}
	e := s.put("privacy-F1", townWorker, &privacy.Asked{By: by, Act: act, Ground: privacy.PurposeEnded, Document: "1"})
	s.put("privacy-F1", townOther, &privacy.Answered{By: by, Request: e.ID, Approved: true})
}

// TestClosedPersonsAreNotFound holds that a restriction and a shredding take the
// digests away with the approval, also while the vault still opens; that an
// index which is built later is the same; and that a rebuild after a release
// brings the person back.
func TestClosedPersonsAreNotFound(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := cast(t)
		here := func() string {
			t.Helper()
			hits, more, err := db.Bench().Persons(context.Background(), testIndex(""), domain.IndexIDNumber, "429005198001012345")
			return found(t, hits, more, err)
		}
		again := func() {
			t.Helper()
			if err := db.Rebuild(context.Background(), personsModel); err != nil {
				t.Fatal(err)
			}
			caughtUp(t, db, s)
		}
		caughtUp(t, db, s)
		for _, step := range []struct {
			act        privacy.Act
			then, late string // at once, and after a rebuild
		}{
			{privacy.Inspect, "F1/m1 F2/m1", "F1/m1 F2/m1"},
			{privacy.Restrict, "F2/m1", "F2/m1"},
			{privacy.Release, "F1/m1 F2/m1", "F1/m1 F2/m1"},
			{privacy.Shred, "F2/m1", "F2/m1"},
		} {
			s.asked(step.act)
			caughtUp(t, db, s)
			if got := here(); got != step.then {
				t.Errorf("after %s: %q, want %q", step.act, got, step.then)
			}
			if again(); here() != step.late {
				t.Errorf("after %s and a rebuild: %q, want %q", step.act, here(), step.late)
			}
		}
	})
}

// TestAnotherKeyOfTheIndex holds that digests of another key are never taken
// for an answer, and are built again.
func TestAnotherKeyOfTheIndex(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		ctx, s, v := context.Background(), cast(t), &testVault{closed: map[string]error{"F2/m1": domain.ErrSealed}}
		p := projectorOf(db, s)
		p.Options.Persons = v.persons()
		if err := p.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		v.key = "next"
		if _, _, err := db.Bench().Persons(ctx, testIndex(v.key), domain.IndexAccount, "6222"); !errors.Is(err, ErrNotBuilt) {
			t.Errorf("before it is built again: %v", err)
		}
		if err := p.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		hits, more, err := db.Bench().Persons(ctx, testIndex(v.key), domain.IndexIDNumber, "429005198001012345")
		if got := found(t, hits, more, err); got != "F1/m1" {
			t.Errorf("afterwards: %q; a lost key finds nobody", got)
		}
	})
}

// TestBrokenVaultStopsTheIndexAlone holds that the other models go on, and that
// the reason is there to be read.
func TestBrokenVaultStopsTheIndexAlone(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		ctx, s, v := context.Background(), cast(t), &testVault{closed: map[string]error{"F1/m1": errors.New("disk")}}
		p := projectorOf(db, s)
		p.Options.Persons = v.persons()
		if err := p.CatchUp(ctx); !errors.Is(err, ErrPoison) {
			t.Errorf("%v", err)
		}
		if page, err := db.Bench().Cases(ctx, Ask{}); err != nil || len(page.Rows) != 3 {
			t.Errorf("cases: %d, %v", len(page.Rows), err)
		}
		alarms, err := db.Alarms(ctx)
		if err != nil || len(alarms) != 1 || alarms[0].Projection != personsModel || !strings.Contains(alarms[0].Reason, "disk") {
			t.Errorf("%+v, %v", alarms, err)
		}
	})
}
