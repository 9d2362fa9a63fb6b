package casework

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"leeway/domain"
	"leeway/domain/privacy"
	"leeway/domain/review"
	"leeway/ledger/vault"
)

// TestShreddedClue: the words of a clue are opened to few, on record before and
// under no case; restricted and destroyed by two of the organ; and nobody else
// can tell whether there is a clue at all.
func TestShreddedClue(t *testing.T) {
	b := newBench(t)
	v, err := vault.Create(t.TempDir()+"/vault", "")
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b.Sealer = v
	head := Identity{domain.Actor{Person: "h1", Office: r1.Office, Post: "head"}, review.Head}
	named := Identity{domain.Actor{Person: "r9", Office: r1.Office, Post: "inspector"}, review.Reviewer}
	other := Identity{domain.Actor{Person: "r8", Office: r1.Office, Post: "inspector"}, review.Reviewer}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id, _, err := b.v.RegisterClue(t.Context(), ReviewRequest{As: r1}, &review.ClueRegistered{Case: "F2", Source: review.FromReport, Persons: []string{"r9"}, Words: domain.Personal("whoever", "he hid it")})
	must(err)

	var seen []domain.Access
	read := func(as Identity, purpose string) (string, error) {
		list, err := b.v.ClueWords(t.Context(), as, id, purpose, func(a domain.Access) error { seen = append(seen, a); return nil })
		if err != nil || len(list) != 1 {
			return "", err
		}
		return list[0].Text + list[0].Closed.EN, nil
	}
	for _, as := range []Identity{r1, head} {
		if got, err := read(as, "assessment"); err != nil || got != "he hid it" {
			t.Errorf("%s: %q, %v", as.Person, got, err)
		}
	}
	for _, a := range seen {
		if a.Case != "" || a.Clue != id || a.Purpose != "assessment" || len(a.Fields) != 1 {
			t.Errorf("on record: %+v", a)
		}
	}
	before := len(seen)
	for _, x := range []struct {
		as   Identity
		want error
	}{{other, domain.ErrRefused}, {named, domain.ErrNotFound}, {workerW1, domain.ErrRefused}, {Identity{workerW1.Actor, review.Head}, domain.ErrRefused}} {
		if got, err := read(x.as, "assessment"); !errors.Is(err, x.want) || got != "" {
			t.Errorf("%s: %q, %v", x.as.Person, got, err)
		}
	}
	if _, err := read(head, "curiosity"); !errors.Is(err, domain.ErrInvalid) || len(seen) != before {
		t.Errorf("for no purpose: %v; %d on record", err, len(seen)-before)
	}
	lost := errors.New("store away")
	if list, err := b.v.ClueWords(t.Context(), head, id, "assessment", func(domain.Access) error { return lost }); !errors.Is(err, lost) || list != nil {
		t.Errorf("words that could not be put on record: %v, %v", list, err)
	}
	if list, err := b.v.Clues(t.Context(), named, "F2"); err != nil || len(list) != 0 {
		t.Errorf("who is named in a clue finds it: %v, %v", list, err)
	}

	p := &Privacy{Desk: b.Service, Keys: v, Years: 1, Kind: OfClue}
	as := func(i Identity) PrivacyIdentity { return PrivacyIdentity{i.Actor, privacy.Role(i.Role)} }
	ask := func(who PrivacyIdentity, a privacy.Act) error {
		_, err := p.Ask(t.Context(), who, id, privacy.Ask{Subject: review.ClueSubject, Act: a, Ground: privacy.Grounds(a)[0], Document: "No. 1"})
		return err
	}
	do := func(a privacy.Act) error {
		t.Helper()
		err := ask(as(r1), a)
		if err == nil {
			_, err = p.Answer(t.Context(), as(head), id, review.ClueSubject, true)
		}
		return err
	}
	for _, who := range []PrivacyIdentity{keeper, officer, looker} {
		there := ask(who, privacy.Restrict)
		_, absent := p.Ask(t.Context(), who, "F2.77", privacy.Ask{Subject: review.ClueSubject, Act: privacy.Restrict, Ground: privacy.PurposeEnded, Document: "No. 1"})
		if there == nil || absent == nil || there.Error() != absent.Error() {
			t.Errorf("%s can tell whether there is a clue: %v; %v", who.Person, there, absent)
		}
	}
	must(ask(as(r1), privacy.Restrict))
	if _, err := p.Answer(t.Context(), as(other), id, review.ClueSubject, true); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("an investigator approves: %v", err)
	}
	_, err = p.Answer(t.Context(), as(head), id, review.ClueSubject, true)
	must(err)
	if got, err := read(head, "review"); err != nil || strings.Contains(got, "hid") || !strings.Contains(got, "restricted") {
		t.Errorf("restricted: %q, %v", got, err)
	}
	if last := seen[len(seen)-1]; len(last.Fields) != 0 {
		t.Errorf("what stayed closed is on record as opened: %+v", last)
	}
	must(do(privacy.Inspect))
	if list, err := p.Inspect(t.Context(), as(r1), id, review.ClueSubject); err != nil || len(list) != 1 || list[0].Text != "he hid it" {
		t.Errorf("inspected: %+v, %v", list, err)
	}
	must(do(privacy.Release))

	var held *privacy.Held
	if err := do(privacy.Shred); !errors.As(err, &held) || !slices.ContainsFunc(held.Holds, func(h privacy.Hold) bool { return h.Kind == privacy.Proceeding }) {
		t.Errorf("destroying while the clue is open: %v", err)
	}
	_, err = b.v.RecordClue(t.Context(), ReviewRequest{As: r1}, id, &review.ClueClosed{Result: "unfounded", Reason: domain.Personal("x", "checked")})
	must(err)
	if err := do(privacy.Shred); !errors.As(err, &held) || len(held.Holds) != 1 || held.Holds[0].Kind != privacy.Retention {
		t.Errorf("destroying while it is kept: %v", err)
	}
	b.later(366)
	must(do(privacy.Shred))
	list, err := b.v.ClueWords(t.Context(), head, id, "review", func(domain.Access) error { return nil })
	if err != nil || len(list) != 2 {
		t.Fatalf("destroyed: %+v, %v", list, err)
	}
	for _, x := range list {
		if x.Text != "" || !strings.Contains(x.Closed.EN, "shredded") {
			t.Errorf("destroyed: %+v", x)
		}
	}
	if lost, err := p.LostKeys(t.Context()); err != nil || len(lost) != 0 {
		t.Errorf("a key that was destroyed as decided is missed: %+v, %v", lost, err)
	}
	if n, err := (&Privacy{Desk: b.Service, Keys: v, Years: 1}).Settle(t.Context()); err != nil || n != 1 {
		t.Errorf("settled %d, %v", n, err)
	}
}
