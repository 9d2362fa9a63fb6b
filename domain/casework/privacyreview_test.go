package casework

import (
	"errors"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/privacy"
	"leeway/domain/review"
	"leeway/ledger/vault"
)

// TestDataOfAReview holds that what was said in a review is restricted, inspected
// and shredded like the data of a case, under keys and a file of its own: the
// case of that person, or of that id, is not touched, and the review stays
// whole.
func TestDataOfAReview(t *testing.T) {
	b := newBench(t)
	v, err := vault.Create(t.TempDir()+"/vault", "")
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b.Sealer = v
	p := &Privacy{Desk: b.Service, Keys: v, Years: 1, Kind: OfReview}
	const id = "w1.1"
	step := func(as Identity, e review.Event) {
		t.Helper()
		if _, err := b.v.Record(t.Context(), ReviewRequest{As: as}, id, e); err != nil {
			t.Fatal(err)
		}
	}
	step(workerW1, b.opened(review.ByWorker))
	step(workerW1, &review.Cited{Person: "w1", Matter: "m1", Ground: "G01", Words: said("the applicant hid it")})
	words := func() domain.Private {
		t.Helper()
		r, err := b.v.Review(t.Context(), r1, id)
		if err != nil {
			t.Fatal(err)
		}
		return r.Log()[1].Event.(*review.Cited).Words
	}
	do := func(a privacy.Act) error {
		t.Helper()
		_, err := p.Ask(t.Context(), keeper, id, privacy.Ask{Subject: "w1", Act: a, Ground: privacy.Grounds(a)[0], Document: "No. 1"})
		if err == nil {
			_, err = p.Answer(t.Context(), officer, id, "w1", true)
		}
		return err
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Ask(t.Context(), keeper, id, privacy.Ask{Subject: "w9", Act: privacy.Restrict, Ground: privacy.PurposeEnded, Document: "1"}); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("nobody's data: %v", err)
	}
	must(do(privacy.Restrict))
	if w := words(); w.Text != "" || !w.Present || !strings.Contains(w.Closed.EN, "restricted") || !strings.Contains(w.Closed.EN, "No. 1") {
		t.Errorf("restricted: %+v", w)
	}
	// What two persons decided about the review says nothing of a case.
	if f, err := b.PrivacyFile(t.Context(), id); err != nil || f.Exists() {
		t.Errorf("file of a case R1: %+v, %v", f, err)
	}
	if _, err := v.Seal("case-R1", "e", domain.PrivateField{Path: "x", Data: &domain.Private{Subject: SubjectKey(id, "w1"), Text: "t", Present: true}}); err != nil {
		t.Errorf("the same person in a case of that id: %v", err)
	}
	if _, err := p.Inspect(t.Context(), looker, id, "w1"); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("an inspection that nobody approved: %v", err)
	}
	_, err = p.Ask(t.Context(), looker, id, privacy.Ask{Subject: "w1", Act: privacy.Inspect, Ground: privacy.ForAudit, Document: "2"})
	must(err)
	_, err = p.Answer(t.Context(), officer, id, "w1", true)
	must(err)
	if list, err := p.Inspect(t.Context(), looker, id, "w1"); err != nil || len(list) != 1 || list[0].Text != "the applicant hid it" {
		t.Errorf("inspected: %+v, %v", list, err)
	}
	must(do(privacy.Release))
	if w := words(); w.Text != "the applicant hid it" {
		t.Errorf("released: %+v", w)
	}

	var held *privacy.Held
	if err := do(privacy.Shred); !errors.As(err, &held) || len(held.Holds) != 2 {
		t.Errorf("shredding while the review is open: %v", err)
	}
	step(workerW1, &review.Withdrawn{})
	if err := do(privacy.Shred); !errors.As(err, &held) || len(held.Holds) != 1 || held.Holds[0].Kind != privacy.Retention {
		t.Errorf("shredding while it is kept: %v", err)
	}
	b.later(366)
	must(do(privacy.Shred))
	if w := words(); w.Text != "" || !strings.Contains(w.Closed.EN, "shredded") && !strings.Contains(w.Closed.EN, "destroyed") {
		t.Errorf("shredded: %+v", w)
	}
	if lost, err := p.LostKeys(t.Context()); err != nil || len(lost) != 0 {
		t.Errorf("a key that was destroyed as decided is missed: %+v, %v", lost, err)
	}
	if n, err := (&Privacy{Desk: b.Service, Keys: v, Years: 1}).Settle(t.Context()); err != nil || n != 1 {
		t.Errorf("settled %d, %v", n, err)
	}
}
