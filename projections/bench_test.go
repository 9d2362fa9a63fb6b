package projections

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"leeway/domain"
	"leeway/domain/eligibility"
)

func TestDecisionRegister(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := town(t, db)
		s.put("case-F1", approver, &eligibility.ExitDecided{On: on(domain.Date(2020, 5, 1)), From: feb + 3, Advice: &eligibility.Advice{Outcome: domain.Exactly(37800)}})
		s.put("case-F1", approver, &eligibility.RemedyDecided{On: on(domain.Date(2020, 6, 1)), Upheld: true})
		s.put("case-F1", approver, &eligibility.AmountAdjusted{On: on(domain.Date(2020, 7, 1)), From: feb + 5, Amount: 5, Advice: &eligibility.Advice{}})
		caughtUp(t, db, s)
		bench := db.Bench()
		of, err := bench.CaseDecisions(t.Context(), "F1")
		if err != nil || len(of) != 3 || of[0].Actor != approver || of[0].Rules.Version != "1" {
			t.Fatalf("decisions of F1 %+v, %v", of, err)
		}
		var how []string
		for _, d := range of {
			how = append(how, d.Advised)
		}
		if !slices.Equal(how, []string{AdvisedSame, AdvisedOther, AdvisedUndetermined}) {
			t.Errorf("beside the advice: %v", how)
		}
		office, err := bench.OfficeDecisions(t.Context(), "county", Ask{})
		if err != nil || len(office.Rows) != 4 || office.Rows[0].Day != domain.Date(2020, 7, 1) {
			t.Errorf("decisions of the county %+v, %v", office.Rows, err)
		}
		other, err := bench.Advised(t.Context(), AdvisedOther, Ask{})
		if err != nil || len(other.Rows) != 1 || other.Rows[0].Outcome != "stopped" {
			t.Errorf("departures %+v, %v", other.Rows, err)
		}
		for _, d := range append(office.Rows, other.Rows...) {
			if d.Actor.Person != "" || d.Actor.Post != "" {
				t.Errorf("a list over a population names %+v", d.Actor)
			}
		}
		named, err := bench.OfficerDecisions(t.Context(), "a1", Ask{})
		if err != nil || len(named.Rows) != 4 || named.Rows[0].Actor != approver {
			t.Errorf("decisions of a1 %+v, %v", named.Rows, err)
		}
	})
}

// TestDossierIsTheCase folds a case out of its dossier as it is and as it was,
// and has every kind of damage refused.
func TestDossierIsTheCase(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		town(t, db)
		d, err := db.Bench().Dossier(t.Context(), "case-F1")
		if err != nil || d.Revision != 13 || d.FirstAt != 1 || d.LastAt != 14 || d.FirstMonth != feb || d.LastMonth != feb+1 || d.Case() != "F1" || d.Office != "town" {
			t.Fatalf("dossier %+v, %v", d, err)
		}
		c, err := d.Fold(nil)
		if err != nil || len(c.Payments) != 2 || len(c.Decisions) != 1 || c.ID != "F1" || c.Revision() != 13 {
			t.Errorf("folded %+v, %v", c, err)
		}
		then, err := d.Fold(func(m domain.Meta) bool { return m.Revision < 8 })
		if err != nil || len(then.Decisions) != 0 || then.Revision() != 7 {
			t.Errorf("as of revision 7: %d decisions, %v", len(then.Decisions), err)
		}
		for name, harm := range map[string]func(*Dossier){
			"an event is missing at the end": func(d *Dossier) { d.Envelopes = d.Envelopes[:13] },
			"an event is missing inside":     func(d *Dossier) { d.Envelopes = slices.Delete(d.Envelopes, 3, 4); d.Revision-- },
			"two events are swapped":         func(d *Dossier) { d.Envelopes[2], d.Envelopes[3] = d.Envelopes[3], d.Envelopes[2] },
			"a byte is another": func(d *Dossier) {
				d.Envelopes[8] = bytes.Replace(d.Envelopes[8], []byte("37800"), []byte("97800"), 1)
			},
			"an event is there twice": func(d *Dossier) { d.Envelopes = append(d.Envelopes, d.Envelopes[13]); d.Revision++ },
		} {
			d, err := db.Bench().Dossier(t.Context(), "case-F1")
			if err != nil {
				t.Fatal(err)
			}
			harm(d)
			if c, err := d.Fold(nil); !errors.Is(err, domain.ErrAltered) || len(c.Statements)+len(c.Acts) > 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := db.Bench().Dossier(t.Context(), "case-none"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("no dossier: %v", err)
		}
	})
}

func TestDossierOfARegister(t *testing.T) {
	db, s := sqliteIn(t), newStory(t)
	s.put(eligibility.SourcesStream, approver, &eligibility.SourceConnected{On: on(domain.Date(2020, 1, 1)), Source: "bank"})
	caughtUp(t, db, s)
	d, err := db.Bench().Dossier(t.Context(), eligibility.SourcesStream)
	var r eligibility.Register
	if err != nil || d.FoldRegister(&r) != nil || !r.Connected("bank", domain.Date(2020, 2, 1)) || d.Case() != "" {
		t.Errorf("register %+v, %v", r, err)
	}
	if _, err := d.Fold(nil); err == nil {
		t.Error("a register was folded as a case")
	}
}

// TestShardsPartTheDossiers deals all dossiers to machines: each gets his, and
// together they get all.
func TestShardsPartTheDossiers(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		want := map[string]bool{}
		for _, id := range []string{"F1", "f1", "案-一", "a%b", "\U0001F600", "z", "F2", "F3", "F4", "F5", "F6"} {
			s.put("case-"+id, townWorker, caseOpened(domain.Date(2020, 1, 2)))
			s.put("case-"+id, townWorker, &eligibility.ApplicationSubmitted{Taken: taken(domain.Date(2020, 1, 2))})
			want["case-"+id] = true
		}
		caughtUp(t, db, s)
		const machines = 3
		for i := range machines {
			for ask := (Ask{Limit: 2}); ; {
				page, err := db.Bench().Dossiers(t.Context(), Part(i, machines), ask)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range page.Rows {
					if !want[d.Stream] || d.Check() != nil || len(d.Envelopes) != 2 {
						t.Errorf("machine %d got %s with %d events, %v", i, d.Stream, len(d.Envelopes), d.Check())
					}
					delete(want, d.Stream)
				}
				if ask.Cursor = page.Next; ask.Cursor == "" {
					break
				}
			}
		}
		if len(want) != 0 {
			t.Errorf("nobody got %v", want)
		}
	})
}

func TestMoneyOpen(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := town(t, db)
		day := domain.Date(2020, 9, 1)
		months := func(m domain.Month, fen domain.Fen) []eligibility.MonthAmount {
			return []eligibility.MonthAmount{{Month: m, Amount: fen}}
		}
		s.put("case-F1", approver, &eligibility.OverpaymentEstablished{Taken: taken(day), Months: months(feb, 500)})
		s.put("case-F1", approver, &eligibility.OverpaymentEstablished{Taken: taken(day + 1), Months: months(feb, 300)}) // found anew
		s.put("case-F1", approver, &eligibility.OverpaymentEstablished{Taken: taken(day + 1), Months: months(feb+1, 100)})
		s.put("case-F1", approver, &eligibility.BackpayEstablished{Taken: taken(day + 2), Months: months(feb+2, 50)})
		s.put("case-F1", approver, &eligibility.MoneyRecovered{On: on(day + 3), Amount: 400})
		caughtUp(t, db, s)
		page, err := db.Bench().Money(t.Context(), "town", Ask{})
		if err != nil || len(page.Rows) != 1 {
			t.Fatalf("money open %+v, %v", page.Rows, err)
		}
		if w := page.Rows[0]; w.Overpaid != 400 || w.ToRecover() != 0 || w.ToPay() != 50 || w.Since != day {
			t.Errorf("all came back, yet 50 is to be paid: %+v", w)
		}
		s.put("case-F1", approver, &eligibility.MoneyBackPaid{On: on(day + 4), Amount: 50})
		caughtUp(t, db, s)
		if page, err := db.Bench().Money(t.Context(), "town", Ask{}); err != nil || len(page.Rows) != 0 {
			t.Errorf("settled, yet open: %+v, %v", page.Rows, err)
		}
	})
}

func TestBoard(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s, jan := newStory(t), domain.Date(2020, 1, 2)
		s.handled("F1")
		orphan := caseOpened(jan)
		orphan.Programme = eligibility.Orphan
		s.put("case-O1", townWorker, orphan)
		s.put("case-O1", townWorker, &eligibility.InitialOpinion{On: on(jan), Outcome: eligibility.Granted, Amount: 90000})
		s.put("case-O1", townWorker, &eligibility.PublicNoticePosted{On: on(jan + 6), Until: jan + 13})
		s.put("case-O1", approver, &eligibility.DecisionMade{On: on(jan + 14), Outcome: eligibility.Granted, Amount: 90000, From: feb})
		s.put("case-F1", approver, &eligibility.AmountAdjusted{On: on(jan + 60), Amount: 40000, From: feb + 2})
		s.put("case-F1", approver, &eligibility.ExitDecided{On: on(jan + 120), From: feb + 4})
		caughtUp(t, db, s)
		board := db.Board("town")
		for day, want := range map[domain.Day]int{jan + 5: 0, jan + 6: 1, jan + 12: 1, jan + 13: 0} {
			page, err := board.Notices(t.Context(), day, Ask{})
			if err != nil || len(page.Rows) != want || want == 1 && (page.Rows[0].Case != "F1" || page.Rows[0].Amount != 37800) {
				t.Errorf("on %s hang %+v, %v", day, page.Rows, err)
			}
		}
		for m, want := range map[domain.Month]domain.Fen{feb - 1: 0, feb: 37800, feb + 1: 37800, feb + 2: 40000, feb + 3: 40000, feb + 4: 0} {
			page, err := board.Roster(t.Context(), m, Ask{})
			var got domain.Fen
			for _, e := range page.Rows {
				got += e.Amount
			}
			if err != nil || got != want || len(page.Rows) > 1 {
				t.Errorf("in %s the roster holds %+v, %v; want %d", m, page.Rows, err, want)
			}
		}
		if offices, err := db.Offices(t.Context()); err != nil || !slices.Equal(offices, []string{"town"}) {
			t.Errorf("offices %q, %v", offices, err)
		}
		elsewhere := caseOpened(jan)
		elsewhere.Office = "a-town"
		s.put("case-A1", townOther, elsewhere)
		caughtUp(t, db, s)
		if offices, err := db.Offices(t.Context()); err != nil || !slices.Equal(offices, []string{"a-town", "town"}) {
			t.Errorf("offices %q, %v", offices, err)
		}
		totals, err := board.Totals(t.Context(), feb)
		if err != nil || !slices.Equal(totals, []Total{{eligibility.Dibao, 1, 3, 37800}, {eligibility.Orphan, 1, 3, 90000}}) {
			t.Errorf("totals %+v, %v", totals, err)
		}
	})
}

func TestAccessLog(t *testing.T) {
	onEngines(t, func(t *testing.T, db *DB) {
		s := newStory(t)
		stream := accessPrefix + "s1"
		s.put(stream, townWorker, &domain.Access{Kind: "read", Case: "F1", Fields: []string{"members[0].name", "address"}, Purpose: "handling", Request: "q1"})
		s.put(stream, reviewer, &domain.Access{Kind: "export", Case: "F1", Purpose: "review"})
		s.put(stream, townWorker, &domain.Access{Kind: "search"})
		caughtUp(t, db, s)
		of, err := db.Bench().Viewed(t.Context(), "F1", Ask{})
		if err != nil || len(of.Rows) != 2 || of.Rows[0].Kind != "export" || of.Rows[1].Fields != 2 || of.Rows[1].Actor != townWorker || of.Rows[1].Request != "q1" {
			t.Errorf("who saw F1: %+v, %v", of.Rows, err)
		}
		who, err := db.Bench().ViewedBy(t.Context(), "w1", Ask{Limit: 1})
		if err != nil || len(who.Rows) != 1 || who.Rows[0].Kind != "search" || who.Next == "" {
			t.Errorf("what w1 saw: %+v, %v", who, err)
		}
	})
}
